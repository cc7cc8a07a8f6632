package screens

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// sensor lies beneath a screen and feels the mouse. Fyne tells nobody of all
// inputs, but for each move of the mouse it asks every object beneath the
// pointer which cursor it wants, from the bottom up. The sensor's answer is
// the usual cursor, which whatever lies above it may overrule; so it takes
// nothing from anybody. Clicks and wheel turns that nobody above wants come
// here too.
//
// Not felt: a wheel turned over a list, and keys that change nothing, while
// the mouse rests.
type sensor struct {
	widget.BaseWidget
	touched func()
}

var (
	_ desktop.Cursorable = (*sensor)(nil)
	_ desktop.Mouseable  = (*sensor)(nil)
	_ fyne.Scrollable    = (*sensor)(nil)
)

// sensed puts a sensor beneath content.
func sensed(content fyne.CanvasObject, touched func()) fyne.CanvasObject {
	s := &sensor{touched: touched}
	s.ExtendBaseWidget(s)
	return container.NewStack(s, content)
}

// CreateRenderer implements fyne.Widget: there is nothing to see.
func (s *sensor) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(canvas.NewRectangle(color.Transparent))
}

// Cursor implements desktop.Cursorable.
func (s *sensor) Cursor() desktop.Cursor {
	s.touched()
	return desktop.DefaultCursor
}

// MouseDown implements desktop.Mouseable.
func (s *sensor) MouseDown(*desktop.MouseEvent) { s.touched() }

// MouseUp implements desktop.Mouseable.
func (s *sensor) MouseUp(*desktop.MouseEvent) {}

// Scrolled implements fyne.Scrollable.
func (s *sensor) Scrolled(*fyne.ScrollEvent) { s.touched() }
