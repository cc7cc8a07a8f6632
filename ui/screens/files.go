package screens

import (
	"fmt"
	"path/filepath"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"chatmrpt/ui/presenter"
)

// fileDialog lets a person find files in the window itself.
type fileDialog struct {
	at      place
	chooser *presenter.Chooser
	saving  bool
	folder  bool // a folder is asked for: the one that is shown
	popup   *widget.PopUp
	path    *widget.Label
	list    *widget.List
	name    *widget.Entry
	trouble *troubleCard
	accept  *widget.Button
	verb    string
	ending  func(string) string
	took    func(paths []string)
}

// place is where a file dialog opens: the window, and what it tells of.
type place struct {
	win    fyne.Window
	loop   presenter.Loop
	folder string           // where to look first
	left   func(dir string) // takes the folder where something was found; nil: nobody
	touch  func()           // an input; nil: nobody asks
}

func (p place) touched() {
	if p.touch != nil {
		p.touch()
	}
}

func (b *bench) place() place {
	return place{b.win, b.loop, b.desk.Folder(), b.desk.SetFolder, b.touched}
}

// addFiles asks for files to import.
func (b *bench) addFiles() {
	b.openFiles("Add files", "Add", presenter.ImportEndings(), b.desk.Import)
}

// pick asks for one file, or for a folder.
func (b *bench) pick(folder bool, took func(path string)) {
	one := func(paths []string) { took(paths[0]) }
	if !folder {
		b.openFiles("Choose a file", "Choose", nil, one)
		return
	}
	d := &fileDialog{at: b.place(), folder: true, verb: "Choose this folder", took: one}
	d.show("Choose a folder", "", []string{noFile})
}

// noFile is an ending that no file has: only folders are listed.
const noFile = "/"

func (b *bench) openFiles(heading, verb string, endings []string, took func([]string)) {
	d := &fileDialog{at: b.place(), verb: verb, took: took}
	d.show(heading, "", endings)
}

// saveMenu offers what can be saved, beneath its button.
func (b *bench) saveMenu(under *widget.Button) {
	var items []*fyne.MenuItem
	for _, s := range b.desk.Savings() {
		items = append(items, fyne.NewMenuItem(s.Words, func() { b.saveAs(s) }))
	}
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(under)
	widget.ShowPopUpMenuAtPosition(fyne.NewMenu("", items...), b.win.Canvas(), at.AddXY(0, under.Size().Height))
}

func (b *bench) saveAs(s presenter.Saving) {
	d := &fileDialog{at: b.place(), saving: true, verb: "Save", ending: s.Path}
	d.took = func(paths []string) { b.desk.Save(s, paths[0]) }
	d.show("Save: "+s.Words, s.Name, []string{filepath.Ext(s.Name)})
}

func (d *fileDialog) show(heading, name string, endings []string) {
	d.path = widget.NewLabel("")
	d.path.Truncation = fyne.TextTruncateEllipsis
	d.trouble = newTroubleCard(func() { d.trouble.set(nil) })
	d.list = widget.NewList(func() int { return len(d.chooser.Items()) }, newItem, d.setItem)
	d.list.OnSelected = func(i widget.ListItemID) {
		d.list.UnselectAll()
		d.chooser.Tap(i)
	}
	d.name = widget.NewEntry()
	d.name.SetText(name)
	d.name.OnChanged = func(string) {
		d.at.touched()
		d.refresh()
	}
	d.name.OnSubmitted = func(string) { d.finish() }
	d.accept = widget.NewButton(d.verb, func() { d.finish() })
	d.accept.Importance = widget.HighImportance
	d.accept.Disable() // until the folder is read
	d.chooser = presenter.NewChooser(d.at.loop, d.refresh, d.at.folder, d.saving, endings...)
	d.popup = widget.NewModalPopUp(sensed(d.content(heading), d.at.touched), d.at.win.Canvas())
	size := d.at.win.Canvas().Size()
	d.popup.Resize(fyne.NewSize(min(720, size.Width-60), min(520, size.Height-60)))
	d.popup.Show()
	if d.saving {
		d.at.win.Canvas().Focus(d.name)
	}
}

