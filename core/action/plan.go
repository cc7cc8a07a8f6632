package action

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"chatmrpt/core/plan"
	"chatmrpt/core/problem"
	"chatmrpt/core/store"
	"chatmrpt/core/table"
	"chatmrpt/core/workspace"
)

// Plan shares the bed nets there are among the ranked wards.
type Plan struct {
	Nets           int     `param:"nets" help:"nets in stock"`
	Strategy       string  `param:"strategy" choices:"proportional|priority" help:"same share of the need for all, or highest risk first in full"`
	PersonsPerNet  float64 `param:"persons-per-net" help:"persons one net serves"`
	Cap            float64 `param:"cap" help:"largest share of the stock for one ward, from 0 to 1; 0 is none"`
	UrbanThreshold float64 `param:"urban-threshold" help:"wards at least so urban, in %, are served last; 0 is none"`
	Population     string  `param:"population" help:"variable with the population, when there are several"`
}

// NewPlan gives a Plan with the programme's norm and the safe strategy.
func NewPlan() *Plan {
	return &Plan{Strategy: string(plan.Proportional), PersonsPerNet: plan.PersonsPerNet}
}

// Check implements Action.
func (a *Plan) Check() error {
	if a.Nets <= 0 {
		return usage("plan", "nets", "the number of nets must be given", "Give --nets with the nets in stock, such as --nets 10000")
	}
	if !(a.PersonsPerNet > 0) {
		return usage("plan", "persons-per-net", "a net must serve somebody", "Give the persons one net serves, such as 1.8")
	}
	return nil
}

// Run implements Action.
func (a *Plan) Run(ctx context.Context, w *workspace.Workspace, tell Progress) (*Result, error) {
	started := w.Now()
	f, err := loadFrame(ctx, w, "plan")
	if err != nil {
		return nil, err
	}
	ranking, ranks, err := f.result(ctx, w, "plan", workspace.KindRanking)
	if err != nil {
		return nil, err
	}
	population, urban, err := a.variables(ctx, w, f)
	if err != nil {
		return nil, err
	}
	tell("sharing out nets", 0, 0)
	p, err := plan.Allocate(ctx, f.planWards(ranks, population, urban), plan.Options{
		Nets: a.Nets, PersonsPerNet: a.PersonsPerNet, Strategy: plan.Strategy(a.Strategy), Cap: a.Cap, UrbanThreshold: a.UrbanThreshold,
	})
	if err != nil {
		return nil, err
	}
	t, err := f.planTable(p, ranks, population)
	if err != nil {
		return nil, err
	}
	inputs := append(inputsOf(f, population), ranking)
	if urban != nil {
		inputs = append(inputsOf(f, population, urban), ranking)
	}
	old, err := stale(ctx, w, ranking)
	if err != nil {
		return nil, err
	}
	notices := slices.Concat(old, noticesOf(population, urban), p.Warnings)
	facts := planFacts{Options: p.Options, Totals: p.Totals, Population: population.table + ", column " + population.name}
	run, _, err := w.Record(ctx, workspace.Draft{
		Act: "plan", Params: a, Started: started, Summary: planSummary(p), Notices: notices, Inputs: inputs,
		Outputs: []store.NewDataset{{Kind: workspace.KindPlan, Name: "plan", Table: t, Report: facts}},
	})
	if err != nil {
		return nil, err
	}
	return &Result{Run: run.ID.N, Summary: planSummary(p), Notices: notices, Tables: []*table.Table{sortedBy(t, "rank", false)}, Details: facts}, nil
}

// planFacts is what a plan says of itself.
type planFacts struct {
	Options    plan.Options `json:"options"`
	Totals     plan.Totals  `json:"totals"`
	Population string       `json:"population"` // table and column it came from
}

