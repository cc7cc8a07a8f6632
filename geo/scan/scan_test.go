package scan

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"runtime"
	"slices"
	"strconv"
	"testing"

	"github.com/paulmach/orb"

	"chatmrpt/geo/weights"
)

//go:embed testdata/sids.json
var sidsAnswers []byte

// theirs is a cluster of testdata/sids.R; counties are numbered from 1.
type theirs struct {
	LLR, Cases, Expected []float64
	Who                  []float64
}

type sids struct {
	County       []string
	X, Y         []float64
	SID74, BIR74 []float64
	SID79, BIR79 []float64
	Clusters74   []theirs
	Clusters79   []theirs
	ClustersBoth []theirs `json:"clusters_both"`
}

func carolina(t testing.TB) sids {
	t.Helper()
	var s sids
	if err := json.Unmarshal(sidsAnswers, &s); err != nil {
		t.Fatal(err)
	}
	return s
}

func sitesAt(t testing.TB, x, y []float64) *weights.Sites {
	t.Helper()
	points := make([]orb.Point, len(x))
	for i := range x {
		points[i] = orb.Point{x[i], y[i]}
	}
	s, err := weights.NewSites(points, all(len(x)), weights.Planar)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func all(n int) []bool { return slices.Repeat([]bool{true}, n) }

func plus(a, b []float64) []float64 {
	out := slices.Clone(a)
	for i, v := range b {
		out[i] += v
	}
	return out
}

// The sudden infant deaths of North Carolina (R's spData), scanned by a naive
// program in another language that shares no code or idea of speed with ours:
// testdata/sids.R. The clusters of 1974–84 are the south (Bladen, Columbus,
// Hoke, Robeson, Scotland) and then the north-east (Halifax, Hertford,
// Northampton).
func TestSuddenInfantDeaths(t *testing.T) {
	s := carolina(t)
	sites := sitesAt(t, s.X, s.Y)
	for name, c := range map[string]struct {
		cases, births []float64
		want          []theirs
	}{
		"1974–78": {s.SID74, s.BIR74, s.Clusters74}, "1979–84": {s.SID79, s.BIR79, s.Clusters79},
		"1974–84": {plus(s.SID74, s.SID79), plus(s.BIR74, s.BIR79), s.ClustersBoth},
	} {
		o := Usual()
		o.Permutations = 199
		got, err := Circles(t.Context(), sites, c.cases, c.births, all(100), o)
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range c.want {
			var who []int
			for _, v := range want.Who {
				who = append(who, int(v)-1)
			}
			g := got[i]
			if !slices.Equal(g.Areas, who) || math.Abs(g.LLR-want.LLR[0]) > 1e-9 || g.Cases != want.Cases[0] || math.Abs(g.Expected-want.Expected[0]) > 1e-9 {
				t.Errorf("%s: cluster %d is %v (%v, %v cases, %v expected), want %v", name, i+1, g.Areas, g.LLR, g.Cases, g.Expected, want)
			}
		}
		if name == "1974–84" {
			var counties []string
			for _, a := range got[0].Areas {
				counties = append(counties, s.County[a])
			}
			slices.Sort(counties)
			if want := []string{"Bladen", "Columbus", "Hoke", "Robeson", "Scotland"}; !slices.Equal(counties, want) || got[0].P != 1.0/200 {
				t.Errorf("the most likely cluster is %v, p %v; want %v", counties, got[0].P, want)
			}
		}
	}
}

// By hand: two areas of 100 and 300 persons, 20 and 20 cases. The first expects
// 10: 20·ln 2 + 20·ln(20/30) = 5.7536414490.
func TestLogLikelihoodByHand(t *testing.T) {
	got, err := Circles(t.Context(), sitesAt(t, []float64{0, 1}, []float64{0, 0}), []float64{20, 20}, []float64{100, 300}, all(2), Options{Share: .5, Least: 2, Permutations: 9})
	if err != nil || len(got) != 1 {
		t.Fatalf("%v (%v)", got, err)
	}
	c := got[0]
	if math.Abs(c.LLR-5.7536414490) > 1e-9 || c.Expected != 10 || c.Ratio != 3 || c.Radius != 0 || !slices.Equal(c.Areas, []int{0}) {
		t.Errorf("%+v", c)
	}
	if everything := llr(40, 10, 40); math.Abs(everything-40*math.Log(4)) > 1e-12 {
		t.Errorf("all cases in one circle: %v", everything)
	}
}

// Without a true cluster the p of the best circle is spread evenly: of 200 made
// maps about one in twenty falls below .05.
func TestPIsEvenWithoutClusters(t *testing.T) {
	s := carolina(t)
	sites := sitesAt(t, s.X, s.Y)
	random := rand.New(rand.NewPCG(3, 3))
	below, maps := 0, 200
	for range maps {
		cases := make([]float64, 100)
		for range 300 {
			at := random.Float64() * 329962
			for i, b := range s.BIR74 {
				if at -= b; at < 0 {
					cases[i]++
					break
				}
			}
		}
		o := Usual()
		o.Permutations, o.Seed = 39, random.Uint64()
		got, err := Circles(t.Context(), sites, cases, s.BIR74, all(100), o)
		if err != nil {
			t.Fatal(err)
		}
		if got[0].P <= .05 {
			below++
		}
	}
	// 2 of 40 ranks are at most .05; six standard errors of 200 trials.
	if share := float64(below) / float64(maps); math.Abs(share-.05) > 6*math.Sqrt(.05*.95/float64(maps)) {
		t.Errorf("%v of the maps without a cluster have a significant one", share)
	}
}

// What is dealt out has the total and, on average, the shares of the persons.
func TestDealing(t *testing.T) {
	s := &scan{of: make([]int, 4), total: 1000, share: []float64{.1, .2, .3, .4}}
	sum, squares := make([]float64, 4), make([]float64, 4)
	cases := make([]float64, 4)
	times := 4000
	for k := range times {
		s.deal(rand.NewPCG(1, uint64(k)), cases)
		total := 0.0
		for i, c := range cases {
			total += c
			sum[i] += c
			squares[i] += c * c
		}
		if total != 1000 {
			t.Fatalf("%v cases dealt", total)
		}
	}
	for i, p := range s.share {
		mean := sum[i] / float64(times)
		variance := squares[i]/float64(times) - mean*mean
		want := 1000 * p * (1 - p)
		if math.Abs(mean-1000*p) > 6*math.Sqrt(want/float64(times)) || math.Abs(variance/want-1) > .15 {
			t.Errorf("area %d: mean %v, variance %v; want %v, %v", i, mean, variance, 1000*p, want)
		}
	}
}

// Clusters overlap nowhere, come in order, hold no more than their share, and
// are no worse than any circle found by looking at all of them one by one.
func TestClustersOfGeneratedCases(t *testing.T) {
	random := rand.New(rand.NewPCG(8, 1))
	for range 40 {
		n := 5 + random.IntN(30)
		x, y, cases, persons, present := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n), all(n)
		for i := range n {
			x[i], y[i] = float64(random.IntN(8)), float64(random.IntN(8)) // many at one point, or equally far
			persons[i] = float64(random.IntN(300))
			cases[i] = math.Min(persons[i], float64(random.IntN(30)))
			present[i] = random.IntN(8) > 0
		}
		o := Options{Share: .3, Radius: 4, Least: 2, Permutations: 9, Seed: 1}
		sites := sitesAt(t, x, y)
		got, err := Circles(t.Context(), sites, cases, persons, present, o)
		if errors.Is(err, ErrFew) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		total, everybody := 0.0, 0.0
		for i := range n {
			if present[i] && persons[i] > 0 {
				total, everybody = total+cases[i], everybody+persons[i]
			}
		}
		seen := map[int]bool{}
		for k, c := range got {
			if k > 0 && c.LLR > got[k-1].LLR || c.Persons > o.Share*everybody || c.Radius > 4 || c.Cases <= c.Expected || c.Cases < 2 {
				t.Errorf("cluster %d: %+v", k, c)
			}
			for _, a := range c.Areas {
				if seen[a] || !present[a] {
					t.Errorf("area %d is in two clusters or takes no part", a)
				}
				seen[a] = true
			}
		}
		best := 0.0
		for i := range n {
			if !present[i] || persons[i] == 0 {
				continue
			}
			for j := range n {
				r := sites.Distance(i, j)
				if !present[j] || persons[j] == 0 || r > o.Radius {
					continue
				}
				c, p := 0.0, 0.0
				for k := range n {
					if present[k] && sites.Distance(i, k) <= r {
						c, p = c+cases[k], p+persons[k]
					}
				}
				if e := total * p / everybody; p <= o.Share*everybody && c > e && c >= 2 {
					best = max(best, llr(c, e, total))
				}
			}
		}
		if best == 0 && len(got) > 0 || best > 0 && (len(got) == 0 || math.Abs(got[0].LLR-best) > 1e-9) {
			t.Errorf("the best circle has %v, the first of %d clusters %v", best, len(got), got)
		}
	}
}

