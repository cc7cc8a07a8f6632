package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// Row is a button as wide as its place with words at both ends, for lists in
// which one row may be chosen.
type Row struct {
	Object fyne.CanvasObject

	button *widget.Button
	note   *widget.Label
}

// NewRow makes a row that calls tapped.
func NewRow(text string, tapped func()) *Row {
	r := &Row{button: widget.NewButton(text, tapped), note: Caption("")}
	r.button.Alignment = widget.ButtonAlignLeading
	r.button.Importance = widget.LowImportance
	r.Object = container.NewStack(r.button, container.NewHBox(layout.NewSpacer(), r.note))
	return r
}

// Set changes icon and note and whether the row is the chosen one.
func (r *Row) Set(icon fyne.Resource, note string, chosen bool) {
	r.button.Icon = icon
	r.button.Importance = widget.LowImportance
	if chosen {
		r.button.Importance = widget.MediumImportance
	}
	r.button.Refresh()
	r.note.SetText(note)
}

// Tap does what a click does.
func (r *Row) Tap() { r.button.OnTapped() }

// Caption is a label in small grey letters that may run over several lines.
func Caption(text string) *widget.Label {
	l := widget.NewLabel(text)
	l.SizeName = theme.SizeNameCaptionText
	l.Importance = widget.LowImportance
	return l
}
