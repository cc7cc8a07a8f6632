package faults

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
)

// exports is the fault: children killed while they write everything of the
// profile, in clear, into a folder that the person chose, over what they wrote
// before. What lies there must be whole, the old or the new; anything else must
// be gone with the next export.
func (l *ledger) exports(from string) func(*testing.T, *row, *rand.Rand) {
	return func(t *testing.T, r *row, random *rand.Rand) {
		const what = "takeout"
		home, out := copied(t, from), t.TempDir()
		path := filepath.Join(out, "all.zip")
		said, _ := start(t, what, home, []string{path}).end()
		must(t, told(said))
		left := 0
		for i := 0; r.trials < l.trials && i < 8*l.trials; i++ {
			m := moment{line: 1 + random.IntN(len(said)), spin: random.IntN(1 << random.IntN(25))}
			if i%2 == 0 {
				must(t, os.Remove(path)) // an export to where nothing was
			}
			if _, was := killed(t, what, home, []string{path}, m); !was {
				continue
			}
			r.trials++
			if err := readThrough(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
				r.torn++
				t.Errorf("the export that was killed lies there in part: %v", err)
			}
			left += countOthers(t, out)
			_, err := do(t, options(t, home, amina), what, []string{path}, nil)
			must(t, errors.Join(err, readThrough(path)))
			if n := countOthers(t, out); n > 0 {
				r.torn++
				t.Errorf("%d files of killed exports lie there still", n)
			}
			checkSound(t, home)
		}
		if r.trials < l.trials {
			t.Errorf("only %d of %d children were killed in time", r.trials, l.trials)
		}
		if left > 0 {
			r.note = fmt.Sprintf("%d unfinished files lay there until the next export", left)
		}
	}
}

// countOthers counts what lies beside the export.
func countOthers(t *testing.T, dir string) (n int) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	must(t, err)
	for _, e := range entries {
		if e.Name() != "all.zip" {
			n++
		}
	}
	return n
}

// readThrough reads every file of a zip, which holds their sums.
func readThrough(path string) error {
	z, err := zip.OpenReader(path)
	if err != nil {
		return err
	}
	defer z.Close()
	for _, f := range z.File {
		in, err := f.Open()
		if err != nil {
			return err
		}
		if _, err := io.Copy(io.Discard, in); err != nil {
			return errors.Join(err, in.Close())
		}
		if err := in.Close(); err != nil {
			return err
		}
	}
	return nil
}