// variables finds the population and, when a threshold asks for it, the urban
// percentage.
func (a *Plan) variables(ctx context.Context, w *workspace.Workspace, f *frame) (population, urban *variable, err error) {
	c, err := f.loadCatalogue(ctx, w, "plan")
	if err != nil {
		return nil, nil, err
	}
	if a.Population != "" {
		if population, err = c.find("plan", a.Population); err != nil {
			return nil, nil, err
		}
	} else if population = c.withRole(table.RolePopulation); population == nil {
		return nil, nil, problem.New(problem.NotFound, "plan", "population", "no table says how many people live in the wards",
			"Import a population table, or name the variable with --population")
	} else {
		population = c.told(population)
	}
	if a.UrbanThreshold > 0 {
		if urban = c.withRole(table.RoleUrban); urban == nil {
			return nil, nil, problem.New(problem.NotFound, "plan", "urban percentage", "no table says how urban the wards are",
				"Import a table with an urban percentage, or leave --urban-threshold out")
		}
	}
	return population, urban, nil
}

// told returns v with a notice when other tables have a variable of its role,
// from which it was taken unasked.
func (c *catalogue) told(v *variable) *variable {
	var others []string
	for _, o := range c.variables {
		if o.role == v.role && o != v {
			others = append(others, o.table)
		}
	}
	if len(others) == 0 {
		return v
	}
	out := *v
	out.notice = strings.TrimPrefix(fmt.Sprintf("%s; the %s is %s:%s, though there is another in %s; choose with --population TABLE:VARIABLE",
		v.notice, v.role, v.table, v.name, listed(others, 3)), "; ")
	return &out
}

func (f *frame) planWards(ranks *table.Table, population, urban *variable) []plan.Ward {
	rank, _ := ranks.Column("rank")
	out := make([]plan.Ward, len(f.units))
	for i, key := range f.keys() {
		out[i] = plan.Ward{Key: key, Population: population.values[i], HasPopulation: population.present[i]}
		if r, ok := rank.Number(i); ok {
			out[i].Rank = int(r)
		}
		if urban != nil {
			out[i].Urban, out[i].HasUrban = urban.values[i], urban.present[i]
		}
	}
	return out
}

func planSummary(p *plan.Plan) string {
	t := p.Totals
	s := fmt.Sprintf("%s of %s nets go to %s (%s in full, %d in part) by the %s strategy; the need is %s nets.",
		grouped(t.Allocated), grouped(t.Nets), counted(t.Full+t.Part, "ward"), grouped(t.Full), t.Part, p.Options.Strategy, grouped(t.Needed))
	if c, ok := t.Coverage(); ok {
		s += fmt.Sprintf(" Coverage of the need: %s.", percent(c))
	}
	return s
}

// planTable has one row per ward of the layer, in its order, whether it gets
// nets or not.
func (f *frame) planTable(p *plan.Plan, ranks *table.Table, population *variable) (*table.Table, error) {
	byWard := make([]plan.Share, len(f.units))
	for _, s := range p.Shares {
		byWard[s.Ward] = s
	}
	rank, category := table.NewNumber("rank"), table.NewText("category")
	people, needed := table.NewNumber("population"), table.NewNumber("nets_needed")
	allocated, coverage := table.NewNumber("nets_allocated"), table.NewNumber("coverage")
	tier, reason := table.NewNumber("tier"), table.NewText("reason")
	categories, _ := ranks.Column("category")
	for i, s := range byWard {
		appendIf(rank, s.Rank > 0, float64(s.Rank))
		word, _ := categories.Text(i)
		appendTexts([]*table.Column{category, reason}, word, s.Reason)
		appendIf(people, population.present[i], population.values[i])
		appendIf(needed, s.HasNeed, float64(s.Needed))
		allocated.AppendNumber(float64(s.Allocated))
		appendIf(coverage, s.HasCoverage, s.Coverage)
		tier.AppendNumber(float64(s.Tier))
	}
	return table.New("plan", append(f.identity(), rank, category, people, needed, allocated, coverage, tier, reason)...)
}

// appendIf appends v where it is known and a missing value where it is not.
func appendIf(c *table.Column, known bool, v float64) {
	if known {
		c.AppendNumber(v)
	} else {
		c.AppendMissing()
	}
}
