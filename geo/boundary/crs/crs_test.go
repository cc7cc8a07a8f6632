package crs

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"

	"chatmrpt/assets/beside"
)

// usFoot is the US survey foot in metres.
const usFoot = 1200.0 / 3937

func dms(d, m, s float64) float64 { return d + m/60 + s/3600 }

// The examples of IOGP Publication 373-7-2 (EPSG Guidance Note 7-2), sections
// Transverse Mercator (British National Grid), Mercator variant A (Makassar),
// Mercator variant B (Caspian Sea, Pulkovo 1942) and Popular Visualisation
// Pseudo Mercator.
func TestProjectionsGiveTheExamplesOfTheGuidanceNote(t *testing.T) {
	cases := []struct {
		name        string
		plane       projection
		lon, lat    float64
		east, north float64
	}{
		{"transverse", newTransverse(ellipsoid{6377563.396, 299.32496}, -2, 49, 0.9996013, 400000, -100000),
			0.5, 50.5, 577274.99, 69740.50},
		{"mercator A", newMercator(ellipsoid{6377397.155, 299.1528128}, 110, 0, 0.997, 3900000, 900000),
			120, -3, 5009726.58, 569150.82},
		{"mercator B", newMercator(ellipsoid{6378245, 298.3}, 51, 42, 1, 0, 0),
			53, 53, 165704.29, 5171848.07},
		{"lambert with one parallel (Jamaica)", newLambert(ellipsoid{6378206.4, 294.97870}, -77, 18, 18, 18, 1, 250000, 150000),
			-dms(76, 56, 37.26), dms(17, 55, 55.80), 255966.58, 142493.51},
		{"lambert with two (Texas South Central, in US survey feet)", newLambert(ellipsoid{6378206.4, 294.97870}, -99, dms(27, 50, 0), dms(28, 23, 0), dms(30, 17, 0), 1, 2e6*usFoot, 0),
			-96, 28.5, 2963503.91 * usFoot, 254759.80 * usFoot},
		{"web mercator", webMercator(),
			-dms(100, 20, 0), dms(24, 22, 54.433), -11169055.58, 2800000.00},
	}
	for _, c := range cases {
		east, north := c.plane.forward(radians(c.lon), radians(c.lat))
		if math.Abs(east-c.east) > 0.006 || math.Abs(north-c.north) > 0.016 { // seconds are given to 0.001: 3 cm
			t.Errorf("%s: forward %.3f %.3f, want %.2f %.2f", c.name, east, north, c.east, c.north)
		}
		lon, lat := c.plane.inverse(c.east, c.north)
		if math.Abs(degrees(lon)-c.lon) > 2e-7 || math.Abs(degrees(lat)-c.lat) > 2e-7 {
			t.Errorf("%s: inverse %.8f %.8f, want %.8f %.8f", c.name, degrees(lon), degrees(lat), c.lon, c.lat)
		}
	}
}

func TestProjectionsAreTheirOwnInverse(t *testing.T) {
	planes := map[string]projection{
		"utm":      newTransverse(wgs84Ellipsoid(), 9, 0, 0.9996, 500000, 0),
		"belt":     newTransverse(clarke1880RGS(), 8.5, 4, 0.99975, 670553.98, 0),
		"sphere":   newTransverse(ellipsoid{6371000, math.Inf(1)}, 9, 0, 1, 0, 0),
		"mercator": newMercator(wgs84Ellipsoid(), 0, 0, 1, 0, 0),
		"web":      webMercator(),
	}
	for name, p := range planes {
		for lat := -80.0; lat <= 80; lat += 7.3 {
			for lon := 0.0; lon <= 18; lon += 1.7 {
				back, again := p.inverse(p.forward(radians(lon), radians(lat)))
				if math.Abs(degrees(back)-lon) > 1e-11 || math.Abs(degrees(again)-lat) > 1e-11 {
					t.Fatalf("%s: %v %v comes back as %.13f %.13f", name, lon, lat, degrees(back), degrees(again))
				}
			}
		}
	}
}

// IOGP Publication 373-7-2, section on the position vector transformation:
// WGS 72 to WGS 84.
func TestShiftGivesTheExampleOfTheGuidanceNote(t *testing.T) {
	s := &System{}
	s.setShift(ellipsoid{6378135, 298.26}, [7]float64{0, 0, 4.5, 0, 0, 0.554, 0.219})
	shift := s.shift
	lon, lat, _ := shift(4, 55, 0)
	if math.Abs(lon-dms(4, 0, 0.554)) > 2e-7 || math.Abs(lat-dms(55, 0, 0.090)) > 2e-7 {
		t.Errorf("got %.8f %.8f", lon, lat)
	}
}

