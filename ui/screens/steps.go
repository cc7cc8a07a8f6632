package screens

import (
	"fmt"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"chatmrpt/ui/presenter"
	"chatmrpt/ui/widgets"
)

// stepPanel lists the steps and shows the form of the selected one.
type stepPanel struct {
	desk   *presenter.Desk
	object fyne.CanvasObject
	add    func()
	pick   func(folder bool, took func(path string))

	rows    []*widgets.Row
	page    *fyne.Container
	scroll  *container.Scroll
	run     *widget.Button
	drawn   string // what the form was built from
	more    *widget.Accordion
	chosen  int
	wasOpen bool // whether the further choices were open, kept while the form is rebuilt
}

func newStepPanel(desk *presenter.Desk, add func(), pick func(bool, func(string))) *stepPanel {
	p := &stepPanel{desk: desk, add: add, pick: pick, page: container.NewVBox(), chosen: -1}
	list := container.NewVBox()
	for i, s := range desk.Steps() {
		row := widgets.NewRow(fmt.Sprintf("%d  %s", i+1, s.Title), func() { desk.Select(i) })
		p.rows = append(p.rows, row)
		list.Add(row.Object)
	}
	p.run = widget.NewButton("", p.act)
	p.scroll = container.NewVScroll(p.page)
	p.object = container.NewBorder(container.NewVBox(list, widget.NewSeparator()), container.NewPadded(p.run), nil, nil, p.scroll)
	return p
}

// act does the selected step.
func (p *stepPanel) act() {
	if p.desk.Selected() == 0 && p.desk.Task() == 0 {
		p.add()
		return
	}
	p.desk.Run()
}

func (p *stepPanel) refresh() {
	steps := p.desk.Steps()
	selected := p.desk.Selected()
	for i, s := range steps {
		p.rows[i].Set(stepIcon(s), s.State.Words(), i == selected)
	}
	task := p.desk.Tasks()[p.desk.Task()]
	p.run.Importance = widget.MediumImportance
	if task.Danger {
		p.run.Importance = widget.DangerImportance
	}
	p.run.SetText(task.Verb)
	if p.desk.Busy() != nil {
		p.run.Disable()
	} else {
		p.run.Enable()
	}
	p.rebuild(task)
}

func stepIcon(s presenter.Step) fyne.Resource {
	switch s.State {
	case presenter.Done:
		return theme.ConfirmIcon()
	case presenter.Stale:
		return theme.ViewRefreshIcon()
	case presenter.Failed:
		return theme.WarningIcon()
	case presenter.Free:
		if s.Title == "Profile" {
			return theme.AccountIcon()
		}
		return theme.MailSendIcon()
	}
	return theme.RadioButtonIcon()
}

// rebuild makes the form anew when another step or other questions are due,
// and leaves it alone otherwise: a field that a person types into must not be
// exchanged.
func (p *stepPanel) rebuild(task presenter.Task) {
	fields := p.desk.Fields()
	now := signature(task, fields, p.desk.Loaded())
	if now == p.drawn {
		return
	}
	if p.chosen != p.desk.Selected() {
		p.scroll.ScrollToTop()
		p.wasOpen = false
	} else if p.more != nil {
		p.wasOpen = p.more.Items[0].Open
	}
	p.drawn, p.chosen = now, p.desk.Selected()
	p.page.RemoveAll()
	p.addTasks()
	p.page.Add(prose(task.Intro))
	if p.chosen == 0 && p.desk.Task() == 0 {
		list := container.New(&stacked{})
		for _, l := range p.desk.Loaded() {
			list.Add(prose("• " + l.Words()))
		}
		p.page.Add(list)
	}
	p.addFields(fields)
	p.page.Refresh()
}

// addTasks offers what can be done in the step, where that is more than one
// thing.
func (p *stepPanel) addTasks() {
	tasks := p.desk.Tasks()
	if len(tasks) < 2 {
		return
	}
	words := make([]string, len(tasks))
	for i, t := range tasks {
		words[i] = t.Words
	}
	s := widget.NewSelect(words, nil)
	s.SetSelectedIndex(p.desk.Task())
	s.OnChanged = func(string) { p.desk.SelectTask(s.SelectedIndex()) }
	p.page.Add(container.NewPadded(s))
}

