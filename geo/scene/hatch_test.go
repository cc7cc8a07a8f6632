package scene

import (
	"math"
	"testing"
)

func hatchLength(lines [][]Point) float64 {
	sum := 0.0
	for _, l := range lines {
		sum += math.Hypot(l[1].X-l[0].X, l[1].Y-l[0].Y)
	}
	return sum
}

// Lines so far apart cover, on the average, area ÷ spacing of length.
func TestHatchIsEven(t *testing.T) {
	square := []Point{{100, 100}, {300, 100}, {300, 300}, {100, 300}}
	hole := []Point{{150, 150}, {150, 250}, {250, 250}, {250, 150}}
	for _, tt := range []struct {
		rings [][]Point
		area  float64
	}{{[][]Point{square}, 40000}, {[][]Point{square, hole}, 30000}} {
		got := hatchLength(hatch(tt.rings, 4))
		if want := tt.area / 4; math.Abs(got/want-1) > 0.01 {
			t.Errorf("%v of hatching, want about %v", got, want)
		}
	}
}

func TestHatchStaysInside(t *testing.T) {
	triangle := []Point{{10, 10}, {90, 20}, {30, 80}}
	lines := hatch([][]Point{triangle}, 3)
	if len(lines) < 10 {
		t.Fatalf("%d lines", len(lines))
	}
	for _, l := range lines {
		middle := Point{(l[0].X + l[1].X) / 2, (l[0].Y + l[1].Y) / 2}
		for i, a := range triangle {
			b := triangle[(i+1)%3]
			if (b.X-a.X)*(middle.Y-a.Y)-(b.Y-a.Y)*(middle.X-a.X) < 0 {
				t.Errorf("the line %v runs outside", l)
			}
		}
		if math.Abs((l[0].X+l[0].Y)-(l[1].X+l[1].Y)) > 1e-9 {
			t.Errorf("the line %v is not at 45°", l)
		}
	}
}

// Corners exactly on hatch lines are where counting crossings goes wrong.
func TestHatchThroughCorners(t *testing.T) {
	step := 4 * math.Sqrt2
	diamond := []Point{{2 * step, 0}, {3 * step, step}, {2 * step, 2 * step}, {step, step}}
	for _, l := range hatch([][]Point{diamond}, 4) {
		for _, p := range l {
			if d := math.Abs(p.X-2*step) + math.Abs(p.Y-step); d > step+1e-9 {
				t.Errorf("the line %v leaves the diamond", l)
			}
		}
	}
}

// Hatching runs on from one area into the next, as on one sheet.
func TestHatchOfNeighboursIsOne(t *testing.T) {
	left := [][]Point{{{0, 0}, {50, 0}, {50, 80}, {0, 80}}}
	right := [][]Point{{{50, 0}, {100, 0}, {100, 80}, {50, 80}}}
	both := [][]Point{{{0, 0}, {100, 0}, {100, 80}, {0, 80}}}
	parts := hatchLength(hatch(left, 3)) + hatchLength(hatch(right, 3))
	if whole := hatchLength(hatch(both, 3)); math.Abs(parts-whole) > 1e-6 {
		t.Errorf("two halves have %v of hatching, the whole %v", parts, whole)
	}
}
