package screens

import (
	"cmp"
	"fmt"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"chatmrpt/ui/presenter"
	"chatmrpt/ui/widgets"
)

// bench is the screen of an open profile: the steps at the left, the map in
// the middle with the ranking below, the status line beneath.
type bench struct {
	win    fyne.Window
	loop   presenter.Loop
	desk   *presenter.Desk
	object fyne.CanvasObject

	touched func() // tells of an input
	panel   *stepPanel
	notice  *troubleCard
	trouble *troubleCard
	show    *widget.Select
	picture *widgets.MapImage
	results *results
	status  *statusLine
	all     *widget.Button
}

func newBench(win fyne.Window, loop presenter.Loop, session *presenter.Session) *bench {
	desk := session.Desk()
	b := &bench{win: win, loop: loop, desk: desk, touched: session.Touch}
	b.panel = newStepPanel(desk, b.addFiles, b.pick)
	b.notice = newTroubleCard(desk.DismissNotice)
	b.trouble = newTroubleCard(desk.Dismiss)
	b.results = newResults()
	b.status = newStatusLine(desk.Cancel)
	b.picture = widgets.NewMapImage(desk.Resize)
	left := container.New(&fixedWidth{320}, b.panel.object)
	split := container.NewVSplit(b.mapPanel(), b.results.object)
	split.Offset = 0.6
	middle := container.NewBorder(container.NewVBox(b.notice.object, b.trouble.object), nil, nil, nil, split)
	body := container.NewBorder(nil, nil, container.NewBorder(nil, nil, nil, widget.NewSeparator(), left), nil, middle)
	top := container.NewVBox(b.topBar(session.Lock), widget.NewSeparator())
	bottom := container.NewVBox(widget.NewSeparator(), b.status.object)
	b.object = container.NewBorder(top, bottom, nil, nil, body)
	return b
}

// topBar names the profile and holds what concerns all of the work.
func (b *bench) topBar(lock func()) fyne.CanvasObject {
	who := widget.NewLabelWithStyle(b.desk.User(), fyne.TextAlignLeading, fyne.TextStyle{Bold: true})
	left := container.NewHBox(widget.NewIcon(theme.AccountIcon()), who)
	if b.desk.MadeUp() {
		left.Add(widgets.Caption("No real place, person or facility. Removed when you lock."))
	}
	b.all = widget.NewButtonWithIcon("Do everything", theme.MediaPlayIcon(), b.desk.RunAll)
	b.all.Importance = widget.HighImportance
	save := widget.NewButtonWithIcon("Save…", theme.DocumentSaveIcon(), nil)
	save.OnTapped = func() { b.saveMenu(save) }
	out := widget.NewButtonWithIcon("Lock", theme.LogoutIcon(), lock)
	return container.NewPadded(container.NewHBox(left, layout.NewSpacer(), b.all, save, out))
}

func (b *bench) mapPanel() fyne.CanvasObject {
	b.show = widget.NewSelect(nil, nil)
	b.show.PlaceHolder = "Nothing to show yet"
	head := container.NewHBox(widget.NewLabel("Map"), container.New(&fixedWidth{300}, b.show))
	return container.NewBorder(container.NewPadded(head), nil, nil, nil, b.picture)
}

// refresh shows what the desk now is.
func (b *bench) refresh() {
	busy := b.desk.Busy()
	b.panel.refresh()
	b.notice.set(b.desk.Notice())
	b.trouble.set(b.desk.Trouble())
	b.refreshShow()
	b.picture.Set(b.desk.Picture())
	b.results.refresh(b.desk.Ranking(), b.desk.Sheet(), b.desk.Notes())
	b.status.refresh(b.shownWork(), cmp.Or(b.desk.Warning(), b.desk.Summary()))
	if busy != nil {
		b.all.Disable()
	} else {
		b.all.Enable()
	}
}

// shownWork is what the status line tells of: what the person began, or what
// runs by the schedule. That gives way to the warning of the lock.
func (b *bench) shownWork() *presenter.Busy {
	if busy := b.desk.Busy(); busy != nil || b.desk.Warning() != "" {
		return busy
	}
	return b.desk.Errand()
}

// refreshShow offers what the map can show. Its callback is taken off
// meanwhile: only a person's choice is one.
func (b *bench) refreshShow() {
	views, shown := b.desk.Views(), b.desk.Shown()
	words := make([]string, len(views))
	chosen := -1
	for i, v := range views {
		words[i] = v.Words
		if v.Value == shown {
			chosen = i
		}
	}
	b.show.OnChanged = nil
	b.show.SetOptions(words)
	if chosen >= 0 {
		b.show.SetSelectedIndex(chosen)
	} else {
		b.show.ClearSelected()
	}
	b.show.OnChanged = func(string) {
		if i := b.show.SelectedIndex(); i >= 0 {
			b.desk.Show(views[i].Value)
		}
	}
	if len(views) == 0 {
		b.show.Disable()
	} else {
		b.show.Enable()
	}
}

// results is the ranking and the notes.
type results struct {
	object  fyne.CanvasObject
	ranking *presenter.Ranking
	table   *widget.Table
	empty   *widget.Label
	marks   *widget.Label
	notes   *fyne.Container
	sheet   *sheetView
	tab     *container.TabItem
	tabs    *container.AppTabs
	told    string // the notes as they are shown
}

