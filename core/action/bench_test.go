package action

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"chatmrpt/core/problem"
	"chatmrpt/core/sample"
	"chatmrpt/core/store"
	"chatmrpt/core/table"
	"chatmrpt/core/vault"
	"chatmrpt/core/vault/vaulttest"
	"chatmrpt/core/workspace"
)

// bench is a profile in a folder of its own, with a clock that stands still,
// and a folder for the files of a test.
type bench struct {
	t   testing.TB
	w   *workspace.Workspace
	dir string
}

func newBench(t testing.TB) *bench {
	t.Helper()
	return benchOf(t, t.TempDir(), "Amina")
}

// benchOf makes the profile of a user beside others in one home.
func benchOf(t testing.TB, home, user string) *bench {
	t.Helper()
	v, _, err := vault.Create(t.Context(), home, user, []byte("correct horse battery"), vaulttest.Cheap(t))
	if err != nil {
		t.Fatal(err)
	}
	w, err := workspace.FromVault(t.Context(), v, workspace.Options{
		Project: "campaign", Version: "test", Now: func() time.Time { return time.Date(2026, 3, 27, 12, 0, 0, 0, time.UTC) },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	return &bench{t: t, w: w, dir: t.TempDir()}
}

// path is a place in the folder of the test.
func (b *bench) path(name string) string { return filepath.Join(b.dir, name) }

// write puts a file there.
func (b *bench) write(name, text string) string {
	b.t.Helper()
	path := b.path(name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		b.t.Fatal(err)
	}
	return path
}

func (b *bench) read(name string) string {
	b.t.Helper()
	data, err := os.ReadFile(b.path(name))
	if err != nil {
		b.t.Fatal(err)
	}
	return string(data)
}

// files lists what lies in the folder of the test, hidden files included.
func (b *bench) files() []string {
	b.t.Helper()
	entries, err := os.ReadDir(b.dir)
	if err != nil {
		b.t.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out
}

// actName is the name under which the registry has a.
func actName(a Action) string {
	for _, s := range All() {
		if reflect.TypeOf(s.New()) == reflect.TypeOf(a) {
			return s.Name
		}
	}
	return ""
}

func (b *bench) try(a Action) (*Result, error) {
	b.t.Helper()
	return Do(b.t.Context(), b.w, actName(a), a, nil)
}

func (b *bench) do(a Action) *Result {
	b.t.Helper()
	r, err := b.try(a)
	if err != nil {
		b.t.Fatalf("%s: %v (%s)", actName(a), err, problem.From(err, "").Hint)
	}
	return r
}

// refuse runs an act that must fail with the code and say what to do, and
// returns its problem.
func (b *bench) refuse(a Action, code problem.Code) *problem.Problem {
	b.t.Helper()
	before := b.snapshot()
	_, err := b.try(a)
	p := mustProblem(b.t, err, code)
	if after := b.snapshot(); after != before {
		b.t.Errorf("%s failed and yet the store changed from\n%s\nto\n%s", actName(a), before, after)
	}
	return p
}

func mustProblem(t testing.TB, err error, code problem.Code) *problem.Problem {
	t.Helper()
	if !problem.Is(err, code) {
		t.Fatalf("got %v, want a problem of code %s", err, code)
	}
	p := problem.From(err, "")
	if p.Message == "" || p.Hint == "" {
		t.Errorf("%+v lacks a message or a hint", p)
	}
	return p
}

// snapshot is everything the project holds, as text to compare.
func (b *bench) snapshot() string {
	b.t.Helper()
	ctx := context.WithoutCancel(b.t.Context())
	ds, err := b.w.Datasets(ctx)
	if err != nil {
		b.t.Fatal(err)
	}
	runs, err := b.w.Runs(ctx)
	if err != nil {
		b.t.Fatal(err)
	}
	decisions, err := b.w.Decisions(ctx)
	if err != nil {
		b.t.Fatal(err)
	}
	text, err := json.Marshal([]any{ds, runs, decisions})
	if err != nil {
		b.t.Fatal(err)
	}
	return string(text)
}

// latest is the newest dataset of a kind; name may be empty.
func (b *bench) latest(kind, name string) store.Dataset {
	b.t.Helper()
	d, err := b.w.Latest(b.t.Context(), "test", kind, name, "none")
	if err != nil {
		b.t.Fatal(err)
	}
	return d
}

func (b *bench) table(kind, name string) *table.Table {
	b.t.Helper()
	t, err := b.w.Table(b.t.Context(), b.latest(kind, name))
	if err != nil {
		b.t.Fatal(err)
	}
	return t
}

// run is the record of a result's run.
func (b *bench) run(r *Result) store.Run {
	b.t.Helper()
	run, err := b.w.Run(b.t.Context(), b.w.RunNumber(r.Run))
	if err != nil {
		b.t.Fatal(err)
	}
	return run
}

// numbers are the cells of a number column, NaN where there is none.
func numbers(tb testing.TB, t *table.Table, column string) []float64 {
	tb.Helper()
	c, ok := t.Column(column)
	if !ok || c.Kind() != table.Number {
		tb.Fatalf("%s has no numbers %s, but %s", t.Name, column, columnList(t))
	}
	out := make([]float64, c.Len())
	for i := range out {
		out[i] = math.NaN()
		if v, ok := c.Number(i); ok {
			out[i] = v
		}
	}
	return out
}

// texts are the cells of any column as text, "" where there is none.
func texts(tb testing.TB, t *table.Table, column string) []string {
	tb.Helper()
	c, ok := t.Column(column)
	if !ok {
		tb.Fatalf("%s has no column %s, but %s", t.Name, column, columnList(t))
	}
	out := make([]string, c.Len())
	for i := range out {
		out[i] = c.Format(i)
	}
	return out
}

// small is a made-up state that is quick to make and has room for every fault.
func small() sample.Options {
	return sample.Options{LGAs: 4, Wards: 36, Facilities: 72, Months: 12}
}

// importState reads the files of a state, as a user would from a folder. Row i
// of its boundaries is ward i of the state.
func (b *bench) importState(s *sample.State) *Result {
	b.t.Helper()
	return b.do(&Import{Files: b.stateFiles(s)})
}

// stateFiles writes the files of a state and gives the paths of those that are
// read.
func (b *bench) stateFiles(s *sample.State) (paths []string) {
	b.t.Helper()
	for _, f := range filesOf(b.t, s) {
		if isSampleInput(f.Name) {
			paths = append(paths, b.write(filepath.Join("state", f.Name), string(f.Data)))
		}
	}
	return paths
}

// allTests asks for children's rapid tests over everything.
func allTests() *Positivity {
	return &Positivity{Selection: Selection{Level: "all", Age: "u5", Test: "rdt", Period: "all"}}
}

// scoreWith ranks by positivity and the variables that drive the made-up risk.
func scoreWith(impute string) *Score {
	a := NewScore()
	a.Vars = []string{"positivity", "rainfall", "distance_to_waterbodies", "evi", "housing_quality"}
	a.Invert = []string{"distance_to_waterbodies", "housing_quality"}
	a.Impute = impute
	return a
}

func planOf(nets int, strategy string) *Plan {
	a := NewPlan()
	a.Nets, a.Strategy = nets, strategy
	return a
}

// squares is a GeoJSON layer of squares in a row, each sharing a side with the
// next, one per line of the text after the first, which names the attributes.
// A cell is a number where it reads as one, null where it is empty, else text;
// an apostrophe before it makes it text.
func squares(lines ...string) string {
	names := strings.Split(lines[0], ",")
	var features []string
	for i, line := range lines[1:] {
		var props []string
		for k, cell := range strings.Split(line, ",") {
			props = append(props, strconv.Quote(names[k])+":"+jsonCell(cell))
		}
		x := 8 + float64(i)/10
		ring := fmt.Sprintf("[[%[1]g,9],[%[2]g,9],[%[2]g,9.1],[%[1]g,9.1],[%[1]g,9]]", x, 8+float64(i+1)/10)
		features = append(features, `{"type":"Feature","properties":{`+strings.Join(props, ",")+`},"geometry":{"type":"Polygon","coordinates":[`+ring+`]}}`)
	}
	return `{"type":"FeatureCollection","features":[` + strings.Join(features, ",\n") + `]}`
}

func jsonCell(cell string) string {
	if _, err := strconv.ParseFloat(cell, 64); err == nil {
		return cell
	}
	if cell == "" {
		return "null"
	}
	return strconv.Quote(strings.TrimPrefix(cell, "'"))
}

// threeWards is a layer with three wards of one LGA.
func threeWards() string {
	return squares("StateName,LGAName,WardName", "Kwara,Asa,Afon", "Kwara,Asa,Budo", "Kwara,Asa,Owode")
}

// lines joins the lines of a text file.
func lines(l ...string) string { return strings.Join(l, "\n") + "\n" }
