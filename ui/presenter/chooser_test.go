package presenter

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func folder(t *testing.T, names ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range names {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func choose(t *testing.T, dir string, saving bool, endings ...string) (*Chooser, *queue) {
	t.Helper()
	q := newQueue(t)
	c := NewChooser(q, func() {}, dir, saving, endings...)
	q.until("the folder", func() bool { return c.Dir() != "" || c.Trouble() != nil })
	return c, q
}

func names(items []Item) []string {
	var out []string
	for _, i := range items {
		out = append(out, i.Name)
	}
	return out
}

func TestChooserListsFoldersThenFiles(t *testing.T) {
	dir := folder(t, "b.csv", "A.XLSX", "notes.md", ".hidden.csv", "sub/c.csv", "Alpha/x.csv")
	c, q := choose(t, dir, false, ".csv", ".xlsx")
	if got := names(c.Items()); !slices.Equal(got, []string{"Alpha", "sub", "A.XLSX", "b.csv"}) {
		t.Errorf("lists %v", got)
	}
	c.Tap(1)
	q.until("the other folder", func() bool { return filepath.Base(c.Dir()) == "sub" })
	c.Up()
	q.until("the folder above", func() bool { return c.Dir() == dir })
}

func TestChooserPicksSeveralToOpenAndOneToSave(t *testing.T) {
	dir := folder(t, "a.csv", "b.csv")
	c, _ := choose(t, dir, false)
	c.Tap(0)
	c.Tap(1)
	if got := c.Paths(); len(got) != 2 || got[1] != filepath.Join(dir, "b.csv") {
		t.Errorf("picked %v", got)
	}
	c.Tap(0)
	if got := c.Paths(); len(got) != 1 || c.Picked("a.csv") {
		t.Errorf("picked %v", got)
	}
	c.Tap(99)
	s, _ := choose(t, dir, true)
	s.Tap(0)
	s.Tap(1)
	if got := s.Paths(); len(got) != 1 || !s.Picked("b.csv") {
		t.Errorf("picked %v", got)
	}
}

func TestChooserNamesOnlyFilesOfTheFolder(t *testing.T) {
	dir := folder(t, "a.csv")
	c, _ := choose(t, dir, true, ".csv")
	for name, want := range map[string]struct {
		path   string
		exists bool
	}{
		"a.csv":      {filepath.Join(dir, "a.csv"), true},
		" new.csv ":  {filepath.Join(dir, "new.csv"), false},
		"":           {"", false},
		"../out.csv": {"", false},
		"..":         {"", false},
		".":          {"", false},
	} {
		path, exists := c.PathFor(name)
		if path != want.path || exists != want.exists {
			t.Errorf("%q: %q %v", name, path, exists)
		}
	}
}

// A folder that can't be read leaves the chooser where it was; an answer that
// comes too late is dropped.
func TestChooserStaysWhereItWas(t *testing.T) {
	dir := folder(t, "a.csv", "sub/b.csv")
	c, q := choose(t, dir, false)
	c.Enter("missing")
	q.until("the trouble", func() bool { return c.Trouble() != nil })
	if c.Dir() != dir || len(c.Items()) != 2 {
		t.Errorf("went to %s", c.Dir())
	}
	c.Enter("sub")
	late := c.wanted
	c.Enter(dir)
	q.until("back", func() bool { return c.Trouble() == nil })
	c.entered(late, nil, nil)
	if c.Dir() != dir {
		t.Error("a late answer moved it")
	}
}
