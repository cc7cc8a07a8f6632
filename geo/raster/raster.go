// Package raster reads rasters placed on the earth (GeoTIFF): where their
// cells lie, in which reference system, what each band is and which cells have
// no value.
//
// A Raster holds the file's bytes and unpacks the parts that are asked for
// (package tiff), so a national raster at 100 m needs no more memory than its
// file and a few of its tiles. A cell without a value is NaN here, whichever
// way the file says so: by its nodata number, by a mask, or as NaN itself.
// Scale and offset that the file gives are applied.
//
// What a ward gets of a raster is the business of package zonal.
package raster

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"path"
	"strings"

	"chatmrpt/geo/boundary/crs"
	"chatmrpt/geo/raster/tiff"
)

// Options change how a file is read.
type Options struct {
	// CRS names the reference system, such as "EPSG:32632". It is used in place
	// of whatever the file says or leaves out. Empty means: as the file says.
	CRS string
}

// Error tells what is wrong with a raster in words for a person.
type Error struct {
	File   string
	Detail string // what is wrong, lower case, no final stop
	Hint   string // what to do about it; never empty
	NoCRS  bool   // all that lacks is the reference system
	Err    error  // the cause; may be nil
}

// Error is the file and what is wrong with it, without the hint.
func (e *Error) Error() string { return e.File + ": " + e.Detail }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Raster is one opened file. It is never changed; each goroutine that reads
// cells takes Cells of its own.
type Raster struct {
	Name          string // file name without ending
	Width, Height int
	Type          string // of the samples, in GDAL's words: Byte, Int16, Float32, …
	Bands         []Band
	CRS           *crs.System
	Place         Affine
	NoData        float64 // what the file writes in a cell without a value
	HasNoData     bool
	Notices       []string // what a person should know: reference system assumed, other pages, …

	page, mask *tiff.Page
}

// Band is one layer of numbers.
type Band struct {
	Name          string // as the file describes it, "" for none
	IsAlpha       bool   // says how opaque a cell is, nothing about the ground
	Scale, Offset float64
}

// Affine places cells: column c and row r, counted from 0 at the outer corner
// of the first cell, lie at x = X0 + c·XC + r·XR, y = Y0 + c·YC + r·YR.
type Affine struct{ X0, XC, XR, Y0, YC, YR float64 }

// At is the place of a column and row.
func (a Affine) At(c, r float64) (x, y float64) {
	return a.X0 + c*a.XC + r*a.XR, a.Y0 + c*a.YC + r*a.YR
}

// Inverse is the way back, from x and y to column and row; false where cells
// have no area.
func (a Affine) Inverse() (Affine, bool) {
	det := a.XC*a.YR - a.XR*a.YC
	if det == 0 || math.IsNaN(det) || math.IsInf(det, 0) {
		return Affine{}, false
	}
	inv := Affine{XC: a.YR / det, XR: -a.XR / det, YC: -a.YC / det, YR: a.XC / det}
	inv.X0 = -(a.X0*inv.XC + a.Y0*inv.XR)
	inv.Y0 = -(a.X0*inv.YC + a.Y0*inv.YR)
	return inv, true
}

const hintConvert = "save it again as an uncompressed or deflate-packed GeoTIFF (QGIS: Export, Save As; or gdal_translate -co COMPRESS=DEFLATE)"

// Is tells a TIFF by its first bytes.
func Is(data []byte) bool { return tiff.IsTIFF(data) }

