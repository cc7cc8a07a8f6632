package action

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"chatmrpt/core/problem"
	"chatmrpt/core/workspace"
)

// cardLines are the texts of a card under one label.
func cardLines(t testing.TB, b *bench, run int64, label string) (out []string) {
	t.Helper()
	card := b.do(&Card{Number: int(run)}).Tables[0]
	for i, item := range texts(t, card, "item") {
		if item == label {
			out = append(out, texts(t, card, "text")[i])
		}
	}
	return out
}

// The card of a score says how, with what, of which data and who described it;
// each choice prints its own sentence.
func TestCardOfAScore(t *testing.T) {
	b, _ := rankedState(t, 4, small())
	a := firmScore(100)
	a.Seed, a.Category, a.Aggregate, a.Combine, a.Scale = 7, "natural", "borda", "geometric", "winsor"
	r := b.do(a)
	method := strings.Join(cardLines(t, b, r.Run, "method"), " ")
	for _, want := range []string{"1 % and 99 % quantiles", "geometric mean", "Borda count", "natural breaks", "belongs to the higher risk", "100 random draws (seed 7)", "positivity from its tests"} {
		if !strings.Contains(method, want) {
			t.Errorf("the card does not say %q: %s", want, method)
		}
	}
	citations := strings.Join(cardLines(t, b, r.Run, "citation"), " ")
	for _, want := range []string{"Ozodiegwu", "Saisana", "Fisher", "Brown, Cai", "Handbook"} {
		if !strings.Contains(citations, want) {
			t.Errorf("the card does not cite %s: %s", want, citations)
		}
	}
	if got := cardLines(t, b, r.Run, "seed"); !slices.Equal(got, []string{"7"}) {
		t.Errorf("seed %v", got)
	}
	data := strings.Join(cardLines(t, b, r.Run, "data"), "\n")
	d := b.latest(workspace.KindPositivity, "")
	if !strings.Contains(data, d.SHA256) || !strings.Contains(data, "boundaries") || !strings.Contains(strings.Join(cardLines(t, b, r.Run, "result"), "\n"), b.latest(workspace.KindRanking, "").SHA256) {
		t.Errorf("data %s", data)
	}
	if got := cardLines(t, b, r.Run, "parameter"); !slices.Contains(got, "--aggregate borda") || !slices.Contains(got, "--stability 100") {
		t.Errorf("parameters %v", got)
	}
	if got := cardLines(t, b, r.Run, "repeat"); !slices.Equal(got, []string{fmt.Sprintf("mrpt replay %d --verify", r.Run)}) {
		t.Errorf("%v", got)
	}
}

// Every run has a card with its act, version and data, whatever the act.
func TestEveryRunHasACard(t *testing.T) {
	b, _ := rankedState(t, 4, small())
	b.do(b.mapTo("rank", "rank.svg"))
	runs, err := b.w.Runs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, run := range runs {
		if got := cardLines(t, b, run.ID.N, "method"); len(got) == 0 || got[0] == "" {
			t.Errorf("the card of %s gives no method", run.Act)
		}
		if got := cardLines(t, b, run.ID.N, "version"); !slices.Equal(got, []string{"test"}) {
			t.Errorf("the card of %s gives version %v", run.Act, got)
		}
	}
	newest := b.do(&Card{})
	if !strings.Contains(newest.Summary, fmt.Sprintf("run %d.", runs[len(runs)-1].ID.N)) {
		t.Errorf("%s", newest.Summary)
	}
	b.refuse(&Card{Number: 99}, problem.NotFound)
}

// Law L8: every recorded step that made a result gives the same bytes again,
// long after the data have changed; what read a file says so.
func TestReplayGivesTheSameBytes(t *testing.T) {
	b, _ := rankedState(t, 4, small())
	parts := scoreWith("lga")
	parts.Method, parts.Components = "pca", "parallel"
	b.do(firmScore(120))
	b.do(parts)
	runs, err := b.w.Runs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	// Everything below a result changes afterwards.
	later := allTests()
	later.Age = "all"
	b.do(later)
	b.do(scoreWith("none"))
	before := b.snapshot()
	seen := map[string]bool{}
	for _, run := range runs {
		a := &Replay{Number: int(run.ID.N), Verify: true}
		if run.Act == "import" {
			b.refuse(a, problem.BadInput)
			continue
		}
		r, err := b.try(a)
		if err != nil || r.Problem != nil {
			t.Errorf("%s: %v, %+v", run.Act, err, r)
			continue
		}
		seen[run.Act] = true
		if got := texts(t, r.Tables[0], "same"); slices.Contains(got, "no") || len(got) == 0 {
			t.Errorf("%s: %v", run.Act, got)
		}
	}
	for _, act := range []string{"match", "positivity", "score", "plan"} {
		if !seen[act] {
			t.Errorf("no %s was replayed", act)
		}
	}
	if b.snapshot() != before {
		t.Error("a replay changed the store")
	}
}

// A result that does not come out again is told and, to be verified, fails.
func TestReplayTellsADifference(t *testing.T) {
	b, _ := rankedState(t, 4, small())
	run, err := b.w.Run(t.Context(), b.latest(workspace.KindRanking, "").Run)
	if err != nil {
		t.Fatal(err)
	}
	outputs, err := b.w.Outputs(t.Context(), run.ID)
	if err != nil {
		t.Fatal(err)
	}
	then := b.w.Again(run)
	if _, err := scoreWith("lga").Run(t.Context(), then, func(string, int, int) {}); err != nil {
		t.Fatal(err)
	}
	if _, different, err := compareOutputs(outputs, then.Repeated()); err != nil || different == 0 {
		t.Errorf("another way to fill gaps gives %d differences, %v", different, err)
	}
	if _, different, _ := compareOutputs(outputs, nil); different != len(outputs) {
		t.Errorf("nothing at all gives %d differences", different)
	}
	b.do(b.mapTo("rank", "rank.svg"))
	runs, _ := b.w.Runs(t.Context())
	b.refuse(&Replay{Number: int(runs[len(runs)-1].ID.N)}, problem.BadInput)
	b.refuse(&Replay{Number: 999}, problem.NotFound)
	mustProblem(t, (&Replay{}).Check(), problem.Usage)
}
