package action

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"chatmrpt/core/ingest"
	"chatmrpt/core/problem"
	"chatmrpt/core/store"
	"chatmrpt/core/table"
	"chatmrpt/core/workspace"
)

// Import reads files the user has into the project. All of one call are kept,
// or none. A file read again under the same name becomes a new version beside
// the old.
type Import struct {
	Files       []string `param:"files" arg:"true" help:"CSV, XLSX, XLS, ODS, zipped shapefile, GeoPackage, GeoJSON, TopoJSON, KML or GeoTIFF" json:"-"`
	As          string   `param:"as" choices:"facilities|wards|population|nets|boundaries|raster" help:"what the files hold, when it is not found out"`
	Name        string   `param:"name" help:"name to keep it under (default: the file's name)"`
	Sheet       string   `param:"sheet" help:"sheet of a workbook, or layer of a boundary file"`
	Period      string   `param:"period" help:"period of a file that names none, as 2024 or 2024-03"`
	StateColumn string   `param:"state-column" help:"header of the column with the state"`
	LGAColumn   string   `param:"lga-column" help:"header of the column with the LGA"`
	UnitColumn  string   `param:"unit-column" help:"header of the column with the ward or other unit"`
	CodeColumn  string   `param:"code-column" help:"header of the column with the unit's code"`
	Columns     []string `param:"column" help:"ROLE=HEADER for any other column, as tested_rdt_u5=Tests"`
	Duplicates  []string `param:"duplicate" help:"what several columns of one header are: HEADER=sum, first, largest or apart"`
	Preview     bool     `param:"preview" help:"only show what would change against what is loaded"`
	Replace     bool     `param:"replace" help:"accept a version that lacks rows or columns of the one before"`
	CRS         string   `param:"crs" help:"reference system of a boundary file or raster that names none, as EPSG:32632"`
	Statistic   string   `param:"statistic" choices:"mean|sum|min|max|share" help:"what a ward gets of a raster (default: mean; with --as population sum)" json:",omitempty"`
	Rule        string   `param:"rule" choices:"exact|centre" help:"cells of a raster count by the fraction inside the ward, or whole by their centre (default: exact)" json:",omitempty"`
	Bands       []string `param:"band" help:"bands of a raster, from 1 (default: the first)" json:",omitempty"`
	Classes     []string `param:"class" help:"with --statistic share: a value as 3 or a range as 10..20, 30.. or ..5" json:",omitempty"`
	Summarise   string   `param:"summarise" choices:"mean|sum|min|max|median" help:"make one variable of rasters of several dates, or of all bands of one" json:",omitempty"`
	Unit        string   `param:"unit" help:"unit of a raster's values, as mm" json:",omitempty"`
}

// Check implements Action.
func (a *Import) Check() error {
	if len(a.Files) == 0 {
		return problem.New(problem.Usage, "import", "", "no file was named", "Name one or more files to read")
	}
	if _, err := a.roles(); err != nil {
		return err
	}
	if _, err := duplicateAnswers("import", a.Duplicates); err != nil {
		return err
	}
	return a.checkRaster()
}

// duplicateAnswers reads what was said about columns of one header.
func duplicateAnswers(op string, given []string) (map[string]string, error) {
	out := map[string]string{}
	for _, d := range given {
		at := strings.LastIndexByte(d, '=') // a header may hold one too: ≥ is written >=
		if at < 1 || !slices.Contains(ingest.DuplicateAnswers(), d[at+1:]) {
			return nil, usage(op, "duplicate", fmt.Sprintf("%q does not say what the columns are", d),
				"Write HEADER="+strings.Join(ingest.DuplicateAnswers(), ", HEADER=")+"; the word "+ingest.AllDuplicates+" stands for every header")
		}
		out[d[:at]] = d[at+1:]
	}
	return out, nil
}

