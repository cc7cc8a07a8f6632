package weights

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

	"github.com/paulmach/orb"

	"chatmrpt/assets/beside"
)

//go:embed testdata/spdep.json
var spdepAnswers []byte

// answers are those of testdata/spdep.R; areas are numbered from 1.
type answers struct {
	Centroids    [][2]float64
	Nearest4     [][]float64
	Within3      [][]float64
	Within2to4   [][]float64
	Second       [][]float64
	ThirdOrLess  [][]float64 `json:"third_or_less"`
	DistancesOne []float64   `json:"distances_first"`
	TownsKm      [][]float64 `json:"towns_km"`
	Styles       map[string]struct{ First, Constants []float64 }
}

func spdep(t testing.TB) answers {
	t.Helper()
	var a answers
	if err := json.Unmarshal(spdepAnswers, &a); err != nil {
		t.Fatal(err)
	}
	return a
}

func columbus(t testing.TB) []orb.MultiPolygon {
	return readAreas(t, "data/classic/columbus/columbus.shp")
}

func columbusSites(t testing.TB) *Sites {
	t.Helper()
	points, known := Centroids(columbus(t))
	s, err := NewSites(points, known, Planar)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func sameLists(t *testing.T, what string, got Neighbours, want [][]float64) {
	t.Helper()
	for i, list := range want {
		var from0 []int
		for _, v := range list {
			from0 = append(from0, int(v)-1)
		}
		slices.Sort(from0)
		if !slices.Equal(got[i], from0) {
			t.Errorf("%s of area %d: %v, want %v", what, i, got[i], from0)
		}
	}
}

func near(a, b, relative float64) bool {
	return math.Abs(a-b) <= relative*max(1, math.Abs(a), math.Abs(b))
}

// columbus.gal, the queen contiguity that comes with GeoDa's sample file.
func TestQueenEqualsGeoDa(t *testing.T) {
	fields := bytesFields(beside.Read(t, "data/classic/columbus/columbus.gal"))
	n := fields[0]
	want, at := make([][]float64, n), 1
	for range n {
		i, k := fields[at], fields[at+1]
		for _, j := range fields[at+2 : at+2+k] {
			want[i-1] = append(want[i-1], float64(j))
		}
		at += 2 + k
	}
	got := queen(t, Tolerance, columbus(t)...)
	sameLists(t, "queen neighbours", got, want)
}

func bytesFields(data []byte) (out []int) {
	v, inside := 0, false
	for _, c := range append(data, ' ') {
		if c >= '0' && c <= '9' {
			v, inside = v*10+int(c-'0'), true
		} else if inside {
			out, v, inside = append(out, v), 0, false
		}
	}
	return out
}

func TestDistancesEqualSpdep(t *testing.T) {
	want := spdep(t)
	points, known := Centroids(columbus(t))
	for i, p := range points {
		if !known[i] || !near(p[0], want.Centroids[i][0], 1e-12) || !near(p[1], want.Centroids[i][1], 1e-12) {
			t.Errorf("centroid %d is %v, want %v", i, p, want.Centroids[i])
		}
	}
	s := columbusSites(t)
	nearest, err := s.Nearest(t.Context(), 4)
	if err != nil {
		t.Fatal(err)
	}
	sameLists(t, "nearest 4", nearest.Neighbours(), want.Nearest4)
	for _, tt := range []struct {
		low, high float64
		want      [][]float64
	}{{0, 3, want.Within3}, {2, 4, want.Within2to4}} {
		w, err := s.Within(t.Context(), tt.low, tt.high)
		if err != nil {
			t.Fatal(err)
		}
		sameLists(t, "within", w.Neighbours(), tt.want)
		if _, d := w.Row(0); tt.low == 0 && !slices.EqualFunc(d, want.DistancesOne, func(a, b float64) bool { return near(a, b, 1e-12) }) {
			t.Errorf("distances of the first: %v, want %v", d, want.DistancesOne)
		}
	}
}

func TestOrderEqualsSpdep(t *testing.T) {
	want := spdep(t)
	first := queen(t, Tolerance, columbus(t)...)
	sameLists(t, "second order", first.Order(2, false), want.Second)
	sameLists(t, "orders one to three", first.Order(3, true), want.ThirdOrLess)
	if one := first.Order(1, false); !slices.EqualFunc(one, first, slices.Equal) {
		t.Error("the first order are not the neighbours")
	}
}

// nb2listw and spweights.constants of spdep.
func TestStylesEqualSpdep(t *testing.T) {
	binary := queen(t, Tolerance, columbus(t)...).Binary()
	for style, want := range spdep(t).Styles {
		w, err := binary.Standardise(Style(style))
		if err != nil {
			t.Fatal(err)
		}
		_, first := w.Row(0)
		if !slices.EqualFunc(first, want.First, func(a, b float64) bool { return near(a, b, 1e-12) }) {
			t.Errorf("%s: first row %v, want %v", style, first, want.First)
		}
		s := w.Sums()
		for k, v := range []float64{s.S0, s.S1, s.S2} {
			if !near(v, want.Constants[k], 1e-12) {
				t.Errorf("%s: S%d is %v, want %v", style, k, v, want.Constants[k])
			}
		}
	}
}

// spdep's great circle distance (Meeus) on WGS 84 between Nigerian towns, and
// Vincenty's own example: 54.972271 km from Flinders Peak to Buninyon (Survey
// Review 23, 1975; as published by Geoscience Australia).
func TestGeodesicDistances(t *testing.T) {
	towns := []orb.Point{{8.5167, 12.0022}, {8.5364, 11.9964}, {7.4951, 9.0579}, {3.3792, 6.5244}, {13.1571, 11.8311}, {8.5174, 12.0}}
	s, err := NewSites(towns, slices.Repeat([]bool{true}, len(towns)), Geodesic)
	if err != nil {
		t.Fatal(err)
	}
	for i, row := range spdep(t).TownsKm {
		for k, want := range row {
			j := k
			if k >= i {
				j++
			}
			// Meeus's formula is good to about 1e-5 itself.
			if got := s.Distance(i, j); math.Abs(got-want) > 2e-5*want {
				t.Errorf("%d to %d: %v km, want %v", i, j, got, want)
			}
		}
	}
	dms := func(d, m, s float64) float64 { return d + m/60 + s/3600 }
	australia := []orb.Point{{dms(144, 25, 29.5244), -dms(37, 57, 3.7203)}, {dms(143, 55, 35.3839), -dms(37, 39, 10.1561)}}
	if s, err = NewSites(australia, []bool{true, true}, Geodesic); err != nil {
		t.Fatal(err)
	}
	if got := s.Distance(0, 1); math.Abs(got-54.972271) > 1e-5 {
		t.Errorf("Flinders Peak to Buninyon: %v km, want 54.972271", got)
	}
}

// A slow second opinion, with many ties.
func TestNearestEqualsBruteForce(t *testing.T) {
	random := rand.New(rand.NewPCG(4, 2))
	points, known := make([]orb.Point, 150), make([]bool, 150)
	for i := range points {
		points[i], known[i] = orb.Point{float64(random.IntN(12)), float64(random.IntN(12))}, random.IntN(10) > 0
	}
	for _, m := range []Metric{Planar, Geodesic} {
		s, err := NewSites(points, known, m)
		if err != nil {
			t.Fatal(err)
		}
		w, err := s.Nearest(t.Context(), 7)
		if err != nil {
			t.Fatal(err)
		}
		for i := range points {
			var want []int
			if known[i] {
				var all []found
				for j := range points {
					if j != i && known[j] {
						all = append(all, found{int32(j), squared(s.at[i], s.at[j])})
					}
				}
				slices.SortFunc(all, byDistance)
				for _, f := range all[:7] {
					want = append(want, int(f.site))
				}
				slices.Sort(want)
			}
			if got := w.Neighbours()[i]; !slices.Equal(got, want) {
				t.Errorf("%s: nearest of %d: %v, want %v", m, i, got, want)
			}
		}
	}
}

func TestReachLeavesNoIsland(t *testing.T) {
	s := columbusSites(t)
	reach, err := s.Reach(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	w, err := s.Within(t.Context(), 0, reach)
	if err != nil || len(w.Islands()) != 0 {
		t.Errorf("within the reach %v there are islands: %v (%v)", reach, w.Islands(), err)
	}
	if w, err = s.Within(t.Context(), 0, reach*(1-1e-9)); err != nil || len(w.Islands()) == 0 {
		t.Errorf("the reach %v is not the smallest (%v)", reach, err)
	}
}

func TestInverseDistance(t *testing.T) {
	s, err := NewSites([]orb.Point{{0, 0}, {0, 2}, {0, 5}, {9, 9}}, []bool{true, true, true, false}, Planar)
	if err != nil {
		t.Fatal(err)
	}
	d, err := s.Within(t.Context(), 0, 4)
	if err != nil {
		t.Fatal(err)
	}
	w, err := d.Inverse(2)
	if err != nil || w.At(0, 1) != 0.25 || !near(w.At(1, 2), 1.0/9, 1e-15) || w.At(0, 2) != 0 || !slices.Equal(w.Islands(), []int{3}) {
		t.Errorf("inverse squares %v (%v)", w, err)
	}
	same, err := NewSites([]orb.Point{{1, 1}, {1, 1}}, []bool{true, true}, Planar)
	if err != nil {
		t.Fatal(err)
	}
	if d, err = same.Within(t.Context(), 0, 1); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Inverse(1); !errors.Is(err, ErrCoincident) {
		t.Errorf("two areas on one point: %v", err)
	}
}

//go:embed testdata/pysal_kernels.json
var libpysalKernels []byte

// libpysal 4.7.0's Kernel, adaptive (k = 4) and fixed (bandwidth 2):
// testdata/pysal_kernels.py. It calls Epanechnikov's kernel quadratic.
func TestKernelsEqualLibpysal(t *testing.T) {
	var want map[string][]map[string]float64
	if err := json.Unmarshal(libpysalKernels, &want); err != nil {
		t.Fatal(err)
	}
	s := columbusSites(t)
	for _, k := range []Kernel{Uniform, Triangular, Epanechnikov, Quartic, Gaussian} {
		adaptive, err1 := s.AdaptiveKernel(t.Context(), k, 4)
		fixed, err2 := s.FixedKernel(t.Context(), k, 2)
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		for name, w := range map[string]*Weights{"adaptive": adaptive, "fixed": fixed} {
			rows := want[string(k)+" "+name]
			if len(rows) != 12 {
				t.Fatalf("%s %s: %d rows", k, name, len(rows))
			}
			for i, row := range rows {
				if to, _ := w.Row(i); len(to) != len(row) {
					t.Errorf("%s %s: area %d has %d weights, want %d", k, name, i, len(to), len(row))
				}
				for j, v := range row {
					to, err := strconv.Atoi(j)
					if err != nil {
						t.Fatal(err)
					}
					if got := w.At(i, to); math.Abs(got-v) > 1e-9 {
						t.Errorf("%s %s: %d counts %v for %d, want %v", k, name, to, got, i, v)
					}
				}
			}
		}
	}
}

// The formulas at z = ½ by hand: ½, ½, 0.5625, 0.52734375, 0.35206532676.
func TestKernels(t *testing.T) {
	for k, want := range map[Kernel][2]float64{
		Uniform: {.5, .5}, Triangular: {1, .5}, Epanechnikov: {.75, .5625}, Quartic: {.9375, .52734375}, Gaussian: {.3989422804014327, .3520653267642995},
	} {
		s, err := NewSites([]orb.Point{{0, 0}, {0, 1}, {0, 9}, {5, 5}}, []bool{true, true, true, false}, Planar)
		if err != nil {
			t.Fatal(err)
		}
		w, err := s.FixedKernel(t.Context(), k, 2)
		if err != nil || !near(w.At(0, 0), want[0], 1e-15) || !near(w.At(0, 1), want[1], 1e-15) || w.At(0, 2) != 0 || w.At(3, 3) != 0 {
			t.Errorf("%s: %v, %v; want %v (%v)", k, w.At(0, 0), w.At(0, 1), want, err)
		}
		if w.WithoutSelf().At(0, 0) != 0 || w.WithoutSelf().Links() != 2 {
			t.Errorf("%s: areas count for themselves", k)
		}
		adaptive, err := s.AdaptiveKernel(t.Context(), k, 1)
		if err != nil || !(adaptive.At(2, 1) > 0) || adaptive.At(2, 0) != 0 {
			t.Errorf("%s: the nearest counts %v (%v)", k, adaptive.At(2, 1), err)
		}
		if beyond, err := k.At(1.001); beyond != 0 || err != nil {
			t.Errorf("%s beyond the bandwidth is %v (%v)", k, beyond, err)
		}
	}
	if _, err := Kernel("square").At(2); !errors.Is(err, ErrWeight) {
		t.Errorf("an unknown kernel: %v", err)
	}
}

func TestRowSumsAndIslands(t *testing.T) {
	w := Neighbours{{1, 2}, {0}, {0}, nil}.Binary()
	rows, err := w.Standardise(StyleW)
	if err != nil {
		t.Fatal(err)
	}
	if lag := rows.Lag([]float64{8, 2, 4, 1}); !slices.Equal(lag, []float64{3, 8, 8, 0}) {
		t.Errorf("lags %v", lag)
	}
	if !slices.Equal(rows.Islands(), []int{3}) {
		t.Errorf("islands %v", rows.Islands())
	}
	self := w.WithSelf(1)
	if !slices.Equal(self.Islands(), []int{3}) || self.At(3, 3) != 1 || self.Links() != 8 {
		t.Errorf("with themselves %v", self)
	}
	if twice := self.WithSelf(5); twice.Links() != 8 || twice.At(1, 1) != 5 {
		t.Errorf("twice with themselves %v", twice)
	}
}

func TestSubset(t *testing.T) {
	w := Neighbours{{1, 2}, {0}, {0, 3}, {2}}.Binary()
	small, of := w.Subset([]bool{true, false, true, true})
	if !slices.Equal(of, []int{0, 2, 3}) || small.At(0, 1) != 1 || small.At(1, 2) != 1 || small.Links() != 4 {
		t.Errorf("subset %v of %v", small, of)
	}
	alone, _ := w.Subset([]bool{false, true, false, true})
	if !slices.Equal(alone.Islands(), []int{0, 1}) {
		t.Errorf("islands %v", alone.Islands())
	}
}

func TestParts(t *testing.T) {
	part, count := Neighbours{{1}, nil, {3}, nil, nil}.Parts()
	if !slices.Equal(part, []int{0, 0, 1, 1, 2}) || count != 3 {
		t.Errorf("%d parts: %v", count, part)
	}
}

func TestFromRowsRefuses(t *testing.T) {
	nan := math.NaN()
	for _, rows := range [][][]Link{{{{1, 1}}}, {{{-1, 1}}}, {{{0, nan}}}, {{{0, 1}, {0, 2}}}} {
		if _, err := FromRows(rows); !errors.Is(err, ErrWeight) {
			t.Errorf("%v: %v", rows, err)
		}
	}
}

func TestSitesRefuse(t *testing.T) {
	s := columbusSites(t)
	for _, k := range []int{0, 49} {
		if _, err := s.Nearest(t.Context(), k); !errors.Is(err, ErrNeighbours) {
			t.Errorf("%d nearest: %v", k, err)
		}
	}
	for _, band := range [][2]float64{{-1, 1}, {2, 1}, {0, math.NaN()}, {0, math.Inf(1)}} {
		if _, err := s.Within(t.Context(), band[0], band[1]); !errors.Is(err, ErrDistance) {
			t.Errorf("%v: %v", band, err)
		}
	}
	if _, err := NewSites([]orb.Point{{0, math.NaN()}}, []bool{true}, Planar); err == nil {
		t.Error("NaN is a place")
	}
	if _, err := s.FixedKernel(t.Context(), Gaussian, 0); !errors.Is(err, ErrDistance) {
		t.Errorf("no bandwidth: %v", err)
	}
	if _, err := (Neighbours{}).Binary().Standardise("X"); !errors.Is(err, ErrWeight) {
		t.Errorf("style X: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Nearest(ctx, 3); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled context gives %v", err)
	}
}

// An area that no ring encloses still has a middle.
func TestCentroidsOfOddAreas(t *testing.T) {
	points, known := Centroids([]orb.MultiPolygon{nil, {{}}, {{{{1, 1}, {3, 1}, {1, 1}}}}, box(0, 0, 2, 4)})
	if !slices.Equal(known, []bool{false, false, true, true}) || points[2] != (orb.Point{2, 1}) || points[3] != (orb.Point{1, 2}) {
		t.Errorf("%v, known %v", points, known)
	}
}
