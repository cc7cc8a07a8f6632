package screens

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"chatmrpt/ui/presenter"
)

// troubleCard shows a problem: what is wrong, what to do, and a way to put it
// away.
type troubleCard struct {
	object   fyne.CanvasObject
	heading  *widget.Label
	sentence *widget.Label
	hint     *widget.Label
}

func newTroubleCard(dismiss func()) *troubleCard {
	t := &troubleCard{
		heading:  widget.NewLabelWithStyle("", fyne.TextAlignLeading, fyne.TextStyle{Bold: true}),
		sentence: prose(""),
		hint:     prose(""),
	}
	edge := canvas.NewRectangle(color.NRGBA{R: 0xB5, G: 0x4A, B: 0x1F, A: 0xFF})
	edge.SetMinSize(fyne.NewSize(4, 4))
	ground := canvas.NewRectangle(color.NRGBA{R: 0xB5, G: 0x4A, B: 0x1F, A: 0x22})
	ground.CornerRadius = 4
	away := widget.NewButtonWithIcon("", theme.CancelIcon(), dismiss)
	away.Importance = widget.LowImportance
	head := container.NewBorder(nil, nil, widget.NewIcon(theme.WarningIcon()), away, t.heading)
	text := container.New(&stacked{}, head, t.sentence, t.hint)
	t.object = container.NewStack(ground, container.NewBorder(nil, nil, edge, nil, text))
	t.object.Hide()
	return t
}

// set shows a problem, or nothing.
func (t *troubleCard) set(p *presenter.Trouble) {
	if p == nil {
		t.object.Hide()
		return
	}
	t.heading.SetText(p.Heading)
	t.sentence.SetText(p.Sentence)
	t.hint.SetText(p.Hint)
	t.object.Show()
}

// stacked puts objects below each other without the room that separates
// unrelated ones: a label has its own.
type stacked struct{}

const overlap = 8

// MinSize implements fyne.Layout.
func (stacked) MinSize(objects []fyne.CanvasObject) fyne.Size {
	size := fyne.NewSize(0, overlap)
	for _, o := range objects {
		m := o.MinSize()
		size.Width = max(size.Width, m.Width)
		size.Height += m.Height - overlap
	}
	return size
}

// Layout implements fyne.Layout.
func (stacked) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	y := float32(0)
	for _, o := range objects {
		h := o.MinSize().Height
		o.Resize(fyne.NewSize(size.Width, h))
		o.Move(fyne.NewPos(0, y))
		y += h - overlap
	}
}
