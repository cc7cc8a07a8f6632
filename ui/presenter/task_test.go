package presenter

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"chatmrpt/core/action"
	"chatmrpt/core/table"
	"chatmrpt/sync/acts"
)

// turnToTask selects the task of that act, by its words.
func turnToTask(t *testing.T, desk *Desk, step int, words string) {
	t.Helper()
	desk.Select(step)
	i := slices.IndexFunc(desk.Tasks(), func(task Task) bool { return task.Words == words })
	if i < 0 {
		t.Fatalf("step %d has no task %q", step, words)
	}
	desk.SelectTask(i)
}

// The whole of sharing, in the window: set up, look, send, see what lies there.
func TestShareARealProfile(t *testing.T) {
	stick := t.TempDir()
	q := newQueue(t)
	s := NewSession(local(t), q, func() {})
	s.Try()
	q.until("the desk", func() bool { return s.Desk() != nil })
	desk := s.Desk()
	rest(q, desk)
	desk.RunAll()
	rest(q, desk)
	const share = 5

	turnToTask(t, desk, share, "Set up where to")
	desk.Answer("to", stick)
	desk.Answer("id", "amina")
	desk.Run()
	rest(q, desk)
	if p := desk.Trouble(); p != nil {
		t.Fatalf("set up: %+v", p)
	}

	turnToTask(t, desk, share, "Send it")
	desk.Run()
	if p := desk.Trouble(); p == nil || !strings.Contains(p.Sentence, "looked at") {
		t.Fatalf("sent without a look: %+v", p)
	}
	turnToTask(t, desk, share, "Look at what would be sent")
	desk.Run()
	rest(q, desk)
	sheet := desk.Sheet()
	if sheet == nil || sheet.Heading(0) != "File" || sheet.Cell(0, 0) != "about.json" || !sheet.Number(1) {
		t.Fatalf("the look shows %+v", sheet)
	}
	if _, err := os.Stat(filepath.Join(stick, "users", "amina", "m")); err == nil {
		t.Fatal("looking sent something")
	}
	turnToTask(t, desk, share, "Send it")
	desk.Run()
	rest(q, desk)
	if p := desk.Trouble(); p != nil || !strings.HasPrefix(desk.Summary(), "Sent ") {
		t.Fatalf("sending: %+v, %s", p, desk.Summary())
	}
	turnToTask(t, desk, share, "What lies there")
	desk.Run()
	rest(q, desk)
	if rows, _ := desk.Sheet().Size(); rows != 1 {
		t.Errorf("%d bundles lie there", rows)
	}
	if got := desk.Steps()[share].State; got != Free {
		t.Errorf("sharing is %s", got.Words())
	}
	desk.Select(1)
	desk.Run()
	rest(q, desk)
	turnToTask(t, desk, share, "Send it")
	desk.Run()
	if p := desk.Trouble(); p == nil || !strings.Contains(p.Sentence, "looked at") {
		t.Errorf("after a new result the old look still counts: %+v", p)
	}
}

// Every task is an act of the registry with a form, and its words are its own.
func TestTasksAreActs(t *testing.T) {
	for _, s := range steps() {
		seen := map[string]bool{}
		for _, task := range tasksOf(s) {
			spec, ok := acts.Find(task.Act)
			if !ok || task.Words == "" || task.Verb == "" || task.Intro == "" || seen[task.Words] {
				t.Errorf("%s: task %q of %q", s.Title, task.Words, task.Act)
			}
			seen[task.Words] = true
			for name := range task.given {
				if !slices.ContainsFunc(action.Params(spec.New()), func(p action.Param) bool { return p.Name == name }) {
					t.Errorf("%s: %q says %q, which the act does not take", s.Title, task.Words, name)
				}
			}
		}
	}
	for first, list := range tasks() {
		for _, task := range list {
			if _, ok := acts.Find(task.Act); !ok {
				t.Errorf("step %s: there is no act %q", first, task.Act)
			}
		}
	}
}

