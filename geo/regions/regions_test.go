package regions

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"chatmrpt/assets/beside"
	"chatmrpt/geo/weights"
)

//go:embed testdata/skater.json
var spdepAnswers []byte

func columbus(t testing.TB) weights.Neighbours {
	t.Helper()
	rows := beside.CSV(t, "reference/spdep/columbus_queen_links.csv.gz")
	out := make(weights.Neighbours, 49)
	for _, row := range rows[1:] {
		from, err1 := strconv.Atoi(row[0])
		to, err2 := strconv.Atoi(row[1])
		if err1 != nil || err2 != nil {
			t.Fatal(row)
		}
		out[from-1] = append(out[from-1], to-1)
	}
	return out
}

// partition renames groups in the order of their first members.
func partition[T comparable](groups []T) []int {
	names := map[T]int{}
	out := make([]int, len(groups))
	for i, g := range groups {
		if _, ok := names[g]; !ok {
			names[g] = len(names)
		}
		out[i] = names[g]
	}
	return out
}

// skater of spdep 1.2.7 by the sum of squares: testdata/skater.R.
func TestSkaterEqualsSpdep(t *testing.T) {
	var want struct {
		X    [][]float64
		Tree []float64 `json:"tree_cost"`
		Free [][]float64
		Most [][]float64 `json:"least"`
		SS   []float64
	}
	if err := json.Unmarshal(spdepAnswers, &want); err != nil {
		t.Fatal(err)
	}
	near := columbus(t)
	cost := 0.0
	f := newForest(near, want.X)
	for i, list := range f.tree {
		for _, j := range list {
			cost += distance(want.X[i], want.X[j]) / 2
		}
	}
	if math.Abs(cost-want.Tree[0]) > 1e-9 {
		t.Errorf("the tree costs %v, want %v", cost, want.Tree[0])
	}
	for k, cuts := range []int{1, 2, 4, 7} {
		r, err := Skater(t.Context(), near, want.X, Options{Count: cuts + 1})
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(r.Region, partition(want.Free[k])) {
			t.Errorf("%d cuts: %v, want %v", cuts, r.Region, partition(want.Free[k]))
		}
		if got := r.Within[len(r.Within)-1]; math.Abs(got-want.SS[k+1]) > 1e-9 || math.Abs(r.Total-want.SS[0]) > 1e-9 {
			t.Errorf("%d cuts: within %v of %v, want %v of %v", cuts, got, r.Total, want.SS[k+1], want.SS[0])
		}
	}
	for k, cuts := range []int{1, 2, 4} {
		r, err := Skater(t.Context(), near, want.X, Options{Count: cuts + 1, Least: 6})
		if err != nil || !slices.Equal(r.Region, partition(want.Most[k])) {
			t.Errorf("%d cuts of at least 6: %v (%v), want %v", cuts, r, err, partition(want.Most[k]))
		}
	}
}

// On generated maps every region hangs together, none that was cut is too
// small, each cut lowers the sum of squares, and reordering the areas only
// renames the regions.
func TestRegionsOfGeneratedMaps(t *testing.T) {
	random := rand.New(rand.NewPCG(2, 9))
	for range 60 {
		n, least := 10+random.IntN(40), random.IntN(5)
		near, x := make(weights.Neighbours, n), make([][]float64, n)
		for i := range n {
			x[i] = []float64{random.NormFloat64(), random.ExpFloat64()}
			if i > 0 {
				j := random.IntN(i)
				near[i], near[j] = append(near[i], j), append(near[j], i)
			}
			if j := random.IntN(n); i > 2 && j < i && !slices.Contains(near[i], j) {
				near[i], near[j] = append(near[i], j), append(near[j], i)
			}
		}
		o := Options{Count: 1 + random.IntN(8), Least: least}
		r, err := Skater(t.Context(), near, x, o)
		if err != nil {
			t.Fatal(err)
		}
		size := make([]int, r.Count)
		for _, k := range r.Region {
			size[k]++
		}
		if r.Count > o.Count || r.Count > 1 && slices.Min(size) < least || len(r.Within) != r.Count {
			t.Errorf("%+v: sizes %v, within %v", o, size, r.Within)
		}
		inside := make(weights.Neighbours, n)
		for i, list := range near {
			for _, j := range list {
				if r.Region[i] == r.Region[j] {
					inside[i] = append(inside[i], j)
				}
			}
		}
		if _, parts := inside.Parts(); parts != r.Count {
			t.Errorf("%d regions are in %d pieces", r.Count, parts)
		}
		for k := 1; k < len(r.Within); k++ {
			if r.Within[k] > r.Within[k-1] {
				t.Errorf("cut %d raises the sum of squares: %v", k, r.Within)
			}
		}
		order := random.Perm(n)
		other, y := make(weights.Neighbours, n), make([][]float64, n)
		for i, list := range near {
			y[order[i]] = x[i]
			for _, j := range list {
				other[order[i]] = append(other[order[i]], order[j])
			}
		}
		again, err := Skater(t.Context(), other, y, o)
		if err != nil {
			t.Fatal(err)
		}
		back := make([]int, n)
		for i := range back {
			back[i] = again.Region[order[i]]
		}
		if !slices.Equal(partition(back), r.Region) {
			t.Errorf("reordered: %v, want %v", partition(back), r.Region)
		}
	}
}