// reference/geo/ward_measures.csv.gz: centroids of wards in EPSG:26332 and in
// degrees by GDAL/PROJ. Only the smallest wards, because the centroid of a
// projected area isn't the projection of the centroid; and only north of
// 6.2° N, for in the sea box south of it PROJ prefers EPSG:15706 to the
// EPSG:1168 used here.
func TestMinnaAgreesWithPROJ(t *testing.T) {
	rows := beside.CSV(t, "reference/geo/ward_measures.csv.gz")
	s, err := FromEPSG(26332)
	if err != nil {
		t.Fatal(err)
	}
	compared := 0
	for _, r := range rows[1:] {
		v := make([]float64, 6)
		for i := range v {
			v[i], _ = strconv.ParseFloat(r[i+1], 64)
		}
		if area, lat := v[0], v[5]; area > 0.5e6 || lat < 6.2 {
			continue
		}
		compared++
		lon, lat := s.ToWGS84(v[2], v[3])
		if off := 111e3 * math.Hypot(lon-v[4], lat-v[5]); off > 0.01 {
			t.Errorf("%s is off by %.3f m", r[0], off)
		}
	}
	if compared < 20 {
		t.Errorf("only %d wards were compared", compared)
	}
}

func TestPointsOutsideAPlaneAreNotFolded(t *testing.T) {
	utm, _ := FromEPSG(32632)
	web, _ := FromEPSG(3857)
	for _, s := range []*System{utm, web} {
		for _, p := range [][2]float64{{1e9, 1e6}, {5e5, 1e9}, {5e5, -1e300}, {math.Inf(1), 0}, {0, math.NaN()}} {
			lon, lat := s.ToWGS84(p[0], p[1])
			if math.Abs(lon) <= 180 && math.Abs(lat) <= 90 {
				t.Errorf("%v: %v lands at %v %v", s, p, lon, lat)
			}
		}
	}
}

func TestFromEPSGKnowsItsCodes(t *testing.T) {
	// Each point is the false origin, whose longitude is the central meridian.
	cases := []struct {
		code           int
		x, y, lon, lat float64
	}{
		{4326, 8.5, 12, 8.5, 12},
		{3857, 0, 0, 0, 0},
		{32631, 500000, 0, 3, 0},
		{32632, 500000, 0, 9, 0},
		{32736, 500000, 1e7, 33, 0},
	}
	for _, c := range cases {
		s, err := FromEPSG(c.code)
		if err != nil {
			t.Fatal(err)
		}
		lon, lat := s.ToWGS84(c.x, c.y)
		if math.Abs(lon-c.lon) > 1e-9 || math.Abs(lat-c.lat) > 1e-9 {
			t.Errorf("%v: %v %v gives %v %v", s, c.x, c.y, lon, lat)
		}
		if s.String() != fmt.Sprintf("EPSG:%d", c.code) || s.Note() != "" {
			t.Errorf("%v notes %q", s, s.Note())
		}
	}
	for _, code := range []int{4263, 26331, 26332, 26391, 26392, 26393} {
		s, err := FromEPSG(code)
		if err != nil || !strings.Contains(s.Note(), "EPSG:1168") || s.IsDegrees() != (code == 4263) {
			t.Errorf("%d: %v, %v", code, s, err)
		}
	}
	for _, code := range []int{0, -1, 32600, 32661, 32700, 32761, 27700, 26390} {
		if _, err := FromEPSG(code); err == nil {
			t.Errorf("%d is accepted", code)
		}
	}
}

// The three belts must put one place in Nigeria to the same spot.
func TestBeltsAgree(t *testing.T) {
	lon, lat := radians(8.2), radians(9.1)
	for _, code := range []int{26391, 26392, 26393, 26331, 26332} {
		s, _ := FromEPSG(code)
		gotLon, gotLat := s.ToWGS84(s.plane.forward(lon, lat))
		minna, _ := FromEPSG(4263)
		wantLon, wantLat := minna.ToWGS84(8.2, 9.1)
		if math.Hypot(gotLon-wantLon, gotLat-wantLat) > 1e-10 {
			t.Errorf("%d puts it at %.9f %.9f, want %.9f %.9f", code, gotLon, gotLat, wantLon, wantLat)
		}
	}
}

func TestFromName(t *testing.T) {
	good := map[string]string{
		"EPSG:32632":                                  "EPSG:32632",
		" epsg:4326 ":                                 "EPSG:4326",
		"26392":                                       "EPSG:26392",
		"urn:ogc:def:crs:OGC:1.3:CRS84":               "EPSG:4326",
		"urn:ogc:def:crs:EPSG::3857":                  "EPSG:3857",
		"urn:ogc:def:crs:EPSG:6.18.3:4326":            "EPSG:4326",
		"http://www.opengis.net/def/crs/EPSG/0/4326":  "EPSG:4326",
		"http://www.opengis.net/def/crs/OGC/0/CRS84":  "EPSG:4326",
		"https://www.opengis.net/def/crs/EPSG/0/3857": "EPSG:3857",
	}
	for name, want := range good {
		if s, err := FromName(name); err != nil || s.String() != want {
			t.Errorf("%q gives %v, %v", name, s, err)
		}
	}
	for _, name := range []string{"", "EPSG:", "EPSG:x", "ESRI:4326", "WGS 84", "EPSG:99999999999999999999"} {
		var unknown *UnknownError
		if _, err := FromName(name); !errors.As(err, &unknown) {
			t.Errorf("%q gives %v", name, err)
		}
	}
}
