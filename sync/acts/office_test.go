package acts

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/age"

	"chatmrpt/core/action"
	"chatmrpt/core/problem"
	"chatmrpt/sync/bundle"
)

func keyFile(t *testing.T) (path string, key *age.HybridIdentity) {
	t.Helper()
	key, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(t.TempDir(), "programme.txt")
	if err := os.WriteFile(path, []byte("# created: today\n"+key.String()+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path, key
}

// The programme's key is kept once and used from then on; nothing gives it out,
// and it is not exchanged by mistake.
func TestTheOfficesKeyIsKept(t *testing.T) {
	d := newDesk(t, t.TempDir())
	roster := filepath.Join(t.TempDir(), "roster.csv")
	if err := os.WriteFile(roster, []byte("user,signing_key,name\namina,1111-2222-3333-4444-5555,Kano\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	collecting := &Collect{From: d.stick(t), Roster: roster, Out: filepath.Join(t.TempDir(), "national"), Around: d.around()}
	if _, err := d.try(t, collectOp, collecting); !problem.Is(err, problem.NotFound) || !strings.Contains(problem.From(err, "").Hint, "sync office") {
		t.Errorf("without a key: %v", err)
	}
	path, key := keyFile(t)
	said := []any{d.do(t, officeOp, &Office{Key: path})}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	keys, err := officeKeys(t.Context(), d.w)
	if err != nil {
		t.Fatal(err)
	}
	want := bundle.Recipient{Key: key.Recipient().String()}.Fingerprint()
	if got := keys.Fingerprints(); len(got) != 1 || got[0] != want {
		t.Errorf("kept is %v, want %s", got, want)
	}
	// It gets as far as judging what lies there: the key on the roster is another.
	r, err := d.try(t, collectOp, collecting)
	if err != nil || len(r.Tables) != 1 {
		t.Errorf("with the key that is kept: %+v, %v", r, err)
	}

	other, _ := keyFile(t)
	_, err = d.try(t, officeOp, &Office{Key: other})
	if !problem.Is(err, problem.Conflict) {
		t.Errorf("another key: %v", err)
	}
	said = append(said, err.Error(), d.do(t, officeOp, &Office{}), d.do(t, officeOp, &Office{Key: other, Replace: true}), d.do(t, "audit", action.NewAudit()))
	text, err := json.Marshal(said)
	if err != nil || strings.Contains(strings.ToUpper(string(text)), "AGE-SECRET") || !strings.Contains(string(text), want) {
		t.Errorf("told: %s (%v)", text, err)
	}
	d.do(t, officeOp, &Office{Forget: true})
	if r := d.do(t, officeOp, &Office{}); !strings.Contains(r.Summary, "keeps no private key") {
		t.Error(r.Summary)
	}
}