// roles collects the columns the user chose himself.
func (a *Import) roles() (map[table.Role]string, error) {
	chosen := map[table.Role]string{}
	for role, header := range map[table.Role]string{
		table.RoleState: a.StateColumn, table.RoleLGA: a.LGAColumn, table.RoleWard: a.UnitColumn, table.RoleWardCode: a.CodeColumn,
	} {
		if header != "" {
			chosen[role] = header
		}
	}
	for _, c := range a.Columns {
		role, header, ok := strings.Cut(c, "=")
		if !ok || header == "" || !slices.Contains(table.Roles(), table.Role(role)) {
			return nil, usage("import", "column", fmt.Sprintf("%q is not ROLE=HEADER", c), "Roles are: "+roleList())
		}
		chosen[table.Role(role)] = header
	}
	return chosen, nil
}

func roleList() string {
	var names []string
	for _, r := range table.Roles() {
		names = append(names, string(r))
	}
	return strings.Join(names, ", ")
}

// imported is one file or group of files, read but not yet stored.
type imported struct {
	dataset  store.NewDataset
	notices  []string
	read     int
	refused  int
	repaired int
	inputs   []store.Dataset // what it rests on besides the file
	revision *revision
	assumed  bool // it names no reference system, and degrees were assumed
}

// Run implements Action.
func (a *Import) Run(ctx context.Context, w *workspace.Workspace, tell Progress) (*Result, error) {
	files := make([]inputFile, len(a.Files))
	for i, path := range a.Files {
		f, err := readFile("import", path)
		if err != nil {
			return nil, err
		}
		files[i] = f
	}
	return a.load(ctx, w, tell, files, record{act: "import", params: a})
}

// record says under which act a load is recorded.
type record struct {
	act    string
	params any
	seed   uint64
}

// load reads the files and records them all in one run.
func (a *Import) load(ctx context.Context, w *workspace.Workspace, tell Progress, files []inputFile, as record) (*Result, error) {
	draft := workspace.Draft{Act: as.act, Params: as.params, Seed: as.seed, Started: w.Now()}
	groups := groupFiles(files, a.Summarise != "")
	draft.Params = a.withTold(draft.Params, groups)
	if a.Name != "" && len(groups) > 1 {
		return nil, usage("import", "name", "one name for several tables", "Import them one at a time, or leave --name out")
	}
	known, err := recallLayouts(ctx, w)
	if err != nil {
		return nil, err
	}
	var items []imported
	for i, group := range groups {
		tell("reading "+group[0].name, i, len(groups))
		read, err := a.readGroup(ctx, w, group, known)
		if err != nil {
			return nil, err
		}
		items = append(items, read...)
	}
	if err := oneNameEach(items); err != nil {
		return nil, err
	}
	all, err := w.Datasets(ctx)
	if err != nil {
		return nil, err
	}
	for i := range items {
		if items[i].revision, err = revise(ctx, w, all, items[i]); err != nil {
			return nil, err
		}
		items[i].notices = append(items[i].notices, items[i].revision.notices(a.Preview)...)
	}
	if err := a.askLoss(items); err != nil {
		return nil, err
	}
	if a.Preview {
		return preview(items)
	}
	tell("saving", len(groups), len(groups))
	return keep(ctx, w, draft, items)
}

// oneNameEach refuses two tables of one kind and name, as of two files of one
// name in two folders: the second would hide the first as its newer version.
func oneNameEach(items []imported) error {
	seen := map[[2]string]bool{}
	for _, it := range items {
		key := [2]string{it.dataset.Kind, it.dataset.Name}
		if seen[key] {
			return problem.New(problem.Usage, "import", it.dataset.Name, "two files would be kept under this name", "Import them one at a time, each with a --name of its own")
		}
		seen[key] = true
	}
	return nil
}

// groupFiles puts the loose parts of one shapefile together, and rasters that
// are to be summarised; every other file stands alone.
func groupFiles(files []inputFile, summarise bool) [][]inputFile {
	var groups [][]inputFile
	if summarise {
		var rasters []inputFile
		files = slices.DeleteFunc(slices.Clone(files), func(f inputFile) bool {
			if isRaster([]inputFile{f}) {
				rasters = append(rasters, f)
				return true
			}
			return false
		})
		if rasters != nil {
			groups = append(groups, rasters)
		}
	}
	shape := map[string]int{} // base name without extension → group
	for _, f := range files {
		stem := strings.ToLower(strings.TrimSuffix(f.name, filepath.Ext(f.name)))
		if !isShapePart(f.name) {
			groups = append(groups, []inputFile{f})
		} else if g, ok := shape[stem]; ok {
			groups[g] = append(groups[g], f)
		} else {
			shape[stem] = len(groups)
			groups = append(groups, []inputFile{f})
		}
	}
	return groups
}

