package wording

import (
	"net/url"

	"mwiz/assets"
	"mwiz/engine/discover"
)

// Found says where an answer about a mail service came from.
func Found(c discover.Candidate, presets []assets.Preset) string {
	at := c.At
	if u, err := url.Parse(at); err == nil && u.Host != "" {
		at = u.Host
	}
	return T("found."+string(c.From), "At", Display(at, 60), "Name", Display(assets.PresetOf(presets, c.Endpoint.Preset).Name, 60))
}

// Doubt says why an answer about a mail service needs to be looked at before it is used; "" where it does not.
func Doubt(c discover.Candidate) string {
	switch {
	case c.Check == discover.Silent:
		return T("found.silent")
	case c.Insecure:
		return T("found.insecure")
	case c.Foreign:
		return T("found.foreign")
	case c.Check == discover.Unproven:
		return T("found.unproven")
	}
	return ""
}
