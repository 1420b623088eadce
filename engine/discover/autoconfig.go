package discover

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"mwiz/engine"
)

// The bounds of a page.
const (
	largestPage   = 256 << 10
	mostRedirects = 3
	longestUser   = 320
)

// autoconfig is a page in Thunderbird's form (https://wiki.mozilla.org/Thunderbird:Autoconfiguration).
func (f Finder) autoconfig(from Origin, page string, a address) place {
	return place{from, page, func(ctx context.Context) ([]Candidate, error) {
		asked := page
		if from == FromAutoconfig && a.whole != "" {
			asked += "?emailaddress=" + url.QueryEscape(a.whole)
		}
		raw, err := f.read(ctx, asked)
		if err != nil {
			return nil, err
		}
		all, err := parseConfig(raw, a)
		for i := range all {
			all[i].From, all[i].At, all[i].Insecure = from, page, from == FromInsecure
		}
		return all, err
	}}
}

// ispdbOfMX asks Thunderbird's database about the domains of the hosts to which mail for the address goes.
func (f Finder) ispdbOfMX(ctx context.Context, hosts []string, a address) ([]Candidate, error) {
	var asked []string
	for _, host := range hosts {
		for _, domain := range above(host) {
			if !slices.Contains(asked, domain) && domain != a.domain && len(asked) < 4 {
				asked = append(asked, domain)
			}
		}
	}
	err := error(nil)
	for _, domain := range asked {
		var all []Candidate
		if all, err = f.autoconfig(FromISPDB, f.ISPDB+domain, a).ask(ctx); len(all) > 0 {
			return all, nil
		}
	}
	return nil, err
}

// above returns the domains that a host of a provider may belong to: all of it but its first label, and its last two.
func above(host string) (domains []string) {
	labels := strings.Split(host, ".")
	for _, from := range []int{1, len(labels) - 2} {
		if from >= 1 && len(labels)-from >= 2 {
			domains = append(domains, strings.Join(labels[from:], "."))
		}
	}
	return slices.Compact(domains)
}

// Errors of pages.
var (
	errAway     = errors.New("it leads elsewhere, without encryption or to a place that it must not")
	errTooLarge = errors.New("it is too large")
)

// read reads a page: no more than fits, and what came over https never goes on without.
func (f Finder) read(ctx context.Context, page string) ([]byte, error) {
	client := &http.Client{Transport: f.Web, CheckRedirect: func(r *http.Request, via []*http.Request) error {
		if len(via) > mostRedirects || !isHost(asHost(r.URL.Hostname())) || r.URL.Scheme != "https" && (r.URL.Scheme != "http" || via[0].URL.Scheme == "https") {
			return errAway
		}
		return nil
	}}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, page, nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Accept", "application/xml, text/xml")
	request.Header.Set("User-Agent", "mwiz-desktop")
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("HTTP %d", response.StatusCode)
	}
	raw, err := io.ReadAll(io.LimitReader(response.Body, largestPage+1))
	if err == nil && len(raw) > largestPage {
		err = errTooLarge
	}
	return raw, err
}

// clientConfig is as much of a page as is needed.
type clientConfig struct {
	XMLName   xml.Name `xml:"clientConfig"`
	Providers []struct {
		Incoming []incoming `xml:"incomingServer"`
	} `xml:"emailProvider"`
}

type incoming struct {
	Type           string   `xml:"type,attr"`
	Host           string   `xml:"hostname"`
	Port           string   `xml:"port"`
	Socket         string   `xml:"socketType"`
	Users          []string `xml:"username"`
	Authentication []string `xml:"authentication"`
}

// errNoIMAP is a page that knows no way that can be gone.
var errNoIMAP = errors.New("it names no IMAP service with encryption")

// parseConfig returns the IMAP services that a page names, in its order. Those without encryption are left out, whoever names them.
func parseConfig(raw []byte, a address) (all []Candidate, err error) {
	var config clientConfig
	d := xml.NewDecoder(bytes.NewReader(raw))
	d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return asciiReader{r}, nil }
	if err := d.Decode(&config); err != nil {
		return nil, fmt.Errorf("it is no such page: %w", err)
	}
	for _, provider := range config.Providers {
		for _, in := range provider.Incoming {
			if c, ok := in.candidate(a); ok && len(all) < mostFromOne {
				all = append(all, c)
			}
		}
	}
	if len(all) == 0 {
		return nil, errNoIMAP
	}
	return all, nil
}

// asciiReader reads a text in whatever letters: what is needed of it is ASCII, and the rest is for people.
type asciiReader struct{ r io.Reader }

func (a asciiReader) Read(p []byte) (int, error) {
	n, err := a.r.Read(p)
	for i, b := range p[:n] {
		if b >= 0x80 {
			p[i] = '?'
		}
	}
	return n, err
}

// sockets are the ways to encrypt, as pages name them.
var sockets = map[string]engine.Encryption{"SSL": engine.TLS, "TLS": engine.TLS, "STARTTLS": engine.STARTTLS}

// signIns are the ways to sign in, as pages name them, and what they are here.
var signIns = map[string]string{"password-cleartext": "password", "plain": "password", "password-encrypted": "encrypted password",
	"secure": "encrypted password", "OAuth2": "oauth2", "GSSAPI": "kerberos", "TLS-client-cert": "certificate"}

// candidate returns what an entry says, false where it is of no use.
func (in incoming) candidate(a address) (c Candidate, ok bool) {
	host := asHost(a.fill(in.Host))
	port, err := strconv.Atoi(strings.TrimSpace(in.Port))
	encryption := sockets[strings.ToUpper(strings.TrimSpace(in.Socket))]
	if !strings.EqualFold(in.Type, "imap") || !isHost(host) || err != nil || port < 1 || port > 65535 || encryption == "" {
		return Candidate{}, false
	}
	c = Candidate{Endpoint: engine.Endpoint{Host: host, Port: port, Encryption: encryption}}
	if len(in.Users) > 0 {
		user := strings.TrimSpace(a.fill(in.Users[0]))
		if len(user) <= longestUser && !strings.Contains(user, "%") && !strings.ContainsFunc(user, isControl) {
			c.User = user
		}
	}
	for _, name := range in.Authentication {
		if way := signIns[strings.TrimSpace(name)]; way != "" && !slices.Contains(c.SignIn, way) {
			c.SignIn = append(c.SignIn, way)
		}
	}
	return c, true
}

func isControl(r rune) bool { return r < ' ' || r == 0x7f || r == '\ufffd' }

// fill puts the address into the gaps that pages have for it. Of a domain alone the gaps stay.
func (a address) fill(s string) string {
	if a.whole == "" {
		return strings.ReplaceAll(s, "%EMAILDOMAIN%", a.domain)
	}
	return strings.NewReplacer("%EMAILADDRESS%", a.whole, "%EMAILLOCALPART%", a.local, "%EMAILDOMAIN%", a.domain).Replace(s)
}