func newResults() *results {
	r := &results{empty: prose("The ranking appears when the wards are ranked."), marks: widgets.Caption(""), notes: container.NewVBox()}
	r.empty.Alignment = fyne.TextAlignCenter
	r.table = rankTable(func() *presenter.Ranking { return r.ranking })
	ground := canvas.NewRectangle(theme.Color(theme.ColorNameInputBackground))
	list := container.NewBorder(nil, r.marks, nil, nil, container.NewStack(ground, r.table, r.empty))
	r.tab = container.NewTabItem("Notes", container.NewVScroll(r.notes))
	r.sheet = newSheetView()
	r.tabs = container.NewAppTabs(container.NewTabItem("Ranking", list), container.NewTabItem("Last result", r.sheet.object), r.tab)
	r.object = r.tabs
	r.refresh(nil, nil, nil)
	return r
}

// rankTable lists a ranking. Its cells are plain labels of fixed width: a
// table that measures and shortens every cell is four times as slow.
func rankTable(ranking func() *presenter.Ranking) *widget.Table {
	headings := presenter.RankHeadings()
	cell := func() fyne.CanvasObject { return widget.NewLabel("") }
	t := widget.NewTable(func() (int, int) {
		if r := ranking(); r != nil {
			return len(r.Rows), len(headings)
		}
		return 0, len(headings)
	}, cell, func(id widget.TableCellID, o fyne.CanvasObject) {
		if r := ranking(); r != nil && id.Row >= 0 && id.Row < len(r.Rows) {
			setCell(o.(*widget.Label), id.Col, r.Rows[id.Row].Cells()[id.Col], false)
		}
	})
	t.ShowHeaderRow = true
	t.CreateHeader = cell
	t.UpdateHeader = func(id widget.TableCellID, o fyne.CanvasObject) {
		if id.Col >= 0 {
			setCell(o.(*widget.Label), id.Col, headings[id.Col], true)
		}
	}
	for i, width := range [...]float32{64, 170, 140, 104, 104, 88, 80} {
		t.SetColumnWidth(i, width)
	}
	return t
}

// setCell fills a cell; numbers stand at the right.
func setCell(l *widget.Label, col int, text string, heading bool) {
	l.Alignment = fyne.TextAlignTrailing
	if col == 1 || col == 2 || col == 5 {
		l.Alignment = fyne.TextAlignLeading
	}
	l.TextStyle.Bold = heading
	l.SetText(text)
}

// refresh shows a ranking, the newest table and notes. A new table that nothing
// else shows comes to the front.
func (r *results) refresh(ranking *presenter.Ranking, sheet *presenter.Sheet, notes []presenter.Note) {
	if fresh := r.sheet.show(sheet); fresh && sheet.Front {
		r.tabs.SelectIndex(1)
	}
	if ranking != r.ranking {
		r.ranking = ranking
		r.table.ScrollToTop()
	}
	r.marks.Hide()
	if ranking == nil {
		r.empty.Show()
		r.table.Hide()
	} else {
		r.empty.Hide()
		r.table.Show()
		r.table.Refresh()
		if ranking.Imputed > 0 {
			r.marks.SetText("* " + imputedWords(ranking.Imputed) + " Wards without a rank stand last.")
			r.marks.Show()
		}
	}
	r.setNotes(notes)
}

// setNotes writes the notes, when they are others than those that stand there.
func (r *results) setNotes(notes []presenter.Note) {
	told := fmt.Sprint(notes)
	if told == r.told {
		return
	}
	r.told = told
	r.notes.RemoveAll()
	last, group := "", (*fyne.Container)(nil)
	for _, n := range notes {
		if n.Step != last {
			group = container.New(&stacked{}, widget.NewLabelWithStyle(n.Step, fyne.TextAlignLeading, fyne.TextStyle{Bold: true}))
			r.notes.Add(group)
			last = n.Step
		}
		group.Add(prose("• " + n.Text))
	}
	r.tab.Text = "Notes"
	if len(notes) > 0 {
		r.tab.Text = fmt.Sprintf("Notes (%d)", len(notes))
	} else {
		r.notes.Add(prose("What must be known about the data and the results is told here."))
	}
	r.tabs.Refresh()
}

// statusLine tells what runs, or what was done last.
type statusLine struct {
	object  fyne.CanvasObject
	words   *widget.Label
	bar     *widget.ProgressBar
	endless *widget.ProgressBarInfinite
	cancel  *widget.Button
	running fyne.CanvasObject // bars and button together
}

func newStatusLine(cancel func()) *statusLine {
	s := &statusLine{words: prose(""), bar: widget.NewProgressBar(), endless: widget.NewProgressBarInfinite()}
	s.cancel = widget.NewButtonWithIcon("Cancel", theme.CancelIcon(), cancel)
	bars := container.NewCenter(container.New(&fixedWidth{180}, container.NewStack(s.bar, s.endless)))
	s.running = container.NewHBox(bars, container.NewCenter(s.cancel))
	s.object = container.New(&minHeight{52}, container.NewBorder(nil, nil, nil, s.running, s.words))
	s.refresh(nil, "")
	return s
}

func (s *statusLine) refresh(busy *presenter.Busy, summary string) {
	if busy == nil {
		s.endless.Stop()
		s.running.Hide()
		s.words.SetText(summary)
		return
	}
	s.words.SetText(busy.Words())
	s.running.Show()
	if busy.Stopping {
		s.cancel.Disable()
	} else {
		s.cancel.Enable()
	}
	if busy.Total > 0 {
		s.endless.Stop()
		s.endless.Hide()
		s.bar.Max = float64(busy.Total)
		s.bar.SetValue(float64(busy.Done))
		s.bar.Show()
		return
	}
	s.bar.Hide()
	s.endless.Show()
	s.endless.Start()
}

// imputedWords says how many wards the star stands at.
func imputedWords(n int) string {
	if n == 1 {
		return "1 ward has a value that was filled in."
	}
	return fmt.Sprintf("%d wards have a value that was filled in.", n)
}
