// Package folder is a remote that is a folder: a USB stick, a shared drive.
//
// It obeys the rules of package remote as far as a file system can. An object
// is written to a temporary file, made durable and then given its name, where
// the file system can do that only if nothing has the name yet; so a stick that
// is pulled out in between holds whole objects and at most a temporary file.
// Every path goes through an os.Root: a link on the stick leads nowhere else.
package folder

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"chatmrpt/core/whole"
	"chatmrpt/sync/remote"
)

// Folder is a user's part of a folder.
type Folder struct {
	root *os.Root
	user remote.UserID
	name string
}

// temporary begins the name of a file that is being written.
const temporary = ".part-"

// Open opens the folder at dir, which must be there: a stick that is not
// plugged in must not become a folder on the disk.
func Open(dir string, user remote.UserID) (*Folder, error) {
	if _, err := remote.ParseUserID(string(user)); err != nil {
		return nil, remote.Fail(remote.Denied, "open", "", err)
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, fail("open", "", err)
	}
	root, err := os.OpenRoot(abs)
	if err != nil {
		return nil, remote.Fail(remote.Offline, "open", "", err)
	}
	return &Folder{root: root, user: user, name: "the folder " + filepath.Base(abs)}, nil
}

// Users lists the users that have something in the folder. Names that are no
// user ids are left out.
func Users(dir string) ([]remote.UserID, error) {
	entries, err := os.ReadDir(filepath.Join(dir, "users"))
	if err != nil {
		return nil, fail("list", "users/", err)
	}
	var out []remote.UserID
	for _, e := range entries {
		if u, err := remote.ParseUserID(e.Name()); err == nil && e.IsDir() {
			out = append(out, u)
		}
	}
	return out, nil
}

// Name implements remote.Remote.
func (f *Folder) Name() string { return f.name }

// Close implements remote.Remote.
func (f *Folder) Close() error { return f.root.Close() }

// Create implements remote.Remote.
func (f *Folder) Create(ctx context.Context, key remote.Key, body remote.Body) (bool, error) {
	return f.write(ctx, key, body.Data, false)
}

// Overwrite implements remote.Remote.
func (f *Folder) Overwrite(ctx context.Context, key remote.Key, body remote.Body) error {
	_, err := f.write(ctx, key, body.Data, true)
	return err
}

func (f *Folder) write(ctx context.Context, key remote.Key, data []byte, replace bool) (created bool, err error) {
	name, err := f.at(ctx, "put", key)
	if err != nil {
		return false, err
	}
	if len(data) > remote.MaxObject {
		return false, remote.Fail(remote.Denied, "put", key.String(), fmt.Errorf("%d bytes are too many", len(data)))
	}
	if _, err := f.root.Lstat(name); err == nil && !replace {
		return false, nil
	}
	dir := path.Dir(name)
	if err := f.root.MkdirAll(dir, 0o700); err != nil {
		return false, fail("put", key.String(), err)
	}
	tmp := path.Join(dir, temporary+randomName())
	if err := f.writeWhole(tmp, data); err != nil {
		return false, fail("put", key.String(), errors.Join(err, f.forget(tmp)))
	}
	created, err = f.christen(tmp, name, replace)
	if err = errors.Join(err, f.forget(tmp)); err != nil {
		return false, fail("put", key.String(), err)
	}
	if err := whole.SyncFolder(f.root, dir); err != nil {
		return false, fail("put", key.String(), err)
	}
	return created, nil
}

