package widgets

import (
	"image"
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"
)

// MapImage shows a finished picture of a map on white, as on paper, and tells
// how many pixels there are for it. It never draws: the picture is exchanged
// whole, and until the next one comes the old one is stretched.
type MapImage struct {
	widget.BaseWidget

	// OnRoom hears how large the picture should be: in pixels, and how many
	// of them make one unit of the window.
	OnRoom func(width, height int, scale float64)

	picture *canvas.Image
	words   *widget.Label
	paper   *canvas.Rectangle
}

// NewMapImage makes a MapImage without a picture.
func NewMapImage(onRoom func(width, height int, scale float64)) *MapImage {
	m := &MapImage{OnRoom: onRoom, words: widget.NewLabel(""), paper: canvas.NewRectangle(color.White)}
	m.picture = &canvas.Image{FillMode: canvas.ImageFillContain, ScaleMode: canvas.ImageScaleFastest}
	m.words.Alignment = fyne.TextAlignCenter
	m.words.Wrapping = fyne.TextWrapWord
	m.words.Importance = widget.MediumImportance
	m.ExtendBaseWidget(m)
	m.Set(nil, "")
	return m
}

// Set shows a picture, or words where there is none. The picture must not be
// written to any more.
func (m *MapImage) Set(picture *image.RGBA, words string) {
	if picture == nil {
		m.picture.Image = nil
		m.picture.Hide()
		m.paper.Hide()
	} else {
		m.picture.Image = picture
		m.paper.Show()
		m.picture.Show()
	}
	m.words.SetText(words)
	m.picture.Refresh()
}

// CreateRenderer implements fyne.Widget.
func (m *MapImage) CreateRenderer() fyne.WidgetRenderer {
	words := container.New(layout.NewCustomPaddedVBoxLayout(0), layout.NewSpacer(), m.words, layout.NewSpacer())
	return widget.NewSimpleRenderer(container.NewStack(m.paper, m.picture, words))
}

// MinSize implements fyne.CanvasObject: a map can be used from this size on.
func (m *MapImage) MinSize() fyne.Size { return fyne.NewSize(260, 180) }

// Resize implements fyne.CanvasObject.
func (m *MapImage) Resize(size fyne.Size) {
	m.BaseWidget.Resize(size)
	m.room()
}

// Refresh implements fyne.CanvasObject. Fyne calls it when the scale changes.
func (m *MapImage) Refresh() {
	m.room()
	m.BaseWidget.Refresh()
}

// room tells how many pixels there are.
func (m *MapImage) room() {
	if m.OnRoom == nil {
		return
	}
	scale := float32(1)
	if c := fyne.CurrentApp().Driver().CanvasForObject(m); c != nil {
		scale = c.Scale()
	}
	size := m.Size()
	m.OnRoom(int(size.Width*scale), int(size.Height*scale), float64(scale))
}
