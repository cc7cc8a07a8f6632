package action

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"chatmrpt/core/sample"
	"chatmrpt/core/vault/vaulttest"
	"chatmrpt/core/workspace"
)

// made keeps what many tests begin with, so that it is made once a run: the
// states, which nothing writes, and the closed profiles in which one was ranked.
// A test gets a copy of a profile, never the profile.
var made = struct {
	sync.Mutex
	states   map[madeOf]*sample.State
	files    map[*sample.State][]sample.File
	profiles map[madeOf]fstest.MapFS
}{states: map[madeOf]*sample.State{}, files: map[*sample.State][]sample.File{}, profiles: map[madeOf]fstest.MapFS{}}

// madeOf is what a state is made of.
type madeOf struct {
	seed uint64
	o    sample.Options
}

// makeState gives the state of a seed. It is shared and must not be changed.
func makeState(t testing.TB, seed uint64, o sample.Options) *sample.State {
	t.Helper()
	made.Lock()
	defer made.Unlock()
	key := madeOf{seed, o}
	if s, ok := made.states[key]; ok {
		return s
	}
	s, err := sample.Make(seed, o)
	if err != nil {
		t.Fatal(err)
	}
	made.states[key] = s
	return s
}

// filesOf gives the files of a state. They are shared and must not be changed.
func filesOf(t testing.TB, s *sample.State) []sample.File {
	t.Helper()
	made.Lock()
	defer made.Unlock()
	if files, ok := made.files[s]; ok {
		return files
	}
	files, err := s.Files()
	if err != nil {
		t.Fatal(err)
	}
	made.files[s] = files
	return files
}

// rankedState is a state imported, matched, scored and with a plan, in a copy of
// a profile in which that was done before.
func rankedState(t testing.TB, seed uint64, o sample.Options) (*bench, *sample.State) {
	t.Helper()
	key, s := madeOf{seed, o}, makeState(t, seed, o)
	made.Lock()
	files, ok := made.profiles[key]
	made.Unlock()
	if !ok {
		home := t.TempDir()
		b := benchOf(t, home, "Amina")
		b.rank(s)
		if err := b.w.Close(); err != nil {
			t.Fatal(err)
		}
		files = inMemory(t, home)
		made.Lock()
		made.profiles[key] = files
		made.Unlock()
	}
	home := t.TempDir()
	if err := os.CopyFS(filepath.Join(home, "users"), files); err != nil {
		t.Fatal(err)
	}
	w, err := workspace.Open(t.Context(), workspace.Options{
		Home: home, User: "Amina", Secret: []byte("correct horse battery"), Project: "campaign", Version: "test", Vault: vaulttest.Cheap(t),
		Now: func() time.Time { return time.Date(2026, 3, 27, 12, 0, 0, 0, time.UTC) },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	b := &bench{t: t, w: w, dir: t.TempDir()}
	b.stateFiles(s)
	return b, s
}

// rank does with a state what rankedState says.
func (b *bench) rank(s *sample.State) {
	b.t.Helper()
	b.importState(s)
	for _, a := range []Action{&Match{}, allTests(), scoreWith("neighbours"), planOf(20_000, "proportional")} {
		b.do(a)
	}
}

// inMemory reads the profiles of a home.
func inMemory(t testing.TB, home string) fstest.MapFS {
	t.Helper()
	out := fstest.MapFS{}
	root := filepath.Join(home, "users")
	err := filepath.WalkDir(root, func(path string, e os.DirEntry, err error) error {
		if err != nil || path == root {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		file := &fstest.MapFile{Mode: info.Mode(), ModTime: info.ModTime()}
		if !e.IsDir() {
			if file.Data, err = os.ReadFile(path); err != nil {
				return err
			}
		}
		out[filepath.ToSlash(name)] = file
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// A copy of a profile holds what the profile did, run for run and cell for
// cell, but for the opening that made it.
func TestRankedStateIsLikeOneMadeAnew(t *testing.T) {
	b, s := rankedState(t, 23, small())
	anew := newBench(t)
	anew.rank(s)
	content := func(b *bench) string {
		return strings.ReplaceAll(b.snapshot(), string(b.w.RunNumber(1).Owner), "her")
	}
	want := content(anew)
	if got := content(b); got != want {
		t.Errorf("the copy holds\n%s\nand one made anew\n%s", got, want)
	}
	again, _ := rankedState(t, 23, small())
	b.do(planOf(10, "proportional"))
	if got := content(again); got != want || content(b) == want {
		t.Errorf("what was done to a copy shows in the next:\n%s\nwant\n%s", got, want)
	}
	if !slices.Equal(b.files(), again.files()) {
		t.Errorf("files %v and %v", b.files(), again.files())
	}
}
