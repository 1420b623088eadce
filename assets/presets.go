package assets

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
)

// Preset is what is known of a mail provider: how to reach it, and what its user must know first.
type Preset struct {
	ID         string   `json:"id"`   // stands in the ledger as Endpoint.Preset: never changes
	Name       string   `json:"name"` // as the user knows it
	Host       string   `json:"host"` // "" for the preset "other"
	Port       int      `json:"port"`
	Encryption string   `json:"encryption"`        // "tls" or "starttls"
	Side       string   `json:"side,omitempty"`    // "source" where it can only be read from; "" for both sides
	SignIn     string   `json:"sign_in"`           // "password", "app password" or "oauth"
	User       string   `json:"user,omitempty"`    // how an account's user name comes of its address: UserAddress ("") or UserLocal
	Domains    []string `json:"domains,omitempty"` // of addresses that are the provider's own
	MX         []string `json:"mx,omitempty"`      // domains of the hosts to which mail for its customers' own domains goes
	Methods    []string `json:"methods,omitempty"` // engine.Methods by which its mailboxes can be signed in to, the usual one first; none: by password
	Hint       string   `json:"hint"`              // id of the sentences that say what must be switched on first

	// Limits of one account as the provider states them or its service tells; 0 where none is known.
	Connections   int   `json:"connections,omitempty"`     // at once
	DownloadDayMB int   `json:"download_mb_day,omitempty"` // MB that may be read in a day
	UploadDayMB   int   `json:"upload_mb_day,omitempty"`   // MB that may be written in a day
	MessageBytes  int64 `json:"message_bytes,omitempty"`   // largest message accepted

	Shows  []int64 `json:"shows,omitempty"`  // numbers of messages of a folder beyond which it shows none, perhaps by its user's choice
	Export string  `json:"export,omitempty"` // id of the preset under which it shows more

	Source  string            `json:"source"`            // the page that says so
	Sources map[string]string `json:"sources,omitempty"` // pages that say the rest, by the name of the field in the file
}

// The forms of user names.
const (
	UserAddress = ""      // the whole address
	UserLocal   = "local" // what stands before the @
)

//go:embed presets.json
var presets []byte

// Presets returns the provider presets in the order to show them; the last one is "other", with no host.
func Presets() ([]Preset, error) {
	var list []Preset
	if err := json.Unmarshal(presets, &list); err != nil {
		return nil, fmt.Errorf("presets.json: %w", err)
	}
	return list, nil
}

// PresetOf returns the preset of a list that has the id; the zero Preset where there is none.
func PresetOf(list []Preset, id string) Preset {
	if i := slices.IndexFunc(list, func(p Preset) bool { return p.ID == id }); i >= 0 {
		return list[i]
	}
	return Preset{}
}
