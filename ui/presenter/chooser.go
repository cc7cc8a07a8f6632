package presenter

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"chatmrpt/core/problem"
)

// Chooser is the state of a file dialog: a folder, what is in it, and what was
// picked. Reading a folder may hang on a drive that is not there, so it is done
// beside the window.
type Chooser struct {
	loop Loop
	tell func()

	saving  bool
	endings []string // shown files end in one of them; none shows all
	dir     string
	items   []Item
	picked  []string
	trouble *Trouble
	wanted  string // the folder being read
}

// Item is a folder or file in a Chooser.
type Item struct {
	Name   string
	Folder bool
}

// ImportEndings are the endings of files that can be read.
func ImportEndings() []string {
	return []string{".csv", ".xlsx", ".xls", ".ods", ".zip", ".gpkg", ".geojson", ".json", ".topojson", ".kml", ".kmz", ".tif", ".tiff", ".shp", ".dbf", ".shx", ".prj", ".cpg", ".txt", ".tsv"}
}

// NewChooser opens a chooser in dir, or in the user's own folder when dir is
// "". With endings only such files are listed. A chooser for saving picks a
// name instead of files. tell is called when what is shown has changed.
func NewChooser(loop Loop, tell func(), dir string, saving bool, endings ...string) *Chooser {
	c := &Chooser{loop: loop, tell: tell, saving: saving, endings: endings}
	if dir == "" {
		dir = homeFolder()
	}
	c.Enter(dir)
	return c
}

func homeFolder() string {
	dir, err := os.UserHomeDir()
	if err != nil {
		return string(filepath.Separator)
	}
	return dir
}

// Enter reads another folder; a name is one in the present folder.
func (c *Chooser) Enter(dir string) {
	if !filepath.IsAbs(dir) {
		dir = filepath.Join(c.dir, dir)
	}
	c.wanted = filepath.Clean(dir)
	want := c.wanted
	c.loop.Go(func() {
		items, err := listFolder(want, c.endings)
		c.loop.Post(func() { c.entered(want, items, err) })
	})
}

// entered takes in a folder, unless another was asked for meanwhile.
func (c *Chooser) entered(dir string, items []Item, err error) {
	if dir != c.wanted {
		return
	}
	c.trouble = troubleOf(err, "files")
	if err == nil {
		c.dir, c.items, c.picked = dir, items, nil
	}
	c.tell()
}

// Up goes to the folder above.
func (c *Chooser) Up() { c.Enter(filepath.Dir(c.dir)) }

// Home goes to the user's own folder.
func (c *Chooser) Home() { c.Enter(homeFolder()) }

// Dir is the folder that is shown.
func (c *Chooser) Dir() string { return c.dir }

// Items lists the folder: folders first, then files, each by name.
func (c *Chooser) Items() []Item { return c.items }

// Trouble says why a folder can't be read, nil when it can.
func (c *Chooser) Trouble() *Trouble { return c.trouble }

// Tap enters a folder, or picks a file or puts it back.
func (c *Chooser) Tap(i int) {
	if i < 0 || i >= len(c.items) {
		return
	}
	item := c.items[i]
	if item.Folder {
		c.Enter(item.Name)
		return
	}
	if at := slices.Index(c.picked, item.Name); at >= 0 {
		c.picked = slices.Delete(c.picked, at, at+1)
	} else if c.saving {
		c.picked = []string{item.Name}
	} else {
		c.picked = append(c.picked, item.Name)
	}
	c.tell()
}

// Picked reports whether the file of that name is picked.
func (c *Chooser) Picked(name string) bool { return slices.Contains(c.picked, name) }

// Unpick puts every picked file back.
func (c *Chooser) Unpick() { c.picked = nil }

// Paths are the picked files.
func (c *Chooser) Paths() []string {
	out := make([]string, len(c.picked))
	for i, name := range c.picked {
		out[i] = filepath.Join(c.dir, name)
	}
	return out
}

// PathFor is the file of that name in the shown folder, "" when the name names
// none; exists tells whether something has that name already.
func (c *Chooser) PathFor(name string) (path string, exists bool) {
	name = strings.TrimSpace(name)
	if name == "" || name == "." || name == ".." || name != filepath.Base(name) || c.dir == "" {
		return "", false
	}
	path = filepath.Join(c.dir, name)
	exists = slices.ContainsFunc(c.items, func(i Item) bool { return i.Name == name })
	return path, exists
}

// listFolder lists what may be shown of a folder. Hidden files are not.
func listFolder(dir string, endings []string) ([]Item, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, folderProblem(dir, err)
	}
	var out []Item
	for _, e := range entries {
		name := e.Name()
		folder := e.IsDir() || isLinkToFolder(dir, e)
		if strings.HasPrefix(name, ".") || (!folder && len(endings) > 0 && !slices.Contains(endings, strings.ToLower(filepath.Ext(name)))) {
			continue
		}
		out = append(out, Item{Name: name, Folder: folder})
	}
	slices.SortStableFunc(out, func(a, b Item) int {
		if a.Folder != b.Folder {
			return map[bool]int{true: -1, false: 1}[a.Folder]
		}
		return cmp.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name))
	})
	return out, nil
}

func isLinkToFolder(dir string, e fs.DirEntry) bool {
	if e.Type()&fs.ModeSymlink == 0 {
		return false
	}
	info, err := os.Stat(filepath.Join(dir, e.Name()))
	return err == nil && info.IsDir()
}

func folderProblem(dir string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return problem.New(problem.NotFound, "files", dir, "there is no such folder", "Choose another folder").Because(err)
	}
	return problem.New(problem.BadInput, "files", dir, "the folder can't be read", "Choose another folder, or check the drive").Because(err)
}
