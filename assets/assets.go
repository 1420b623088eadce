// Package assets holds the files that are built into the program: the icon, the provider presets and the translations.
package assets

import "embed"

//go:embed icon.png
var icon []byte

// Icon returns the program's icon: a PNG of 512×512 pixels. The caller does not change it.
func Icon() []byte { return icon }

//go:embed icon-128.png
var smallIcon []byte

// SmallIcon returns the program's icon for frames of windows and the like: a PNG of 128×128 pixels, which is read in a twentieth of the time.
// The caller does not change it.
func SmallIcon() []byte { return smallIcon }

//go:embed translations/*.json
var translations embed.FS

// Translations holds translations/active.LANGUAGE.json, the sentences of each language, for package gui/wording.
func Translations() embed.FS { return translations }
