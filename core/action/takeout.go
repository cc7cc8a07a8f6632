package action

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"chatmrpt/core/store"
	"chatmrpt/core/table"
	"chatmrpt/core/workspace"
	"chatmrpt/geo/boundary"
	"chatmrpt/geo/feature"
)

// Takeout writes everything of the profile, of every project, as one zip that
// can be read without this program: tables as CSV, areas as GeoJSON, what was
// done and decided as JSON and CSV, the audit, and every row of the store
// besides. The zip is not encrypted.
type Takeout struct {
	Out string `param:"out" help:"file to write, .zip; what is in it is in clear" json:"-"`
}

// Check implements Action.
func (a *Takeout) Check() error {
	if strings.ToLower(filepath.Ext(a.Out)) != ".zip" {
		return usage("takeout", "out", "the file is no .zip", "Give --out a name that ends in .zip")
	}
	return nil
}

// Run implements Action.
func (a *Takeout) Run(ctx context.Context, w *workspace.Workspace, tell Progress) (*Result, error) {
	var z *bundle
	err := output{a.Out, func(out io.Writer) error {
		z = &bundle{zip: zip.NewWriter(out), now: w.Now()}
		if err := z.everything(ctx, w, tell); err != nil {
			return err
		}
		return z.close(w)
	}}.save("takeout")
	if err != nil {
		return nil, err
	}
	return &Result{
		Summary: fmt.Sprintf("Wrote everything of the profile of %s: %s in %s.", w.User(), counted(z.tables, "table"), counted(z.projects, "project")),
		Notices: []string{"the file is not encrypted: keep it where nobody else may read, and delete it when it has served"},
		Files:   []string{a.Out},
	}, nil
}

// bundle is a zip being written, with an account of what is in it.
type bundle struct {
	zip              *zip.Writer
	now              time.Time
	files            []bundled
	tables, projects int
}

