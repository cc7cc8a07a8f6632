package boundary

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
)

// The same faulty wards in every format end as the same areas, and what was
// mended is listed by ward.
func TestFaultsAreMendedAndListed(t *testing.T) {
	bowTie := orb.Ring{{8, 12}, {9, 13}, {9, 12}, {8, 13}, {8, 12}}
	spiked := orb.Ring{{10, 12}, {11, 12}, {11, 12.5}, {11.7, 12.5}, {11, 12.5}, {11, 13}, {10, 13}, {10, 12}}
	text := aCollection(aFeature(ringJSON(box(7, 12, 0.5)), "{}"), aFeature(ringJSON(bowTie), "{}"), aFeature(ringJSON(spiked), "{}"))
	for name, files := range map[string][]File{
		"shapefile": shapefile(polygonRecord(5, box(7, 12, 0.5)), polygonRecord(5, bowTie), polygonRecord(5, spiked)),
		"geojson":   geojson(text),
	} {
		l := mustRead(t, files, Options{})
		checkLayer(t, l)
		if len(l.Areas[1]) != 2 || math.Abs(planar.Area(l.Areas[1])-0.5) > 1e-12 || math.Abs(planar.Area(l.Areas[2])-1) > 1e-12 || len(l.Areas[2][0][0]) != 6 {
			t.Errorf("%s: areas %v and %v", name, l.Areas[1], l.Areas[2])
		}
		if len(l.Repairs) != 2 || l.Repairs[0].Feature != 1 || l.Repairs[1].Feature != 2 || l.Repairs[0].At != (orb.Point{8.5, 12.5}) || l.Repairs[1].At != (orb.Point{11.7, 12.5}) {
			t.Errorf("%s: repairs %+v", name, l.Repairs)
		}
		said := strings.Join(l.Notices, "\n")
		for _, want := range []string{"rings that crossed themselves: 1", "spikes, where a border went out and straight back: 1", "repeated the one before: 1"} {
			if !strings.Contains(said, want) {
				t.Errorf("%s: the notices %q don't say %q", name, said, want)
			}
		}
	}
}

func ringJSON(r orb.Ring) string {
	var out strings.Builder
	out.WriteString(`{"type":"Polygon","coordinates":[[`)
	for i, p := range r {
		if i > 0 {
			out.WriteByte(',')
		}
		out.WriteString("[" + fmt.Sprint(p[0]) + "," + fmt.Sprint(p[1]) + "]")
	}
	out.WriteString("]]}")
	return out.String()
}

// A hole stays a hole when the ring around it is cut in two.
func TestHoleOfARingThatCrossesItself(t *testing.T) {
	text := aCollection(aFeature(`{"type":"Polygon","coordinates":[[[8,12],[9,13],[9,12],[8,13],[8,12]],[[8.1,12.4],[8.1,12.6],[8.2,12.5],[8.1,12.4]]]}`, "{}"))
	l := mustRead(t, geojson(text), Options{})
	if a := l.Areas[0]; len(a) != 2 || len(a[0])+len(a[1]) != 3 || math.Abs(planar.Area(a)-(0.5-0.01)) > 1e-12 {
		t.Errorf("%v has the area %g", a, planar.Area(a))
	}
}

// A header that says the file is longer than it is: read when the table has as
// many rows as there are shapes, and said.
func TestHeaderLengthBeyondTheFile(t *testing.T) {
	files := twoWards()
	files[0].Data[27] = 0xff
	files[0].Data[26] = 0xff
	l := mustRead(t, without(files, ".shx"), Options{})
	if l.Len() != 2 || !strings.Contains(strings.Join(l.Notices, ""), "its 2 shapes are whole") {
		t.Errorf("%d wards, notices %q", l.Len(), l.Notices)
	}
}
