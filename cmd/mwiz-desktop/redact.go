package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// redactor puts pseudonyms in the place of names: always the same one for a name, so that one can see what belongs together, and nobody finds the name by
// it who has not the ledger's key.
type redactor struct {
	key   []byte
	terms map[string]string // what is known to be a name, and its pseudonym
	known *strings.Replacer
}

// pseudonym returns the one of a name, whatever its case.
func (r *redactor) pseudonym(kind, name string) string {
	h := hmac.New(sha256.New, r.key)
	h.Write([]byte("support bundle\x00" + kind + "\x00" + strings.ToLower(name)))
	return kind + "-" + hex.EncodeToString(h.Sum(nil))[:8]
}

// harmless are names that tell nothing, and stay readable.
var harmless = []string{"inbox", "sent", "drafts", "trash", "junk", "spam", "archive", "deleted items", "sent items", "sent messages", "localhost"}

// learn has names of a kind redacted wherever they stand.
func (r *redactor) learn(kind string, names ...string) {
	if r.terms == nil {
		r.terms = map[string]string{}
	}
	for _, name := range names {
		if name = strings.TrimSpace(name); len(name) < 3 || slices.Contains(harmless, strings.ToLower(name)) {
			continue
		}
		for _, form := range []string{name, strings.ToLower(name), strings.ToUpper(name)} {
			if _, is := r.terms[form]; !is {
				r.terms[form] = r.pseudonym(kind, name)
			}
		}
	}
	r.known = nil
}

// learnAddress has a mail address redacted, and what it is made of.
func (r *redactor) learnAddress(address string) {
	r.learn("address", address)
	if local, domain, ok := strings.Cut(address, "@"); ok {
		r.learn("user", local)
		r.learn("domain", domain)
	}
}

// learnPath has a folder's name redacted, and the names of the folders above.
func (r *redactor) learnPath(name string) {
	r.learn("folder", name)
	r.learn("folder", strings.FieldsFunc(name, func(c rune) bool { return c == '/' || c == '.' || c == '\\' })...)
}

// looks is what names look like, and how the log is written; made when something is redacted.
var looks = sync.OnceValue(func() (l struct{ address, ip, host, quote, attribute, plain *regexp.Regexp }) {
	l.address = regexp.MustCompile(`[\pL\pN._%+\-]+@[\pL\pN.\-]+`)
	l.ip = regexp.MustCompile(`\b\d{1,3}(?:\.\d{1,3}){3}\b|\[?\b[0-9a-fA-F]{0,4}(?::[0-9a-fA-F]{0,4}){3,7}\b\]?`)
	l.host = regexp.MustCompile(`(?i)\b(?:[\pL\pN](?:[\pL\pN\-]*[\pL\pN])?\.)+[\pL]{2,}\b`)
	l.quote = regexp.MustCompile(`"[^"]*"|“[^”]*”|<[^<>]*>`)
	l.attribute = regexp.MustCompile(`([\w.']+)=("(?:[^"\\]|\\.)*"|\S*)`)
	l.plain = regexp.MustCompile(`^(?:-?\d+(?:\.\d+)?|(?:\d+(?:\.\d+)?(?:ns|µs|ms|s|m|h))+|\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-][\d:]+)|true|false|<nil>|)$`) // numbers, times and how long something took
	return l
})

// text redacts a text: names that are known, what looks like an address or a host, and what a server quotes.
func (r *redactor) text(s string) string {
	if r.known == nil {
		var pairs []string
		for _, term := range slices.SortedFunc(keys(r.terms), func(a, b string) int { return len(b) - len(a) }) {
			pairs = append(pairs, term, "\x00"+r.terms[term]+"\x00")
		}
		r.known = strings.NewReplacer(pairs...)
	}
	s = looks().quote.ReplaceAllString(strings.ReplaceAll(s, "\x00", ""), "…")
	parts := strings.Split(r.known.Replace(s), "\x00")
	for i := 0; i < len(parts); i += 2 { // every other part is a pseudonym
		parts[i] = r.guess(parts[i])
	}
	return strings.Join(parts, "")
}

// guess redacts what is not known but looks like a name.
func (r *redactor) guess(s string) string {
	s = looks().address.ReplaceAllStringFunc(s, func(m string) string { return r.pseudonym("address", m) })
	s = looks().ip.ReplaceAllStringFunc(s, func(m string) string {
		if a, err := netip.ParseAddr(strings.Trim(m, "[]")); err == nil && a.IsLoopback() {
			return m
		}
		return r.pseudonym("ip", m)
	})
	return looks().host.ReplaceAllStringFunc(s, func(m string) string { return r.pseudonym("host", m) })
}

func keys(m map[string]string) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// ourWords are attributes of the log that hold words of ours.
var ourWords = []string{"time", "level", "msg", "side", "state", "system", "version", "sandbox", "attempt"}

// line redacts a line of the log. Our own words and all numbers stay. Where the names are not known, foreign text goes as a whole.
func (r *redactor) line(s string, namesKnown bool) string {
	return looks().attribute.ReplaceAllStringFunc(s, func(m string) string {
		name, value, _ := strings.Cut(m, "=")
		if slices.Contains(ourWords, name) || looks().plain.MatchString(value) {
			return m
		}
		if !namesKnown {
			return name + "=…"
		}
		if words, err := strconv.Unquote(value); err == nil {
			return name + "=" + strconv.Quote(r.text(words))
		}
		return name + "=" + r.text(value)
	})
}
