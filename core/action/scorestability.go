package action

import (
	"context"
	"fmt"
	"math"
	"strings"

	"chatmrpt/core/score"
	"chatmrpt/core/score/stability"
	"chatmrpt/core/table"
	"chatmrpt/core/workspace"
)

// usualTop is how many wards are the top where nothing is said: so many are
// looked at one by one. Of a small state it is a fifth.
const usualTop = 20

// top is how many wards are the top of this ranking.
func (s *scored) top(asked int) int {
	if asked > 0 {
		return min(asked, s.ranking.Ranked)
	}
	return max(1, min(usualTop, s.ranking.Ranked/5))
}

// addStability draws weights, models, scalings, test results and filled-in
// values anew, and leaves out one variable after another.
func (a *Score) addStability(ctx context.Context, w *workspace.Workspace, f *frame, s *scored) error {
	var vars []stability.Variable
	for _, filled := range s.prepared.filled {
		v := stability.Variable{Variable: filled.Variable}
		var err error
		from := s.variable(filled.Variable.Name)
		if v.Donors, err = s.prepared.filling.Donors(from.scored(from.name, false)); err != nil {
			return err
		}
		if v.Positive, v.Tested, err = countsOf(ctx, w, from); err != nil {
			return err
		}
		vars = append(vars, v)
	}
	var err error
	s.stability, err = stability.Run(ctx, f.keys(), vars, s.models, stability.Options{
		Draws: a.Stability, Seed: a.Seed, Top: s.top(a.Top), Rank: s.options, Cuts: s.ranking.Cuts,
	})
	if err != nil {
		return err
	}
	return a.leaveOut(ctx, f, s)
}

// countsOf gives the positive tests and the tests behind a positivity rate, by
// ward; nil for a variable that is no such rate. A ward whose value is not the
// quotient of its own counts, such as one that took its LGA's, has no tests.
func countsOf(ctx context.Context, w *workspace.Workspace, v *variable) (positive, tested []float64, err error) {
	if v.role != table.RoleMalaria || len(v.inputs) == 0 || v.inputs[0].Kind != workspace.KindPositivity {
		return nil, nil, nil
	}
	t, err := w.Table(ctx, v.inputs[0])
	if err != nil {
		return nil, nil, err
	}
	numerator, hasN := t.Column("numerator")
	denominator, hasD := t.Column("denominator")
	if !hasN || !hasD || t.Rows() != len(v.values) {
		return nil, nil, nil
	}
	some := false
	positive, tested = make([]float64, t.Rows()), make([]float64, t.Rows())
	for i := range positive {
		p, okP := numerator.Number(i)
		n, okN := denominator.Number(i)
		if okP && okN && v.present[i] && p >= 0 && p <= n && n > 0 && math.Abs(p/n-v.values[i]) < 1e-9 {
			positive[i], tested[i], some = p, n, true
		}
	}
	if !some {
		return nil, nil, nil
	}
	return positive, tested, nil
}

// leftOut is the ranking without one variable.
type leftOut struct {
	variable string
	models   int
	ranking  *score.Ranking
	agreement
	moved int // the largest change of a rank
	ward  int // whose
}

// leaveOut ranks without each variable in turn, as far as models are left.
func (a *Score) leaveOut(ctx context.Context, f *frame, s *scored) error {
	for _, name := range s.prepared.names() {
		models := score.Without(s.models, name)
		if len(models) == 0 {
			continue
		}
		r, err := score.Rank(ctx, f.keys(), s.prepared.scaled, models, s.options)
		if err != nil {
			return err
		}
		one := leftOut{variable: name, models: len(models), ranking: r, agreement: agreementOf("all variables", s.ranking, r, s.top(a.Top)), ward: -1}
		for i, ward := range s.ranking.Wards {
			if moved := ward.Rank - r.Wards[i].Rank; ward.Ranked && r.Wards[i].Ranked && max(moved, -moved) > one.moved {
				one.moved, one.ward = max(moved, -moved), i
			}
		}
		s.leftOut = append(s.leftOut, one)
	}
	return nil
}

// leaveOutTable says how much the ranking hangs on each variable.
func (s *scored) leaveOutTable(f *frame) (*table.Table, error) {
	name, ward := table.NewText("variable"), table.NewText("ward_moved_most")
	models, rho, tau := table.NewNumber("models"), table.NewNumber("spearman"), table.NewNumber("kendall_tau_b")
	top, overlap, moved := table.NewNumber("top"), table.NewNumber("top_overlap"), table.NewNumber("ranks_moved_most")
	for _, l := range s.leftOut {
		label := ""
		if l.ward >= 0 {
			label = f.label(l.ward)
		}
		appendTexts([]*table.Column{name, ward}, l.variable, label)
		models.AppendNumber(float64(l.models))
		appendFinite(rho, l.Spearman)
		appendFinite(tau, l.Kendall)
		top.AppendNumber(float64(l.Top))
		overlap.AppendNumber(l.Overlap)
		moved.AppendNumber(float64(l.moved))
	}
	return table.New("leave_out", name, models, rho, tau, top, overlap, moved, ward)
}

