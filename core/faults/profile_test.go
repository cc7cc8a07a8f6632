package faults

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb/encoding/wkb"

	"chatmrpt/core/action"
	"chatmrpt/core/problem"
	"chatmrpt/core/sample"
	"chatmrpt/core/store"
	"chatmrpt/core/store/encvfs"
	"chatmrpt/core/vault"
	"chatmrpt/core/vault/vaulttest"
	"chatmrpt/core/workspace"
	"chatmrpt/sync/acts"
)

const (
	amina      = "Amina"
	bola       = "Bola"
	passphrase = "seven rainy clouds over Zubuma"
)

// errSilent says that cells were read without an error and are not those that
// were written.
var errSilent = errors.New("read without an error, and not what was written")

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%v (%s)", err, problem.From(err, "").Hint)
	}
}

// wantProblem checks that the person is told what is wrong and what to do.
func wantProblem(t testing.TB, what string, err error, codes ...problem.Code) {
	t.Helper()
	p, ok := errors.AsType[*problem.Problem](err)
	if !ok || p.Message == "" || p.Hint == "" {
		t.Errorf("%s: %v is no problem with a message and a hint", what, err)
		return
	}
	for _, c := range codes {
		if p.Code == c {
			return
		}
	}
	t.Errorf("%s: %v has code %s, want %v (cause: %v)", what, p, p.Code, codes, p.Err)
}

func noon() time.Time { return time.Date(2026, 3, 27, 12, 0, 0, 0, time.UTC) }

func options(t testing.TB, home, user string) workspace.Options {
	t.Helper()
	return workspace.Options{
		Home: home, User: user, Secret: []byte(passphrase), Project: "campaign", Version: "test",
		Vault: vaulttest.Cheap(t), Now: noon,
	}
}

func addUser(t testing.TB, home, user string) (code string) {
	t.Helper()
	v, code, err := vault.Create(t.Context(), home, user, []byte(passphrase), vaulttest.Cheap(t))
	must(t, err)
	must(t, errors.Join(v.CodeTold(), v.Close()))
	return code
}

// folder is where the files of a user lie.
func folder(t testing.TB, home, user string) string {
	t.Helper()
	p, err := vault.Find(home, user)
	must(t, err)
	return filepath.Join(home, "users", p.Folder)
}

// storeFile is the file that vault.json names as Amina's store.
func storeFile(t testing.TB, home string) string {
	t.Helper()
	dir := folder(t, home, amina)
	var named struct{ Store string }
	must(t, json.Unmarshal(readFile(t, filepath.Join(dir, "vault.json")), &named))
	return filepath.Join(dir, cmp.Or(named.Store, "data.db"))
}

func walFile(t testing.TB, home string) string {
	t.Helper()
	return storeFile(t, home) + "-wal"
}

// copied is a copy of a home for one trial.
func copied(t testing.TB, home string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "home")
	must(t, os.CopyFS(to, os.DirFS(home)))
	return to
}

func readFile(t testing.TB, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	must(t, err)
	return b
}

func writeFile(t testing.TB, path string, b []byte) {
	t.Helper()
	must(t, os.WriteFile(path, b, 0o600))
}

// stateOf is everything of the open project as a hash: datasets, runs with what they
// read and brought, decisions, and every cell and area, each held against the
// hash that was stored with it; and the audit must agree.
func stateOf(ctx context.Context, w *workspace.Workspace) (string, error) {
	datasets, err := w.Datasets(ctx)
	if err != nil {
		return "", err
	}
	runs, err := w.Runs(ctx)
	if err != nil {
		return "", err
	}
	decisions, err := w.Decisions(ctx)
	if err != nil {
		return "", err
	}
	all := []any{datasets, runs, decisions}
	for _, r := range runs {
		in, err := w.Inputs(ctx, r.ID)
		if err != nil {
			return "", err
		}
		out, err := w.Outputs(ctx, r.ID)
		if err != nil {
			return "", err
		}
		all = append(all, in, out)
	}
	for _, d := range datasets {
		if err := checkContent(ctx, w, d); err != nil {
			return "", err
		}
	}
	if err := checkAudit(ctx, w); err != nil {
		return "", err
	}
	text, err := json.Marshal(all)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}

