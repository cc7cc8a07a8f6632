package faults

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"chatmrpt/core/problem"
	"chatmrpt/core/store/encvfs"
)

const pageSize = 4096

// flippedPages turns over one random bit of every page. The check of the file
// must name that page and no other; to the user it is an error, or the page is
// one that nothing was read from and all he reads is right.
func (l *ledger) flippedPages(from string) func(*testing.T, *row, *rand.Rand) {
	return func(t *testing.T, r *row, random *rand.Rand) {
		whole, err := peek(t, options(t, from, amina))
		must(t, err)
		home := copied(t, from)
		path, key := storeFile(t, home), storeKey(t, home)
		good := readFile(t, path)
		refused := 0
		for range 1 + l.trials/50 {
			for page := range len(good) / pageSize {
				bad := append([]byte(nil), good...)
				bad[page*pageSize+random.IntN(pageSize)] ^= 1 << random.IntN(8)
				setStore(t, path, bad)
				r.trials++
				if found, err := encvfs.VerifyFile(t.Context(), path, key); !names(found, page) && !(page == 0 && len(found) == len(good)/pageSize) {
					t.Errorf("page %d: the check names %v (%v)", page+1, found, err)
				}
				if r.readsRight(t, home, whole, fmt.Sprintf("page %d", page+1)) {
					refused++
				}
			}
		}
		setStore(t, path, good)
		if r.readsRight(t, home, whole, "the undamaged file") {
			t.Error("the undamaged file is refused")
		}
		t.Logf("%d pages of %d: %d refused to the user, the rest hold nothing he reads", r.trials, len(good)/pageSize, refused)
	}
}

func names(found []int64, page int) bool {
	return len(found) == 1 && found[0] == int64(page)+1
}

// setStore puts a closed database in place of what there is.
func setStore(t *testing.T, path string, b []byte) {
	t.Helper()
	writeFile(t, path, b)
	must(t, os.RemoveAll(path+"-wal"))
	must(t, os.RemoveAll(path+"-shm"))
}

// readsRight opens a damaged profile. Either the user is told (true), or all he
// reads is what was there before the damage.
func (r *row) readsRight(t *testing.T, home, whole, what string, codes ...problem.Code) (refused bool) {
	t.Helper()
	if len(codes) == 0 {
		codes = []problem.Code{problem.Store}
	}
	got, err := peek(t, options(t, home, amina))
	switch {
	case errors.Is(err, errSilent):
		r.silent++
		t.Errorf("%s: %v", what, err)
	case err != nil:
		wantProblem(t, what, err, codes...)
		if len(codes) == 1 && !errors.Is(err, encvfs.ErrTampered) && !errors.Is(err, encvfs.ErrWrongKey) {
			t.Errorf("%s: it is not called damage: %v (%v)", what, err, problem.From(err, "").Err)
		}
		return true
	case got != whole:
		r.silent++
		t.Errorf("%s: other data is read, and no error", what)
	}
	return false
}

// flippedKeyFile turns over a random bit of the bytes of vault.json, all of
// them or, in a short run, every ninth.
func (l *ledger) flippedKeyFile(from string) func(*testing.T, *row, *rand.Rand) {
	return func(t *testing.T, r *row, random *rand.Rand) {
		whole, err := peek(t, options(t, from, amina))
		must(t, err)
		step := 1
		if l.trials < 30 {
			step = 9
		}
		refused := 0
		for at := random.IntN(step); at < len(readFile(t, filepath.Join(folder(t, from, amina), "vault.json"))); at += step {
			home := copied(t, from)
			path := filepath.Join(folder(t, home, amina), "vault.json")
			bad := readFile(t, path)
			bad[at] ^= 1 << random.IntN(8)
			writeFile(t, path, bad)
			r.trials++
			// A damaged name is a profile not found, a damaged slot may look like a wrong passphrase.
			if r.readsRight(t, home, whole, fmt.Sprintf("byte %d of vault.json", at), problem.Store, problem.NotFound, problem.Locked) {
				refused++
			}
			must(t, os.RemoveAll(home))
		}
		t.Logf("%d bytes: %d refused; the rest belong to the other slot or change nothing that is read", r.trials, refused)
	}
}

// cut shortens data.db to random lengths above those of an empty database.
func (l *ledger) cut(from string) func(*testing.T, *row, *rand.Rand) {
	return func(t *testing.T, r *row, random *rand.Rand) {
		whole, err := peek(t, options(t, from, amina))
		must(t, err)
		home := copied(t, from)
		path := storeFile(t, home)
		good := readFile(t, path)
		pages := len(good) / pageSize
		lengths := []int{17, pageSize - 1, pageSize, len(good) - 1, len(good) - pageSize}
		for len(lengths) < max(l.trials, 10) {
			lengths = append(lengths, 17+random.IntN(len(good)-17), pageSize*(1+random.IntN(pages-1)))
		}
		for _, n := range lengths {
			setStore(t, path, good[:n])
			r.trials++
			if !r.readsRight(t, home, whole, fmt.Sprintf("%d of %d bytes", n, len(good))) {
				t.Errorf("%d of %d bytes: opened and read without an error", n, len(good))
			}
		}
	}
}

// emptied takes data.db away, or leaves of it no more than its salt.
func (l *ledger) emptied(from string) func(*testing.T, *row, *rand.Rand) {
	return func(t *testing.T, r *row, _ *rand.Rand) {
		home := copied(t, from)
		path := storeFile(t, home)
		good := readFile(t, path)
		for n := -1; n <= 16; n++ {
			setStore(t, path, good[:max(n, 0)])
			if n < 0 {
				must(t, os.Remove(path))
			}
			r.trials++
			if _, err := peek(t, options(t, home, amina)); err != nil {
				wantProblem(t, fmt.Sprintf("%d bytes are left", n), err, problem.Store)
			} else {
				r.lost++
				t.Errorf("%d bytes are left: the profile opened empty", n)
			}
		}
	}
}

// exchanged puts files of Bola in Amina's folder, alone and together.
func (l *ledger) exchanged(from, what string, codes []problem.Code, files ...string) func(*testing.T, *row, *rand.Rand) {
	return func(t *testing.T, r *row, _ *rand.Rand) {
		whole, err := peek(t, options(t, from, amina))
		must(t, err)
		for range max(2, l.trials/20) {
			home := copied(t, from)
			hers, his := folder(t, home, amina), folder(t, home, bola)
			for _, name := range files {
				a, b := filepath.Join(hers, name), filepath.Join(his, name)
				kept := readFile(t, a)
				writeFile(t, a, readFile(t, b))
				writeFile(t, b, kept)
			}
			r.trials++
			if !r.readsRight(t, home, whole, what, codes...) {
				t.Errorf("%s: opened", what)
			}
			if got, err := peek(t, options(t, home, bola)); err == nil {
				t.Errorf("Bola reads %s", got)
			} else {
				wantProblem(t, what+" to Bola", err, codes...)
			}
		}
	}
}
