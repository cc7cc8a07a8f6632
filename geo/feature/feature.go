// Package feature is a layer of areas with attributes, as the readers of
// boundary files give it and everything else in geo takes it.
//
// Coordinates are longitude and latitude in degrees on WGS 84 (EPSG:4326):
// readers transform while reading, so nothing above them handles another
// reference system. An area is an orb.MultiPolygon, each polygon an outer ring
// followed by its holes, rings closed. A feature without geometry has a nil
// area and stays in the layer, because its attributes still count.
package feature

import (
	"fmt"

	"github.com/paulmach/orb"
)

// Layer is a list of areas and, in the same order, their attributes.
type Layer struct {
	Name    string             // the file's own name for it
	CRS     string             // the reference system of the file: "EPSG:4326", or what its .prj says
	Areas   []orb.MultiPolygon // degrees, WGS 84
	Columns []Column
	Notices []string // what a person should know: CRS assumed, rings closed, …
	Repairs []Repair // what was mended, in the order of the features; a long list is cut

	// AssumedCRS says that the file names no reference system and its
	// coordinates were taken for degrees because they could be.
	AssumedCRS bool
}

// Repair is what was done to the shape of one feature.
type Repair struct {
	Feature int       // its place in the layer, from 0
	What    string    // such as "crossed itself at 1 place and was cut there"
	At      orb.Point // where, in degrees; the zero point where that says nothing
}

// Column is one attribute. Exactly one of Texts and Numbers is used.
type Column struct {
	Name     string
	IsNumber bool
	Texts    []string
	Numbers  []float64
	Present  []bool // false where the file has no value
}

// Len returns the number of features.
func (l *Layer) Len() int { return len(l.Areas) }

// Column returns the attribute of that name.
func (l *Layer) Column(name string) (*Column, bool) {
	for i := range l.Columns {
		if l.Columns[i].Name == name {
			return &l.Columns[i], true
		}
	}
	return nil, false
}

// Validate reports the first inconsistency between the number of areas and
// the lengths of the attributes.
func (l *Layer) Validate() error {
	for _, c := range l.Columns {
		values := len(c.Texts)
		if c.IsNumber {
			values = len(c.Numbers)
		}
		if values != l.Len() || len(c.Present) != l.Len() {
			return fmt.Errorf("layer %s: attribute %s has %d values for %d features", l.Name, c.Name, values, l.Len())
		}
	}
	return nil
}

// Bound returns the smallest box around all areas, and false when there is
// none.
func (l *Layer) Bound() (orb.Bound, bool) {
	var out orb.Bound
	found := false
	for _, a := range l.Areas {
		if len(a) == 0 {
			continue
		}
		if b := a.Bound(); found {
			out = out.Union(b)
		} else {
			out, found = b, true
		}
	}
	return out, found
}
