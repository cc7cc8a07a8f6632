package land

import (
	"cmp"
	"fmt"
	"math"
	"reflect"
	"slices"
	"testing"

	"github.com/paulmach/orb"
)

// seeds are drawn in every test below; the first is that of the demonstration.
func seeds() []uint64 { return []uint64{1, 2, 7, 2024} }

func mustMake(t testing.TB, seed uint64) *Land {
	t.Helper()
	l, err := Make(seed, 20, 220)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// TestLand makes each state once and puts it to every question below.
func TestLand(t *testing.T) {
	checks := []struct {
		name  string
		check func(*testing.T, *Land)
	}{
		{"every border is shared bit for bit", checkEveryBorderIsSharedBitForBit},
		{"areas sum to the outline", checkAreasSumToTheOutline},
		{"no borders cross", checkNoBordersCross},
		{"neighbours", checkNeighbours},
		{"areas are in one piece", checkAreasAreInOnePiece},
		{"planned oddities", checkPlannedOddities},
		{"it looks like a state", checkItLooksLikeAState},
	}
	for _, seed := range seeds() {
		l := mustMake(t, seed)
		for _, c := range checks {
			t.Run(fmt.Sprintf("seed %d %s", seed, c.name), func(t *testing.T) { c.check(t, l) })
		}
	}
}

// edge is a border segment, its smaller end first.
type edge struct{ a, b orb.Point }

func edgesOf(area orb.MultiPolygon, use func(from, to orb.Point)) {
	for _, polygon := range area {
		for _, ring := range polygon {
			for i := 1; i < len(ring); i++ {
				use(ring[i-1], ring[i])
			}
		}
	}
}

func less(a, b orb.Point) bool { return a[0] < b[0] || a[0] == b[0] && a[1] < b[1] }

func undirected(a, b orb.Point) edge {
	if less(b, a) {
		a, b = b, a
	}
	return edge{a, b}
}

// area is the signed surface in square degrees: holes count negative.
func area(m orb.MultiPolygon) float64 {
	sum := 0.0
	edgesOf(m, func(a, b orb.Point) { sum += (a[0]-6)*(b[1]-9) - (b[0]-6)*(a[1]-9) })
	return sum / 2
}

func checkEveryBorderIsSharedBitForBit(t *testing.T, l *Land) {
	users := map[edge][]int{}
	directed := map[edge]bool{}
	for w, a := range l.Areas {
		edgesOf(a, func(from, to orb.Point) {
			if directed[edge{from, to}] {
				t.Fatalf("two wards on the same side of %v %v", from, to)
			}
			directed[edge{from, to}] = true
			users[undirected(from, to)] = append(users[undirected(from, to)], w)
		})
	}
	rim := map[edge]bool{}
	edgesOf(l.Outline, func(from, to orb.Point) { rim[undirected(from, to)] = true })
	for e, u := range users {
		want := 2
		if rim[e] {
			want = 1
		}
		if len(u) != want {
			t.Fatalf("edge %v has wards %v, want %d of them", e, u, want)
		}
		delete(rim, e)
	}
	if len(rim) != 0 {
		t.Errorf("%d edges of the outline belong to no ward", len(rim))
	}
}

func checkAreasSumToTheOutline(t *testing.T, l *Land) {
	sum := 0.0
	for w, a := range l.Areas {
		if area(a) <= 0 {
			t.Errorf("ward %d has surface %g", w, area(a))
		}
		sum += area(a)
	}
	if want := area(l.Outline); math.Abs(sum-want) > 1e-9*want {
		t.Errorf("wards sum to %.15g, the outline has %.15g", sum, want)
	}
}

func cross(o, a, b orb.Point) float64 {
	return (a[0]-o[0])*(b[1]-o[1]) - (a[1]-o[1])*(b[0]-o[0])
}

// cuts reports whether two segments have a point in common that is not an end
// of both.
func cuts(p, q edge) bool {
	if p.a == q.a || p.a == q.b || p.b == q.a || p.b == q.b {
		shared, other, far := p.a, p.b, q.b
		if p.b == q.a || p.b == q.b {
			shared, other = p.b, p.a
		}
		if q.b == shared {
			far = q.a
		}
		// From a shared end two segments overlap only in the same direction.
		dot := (other[0]-shared[0])*(far[0]-shared[0]) + (other[1]-shared[1])*(far[1]-shared[1])
		return p != q && cross(shared, other, far) == 0 && dot > 0
	}
	return cross(p.a, p.b, q.a)*cross(p.a, p.b, q.b) <= 0 && cross(q.a, q.b, p.a)*cross(q.a, q.b, p.b) <= 0 &&
		max(p.a[1], p.b[1]) >= min(q.a[1], q.b[1]) && max(q.a[1], q.b[1]) >= min(p.a[1], p.b[1])
}

func checkNoBordersCross(t *testing.T, l *Land) {
	unique := map[edge]bool{}
	for _, a := range l.Areas {
		edgesOf(a, func(from, to orb.Point) { unique[undirected(from, to)] = true })
	}
	list := make([]edge, 0, len(unique))
	for e := range unique {
		list = append(list, e)
	}
	slices.SortFunc(list, func(p, q edge) int { return cmp.Compare(p.a[0], q.a[0]) })
	for i, p := range list {
		for _, q := range list[i+1:] {
			if q.a[0] > p.b[0] {
				break
			}
			if cuts(p, q) {
				t.Fatalf("%v crosses %v", p, q)
			}
		}
	}
}

func TestCutsSeesCrossings(t *testing.T) {
	at := func(x, y float64) orb.Point { return orb.Point{x, y} }
	for _, c := range []struct {
		p, q edge
		want bool
	}{
		{edge{at(0, 0), at(2, 2)}, edge{at(0, 2), at(2, 0)}, true},
		{edge{at(0, 0), at(2, 2)}, edge{at(2, 2), at(3, 0)}, false},
		{edge{at(0, 0), at(2, 2)}, edge{at(0, 0), at(1, 1)}, true},
		{edge{at(0, 0), at(2, 0)}, edge{at(1, 0), at(1, 1)}, true},
		{edge{at(0, 0), at(1, 0)}, edge{at(0, 1), at(1, 1)}, false},
	} {
		if got := cuts(c.p, c.q); got != c.want {
			t.Errorf("cuts(%v, %v) = %v", c.p, c.q, got)
		}
	}
}

// queen finds neighbours as a stranger would: wards with a vertex in common.
func queen(l *Land) [][]int {
	at := map[orb.Point][]int{}
	for w, a := range l.Areas {
		edgesOf(a, func(p, _ orb.Point) { at[p] = append(at[p], w) })
	}
	out := make([][]int, len(l.Areas))
	for _, wards := range at {
		for _, a := range wards {
			for _, b := range wards {
				if a != b {
					out[a] = append(out[a], b)
				}
			}
		}
	}
	for w := range out {
		slices.Sort(out[w])
		out[w] = slices.Compact(out[w])
	}
	return out
}

func checkNeighbours(t *testing.T, l *Land) {
	if got := queen(l); !reflect.DeepEqual(got, l.Neighbours) {
		t.Error("neighbours by shared vertices differ from those by cells")
	}
	for w, n := range l.Neighbours {
		if len(n) < 2 {
			t.Errorf("ward %d has %d neighbours", w, len(n))
		}
	}
}

func checkAreasAreInOnePiece(t *testing.T, l *Land) {
	for a := range 20 {
		first := slices.Index(l.LGA, a)
		seen := map[int]bool{first: true}
		for list := []int{first}; len(list) > 0; list = list[1:] {
			for _, n := range l.Neighbours[list[0]] {
				if l.LGA[n] == a && !seen[n] {
					seen[n] = true
					list = append(list, n)
				}
			}
		}
		wards := 0
		for _, lga := range l.LGA {
			if lga == a {
				wards++
			}
		}
		if len(seen) != wards || wards < 4 {
			t.Errorf("area %d has %d wards, %d in one piece", a, wards, len(seen))
		}
	}
}

func checkPlannedOddities(t *testing.T, l *Land) {
	for w, a := range l.Areas {
		wantParts, wantRings := 1, 1
		if w == l.IslandWard {
			wantParts = 2
		}
		if w == l.LakeWard {
			wantRings = 2
		}
		if len(a) != wantParts || len(a[0]) != wantRings {
			t.Errorf("ward %d has %d parts, %d rings", w, len(a), len(a[0]))
		}
		for _, polygon := range a {
			for i, ring := range polygon {
				want := orb.CCW
				if i > 0 {
					want = orb.CW
				}
				if ring.Orientation() != want || !ring.Closed() || len(ring) < 8 {
					t.Errorf("ward %d ring %d is turned, open or tiny", w, i)
				}
			}
		}
	}
	if l.LakeWard == l.IslandWard {
		t.Error("lake and island are in one ward")
	}
}

func checkItLooksLikeAState(t *testing.T, l *Land) {
	b := l.Outline.Bound()
	if b.Min[0] < 4.5 || b.Max[0] > 7.5 || b.Min[1] < 7.5 || b.Max[1] > 10.5 {
		t.Errorf("bounds %v", b)
	}
	var km2 []float64
	people, urban, rural := 0.0, 0, 0
	for w, p := range l.Places {
		km2 = append(km2, p.Km2)
		people += p.Population
		if p.Urban > 75 {
			urban++
		}
		if p.Urban < 5 {
			rural++
		}
		plausible := p.Rainfall > 600 && p.Rainfall < 1900 && p.Elevation > 0 && p.Elevation < 900 &&
			p.EVI > 0.05 && p.EVI < 0.7 && p.Housing > 0 && p.Housing < 1 && p.WaterDistance >= 0 &&
			p.NightLights > 0 && p.Population > 300
		if !plausible || !b.Contains(p.Centre) {
			t.Errorf("ward %d is not of this world: %+v", w, p)
		}
	}
	slices.Sort(km2)
	if km2[4] > 12 || km2[110] < 60 || km2[110] > 130 || km2[219] > 400 {
		t.Errorf("wards of %.1f to %.1f to %.1f km²", km2[4], km2[110], km2[219])
	}
	if people < 1.5e6 || people > 4e6 || urban < 8 || rural < 110 {
		t.Errorf("%.0f people, %d urban wards, %d rural", people, urban, rural)
	}
}

func TestSurfaceAgreesWithThePolygons(t *testing.T) {
	l := mustMake(t, 1)
	perDegree2 := kmPerDegree * kmPerDegree * math.Cos(middleLat*math.Pi/180)
	for w, p := range l.Places {
		// Smoothing a border moves at most a strip of it from ward to ward.
		if got := area(l.Areas[w]) * perDegree2; math.Abs(got-p.Km2) > 0.12*p.Km2 {
			t.Errorf("ward %d: polygon of %.2f km², cells of %.2f", w, got, p.Km2)
		}
	}
}

func TestSameSeedSameLand(t *testing.T) {
	a, b := mustMake(t, 5), mustMake(t, 5)
	if !reflect.DeepEqual(a, b) {
		t.Error("two lands of one seed differ")
	}
	if reflect.DeepEqual(a.Outline, mustMake(t, 6).Outline) {
		t.Error("two seeds give one outline")
	}
}

func TestOtherSizes(t *testing.T) {
	for _, c := range [][2]int{{2, 16}, {4, 32}, {10, 60}, {30, 300}} {
		for seed := range uint64(5) {
			l, err := Make(seed, c[0], c[1])
			if err != nil {
				t.Errorf("%v seed %d: %v", c, seed, err)
			} else if len(l.Areas) != c[1] {
				t.Errorf("%v seed %d: %d wards", c, seed, len(l.Areas))
			}
		}
	}
	for _, c := range [][2]int{{0, 0}, {1, 50}, {5, 19}, {-1, -1}} {
		if _, err := Make(1, c[0], c[1]); err == nil {
			t.Errorf("%v: made", c)
		}
	}
}

func BenchmarkMake(b *testing.B) {
	for b.Loop() {
		mustMake(b, 1)
	}
}
