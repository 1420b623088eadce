package engine

import (
	"slices"
	"testing"
)

func TestPlainNames(t *testing.T) {
	for name, want := range map[string]string{
		"Invoices 2024": "Invoices 2024", "R&D": "R&D", "Zürich": "Zürich", "日本": "日本", "dev-😀": "dev-😀", "Mr. O'Neil, Jr.": "Mr. O'Neil, Jr.",
		`Quotes "and" back\slash`: "Quotes _and_ back_slash", "per%cent*star": "per_cent_star", "caret^": "caret_", "a\x01b": "a_b", "a\xffb": "a_b",
		"#news": "_news", "~home": "_home", "..": "_", " blanks ": "blanks", "": "_", " ": "_", "<>": "__", "(old)": "_old_", "„Zitat“": "_Zitat_",
	} {
		if got := plainName(name); got != want {
			t.Errorf("%q is %q, want %q", name, got, want)
		}
	}
	moved := map[string][]string{joinPath([]string{"a%", "b"}): {"a_", "b 2"}}
	if got := plainPath([]string{"a%", "b", "c*"}, moved); !slices.Equal(got, []string{"a_", "b 2", "c_"}) {
		t.Errorf("below a folder that was moved: %q", got)
	}
}
