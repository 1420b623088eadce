package assets

import _ "embed"

//go:embed fonts/NotoSans-Regular.ttf
var regular []byte

//go:embed fonts/NotoSans-Bold.ttf
var bold []byte

// Fonts returns Noto Sans, upright, in two weights, as TrueType: Latin, Greek and Cyrillic (SIL Open Font License, fonts/OFL.txt). It is for
// files that must carry their font, such as PDF. The caller does not change what it gets.
func Fonts() (regularTTF, boldTTF []byte) { return regular, bold }
