package action

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"chatmrpt/core/problem"
	"chatmrpt/core/score/direction"
	"chatmrpt/core/score/pca"
	"chatmrpt/core/table"
	"chatmrpt/core/workspace"
)

// The limits above which two variables are said to tell the same.
const (
	mostVIF         = 5.0 // of variance inflation; 5 and 10 are the usual marks
	mostCorrelation = 0.8
)

// usualDirection recognises a variable, by its role before its name.
func (v *variable) usualDirection() (direction.Direction, bool) {
	switch v.role {
	case table.RoleMalaria:
		return direction.Malaria(), true
	case table.RoleUrban:
		return direction.Usual("urban_percentage")
	}
	return direction.Usual(v.name)
}

// settleDirections checks that what is inverted is among the variables, and
// puts names in the place of the word usual.
func (a *Score) settleDirections(vars []*variable) error {
	if slices.Equal(a.Invert, []string{usualDirections}) && !slices.Contains(a.Vars, usualDirections) {
		a.Invert = nil
		for i, v := range vars {
			if d, ok := v.usualDirection(); ok && d.Inverse {
				a.Invert = append(a.Invert, a.Vars[i])
			}
		}
	}
	for _, name := range a.Invert {
		if !slices.Contains(a.Vars, name) {
			return usage("score", "invert", name+" is not among the variables", "Invert only what --vars names: "+strings.Join(a.Vars, ", ")+"; or give usual")
		}
	}
	return nil
}

// takeList puts the variables of a list in the place of names, and its
// directions where none are given.
func (a *Score) takeList(ctx context.Context, w *workspace.Workspace, c *catalogue) error {
	if a.List == "" || len(a.Vars) > 0 {
		return nil
	}
	if a.List == "mine" {
		own, err := ownList(ctx, w)
		if err != nil {
			return err
		}
		a.Vars = own.names
		if a.Invert == nil {
			a.Invert = own.inverted
		}
		a.List = ""
		return nil
	}
	z, found, missing, err := c.zoneList()
	if err != nil {
		return err
	}
	if len(found) < 2 {
		return problem.New(problem.NotFound, "score", z.Name, "fewer than two variables of its list are loaded: "+listed(missing, 9)+" are not",
			"Import ward tables or rasters that have them, or name others with --vars")
	}
	for _, v := range found {
		a.Vars = append(a.Vars, v.name)
	}
	if a.Invert == nil {
		a.Invert = []string{usualDirections}
	}
	a.List = ""
	return nil
}

// zoneList finds the variables of the zone that all wards lie in: the newest
// measure of malaria, then what is loaded of the zone's list; missing are the
// families of which nothing is.
func (c *catalogue) zoneList() (z direction.Zone, found []*variable, missing []string, err error) {
	if z, err = c.frame.zone(); err != nil {
		return z, nil, nil, err
	}
	if m := c.malaria(); m != nil {
		found = append(found, m)
	} else {
		missing = append(missing, "a measure of malaria")
	}
	for _, family := range z.Variables {
		if v := c.ofFamily(family); v != nil {
			found = append(found, v)
		} else {
			missing = append(missing, family)
		}
	}
	return z, found, missing, nil
}

// zone is that of the state of the layer.
func (f *frame) zone() (direction.Zone, error) {
	var z direction.Zone
	hint := "Name the variables with --vars"
	for _, u := range f.units {
		here, ok := direction.ZoneOf(u.State)
		if !ok {
			return z, problem.New(problem.NotFound, "score", u.State, "it is no state of Nigeria, so it has no list of variables", hint)
		}
		if z.Name != "" && z.Name != here.Name {
			return z, problem.New(problem.Usage, "score", f.dataset.Name, "the wards lie in several zones, "+z.Name+" and "+here.Name, hint)
		}
		z = here
	}
	return z, nil
}

// malaria is the measure of malaria a list begins with: positivity if there is
// one, else the last one loaded. A plain name comes before the long one of the
// same result.
func (c *catalogue) malaria() (best *variable) {
	for _, v := range c.variables {
		if measuresMalaria(v) && (best == nil || best.name != positivityVariable) {
			best = v
		}
	}
	return best
}

// ofFamily is the variable of a family: of its very name, else the first.
func (c *catalogue) ofFamily(family string) (best *variable) {
	for _, v := range c.variables {
		d, ok := v.usualDirection()
		if !ok || d.Family != family || v.role == table.RolePopulation {
			continue
		}
		if best == nil || (v.name == family && best.name != family) {
			best = v
		}
	}
	return best
}

// malariaNotice says aloud when a score holds no measure of malaria, by role and
// not by name.
func (s *scored) malariaNotice(c *catalogue) []string {
	if slices.ContainsFunc(s.vars, measuresMalaria) {
		return nil
	}
	if m := c.malaria(); m != nil {
		return []string{"no variable of this score measures malaria itself, though " + m.name + " is there: add it with --vars"}
	}
	return []string{"no variable of this score measures malaria itself; run `mrpt positivity` and add it if you have facility records"}
}

// relation is how a variable stands to the others of the score.
type relation struct {
	vif     float64
	closest string  // the variable it goes together with most
	r       float64 // their correlation
}