// bundled is a file of the zip as its manifest has it.
type bundled struct {
	Path   string `json:"path"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// add writes one file.
func (z *bundle) add(path string, write func(io.Writer) error) error {
	out, err := z.zip.CreateHeader(&zip.FileHeader{Name: path, Method: zip.Deflate, Modified: z.now})
	if err != nil {
		return err
	}
	sum, size := sha256.New(), &byteCount{}
	if err := write(io.MultiWriter(out, sum, size)); err != nil {
		return err
	}
	z.files = append(z.files, bundled{path, size.n, hex.EncodeToString(sum.Sum(nil))})
	return nil
}

type byteCount struct{ n int64 }

// Write implements io.Writer.
func (c *byteCount) Write(p []byte) (int, error) {
	c.n += int64(len(p))
	return len(p), nil
}

func (z *bundle) addJSON(path string, v any) error {
	return z.add(path, func(out io.Writer) error {
		e := json.NewEncoder(out)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		return e.Encode(v)
	})
}

func (z *bundle) addCSV(path string, t *table.Table) error {
	return z.add(path, func(out io.Writer) error { return writeCSV(out, t) })
}

// everything writes all but the manifest.
func (z *bundle) everything(ctx context.Context, w *workspace.Workspace, tell Progress) error {
	if err := z.addAudit(ctx, w); err != nil {
		return err
	}
	err := w.EachProject(ctx, func(s workspace.Shelf) error {
		z.projects++
		return z.addProject(ctx, s, tell)
	})
	if err != nil {
		return err
	}
	names, err := w.RowTables(ctx)
	if err != nil {
		return err
	}
	for _, name := range names {
		if !slices.Contains(readable(), name) {
			if err := z.addRows(ctx, w, name); err != nil {
				return err
			}
		}
	}
	return nil
}

// readable are the tables of the store whose rows are all in the CSV and
// GeoJSON files.
func readable() []string { return []string{"dataset_column", "area"} }

func (z *bundle) addAudit(ctx context.Context, w *workspace.Workspace) error {
	entries, err := w.Audit(ctx)
	if err != nil {
		return err
	}
	t, err := auditTable(entries)
	if err != nil {
		return err
	}
	return z.addCSV("audit.csv", t)
}

// addProject writes the tables of a project and what was done in it.
func (z *bundle) addProject(ctx context.Context, s workspace.Shelf, tell Progress) error {
	dir := fmt.Sprintf("projects/%d-%s/", s.Number(), plainName(s.Name()))
	ds, err := s.Datasets(ctx)
	if err != nil {
		return err
	}
	runs, err := s.Runs(ctx)
	if err != nil {
		return err
	}
	decisions, err := s.Decisions(ctx)
	if err != nil {
		return err
	}
	about := map[string]any{"name": s.Name(), "created": s.Created(), "runs": runs, "decisions": decisions, "datasets": ds}
	if err := z.addJSON(dir+"project.json", about); err != nil {
		return err
	}
	columns := newColumnNotes()
	for i, d := range ds {
		tell("project "+s.Name(), i, len(ds))
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := z.addDataset(ctx, s, d, dir, columns); err != nil {
			return err
		}
	}
	t, err := columns.table()
	if err != nil {
		return err
	}
	return z.addCSV(dir+"columns.csv", t)
}

// columnNotes says what the columns of the tables are.
type columnNotes struct{ dataset, column, role, unit, origin *table.Column }

func newColumnNotes() *columnNotes {
	return &columnNotes{table.NewNumber("dataset"), table.NewText("column"), table.NewText("role"), table.NewText("unit"), table.NewText("origin")}
}

func (l *columnNotes) add(d store.Dataset, t *table.Table) {
	for _, c := range t.Columns {
		l.dataset.AppendNumber(float64(d.ID.N))
		appendTexts([]*table.Column{l.column, l.role, l.unit, l.origin}, c.Name, string(c.Role), c.Unit, c.Origin)
	}
}

func (l *columnNotes) table() (*table.Table, error) {
	return table.New("columns", l.dataset, l.column, l.role, l.unit, l.origin)
}

func (z *bundle) addDataset(ctx context.Context, s workspace.Shelf, d store.Dataset, dir string, columns *columnNotes) error {
	t, err := s.Table(ctx, d)
	if err != nil {
		return err
	}
	columns.add(d, t)
	path := fmt.Sprintf("%s%04d-%s-%s-v%d", dir, d.ID.N, plainName(d.Kind), plainName(d.Name), d.Version)
	if err := z.addCSV(path+".csv", t); err != nil {
		return err
	}
	z.tables++
	areas, err := s.Areas(ctx, d)
	if err != nil || areas == nil {
		return err
	}
	layer := &feature.Layer{Name: d.Name, CRS: "EPSG:4326", Areas: areas}
	for _, c := range withMarks(t) {
		layer.Columns = append(layer.Columns, attributeOf(c))
	}
	return z.add(path+".geojson", func(out io.Writer) error { return boundary.WriteGeoJSON(out, layer) })
}

// addRows writes the rows of a table of the store as they stand, a JSON object
// a line, so that nothing is left out that no readable file shows.
func (z *bundle) addRows(ctx context.Context, w *workspace.Workspace, name string) error {
	return z.add("rows/"+name+".ndjson", func(out io.Writer) error {
		e := json.NewEncoder(out)
		e.SetEscapeHTML(false)
		return w.EachRow(ctx, name, func(row map[string]any) error { return e.Encode(row) })
	})
}

// close writes what the zip is and what is in it.
func (z *bundle) close(w *workspace.Workspace) error {
	if err := z.add("README.txt", func(out io.Writer) error {
		_, err := io.WriteString(out, takeoutWords)
		return err
	}); err != nil {
		return err
	}
	manifest := map[string]any{"user": w.User(), "made": z.now, "program": w.Version(), "files": z.files}
	if err := z.addJSON("manifest.json", manifest); err != nil {
		return err
	}
	return z.zip.Close()
}

const takeoutWords = `Everything of one ChatMRPT profile, readable without the program.

manifest.json   every file with its size and SHA-256 (but for itself)
audit.csv       what was done in the profile, each entry with its seal
projects/       a folder a project: project.json with its runs, decisions and
                tables; each version of each table as .csv, with areas as
                .geojson (WGS 84); columns.csv says what their columns are
                and where they came from. In .csv files a cell that a spreadsheet
                would run as a formula begins with an apostrophe.
rows/           every other row of the store as it stands, a JSON object a line

Keys to seal and to send with are left out, and so is what was sealed with them.
What was kept from sight because it belongs to somebody else or to nothing is
not in here. Nothing in here is encrypted.
`

// plainName is a name that any system can have in a file name, at most 40
// signs long; the number before it tells files apart.
func plainName(name string) string {
	plain := strings.Map(func(r rune) rune {
		if r == '-' || r == '_' || (r >= '0' && r <= '9') || (r >= 'a' && r <= 'z') || (r >= 'A' && r <= 'Z') {
			return r
		}
		return '_'
	}, name)
	return plain[:min(len(plain), 40)]
}
