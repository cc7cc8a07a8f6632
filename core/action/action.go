// Package action is what a user can do, one file an act.
//
// An act is a struct of parameters with Check and Run. A button, an mrpt
// command and a sentence all fill the same struct and hand it to Do, so they
// can't disagree. The struct's tags name and explain each parameter (see
// Params), so a face builds its flags, form or question from them and needs no
// code of its own for a new act: adding one to All is enough.
//
// An act that makes something records a run in the same transaction as its
// results (workspace.Record); an act that only reads records none. Acts read
// the files and write the exports the user points to; everything else goes to
// the workspace. Below them, the rooms of core and geo are functions of
// values.
package action

import (
	"cmp"
	"context"
	"io"

	"chatmrpt/core/problem"
	"chatmrpt/core/table"
	"chatmrpt/core/workspace"
	"chatmrpt/geo/scene"
)

// Action is one act with its parameters filled in.
type Action interface {
	// Check reports the first parameter that can't be, without touching any
	// data.
	Check() error
	// Run does it. It is called by Do, inside a job of w.
	Run(ctx context.Context, w *workspace.Workspace, tell Progress) (*Result, error)
}

// Progress hears how far an act has come: what it is at, and how much of how
// much is done (0 of 0 when that can't be said). It is called from the act's
// goroutine and must not block.
type Progress func(step string, done, total int)

// Result is what came of an act, for any face.
type Result struct {
	Act     string
	Run     int64          // number of the recorded run, 0 when the act only read
	Summary string         // one or two sentences for a person
	Notices []string       // what must be known before the result is used
	Tables  []*table.Table // the first is the main one
	Details any            // further facts for machines, marshalled to JSON; may be nil
	Files   []string       // files written where the user pointed
	Scene   *scene.Scene   // a picture, for faces that can show one

	// Reminders are those of the Notices that concern the whole project and not
	// this result: rows kept from sight, data kept longer than it was to be.
	Reminders []workspace.Reminder

	// Problem is what an act that examines something found wrong: the act was
	// done and its result is to be shown, but a command ends with the problem's
	// status. Nil for every other act.
	Problem *problem.Problem
}

// Spec describes an act to the faces.
type Spec struct {
	Name    string        // of the command and in run records
	Summary string        // one line, lower case
	New     func() Action // an act with its default parameters
}

// All lists the acts in the order of the work.
func All() []Spec {
	return []Spec{
		{"sample", "load a made-up state to try things on", func() Action { return NewSample() }},
		{"import", "read facility, ward, population or boundary files", func() Action { return &Import{} }},
		{"columns", "see what each column of a file is taken for, and correct it for good", func() Action { return &Columns{} }},
		{"data", "list what is loaded", func() Action { return &Data{} }},
		{"match", "link the names in the tables to the wards of the boundary file", func() Action { return &Match{} }},
		{"aliases", "list, take over or hand on decisions about names", func() Action { return &Aliases{} }},
		{"quality", "what is missing, impossible or unusual in a facility table", func() Action { return NewQuality() }},
		{"positivity", "test positivity, burden or incidence of every ward, LGA or state", func() Action { return NewPositivity() }},
		{"trend", "where it rises and falls over the years", func() Action { return NewTrend() }},
		{"seasonality", "busiest months, and who is eligible for chemoprevention", func() Action { return NewSeasonality() }},
		{"strata", "classes of malaria by the cut-offs of WHO or a country", func() Action { return &Strata{} }},
		{"funnel", "which shares differ by more than chance", func() Action { return &Funnel{} }},
		{"reprioritise", "the wards to put first, or to leave for later", func() Action { return NewReprioritise() }},
		{"variables", "what can be scored, which way it points and why; remember a list", func() Action { return &Variables{} }},
		{"score", "composite risk score and rank of every ward", func() Action { return NewScore() }},
		{"spatial", "whether neighbouring wards are alike, where clusters lie, steadied rates", func() Action { return NewSpatial() }},
		{"plan", "who gets the bed nets there are", func() Action { return NewPlan() }},
		{"map", "draw a map", func() Action { return NewMap() }},
		{"export", "write a result as a table or layer", func() Action { return &Export{} }},
		{"report", "write the report for the director as a PDF", func() Action { return &Report{} }},
		{"card", "method card of a run: how, with what, of which data, by whom described", func() Action { return &Card{} }},
		{"replay", "run a recorded step again and compare the results byte by byte", func() Action { return &Replay{} }},
		{"undo", "take back the last import or decision, or put it back", func() Action { return &Undo{} }},
		{"runs", "list what was done, newest last", func() Action { return &Runs{} }},
		{"keep", "say until when the project's data is to be kept", func() Action { return &Keep{} }},
		{"erase", "erase everything in the project, for ever", func() Action { return &Erase{} }},
		{"takeout", "write everything of the profile as a zip to read without the program", func() Action { return &Takeout{} }},
		{"audit", "list every run, file written and unlocking, or check that list", func() Action { return NewAudit() }},
		{"doctor", "examine the profile and say what to do", func() Action { return &Doctor{} }},
	}
}

// Find returns the act of that name.
func Find(name string) (Spec, bool) {
	for _, s := range All() {
		if s.Name == name {
			return s, true
		}
	}
	return Spec{}, false
}

// Do checks and runs a as a job of the workspace, so that closing the
// workspace stops it, and puts the files it wrote on record. Every error it
// returns is a Problem. tell may be nil.
func Do(ctx context.Context, w *workspace.Workspace, name string, a Action, tell Progress) (*Result, error) {
	if err := cmp.Or(checkChoices(a), a.Check()); err != nil {
		return nil, problem.From(err, name)
	}
	if tell == nil {
		tell = func(string, int, int) {}
	}
	var result *Result
	err := w.Do(ctx, func(ctx context.Context) (err error) {
		if result, err = a.Run(ctx, w, tell); err != nil {
			return err
		}
		// The files are there now, so a stop must not keep them off the record.
		return w.Exported(context.WithoutCancel(ctx), name, result.Run, result.Files)
	})
	if err != nil {
		return nil, problem.From(err, name)
	}
	result.Act = name
	if result.Reminders, err = w.Reminders(ctx); err != nil {
		return nil, problem.From(err, name)
	}
	for _, r := range result.Reminders {
		result.Notices = append(result.Notices, r.What+"; "+r.Do)
	}
	return result, nil
}

// usage is the problem of a parameter that can't be.
func usage(op, param, message, hint string) error {
	return problem.New(problem.Usage, op, "--"+param, message, hint)
}

// output is a file an act writes: to a path the user gave, at once or not at
// all.
type output struct {
	path  string
	write func(io.Writer) error
}
