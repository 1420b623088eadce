package imap

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	goimap "github.com/emersion/go-imap/v2"

	"mwiz/engine"
	"mwiz/engine/imap/wire"
)

// place is where an error happened.
type place struct {
	side engine.Side
	host string
}

// fail makes the one error of a failed operation. Every error of this package has come through here or refuse.
func (p place) fail(ctx context.Context, op string, err error) error {
	if err == nil {
		return nil
	}
	if cause := context.Cause(ctx); cause != nil { // a cancelled call fails with whatever was cut short
		e := &engine.Error{Op: op, Kind: engine.Unreachable, Side: p.side, Host: p.host, Text: cause.Error(), Err: errors.Join(cause, ctx.Err())}
		if errors.Is(cause, context.DeadlineExceeded) {
			e.Text = "no answer in time"
		}
		return e
	}
	var done *engine.Error
	if errors.As(err, &done) {
		return err
	}
	e := &engine.Error{Op: op, Side: p.side, Host: p.host, Err: err}
	var refusal *goimap.Error
	var bye *wire.ByeError
	var protocol *wire.ProtocolError
	switch {
	case errors.As(err, &refusal):
		return p.refuse(op, wire.Status{Type: string(refusal.Type), Code: strings.ToUpper(string(refusal.Code)), Text: refusal.Text})
	case errors.As(err, &bye):
		e.Kind, e.Text, e.Wait = engine.Unreachable, bye.Status.Text, backoff(bye.Status.Text)
		if kind := classify(bye.Status); kind == engine.Throttled || kind == engine.Denied {
			e.Kind = kind
		}
	case errors.As(err, &protocol):
		e.Kind, e.Text = engine.Unreadable, clip(protocol.Error())
	default:
		e.Kind, e.Text = networkKind(err)
		e.Certificate = certificateOf(err)
	}
	return e
}

// networkKind says what a network or TLS error means, in words for people.
func networkKind(err error) (engine.Kind, string) {
	var verification *tls.CertificateVerificationError
	var alert tls.AlertError
	var record tls.RecordHeaderError
	var pin *pinError
	var start *startTLSError
	var dns *net.DNSError
	var stall *wire.StallError
	var lost *lostError
	switch {
	case errors.As(err, &pin):
		return engine.Untrusted, pin.Error()
	case errors.As(err, &start):
		return engine.Untrusted, start.text
	case errors.As(err, &verification):
		return engine.Untrusted, certificateText(verification)
	case errors.As(err, &record):
		return engine.Untrusted, "the service does not speak TLS on this port"
	case errors.As(err, &alert):
		return engine.Untrusted, "the service refuses the encryption: " + alert.Error()
	case strings.HasPrefix(err.Error(), "tls: "), strings.HasPrefix(err.Error(), "remote error: tls: "):
		return engine.Untrusted, "no encryption could be agreed on: " + strings.TrimPrefix(err.Error(), "tls: ")
	case errors.As(err, &dns):
		return engine.Unreachable, "no address is known for " + dns.Name
	case errors.As(err, &lost):
		return engine.Unreachable, lost.text
	case errors.As(err, &stall):
		return engine.Unreachable, stall.Error()
	case os.IsTimeout(err):
		return engine.Unreachable, "no connection in time"
	case errors.Is(err, net.ErrClosed):
		return engine.Unreachable, "the connection was closed"
	}
	return engine.Unreachable, "the connection broke: " + clip(err.Error())
}

// certificateText says why a certificate is not believed.
func certificateText(err *tls.CertificateVerificationError) string {
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	switch wrong := distrustOf(err); {
	case wrong == engine.WrongName && errors.As(err, &host):
		return "the certificate is for " + clip(strings.Join(append(names(host.Certificate), "no host"), ", "), ", no host") + ", not for " + host.Host
	case wrong == engine.TooEarly && errors.As(err, &invalid):
		return "the certificate is not valid before " + invalid.Cert.NotBefore.Format(time.DateOnly)
	case wrong == engine.Expired && errors.As(err, &invalid):
		return "the certificate expired on " + invalid.Cert.NotAfter.Format(time.DateOnly)
	case wrong == engine.UnknownIssuer:
		return "the certificate was not issued by an authority that this computer trusts"
	}
	return "the certificate is not valid: " + clip(err.Err.Error())
}

func names(c *x509.Certificate) []string {
	out := append([]string(nil), c.DNSNames...)
	for _, ip := range c.IPAddresses {
		out = append(out, ip.String())
	}
	return out
}