// checkAudit walks the audit: it must tell of the state that is there.
func checkAudit(ctx context.Context, w *workspace.Workspace) error {
	report, err := w.VerifyAudit(ctx)
	if err != nil {
		return err
	}
	if !report.Whole() || len(w.Quarantined()) > 0 {
		return fmt.Errorf("%w: the audit finds %v, kept back are %v", errSilent, report.Faults, w.Quarantined())
	}
	return nil
}

// checkContent reads a dataset and works its hash out anew.
func checkContent(ctx context.Context, w *workspace.Workspace, d store.Dataset) error {
	t, err := w.Table(ctx, d)
	if err != nil {
		return err
	}
	areas, err := w.Areas(ctx, d)
	if err != nil {
		return err
	}
	h := sha256.New()
	cells := t.Hash()
	h.Write(cells[:])
	for _, a := range areas {
		var data []byte
		if len(a) > 0 {
			if data, err = wkb.Marshal(a); err != nil {
				return err
			}
		}
		one := sha256.Sum256(data)
		h.Write(one[:])
	}
	if hex.EncodeToString(h.Sum(nil)) != d.SHA256 {
		return fmt.Errorf("%s %s version %d: %w", d.Kind, d.Name, d.Version, errSilent)
	}
	return nil
}

// peek opens a profile, reads all of it and closes it.
func peek(t testing.TB, o workspace.Options) (state string, err error) {
	t.Helper()
	return do(t, o, opening, nil, nil)
}

// checkSound goes over the closed file of Amina: the seal of every page, then
// what SQLite says of its structure and of references between rows.
func checkSound(t testing.TB, home string) {
	t.Helper()
	key := storeKey(t, home)
	defer clear(key)
	path := storeFile(t, home)
	bad, err := encvfs.VerifyFile(t.Context(), path, key)
	must(t, err)
	if len(bad) > 0 {
		t.Errorf("pages %v are not as they were sealed", bad)
	}
	db, err := encvfs.Open(t.Context(), path, key, encvfs.Options{ReadOnlyConns: 1})
	must(t, err)
	defer func() { must(t, db.Close()) }()
	var verdict string
	must(t, db.RO.QueryRowContext(t.Context(), "PRAGMA integrity_check").Scan(&verdict))
	if verdict != "ok" {
		t.Errorf("integrity_check: %s", verdict)
	}
	var orphans int
	must(t, db.RO.QueryRowContext(t.Context(), "SELECT count(*) FROM pragma_foreign_key_check").Scan(&orphans))
	if orphans > 0 {
		t.Errorf("%d rows refer to nothing", orphans)
	}
}

func storeKey(t testing.TB, home string) []byte {
	t.Helper()
	p, err := vault.Find(home, amina)
	must(t, err)
	v, err := vault.Unlock(t.Context(), home, p.ID, []byte(passphrase), vaulttest.Cheap(t))
	must(t, err)
	defer func() { must(t, v.Close()) }()
	key, err := v.StoreKey()
	must(t, err)
	return key
}

// act makes the act of a name; files are the inputs of an import, which may
// lack rows of what was imported before, or where a takeout goes.
func act(name string, files []string) action.Action {
	switch name {
	case "import":
		return &action.Import{Files: files, Replace: true}
	case "match":
		return &action.Match{}
	case "positivity":
		return &action.Positivity{Selection: action.Selection{Level: "all", Age: "u5", Test: "rdt", Period: "all"}}
	case "score":
		a := action.NewScore()
		a.Vars = []string{"positivity", "rainfall", "distance_to_waterbodies", "evi", "housing_quality"}
		a.Invert = []string{"distance_to_waterbodies", "housing_quality"}
		return a
	case "erase":
		return &action.Erase{Confirm: "campaign"}
	case "takeout":
		return &action.Takeout{Out: files[0]}
	case sending:
		return acts.NewSend()
	}
	return nil
}

