package boundary

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path"
	"strconv"
	"strings"

	"github.com/paulmach/orb"

	"chatmrpt/geo/boundary/crs"
	"chatmrpt/geo/feature"
)

// maxCollections is how deep geometry collections may lie in each other.
const maxCollections = 4

// geoReader collects the features of a GeoJSON document (RFC 7946).
type geoReader struct {
	tally
	areas []orb.MultiPolygon
	attrs attributes
	place *placer
}

// readGeoJSON reads a FeatureCollection, a Feature, a bare geometry or a
// topology.
func readGeoJSON(ctx context.Context, files []File, asked wish) (*feature.Layer, error) {
	file := base(files[0].Name)
	doc := bytes.TrimPrefix(files[0].Data, []byte("\ufeff"))
	if err := checkJSON(doc); err != nil {
		return nil, &Error{File: file, Detail: "it isn't valid JSON: " + err.Error(), Err: err,
			Hint: "copy or export it again; a missing value must be written null, never NaN"}
	}
	doc = bytes.TrimSpace(doc)
	place, notices, err := placerFor(file, doc, asked.system)
	if err != nil {
		return nil, err
	}
	g := &geoReader{place: place}
	if err := g.document(ctx, doc, asked.layer); err != nil {
		return nil, err
	}
	l, err := g.layer(file, doc)
	if err != nil {
		return nil, err
	}
	l.Notices = append(notices, l.Notices...)
	return l, nil
}

// document reads whichever form the document has.
func (g *geoReader) document(ctx context.Context, doc []byte, layer string) error {
	switch kind := unquote(member(doc, "type")); kind {
	case "FeatureCollection":
		return g.collection(ctx, member(doc, "features"))
	case "Feature":
		return g.feature(doc)
	case "Topology":
		return g.readTopology(ctx, doc, layer)
	case "Polygon", "MultiPolygon", "GeometryCollection":
		return g.add(doc, nil)
	case "Point", "MultiPoint", "LineString", "MultiLineString":
		return notAreas(g.place.file, "it", "a "+kind)
	}
	return &Error{File: g.place.file, Detail: "it is JSON, but not GeoJSON", Hint: hintFormats}
}

func (g *geoReader) collection(ctx context.Context, features []byte) error {
	if kindOf(features) != '[' {
		return &Error{File: g.place.file, Detail: "its list of features is missing", Hint: "export it again as a GeoJSON FeatureCollection"}
	}
	for f := range elements(features) {
		if len(g.areas)%64 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if err := g.feature(f); err != nil {
			return err
		}
	}
	return nil
}

// feature reads one feature. An id that is text (a code) becomes an attribute
// unless a property is called id too; numbers only count the rows.
func (g *geoReader) feature(raw []byte) error {
	if unquote(member(raw, "type")) != "Feature" {
		return g.wrong(errors.New("it isn't a Feature"))
	}
	properties := member(raw, "properties")
	if k := kindOf(properties); k != '{' && k != 'n' {
		return g.wrong(errors.New("its properties aren't an object"))
	}
	if id := member(raw, "id"); kindOf(id) == '"' {
		g.attrs.set(len(g.areas), "id", id)
	}
	return g.add(member(raw, "geometry"), properties)
}

// add appends a feature.
func (g *geoReader) add(geometry, properties []byte) error {
	area, err := g.area(geometry, 0)
	if err != nil {
		return g.wrong(err)
	}
	for key, value := range members(properties) {
		g.attrs.set(len(g.areas), key, value)
	}
	g.areas = append(g.areas, area)
	return nil
}

// wrong says in which feature something is wrong.
func (g *geoReader) wrong(err error) error {
	where := fmt.Sprintf("feature %d", len(g.areas)+1)
	if kind := new(geometryError); errors.As(err, &kind) {
		return notAreas(g.place.file, where, kind.Error())
	}
	if errors.Is(err, errNotNumber) || errors.Is(err, errOutside) {
		return g.place.explain(where, err)
	}
	return &Error{File: g.place.file, Detail: where + ": " + err.Error(), Err: err, Hint: "repair that feature, or export the file again as GeoJSON"}
}

// geometryError is a geometry that isn't an area.
type geometryError struct{ kind string }

func (e *geometryError) Error() string {
	switch e.kind {
	case "Point", "MultiPoint", "LineString", "MultiLineString":
		return "a " + e.kind
	}
	return fmt.Sprintf("a geometry of unknown type %.40q", e.kind)
}

// area reads a geometry; null is a nil area.
func (g *geoReader) area(raw []byte, depth int) (orb.MultiPolygon, error) {
	if kindOf(raw) == 'n' {
		g.empty++
		return nil, nil
	}
	var out orb.MultiPolygon
	var err error
	dropped := g.dropped
	switch kind := unquote(member(raw, "type")); kind {
	case "Polygon":
		out, err = g.polygon(nil, member(raw, "coordinates"))
	case "MultiPolygon":
		out, err = g.polygons(member(raw, "coordinates"))
	case "GeometryCollection":
		out, err = g.geometries(member(raw, "geometries"), depth)
	default:
		return nil, &geometryError{kind: kind}
	}
	if len(out) == 0 && err == nil && depth == 0 {
		g.countMissing(g.dropped > dropped)
	}
	return out, err
}

