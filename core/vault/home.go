package vault

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"chatmrpt/core/problem"
)

// Names inside a home and inside a profile's folder.
const (
	usersName = "users"
	fileName  = "vault.json"
	storeName = "data.db" // the first store; see storePattern
	newPrefix = ".new-"   // a profile being made; never listed
)

// Profile is what can be known of a user without any secret.
type Profile struct {
	ID      ID        // zero when the folder's name is no id
	Name    string    // display name, in NFC; empty when it can't be read
	Created time.Time // UTC, whole seconds; zero when it can't be read
	Folder  string    // name of the folder below users
	Keyring bool      // the system's keyring opens it
	Damaged error     // nil, or a Store problem saying what is wrong with it
}

// List gives the profiles of a home, ordered by name and id. A home that does
// not exist yet has none. Nothing that may be a profile is left out: one whose
// key file, or one slot of it, is damaged, missing, of another version or of
// another profile, and any folder that is none, is listed with Damaged set
// (its name is given when it can be read). Only when home itself is not named
// or can't be read is there an error, Usage or Store.
func List(home string) ([]Profile, error) {
	users, err := openUsers(home, opList)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, stopped(opList, "", err)
	}
	defer users.Close()
	return listUsers(users)
}

// Find gives the profile of a display name, compared without regard to case or
// to the way accents are encoded. It may be damaged; see Profile. A name that
// nobody has is a NotFound problem, which says when profiles exist whose names
// can't be read; no name at all is Usage.
func Find(home, name string) (Profile, error) {
	want := foldName(name)
	if want == "" {
		return Profile{}, noID(opFind)
	}
	all, err := List(home)
	if err != nil {
		return Profile{}, err
	}
	if i := slices.IndexFunc(all, func(p Profile) bool { return foldName(p.Name) == want }); i >= 0 {
		return all[i], nil
	}
	missing := notFound(opFind, strings.TrimSpace(name))
	if n := countUnreadable(all); n > 0 {
		missing.Message = fmt.Sprintf("no such profile among those that can be read; %d can't be", n)
		missing.Hint = "List the profiles to see which are damaged and why"
	}
	return Profile{}, missing
}

func countUnreadable(all []Profile) (n int) {
	for _, p := range all {
		if p.Name == "" {
			n++
		}
	}
	return n
}

// openUsers opens the users folder of a home. An error that is fs.ErrNotExist
// means that there is none.
func openUsers(home, op string) (*os.Root, error) {
	if home == "" {
		return nil, noHome(op)
	}
	abs, err := filepath.Abs(home)
	if err != nil {
		return nil, err
	}
	return os.OpenRoot(filepath.Join(abs, usersName))
}

// makeUsers is openUsers for a home that may have to be made first.
func makeUsers(home string) (*os.Root, error) {
	if home == "" {
		return nil, noHome(opCreate)
	}
	abs, err := filepath.Abs(home)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(abs, 0o700); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(abs)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	if err := root.Mkdir(usersName, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	if err := syncFolder(root); err != nil {
		return nil, err
	}
	return os.OpenRoot(filepath.Join(abs, usersName))
}

// listUsers reads every profile of an open users folder.
func listUsers(users *os.Root) ([]Profile, error) {
	entries, err := fs.ReadDir(users.FS(), ".")
	if err != nil {
		return nil, unwritable(opList, "", err)
	}
	var all []Profile
	for _, e := range entries {
		if mayBeProfile(e) {
			all = append(all, readProfile(users, e.Name()))
		}
	}
	slices.SortFunc(all, func(a, b Profile) int {
		return cmp.Or(cmp.Compare(foldName(a.Name), foldName(b.Name)), cmp.Compare(a.Folder, b.Folder))
	})
	return all, nil
}

// mayBeProfile leaves out our own hidden entries and the stray plain files that
// systems drop into folders, but nothing that has the name of a profile.
func mayBeProfile(e fs.DirEntry) bool {
	if _, err := ParseID(e.Name()); err == nil {
		return true
	}
	return !e.Type().IsRegular() && !strings.HasPrefix(e.Name(), ".")
}

// readProfile reads one profile, with whatever is wrong in Damaged.
func readProfile(users *os.Root, folder string) Profile {
	p := Profile{Folder: folder}
	id, err := ParseID(folder)
	if err != nil {
		p.Damaged = damage(opList, folder, errNoProfile)
		return p
	}
	p.ID = id
	f, err := readVault(users, id)
	if err != nil {
		p.Damaged = damage(opList, folder, err)
		return p
	}
	p.Name, p.Created = f.Name, f.Created.UTC()
	_, p.Keyring = f.slot(InKeyring)
	if err := f.verifySlots(); err != nil {
		p.Damaged = problem.New(problem.Store, opList, f.Name, "one of the ways to open the profile is damaged",
			"Open it with what still works, passphrase or recovery code, and set both anew").Because(err)
	}
	return p
}

// readVault reads and checks the key file of id.
func readVault(users *os.Root, id ID) (*file, error) {
	root, err := openFolder(users, id.String())
	if err != nil {
		return nil, err
	}
	defer root.Close()
	return readVaultFile(root, id)
}

// readVaultFile is readVault for an open folder.
func readVaultFile(root *os.Root, id ID) (*file, error) {
	data, err := readFile(root, fileName, maxFileBytes)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: it is missing", errDamaged)
	}
	if err != nil {
		return nil, err
	}
	return decodeFile(data, id)
}

// refuseTaken is a Conflict problem when a profile of users has that name.
func refuseTaken(users *os.Root, name string) error {
	all, err := listUsers(users)
	if err != nil {
		return err
	}
	for _, p := range all {
		if foldName(p.Name) == foldName(name) {
			return problem.New(problem.Conflict, opCreate, name, "there is a profile of this name already",
				"Choose another name, or open the profile that is there")
		}
	}
	return nil
}
