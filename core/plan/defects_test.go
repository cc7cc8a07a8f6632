package plan

import (
	"fmt"
	"math"
	"slices"
	"testing"
)

// Each test here carries a defect of the predecessors (spec/analytics.md §11)
// in its own few lines, shows that it breaks the rule, and that ours keeps it.

// theirShares is MRPT's pass "in proportion": the stock left shrinks from ward
// to ward and the total need does not; what is left then fills wards whole, the
// smallest gap first, in the order of the list.
func theirShares(need []int, nets int) []int {
	total, left := 0, nets
	for _, n := range need {
		total += n
	}
	out := make([]int, len(need))
	for i, n := range need {
		out[i] = min(int(math.Round(float64(left)*float64(n)/float64(total))), n, left)
		left -= out[i]
	}
	for i, n := range need {
		give := min(n-out[i], left)
		out[i] += give
		left -= give
	}
	return out
}

// D24: a hundred equal wards and half the nets they need. MRPT's rank 1 was the
// lowest risk and served first: those wards were full, those of the highest
// risk had a fifth to a third.
func TestDefect_D24_HighestRiskIsNotServedLast(t *testing.T) {
	const n, need, nets = 100, 2000, 100_000
	needs := make([]int, n)
	populations := make([]float64, n)
	for i := range needs {
		needs[i], populations[i] = need, need*1.8
	}
	theirs := theirShares(needs, nets)
	slices.Reverse(theirs) // their list begins with the lowest risk; now place 0 is the highest
	if theirs[0] >= need/2 || theirs[n-1] != need {
		t.Fatalf("their method gives the highest risk %d and the lowest %d: the test proves nothing", theirs[0], theirs[n-1])
	}
	equal := must(t, ranked(populations...), Options{Nets: nets})
	for i, got := range allocated(equal) {
		if got != nets/n {
			t.Errorf("in proportion: ward %d of equal needs has %d nets, want %d", i, got, nets/n)
		}
	}
	first := allocated(must(t, ranked(populations...), Options{Nets: nets, Strategy: Priority}))
	if !slices.IsSortedFunc(first, func(a, b int) int { return b - a }) || first[0] != need || first[n-1] != 0 {
		t.Errorf("by priority: the highest risk has %d, the lowest %d", first[0], first[n-1])
	}
}

// D6b: a ward without population got the mean of the others, and the flag that
// should have said so was always true.
func TestDefect_D6b_UnknownPopulationIsNoNeed(t *testing.T) {
	wards := ranked(1800, 0, 3600)
	wards[1].HasPopulation = false
	p := must(t, wards, Options{Nets: 10_000})
	theirs := int(math.Ceil((1800.0 + 3600) / 2 / 1.8))
	if s := p.Shares[1]; s.HasNeed || s.Allocated != 0 || s.Needed == theirs || s.Reason == "" {
		t.Errorf("%+v; the predecessor gave it a need of %d", s, theirs)
	}
	if p.Totals.Unknown != 1 || p.Totals.Needed != 3000 {
		t.Errorf("%+v", p.Totals)
	}
}

// D6c: the size of households changed nothing, because population ÷ 1.8 is
// always more than population ÷ household. Ours has one such figure, persons
// per net, and it counts.
func TestDefect_D6c_EveryFigureAskedForCounts(t *testing.T) {
	theirs := func(household float64) int { return int(math.Max(math.Ceil(9000/1.8), math.Ceil(9000/household))) }
	if theirs(3) != theirs(8) {
		t.Fatal("their household size counts: the test proves nothing")
	}
	ours := map[int]bool{}
	for _, persons := range []float64{1.5, 1.8, 2, 2.5} {
		ours[must(t, ranked(9000), Options{Nets: 1, PersonsPerNet: persons}).Totals.Needed] = true
	}
	if len(ours) != 4 {
		t.Errorf("four figures give %d needs", len(ours))
	}
}

// D19: the urban threshold was 30, 50 or 75, by ≥ or >, and a missing urban
// percentage 0, 50 or random, from screen to screen. Ours has no tiers unless
// asked, a ward at the threshold is urban, and a missing percentage is told.
func TestDefect_D19_OneUrbanRule(t *testing.T) {
	wards := ranked(1800, 1800, 1800)
	wards[0].Urban, wards[0].HasUrban = 50, true
	wards[1].Urban, wards[1].HasUrban = 49.9, true
	tiers := map[string]bool{}
	for _, theirs := range []struct {
		threshold float64
		missing   float64
	}{{30, 0}, {50, 50}, {75, 50}} {
		tiers[fmt.Sprint(theirs.missing >= theirs.threshold)] = true
	}
	if len(tiers) != 2 {
		t.Fatal("their rules agree: the test proves nothing")
	}
	if p := must(t, wards, Options{Nets: 100}); p.Shares[0].Tier != 1 || p.Shares[2].Tier != 1 {
		t.Error("tiers nobody asked for")
	}
	p := must(t, wards, Options{Nets: 100, UrbanThreshold: 50})
	if got := []int{p.Shares[0].Tier, p.Shares[1].Tier, p.Shares[2].Tier}; !slices.Equal(got, []int{2, 1, 1}) || !warns(p, "no known urban percentage") {
		t.Errorf("tiers %v, warnings %q", got, p.Warnings)
	}
}
