package plan

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"chatmrpt/core/problem"
)

// ranked makes wards of ranks 1, 2, … with the given populations.
func ranked(populations ...float64) []Ward {
	var wards []Ward
	for i, p := range populations {
		wards = append(wards, Ward{Key: "ward " + strconv.Itoa(i+1), Rank: i + 1, Population: p, HasPopulation: true})
	}
	return wards
}

func must(t *testing.T, wards []Ward, o Options) *Plan {
	t.Helper()
	p, err := Allocate(t.Context(), wards, o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func allocated(p *Plan) []int {
	var out []int
	for _, s := range p.Shares {
		out = append(out, s.Allocated)
	}
	return out
}

func warns(p *Plan, part string) bool {
	return strings.Contains(strings.Join(p.Warnings, "\n"), part)
}

// Needs at 1.8 persons a net: 10,000 → 5,556 (the programme's worked example);
// 80,670 → 44,817, Gwanabe 1 of the predecessor's report. Exact multiples of
// 9/5 are the trap: in binary 9/1.8 can come out a hair above 5.
func TestNeedIsExact(t *testing.T) {
	for population, want := range map[float64]int{
		0: 0, 0.5: 1, 1: 1, 1.8: 1, 1.9: 2, 3.6: 2, 5.4: 3, 9: 5, 18: 10, 27: 15, 10_000: 5_556, 80_670: 44_817, 80_671: 44_818,
		9e9: 5e9, mostPopulation: 5_555_555_556,
	} {
		if got := need(population, decimal(1.8)); got != want {
			t.Errorf("%v persons need %d nets, want %d", population, got, want)
		}
	}
	for n := range 20_000 {
		if got, want := need(float64(n), decimal(1.8)), (n*5+8)/9; got != want {
			t.Fatalf("%d persons need %d nets, want %d", n, got, want)
		}
		if got, want := need(float64(n), decimal(2)), (n+1)/2; got != want {
			t.Fatalf("%d persons at 2 a net need %d, want %d", n, got, want)
		}
	}
}

// 10,000 nets with a first ward that needs 44,817, under each strategy.
func TestTenThousandNetsAndOneLargeWard(t *testing.T) {
	wards := ranked(80_670, 18_000, 9_000)
	p := must(t, wards, Options{Nets: 10_000, Strategy: Priority})
	if got := allocated(p); !slices.Equal(got, []int{10_000, 0, 0}) {
		t.Errorf("priority: %v", got)
	}
	if !warns(p, "ward 1 alone receives 10000 of 10000 nets") {
		t.Errorf("priority: no warning that one ward takes the stock: %q", p.Warnings)
	}
	if s := p.Shares[0]; s.Gap != 34_817 || s.Reason != "the last of the stock" {
		t.Errorf("first ward: %+v", s)
	}
	if s := p.Shares[1]; s.Gap != 10_000 || s.Reason != "the stock ended with wards of higher risk" || !s.HasCoverage || s.Coverage != 0 {
		t.Errorf("second ward: %+v", s)
	}

	p = must(t, wards, Options{Nets: 10_000})
	// Of 59,817 needed: quotas 7,492.35, 1,671.77, 835.88; two nets by remainder.
	if got := allocated(p); !slices.Equal(got, []int{7_492, 1_672, 836}) {
		t.Errorf("proportional, the default: %v", got)
	}

	p = must(t, wards, Options{Nets: 10_000, Strategy: Priority, Cap: 0.2})
	if got := allocated(p); !slices.Equal(got, []int{2_000, 2_000, 2_000}) {
		t.Errorf("capped: %v", got)
	}
	if p.Shares[0].Reason != "limited to 20 % of the stock" || p.Totals.Left != 4_000 || !warns(p, "4000 nets are left over") {
		t.Errorf("capped: %+v %q", p.Shares[0], p.Warnings)
	}
}

func TestPriorityServesByRankWhateverTheOrder(t *testing.T) {
	wards := []Ward{
		{Key: "low", Rank: 3, Population: 18, HasPopulation: true},
		{Key: "b", Rank: 1, Population: 18, HasPopulation: true},
		{Key: "a", Rank: 1, Population: 18, HasPopulation: true},
	}
	p := must(t, wards, Options{Nets: 15, Strategy: Priority})
	var keys []string
	for _, s := range p.Shares {
		keys = append(keys, s.Key)
	}
	if !slices.Equal(keys, []string{"a", "b", "low"}) || !slices.Equal(allocated(p), []int{10, 5, 0}) {
		t.Errorf("%v %v", keys, allocated(p))
	}
	if p.Shares[0].Ward != 2 {
		t.Errorf("the first share points at ward %d of the list given, want 2", p.Shares[0].Ward)
	}
}

// Hamilton: claims 3, 3, 3 and 5 nets leave quotas of 1 2/3; the two spare
// nets go to equal remainders by rank.
func TestEqualRemaindersGoByRank(t *testing.T) {
	p := must(t, ranked(5.4, 5.4, 5.4), Options{Nets: 5})
	if got := allocated(p); !slices.Equal(got, []int{2, 2, 1}) {
		t.Errorf("got %v", got)
	}
}

func TestUnknownPopulationAndRankGetNothingAndSaySo(t *testing.T) {
	wards := []Ward{
		{Key: "unranked", Population: 18, HasPopulation: true},
		{Key: "unknown", Rank: 2},
		{Key: "neither"},
		{Key: "empty", Rank: 1, HasPopulation: true},
		{Key: "usual", Rank: 3, Population: 18, HasPopulation: true},
	}
	for _, strategy := range []Strategy{Priority, Proportional} {
		p := must(t, wards, Options{Nets: 100, Strategy: strategy})
		reasons := map[string]string{}
		for _, s := range p.Shares {
			reasons[s.Key] = s.Reason
			if s.Allocated != map[string]int{"usual": 10}[s.Key] {
				t.Errorf("%s received %d", s.Key, s.Allocated)
			}
		}
		want := map[string]string{
			"unranked": "no rank, for want of data", "unknown": "population not known", "neither": "population and rank not known",
			"empty": "no population, no need", "usual": "full need",
		}
		if !reflect.DeepEqual(reasons, want) {
			t.Errorf("%s: reasons %v", strategy, reasons)
		}
		wantTotals := Totals{Nets: 100, Needed: 20, Allocated: 10, Left: 90, Gap: 10, Full: 1, None: 1, Unknown: 2, Unranked: 2, Population: 36}
		if p.Totals != wantTotals {
			t.Errorf("%s: totals %+v", strategy, p.Totals)
		}
		for _, part := range []string{"2 wards have no known population", "2 wards have no rank", "90 nets are left over"} {
			if !warns(p, part) {
				t.Errorf("%s: no warning says %q", strategy, part)
			}
		}
		for _, s := range p.Shares {
			if s.HasCoverage != (s.Key == "usual" || s.Key == "unranked") || s.HasNeed == (s.Key == "unknown" || s.Key == "neither") {
				t.Errorf("%s: %+v", strategy, s)
			}
		}
	}
}

// Defects D3 and D6b: a missing urban percentage was taken for 50, a missing
// population for the mean of the others.
func TestUrbanWardsComeAfterTheOthers(t *testing.T) {
	wards := ranked(18, 18, 18, 18)
	for i, urban := range []float64{75, 29, 30, 0} {
		wards[i].Urban, wards[i].HasUrban = urban, i < 3
	}
	p := must(t, wards, Options{Nets: 25, Strategy: Priority, UrbanThreshold: 30})
	if got := allocated(p); !slices.Equal(got, []int{5, 10, 0, 10}) {
		t.Errorf("priority: %v", got)
	}
	if s := p.Shares[2]; s.Tier != 2 || s.Reason != "urban; the stock ended with the wards before it" {
		t.Errorf("%+v", s)
	}
	if !warns(p, "1 wards have no known urban percentage") {
		t.Errorf("warnings %q", p.Warnings)
	}
	p = must(t, wards, Options{Nets: 25, UrbanThreshold: 30})
	if got := allocated(p); !slices.Equal(got, []int{3, 10, 2, 10}) {
		t.Errorf("proportional within the tier: %v", got)
	}
	p = must(t, wards, Options{Nets: 20, Strategy: Priority})
	if got := allocated(p); !slices.Equal(got, []int{10, 10, 0, 0}) || p.Shares[0].Tier != 1 {
		t.Errorf("without a threshold: %v", got)
	}
}

func TestShareBelowOneNetSaysSo(t *testing.T) {
	p := must(t, ranked(18_000, 1), Options{Nets: 3})
	if s := p.Shares[1]; s.Allocated != 0 || s.Reason != "its share of the stock is less than one net" {
		t.Errorf("%+v", s)
	}
	if s := p.Shares[0]; s.Reason != "its share of the stock, in proportion to need" {
		t.Errorf("%+v", s)
	}
}

func TestOneWardAloneIsNoCauseForWarning(t *testing.T) {
	p := must(t, ranked(18_000), Options{Nets: 3, Strategy: Priority})
	if len(p.Warnings) != 0 || p.Shares[0].Reason != "the last of the stock" {
		t.Errorf("%q %+v", p.Warnings, p.Shares[0])
	}
	if c, ok := p.Totals.Coverage(); !ok || c != 3.0/10_000 {
		t.Errorf("coverage %v", c)
	}
	if _, ok := must(t, nil, Options{Nets: 3}).Totals.Coverage(); ok {
		t.Error("a plan without need has a coverage")
	}
}

func TestCapIsExact(t *testing.T) {
	// 0.29 × 100 is 28.999… in binary.
	if got := capOf(Options{Nets: 100, Cap: 0.29}); got != 29 {
		t.Errorf("got %d, want 29", got)
	}
}

func TestAllocateRefuses(t *testing.T) {
	for name, o := range map[string]Options{
		"negative stock": {Nets: -1}, "endless stock": {Nets: math.MaxInt}, "strategy": {Strategy: "lottery"},
		"no persons": {PersonsPerNet: -1.8}, "NaN persons": {PersonsPerNet: math.NaN()}, "many persons": {PersonsPerNet: 1e9},
		"cap": {Cap: 1.5}, "NaN cap": {Cap: math.NaN()}, "threshold": {UrbanThreshold: 101}, "negative threshold": {UrbanThreshold: -1},
	} {
		_, err := Allocate(t.Context(), ranked(1), o)
		if !problem.Is(err, problem.Usage) || problem.From(err, "").Hint == "" {
			t.Errorf("%s: got %v, want a usage problem with a hint", name, err)
		}
	}
	for name, w := range map[string]Ward{
		"negative population": {Key: "x", Rank: 1, Population: -1, HasPopulation: true},
		"NaN population":      {Key: "x", Rank: 1, Population: math.NaN(), HasPopulation: true},
		"endless population":  {Key: "x", Rank: 1, Population: math.Inf(1), HasPopulation: true},
		"rank":                {Key: "x", Rank: -1},
		"urban":               {Key: "x", Rank: 1, Urban: 130, HasUrban: true},
		"same key":            {Key: "ward 1", Rank: 2},
	} {
		_, err := Allocate(t.Context(), append(ranked(1), w), Options{Nets: 1})
		if !problem.Is(err, problem.BadInput) || problem.From(err, "").Hint == "" {
			t.Errorf("%s: got %v, want a bad-input problem with a hint", name, err)
		}
	}
}

func TestCancelledPlanStops(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Allocate(ctx, ranked(1), Options{Nets: 1}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func randomWards(rng *rand.Rand) []Ward {
	wards := ranked(make([]float64, rng.IntN(60))...)
	for i := range wards {
		w := &wards[i]
		w.Population = float64(rng.IntN(1 << rng.IntN(20)))
		w.HasPopulation = rng.IntN(10) > 0
		if rng.IntN(10) == 0 {
			w.Rank = 0
		}
		w.Urban, w.HasUrban = 100*rng.Float64(), rng.IntN(5) > 0
	}
	return wards
}

// Whatever the wards and options: Σ allocated = min(stock, Σ what wards may
// receive), 0 ≤ allocated ≤ need, coverage at most 1, sums that agree, every
// ward listed once, and the same plan whatever the order of the wards.
func TestPlanProperties(t *testing.T) {
	rng := rand.New(rand.NewPCG(24, 10))
	for range 3000 {
		wards := randomWards(rng)
		o := Options{Nets: rng.IntN(1 << rng.IntN(22)), Strategy: []Strategy{Priority, Proportional}[rng.IntN(2)]}
		if rng.IntN(3) == 0 {
			o.Cap = rng.Float64()
		}
		if rng.IntN(3) == 0 {
			o.UrbanThreshold = float64(1 + rng.IntN(100))
		}
		p := must(t, wards, o)
		checkSums(t, p, len(wards))
		if p.Options.Strategy == Priority && o.Cap == 0 {
			checkPriority(t, p)
		}
		order := rng.Perm(len(wards))
		shuffled := make([]Ward, len(wards))
		for i, at := range order {
			shuffled[i] = wards[at]
		}
		q := must(t, shuffled, o)
		for i := range q.Shares {
			q.Shares[i].Ward = order[q.Shares[i].Ward]
		}
		if !reflect.DeepEqual(p, q) {
			t.Fatalf("order changes the plan:\n%+v\n%+v", p, q)
		}
	}
}

func checkSums(t *testing.T, p *Plan, wards int) {
	t.Helper()
	may, given, most := 0, 0, capOf(p.Options)
	listed := map[int]bool{}
	for _, s := range p.Shares {
		listed[s.Ward] = true
		may += s.claim(most)
		given += s.Allocated
		if s.Allocated < 0 || s.Allocated > s.claim(most) || s.Coverage > 1 || s.Reason == "" {
			t.Fatalf("share %+v", s)
		}
		if s.HasNeed && s.Gap != s.Needed-s.Allocated {
			t.Fatalf("gap of %+v", s)
		}
	}
	if want := min(p.Options.Nets, may); given != want || p.Totals.Allocated != given || p.Totals.Left != p.Options.Nets-given {
		t.Fatalf("%d nets given, want %d; totals %+v", given, want, p.Totals)
	}
	if len(listed) != wards {
		t.Fatalf("%d of %d wards listed", len(listed), wards)
	}
}

// checkPriority makes sure that within a tier no ward is better covered than
// one of higher risk, and that tier 2 has nothing while tier 1 lacks.
func checkPriority(t *testing.T, p *Plan) {
	t.Helper()
	for tier := 1; tier <= 2; tier++ {
		last := 1.0
		for _, s := range p.Shares {
			if s.Rank == 0 || !s.HasCoverage || s.Tier != tier {
				continue
			}
			if s.Coverage > last {
				t.Fatalf("%s is better covered than a ward of higher risk: %+v", s.Key, p.Shares)
			}
			last = s.Coverage
		}
	}
	lacking, second := 0, 0
	for _, s := range p.Shares {
		if s.Rank > 0 && s.Tier == 1 {
			lacking += s.Gap
		}
		if s.Tier == 2 {
			second += s.Allocated
		}
	}
	if lacking > 0 && second > 0 {
		t.Fatalf("urban wards were served before the others: %+v", p.Shares)
	}
}

// More nets never take any from a ward under priority.
func TestPriorityIsMonotone(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 8))
	for range 300 {
		wards := randomWards(rng)
		nets := rng.IntN(100_000)
		a := must(t, wards, Options{Nets: nets, Strategy: Priority})
		b := must(t, wards, Options{Nets: nets + rng.IntN(50_000), Strategy: Priority})
		for i := range a.Shares {
			if b.Shares[i].Allocated < a.Shares[i].Allocated {
				t.Fatalf("a larger stock takes nets from %+v", a.Shares[i])
			}
		}
	}
}

// Every ward is within one net of its exact share.
func TestProportionalIsWithinOneNet(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	for range 500 {
		wards := randomWards(rng)
		p := must(t, wards, Options{Nets: rng.IntN(50_000)})
		total := 0
		for _, s := range p.Shares {
			total += s.Needed * min(s.Rank, 1) // none without a rank
		}
		if total <= p.Options.Nets {
			continue
		}
		for _, s := range p.Shares {
			exact := float64(p.Options.Nets) * float64(s.Needed*min(s.Rank, 1)) / float64(total)
			if math.Abs(float64(s.Allocated)-exact) >= 1 {
				t.Fatalf("%+v, exact share %v", s, exact)
			}
		}
	}
}

// The largest stock and needs the bounds allow stay within 64 bits.
func TestLargestFigures(t *testing.T) {
	wards := ranked(mostPopulation, mostPopulation, mostPopulation)
	p := must(t, wards, Options{Nets: mostNets, PersonsPerNet: fewestPerNet})
	if p.Totals.Needed != 300_000_000_000 || p.Totals.Left != 700_000_000_000 {
		t.Errorf("%+v", p.Totals)
	}
	p = must(t, wards, Options{Nets: 299_999_999_999, PersonsPerNet: fewestPerNet})
	if got := allocated(p); !slices.Equal(got, []int{100_000_000_000, 100_000_000_000, 99_999_999_999}) {
		t.Errorf("got %v", got)
	}
}
