package assets

import (
	_ "embed"
	"encoding/json"
	"fmt"
)

// Remedy tells what a mail service, or an identity provider, means by the words with which it refuses a sign-in.
type Remedy struct {
	Problem string   `json:"problem"`         // there are sentences trouble.PROBLEM.sentence and .step
	Hosts   []string `json:"hosts,omitempty"` // of the service, and what lies below them; none: whoever says so
	Texts   []string `json:"texts"`           // in lower case; one of them stands in its words
	Not     []string `json:"not,omitempty"`   // and none of these does
	Where   string   `json:"where"`           // the provider's page, menu or, here, document, as its users know it; "": not known
	Source  string   `json:"source"`          // the page that says so
}

//go:embed remedies.json
var remedies []byte

// Remedies returns the remedies; the first that fits counts.
func Remedies() ([]Remedy, error) {
	var list []Remedy
	if err := json.Unmarshal(remedies, &list); err != nil {
		return nil, fmt.Errorf("remedies.json: %w", err)
	}
	return list, nil
}
