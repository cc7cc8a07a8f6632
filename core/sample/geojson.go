package sample

import (
	"bytes"
	"strconv"

	"github.com/paulmach/orb"
)

// geojson writes the wards as RFC 7946 asks: WGS 84, outer rings
// counter-clockwise. Coordinates have the six decimals they were rounded to,
// so neighbours' borders are the same text too.
func (s *State) geojson() []byte {
	var b bytes.Buffer
	b.WriteString("{\"type\":\"FeatureCollection\",\"name\":\"fictional-state_wards\",\"features\":[\n")
	for i, w := range s.Wards {
		if i > 0 {
			b.WriteString(",\n")
		}
		b.WriteString(`{"type":"Feature","properties":{`)
		for _, p := range [][2]string{
			{"StateName", s.Name}, {"LGAName", s.LGAs[w.LGA].Name}, {"WardName", w.Name}, {"WardCode", w.Code},
		} {
			b.WriteString(strconv.Quote(p[0]) + ":" + strconv.Quote(p[1]) + ",")
		}
		b.WriteString(`"UrbanPercent":` + strconv.FormatFloat(w.Urban, 'f', -1, 64) + `,"Note":"` + Label + `"},"geometry":`)
		writeGeometry(&b, w.Area)
		b.WriteByte('}')
	}
	b.WriteString("\n]}\n")
	return b.Bytes()
}

// writeGeometry writes one part as a Polygon, several as a MultiPolygon.
func writeGeometry(b *bytes.Buffer, area orb.MultiPolygon) {
	if len(area) == 1 {
		b.WriteString(`{"type":"Polygon","coordinates":`)
		writePolygon(b, area[0])
		b.WriteByte('}')
		return
	}
	b.WriteString(`{"type":"MultiPolygon","coordinates":[`)
	for i, p := range area {
		if i > 0 {
			b.WriteByte(',')
		}
		writePolygon(b, p)
	}
	b.WriteString("]}")
}

func writePolygon(b *bytes.Buffer, polygon orb.Polygon) {
	for i, ring := range polygon {
		b.WriteByte("[,"[min(i, 1)])
		for k, at := range ring {
			b.WriteByte("[,"[min(k, 1)])
			b.WriteByte('[')
			b.Write(strconv.AppendFloat(b.AvailableBuffer(), at[0], 'f', -1, 64))
			b.WriteByte(',')
			b.Write(strconv.AppendFloat(b.AvailableBuffer(), at[1], 'f', -1, 64))
			b.WriteByte(']')
		}
		b.WriteByte(']')
	}
	b.WriteByte(']')
}
