package raster

import (
	"fmt"
	"math"
	"strings"

	"chatmrpt/geo/boundary/crs"
	"chatmrpt/geo/raster/tiff"
)

// The keys of a GeoTIFF (OGC 19-008r4, annex B and C) that are used.
const (
	keyModelType      = 1024
	keyRasterType     = 1025
	keyCitation       = 1026
	keyGeographic     = 2048
	keyGeogCitation   = 2049
	keyDatum          = 2050
	keySemiMajor      = 2057
	keySemiMinor      = 2058
	keyInvFlattening  = 2059
	keyProjected      = 3072
	keyMethod         = 3075
	keyLinearUnit     = 3076
	keyLinearUnitSize = 3077
	keyParallel1      = 3078
	keyParallel2      = 3079
	keyOriginLon      = 3080
	keyOriginLat      = 3081
	keyEasting        = 3082
	keyNorthing       = 3083
	keyFalseLon       = 3084
	keyFalseLat       = 3085
	keyFalseEasting   = 3086
	keyFalseNorthing  = 3087
	keyCenterLon      = 3088
	keyCenterLat      = 3089
	keyScale          = 3092
	keyScaleCenter    = 3093

	modelGeographic = 2
	rasterIsPoint   = 2
	userDefined     = 32767
)

// keys is the geo keys of a file: each a small number, or numbers or a text
// elsewhere.
type keys struct {
	shorts  map[uint16]uint16
	doubles map[uint16]float64
	texts   map[uint16]string
}

func (r *Raster) keys() keys {
	return readKeys(r.page.Shorts(tagGeoKeys), r.page.Doubles(tagGeoDoubles), textOf(r.page))
}

// textOf is the geo texts; GDAL ends each with a bar.
func textOf(p *tiff.Page) string { return p.Text(tagGeoTexts) }

func readKeys(directory []uint16, doubles []float64, text string) keys {
	k := keys{map[uint16]uint16{}, map[uint16]float64{}, map[uint16]string{}}
	if len(directory) < 4 {
		return k
	}
	for d := directory[4:]; len(d) >= 4; d = d[4:] {
		id, where, count, value := d[0], d[1], int(d[2]), int(d[3])
		switch {
		case where == 0:
			k.shorts[id] = uint16(value)
		case where == tagGeoDoubles && value < len(doubles):
			k.doubles[id] = doubles[value]
		case where == tagGeoTexts && value <= len(text):
			k.texts[id] = strings.TrimRight(text[value:min(len(text), value+count)], "|\x00")
		}
	}
	return k
}

func (k keys) short(id uint16) int { return int(k.shorts[id]) }

// first is the value of the first of the keys that is there.
func (k keys) first(other float64, ids ...uint16) float64 {
	for _, id := range ids {
		if v, ok := k.doubles[id]; ok {
			return v
		}
	}
	return other
}

// system is the reference system of the file; nil where it names none.
func (k keys) system() (*crs.System, error) {
	if code := k.short(keyProjected); code != 0 && code != userDefined {
		return crs.FromEPSG(code)
	}
	isProjected := k.short(keyMethod) != 0 || k.short(keyProjected) != 0
	if k.short(keyModelType) == modelGeographic || !isProjected {
		return k.geographic()
	}
	text, err := k.projectedText()
	if err != nil {
		return nil, err
	}
	return crs.FromWKT(text)
}

func (k keys) geographic() (*crs.System, error) {
	switch code := k.short(keyGeographic); {
	case code == 4326 || code == 4263:
		return crs.FromEPSG(code)
	case code != 0 || len(k.doubles) > 0:
		return crs.FromWKT(k.geographicText())
	}
	return nil, nil
}

