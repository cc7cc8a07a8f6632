package action

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"chatmrpt/core/problem"
	"chatmrpt/core/score/direction"
	"chatmrpt/core/score/pca"
	"chatmrpt/core/store"
	"chatmrpt/core/table"
	"chatmrpt/core/workspace"
)

// Variables shows what can be scored: every variable with its usual direction,
// the reason and who gives it, whether it is on the list of the zone or on the
// user's own, how full it is and how far the others tell the same. It can
// remember the user's own list with its directions.
type Variables struct {
	Keep   []string `param:"keep" help:"remember these as your own list, for score --list mine"`
	Invert []string `param:"invert" help:"those of them where more means less risk; usual for those that usually are"`
}

// Check implements Action.
func (a *Variables) Check() error {
	switch {
	case len(a.Keep) == 1:
		return usage("variables", "keep", "one variable makes no composite", "Name at least two")
	case len(a.Keep) == 0 && len(a.Invert) > 0:
		return usage("variables", "invert", "no variables are named", "Name them with --keep")
	}
	return nil
}

// Run implements Action.
func (a *Variables) Run(ctx context.Context, w *workspace.Workspace, _ Progress) (*Result, error) {
	f, err := loadFrame(ctx, w, "variables")
	if err != nil {
		return nil, err
	}
	c, err := f.loadCatalogue(ctx, w, "variables")
	if err != nil {
		return nil, err
	}
	if len(a.Keep) > 0 {
		return a.remember(ctx, w, c)
	}
	return listVariables(ctx, w, c)
}

// remember records the list with its directions; the next one is a new version.
func (a *Variables) remember(ctx context.Context, w *workspace.Workspace, c *catalogue) (*Result, error) {
	started := w.Now()
	like := &Score{Vars: a.Keep, Invert: a.Invert}
	vars, err := like.choose(c)
	if err != nil {
		return nil, err
	}
	if err := like.settleDirections(vars); err != nil {
		return nil, err
	}
	name, dir, why, source := table.NewText("variable"), table.NewText("direction"), table.NewText("why"), table.NewText("direction_source")
	for i, v := range vars {
		inverse := slices.Contains(like.Invert, a.Keep[i])
		reason, from := reasonFor(v, inverse)
		appendTexts([]*table.Column{name, dir, why, source}, a.Keep[i], direction.Words(inverse), reason, from)
	}
	t, err := table.New("variables", name, dir, why, source)
	if err != nil {
		return nil, err
	}
	var notices []string
	if !slices.ContainsFunc(vars, measuresMalaria) {
		notices = append(notices, "no variable of this list measures malaria itself")
	}
	summary := fmt.Sprintf("Remembered %s: %s. Score them with --list mine.", counted(len(vars), "variable"), listed(a.Keep, 10))
	run, _, err := w.Record(ctx, workspace.Draft{
		Act: "variables", Params: a, Started: started, Summary: summary, Notices: notices, Inputs: inputsOf(c.frame, vars...),
		Outputs: []store.NewDataset{{Kind: workspace.KindVariables, Name: ownListName, Table: t}},
	})
	if err != nil {
		return nil, err
	}
	return &Result{Run: run.ID.N, Summary: summary, Notices: notices, Tables: []*table.Table{t}}, nil
}

// ownListName names the dataset of the user's own list.
const ownListName = "mine"

// chosenList is a remembered list.
type chosenList struct{ names, inverted []string }

// ownList reads the user's own list.
func ownList(ctx context.Context, w *workspace.Workspace) (chosenList, error) {
	var l chosenList
	d, err := w.Latest(ctx, "score", workspace.KindVariables, ownListName, "Make your list first: `mrpt variables --keep a,b,c --invert b`")
	if err != nil {
		return l, err
	}
	t, err := w.Table(ctx, d)
	if err != nil {
		return l, err
	}
	name, _ := t.Column("variable")
	dir, _ := t.Column("direction")
	for row := range t.Rows() {
		l.names = append(l.names, name.Format(row))
		if dir.Format(row) == direction.Words(true) {
			l.inverted = append(l.inverted, name.Format(row))
		}
	}
	return l, nil
}