// countMissing tells an empty geometry from one that lost its rings.
func (g *geoReader) countMissing(lost bool) {
	if lost {
		g.lost++
	} else {
		g.empty++
	}
}

// geometries joins the areas of a collection.
func (g *geoReader) geometries(raw []byte, depth int) (orb.MultiPolygon, error) {
	if depth >= maxCollections {
		return nil, errors.New("its geometry collections are nested too deeply")
	}
	var out orb.MultiPolygon
	for e := range elements(raw) {
		area, err := g.area(e, depth+1)
		if err != nil {
			return nil, err
		}
		out = append(out, area...)
	}
	return out, nil
}

func (g *geoReader) polygons(raw []byte) (orb.MultiPolygon, error) {
	if kindOf(raw) != '[' {
		return nil, errCoordinates
	}
	var out orb.MultiPolygon
	var err error
	for e := range elements(raw) {
		if out, err = g.polygon(out, e); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// polygon appends a polygon to out: the first ring is the outer one whatever
// its direction. Without an outer ring that encloses something there is none.
func (g *geoReader) polygon(out orb.MultiPolygon, raw []byte) (orb.MultiPolygon, error) {
	if kindOf(raw) != '[' {
		return nil, errCoordinates
	}
	var rings [][]orb.Point
	for e := range elements(raw) {
		points, err := positions(e)
		if err != nil {
			return nil, err
		}
		rings = append(rings, points)
	}
	g.current = len(g.areas)
	p, err := g.tally.polygon(g.place, rings)
	return append(out, p...), err
}

var errCoordinates = errors.New("its coordinates aren't lists of positions")

// positions reads a ring. Heights are dropped.
func positions(raw []byte) ([]orb.Point, error) {
	if kindOf(raw) != '[' {
		return nil, errCoordinates
	}
	points := make([]orb.Point, 0, bytes.Count(raw, []byte{'['})-1)
	for e := range elements(raw) {
		p, err := position(e)
		if err != nil {
			return nil, err
		}
		points = append(points, p)
	}
	return points, nil
}

func position(raw []byte) (orb.Point, error) {
	var p orb.Point
	i := 0
	for e := range elements(raw) {
		if i == 2 {
			break
		}
		if kindOf(e) != '0' {
			return p, errNotNumber
		}
		v, err := strconv.ParseFloat(string(e), 64)
		if err != nil {
			return p, errNotNumber
		}
		p[i] = v
		i++
	}
	if i < 2 {
		return p, errCoordinates
	}
	return p, nil
}

// layer makes the layer of what was collected.
func (g *geoReader) layer(file string, doc []byte) (*feature.Layer, error) {
	if len(g.areas) == 0 {
		return nil, noFeatures(file)
	}
	if err := g.place.check(); err != nil {
		return nil, err
	}
	columns, err := g.attrs.columns(len(g.areas), len(doc))
	if err != nil {
		return nil, &Error{File: file, Detail: err.Error(), Hint: "export it with the same properties in every feature"}
	}
	l := &feature.Layer{Name: strings.TrimSuffix(file, path.Ext(file)), Areas: g.areas, Columns: columns}
	if name := member(doc, "name"); kindOf(name) == '"' && len(name) > 2 {
		l.Name = unquote(name)
	}
	g.place.note(l)
	l.Notices = append(l.Notices, g.notices()...)
	l.Repairs = g.repairs
	return l, nil
}

// placerFor settles the reference system: what the person says, else the crs
// member of older files, else WGS 84 as RFC 7946 has it.
func placerFor(file string, doc []byte, asked *crs.System) (*placer, []string, error) {
	p := &placer{file: file, system: asked}
	member := member(doc, "crs")
	named, err := systemOf(member)
	switch {
	case asked != nil:
		return p, overridden(asked, named, kindOf(member) != 'n'), nil
	case err != nil:
		return nil, nil, unknownSystem(file, err)
	case named == nil: // "crs": null says that the system isn't known
		p.system, p.assumed = crs.WGS84(), member != nil
	default:
		p.system = named
	}
	return p, nil, nil
}

// systemOf reads a crs member; nil for null and for none.
func systemOf(raw []byte) (*crs.System, error) {
	if kindOf(raw) == 'n' {
		return nil, nil
	}
	name := member(member(raw, "properties"), "name")
	if unquote(member(raw, "type")) != "name" || kindOf(name) != '"' {
		return nil, errors.New("the crs member doesn't name it")
	}
	return crs.FromName(unquote(name))
}
