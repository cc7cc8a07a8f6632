package boundary

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/paulmach/orb"

	"chatmrpt/geo/boundary/ring"
)

// Sizes in a .shp file (ESRI Shapefile Technical Description, 1998): header,
// record header, and the fixed part of a polygon (type, box, two counts).
const (
	shpHeader     = 100
	recordHeader  = 8
	polygonHeader = 44
)

// shapes is what a .shp file gives: an area for each record, nil where it
// has none.
type shapes struct {
	tally
	areas []orb.MultiPolygon
	said  []string // notices beyond those of the tally
}

// shapeName says what shapes of a type are, by the low digit that types with
// heights and measures share.
func shapeName(kind uint32) string {
	switch kind {
	case 1, 11, 21:
		return "points"
	case 3, 13, 23:
		return "lines"
	case 8, 18, 28:
		return "groups of points"
	case 31:
		return "three-dimensional surfaces"
	}
	return fmt.Sprintf("shapes of unknown type %d", kind)
}

func isPolygon(kind uint32) bool { return kind == 5 || kind == 15 || kind == 25 }

// readShapes reads a .shp file whose header was checked. shx, if not nil,
// gives the order of the records; an index that doesn't fit is ignored, for
// the records follow each other in nearly all files.
func readShapes(ctx context.Context, data, shx []byte, p *placer) (*shapes, error) {
	s := &shapes{}
	records, err := recordsOf(data)
	if indexed, ok := recordsByIndex(data, shx); ok {
		records, err = indexed, nil
	} else if shx != nil && err == nil {
		s.said = append(s.said, "the index (.shx) doesn't fit the shapes and was ignored")
	}
	if err != nil {
		return nil, damaged(p.file, err)
	}
	if announced := shpLength(data); announced > int64(len(data)) {
		s.said = append(s.said, fmt.Sprintf("the .shp says it is %d bytes long and is %d; its %d shapes are whole, but compare their number with where the file comes from",
			announced, len(data), len(records)))
	}
	if err := s.readAll(ctx, records, p); err != nil {
		return nil, err
	}
	return s, p.check()
}

func damaged(file string, err error) error {
	return &Error{File: file, Detail: err.Error(), Err: err, Hint: "the file is damaged or was cut short: copy it again from where it comes from, or export it again"}
}

// checkShpHeader checks that a file is a .shp and holds areas.
func checkShpHeader(data []byte, file string) error {
	if len(data) < shpHeader || binary.BigEndian.Uint32(data) != 9994 {
		return &Error{File: file, Detail: "it isn't a shapefile", Hint: "check that it is the .shp and that it was copied whole"}
	}
	kind := binary.LittleEndian.Uint32(data[32:])
	if kind != 0 && !isPolygon(kind) {
		return notAreas(file, "it", shapeName(kind))
	}
	return nil
}

// notAreas says what a file or a part of it holds in place of areas.
func notAreas(file, where, what string) error {
	return &Error{File: file, Detail: where + " holds " + what + ", not areas", Hint: "give the file that holds the boundaries as polygons"}
}

// shpLength is how long the header says the file is.
func shpLength(data []byte) int64 { return 2 * int64(binary.BigEndian.Uint32(data[24:])) }

// recordsOf walks from record to record and returns their contents. The
// length in the file header may be wrong; the records decide.
func recordsOf(data []byte) ([][]byte, error) {
	if announced := shpLength(data); announced < int64(len(data)) && announced > shpHeader {
		data = data[:announced]
	}
	var out [][]byte
	for at := shpHeader; at < len(data); {
		rest := data[at:]
		if len(rest) < recordHeader {
			return nil, fmt.Errorf("record %d is cut short", len(out)+1)
		}
		size := 2 * int64(binary.BigEndian.Uint32(rest[4:]))
		if size > int64(len(rest)-recordHeader) {
			return nil, fmt.Errorf("record %d says it is %d bytes long, but only %d are left", len(out)+1, size, len(rest)-recordHeader)
		}
		out = append(out, rest[recordHeader:recordHeader+size])
		at += recordHeader + int(size)
	}
	return out, nil
}

// recordsByIndex takes the records in the order of the index. It refuses an
// index whose entries don't point to records, or to more bytes in all than
// the file has.
func recordsByIndex(data, shx []byte) ([][]byte, bool) {
	if len(shx) < shpHeader || binary.BigEndian.Uint32(shx) != 9994 || (len(shx)-shpHeader)%8 != 0 {
		return nil, false
	}
	out := make([][]byte, 0, (len(shx)-shpHeader)/8)
	left := int64(len(data) - shpHeader)
	for entry := shx[shpHeader:]; len(entry) > 0; entry = entry[8:] {
		at, size := 2*int64(binary.BigEndian.Uint32(entry)), 2*int64(binary.BigEndian.Uint32(entry[4:]))
		left -= recordHeader + size
		if left < 0 || at < shpHeader || at+recordHeader+size > int64(len(data)) ||
			int64(binary.BigEndian.Uint32(data[at+4:]))*2 != size {
			return nil, false
		}
		out = append(out, data[at+recordHeader:at+recordHeader+size])
	}
	return out, true
}

