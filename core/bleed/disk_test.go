package bleed

import (
	"archive/zip"
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"chatmrpt/core/action"
	"chatmrpt/core/problem"
	"chatmrpt/core/store"
	"chatmrpt/core/store/encvfs"
	"chatmrpt/core/workspace"
)

// T8, causes 5 and 6: Amina's files in Bola's folder, in every combination,
// while Amina's profile is open (with a WAL) and after. None opens as Bola's,
// none shows Amina's canary, and the bytes themselves don't hold it.
func TestBleed_T08_CopiedFilesDoNotOpen(t *testing.T) {
	l := open(t, "5 6", "A's data.db, -wal, -shm, vault.json copied into B's folder")
	a, b := amina(t), bola(t)
	home := t.TempDir()
	for _, p := range []*person{a, b} {
		w := p.create(t, home, p.project())
		p.mustWork(t, w)
		if p == b {
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
	live := tree(t, a.profileDir(t, home), "lock")
	if _, ok := live[filepath.Join(a.profileDir(t, home), "data.db-wal")]; !ok {
		t.Fatal("there is no WAL while the profile is open: the test would not try one")
	}
	for path, data := range live {
		l.trial()
		if a.in(data) || bytes.Contains(data, []byte("SQLite format 3")) || bytes.Contains(data, []byte("CREATE TABLE")) {
			l.bled("%s holds clear text", filepath.Base(path))
		}
	}
	dir := b.profileDir(t, home)
	from := a.profileDir(t, home)
	whole := tree(t, dir, "lock")
	for _, names := range [][]string{
		{"data.db"}, {"data.db", "data.db-wal"}, {"data.db", "data.db-wal", "data.db-shm"}, {"data.db-wal"}, {"data.db-wal", "data.db-shm"},
		{"vault.json"}, {"vault.json", "data.db"}, {"vault.json", "data.db", "data.db-wal"}, {"data.db:data.db-journal"}, {"data.db:data.db-wal"},
	} {
		l.trial()
		put(t, dir, whole)
		for _, name := range names {
			name, to, renamed := strings.Cut(name, ":")
			if !renamed {
				to = name
			}
			write(t, filepath.Join(dir, to), live[filepath.Join(from, name)])
		}
		l.openedWith(t, a, b, home, names)
	}
	put(t, dir, whole)
	if said, err := everything(t.Context(), b.reopen(t, home, b.project())); err != nil || !b.holds(said) {
		t.Errorf("B's own files, put back, do not open: %v", err)
	}
}

// put makes the files of dir those of whole, and no others.
func put(t testing.TB, dir string, whole map[string][]byte) {
	t.Helper()
	for path := range tree(t, dir, "lock") {
		if !strings.HasSuffix(path, "/") {
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
		}
	}
	for path, data := range whole {
		if !strings.HasSuffix(path, "/") {
			write(t, path, data)
		}
	}
}

// openedWith opens B's profile with some files of A's in it, if it opens.
func (l *ledger) openedWith(t *testing.T, a, b *person, home string, names []string) {
	t.Helper()
	for _, p := range []*person{b, a} { // A's name may stand on the folder now
		o := p.options(t, home, p.project())
		w, err := workspace.Open(t.Context(), o)
		if err != nil {
			if a.holds(err.Error()) {
				l.bled("%v: the error tells A's data: %v", names, err)
			}
			continue
		}
		if p == a {
			l.bled("%v: A's profile opens a second time", names)
		}
		said, err := everything(t.Context(), w)
		if a.holds(said) || err != nil && a.holds(err.Error()) {
			l.bled("%v: A's data is shown to B", names)
		}
		w.Close()
		if slices.Contains(names, "data.db") || slices.Contains(names, "vault.json") {
			t.Errorf("%v: B's profile opens", names)
		}
	}
}

// T9, all causes: after a whole session in a process of its own, with exports
// and a problem on the way, and after a crash, A's canary is in the files A
// exported and nowhere else: not in the home, the temporary folder, the user's
// own folder (recent files, thumbnails, settings) or anything printed.
func TestBleed_T09_CanaryOnlyInExports(t *testing.T) {
	l := open(t, "1 2 3 4 5 6", "home, temp, user folder, output after a session and a crash")
	a := amina(t)
	for i := range trials(t, 4) {
		l.trial()
		place := t.TempDir()
		env := []string{"TMPDIR=" + filepath.Join(place, "tmp"), "HOME=" + filepath.Join(place, "me"), "GOTRACEBACK=all"}
		for _, v := range []string{"XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR"} {
			env = append(env, v+"="+filepath.Join(place, "me", v))
		}
		out := filepath.Join(place, "out")
		for _, dir := range []string{"tmp", "me", "out", "home"} {
			if err := os.Mkdir(filepath.Join(place, dir), 0o700); err != nil {
				t.Fatal(err)
			}
		}
		if err := a.create(t, filepath.Join(place, "home"), "default").Close(); err != nil {
			t.Fatal(err)
		}
		c := startChild(t, filepath.Join(place, "home"), env...)
		c.mustDo("session", a.name, filepath.Dir(a.files[0]), out)
		l.onlyIn(a, place, out, "while the profile is open")
		if i%2 == 0 {
			c.mustDo("leave")
			l.onlyIn(a, place, out, "after locking")
		}
		c.order("crash")
		for c.out.Scan() {
			if a.holds(c.out.Text()) {
				l.bled("printed: %q", c.out.Text())
			}
		}
		c.cmd.Wait()
		if trace := c.err.String(); !strings.Contains(trace, "made to crash") {
			t.Errorf("the process did not crash: %s", trace)
		} else if a.holds(trace) {
			l.bled("the canary is in what the crash printed")
		}
		l.onlyIn(a, place, out, "after the crash")
	}
}

// onlyIn searches names and contents below place for the person's canary.
func (l *ledger) onlyIn(p *person, place, out, when string) {
	l.Helper()
	exported := 0
	for path, data := range tree(l, place) {
		found := p.in(data) || p.holds(path)
		if strings.HasPrefix(path, out+string(filepath.Separator)) {
			if found {
				exported++
			}
			continue
		}
		if found {
			l.bled("%s, the canary is in %s", when, strings.TrimPrefix(path, place))
		}
	}
	if exported < 2 {
		l.Errorf("only %d exports hold the canary: the search is blind", exported)
	}
}

// T10, cause 6, the predecessor's very fault: a row whose own owner is another
// than that of the store it lies in. It is written by hand with the key. It is
// never shown, in no call, and the store says so.
func TestBleed_T10_RowsOfAnotherOwner(t *testing.T) {
	l := open(t, "6", "rows whose owner is not the store's, in every table")
	a, b := amina(t), bola(t)
	home := t.TempDir()
	w := b.create(t, home, b.project())
	b.mustWork(t, w)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	dir := b.profileDir(t, home)
	whole := tree(t, dir, "lock")
	const now, mine = "'2026-01-02T03:04:05Z'", "(SELECT owner FROM project LIMIT 1)"
	const remote = "INSERT INTO remote (id, owner, name, settings, created) VALUES (70, "
	const shipment = remote + mine + ", 'r', '{}', " + now + "); INSERT INTO shipment (id, owner, remote, kind, title, entry, state, created, changed, attempts, next, trouble) VALUES (71, "
	forgeries := []string{
		"UPDATE project SET owner = 'amina', name = '%s' WHERE id = 1",
		"UPDATE run SET owner = 'amina', summary = '%s' WHERE id = (SELECT max(id) FROM run)",
		"UPDATE dataset SET owner = 'amina', source = '%s' WHERE id = (SELECT max(id) FROM dataset)",
		"UPDATE dataset SET owner = 'amina', source = '%s' WHERE id = 1",
		"UPDATE dataset_column SET owner = 'amina', name = '%s' WHERE dataset = (SELECT max(dataset) FROM dataset_column) AND ordinal = 1",
		"UPDATE area SET owner = '%s' WHERE ordinal = 2",
		"UPDATE run_input SET owner = '%s' WHERE run = (SELECT max(run) FROM run_input)",
		"UPDATE place_decision SET owner = 'amina', ward = '%s'",
		"UPDATE audit SET owner = 'amina', subject = '%s' WHERE id = 3",
		"INSERT INTO share_key (id, owner, kid, seed, created) VALUES (70, 'amina', '%s', x'00', " + now + ")",
		"INSERT INTO office_key (id, owner, secret, created) VALUES (70, 'amina', CAST('%s' AS BLOB), " + now + ")",
		remote + "'amina', '%s', '{}', " + now + ")",
		remote + mine + ", 'r', '{}', " + now + "); INSERT INTO remote_manifest (remote, key, owner, sealed) VALUES (70, '%s', 'amina', x'00')",
		shipment + "'amina', 70, 'results', '%s', '{}', 'waiting', " + now + ", " + now + ", 0, '', '')",
		shipment + mine + ", 70, 'results', 't', '{}', 'delivered', " + now + ", " + now + ", 0, '', ''); INSERT INTO shipment_part (shipment, ordinal, owner, name, size, sha256, stored) VALUES (71, 0, 'amina', '%s', 1, '', 1)",
	}
	tables := b.tables(t, home)
	for _, forged := range forgeries {
		tables = slices.DeleteFunc(tables, func(name string) bool { return strings.Contains(forged, " "+name+" ") })
		l.trial()
		put(t, dir, whole)
		b.edit(t, home, fmt.Sprintf(forged, a.canary))
		l.neverShown(t, a, b, home, forged)
	}
	put(t, dir, whole)
	if !slices.Equal(tables, []string{"quarantine"}) { // which tells of the others
		t.Errorf("nothing was forged in %v", tables)
	}
}

// tables lists the tables of the person's store that hold something of hers.
func (p *person) tables(t *testing.T, home string) []string {
	t.Helper()
	s, done := p.rawStore(t, home)
	defer done()
	names, err := s.Tables(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// edit changes the person's store behind the program's back.
func (p *person) edit(t *testing.T, home, statement string) {
	t.Helper()
	v := p.unlock(t, home)
	defer v.Close()
	key, err := v.StoreKey()
	if err != nil {
		t.Fatal(err)
	}
	db, err := encvfs.Open(t.Context(), v.StorePath(), key, encvfs.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	guards := p.dropTriggers(t, db.RW)
	r, err := db.RW.ExecContext(t.Context(), statement)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := r.RowsAffected(); err != nil || n == 0 {
		t.Fatalf("%s changed nothing (%v)", statement, err)
	}
	for _, guard := range guards {
		if _, err := db.RW.ExecContext(t.Context(), guard); err != nil {
			t.Fatal(err)
		}
	}
}

// dropTriggers takes away the guards of the schema, as who has the key can, and
// gives the statements that put them back.
func (p *person) dropTriggers(t *testing.T, db *sql.DB) (guards []string) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var names []string
	for rows.Next() {
		var name, text string
		if err := rows.Scan(&name, &text); err != nil {
			t.Fatal(err)
		}
		names, guards = append(names, name), append(guards, text)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if _, err := db.ExecContext(t.Context(), `DROP TRIGGER "`+name+`"`); err != nil {
			t.Fatal(err)
		}
	}
	return guards
}

// neverShown opens B's store and calls everything there is.
func (l *ledger) neverShown(t *testing.T, a, b *person, home, forged string) {
	t.Helper()
	w, err := workspace.Open(t.Context(), b.options(t, home, b.project()))
	if err != nil {
		if !problem.Is(err, problem.Store) || a.holds(err.Error()) {
			l.bled("%s: opening says %v", forged, err)
		}
		return
	}
	defer w.Close()
	said, reported := readAll(t.Context(), w)
	if a.holds(said) {
		l.bled("%s: shown", forged)
	}
	if !reported && !inQuarantine(w) {
		l.bled("%s: not reported", forged)
	}
	switch exported := b.export(t, w); {
	case a.holds(exported):
		l.bled("%s: exported", forged)
	case !b.holds(exported):
		t.Errorf("%s: nothing of B's own is exported: the search is blind", forged)
	}
	l.removed(t, a, w, forged)
}

// removed removes what is kept from sight: nothing of it may come to light by
// that, and nothing be left. An entry of the audit stays, and is named.
func (l *ledger) removed(t *testing.T, a *person, w *workspace.Workspace, forged string) {
	t.Helper()
	held := w.Quarantined()
	if slices.ContainsFunc(held, func(q store.Quarantined) bool { return q.Table == "audit" }) || len(held) == 0 {
		return
	}
	r, err := action.Do(t.Context(), w, "doctor", &action.Doctor{Discard: len(held)}, nil)
	if err != nil {
		t.Errorf("%s: removing: %v", forged, err)
		return
	}
	if said, _ := readAll(t.Context(), w); a.holds(said) || a.holds(fmt.Sprint(r.Summary, r.Notices)) || inQuarantine(w) {
		l.bled("%s: it comes to light when it is removed", forged)
	}
}

// readAll reads all it can, going on after what is refused.
func readAll(ctx context.Context, w *workspace.Workspace) (said string, reported bool) {
	note := func(v any, err error) {
		said += fmt.Sprintf("%+v %v\n", v, err)
		reported = reported || errors.Is(err, store.ErrForeignRow)
	}
	ds, err := w.Datasets(ctx)
	note(ds, err)
	runs, err := w.Runs(ctx)
	note(runs, err)
	for n := int64(1); n < 12; n++ {
		run, err := w.Run(ctx, w.RunNumber(n))
		note(run, err)
		in, err := w.Inputs(ctx, w.RunNumber(n))
		note(in, err)
		out, err := w.Outputs(ctx, w.RunNumber(n))
		note(out, err)
		d := store.Dataset{ID: store.DatasetID{Owner: w.RunNumber(1).Owner, N: n}, Name: "any"}
		t, err := w.Table(ctx, d)
		if err == nil {
			for _, c := range t.Columns {
				note(c.Name, nil)
			}
		}
		note(nil, err)
		areas, err := w.Areas(ctx, d)
		note(len(areas), err)
	}
	decisions, err := w.Decisions(ctx)
	note(decisions, err)
	entries, err := w.Audit(ctx)
	note(entries, err)
	readShared(ctx, w.Shared(), note)
	return said, reported
}

// readShared reads what the profile keeps for sharing.
func readShared(ctx context.Context, s workspace.Shared, note func(any, error)) {
	keys, err := s.ShareKeys(ctx)
	note(keys, err)
	office, err := s.OfficeKey(ctx)
	note(string(office), err)
	shipments, err := s.Shipments(ctx)
	note(shipments, err)
	remotes, err := s.Remotes(ctx)
	note(remotes, err)
	for _, r := range remotes {
		seen, err := s.SeenManifests(ctx, r.ID)
		note(fmt.Sprint(r.Name, seen), err)
	}
}

// export writes what it can and gives all of it, and the refusals.
func (p *person) export(t *testing.T, w *workspace.Workspace) (all string) {
	t.Helper()
	out := t.TempDir()
	said, err := p.work(t.Context(), w, out)
	all = said + fmt.Sprint(err)
	_, err = action.Do(t.Context(), w, "takeout", &action.Takeout{Out: filepath.Join(out, "all.zip")}, nil)
	all += fmt.Sprint(err) + unzipped(t, filepath.Join(out, "all.zip"))
	for _, data := range tree(t, out) {
		all += string(data)
	}
	return all
}

// inQuarantine reports whether the workspace says that rows were put aside.
func inQuarantine(w *workspace.Workspace) bool {
	q, ok := any(w).(interface{ Quarantined() []store.Quarantined })
	return ok && len(q.Quarantined()) > 0
}

// unzipped gives everything in a zip, names too; "" when there is none.
func unzipped(t *testing.T, path string) (all string) {
	t.Helper()
	z, err := zip.OpenReader(path)
	if err != nil {
		return ""
	}
	defer z.Close()
	for _, f := range z.File {
		in, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(in)
		if err := errors.Join(err, in.Close()); err != nil {
			t.Fatal(err)
		}
		all += f.Name + "\n" + string(data)
	}
	return all
}
