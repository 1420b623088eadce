package discover

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"mwiz/engine"
	"mwiz/engine/imap/imaptest"
)

// find finds, and returns what was found in short lines.
func find(t testing.TB, f Finder, address string) (Answer, []string) {
	t.Helper()
	answer, err := f.Find(t.Context(), address)
	must(t, err)
	var lines []string
	for _, c := range answer.Candidates {
		line := fmt.Sprint(c.From, " ", c.Endpoint.URL(), " ", c.Endpoint.Preset, " ", c.User)
		if !c.Sure() {
			line += " ?"
		}
		lines = append(lines, line)
	}
	return answer, lines
}

func wantLines(t testing.TB, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got:\n  %s\nwant:\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

// A provider's own address needs nobody to be asked.
func TestProvidersOwnDomain(t *testing.T) {
	for address, line := range map[string]string{
		"anna@gmail.com":    "preset imaps://imap.gmail.com:993 gmail anna@gmail.com",
		" Anna@Outlook.COM": "preset imaps://outlook.office365.com:993 outlook Anna@outlook.com",
		"anna@icloud.com":   "preset imaps://imap.mail.me.com:993 icloud anna",
	} {
		w := newWorld(t)
		_, lines := find(t, w.finder(), address)
		wantLines(t, lines, line)
		if len(w.knock) > 0 {
			t.Errorf("%s: somebody was asked: %v", address, w.knock)
		}
	}
}

func TestProviderByMX(t *testing.T) {
	for host, line := range map[string]string{
		"ASPMX.L.GOOGLE.COM.":                       "mx imaps://imap.gmail.com:993 gmail anna@acme.example",
		"acme-example.mail.protection.outlook.com.": "mx imaps://outlook.office365.com:993 microsoft365 anna@acme.example",
		"acme-example.d-v1.mx.microsoft.":           "mx imaps://outlook.office365.com:993 microsoft365 anna@acme.example",
		"mx1.emailsrvr.com.":                        "mx imaps://secure.emailsrvr.com:993 rackspace anna@acme.example",
		"mx.zoho.eu.":                               "mx imaps://imappro.zoho.eu:993 zoho-eu anna@acme.example",
		"in1-smtp.messagingengine.com.":             "mx imaps://imap.fastmail.com:993 fastmail anna@acme.example",
		"mx00.kundenserver.de.":                     "mx imaps://imap.ionos.de:993 ionos-de anna@acme.example",
		"mx01.mail.icloud.com.":                     "mx imaps://imap.mail.me.com:993 icloud anna",
		"mx-aol.mail.gm0.yahoodns.net.":             "mx imaps://imap.aol.com:993 aol anna@acme.example",
		"notgoogle.com.":                            "",
	} {
		w := newWorld(t)
		w.mx["acme.example"] = []*net.MX{{Host: "..", Pref: 1}, {Host: host, Pref: 10}}
		answer, lines := find(t, w.finder(), "anna@acme.example")
		if line == "" {
			wantLines(t, lines)
			continue
		}
		wantLines(t, lines, line)
		want(t, answer.Candidates[0].At, asHost(host))
	}
}

// A side has its own best, and nobody chooses among a provider's services but the user.
func TestBest(t *testing.T) {
	w := newWorld(t)
	w.mx["acme.example"] = []*net.MX{{Host: "smtp.secureserver.net."}}
	w.srv["_imaps._tcp.far.example"] = []*net.SRV{{Target: "mail.elsewhere.example.", Port: 993}}
	w.mail("mail.elsewhere.example:993", mail{certificate: w.certificate("mail.elsewhere.example")})
	for _, test := range []struct {
		address string
		side    engine.Side
		preset  string // "": none
		fit     int
	}{
		{"anna@yahoo.com", engine.Source, "yahoo-export", 2},
		{"anna@yahoo.com", engine.Destination, "yahoo", 1},
		{"anna@acme.example", engine.Source, "", 3},
		{"anna@far.example", engine.Source, "", 1},
		{"anna@gmail.com", engine.Destination, "gmail", 1},
	} {
		answer, _ := find(t, w.finder(), test.address)
		best, ok := answer.Best(test.side)
		if ok != (test.preset != "") || ok && best.Endpoint.Preset != test.preset || len(answer.For(test.side)) != test.fit {
			t.Errorf("%s as the %s: %s, %t of %d", test.address, test.side, best.Endpoint.Preset, ok, len(answer.For(test.side)))
		}
	}
}

// config is a page in Thunderbird's form.
const config = `<?xml version="1.0" encoding="iso-8859-1"?>
<clientConfig version="1.1"><emailProvider id="acme.example"><displayName>M` + "\xfc" + `ller</displayName>
<incomingServer type="pop3"><hostname>pop.acme.example</hostname><port>995</port><socketType>SSL</socketType></incomingServer>
<incomingServer type="imap"><hostname>plain.acme.example</hostname><port>143</port><socketType>plain</socketType></incomingServer>
<incomingServer type="imap"><hostname>127.0.0.1</hostname><port>993</port><socketType>SSL</socketType></incomingServer>
<incomingServer type="imap"><hostname> box.%EMAILDOMAIN% </hostname><port>993</port><socketType>SSL</socketType><username>%EMAILLOCALPART%.acme</username>
 <authentication>OAuth2</authentication><authentication>password-cleartext</authentication></incomingServer>
</emailProvider></clientConfig>`

func TestAutoconfig(t *testing.T) {
	for _, page := range []struct {
		address string
		from    Origin
	}{
		{"https://autoconfig.acme.example/mail/config-v1.1.xml", FromAutoconfig},
		{"https://acme.example/.well-known/autoconfig/mail/config-v1.1.xml", FromAutoconfig},
		{"https://autoconfig.thunderbird.net/v1.1/acme.example", FromISPDB},
		{"http://autoconfig.acme.example/mail/config-v1.1.xml", FromInsecure},
	} {
		w := newWorld(t)
		w.page(page.address, says(config))
		w.mail("box.acme.example:993", mail{certificate: w.certificate("box.acme.example"), caps: "IMAP4rev1 AUTH=PLAIN AUTH=XOAUTH2"})
		answer, lines := find(t, w.finder(), "anna+x@acme.example")
		line := string(page.from) + " imaps://box.acme.example:993 other anna+x.acme"
		if page.from == FromInsecure {
			line += " ?"
		}
		wantLines(t, lines, line)
		want(t, answer.Candidates[0].At, page.address)
		want(t, answer.Candidates[0].Check, Answered)
		want(t, strings.Join(answer.Candidates[0].SignIn, " "), "password oauth2")
		for _, asked := range w.asked {
			if told := strings.Contains(asked, "anna"); told != (page.from == FromAutoconfig) {
				t.Errorf("%s was asked", asked)
			}
		}
	}
}

// The pages' order is that of trust, and each endpoint comes once.
func TestOrder(t *testing.T) {
	w := newWorld(t)
	server := func(host string) string {
		w.mail(host+":993", mail{certificate: w.certificate(host)})
		return `<incomingServer type="imap"><hostname>` + host + `</hostname><port>993</port><socketType>SSL</socketType></incomingServer>`
	}
	page := func(servers ...string) http.HandlerFunc {
		return says(`<clientConfig><emailProvider>` + strings.Join(servers, "") + `</emailProvider></clientConfig>`)
	}
	a, b := server("a.acme.example"), server("b.acme.example")
	silent := `<incomingServer type="imap"><hostname>silent.acme.example</hostname><port>993</port><socketType>SSL</socketType></incomingServer>`
	w.page("http://autoconfig.acme.example/mail/config-v1.1.xml", page(server("evil.example")))
	w.page("https://autoconfig.thunderbird.net/v1.1/acme.example", page(a, b))
	w.page("https://autoconfig.acme.example/mail/config-v1.1.xml", page(silent, b))
	w.srv["_imaps._tcp.acme.example"] = []*net.SRV{{Target: "c.acme.example.", Port: 993}, {Target: "far.example.", Port: 993}}
	w.mail("c.acme.example:993", mail{certificate: w.certificate("c.acme.example")})
	w.mail("far.example:993", mail{certificate: w.certificate("far.example")})
	_, lines := find(t, w.finder(), "anna@acme.example")
	wantLines(t, lines,
		"autoconfig imaps://b.acme.example:993 other ",
		"ispdb imaps://a.acme.example:993 other ",
		"srv imaps://c.acme.example:993 other anna@acme.example",
		"srv imaps://far.example:993 other anna@acme.example ?",
		"autoconfig-http imaps://evil.example:993 other  ?",
		"autoconfig imaps://silent.acme.example:993 other  ?")
}

// The database knows customers' own domains by the hosts to which their mail goes.
func TestDatabaseByMX(t *testing.T) {
	w := newWorld(t)
	w.mx["acme.example"] = []*net.MX{{Host: "mx1.eu.hoster.example."}}
	w.page("https://autoconfig.thunderbird.net/v1.1/hoster.example", says(`<clientConfig><emailProvider><incomingServer type="imap">
<hostname>imap.hoster.example</hostname><port>143</port><socketType>STARTTLS</socketType><username>%EMAILADDRESS%</username></incomingServer></emailProvider></clientConfig>`))
	w.mail("imap.hoster.example:143", mail{plain: true, certificate: w.certificate("imap.hoster.example")})
	_, lines := find(t, w.finder(), "anna@acme.example")
	wantLines(t, lines, "ispdb imap+starttls://imap.hoster.example:143 other anna@acme.example")
}

// What leads to a provider's host is that provider's preset, whoever says so.
func TestRecordToAProvider(t *testing.T) {
	w := newWorld(t)
	w.srv["_imaps._tcp.acme.example"] = []*net.SRV{{Target: "imap.fastmail.com.", Port: 993}}
	w.srv["_imap._tcp.acme.example"] = []*net.SRV{{Target: "."}}
	w.mail("imap.fastmail.com:993", mail{certificate: w.certificate("imap.fastmail.com")})
	answer, lines := find(t, w.finder(), "anna@acme.example")
	wantLines(t, lines, "srv imaps://imap.fastmail.com:993 fastmail anna@acme.example")
	for _, asked := range answer.Asked {
		if asked.At == "_imap._tcp.acme.example" && !strings.Contains(asked.Trouble, "no such service") {
			t.Errorf("asked %+v", asked)
		}
	}
}

func TestGuess(t *testing.T) {
	w := newWorld(t)
	w.mail("imap.acme.example:993", mail{certificate: w.certificate("shared.hoster.example")})
	w.mail("mail.acme.example:143", mail{plain: true, certificate: w.certificate("mail.acme.example")})
	w.mail("acme.example:993", mail{certificate: w.certificate("acme.example"), greeting: "220 mail.acme.example ESMTP\r\n"})
	answer, lines := find(t, w.finder(), "anna@acme.example")
	wantLines(t, lines,
		"guess imap+starttls://mail.acme.example:143 other anna@acme.example",
		"guess imaps://imap.acme.example:993 other anna@acme.example ?")
	want(t, answer.Candidates[1].Check, Unproven)
	if !strings.Contains(answer.Candidates[1].Text, "shared.hoster.example") {
		t.Errorf("text %q", answer.Candidates[1].Text)
	}
}

// One service under several names is shown once.
func TestGuessOneService(t *testing.T) {
	w := newWorld(t)
	w.mail("imap.acme.example:993", mail{certificate: w.certificate("imap.acme.example", "mail.acme.example")})
	w.at("mail.acme.example:993", w.hosts["imap.acme.example:993"])
	_, lines := find(t, w.finder(), "@acme.example")
	wantLines(t, lines, "guess imaps://imap.acme.example:993 other ")
}

// Services without encryption, that cheat, or that are none, are not found.
func TestNotAMailService(t *testing.T) {
	for name, m := range map[string]mail{
		"no STARTTLS":   {plain: true, greeting: "* BYE busy\r\n"},
		"smuggled":      {plain: true, smuggled: "* CAPABILITY IMAP4rev1\r\n"},
		"endless line":  {plain: true, greeting: strings.Repeat("x", 1<<20)},
		"endless lines": {plain: true, greeting: "* OK\r\n" + strings.Repeat("* OK still\r\n", 1000)},
		"no IMAP":       {plain: true, greeting: "HTTP/1.1 400 Bad Request\r\n"},
	} {
		w := newWorld(t)
		m.certificate = w.certificate("mail.acme.example")
		w.mail("mail.acme.example:143", m)
		if _, lines := find(t, w.finder(), "anna@acme.example"); len(lines) > 0 {
			t.Errorf("%s: found %q", name, lines)
		}
	}
}

// A real service, over TLS and STARTTLS, whose certificate is not for the name.
func TestGuessDovecot(t *testing.T) {
	d := imaptest.Dovecot(t, imaptest.Options{})
	w := newWorld(t)
	w.at("imap.acme.example:993", d.TLSAddr())
	w.at("mail.acme.example:143", d.Addr())
	answer, lines := find(t, w.finder(), "anna@acme.example")
	wantLines(t, lines,
		"guess imaps://imap.acme.example:993 other anna@acme.example ?",
		"guess imap+starttls://mail.acme.example:143 other anna@acme.example ?")
	want(t, strings.Join(answer.Candidates[0].SignIn, " "), "password")
}

// Pages that are too large, that lead astray, that are no such page or never end give nothing, in time.
func TestBadPages(t *testing.T) {
	const address = "https://autoconfig.acme.example/mail/config-v1.1.xml"
	redirect := func(to string) http.HandlerFunc {
		return func(rw http.ResponseWriter, r *http.Request) { http.Redirect(rw, r, to, http.StatusFound) }
	}
	for name, serve := range map[string]http.HandlerFunc{
		"large":        says(strings.Repeat(" ", largestPage) + config),
		"not XML":      says("<html><p>Not found"),
		"other XML":    says("<html></html>"),
		"empty":        says(""),
		"to plaintext": redirect("http://autoconfig.acme.example/mail/config-v1.1.xml"),
		"to itself":    redirect(address),
		"to loopback":  redirect("https://127.0.0.1:1/"),
		"to localhost": redirect("https://localhost/"),
		"to a file":    redirect("file:///etc/passwd"),
		"endless":      func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
	} {
		w := newWorld(t)
		w.page(address, serve)
		f := w.finder()
		f.Limit = time.Second
		began := time.Now()
		if _, lines := find(t, f, "anna@acme.example"); len(lines) > 0 {
			t.Errorf("%s: found %q", name, lines)
		}
		if took := time.Since(began); took > 3*time.Second {
			t.Errorf("%s: took %s", name, took)
		}
		for _, at := range w.knock {
			if strings.HasPrefix(at, "127.") || strings.HasPrefix(at, "localhost") {
				t.Errorf("%s: connected to %s", name, at)
			}
		}
	}
}

// One redirect to another host of the same trust is followed.
func TestRedirect(t *testing.T) {
	w := newWorld(t)
	w.page("https://autoconfig.acme.example/mail/config-v1.1.xml", func(rw http.ResponseWriter, r *http.Request) {
		http.Redirect(rw, r, "https://config.hoster.example/acme", http.StatusMovedPermanently)
	})
	w.page("https://config.hoster.example/acme", says(config))
	w.mail("box.acme.example:993", mail{certificate: w.certificate("box.acme.example")})
	_, lines := find(t, w.finder(), "anna@acme.example")
	wantLines(t, lines, "autoconfig imaps://box.acme.example:993 other anna.acme")
}

// Once somebody has answered who can be trusted, others are not waited for.
func TestSlowPlaces(t *testing.T) {
	w := newWorld(t)
	w.mx["acme.example"] = []*net.MX{{Host: "aspmx.l.google.com."}}
	w.page("https://acme.example/.well-known/autoconfig/mail/config-v1.1.xml", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	f := w.finder()
	f.Grace = 10 * time.Millisecond
	began := time.Now()
	_, lines := find(t, f, "anna@acme.example")
	wantLines(t, lines, "mx imaps://imap.gmail.com:993 gmail anna@acme.example")
	if took := time.Since(began); took >= askLimit {
		t.Errorf("took %s", took)
	}
}

func TestAddresses(t *testing.T) {
	for s, want := range map[string]address{
		"anna@Acme.example":      {"anna@acme.example", "anna", "acme.example"},
		"anna@acme.example.":     {"anna@acme.example", "anna", "acme.example"},
		`"a@b"@acme.example`:     {`"a@b"@acme.example`, `"a@b"`, "acme.example"},
		"anna@müller.example":    {"anna@xn--mller-kva.example", "anna", "xn--mller-kva.example"},
		"acme.example":           {"", "", "acme.example"},
		"@acme.example":          {"", "", "acme.example"},
		"":                       {},
		"anna":                   {},
		"anna@":                  {},
		"anna@localhost":         {},
		"anna@mail.localhost":    {},
		"anna@127.0.0.1":         {},
		"anna@[127.0.0.1]":       {},
		"anna@acme.example/../x": {},
		"anna@acme.example:443":  {},
		"an na@acme.example":     {},
		"anna\r\nx@acme.example": {},
		"anna@acme..example":     {},
		"anna@" + strings.Repeat("a", 64) + ".example": {},
	} {
		got, err := parseAddress(s)
		if got != want || (err != nil) != (want == address{}) || err != nil && !errors.Is(err, ErrAddress) {
			t.Errorf("%q: %+v, %v; want %+v", s, got, err, want)
		}
	}
}

// A search that is given up ends at once.
func TestGivenUp(t *testing.T) {
	w := newWorld(t)
	ctx, cancel := context.WithCancel(t.Context())
	w.page("https://acme.example/.well-known/autoconfig/mail/config-v1.1.xml", func(_ http.ResponseWriter, r *http.Request) { cancel(); <-r.Context().Done() })
	began := time.Now()
	_, err := w.finder().Find(ctx, "anna@acme.example")
	must(t, err)
	if took := time.Since(began); took >= askLimit {
		t.Errorf("took %s", took)
	}
}

// Whatever a page says, what comes of it can be used.
func FuzzConfig(f *testing.F) {
	f.Add([]byte(config))
	f.Add([]byte(`<clientConfig><emailProvider><incomingServer type="imap"><hostname>a.b</hostname><port>+1</port><socketType>ssl</socketType><username>%EMAILADDRESS%</username></incomingServer></emailProvider></clientConfig>`))
	f.Add([]byte(`<!DOCTYPE x [<!ENTITY a "b">]><clientConfig>&a;</clientConfig>`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		a, err := parseAddress("anna@acme.example")
		must(t, err)
		all, err := parseConfig(raw, a)
		if (len(all) == 0) != (err != nil) || len(all) > mostFromOne {
			t.Fatalf("%d found, %v", len(all), err)
		}
		for _, c := range all {
			if err := c.Endpoint.Validate(); err != nil || !isHost(c.Endpoint.Host) || c.Endpoint.Encryption == engine.Plaintext || strings.ContainsAny(c.User, "\r\n\x00%") {
				t.Errorf("%+v: %v", c, err)
			}
		}
		if err != nil {
			_ = trouble(err)
		}
	})
}

// Whatever a service says before anybody signs in, it is heard to its end.
func FuzzGreeting(f *testing.F) {
	f.Add("* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] ready\r\na1 OK done\r\n")
	f.Add("* OK\r\n* CAPABILITY IMAP4rev1 LOGINDISABLED\r\na1 OK\r\n")
	f.Add("* OK [CAPABILITY ] x\na1 NO")
	f.Fuzz(func(t *testing.T, said string) {
		l := newLineReader(strings.NewReader(said))
		if l.greeting() == nil && l.answer("a1") == nil {
			_ = waysOf(l.capabilities)
		}
		if l.read > mostLines+1 {
			t.Errorf("%d lines read", l.read)
		}
	})
}
