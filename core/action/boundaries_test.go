package action

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"chatmrpt/core/place"
	"chatmrpt/core/problem"
	"chatmrpt/core/table"
	"chatmrpt/core/workspace"
)

// layer imports a boundary file with the given lines and gives its table.
func layer(t *testing.T, a *Import, text string) *table.Table {
	t.Helper()
	b := newBench(t)
	a.Files = []string{b.write("layer.geojson", text)}
	b.do(a)
	return b.table(workspace.KindBoundaries, "")
}

// roles are the columns of a table by role, variables left out.
func roles(tb *table.Table) map[table.Role]string {
	out := map[table.Role]string{}
	for _, c := range tb.Columns {
		if c.Role != "" && c.Role != table.RoleVariable {
			out[c.Role] = c.Name
		}
	}
	return out
}

func variables(tb *table.Table) []string {
	var out []string
	for _, c := range tb.Columns {
		if c.Role == table.RoleVariable {
			out = append(out, c.Name)
		}
	}
	return out
}

// The attributes by which files in use name their units: GRID3 and the
// programme's shapefiles, the humanitarian common operational data, GADM, and
// files of another country with units only.
func TestAttributesAreRecognised(t *testing.T) {
	for header, want := range map[string]map[table.Role]string{
		"StateCode,StateName,LGACode,LGAName,WardCode,WardName": {
			table.RoleStateCode: "StateCode", table.RoleState: "StateName", table.RoleLGACode: "LGACode", table.RoleLGA: "LGAName",
			table.RoleWardCode: "WardCode", table.RoleWard: "WardName"},
		"ADM1_EN,ADM1_PCODE,ADM2_EN,ADM2_PCODE,ADM3_EN,ADM3_PCODE": {
			table.RoleState: "ADM1_EN", table.RoleStateCode: "ADM1_PCODE", table.RoleLGA: "ADM2_EN", table.RoleLGACode: "ADM2_PCODE",
			table.RoleWard: "ADM3_EN", table.RoleWardCode: "ADM3_PCODE"},
		"GID_3,NAME_1,NAME_2,NAME_3":    {table.RoleState: "NAME_1", table.RoleLGA: "NAME_2", table.RoleWard: "NAME_3"},
		"state,lga name,ward-name,code": {table.RoleState: "state", table.RoleLGA: "lga name", table.RoleWard: "ward-name", table.RoleWardCode: "code"},
		"District,Name":                 {table.RoleLGA: "District", table.RoleWard: "Name"},
		"name,ward":                     {table.RoleWard: "ward"}, // the better of two
		"note,name":                     {table.RoleWard: "name"},
	} {
		n := strings.Count(header, ",") + 1
		cells := func(word string) string { return strings.TrimSuffix(strings.Repeat("'"+word+",", n), ",") }
		if got := roles(layer(t, &Import{}, squares(header, cells("a"), cells("b")))); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: %v, want %v", header, got, want)
		}
	}
}

// Numbers become variables but for those that identify; population and urban
// percentage have their roles, as text they are nothing.
func TestNumbersOfALayer(t *testing.T) {
	tb := layer(t, &Import{}, squares(
		"OBJECTID,Shape_Area,Shape_Leng,AMAPCODE,lat,lon,WardName,evi,Pop,UrbanPercent,rivers,note",
		"1,0.5,3,77,9,8,Afon,0.2,1000,12.5,3,x", "2,0.5,3,78,9,8,Budo,0.3,2000,0,,y"))
	if got := variables(tb); !slices.Equal(got, []string{"evi", "rivers"}) {
		t.Errorf("variables %v", got)
	}
	if got := roles(tb); got[table.RolePopulation] != "Pop" || got[table.RoleUrban] != "UrbanPercent" {
		t.Errorf("roles %v", got)
	}
	if got := texts(t, tb, "rivers"); !slices.Equal(got, []string{"3", ""}) {
		t.Errorf("rivers %q", got)
	}
	tb = layer(t, &Import{}, squares("WardName,Pop", "Afon,'many", "Budo,'few"))
	if got := roles(tb); len(got) != 1 || len(variables(tb)) != 0 {
		t.Errorf("text for a population: %v, %v", got, variables(tb))
	}
}

