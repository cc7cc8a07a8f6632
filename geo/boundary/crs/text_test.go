package crs

import (
	"errors"
	"math"
	"strings"
	"testing"
)

const (
	wgs84Text = `GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137.0,298.257223563]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]`
	minnaText = `GEOGCS["GCS_Minna",DATUM["D_Minna",SPHEROID["Clarke_1880_RGS",6378249.145,293.465]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]`
	nadText   = `GEOGCS["GCS_North_American_1983",DATUM["D_North_American_1983",SPHEROID["GRS_1980",6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]`
	lagosText = `GEOGCS["X",DATUM["Lagos",SPHEROID["Clarke 1880",6378249.145,293.465]],PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]]`
)

// utmText is a transverse Mercator in ESRI's wording.
func utmText(name, geographic, meridian, scale, east, north, origin string) string {
	return `PROJCS["` + name + `",` + geographic + `,PROJECTION["Transverse_Mercator"],PARAMETER["False_Easting",` + east +
		`],PARAMETER["False_Northing",` + north + `],PARAMETER["Central_Meridian",` + meridian + `],PARAMETER["Scale_Factor",` + scale +
		`],PARAMETER["Latitude_Of_Origin",` + origin + `],UNIT["Meter",1.0]]`
}

// mercatorText is a Mercator of some kind.
func mercatorText(name, projection, more string) string {
	return `PROJCS["` + name + `",` + wgs84Text + `,PROJECTION["` + projection + `"],PARAMETER["False_Easting",0.0],PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",0.0]` + more + `,UNIT["Meter",1.0]]`
}

func TestFromWKTNamesWhatItKnows(t *testing.T) {
	cases := []struct{ name, text, want string }{
		{"esri", wgs84Text, "EPSG:4326"},
		{"ogc", `GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563,AUTHORITY["EPSG","7030"]],AUTHORITY["EPSG","6326"]],PRIMEM["Greenwich",0,AUTHORITY["EPSG","8901"]],UNIT["degree",0.0174532925199433,AUTHORITY["EPSG","9122"]],AXIS["Latitude",NORTH],AXIS["Longitude",EAST],AUTHORITY["EPSG","4326"]]`, "EPSG:4326"},
		{"round brackets, BOM, blanks", "\ufeff\n " + strings.NewReplacer("[", "(", "]", " )\n").Replace(wgs84Text) + "\x00", "EPSG:4326"},
		{"with heights", `COMPD_CS["both",` + wgs84Text + `,VERT_CS["h",VERT_DATUM["d",2005]]]`, "EPSG:4326"},
		{"a code", "EPSG:4326", "EPSG:4326"},
		{"minna", minnaText, "EPSG:4263"},
		{"utm 32N", utmText("WGS_1984_UTM_Zone_32N", wgs84Text, "9.0", "0.9996", "500000.0", "0.0", "0.0"), "EPSG:32632"},
		{"utm 36S", utmText("WGS_1984_UTM_Zone_36S", wgs84Text, "33.0", "0.9996", "500000.0", "10000000.0", "0.0"), "EPSG:32736"},
		{"minna utm 31N", utmText("Minna_UTM_Zone_31N", minnaText, "3.0", "0.9996", "500000.0", "0.0", "0.0"), "EPSG:26331"},
		{"west belt", utmText("Nigeria_West_Belt", minnaText, "4.5", "0.99975", "230738.26", "0.0", "4.0"), "EPSG:26391"},
		{"mid belt", utmText("Nigeria_Mid_Belt", minnaText, "8.5", "0.99975", "670553.98", "0.0", "4.0"), "EPSG:26392"},
		{"east belt", utmText("Nigeria_East_Belt", minnaText, "12.5", "0.99975", "1110369.7", "0.0", "4.0"), "EPSG:26393"},
		{"own grid", utmText("My_Grid", wgs84Text, "8.0", "1.0", "0.0", "0.0", "0.0"), "My_Grid"},
		{"nad83", nadText, "GCS_North_American_1983"},
		{"esri web mercator", mercatorText("WGS_1984_Web_Mercator_Auxiliary_Sphere", "Mercator_Auxiliary_Sphere", `,PARAMETER["Standard_Parallel_1",0.0],PARAMETER["Auxiliary_Sphere_Type",0.0]`), "EPSG:3857"},
		{"google", mercatorText("Google Maps Global Mercator", "Mercator_2SP", `,PARAMETER["standard_parallel_1",0]`), "EPSG:3857"},
		{"gdal", mercatorText("WGS_84_Pseudo_Mercator", "Mercator", `,PARAMETER["standard_parallel_1",0.0]`), "EPSG:3857"},
		{"ogc authority", strings.TrimSuffix(mercatorText("?", "Mercator_1SP", ""), "]") + `,AUTHORITY["EPSG","3857"]]`, "EPSG:3857"},
		{"proj4 extension", strings.TrimSuffix(mercatorText("?", "Mercator_1SP", ""), "]") + `,EXTENSION["PROJ4","+proj=merc +a=6378137 +b=6378137 +lat_ts=0.0"]]`, "EPSG:3857"},
		{"ellipsoidal mercator", mercatorText("World_Mercator", "Mercator", `,PARAMETER["Standard_Parallel_1",0.0]`), "World_Mercator"},
	}
	for _, c := range cases {
		if s, err := FromWKT(c.text); err != nil || s.String() != c.want {
			t.Errorf("%s: got %v, %v; want %s", c.name, s, err, c.want)
		}
	}
}

