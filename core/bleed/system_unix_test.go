//go:build unix

package bleed

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

// T11, cause 6: the folder and every file of a profile are the owner's alone,
// also after they were opened to all by hand, and another user of the system
// who tries to read them is denied by the system.
func TestBleed_T11_OtherUsersOfTheSystem(t *testing.T) {
	l := open(t, "6", "modes of every file; read as another user of the system")
	defer syscall.Umask(syscall.Umask(0)) // the modes asked for are those that count
	base, err := os.MkdirTemp("", "bleed-*")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(base) })
	if err := os.Chmod(base, 0o755); err != nil {
		t.Fatal(err)
	}
	a := amina(t)
	home := filepath.Join(base, "home")
	w := a.create(t, home, "default")
	a.mustWork(t, w)
	l.ownersAlone(t, home)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	l.ownersAlone(t, home)
	control := write(t, filepath.Join(base, "for-all"), []byte("for all"))
	if err := os.Chmod(control, 0o644); err != nil {
		t.Fatal(err)
	}
	l.denied(t, home, control)
	l.widened(t, a, home)
}

// ownersAlone checks the mode of everything below home.
func (l *ledger) ownersAlone(t *testing.T, home string) {
	t.Helper()
	err := filepath.WalkDir(home, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		l.trial()
		if info.Mode()&0o077 != 0 {
			l.bled("%s is %v", path, info.Mode())
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// widened lets everybody at a profile and opens it: that must take it back.
func (l *ledger) widened(t *testing.T, a *person, home string) {
	t.Helper()
	dir := a.profileDir(t, home)
	for path := range tree(t, dir) {
		if err := os.Chmod(path, 0o777); err != nil {
			t.Fatal(err)
		}
	}
	w := a.reopen(t, home, "default")
	defer w.Close()
	l.ownersAlone(t, dir)
}

// denied reads everything below home as the user nobody. Only root can become
// another user.
func (l *ledger) denied(t *testing.T, home, control string) {
	t.Helper()
	if os.Geteuid() != 0 {
		l.what += " (as another user: needs root, not tried)"
		return
	}
	if err := asNobody("cat", control); err != nil {
		t.Fatalf("what all may read can't be read by another user, so a denial would show nothing: %v", err)
	}
	for path := range tree(t, home) {
		l.trial()
		if asNobody("cat", path) == nil || asNobody("ls", path) == nil {
			l.bled("another user of the system reads %s", path)
		}
		if asNobody("sh", "-c", `: >> "$0"`, path) == nil {
			l.bled("another user of the system writes %s", path)
		}
	}
}

func asNobody(name string, args ...string) error {
	cmd := exec.Command(name, args...)
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534, NoSetGroups: true}}
	return cmd.Run()
}
