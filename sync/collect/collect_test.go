package collect_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/parquet-go/parquet-go"
	"github.com/paulmach/orb/encoding/wkb"

	"chatmrpt/core/action"
	"chatmrpt/core/problem"
	"chatmrpt/core/table"
	"chatmrpt/core/vault"
	"chatmrpt/core/vault/vaulttest"
	"chatmrpt/core/workspace"
	"chatmrpt/sync/bundle"
	"chatmrpt/sync/collect"
	"chatmrpt/sync/remote"
	"chatmrpt/sync/remote/folder"
	"chatmrpt/sync/share"
)

func now() time.Time { return time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC) }

// programme is an office with its key and the folder that users send to.
type programme struct {
	dir    string
	key    *age.HybridIdentity
	roster []collect.Member
}

func newProgramme(t testing.TB) *programme {
	t.Helper()
	key, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	return &programme{dir: t.TempDir(), key: key}
}

// user is somebody with a ranked and planned made-up state.
type user struct {
	w       *workspace.Workspace
	account *share.Account
}

func (p *programme) newUser(t testing.TB, id string) *user {
	t.Helper()
	v, _, err := vault.Create(t.Context(), t.TempDir(), id, []byte("correct horse battery"), vaulttest.Cheap(t))
	if err != nil {
		t.Fatal(err)
	}
	w, err := workspace.FromVault(t.Context(), v, workspace.Options{Project: "default", Version: "test", Now: now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	s := share.Settings{User: remote.UserID(id), Folder: p.dir, Recipients: []bundle.Recipient{{Name: "programme", Key: p.key.Recipient().String()}}}
	a, err := share.Setup(t.Context(), w, "stick", s, nil, vaulttest.Cheap(t), share.Surroundings{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	p.roster = append(p.roster, collect.Member{ID: remote.UserID(id), Name: "Office of " + id, Signer: a.Identity().Fingerprint()})
	return &user{w, a}
}

// do runs an act as a person would.
func (u *user) do(t testing.TB, name string, a action.Action) *action.Result {
	t.Helper()
	r, err := action.Do(t.Context(), u.w, name, a, nil)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return r
}

// count loads the made-up state and computes its positivity.
func (u *user) count(t testing.TB) {
	t.Helper()
	u.do(t, "sample", action.NewSample())
	u.do(t, "match", &action.Match{})
	u.do(t, "positivity", &action.Positivity{Selection: action.Selection{Level: "primary", Age: "u5", Test: "rdt", Period: "2024"}})
}

// rank does what count does, ranks and plans.
func (u *user) rank(t testing.TB) {
	t.Helper()
	u.count(t)
	score := action.NewScore()
	score.Vars = []string{"positivity", "rainfall", "distance_to_waterbodies"}
	score.Invert = []string{"distance_to_waterbodies"}
	u.do(t, "score", score)
	plan := action.NewPlan()
	plan.Nets = 10_000
	u.do(t, "plan", plan)
}

// publish sends what there is.
func (u *user) publish(t testing.TB) *action.Publication {
	t.Helper()
	quiet := func(string, int, int) {}
	pub, err := action.Compose(t.Context(), u.w, action.Choice{}, quiet)
	if err != nil {
		t.Fatal(err)
	}
	var files []bundle.File
	for _, f := range pub.Files {
		files = append(files, bundle.File{Path: f.Path, Data: f.Data})
	}
	e := bundle.Entry{Title: pub.Title, Project: u.w.Project(), Made: pub.Made.UTC()}
	s, err := u.account.Queue(t.Context(), bundle.Results, u.account.Mark(u.w.Project()), e, files)
	if err != nil {
		t.Fatal(err)
	}
	if err := u.account.Deliver(t.Context(), s, quiet); err != nil {
		t.Fatal(err)
	}
	return pub
}

func (p *programme) office() collect.Office {
	keys, err := bundle.ParseKeys([]byte(p.key.String()))
	if err != nil {
		panic(err) // the key was made by age itself
	}
	return collect.Office{
		Keys: keys, Roster: p.roster, Now: now,
		Users: func(context.Context) ([]remote.UserID, error) { return folder.Users(p.dir) },
		Dial:  func(id remote.UserID) (remote.Remote, error) { return folder.Open(p.dir, id) },
	}
}

func (p *programme) collect(t testing.TB, dir string) *collect.Report {
	t.Helper()
	r, err := collect.Collect(t.Context(), p.office(), dir)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func readAll[T any](t testing.TB, pattern ...string) []T {
	t.Helper()
	var out []T
	err := filepath.WalkDir(filepath.Join(pattern...), func(path string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".parquet" {
			return err
		}
		rows, err := parquet.ReadFile[T](path)
		out = append(out, rows...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func status(r *collect.Report, user string) collect.Source {
	i := slices.IndexFunc(r.Sources, func(s collect.Source) bool { return s.User == user })
	return r.Sources[i]
}

// What the office holds in the end is what the user ranked, number by number.
func TestTheDataSetHoldsWhatWasPublished(t *testing.T) {
	p := newProgramme(t)
	amina := p.newUser(t, "amina")
	amina.rank(t)
	amina.publish(t)
	out := filepath.Join(t.TempDir(), "national")
	r := p.collect(t, out)
	if r.Fetched != 1 || status(r, "amina").Status != collect.Collected {
		t.Fatalf("collected %+v", r)
	}

	d, err := amina.w.Latest(t.Context(), "test", workspace.KindRanking, "", "")
	if err != nil {
		t.Fatal(err)
	}
	ranking, err := amina.w.Table(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	state, _ := ranking.Column("state")
	cells := readAll[collect.Cell](t, out, "results", "state="+state.Format(0), "period=2024")
	score, _ := ranking.Column("score")
	ward, _ := ranking.Column("ward")
	seen := 0
	for _, c := range cells {
		if c.Kind != workspace.KindRanking || c.Column != "score" {
			continue
		}
		seen++
		want, ok := score.Number(int(c.Row))
		if ok != (c.Number != nil) || (ok && want != *c.Number) {
			t.Fatalf("score of row %d is %v, not %v (%v)", c.Row, c.Number, want, ok)
		}
		if *c.Ward != ward.Format(int(c.Row)) || c.User != "amina" {
			t.Fatalf("row %d is %s of %s", c.Row, *c.Ward, c.User)
		}
	}
	if seen != ranking.Rows() {
		t.Errorf("%d scores of %d", seen, ranking.Rows())
	}
	if got := int64(len(readAll[collect.Cell](t, out, "results"))); got != r.Cells {
		t.Errorf("%d cells are reported and %d there", r.Cells, got)
	}
	checkWards(t, out, ranking)
	checkProvenance(t, out, d.SHA256)
}

func checkWards(t *testing.T, out string, ranking *table.Table) {
	t.Helper()
	wards := readAll[collect.Ward](t, out, "wards")
	if len(wards) != ranking.Rows() {
		t.Fatalf("%d boundaries for %d wards", len(wards), ranking.Rows())
	}
	for _, w := range wards {
		g, err := wkb.Unmarshal(w.Geometry)
		if err != nil || g.GeoJSONType() != "MultiPolygon" {
			t.Fatalf("boundary of %v: %v %v", *w.Ward, g, err)
		}
	}
	names, err := filepath.Glob(filepath.Join(out, "wards", "*", "*.parquet"))
	if err != nil || len(names) != 1 {
		t.Fatalf("%v %v", names, err)
	}
	f, err := os.Open(names[0])
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	file, err := parquet.OpenFile(f, info.Size())
	if err != nil {
		t.Fatal(err)
	}
	text, ok := file.Lookup("geo")
	var geo struct {
		Version string `json:"version"`
		Primary string `json:"primary_column"`
		Columns map[string]struct {
			Encoding string    `json:"encoding"`
			BBox     []float64 `json:"bbox"`
		} `json:"columns"`
	}
	if err := json.Unmarshal([]byte(text), &geo); !ok || err != nil || geo.Version != "1.1.0" || geo.Columns[geo.Primary].Encoding != "WKB" {
		t.Fatalf("the metadata of GeoParquet is %q (%v)", text, err)
	}
	low, high := [2]float64{math.Inf(1), math.Inf(1)}, [2]float64{math.Inf(-1), math.Inf(-1)}
	for _, w := range wards {
		g, _ := wkb.Unmarshal(w.Geometry)
		b := g.Bound()
		for i := range 2 {
			low[i], high[i] = min(low[i], b.Min[i]), max(high[i], b.Max[i])
		}
	}
	if want := []float64{low[0], low[1], high[0], high[1]}; !slices.Equal(geo.Columns["geometry"].BBox, want) {
		t.Errorf("the bounds are %v, not %v", geo.Columns["geometry"].BBox, want)
	}
}

func checkProvenance(t *testing.T, out, sha256 string) {
	t.Helper()
	rows, err := parquet.ReadFile[collect.Provenance](filepath.Join(out, "provenance.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(rows, func(p collect.Provenance) bool { return p.SHA256 == sha256 })
	if i < 0 {
		t.Fatal("the ranking has no provenance")
	}
	p := rows[i]
	if p.Act != "score" || p.User != "amina" || p.Name != "Office of amina" || p.Period == nil || *p.Period != "2024" || !strings.Contains(p.Params, "rainfall") {
		t.Errorf("the provenance of the ranking is %+v", p)
	}
}

// A second collection fetches only what is new, and a tombstone takes effect.
func TestOnlyWhatIsNewIsFetched(t *testing.T) {
	p := newProgramme(t)
	amina, bello := p.newUser(t, "amina"), p.newUser(t, "bello")
	amina.count(t)
	amina.publish(t)
	out := filepath.Join(t.TempDir(), "national")
	if r := p.collect(t, out); r.Fetched != 1 || status(r, "bello").Status != collect.Collected || status(r, "bello").Bundles != 0 {
		t.Fatalf("first: %+v", r)
	}
	before, err := os.ReadFile(filepath.Join(out, "provenance.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	if r := p.collect(t, out); r.Fetched != 0 || r.Kept != 1 {
		t.Fatalf("again: %+v", r)
	}
	if after, err := os.ReadFile(filepath.Join(out, "provenance.parquet")); err != nil || string(after) != string(before) {
		t.Errorf("collecting the same twice gave another data set (%v)", err)
	}
	bello.count(t)
	bello.publish(t)
	if r := p.collect(t, out); r.Fetched != 1 || r.Kept != 1 {
		t.Fatalf("with bello: %+v", r)
	}
	users := map[string]bool{}
	for _, c := range readAll[collect.Cell](t, out, "results") {
		users[c.User] = true
	}
	if !users["amina"] || !users["bello"] {
		t.Errorf("cells of %v", users)
	}

	found, err := amina.account.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := amina.account.Remove(t.Context(), found[0]); err != nil {
		t.Fatal(err)
	}
	p.collect(t, out)
	for _, c := range readAll[collect.Cell](t, out, "results") {
		if c.User == "amina" {
			t.Fatal("what was deleted is still in the data set")
		}
	}
}

// Nobody is believed who is not on the roster or signs with another key; what
// was collected before stays when a part of it is lost.
func TestWhomToBelieve(t *testing.T) {
	p := newProgramme(t)
	amina, bello := p.newUser(t, "amina"), p.newUser(t, "bello")
	amina.count(t)
	amina.publish(t)
	bello.count(t)
	bello.publish(t)
	out := filepath.Join(t.TempDir(), "national")
	whole := p.roster
	p.roster = whole[:1]
	r := p.collect(t, out)
	if status(r, "bello").Status != collect.Unknown || r.Fetched != 1 {
		t.Fatalf("who is not on the roster: %+v", r.Sources)
	}
	forged := whole[1]
	forged.Signer = whole[0].Signer
	p.roster = []collect.Member{whole[0], forged}
	r = p.collect(t, out)
	if s := status(r, "bello"); s.Status != collect.Failed || !strings.Contains(s.Why, "signed by somebody else") {
		t.Fatalf("with the wrong key: %+v", s)
	}

	// The newest manifest of amina is taken away: nothing behind it misses it
	// but the office's own memory.
	manifests, err := filepath.Glob(filepath.Join(p.dir, "users", "amina", "m", "*", "*"))
	if err != nil || len(manifests) != 1 {
		t.Fatalf("%v %v", manifests, err)
	}
	if err := os.Remove(manifests[0]); err != nil {
		t.Fatal(err)
	}
	for range 2 { // and it is not forgotten the next time either
		r = p.collect(t, out)
		if s := status(r, "amina"); s.Status != collect.Failed || s.Bundles != 1 {
			t.Fatalf("after a manifest was taken away: %+v", s)
		}
	}
	cells := readAll[collect.Cell](t, out, "results")
	if len(cells) == 0 {
		t.Error("what was collected before is gone")
	}
	if err := os.RemoveAll(filepath.Join(p.dir, "users", "amina")); err != nil {
		t.Fatal(err)
	}
	if s := status(p.collect(t, out), "amina"); s.Status != collect.Failed || s.Bundles != 1 {
		t.Errorf("after everything was taken away: %+v", s)
	}
}

// A folder that is not ours is never replaced, and a failure leaves the old data
// set as it was.
func TestNothingElseIsReplaced(t *testing.T) {
	p := newProgramme(t)
	p.newUser(t, "amina")
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "thesis.doc"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := collect.Collect(t.Context(), p.office(), dir); !problem.Is(err, problem.Conflict) {
		t.Errorf("a folder with other files: %v", err)
	}
	out := filepath.Join(t.TempDir(), "national")
	p.collect(t, out)
	o := p.office()
	o.Dial = func(remote.UserID) (remote.Remote, error) {
		return nil, remote.Fail(remote.Offline, "open", "", errors.New("no line"))
	}
	if _, err := collect.Collect(t.Context(), o, out); !problem.Is(err, problem.Remote) {
		t.Errorf("without a line: %v", err)
	}
	if _, err := os.Stat(filepath.Join(out, "sources.parquet")); err != nil {
		t.Errorf("the old data set is gone: %v", err)
	}
	entries, err := os.ReadDir(filepath.Dir(out))
	if err != nil || len(entries) != 1 {
		t.Errorf("left beside it: %v %v", entries, err)
	}
	// Stopped between the two renames: the old one is put back.
	if err := os.Rename(out, out+".old"); err != nil {
		t.Fatal(err)
	}
	p.collect(t, out)
	if _, err := os.Stat(out + ".old"); err == nil {
		t.Error("the old data set was left behind")
	}
}

func TestRoster(t *testing.T) {
	good := "user,signing_key,name\namina,0011-2233-4455-6677-8899,Kano North\n"
	m, err := collect.ParseRoster([]byte(good))
	if err != nil || len(m) != 1 || m[0].Name != "Kano North" {
		t.Errorf("%v %v", m, err)
	}
	for _, bad := range []string{
		"", "user,name\namina,x\n", "user,signing_key\n", "user,signing_key\nAMINA*,0011-2233-4455-6677-8899\n", "user,signing_key\namina,abc\n",
		good + "amina,0011-2233-4455-6677-8899,again\n",
	} {
		if m, err := collect.ParseRoster([]byte(bad)); err == nil {
			t.Errorf("%q gave %v", bad, m)
		}
	}
	if got := fmt.Sprint(m); !strings.Contains(got, "amina") {
		t.Error(got)
	}
}
