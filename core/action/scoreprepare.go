package action

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"chatmrpt/core/problem"
	"chatmrpt/core/score"
	"chatmrpt/core/workspace"
)

// prepared is the variables with their gaps filled, on 0 to 1.
type prepared struct {
	filling score.Filling
	filled  []*score.Imputation
	scaled  []score.Scaled
	notices []string
}

// prepare fills the gaps and scales. A variable that is the same in every ward
// is left out of the combinations with a notice.
func (a *Score) prepare(ctx context.Context, w *workspace.Workspace, f *frame, vars []*variable) (*prepared, error) {
	p := &prepared{}
	var err error
	if p.filling, err = a.fillingOf(ctx, w, f); err != nil {
		return nil, err
	}
	var flat []string
	for i, v := range vars {
		name := a.Vars[i]
		filled, err := score.Impute(ctx, v.scored(name, slices.Contains(a.Invert, name)), p.filling)
		if err != nil {
			return nil, err
		}
		p.tellGaps(f, name, a.Impute, filled)
		scaled, err := score.Scale(filled.Variable, score.Scaling(a.Scale))
		if errors.Is(err, score.ErrConstant) && a.Models == allModels {
			flat = append(flat, name)
			p.notices = append(p.notices, name+" has one and the same value in every ward and was left out")
			continue
		}
		if err != nil {
			return nil, err
		}
		p.filled = append(p.filled, filled)
		p.scaled = append(p.scaled, scaled)
	}
	if len(flat) > 0 && len(p.filled) < 2 {
		return nil, problem.New(problem.Usage, "score", listed(flat, 3), "one and the same value in every ward, so that fewer than two variables are left",
			"Choose other variables with --vars; see `mrpt data`")
	}
	return p, nil
}

func (a *Score) fillingOf(ctx context.Context, w *workspace.Workspace, f *frame) (score.Filling, error) {
	filling := score.Filling{Method: score.Method(a.Impute), Insist: a.Insist}
	var err error
	switch filling.Method {
	case score.FromNeighbours:
		filling.Neighbours, err = f.neighbours(ctx, w)
	case score.FromLGA:
		filling.Group = f.lgas()
	case score.FromState:
		filling.Group = f.states()
	}
	return filling, err
}

func (p *prepared) tellGaps(f *frame, name, method string, filled *score.Imputation) {
	if n := len(filled.Filled); n > 0 {
		source := map[string]string{"neighbours": "the mean of its observed neighbours", "lga": "the mean of its LGA", "state": "the mean of its state"}[method]
		p.notices = append(p.notices, fmt.Sprintf("%s: %s without a value, each given %s; marked in every output", name, counted(n, "ward"), source))
	}
	if n := len(filled.Left); n > 0 {
		p.notices = append(p.notices, fmt.Sprintf("%s: %s without a value: %s", name, counted(n, "ward"), listed(f.labels(filled.Left), 5)))
	}
}

func (a *Score) models(p *prepared) ([]score.Model, error) {
	if a.Models != allModels {
		return a.File, nil
	}
	return score.AllSubsets(p.names())
}

// names are those of the variables that are scored.
func (p *prepared) names() []string {
	names := make([]string, len(p.scaled))
	for i, s := range p.scaled {
		names[i] = s.Name
	}
	return names
}

// states numbers the states, for state means; a ward without a state has −1,
// unless no ward has one: then the layer is one state.
func (f *frame) states() []int {
	seen := map[string]int{}
	out := make([]int, len(f.units))
	for i, u := range f.units {
		n, ok := seen[u.State]
		if !ok {
			n = len(seen)
			seen[u.State] = n
		}
		out[i] = n
	}
	none, some := seen[""]
	if some && len(seen) > 1 {
		for i := range out {
			if out[i] == none {
				out[i] = -1
			}
		}
	}
	return out
}

// scored is the variable as the scoring room takes it.
func (v *variable) scored(name string, inverse bool) score.Variable {
	return score.Variable{Name: name, Values: v.values, Present: v.present, Imputed: v.imputed, Inverse: inverse}
}
