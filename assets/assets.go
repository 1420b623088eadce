// Package assets holds the files that are built into the program: the icon, the provider presets and the translations.
package assets

import "embed"

//go:embed icon.png
var icon []byte

// Icon returns the program's icon: a PNG of 512×512 pixels. The caller does not change it.
func Icon() []byte { return icon }

//go:embed translations/*.json
var translations embed.FS

// Translations holds translations/active.LANGUAGE.json, the sentences of each language, for package gui/wording.
func Translations() embed.FS { return translations }
