package assets

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
)

// docs/providers.md shows what the presets know. MWIZ_GOLDEN=write brings it up to date.
func TestProvidersDocument(t *testing.T) {
	const file = "../docs/providers.md"
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	list, err := Presets()
	if err != nil {
		t.Fatal(err)
	}
	english, err := Translations().ReadFile("translations/active.en.json")
	if err != nil {
		t.Fatal(err)
	}
	var said map[string]any
	if err := json.Unmarshal(english, &said); err != nil {
		t.Fatal(err)
	}
	was := string(raw)
	is := between(t, was, "presets", providersTable(list))
	is = between(t, is, "hints", hintsList(list, said))
	if is == was {
		return
	}
	if os.Getenv("MWIZ_GOLDEN") == "write" {
		if err := os.WriteFile(file, []byte(is), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	t.Errorf("%s is not up to date; MWIZ_GOLDEN=write brings it there", file)
}

// between puts a text between two marks.
func between(t *testing.T, s, mark, text string) string {
	t.Helper()
	before, rest, begins := strings.Cut(s, "<!-- "+mark+" -->\n")
	_, after, ends := strings.Cut(rest, "<!-- /"+mark+" -->\n")
	if !begins || !ends {
		t.Fatalf("the document has no place for %s", mark)
	}
	return before + "<!-- " + mark + " -->\n" + text + "<!-- /" + mark + " -->\n" + after
}

func providersTable(list []Preset) string {
	var b strings.Builder
	b.WriteString("| provider | service | user name | sign in by | connections | MB a day, read / written | largest message | behind own domains |\n|---|---|---|---|---|---|---|---|\n")
	for _, p := range list {
		if p.Host == "" {
			continue
		}
		link := func(field, text string) string { return fmt.Sprintf("[%s](%s)", text, p.Sources[field]) }
		connections, day, size, mx := "", "", "", ""
		if p.Connections > 0 {
			connections = link("connections", fmt.Sprint(p.Connections))
		}
		if p.DownloadDayMB+p.UploadDayMB > 0 {
			day = link("download_mb_day", fmt.Sprintf("%d / %d", p.DownloadDayMB, p.UploadDayMB))
		}
		if p.MessageBytes > 0 {
			text := fmt.Sprintf("%.1f MB", float64(p.MessageBytes)/1e6)
			if p.MessageBytes%(1<<20) == 0 {
				text = fmt.Sprintf("%d MB", p.MessageBytes>>20) // as the provider writes it
			}
			size = link("message_bytes", text)
		}
		if len(p.MX) > 0 {
			mx = link("mx", strings.Join(p.MX, ", "))
		}
		user := map[string]string{UserAddress: "address", UserLocal: "before the @"}[p.User]
		ways := p.SignIn
		if len(p.Methods) > 1 {
			ways = strings.Join(p.Methods, ", ")
		}
		service := fmt.Sprintf("[%s:%d](%s)", p.Host, p.Port, p.Source)
		if p.Side != "" {
			service += ", " + p.Side + " only"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s | %s | %s |\n", p.Name, service, user, ways, connections, day, size, mx)
	}
	return b.String()
}

func hintsList(list []Preset, said map[string]any) string {
	var order []string
	names := map[string][]string{}
	for _, p := range list {
		if p.Host == "" {
			continue
		}
		if names[p.Hint] == nil {
			order = append(order, p.Hint)
		}
		names[p.Hint] = append(names[p.Hint], p.Name)
	}
	var b strings.Builder
	for _, id := range order {
		fmt.Fprintf(&b, "- **%s**: %s\n", strings.Join(names[id], ", "), said[id])
	}
	return b.String()
}
