package crs

import (
	"math"
	"math/rand/v2"
	"testing"
)

// The numerical examples of Snyder 1987, "Map projections: a working manual",
// pages 291–292 (Albers) and 295–296 (Lambert), which give decimetres.
func TestConicsGiveTheExamplesOfSnyder(t *testing.T) {
	clarke := ellipsoid{6378206.4, 294.97870}
	for name, c := range map[string]struct {
		plane       projection
		east, north float64
	}{
		"albers":  {newAlbers(clarke, -96, 23, 29.5, 45.5, 0, 0), 1885472.7, 1535925.0},
		"lambert": {newLambert(clarke, -96, 23, 33, 45, 1, 0, 0), 1894410.9, 1564649.5},
	} {
		east, north := c.plane.forward(radians(-75), radians(35))
		if math.Abs(east-c.east) > 0.05 || math.Abs(north-c.north) > 0.05 {
			t.Errorf("%s: %.2f %.2f, want %.1f %.1f", name, east, north, c.east, c.north)
		}
	}
}

// There and back again must be the same point, on cones that open either way
// and on the sphere.
func TestConicsInvert(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		figure := wgs84Ellipsoid()
		if rng.IntN(4) == 0 {
			figure.rf = math.Inf(1)
		}
		lon0, lat1 := rng.Float64()*300-150, 5+rng.Float64()*60
		lat2 := lat1 + rng.Float64()*20
		if rng.IntN(2) == 0 {
			lat1, lat2 = -lat1, -lat2
		}
		for name, plane := range map[string]projection{
			"albers":  newAlbers(figure, lon0, lat1-3, lat1, lat2, 1e6, 2e6),
			"lambert": newLambert(figure, lon0, lat1-3, lat1, lat2, 1, 1e6, 2e6),
		} {
			lon, lat := radians(lon0+rng.Float64()*60-30), radians(lat1+rng.Float64()*40-20)
			east, north := plane.forward(lon, lat)
			lon2, lat2 := plane.inverse(east, north)
			if !(math.Abs(lon2-lon) < 1e-9 && math.Abs(lat2-lat) < 1e-9) {
				t.Fatalf("%s: %.12f %.12f came back as %.12f %.12f", name, lon, lat, lon2, lat2)
			}
		}
	}
}

// A system's own inverse, datum shift included: within a millimetre.
func TestSystemsInvert(t *testing.T) {
	for _, code := range []int{4326, 3857, 32632, 32733, 4263, 26332, 26391} {
		s, err := FromEPSG(code)
		if err != nil {
			t.Fatal(err)
		}
		lon, lat := 9.1234, 7.4321
		lon2, lat2 := s.ToWGS84(s.FromWGS84(lon, lat))
		if math.Hypot(lon2-lon, lat2-lat) > 1e-8 {
			t.Errorf("%s: off by %g degrees", s, math.Hypot(lon2-lon, lat2-lat))
		}
	}
}