func isShapePart(name string) bool {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".shp", ".shx", ".dbf", ".prj", ".cpg", ".qpj", ".sbn", ".sbx", ".qmd":
		return true
	}
	return false
}

// holdsBoundaries tells by name whether a file is a layer of areas.
func holdsBoundaries(name string) bool {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".zip", ".geojson", ".json", ".topojson", ".gpkg", ".kml", ".kmz":
		return true
	}
	return isShapePart(name)
}

// readGroup reads files that belong together; a raster of several bands gives
// more than one item.
func (a *Import) readGroup(ctx context.Context, w *workspace.Workspace, group []inputFile, known layouts) ([]imported, error) {
	return a.inKnownSystem(ctx, w, group[0].name, func(a *Import) ([]imported, error) {
		switch {
		case isRaster(group):
			return a.readRasters(ctx, w, group)
		case a.As == workspace.KindRaster:
			return nil, problem.New(problem.BadInput, "import", group[0].name, "it isn't a raster in the form of a GeoTIFF",
				"Save it as a GeoTIFF (QGIS: Export, Save As; or gdal_translate), or import it without --as raster")
		}
		item, err := a.read(ctx, group, known)
		return []imported{item}, err
	})
}

func (a *Import) read(ctx context.Context, group []inputFile, known layouts) (imported, error) {
	f := group[0]
	if p := foreign(f); p != nil {
		return imported{}, p
	}
	ending := strings.ToLower(filepath.Ext(f.name))
	switch {
	case a.As == workspace.KindBoundaries || (a.As == "" && holdsBoundaries(f.name)):
		return a.readBoundaries(ctx, group)
	case holdsBoundaries(f.name) && ending != ".zip": // a zip may be a workbook under another name
		return imported{}, problem.New(problem.BadInput, "import", f.name, fmt.Sprintf("a %s file holds boundaries, not a table of %s", ending, a.As),
			"Import it by itself, without --as; its numeric attributes can be scored like the columns of a table")
	}
	return a.readTable(ctx, f, known)
}

func (a *Import) readTable(ctx context.Context, f inputFile, known layouts) (imported, error) {
	roles, err := a.roles()
	if err != nil {
		return imported{}, err
	}
	answers, err := duplicateAnswers("import", a.Duplicates)
	if err != nil {
		return imported{}, err
	}
	r, err := ingest.Read(ctx, f.name, f.data, ingest.Options{
		Kind: ingest.Kind(a.As), Sheet: a.Sheet, Columns: roles, Period: a.Period, Duplicates: answers, Recall: known.of,
	})
	if err != nil {
		return imported{}, err
	}
	item := imported{
		dataset: store.NewDataset{
			Kind: string(r.Kind), Name: a.nameOf(f.name), Table: r.Table, Source: f.name, SourceHash: f.hash, Report: r.Report,
		},
		read: r.Report.Rows.Read, refused: r.Report.Rows.Refused,
	}
	if n := memoryNotice(&r.Report); n != "" {
		item.notices = append(item.notices, n)
	}
	for _, warning := range r.Report.Warnings {
		if warning.Code != ingest.WarnText { // the cells are told one column at a time
			item.notices = append(item.notices, warningWords(warning))
		}
	}
	item.notices = append(item.notices, cellNotices(r.Report.Cells)...)
	for _, repair := range r.Report.Repairs {
		item.repaired += repair.Count
	}
	return item, nil
}

// warningWords is a warning with how many rows or cells it is about.
func warningWords(w ingest.Warning) string {
	if w.Count == 0 {
		return w.Message
	}
	return fmt.Sprintf("%s (%s)", w.Message, grouped(w.Count))
}

