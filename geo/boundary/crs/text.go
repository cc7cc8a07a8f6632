package crs

import (
	"errors"
	"math"
	"strings"
)

// FromWKT gives the system of a .prj file: a well-known text of version 1, in
// the wording of ESRI or of OGC, or of version 2. A text that can't be parsed gives a plain
// error, a system that isn't known an *UnknownError with its name.
func FromWKT(text string) (*System, error) {
	text = strings.Trim(strings.TrimPrefix(text, "\ufeff"), " \t\r\n\x00")
	if text == "" {
		return nil, errors.New("it is empty")
	}
	if len(text) < 64 && !strings.ContainsAny(text, "[(") {
		return FromName(text)
	}
	root, err := parseWKT(text)
	if err != nil {
		return nil, err
	}
	root = version1(root)
	if root.key == "COMPD_CS" { // heights beside; the horizontal part comes first
		if h := root.kid("PROJCS", "GEOGCS"); h != nil {
			root = h
		}
	}
	switch root.key {
	case "GEOGCS":
		return geographic(root)
	case "PROJCS":
		return projected(root)
	}
	return nil, &UnknownError{Name: nameOf(root), Why: "a text of kind " + root.key + " can't be read"}
}

// nameOf is what a text calls itself, for messages.
func nameOf(n *node) string {
	if name := n.text(); name != "" {
		return name
	}
	return n.key
}

// datum is what the GEOGCS part of a text says.
type datum struct {
	figure  ellipsoid
	degrees float64 // degrees per unit of angle
	isWGS84 bool
	isMinna bool
	shift   *[7]float64
	note    string
}

func geographic(n *node) (*System, error) {
	d, err := readDatum(n)
	if err != nil {
		return nil, err
	}
	s := &System{name: nameOf(n), unit: d.degrees}
	d.apply(s)
	switch {
	case d.degrees != 1:
	case d.isWGS84:
		s.name = "EPSG:4326"
	case d.isMinna:
		s.name = "EPSG:4263"
	}
	return s, nil
}

// apply sets the shift of a system to that of the datum.
func (d *datum) apply(s *System) {
	if d.isMinna {
		s.onMinna()
		return
	}
	s.note = d.note
	if d.shift != nil {
		s.setShift(d.figure, *d.shift)
	}
}

// readDatum reads a GEOGCS: figure, unit of angle, meridian, shift.
func readDatum(n *node) (*datum, error) {
	d := &datum{degrees: 1}
	if n == nil {
		return nil, &UnknownError{Name: "?", Why: "its text names no datum"}
	}
	unknown := func(why string) (*datum, error) {
		return nil, &UnknownError{Name: nameOf(n), Why: why}
	}
	figure := n.kid("DATUM").kid("SPHEROID", "ELLIPSOID")
	d.figure = ellipsoid{a: figure.number(0, 0), rf: figure.number(1, 0)}
	if d.figure.rf == 0 {
		d.figure.rf = math.Inf(1)
	}
	if !(d.figure.a > 6.3e6 && d.figure.a < 6.4e6 && d.figure.rf > 250) {
		return unknown("its ellipsoid isn't one of the earth in metres")
	}
	if m := n.kid("PRIMEM").number(0, 0); math.Abs(m) > 1e-9 {
		return unknown("its longitudes don't count from Greenwich")
	}
	if u := degrees(n.kid("UNIT").number(0, radians(1))); !isClose(u, 1) {
		if !(u > 0 && u < 100) {
			return unknown("its unit of angle makes no sense")
		}
		d.degrees = u
	}
	if why := d.identify(n.kid("DATUM")); why != "" {
		return unknown(why)
	}
	return d, nil
}

// identify finds the way from the datum to WGS 84: by its name, else by the
// shift its text carries. It returns why it can't, or "".
func (d *datum) identify(n *node) string {
	switch name := strings.TrimPrefix(plain(n.text()), "d"); {
	case name == "wgs1984" || name == "wgs84" || name == "worldgeodeticsystem1984":
		d.isWGS84 = true
		return ""
	case name == "minna":
		d.isMinna = true
		return ""
	case nearWGS84(name):
		d.note = "the datum " + n.text() + " is taken as WGS 84; they differ by a metre or two"
		return ""
	case isNameless(name) && d.figure.isModern() && n.kid("TOWGS84") == nil:
		d.note = "the text names no datum, only the ellipsoid of WGS 84 or GRS 80; it is taken as WGS 84"
		return ""
	}
	shift := n.kid("TOWGS84")
	if shift == nil || (len(shift.numbers) != 3 && len(shift.numbers) != 7) {
		return "no shift from the datum " + n.text() + " to WGS 84 is known"
	}
	d.shift = new([7]float64)
	copy(d.shift[:], shift.numbers)
	for _, v := range d.shift {
		if !(math.Abs(v) < 5000) {
			return "its shift to WGS 84 makes no sense"
		}
	}
	d.note = "shifted to WGS 84 by the parameters in the file's own text"
	return ""
}