func TestSameOnAnyNumberOfCores(t *testing.T) {
	s := carolina(t)
	sites := sitesAt(t, s.X, s.Y)
	run := func(seed uint64) []Cluster {
		o := Usual()
		o.Permutations, o.Seed = 99, seed
		got, err := Circles(t.Context(), sites, s.SID79, s.BIR79, all(100), o)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	one := run(1)
	runtime.GOMAXPROCS(7)
	if many := run(1); !reflect.DeepEqual(one, many) {
		t.Error("the number of cores changes the result")
	}
	if other := run(2); reflect.DeepEqual(one, other) {
		t.Error("the seed changes nothing")
	}
}

func TestScanRefuses(t *testing.T) {
	sites := sitesAt(t, []float64{0, 1, 2}, []float64{0, 0, 0})
	ok := []float64{1, 2, 3}
	try := func(cases, persons []float64, change func(*Options)) error {
		o := Usual()
		o.Permutations = 1
		if change != nil {
			change(&o)
		}
		_, err := Circles(t.Context(), sites, cases, persons, all(3), o)
		return err
	}
	for name, tt := range map[string]struct{ got, want error }{
		"share 0":      {try(ok, ok, func(o *Options) { o.Share = 0 }), ErrOptions},
		"share .6":     {try(ok, ok, func(o *Options) { o.Share = .6 }), ErrOptions},
		"radius":       {try(ok, ok, func(o *Options) { o.Radius = math.NaN() }), ErrOptions},
		"repetitions":  {try(ok, ok, func(o *Options) { o.Permutations = 0 }), ErrOptions},
		"nobody there": {try(ok, []float64{1, 0, 3}, nil), ErrCounts},
		"negative":     {try([]float64{-1, 2, 3}, ok, nil), ErrCounts},
		"NaN":          {try(ok, []float64{math.NaN(), 2, 3}, nil), ErrCounts},
		"no cases":     {try([]float64{0, 0, 0}, ok, nil), ErrFew},
		"no persons":   {try([]float64{0, 0, 0}, []float64{0, 0, 0}, nil), ErrFew},
		"shape":        {try([]float64{1}, ok, nil), ErrShape},
	} {
		if !errors.Is(tt.got, tt.want) {
			t.Errorf("%s: %v, want %v", name, tt.got, tt.want)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Circles(ctx, sites, ok, []float64{9, 9, 9}, all(3), Usual()); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// Half of the persons in a circle at most for a state, a tenth for the nation.
func BenchmarkScan(b *testing.B) {
	for _, n := range []int{220, 2000, 9367} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			random := rand.New(rand.NewPCG(1, 1))
			x, y, cases, persons := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
			for i := range n {
				x[i], y[i], persons[i] = random.Float64()*1000, random.Float64()*1000, 5000+random.Float64()*20000
				cases[i] = math.Round(persons[i] * .01 * random.Float64())
			}
			sites := sitesAt(b, x, y)
			o := Usual()
			if n > 2000 {
				o.Share = .1
			}
			for b.Loop() {
				if _, err := Circles(b.Context(), sites, cases, persons, all(n), o); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
