package assets

import (
	"bytes"
	"encoding/json"
	"image/png"
	"net/url"
	"slices"
	"strings"
	"testing"
)

func TestIconsArePictures(t *testing.T) {
	for want, icon := range map[int][]byte{512: Icon(), 128: SmallIcon()} {
		p, err := png.DecodeConfig(bytes.NewReader(icon))
		if err != nil || p.Width != want || p.Height != want {
			t.Errorf("icon: %d×%d, %v; want %d×%d", p.Width, p.Height, err, want, want)
		}
	}
}

func TestPresets(t *testing.T) {
	list, err := Presets()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, p := range list {
		if p.ID == "" || p.Name == "" || p.Hint == "" || seen[p.ID] || seen[p.Name] {
			t.Errorf("preset %+v: an empty field or a repeated id or name", p)
		}
		seen[p.ID], seen[p.Name] = true, true
		if (p.Host == "") != (p.ID == "other") {
			t.Errorf("%s: host %q", p.ID, p.Host)
		}
		if want := map[string]int{"tls": 993, "starttls": 143}[p.Encryption]; p.Port != want {
			t.Errorf("%s: port %d with %q", p.ID, p.Port, p.Encryption)
		}
		for name, one := range map[string]struct {
			is  string
			may []string
		}{
			"sign-in": {p.SignIn, []string{"password", "app password", "oauth"}},
			"side":    {p.Side, []string{"", "source"}},
			"user":    {p.User, []string{UserAddress, UserLocal}},
		} {
			if !slices.Contains(one.may, one.is) {
				t.Errorf("%s: %s %q", p.ID, name, one.is)
			}
		}
		if p.Host != "" && len(p.Domains)+len(p.MX) == 0 {
			t.Errorf("%s: no address leads to it", p.ID)
		}
		for _, domain := range append(slices.Clone(p.Domains), p.MX...) {
			if domain != strings.ToLower(domain) || !strings.Contains(domain, ".") || strings.ContainsAny(domain, " /@*:") || strings.Trim(domain, ".") != domain {
				t.Errorf("%s: %q is no domain", p.ID, domain)
			}
		}
	}
	if len(list) == 0 || list[len(list)-1].ID != "other" {
		t.Error("the last preset is not \"other\"")
	}
}

// Each figure has a page that says so: a limit, and to whom the mail of other domains goes, one of its own.
func TestPresetsNameTheirSources(t *testing.T) {
	list, err := Presets()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range list {
		for name, page := range p.Sources {
			if u, err := url.Parse(page); err != nil || u.Scheme != "https" || u.Host == "" {
				t.Errorf("%s: source of %s: %q", p.ID, name, page)
			}
		}
		if u, err := url.Parse(p.Source); err != nil || u.Scheme != "https" || u.Host == "" {
			t.Errorf("%s: source %q", p.ID, p.Source)
		}
		for name, is := range map[string]bool{"mx": len(p.MX) > 0, "connections": p.Connections > 0, "download_mb_day": p.DownloadDayMB > 0,
			"upload_mb_day": p.UploadDayMB > 0, "message_bytes": p.MessageBytes > 0} {
			if is != (p.Sources[name] != "") {
				t.Errorf("%s: %s has a value: %t; source %q", p.ID, name, is, p.Sources[name])
			}
		}
	}
}

// What must be switched on first is said in every language.
func TestPresetsHaveHints(t *testing.T) {
	list, err := Presets()
	if err != nil {
		t.Fatal(err)
	}
	files, err := Translations().ReadDir("translations")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		raw, err := Translations().ReadFile("translations/" + f.Name())
		if err != nil {
			t.Fatal(err)
		}
		var said map[string]json.RawMessage
		if err := json.Unmarshal(raw, &said); err != nil {
			t.Fatal(err)
		}
		for _, p := range list {
			if len(said[p.Hint]) < 20 {
				t.Errorf("%s: %s says %s", f.Name(), p.Hint, said[p.Hint])
			}
		}
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
