package action

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"chatmrpt/core/problem"
	"chatmrpt/core/store"
	"chatmrpt/core/table"
	"chatmrpt/core/workspace"
	"chatmrpt/geo/regions"
	"chatmrpt/geo/scene"
	"chatmrpt/geo/weights"
)

// Regioning is how wards are joined into regions.
type Regioning struct {
	Vars    []string `param:"vars" help:"with regions: the variables by which wards are alike" more:"true"`
	Regions int      `param:"regions" help:"with regions: how many are wanted" more:"true"`
	Least   int      `param:"least" help:"with regions: wards in a region at least" more:"true"`
}

func (r Regioning) check() error {
	switch {
	case len(r.Vars) == 0:
		return usage("spatial", "vars", "no variables were named", "Give --vars with one or more of those that `mrpt data` lists")
	case r.Regions < 1:
		return usage("spatial", "regions", "at least one region has to be made", "Give --regions and how many are wanted")
	case r.Least < 0:
		return usage("spatial", "least", "a region can't have fewer than no wards", "Give the smallest number of wards, or leave it out")
	}
	return nil
}

// regionFacts is the method of a regionalisation.
type regionFacts struct {
	Variables  []string  `json:"variables"`
	Method     string    `json:"method"`
	Neighbours string    `json:"neighbours"`
	Asked      int       `json:"regions_asked"`
	Made       int       `json:"regions"`
	Least      int       `json:"least_wards"`
	Within     []float64 `json:"within_sum_of_squares"` // after each cut
	Total      float64   `json:"total_sum_of_squares"`
	Missing    int       `json:"missing"`
}

// runRegions joins the wards into regions.
func (a *Spatial) runRegions(ctx context.Context, w *workspace.Workspace, c *catalogue, draft workspace.Draft) (*Result, error) {
	f := c.frame
	near, err := a.Nearness.of(ctx, w, f)
	if err != nil {
		return nil, spatialProblem(err, a.Weights)
	}
	vars, present, err := a.regionVariables(c)
	if err != nil {
		return nil, err
	}
	sub, of := near.WithoutSelf().Subset(present)
	columns := make([][]float64, len(vars))
	for k, v := range vars {
		for _, i := range of {
			columns[k] = append(columns[k], v.values[i])
		}
	}
	found, err := regions.Skater(ctx, sub.Neighbours(), regions.Standardise(columns), regions.Options{Count: a.Regions, Least: a.Least})
	if err != nil {
		return nil, regionProblem(err, sub.Neighbours())
	}
	facts := regionFacts{
		Variables: a.Vars, Neighbours: a.Nearness.words(), Asked: a.Regions, Made: found.Count, Least: a.Least, Within: found.Within, Total: found.Total, Missing: len(f.units) - len(of),
		Method: "SKATER (Assunção and others 2006): the minimum spanning tree of the neighbours by the distance of the standardised variables, cut where the sum of squares falls most",
	}
	draft.Inputs = inputsOf(f, vars...)
	draft.Notices = append(draft.Notices, regionNotices(facts, noticesOf(vars...))...)
	draft.Summary = fmt.Sprintf("%s of %s by %s; %s of the variation lies between them.", counted(found.Count, "region"), counted(len(of), "ward"), listed(a.Vars, 5), percent(1-found.Within[len(found.Within)-1]/max(found.Total, 1e-300)))
	wards, each, err := regionTables(f, vars, of, found)
	if err != nil {
		return nil, err
	}
	draft.Outputs = []store.NewDataset{
		{Kind: workspace.KindRegions, Name: "regions", Table: wards, Report: facts},
		{Kind: workspace.KindAutocorrelation, Name: "region_means", Table: each, Report: facts},
	}
	run, _, err := w.Record(ctx, draft)
	if err != nil {
		return nil, err
	}
	return &Result{Run: run.ID.N, Summary: draft.Summary, Notices: draft.Notices, Tables: []*table.Table{each, sortedBy(wards, "region", false)}, Details: facts}, nil
}

func (a *Spatial) regionVariables(c *catalogue) (vars []*variable, present []bool, err error) {
	present = make([]bool, len(c.frame.units))
	for i := range present {
		present[i] = true
	}
	for _, name := range a.Vars {
		v, err := c.find("spatial", name)
		if err != nil {
			return nil, nil, err
		}
		vars = append(vars, v)
		for i, p := range v.present {
			present[i] = present[i] && p
		}
	}
	for _, p := range present {
		if p {
			return vars, present, nil
		}
	}
	return nil, nil, problem.New(problem.BadInput, "spatial", strings.Join(a.Vars, ", "), "no ward has a value of all of them", "Choose other variables with --vars")
}

