package presenter

import (
	"image"
	"math"
	"slices"

	"chatmrpt/core/action"
)

// enlarge is how much larger than on paper the map's letters are on the
// screen, which is read from further away.
const enlarge = 1.4

// view is the map: what it shows, how large, and the last picture of it.
type view struct {
	known   []string // what it can show
	show    string
	request request
	drawing bool // a picture is being made
	dirty   bool // it will be out of date when it is done
	image   *image.RGBA
	trouble *Trouble
}

// request is the room there is for the map.
type request struct {
	width, height int     // points
	scale         float64 // pixels a point
}

// follow shows what an act has brought.
func (v *view) follow(act string) {
	switch act {
	case "positivity":
		v.show = "positivity"
	case "score":
		v.show = "category"
	}
}

// changed takes in what the map can show now.
func (v *view) changed(known []string) {
	v.known = known
	if !slices.Contains(known, v.show) {
		v.show = ""
	}
	if v.show == "" && len(known) > 0 {
		v.show = known[0]
	}
}

// Views lists what the map can show now.
func (d *Desk) Views() []Option {
	out := make([]Option, len(d.view.known))
	for i, name := range d.view.known {
		out[i] = Option{Value: name, Words: mapWords(name)}
	}
	return out
}

// Shown is what the map shows, "" when there is nothing to show.
func (d *Desk) Shown() string { return d.view.show }

// Show draws another map.
func (d *Desk) Show(what string) {
	if what == d.view.show || !slices.Contains(d.view.known, what) {
		return
	}
	d.touched()
	d.view.show = what
	d.redraw()
	d.tell()
}

// Resize says how many pixels there are for the map, at scale pixels to the
// window's unit. The map is laid out anew for that room.
func (d *Desk) Resize(width, height int, scale float64) {
	scale *= enlarge
	if width <= 0 || height <= 0 || scale <= 0 || d.closed {
		return
	}
	r := request{width: max(1, int(math.Floor(float64(width)/scale))), height: max(1, int(math.Floor(float64(height)/scale))), scale: scale}
	if r == d.view.request {
		return
	}
	d.view.request = r
	d.redraw()
}

// Picture is the map as last drawn, nil when there is none; then the words say
// why.
func (d *Desk) Picture() (*image.RGBA, string) {
	v := d.view
	switch {
	case v.trouble != nil:
		return nil, v.trouble.Sentence + "\n" + v.trouble.Hint
	case v.show == "" && d.busy != nil:
		return nil, ""
	case v.show == "" && len(d.facts.loaded) == 0 && d.madeUp:
		return nil, "Nothing is loaded.\n“Do everything” loads the made-up state and goes on from there."
	case v.show == "" && len(d.facts.loaded) == 0:
		return nil, "Nothing is loaded yet.\nAdd your files in the step “Data”, or drop them on this window."
	case v.show == "":
		return nil, "The map appears when the places are linked.\nDo the step “Places”."
	}
	return v.image, ""
}

// redraw makes the picture anew beside the window. While one is being made the
// newest request waits; those between are never drawn.
func (d *Desk) redraw() {
	v := &d.view
	if v.drawing {
		v.dirty = true
		return
	}
	if v.show == "" || v.request.scale == 0 {
		v.image, v.trouble = nil, nil
		return
	}
	v.drawing, v.dirty = true, false
	m := action.NewMap()
	m.Show, m.Width, m.Height = v.show, v.request.width, v.request.height
	work, scale := d.work, v.request.scale
	d.run(func() {
		img, err := work.Draw(d.ctx, m, scale)
		d.post(func() { d.drawn(img, err) })
	})
}

// drawn takes in a finished picture.
func (d *Desk) drawn(img *image.RGBA, err error) {
	v := &d.view
	v.drawing = false
	v.image, v.trouble = img, troubleOf(err, "map")
	if v.dirty {
		d.redraw()
	}
}
