package boundary

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/paulmach/orb"
)

// topology is a TopoJSON document (topojson-specification 1.0): borders as
// arcs that areas share, and objects, each a layer of geometries.
type topology struct {
	arcs  [][]orb.Point
	left  int // points that may still be used: an arc is shared by two areas, not by thousands
	scale [2]float64
	shift [2]float64
	delta bool // positions are differences in steps of scale
}

// readTopology reads the layer asked for, or the only one with areas.
func (g *geoReader) readTopology(ctx context.Context, doc []byte, layer string) error {
	t, err := newTopology(member(doc, "arcs"), member(doc, "transform"))
	if err != nil {
		return &Error{File: g.place.file, Detail: err.Error(), Err: err, Hint: "export it again, best as GeoJSON"}
	}
	object, err := g.pickObject(member(doc, "objects"), layer)
	if err != nil {
		return err
	}
	geometries := func(yield func([]byte) bool) { yield(object) }
	if unquote(member(object, "type")) == "GeometryCollection" {
		geometries = elements(member(object, "geometries"))
	}
	for geometry := range geometries {
		if len(g.areas)%64 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if id := member(geometry, "id"); kindOf(id) == '"' {
			g.attrs.set(len(g.areas), "id", id)
		}
		area, err := g.shared(t, geometry, 0)
		if err != nil {
			return g.wrong(err)
		}
		for key, value := range members(member(geometry, "properties")) {
			g.attrs.set(len(g.areas), key, value)
		}
		g.areas = append(g.areas, area)
	}
	return nil
}

// pickObject finds the layer of areas.
func (g *geoReader) pickObject(objects []byte, layer string) ([]byte, error) {
	var all, with []string
	var found []byte
	for name, object := range members(objects) {
		all = append(all, name)
		if name == layer {
			return object, nil
		}
		if holdsPolygons(object, 0) {
			with, found = append(with, name), object
		}
	}
	switch {
	case layer != "":
		return nil, &Error{File: g.place.file, Detail: fmt.Sprintf("it has no layer %q", layer), Hint: "its layers are: " + list(all)}
	case len(with) > 1:
		return nil, severalLayers(g.place.file, with)
	case len(with) == 0 && len(all) > 0:
		return nil, notAreas(g.place.file, "it", "points or lines")
	case len(with) == 0:
		return nil, noFeatures(g.place.file)
	}
	return found, nil
}

func holdsPolygons(object []byte, depth int) bool {
	switch unquote(member(object, "type")) {
	case "Polygon", "MultiPolygon":
		return true
	case "GeometryCollection":
		for e := range elements(member(object, "geometries")) {
			if depth < maxCollections && holdsPolygons(e, depth+1) {
				return true
			}
		}
	}
	return false
}

// newTopology decodes the arcs.
func newTopology(arcs, transform []byte) (*topology, error) {
	t := &topology{scale: [2]float64{1, 1}}
	if kindOf(transform) == '{' {
		t.delta = true
		for key, to := range map[string]*[2]float64{"scale": &t.scale, "translate": &t.shift} {
			p, err := position(member(transform, key))
			if err != nil {
				return nil, errors.New("its transform doesn't give a scale and a translation")
			}
			*to = p
		}
	}
	n := 0
	for a := range elements(arcs) {
		points, err := positions(a)
		if err != nil {
			return nil, fmt.Errorf("arc %d: %w", len(t.arcs)+1, err)
		}
		t.place(points)
		t.arcs = append(t.arcs, points)
		n += len(points)
	}
	t.left = 8*n + freeCells
	return t, nil
}

// place turns steps into coordinates.
func (t *topology) place(points []orb.Point) {
	if !t.delta {
		return
	}
	var at orb.Point
	for i, p := range points {
		at[0], at[1] = at[0]+p[0], at[1]+p[1]
		points[i] = orb.Point{at[0]*t.scale[0] + t.shift[0], at[1]*t.scale[1] + t.shift[1]}
	}
}

// shared reads a geometry made of arcs; null is a nil area.
func (g *geoReader) shared(t *topology, geometry []byte, depth int) (orb.MultiPolygon, error) {
	var polygons [][][]orb.Point
	switch kind := unquote(member(geometry, "type")); kind {
	case "Polygon":
		p, err := t.rings(member(geometry, "arcs"))
		if err != nil {
			return nil, err
		}
		polygons = append(polygons, p)
	case "MultiPolygon":
		for e := range elements(member(geometry, "arcs")) {
			p, err := t.rings(e)
			if err != nil {
				return nil, err
			}
			polygons = append(polygons, p)
		}
	case "GeometryCollection":
		var out orb.MultiPolygon
		for e := range elements(member(geometry, "geometries")) {
			if depth >= maxCollections {
				return nil, errors.New("its geometry collections are nested too deeply")
			}
			part, err := g.shared(t, e, depth+1)
			if err != nil {
				return nil, err
			}
			out = append(out, part...)
		}
		return out, nil
	case "", "null":
		g.empty++
		return nil, nil
	default:
		return nil, &geometryError{kind: kind}
	}
	g.current = len(g.areas)
	return g.assemble(g.place, polygons)
}

// rings puts the rings of one polygon together.
func (t *topology) rings(raw []byte) ([][]orb.Point, error) {
	var out [][]orb.Point
	for e := range elements(raw) {
		r, err := t.ring(e)
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, nil
}

// ring joins arcs end to end; ~i stands for arc i backwards.
func (t *topology) ring(raw []byte) ([]orb.Point, error) {
	var out []orb.Point
	for e := range elements(raw) {
		i, err := strconv.Atoi(string(e))
		backwards := i < 0
		if backwards {
			i = ^i
		}
		if err != nil || i >= len(t.arcs) {
			return nil, errors.New("it names an arc that isn't there")
		}
		arc := t.arcs[i]
		if t.left -= len(arc); t.left < 0 {
			return nil, errors.New("it uses the same arcs far too often")
		}
		if backwards {
			arc = slices.Clone(arc)
			slices.Reverse(arc)
		}
		if len(out) > 0 && len(arc) > 0 && out[len(out)-1] == arc[0] {
			arc = arc[1:]
		}
		out = append(out, arc...)
	}
	return out, nil
}
