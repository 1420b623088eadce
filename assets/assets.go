// Package assets holds the files that are built into the program: the icon and the provider presets.
package assets

import _ "embed"

//go:embed icon.png
var icon []byte

// Icon returns the program's icon: a PNG of 512×512 pixels. The caller does not change it.
func Icon() []byte { return icon }