// Open reads what a GeoTIFF says about itself; no cell is unpacked yet. data
// must not change while the raster is in use. The error is an *Error.
func Open(name string, data []byte, o Options) (*Raster, error) {
	fail := func(detail, hint string, err error) (*Raster, error) {
		return nil, &Error{File: name, Detail: detail, Hint: hint, Err: err}
	}
	pages, err := tiff.Pages(data)
	if unreadable := new(tiff.UnreadableError); errors.As(err, &unreadable) {
		return fail(err.Error(), hintConvert, err)
	}
	if err != nil {
		return fail(err.Error(), "if the file is whole, "+hintConvert, err)
	}
	r := &Raster{Name: strings.TrimSuffix(path.Base(name), path.Ext(name)), page: pages[0]}
	r.Width, r.Height, r.Type = r.page.Width, r.page.Height, r.page.TypeName()
	if err := r.setPlace(); err != nil {
		return fail(err.Error(), "save it again as a GeoTIFF from the program it came from", err)
	}
	if err := r.setSystem(name, o); err != nil {
		return nil, err
	}
	r.setBands()
	r.setMask(pages[1:])
	return r, nil
}

// GeoTIFF 1.1 (OGC 19-008r4) tags, and those of GDAL.
const (
	tagPixelScale     = 33550
	tagTiepoint       = 33922
	tagTransformation = 34264
	tagGeoKeys        = 34735
	tagGeoDoubles     = 34736
	tagGeoTexts       = 34737
	tagMetadata       = 42112
	tagNoData         = 42113
)

// setPlace settles where the cells lie. A raster whose cells are points has
// its coordinates at their centres, half a cell further.
func (r *Raster) setPlace() error {
	m, scale, tie := r.page.Doubles(tagTransformation), r.page.Doubles(tagPixelScale), r.page.Doubles(tagTiepoint)
	switch {
	case len(scale) >= 2 && len(tie) == 6:
		r.Place = Affine{XC: scale[0], YR: -scale[1]}
		r.Place.X0, r.Place.Y0 = tie[3]-tie[0]*scale[0], tie[4]+tie[1]*scale[1]
	case len(m) == 16:
		r.Place = Affine{m[3], m[0], m[1], m[7], m[4], m[5]}
	case len(tie) > 6:
		return errors.New("it is placed by control points only, which can't be used")
	default:
		return errors.New("nothing in it says where on the earth it lies")
	}
	if r.keys().short(keyRasterType) == rasterIsPoint {
		r.Place.X0, r.Place.Y0 = r.Place.At(-0.5, -0.5)
	}
	x, y := r.Place.At(float64(r.Width), float64(r.Height))
	if _, ok := r.Place.Inverse(); !ok || !isFinite(r.Place.X0) || !isFinite(r.Place.Y0) || !isFinite(x) || !isFinite(y) {
		return errors.New("the place it gives for its cells makes no sense")
	}
	return nil
}

func isFinite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// setSystem settles the reference system: what the person says, else the
// file's, else degrees where its corners are on the globe.
func (r *Raster) setSystem(name string, o Options) error {
	fail := func(detail string, err error) error {
		return &Error{File: name, Detail: detail, Err: err, NoCRS: true,
			Hint: "name its reference system with --crs EPSG:N (for Nigeria often 4326, 32631, 32632 or 26391 to 26393)"}
	}
	if o.CRS != "" {
		s, err := crs.FromName(o.CRS)
		if err != nil {
			return fail(fmt.Sprintf("the reference system %q isn't known", o.CRS), err)
		}
		r.CRS = s
		return nil
	}
	s, err := r.keys().system()
	switch {
	case err != nil:
		return fail("its reference system can't be used: "+err.Error(), err)
	case s != nil:
		r.CRS = s
	case !r.isGlobal():
		return fail("it names no reference system, and its coordinates aren't degrees", nil)
	default:
		r.CRS = crs.WGS84()
		r.Notices = append(r.Notices, "the raster names no reference system; longitude and latitude on WGS 84 (EPSG:4326) are assumed")
	}
	if note := r.CRS.Note(); note != "" {
		r.Notices = append(r.Notices, note)
	}
	return nil
}

// isGlobal reports whether the corners can be longitudes and latitudes.
func (r *Raster) isGlobal() bool {
	w, h := float64(r.Width), float64(r.Height)
	for _, c := range [][2]float64{{0, 0}, {w, 0}, {0, h}, {w, h}} {
		if x, y := r.Place.At(c[0], c[1]); !(math.Abs(x) <= 361 && math.Abs(y) <= 91) {
			return false
		}
	}
	return true
}