// relate computes variance inflation and correlations over the ranked wards
// and says which variables tell the same.
func (s *scored) relate() error {
	s.relations = make([]relation, len(s.prepared.scaled))
	d, err := s.data()
	if errors.Is(err, pca.ErrConstant) || d == nil {
		return nil
	}
	if err != nil {
		return err
	}
	vif, correlation := d.VIF(), d.Correlation()
	names := s.prepared.names()
	for i, name := range names {
		one := &s.relations[i]
		one.vif = vif[i]
		for j := range names {
			if r := correlation.At(i, j); i != j && math.Abs(r) > math.Abs(one.r) {
				one.closest, one.r = names[j], r
			}
			if r := correlation.At(i, j); i < j && math.Abs(r) >= mostCorrelation {
				s.notices = append(s.notices, fmt.Sprintf("%s and %s go together (correlation %.2f), so that what they share counts twice", name, names[j], r))
			}
		}
		if one.vif > mostVIF {
			s.notices = append(s.notices, fmt.Sprintf("%s adds little that the others don't tell: variance inflation %s, above %g", name, inflation(one.vif), mostVIF))
		}
	}
	return nil
}

func inflation(vif float64) string {
	if math.IsInf(vif, 1) {
		return "without limit"
	}
	return fmt.Sprintf("%.1f", vif)
}

// data is the filled-in variables of the ranked wards, turned towards risk, for
// the statistics of several variables; nil for fewer than two variables or
// three wards, which have none.
func (s *scored) data() (*pca.Data, error) {
	var columns [][]float64
	var turn []bool
	for _, filled := range s.prepared.filled {
		var c []float64
		for i, w := range s.ranking.Wards {
			if w.Ranked {
				c = append(c, filled.Variable.Values[i])
			}
		}
		columns, turn = append(columns, c), append(turn, filled.Variable.Inverse)
	}
	if len(columns) < 2 || s.ranking.Ranked < 3 {
		return nil, nil
	}
	return pca.NewData(s.prepared.names(), columns, turn)
}

// directionTable is the table of directions that stands with every score.
func (s *scored) directionTable() (*table.Table, error) {
	name, dir, why, source := table.NewText("variable"), table.NewText("direction"), table.NewText("why"), table.NewText("direction_source")
	observed, imputed, missing := table.NewNumber("observed"), table.NewNumber("imputed"), table.NewNumber("missing")
	vif, closest, r := table.NewNumber("vif"), table.NewText("closest"), table.NewNumber("correlation")
	for i, filled := range s.prepared.filled {
		v := s.variable(filled.Variable.Name)
		reason, from := reasonFor(v, filled.Variable.Inverse)
		appendTexts([]*table.Column{name, dir, why, source, closest}, filled.Variable.Name, direction.Words(filled.Variable.Inverse), reason, from, s.relations[i].closest)
		observed.AppendNumber(float64(v.count()))
		imputed.AppendNumber(float64(len(filled.Filled)))
		missing.AppendNumber(float64(len(filled.Left)))
		if one := s.relations[i]; one.closest == "" || math.IsInf(one.vif, 0) {
			vif.AppendMissing()
			r.AppendMissing()
		} else {
			vif.AppendNumber(one.vif)
			r.AppendNumber(one.r)
		}
	}
	return table.New("directions", name, dir, why, source, observed, imputed, missing, vif, closest, r)
}

// variable finds one of the chosen variables by the name the user gave it.
func (s *scored) variable(name string) *variable { return s.vars[slices.Index(s.asked, name)] }

// reasonFor gives the reason of a direction and who says so: the literature
// where it is the usual one, else the user.
func reasonFor(v *variable, inverse bool) (why, source string) {
	d, known := v.usualDirection()
	switch {
	case !known:
		return "", "chosen by the user"
	case d.Inverse != inverse:
		return "usually the other way round: " + d.Why, "chosen by the user against " + d.Source
	case d.Caution != "":
		return d.Why + "; " + d.Caution, d.Source
	}
	return d.Why, d.Source
}

// directionNotices point out what is scored against its usual direction.
func (s *scored) directionNotices() (out []string) {
	for _, filled := range s.prepared.filled {
		name := filled.Variable.Name
		if d, ok := s.variable(name).usualDirection(); ok && d.Inverse != filled.Variable.Inverse {
			out = append(out, fmt.Sprintf("%s is scored as %s; usually %s, because %s", name, direction.Words(filled.Variable.Inverse), direction.Words(d.Inverse), d.Why))
		}
	}
	return out
}

// roleOf is the role of a column of ward data. One that was imported as a plain
// variable and by the words of its name counts malaria has that role.
func roleOf(c *table.Column) table.Role {
	if d, ok := direction.Usual(c.Name); ok && c.Role == table.RoleVariable && d.Family == direction.Malaria().Family {
		return table.RoleMalaria
	}
	return c.Role
}

// measuresMalaria tells whether a variable counts malaria and not what may
// favour it.
func measuresMalaria(v *variable) bool { return v.role == table.RoleMalaria }