// What may be done besides the acts of the registry.
const (
	opening  = "first opening"
	rotation = "key rotation"
)

// perform does an act of that name and gives the session to go on with, nil
// when there is none. A rotation gives the new recovery code too.
func perform(t testing.TB, w *workspace.Workspace, name string, files []string, tell action.Progress) (next *workspace.Workspace, code string, err error) {
	t.Helper()
	switch name {
	case opening:
		return w, "", nil
	case rotation:
		return w.Rotate(t.Context(), []byte(passphrase), vaulttest.Cheap(t))
	}
	if name == "import" {
		if files, err = nextFiles(t.Context(), w, files); err != nil {
			return w, "", err
		}
	}
	_, err = action.Do(t.Context(), w, name, act(name, files), tell)
	return w, "", err
}

// nextFiles are those of the folder that no import of the profile has read yet:
// what is loaded already is not stored again, and a commit that can't be seen
// can't be missed.
func nextFiles(ctx context.Context, w *workspace.Workspace, folders []string) ([]string, error) {
	runs, err := w.Runs(ctx)
	if err != nil {
		return nil, err
	}
	n := 0
	for _, r := range runs {
		if r.Act == "import" {
			n++
		}
	}
	if n >= len(folders) {
		return nil, fmt.Errorf("%d imports were made, and there are files for %d", n, len(folders))
	}
	return filepath.Glob(filepath.Join(folders[n], "*"))
}

// do opens the profile, does one act and closes it. look, if any, is called
// in between.
func do(t testing.TB, o workspace.Options, name string, files []string, look func()) (state string, err error) {
	t.Helper()
	w, err := workspace.Open(t.Context(), o)
	if err != nil {
		return "", err
	}
	if w, _, err = perform(t, w, name, files, nil); err == nil {
		state, err = stateOf(t.Context(), w)
	}
	if look != nil {
		look()
	}
	if w != nil {
		err = errors.Join(err, w.Close())
	}
	return state, err
}

// world is what all the faults are done to: homes with closed profiles.
type world struct {
	files  []string // folders, each with the files of a made-up state for one import
	code   string   // recovery code of Amina in ranked
	empty  string   // Amina's profile made, nothing in it
	ranked string   // Amina's state matched and with positivity; Bola's imported
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{files: inputs(t), empty: t.TempDir(), ranked: t.TempDir()}
	addUser(t, w.empty, amina)
	w.code = addUser(t, w.ranked, amina)
	addUser(t, w.ranked, bola)
	for _, name := range []string{"import", "match", "positivity"} {
		_, err := do(t, options(t, w.ranked, amina), name, w.files, nil)
		must(t, err)
	}
	_, err := do(t, options(t, w.ranked, bola), "import", w.files, nil)
	must(t, err)
	return w
}

// inputs writes the files of a small made-up state, as many times as a profile
// imports and each time with other numbers in them under the same names.
func inputs(t *testing.T) (folders []string) {
	t.Helper()
	for i := range rounds("import") + 2 {
		state, err := sample.Make(14+uint64(i), sample.Options{LGAs: 4, Wards: 36, Facilities: 72, Months: 12})
		must(t, err)
		files, err := state.Files()
		must(t, err)
		dir := t.TempDir()
		for _, f := range files {
			twin := strings.Contains(f.Name, "_dhis2") && strings.HasSuffix(f.Name, ".csv")
			if f.Name != "README.txt" && !twin {
				writeFile(t, filepath.Join(dir, f.Name), f.Data)
			}
		}
		folders = append(folders, dir)
	}
	return folders
}