// A system read from text must do what the one of its code does.
func TestTextAndCodeAgree(t *testing.T) {
	for _, text := range []string{
		utmText("a", minnaText, "8.5", "0.99975", "670553.98", "0.0", "4.0"),
		utmText("a", wgs84Text, "9", "0.9996", "500000", "0", "0"),
		minnaText,
	} {
		a, err := FromWKT(text)
		if err != nil {
			t.Fatal(err)
		}
		b, err := FromName(a.String())
		if err != nil {
			t.Fatal(err)
		}
		x, y := 600000.0, 1e6
		if a.IsDegrees() {
			x, y = 8, 9
		}
		aLon, aLat := a.ToWGS84(x, y)
		bLon, bLat := b.ToWGS84(x, y)
		if math.Hypot(aLon-bLon, aLat-bLat) > 1e-12 || a.Note() != b.Note() {
			t.Errorf("%v: %v %v by text, %v %v by code", a, aLon, aLat, bLon, bLat)
		}
	}
}

func TestUnitsAreHeeded(t *testing.T) {
	// 100 grads are 90 degrees.
	s, err := FromWKT(strings.Replace(wgs84Text, "0.0174532925199433", "0.015707963267948967", 1))
	if err != nil {
		t.Fatal(err)
	}
	if lon, lat := s.ToWGS84(10, 50); math.Abs(lon-9) > 1e-12 || math.Abs(lat-45) > 1e-12 {
		t.Errorf("grads: %v %v", lon, lat)
	}
	// The same place in metres and in feet, false easting in feet too.
	feet := utmText("f", wgs84Text, "9", "0.9996", "1640416.6666666667", "0", "0")
	feet = strings.Replace(feet, `UNIT["Meter",1.0]]`, `UNIT["Foot_US",0.3048006096012192]]`, 1)
	f, err := FromWKT(feet)
	if err != nil {
		t.Fatal(err)
	}
	m, _ := FromEPSG(32632)
	aLon, aLat := f.ToWGS84(600000/0.3048006096012192, 1e6/0.3048006096012192)
	bLon, bLat := m.ToWGS84(600000, 1e6)
	if math.Hypot(aLon-bLon, aLat-bLat) > 1e-9 || f.String() != "f" {
		t.Errorf("%v: feet %v %v, metres %v %v", f, aLon, aLat, bLon, bLat)
	}
}

