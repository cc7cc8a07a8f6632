package score

import (
	"cmp"
	"slices"
)

// Shares gives, for each variable, its mean share of the weight over the
// models: 1/M Σ w ÷ W, nought in the models without it. A scaled variable
// times its share is what it adds to a ward's mean score, and these add up to
// that score exactly for models that are means.
func Shares(models []Model) map[string]float64 {
	out := make(map[string]float64)
	for _, m := range models {
		total := 0.0
		for _, t := range m.Terms {
			total += t.Weight
		}
		for _, t := range m.Terms {
			out[t.Variable] += t.Weight / total / float64(len(models))
		}
	}
	return out
}

// Contribution is what one variable adds to the mean score of each ward, on 0
// to 1; read only where the ward is ranked.
type Contribution struct {
	Variable string
	Values   []float64
	Mean     float64 // over the ranked wards
}

// Contributions splits the mean scores of a ranking among the variables that
// its models use, in the order of vars. Where models are sums or geometric
// means it splits the mean of the same weights, which is not the score itself
// but still tells what lifts a ward.
func Contributions(r *Ranking, vars []Scaled, models []Model) []Contribution {
	shares := Shares(models)
	var out []Contribution
	for _, v := range vars {
		share, used := shares[v.Name]
		if !used {
			continue
		}
		c := Contribution{Variable: v.Name, Values: make([]float64, len(r.Wards))}
		for i, w := range r.Wards {
			if w.Ranked {
				c.Values[i] = share * v.Values[i]
				c.Mean += c.Values[i] / float64(r.Ranked)
			}
		}
		out = append(out, c)
	}
	return out
}

// Drivers names the variables that set a ward apart: those that lift it most
// above the average ward or, with lift false, press it most below, the
// strongest first, at most most of them. A variable that moves the ward less
// than a quarter of what the first does is not named.
func Drivers(cs []Contribution, ward int, lift bool, most int) []string {
	type part struct {
		name string
		by   float64
	}
	var parts []part
	for _, c := range cs {
		by := c.Values[ward] - c.Mean
		if !lift {
			by = -by
		}
		if by > 0 {
			parts = append(parts, part{c.Variable, by})
		}
	}
	slices.SortFunc(parts, func(a, b part) int { return cmp.Or(cmp.Compare(b.by, a.by), cmp.Compare(a.name, b.name)) })
	var out []string
	for _, p := range parts[:min(most, len(parts))] {
		if 4*p.by >= parts[0].by {
			out = append(out, p.name)
		}
	}
	return out
}

// Without gives the models that are left when a variable is taken out of all
// of them. One that then equals, in variables and proportions, one that is
// already there is dropped, and so is one of which a single variable is left,
// unless nothing else is: so all combinations of the others are left of all
// combinations. Nil when no model is left.
func Without(models []Model, variable string) []Model {
	var several, single []Model
	for _, m := range models {
		left := Model{Name: m.Name}
		for _, t := range m.Terms {
			if t.Variable != variable {
				left.Terms = append(left.Terms, t)
			}
		}
		changed := len(left.Terms) < len(m.Terms)
		switch {
		case len(left.Terms) == 0 || (changed && slices.ContainsFunc(models, left.sameAs)):
		case changed && len(left.Terms) == 1:
			single = append(single, left)
		default:
			several = append(several, left)
		}
	}
	if len(several) == 0 {
		return single
	}
	return several
}

// sameAs reports whether both models have the same variables in the same
// proportions.
func (m Model) sameAs(other Model) bool {
	if len(m.Terms) != len(other.Terms) {
		return false
	}
	for _, t := range m.Terms {
		i := slices.IndexFunc(other.Terms, func(o Term) bool { return o.Variable == t.Variable })
		if i < 0 || t.Weight*other.Terms[0].Weight != other.Terms[i].Weight*weightOf(m, other.Terms[0].Variable) {
			return false
		}
	}
	return true
}

func weightOf(m Model, variable string) float64 {
	for _, t := range m.Terms {
		if t.Variable == variable {
			return t.Weight
		}
	}
	return 0
}
