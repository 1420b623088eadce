package assets

import (
	"bytes"
	"encoding/json"
	"image/png"
	"net/url"
	"slices"
	"testing"
)

func TestIconIsAPicture(t *testing.T) {
	p, err := png.DecodeConfig(bytes.NewReader(Icon()))
	if err != nil || p.Width != 512 || p.Height != 512 {
		t.Errorf("icon: %d×%d, %v; want 512×512", p.Width, p.Height, err)
	}
}

func TestPresets(t *testing.T) {
	list, err := Presets()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, p := range list {
		if p.ID == "" || p.Name == "" || p.Hint == "" || seen[p.ID] {
			t.Errorf("preset %+v: an empty field or a repeated id", p)
		}
		seen[p.ID] = true
		if (p.Host == "") != (p.ID == "other") {
			t.Errorf("%s: host %q", p.ID, p.Host)
		}
		if want := map[string]int{"tls": 993, "starttls": 143}[p.Encryption]; p.Port != want {
			t.Errorf("%s: port %d with %q", p.ID, p.Port, p.Encryption)
		}
		if !slices.Contains([]string{"password", "app password", "oauth"}, p.SignIn) {
			t.Errorf("%s: sign-in %q", p.ID, p.SignIn)
		}
		if !slices.Contains([]string{"", "source"}, p.Side) {
			t.Errorf("%s: side %q", p.ID, p.Side)
		}
		if u, err := url.Parse(p.Source); err != nil || u.Scheme != "https" {
			t.Errorf("%s: source %q", p.ID, p.Source)
		}
	}
	if len(list) == 0 || list[len(list)-1].ID != "other" {
		t.Error("the last preset is not \"other\"")
	}
}

// A field that is misspelt in the file would be lost without a word.
func TestPresetsHaveKnownFieldsOnly(t *testing.T) {
	d := json.NewDecoder(bytes.NewReader(presets))
	d.DisallowUnknownFields()
	if err := d.Decode(&[]Preset{}); err != nil {
		t.Error(err)
	}
}
