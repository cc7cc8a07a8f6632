// Package build says which version of the program this is, for both faces.
package build

import (
	"runtime/debug"
	"slices"
)

// Number is the version of the program, as in FyneApp.toml.
const Number = "0.1.0"

// Version is Number with the revision it was built from, where the build
// recorded one. It stands in every run record and report.
func Version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return Number
	}
	i := slices.IndexFunc(info.Settings, func(s debug.BuildSetting) bool { return s.Key == "vcs.revision" })
	if i < 0 {
		return Number
	}
	revision := info.Settings[i].Value
	return Number + "+" + revision[:min(12, len(revision))]
}