// stabilityFacts is how the draws were made, for the card and for machines.
type stabilityFacts struct {
	Draws         int      `json:"draws"`
	Seed          uint64   `json:"seed"`
	Top           int      `json:"top"`
	Level         float64  `json:"level"`
	Spread        float64  `json:"weight_spread"`
	ModelsPerDraw int      `json:"models_per_draw"`
	Binomial      []string `json:"binomial"` // the variables whose tests were drawn
}

func (s *scored) stabilityFacts() *stabilityFacts {
	if s.stability == nil {
		return nil
	}
	o := s.stability.Options
	out := &stabilityFacts{Draws: o.Draws, Seed: o.Seed, Top: o.Top, Level: o.Level, Spread: o.Spread, ModelsPerDraw: o.Models, Binomial: []string{}}
	for _, v := range s.vars {
		if v.role == table.RoleMalaria && len(v.inputs) > 0 && v.inputs[0].Kind == workspace.KindPositivity && v.unit == "share" {
			out.Binomial = append(out.Binomial, v.name)
		}
	}
	return out
}

// stabilityColumns are the shares of the draws in which a ward is among the top
// and in each category, and the sentence that says it.
func (s *scored) stabilityColumns() []*table.Column {
	if s.stability == nil {
		return nil
	}
	names := s.ranking.Cuts.Names
	top, words := table.NewNumber("p_top"), table.NewText("stability")
	top.Origin = fmt.Sprintf("Share of %d draws in which the ward is among the top %d", s.stability.Options.Draws, s.stability.Options.Top)
	categories := make([]*table.Column, len(names))
	for k, n := range names {
		categories[k] = table.NewNumber("p_" + strings.ReplaceAll(strings.ToLower(n), " ", "_"))
	}
	for i, w := range s.stability.Wards {
		if !w.Ranked {
			top.AppendMissing()
			words.AppendMissing()
			for _, c := range categories {
				c.AppendMissing()
			}
			continue
		}
		top.AppendNumber(w.Top)
		words.AppendText(s.sentence(i))
		for k, c := range categories {
			c.AppendNumber(w.Categories[k])
		}
	}
	return append(append([]*table.Column{top}, categories...), words)
}

// sentence says how firmly a ward holds its place and what put it there.
func (s *scored) sentence(ward int) string {
	w, o := s.stability.Wards[ward], s.stability.Options
	out := fmt.Sprintf("In the top %d in %s; rank %s in %.0f of 100", o.Top, ofHundred(w.Top, o.Draws), rankWords(w), 100*o.Level)
	lift := s.ranking.Wards[ward].Rank <= (s.ranking.Ranked+1)/2
	drivers := score.Drivers(s.contributions, ward, lift, 2)
	if len(drivers) == 0 {
		return out + "."
	}
	for i, d := range drivers {
		drivers[i] = strings.ReplaceAll(d, "_", " ")
	}
	if lift {
		return out + ", driven by " + listed(drivers, 2) + "."
	}
	return out + ", held low by " + listed(drivers, 2) + "."
}

func rankWords(w stability.Ward) string {
	if w.Low == w.High {
		return fmt.Sprint(w.Low)
	}
	return fmt.Sprintf("%d to %d", w.Low, w.High)
}

// ofHundred writes a share of draws so that never and always are told from
// nearly.
func ofHundred(share float64, draws int) string {
	switch n := math.Round(100 * share); {
	case share == 0:
		return fmt.Sprintf("none of %s draws", grouped(draws))
	case share == 1:
		return fmt.Sprintf("all %s draws", grouped(draws))
	case n == 0:
		return "fewer than 1 of 100 draws"
	case n == 100:
		return "more than 99 of 100 draws"
	default:
		return fmt.Sprintf("%.0f of 100 draws", n)
	}
}

// contributionTable has what each variable adds to each ward's mean score and,
// where variables were left out in turn, the rank without each.
func (s *scored) contributionTable(f *frame) (*table.Table, error) {
	columns := f.identity()
	for _, c := range s.contributions {
		column := table.NewNumber("contribution_" + c.Variable)
		column.Origin = "Share of the weight × scaled value; the contributions of a ward add up to its mean score"
		for i, w := range s.ranking.Wards {
			if w.Ranked {
				column.AppendNumber(c.Values[i])
			} else {
				column.AppendMissing()
			}
		}
		columns = append(columns, column)
	}
	for _, l := range s.leftOut {
		column := table.NewNumber("rank_without_" + l.variable)
		for _, w := range l.ranking.Wards {
			if w.Ranked {
				column.AppendNumber(float64(w.Rank))
			} else {
				column.AppendMissing()
			}
		}
		columns = append(columns, column)
	}
	return table.New("contributions", columns...)
}
