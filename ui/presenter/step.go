package presenter

import (
	"fmt"

	"chatmrpt/core/table"
	"chatmrpt/core/workspace"
)

// State is how far a step is.
type State int

// The states of a step.
const (
	ToDo   State = iota
	Done         // its result holds
	Stale        // something before it changed since
	Failed       // the last try ended in a problem
	Free         // done when it is wanted, and never due
)

// Words names the state.
func (s State) Words() string {
	return [...]string{"to do", "done", "out of date", "failed", "if you like"}[s]
}

// Step is one part of the work, with the act that does it.
type Step struct {
	Act   string
	Title string
	Intro string // what it does, a sentence
	Verb  string // on its button
	State State
}

// steps lists the parts of the work in their order.
func steps() []Step {
	return []Step{
		{Act: "import", Title: "Data", Verb: "Add files…",
			Intro: "Facility records, ward tables, population and the boundaries of the wards. Files can be dropped on the window."},
		{Act: "match", Title: "Places", Verb: "Link the places",
			Intro: "Links the names in your tables to the wards of the boundary file. What does not fit is listed, never guessed."},
		{Act: "positivity", Title: "Positivity", Verb: "Compute positivity",
			Intro: "The share of malaria tests that were positive, for every ward. What is counted changes the answer, so it is chosen here."},
		{Act: "score", Title: "Risk", Verb: "Rank the wards",
			Intro: "Ranks the wards by several variables together. Rank 1 is the highest risk."},
		{Act: "plan", Title: "Nets", Verb: "Share out the nets",
			Intro: "Shares the bed nets there are among the ranked wards."},
		{Act: shareAct, Title: "Share", Verb: "Show every file",
			Intro: "Nothing leaves this computer unless you send it. Look first at every file that would, and its size; rows of single facilities stay here unless you tick them."},
		{Act: profileAct, Title: "Profile", Verb: "Examine it",
			Intro: "Looks at the files, the keys, the seal of every page, the record and the owner of every row of this profile, and says what to do."},
	}
}

// stepTitle names the step of an act, or the act where it is no step.
func stepTitle(act string) string {
	if s, ok := stepOf(act); ok {
		return s.Title
	}
	return capital(act)
}

// mainAct is the act that brings what act brings in another way.
func mainAct(act string) string {
	if act == "data" || act == "sample" {
		return "import"
	}
	return act
}

// stepOf finds the step in which an act is done.
func stepOf(act string) (Step, bool) {
	act = mainAct(act)
	for _, s := range steps() {
		for _, t := range tasksOf(s) {
			if t.Act == act {
				return s, true
			}
		}
	}
	return Step{}, false
}

// stepOfKind gives the step that brings a kind of dataset, or -1.
func stepOfKind(kind string) int {
	switch kind {
	case workspace.KindFacilities, workspace.KindWards, workspace.KindPopulation, workspace.KindBoundaries:
		return 0
	case workspace.KindMatch:
		return 1
	case workspace.KindPositivity:
		return 2
	case workspace.KindRanking, workspace.KindModels:
		return 3
	case workspace.KindPlan:
		return 4
	}
	return -1
}

// Loaded is one table of the project that came from a file.
type Loaded struct {
	Kind, Name string
	Rows       int
}

// Words describes the table in a line.
func (l Loaded) Words() string {
	return fmt.Sprintf("%s: %s, %s rows", kindWords(l.Kind), l.Name, grouped(float64(l.Rows)))
}

// steady is the number of steps whose results the project holds.
const steady = 5

// facts is what the project holds, as the data act tells it.
type facts struct {
	loaded    []Loaded
	variables []string
	newest    [steady]int // of each step: the newest run that brought something, 0 for none
	kinds     map[string]bool
}

// factsOf reads the tables of the data act.
func factsOf(tables []*table.Table) facts {
	f := facts{kinds: map[string]bool{}}
	for _, t := range tables {
		switch t.Name {
		case "data":
			f.addDatasets(t)
		case "variables":
			c, _ := t.Column("variable")
			for i := range t.Rows() {
				f.variables = append(f.variables, c.Format(i))
			}
		}
	}
	return f
}

func (f *facts) addDatasets(t *table.Table) {
	kind, _ := t.Column("kind")
	name, _ := t.Column("name")
	rows, _ := t.Column("rows")
	run, _ := t.Column("run")
	for i := range t.Rows() {
		k := kind.Format(i)
		at := stepOfKind(k)
		f.kinds[k] = true
		if at < 0 {
			continue
		}
		n, _ := run.Number(i)
		f.newest[at] = max(f.newest[at], int(n))
		if at == 0 {
			count, _ := rows.Number(i)
			f.loaded = append(f.loaded, Loaded{Kind: k, Name: name.Format(i), Rows: int(count)})
		}
	}
}

// state of step i: done when its result is newer than everything before it.
func (f *facts) state(i int) State {
	if i >= steady {
		return Free
	}
	if f.newest[i] == 0 || (i == 0 && !f.kinds[workspace.KindBoundaries]) {
		return ToDo
	}
	for _, before := range f.newest[:i] {
		if before > f.newest[i] {
			return Stale
		}
	}
	return Done
}

// views lists what a map can show now.
func (f *facts) views() []string {
	var out []string
	if f.kinds[workspace.KindRanking] {
		out = append(out, "category", "rank", "missing")
	}
	if f.kinds[workspace.KindPlan] {
		out = append(out, "nets", "coverage")
	}
	return append(out, f.variables...)
}