// datumName is the datum of the codes that rasters in the field carry: those
// of package crs, by the name it knows them under.
func (k keys) datumName() string {
	geographic, datum := k.short(keyGeographic), k.short(keyDatum)
	switch {
	case geographic == 4326 || datum == 6326:
		return "WGS_1984"
	case geographic == 4263 || datum == 6263:
		return "Minna"
	case geographic == 4269 || datum == 6269:
		return "North_American_Datum_1983"
	case geographic == 4258 || datum == 6258:
		return "ETRS89"
	case geographic == 4148 || datum == 6148:
		return "Hartebeesthoek94"
	case geographic != 0 && geographic != userDefined:
		return fmt.Sprintf("EPSG:%d", geographic)
	case datum != 0 && datum != userDefined:
		return fmt.Sprintf("EPSG:%d", datum)
	}
	return "unknown"
}

// geographicText writes the datum as well-known text, so that package crs
// decides what can be used in one place.
func (k keys) geographicText() string {
	name := k.datumName()
	a, rf := k.first(0, keySemiMajor), k.first(0, keyInvFlattening)
	if b := k.first(0, keySemiMinor); rf == 0 && b > 0 && b < a {
		rf = a / (a - b)
	}
	switch {
	case name == "Minna":
		a, rf = 6378249.145, 293.465
	case a == 0 && name != "unknown":
		a, rf = 6378137, 298.257223563
	}
	return fmt.Sprintf(`GEOGCS["%s",DATUM["%s",SPHEROID["",%.17g,%.17g]],PRIMEM["Greenwich",0],UNIT["degree",%.17g]]`,
		clean(k.texts[keyGeogCitation], name), name, a, rf, math.Pi/180)
}

// clean is a text that can stand in quotes, other where nothing is left.
func clean(text, other string) string {
	text = strings.Map(func(r rune) rune {
		if r == '"' || r < ' ' {
			return -1
		}
		return r
	}, text)
	if text == "" {
		return other
	}
	return text
}

// projectedText writes a projection that has no code as well-known text.
func (k keys) projectedText() (string, error) {
	method, ok := map[int]string{1: "Transverse_Mercator", 7: "Mercator_1SP", 8: "Lambert_Conformal_Conic_2SP",
		9: "Lambert_Conformal_Conic_1SP", 11: "Albers_Conic_Equal_Area"}[k.short(keyMethod)]
	if !ok {
		return "", &crs.UnknownError{Name: clean(k.texts[keyCitation], "user-defined"), Why: fmt.Sprintf("its projection (GeoTIFF method %d) can't be read", k.short(keyMethod))}
	}
	unit := k.first(1, keyLinearUnitSize)
	switch k.short(keyLinearUnit) {
	case 9002:
		unit = 0.3048
	case 9003:
		unit = 1200.0 / 3937
	}
	lon0 := k.first(0, keyOriginLon, keyFalseLon, keyCenterLon)
	lat0 := k.first(0, keyOriginLat, keyFalseLat, keyCenterLat)
	lat1 := k.first(lat0, keyParallel1)
	text := fmt.Sprintf(`PROJCS["%s",%s,PROJECTION["%s"]`, clean(k.texts[keyCitation], "user-defined"), k.geographicText(), method)
	for _, p := range []struct {
		name  string
		value float64
	}{
		{"latitude_of_origin", lat0}, {"central_meridian", lon0},
		{"scale_factor", k.first(1, keyScale, keyScaleCenter)},
		{"false_easting", k.first(0, keyEasting, keyFalseEasting)}, {"false_northing", k.first(0, keyNorthing, keyFalseNorthing)},
	} {
		text += fmt.Sprintf(`,PARAMETER["%s",%.17g]`, p.name, p.value)
	}
	if m := k.short(keyMethod); m == 8 || m == 11 {
		text += fmt.Sprintf(`,PARAMETER["standard_parallel_1",%.17g],PARAMETER["standard_parallel_2",%.17g]`, lat1, k.first(lat1, keyParallel2))
	}
	return text + fmt.Sprintf(`,UNIT["unit",%.17g]]`, unit), nil
}
