// Package assets holds the files that travel inside the program, as read-only
// embedded data behind accessor functions. It imports nothing of the project
// and computes nothing.
package assets

import "embed"

//go:embed font/Inter-Regular.ttf
var fonts embed.FS

// FontRegular returns the TrueType file of the one typeface of maps and
// reports, Inter Regular. The bytes are a copy of the caller's own.
func FontRegular() []byte {
	// The only error of an embedded file is a wrong name, which the test of
	// this function would show.
	data, _ := fonts.ReadFile("font/Inter-Regular.ttf")
	return data
}
