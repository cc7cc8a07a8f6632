package scene

import (
	"errors"
	"image/color"
	"math"
	"testing"
)

// lightness is CIE L* under D65, 0 to 100.
func lightness(c color.NRGBA) float64 {
	linear := func(v uint8) float64 {
		s := float64(v) / 255
		if s <= 0.04045 {
			return s / 12.92
		}
		return math.Pow((s+0.055)/1.055, 2.4)
	}
	y := 0.2126*linear(c.R) + 0.7152*linear(c.G) + 0.0722*linear(c.B)
	if y <= 216.0/24389 {
		return y * 24389 / 27
	}
	return 116*math.Cbrt(y) - 16
}

// Each shade is darker than the one before, so that order survives any kind of
// colour blindness and a grey printer.
func TestRampsDarken(t *testing.T) {
	for _, ramp := range []Ramp{YlOrRd, YlGnBu, Viridis} {
		for k := 2; k <= 40; k++ {
			colors, err := ramp.Colors(k)
			if err != nil || len(colors) != k {
				t.Fatalf("%s gives %d of %d colours: %v", ramp, len(colors), k, err)
			}
			least := 0.0
			if k <= 7 {
				least = 3 // a clear step
			}
			for i := 1; i < k; i++ {
				if step := lightness(colors[i-1]) - lightness(colors[i]); step <= least {
					t.Errorf("%s of %d: shade %d is %.1f darker than the one before, want over %v", ramp, k, i, step, least)
				}
			}
		}
	}
}

func TestRampEnds(t *testing.T) {
	// colorbrewer2.org, YlOrRd, 5 classes.
	colors, err := YlOrRd.Colors(5)
	if err != nil || colors[0] != (color.NRGBA{0xff, 0xff, 0xb2, 0xff}) || colors[4] != (color.NRGBA{0xbd, 0x00, 0x26, 0xff}) {
		t.Errorf("YlOrRd: %v, %v", colors, err)
	}
	// matplotlib's viridis begins with #440154 and ends with #fde725.
	colors, err = Viridis.Colors(5)
	if err != nil || colors[4] != (color.NRGBA{0x44, 0x01, 0x54, 0xff}) || colors[0] != (color.NRGBA{0xfd, 0xe7, 0x25, 0xff}) {
		t.Errorf("viridis: %v, %v", colors, err)
	}
	if one, err := YlOrRd.Colors(1); err != nil || len(one) != 1 {
		t.Errorf("one colour: %v, %v", one, err)
	}
}

func TestRiskColorsDarken(t *testing.T) {
	low, medium, high := RiskColors()
	a, b, c := lightness(low), lightness(medium), lightness(high)
	if a-b < 5 || b-c < 20 {
		t.Errorf("lightness of low, medium, high: %.0f, %.0f, %.0f", a, b, c)
	}
}

func TestRampRefuses(t *testing.T) {
	for _, k := range []int{-1, 0, MaxShades + 1} {
		if _, err := YlOrRd.Colors(k); !errors.Is(err, ErrRamp) {
			t.Errorf("%d colours: error %v", k, err)
		}
	}
	if _, err := Ramp("rainbow").Colors(5); !errors.Is(err, ErrRamp) {
		t.Errorf("rainbow: error %v", err)
	}
}
