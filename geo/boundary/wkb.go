package boundary

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/paulmach/orb"
)

// Kinds of geometry in well-known binary (OGC 06-103r4, table 4). Heights and
// measures add 1000, 2000 or 3000, or, as PostGIS writes them, bits above.
const (
	wkbPolygon      = 3
	wkbMultiPolygon = 6
	wkbCollection   = 7
	ewkbZ           = 0x80000000
	ewkbM           = 0x40000000
	ewkbSRID        = 0x20000000
)

// wkbReader walks over one geometry.
type wkbReader struct {
	rest []byte
}

var errWKB = errors.New("it holds less than it announces")

// take gives the next n bytes.
func (r *wkbReader) take(n int) ([]byte, error) {
	if n < 0 || n > len(r.rest) {
		return nil, errWKB
	}
	b := r.rest[:n]
	r.rest = r.rest[n:]
	return b, nil
}

// header reads the byte order and the kind of a geometry, and how many numbers
// its points have.
func (r *wkbReader) header() (order binary.ByteOrder, kind uint32, numbers int, err error) {
	b, err := r.take(5)
	if err != nil {
		return nil, 0, 0, err
	}
	order = binary.LittleEndian
	if b[0] == 0 {
		order = binary.BigEndian
	}
	kind, numbers = order.Uint32(b[1:]), 2
	for _, flag := range []uint32{ewkbZ, ewkbM} {
		if kind&flag != 0 {
			numbers++
		}
	}
	if kind&ewkbSRID != 0 {
		if _, err := r.take(4); err != nil {
			return nil, 0, 0, err
		}
	}
	kind &^= ewkbZ | ewkbM | ewkbSRID
	switch kind / 1000 {
	case 1, 2:
		numbers++
	case 3:
		numbers += 2
	}
	return order, kind % 1000, numbers, nil
}

func (r *wkbReader) count(order binary.ByteOrder, size int) (int, error) {
	b, err := r.take(4)
	if err != nil {
		return 0, err
	}
	n := int64(order.Uint32(b))
	if n > int64(len(r.rest)/size) {
		return 0, fmt.Errorf("it announces %d parts, but has room for fewer", n)
	}
	return int(n), nil
}

// polygons reads a polygon, or all polygons of a collection, as lists of
// points.
func (r *wkbReader) polygons(depth int) ([][][]orb.Point, error) {
	order, kind, numbers, err := r.header()
	if err != nil {
		return nil, err
	}
	switch kind {
	case wkbPolygon:
		p, err := r.polygon(order, numbers)
		return [][][]orb.Point{p}, err
	case wkbMultiPolygon, wkbCollection:
	default:
		return nil, &geometryError{kind: wkbName(kind)}
	}
	if depth >= maxCollections {
		return nil, errors.New("its geometry collections are nested too deeply")
	}
	n, err := r.count(order, 5)
	if err != nil {
		return nil, err
	}
	var out [][][]orb.Point
	for range n {
		part, err := r.polygons(depth + 1)
		if err != nil {
			return nil, err
		}
		out = append(out, part...)
	}
	return out, nil
}

func wkbName(kind uint32) string {
	names := []string{"", "Point", "LineString", "", "MultiPoint", "MultiLineString", "", "", "CircularString", "CompoundCurve", "CurvePolygon", "MultiCurve", "MultiSurface"}
	if int(kind) < len(names) && names[kind] != "" {
		return names[kind]
	}
	return fmt.Sprintf("number %d", kind)
}

// polygon reads the rings of a polygon.
func (r *wkbReader) polygon(order binary.ByteOrder, numbers int) ([][]orb.Point, error) {
	n, err := r.count(order, 4)
	if err != nil {
		return nil, err
	}
	var out [][]orb.Point
	for range n {
		k, err := r.count(order, 8*numbers)
		if err != nil {
			return nil, err
		}
		b, err := r.take(k * 8 * numbers)
		if err != nil {
			return nil, err
		}
		points := make([]orb.Point, k)
		for i := range points {
			at := b[i*8*numbers:]
			points[i] = orb.Point{math.Float64frombits(order.Uint64(at)), math.Float64frombits(order.Uint64(at[8:]))}
		}
		out = append(out, points)
	}
	return out, nil
}
