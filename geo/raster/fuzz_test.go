package raster

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// FuzzTIFF opens what may be anything and reads a part of every band: it ends
// in values or an *Error.
func FuzzTIFF(f *testing.F) {
	files, err := filepath.Glob("testdata/*.tif")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := Open("a.tif", data, Options{CRS: "EPSG:4326"})
		if err != nil {
			if e := new(Error); !errors.As(err, &e) || e.Hint == "" {
				t.Fatalf("the error is %T: %v", err, err)
			}
			return
		}
		w, h := min(r.Width, 64), min(r.Height, 64)
		out := make([]float64, w*h)
		for band := range min(len(r.Bands), 4) {
			for _, at := range [][2]int{{0, 0}, {r.Width - w, r.Height - h}} {
				if err := r.Cells().Window(t.Context(), band, at[0], at[1], w, h, out); err != nil && !errors.As(err, new(*Error)) {
					t.Fatalf("the error is %T: %v", err, err)
				}
			}
		}
		_ = r.Describe()
	})
}