// What a further task found is told, and does not mark the step that it stands
// in as failed.
func TestFurtherTasksLeaveTheStepAlone(t *testing.T) {
	work := &fakeWork{}
	_, desk, q := opened(t, work)
	sheet, err := table.New("quality", table.TextOf("what", "gaps", ""))
	if err != nil {
		t.Fatal(err)
	}
	work.act = func(_ context.Context, name string, _ action.Action, _ action.Progress) (*action.Result, error) {
		if name != "quality" {
			return &action.Result{}, nil
		}
		return &action.Result{Summary: "Looked.", Notices: []string{"seen"}, Tables: []*table.Table{sheet}}, nil
	}
	turnToTask(t, desk, 0, "Check the data")
	desk.Run()
	rest(q, desk)
	if s := desk.Sheet(); s == nil || s.Cell(1, 0) != "–" || len(desk.Notes()) != 1 || desk.Notes()[0].Step != "Data" {
		t.Fatalf("sheet %+v, notes %v", s, desk.Notes())
	}
	work.act = func(context.Context, string, action.Action, action.Progress) (*action.Result, error) {
		return nil, errBusy()
	}
	desk.Run()
	rest(q, desk)
	if desk.Trouble() == nil || desk.Steps()[0].State == Failed {
		t.Errorf("trouble %+v, state %s", desk.Trouble(), desk.Steps()[0].State.Words())
	}
}

// Keeping and erasing in the window: erasing asks for the project's name, takes
// everything that was shown out of the window, and what was typed to confirm it
// does not hold for the next time.
func TestKeepAndEraseARealProfile(t *testing.T) {
	q := newQueue(t)
	s := NewSession(local(t), q, func() {})
	s.Try()
	q.until("the desk", func() bool { return s.Desk() != nil })
	desk := s.Desk()
	rest(q, desk)
	desk.RunAll()
	rest(q, desk)
	const profile = 6

	desk.Select(profile)
	desk.Run()
	rest(q, desk)
	if p := desk.Trouble(); p != nil || !strings.HasPrefix(desk.Summary(), "All is well") || desk.Sheet() == nil || !desk.Sheet().Front {
		t.Fatalf("examining: %+v, %s", p, desk.Summary())
	}
	turnToTask(t, desk, profile, "How long to keep the data")
	desk.Answer("until", "2001-02-03")
	desk.Run()
	rest(q, desk)
	if n := desk.Notice(); desk.Trouble() != nil || n == nil || !strings.Contains(n.Hint, "“Profile”") {
		t.Fatalf("keeping: %+v, notice %+v", desk.Trouble(), n)
	}

	turnToTask(t, desk, profile, "Erase all data")
	for _, wrong := range []string{"", "Default", "another"} {
		desk.Answer("confirm", wrong)
		desk.Run()
		rest(q, desk)
		if desk.Trouble() == nil || len(desk.Loaded()) == 0 {
			t.Fatalf("erased with %q", wrong)
		}
	}
	if !desk.current().Danger {
		t.Error("erasing looks like any other act")
	}
	before := desk.Fields()[0].Emptied
	desk.Answer("confirm", "default")
	desk.Run()
	rest(q, desk)
	if p := desk.Trouble(); p != nil || !strings.HasPrefix(desk.Summary(), "Everything in project default is erased") {
		t.Fatalf("erasing: %+v, %s", p, desk.Summary())
	}
	img, _ := desk.Picture()
	if len(desk.Loaded()) != 0 || desk.Ranking() != nil || desk.Sheet() != nil || img != nil || len(desk.Views()) != 0 || desk.Steps()[3].State != ToDo {
		t.Error("what is erased is still shown")
	}
	if desk.Fields()[0].Emptied == before || slices.ContainsFunc(desk.Fields(), func(f Field) bool { return f.Value != "" }) {
		t.Errorf("the confirmation still stands in the form: %+v", desk.Fields())
	}
	desk.Run()
	rest(q, desk)
	if desk.Trouble() == nil {
		t.Error("erased a second time without a word")
	}
	desk.RunAll()
	rest(q, desk)
	if desk.Trouble() != nil || desk.Ranking() == nil {
		t.Errorf("after erasing the work does not begin anew: %+v", desk.Trouble())
	}
}

// Rows kept from sight are removed by who says how many there are.
func TestRemovingAsksForTheNumber(t *testing.T) {
	work := &fakeWork{}
	_, desk, q := opened(t, work)
	var given []int
	work.act = func(_ context.Context, name string, a action.Action, _ action.Progress) (*action.Result, error) {
		if d, ok := a.(*action.Doctor); ok {
			given = append(given, d.Discard)
		}
		return &action.Result{}, nil
	}
	const profile = 6
	turnToTask(t, desk, profile, "Remove rows kept from sight")
	desk.Answer("discard", "3")
	desk.SelectTask(0) // examining removes nothing, whatever was typed elsewhere
	desk.Run()
	rest(q, desk)
	turnToTask(t, desk, profile, "Remove rows kept from sight")
	for range 2 { // what was said of the first is not said of the second
		desk.Run()
		rest(q, desk)
	}
	if !slices.Equal(given, []int{0, 3, 0}) {
		t.Errorf("asked to remove %v", given)
	}
}
