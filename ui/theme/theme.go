// Package theme is how the window looks: Fyne's own theme in calm colours, in
// light or dark as the system asks.
package theme

import (
	"image/color"

	"fyne.io/fyne/v2"
	fynetheme "fyne.io/fyne/v2/theme"
)

// New gives the theme of the program.
func New() fyne.Theme { return calm{fynetheme.DefaultTheme()} }

// calm changes a few colours and sizes of the theme it wraps.
type calm struct{ fyne.Theme }

// Color implements fyne.Theme. The main colour is a dark blue-green, on which
// white letters have a contrast of more than 4.5 to 1 (WCAG 2.1, AA).
func (t calm) Color(name fyne.ThemeColorName, variant fyne.ThemeVariant) color.Color {
	dark := variant == fynetheme.VariantDark
	switch name {
	case fynetheme.ColorNamePrimary:
		return pick(dark, rgb(0x25, 0x7F, 0x74), rgb(0x1B, 0x6B, 0x64))
	case fynetheme.ColorNameForegroundOnPrimary:
		return rgb(0xFF, 0xFF, 0xFF)
	case fynetheme.ColorNameBackground:
		return pick(dark, rgb(0x1C, 0x21, 0x24), rgb(0xF4, 0xF6, 0xF6))
	case fynetheme.ColorNameForeground:
		return pick(dark, rgb(0xE8, 0xEC, 0xEC), rgb(0x1E, 0x2A, 0x2C))
	case fynetheme.ColorNamePlaceHolder, fynetheme.ColorNameDisabled:
		return pick(dark, rgb(0x9A, 0xA8, 0xAA), rgb(0x5A, 0x69, 0x6C))
	case fynetheme.ColorNameButton:
		return pick(dark, rgb(0x2E, 0x37, 0x3B), rgb(0xE2, 0xE8, 0xE8))
	case fynetheme.ColorNameInputBackground:
		return pick(dark, rgb(0x27, 0x2E, 0x32), rgb(0xFF, 0xFF, 0xFF))
	case fynetheme.ColorNameInputBorder:
		return pick(dark, rgb(0x45, 0x52, 0x57), rgb(0xC3, 0xCE, 0xCE))
	case fynetheme.ColorNameSeparator:
		return pick(dark, rgb(0x38, 0x43, 0x47), rgb(0xD5, 0xDC, 0xDC))
	case fynetheme.ColorNameHeaderBackground:
		return pick(dark, rgb(0x27, 0x2E, 0x32), rgb(0xE9, 0xEE, 0xEE))
	case fynetheme.ColorNameOverlayBackground:
		return pick(dark, rgb(0x24, 0x2B, 0x2E), rgb(0xFF, 0xFF, 0xFF))
	}
	return t.Theme.Color(name, variant)
}

// Size implements fyne.Theme.
func (t calm) Size(name fyne.ThemeSizeName) float32 {
	switch name {
	case fynetheme.SizeNameInnerPadding:
		return 7
	case fynetheme.SizeNameCaptionText:
		return 12
	case fynetheme.SizeNameScrollBar:
		return 12
	}
	return t.Theme.Size(name)
}

func pick(dark bool, whenDark, whenLight color.Color) color.Color {
	if dark {
		return whenDark
	}
	return whenLight
}

func rgb(r, g, b uint8) color.Color { return color.NRGBA{R: r, G: g, B: b, A: 0xFF} }
