package vault

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"strconv"
	"strings"
)

// storePattern is the name of a store, and of a file that SQLite keeps beside
// one. The first store of a profile is data.db, the next data-2.db.
var storePattern = regexp.MustCompile(`^(data(?:-([1-9][0-9]{0,8}))?\.db)(?:-wal|-shm|-journal)?$`)

// errStoreGone: vault.json is older than the last rotation.
var errStoreGone = errors.New("vault.json names a store that is missing, and another is there")

// storeOf gives the store that a file of this name belongs to, "" for none.
func storeOf(name string) string {
	m := storePattern.FindStringSubmatch(name)
	if m == nil {
		return ""
	}
	return m[1]
}

func isStoreName(name string) bool { return storeOf(name) == name && name != "" }

// nextStore is the name of the store that follows one.
func nextStore(name string) string {
	n := 1
	if m := storePattern.FindStringSubmatch(name); m != nil && m[2] != "" {
		n, _ = strconv.Atoi(m[2])
	}
	return fmt.Sprintf("data-%d.db", n+1)
}

// sweepFolder removes what a crash in the middle of a change left: files that
// were to replace others, and stores that vault.json does not name. The folder
// is synced first, so that what is removed can't be needed after a power cut.
//
// When the store it names is missing and another is there, vault.json was put
// back from a time before a rotation. Then nothing is removed, as the other is
// all the data there is, and the error is errStoreGone.
func sweepFolder(root *os.Root, f *file) error {
	names, err := leftovers(root, f.storeFile())
	if err != nil || len(names) == 0 {
		return err
	}
	if err := syncFolder(root); err != nil {
		return err
	}
	var failed []error
	for _, name := range names {
		failed = append(failed, removeIfThere(root, name))
	}
	return errors.Join(failed...)
}

func leftovers(root *os.Root, named string) (names []string, err error) {
	entries, err := fs.ReadDir(root.FS(), ".")
	if err != nil {
		return nil, err
	}
	here, strays := false, 0
	for _, e := range entries {
		store := storeOf(e.Name())
		here = here || e.Name() == named
		switch {
		case store != "" && store != named:
			strays++
			names = append(names, e.Name())
		case strings.HasSuffix(e.Name(), ".json"+tempSuffix):
			names = append(names, e.Name())
		}
	}
	if strays > 0 && !here {
		return nil, errStoreGone
	}
	return names, nil
}
