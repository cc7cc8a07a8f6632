package action

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"chatmrpt/core/problem"
	"chatmrpt/core/report"
	"chatmrpt/core/score"
	"chatmrpt/core/store"
	"chatmrpt/core/table"
	"chatmrpt/core/workspace"
	"chatmrpt/geo/boundary"
)

// Choice says which results are to be handed on.
type Choice struct {
	Runs       []int64 // numbers of the runs whose results are meant; none for the newest of every kind
	Facilities bool    // tables with a row for each facility too
}

// Publication is what a choice comes to: the very files that would leave, the
// same bytes for the same results.
type Publication struct {
	Title string
	Made  time.Time // when the newest of the results was
	Runs  []int64
	Files []Published
	// LeftOut names tables that were meant but hold facility rows, which were
	// not ticked.
	LeftOut []string
}

// Published is one file of a publication.
type Published struct {
	Path string // with slashes
	What string // for a person
	Data []byte

	table *table.Table // what the data was written from; nil for a file that is no table
}

// About is the file about.json of a publication: what every other file is and
// how it came about, for programs that read many publications.
type About struct {
	Format  int         `json:"format"` // 1
	User    string      `json:"user"`   // display name
	Project string      `json:"project"`
	Title   string      `json:"title"`
	Version string      `json:"version"` // of the program
	Made    time.Time   `json:"made"`
	States  []string    `json:"states"` // of the wards, sorted
	Runs    []AboutRun  `json:"runs"`
	Tables  []AboutData `json:"tables"`
}

// AboutRun is the record of a run.
type AboutRun struct {
	Number   int64           `json:"number"`
	Act      string          `json:"act"`
	Params   json.RawMessage `json:"params"`
	Seed     uint64          `json:"seed"`
	Version  string          `json:"version"`
	Started  time.Time       `json:"started"`
	Finished time.Time       `json:"finished"`
	Summary  string          `json:"summary"`
	Notices  []string        `json:"notices"`
	Inputs   []AboutInput    `json:"inputs"`
}

// AboutInput names what a run read. The names of files stay at home: they may
// tell more than they should.
type AboutInput struct {
	Kind       string `json:"kind"`
	Version    int    `json:"version"`
	SHA256     string `json:"sha256"`
	SourceHash string `json:"source_hash,omitempty"` // of the file it was read from
}

// AboutData describes a table.
type AboutData struct {
	Path    string          `json:"path"`            // of the CSV file
	Layer   string          `json:"layer,omitempty"` // GeoJSON whose features are its rows, in the same order
	Kind    string          `json:"kind"`
	Name    string          `json:"name"`
	Version int             `json:"version"`
	Rows    int             `json:"rows"`
	SHA256  string          `json:"sha256"` // of the content as the run record names it
	Run     int64           `json:"run"`
	Facts   json.RawMessage `json:"facts"`
	Columns []AboutColumn   `json:"columns"`
}

// AboutColumn describes a column of a CSV file.
type AboutColumn struct {
	Name string `json:"name"`
	Type string `json:"type"` // number or text
	Role string `json:"role,omitempty"`
	Unit string `json:"unit,omitempty"`
}

// Compose makes the publication of a choice. Tables with a row for each
// facility are in it only when they were ticked, whatever run they came from.
func Compose(ctx context.Context, w *workspace.Workspace, c Choice, tell Progress) (*Publication, error) {
	meant, err := c.datasets(ctx, w)
	if err != nil {
		return nil, err
	}
	p := &composer{w: w, pub: &Publication{}, about: About{Format: 1, User: w.User(), Project: w.Project(), Version: w.Version()}, used: map[string]bool{}}
	for i, d := range meant {
		tell("putting together", i, len(meant))
		if err := p.add(ctx, c, d); err != nil {
			return nil, err
		}
	}
	if len(p.about.Tables) == 0 {
		return nil, problem.New(problem.NotFound, "publish", w.Project(), "there is nothing to hand on",
			"Rank the wards first, or tick the facility tables if they are what is wanted")
	}
	tell("drawing", 0, 0)
	if err := p.pictures(ctx); err != nil {
		return nil, err
	}
	return p.finish()
}

