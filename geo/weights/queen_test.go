package weights

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"github.com/paulmach/orb"
)

func box(x0, y0, x1, y1 float64) orb.MultiPolygon {
	return orb.MultiPolygon{{{{x0, y0}, {x1, y0}, {x1, y1}, {x0, y1}, {x0, y0}}}}
}

func queen(t testing.TB, tolerance float64, areas ...orb.MultiPolygon) Neighbours {
	t.Helper()
	got, err := Queen(t.Context(), areas, tolerance)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// The links of spdep::poly2nb(queen = TRUE), reference/spdep/*_queen_links.csv.gz;
// columbus.json, natregimes.json and national.json of the same folder count
// 236, 18,168 and 55,808 of them.
func TestQueenEqualsSpdep(t *testing.T) {
	tests := []struct {
		file, links string
		n, count    int
	}{
		{"data/classic/columbus/columbus.json", "columbus", 49, 236},
		{"data/classic/columbus/columbus.shp", "columbus", 49, 236},
		{"data/classic/natregimes/natregimes.shp", "natregimes", 3085, 18168},
		{"data/nigeria/nga_wards_9367.zip", "national", 9367, 55808},
	}
	for _, tt := range tests {
		t.Run(tt.file, func(t *testing.T) {
			areas := readAreas(t, tt.file)
			if len(areas) != tt.n {
				t.Fatalf("%d areas, want %d", len(areas), tt.n)
			}
			want := readLinks(t, "reference/spdep/"+tt.links+"_queen_links.csv.gz", tt.n)
			got := queen(t, Tolerance, areas...)
			if got.Links() != tt.count {
				t.Errorf("%d links, want %d", got.Links(), tt.count)
			}
			compare(t, got, want)
		})
	}
}

func compare(t *testing.T, got, want Neighbours) {
	t.Helper()
	for i := range want {
		if !slices.Equal(got[i], want[i]) {
			t.Errorf("area %d: neighbours %v, want %v", i, got[i], want[i])
		}
	}
}

// libpysal compares vertices exactly and finds 55,802 links: three borders of
// the national file miss each other by 1e-14° (reference/README.md). So does
// this package without a tolerance.
func TestWithoutToleranceQueenEqualsLibpysal(t *testing.T) {
	areas := readAreas(t, "data/nigeria/nga_wards_9367.zip")
	if got := queen(t, 0, areas...).Links(); got != 55802 {
		t.Errorf("%d links, want 55802", got)
	}
}

func TestWaysOfTouching(t *testing.T) {
	a := box(0, 0, 1, 1)
	tests := []struct {
		name      string
		b         orb.MultiPolygon
		tolerance float64
		want      bool
	}{
		{"a common edge", box(1, 0, 2, 1), 0, true},
		{"one common corner", box(1, 1, 2, 2), 0, true},
		{"apart", box(1.1, 0, 2, 1), 0, false},
		{"apart, as far as the tolerance", box(1.125, 0, 2, 1), 0.125, true},
		{"apart, farther than the tolerance", box(1.1, 0, 2, 1), 0.09, false},
		{"corners apart on both axes, boxes meet, distance too large", box(1.09, 1.09, 2, 2), 0.1, false},
		{"its corners on the other's edge", box(1, 0.25, 2, 0.75), 0, true},
		{"the other's corners on its edge", box(1, -1, 2, 2), 0, true},
		{"one corner on a slanting edge", orb.MultiPolygon{{{{1, 1}, {2, 3}, {3, 0}, {1, -1}, {1, 1}}}}, 0, true},
		{"a corner beside a slanting edge, within the tolerance", orb.MultiPolygon{{{{0, 2.001}, {2.001, 0}, {3, 3}, {0, 2.001}}}}, 0.001, true},
		{"a corner beside a slanting edge, out of the tolerance", orb.MultiPolygon{{{{0, 2.003}, {2.003, 0}, {3, 3}, {0, 2.003}}}}, 0.001, false},
		{"lying inside, no vertex at the border", box(0.25, 0.25, 0.75, 0.75), 0, false},
		{"an island in the other's hole", orb.MultiPolygon{{
			{{-1, -1}, {2, -1}, {2, 2}, {-1, 2}, {-1, -1}}, {{0, 0}, {0, 1}, {1, 1}, {1, 0}, {0, 0}},
		}}, 0, true},
		{"by its second part", append(box(5, 5, 6, 6), box(1, 0, 2, 1)...), 0, true},
		{"a ring left open", orb.MultiPolygon{{{{1, 0.5}, {2, 0}, {2, 1}}}}, 0, true},
		{"negative zero", orb.MultiPolygon{{{{math.Copysign(0, -1), 0}, {-1, 0}, {-1, -1}}}}, 0, true},
		{"no geometry", nil, 1, false},
		{"an empty ring", orb.MultiPolygon{{{}}}, 1, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, areas := range [][]orb.MultiPolygon{{a, tt.b}, {tt.b, a}} {
				got := queen(t, tt.tolerance, areas...)
				want := Neighbours{nil, nil}
				if tt.want {
					want = Neighbours{{1}, {0}}
				}
				compare(t, got, want)
			}
		})
	}
}

// An edge whose bounding box holds no vertex of the other area on its own axis
// still has to be met: one long edge, many T-junctions along it.
func TestLongEdgeWithManyNeighbours(t *testing.T) {
	areas := []orb.MultiPolygon{box(0, 0, 100, 1)}
	for i := range 50 {
		x := float64(2*i) + 0.5
		areas = append(areas, box(x, 1, x+1, 2))
	}
	got := queen(t, Tolerance, areas...)
	if len(got[0]) != 50 || got.Links() != 100 {
		t.Errorf("the long area has %d neighbours of %d links, want 50 of 100", len(got[0]), got.Links())
	}
}

