package boundary

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"math"
	"slices"
	"strconv"

	"github.com/paulmach/orb"

	"chatmrpt/geo/feature"
)

// decimals of a degree that are written: a centimetre on the ground.
const decimals = 1e7

// WriteGeoJSON writes a layer as a GeoJSON FeatureCollection (RFC 7946): one
// feature a line, coordinates rounded to seven decimals, outer rings
// counter-clockwise, missing values and areas as null, no reference system
// because the format knows but one. The error is that of w, or says that the
// layer contradicts itself.
func WriteGeoJSON(w io.Writer, l *feature.Layer) error {
	if err := l.Validate(); err != nil {
		return err
	}
	g := &geoWriter{out: bufio.NewWriter(w)}
	g.raw(`{"type":"FeatureCollection","name":`)
	g.text(l.Name)
	g.raw(`,"features":[`)
	for i, area := range l.Areas {
		if i > 0 {
			g.raw(",")
		}
		g.raw("\n" + `{"type":"Feature","properties":`)
		g.properties(l.Columns, i)
		g.raw(`,"geometry":`)
		g.geometry(area)
		g.raw("}")
	}
	g.raw("\n]}\n")
	return g.out.Flush()
}

// geoWriter writes pieces of JSON. Errors stick to the buffered writer and
// come out of its Flush.
type geoWriter struct {
	out     *bufio.Writer
	scratch []byte
}

func (g *geoWriter) raw(s string) { g.out.WriteString(s) }

// text writes a string value; < and & stay as they are, this isn't HTML.
func (g *geoWriter) text(s string) {
	var quoted bytes.Buffer
	e := json.NewEncoder(&quoted)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil { // a string always encodes
		g.raw("null")
		return
	}
	g.out.Write(bytes.TrimSuffix(quoted.Bytes(), []byte("\n")))
}

func (g *geoWriter) properties(columns []feature.Column, row int) {
	g.raw("{")
	for i, c := range columns {
		if i > 0 {
			g.raw(",")
		}
		g.text(c.Name)
		g.raw(":")
		switch {
		case !c.Present[row]:
			g.raw("null")
		case c.IsNumber:
			g.number(c.Numbers[row])
		default:
			g.text(c.Texts[row])
		}
	}
	g.raw("}")
}

// number writes the shortest decimal that reads back as v, and null for what
// JSON can't hold.
func (g *geoWriter) number(v float64) {
	if isBad(v) {
		g.raw("null")
		return
	}
	format := byte('f')
	if a := math.Abs(v); a != 0 && (a < 1e-6 || a >= 1e21) {
		format = 'e'
	}
	g.scratch = strconv.AppendFloat(g.scratch[:0], v, format, -1, 64)
	g.out.Write(g.scratch)
}

func (g *geoWriter) geometry(area orb.MultiPolygon) {
	switch len(area) {
	case 0:
		g.raw("null")
	case 1:
		g.raw(`{"type":"Polygon","coordinates":`)
		g.polygon(area[0])
		g.raw("}")
	default:
		g.raw(`{"type":"MultiPolygon","coordinates":[`)
		for i, p := range area {
			if i > 0 {
				g.raw(",")
			}
			g.polygon(p)
		}
		g.raw("]}")
	}
}

func (g *geoWriter) polygon(p orb.Polygon) {
	g.raw("[")
	for i, r := range p {
		if i > 0 {
			g.raw(",")
		}
		g.ring(r, i == 0)
	}
	g.raw("]")
}

// ring writes a ring in the direction RFC 7946 asks for.
func (g *geoWriter) ring(r orb.Ring, isOuter bool) {
	if o := r.Orientation(); (o == orb.CW && isOuter) || (o == orb.CCW && !isOuter) {
		r = slices.Clone(r)
		r.Reverse()
	}
	g.raw("[")
	for i, p := range r {
		if i > 0 {
			g.raw(",")
		}
		g.raw("[")
		g.number(rounded(p[0]))
		g.raw(",")
		g.number(rounded(p[1]))
		g.raw("]")
	}
	g.raw("]")
}

// rounded rounds a coordinate; adding 0 turns −0 into 0.
func rounded(v float64) float64 { return math.Round(v*decimals)/decimals + 0 }