// isNameless tells the names by which programs say that a datum isn't known.
func isNameless(name string) bool {
	return name == "unknown" || name == "unnamed" || strings.HasPrefix(name, "unknownbasedon") || strings.HasPrefix(name, "notspecified")
}

// isModern reports whether a figure is that of WGS 84 or GRS 80, which differ
// by a tenth of a millimetre.
func (s ellipsoid) isModern() bool { return s.a == 6378137 && math.Abs(s.rf-298.2572) < 1e-3 }

// nearWGS84 lists the datums tied to the same world frame, and the two
// spherical names that mark Web Mercator.
func nearWGS84(name string) bool {
	switch name {
	case "northamerican1983", "northamericandatum1983", "nad83", "etrs1989", "etrs89",
		"europeanterrestrialreferencesystem1989", "gda1994", "geocentricdatumofaustralia1994",
		"rgf1993", "reseaugeodesiquefrancais1993", "sirgas2000", "nzgd2000",
		"sistemadereferenciageocentricoparalasamericas2000", "hartebeesthoek94", "hartebeesthoek1994",
		"wgs1984majorauxiliarysphere", "popularvisualisationdatum":
		return true
	}
	return strings.HasPrefix(name, "itrf") || strings.HasPrefix(name, "internationalterrestrialreferenceframe")
}

// parameters of a PROJCS by plain name.
type parameters map[string]float64

// first gives the value of the first of the names that is there.
func (p parameters) first(other float64, names ...string) float64 {
	for _, name := range names {
		if v, ok := p[name]; ok {
			return v
		}
	}
	return other
}

func readParameters(n *node) parameters {
	p := parameters{}
	for _, k := range n.kids {
		if k.key == "PARAMETER" && len(k.numbers) > 0 {
			p[plain(k.text())] = k.numbers[0]
		}
	}
	return p
}

func projected(n *node) (*System, error) {
	if isWebMercator(n) {
		s, err := FromEPSG(3857)
		if err == nil {
			s.unit = n.kid("UNIT").number(0, 1)
		}
		return s, err
	}
	d, err := readDatum(n.kid("GEOGCS"))
	if err != nil {
		return nil, err
	}
	s := &System{name: nameOf(n), unit: n.kid("UNIT").number(0, 1)}
	if !(s.unit > 1e-3 && s.unit < 1e4) {
		return nil, &UnknownError{Name: s.name, Why: "its unit of length makes no sense"}
	}
	d.apply(s)
	if why := s.project(n, d); why != "" {
		return nil, &UnknownError{Name: nameOf(n), Why: why}
	}
	return s, nil
}

// project sets the projection of a PROJCS and, where it has one, its EPSG
// code. It returns why it can't, or "".
func (s *System) project(n *node, d *datum) string {
	p := readParameters(n)
	lon0 := d.degrees * p.first(0, "centralmeridian", "longitudeoforigin", "longitudeofcenter", "longitudeofnaturalorigin", "longitudeoffalseorigin")
	lat0 := d.degrees * p.first(0, "latitudeoforigin", "latitudeofcenter", "latitudeofnaturalorigin", "latitudeoffalseorigin")
	scale := p.first(1, "scalefactor", "scalefactoratnaturalorigin")
	east := s.unit * p.first(0, "falseeasting", "eastingatfalseorigin")
	north := s.unit * p.first(0, "falsenorthing", "northingatfalseorigin")
	if !(math.Abs(lon0) <= 360 && math.Abs(lat0) <= 90 && scale > 0.1 && scale < 10 && math.Abs(east)+math.Abs(north) < 1e9) {
		return "its parameters make no sense"
	}
	switch name := n.kid("PROJECTION").text(); plain(name) {
	case "transversemercator", "gausskruger":
		s.plane = newTransverse(d.figure, lon0, lat0, scale, east, north)
		if code := transverseCode(d, lon0, lat0, scale, east, north); code != "" && s.unit == 1 {
			s.name = code
		}
	case "mercator", "mercator1sp", "mercator2sp", "mercatorvarianta", "mercatorvariantb":
		parallel := d.degrees * p.first(0, "standardparallel1", "latitudeof1ststandardparallel")
		if lat0 != 0 || !(math.Abs(parallel) < 89) {
			return "a Mercator projection with this origin can't be read"
		}
		s.plane = newMercator(d.figure, lon0, parallel, scale, east, north)
	case "":
		return "its text names no projection"
	default:
		plane := conicOf(plain(name), p, d, cone{lon0, lat0, scale, east, north})
		if plane == nil {
			return "the projection " + name + " can't be read"
		}
		s.plane = plane
	}
	return ""
}

