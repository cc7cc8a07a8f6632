package presenter

import (
	"context"
	"image"
	"strings"
	"testing"

	"chatmrpt/core/action"
	"chatmrpt/core/problem"
)

func rest(q *queue, d *Desk) {
	q.until("rest", func() bool { return d.Busy() == nil && !d.view.drawing })
}

func TestTheChainRunsInOrder(t *testing.T) {
	work := &fakeWork{}
	_, desk, q := opened(t, work)
	desk.answers = madeUpAnswers()
	desk.RunAll()
	rest(q, desk)
	if got := work.done(); got != "match positivity score plan" {
		t.Errorf("did %q", got)
	}
	if desk.Summary() != "plan of "+canary || desk.Trouble() != nil {
		t.Errorf("summary %q, trouble %v", desk.Summary(), desk.Trouble())
	}
	if notes := desk.Notes(); len(notes) != 4 || notes[0].Step != "Places" || notes[3].Step != "Nets" {
		t.Errorf("notes %v", notes)
	}
}

func TestTheChainStopsAtTheFirstProblem(t *testing.T) {
	work := &fakeWork{}
	_, desk, q := opened(t, work)
	desk.answers = madeUpAnswers()
	work.act = func(_ context.Context, name string, _ action.Action, _ action.Progress) (*action.Result, error) {
		if name == "positivity" {
			return nil, problem.New(problem.NotFound, name, "facilities", "there is no table", "Run `mrpt match` first")
		}
		return &action.Result{Summary: name}, nil
	}
	desk.RunAll()
	rest(q, desk)
	if got := work.done(); got != "match positivity" {
		t.Errorf("did %q", got)
	}
	p := desk.Trouble()
	if p == nil || p.Sentence != "Facilities: there is no table." || p.Hint != "Run the step “Places” first." || !strings.HasPrefix(p.Heading, "Positivity: ") {
		t.Errorf("trouble %+v", p)
	}
	if s := desk.Steps(); s[2].State != Failed || s[3].State != ToDo {
		t.Errorf("states %v %v", s[2].State, s[3].State)
	}
	desk.Dismiss()
	if desk.Trouble() != nil || desk.Steps()[2].State != Failed {
		t.Error("putting the trouble away changes more than the trouble")
	}
}

// A form that can't be run is refused before anything runs, and is shown.
func TestTheChainChecksEveryFormFirst(t *testing.T) {
	work := &fakeWork{}
	_, desk, _ := opened(t, work)
	desk.RunAll()
	if work.done() != "" || desk.Selected() != 2 || desk.Trouble() == nil {
		t.Fatalf("did %q, selected %d, trouble %v", work.done(), desk.Selected(), desk.Trouble())
	}
	if p := desk.Trouble(); !strings.HasPrefix(p.Hint, "Fill in “Level of care”") {
		t.Errorf("hint %q", p.Hint)
	}
}

func TestOneActAtATime(t *testing.T) {
	started, release := make(chan struct{}), make(chan struct{})
	work := &fakeWork{}
	_, desk, q := opened(t, work)
	work.act = func(context.Context, string, action.Action, action.Progress) (*action.Result, error) {
		close(started)
		<-release
		return &action.Result{}, nil
	}
	desk.Select(1)
	desk.Run()
	<-started
	desk.Run()
	desk.Import([]string{"x.csv"})
	if desk.Trouble() == nil || desk.Trouble().Hint != "Wait until it is done, or cancel it." {
		t.Errorf("trouble %+v", desk.Trouble())
	}
	close(release)
	rest(q, desk)
	if got := work.done(); got != "match" {
		t.Errorf("did %q", got)
	}
}

func TestCancelStopsAndIsNoFailure(t *testing.T) {
	started := make(chan struct{})
	work := &fakeWork{}
	_, desk, q := opened(t, work)
	work.act = func(ctx context.Context, name string, _ action.Action, tell action.Progress) (*action.Result, error) {
		tell("matching", 3, 7)
		close(started)
		<-ctx.Done()
		return nil, problem.From(ctx.Err(), name)
	}
	desk.Select(1)
	desk.Run()
	<-started
	q.until("progress", func() bool { return desk.Busy().Total == 7 })
	if got := desk.Busy().Words(); got != "Places: matching (3 of 7)" {
		t.Errorf("it says %q", got)
	}
	desk.Cancel()
	if !desk.Busy().Stopping || !strings.HasPrefix(desk.Busy().Words(), "Stopping.") {
		t.Errorf("busy %+v", desk.Busy())
	}
	rest(q, desk)
	if desk.Trouble() != nil || !strings.HasPrefix(desk.Summary(), "Stopped.") || desk.Steps()[1].State == Failed {
		t.Errorf("trouble %v, summary %q, state %v", desk.Trouble(), desk.Summary(), desk.Steps()[1].State)
	}
	desk.Cancel() // nothing runs: nothing happens
}

