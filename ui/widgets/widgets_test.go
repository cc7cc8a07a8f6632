package widgets

import (
	"image"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"
)

func TestMapImageTellsItsRoom(t *testing.T) {
	test.NewTempApp(t)
	var width, height int
	var scale float64
	m := NewMapImage(func(w, h int, s float64) { width, height, scale = w, h, s })
	w := test.NewTempWindow(t, m)
	w.SetPadded(false)
	w.Resize(fyne.NewSize(640, 480))
	if width != 640 || height != 480 || scale != 1 {
		t.Errorf("room %d × %d at %v", width, height, scale)
	}
}

func TestMapImageShowsAPictureOrWords(t *testing.T) {
	test.NewTempApp(t)
	m := NewMapImage(nil)
	m.Set(nil, "Nothing yet.")
	if m.picture.Visible() || m.words.Text != "Nothing yet." {
		t.Error("the words are not shown")
	}
	img := image.NewRGBA(image.Rect(0, 0, 4, 4))
	m.Set(img, "")
	if !m.picture.Visible() || m.picture.Image != image.Image(img) || m.words.Text != "" {
		t.Error("the picture is not shown")
	}
	m.Set(nil, "Gone.")
	if m.picture.Image != nil {
		t.Error("the old picture is still held")
	}
}

func TestRow(t *testing.T) {
	test.NewTempApp(t)
	tapped := 0
	r := NewRow("Data", func() { tapped++ })
	w := test.NewTempWindow(t, r.Object)
	r.Set(theme.ConfirmIcon(), "done", true)
	w.Resize(fyne.NewSize(300, 40))
	test.TapCanvas(w.Canvas(), fyne.NewPos(20, 20))
	if tapped != 1 || r.note.Text != "done" {
		t.Errorf("tapped %d, note %q", tapped, r.note.Text)
	}
}
