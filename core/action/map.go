package action

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"chatmrpt/core/problem"
	"chatmrpt/core/report"
	"chatmrpt/core/score"
	"chatmrpt/core/store"
	"chatmrpt/core/table"
	"chatmrpt/core/workspace"
	"chatmrpt/geo/draw"
	"chatmrpt/geo/scene"
)

// Map draws one figure of the project by ward.
type Map struct {
	Show    string `param:"show" help:"a variable of data, or rank, category, top, nets, coverage, missing, or the clusters of spatial: lisa, localgeary, gi, gstar, scan, regions"`
	Classes string `param:"classes" help:"how values become classes: jenks:5 (natural breaks), quantile:5, equal:5, pretty:5, fixed:10,20,50, strata:who-incidence, sd, percentile, box:1.5 or headtail"`
	Period  string `param:"period" help:"of a measure computed by year or month: one period, or each, a map for every one with one legend" more:"true"`
	Out     string `param:"out" help:"file to write: .png, .svg or .pdf" json:"-"`
	Width   int    `param:"width" help:"of the picture, in points (1/72 inch)"`
	Height  int    `param:"height" help:"of the picture, in points"`
}

// NewMap gives a Map of an A4 page on its side, five classes of equal count.
func NewMap() *Map { return &Map{Show: "rank", Classes: "quantile:5", Width: 842, Height: 595} }

// pixelsPerPoint gives a PNG enough detail for print at half a page.
const pixelsPerPoint = 2

// Check implements Action.
func (a *Map) Check() error {
	if a.Show == "" {
		return usage("map", "show", "nothing to show was named", "Give --show a variable, or rank, category, top, nets, coverage or missing")
	}
	if _, err := parseClasses(a.Classes); err != nil {
		return err
	}
	if a.Width < scene.MinSide || a.Width > scene.MaxSide || a.Height < scene.MinSide || a.Height > scene.MaxSide {
		return usage("map", "width", "the picture is too small or too large", fmt.Sprintf("Width and height are from %d to %d points", scene.MinSide, scene.MaxSide))
	}
	return checkPicture("map", a.Out)
}

// checkPicture checks that a picture can be written to a path; "" is none.
func checkPicture(op, path string) error {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".png", ".svg", ".pdf":
		return nil
	}
	if path == "" {
		return nil
	}
	return usage(op, "out", "the file's ending names no format that can be drawn", "Give --out a name that ends in .png, .svg or .pdf")
}

// Run implements Action.
func (a *Map) Run(ctx context.Context, w *workspace.Workspace, tell Progress) (*Result, error) {
	if a.Period != "" {
		return a.runSeries(ctx, w, tell)
	}
	started := w.Now()
	tell("drawing", 0, 0)
	m, err := a.draw(ctx, w, page)
	if err != nil {
		return nil, err
	}
	old, err := stale(ctx, w, m.inputs...)
	if err != nil {
		return nil, err
	}
	r := &Result{Summary: m.summary, Scene: m.scene, Notices: old}
	if a.Out == "" {
		return r, nil
	}
	if err := savePicture(ctx, w, "map", a.Out, m.scene); err != nil {
		return nil, err
	}
	r.Files = []string{a.Out}
	run, _, err := w.Record(ctx, workspace.Draft{Act: "map", Params: a, Started: started, Summary: m.summary, Notices: old, Inputs: m.inputs})
	r.Run = run.ID.N
	return r, err
}

// savePicture writes a scene in the format that the path's ending names.
func savePicture(ctx context.Context, w *workspace.Workspace, op, path string, s *scene.Scene) error {
	write := func(out io.Writer) error { return writePNG(ctx, out, s) }
	switch strings.ToLower(filepath.Ext(path)) {
	case ".svg":
		write = func(out io.Writer) error { return draw.SVG(ctx, out, s) }
	case ".pdf":
		write = func(out io.Writer) error { return report.MapPDF(ctx, out, s, w.Now()) }
	}
	return output{path, write}.save(op)
}

// writePNG writes the picture; one that fits a page of its size can still have
// more pixels than are drawn.
func writePNG(ctx context.Context, out io.Writer, s *scene.Scene) error {
	err := draw.PNG(ctx, out, s, pixelsPerPoint)
	if errors.Is(err, draw.ErrSize) {
		return usage("map", "width", "a PNG of this size has too many pixels", "Choose a smaller --width and --height, or write .svg or .pdf, which have no pixels")
	}
	return err
}

