package locate

import (
	"strconv"
	"testing"

	"github.com/paulmach/orb"

	"chatmrpt/assets/beside"
	"chatmrpt/geo/boundary"
)

// national reads the 9,367 wards and their codes.
func national(t testing.TB) (areas []orb.MultiPolygon, codes []string) {
	t.Helper()
	files := []boundary.File{{Name: "nga_wards_9367.zip", Data: beside.Read(t, "data/nigeria/nga_wards_9367.zip")}}
	layer, err := boundary.Read(t.Context(), files, boundary.Options{})
	if err != nil {
		t.Fatal(err)
	}
	c, _ := layer.Column("WardCode")
	for i := range layer.Len() {
		codes = append(codes, c.Texts[i])
	}
	return layer.Areas, codes
}

// facilityPoints reads the 40,000 made-up facilities, longitude and latitude.
func facilityPoints(t testing.TB) []orb.Point {
	t.Helper()
	var out []orb.Point
	for _, rec := range beside.CSV(t, "data/facility/facility_points_40000.csv")[1:] {
		x, errX := strconv.ParseFloat(rec[1], 64)
		y, errY := strconv.ParseFloat(rec[2], 64)
		if errX != nil || errY != nil {
			t.Fatal(errX, errY)
		}
		out = append(out, orb.Point{x, y})
	}
	return out
}

// Every one of 40,000 points lies where geopandas 0.12.2 (sjoin) and sf 1.0.9
// (st_join) put it, 26,014 of them in a ward; see reference/README.md.
func TestEqualsGeopandasAndSF(t *testing.T) {
	areas, codes := national(t)
	points := facilityPoints(t)
	x := New(areas)
	for _, name := range []string{"sjoin_40000.csv.gz", "sjoin_40000_sf.csv.gz"} {
		want := make([]string, len(points))
		for _, rec := range beside.CSV(t, "reference/geo/"+name)[1:] {
			id, err := strconv.Atoi(rec[0])
			if err != nil {
				t.Fatal(err)
			}
			want[id] = rec[1]
		}
		found, differ := 0, 0
		for i, p := range points {
			got := ""
			if at := x.At(p); at != Nowhere {
				got = codes[at]
				found++
			}
			if got != want[i] {
				differ++
				t.Logf("%s: point %d %v lies in %q, want %q", name, i, p, got, want[i])
			}
		}
		if differ > 0 || found != 26_014 {
			t.Errorf("%s: %d of %d points differ, %d are in a ward", name, differ, len(points), found)
		}
	}
}

// BenchmarkNational times the index of 9,367 wards and 40,000 points in it.
func BenchmarkNational(b *testing.B) {
	areas, _ := national(b)
	points := facilityPoints(b)
	b.Run("index", func(b *testing.B) {
		for b.Loop() {
			New(areas)
		}
	})
	x := New(areas)
	b.Run("points", func(b *testing.B) {
		for b.Loop() {
			for _, p := range points {
				x.At(p)
			}
		}
	})
}
