package action

import (
	"fmt"
	"math"
	"testing"

	"chatmrpt/core/problem"
	"chatmrpt/core/sample"
	"chatmrpt/core/table"
	"chatmrpt/core/workspace"
)

// Whatever the stock and the strategy: the nets handed out are the smaller of
// stock and need, every ward is listed, and none gets more than it needs.
func TestPlanTotals(t *testing.T) {
	b, s := rankedState(t, 5, small())
	need := 0
	for _, w := range s.Wards {
		need += (w.Population*5 + 8) / 9 // ⌈population ÷ 1.8⌉
	}
	for _, strategy := range []string{"proportional", "priority"} {
		for _, nets := range []int{1, 5_000, need - 1, need, need + 1000} {
			r := b.do(planOf(nets, strategy))
			what := fmt.Sprintf("%d nets, %s", nets, strategy)
			plan := b.table(workspace.KindPlan, "")
			if got := sum(numbers(t, plan, "nets_allocated")); int(got) != min(nets, need) {
				t.Errorf("%s: %v allocated, the need is %d", what, got, need)
			}
			if got := sum(numbers(t, plan, "nets_needed")); int(got) != need {
				t.Errorf("%s: need %v, want %d", what, got, need)
			}
			checkPlan(t, what, plan, s)
			if facts := r.Details.(planFacts); facts.Totals.Allocated != min(nets, need) || facts.Totals.Needed != need {
				t.Errorf("%s: totals %+v", what, facts.Totals)
			}
		}
	}
}

func checkPlan(t *testing.T, what string, plan *table.Table, s *sample.State) {
	t.Helper()
	codes, people := texts(t, plan, "ward_code"), numbers(t, plan, "population")
	needed, got, coverage := numbers(t, plan, "nets_needed"), numbers(t, plan, "nets_allocated"), numbers(t, plan, "coverage")
	if len(codes) != len(s.Wards) {
		t.Fatalf("%s: %d wards of %d", what, len(codes), len(s.Wards))
	}
	for i, w := range s.Wards {
		switch {
		case codes[i] != w.Code || people[i] != float64(w.Population):
			t.Errorf("%s: row %d is %s with %v people, want %s with %d", what, i, codes[i], people[i], w.Code, w.Population)
		case got[i] > needed[i] || got[i] < 0 || coverage[i] != got[i]/needed[i]:
			t.Errorf("%s: %s gets %v of %v, coverage %v", what, w.Name, got[i], needed[i], coverage[i])
		case texts(t, plan, "reason")[i] == "":
			t.Errorf("%s: no reason for %s", what, w.Name)
		}
	}
}

// By priority, a ward gets nets only when every ward of higher risk has all it
// needs.
func TestPlanByPriorityFollowsTheRanking(t *testing.T) {
	b, _ := rankedState(t, 5, small())
	r := b.do(planOf(60_000, "priority"))
	shown := r.Tables[0]
	rank, needed, got := numbers(t, shown, "rank"), numbers(t, shown, "nets_needed"), numbers(t, shown, "nets_allocated")
	short := math.Inf(1) // the first rank that was not served in full
	for i := range rank {
		if i > 0 && rank[i] < rank[i-1] {
			t.Errorf("the list shown is not by rank: %v", rank)
		}
		if rank[i] > short && got[i] > 0 {
			t.Errorf("rank %v gets %v nets while rank %v lacks some", rank[i], got[i], short)
		}
		if got[i] < needed[i] {
			short = min(short, rank[i])
		}
	}
	if math.IsInf(short, 1) || got[0] != needed[0] {
		t.Errorf("the stock should serve some wards in full and others not: %v of %v", got, needed)
	}
}

// A ward without a rank gets nothing, and is listed with the reason.
func TestPlanGivesNothingWithoutARank(t *testing.T) {
	b, s := rankedState(t, 4, small())
	b.do(scoreWith("none"))
	b.do(planOf(1_000_000, "proportional"))
	plan := b.table(workspace.KindPlan, "")
	silent := s.Truth.NoReports
	if got := numbers(t, plan, "nets_allocated")[silent]; got != 0 || texts(t, plan, "reason")[silent] == "" {
		t.Errorf("the unranked ward gets %v nets because %q", got, texts(t, plan, "reason")[silent])
	}
	if got := numbers(t, plan, "nets_needed")[silent]; got != float64((s.Wards[silent].Population*5+8)/9) {
		t.Errorf("its need is %v", got)
	}
}

// What can't be planned with is refused, also what reads as a number and is
// none.
func TestPlanRefusesWhatCantBe(t *testing.T) {
	b, _ := rankedState(t, 5, small())
	for _, c := range [][2]string{
		{"cap", "1.5"}, {"cap", "-0.1"}, {"cap", "NaN"}, {"persons-per-net", "-1"}, {"persons-per-net", "Inf"}, {"persons-per-net", "NaN"},
		{"urban-threshold", "-1"}, {"urban-threshold", "101"}, {"urban-threshold", "NaN"},
	} {
		a := planOf(100, "priority")
		if err := paramOf(t, a, c[0]).Set(c[1]); err == nil {
			b.refuse(a, problem.Usage)
		}
	}
}