// What the user says comes before the known names.
func TestChosenAttributes(t *testing.T) {
	text := squares("StateName,LGAName,WardName,Unit,Zone,Number,evi", "S,L,W1,U1,Z,11,1", "S,L,W2,U2,Z,12,2")
	got := roles(layer(t, &Import{UnitColumn: "Unit", LGAColumn: "Zone", CodeColumn: "Number", Columns: []string{"population=evi"}}, text))
	want := map[table.Role]string{table.RoleState: "StateName", table.RoleLGA: "Zone", table.RoleWard: "Unit", table.RoleWardCode: "Number", table.RolePopulation: "evi"}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%v, want %v", got, want)
	}
	b := newBench(t)
	path := b.write("layer.geojson", text)
	p := b.refuse(&Import{Files: []string{path}, UnitColumn: "ward"}, problem.BadInput)
	if !strings.Contains(p.Message, "ward") || !strings.Contains(p.Hint, "WardName") {
		t.Errorf("%+v", p)
	}
	p = b.refuse(&Import{Files: []string{b.write("nameless.geojson", squares("zone,evi", "A,1"))}}, problem.BadInput)
	if !strings.Contains(p.Hint, "--unit-column") || !strings.Contains(p.Hint, "zone, evi") {
		t.Errorf("%+v", p)
	}
}

// A layer that knows its LGAs and states by code only is grouped by the codes;
// codes that are numbers are written as whole ones.
func TestCodesStandInForNames(t *testing.T) {
	b := newBench(t)
	b.do(&Import{Files: []string{b.write("layer.geojson", squares("StateCode,LGACode,WardName,WardCode",
		"KW,24001,Afon,2400101", "KW,24001,Budo,2400102", "KW,24002,Afon,123456789012345", "KW,24002,,"))}})
	f, err := loadFrame(t.Context(), b.w, "test")
	if err != nil {
		t.Fatal(err)
	}
	want := []place.Unit{
		{State: "KW", LGA: "24001", Ward: "Afon", Code: "2400101"}, {State: "KW", LGA: "24001", Ward: "Budo", Code: "2400102"},
		{State: "KW", LGA: "24002", Ward: "Afon", Code: "123456789012345"}, {State: "KW", LGA: "24002"},
	}
	if !slices.Equal(f.units, want) {
		t.Errorf("units %v", f.units)
	}
	if got := f.groups(); !slices.Equal(got, []int{0, 0, 1, 1}) {
		t.Errorf("groups %v", got)
	}
	if got := f.keys(); !slices.Equal(got, []string{"Afon (24001)", "Budo (24001)", "Afon (24002)", " (24002)"}) {
		t.Errorf("keys %q", got)
	}
	outlines, err := f.outlines(t.Context(), b.w)
	if err != nil || len(outlines) != 1 || len(outlines[0]) == 0 {
		t.Errorf("outlines %v, %v", outlines, err)
	}
	for i, c := range f.identity() {
		if c.Missing(3) != (i >= 2) || c.Len() != 4 {
			t.Errorf("%s of a ward without a name: missing %v", c.Name, c.Missing(3))
		}
	}
}

// Two wards of one name are told apart, whatever they share.
func TestEveryWardHasAKeyOfItsOwn(t *testing.T) {
	f := &frame{units: []place.Unit{
		{LGA: "Asa", Ward: "Afon", Code: "1"}, {LGA: "Asa", Ward: "Afon", Code: "2"}, {LGA: "Moro", Ward: "Afon"},
		{LGA: "Asa", Ward: "Budo"}, {LGA: "Asa", Ward: "Budo"}, {Ward: "Budo"}, {Ward: "Budo"},
	}}
	want := []string{"Afon (Asa) 1", "Afon (Asa) 2", "Afon (Moro)", "Budo (Asa)", "Budo (Asa) #2", "Budo", "Budo #2"}
	if got := f.keys(); !slices.Equal(got, want) {
		t.Errorf("keys %q", got)
	}
	f.units = []place.Unit{{Ward: "A"}, {Ward: "A"}, {Ward: "A #2"}, {Ward: "A", Code: "#2"}, {Ward: "A #2", Code: "#2"}}
	seen := map[string]bool{}
	for _, k := range f.keys() {
		if seen[k] {
			t.Errorf("two wards are called %q", k)
		}
		seen[k] = true
	}
}