// signature tells two forms apart by their questions, not by the answers.
func signature(task presenter.Task, fields []presenter.Field, loaded []presenter.Loaded) string {
	var sb strings.Builder
	fmt.Fprint(&sb, task.Act, task.Words, loaded)
	for _, f := range fields {
		fmt.Fprint(&sb, f.Name, f.Kind, f.Known, f.Choices, f.Emptied)
	}
	return sb.String()
}

// addFields asks the plain questions first; the others are folded away.
func (p *stepPanel) addFields(fields []presenter.Field) {
	more := container.NewVBox()
	for _, f := range fields {
		if f.More {
			more.Add(p.question(f))
		} else {
			p.page.Add(p.question(f))
		}
	}
	p.more = nil
	if len(more.Objects) == 0 {
		return
	}
	item := widget.NewAccordionItem("More choices", more)
	p.more = widget.NewAccordion(item)
	if p.wasOpen {
		p.more.Open(0)
	}
	p.page.Add(p.more)
}

// question is one field with its label and its help.
func (p *stepPanel) question(f presenter.Field) fyne.CanvasObject {
	objects := []fyne.CanvasObject{}
	if f.Kind != presenter.Switch {
		objects = append(objects, widget.NewLabelWithStyle(f.Label, fyne.TextAlignLeading, fyne.TextStyle{Bold: true}))
	}
	objects = append(objects, container.NewPadded(p.input(f)))
	if f.Help != "" {
		help := widgets.Caption(f.Help)
		help.Wrapping = fyne.TextWrapWord
		objects = append(objects, help)
	}
	return container.New(&stacked{}, objects...)
}

// input is the widget of a field.
func (p *stepPanel) input(f presenter.Field) fyne.CanvasObject {
	answer := func(value string) { p.desk.Answer(f.Name, value) }
	switch f.Kind {
	case presenter.Choice:
		return choiceInput(f, answer)
	case presenter.Switch:
		c := widget.NewCheck(f.Label, func(on bool) { answer(map[bool]string{true: "true"}[on]) })
		c.Checked = f.Value == "true"
		return c
	case presenter.Names:
		return namesInput(f, answer)
	case presenter.File, presenter.Folder:
		return p.fileInput(f, answer)
	}
	e := widget.NewEntry()
	if f.Kind == presenter.Secret {
		e = widget.NewPasswordEntry()
	}
	e.SetPlaceHolder(f.Default)
	e.SetText(f.Value)
	e.OnChanged = answer
	return e
}

func choiceInput(f presenter.Field, answer func(string)) fyne.CanvasObject {
	words := make([]string, len(f.Choices))
	for i, c := range f.Choices {
		words[i] = c.Words
	}
	s := widget.NewSelect(words, nil)
	s.PlaceHolder = "Choose…"
	for i, c := range f.Choices {
		if c.Value == f.Value {
			s.SetSelectedIndex(i)
		}
	}
	s.OnChanged = func(string) {
		if i := s.SelectedIndex(); i >= 0 {
			answer(f.Choices[i].Value)
		}
	}
	return s
}

// namesInput ticks some of the known variables.
func namesInput(f presenter.Field, answer func(string)) fyne.CanvasObject {
	if len(f.Known) == 0 {
		words := "The variables appear when the places are linked."
		if f.Name == "invert" {
			words = "Choose the variables first."
		}
		help := widgets.Caption(words)
		help.Wrapping = fyne.TextWrapWord
		return help
	}
	group := container.New(&stacked{})
	ticked := map[string]bool{}
	for _, v := range strings.Split(f.Value, ",") {
		ticked[v] = true
	}
	for _, name := range f.Known {
		c := widget.NewCheck(presenter.NameWords(name), nil)
		c.Checked = ticked[name]
		c.OnChanged = func(on bool) {
			ticked[name] = on
			answer(joinTicked(f.Known, ticked))
		}
		group.Add(c)
	}
	return group
}

func joinTicked(known []string, ticked map[string]bool) string {
	var out []string
	for _, name := range known {
		if ticked[name] {
			out = append(out, name)
		}
	}
	return strings.Join(out, ",")
}

// fileInput names a file or folder, by hand or from a list.
func (p *stepPanel) fileInput(f presenter.Field, answer func(string)) fyne.CanvasObject {
	e := widget.NewEntry()
	e.SetText(f.Value)
	e.OnChanged = answer
	browse := widget.NewButtonWithIcon("", theme.FolderOpenIcon(), func() { p.pick(f.Kind == presenter.Folder, e.SetText) })
	return container.NewBorder(nil, nil, nil, browse, e)
}
