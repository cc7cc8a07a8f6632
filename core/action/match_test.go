package action

import (
	"math"
	"slices"
	"strings"
	"testing"

	"chatmrpt/core/place"
	"chatmrpt/core/problem"
	"chatmrpt/core/workspace"
)

// oneLGA is a layer of four square wards in a row, a degree wide each.
const oneLGA = `{"type":"FeatureCollection","features":[
{"type":"Feature","properties":{"StateName":"Kwara","LGAName":"Asa","WardName":"Afon","WardCode":"K1"},"geometry":{"type":"Polygon","coordinates":[[[4,8],[5,8],[5,9],[4,9],[4,8]]]}},
{"type":"Feature","properties":{"StateName":"Kwara","LGAName":"Asa","WardName":"Oloje","WardCode":"K2"},"geometry":{"type":"Polygon","coordinates":[[[5,8],[6,8],[6,9],[5,9],[5,8]]]}},
{"type":"Feature","properties":{"StateName":"Kwara","LGAName":"Asa","WardName":"Sapati A","WardCode":"K3"},"geometry":{"type":"Polygon","coordinates":[[[6,8],[7,8],[7,9],[6,9],[6,8]]]}},
{"type":"Feature","properties":{"StateName":"Kwara","LGAName":"Asa","WardName":"Sapati B","WardCode":"K4"},"geometry":{"type":"Polygon","coordinates":[[[7,8],[8,8],[8,9],[7,9],[7,8]]]}}]}`

const testColumns = "Persons presenting with fever & tested by RDT <5yrs,Persons tested positive for malaria by RDT <5yrs"

// asa loads the layer and a facility table of the given lines.
func asa(t *testing.T, b *bench, head string, lines ...string) {
	t.Helper()
	b.do(&Import{Files: []string{b.write("asa.geojson", oneLGA),
		b.write("facilities.csv", "State,LGA,Ward,HealthFacility,periodname,"+head+testColumns+"\n"+strings.Join(lines, "\n")+"\n")}})
}