// clip cuts text that a server may have made long, and the given endings.
func clip(text string, endings ...string) string {
	const longest = 300
	for _, e := range endings {
		if rest := strings.TrimSuffix(text, e); rest != "" {
			text = rest
		}
	}
	if len(text) > longest {
		text = strings.ToValidUTF8(text[:longest], "") + " …"
	}
	return escape(text)
}

// refuse makes the error of a command that the server has answered with NO or BAD.
func (p place) refuse(op string, s wire.Status) *engine.Error {
	text := clip(s.Text)
	if text == "" {
		text = clip(s.String())
	}
	return &engine.Error{Op: op, Kind: classify(s), Side: p.side, Host: p.host, Text: text, Wait: backoff(s.Text), Err: &Refusal{s}}
}

// Refusal is the cause of an error that a server's NO, BAD or BYE is behind.
type Refusal struct{ wire.Status }

func (r *Refusal) Error() string { return r.String() }

// codeKinds says what response codes mean (RFC 5530 and others).
var codeKinds = map[string]engine.Kind{
	"THROTTLED": engine.Throttled, "UNAVAILABLE": engine.Throttled, "INUSE": engine.Throttled, "SERVERBUG": engine.Throttled,
	"OVERQUOTA": engine.Full,
	"TOOBIG":    engine.Refused, "CANNOT": engine.Refused, "UNKNOWN-CTE": engine.Refused, "BADCHARSET": engine.Refused,
	"TRYCREATE": engine.Missing, "NONEXISTENT": engine.Missing, "NOPERM": engine.Missing, "ALREADYEXISTS": engine.Missing,
	"AUTHENTICATIONFAILED": engine.Denied, "AUTHORIZATIONFAILED": engine.Denied, "EXPIRED": engine.Denied, "PRIVACYREQUIRED": engine.Denied, "WEBALERT": engine.Denied,
	"EXPUNGEISSUED": engine.Gone,
}

// textKinds says what servers mean that give no code; the first that matches counts. See notes on each in its test. Most runs need none, so they are
// made when the first is needed.
var textKinds = sync.OnceValue(func() []textKind {
	return []textKind{
		{regexp.MustCompile(`(?i)throttl|rate limit|suggested backoff|too many (simultaneous |concurrent )?(connections|requests|commands)|bandwidth|session expired|try again later|temporar|(mailbox|folder) is locked|retry operation|unavailable to complete`), engine.Throttled},
		{regexp.MustCompile(`(?i)authenticated but not connected|invalid credentials|authentication failed|login failed|login incorrect|invalid state`), engine.Denied},
		{regexp.MustCompile(`(?i)over (\S+ )?quota|overquota|quota (is |has been )?exceeded|exceed\w* .*quota|mailbox (is )?full|server unavailable\. 15|insufficient (disk )?space|no space left|storage has been exceeded`), engine.Full},
		{regexp.MustCompile(`(?i)maximum size|too (big|large|long)|size limit|command argument error|nul char|bare (newline|lf|cr)|invalid header|zero[- ](length|byte)|virus|malware|clientbug|invalid system flag|too many user flags|keyword|invalid message|invalid date|8-?bit|non-ascii|fixed limit|header/body|too many identical`), engine.Refused},
		{regexp.MustCompile(`(?i)doesn't exist|does not exist|no such (mailbox|folder)|(mailbox|folder) not found|unknown (mailbox|folder)|nonexistent|permission denied|already exists|inferior|invalid mailbox name`), engine.Missing},
	}
})

type textKind struct {
	pattern *regexp.Regexp
	kind    engine.Kind
}

// classify says what a refusal means: by its code, else by its text. LIMIT may stand for any limit: of the message, says
// Dovecot; of commands, say others.
func classify(s wire.Status) engine.Kind {
	if kind, ok := codeKinds[s.Code]; ok {
		return kind
	}
	for _, t := range textKinds() {
		if t.pattern.MatchString(s.Code) || t.pattern.MatchString(s.Text) {
			return t.kind
		}
	}
	if s.Code == "LIMIT" {
		return engine.Throttled
	}
	return engine.Other
}

var backoffText = regexp.MustCompile(`(?i)backoff time: *(\d{1,9}) *milliseconds`)

// backoff returns how long a server asks to wait, 0 if it does not say.
func backoff(text string) time.Duration {
	m := backoffText.FindStringSubmatch(text)
	if m == nil {
		return 0
	}
	n, _ := strconv.Atoi(m[1])
	return time.Duration(n) * time.Millisecond
}

// ours makes an error that no server's words are behind.
func (p place) ours(op string, kind engine.Kind, format string, args ...any) *engine.Error {
	return &engine.Error{Op: op, Kind: kind, Side: p.side, Host: p.host, Text: fmt.Sprintf(format, args...)}
}