func TestShiftInTheTextIsUsed(t *testing.T) {
	own := strings.Replace(lagosText, `293.465]`, `293.465],TOWGS84[-92,-93,122,0,0,0,0]`, 1)
	s, err := FromWKT(own)
	if err != nil {
		t.Fatal(err)
	}
	minna, _ := FromEPSG(4263)
	aLon, aLat := s.ToWGS84(8, 9)
	bLon, bLat := minna.ToWGS84(8, 9)
	if aLon != bLon || aLat != bLat || !strings.Contains(s.Note(), "own text") {
		t.Errorf("%v %v, want %v %v; note %q", aLon, aLat, bLon, bLat, s.Note())
	}
}

func TestFromWKTRefuses(t *testing.T) {
	cases := []struct{ name, text, says string }{
		{"empty", " \n", "empty"},
		{"words", "this is not a projection, whatever the name of the file says it should be", "bracket"},
		{"open", wgs84Text[:80], "closed"},
		{"open quote", `GEOGCS["GCS_WGS_1984,DATUM[ and so on and on until it is longer than sixty-four`, "closed"},
		{"deep", strings.Repeat("A[", 100) + strings.Repeat("]", 100), "deeply"},
		{"long", `GEOGCS["` + strings.Repeat("x", 1<<17) + `"]`, "too long"},
		{"unknown datum", lagosText, "Lagos"},
		{"local", `LOCAL_CS["site grid",UNIT["metre",1],AXIS["E",EAST],AXIS["N",NORTH],LOCAL_DATUM["d",1]]`, "site grid"},
		{"unknown projection", strings.Replace(utmText("a", wgs84Text, "9", "1", "0", "0", "0"), "Transverse_Mercator", "Lambert_Conformal_Conic", 1), "Lambert_Conformal_Conic"},
		{"no projection", `PROJCS["a",` + wgs84Text + `,UNIT["Meter",1]]`, "no projection"},
		{"no datum", `PROJCS["a",PROJECTION["Transverse_Mercator"],UNIT["Meter",1],PARAMETER["x",1],PARAMETER["y",1]]`, "no datum"},
		{"moon", strings.Replace(wgs84Text, "6378137.0", "1737400.0", 1), "ellipsoid"},
		{"Paris", strings.Replace(wgs84Text, `"Greenwich",0.0`, `"Paris",2.33722917`, 1), "Greenwich"},
		{"no unit", strings.Replace(utmText("a", wgs84Text, "9", "1", "0", "0", "0"), `"Meter",1.0`, `"Meter",0.0`, 1), "unit"},
		{"odd scale", utmText("a", wgs84Text, "9", "-1", "0", "0", "0"), "parameters"},
		{"infinite shift", strings.Replace(lagosText, `293.465]`, `293.465],TOWGS84[1e999,0,0]`, 1), "no shift"},
		{"mad shift", strings.Replace(lagosText, `293.465]`, `293.465],TOWGS84[1e9,0,0]`, 1), "makes no sense"},
	}
	for _, c := range cases {
		s, err := FromWKT(c.text)
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: got %v, %v; the error should say %q", c.name, s, err, c.says)
		}
	}
	var unknown *UnknownError
	if _, err := FromWKT(lagosText); !errors.As(err, &unknown) || unknown.Name != "X" {
		t.Errorf("an unknown datum gives %v", err)
	}
}

func TestQuotesInQuotes(t *testing.T) {
	n, err := parseWKT(`A["say ""x""",B[1.5,-2e3,EAST],"c"]`)
	if err != nil || n.text() != `say "x"` || n.kid("B").number(1, 0) != -2000 || len(n.texts) != 2 {
		t.Errorf("%+v, %v", n, err)
	}
	if n.kid("C").kid("D").text() != "" || n.kid("C").number(0, 7) != 7 {
		t.Error("a child that isn't there answers something")
	}
}

func FuzzFromWKT(f *testing.F) {
	for _, s := range []string{wgs84Text, minnaText, lagosText, utmText("a", nadText, "9", "1", "0", "0", "0"),
		mercatorText("google", "Mercator_2SP", ""), "A[", `A["`, "EPSG:4326", "GEOGCS[]"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := FromWKT(text)
		if err != nil {
			return
		}
		if s == nil || s.String() == "" {
			t.Fatalf("%q gives a system without a name", text)
		}
		s.ToWGS84(8, 9)
		s.ToWGS84(6e5, 1e6)
	})
}
