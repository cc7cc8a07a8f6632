package presenter

import (
	"maps"

	"chatmrpt/core/action"
	"chatmrpt/core/table"
	"chatmrpt/sync/acts"
)

// Task is something that can be done in a step: an act of the registry with its
// form. The first task of a step is what the step is for; an act gets a button
// here by a line of its own and nothing else.
type Task struct {
	Act    string
	Words  string // in the list of tasks
	Verb   string // on the button
	Intro  string // what it does, in a sentence or two
	Danger bool   // it destroys something for good
	given  form   // parameters that the task itself says, and nobody is asked for
}

// tasks are the further tasks of the steps, by the act the step is for.
func tasks() map[string][]Task {
	return map[string][]Task{
		"import": {
			{Act: "columns", Words: "Look at the columns", Verb: "Show the columns", Intro: "What each column was taken for, how surely, and by what. What you correct holds for the next file of this kind too."},
			{Act: "quality", Words: "Check the data", Verb: "Check the data", Intro: "What is missing, what contradicts itself, what stands out, and which years can be trusted."},
			{Act: "undo", Words: "Take the last import back", Verb: "Take it back", Intro: "Makes the version before the current one again. Nothing is deleted."},
		},
		"match": {
			{Act: "aliases", Words: "Decisions about names", Verb: "Show the decisions", Intro: "What you decided about names, or took over from a colleague."},
		},
		"positivity": {
			{Act: "trend", Words: "Change over time", Verb: "Compute the trend", Intro: "How the measure rose or fell, and whether that is more than chance."},
			{Act: "strata", Words: "Strata", Verb: "Sort into strata", Intro: "Classes of malaria by the cut-offs of WHO or a country."},
			{Act: "funnel", Words: "More than chance?", Verb: "Compare", Intro: "Which shares differ from the whole by more than their numbers allow."},
			{Act: "seasonality", Words: "Season", Verb: "Find the season", Intro: "When malaria is most frequent, and which places qualify for seasonal prevention."},
		},
		"score": {
			{Act: "variables", Words: "Which way variables point", Verb: "Show the variables", Intro: "What can be scored, which way each points and why."},
			{Act: "spatial", Words: "Clusters", Verb: "Look for clusters", Intro: "Whether neighbouring wards are alike, and where clusters lie."},
		},
		"plan": {
			{Act: "reprioritise", Words: "Put first, or leave for later", Verb: "Compute the list", Intro: "The wards to put first, or to leave for later, by the rule you choose."},
		},
		shareAct: {
			{Act: shareAct, Words: "Send it", Verb: "Seal and send", Intro: "Seals what was looked at, on this computer, and sends it. Whoever runs the other side can't read it; those named as readers can."},
			{Act: "sync setup", Words: "Set up where to", Verb: "Try and keep it", Intro: "A server or a folder, such as a USB stick. It is tried before it is kept; its secrets stay in your encrypted profile, and the fields are emptied."},
			{Act: "sync status", Words: "What waits, what was sent", Verb: "Show it", Intro: "Where results are sent, what waits, and what was sent when."},
			{Act: "sync send", Words: "Go on sending", Verb: "Send what waits", Intro: "Goes on with what waits after the line broke. Cancel stops it; it goes on from there the next time."},
			{Act: "sync schedule", Words: "Send by itself", Verb: "Keep it", Intro: "When what waits is sent without being asked for: every so many hours or at a time of the day, while this profile is open. Nothing filled in shows what holds now."},
			{Act: "sync queue", Words: "Hold or give up", Verb: "Change it", Intro: "Holds back something that waits, lets it go on, or gives it up."},
			{Act: "sync list", Words: "What lies there", Verb: "Show it", Intro: "The bundles and backups of yours that lie at the other side."},
			{Act: "sync pull", Words: "Fetch a bundle", Verb: "Fetch and check", Intro: "Fetches a bundle, checks every part of it and unpacks it into a folder. There it lies unsealed."},
			{Act: "sync verify", Words: "Check what lies there", Verb: "Check it", Intro: "Checks seals, signatures and that nothing was taken away or put back."},
			{Act: "sync backup", Words: "Back up this profile", Verb: "Seal and send", Intro: "Sends this whole profile, sealed for you alone."},
			{Act: "sync restore", Words: "Fetch a backup", Verb: "Fetch it", Intro: "Fetches a backup of a profile into a new folder. It opens with its own passphrase."},
			{Act: "sync forget", Words: "Forget where to", Verb: "Forget it", Intro: "Drops the other side with its access key from this profile. What lies there stays."},
		},
		profileAct: {
			{Act: "runs", Words: "What was done", Verb: "Show it", Intro: "Every import and result of this project, newest last."},
			{Act: "audit", Words: "The record", Verb: "Show it", Intro: "Every run, file written, unlocking and wrong passphrase. It is sealed; checking it names every entry that was changed."},
			{Act: "keep", Words: "How long to keep the data", Verb: "Keep it until then", Intro: "After that day you are reminded to erase the data. Nothing is erased by itself."},
			{Act: profileAct, Words: "Remove rows kept from sight", Verb: "Remove them for good", Danger: true,
				Intro: "Rows that belong to somebody else or to nothing are never shown. Examine the profile first: it tells what they are and how many."},
			{Act: eraseAct, Words: "Erase all data", Verb: "Erase it for good", Danger: true,
				Intro: "Erases every table, result and decision, for good; the profile stays, and its record keeps that it was done. Files that you imported from or saved are not touched. Nobody can bring it back. To show that you mean it, type: " + project},
		},
	}
}