// cone is the parameters every projection has.
type cone struct{ lon0, lat0, scale, east, north float64 }

// conicOf makes a conic projection, nil where the name is of none or the
// parallels make no cone.
func conicOf(name string, p parameters, d *datum, c cone) projection {
	lat1 := d.degrees * p.first(c.lat0/d.degrees, "standardparallel1", "latitudeof1ststandardparallel")
	lat2 := d.degrees * p.first(lat1/d.degrees, "standardparallel2", "latitudeof2ndstandardparallel")
	if !(math.Abs(lat1) < 89.9 && math.Abs(lat2) < 89.9) {
		return nil
	}
	switch name {
	case "lambertconformalconic", "lambertconformalconic1sp", "lambertconformalconic2sp", "lambertconicconformal1sp", "lambertconicconformal2sp":
		if l := newLambert(d.figure, c.lon0, c.lat0, lat1, lat2, c.scale, c.east, c.north); l != nil {
			return l
		}
	case "albers", "albersconicequalarea", "albersequalarea", "albersequalareaconic":
		if a := newAlbers(d.figure, c.lon0, c.lat0, lat1, lat2, c.east, c.north); a != nil {
			return a
		}
	}
	return nil
}

// isWebMercator recognises the many ways to write EPSG:3857. Several of them
// (such as "Google Maps Global Mercator" with Mercator_2SP on the ellipsoid)
// say an ellipsoidal Mercator by the letter and mean the spherical one; the
// difference is up to 20 km in latitude.
func isWebMercator(n *node) bool {
	switch plain(n.kid("PROJECTION").text()) {
	case "mercatorauxiliarysphere", "popularvisualisationpseudomercator":
		return true
	case "mercator", "mercator1sp", "mercator2sp", "mercatorvarianta", "mercatorvariantb":
	default:
		return false
	}
	for _, mark := range []string{"google", "pseudomercator", "webmercator", "sphericalmercator", "popularvisualisation"} {
		if strings.Contains(plain(n.text()), mark) {
			return true
		}
	}
	if strings.Contains(strings.Join(n.kid("EXTENSION").list(), " "), "+b=6378137") {
		return true
	}
	code := strings.Join(n.kid("AUTHORITY").list(), ":")
	return code == "EPSG:3857" || code == "EPSG:900913" || code == "EPSG:3785"
}

// list returns the quoted texts; it may be called on nil.
func (n *node) list() []string {
	if n == nil {
		return nil
	}
	return n.texts
}

// transverseCode finds the code among those FromEPSG knows, "" for none.
func transverseCode(d *datum, lon0, lat0, scale, east, north float64) string {
	for _, code := range transverseCodes(d) {
		s, err := FromEPSG(code)
		if err != nil {
			continue
		}
		want := newTransverse(d.figure, lon0, lat0, scale, east, north)
		if got := s.plane.(*transverse); got.isSame(want) {
			return s.name
		}
	}
	return ""
}

// transverseCodes lists the candidates on a datum.
func transverseCodes(d *datum) []int {
	var codes []int
	switch {
	case d.isMinna:
		codes = []int{26331, 26332, 26391, 26392, 26393}
	case d.isWGS84:
		for zone := 1; zone <= 60; zone++ {
			codes = append(codes, 32600+zone, 32700+zone)
		}
	}
	return codes
}

// isSame compares to a millimetre.
func (t *transverse) isSame(o *transverse) bool {
	return isClose(t.lon0, o.lon0) && isClose(t.xi0, o.xi0) && isClose(t.radius, o.radius) &&
		math.Abs(t.east-o.east) < 1e-3 && math.Abs(t.north-o.north) < 1e-3
}