func regionProblem(err error, near weights.Neighbours) error {
	switch {
	case errors.Is(err, regions.ErrParts):
		_, parts := near.Parts()
		return problem.New(problem.BadInput, "spatial", "regions", fmt.Sprintf("wards with values form %d parts that don't touch, so there are at least as many regions", parts),
			fmt.Sprintf("Give --regions %d or more, or join the parts with --weights knn:6", parts)).Because(err)
	case errors.Is(err, regions.ErrCount):
		return problem.New(problem.Usage, "spatial", "--regions", "there are not that many wards with values", "Give fewer regions").Because(err)
	}
	return spatialProblem(err, "regions")
}

func regionNotices(facts regionFacts, notices []string) []string {
	if facts.Missing > 0 {
		notices = append(notices, fmt.Sprintf("%s without a value of every variable, in no region", counted(facts.Missing, "ward")))
	}
	if facts.Made < facts.Asked {
		notices = append(notices, fmt.Sprintf("%s made, not %d: no further cut leaves at least %s on either side, or wins anything", counted(facts.Made, "region"), facts.Asked, counted(facts.Least, "ward")))
	}
	return notices
}

// regionTables are the region of every ward, in the order of the layer, and the
// means of the variables in each region.
func regionTables(f *frame, vars []*variable, of []int, found *regions.Result) (wards, each *table.Table, err error) {
	region, reason := table.NewNumber("region"), table.NewText("reason")
	in := map[int]int{}
	size := make([]float64, found.Count)
	for k, i := range of {
		in[i] = found.Region[k]
		size[found.Region[k]]++
	}
	for i := range f.units {
		if r, ok := in[i]; ok {
			region.AppendNumber(float64(r + 1))
			appendTexts([]*table.Column{reason}, "")
		} else {
			region.AppendMissing()
			appendTexts([]*table.Column{reason}, "no data")
		}
	}
	if wards, err = table.New("regions", append(f.identity(), region, reason)...); err != nil {
		return nil, nil, err
	}
	number, count := table.NewNumber("region"), table.NewNumber("wards")
	for r, n := range size {
		number.AppendNumber(float64(r + 1))
		count.AppendNumber(n)
	}
	columns := []*table.Column{number, count}
	for _, v := range vars {
		mean := table.NewNumber("mean_" + v.name)
		sums := make([]float64, found.Count)
		for k, i := range of {
			sums[found.Region[k]] += v.values[i]
		}
		for r, s := range sums {
			mean.AppendNumber(s / size[r])
		}
		columns = append(columns, mean)
	}
	each, err = table.New("region_means", columns...)
	return wards, each, err
}

// regionFigure shows the newest regions, each in a colour of its own.
func (f *frame) regionFigure(ctx context.Context, w *workspace.Workspace) (*figure, error) {
	none := problem.New(problem.NotFound, "map", statRegions, "no regions have been made yet", "Make them first: `mrpt spatial regions --vars positivity --regions 5`")
	var facts regionFacts
	d, t, err := f.newestOf(ctx, w, workspace.KindRegions, none, func(report json.RawMessage) bool { return json.Unmarshal(report, &facts) == nil })
	if err != nil {
		return nil, err
	}
	colors, err := scene.Categories(facts.Made)
	if err != nil {
		return nil, problem.New(problem.BadInput, "map", statRegions, fmt.Sprintf("%d regions are more than colours can tell apart", facts.Made), "Export them: `mrpt export --what regions --out regions.geojson`")
	}
	fig := &figure{
		title: "Regions of wards alike in " + listed(facts.Variables, 4), legend: "Regions", inputs: []store.Dataset{f.dataset, d}, class: make([]int, t.Rows()),
		notes: []string{fmt.Sprintf("SKATER, neighbours: %s; at least %s a region. Run %d.", facts.Neighbours, counted(max(1, facts.Least), "ward"), d.Run.N)},
	}
	// The legend is drawn from its last class down: the first region on top.
	for k := range facts.Made {
		fig.classes = append(fig.classes, scene.Class{Label: fmt.Sprintf("Region %d", facts.Made-k), Fill: colors[facts.Made-1-k]})
	}
	c, _ := t.Column("region")
	for i := range fig.class {
		fig.class[i] = -1
		if r, ok := c.Number(i); ok {
			fig.class[i] = facts.Made - int(r)
		}
	}
	return fig, nil
}
