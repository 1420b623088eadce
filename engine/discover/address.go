package discover

import (
	"errors"
	"net"
	"strings"
	"unicode"

	"golang.org/x/net/idna"
)

// ErrAddress is the error of what is no address of a mailbox.
var ErrAddress = errors.New("this is no e-mail address")

// address is an address in its parts.
type address struct{ whole, local, domain string }

// parseAddress reads an address. Of one without a local part, "@example.com" or "example.com", only the domain is known.
func parseAddress(s string) (address, error) {
	s = strings.TrimSpace(s)
	local, domain, parted := cutLast(s, "@")
	if !parted {
		local, domain = "", s
	}
	if len(local) > 64 || strings.ContainsFunc(local, func(r rune) bool { return unicode.IsControl(r) || unicode.IsSpace(r) }) {
		return address{}, ErrAddress
	}
	ascii, err := idna.Lookup.ToASCII(strings.TrimSuffix(domain, "."))
	if err != nil || !isHost(ascii) {
		return address{}, ErrAddress
	}
	a := address{local: local, domain: strings.ToLower(ascii)}
	if local != "" {
		a.whole = local + "@" + a.domain
	}
	return a, nil
}

// cutLast cuts s around the last sep.
func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

// isHost reports whether s is the full name of a host as the DNS writes it: no number of an interface, and no name of this machine, which no answer
// from outside may lead to.
func isHost(s string) bool {
	if len(s) > 253 || net.ParseIP(s) != nil {
		return false
	}
	labels := strings.Split(s, ".")
	for _, label := range labels {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' || strings.ContainsFunc(label, func(r rune) bool {
			return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '_'
		}) {
			return false
		}
	}
	last := strings.ToLower(labels[len(labels)-1])
	return len(labels) > 1 && last != "localhost" && last != "localdomain" && strings.ContainsFunc(last, unicode.IsLetter)
}

// within reports whether a host is a domain or lies below it.
func within(host, domain string) bool {
	return host == domain || strings.HasSuffix(host, "."+domain)
}

// asHost returns a name as the DNS and the program write it.
func asHost(s string) string { return strings.ToLower(strings.TrimSuffix(strings.TrimSpace(s), ".")) }