// setMask takes the mask of the image from the pages after it and tells of
// further images, which aren't read.
func (r *Raster) setMask(others []*tiff.Page) {
	further := 0
	for _, p := range others {
		switch {
		case p.IsMask && !p.IsReduced && r.mask == nil && p.Width == r.Width && p.Height == r.Height:
			r.mask = p
		case !p.IsMask && !p.IsReduced:
			further++
		}
	}
	if further > 0 {
		r.Notices = append(r.Notices, fmt.Sprintf("the file holds %d further images, which were not read", further))
	}
}

// Cells reads the cells of a raster for one goroutine.
type Cells struct {
	r          *Raster
	read, mask *tiff.Reader
	alpha      int       // band whose zeros are holes, −1 for none
	seen       []float64 // a mask's window
}

// cacheBytes is how much of a raster is kept unpacked while it is walked over.
const cacheBytes = 64 << 20

// Cells makes a reader of cells.
func (r *Raster) Cells() *Cells {
	c := &Cells{r: r, read: r.page.NewReader(cacheBytes), alpha: -1}
	switch {
	case r.mask != nil:
		c.mask = r.mask.NewReader(cacheBytes / 8)
	case !r.HasNoData && (r.Type == "Byte" || r.Type == "UInt16"): // the types that GDAL lets an alpha band mask
		for i, b := range r.Bands {
			if b.IsAlpha {
				c.alpha = i
			}
		}
	}
	return c
}

// Window reads the values of band (from 0) in the rectangle of w × h cells
// whose first cell is at column x, row y, row by row; NaN where a cell has no
// value. The error is an *Error or that of the context.
func (c *Cells) Window(ctx context.Context, band, x, y, w, h int, out []float64) error {
	err := c.read.Window(ctx, band, x, y, w, h, out)
	if err == nil && (c.mask != nil || c.alpha >= 0) {
		err = c.hide(ctx, x, y, w, h, out)
	}
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return &Error{File: c.r.Name, Detail: err.Error(), Err: err, Hint: "the file is damaged or was cut short: copy it again from where it comes from"}
	}
	b := c.r.Bands[band]
	for i, v := range out[:w*h] {
		if c.r.isHole(v) {
			out[i] = math.NaN()
		} else if b.Scale != 1 || b.Offset != 0 {
			out[i] = v*b.Scale + b.Offset
		}
	}
	return nil
}

// hide makes NaN of the cells that the mask or alpha band leaves out.
func (c *Cells) hide(ctx context.Context, x, y, w, h int, out []float64) error {
	if cap(c.seen) < w*h {
		c.seen = make([]float64, w*h)
	}
	seen, from, band := c.seen[:w*h], c.mask, 0
	if from == nil {
		from, band = c.read, c.alpha
	}
	if err := from.Window(ctx, band, x, y, w, h, seen); err != nil {
		return err
	}
	for i, v := range seen {
		if v == 0 {
			out[i] = math.NaN()
		}
	}
	return nil
}

// isHole reports whether a sample stands for no value. Besides the number the
// file names, a 32-bit number of about −3.4e38 is none where the file's own
// number is another spelling of the same lowest value, as ESRI's programs
// write it.
func (r *Raster) isHole(v float64) bool {
	const lowest = -3.39e38
	return math.IsNaN(v) || math.IsInf(v, 0) || (r.HasNoData && (v == r.NoData || (v < lowest && r.NoData < lowest)))
}

// Describe is a line about the raster for a report, such as "1560 × 1200
// cells, Float32, EPSG:4326, nodata -9999".
func (r *Raster) Describe() string {
	nodata := "no nodata value"
	if r.HasNoData {
		nodata = fmt.Sprintf("nodata %g", r.NoData)
	}
	return fmt.Sprintf("%d × %d cells, %s, %s, %s", r.Width, r.Height, r.Type, cmp.Or(r.CRS.String(), "?"), nodata)
}
