// Package wording holds every sentence that the program says to a person, in the window and on the command line. The
// sentences live in assets/translations, one file a language; a sentence that a language lacks is said in English.
package wording

import (
	"encoding/json"
	"os"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"mwiz/assets"
)

// catalogue is the sentences of one language, and the English ones for what it lacks. A sentence is read when it is first said: to read them all
// takes longer than the rest of a short run's start.
type catalogue struct {
	printer *message.Printer // numbers

	mu        sync.Mutex
	bundle    *i18n.Bundle
	localizer *i18n.Localizer
	unread    map[string]map[string]json.RawMessage // sentences that were not said, by file and id
}

// catalogues are the tables of sentences by language, each read when the first one is said in it.
var catalogues sync.Map

// spoken returns the table of sentences in the user's language.
func spoken() *catalogue {
	lang := userLanguage(os.Getenv)
	c, read := catalogues.Load(lang)
	if !read {
		c, _ = catalogues.LoadOrStore(lang, newCatalogue(lang))
	}
	return c.(*catalogue)
}

// newCatalogue speaks the language that fits best, English where none does.
func newCatalogue(lang string) *catalogue {
	bundle := i18n.NewBundle(language.English)
	bundle.RegisterUnmarshalFunc("json", json.Unmarshal)
	files, err := assets.Translations().ReadDir("translations")
	if err != nil {
		panic("translations: " + err.Error()) // embedded: a test reads them all
	}
	names := map[language.Tag]string{}
	tags := []language.Tag{language.English} // first: what fits none is said in English
	for _, f := range files {
		tag := language.Make(strings.Split(f.Name(), ".")[1]) // active.de.json
		if names[tag] = f.Name(); tag != language.English {
			tags = append(tags, tag)
		}
	}
	spoken, best := language.MatchStrings(language.NewMatcher(tags), lang)
	c := &catalogue{printer: message.NewPrinter(spoken), bundle: bundle, localizer: i18n.NewLocalizer(bundle, lang), unread: map[string]map[string]json.RawMessage{}}
	for _, tag := range slices.Compact([]language.Tag{language.English, tags[best]}) {
		c.unread[names[tag]] = sentences(names[tag])
	}
	return c
}

// sentences returns what a file says, not understood yet.
func sentences(file string) (said map[string]json.RawMessage) {
	raw, err := assets.Translations().ReadFile(path.Join("translations", file))
	if err == nil {
		err = json.Unmarshal(raw, &said)
	}
	if err != nil {
		panic("translations: " + err.Error())
	}
	return said
}

// read makes a sentence known to the localizer. c.mu is held.
func (c *catalogue) read(id string) {
	for file, said := range c.unread {
		raw, ok := said[id]
		if !ok {
			continue
		}
		delete(said, id)
		one, err := json.Marshal(map[string]json.RawMessage{id: raw})
		if err == nil {
			_, err = c.bundle.ParseMessageFileBytes(one, file)
		}
		if err != nil {
			panic("translations: " + err.Error())
		}
	}
}

// userLanguage returns the language that the environment names, as BCP 47 writes it: "de-DE" for LANG=de_DE.UTF-8.
func userLanguage(getenv func(string) string) string {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		value, _, _ := strings.Cut(getenv(name), ".")
		value, _, _ = strings.Cut(value, "@")
		switch value {
		case "":
		case "C", "POSIX":
			return "en"
		default:
			return strings.ReplaceAll(value, "_", "-")
		}
	}
	return "en"
}

// T returns the sentence with the given id. data are pairs of a key and a value for the sentence's gaps; an int under "Count"
// also chooses between one and many, and is written with the language's separators.
func T(id string, data ...any) string { return spoken().say(id, data...) }

func (c *catalogue) say(id string, data ...any) string {
	said, known := c.lookUp(id, data...)
	if !known {
		return id
	}
	return said
}

// lookUp is say, and whether there is such a sentence.
func (c *catalogue) lookUp(id string, data ...any) (string, bool) {
	config := &i18n.LocalizeConfig{MessageID: id}
	gaps := make(map[string]any, len(data)/2)
	for i := 0; i+1 < len(data); i += 2 {
		key, _ := data[i].(string)
		gaps[key] = data[i+1]
		if n, ok := count(data[i+1]); ok && key == "Count" {
			config.PluralCount = int(n)
			gaps[key] = c.printer.Sprintf("%d", n)
		}
	}
	config.TemplateData = gaps
	c.mu.Lock()
	defer c.mu.Unlock()
	c.read(id)
	said, err := c.localizer.Localize(config)
	return said, err == nil || said != "" // English in place of a missing translation comes with an error
}

// count returns v as a whole number.
func count(v any) (int64, bool) {
	switch n := v.(type) {
	case int:
		return int64(n), true
	case int64:
		return n, true
	}
	return 0, false
}