// What can't be a layer of wards is refused with what to do.
func TestLayersThatAreRefused(t *testing.T) {
	point := `{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"WardName":"Afon"},"geometry":{"type":"Point","coordinates":[8,9]}}]}`
	line := strings.ReplaceAll(strings.ReplaceAll(point, `"Point"`, `"LineString"`), "[8,9]", "[[8,9],[9,9]]")
	for name, text := range map[string]string{
		"points.geojson":   point,
		"lines.geojson":    line,
		"nowhere.geojson":  `{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"WardName":"Afon"},"geometry":null}]}`,
		"none.geojson":     `{"type":"FeatureCollection","features":[]}`,
		"table.json":       `[{"ward":"Afon"}]`,
		"cut.geojson":      threeWards()[:200],
		"archive.zip":      "PK\x03\x04 and no more",
		"package.gpkg":     "SQLite format 3\x00",
		"places.kml":       "<kml></kml>",
		"lonely.dbf":       "\x03",
		"wards.shp":        "",
		"facilities.csv":   "",
		"only header.csv":  "State,LGA,Ward,Population\n",
		"not a sheet.xlsx": "PK\x05\x06",
	} {
		b := newBench(t)
		p := b.refuse(&Import{Files: []string{b.write(name, text)}}, problem.BadInput)
		if !strings.Contains(p.Subject, name) {
			t.Errorf("%s: %+v does not say which file", name, p)
		}
	}
}

// A feature without an area keeps its row, so that its numbers still count.
func TestAWardWithoutAnAreaKeepsItsRow(t *testing.T) {
	text := strings.Replace(threeWards(), `"features":[`,
		`"features":[{"type":"Feature","properties":{"StateName":"Kwara","LGAName":"Asa","WardName":"Lost"},"geometry":null},`, 1)
	b := newBench(t)
	b.do(&Import{Files: []string{b.write("layer.geojson", text),
		b.write("env.csv", lines("State,LGA,Ward,evi,rainfall", "Kwara,Asa,Lost,4,4", "Kwara,Asa,Afon,1,1", "Kwara,Asa,Budo,2,2", "Kwara,Asa,Owode,3,3"))}})
	b.do(&Match{})
	a := NewScore()
	a.Vars = []string{"evi", "rainfall"}
	b.do(a)
	if got := numbers(t, b.table(workspace.KindRanking, ""), "rank"); !slices.Equal(got, []float64{1, 4, 3, 2}) {
		t.Errorf("ranks %v", got)
	}
	b.do(mapOf("rank"))
	b.do(&Export{What: "ranking", Out: b.path("r.geojson")})
	if got := strings.Count(b.read("r.geojson"), `"geometry":null`); got != 1 {
		t.Errorf("%d rows without an area", got)
	}
}

// A projected layer is brought to degrees, as its file or the user says.
func TestTheReferenceSystemIsTheUsersWord(t *testing.T) {
	text := `{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"name":"Afon"},"geometry":{"type":"Polygon","coordinates":
		[[[500000,1000000],[510000,1000000],[510000,1010000],[500000,1000000]]]}}]}`
	b := newBench(t)
	path := b.write("metres.geojson", text)
	b.do(&Import{Files: []string{path}, CRS: "EPSG:32632"})
	areas, err := b.w.Areas(t.Context(), b.latest(workspace.KindBoundaries, ""))
	if err != nil {
		t.Fatal(err)
	}
	// 500 km east is the middle of zone 32, 9° E; 1000 km north is 9.05° N.
	if at := areas[0].Bound().Min; at[0] < 8.99 || at[0] > 9.01 || at[1] < 9 || at[1] > 9.1 {
		t.Errorf("it lies at %v", at)
	}
	p := b.refuse(&Import{Files: []string{path}, CRS: "EPSG:1"}, problem.BadInput)
	if p.Subject == "" {
		t.Errorf("%+v", p)
	}
}

