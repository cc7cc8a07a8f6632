package presenter

import (
	"path/filepath"
	"strings"

	"chatmrpt/core/action"
)

// Saving is something that can be written to a file.
type Saving struct {
	Words string // in the menu
	Name  string // offered for the file
	make  func(path string) action.Action
	act   string
	step  int
}

// Savings lists what can be written to a file. All are offered always; one
// that is not ready says what is missing.
func (d *Desk) Savings() []Saving {
	show := d.view.show
	return []Saving{
		{Words: "Report (PDF)", Name: "report.pdf", act: "report", step: -1,
			make: func(p string) action.Action { return &action.Report{Out: p} }},
		{Words: "Ranking (CSV)", Name: "ranking.csv", act: "export", step: -1,
			make: func(p string) action.Action { return &action.Export{What: "ranking", Out: p} }},
		{Words: "Net plan (CSV)", Name: "plan.csv", act: "export", step: -1,
			make: func(p string) action.Action { return &action.Export{What: "plan", Out: p} }},
		{Words: "This map (PNG)", Name: "map.png", act: "map", step: -1,
			make: func(p string) action.Action {
				m := action.NewMap()
				m.Show, m.Out = show, p
				return m
			}},
		{Words: "Match report to review (CSV)", Name: "match.csv", act: "match", step: 1,
			make: func(p string) action.Action { return &action.Match{Export: p} }},
		{Words: "Decisions about names, for colleagues (CSV)", Name: "decisions.csv", act: "aliases", step: -1,
			make: func(p string) action.Action { return &action.Aliases{Export: p} }},
		{Words: "Everything in the profile (ZIP)", Name: "chatmrpt.zip", act: "takeout", step: -1,
			make: func(p string) action.Action { return &action.Takeout{Out: p} }},
	}
}

// Path gives the file the person named the ending that belongs to it.
func (s Saving) Path(path string) string {
	ending := filepath.Ext(s.Name)
	if strings.EqualFold(filepath.Ext(path), ending) {
		return path
	}
	return path + ending
}

// Save writes to the file at path.
func (d *Desk) Save(s Saving, path string) {
	d.start("Saving "+strings.ToLower(s.Words[:1])+s.Words[1:], call{step: s.step, act: s.act, a: s.make(s.Path(path))})
}