// Acts tell faster than a window draws; what waits for the window is one word,
// the newest.
func TestProgressDoesNotPileUp(t *testing.T) {
	told := make(chan struct{})
	work := &fakeWork{}
	_, desk, q := opened(t, work)
	release := make(chan struct{})
	work.act = func(_ context.Context, _ string, _ action.Action, tell action.Progress) (*action.Result, error) {
		for i := range 100_000 {
			tell("counting", i+1, 100_000)
		}
		close(told)
		<-release
		return &action.Result{}, nil
	}
	desk.Select(1)
	desk.Run()
	<-told
	if n := len(q.posts); n > 2 {
		t.Errorf("%d posts wait for the window", n)
	}
	q.until("the newest word", func() bool { return desk.Busy().Done == 100_000 })
	close(release)
	rest(q, desk)
}

func TestImportTakesTheFormsAnswers(t *testing.T) {
	work := &fakeWork{}
	_, desk, q := opened(t, work)
	var got *action.Import
	work.act = func(_ context.Context, _ string, a action.Action, _ action.Progress) (*action.Result, error) {
		got = a.(*action.Import)
		return &action.Result{}, nil
	}
	desk.Answer("as", "wards")
	desk.Answer("column", "urban=Urban %, population=People")
	desk.Import([]string{"/a/x.csv", "/a/y.csv"})
	rest(q, desk)
	if got == nil || got.As != "wards" || len(got.Files) != 2 || len(got.Columns) != 2 || got.Columns[1] != "population=People" {
		t.Errorf("imported %+v", got)
	}
	desk.Answer("as", "nonsense")
	desk.Import([]string{"/a/x.csv"})
	if p := desk.Trouble(); p == nil || !strings.Contains(p.Sentence, "What the files hold") {
		t.Errorf("trouble %+v", p)
	}
}

func TestSaveGivesTheFileItsEnding(t *testing.T) {
	work := &fakeWork{}
	_, desk, q := opened(t, work)
	for _, s := range desk.Savings() {
		var out string
		work.act = func(_ context.Context, name string, a action.Action, _ action.Progress) (*action.Result, error) {
			for _, p := range action.Params(a) {
				if isOutput(name, p.Name) && p.Value() != "" {
					out = p.Value()
				}
			}
			return &action.Result{Summary: "Wrote it.", Files: []string{out}}, nil
		}
		desk.Save(s, "/tmp/mine")
		rest(q, desk)
		want := "/tmp/mine" + s.Name[strings.LastIndex(s.Name, "."):]
		if out != want || s.Path(want) != want || s.Path(strings.ToUpper(want)) != strings.ToUpper(want) {
			t.Errorf("%s: wrote %q, not %q", s.Words, out, want)
		}
		if desk.Summary() != "Wrote it. Saved as mine"+want[len("/tmp/mine"):]+"." {
			t.Errorf("%s: summary %q", s.Words, desk.Summary())
		}
	}
}

// Cancelling the loading of the made-up state is no dead end.
func TestACancelledMadeUpStateCanBeLoadedAfterAll(t *testing.T) {
	work, q := &fakeWork{}, newQueue(t)
	work.act = func(_ context.Context, name string, _ action.Action, _ action.Progress) (*action.Result, error) {
		return nil, problem.From(context.Canceled, name)
	}
	s := NewSession(&fakeHome{work: work}, q, func() {})
	s.Try()
	q.until("the end", func() bool { return s.Desk() != nil && s.Desk().Busy() == nil })
	desk := s.Desk()
	if _, words := desk.Picture(); !strings.Contains(words, "“Do everything”") {
		t.Errorf("says %q", words)
	}
	work.act = nil
	desk.RunAll()
	rest(q, desk)
	if got := work.done(); got != "sample sample match positivity score plan" {
		t.Errorf("did %q", got)
	}
}