// What was mended is told by ward, in the notices and in the report.
func TestMendedShapesAreTold(t *testing.T) {
	text := `{"type":"FeatureCollection","features":[
{"type":"Feature","properties":{"StateName":"Kano","LGAName":"Dala","WardName":"Afon"},"geometry":{"type":"Polygon","coordinates":[[[8,12],[9,13],[9,12],[8,13],[8,12]]]}},
{"type":"Feature","properties":{"StateName":"Kano","LGAName":"Dala","WardName":"Bare"},"geometry":{"type":"Polygon","coordinates":[[[10,12],[11,12],[11,13],[10,13],[10,12]]]}}]}`
	b := newBench(t)
	r := b.do(&Import{Files: []string{b.write("wards.geojson", text)}})
	said := strings.Join(r.Notices, "\n")
	if !strings.Contains(said, "rings that crossed themselves: 1") || !strings.Contains(said, "shapes mended: Afon (Dala)") {
		t.Errorf("notices %q", said)
	}
	if report := string(b.latest(workspace.KindBoundaries, "").Report); !strings.Contains(report, `{"ward":"Afon (Dala)","what":"crossed itself at 1 place and was cut there into 2 rings","lon":8.5,"lat":12.5}`) {
		t.Errorf("report %s", report)
	}
	if n, _ := r.Tables[0].Columns[5].Number(0); n != 1 {
		t.Errorf("%g shapes repaired", n)
	}
}

// Plane coordinates that pass for degrees: states of Nigeria in the wrong
// place give them away.
func TestPlaneCoordinatesOfNigeriaAreAsked(t *testing.T) {
	text := strings.Replace(strings.NewReplacer("[8,", "[48,", "[9,", "[49,").Replace(`{"type":"FeatureCollection","crs":null,"features":[
{"type":"Feature","properties":{"StateName":"Kano","WardName":"Afon"},"geometry":{"type":"Polygon","coordinates":[[[8,12],[9,12],[9,13],[8,12]]]}}]}`), "\n", "", -1)
	b := newBench(t)
	p := b.refuse(&Import{Files: []string{b.write("wards.geojson", text)}}, problem.BadInput)
	if !strings.Contains(p.Hint, "--crs") {
		t.Errorf("%+v", p)
	}
	b.do(&Import{Files: []string{b.write("wards.geojson", text)}, CRS: "EPSG:4326"})
	b.do(&Import{Files: []string{b.write("ohio.geojson", strings.Replace(text, "Kano", "Ohio", 1))}})
}

// Wards that overlap and ground that belongs to none are told, and left.
func TestMisfitsAreTold(t *testing.T) {
	square := func(name string, w, s, e, n float64) string {
		return fmt.Sprintf(`{"type":"Feature","properties":{"LGAName":"Dala","WardName":%q},"geometry":{"type":"Polygon","coordinates":[[[%g,%g],[%g,%g],[%g,%g],[%g,%g],[%g,%g]]]}}`,
			name, w, s, e, s, e, n, w, n, w, s)
	}
	text := `{"type":"FeatureCollection","features":[` + strings.Join([]string{square("Afon", 8, 9, 9.1, 10), square("Bare", 9, 9, 10, 9.8), square("Chiri", 8, 10, 10.5, 11), square("Dawa", 10, 9, 10.5, 10)}, ",") + "]}"
	b := newBench(t)
	r := b.do(&Import{Files: []string{b.write("wards.geojson", text)}})
	said := strings.Join(r.Notices, "\n")
	for _, want := range []string{"wards overlap: 1 place, ", "between Afon (Dala) and Bare (Dala)", "ground that belongs to none: 1 place, "} {
		if !strings.Contains(said, want) {
			t.Errorf("the notices %q don't say %q", said, want)
		}
	}
}