// datasets are the tables that a choice means, oldest first.
func (c Choice) datasets(ctx context.Context, w *workspace.Workspace) ([]store.Dataset, error) {
	var out []store.Dataset
	for _, n := range c.Runs {
		if _, err := w.Run(ctx, w.RunNumber(n)); err != nil {
			return nil, problem.New(problem.NotFound, "publish", fmt.Sprintf("run %d", n), "there is no such run in this project", "See them with `mrpt runs`").Because(err)
		}
		outputs, err := w.Outputs(ctx, w.RunNumber(n))
		if err != nil {
			return nil, err
		}
		out = append(out, outputs...)
	}
	if len(c.Runs) > 0 {
		return out, nil
	}
	all, err := w.Datasets(ctx)
	if err != nil {
		return nil, err
	}
	newest := map[string]int{}
	for i, d := range all {
		newest[d.Kind+"\x00"+d.Name] = i
	}
	for i, d := range all {
		// Results have no source; what was imported, and how names were matched,
		// is the office's own.
		wanted := d.Source == "" && d.Kind != workspace.KindMatch || c.Facilities && d.Kind == workspace.KindFacilities
		if wanted && newest[d.Kind+"\x00"+d.Name] == i {
			out = append(out, d)
		}
	}
	return out, nil
}

// composer gathers a publication.
type composer struct {
	w     *workspace.Workspace
	pub   *Publication
	about About
	used  map[string]bool // paths, in lower case
	layer string          // path of the layer that is in it, "" for none
	of    store.DatasetID // whose layer it is
	kinds []string
}

func (p *composer) add(ctx context.Context, c Choice, d store.Dataset) error {
	t, err := p.w.Table(ctx, d)
	if err != nil {
		return err
	}
	if _, perFacility := t.Role(table.RoleFacility); (perFacility || d.Kind == workspace.KindFacilities) && !c.Facilities {
		p.pub.LeftOut = append(p.pub.LeftOut, called(d))
		return nil
	}
	var out bytes.Buffer
	if err := writeCSV(&out, t); err != nil {
		return err
	}
	layer, err := p.addLayer(ctx, d, t)
	if err != nil {
		return err
	}
	path := p.path("tables/"+slug(d.Kind+"-"+d.Name), ".csv")
	p.pub.Files = append(p.pub.Files, Published{Path: path, What: called(d), Data: out.Bytes(), table: t})
	data := AboutData{
		Path: path, Layer: layer, Kind: d.Kind, Name: d.Name, Version: d.Version, Rows: d.Rows, SHA256: d.SHA256, Run: d.Run.N, Facts: d.Report,
	}
	for _, col := range withMarks(t) {
		kind := "text"
		if col.Kind() == table.Number {
			kind = "number"
		}
		data.Columns = append(data.Columns, AboutColumn{Name: col.Name, Type: kind, Role: string(col.Role), Unit: col.Unit})
	}
	p.about.Tables = append(p.about.Tables, data)
	p.kinds = append(p.kinds, d.Kind)
	return p.addRun(ctx, d.Run)
}

// addLayer makes sure that the boundaries on which a table by ward rests are in
// the publication, once, and gives their path. A table on other boundaries than
// the first has none.
func (p *composer) addLayer(ctx context.Context, d store.Dataset, t *table.Table) (string, error) {
	b, err := boundariesOf(ctx, p.w, d)
	if problem.Is(err, problem.BadInput) || (err == nil && b.Rows != t.Rows()) {
		return "", nil // it is no table by ward
	}
	if err != nil {
		return "", err
	}
	if p.layer != "" {
		if b.ID == p.of {
			return p.layer, nil
		}
		return "", nil
	}
	bt, err := p.w.Table(ctx, b)
	if err != nil {
		return "", err
	}
	layer, err := layerOf(ctx, p.w, b, bt)
	if err != nil {
		return "", err
	}
	var out bytes.Buffer
	if err := boundary.WriteGeoJSON(&out, layer); err != nil {
		return "", err
	}
	p.layer, p.of = p.path("layers/wards", ".geojson"), b.ID
	p.pub.Files = append(p.pub.Files, Published{Path: p.layer, What: "the boundaries of the wards", Data: out.Bytes()})
	states := map[string]bool{}
	for _, u := range unitsOf(bt) {
		if u.State != "" && !states[u.State] {
			states[u.State] = true
			p.about.States = append(p.about.States, u.State)
		}
	}
	slices.Sort(p.about.States)
	return p.layer, nil
}

