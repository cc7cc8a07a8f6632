package action

import (
	"context"
	"slices"
	"sync/atomic"
	"testing"

	"chatmrpt/core/problem"
	"chatmrpt/core/sample"
)

// longAct is an act that may take a while; it is made anew for each attempt,
// because an act may fill itself in.
type longAct struct {
	name string
	make func() Action
}

// longActs are those on a state that is loaded and ranked. The import, which
// puts new boundaries in place of those ranked on, comes last.
func (b *bench) longActs(s *sample.State) []longAct {
	b.t.Helper()
	paths := b.stateFiles(s)
	return []longAct{
		{"match", func() Action { return &Match{} }},
		{"positivity", func() Action { return allTests() }},
		{"compare", func() Action { return &Positivity{Compare: true, Selection: Selection{Test: "rdt", Period: "all"}} }},
		{"score", func() Action { return scoreWith("neighbours") }},
		{"stability", func() Action {
			a := scoreWith("neighbours")
			a.Stability = 200
			return a
		}},
		{"quality", func() Action { return NewQuality() }},
		{"doctor", func() Action { return &Doctor{} }},
		{"lisa", func() Action { return spatialOf(statLISA, "positivity") }},
		{"moran", func() Action { return spatialOf(statMoran, "evi") }},
		{"eb", func() Action { return spatialOf(statEB, "positivity") }},
		{"scan", func() Action { return spatialOf(statScan, "positivity") }},
		{"regions", func() Action {
			a := spatialOf(statRegions, "")
			a.Vars, a.Regions = []string{"positivity"}, 3
			return a
		}},
		{"plan", func() Action { return planOf(1000, "proportional") }},
		{"png", func() Action { return b.mapTo("rank", "map.png") }},
		{"svg", func() Action { return b.mapTo("evi", "map.svg") }},
		{"pdf", func() Action { return b.mapTo("nets", "map.pdf") }},
		{"report", func() Action { return &Report{Out: b.path("report.pdf")} }},
		{"takeout", func() Action { return &Takeout{Out: b.path("all.zip")} }},
		{"import", func() Action { return &Import{Files: paths} }},
	}
}

// stopped checks that an act was interrupted and left everything as it was.
func (b *bench) stopped(what string, err error, before string) {
	b.t.Helper()
	if p := problem.From(err, what); !problem.Is(p, problem.Interrupted) || p.Hint == "" {
		b.t.Errorf("%s: stopped with %v", what, err)
	}
	if after := b.snapshot(); after != before {
		b.t.Errorf("%s: the store changed from\n%s\nto\n%s", what, before, after)
	}
}

// An act that is stopped before it begins does nothing; that goes for the
// short ones too.
func TestStoppedBeforeItBegins(t *testing.T) {
	b, s := rankedState(t, 14, small())
	acts := b.longActs(s)
	acts = append(acts,
		longAct{"data", func() Action { return &Data{} }},
		longAct{"runs", func() Action { return &Runs{} }},
		longAct{"export", func() Action { return &Export{What: "ranking", Out: b.path("ranking.csv")} }},
		longAct{"keep", func() Action { return &Keep{Until: "2030-01-01"} }},
		longAct{"erase", func() Action { return &Erase{Confirm: b.w.Project()} }},
		longAct{"sample", func() Action { return NewSample() }},
	)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, act := range acts {
		before := b.snapshot()
		a := act.make()
		_, err := Do(ctx, b.w, actName(a), a, func(string, int, int) {})
		b.stopped(act.name, err, before)
	}
	if got := b.files(); !slices.Equal(got, []string{"state"}) {
		t.Errorf("left: %v", got)
	}
}

// An act that is stopped at any word it says of its progress leaves no file
// and nothing in the store. The last word comes before the results are kept.
func TestStoppedOnTheWay(t *testing.T) {
	b, s := rankedState(t, 14, small())
	for _, act := range b.longActs(s) {
		name, words := act.name, 0
		files := b.files()
		for at := 1; ; at++ {
			before := b.snapshot()
			ctx, cancel := context.WithCancel(t.Context())
			told := 0
			a := act.make()
			_, err := Do(ctx, b.w, actName(a), a, func(string, int, int) {
				if told++; told == at {
					cancel()
				}
			})
			cancel()
			if told < at {
				if err != nil {
					t.Errorf("%s: not stopped, and yet %v", name, err)
				}
				break
			}
			words++
			b.stopped(name, err, before)
			if got := b.files(); !slices.Equal(got, files) {
				t.Errorf("%s: left %v", name, got)
			}
		}
		if words == 0 {
			t.Errorf("%s never says how far it is", name)
		}
	}
}

// fuse is a context that ends itself when it has been asked a number of times
// whether it has ended: a way to stop an act at any of its own checks.
type fuse struct {
	context.Context
	stop context.CancelFunc
	left atomic.Int64
}

func newFuse(ctx context.Context, checks int64) *fuse {
	f := &fuse{}
	f.Context, f.stop = context.WithCancel(ctx)
	f.left.Store(checks)
	return f
}

func (f *fuse) Err() error {
	if f.left.Add(-1) < 0 {
		f.stop()
	}
	return f.Context.Err()
}

// Wherever an act looks whether it was stopped, it ends as interrupted and the
// store is as it was: by turns after 0, 1, 2, 3, 5, 8 … looks until it gets
// through.
func TestStoppedAtItsOwnChecks(t *testing.T) {
	b, s := rankedState(t, 14, small())
	for _, act := range b.longActs(s) {
		name, stops := act.name, 0
		for checks, next := int64(0), int64(1); ; checks, next = next, checks+next {
			before := b.snapshot()
			f := newFuse(t.Context(), checks)
			_, err := act.make().Run(f, b.w, func(string, int, int) {})
			f.stop()
			if err == nil {
				break
			}
			stops++
			b.stopped(name, err, before)
			if t.Failed() || checks > 1e7 {
				t.Fatalf("%s stopped after %d looks: %v", name, checks, err)
			}
		}
		if stops < 1 {
			t.Errorf("%s never looks whether it was stopped", name)
		}
	}
}

// Closing the profile stops an act in it and waits for it.
func TestClosingStopsTheAct(t *testing.T) {
	b, _ := rankedState(t, 14, small())
	ended := make(chan error, 1)
	closed := make(chan error, 1)
	begun := make(chan struct{})
	goOn := make(chan struct{})
	go func() {
		a := scoreWith("neighbours")
		_, err := Do(context.Background(), b.w, "score", a, func(step string, _, _ int) {
			if step == "ranking" {
				close(begun)
				<-goOn
			}
		})
		ended <- err
	}()
	<-begun
	go func() { closed <- b.w.Close() }()
	// Close has begun when a new act is let in no more.
	for {
		if _, err := b.try(&Runs{}); problem.Is(err, problem.Locked) {
			break
		}
	}
	select {
	case err := <-closed:
		t.Errorf("closed (%v) while an act was at work", err)
	default:
	}
	close(goOn)
	if err := <-closed; err != nil {
		t.Error(err)
	}
	mustProblem(t, <-ended, problem.Interrupted)
}
