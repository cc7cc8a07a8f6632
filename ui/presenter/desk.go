package presenter

import (
	"context"
	"sync"
	"time"

	"chatmrpt/core/workspace"
	"chatmrpt/sync/acts"
)

// Desk is an open workspace with all that the window shows of it. It is used
// from the window's goroutine alone.
type Desk struct {
	loop Loop
	tell func() // something that is shown has changed

	ctx     context.Context // ends when the desk closes
	cancel  context.CancelFunc
	running sync.WaitGroup // everything the desk has started

	touch  func() // tells of an input; nil when nobody asks
	closed bool
	papers
}

// papers is everything of the user that the desk holds. Closing the desk puts
// the zero value in its place.
type papers struct {
	work     Workspace
	madeUp   bool
	steps    []Step
	selected int
	task     map[int]int // the selected task, by step
	sheet    *Sheet
	looked   bool                // at what would be sent, as things are now
	answers  map[string]form     // by act
	emptied  int                 // how often forms were emptied of what was typed
	failed   map[string]bool     // by act: whether the last try failed
	notes    map[string][]string // by act
	facts    facts
	ranking  *Ranking
	summary  string
	warning  string // that it will be locked soon, "" when not
	trouble  *Trouble
	notices  []*Trouble // of the opening, until they are put away
	reminded map[workspace.Reminder]bool
	busy     *Busy
	stop     context.CancelFunc // of what is busy
	due      time.Time          // when the schedule says to send what waits; zero for never
	errand   *errand            // what runs by it
	view     view
	folder   string // where files were last looked for
}

// newDesk lays out an open workspace.
func newDesk(loop Loop, tell func(), work Workspace, madeUp bool) *Desk {
	d := &Desk{loop: loop, tell: tell}
	d.ctx, d.cancel = context.WithCancel(context.Background())
	d.papers = papers{
		work: work, madeUp: madeUp, steps: steps(), task: map[int]int{}, answers: map[string]form{}, failed: map[string]bool{}, notes: map[string][]string{}, reminded: map[workspace.Reminder]bool{},
	}
	if madeUp {
		d.answers = madeUpAnswers()
	}
	if t := wrongTries(work.WrongTries()); t != nil {
		d.notices = append(d.notices, t)
	}
	if work.CodeUntold() && !madeUp {
		d.notices = append(d.notices, untoldCode())
	}
	return d
}

// begin reads what the project holds; the made-up state is loaded first.
func (d *Desk) begin() {
	if d.madeUp {
		d.start("Loading the made-up state", sampleCall())
		return
	}
	d.start("Opening the project")
}

// close drops everything of the user at once and stops what runs. The
// function it returns waits for that and closes the workspace; it is to be
// called beside the window.
func (d *Desk) close() (wait func() error) {
	work := d.work
	d.closed = true
	d.cancel()
	d.papers = papers{}
	return func() error {
		d.running.Wait()
		return work.Close()
	}
}

// codeTold notes that the person has the profile's recovery code.
func (d *Desk) codeTold() {
	work := d.work
	d.notices = nil // of an opening that just made the code
	d.run(func() {
		if err := work.CodeTold(); err != nil {
			d.post(func() { d.trouble = troubleOf(err, "recovery code") })
		}
	})
}

// run starts work beside the window. work must not touch the desk.
func (d *Desk) run(work func()) {
	d.running.Add(1)
	d.loop.Go(func() {
		defer d.running.Done()
		work()
	})
}

// post brings a result to the desk, unless it was closed meanwhile.
func (d *Desk) post(f func()) {
	d.loop.Post(func() {
		if d.closed {
			return
		}
		f()
		d.tell()
	})
}

// User is the name of the profile.
func (d *Desk) User() string {
	if d.work == nil {
		return ""
	}
	return d.work.User()
}

// MadeUp reports whether all of this is the made-up state.
func (d *Desk) MadeUp() bool { return d.madeUp }

