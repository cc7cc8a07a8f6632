package presenter

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"chatmrpt/core/action"
	"chatmrpt/core/problem"
	"chatmrpt/core/workspace"
)

// Busy is what runs now.
type Busy struct {
	Title    string
	Step     string // what it is at
	Done     int    // of Total
	Total    int    // 0 when it can't be said
	Stopping bool   // the person has cancelled it
}

// Words says in a line what runs.
func (b Busy) Words() string {
	words := b.Title
	if b.Step != "" {
		words += ": " + b.Step
	}
	if b.Total > 0 {
		words += fmt.Sprintf(" (%d of %d)", b.Done, b.Total)
	}
	if b.Stopping {
		return "Stopping. " + words
	}
	return words
}

// call is one act of a job.
type call struct {
	step int // the step it belongs to, -1 for none
	act  string
	a    action.Action
}

// title says what the call does, while it runs.
func (c call) title() string {
	if c.step < 0 {
		return "Saving"
	}
	return steps()[c.step].Title
}

// start runs calls one after another up to the first problem, then reads what
// the project holds. While something runs nothing else is started.
func (d *Desk) start(title string, calls ...call) {
	if d.closed {
		return
	}
	d.touched()
	if d.busy != nil {
		d.trouble = troubleOf(errBusy(), "window")
		d.tell()
		return
	}
	ctx, stop := context.WithCancel(d.ctx)
	d.busy, d.stop, d.trouble = &Busy{Title: title}, stop, nil
	work, wait := d.work, d.stopErrand(calls)
	d.run(func() {
		defer stop()
		wait()
		for _, c := range calls {
			r, err := work.Do(ctx, c.act, c.a, d.meter(c.title(), func() *Busy { return d.busy }))
			d.post(func() { d.took(c, r, err) })
			if err != nil {
				break
			}
		}
		s, err := look(d.ctx, work)
		d.post(func() { d.finish(s, err) })
	})
	d.tell()
}

// sight is what the project holds after a job.
type sight struct {
	facts     facts
	ranking   *Ranking
	reminders []workspace.Reminder
	due       time.Time // when the schedule says to send what waits; zero for never
}

// look reads the project. It is done after a cancelled job too, so it ends
// with the desk and not with the job.
func look(ctx context.Context, work Workspace) (sight, error) {
	r, err := work.Do(ctx, "data", &action.Data{}, nil)
	if err != nil {
		return sight{}, err
	}
	ranking, err := work.Ranking(ctx)
	if err != nil {
		return sight{}, err
	}
	due, err := work.NextSending(ctx)
	return sight{facts: factsOf(r.Tables), ranking: ranking, reminders: r.Reminders, due: due}, err
}

// meter tells how far an act is, on what shows gives as long as the act runs.
// Acts tell often; only the newest word waits for the window.
func (d *Desk) meter(title string, shows func() *Busy) action.Progress {
	var (
		mu     sync.Mutex
		latest Busy
		queued bool
	)
	show := func() {
		mu.Lock()
		now := latest
		queued = false
		mu.Unlock()
		if shown := shows(); shown != nil {
			now.Stopping = shown.Stopping
			*shown = now
		}
	}
	return func(step string, done, total int) {
		mu.Lock()
		defer mu.Unlock()
		latest = Busy{Title: title, Step: step, Done: done, Total: total}
		if !queued {
			queued = true
			d.post(show)
		}
	}
}

// took takes in what came of a call.
func (d *Desk) took(c call, r *action.Result, err error) {
	switch {
	case err != nil && wasStopped(err):
		d.summary = "Stopped. Nothing of the stopped step was kept."
		return
	case err != nil:
		d.trouble = troubleOf(err, c.act)
		d.trouble.Heading = c.title() + ": " + strings.ToLower(d.trouble.Heading[:1]) + d.trouble.Heading[1:]
		d.setFailed(c, true)
		return
	}
	d.setFailed(c, false)
	d.forgetSecrets(c.act)
	d.summary = summaryOf(r)
	d.look(c, r)
	d.destroyed(c)
	if sheet := sheetOf(c.title(), r); sheet != nil {
		sheet.Front = c.step >= 0 && d.steps[c.step].Act != mainAct(c.act) || c.act == shareAct || c.act == profileAct
		d.sheet = sheet
	}
	if c.step >= 0 {
		d.notes[mainAct(c.act)] = r.Notices
	}
	d.view.follow(c.act)
}