func randomName() string {
	var b [8]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

func (f *Folder) writeWhole(name string, data []byte) error {
	w, err := f.root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = w.Write(data)
	return errors.Join(err, w.Sync(), w.Close())
}

// christen gives a whole file its final name. A hard link fails
// when the name is taken, at once and on every machine. FAT, the file system of
// most sticks, has no links; there the name is looked for before renaming, and
// nobody else writes to a stick at the same moment.
func (f *Folder) christen(tmp, name string, replace bool) (bool, error) {
	if !replace {
		err := f.root.Link(tmp, name)
		switch {
		case err == nil:
			return true, nil
		case errors.Is(err, fs.ErrExist):
			return false, nil
		}
		if _, err := f.root.Lstat(name); err == nil {
			return false, nil
		}
	}
	return true, f.root.Rename(tmp, name)
}

func (f *Folder) forget(name string) error {
	if err := f.root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// Get implements remote.Remote.
func (f *Folder) Get(ctx context.Context, key remote.Key) ([]byte, error) {
	name, err := f.at(ctx, "get", key)
	if err != nil {
		return nil, err
	}
	info, err := f.root.Lstat(name)
	if err != nil {
		return nil, fail("get", key.String(), err)
	}
	if !info.Mode().IsRegular() || info.Size() > remote.MaxObject {
		return nil, remote.Fail(remote.Integrity, "get", key.String(), errors.New("it is no file of ours, or too large"))
	}
	r, err := f.root.Open(name)
	if err != nil {
		return nil, fail("get", key.String(), err)
	}
	defer r.Close()
	data, err := io.ReadAll(io.LimitReader(r, remote.MaxObject+1))
	if err != nil {
		return nil, fail("get", key.String(), err)
	}
	if len(data) > remote.MaxObject {
		return nil, remote.Fail(remote.Integrity, "get", key.String(), errors.New("it is too large"))
	}
	return data, nil
}

// List implements remote.Remote.
func (f *Folder) List(ctx context.Context, shelf remote.Shelf) (remote.Listing, error) {
	var out remote.Listing
	top, err := f.user.Shelf(shelf)
	if err != nil {
		return out, remote.Fail(remote.Denied, "list", string(shelf), err)
	}
	err = fs.WalkDir(f.root.FS(), strings.TrimSuffix(top, "/"), func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil && errors.Is(err, fs.ErrNotExist):
			return nil
		case err != nil:
			return err
		case ctx.Err() != nil:
			return ctx.Err()
		case d.IsDir() || strings.HasPrefix(d.Name(), temporary):
			return nil
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		key, ok := f.user.Admit(shelf, name, info.Size())
		if !ok || !info.Mode().IsRegular() {
			out.Strange++
			return nil
		}
		if len(out.Objects) == remote.MaxListed {
			return errors.New("there are more files than can be")
		}
		out.Objects = append(out.Objects, remote.Object{Key: key, Size: info.Size(), Modified: info.ModTime()})
		return nil
	})
	if err != nil {
		return remote.Listing{}, fail("list", string(shelf), err)
	}
	slices.SortFunc(out.Objects, func(a, b remote.Object) int { return strings.Compare(a.Key.String(), b.Key.String()) })
	return out, nil
}

// Delete implements remote.Remote.
func (f *Folder) Delete(ctx context.Context, key remote.Key) error {
	name, err := f.at(ctx, "delete", key)
	if err != nil {
		return err
	}
	if err := f.forget(name); err != nil {
		return fail("delete", key.String(), err)
	}
	return nil
}

// at is the path of a key, unless the work was stopped.
func (f *Folder) at(ctx context.Context, op string, key remote.Key) (string, error) {
	if err := ctx.Err(); err != nil {
		return "", remote.Fail(remote.Cancelled, op, key.String(), err)
	}
	name, err := f.user.Path(key)
	if err != nil {
		return "", remote.Fail(remote.Denied, op, key.String(), err)
	}
	return name, nil
}

// fail finds the class of an error of the file system.
func fail(op, key string, err error) error {
	class := remote.Server
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		class = remote.Cancelled
	case errors.Is(err, fs.ErrNotExist):
		class = remote.Absent
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		class = remote.Denied
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		class = remote.Full
	case errors.Is(err, syscall.EIO), errors.Is(err, syscall.ENODEV), errors.Is(err, syscall.ENXIO):
		class = remote.Offline // the stick was pulled out
	}
	return remote.Fail(class, op, key, err)
}
