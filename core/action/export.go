package action

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"chatmrpt/core/problem"
	"chatmrpt/core/store"
	"chatmrpt/core/table"
	"chatmrpt/core/workspace"
	"chatmrpt/geo/boundary"
	"chatmrpt/geo/boundary/gpkg"
	"chatmrpt/geo/feature"
)

// Export writes a stored table where the user points: CSV, JSON, or, for a
// table by ward, GeoJSON with the boundaries.
type Export struct {
	What string `param:"what" choices:"ranking|plan|positivity|series|trend|reprioritised|strata|seasonality|funnel|models|directions|contributions|leave-out|components|agreement|variables|match|wards|facilities|population|boundaries|raster|clusters|smoothed|regions|autocorrelation|quality|quality_wards|suspects" help:"which table"`
	Name string `param:"name" help:"its name, when there are several"`
	Out  string `param:"out" help:"file to write: .csv, .json, .geojson or .gpkg" json:"-"`
	Card bool   `param:"card" help:"write the method card of the table beside it, as OUT.card.txt"`
}

// Check implements Action.
func (a *Export) Check() error {
	if a.What == "" {
		return usage("export", "what", "nothing to export was named", "Give --what ranking, plan, positivity, match, …")
	}
	switch a.format() {
	case ".csv", ".json", ".geojson", ".gpkg":
		return nil
	}
	return usage("export", "out", "the file's ending names no format that can be written", "Give --out a name that ends in .csv, .json, .geojson or .gpkg")
}

func (a *Export) format() string { return strings.ToLower(filepath.Ext(a.Out)) }

// Run implements Action.
func (a *Export) Run(ctx context.Context, w *workspace.Workspace, _ Progress) (*Result, error) {
	d, err := theOne(ctx, w, "export", a.What, a.Name, choice{"name", "See what there is with `mrpt data`"})
	if err != nil {
		return nil, err
	}
	t, err := w.Table(ctx, d)
	if err != nil {
		return nil, err
	}
	write := func(out io.Writer) error { return writeCSV(out, t) }
	switch a.format() {
	case ".json":
		write = func(out io.Writer) error { return writeJSON(out, t) }
	case ".geojson":
		layer, err := layerOf(ctx, w, d, t)
		if err != nil {
			return nil, err
		}
		write = func(out io.Writer) error { return boundary.WriteGeoJSON(out, layer) }
	case ".gpkg":
		if write, err = geoPackage(ctx, w, d, t); err != nil {
			return nil, err
		}
	}
	if err := (output{a.Out, write}).save("export"); err != nil {
		return nil, err
	}
	r := &Result{Summary: fmt.Sprintf("Wrote %s of %s.", counted(t.Rows(), "row"), called(d)), Files: []string{a.Out}}
	if !a.Card {
		return r, nil
	}
	card, err := cardText(ctx, w, d.Run)
	if err != nil {
		return nil, err
	}
	beside := output{a.Out + ".card.txt", func(out io.Writer) error { _, err := io.WriteString(out, card); return err }}
	r.Files = append(r.Files, beside.path)
	return r, beside.save("export")
}

// geoPackage writes a table by ward as a GeoPackage. It says that it was made
// when the table was, so that writing it again gives the same bytes.
func geoPackage(ctx context.Context, w *workspace.Workspace, d store.Dataset, t *table.Table) (func(io.Writer) error, error) {
	layer, err := layerOf(ctx, w, d, t)
	if err != nil {
		return nil, err
	}
	run, err := w.Run(ctx, d.Run)
	if err != nil {
		return nil, err
	}
	data, err := gpkg.Write(ctx, layer, run.Finished)
	return func(out io.Writer) error {
		_, err := out.Write(data)
		return err
	}, err
}

// writeCSV writes t with one line of headers. Imputed numbers are told by a
// column of their own behind those that have any; text that a spreadsheet
// would take for a formula is made harmless by an apostrophe.
func writeCSV(out io.Writer, t *table.Table) error {
	w := csv.NewWriter(out)
	columns := withMarks(t)
	header := make([]string, len(columns))
	for i, c := range columns {
		header[i] = guardFormula(c.Name)
	}
	if err := w.Write(header); err != nil {
		return err
	}
	record := make([]string, len(columns))
	for row := range t.Rows() {
		for i, c := range columns {
			record[i] = c.Format(row)
			if c.Kind() == table.Text {
				record[i] = guardFormula(record[i])
			}
		}
		if err := w.Write(record); err != nil {
			return err
		}
	}
	w.Flush()
	return w.Error()
}

