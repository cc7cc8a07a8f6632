package faults

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"chatmrpt/core/problem"
	"chatmrpt/sync/bundle"
)

// limitFiles makes the system refuse to let any file of this process grow above
// so many bytes, which stands in for a full disk where none can be mounted. The
// error is EFBIG, not ENOSPC.
func limitFiles(bytes string) error {
	if bytes == "" {
		return nil
	}
	n, err := strconv.ParseUint(bytes, 10, 63)
	if err != nil {
		return err
	}
	signal.Notify(make(chan os.Signal, 1), unix.SIGXFSZ) // else it would end the process
	return unix.Setrlimit(unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: n, Max: n})
}

// disk is a small file system of its own, in memory.
type disk struct{ dir string }

// mounted makes a disk, or says why it can't.
func mounted(t *testing.T) (disk, error) {
	t.Helper()
	d := disk{dir: t.TempDir()}
	if err := unix.Mount("tmpfs", d.dir, "tmpfs", 0, "size=64m"); err != nil {
		return d, err
	}
	t.Cleanup(func() { must(t, unix.Unmount(d.dir, 0)) })
	return d, nil
}

func (d disk) used(t *testing.T) int64 {
	t.Helper()
	var s unix.Statfs_t
	must(t, unix.Statfs(d.dir, &s))
	return int64(s.Blocks-s.Bfree) * s.Bsize
}

func (d disk) resize(t *testing.T, bytes int64) {
	t.Helper()
	must(t, unix.Mount("", d.dir, "", unix.MS_REMOUNT, fmt.Sprintf("size=%d", bytes)))
}

func (d disk) readOnly(t *testing.T, yes bool) {
	t.Helper()
	flags := uintptr(unix.MS_REMOUNT)
	if yes {
		flags |= unix.MS_RDONLY
	}
	must(t, unix.Mount("", d.dir, "", flags, "size=64m"))
}

// diskFull runs the act on a disk with room for a random part of what it
// writes, then makes room.
func (l *ledger) diskFull(from, what string, files []string) func(*testing.T, *row, *rand.Rand) {
	return func(t *testing.T, r *row, random *rand.Rand) {
		d, err := mounted(t)
		if err != nil {
			r.absent = "not tried: mounting needs root (" + err.Error() + ")"
			return
		}
		h := l.undisturbed(t, from, what, files)
		most := (h.wal + h.main) / 4096
		if what == rotation {
			most *= 4 // it has two stores for a while
		}
		refused := 0
		for r.trials < l.trials {
			home := filepath.Join(d.dir, "home")
			must(t, os.CopyFS(home, os.DirFS(from)))
			d.resize(t, d.used(t)+random.Int64N(most)*4096)
			lines, _ := start(t, what, home, files).end()
			d.resize(t, 64<<20)
			r.trials++
			if h.checkRefusal(t, r, home, what, files, lines) {
				refused++
			}
			must(t, os.RemoveAll(home))
		}
		enoughRefused(t, refused, r.trials)
	}
}

// filesLimited is diskFull without a disk.
func (l *ledger) filesLimited(from, what string, files []string) func(*testing.T, *row, *rand.Rand) {
	return func(t *testing.T, r *row, random *rand.Rand) {
		h := l.undisturbed(t, from, what, files)
		refused := 0
		for r.trials < l.trials {
			home := copied(t, from)
			limit := random.Int64N(max(h.wal, h.main))
			lines, _ := start(t, what, home, files, limitEnv+"="+strconv.FormatInt(limit, 10)).end()
			r.trials++
			if h.checkRefusal(t, r, home, what, files, lines) {
				refused++
			}
			must(t, os.RemoveAll(home))
		}
		enoughRefused(t, refused, r.trials)
	}
}

// checkRefusal: a child that did not do all its rounds said what is wrong and
// what to do, and what it did is there.
func (h history) checkRefusal(t *testing.T, r *row, home, what string, files, lines []string) (refused bool) {
	t.Helper()
	err, through := told(lines), 0
	for _, line := range lines {
		if line == sayClosed {
			through++
		}
	}
	switch {
	case err != nil:
		wantProblem(t, "no room", err, problem.Store)
		if p := problem.From(err, ""); !strings.Contains(p.Hint, "room") {
			t.Errorf("no room: the hint is %q for %v", p.Hint, p.Err)
		}
	case through < rounds(what):
		t.Errorf("the child ended without a word, after %q", lines)
	}
	h.checkAfter(t, r, home, what, files, acked(what, lines), nil)
	return err != nil
}

// enoughRefused: where there was always room, nothing was shown.
func enoughRefused(t *testing.T, refused, trials int) {
	t.Helper()
	t.Logf("%d of %d had not enough room", refused, trials)
	if trials >= 20 && refused*10 < trials {
		t.Errorf("only %d of %d had not enough room", refused, trials)
	}
}

// stickFull sends to a stick with room for a random part of it, then makes room.
func (l *ledger) stickFull(from string) func(*testing.T, *row, *rand.Rand) {
	return func(t *testing.T, r *row, random *rand.Rand) {
		d, err := mounted(t)
		if err != nil {
			r.absent = "not tried: mounting needs root (" + err.Error() + ")"
			return
		}
		s := newStick(t, from, d.dir, random)
		refused := 0
		for r.trials < l.trials {
			home := s.reset(t)
			d.resize(t, d.used(t)+random.Int64N((sentParts+1)*bundle.PartSize/4096)*4096)
			said, _ := start(t, sending, home, nil).end()
			r.trials++
			if _, begun := s.look(); begun > 0 {
				t.Errorf("%d objects are half written", begun)
				r.torn++
			}
			if err := told(said); err != nil {
				refused++
				s.checkFull(t, home, err)
			}
			d.resize(t, sentEnough)
			s.check(t, r, home, acked(sending, said) > 0)
			must(t, os.RemoveAll(home))
		}
		enoughRefused(t, refused, r.trials)
	}
}

// readOnly tries to work where nothing can be written, then where it can.
func (l *ledger) readOnly(from, what string, files []string) func(*testing.T, *row, *rand.Rand) {
	return func(t *testing.T, r *row, _ *rand.Rand) {
		h := l.undisturbed(t, from, what, files)
		home, lock, unlock, err := lockable(t, from)
		if err != nil {
			r.absent = "not tried: mounting is not permitted (" + err.Error() + ")"
			return
		}
		for r.trials < max(2, l.trials/10) {
			lock()
			_, err := do(t, options(t, home, amina), what, files, nil)
			wantProblem(t, "read-only", err, problem.Store)
			unlock()
			r.trials++
			if at := h.count(t, r, home, 0); at != 0 {
				t.Errorf("state %d after a refusal", at)
			}
		}
		h.checkAfter(t, r, home, what, files, 0, nil)
	}
}

// lockable is a copy of a home that can be made read-only: by modes for
// ordinary users; root passes over modes and needs a disk.
func lockable(t *testing.T, from string) (home string, lock, unlock func(), err error) {
	t.Helper()
	if os.Geteuid() != 0 {
		home = copied(t, from)
		dir := folder(t, home, amina)
		return home, func() { must(t, os.Chmod(dir, 0o500)) }, func() { must(t, os.Chmod(dir, 0o700)) }, nil
	}
	d, err := mounted(t)
	if err != nil {
		return "", nil, nil, err
	}
	home = filepath.Join(d.dir, "home")
	must(t, os.CopyFS(home, os.DirFS(from)))
	return home, func() { d.readOnly(t, true) }, func() { d.readOnly(t, false) }, nil
}
