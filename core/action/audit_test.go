package action

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"chatmrpt/core/problem"
	"chatmrpt/core/store/encvfs"
	"chatmrpt/core/vault"
	"chatmrpt/core/vault/vaulttest"
	"chatmrpt/core/workspace"
)

// reopened closes the profile of b, lets somebody who has its key at the data,
// and opens it again.
func (b *bench) reopened(home string, statements ...string) *bench {
	b.t.Helper()
	must := func(err error) {
		b.t.Helper()
		if err != nil {
			b.t.Fatal(err)
		}
	}
	must(b.w.Close())
	p, err := vault.Find(home, "Amina")
	must(err)
	v, err := vault.Unlock(b.t.Context(), home, p.ID, []byte("correct horse battery"), vaulttest.Cheap(b.t))
	must(err)
	key, err := v.StoreKey()
	must(err)
	db, err := encvfs.Open(b.t.Context(), v.StorePath(), key, encvfs.Options{})
	must(err)
	for _, q := range statements {
		_, err := db.RW.ExecContext(b.t.Context(), q)
		must(err)
	}
	must(db.Close())
	w, err := workspace.FromVault(b.t.Context(), v, workspace.Options{
		Project: "campaign", Version: "test", Now: func() time.Time { return time.Date(2026, 3, 27, 12, 0, 0, 0, time.UTC) },
	})
	must(err)
	b.t.Cleanup(func() { w.Close() })
	return &bench{t: b.t, w: w, dir: b.dir}
}

// audited lists the audit as "kind subject".
func (b *bench) audited() (out []string) {
	b.t.Helper()
	t := b.do(&Audit{}).Tables[0]
	kinds, subjects := texts(b.t, t, "kind"), texts(b.t, t, "subject")
	for i := range kinds {
		out = append(out, strings.TrimSpace(kinds[i]+" "+subjects[i]))
	}
	return out
}

// wardFile is a table without a map, enough to have something to write.
func (b *bench) wardFile() *bench {
	b.t.Helper()
	b.do(&Import{Files: []string{b.write("env.csv", "WardName,rainfall\nAfon,3\nOloje,4\n")}, As: "wards"})
	return b
}

// Every file an act writes is on record by its base name; an act that writes
// none, or fails, leaves no such entry.
func TestWrittenFilesAreOnRecord(t *testing.T) {
	b := newBench(t).wardFile()
	b.write("inner/x", "")
	b.do(&Export{What: "wards", Out: b.path("inner/all.csv")})
	b.do(&Export{What: "wards", Out: b.path("all.json")})
	b.do(&Data{})
	if _, err := b.try(&Export{What: "ranking", Out: b.path("none.csv")}); err == nil {
		t.Fatal("there is no ranking")
	}
	if _, err := b.try(&Export{What: "wards", Out: b.path("nowhere/none.csv")}); err == nil {
		t.Fatal("there is no such folder")
	}
	want := []string{"start", "unlock passphrase", "import import", "export all.csv", "export all.json"}
	if got := b.audited(); !slices.Equal(got, want) {
		t.Errorf("audit: %q, want %q", got, want)
	}
	for _, detail := range texts(t, b.do(&Audit{}).Tables[0], "detail") {
		if strings.Contains(detail, b.dir) || strings.Contains(detail, "inner") {
			t.Errorf("the audit names a folder: %s", detail)
		}
	}
}

func TestAuditListsTheNewestLast(t *testing.T) {
	b := newBench(t).wardFile()
	r := b.do(&Audit{Last: 2})
	if got := numbers(t, r.Tables[0], "entry"); len(got) != 2 || got[0] != 2 || got[1] != 3 || !strings.Contains(r.Summary, "newest 2 of 3 entries") {
		t.Errorf("%v, %s", got, r.Summary)
	}
	if run, _ := r.Tables[0].Column("run"); !run.Missing(0) || run.Missing(1) {
		t.Error("the run stands beside the wrong entry")
	}
	if r := b.do(NewAudit()); r.Tables[0].Rows() != 3 || !strings.Contains(r.Summary, "3 entries") {
		t.Errorf("%d rows, %s", r.Tables[0].Rows(), r.Summary)
	}
	b.refuse(&Audit{Last: -1}, problem.Usage)
	if r := b.do(&Audit{Verify: true}); r.Problem != nil || r.Summary != "The chain of 3 entries is whole." || len(r.Tables) != 0 {
		t.Errorf("%+v", r)
	}
}

// A broken chain names its rows and ends the command with the status of a
// damaged store, and the result is still there to be shown.
func TestAuditVerifyNamesBrokenEntries(t *testing.T) {
	home := t.TempDir()
	b := benchOf(t, home, "Amina").wardFile()
	b = b.reopened(home, "DROP TRIGGER audit_no_update", "UPDATE audit SET subject = 'another' WHERE id = 3", "UPDATE audit SET at = '' WHERE id = 2")
	r := b.do(&Audit{Verify: true})
	if r.Problem == nil || r.Problem.Code.ExitStatus() != 7 || r.Problem.Subject != "entry 2" || r.Problem.Hint == "" {
		t.Errorf("problem: %+v", r.Problem)
	}
	if got := numbers(t, r.Tables[0], "entry"); !slices.Equal(got, []float64{2, 3}) || !strings.Contains(r.Summary, "2 faults, the first at entry 2") {
		t.Errorf("entries %v are named: %s", got, r.Summary)
	}
	b.do(&Audit{}) // it can still be read
}

