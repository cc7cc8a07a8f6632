package bleed

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"chatmrpt/core/action"
	"chatmrpt/core/workspace"
)

// The canary is in every sort of text that a person can bring in: the names of
// files, wards, columns and the project, what she decided about a name, and what
// she typed into an act. Were one missing, the tests would prove less than they
// say.
func TestTheCanaryIsInEveryFreeText(t *testing.T) {
	a := amina(t)
	w := a.create(t, t.TempDir(), a.project())
	a.mustWork(t, w)
	said, err := everything(t.Context(), w)
	if err != nil {
		t.Fatal(err)
	}
	for _, place := range []string{"ward", "file", "colu", "deci", "titl", "proj"} {
		if !strings.Contains(strings.ToLower(said), a.canary+place) {
			t.Errorf("it is not in the %s", place)
		}
	}
}

// T2, causes 1, 2 and 3: two users in one process, the whole work of each many
// times over, both at once and with readers beside them. Every result is byte
// for byte that of the user alone, and nothing of the other is in it. The race
// detector is on in `make bleed`.
func TestBleed_T02_TwoWorkspacesInterleaved(t *testing.T) {
	l := open(t, "1 2 3", "two users' whole work interleaved; bytes equal to solo runs")
	people := []*person{amina(t), bola(t)}
	alone := make([]map[string]string, len(people))
	for i, p := range people {
		var said string
		alone[i], said = products(t, p, p.create(t, t.TempDir(), p.project()), t.TempDir())
		for _, place := range []string{"ward", "file", "colu"} {
			if !strings.Contains(strings.ToLower(said), p.canary+place) {
				t.Fatalf("the canary of %s's %s is not in what is shown: the test would prove nothing", p.name, place)
			}
		}
	}
	for name := range alone[0] {
		if alone[0][name] == alone[1][name] {
			t.Fatalf("%s is the same for both: it would show nothing", name)
		}
	}
	home := t.TempDir()
	rounds := trials(t, 100)
	var writers, readers sync.WaitGroup
	for i, p := range people {
		if err := p.create(t, home, p.project()).Close(); err != nil {
			t.Fatal(err)
		}
		other, turns := people[1-i], make(chan *workspace.Workspace, 1)
		writers.Go(func() {
			defer close(turns)
			repeat(l, p, other, home, alone[i], rounds, turns)
		})
		readers.Go(func() { lookOn(l, other, turns) })
	}
	writers.Wait()
	readers.Wait()
}

// products is the work's every result by name: the hash of every dataset and
// exported file.
func products(t testing.TB, p *person, w *workspace.Workspace, out string) (map[string]string, string) {
	t.Helper()
	got, said := map[string]string{}, ""
	for _, s := range p.chain(out) {
		r, err := action.Do(t.Context(), w, s.act, s.a, nil)
		if err != nil {
			t.Errorf("%s of %s: %v", s.act, p.name, err)
			return got, said
		}
		said += words(r)
		if r.Run > 0 {
			outputs, err := w.Outputs(t.Context(), w.RunNumber(r.Run))
			if err != nil {
				t.Error(err)
			}
			for _, d := range outputs {
				got[s.act+" "+d.Kind+" "+d.Name] = d.SHA256
			}
		}
		if s.act == "import" { // the same again is not kept again: what it brought is current
			for _, kind := range []string{workspace.KindFacilities, workspace.KindWards, workspace.KindPopulation, workspace.KindBoundaries} {
				ds, err := w.Current(t.Context(), kind)
				if err != nil {
					t.Error(err)
				}
				for _, d := range ds {
					got[s.act+" "+d.Kind+" "+d.Name] = d.SHA256
				}
			}
		}
		for _, f := range r.Files {
			data := read(t, f)
			said += string(data)
			sum := sha256.Sum256(data)
			got[filepath.Base(f)] = hex.EncodeToString(sum[:])
		}
	}
	return got, said
}

// repeat does p's work again and again and compares. Every ten times it locks
// the profile and goes on in another project.
func repeat(l *ledger, p, other *person, home string, want map[string]string, rounds int, turns chan<- *workspace.Workspace) {
	out := l.TempDir()
	var w *workspace.Workspace
	for i := range rounds {
		l.trial()
		if i%10 == 0 {
			w = p.next(l, home, w, i)
		} else if i%5 == 0 {
			select {
			case turns <- w:
			default: // the reader is still at the last
			}
		}
		got, said := products(l, p, w, out)
		if other.holds(said) {
			l.bled("%s's canary in what %s was shown", other.name, p.name)
		}
		for _, name := range slices.Sorted(maps.Keys(want)) {
			if got[name] != want[name] {
				l.bled("%s of %s differs from that of a solo run", name, p.name)
			}
		}
		if len(got) != len(want) {
			l.Errorf("%s has %d products, alone %d", p.name, len(got), len(want))
		}
		if l.Failed() {
			return
		}
	}
}

// next closes w, if it is open, and opens the n-th project of the person.
func (p *person) next(t testing.TB, home string, w *workspace.Workspace, n int) *workspace.Workspace {
	t.Helper()
	if w != nil {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	}
	return p.reopen(t, home, fmt.Sprint(p.project(), n))
}

// lookOn reads all it can at every turn, while others write. The profile may
// be locked meanwhile.
func lookOn(l *ledger, other *person, turns <-chan *workspace.Workspace) {
	picture := filepath.Join(l.TempDir(), "rank.svg")
	m := action.NewMap()
	m.Out = picture
	for w := range turns {
		for _, s := range []step{{"data", &action.Data{}}, {"runs", &action.Runs{}}, {"map", m}} {
			said := ""
			// A reader may come between two steps of the writer and be told so.
			r, err := action.Do(l.Context(), w, s.act, s.a, nil)
			if err != nil {
				said = err.Error()
			} else {
				said = words(r)
			}
			if err == nil && s.act == "map" {
				said += string(read(l, picture))
			}
			if other.holds(said) {
				l.bled("%s's canary in %s of %s", other.name, s.act, w.User())
			}
		}
	}
}