// setFailed marks a step whose own act failed; its further tasks leave what it
// brought as it is.
func (d *Desk) setFailed(c call, failed bool) {
	if c.step >= 0 && d.steps[c.step].Act == mainAct(c.act) {
		d.failed[d.steps[c.step].Act] = failed
	}
}

// summaryOf says what was done, and into which files: their names, for where
// they lie the person has just chosen.
func summaryOf(r *action.Result) string {
	if len(r.Files) == 0 {
		return windowWords(r.Summary)
	}
	var names []string
	for _, f := range r.Files {
		names = append(names, filepath.Base(f))
	}
	return windowWords(r.Summary) + " Saved as " + strings.Join(names, ", ") + "."
}

// finish ends a job.
func (d *Desk) finish(s sight, err error) {
	d.busy, d.stop = nil, nil
	if err != nil {
		d.trouble = troubleOf(err, "data")
		return
	}
	d.facts, d.ranking, d.due = s.facts, s.ranking, s.due
	d.remind(s.reminders)
	d.view.changed(d.facts.views())
	d.redraw()
}

// Busy is what runs now, nil when nothing does.
func (d *Desk) Busy() *Busy { return d.busy }

// Cancel stops what runs: what the person began or, when that is nothing, what
// the schedule did.
func (d *Desk) Cancel() {
	b, stop := d.busy, d.stop
	if b == nil && d.errand != nil {
		b, stop = d.Errand(), d.errand.stop
	}
	if b == nil {
		return
	}
	d.touched()
	b.Stopping = true
	stop()
	d.tell()
}

// Import reads files into the project, with the answers of the first step.
func (d *Desk) Import(paths []string) {
	if len(paths) == 0 {
		return
	}
	a := &action.Import{}
	if err := fill(a, d.answers["import"]); err != nil {
		d.refuse(0, err)
		return
	}
	a.Files = paths
	d.start("Reading the files", call{step: 0, act: "import", a: a})
}

// Run does the selected task with its form's answers. The first task of the
// first step has nothing to run without files: see Import.
func (d *Desk) Run() {
	if len(d.steps) == 0 || (d.selected == 0 && d.Task() == 0) {
		return
	}
	t := d.current()
	a, err := t.asked(d.answers[t.Act])
	if err == nil && d.looksFirst(t) {
		err = problem.New(problem.Usage, t.Act, "", "nobody has looked at what would be sent as things are now",
			"Choose “"+d.Tasks()[0].Words+"” first, then come back")
	}
	if err != nil {
		d.refuse(d.selected, err)
		return
	}
	d.start(d.steps[d.selected].Title, call{step: d.selected, act: t.Act, a: a})
}

// RunAll does every step after the first with the forms' answers, up to the
// first problem. A made-up state whose loading was cancelled is loaded first.
func (d *Desk) RunAll() {
	var before []call
	if d.madeUp && len(d.facts.loaded) == 0 {
		before = []call{sampleCall()}
	}
	d.runSteps("Doing everything", before, 1, 2, 3, 4)
}

func sampleCall() call { return call{step: 0, act: "sample", a: action.NewSample()} }

// runSteps starts calls, followed by the acts of some steps.
func (d *Desk) runSteps(title string, calls []call, which ...int) {
	for _, i := range which {
		if i >= len(d.steps) {
			return
		}
		t := tasksOf(d.steps[i])[0]
		a, err := t.asked(d.answers[t.Act])
		if err != nil {
			d.task[i] = 0
			d.refuse(i, err)
			return
		}
		calls = append(calls, call{step: i, act: t.Act, a: a})
	}
	d.start(title, calls...)
}

// refuse says that a form can't be run as it is filled in, and shows it.
func (d *Desk) refuse(i int, err error) {
	d.touched()
	d.selected = i
	d.trouble = troubleOf(err, d.steps[i].Act)
	d.trouble.Heading = d.steps[i].Title + ": " + strings.ToLower(d.trouble.Heading[:1]) + d.trouble.Heading[1:]
	d.tell()
}

// keepOnly keeps of a comma list what is among known.
func keepOnly(list string, known []string) string {
	return strings.Join(slices.DeleteFunc(split(list), func(s string) bool { return !slices.Contains(known, s) }), ",")
}