func (d *fileDialog) content(heading string) fyne.CanvasObject {
	up := widget.NewButtonWithIcon("Up", theme.MoveUpIcon(), func() { d.chooser.Up() })
	home := widget.NewButtonWithIcon("Home", theme.HomeIcon(), func() { d.chooser.Home() })
	top := container.NewVBox(title(heading), container.NewBorder(nil, nil, container.NewHBox(home, up), nil, d.path), d.trouble.object)
	bottom := container.NewVBox()
	if d.saving {
		bottom.Add(container.NewBorder(nil, nil, widget.NewLabel("Name"), nil, d.name))
	}
	bottom.Add(buttons(widget.NewButton("Back", func() { d.popup.Hide() }), d.accept))
	return container.NewPadded(container.NewBorder(top, bottom, nil, nil, d.list))
}

func newItem() fyne.CanvasObject {
	name := widget.NewLabel("")
	return container.NewBorder(nil, nil, container.NewHBox(widget.NewIcon(theme.FolderIcon())), nil, name)
}

func (d *fileDialog) setItem(i widget.ListItemID, o fyne.CanvasObject) {
	items := d.chooser.Items()
	if i >= len(items) {
		return
	}
	row := o.(*fyne.Container)
	row.Objects[0].(*widget.Label).SetText(items[i].Name)
	icon := row.Objects[1].(*fyne.Container).Objects[0].(*widget.Icon)
	switch {
	case items[i].Folder:
		icon.SetResource(theme.FolderIcon())
	case d.saving:
		icon.SetResource(theme.FileIcon())
	case d.chooser.Picked(items[i].Name):
		icon.SetResource(theme.CheckButtonCheckedIcon())
	default:
		icon.SetResource(theme.CheckButtonIcon())
	}
}

// refresh shows what the chooser now is.
func (d *fileDialog) refresh() {
	if d.chooser == nil {
		return
	}
	d.path.SetText(d.chooser.Dir())
	d.trouble.set(d.chooser.Trouble())
	if d.saving {
		d.refreshSaving()
	} else {
		d.refreshPicking()
	}
	d.list.Refresh()
}

func (d *fileDialog) refreshPicking() {
	n := len(d.chooser.Paths())
	d.accept.SetText(d.verb)
	if n > 1 {
		d.accept.SetText(fmt.Sprintf("%s %d files", d.verb, n))
	}
	setEnabled(d.accept, n > 0 || (d.folder && d.chooser.Dir() != ""))
}

// refreshSaving takes the name of a file that was tapped, and says on the
// button when one would be replaced.
func (d *fileDialog) refreshSaving() {
	if picked := d.chooser.Paths(); len(picked) == 1 {
		d.chooser.Unpick()
		d.name.SetText(filepath.Base(picked[0]))
	}
	path, exists := d.chooser.PathFor(d.ending(d.name.Text))
	d.accept.SetText(d.verb)
	if exists {
		d.accept.SetText("Replace the file")
	}
	setEnabled(d.accept, path != "")
}

func setEnabled(b *widget.Button, on bool) {
	if on {
		b.Enable()
	} else {
		b.Disable()
	}
}

// finish hands the files over.
func (d *fileDialog) finish() {
	paths := d.chooser.Paths()
	if d.saving {
		path, _ := d.chooser.PathFor(d.ending(d.name.Text))
		if path == "" {
			return
		}
		paths = []string{path}
	}
	if d.folder && d.chooser.Dir() != "" {
		paths = []string{d.chooser.Dir()}
	}
	if len(paths) == 0 {
		return
	}
	if d.at.left != nil {
		d.at.left(d.chooser.Dir())
	}
	d.popup.Hide()
	d.took(paths)
}