// Steps lists the parts of the work with their states.
func (d *Desk) Steps() []Step {
	out := make([]Step, len(d.steps))
	for i, s := range d.steps {
		s.State = d.facts.state(i)
		if d.failed[s.Act] {
			s.State = Failed
		}
		out[i] = s
	}
	return out
}

// Selected is the number of the step whose form is shown.
func (d *Desk) Selected() int { return d.selected }

// Select shows the form of step i.
func (d *Desk) Select(i int) {
	if i < 0 || i >= len(d.steps) {
		return
	}
	d.touched()
	if i != d.selected {
		d.forgetSecrets(d.current().Act)
	}
	d.selected = i
	d.tell()
}

// Fields is the form of the selected step.
func (d *Desk) Fields() []Field {
	if len(d.steps) == 0 {
		return nil
	}
	t := d.current()
	spec, _ := acts.Find(t.Act)
	fields := fieldsOf(t, spec.New(), d.answers[spec.Name], d.facts.variables)
	for i := range fields {
		fields[i].Emptied = d.emptied
	}
	return fields
}

// Answer takes a field of the selected step. It tells only when other fields
// depend on it, so that typing redraws nothing.
func (d *Desk) Answer(field, value string) {
	if len(d.steps) == 0 {
		return
	}
	d.touched()
	act := d.current().Act
	if act == shareAct {
		d.looked = false
	}
	if d.answers[act] == nil {
		d.answers[act] = form{}
	}
	d.answers[act][field] = value
	if field == "vars" {
		d.answers[act]["invert"] = keepOnly(d.answers[act]["invert"], split(value))
		d.tell()
	}
}

// Loaded lists the tables that came from files.
func (d *Desk) Loaded() []Loaded { return d.facts.loaded }

// Ranking is the newest ranking, nil when there is none.
func (d *Desk) Ranking() *Ranking { return d.ranking }

// Summary says what was done last.
func (d *Desk) Summary() string { return d.summary }

// Trouble is the problem that stopped the last act, nil when none did.
func (d *Desk) Trouble() *Trouble { return d.trouble }

// Dismiss puts the trouble away.
func (d *Desk) Dismiss() {
	d.touched()
	d.trouble = nil
	d.tell()
}

// Notice is what must be known about the opening of the profile, nil when there
// is nothing. It stays until it is put away; then comes the next.
func (d *Desk) Notice() *Trouble {
	if len(d.notices) == 0 {
		return nil
	}
	return d.notices[0]
}

// DismissNotice puts the notice away.
func (d *Desk) DismissNotice() {
	d.touched()
	if len(d.notices) > 0 {
		d.notices = d.notices[1:]
	}
	d.tell()
}

// remind puts what concerns the whole project among the notices, once.
func (d *Desk) remind(all []workspace.Reminder) {
	for _, r := range all {
		if d.reminded[r] {
			continue
		}
		d.reminded[r] = true
		d.notices = append(d.notices, &Trouble{Heading: "Reminder", Sentence: sentence(windowWords(r.What)), Hint: sentence(windowWords(r.Do))})
	}
}

// Note is something to be known before a result is used.
type Note struct{ Step, Text string }

// Notes lists what the acts had to say, in the order of the steps.
func (d *Desk) Notes() []Note {
	var out []Note
	for _, s := range d.steps {
		told := map[string]bool{}
		for _, t := range tasksOf(s) {
			if told[t.Act] {
				continue
			}
			told[t.Act] = true
			for _, n := range d.notes[t.Act] {
				out = append(out, Note{Step: s.Title, Text: sentence(windowWords(n))})
			}
		}
	}
	return out
}

// Folder is where files were last looked for, "" at first.
func (d *Desk) Folder() string { return d.folder }

// SetFolder remembers where files were looked for, until the profile is
// locked.
func (d *Desk) SetFolder(dir string) {
	if !d.closed {
		d.folder = dir
	}
}
