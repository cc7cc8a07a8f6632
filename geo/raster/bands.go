package raster

import (
	"encoding/xml"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// maxMetadata bounds GDAL's XML; real ones hold a few kilobytes a band.
const maxMetadata = 1 << 20

// metadata is GDAL's XML about a file, of which bands are described by items
// with their number ("sample").
type metadata struct {
	Items []struct {
		Name   string `xml:"name,attr"`
		Sample string `xml:"sample,attr"`
		Role   string `xml:"role,attr"`
		Text   string `xml:",chardata"`
	} `xml:"Item"`
}

// setBands describes the bands and the number that stands for no value.
func (r *Raster) setBands() {
	r.Bands = make([]Band, r.page.Bands)
	for i := range r.Bands {
		r.Bands[i] = Band{IsAlpha: r.page.IsAlpha(i), Scale: 1}
	}
	r.setNoData(r.page.Text(tagNoData))
	text := r.page.Text(tagMetadata)
	if len(text) > maxMetadata {
		return
	}
	var m metadata
	if xml.Unmarshal([]byte(text), &m) != nil { // a description that can't be read describes nothing
		return
	}
	for _, item := range m.Items {
		if i, err := strconv.Atoi(item.Sample); err == nil && i >= 0 && i < len(r.Bands) {
			r.Bands[i].describe(item.Role, strings.TrimSpace(item.Text))
		}
	}
	if b := r.Bands[0]; b.Scale != 1 || b.Offset != 0 {
		r.Notices = append(r.Notices, fmt.Sprintf("the raster's own scale %g and offset %g were applied", b.Scale, b.Offset))
	}
}

func (b *Band) describe(role, text string) {
	v, err := strconv.ParseFloat(text, 64)
	isNumber := err == nil && isFinite(v)
	switch {
	case role == "description":
		b.Name = text
	case role == "scale" && isNumber && v != 0:
		b.Scale = v
	case role == "offset" && isNumber:
		b.Offset = v
	}
}

// setNoData reads GDAL's text. The number is brought to the type of the cells,
// because "-3.4e+38" is no exact 32-bit number.
func (r *Raster) setNoData(text string) {
	v, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	if err != nil && !math.IsInf(v, 0) {
		return
	}
	if r.Type == "Float32" {
		v = float64(float32(v))
	}
	r.NoData, r.HasNoData = v, true
}