// Without a tolerance a vertex on an axis-parallel edge counts wherever along
// it it lies, though the place is no round number.
func TestExactlyOnAnEdge(t *testing.T) {
	for i := 1; i < 300; i++ {
		y := float64(i) / 100.7
		got := queen(t, 0, box(0, 0, 1, 3), orb.MultiPolygon{{{{1, y}, {2, 0}, {2, 3}, {1, y}}}})
		if got.Links() != 2 {
			t.Errorf("the vertex 1, %v does not touch the edge", y)
		}
	}
}

// grid returns n×n unit squares, row by row.
func grid(n int) []orb.MultiPolygon {
	var out []orb.MultiPolygon
	for y := range n {
		for x := range n {
			out = append(out, box(float64(x), float64(y), float64(x+1), float64(y+1)))
		}
	}
	return out
}

func TestChessboard(t *testing.T) {
	const n = 7
	got := queen(t, 0, grid(n)...)
	for i, list := range got {
		x, y := i%n, i/n
		var want []int
		for j := range n * n {
			dx, dy := j%n-x, j/n-y
			if j != i && dx*dx <= 1 && dy*dy <= 1 {
				want = append(want, j)
			}
		}
		if !slices.Equal(list, want) {
			t.Errorf("square %d: %v, want %v", i, list, want)
		}
	}
}

// Reordering the areas only renames them.
func TestOrderOfAreasDoesNotMatter(t *testing.T) {
	areas := readAreas(t, "data/classic/columbus/columbus.json")
	want := queen(t, Tolerance, areas...)
	order := rand.New(rand.NewPCG(1, 2)).Perm(len(areas))
	mixed := make([]orb.MultiPolygon, len(areas))
	for to, from := range order {
		mixed[to] = areas[from]
	}
	back := make(Neighbours, len(areas))
	for to, list := range queen(t, Tolerance, mixed...) {
		for _, j := range list {
			back[order[to]] = append(back[order[to]], order[j])
		}
		slices.Sort(back[order[to]])
	}
	compare(t, back, want)
}

// A slow second opinion: every vertex of random triangles against every edge.
func TestQueenEqualsBruteForce(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 7))
	var areas []orb.MultiPolygon
	for range 60 {
		var ring orb.Ring
		for range 3 {
			ring = append(ring, orb.Point{float64(random.IntN(30)), float64(random.IntN(30))})
		}
		areas = append(areas, orb.MultiPolygon{{append(ring, ring[0])}})
	}
	for _, tolerance := range []float64{0, 0.3, 1.5} {
		want := make(Neighbours, len(areas))
		for i := range areas {
			for j := range areas {
				if i != j && (reaches(areas[i], areas[j], tolerance) || reaches(areas[j], areas[i], tolerance)) {
					want[i] = append(want[i], j)
				}
			}
		}
		compare(t, queen(t, tolerance, areas...), want)
	}
}

// reaches reports whether a vertex of a lies within the tolerance of b, by
// sampling nothing and sorting nothing.
func reaches(a, b orb.MultiPolygon, tolerance float64) bool {
	for _, p := range a[0][0] {
		for i, q := range b[0][0][1:] {
			o := b[0][0][i]
			dx, dy := q[0]-o[0], q[1]-o[1]
			t := 0.0
			if l := dx*dx + dy*dy; l > 0 {
				t = max(0, min(1, ((p[0]-o[0])*dx+(p[1]-o[1])*dy)/l))
			}
			if math.Hypot(o[0]+t*dx-p[0], o[1]+t*dy-p[1]) <= tolerance+1e-12 {
				return true
			}
		}
	}
	return false
}

func TestIslands(t *testing.T) {
	got := queen(t, 0, box(0, 0, 1, 1), box(5, 5, 6, 6), box(1, 0, 2, 1), nil)
	if islands := got.Islands(); !slices.Equal(islands, []int{1, 3}) {
		t.Errorf("islands %v, want [1 3]", islands)
	}
	if got := queen(t, 0).Islands(); len(got) != 0 {
		t.Errorf("no areas have the islands %v", got)
	}
}

func TestQueenRefuses(t *testing.T) {
	good := []orb.MultiPolygon{box(0, 0, 1, 1)}
	for _, tolerance := range []float64{-1, math.NaN(), math.Inf(1)} {
		if _, err := Queen(t.Context(), good, tolerance); !errors.Is(err, ErrTolerance) {
			t.Errorf("tolerance %v: error %v", tolerance, err)
		}
	}
	for _, x := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		if _, err := Queen(t.Context(), append(good, box(0, x, 1, 1)), 0); err == nil {
			t.Errorf("the coordinate %v is accepted", x)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Queen(ctx, good, 0); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled context gives %v", err)
	}
}

// The budget of the design is 1 s for 9,400 wards.
func BenchmarkQueenNational(b *testing.B) {
	areas := readAreas(b, "data/nigeria/nga_wards_9367.zip")
	for b.Loop() {
		if _, err := Queen(b.Context(), areas, Tolerance); err != nil {
			b.Fatal(err)
		}
	}
}

// At 220, 2,000, 9,367 and 50,000 squares of a chessboard: how it grows.
func BenchmarkQueen(b *testing.B) {
	for _, n := range []int{220, 2000, 9367, 50000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			areas := grid(int(math.Ceil(math.Sqrt(float64(n)))))[:n]
			for b.Loop() {
				if _, err := Queen(b.Context(), areas, Tolerance); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