// withMarks puts a yes/no column behind every column with imputed values.
func withMarks(t *table.Table) []*table.Column {
	var out []*table.Column
	for _, c := range t.Columns {
		out = append(out, c)
		if c.CountImputed() == 0 {
			continue
		}
		mark := table.NewText(c.Name + "_imputed")
		for i := range c.Len() {
			mark.AppendText(map[bool]string{true: "yes", false: "no"}[c.Imputed(i)])
		}
		out = append(out, mark)
	}
	return out
}

// guardFormula keeps a spreadsheet from running a cell as a formula (OWASP,
// CSV injection).
func guardFormula(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

func writeJSON(out io.Writer, t *table.Table) error {
	columns := withMarks(t)
	rows := make([]map[string]any, t.Rows())
	for i := range rows {
		rows[i] = map[string]any{}
		for _, c := range columns {
			rows[i][c.Name] = c.Value(i)
		}
	}
	e := json.NewEncoder(out)
	e.SetEscapeHTML(false)
	return e.Encode(rows)
}

// layerOf joins a table by ward to the boundaries it was computed on. Its rows
// are in the order of that layer, as every act stores them; other tables can
// have as many rows by chance, so the kind decides and not the number.
func layerOf(ctx context.Context, w *workspace.Workspace, d store.Dataset, t *table.Table) (*feature.Layer, error) {
	if _, ok := t.Column("ward"); !slices.Contains(kindsByWard(), d.Kind) || !ok && (d.Kind == workspace.KindTrend || d.Kind == workspace.KindSeason) {
		return nil, problem.New(problem.BadInput, "export", d.Name, "this table is not one row per ward", "Write it as .csv instead")
	}
	b, err := boundariesOf(ctx, w, d)
	if err != nil {
		return nil, err
	}
	areas, err := w.Areas(ctx, b)
	if err != nil {
		return nil, err
	}
	if len(areas) != t.Rows() {
		return nil, fmt.Errorf("%s %s: %d rows for %d areas", d.Kind, d.Name, t.Rows(), len(areas))
	}
	layer := &feature.Layer{Name: d.Name, CRS: "EPSG:4326", Areas: areas}
	for _, c := range withMarks(t) {
		layer.Columns = append(layer.Columns, attributeOf(c))
	}
	return layer, nil
}

// kindsByWard lists the kinds whose row i is ward i; trends and seasons are,
// unless they are by LGA or state.
func kindsByWard() []string {
	return []string{
		workspace.KindBoundaries, workspace.KindRaster, workspace.KindPositivity, workspace.KindRanking, workspace.KindContributions, workspace.KindPlan,
		workspace.KindTrend, workspace.KindStrata, workspace.KindSeason, workspace.KindFunnel,
		workspace.KindClusters, workspace.KindSmoothed, workspace.KindRegions, workspace.KindQualityWards,
	}
}

// boundariesOf finds the boundary layer behind a dataset: itself, or the input
// of the run that made it.
func boundariesOf(ctx context.Context, w *workspace.Workspace, d store.Dataset) (store.Dataset, error) {
	if d.Kind == workspace.KindBoundaries {
		return d, nil
	}
	inputs, err := w.Inputs(ctx, d.Run)
	if err != nil {
		return store.Dataset{}, err
	}
	i := slices.IndexFunc(inputs, func(in store.Dataset) bool { return in.Kind == workspace.KindBoundaries })
	if i < 0 {
		return store.Dataset{}, problem.New(problem.BadInput, "export", d.Name, "this table has no boundaries", "Write it as .csv instead")
	}
	return inputs[i], nil
}

func attributeOf(c *table.Column) feature.Column {
	out := feature.Column{Name: c.Name, IsNumber: c.Kind() == table.Number, Present: make([]bool, c.Len())}
	if out.IsNumber {
		out.Numbers = make([]float64, c.Len())
	} else {
		out.Texts = make([]string, c.Len())
	}
	for i := range c.Len() {
		out.Present[i] = !c.Missing(i)
		if v, ok := c.Number(i); ok {
			out.Numbers[i] = v
		} else if s, ok := c.Text(i); ok {
			out.Texts[i] = s
		}
	}
	return out
}