// drawn is a map with what it was drawn from.
type drawn struct {
	scene   *scene.Scene
	inputs  []store.Dataset
	summary string
}

// setting is where a map stands.
type setting bool

const (
	page  setting = false // of its own
	inset setting = true  // in a report, whose method page says how classes are made
)

// draw builds the scene of the figure that Show names.
func (a *Map) draw(ctx context.Context, w *workspace.Workspace, on setting) (*drawn, error) {
	f, err := loadFrame(ctx, w, "map")
	if err != nil {
		return nil, err
	}
	fig, err := a.figure(ctx, w, f)
	if err != nil {
		return nil, err
	}
	return a.build(ctx, w, f, fig, on)
}

// build lays a figure out as a map.
func (a *Map) build(ctx context.Context, w *workspace.Workspace, f *frame, fig *figure, on setting) (*drawn, error) {
	outlines, err := f.outlines(ctx, w)
	if err != nil {
		return nil, err
	}
	notes := append([]string{}, fig.notes...)
	if on == page && fig.how != "" {
		notes = append(notes, fig.how)
	}
	if f.fictional() {
		notes = append([]string{fictionalNote}, notes...)
	}
	s, err := scene.Build(ctx, scene.Map{
		Title: fig.title, Subtitle: f.subtitle(), LegendTitle: fig.legend, Unit: "wards",
		Areas: f.areas, Class: fig.class, Classes: fig.classes, Outlines: outlines, Notes: notes,
		Width: float64(a.Width), Height: float64(a.Height),
	})
	if isStop(err) {
		return nil, err
	}
	if err != nil {
		return nil, problem.New(problem.BadInput, "map", a.Show, err.Error(), "Try another size with --width and --height").Because(err)
	}
	return &drawn{scene: s, inputs: fig.inputs, summary: fig.title + ": " + fig.summary()}, nil
}

// figure is one number or category per ward, classed and coloured.
type figure struct {
	title, legend string
	class         []int
	classes       []scene.Class
	notes         []string
	how           string // how the classes were made, where that isn't plain
	inputs        []store.Dataset
}

func (g *figure) summary() string {
	known := 0
	for _, c := range g.class {
		if c >= 0 {
			known++
		}
	}
	return fmt.Sprintf("%s with a value, %d without.", counted(known, "ward"), len(g.class)-known)
}

func (a *Map) figure(ctx context.Context, w *workspace.Workspace, f *frame) (*figure, error) {
	switch a.Show {
	case "rank":
		return a.resultFigure(ctx, w, f, workspace.KindRanking, "rank", "Composite risk rank", "Rank, 1 is the highest risk")
	case "nets":
		return a.resultFigure(ctx, w, f, workspace.KindPlan, "nets_allocated", "Bed nets allocated", "Nets")
	case "coverage":
		return a.resultFigure(ctx, w, f, workspace.KindPlan, "coverage", "Share of the needed nets allocated", "Coverage, %")
	case "category":
		return f.categoryFigure(ctx, w)
	case "top":
		return a.topFigure(ctx, w, f)
	case "missing":
		fig, err := f.gapsFigure(ctx, w)
		if fig != nil || err != nil {
			return fig, err
		}
		return f.missingFigure(ctx, w)
	}
	if a.Show == statRegions {
		return f.regionFigure(ctx, w)
	}
	if shownClusters(a.Show) {
		return f.clusterFigure(ctx, w, a.Show)
	}
	return a.variableFigure(ctx, w, f)
}

// resultFigure shows a number column of the newest ranking or plan.
func (a *Map) resultFigure(ctx context.Context, w *workspace.Workspace, f *frame, kind, column, title, legend string) (*figure, error) {
	d, t, err := f.result(ctx, w, "map", kind)
	if err != nil {
		return nil, err
	}
	c, _ := t.Column(column)
	fig := &figure{title: title, legend: legend, inputs: []store.Dataset{f.dataset, d}}
	run, err := w.Run(ctx, d.Run)
	if err != nil {
		return nil, err
	}
	fig.notes = []string{fmt.Sprintf("%s Run %d.", run.Summary, d.Run.N)}
	style := numberStyle{ramp: scene.YlOrRd, descending: column == "rank"}
	switch column {
	case "nets_allocated":
		style.ramp = scene.YlGnBu
	case "coverage":
		style.ramp, style.percent = scene.YlGnBu, true
	case "p_top":
		style.percent = true
	}
	return fig, a.classify(fig, c, style)
}