// Two plateaus are told apart, islands are regions of their own, and a part too
// small to be cut stays whole.
func TestRegionsByHand(t *testing.T) {
	near := weights.Neighbours{{1}, {0, 2}, {1, 3}, {2}, nil}
	x := [][]float64{{1}, {1.1}, {9}, {9.2}, {5}}
	r, err := Skater(t.Context(), near, x, Options{Count: 3})
	if err != nil || !slices.Equal(r.Region, []int{0, 0, 1, 1, 2}) {
		t.Errorf("%+v (%v)", r, err)
	}
	r, err = Skater(t.Context(), near, x, Options{Count: 5, Least: 3})
	if err != nil || r.Count != 2 {
		t.Errorf("%+v (%v)", r, err)
	}
	if _, err := Skater(t.Context(), near, x, Options{Count: 1}); !errors.Is(err, ErrParts) {
		t.Errorf("two parts as one region: %v", err)
	}
	same := [][]float64{{1}, {1}, {1}, {1}, {1}}
	if r, err = Skater(t.Context(), near, same, Options{Count: 4}); err != nil || r.Count != 2 {
		t.Errorf("areas all alike: %+v (%v)", r, err)
	}
}

// scale() of R: mean 0, standard deviation 1 by n−1.
func TestStandardise(t *testing.T) {
	got := Standardise([][]float64{{1, 2, 3}, {5, 5, 5}})
	for i, want := range [][]float64{{-1, 0}, {0, 0}, {1, 0}} {
		for k := range want {
			if math.Abs(got[i][k]-want[k]) > 1e-15 {
				t.Errorf("row %d: %v, want %v", i, got[i], want)
			}
		}
	}
	if Standardise(nil) != nil {
		t.Error("no columns have rows")
	}
}

func TestRegionsRefuse(t *testing.T) {
	near := weights.Neighbours{{1}, {0}}
	for _, tt := range []struct {
		x    [][]float64
		o    Options
		want error
	}{
		{[][]float64{{1}}, Options{Count: 1}, ErrShape}, {[][]float64{{1}, {1, 2}}, Options{Count: 1}, ErrShape}, {[][]float64{{1}, {math.NaN()}}, Options{Count: 1}, ErrValue},
		{[][]float64{{1}, {2}}, Options{}, ErrCount}, {[][]float64{{1}, {2}}, Options{Count: 3}, ErrCount}, {[][]float64{{1}, {2}}, Options{Count: 1, Least: -1}, ErrCount},
	} {
		if _, err := Skater(t.Context(), near, tt.x, tt.o); !errors.Is(err, tt.want) {
			t.Errorf("%v %+v: %v, want %v", tt.x, tt.o, err, tt.want)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Skater(ctx, near, [][]float64{{1}, {2}}, Options{Count: 2}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// Ten regions of a chessboard of three variables.
func BenchmarkSkater(b *testing.B) {
	for _, n := range []int{220, 2000, 9367, 50000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			side := int(math.Ceil(math.Sqrt(float64(n))))
			random := rand.New(rand.NewPCG(1, 1))
			near, x := make(weights.Neighbours, n), make([][]float64, n)
			for i := range n {
				x[i] = []float64{random.NormFloat64(), random.NormFloat64(), random.NormFloat64()}
				for _, j := range []int{i - side, i - 1, i + 1, i + side} {
					if j >= 0 && j < n && (j%side-i%side)*(j%side-i%side) <= 1 {
						near[i] = append(near[i], j)
					}
				}
			}
			for b.Loop() {
				if _, err := Skater(b.Context(), near, x, Options{Count: 10, Least: 5}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