func TestStatesFollowTheRuns(t *testing.T) {
	for _, tc := range []struct {
		name string
		data []any
		want [5]State
	}{
		{"nothing", nil, [5]State{ToDo, ToDo, ToDo, ToDo, ToDo}},
		{"no boundaries yet", []any{"facilities", 1}, [5]State{ToDo, ToDo, ToDo, ToDo, ToDo}},
		{"loaded", []any{"boundaries", 1, "facilities", 2}, [5]State{Done, ToDo, ToDo, ToDo, ToDo}},
		{"all", []any{"boundaries", 1, "match", 2, "positivity", 3, "ranking", 4, "models", 4, "plan", 5}, [5]State{Done, Done, Done, Done, Done}},
		{"without positivity", []any{"boundaries", 1, "match", 2, "ranking", 4}, [5]State{Done, Done, ToDo, Done, ToDo}},
		{"positivity anew", []any{"boundaries", 1, "match", 2, "positivity", 6, "ranking", 4, "plan", 5}, [5]State{Done, Done, Done, Stale, Stale}},
		{"a file anew", []any{"boundaries", 1, "population", 9, "match", 2, "positivity", 6, "ranking", 7, "plan", 8}, [5]State{Done, Stale, Stale, Stale, Stale}},
	} {
		f := factsOf(dataTables(t, nil, tc.data...))
		for i, want := range tc.want {
			if got := f.state(i); got != want {
				t.Errorf("%s: step %d is %s, not %s", tc.name, i+1, got.Words(), want.Words())
			}
		}
	}
}

func TestTheMapOffersWhatThereIs(t *testing.T) {
	work := &fakeWork{data: dataTables(t, []string{"rain", "positivity"}, "boundaries", 1, "ranking", 2)}
	_, desk, q := opened(t, work)
	var words []string
	for _, v := range desk.Views() {
		words = append(words, v.Words)
	}
	if got := strings.Join(words, "; "); got != "Risk category; Risk rank; Missing data; Rain; Test positivity rate" {
		t.Errorf("offers %s", got)
	}
	if desk.Shown() != "category" {
		t.Errorf("shows %s at first", desk.Shown())
	}
	desk.Resize(800, 600, 2)
	rest(q, desk)
	if img, words := desk.Picture(); img == nil || words != "" {
		t.Errorf("no picture: %q", words)
	}
	desk.Show("nets")
	if desk.Shown() != "category" {
		t.Error("shows what there is not")
	}
}

func TestThePictureSaysWhyThereIsNone(t *testing.T) {
	_, empty, _ := opened(t, &fakeWork{})
	if _, words := empty.Picture(); !strings.Contains(words, "Add your files") {
		t.Errorf("says %q", words)
	}
	_, loaded, _ := opened(t, &fakeWork{data: dataTables(t, nil, "boundaries", 1)})
	if _, words := loaded.Picture(); !strings.Contains(words, "“Places”") {
		t.Errorf("says %q", words)
	}
	work := &fakeWork{data: dataTables(t, []string{"rain"}, "boundaries", 1)}
	work.draw = func(context.Context, *action.Map) (*image.RGBA, error) {
		return nil, problem.New(problem.BadInput, "map", "", "there is no room", "Try another size with --width and --height")
	}
	_, small, q := opened(t, work)
	small.Resize(10, 10, 1)
	rest(q, small)
	if img, words := small.Picture(); img != nil || !strings.HasPrefix(words, "There is no room.") {
		t.Errorf("says %q", words)
	}
}

// While one picture is made, of many requests only the last is drawn.
func TestTheLatestMapWins(t *testing.T) {
	first, release := make(chan struct{}), make(chan struct{})
	var widths []int
	work := &fakeWork{data: dataTables(t, []string{"rain"}, "boundaries", 1)}
	work.draw = func(_ context.Context, m *action.Map) (*image.RGBA, error) {
		widths = append(widths, m.Width) // one drawing at a time: the pen has one holder
		if len(widths) == 1 {
			close(first)
			<-release
		}
		return image.NewRGBA(image.Rect(0, 0, m.Width, m.Height)), nil
	}
	_, desk, q := opened(t, work)
	desk.Resize(140, 140, 1)
	<-first
	for w := 280; w <= 1400; w += 140 {
		desk.Resize(w, 700, 1)
	}
	close(release)
	rest(q, desk)
	if len(widths) != 2 || widths[0] != 100 || widths[1] != 1000 {
		t.Errorf("drew widths %v", widths)
	}
	if img, _ := desk.Picture(); img == nil || img.Bounds().Dx() != 1000 {
		t.Errorf("shows %v", img)
	}
}
