package gui

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

// Colours of our own, beside Fyne's: what a status looks like, and text that steps back.
const (
	colorMuted   fyne.ThemeColorName = "mwiz.muted"   // second lines, units, what is not the point
	colorDone    fyne.ThemeColorName = "mwiz.done"    // completed, adds up
	colorBusy    fyne.ThemeColorName = "mwiz.busy"    // processing
	colorWarn    fyne.ThemeColorName = "mwiz.warn"    // completed with errors, stopped
	colorBad     fyne.ThemeColorName = "mwiz.bad"     // failed, wrong input
	colorTrack   fyne.ThemeColorName = "mwiz.track"   // what a progress line runs on
	colorSurface fyne.ThemeColorName = "mwiz.surface" // headers, bars and panels
	colorTint    fyne.ThemeColorName = "mwiz.tint"    // a primary action in a row
	colorTintHot fyne.ThemeColorName = "mwiz.tinthot" // under the mouse
	colorLink    fyne.ThemeColorName = "mwiz.link"    // words that act
)

// palette is the colours that differ from Fyne's, for light and dark. Text colours have a contrast of at least 4.5 to 1
// on the background, on surfaces and on a selected row, the edges of what is typed into and ticked one of 3 to 1: a test measures them.
var palette = map[fyne.ThemeColorName][2]color.NRGBA{
	//                              light                     dark
	theme.ColorNameBackground:        {rgb(0xffffff), rgb(0x1b1d21)},
	theme.ColorNameOverlayBackground: {rgb(0xffffff), rgb(0x25282d)},
	theme.ColorNameMenuBackground:    {rgb(0xffffff), rgb(0x2a2d33)},
	theme.ColorNameHeaderBackground:  {rgb(0xf5f6f8), rgb(0x22252a)},
	theme.ColorNameForeground:        {rgb(0x1c2127), rgb(0xe6e8eb)},
	theme.ColorNamePrimary:           {rgb(0x1a61c9), rgb(0x3a7be0)},
	theme.ColorNameHyperlink:         {rgb(0x1a61c9), rgb(0x78adff)},
	theme.ColorNameFocus:             {rgba(0x0a2550, 0x58), rgba(0x6ea6ff, 0x5a)},
	theme.ColorNameSelection:         {rgb(0xdce9fb), rgb(0x2b3f5c)},
	theme.ColorNameHover:             {rgba(0x1c2127, 0x0a), rgba(0xffffff, 0x0b)},
	theme.ColorNamePressed:           {rgba(0x1c2127, 0x1e), rgba(0xffffff, 0x1e)},
	theme.ColorNameButton:            {rgb(0xeceef1), rgb(0x33373d)},
	theme.ColorNameDisabledButton:    {rgb(0xf3f4f6), rgb(0x2a2d32)},
	theme.ColorNameDisabled:          {rgb(0x9097a1), rgb(0x6c737d)},
	theme.ColorNameInputBackground:   {rgb(0xffffff), rgb(0x16181b)},
	theme.ColorNameInputBorder:       {rgb(0x8a919b), rgb(0x767d87)},
	theme.ColorNamePlaceHolder:       {rgb(0x6f7680), rgb(0x8f969f)},
	theme.ColorNameSeparator:         {rgb(0xe4e7eb), rgb(0x31353b)},
	theme.ColorNameScrollBar:         {rgba(0x1c2127, 0x60), rgba(0xffffff, 0x60)},
	theme.ColorNameShadow:            {rgba(0x000000, 0x1c), rgba(0x000000, 0x60)},
	theme.ColorNameError:             {rgb(0xc02b20), rgb(0xff8a80)},
	theme.ColorNameSuccess:           {rgb(0x1a7240), rgb(0x5cc98a)},
	theme.ColorNameWarning:           {rgb(0x8f5a00), rgb(0xf0b455)},

	colorMuted:   {rgb(0x5a626d), rgb(0xabb2bc)},
	colorDone:    {rgb(0x17693b), rgb(0x5cc98a)},
	colorBusy:    {rgb(0x1a5cc0), rgb(0x86b5ff)},
	colorWarn:    {rgb(0x855300), rgb(0xf0b455)},
	colorBad:     {rgb(0xb5261c), rgb(0xff9a91)},
	colorTrack:   {rgb(0xdfe3e8), rgb(0x3c4148)},
	colorSurface: {rgb(0xf5f6f8), rgb(0x22252a)},
	colorTint:    {rgb(0xe6effc), rgb(0x263954)},
	colorTintHot: {rgb(0xd2e3fa), rgb(0x314a6d)},
	colorLink:    {rgb(0x1a5cc0), rgb(0x86b5ff)},
}

func rgb(hex uint32) color.NRGBA { return rgba(hex, 0xff) }

func rgba(hex uint32, alpha uint8) color.NRGBA {
	return color.NRGBA{R: uint8(hex >> 16), G: uint8(hex >> 8), B: uint8(hex), A: alpha}
}

// sizes are those that take the room of a desktop program, not of a telephone.
var sizes = map[fyne.ThemeSizeName]float32{
	theme.SizeNameText:            13,
	theme.SizeNameCaptionText:     11.5,
	theme.SizeNameSubHeadingText:  15,
	theme.SizeNameHeadingText:     20,
	theme.SizeNamePadding:         3,
	theme.SizeNameInnerPadding:    5,
	theme.SizeNameLineSpacing:     3,
	theme.SizeNameInlineIcon:      16,
	theme.SizeNameInputRadius:     4,
	theme.SizeNameButtonRadius:    4,
	theme.SizeNameSelectionRadius: 3,
	theme.SizeNameDialogRadius:    8,
	theme.SizeNameScrollBar:       10,
	theme.SizeNameModalBlurRadius: 0,
}

// Theme is the program's look: Fyne's own made compact, with its own colours. It follows the system's choice of light or dark
// unless Variant says otherwise.
type Theme struct{ Variant Appearance }

// Appearance is a choice of light or dark.
type Appearance uint8

// The appearances.
const (
	FollowSystem Appearance = iota
	Light
	Dark
)

// Color implements fyne.Theme.
func (t Theme) Color(name fyne.ThemeColorName, variant fyne.ThemeVariant) color.Color {
	switch {
	case t.Variant == Light:
		variant = theme.VariantLight
	case t.Variant == Dark:
		variant = theme.VariantDark
	}
	pair, ours := palette[name]
	switch {
	case !ours:
		return theme.DefaultTheme().Color(name, variant)
	case variant == theme.VariantDark:
		return pair[1]
	}
	return pair[0]
}

// Font implements fyne.Theme.
func (t Theme) Font(style fyne.TextStyle) fyne.Resource { return theme.DefaultTheme().Font(style) }

// Icon implements fyne.Theme.
func (t Theme) Icon(name fyne.ThemeIconName) fyne.Resource { return theme.DefaultTheme().Icon(name) }

// Size implements fyne.Theme.
func (t Theme) Size(name fyne.ThemeSizeName) float32 {
	if s, ours := sizes[name]; ours {
		return s
	}
	return theme.DefaultTheme().Size(name)
}

// paint returns a colour of the theme, and none for "".
func paint(name fyne.ThemeColorName) color.Color {
	if name == "" {
		return color.Transparent
	}
	return theme.Color(name)
}