// result reads the newest result of a kind and refuses one of other
// boundaries, whose rows are other wards.
func (f *frame) result(ctx context.Context, w *workspace.Workspace, op, kind string) (store.Dataset, *table.Table, error) {
	hints := map[string]string{
		workspace.KindRanking: "Rank the wards first: `mrpt score`", workspace.KindPlan: "Plan the nets first: `mrpt plan`",
		workspace.KindQualityWards: "Examine the facility table again: `mrpt quality`",
	}
	d, err := w.Latest(ctx, op, kind, "", hints[kind])
	if err != nil {
		return d, nil, err
	}
	inputs, err := w.Inputs(ctx, d.Run)
	if err != nil {
		return d, nil, err
	}
	if !holds(inputs, f.dataset.ID) {
		return d, nil, problem.New(problem.Conflict, op, kind, "it was made on other boundaries than those now loaded", hints[kind])
	}
	t, err := w.Table(ctx, d)
	return d, t, err
}

func (a *Map) variableFigure(ctx context.Context, w *workspace.Workspace, f *frame) (*figure, error) {
	cat, err := f.loadCatalogue(ctx, w, "map")
	if err != nil {
		return nil, err
	}
	v, err := cat.find("map", a.Show)
	if err != nil {
		return nil, err
	}
	c := table.NewNumber(v.name)
	for i, x := range v.values {
		if v.present[i] {
			c.AppendNumber(x)
		} else {
			c.AppendMissing()
		}
	}
	fig := &figure{inputs: inputsOf(f, v)}
	var style numberStyle
	fig.title, fig.legend, style = variableStyle(v.name, v.role, v.unit)
	if v.inputs[0].Kind == workspace.KindSmoothed {
		fig.title += ", steadied (empirical Bayes)"
	}
	fig.notes = append([]string{"Source: " + v.table + ". " + v.origin}, noticesOf(v)...)
	if run := v.inputs[0].Run.N; v.role == table.RoleMalaria {
		fig.notes = append([]string{fmt.Sprintf("%s. Run %d.", v.origin, run)}, noticesOf(v)...)
	}
	return fig, a.classify(fig, c, style)
}

// titleOf makes a heading of a column's name. The names of the satellite
// indices are abbreviations and stay in capitals.
func titleOf(name string) string {
	words := strings.Fields(strings.ReplaceAll(name, "_", " "))
	for i, w := range words {
		switch up := strings.ToUpper(w); {
		case slices.Contains([]string{"EVI", "NDVI", "NDWI", "NDMI", "TPR", "LGA"}, up):
			words[i] = up
		case i == 0:
			first, size := utf8.DecodeRuneInString(w)
			words[i] = string(unicode.ToUpper(first)) + w[size:]
		}
	}
	return strings.Join(words, " ")
}

// topFigure shows in how many of the draws of the newest ranking each ward is
// among the top.
func (a *Map) topFigure(ctx context.Context, w *workspace.Workspace, f *frame) (*figure, error) {
	d, _, err := f.result(ctx, w, "map", workspace.KindRanking)
	if err != nil {
		return nil, err
	}
	var facts scoreFacts
	if err := json.Unmarshal(d.Report, &facts); err != nil {
		return nil, fmt.Errorf("facts of the ranking: %w", err)
	}
	if facts.Stability == nil {
		return nil, problem.New(problem.NotFound, "map", "top", "the newest ranking was not drawn anew", "Rank with draws: `mrpt score … --stability 1000`")
	}
	title := fmt.Sprintf("Draws that put the ward in the top %d", facts.Stability.Top)
	own := *a
	if own.Classes == NewMap().Classes {
		own.Classes = "fixed:5,20,50,80" // most wards are at nought: groups of equal count would tell nothing
	}
	return own.resultFigure(ctx, w, f, workspace.KindRanking, "p_top", title, fmt.Sprintf("Of 100 draws, among the top %d", facts.Stability.Top))
}

