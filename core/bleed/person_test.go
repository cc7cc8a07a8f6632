package bleed

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"chatmrpt/core/action"
	"chatmrpt/core/sample"
	"chatmrpt/core/table"
	"chatmrpt/core/vault"
	"chatmrpt/core/vault/vaulttest"
	"chatmrpt/core/workspace"
)

const passphrase = "correct horse battery"

// noon is the clock of the tests: the same for all, so that bytes can be
// compared.
func noon() time.Time { return time.Date(2026, 3, 27, 12, 0, 0, 0, time.UTC) }

// person is a user with a made-up state of his own and his canary all over it.
type person struct {
	name     string
	canary   string
	seed     uint64
	files    []string // to import
	review   string   // a reviewed match report, with a decision about a name
	impute   string
	strategy string
}

// project is the name of the person's project.
func (p *person) project() string { return p.canary + "proj" }

// amina and bola choose differently wherever there is a choice, so that a
// parameter of one that reached the other would show in a result.
func amina(t testing.TB) *person {
	t.Helper()
	return newPerson(t, &person{name: "Amina", seed: 21, impute: "neighbours", strategy: "priority"})
}

func bola(t testing.TB) *person {
	t.Helper()
	return newPerson(t, &person{name: "Bola", seed: 22, impute: "none", strategy: "proportional"})
}

// newPerson draws the canary and writes the person's files.
func newPerson(t testing.TB, p *person) *person {
	t.Helper()
	p.canary = canaryOf(p.seed)
	state, err := sample.Make(p.seed, sample.Options{LGAs: 4, Wards: 32, Facilities: 48, Months: 12})
	if err != nil {
		t.Fatal(err)
	}
	list, err := state.Files()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, f := range list {
		if ext := filepath.Ext(f.Name); ext != ".csv" && ext != ".geojson" {
			continue
		}
		data := p.mark(f, state)
		if strings.HasPrefix(f.Name, "fictional-state_dhis2") {
			data = thin(data) // for speed
		}
		p.files = append(p.files, write(t, filepath.Join(dir, p.canary+"file-"+f.Name), data))
	}
	p.review = write(t, filepath.Join(dir, p.canary+"review.csv"),
		[]byte("given_state,given_lga,given_ward,rows,state,lga,ward,ward_code,score,margin,decision\n"+
			"Zubuma,"+state.LGAs[0].Name+","+p.canary+"deci,1,,,,,,,not_a_ward\n"))
	return p
}

// canaryOf is a string of letters that means nothing in any language.
func canaryOf(seed uint64) string {
	chance := rand.New(rand.NewPCG(seed, 0xca4a))
	out := []byte("kanarie")
	for range 10 {
		out = append(out, "bcdfghjkmnpqrstvwxz"[chance.IntN(19)])
	}
	return string(out)
}

// mark puts the canary in place of a ward's name, and of a column's.
func (p *person) mark(f sample.File, s *sample.State) []byte {
	data := bytes.ReplaceAll(f.Data, []byte(s.Wards[5].Name), []byte(p.canary+"ward"))
	if f.Name == "wards_environment.csv" {
		data = bytes.Replace(data, []byte(",evi,"), []byte(","+p.canary+"colu,"), 1)
		data = fmt.Appendf(data, "Zubuma,%s,%sdeci,1000,1000,0.3,0.2,300,0.2,0,FICTIONAL\n", s.LGAs[0].Name, p.canary)
	}
	return data
}

// thin keeps the first lines and every fourth report.
func thin(data []byte) (out []byte) {
	for i, line := range bytes.SplitAfter(data, []byte("\n")) {
		if i < 3 || i%4 == 0 {
			out = append(out, line...)
		}
	}
	return out
}

// create makes the person's profile in home and opens a project in it.
func (p *person) create(t testing.TB, home, project string) *workspace.Workspace {
	t.Helper()
	v, _, err := vault.Create(t.Context(), home, p.name, []byte(passphrase), vaulttest.Cheap(t))
	if err != nil {
		t.Fatal(err)
	}
	w, err := workspace.FromVault(t.Context(), v, workspace.Options{Project: project, Version: "test", Now: noon})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	return w
}

// options open the person's profile.
func (p *person) options(t testing.TB, home, project string) workspace.Options {
	t.Helper()
	return workspace.Options{Home: home, User: p.name, Secret: []byte(passphrase), Project: project, Version: "test",
		Vault: vaulttest.Cheap(t), Now: noon}
}

// reopen opens the person's profile again.
func (p *person) reopen(t testing.TB, home, project string) *workspace.Workspace {
	t.Helper()
	w, err := workspace.Open(t.Context(), p.options(t, home, project))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	return w
}

// step is an act under the name faces call it by.
type step struct {
	act string
	a   action.Action
}