// decisionsOfRun are what the person has decided so far.
func (b *bench) decided() []string {
	b.t.Helper()
	ds, err := b.w.Decisions(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	var out []string
	for _, d := range ds {
		out = append(out, d.GivenWard+"="+d.Decision+" "+d.WardCode)
	}
	return out
}

// A reviewed file decides what was changed in it and nothing else; what it says
// of names that no table has is told.
func TestOnlyChangedLinesAreDecisions(t *testing.T) {
	b := newBench(t)
	asa(t, b, "", "Kwara,Asa,Afon,A,2024-01,10,5", "Kwara,Asa,Oloje,B,2024-01,10,5", "Kwara,Asa,Sapati,C,2024-01,80,5", "Kwara,Asa,Unknown,D,2024-01,10,5")
	file := b.path("review.csv")
	r := b.do(&Match{Export: file})
	if !slices.ContainsFunc(r.Notices, func(n string) bool { return strings.Contains(n, "81.8 % of the tests are in rows linked to no ward") }) {
		t.Errorf("90 of 110 tests are on no map: %q", r.Notices)
	}
	open := r.Details.(map[string]any)["review"].([]candidates)
	if len(open) != 1 || open[0].Weight != 80 || open[0].Of != "tests" || len(open[0].Choices) != 2 || open[0].Choices[1].Code != "K4" || open[0].Choices[1].Why == "" {
		t.Errorf("candidates %+v", open)
	}
	if got := texts(t, r.Tables[0], "others"); got[0] != "Sapati B (Asa) K4 0.840" {
		t.Errorf("others %q", got)
	}
	b.do(&Match{Accept: file})
	if got := b.decided(); len(got) != 0 {
		t.Errorf("an untouched file decided %v", got)
	}
	edited := strings.NewReplacer("Sapati A,K3,0.840,0.000,review", "Sapati B,K4,0.840,0.000,accepted", "Asa,Afon,1", "Asa,Affon,1").Replace(b.read("review.csv"))
	r = b.do(&Match{Accept: b.write("edited.csv", edited)})
	if got := b.decided(); !slices.Equal(got, []string{"Sapati=accepted K4"}) {
		t.Errorf("decided %v", got)
	}
	words := strings.Join(r.Notices, "\n")
	for _, want := range []string{"lines of the reviewed file that you changed: 1; 2 more say what the program says anyway", "about places that stand in no table, which decide nothing: 1 (Affon (Asa))"} {
		if !strings.Contains(words, want) {
			t.Errorf("notices do not say %q:\n%s", want, words)
		}
	}
	links := b.table(workspace.KindMatch, "facilities: facilities")
	if got := numbers(t, links, "unit"); got[2] != 3 || !math.IsNaN(got[3]) {
		t.Errorf("units %v", got)
	}
}

// Decisions travel between the people of a team with who made them and when;
// each one's own stand.
func TestAliasesAreShared(t *testing.T) {
	lines := []string{"Kwara,Asa,Sapati,C,2024-01,80,5", "Kwara,Asa,Gari,D,2024-01,10,5"}
	amina := newBench(t)
	asa(t, amina, "", lines...)
	amina.do(&Match{Export: amina.path("review.csv")})
	edited := strings.NewReplacer("Sapati A,K3,0.840,0.000,review", "Sapati B,K4,0.840,0.000,accepted", ",unmatched,", ",not_a_ward,").Replace(amina.read("review.csv"))
	r := amina.do(&Match{Accept: amina.write("edited.csv", edited), ExportAliases: amina.path("team.csv")})
	if !slices.Equal(r.Files, []string{amina.path("team.csv")}) {
		t.Errorf("files %v", r.Files)
	}
	file := amina.read("team.csv")
	aliases, err := place.ReadAliases(strings.NewReader(file))
	if err != nil || len(aliases) != 2 || aliases[0].Who != "Amina" || aliases[0].When.IsZero() {
		t.Fatalf("%+v, %v", aliases, err)
	}

	bala := benchOf(t, t.TempDir(), "Bala")
	asa(t, bala, "", lines...)
	r = bala.do(&Match{ImportAliases: bala.write("team.csv", file)})
	links := bala.table(workspace.KindMatch, "facilities: facilities")
	if got := texts(t, links, "why"); !strings.HasPrefix(got[0], "Amina decided on ") || texts(t, links, "ward_code")[0] != "K4" || texts(t, links, "decision")[1] != "not_a_ward" {
		t.Errorf("%v, %v", got, r.Notices)
	}
	if got := bala.decided(); len(got) != 0 {
		t.Errorf("imported decisions became Bala's: %v", got)
	}
	// Bala's own decision beats hers, now and when the file comes again.
	bala.do(&Match{Export: bala.path("review.csv")})
	own := strings.Replace(bala.read("review.csv"), "Sapati B,K4", "Sapati A,K3", 1)
	bala.do(&Match{Accept: bala.write("own.csv", own)})
	r = bala.do(&Match{ImportAliases: bala.path("team.csv"), ExportAliases: bala.path("back.csv")})
	if got := texts(t, bala.table(workspace.KindMatch, "facilities: facilities"), "ward_code"); got[0] != "K3" {
		t.Errorf("an imported decision beat Bala's own: %v", got)
	}
	if words := strings.Join(r.Notices, "\n"); !strings.Contains(words, "decisions of the file against yours, which stand: 1 (Sapati (Asa))") {
		t.Errorf("%s", words)
	}
	back, err := place.ReadAliases(strings.NewReader(bala.read("back.csv")))
	if err != nil || len(back) != 2 || back[0].Who != "Amina" || back[1].Who != "Bala" || back[1].Unit.Code != "K3" {
		t.Errorf("%+v, %v", back, err)
	}
	if got := texts(t, bala.do(&Aliases{List: true}).Tables[0], "who"); !slices.Equal(got, []string{"Amina", "Bala"}) {
		t.Errorf("in force are the decisions of %v", got)
	}
	for _, n := range []int{3, 5, 7} { // the matches, decisions taken over before the first and the last
		bala.do(&Replay{Number: n, Verify: true})
	}
	empty := bala.do(&Aliases{Import: bala.write("empty.csv", strings.Join(place.AliasColumns(), ",")+"\n")})
	if len(empty.Tables[0].Columns) != 11 || empty.Tables[0].Rows() != 0 {
		t.Errorf("an empty file gave %+v", empty.Tables[0])
	}
	p := bala.refuse(&Aliases{Import: bala.write("bad.csv", "who,when\n")}, problem.BadInput)
	if !strings.HasPrefix(p.Subject, "bad.csv") {
		t.Errorf("%+v", p)
	}
}

// Facilities are placed by point in polygon: differences are listed always, and
// decide what the person says they decide.
func TestFacilitiesByCoordinates(t *testing.T) {
	lines := []string{
		"Kwara,Asa,Afon,A,2024-01,4.5,8.5,10,1",    // as it says
		"Kwara,Asa,Afon,B,2024-01,5.5,8.5,20,2",    // in Oloje
		"Kwara,Asa,Unknown,C,2024-01,6.5,8.5,40,4", // in Sapati A
		"Kwara,Asa,Oloje,D,2024-01,20,20,80,8",     // nowhere
		"Kwara,Asa,Oloje,E,2024-01,0,0,160,16",     // no coordinates
		"Kwara,Asa,Oloje,F,2024-01,5.0,8.5,320,32", // on the border of Afon and Oloje
		"Kwara,Asa,Afon,B,2024-02,5.5,8.5,640,64",  // B again
		"Kwara,Asa,Unknown,G,2024-01,,,1280,128",   // nothing known
	}
	for by, want := range map[string][4]float64{
		"":            {10 + 20 + 640, 80 + 160 + 320, math.NaN(), math.NaN()},
		"names":       {10 + 20 + 640, 80 + 160 + 320, math.NaN(), math.NaN()},
		"both":        {10 + 20 + 640, 80 + 160 + 320, 40, math.NaN()},
		"coordinates": {10, 20 + 640 + 80 + 160 + 320, 40, math.NaN()},
	} {
		b := newBench(t)
		asa(t, b, "longitude,latitude,", lines...)
		r := b.do(&Match{PlaceBy: by})
		found := tableNamed(t, r, "by coordinates: facilities")
		if got := texts(t, found, "facility"); !slices.Equal(got, []string{"B", "C", "D"}) {
			t.Errorf("%q: differences %v", by, got)
		}
		if got := texts(t, found, "finding"); !slices.Equal(got, []string{"in another ward than it names", "names no ward that is known", "in no ward"}) {
			t.Errorf("%q: findings %v", by, got)
		}
		b.do(&Match{}) // as last time
		tests := b.do(allTests()).Tables[0]
		for i, code := range texts(t, tests, "ward_code") {
			at := slices.Index([]string{"K1", "K2", "K3", "K4"}, code)
			if got := numbers(t, tests, "denominator")[i]; got != want[at] && !(math.IsNaN(got) && math.IsNaN(want[at])) {
				t.Errorf("%q: %s has %v tests, want %v", by, code, got, want[at])
			}
		}
	}
}

func TestCoordinatesTheWrongWayRound(t *testing.T) {
	b := newBench(t)
	asa(t, b, "longitude,latitude,", "Kwara,Asa,Afon,A,2024-01,8.5,4.5,10,1", "Kwara,Asa,Oloje,B,2024-01,8.5,5.5,10,1")
	if words := strings.Join(b.do(&Match{}).Notices, "\n"); !strings.Contains(words, "longitude and latitude look exchanged") {
		t.Errorf("%s", words)
	}
}

// The cards of a match and of an examination name the rule that was chosen, and
// whose it is.
func TestCardsOfMatchAndQuality(t *testing.T) {
	b := newBench(t)
	asa(t, b, "longitude,latitude,", "Kwara,Asa,Afon,A,2024-01,4.5,8.5,10,1")
	q := NewQuality()
	q.Strictness, q.Agree = "strict", 3
	for want, a := range map[string]Action{
		"in the ward their point lies in": &Match{PlaceBy: "coordinates"}, "in the ward their coordinates lie in": &Match{PlaceBy: "both"},
		"at least 3 of four methods: mean + 2.5 SD, median + 6 MAD": q,
	} {
		r := b.do(a)
		if method := strings.Join(cardLines(t, b, r.Run, "method"), " "); !strings.Contains(method, want) {
			t.Errorf("the card does not say %q: %s", want, method)
		}
		if len(cardLines(t, b, r.Run, "citation")) != 2 {
			t.Errorf("%T cites %v", a, cardLines(t, b, r.Run, "citation"))
		}
	}
}