// The same systems in both versions of well-known text, as GDAL writes them.
func TestVersion2SaysTheSameAsVersion1(t *testing.T) {
	const (
		utm2 = `PROJCRS["WGS 84 / UTM zone 32N",BASEGEOGCRS["WGS 84",ENSEMBLE["World Geodetic System 1984 ensemble",
MEMBER["World Geodetic System 1984 (Transit)"],MEMBER["World Geodetic System 1984 (G730)"],
ELLIPSOID["WGS 84",6378137,298.257223563,LENGTHUNIT["metre",1]],ENSEMBLEACCURACY[2.0]],
PRIMEM["Greenwich",0,ANGLEUNIT["degree",0.0174532925199433]],ID["EPSG",4326]],
CONVERSION["UTM zone 32N",METHOD["Transverse Mercator",ID["EPSG",9807]],
PARAMETER["Latitude of natural origin",0,ANGLEUNIT["degree",0.0174532925199433],ID["EPSG",8801]],
PARAMETER["Longitude of natural origin",9,ANGLEUNIT["degree",0.0174532925199433],ID["EPSG",8802]],
PARAMETER["Scale factor at natural origin",0.9996,SCALEUNIT["unity",1],ID["EPSG",8805]],
PARAMETER["False easting",500000,LENGTHUNIT["metre",1],ID["EPSG",8806]],
PARAMETER["False northing",0,LENGTHUNIT["metre",1],ID["EPSG",8807]]],
CS[Cartesian,2],AXIS["(E)",east,ORDER[1],LENGTHUNIT["metre",1]],AXIS["(N)",north,ORDER[2],LENGTHUNIT["metre",1]],ID["EPSG",32632]]`
		wgs2 = `GEOGCRS["WGS 84",DATUM["World Geodetic System 1984",ELLIPSOID["WGS 84",6378137,298.257223563,LENGTHUNIT["metre",1]]],
PRIMEM["Greenwich",0,ANGLEUNIT["degree",0.0174532925199433]],CS[ellipsoidal,2],AXIS["latitude",north],AXIS["longitude",east],
ANGLEUNIT["degree",0.0174532925199433],ID["EPSG",4326]]`
		cone1 = `PROJCS["Maryland",GEOGCS["NAD83",DATUM["North_American_Datum_1983",SPHEROID["GRS 1980",6378137,298.257222101]],
PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]],PROJECTION["Lambert_Conformal_Conic_2SP"],
PARAMETER["standard_parallel_1",39.45],PARAMETER["standard_parallel_2",38.3],PARAMETER["latitude_of_origin",37.66666666666666],
PARAMETER["central_meridian",-77],PARAMETER["false_easting",1312333.333333333],PARAMETER["false_northing",0],UNIT["US survey foot",0.304800609601219]]`
		cone2 = `BOUNDCRS[SOURCECRS[PROJCRS["Maryland",BASEGEODCRS["NAD83",DATUM["North American Datum 1983",ELLIPSOID["GRS 1980",6378137,298.257222101]]],
CONVERSION["x",METHOD["Lambert Conic Conformal (2SP)"],
PARAMETER["Latitude of 1st standard parallel",39.45,ANGLEUNIT["degree",0.0174532925199433]],
PARAMETER["Latitude of 2nd standard parallel",38.3,ANGLEUNIT["degree",0.0174532925199433]],
PARAMETER["Latitude of false origin",37.66666666666666,ANGLEUNIT["degree",0.0174532925199433]],
PARAMETER["Longitude of false origin",-77,ANGLEUNIT["degree",0.0174532925199433]],
PARAMETER["Easting at false origin",400000,LENGTHUNIT["metre",1]],PARAMETER["Northing at false origin",0,LENGTHUNIT["metre",1]]],
CS[Cartesian,2],AXIS["x",east,LENGTHUNIT["US survey foot",0.304800609601219]]]],TARGETCRS[GEOGCRS["WGS 84"]],
ABRIDGEDTRANSFORMATION["x",METHOD["Geocentric translations"],PARAMETER["X-axis translation",0],PARAMETER["Y-axis translation",0],PARAMETER["Z-axis translation",0]]]`
		albers = `PROJCS["Africa_Albers_Equal_Area_Conic",GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137,298.257223563]],
PRIMEM["Greenwich",0],UNIT["Degree",0.017453292519943295]],PROJECTION["Albers"],PARAMETER["False_Easting",0],PARAMETER["False_Northing",0],
PARAMETER["Central_Meridian",25],PARAMETER["Standard_Parallel_1",20],PARAMETER["Standard_Parallel_2",-23],PARAMETER["Latitude_Of_Origin",0],UNIT["Meter",1]]`
	)
	if s, err := FromWKT(utm2); err != nil || s.String() != "EPSG:32632" {
		t.Errorf("UTM: %v, %v", s, err)
	}
	if s, err := FromWKT(wgs2); err != nil || s.String() != "EPSG:4326" {
		t.Errorf("WGS 84: %v, %v", s, err)
	}
	if _, err := FromWKT(albers); err != nil {
		t.Errorf("Africa Albers: %v", err)
	}
	one, err := FromWKT(cone1)
	if err != nil {
		t.Fatal(err)
	}
	two, err := FromWKT(cone2)
	if err != nil {
		t.Fatal(err)
	}
	x1, y1 := one.FromWGS84(-77.03, 38.9)
	x2, y2 := two.FromWGS84(-77.03, 38.9)
	if math.Hypot(x1-x2, y1-y2) > 1e-3 || math.Abs(x1*usFoot-397399) > 3000 {
		t.Errorf("%.4f %.4f and %.4f %.4f", x1, y1, x2, y2)
	}
}
