package topology

import (
	"context"
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/paulmach/orb"

	"chatmrpt/assets/beside"
	"chatmrpt/geo/boundary"
)

func block(west, south, east, north float64) orb.MultiPolygon {
	return orb.MultiPolygon{{{{west, south}, {east, south}, {east, north}, {west, north}, {west, south}}}}
}

// One degree at the equator is 111.195 km, so 0.1° × 0.2° are 247.3 km².
func TestMisfitsByHand(t *testing.T) {
	const tenths = 111.195 * 111.195 / 100
	areas := []orb.MultiPolygon{
		block(0, 0, 1.1, 1), // laps over its neighbour by a tenth
		block(1, 0, 2, 0.8), nil,
		block(2, 0, 3, 1), block(0, 1, 3, 2), // between them and the second a gap of 0.9 × 0.2
	}
	overlaps, gaps, err := Misfits(t.Context(), areas)
	if err != nil {
		t.Fatal(err)
	}
	if len(overlaps) != 1 || !slices.Equal(overlaps[0].Areas, []int{0, 1}) || math.Abs(overlaps[0].Km2/(8*tenths)-1) > 1e-3 {
		t.Errorf("overlaps %+v, want 0 and 1 with %g km²", overlaps, 8*tenths)
	}
	if len(gaps) != 1 || math.Abs(gaps[0].Km2/(18*tenths)-1) > 1e-3 || gaps[0].At[0] < 1.1 || gaps[0].At[0] > 2 || gaps[0].At[1] < 0.8 || gaps[0].At[1] > 1 {
		t.Errorf("gaps %+v, want one of %g km²", gaps, 18*tenths)
	}
	overlaps, gaps, err = Misfits(t.Context(), areas[3:])
	if err != nil || overlaps != nil || len(gaps) != 0 {
		t.Errorf("two that fit: %v, %v, %v", overlaps, gaps, err)
	}
	if o, g, err := Misfits(t.Context(), []orb.MultiPolygon{nil}); err != nil || o != nil || g != nil {
		t.Errorf("nothing: %v, %v, %v", o, g, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := Misfits(ctx, areas); !errors.Is(err, context.Canceled) {
		t.Errorf("stopped: %v", err)
	}
}

func nationalAreas(tb testing.TB) []orb.MultiPolygon {
	tb.Helper()
	l, err := boundary.Read(tb.Context(), []boundary.File{{Name: "w.zip", Data: beside.Read(tb, "data/nigeria/nga_wards_9367.zip")}}, boundary.Options{})
	if err != nil {
		tb.Fatal(err)
	}
	return l.Areas
}

// The national wards were cut from one another, so they overlap nowhere; moved
// ones do.
func TestNationalWardsFit(t *testing.T) {
	areas := nationalAreas(t)
	overlaps, gaps, err := Misfits(t.Context(), areas)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d overlaps, %d gaps", len(overlaps), len(gaps))
	if len(overlaps) > 0 {
		t.Errorf("%d overlaps, the largest %+v", len(overlaps), overlaps[0])
	}
	moved := areas[4000].Clone()
	for _, p := range moved {
		for _, r := range p {
			for i := range r {
				r[i][0] += 0.01
			}
		}
	}
	areas[4000] = moved
	overlaps, after, err := Misfits(t.Context(), areas)
	if err != nil || len(overlaps) == 0 || !slices.Contains(overlaps[0].Areas, 4000) || len(after) <= len(gaps) {
		t.Errorf("a ward moved by a kilometre: %d overlaps, %d gaps after %d, %v", len(overlaps), len(after), len(gaps), err)
	}
}

// What the check costs an import of the nation.
func BenchmarkMisfits(b *testing.B) {
	areas := nationalAreas(b)
	for b.Loop() {
		if _, _, err := Misfits(b.Context(), areas); err != nil {
			b.Fatal(err)
		}
	}
}