// cellNotices tells which cells were left without a value, and why: a value
// must not vanish without a word.
func cellNotices(cells []ingest.CellIssue) []string {
	const most = 6
	var out []string
	for i, c := range cells {
		if i == most {
			return append(out, fmt.Sprintf("%s with such cells, listed in the quality report", counted(len(cells)-most, "further column")))
		}
		out = append(out, fmt.Sprintf("%s: %s left without a value: %s, first %s in row %d",
			c.Column, counted(c.Count, "cell"), c.Problem, c.Example, c.Row))
	}
	return out
}

// nameOf is the name a file is kept under: the user's, or the file's own
// without its ending.
func (a *Import) nameOf(file string) string {
	if a.Name != "" {
		return a.Name
	}
	return strings.TrimSuffix(file, filepath.Ext(file))
}

// keep records the items in one run and lists them. One that is loaded already
// is not stored again.
func keep(ctx context.Context, w *workspace.Workspace, draft workspace.Draft, items []imported) (*Result, error) {
	result, fresh, err := listItems(items)
	if err != nil {
		return nil, err
	}
	if len(fresh) == 0 {
		result.Summary = "Nothing has changed: " + result.Summary + " is loaded already."
		return result, nil
	}
	for _, it := range fresh {
		draft.Outputs = append(draft.Outputs, it.dataset)
		for _, in := range it.inputs {
			if !holds(draft.Inputs, in.ID) {
				draft.Inputs = append(draft.Inputs, in)
			}
		}
	}
	draft.Summary, draft.Notices = "Read "+result.Summary+".", result.Notices
	run, _, err := w.Record(ctx, draft)
	if err != nil {
		return nil, err
	}
	result.Run, result.Summary = run.ID.N, draft.Summary
	return result, nil
}

// preview shows what keep would do.
func preview(items []imported) (*Result, error) {
	result, _, err := listItems(items)
	if err != nil {
		return nil, err
	}
	result.Summary = "This would be read: " + result.Summary + ". Nothing was stored."
	return result, nil
}

// listItems lists what was read, what it changes, and which items are new.
func listItems(items []imported) (r *Result, fresh []imported, err error) {
	var parts []string
	reports := map[string]any{}
	r = &Result{Details: reports}
	for _, it := range items {
		d := it.dataset
		for _, n := range it.notices {
			r.Notices = append(r.Notices, d.Name+": "+n)
		}
		parts = append(parts, fmt.Sprintf("%s as %s (%s)", d.Name, d.Kind, counted(d.Table.Rows(), "row")))
		reports[d.Kind+": "+d.Name] = d.Report
		if !it.revision.same {
			fresh = append(fresh, it)
		}
	}
	r.Summary = listed(parts, len(parts))
	list, err := importedTable(items)
	if err != nil {
		return nil, nil, err
	}
	changes, err := changeTables(items)
	r.Tables = append([]*table.Table{list}, changes...)
	return r, fresh, err
}

// importedTable lists what was read, how much was repaired or refused, and what
// it changes against the version before.
func importedTable(items []imported) (*table.Table, error) {
	names, kinds := table.NewText("name"), table.NewText("kind")
	var numbers []*table.Column
	for _, n := range []string{"version", "rows", "rows_read", "repaired", "refused", "rows_added", "rows_removed", "cells_changed"} {
		numbers = append(numbers, table.NewNumber(n))
	}
	for _, it := range items {
		names.AppendText(it.dataset.Name)
		kinds.AppendText(it.dataset.Kind)
		version := it.revision.next
		if it.revision.same {
			version = it.revision.before.Version
		}
		values := []int{version, it.dataset.Table.Rows(), it.read, it.repaired, it.refused}
		switch c := it.revision.change; {
		case c != nil:
			values = append(values, len(c.Added), len(c.Removed), c.Cells)
		case it.revision.same:
			values = append(values, 0, 0, 0)
		}
		for i, c := range numbers {
			if i < len(values) {
				c.AppendNumber(float64(values[i]))
			} else {
				c.AppendMissing()
			}
		}
	}
	return table.New("imported", append([]*table.Column{names, kinds}, numbers...)...)
}
