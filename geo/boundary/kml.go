package boundary

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/paulmach/orb"
	"golang.org/x/text/encoding/htmlindex"

	"chatmrpt/geo/boundary/crs"
	"chatmrpt/geo/feature"
)

// Limits of a KML document. Elements lie in each other a dozen deep.
const (
	maxElements  = 64
	maxAttribute = 1 << 20
)

// kmlReader collects the placemarks of a KML document (OGC 12-007r2) that hold
// areas. It walks over the elements one by one, so a document needs no more
// memory than its areas.
type kmlReader struct {
	geoReader
	others int // placemarks that are points or lines
	path   []string
	mark   placemark
}

// placemark is the one being read.
type placemark struct {
	polygons [][][]orb.Point
	isOther  bool
	values   [][2]string
	key      string // name of the datum being read
	ring     []byte // coordinates being read
}

// readKML reads the areas of a KML file; its coordinates are always degrees on
// WGS 84.
func readKML(ctx context.Context, files []File, asked wish) (*feature.Layer, error) {
	file := base(files[0].Name)
	system := crs.WGS84()
	if asked.system != nil {
		system = asked.system
	}
	k := &kmlReader{geoReader: geoReader{place: &placer{file: file, system: system}}}
	if err := k.document(ctx, files[0].Data); err != nil {
		return nil, err
	}
	if len(k.areas) == 0 && k.others > 0 {
		return nil, notAreas(file, "it", "points or lines")
	}
	l, err := k.layer(file, files[0].Data)
	if err != nil {
		return nil, err
	}
	if k.others > 0 {
		l.Notices = append(l.Notices, fmt.Sprintf("placemarks that are points or lines: %d; they were left out", k.others))
	}
	return l, nil
}

// document walks over all elements.
func (k *kmlReader) document(ctx context.Context, data []byte) error {
	d := xml.NewDecoder(bytes.NewReader(data))
	d.CharsetReader = func(charset string, in io.Reader) (io.Reader, error) {
		e, err := htmlindex.Get(charset)
		if err != nil {
			return nil, err
		}
		return e.NewDecoder().Reader(in), nil
	}
	for n := 0; ; n++ {
		if n%1024 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil {
			err = k.token(token)
		}
		var told *Error
		switch {
		case errors.As(err, &told):
			return told
		case err != nil:
			return damaged(k.place.file, fmt.Errorf("it isn't sound KML: %w", err))
		}
	}
	return nil
}

func (k *kmlReader) token(token xml.Token) error {
	switch t := token.(type) {
	case xml.StartElement:
		if len(k.path) >= maxElements {
			return errors.New("its elements are nested too deeply")
		}
		k.path = append(k.path, t.Name.Local)
		k.start(t)
	case xml.EndElement: // the decoder makes sure that it closes the innermost
		if err := k.endRing(); err != nil {
			return err
		}
		k.path = k.path[:len(k.path)-1]
		if t.Name.Local == "Placemark" {
			return k.end()
		}
	case xml.CharData:
		k.text(t)
	}
	return nil
}

// start notes what an element begins.
func (k *kmlReader) start(t xml.StartElement) {
	switch t.Name.Local {
	case "Placemark":
		k.mark = placemark{}
	case "Polygon":
		k.mark.polygons = append(k.mark.polygons, nil)
	case "Point", "LineString", "Track", "Model":
		k.mark.isOther = true
	case "Data", "SimpleData":
		for _, a := range t.Attr {
			if a.Name.Local == "name" {
				k.mark.key = a.Value
			}
		}
	}
}

// within reports whether the innermost elements are those named.
func (k *kmlReader) within(names ...string) bool {
	n := len(k.path) - len(names)
	if n < 0 {
		return false
	}
	for i, name := range names {
		if k.path[n+i] != name {
			return false
		}
	}
	return true
}

// isRing reports whether the innermost element is the coordinates of a ring.
func (k *kmlReader) isRing() bool {
	return k.within("outerBoundaryIs", "LinearRing", "coordinates") || k.within("innerBoundaryIs", "LinearRing", "coordinates")
}

// text takes the coordinates of a ring and the values of attributes. Both may
// come in several pieces.
func (k *kmlReader) text(t xml.CharData) {
	switch {
	case k.isRing():
		k.mark.ring = append(k.mark.ring, t...)
	case k.within("Placemark", "name"):
		k.set("name", string(t))
	case k.within("Data", "value"), k.within("SimpleData"):
		k.set(k.mark.key, string(t))
	}
}

// endRing makes a ring of the coordinates that end here, if any do.
func (k *kmlReader) endRing() error {
	if !k.isRing() {
		return nil
	}
	points, err := kmlPoints(string(k.mark.ring))
	if err != nil {
		return k.wrong(err)
	}
	k.mark.ring = k.mark.ring[:0]
	k.ring(points, k.within("outerBoundaryIs", "LinearRing", "coordinates"))
	return nil
}

// ring adds a ring to the polygon being read; its outer ring comes first,
// wherever it is written.
func (k *kmlReader) ring(points []orb.Point, outer bool) {
	n := len(k.mark.polygons)
	if n == 0 || len(points) == 0 {
		return
	}
	p := &k.mark.polygons[n-1]
	if *p = append(*p, points); outer && len(*p) > 1 {
		(*p)[0], (*p)[len(*p)-1] = (*p)[len(*p)-1], (*p)[0]
	}
}

// set gives the placemark a value, or goes on with the one begun.
func (k *kmlReader) set(key, text string) {
	values := k.mark.values
	if n := len(values); n > 0 && values[n-1][0] == key && len(values[n-1][1]) < maxAttribute {
		values[n-1][1] += text
		return
	}
	k.mark.values = append(values, [2]string{key, text})
}

// end adds the placemark that was read.
func (k *kmlReader) end() error {
	if len(k.mark.polygons) == 0 {
		if k.mark.isOther {
			k.others++
			return nil
		}
	}
	k.current = len(k.areas)
	area, err := k.assemble(k.place, k.mark.polygons)
	if err != nil {
		return k.wrong(err)
	}
	for _, v := range k.mark.values {
		if text := strings.TrimSpace(v[1]); text != "" && v[0] != "" {
			k.attrs.set(len(k.areas), v[0], jsonOf(text))
		}
	}
	k.areas = append(k.areas, area)
	return nil
}

// jsonOf writes text as the attributes of GeoJSON have it: as a number where
// it is one, without loss, else as a string.
func jsonOf(text string) []byte {
	raw := []byte(text)
	if kindOf(raw) == '0' && json.Valid(raw) {
		return raw
	}
	quoted, err := json.Marshal(text)
	if err != nil { // a string always can be
		return []byte("null")
	}
	return quoted
}

// kmlPoints reads "lon,lat,height lon,lat,height …".
func kmlPoints(text string) ([]orb.Point, error) {
	var out []orb.Point
	for tuple := range strings.FieldsSeq(text) {
		x, rest, ok := strings.Cut(tuple, ",")
		y, _, _ := strings.Cut(rest, ",")
		lon, err := strconv.ParseFloat(x, 64)
		lat, err2 := strconv.ParseFloat(y, 64)
		if !ok || err != nil || err2 != nil {
			return nil, errNotNumber
		}
		out = append(out, orb.Point{lon, lat})
	}
	return out, nil
}
