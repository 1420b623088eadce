package wording

import (
	"strings"

	"mwiz/engine"
)

// Setting is a choice that a pass ran under, in words.
type Setting struct{ Name, Value string }

// Settings says which choices a pass ran under: its limits, and those rules that there were.
func Settings(s engine.Settings) []Setting {
	s = s.Limits()
	r := s.Rules
	list := []Setting{
		{T("used.lanes"), Number(s.Lanes)},
		{T("used.mailboxes"), Number(s.Mailboxes)},
		{T("used.errors"), Number(s.ErrorLimit)},
		{T("used.adopt"), yesNo(!s.NoAdopt)},
	}
	add := func(id, value string) {
		if value != "" {
			list = append(list, Setting{T(id), value})
		}
	}
	add("used.download", dayVolume(s.DownloadDay))
	add("used.upload", dayVolume(s.UploadDay))
	add("used.include", Display(strings.Join(r.Include, ", "), 400))
	add("used.exclude", Display(strings.Join(r.Exclude, ", "), 400))
	add("used.map", mappings(r.Map))
	add("used.rewrite", mappings(r.Rewrite))
	add("used.prefix", Display(r.Prefix, 200))
	add("used.since", string(r.Since))
	add("used.until", string(r.Until))
	if r.MaxSize > 0 {
		add("used.size", Bytes(r.MaxSize))
	}
	if r.Merge {
		add("used.merge", yesNo(true))
	}
	if r.NoRoles {
		add("used.roles", yesNo(false))
	}
	return list
}

// dayVolume writes a volume that was chosen, "" for the provider's own.
func dayVolume(mb int) string {
	switch {
	case mb < 0:
		return T("used.any")
	case mb == 0:
		return ""
	}
	return Number(mb)
}

func mappings(all []engine.Mapping) string {
	said := make([]string, len(all))
	for i, m := range all {
		said[i] = T("used.mapping", "From", Display(m.From, 80), "To", Display(m.To, 80))
	}
	return strings.Join(said, ", ")
}

func yesNo(is bool) string {
	if is {
		return T("used.yes")
	}
	return T("used.no")
}
