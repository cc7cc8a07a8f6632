package locate

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/paulmach/orb"
)

func square(x, y, side float64) orb.Ring {
	return orb.Ring{{x, y}, {x + side, y}, {x + side, y + side}, {x, y + side}, {x, y}}
}

// Two squares side by side, the right one with a hole in which a third lies.
func neighbours() []orb.MultiPolygon {
	return []orb.MultiPolygon{
		{{square(0, 0, 4)}},
		{{square(4, 0, 4), square(5, 1, 2)}},
		{{square(5, 1, 2)}, {square(20, 20, 1)}},
	}
}

func TestInsideOutsideAndOnBorders(t *testing.T) {
	x := New(neighbours())
	for _, test := range []struct {
		p    orb.Point
		want []int
	}{
		{orb.Point{2, 2}, []int{0}}, {orb.Point{4.5, 0.5}, []int{1}}, {orb.Point{6, 2}, []int{2}},
		{orb.Point{20.5, 20.5}, []int{2}},
		{orb.Point{-0.001, 2}, nil}, {orb.Point{10, 10}, nil}, {orb.Point{8.1, 4}, nil},
		{orb.Point{0, 0}, []int{0}}, {orb.Point{2, 0}, []int{0}}, {orb.Point{2, 4}, []int{0}}, {orb.Point{8, 4}, []int{1}},
		{orb.Point{4, 2}, []int{0, 1}}, {orb.Point{4, 4}, []int{0, 1}}, // the common border belongs to both
		{orb.Point{5, 2}, []int{1, 2}}, {orb.Point{7, 3}, []int{1, 2}}, // so does that of a hole and what fills it
		{orb.Point{math.NaN(), 2}, nil}, {orb.Point{2, math.NaN()}, nil}, {orb.Point{math.Inf(1), 2}, nil}, {orb.Point{2, math.Inf(-1)}, nil},
	} {
		if got := x.All(test.p); !slices.Equal(got, test.want) {
			t.Errorf("%v lies in %v, want %v", test.p, got, test.want)
		}
		first := Nowhere
		if len(test.want) > 0 {
			first = test.want[0]
		}
		if got := x.At(test.p); got != first {
			t.Errorf("%v lies first in %v, want %v", test.p, got, first)
		}
	}
}

func TestAreasThatHoldNothing(t *testing.T) {
	nan := math.NaN()
	x := New([]orb.MultiPolygon{nil, {}, {{}}, {{orb.Ring{}}}, {{orb.Ring{{nan, 0}, {1, 1}, {0, 1}}}}, {{square(0, 0, 1)}}})
	if got := x.All(orb.Point{0.5, 0.5}); !slices.Equal(got, []int{5}) {
		t.Errorf("got %v", got)
	}
	for _, areas := range [][]orb.MultiPolygon{nil, {nil}, {{{orb.Ring{}}}}} {
		if New(areas).At(orb.Point{}) != Nowhere {
			t.Errorf("%v holds a point", areas)
		}
	}
	if New([]orb.MultiPolygon{{{orb.Ring{{3, 3}}}}}).At(orb.Point{3, 3}) != 0 {
		t.Error("an area of one point does not hold it")
	}
}

// The sign is that of rational arithmetic where floating point has none: points
// beside the diagonal, one unit in the last place apart.
func TestOrientationIsExact(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 3))
	for range 20_000 {
		a, b := orb.Point{r.Float64(), r.Float64()}, orb.Point{12 + r.Float64(), 12 + r.Float64()}
		f := r.Float64()
		p := orb.Point{a[0] + f*(b[0]-a[0]), a[1] + f*(b[1]-a[1])}
		for range r.IntN(3) {
			p[1] = math.Nextafter(p[1], float64(r.IntN(2)*100))
		}
		if got, want := orientation(a, b, p), exactOrientation(a, b, p); got != want {
			t.Fatalf("orientation of %v to %v–%v is %d, exactly %d", p, a, b, got, want)
		}
	}
	huge, small := 1e300, 1e-300
	if orientation(orb.Point{0, 0}, orb.Point{huge, huge}, orb.Point{-huge, huge}) != 1 ||
		orientation(orb.Point{0, 0}, orb.Point{small, small}, orb.Point{small, 0}) != -1 {
		t.Error("overflow or underflow turned a sign")
	}
}

// A mosaic: a jagged line cuts a square in two; every point lies in at least
// one half, and in both only if it lies on the line. The answer does not depend
// on where the rings begin, on their direction or on whether they are closed.
func TestMosaicsHaveNeitherGapsNorOverlaps(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 8))
	for range 200 {
		var line orb.Ring
		for i := range 12 {
			line = append(line, orb.Point{0.1 + 0.8*r.Float64(), float64(i) / 11})
		}
		left := append(orb.Ring{{0, 1}, {0, 0}}, line...)
		right := append(slices.Clone(line), orb.Point{1, 1}, orb.Point{1, 0})
		x := New([]orb.MultiPolygon{{{left}}, {{right}}})
		slices.Reverse(left)
		turned := append(slices.Clone(left[3:]), left[:4]...)
		y := New([]orb.MultiPolygon{{{turned}}, {{append(right, right[0])}}})
		for k := range 60 {
			p := orb.Point{r.Float64(), r.Float64()}
			if k%3 == 0 { // on or beside the line, to the last bit
				a, b := line[k%11], line[k%11+1]
				f := r.Float64()
				p = orb.Point{a[0] + f*(b[0]-a[0]), a[1] + f*(b[1]-a[1])}
			}
			got := x.All(p)
			if len(got) == 0 || (len(got) == 2 && !onLine(line, p)) {
				t.Fatalf("%v lies in %v", p, got)
			}
			if !slices.Equal(got, y.All(p)) {
				t.Fatalf("%v lies in %v, with the rings turned in %v", p, got, y.All(p))
			}
		}
	}
}

func onLine(line orb.Ring, p orb.Point) bool {
	for i := range len(line) - 1 {
		a, b := line[i], line[i+1]
		if a[1] <= p[1] && p[1] <= b[1] && exactOrientation(a, b, p) == 0 {
			return true
		}
	}
	return false
}