func TestDoctorSaysWhatToDo(t *testing.T) {
	home := t.TempDir()
	b := benchOf(t, home, "Amina").wardFile()
	r := b.do(&Doctor{})
	states := texts(t, r.Tables[0], "state")
	if len(states) != 13 || slices.Contains(states[:12], "not ok") { // the last is free space, which is the machine's
		t.Errorf("%v: %s", states, r.Summary)
	}
	found, err := filepath.Glob(filepath.Join(home, "users", "*", "vault.json"))
	if err != nil || len(found) != 1 {
		t.Fatal(found, err)
	}
	if err := os.WriteFile(filepath.Join(filepath.Dir(found[0]), "left.tmp"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	r = b.do(&Doctor{})
	if r.Problem == nil || r.Problem.Code != problem.Store || r.Problem.Subject != "other files" || r.Problem.Hint == "" || len(r.Notices) == 0 {
		t.Errorf("%+v, %v", r.Problem, r.Notices)
	}
	if do := texts(t, r.Tables[0], "do"); do[1] == "" {
		t.Error("nothing is said about what to do")
	}
}

// What was put away at the start is told by every act, as results may lack it.
func TestQuarantinedRowsAreTold(t *testing.T) {
	home := t.TempDir()
	b := benchOf(t, home, "Amina").wardFile()
	b = b.reopened(home, "DROP TRIGGER dataset_no_update", "UPDATE dataset SET owner = 'bola'")
	r := b.do(&Data{})
	if len(r.Notices) != 1 || !strings.HasPrefix(r.Notices[0], "1 row kept from sight") || r.Tables[0].Rows() != 0 {
		t.Errorf("%q, %d rows", r.Notices, r.Tables[0].Rows())
	}
	d := b.do(&Doctor{})
	i := slices.Index(texts(t, d.Tables[0], "check"), "ownership")
	if i < 0 || texts(t, d.Tables[0], "state")[i] != "not ok" || !strings.Contains(texts(t, d.Tables[0], "found")[i], "dataset 1") {
		t.Errorf("the doctor says %s", fmt.Sprint(d.Tables[0].Columns))
	}
}

// The report names every row in quarantine, and nothing that is in one.
func TestTheDoctorsReport(t *testing.T) {
	home := t.TempDir()
	b := benchOf(t, home, "Amina").wardFile()
	b = b.reopened(home, "DROP TRIGGER dataset_no_update", "UPDATE dataset SET owner = 'bola'")
	b.refuse(&Doctor{Out: b.path("report.txt")}, problem.Usage)
	r := b.do(&Doctor{Out: b.path("report.json")})
	text := b.read("report.json")
	var report struct {
		Findings   []workspace.Finding
		Quarantine []heldRow
	}
	if err := json.Unmarshal([]byte(text), &report); err != nil {
		t.Fatal(err)
	}
	if len(r.Files) != 1 || len(report.Findings) != r.Tables[0].Rows() || len(report.Quarantine) != 1 || report.Quarantine[0].Table != "dataset" ||
		report.Quarantine[0].Reason == "" || strings.Contains(text, "bola") {
		t.Errorf("%s", text)
	}
}

// Rows kept from sight can be removed for good by who says how many there are;
// after that all is well, and the audit tells of it.
func TestRowsKeptFromSightCanBeRemoved(t *testing.T) {
	home := t.TempDir()
	b := benchOf(t, home, "Amina").wardFile()
	b = b.reopened(home, "DROP TRIGGER dataset_no_update", "UPDATE dataset SET owner = 'bola'")
	b.refuse(&Doctor{Discard: -1}, problem.Usage)
	b.refuse(&Doctor{Discard: 2}, problem.Conflict)
	d := b.do(&Doctor{})
	if i := slices.Index(texts(t, d.Tables[0], "check"), "ownership"); !strings.Contains(texts(t, d.Tables[0], "do")[i], "--discard 1`") {
		t.Errorf("the doctor does not say how: %s", texts(t, d.Tables[0], "do")[i])
	}
	r := b.do(&Doctor{Discard: 1})
	if i := slices.Index(texts(t, r.Tables[0], "check"), "ownership"); texts(t, r.Tables[0], "state")[i] != "ok" || !strings.Contains(r.Summary, "removed for good") || len(r.Reminders) != 0 {
		t.Errorf("%s; %v", r.Summary, r.Reminders)
	}
	b.refuse(&Doctor{Discard: 1}, problem.Conflict)
	if v := b.do(&Audit{Verify: true}); v.Problem != nil {
		t.Errorf("%v", v.Problem)
	}
	if kinds := texts(t, b.do(NewAudit()).Tables[0], "kind"); !slices.Contains(kinds, "discard") {
		t.Errorf("the audit holds %v", kinds)
	}
	b.wardFile() // the same file comes in again
}
