package folder_test

import (
	"os"
	"path/filepath"
	"testing"

	"chatmrpt/sync/remote"
	"chatmrpt/sync/remote/folder"
	"chatmrpt/sync/remote/remotetest"
)

func open(t *testing.T, dir string, user remote.UserID) *folder.Folder {
	t.Helper()
	f, err := folder.Open(dir, user)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func plant(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestConformance(t *testing.T) {
	dir := t.TempDir()
	remotetest.Run(t, remotetest.Place{
		Open:  func(t *testing.T, user remote.UserID) remote.Remote { return open(t, dir, user) },
		Plant: func(t *testing.T, path string, data []byte) { plant(t, filepath.Join(dir, path), data) },
		Many:  300, MayDelete: true,
	})
}

// A link on the stick leads nowhere: neither is anything read through it, nor
// written.
func TestLinksLeadNowhere(t *testing.T) {
	dir, outside := t.TempDir(), t.TempDir()
	plant(t, filepath.Join(outside, "secret"), []byte("secret"))
	k := remotetest.Key(t, 1)
	at := filepath.Join(dir, "users", "amina", filepath.FromSlash(k.String()))
	if err := os.MkdirAll(filepath.Dir(at), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(outside, "secret"), at); err != nil {
		t.Skip("this system makes no links:", err)
	}
	if err := os.Symlink(outside, filepath.Join(dir, "users", "bola")); err != nil {
		t.Fatal(err)
	}
	f := open(t, dir, "amina")
	if data, err := f.Get(t.Context(), k); err == nil {
		t.Errorf("read %q through a link", data)
	}
	if l, err := f.List(t.Context(), remote.Parts); err != nil || len(l.Objects) != 0 || l.Strange != 1 {
		t.Errorf("%+v (%v)", l, err)
	}
	if created, err := open(t, dir, "bola").Create(t.Context(), k, remote.BodyOf([]byte("x"))); err == nil {
		t.Errorf("written through a link (%v)", created)
	}
	if left, err := os.ReadDir(outside); err != nil || len(left) != 1 {
		t.Errorf("%v (%v)", left, err)
	}
}

// A stick that is not there is no empty one.
func TestAFolderMustBeThere(t *testing.T) {
	if _, err := folder.Open(filepath.Join(t.TempDir(), "none"), "amina"); remote.ClassOf(err) != remote.Offline {
		t.Error(err)
	}
	if _, err := folder.Open(t.TempDir(), "../bola"); remote.ClassOf(err) != remote.Denied {
		t.Error(err)
	}
}

// What a crash left half written is not listed and not in the way.
func TestLeftoversAreNotListed(t *testing.T) {
	dir := t.TempDir()
	k := remotetest.Key(t, 1)
	plant(t, filepath.Join(dir, "users", "amina", filepath.Dir(k.String()), ".part-0123"), []byte("half"))
	f := open(t, dir, "amina")
	if l, err := f.List(t.Context(), remote.Parts); err != nil || len(l.Objects) != 0 || l.Strange != 0 {
		t.Errorf("%+v (%v)", l, err)
	}
	if created, err := f.Create(t.Context(), k, remote.BodyOf([]byte("whole"))); err != nil || !created {
		t.Errorf("%v, %v", created, err)
	}
}
