package discover

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"mwiz/assets"
)

// world is an internet on loopback: names, pages and mail services of a test's own.
type world struct {
	t     testing.TB
	mx    map[string][]*net.MX
	srv   map[string][]*net.SRV
	pages map[string]http.HandlerFunc // by address, without a query
	ca    *x509.Certificate
	key   *ecdsa.PrivateKey
	roots *x509.CertPool

	mu    sync.Mutex
	hosts map[string]string // address on loopback of host:port
	asked []string          // pages, with their queries
	knock []string          // host:port that somebody connected to
}

func newWorld(t testing.TB) *world {
	w := &world{t: t, mx: map[string][]*net.MX{}, srv: map[string][]*net.SRV{}, pages: map[string]http.HandlerFunc{}, hosts: map[string]string{}, roots: x509.NewCertPool()}
	var err error
	w.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &w.key.PublicKey, w.key)
	must(t, err)
	w.ca, err = x509.ParseCertificate(der)
	must(t, err)
	w.roots.AddCert(w.ca)
	return w
}

// certificate returns one for names, which the world trusts.
func (w *world) certificate(names ...string) tls.Certificate {
	template := &x509.Certificate{SerialNumber: big.NewInt(time.Now().UnixNano()), DNSNames: names, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(time.Hour), ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	der, err := x509.CreateCertificate(rand.Reader, template, w.ca, &w.key.PublicKey, w.key)
	must(w.t, err)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: w.key}
}

// finder returns one that knows this world alone.
func (w *world) finder() Finder {
	presets, err := assets.Presets()
	must(w.t, err)
	return Finder{Presets: presets, Resolver: w, Dial: w.dial, Roots: w.roots, Grace: askLimit,
		Web: &http.Transport{DialContext: w.dial, TLSClientConfig: &tls.Config{RootCAs: w.roots}, DisableKeepAlives: true}}
}

// LookupMX implements Resolver.
func (w *world) LookupMX(_ context.Context, name string) ([]*net.MX, error) {
	if r := w.mx[strings.TrimSuffix(name, ".")]; len(r) > 0 {
		return r, nil
	}
	return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
}

// LookupSRV implements Resolver.
func (w *world) LookupSRV(_ context.Context, service, proto, name string) (string, []*net.SRV, error) {
	full := "_" + service + "._" + proto + "." + strings.TrimSuffix(name, ".")
	if r := w.srv[full]; len(r) > 0 {
		return full, r, nil
	}
	return "", nil, &net.DNSError{Err: "no such host", Name: full, IsNotFound: true}
}

func (w *world) dial(ctx context.Context, network, address string) (net.Conn, error) {
	w.mu.Lock()
	w.knock = append(w.knock, address)
	to := w.hosts[address]
	w.mu.Unlock()
	if to == "" {
		host, _, _ := net.SplitHostPort(address)
		return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	return (&net.Dialer{}).DialContext(ctx, network, to)
}

// at has host:port lead to an address on loopback.
func (w *world) at(name, to string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.hosts[name] = to
}

// page serves a page at an address.
func (w *world) page(address string, serve http.HandlerFunc) {
	scheme, rest, _ := strings.Cut(address, "://")
	host, _, _ := strings.Cut(rest, "/")
	port := map[string]string{"http": "80", "https": "443"}[scheme]
	w.pages[address] = serve
	if w.hosts[host+":"+port] != "" {
		return
	}
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.mu.Lock()
		w.asked = append(w.asked, scheme+"://"+r.Host+r.RequestURI)
		w.mu.Unlock()
		if serve := w.pages[scheme+"://"+r.Host+r.URL.Path]; serve != nil {
			serve(rw, r)
			return
		}
		http.NotFound(rw, r)
	}))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	if scheme == "https" {
		s.TLS = &tls.Config{Certificates: []tls.Certificate{w.certificate(host)}}
		s.StartTLS()
	} else {
		s.Start()
	}
	w.t.Cleanup(s.Close)
	w.at(host+":"+port, s.Listener.Addr().String())
}

// says serves a text.
func says(text string) http.HandlerFunc {
	return func(rw http.ResponseWriter, _ *http.Request) { fmt.Fprint(rw, text) }
}

// mail is a mail service that nobody can sign in to.
type mail struct {
	certificate tls.Certificate
	plain       bool   // it begins without encryption, and offers STARTTLS
	greeting    string // "": one that is right
	smuggled    string // behind the answer to STARTTLS
	caps        string // "": it takes passwords
}

// mail starts a service at host:port.
func (w *world) mail(name string, m mail) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(w.t, err)
	var all sync.WaitGroup
	all.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			all.Go(func() { defer c.Close(); m.serve(c) })
		}
	})
	w.t.Cleanup(func() { _ = l.Close(); all.Wait() })
	w.at(name, l.Addr().String())
}

func (m mail) serve(c net.Conn) {
	_ = c.SetDeadline(time.Now().Add(20 * time.Second))
	greeting := m.greeting
	if greeting == "" {
		greeting = "* OK ready\r\n"
	}
	secure := tls.Server(c, &tls.Config{Certificates: []tls.Certificate{m.certificate}})
	if m.plain {
		fmt.Fprint(c, greeting)
		line, err := bufio.NewReader(c).ReadString('\n')
		if err != nil {
			return
		}
		tag, _, _ := strings.Cut(line, " ")
		fmt.Fprintf(c, "%s OK begin\r\n%s", tag, m.smuggled)
	} else {
		fmt.Fprint(secure, greeting)
	}
	caps := m.caps
	if caps == "" {
		caps = "IMAP4rev1 AUTH=PLAIN"
	}
	for r := bufio.NewReader(secure); ; {
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		tag, command, _ := strings.Cut(strings.TrimSpace(line), " ")
		if command == "CAPABILITY" {
			fmt.Fprintf(secure, "* CAPABILITY %s\r\n", caps)
		}
		fmt.Fprintf(secure, "%s OK done\r\n", tag)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func want[T comparable](t testing.TB, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("got %v, want %v", got, want)
	}
}