// categoryFigure shows the categories of risk of the newest ranking.
func (f *frame) categoryFigure(ctx context.Context, w *workspace.Workspace) (*figure, error) {
	d, t, err := f.result(ctx, w, "map", workspace.KindRanking)
	if err != nil {
		return nil, err
	}
	var facts scoreFacts
	if err := json.Unmarshal(d.Report, &facts); err != nil {
		return nil, fmt.Errorf("facts of the ranking: %w", err)
	}
	c, _ := t.Column("category")
	fig := &figure{title: "Risk category", legend: "Risk, " + categoryWords(facts.Category), inputs: []store.Dataset{f.dataset, d}, notes: []string{"Run " + strconv.FormatInt(d.Run.N, 10) + "."}}
	low, medium, high := scene.RiskColors()
	fills := map[string]scene.Class{"Low": {Fill: low}, "Medium": {Fill: medium}, "High": {Fill: high}}
	names := []string{"Low", "Medium", "High"}
	if slices.Contains(c.Dict(), score.VeryHigh) || slices.Contains(c.Dict(), score.VeryLow) {
		names = []string{score.VeryLow, score.Low, score.Medium, score.High, score.VeryHigh}
		colors, err := scene.YlOrRd.Colors(len(names))
		if err != nil {
			return nil, err
		}
		for i, name := range names {
			fills[name] = scene.Class{Fill: colors[i]}
		}
	}
	at := map[string]int{}
	for _, name := range names {
		if facts.Category != string(score.Thirds) && !slices.Contains(c.Dict(), name) {
			continue // one of the five that this ranking does not make
		}
		at[name] = len(fig.classes)
		fig.classes = append(fig.classes, scene.Class{Label: name, Fill: fills[name].Fill})
	}
	fig.byText(c, at)
	return fig, nil
}

func categoryWords(how string) string {
	return map[string]string{"thirds": "thirds by rank", "quantiles": "equal groups by rank", "natural": "natural breaks of the score", "fixed": "fixed cut-offs of the score"}[how]
}

// missingFigure shows where the ranking rests on filled-in values.
func (f *frame) missingFigure(ctx context.Context, w *workspace.Workspace) (*figure, error) {
	d, t, err := f.result(ctx, w, "map", workspace.KindRanking)
	if err != nil {
		return nil, err
	}
	colors, err := scene.YlGnBu.Colors(3)
	if err != nil {
		return nil, err
	}
	fig := &figure{
		title: "Where values were filled in", legend: "Variables of the score", inputs: []store.Dataset{f.dataset, d},
		classes: []scene.Class{{Label: "All observed", Fill: colors[0]}, {Label: "Some filled in", Fill: colors[2]}},
		notes:   []string{"Wards without data have no rank. Run " + strconv.FormatInt(d.Run.N, 10) + "."},
	}
	imputed, _ := t.Column("imputed")
	rank, _ := t.Column("rank")
	fig.class = make([]int, t.Rows())
	for i := range fig.class {
		switch {
		case rank.Missing(i):
			fig.class[i] = -1
		case !imputed.Missing(i):
			fig.class[i] = 1
		}
	}
	return fig, nil
}

// gapsFigure shows what share of the cells of the facility records is empty in
// each ward, where they have been examined; nil where they have not.
func (f *frame) gapsFigure(ctx context.Context, w *workspace.Workspace) (*figure, error) {
	d, t, err := f.result(ctx, w, "map", workspace.KindQualityWards)
	if problem.Is(err, problem.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	share, _ := t.Column("missing_share")
	fig := &figure{
		title: "Missing values in the facility records", legend: "Empty cells, %", inputs: []store.Dataset{f.dataset, d},
		notes: []string{fmt.Sprintf("Share of the counts of tests and patients in the rows of each ward that are empty. Source: %s. Run %d.", d.Name, d.Run.N)},
	}
	return fig, (&Map{Classes: "fixed:10,25,50,75"}).classify(fig, share, numberStyle{ramp: scene.YlOrRd, percent: true})
}

func (g *figure) byText(c *table.Column, classes map[string]int) {
	g.class = make([]int, c.Len())
	for i := range g.class {
		g.class[i] = -1
		if s, ok := c.Text(i); ok {
			if k, ok := classes[s]; ok {
				g.class[i] = k
			}
		}
	}
}