// listVariables shows all variables and the pairs that go together.
func listVariables(ctx context.Context, w *workspace.Workspace, c *catalogue) (*Result, error) {
	var onZone []*variable
	summary := counted(len(c.variables), "variable") + " by ward."
	z, found, missing, err := c.zoneList()
	switch {
	case err == nil:
		onZone = found
		summary += fmt.Sprintf(" The list of the %s has %s; loaded are %d of them.", z.Name, counted(len(z.Variables)+1, "variable"), len(found))
	case problem.Is(err, problem.NotFound) || problem.Is(err, problem.Usage):
	default:
		return nil, err
	}
	own, err := ownList(ctx, w)
	if err != nil && !problem.Is(err, problem.NotFound) {
		return nil, err
	}
	t, err := c.adviceTable(onZone, own)
	if err != nil {
		return nil, err
	}
	pairs, notices, err := c.pairTable()
	if err != nil {
		return nil, err
	}
	if len(onZone) > 0 && len(missing) > 0 {
		notices = append(notices, "on the list of the zone but not loaded: "+listed(missing, 9))
	}
	if c.malaria() == nil {
		notices = append(notices, "nothing here measures malaria itself; run `mrpt positivity` if you have facility records")
	}
	return &Result{Summary: summary, Notices: append(notices, noticesOf(c.variables...)...), Tables: []*table.Table{t, pairs}}, nil
}

func (c *catalogue) adviceTable(onZone []*variable, own chosenList) (*table.Table, error) {
	name, from := table.NewText("variable"), table.NewText("table")
	dir, why, source := table.NewText("usual_direction"), table.NewText("why"), table.NewText("direction_source")
	zone, mine, malaria := table.NewText("zone_list"), table.NewText("own_list"), table.NewText("malaria")
	known, missing := table.NewNumber("wards"), table.NewNumber("missing_share")
	yes := map[bool]string{true: "yes", false: ""}
	for _, v := range c.variables {
		word, reason, says := "", "", ""
		if d, ok := v.usualDirection(); ok {
			word, says = direction.Words(d.Inverse), d.Source
			reason, _ = reasonFor(v, d.Inverse)
		}
		appendTexts([]*table.Column{name, from, dir, why, source, zone, mine, malaria}, v.name, v.table, word, reason, says,
			yes[slices.Contains(onZone, v)], yes[slices.Contains(own.names, v.name) || slices.Contains(own.names, v.table+":"+v.name)], yes[measuresMalaria(v)])
		n := v.count()
		known.AppendNumber(float64(n))
		missing.AppendNumber(float64(len(v.present)-n) / float64(max(1, len(v.present))))
	}
	return table.New("variables", name, from, dir, why, zone, mine, malaria, known, missing, source)
}

// pairTable lists the pairs of variables with their correlation over the wards
// that have both, the strongest first, and says which tell the same. Two names
// of one result are no pair.
func (c *catalogue) pairTable() (*table.Table, []string, error) {
	one, other := table.NewText("variable"), table.NewText("other")
	r, wards := table.NewNumber("correlation"), table.NewNumber("wards")
	var notices []string
	for i, a := range c.variables {
		for _, b := range c.variables[i+1:] {
			x, y := a.both(b)
			if a.sameResult(b) || len(x) < 3 {
				continue
			}
			d, err := pca.NewData([]string{a.name, b.name}, [][]float64{x, y}, []bool{false, false})
			if err != nil {
				continue // constant where both are known: no correlation
			}
			v := d.Correlation().At(0, 1)
			appendTexts([]*table.Column{one, other}, a.name, b.name)
			r.AppendNumber(v)
			wards.AppendNumber(float64(len(x)))
			if math.Abs(v) >= mostCorrelation {
				notices = append(notices, fmt.Sprintf("%s and %s go together (correlation %.2f): in a score, what they share counts twice", a.name, b.name, v))
			}
		}
	}
	t, err := table.New("correlations", one, other, r, wards)
	if err != nil {
		return nil, nil, err
	}
	return t.Pick(ordered(t.Rows(), func(p, q int) int { return compareMagnitude(r, p, q) })), notices, nil
}

func compareMagnitude(c *table.Column, p, q int) int {
	x, _ := c.Number(p)
	y, _ := c.Number(q)
	switch {
	case math.Abs(x) > math.Abs(y):
		return -1
	case math.Abs(x) < math.Abs(y):
		return 1
	}
	return 0
}

// both gives the values of two variables where both are known.
func (v *variable) both(o *variable) (x, y []float64) {
	for i := range v.values {
		if v.present[i] && o.present[i] {
			x, y = append(x, v.values[i]), append(y, o.values[i])
		}
	}
	return x, y
}

// sameResult reports whether two variables are names of one result.
func (v *variable) sameResult(o *variable) bool {
	return v.table == o.table && len(v.inputs) > 0 && len(o.inputs) > 0 && v.inputs[0].ID == o.inputs[0].ID &&
		(strings.HasPrefix(v.name, o.name) || strings.HasPrefix(o.name, v.name)) && v.inputs[0].Kind == workspace.KindPositivity
}
