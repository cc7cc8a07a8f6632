package vault

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"chatmrpt/core/problem"
)

func TestListOfNothing(t *testing.T) {
	for _, home := range []string{t.TempDir(), filepath.Join(t.TempDir(), "missing")} {
		if all, err := List(home); err != nil || len(all) != 0 {
			t.Errorf("%v, %v", all, err)
		}
	}
	_, err := List("")
	wantProblem(t, err, problem.Usage)
	home := t.TempDir()
	if err := os.WriteFile(filepath.Join(home, usersName), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = List(home)
	wantProblem(t, err, problem.Store)
}

func TestListIsOrderedByName(t *testing.T) {
	home := t.TempDir()
	for _, name := range []string{"chidi", "Bola", "amina"} {
		makeVault(t, home, name)
	}
	all, err := List(home)
	if err != nil || len(all) != 3 || all[0].Name != "amina" || all[1].Name != "Bola" || all[2].Name != "chidi" {
		t.Errorf("%v, %v", all, err)
	}
}

// Whatever happened to a profile's folder, the profile stays on the list and
// the others stay whole.
func TestDamagedProfilesAreListed(t *testing.T) {
	for name, c := range map[string]struct {
		hurt     func(t *testing.T, home string, id ID)
		readable bool // the name still shows
	}{
		"key file gone": {func(t *testing.T, home string, id ID) {
			must(t, os.Remove(filepath.Join(profilePath(home, id), fileName)))
		}, false},
		"key file empty":         {func(t *testing.T, home string, id ID) { writeVaultJSON(t, home, id, nil) }, false},
		"key file is a folder":   {func(t *testing.T, home string, id ID) { replaceByFolder(t, home, id) }, false},
		"key file is a link":     {replaceByLink, false},
		"profile is a link":      {replaceFolderByLink, false},
		"profile is a file":      {replaceFolderByFile, false},
		"newer version":          {func(t *testing.T, home string, id ID) { replaceOnce(t, home, id, `"version": 2`, `"version": 9`) }, false},
		"slot damaged":           {func(t *testing.T, home string, id ID) { replaceOnce(t, home, id, `"salt": "`, `"salt": "*`) }, true},
		"slot of an unknown way": {func(t *testing.T, home string, id ID) { replaceOnce(t, home, id, `"recovery"`, `"recoverx"`) }, true},
	} {
		t.Run(name, func(t *testing.T) {
			home := t.TempDir()
			whole, _ := makeVault(t, home, "Amina")
			id, _ := makeVault(t, home, "Bola")
			c.hurt(t, home, id)
			all, err := List(home)
			if err != nil || len(all) != 2 {
				t.Fatalf("%v, %v", all, err)
			}
			for _, p := range all {
				if p.ID == whole && (p.Damaged != nil || p.Name != "Amina") {
					t.Errorf("the other is hurt: %+v", p)
				}
				if p.ID == id {
					wantProblem(t, p.Damaged, problem.Store)
					if (p.Name == "Bola") != c.readable || p.Folder != id.String() {
						t.Errorf("listed as %+v", p)
					}
				}
			}
		})
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func replaceByFolder(t *testing.T, home string, id ID) {
	path := filepath.Join(profilePath(home, id), fileName)
	must(t, os.Remove(path))
	must(t, os.Mkdir(path, 0o700))
}

// replaceByLink puts the key file elsewhere, whole, behind a link of its name.
func replaceByLink(t *testing.T, home string, id ID) {
	path, away := filepath.Join(profilePath(home, id), fileName), filepath.Join(home, "away.json")
	must(t, os.Rename(path, away))
	link(t, away, path)
}

func replaceFolderByLink(t *testing.T, home string, id ID) {
	away := filepath.Join(home, "away")
	must(t, os.Rename(profilePath(home, id), away))
	link(t, away, profilePath(home, id))
}

func replaceFolderByFile(t *testing.T, home string, id ID) {
	must(t, os.RemoveAll(profilePath(home, id)))
	must(t, os.WriteFile(profilePath(home, id), nil, 0o600))
}

func link(t *testing.T, old, new string) {
	t.Helper()
	if err := os.Symlink(old, new); err != nil {
		t.Skipf("this system lets no ordinary user make links: %v", err)
	}
}

// The inner owner and the outer one must be the same: a whole profile copied
// into another's folder is neither's.
func TestProfileCopiedIntoAnothersFolder(t *testing.T) {
	home := t.TempDir()
	amina, _ := makeVault(t, home, "Amina")
	bola, _ := makeVault(t, home, "Bola")
	writeVaultJSON(t, home, bola, readVaultJSON(t, home, amina))
	_, err := unlock(t, home, bola, testPassphrase)
	wantProblem(t, err, problem.Store)
	all, err := List(home)
	if err != nil || len(all) != 2 || (all[0].Damaged == nil) == (all[1].Damaged == nil) {
		t.Errorf("%+v, %v", all, err)
	}
}

func TestStrayEntries(t *testing.T) {
	home := t.TempDir()
	makeVault(t, home, "Amina")
	users := filepath.Join(home, usersName)
	must(t, os.WriteFile(filepath.Join(users, "Thumbs.db"), nil, 0o600))
	must(t, os.Mkdir(filepath.Join(users, "Amina - Copy"), 0o700))
	all, err := List(home)
	if err != nil || len(all) != 2 {
		t.Fatalf("%v, %v", all, err)
	}
	if p := all[0]; p.Folder != "Amina - Copy" || !p.ID.IsZero() {
		t.Errorf("the copy is listed as %+v", p)
	}
	wantProblem(t, all[0].Damaged, problem.Store)
}

func TestFind(t *testing.T) {
	home := t.TempDir()
	id, _ := makeVault(t, home, "Amina")
	hurt, _ := makeVault(t, home, "Bola")
	if p, err := Find(home, "amina "); err != nil || p.ID != id {
		t.Errorf("%+v, %v", p, err)
	}
	_, err := Find(home, "Chidi")
	wantProblem(t, err, problem.NotFound)
	_, err = Find(home, " ")
	wantProblem(t, err, problem.Usage)
	_, err = Find("", "Amina")
	wantProblem(t, err, problem.Usage)

	// A name that can't be read may be the one looked for, and that is said.
	writeVaultJSON(t, home, hurt, nil)
	_, err = Find(home, "Bola")
	wantProblem(t, err, problem.NotFound)
	if err == nil || !strings.Contains(err.Error(), "1 can't be") {
		t.Errorf("%v does not say that one can't be read", err)
	}
}
