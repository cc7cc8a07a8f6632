package boundary

import (
	"errors"
	"fmt"
	"math"

	"github.com/paulmach/orb"

	"chatmrpt/geo/boundary/crs"
	"chatmrpt/geo/feature"
)

// Longitudes and latitudes may exceed their range by rounding.
const slack = 1e-6

// placer brings the points of a file to WGS 84 and watches that they make
// sense there.
type placer struct {
	file    string
	system  *crs.System
	assumed bool // the file names no system
	raw     orb.Bound
	any     bool
}

// What can be wrong with a point.
var (
	errNotNumber = errors.New("a coordinate isn't a number")
	errOutside   = errors.New("a point lies outside the earth")
)

// place transforms points in place. The error wraps errNotNumber or
// errOutside and doesn't say which shape it was in.
func (p *placer) place(points []orb.Point) error {
	for i, raw := range points {
		if isBad(raw[0]) || isBad(raw[1]) {
			return errNotNumber
		}
		if !p.any {
			p.raw, p.any = orb.Bound{Min: raw, Max: raw}, true
		}
		p.raw.Min[0], p.raw.Max[0] = min(p.raw.Min[0], raw[0]), max(p.raw.Max[0], raw[0])
		p.raw.Min[1], p.raw.Max[1] = min(p.raw.Min[1], raw[1]), max(p.raw.Max[1], raw[1])
		lon, lat := p.system.ToWGS84(raw[0], raw[1])
		if !isOnEarth(lon, lat) {
			return fmt.Errorf("%w (%.8g, %.8g)", errOutside, raw[0], raw[1])
		}
		points[i] = orb.Point{lon, lat}
	}
	return nil
}

func isBad(v float64) bool { return math.IsNaN(v) || math.IsInf(v, 0) }

// isOnEarth is false for NaN too.
func isOnEarth(lon, lat float64) bool {
	return math.Abs(lon) <= 180+slack && math.Abs(lat) <= 90+slack
}

// explain makes the error of place one for a person; where says which shape,
// such as "record 3".
func (p *placer) explain(where string, err error) error {
	e := &Error{File: p.file, Detail: fmt.Sprintf("%s: %v", where, err), Err: err}
	switch {
	case errors.Is(err, errNotNumber):
		e.Hint = "repair or delete that shape (QGIS: Fix geometries) and save the file again"
	case p.assumed:
		e.NoCRS = true
		e.Detail += "; the file names no reference system, so degrees were expected"
		e.Hint = "add the .prj file, or name the system with --crs EPSG:N (for Nigeria often 32631, 32632, 26391, 26392 or 26393)"
	default:
		e.Detail += fmt.Sprintf("; it was read as %s", p.system)
		e.Hint = "the reference system doesn't fit the coordinates: name the right one with --crs EPSG:N, or save the file again as WGS 84 (EPSG:4326)"
	}
	return e
}

// check looks at all points together: metres that stay within ±180 and ±90
// are degrees under a wrong name, and would put a country into a bath tub.
func (p *placer) check() error {
	if !p.any || p.system.IsDegrees() || math.Abs(p.raw.Min[0]) > 180 || math.Abs(p.raw.Max[0]) > 180 ||
		math.Abs(p.raw.Min[1]) > 90 || math.Abs(p.raw.Max[1]) > 90 {
		return nil
	}
	return &Error{File: p.file, Detail: fmt.Sprintf("the coordinates look like degrees, but the reference system is said to be %s", p.system),
		Hint: "name the right system, most likely with --crs EPSG:4326"}
}

// note adds to a layer what a person should know about its reference system.
func (p *placer) note(l *feature.Layer) {
	l.CRS = p.system.String()
	if l.AssumedCRS = p.assumed && p.any; l.AssumedCRS {
		l.Notices = append(l.Notices, fmt.Sprintf(
			"the file names no reference system; longitude and latitude on WGS 84 (EPSG:4326) are assumed, which puts it between %s and %s: check it on the map",
			degreesText(p.raw.Min), degreesText(p.raw.Max)))
	}
	if note := p.system.Note(); note != "" {
		l.Notices = append(l.Notices, note)
	}
}

// degreesText writes a point as 8.52° E 12.00° N.
func degreesText(p orb.Point) string {
	east, north := "E", "N"
	if p[0] < 0 {
		east = "W"
	}
	if p[1] < 0 {
		north = "S"
	}
	return fmt.Sprintf("%.2f° %s %.2f° %s", math.Abs(p[0]), east, math.Abs(p[1]), north)
}
