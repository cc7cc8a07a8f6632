package bleed

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"golang.org/x/sys/unix"

	"chatmrpt/core/problem"
	"chatmrpt/core/workspace"
)

// fault is something that keeps a profile from being opened or written.
type fault struct {
	name  string
	wrong bool                                 // the secret is
	bring func(t testing.TB, dir string) error // errors.ErrUnsupported where it can't be done
	codes []problem.Code                       // any of them is the answer
}

// faults are all that T6 tries.
func faults() []fault {
	damage := func(name string, change func([]byte) []byte) func(testing.TB, string) error {
		return func(t testing.TB, dir string) error {
			path := filepath.Join(dir, name)
			write(t, path, change(read(t, path)))
			return nil
		}
	}
	flip := func(at float64) func([]byte) []byte {
		return func(data []byte) []byte {
			data[int(at*float64(len(data)-1))] ^= 0x40
			return data
		}
	}
	const store = problem.Store
	return []fault{
		{"wrong passphrase", true, func(testing.TB, string) error { return nil }, []problem.Code{problem.Locked}},
		{"key file missing", false, func(_ testing.TB, dir string) error { return os.Remove(filepath.Join(dir, "vault.json")) }, []problem.Code{store, problem.NotFound}},
		{"key file empty", false, damage("vault.json", func([]byte) []byte { return nil }), []problem.Code{store, problem.NotFound}},
		{"key file cut short", false, damage("vault.json", func(d []byte) []byte { return d[:len(d)/2] }), []problem.Code{store, problem.NotFound}},
		{"store: first page flipped", false, damage("data.db", flip(0)), []problem.Code{store}},
		{"store: header of a unit flipped", false, damage("data.db", flip(0.002)), []problem.Code{store}},
		{"store cut in half", false, damage("data.db", func(d []byte) []byte { return d[:len(d)/2] }), []problem.Code{store}},
		{"store filled with nonsense", false, damage("data.db", func(d []byte) []byte { return bytes.Repeat([]byte("x"), len(d)) }), []problem.Code{store}},
		{"a plain database in its place", false, damage("data.db", func([]byte) []byte { return append([]byte("SQLite format 3\x00"), make([]byte, 8176)...) }), []problem.Code{store}},
		{"a folder in its place", false, folderInPlace, []problem.Code{store}},
		{"read-only folder", false, func(t testing.TB, dir string) error {
			return mount(t, dir, dir, "", unix.MS_BIND, unix.MS_RDONLY|unix.MS_BIND|unix.MS_REMOUNT)
		}, []problem.Code{store}},
		{"disk full", false, diskFull, []problem.Code{store}},
	}
}

func folderInPlace(_ testing.TB, dir string) error {
	path := filepath.Join(dir, "data.db")
	return errors.Join(os.Remove(path), os.Mkdir(path, 0o700))
}

// mount puts source on dir until the test ends; more are the flags of a second
// step on the same place.
func mount(t testing.TB, source, dir, kind string, flags, more uintptr) error {
	if err := unix.Mount(source, dir, kind, flags, "size=1m"); err != nil {
		return errors.ErrUnsupported
	}
	t.Cleanup(func() { unix.Unmount(dir, unix.MNT_DETACH) })
	if more == 0 {
		return nil
	}
	return unix.Mount("", dir, "", more, "")
}

// diskFull lays the profile on a small disk of its own and fills that up.
func diskFull(t testing.TB, dir string) error {
	whole := tree(t, dir, "lock")
	if err := mount(t, "tmpfs", dir, "tmpfs", 0, 0); err != nil {
		return err
	}
	if err := os.Chmod(dir, 0o700); err != nil {
		return err
	}
	for path, data := range whole {
		if path != dir+"/" {
			if err := os.WriteFile(path, data, 0o600); err != nil {
				return fmt.Errorf("the small disk is too small: %w", err)
			}
		}
	}
	f, err := os.OpenFile(filepath.Join(dir, "filler"), os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	for block := make([]byte, 4096); err == nil; {
		_, err = f.Write(block)
	}
	return nil
}

// T6, cause 5: a profile whose key or store can't be opened, read, trusted or
// written is refused, or the act is, with what to do. Nothing takes its place:
// no store in memory, no plain file, no new file anywhere. Others still open.
func TestBleed_T06_NoFallBack(t *testing.T) {
	l := open(t, "5", "key or store missing, wrong, damaged, read-only, disk full")
	a, b := amina(t), bola(t)
	left := 0
	for _, f := range faults() {
		t.Run(f.name, func(t *testing.T) { left += l.refuses(t, f, a, b) })
	}
	if left > 0 {
		l.what += fmt.Sprintf(" (%d not possible here: no right to mount)", left)
	}
}

// refuses tries one fault on a's profile; left is 1 when it can't be brought
// about on this machine.
func (l *ledger) refuses(t *testing.T, f fault, a, b *person) (left int) {
	home, tmp := t.TempDir(), t.TempDir()
	t.Setenv("TMPDIR", tmp)
	t.Chdir(tmp)
	for _, p := range []*person{a, b} {
		w := p.create(t, home, p.project())
		if _, err := w.Datasets(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	dir := a.profileDir(t, home)
	o := a.options(t, home, a.project())
	if err := f.bring(t, dir); errors.Is(err, errors.ErrUnsupported) {
		return 1
	} else if err != nil {
		t.Fatal(err)
	}
	if f.wrong {
		o.Secret = []byte("another passphrase")
	}
	l.trial()
	before := tree(t, home)
	err := refusal(t, o, a)
	if p, ok := errors.AsType[*problem.Problem](err); !ok || !slices.Contains(f.codes, p.Code) || p.Hint == "" {
		l.bled("%s: %v", f.name, err)
	}
	mayAppear := []string{"lock", "data.db-wal", "data.db-shm", "attempts.json"} // the last counts wrong passphrases
	for path := range tree(t, home) {
		if _, was := before[path]; !was && !slices.Contains(mayAppear, filepath.Base(path)) {
			l.bled("%s: %s appeared", f.name, filepath.Base(path))
		}
	}
	if found := tree(t, tmp); len(found) > 1 {
		l.bled("%s: something appeared in the temporary folder: %d entries", f.name, len(found))
	}
	if err := b.reopen(t, home, b.project()).Close(); err != nil {
		t.Errorf("B's profile: %v", err)
	}
	return 0
}

// refusal is what stops the person: opening or, where that goes well, the
// first act that writes.
func refusal(t *testing.T, o workspace.Options, p *person) error {
	t.Helper()
	w, err := workspace.Open(t.Context(), o)
	if err != nil {
		return err
	}
	defer w.Close()
	_, err = p.work(t.Context(), w, t.TempDir())
	return err
}
