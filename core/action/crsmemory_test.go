package action

import (
	"strings"
	"testing"

	"chatmrpt/core/problem"
	"chatmrpt/core/workspace"
)

// inMetres is a layer in UTM zone 32N that doesn't say so.
func inMetres(ward string) string {
	return `{"type":"FeatureCollection","crs":null,"features":[{"type":"Feature","properties":{"LGAName":"Dala","WardName":"` + ward + `"},
"geometry":{"type":"Polygon","coordinates":[[[500000,1200000],[501000,1200000],[501000,1201000],[500000,1200000]]]}}]}`
}

// A file without a reference system is asked for it once; the next of that
// name, of another year, is read in the same, and says so.
func TestReferenceSystemIsAskedOnce(t *testing.T) {
	b := newBench(t)
	first, next := b.write("wards_2023.geojson", inMetres("Afon")), b.write("Wards 2024.geojson", inMetres("Bare"))
	p := b.refuse(&Import{Files: []string{first}}, problem.BadInput)
	if !strings.Contains(p.Hint, "--crs EPSG:N") {
		t.Errorf("%+v", p)
	}
	b.do(&Import{Files: []string{first}, CRS: "EPSG:32632"})
	b.refuse(&Import{Files: []string{b.write("lgas.geojson", inMetres("Afon"))}}, problem.BadInput)
	r := b.do(&Import{Files: []string{next}})
	if !strings.Contains(strings.Join(r.Notices, "\n"), "read in EPSG:32632, as was said of files of this name before") {
		t.Errorf("notices %q", r.Notices)
	}
	if report := string(b.latest(workspace.KindBoundaries, "Wards 2024").Report); !strings.Contains(report, `"crs":"EPSG:32632"`) {
		t.Errorf("report %s", report)
	}
	// What is said now counts more, and is what is remembered from then on.
	b.do(&Import{Files: []string{next}, CRS: "EPSG:32631"})
	if r := b.do(&Import{Files: []string{first}}); !strings.Contains(strings.Join(r.Notices, "\n"), "read in EPSG:32631") {
		t.Errorf("notices %q", r.Notices)
	}
	// What doesn't fit a file isn't used: these are degrees.
	degrees := strings.NewReplacer("500000,1200000", "8,9", "501000,1200000", "9,9", "501000,1201000", "9,10").Replace(inMetres("Chiri"))
	if r := b.do(&Import{Files: []string{b.write("wards.geojson", degrees)}}); strings.Contains(strings.Join(r.Notices, "\n"), "as was said") {
		t.Errorf("notices %q", r.Notices)
	}
}
