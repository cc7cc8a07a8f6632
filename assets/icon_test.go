package assets

import (
	"bytes"
	"flag"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"math"
	"os"
	"testing"

	"golang.org/x/image/vector"
)

// -update writes the icon as it is drawn here:
//
//	go test ./assets -run Icon -update
func TestIconIsWhatThisDraws(t *testing.T) {
	var want bytes.Buffer
	if err := png.Encode(&want, drawIcon(256)); err != nil {
		t.Fatal(err)
	}
	if flag.Lookup("update") == nil {
		t.Fatal("the flag is gone")
	}
	if flag.Lookup("update").Value.String() == "true" {
		if err := os.WriteFile("icon/icon.png", want.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := png.Decode(bytes.NewReader(Icon()))
	if err != nil {
		t.Fatal(err)
	}
	drawn, err := png.Decode(&want)
	if err != nil {
		t.Fatal(err)
	}
	for y := range 256 {
		for x := range 256 {
			if got.At(x, y) != drawn.At(x, y) {
				t.Fatalf("pixel %d,%d of the embedded icon is not as drawn; run with -update", x, y)
			}
		}
	}
}

var _ = flag.Bool("update", false, "write the icon")

// drawIcon draws a map pin over the meshes of a net, on a rounded ground.
func drawIcon(side int) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, side, side))
	u := float32(side) / 256
	ground := color.NRGBA{R: 0x1B, G: 0x6B, B: 0x64, A: 0xFF}
	mesh := color.NRGBA{R: 0x8F, G: 0xC7, B: 0xBE, A: 0xFF}
	white := color.NRGBA{R: 0xFF, G: 0xFF, B: 0xFF, A: 0xFF}
	fill(img, ground, func(z *vector.Rasterizer) { roundedSquare(z, 8*u, 248*u, 52*u) })
	for i := range 5 {
		at := float32(48+40*i) * u
		fill(img, mesh, func(z *vector.Rasterizer) { bar(z, at, 30*u, at, 226*u, 3*u) })
		fill(img, mesh, func(z *vector.Rasterizer) { bar(z, 30*u, at, 226*u, at, 3*u) })
	}
	fill(img, ground, func(z *vector.Rasterizer) { pin(z, 128*u, 104*u, 74*u, 234*u) })
	fill(img, white, func(z *vector.Rasterizer) { pin(z, 128*u, 104*u, 62*u, 216*u) })
	fill(img, color.NRGBA{R: 0xC9, G: 0x4A, B: 0x2A, A: 0xFF}, func(z *vector.Rasterizer) { disc(z, 128*u, 104*u, 27*u) })
	return img
}

func fill(img draw.Image, c color.Color, path func(*vector.Rasterizer)) {
	b := img.Bounds()
	z := vector.NewRasterizer(b.Dx(), b.Dy())
	path(z)
	z.Draw(img, b, image.NewUniform(c), image.Point{})
}

func bar(z *vector.Rasterizer, x1, y1, x2, y2, half float32) {
	if x1 == x2 {
		polygon(z, x1-half, y1, x1+half, y1, x2+half, y2, x2-half, y2)
		return
	}
	polygon(z, x1, y1-half, x2, y2-half, x2, y2+half, x1, y1+half)
}

func polygon(z *vector.Rasterizer, xy ...float32) {
	z.MoveTo(xy[0], xy[1])
	for i := 2; i < len(xy); i += 2 {
		z.LineTo(xy[i], xy[i+1])
	}
	z.ClosePath()
}

func disc(z *vector.Rasterizer, cx, cy, r float32) { arc(z, cx, cy, r, 0, 2*math.Pi, true) }

// arc runs along a circle in short lines, from angle to angle.
func arc(z *vector.Rasterizer, cx, cy, r float32, from, to float64, move bool) {
	const steps = 64
	for i := range steps + 1 {
		s, c := math.Sincos(from + (to-from)*float64(i)/steps)
		x, y := cx+r*float32(c), cy+r*float32(s)
		if i == 0 && move {
			z.MoveTo(x, y)
		} else {
			z.LineTo(x, y)
		}
	}
	if move && to-from >= 2*math.Pi {
		z.ClosePath()
	}
}

// pin is a circle that runs into a point below: the tangents from the point.
func pin(z *vector.Rasterizer, cx, cy, r, tip float32) {
	a := math.Asin(float64(r / (tip - cy)))
	arc(z, cx, cy, r, math.Pi-a, 2*math.Pi+a, true)
	z.LineTo(cx, tip)
	z.ClosePath()
}

func roundedSquare(z *vector.Rasterizer, low, high, r float32) {
	arc(z, high-r, low+r, r, -math.Pi/2, 0, true)
	arc(z, high-r, high-r, r, 0, math.Pi/2, false)
	arc(z, low+r, high-r, r, math.Pi/2, math.Pi, false)
	arc(z, low+r, low+r, r, math.Pi, 3*math.Pi/2, false)
	z.ClosePath()
}