func (p *composer) addRun(ctx context.Context, id store.RunID) error {
	if slices.Contains(p.pub.Runs, id.N) {
		return nil
	}
	r, err := p.w.Run(ctx, id)
	if err != nil {
		return err
	}
	inputs, err := p.w.Inputs(ctx, id)
	if err != nil {
		return err
	}
	a := AboutRun{
		Number: id.N, Act: r.Act, Params: r.Params, Seed: r.Seed, Version: r.Version, Started: r.Started, Finished: r.Finished,
		Summary: r.Summary, Notices: r.Notices, Inputs: []AboutInput{},
	}
	for _, in := range inputs {
		a.Inputs = append(a.Inputs, AboutInput{Kind: in.Kind, Version: in.Version, SHA256: in.SHA256, SourceHash: in.SourceHash})
	}
	p.about.Runs = append(p.about.Runs, a)
	p.pub.Runs = append(p.pub.Runs, id.N)
	if r.Finished.After(p.pub.Made) {
		p.pub.Made = r.Finished
	}
	return nil
}

// pictures adds the maps and the report when the newest ranking is among what
// was chosen: they show it and no other.
func (p *composer) pictures(ctx context.Context) error {
	f, err := loadFrame(ctx, p.w, "publish")
	if problem.Is(err, problem.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	b, err := collectBrief(ctx, p.w, f)
	if problem.Is(err, problem.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if !slices.Contains(p.pub.Runs, b.ranking.dataset.Run.N) {
		return nil
	}
	if b.plan != nil && !slices.Contains(p.pub.Runs, b.plan.dataset.Run.N) {
		b.plan = nil // not chosen
	}
	doc, err := (&Report{}).document(ctx, p.w, b)
	if err != nil {
		return err
	}
	doc.Created = p.pub.Made // not the time of sending: the same results give the same file
	var out bytes.Buffer
	if err := report.PDF(ctx, &out, doc); err != nil {
		return err
	}
	p.pub.Files = append(p.pub.Files, Published{Path: "report.pdf", What: "the report for the director", Data: out.Bytes()})
	maps := []*Map{{Show: "rank", Classes: "quantile:5", Width: 842, Height: 595}}
	if b.facts.Category == string(score.Thirds) {
		maps[0].Show = "category"
	}
	if b.plan != nil {
		maps = append(maps, &Map{Show: "nets", Classes: "quantile:5", Width: 842, Height: 595})
	}
	for _, m := range maps {
		if err := p.addMap(ctx, m); err != nil {
			return err
		}
	}
	return nil
}

func (p *composer) addMap(ctx context.Context, m *Map) error {
	d, err := m.draw(ctx, p.w, page)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	if err := writePNG(ctx, &out, d.scene); err != nil {
		return err
	}
	p.pub.Files = append(p.pub.Files, Published{Path: p.path("maps/"+m.Show, ".png"), What: d.summary, Data: out.Bytes()})
	return nil
}

func (p *composer) finish() (*Publication, error) {
	p.pub.Title = p.w.Project()
	if len(p.about.States) == 1 {
		p.pub.Title += ", " + p.about.States[0]
	}
	p.about.Title, p.about.Made = p.pub.Title, p.pub.Made
	text, err := json.MarshalIndent(p.about, "", "  ")
	if err != nil {
		return nil, err
	}
	p.pub.Files = append([]Published{{Path: "about.json", What: "what each file is and how it came about", Data: text}}, p.pub.Files...)
	return p.pub, nil
}

// path makes a path that no other file has, whatever the case.
func (p *composer) path(base, ending string) string {
	for n := 1; ; n++ {
		path := base + ending
		if n > 1 {
			path = fmt.Sprintf("%s-%d%s", base, n, ending)
		}
		if !p.used[strings.ToLower(path)] {
			p.used[strings.ToLower(path)] = true
			return path
		}
	}
}

// slug makes a name of lower-case letters, digits, dots and hyphens that every
// system can give to a file: marks are taken off letters, the rest becomes
// hyphens.
func slug(name string) string {
	var out strings.Builder
	for _, r := range norm.NFD.String(strings.ToLower(name)) {
		switch {
		case unicode.Is(unicode.Mn, r):
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '.' && out.Len() > 0, r == '_':
			out.WriteRune(r)
		case out.Len() > 0 && !strings.HasSuffix(out.String(), "-"):
			out.WriteByte('-')
		}
		if out.Len() > 80 {
			break
		}
	}
	if s := strings.Trim(out.String(), "-."); s != "" {
		return s
	}
	return "table"
}