// chain is the whole work, from files to files in out.
func (p *person) chain(out string) []step {
	score := action.NewScore()
	score.Vars = []string{"positivity", "rainfall", p.canary + "colu"}
	score.Impute = p.impute
	plan := action.NewPlan()
	plan.Nets, plan.Strategy = 7_000, p.strategy
	return []step{
		{"import", &action.Import{Files: p.files}},
		{"match", &action.Match{Accept: p.review, Export: filepath.Join(out, "match.csv")}},
		{"positivity", &action.Positivity{Selection: action.Selection{Level: "all", Age: "u5", Test: "rdt", Period: "all"}}},
		{"score", score},
		{"plan", plan},
		{"export", &action.Export{What: "ranking", Out: filepath.Join(out, "ranking.geojson")}},
		{"export", &action.Export{What: "plan", Out: filepath.Join(out, "plan.csv")}},
	}
}

// titled is a report whose title, a text the person types, holds the canary.
func (p *person) titled(out string) step {
	return step{"report", &action.Report{Title: p.canary + "titl", Out: filepath.Join(out, "report.pdf")}}
}

// work does the whole chain, and a report, and gives every word of what came of it.
func (p *person) work(ctx context.Context, w *workspace.Workspace, out string) (said string, err error) {
	var all strings.Builder
	for _, s := range append(p.chain(out), p.titled(out)) {
		r, err := action.Do(ctx, w, s.act, s.a, nil)
		if err != nil {
			return all.String() + err.Error(), fmt.Errorf("%s of %s: %w", s.act, p.name, err)
		}
		all.WriteString(words(r))
	}
	return all.String(), nil
}

// mustWork is work that has to succeed.
func (p *person) mustWork(t testing.TB, w *workspace.Workspace) string {
	t.Helper()
	said, err := p.work(t.Context(), w, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return said
}

// words is everything a result shows, as text.
func words(r *action.Result) string {
	var b strings.Builder
	fmt.Fprintln(&b, r.Act, r.Summary, r.Notices)
	if details, err := json.Marshal(r.Details); err == nil {
		b.Write(details)
	}
	for _, t := range r.Tables {
		b.WriteString(t.Name)
		for _, c := range t.Columns {
			b.WriteString("\n" + c.Name + ":")
			for i := range c.Len() {
				b.WriteString(" " + c.Format(i))
			}
		}
	}
	return b.String()
}

// holds reports whether text holds the person's canary, in any case.
func (p *person) holds(text string) bool { return p.in([]byte(text)) }

func (p *person) in(data []byte) bool {
	return bytes.Contains(bytes.ToLower(data), []byte(p.canary))
}

// everything is all that a workspace tells about its project.
func everything(ctx context.Context, w *workspace.Workspace) (string, error) {
	var b strings.Builder
	fmt.Fprintln(&b, w.User(), w.Project())
	ds, err := w.Datasets(ctx)
	if err != nil {
		return "", err
	}
	for _, d := range ds {
		fmt.Fprintln(&b, d.Kind, d.Name, d.Source, string(d.Report))
		t, err := w.Table(ctx, d)
		if err != nil {
			return "", err
		}
		b.WriteString(words(&action.Result{Tables: []*table.Table{t}}))
	}
	runs, err := w.Runs(ctx)
	if err != nil {
		return "", err
	}
	for _, r := range runs {
		fmt.Fprintln(&b, r.Act, string(r.Params), r.Summary, r.Notices)
	}
	decisions, err := w.Decisions(ctx)
	fmt.Fprintln(&b, decisions)
	return b.String(), err
}

// write writes a file and gives its path.
func write(t testing.TB, path string, data []byte) string {
	t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func read(t testing.TB, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// tree is every file below dir with its content, but for those skip names.
func tree(t testing.TB, dir string, skip ...string) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		for _, s := range skip {
			if e.Name() == s || path == s {
				if e.IsDir() {
					return filepath.SkipDir
				}
				return nil
			}
		}
		if e.IsDir() {
			out[path+"/"] = nil
			return nil
		}
		data, err := os.ReadFile(path)
		out[path] = data
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// profileDir is the folder of the person's profile.
func (p *person) profileDir(t testing.TB, home string) string {
	t.Helper()
	found, err := vault.Find(home, p.name)
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(home, "users", found.Folder)
}

// csvOf is a small ward table with the canary in it.
func (p *person) csvOf(rows int) []byte {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.Write([]string{"State", "LGA", "WardName", "rainfall"})
	for i := range rows {
		w.Write([]string{"Zubuma", "Lga " + fmt.Sprint(i), p.canary + "ward " + fmt.Sprint(i), fmt.Sprint(i)})
	}
	w.Flush()
	return b.Bytes()
}