// shareAct sends results; its step looks before it sends.
const shareAct = "sync push"

const (
	profileAct = "doctor" // what the step of the profile is for
	eraseAct   = "erase"
)

// tasksOf lists the tasks of a step. An act that this program does not have is
// left out.
func tasksOf(s Step) []Task {
	first := Task{Act: s.Act, Words: s.Title, Verb: s.Verb, Intro: s.Intro}
	if s.Act == shareAct {
		first.Words, first.given = "Look at what would be sent", form{"preview": "true"}
	}
	if s.Act == profileAct {
		first.Words, first.given = "Examine it", form{"discard": ""}
	}
	out := []Task{first}
	for _, t := range tasks()[s.Act] {
		if t.Act == shareAct {
			t.given = form{"preview": ""}
		}
		if _, ok := acts.Find(t.Act); ok {
			out = append(out, t)
		}
	}
	return out
}

// Tasks lists what can be done in the selected step.
func (d *Desk) Tasks() []Task {
	if len(d.steps) == 0 {
		return nil
	}
	return tasksOf(d.steps[d.selected])
}

// Task is the number of the selected task.
func (d *Desk) Task() int { return d.task[d.selected] }

// SelectTask shows the form of another task of the selected step.
func (d *Desk) SelectTask(i int) {
	if i < 0 || i >= len(d.Tasks()) || i == d.Task() {
		return
	}
	d.touched()
	d.forgetSecrets(d.current().Act)
	d.task[d.selected] = i
	d.tell()
}

// current is the selected task.
func (d *Desk) current() Task { return d.Tasks()[d.Task()] }

// asked fills a new act with what the task says and what the person answered.
func (t Task) asked(answers form) (action.Action, error) {
	spec, _ := acts.Find(t.Act)
	a := spec.New()
	all := form{}
	maps.Copy(all, answers)
	maps.Copy(all, t.given)
	if err := fill(a, all); err != nil {
		return nil, err
	}
	return a, a.Check()
}

// look keeps in mind whether what would be sent was looked at. A new result, or
// another reader, makes it something else.
func (d *Desk) look(c call, r *action.Result) {
	p, push := c.a.(*acts.Push)
	switch {
	case push:
		d.looked = p.Preview
	case r.Run != 0, c.act == "sync setup":
		d.looked = false
	}
}

// destroyed takes what is gone out of the window, and what a person said to
// confirm it out of the forms: it was said of that alone.
func (d *Desk) destroyed(c call) {
	switch a := c.a.(type) {
	case *action.Erase:
		d.answers, d.notes, d.failed, d.sheet, d.looked = map[string]form{}, map[string][]string{}, map[string]bool{}, nil, false
		if d.madeUp {
			d.answers = madeUpAnswers()
		}
	case *action.Doctor:
		if a.Discard == 0 {
			return
		}
		delete(d.answers, c.act)
	default:
		return
	}
	d.emptied++
}

// looksFirst reports whether t sends what nobody has looked at yet.
func (d *Desk) looksFirst(t Task) bool {
	return t.Act == shareAct && t.given["preview"] == "" && !d.looked
}

// Sheet is the table that came of the newest act.
type Sheet struct {
	Title string
	Front bool // nothing else in the window shows it
	t     *table.Table
}

// sheetOf takes the main table of a result, nil when there is none.
func sheetOf(title string, r *action.Result) *Sheet {
	if len(r.Tables) == 0 {
		return nil
	}
	return &Sheet{Title: title, t: r.Tables[0]}
}

// Size is the number of rows and columns.
func (s *Sheet) Size() (rows, columns int) { return s.t.Rows(), len(s.t.Columns) }

// Heading names a column.
func (s *Sheet) Heading(column int) string { return NameWords(s.t.Columns[column].Name) }

// Number reports whether a column holds numbers.
func (s *Sheet) Number(column int) bool { return s.t.Columns[column].Kind() == table.Number }

// Cell is a cell as it is read: a dash where it is missing, a star behind what
// was filled in.
func (s *Sheet) Cell(row, column int) string {
	c := s.t.Columns[column]
	text := c.Format(row)
	switch {
	case text == "":
		return "–"
	case c.Imputed(row):
		return text + "*"
	}
	return text
}

// Sheet is the table of the newest act that brought one, nil at first.
func (d *Desk) Sheet() *Sheet { return d.sheet }
