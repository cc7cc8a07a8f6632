package classify

import (
	"math"
	"strconv"
	"strings"
)

// maxDecimals is where a legend stops looking for digits that tell two bounds
// apart; beyond it the label falls back to the shortest exact notation.
const maxDecimals = 9

// Labels returns the words of a legend, one a class: "0.27 – 0.40", and for
// open ends "≤ 20" and "> 75". With decimals < 0 the fewest decimals are used
// that show the narrowest class to about two digits.
func (b Breaks) Labels(decimals int) []string {
	if decimals < 0 {
		decimals = b.decimals()
	}
	out := make([]string, b.Len())
	for i := range out {
		low, high := b.Bounds[i], b.Bounds[i+1]
		switch {
		case math.IsInf(low, -1) && math.IsInf(high, 1):
			out[i] = "all values"
		case math.IsInf(low, -1):
			out[i] = b.sign("< ", "≤ ") + number(high, decimals)
		case math.IsInf(high, 1):
			out[i] = b.sign("≥ ", "> ") + number(low, decimals)
		case low == high:
			out[i] = number(low, decimals)
		default:
			out[i] = number(low, decimals) + b.sign(" – <", " – ") + number(high, decimals)
		}
	}
	return out
}

// sign chooses between the signs of classes that hold their lower bound and of
// those that hold their upper one.
func (b Breaks) sign(lower, upper string) string {
	if b.LowerClosed {
		return lower
	}
	return upper
}

// decimals returns the fewest decimals that write all bounds exactly, or else
// those that leave two digits in the narrowest class.
func (b Breaks) decimals() int {
	narrowest := math.Inf(1)
	for i := range b.Len() {
		if w := b.Bounds[i+1] - b.Bounds[i]; w > 0 {
			narrowest = min(narrowest, w)
		}
	}
	enough := maxDecimals
	if !math.IsInf(narrowest, 1) {
		enough = max(0, min(maxDecimals, 1-int(math.Floor(math.Log10(narrowest)))))
	}
	for d := range enough {
		if b.exactWith(d) {
			return d
		}
	}
	return enough
}

func (b Breaks) exactWith(decimals int) bool {
	for _, v := range b.Bounds {
		back, err := strconv.ParseFloat(strconv.FormatFloat(v, 'f', decimals, 64), 64)
		if err != nil || back != v {
			return false
		}
	}
	return true
}

// number writes v with thousands grouped by commas and a true minus sign.
func number(v float64, decimals int) string {
	digits := strconv.FormatFloat(math.Abs(v), 'f', decimals, 64)
	whole, fraction, _ := strings.Cut(digits, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if fraction != "" {
		whole += "." + fraction
	}
	if v < 0 && strings.Trim(digits, "0.") != "" {
		return "−" + whole
	}
	return whole
}
