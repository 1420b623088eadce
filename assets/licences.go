package assets

import (
	_ "embed"
	"encoding/json"
)

//go:embed licences.json
var licences []byte

// Licence is what a part of the program may be used under.
type Licence struct {
	Name    string `json:"name"` // the part's: a module's path, or what it is called
	Version string `json:"version"`
	Licence string `json:"licence"` // in short: "MIT"
	Text    string `json:"text"`    // in full, with who holds the rights
}

// Licences returns the licences of all that is built into the program, on any system, by name. The tests hold the list to the modules that are linked.
func Licences() []Licence {
	var all []Licence
	if err := json.Unmarshal(licences, &all); err != nil {
		panic("licences: " + err.Error()) // embedded: a test reads it
	}
	return all
}
