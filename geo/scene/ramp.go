package scene

import (
	"errors"
	"fmt"
	"image/color"
	"math"
	"strconv"
	"strings"
)

// Ramp names a sequence of colours from light to dark. All of them stay in
// order for readers who confuse red and green, and in grey print, because each
// shade is darker than the one before.
type Ramp string

// The ramps. YlOrRd and YlGnBu are ColorBrewer's sequential schemes (Cynthia
// Brewer, Mark Harrower and The Pennsylvania State University,
// colorbrewer2.org); Viridis is that of matplotlib (Smith and van der Walt),
// reversed, so that as in the others dark is high.
const (
	YlOrRd  Ramp = "YlOrRd" // for risk and burden
	YlGnBu  Ramp = "YlGnBu" // for neutral amounts: rainfall, coverage
	Viridis Ramp = "viridis"
)

// MaxShades is the largest number of colours a ramp gives.
const MaxShades = 256

// ErrRamp is returned for an unknown ramp or an impossible number of colours.
var ErrRamp = errors.New("scene: no such colours")

// Colors returns k colours, light for low to dark for high. Up to nine
// classes ColorBrewer's ramps are exactly its tables; beyond, and for
// Viridis, colours are interpolated.
func (r Ramp) Colors(k int) ([]color.NRGBA, error) {
	if k < 1 || k > MaxShades {
		return nil, fmt.Errorf("%w: %d of them, not 1 to %d", ErrRamp, k, MaxShades)
	}
	table, exact := r.table(k)
	if table == "" {
		return nil, fmt.Errorf("%w: the ramp %q", ErrRamp, string(r))
	}
	anchors := parseColors(table)
	if exact {
		return anchors, nil
	}
	return interpolate(anchors, k), nil
}

// table returns the published colours nearest to k, and whether they are k.
func (r Ramp) table(k int) (colors string, exact bool) {
	switch r {
	case YlOrRd:
		return brewer(k, ylOrRd)
	case YlGnBu:
		return brewer(k, ylGnBu)
	case Viridis:
		return "fde725 b4de2c 6dcd59 35b779 1f9e89 26828e 31688e 3e4a89 482878 440154", false
	}
	return "", false
}

func brewer(k int, scheme func(int) string) (colors string, exact bool) {
	if k >= 3 && k <= 9 {
		return scheme(k), true
	}
	if k < 3 {
		return scheme(3), false
	}
	return scheme(9), false
}

func ylOrRd(k int) string {
	return [...]string{
		3: "ffeda0 feb24c f03b20",
		4: "ffffb2 fecc5c fd8d3c e31a1c",
		5: "ffffb2 fecc5c fd8d3c f03b20 bd0026",
		6: "ffffb2 fed976 feb24c fd8d3c f03b20 bd0026",
		7: "ffffb2 fed976 feb24c fd8d3c fc4e2a e31a1c b10026",
		8: "ffffcc ffeda0 fed976 feb24c fd8d3c fc4e2a e31a1c b10026",
		9: "ffffcc ffeda0 fed976 feb24c fd8d3c fc4e2a e31a1c bd0026 800026",
	}[k]
}

func ylGnBu(k int) string {
	return [...]string{
		3: "edf8b1 7fcdbb 2c7fb8",
		4: "ffffcc a1dab4 41b6c4 225ea8",
		5: "ffffcc a1dab4 41b6c4 2c7fb8 253494",
		6: "ffffcc c7e9b4 7fcdbb 41b6c4 2c7fb8 253494",
		7: "ffffcc c7e9b4 7fcdbb 41b6c4 1d91c0 225ea8 0c2c84",
		8: "ffffd9 edf8b1 c7e9b4 7fcdbb 41b6c4 1d91c0 225ea8 0c2c84",
		9: "ffffd9 edf8b1 c7e9b4 7fcdbb 41b6c4 1d91c0 225ea8 253494 081d58",
	}[k]
}

// RiskColors returns the colours of the three categories. They differ in hue
// and, in the same order, in darkness: light blue, orange, dark red.
func RiskColors() (low, medium, high color.NRGBA) {
	c := parseColors("c6dbef fdae61 b2182b")
	return c[0], c[1], c[2]
}

func parseColors(table string) []color.NRGBA {
	var out []color.NRGBA
	for hex := range strings.FieldsSeq(table) {
		v, _ := strconv.ParseUint(hex, 16, 32) // a test reads every table
		out = append(out, color.NRGBA{uint8(v >> 16), uint8(v >> 8), uint8(v), 255})
	}
	return out
}

// interpolate spreads k colours evenly over the anchors; one is the middle.
func interpolate(anchors []color.NRGBA, k int) []color.NRGBA {
	out := make([]color.NRGBA, k)
	for i := range out {
		at := 0.5
		if k > 1 {
			at = float64(i) / float64(k-1)
		}
		at *= float64(len(anchors) - 1)
		low := min(int(at), len(anchors)-2)
		out[i] = mix(anchors[low], anchors[low+1], at-float64(low))
	}
	return out
}

func mix(a, b color.NRGBA, t float64) color.NRGBA {
	channel := func(x, y uint8) uint8 {
		return uint8(math.Round(float64(x) + t*(float64(y)-float64(x))))
	}
	return color.NRGBA{channel(a.R, b.R), channel(a.G, b.G), channel(a.B, b.B), 255}
}

// ClusterColors returns the colours of the four sorts of spatial clusters, from
// ColorBrewer's RdYlBu: high among high red, low among low blue, and the pale
// neighbours of these for high among low and low among high. They are told
// apart by readers who confuse red and green.
func ClusterColors() (highHigh, lowLow, highLow, lowHigh color.NRGBA) {
	c := parseColors("d7191c 2c7bb6 fdae61 abd9e9")
	return c[0], c[1], c[2], c[3]
}

// QuietColors returns the greys of areas where nothing was found and of areas
// that could not be looked at because they have no neighbours.
func QuietColors() (nothing, alone color.NRGBA) {
	c := parseColors("f0f0f0 bdbdbd")
	return c[0], c[1]
}

// Categories returns k colours without an order, up to twelve: ColorBrewer's
// Paired, light and dark alternating so that neighbours in a list differ.
func Categories(k int) ([]color.NRGBA, error) {
	all := parseColors("a6cee3 1f78b4 b2df8a 33a02c fb9a99 e31a1c fdbf6f ff7f00 cab2d6 6a3d9a ffff99 b15928")
	if k < 1 || k > len(all) {
		return nil, fmt.Errorf("%w: %d of them, not 1 to %d", ErrRamp, k, len(all))
	}
	return all[:k], nil
}
