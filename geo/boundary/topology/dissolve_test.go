package topology

import (
	"context"
	"errors"
	"math"
	"strconv"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"

	"chatmrpt/assets/beside"
	"chatmrpt/geo/boundary"
	"chatmrpt/geo/boundary/crs"
	"chatmrpt/geo/measure"
)

// reference/geo/dissolve_lga.csv.gz: geopandas' dissolve of the wards to LGAs.
// Areas in degrees, boxes and parts of all 768; areas and perimeters in
// EPSG:26332 of those north of 6.2° N and west of 14.4° E, for beyond PROJ
// shifts the Minna datum by other operations than EPSG:1168.
func TestDissolveEqualsGeopandas(t *testing.T) {
	l, err := boundary.Read(t.Context(), []boundary.File{{Name: "w.zip", Data: beside.Read(t, "data/nigeria/nga_wards_9367.zip")}}, boundary.Options{})
	if err != nil {
		t.Fatal(err)
	}
	code, _ := l.Column("LGACode")
	rows := beside.CSV(t, "reference/geo/dissolve_lga.csv.gz")[1:]
	at := map[string]int{}
	for i, r := range rows {
		at[r[0]] = i
	}
	groups := make([]int, l.Len())
	for i, c := range code.Texts {
		groups[i] = at[c]
	}
	lgas, err := Dissolve(t.Context(), l.Areas, groups, len(rows))
	if err != nil {
		t.Fatal(err)
	}
	utm, err := crs.FromEPSG(26332)
	if err != nil {
		t.Fatal(err)
	}
	projected := 0
	for i, r := range rows {
		want := numbers(t, r[2:])
		b := lgas[i].Bound()
		degrees, _ := measure.Plane(lgas[i])
		near := func(got float64, k int) bool { return math.Abs(got/want[k]-1) < 1e-11 }
		if !near(degrees, 3) || len(lgas[i]) != int(want[4]) || !near(b.Min[0], 5) || !near(b.Min[1], 6) || !near(b.Max[0], 7) || !near(b.Max[1], 8) {
			t.Errorf("%s: %g square degrees in %d parts, box %v; want %v", r[0], degrees, len(lgas[i]), b, r)
		}
		if b.Min[1] < 6.2 || b.Max[0] > 14.4 {
			continue
		}
		projected++
		plane := measure.Project(lgas[i], utm)
		if area, _ := measure.Plane(plane); !near(area, 1) || !near(planar.Length(plane), 2) {
			t.Errorf("%s: %.6f m², %.6f m; want %v", r[0], area, planar.Length(plane), r)
		}
	}
	if projected < 500 {
		t.Errorf("only %d LGAs were compared in the plane", projected)
	}
}

func numbers(t *testing.T, texts []string) []float64 {
	t.Helper()
	out := make([]float64, len(texts))
	for i, s := range texts {
		v, err := strconv.ParseFloat(s, 64)
		if err != nil {
			t.Fatal(err)
		}
		out[i] = v
	}
	return out
}

func square(x, y float64) orb.MultiPolygon {
	return orb.MultiPolygon{{{{x, y}, {x + 1, y}, {x + 1, y + 1}, {x, y + 1}, {x, y}}}}
}

func TestDissolveByHand(t *testing.T) {
	// Eight squares around an empty one, and two that touch at a corner only.
	var areas []orb.MultiPolygon
	var groups []int
	for x := range 3 {
		for y := range 3 {
			if x != 1 || y != 1 {
				areas, groups = append(areas, square(float64(x), float64(y))), append(groups, 0)
			}
		}
	}
	areas = append(areas, square(10, 0), square(11, 1), nil)
	groups = append(groups, 1, 1, 2)
	out, err := Dissolve(t.Context(), areas, groups, 4)
	if err != nil {
		t.Fatal(err)
	}
	if len(out[0]) != 1 || len(out[0][0]) != 2 || planar.Area(out[0]) != 8 {
		t.Errorf("a ring of squares: %v", out[0])
	}
	if len(out[1]) != 2 || planar.Area(out[1]) != 2 {
		t.Errorf("two that touch: %v", out[1])
	}
	if out[2] != nil || out[3] != nil {
		t.Errorf("nothing: %v, %v", out[2], out[3])
	}
	if _, err := Dissolve(t.Context(), areas, groups[1:], 4); err == nil {
		t.Error("fewer groups than areas")
	}
	if _, err := Dissolve(t.Context(), areas, groups, 2); err == nil {
		t.Error("a group that isn't there")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Dissolve(ctx, areas, groups, 4); !errors.Is(err, context.Canceled) {
		t.Errorf("stopped: %v", err)
	}
}
