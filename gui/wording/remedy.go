package wording

import (
	"slices"
	"strings"
	"sync"

	"mwiz/assets"
	"mwiz/engine"
)

// remedies are what services mean by their refusals, read when the first one is told.
var remedies = sync.OnceValue(func() []assets.Remedy {
	list, err := assets.Remedies()
	if err != nil {
		panic(err) // embedded: a test reads them all
	}
	return list
})

// remedyOf returns what a service that refuses a sign-in means, and false where nobody knows.
func remedyOf(kind engine.Kind, host, text string) (assets.Remedy, bool) {
	if kind != engine.Denied && kind != engine.Throttled || text == "" {
		return assets.Remedy{}, false
	}
	text = strings.ToLower(text)
	says := func(part string) bool { return strings.Contains(text, part) }
	i := slices.IndexFunc(remedies(), func(r assets.Remedy) bool {
		return (len(r.Hosts) == 0 || slices.ContainsFunc(r.Hosts, func(h string) bool { return host == h || strings.HasSuffix(host, "."+h) })) &&
			slices.ContainsFunc(r.Texts, says) && !slices.ContainsFunc(r.Not, says)
	})
	if i < 0 {
		return assets.Remedy{}, false
	}
	return remedies()[i], true
}
