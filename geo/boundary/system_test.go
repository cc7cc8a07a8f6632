package boundary

import (
	"math"
	"strings"
	"testing"

	"github.com/paulmach/orb"
)

const (
	utm32Text = `PROJCS["WGS_1984_UTM_Zone_32N",` + wgs84Text + `,PROJECTION["Transverse_Mercator"],PARAMETER["False_Easting",500000.0],PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",9.0],PARAMETER["Scale_Factor",0.9996],PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]`
	lccText   = `PROJCS["Maryland",` + wgs84Text + `,PROJECTION["Lambert_Conformal_Conic"],UNIT["Meter",1.0]]`
)

// inMetres is a ward around 9° E 10.8° N in UTM zone 32N.
func inMetres() []File {
	return shapefile(polygonRecord(5, box(500000, 1200000, 1000)))
}

func TestReferenceSystemOfAShapefile(t *testing.T) {
	cases := []struct {
		name  string
		files []File
		asked string
		crs   string
		says  string // in the notices; "" for none
	}{
		{"as the .prj says", with(inMetres(), ".prj", []byte(utm32Text)), "", "EPSG:32632", ""},
		{"none, given", without(inMetres(), ".prj"), "EPSG:32632", "EPSG:32632", ""},
		{"the same given", with(inMetres(), ".prj", []byte(utm32Text)), "32632", "EPSG:32632", ""},
		{"another given", inMetres(), "EPSG:32632", "EPSG:32632", "the file itself says EPSG:4326"},
		{"one that can't be read, another given", with(inMetres(), ".prj", []byte(lccText)), "EPSG:32632", "EPSG:32632", "can't be read"},
		{"Minna", with(inMetres(), ".prj", []byte(utm32Text)), "EPSG:26332", "EPSG:26332", "15 m"},
		{"none, degrees", without(twoWards(), ".prj"), "", "EPSG:4326", "between 8.00° E 12.00° N and 10.00° E 13.00° N"},
	}
	for _, c := range cases {
		l := mustRead(t, c.files, Options{CRS: c.asked})
		all := strings.Join(l.Notices, "\n")
		if l.CRS != c.crs || (c.says == "") != (all == "") || !strings.Contains(all, c.says) {
			t.Errorf("%s: %s, notices %q", c.name, l.CRS, all)
		}
		if at := l.Areas[0].Bound().Min; math.Abs(at[0]-8.5) > 0.51 || math.Abs(at[1]-11.4) > 0.61 {
			t.Errorf("%s: lies at %v", c.name, at)
		}
	}
}

func TestReferenceSystemsThatAreRefused(t *testing.T) {
	cases := []struct {
		name  string
		files []File
		asked string
		says  []string
	}{
		{"metres without a .prj", without(inMetres(), ".prj"), "", []string{"record 1", "(500000, 1200000)", "no reference system", "--crs EPSG:N"}},
		{"metres under degrees", inMetres(), "", []string{"read as EPSG:4326", "--crs"}},
		{"degrees under metres", with(twoWards(), ".prj", []byte(utm32Text)), "", []string{"look like degrees", "--crs EPSG:4326"}},
		{"unknown projection", with(inMetres(), ".prj", []byte(lccText)), "", []string{"Maryland", "Lambert_Conformal_Conic", "EPSG:4326"}},
		{"empty .prj", with(inMetres(), ".prj", nil), "", []string{"wards.prj", "empty"}},
		{"broken .prj", with(inMetres(), ".prj", []byte(utm32Text[:100])), "", []string{"wards.prj", "closed"}},
		{"unknown code", inMetres(), "EPSG:27700", []string{`"EPSG:27700" isn't known`, "26391"}},
		{"no code", inMetres(), "Nigeria", []string{`"Nigeria" isn't known`}},
	}
	for _, c := range cases {
		got := refused(t, c.files, Options{CRS: c.asked})
		for _, says := range c.says {
			if !strings.Contains(got, says) {
				t.Errorf("%s: %q should say %q", c.name, got, says)
			}
		}
	}
}

func TestReferenceSystemOfGeoJSON(t *testing.T) {
	named := func(crs, geometry string) string { return `{"crs":` + crs + `,` + geometry[1:] }
	byName := func(n string) string { return `{"type":"name","properties":{"name":"` + n + `"}}` }
	metres := `{"type":"Polygon","coordinates":[[[1000000,1300000],[1001000,1300000],[1001000,1301000],[1000000,1300000]]]}`
	cases := []struct{ name, text, asked, crs, says string }{
		{"none", square, "", "EPSG:4326", ""},
		{"CRS84", named(byName("urn:ogc:def:crs:OGC:1.3:CRS84"), square), "", "EPSG:4326", ""},
		{"4326", named(byName("EPSG:4326"), square), "", "EPSG:4326", ""},
		{"3857", named(byName("urn:ogc:def:crs:EPSG::3857"), metres), "", "EPSG:3857", ""},
		{"null", named("null", square), "", "EPSG:4326", "assumed"},
		{"given", metres, "EPSG:3857", "EPSG:3857", ""},
		{"given against the file", named(byName("EPSG:4326"), metres), "EPSG:3857", "EPSG:3857", "itself says EPSG:4326"},
		{"given for a link", named(`{"type":"link"}`, metres), "EPSG:3857", "EPSG:3857", "can't be read"},
	}
	for _, c := range cases {
		l := mustRead(t, geojson(c.text), Options{CRS: c.asked})
		all := strings.Join(l.Notices, "\n")
		if l.CRS != c.crs || (c.says == "") != (all == "") || !strings.Contains(all, c.says) {
			t.Errorf("%s: %s, notices %q", c.name, l.CRS, all)
		}
	}
	for _, crs := range []string{`{"type":"link","properties":{"href":"http://x"}}`, byName("EPSG:27700"), byName("urn:x"), `7`, `{"type":"name"}`} {
		if got := refused(t, geojson(named(crs, square)), Options{}); !strings.Contains(got, "reference system can't be used") {
			t.Errorf("%s: %q", crs, got)
		}
	}
}

// One place in three systems is one place.
func TestSystemsAgreeOnAPlace(t *testing.T) {
	at := func(x, y float64, crs string) orb.Point {
		files := shapefile(polygonRecord(5, orb.Ring{{x, y}, {x, y + 1}, {x + 1, y + 1}, {x, y}}))
		return mustRead(t, without(files, ".prj"), Options{CRS: crs}).Areas[0][0][0][0]
	}
	// 9° E on the equator is the origin of UTM zone 32 and x = R·π/20 in Web
	// Mercator.
	utm, web := at(500000, 0, "EPSG:32632"), at(6378137*math.Pi/20, 0, "EPSG:3857")
	for _, p := range []orb.Point{utm, web} {
		if math.Abs(p[0]-9) > 1e-12 || math.Abs(p[1]) > 1e-12 {
			t.Errorf("%v, want 9, 0", p)
		}
	}
}