// readAll turns records into areas.
func (s *shapes) readAll(ctx context.Context, records [][]byte, p *placer) error {
	g := ring.NewGrouper()
	s.areas = make([]orb.MultiPolygon, len(records))
	for i, r := range records {
		if i%256 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		s.current = i
		area, err := s.readRecord(ctx, r, p, g)
		if err != nil {
			return recordError(i+1, err, p)
		}
		s.areas[i] = area
	}
	s.overlaps, s.turned = g.Overlaps, g.Turned
	return nil
}

// recordError says in which record something went wrong, and what to do.
func recordError(number int, err error, p *placer) error {
	where := fmt.Sprintf("record %d", number)
	var kind *kindError
	switch {
	case isCancelled(err):
		return err
	case errors.Is(err, errNotNumber) || errors.Is(err, errOutside):
		return p.explain(where, err)
	case errors.As(err, &kind):
		return notAreas(p.file, where, shapeName(kind.kind))
	case errors.Is(err, ring.ErrTooTangled):
		return &Error{File: p.file, Detail: where + ": " + err.Error(), Err: err, Hint: "repair the shape (QGIS: Fix geometries) and save the file again"}
	}
	return damaged(p.file, fmt.Errorf("%s: %w", where, err))
}

// kindError is a record that isn't a polygon in a file of polygons.
type kindError struct{ kind uint32 }

func (e *kindError) Error() string { return shapeName(e.kind) }

// readRecord reads the content of one record.
func (s *shapes) readRecord(ctx context.Context, r []byte, p *placer, g *ring.Grouper) (orb.MultiPolygon, error) {
	if len(r) < 4 {
		return nil, errors.New("it is too short to hold a shape")
	}
	kind := binary.LittleEndian.Uint32(r)
	if kind == 0 {
		s.empty++
		return nil, nil
	}
	if !isPolygon(kind) {
		return nil, &kindError{kind}
	}
	points, starts, err := readPolygon(r)
	if err != nil {
		return nil, err
	}
	if len(points) == 0 {
		s.empty++
		return nil, nil
	}
	if err := p.place(points); err != nil {
		return nil, err
	}
	rings := s.usable(points, starts)
	if len(rings) == 0 {
		s.lost++
	}
	return g.Group(ctx, rings)
}

// readPolygon reads the points of a polygon and where each of its rings
// starts, with the number of points as the last start. Heights and measures,
// which follow the points, aren't looked at.
func readPolygon(r []byte) ([]orb.Point, []int, error) {
	if len(r) < polygonHeader {
		return nil, nil, errors.New("it is too short to hold a polygon")
	}
	nRings, nPoints := int64(binary.LittleEndian.Uint32(r[36:])), int64(binary.LittleEndian.Uint32(r[40:]))
	if need := 4*nRings + 16*nPoints; need > int64(len(r)-polygonHeader) {
		return nil, nil, fmt.Errorf("it announces %d rings and %d points, but has room for fewer", nRings, nPoints)
	}
	starts := make([]int, nRings+1)
	starts[nRings] = int(nPoints)
	for i := range nRings {
		starts[i] = int(binary.LittleEndian.Uint32(r[polygonHeader+4*i:]))
	}
	for i := range nRings {
		if starts[i] > starts[i+1] || starts[0] != 0 {
			return nil, nil, fmt.Errorf("its ring %d starts at a point that isn't there", i+1)
		}
	}
	return readPoints(r[polygonHeader+4*nRings:], int(nPoints)), starts, nil
}

func readPoints(b []byte, n int) []orb.Point {
	points := make([]orb.Point, n)
	for i := range points {
		points[i][0] = math.Float64frombits(binary.LittleEndian.Uint64(b[16*i:]))
		points[i][1] = math.Float64frombits(binary.LittleEndian.Uint64(b[16*i+8:]))
	}
	return points
}

// usable cuts the points into rings, closes them and drops those that
// enclose nothing.
func (s *shapes) usable(points []orb.Point, starts []int) []orb.Ring {
	rings := make([]orb.Ring, 0, len(starts)-1)
	for i := 1; i < len(starts); i++ {
		from, to := starts[i-1], starts[i]
		rings = append(rings, s.tidy(points[from:to:to])...)
	}
	return rings
}
