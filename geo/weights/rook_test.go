package weights

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/paulmach/orb"
)

func rook(t testing.TB, tolerance float64, areas ...orb.MultiPolygon) Neighbours {
	t.Helper()
	got, err := Rook(t.Context(), areas, tolerance)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// The links of spdep::poly2nb(queen = FALSE), reference/spdep/*_rook_links.csv.gz:
// 200, 17,194 and 55,718. spdep links two areas that own two vertices in
// common. It so links the pairs listed here, which share no stretch of border:
// two corners apart from one another or, 2707-2737 and 2879-2881, a single
// corner at which a ring begins and ends, counted twice. libpysal 4.7.0's Rook,
// which asks for a common edge, finds the same 200 and 17,188 links as we do.
func TestRookEqualsSpdepButForCorners(t *testing.T) {
	for _, tt := range []struct {
		file, links string
		n           int
		corners     [][2]int
	}{
		{"data/classic/columbus/columbus.shp", "columbus", 49, nil},
		{"data/classic/natregimes/natregimes.shp", "natregimes", 3085, [][2]int{{1251, 3074}, {2707, 2737}, {2879, 2881}}},
		{"data/nigeria/nga_wards_9367.zip", "national", 9367, [][2]int{{195, 218}, {3877, 3879}, {7324, 7332}, {8220, 8223}}},
	} {
		t.Run(tt.file, func(t *testing.T) {
			want := readLinks(t, "reference/spdep/"+tt.links+"_rook_links.csv.gz", tt.n)
			for _, pair := range tt.corners {
				want[pair[0]] = without(t, want[pair[0]], pair[1])
				want[pair[1]] = without(t, want[pair[1]], pair[0])
			}
			compare(t, rook(t, Tolerance, readAreas(t, tt.file)...), want)
		})
	}
}

func without(t *testing.T, list []int, v int) []int {
	t.Helper()
	at := slices.Index(list, v)
	if at < 0 {
		t.Fatalf("%d is not among %v", v, list)
	}
	return slices.Delete(list, at, at+1)
}

func TestWaysOfSharingABorder(t *testing.T) {
	a := box(0, 0, 1, 1)
	for _, tt := range []struct {
		name      string
		b         orb.MultiPolygon
		tolerance float64
		want      bool
	}{
		{"a whole edge", box(1, 0, 2, 1), 0, true},
		{"part of an edge", box(1, 0.25, 2, 0.75), 0, true},
		{"a longer edge", box(1, -1, 2, 2), 0, true},
		{"overlapping halves", box(1, 0.5, 2, 1.5), 0, true},
		{"one corner", box(1, 1, 2, 2), 0, false},
		{"a corner on the edge", orb.MultiPolygon{{{{1, .5}, {2, 0}, {2, 1}, {1, .5}}}}, 0, false},
		{"two corners apart", orb.MultiPolygon{{{{1, 0}, {2, 0.5}, {1, 1}, {3, 0.5}, {1, 0}}}}, 0, false},
		{"an edge within the tolerance", box(1.001, 0, 2, 1), 0.01, true},
		{"a stretch no longer than the tolerance", box(1, 0.995, 2, 2), 0.01, false},
		{"an island in the hole", orb.MultiPolygon{{
			{{-1, -1}, {2, -1}, {2, 2}, {-1, 2}, {-1, -1}}, {{0, 0}, {0, 1}, {1, 1}, {1, 0}, {0, 0}},
		}}, 0, true},
	} {
		for _, areas := range [][]orb.MultiPolygon{{a, tt.b}, {tt.b, a}} {
			if got := rook(t, tt.tolerance, areas...).Links() == 2; got != tt.want {
				t.Errorf("%s: rook neighbours %v, want %v", tt.name, got, tt.want)
			}
		}
	}
}

func TestRookOnTheChessboard(t *testing.T) {
	const n = 6
	for i, list := range rook(t, 0, grid(n)...) {
		var want []int
		for j := range n * n {
			dx, dy := j%n-i%n, j/n-i/n
			if dx*dx+dy*dy == 1 {
				want = append(want, j)
			}
		}
		if !slices.Equal(list, want) {
			t.Errorf("square %d: %v, want %v", i, list, want)
		}
	}
}

func TestRookRefuses(t *testing.T) {
	if _, err := Rook(t.Context(), grid(2), -1); !errors.Is(err, ErrTolerance) {
		t.Errorf("tolerance −1: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Rook(ctx, grid(2), 0); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled context gives %v", err)
	}
}
