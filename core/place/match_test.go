package place

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
)

func match(t testing.TB, units []Unit, given []Given, remembered ...Remembered) Report {
	t.Helper()
	rep, err := Match(t.Context(), units, given, Decisions{Own: remembered})
	if err != nil {
		t.Fatal(err)
	}
	if len(rep.Links) != len(given) {
		t.Fatalf("%d links for %d given", len(rep.Links), len(given))
	}
	return rep
}

// wards makes the units of one LGA.
func wards(state, lga string, names ...string) []Unit {
	var out []Unit
	for _, n := range names {
		out = append(out, Unit{State: state, LGA: lga, Ward: n})
	}
	return out
}

func adamawa() []Unit {
	return slices.Concat(
		wards("Adamawa", "Guyuk", "Banjiram", "Bobini", "Dukul", "Lokoro"),
		wards("Adamawa", "Girei", "Girei I", "Girei II", "Damare", "Gereng"),
		wards("Adamawa", "Madagali", "Waga-Chakawa", "Gulak", "Hyambula", "Sukur"),
		wards("Adamawa", "Shelleng", "Hoserezum", "Bodwai", "Gundo", "Kiri"),
		wards("Adamawa", "Michika", "Futuless", "Garta", "Jigalambu", "Bazza"),
		wards("Adamawa", "Fufore", "Mayo Inne", "Uki Tuki", "Ribadu", "Yadim"),
		wards("Adamawa", "Song", "Gaanda", "Gabon", "Kilange", "Zumo"),
		wards("Adamawa", "Lamurde", "Lamurde", "Opalo", "Rigange"),
		wards("Adamawa", "Mubi North", "Yelwa", "Lokuwa", "Bahuli"),
		wards("Adamawa", "Mubi South", "Lamurde", "Gude", "Gella"),
		wards("Adamawa", "Demsa", "Nassarawo Demsa", "Bille", "Borrong"),
		wards("Adamawa", "Maiha", "Yelwa", "Belel", "Konkol"),
	)
}

// TestRealMismatches holds the pairs met in practice (the specification's list
// of name mismatches of Adamawa), each with the decision it must get.
func TestRealMismatches(t *testing.T) {
	tests := []struct {
		lga, ward, want string
		decision        Decision
	}{
		{"Shelleng", "Hosheri-Zum", "Hoserezum", Accepted},
		{"Michika", "Futudou/Futuless", "Futuless", Accepted},
		{"Michika", "Garta/Ghumchi", "Garta", Accepted},
		{"Madagali", "Wagga (Madagali)", "Waga-Chakawa", Accepted},
		{"Fufore", "Mayo-Ine", "Mayo Inne", Accepted},
		{"Fufore", "Uki-Tuki", "Uki Tuki", Accepted},
		{"Girei", "Girei 1", "Girei I", Accepted},
		{"Girei", "ad Girei II Ward", "Girei II", Accepted},
		{"Song", "Ga'anda", "Gaanda", Accepted},
		{"Song", "Gabun", "Gabon", Accepted},
		{"Lamurde", "Lamurde", "Lamurde", Accepted},
		{"Mubi South", "Lamurde", "Lamurde", Accepted},
		{"Mubi North", "Yelwa", "Yelwa", Accepted},
		{"Maiha", "Yelwa", "Yelwa", Accepted},
	}
	units := adamawa()
	var given []Given
	for _, test := range tests {
		given = append(given, Given{State: "ad Adamawa State", LGA: "ad " + test.lga + " Local Government Area", Ward: test.ward, Rows: 1})
	}
	for i, l := range match(t, units, given).Links {
		if l.Decision != tests[i].decision || len(l.Candidates) == 0 {
			t.Errorf("%q: %s (%s)", l.Given.Ward, l.Decision, l.Why)
			continue
		}
		u := units[l.Candidates[0].Unit]
		if u.LGA != tests[i].lga || u.Ward != tests[i].want {
			t.Errorf("%q went to %v", l.Given.Ward, u)
		}
	}
}

func TestNameInTwoLGAsStaysTwoWards(t *testing.T) {
	units := adamawa()
	rep := match(t, units, []Given{
		{"Adamawa", "Mubi North", "Yelwa", "", 3}, {"Adamawa", "Maiha", "Yelwa", "", 4}, {"Adamawa", "", "Yelwa", "", 5}})
	a, b, open := rep.Links[0], rep.Links[1], rep.Links[2]
	if a.Unit < 0 || b.Unit < 0 || a.Unit == b.Unit {
		t.Errorf("the two Yelwas went to %d and %d", a.Unit, b.Unit)
	}
	if open.Decision != Review || open.Unit != -1 || len(open.Candidates) != 2 {
		t.Errorf("Yelwa without an LGA: %+v", open)
	}
	if rep.MatchedRows != 7 || rep.TotalRows != 12 {
		t.Errorf("matched %d of %d rows, want 7 of 12", rep.MatchedRows, rep.TotalRows)
	}
}

// The names that Adamawa has in two LGAs each (spec/analytics.md 2.5) go each to
// its own, misspelt too; where the layer lacks one of the two, the other is
// offered and never linked.
func TestNamesOfTwoLGAsAreNeverCrossed(t *testing.T) {
	for name, slip := range map[string]string{"Lamurde": "Lamurrde", "Ribadu": "Ribaddu", "Yelwa": "Yellwa", "Nassarawo": "Nassarrawo"} {
		units := slices.Concat(wards("Adamawa", "Song", "Zumo", name, "Gaanda"), wards("Adamawa", "Girei", "Damare", name, "Gereng"))
		for _, ward := range []string{name, slip, "ad " + name + " Ward"} {
			given := []Given{{"Adamawa", "Song", ward, "", 1}, {"Adamawa", "Girei", ward, "", 1}}
			for i, want := range []int{1, 4} {
				if l := match(t, units, given).Links[i]; l.Unit != want {
					t.Errorf("%q of %s went to %d (%s)", ward, l.Given.LGA, l.Unit, l.Why)
				}
			}
			left := slices.Delete(slices.Clone(units), 4, 5)
			if l := match(t, left, given[1:]).Links[0]; l.Unit != -1 || (ward == name && len(l.Candidates) == 0) {
				t.Errorf("%q of an LGA without it: %+v", ward, l)
			}
		}
	}
}

func TestCapitalTerritoryUnderItsManyNames(t *testing.T) {
	units := slices.Concat(
		wards("Federal Capital Territory", "Abuja Municipal", "City Centre", "Garki", "Gwarinpa"),
		wards("Federal Capital Territory", "Bwari", "Kubwa", "Ushafa"))
	for _, state := range []string{"FCT", "Abuja", "FC", "Federal Capital Territory", "fc Federal Capital Territory State", "FCT-Abuja"} {
		for _, lga := range []string{"AMAC", "Municipal Area Council", "Abuja Municipal", "Abuja Municipal Area Council", "fc Municipal Area Council Local Government Area", "Municipal"} {
			l := match(t, units, []Given{{state, lga, "Garki", "", 1}}).Links[0]
			if l.Decision != Accepted || l.Unit != 1 || l.Score != 1 {
				t.Errorf("%q / %q: %+v", state, lga, l)
			}
		}
	}
}

func TestStateSpellings(t *testing.T) {
	units := slices.Concat(wards("Nasarawa", "Keffi", "Angwan Iya"), wards("TB", "Bali", "Suntai"),
		wards("DE", "Warri South", "Pessu"), wards("Akwa lbom", "Uyo", "Etoi"))
	given := []Given{{State: "Nassarawa", LGA: "Keffi", Ward: "Angwan Iya"}, {State: "tr Taraba State", LGA: "Bali", Ward: "tr Suntai"},
		{State: "DT", LGA: "Warri South", Ward: "dt Pessu Ward"}, {State: "Akwa Ibom", LGA: "Uyo", Ward: "Etoi"},
		{State: "Tarraba", LGA: "Bali", Ward: "Suntai"}}
	for i, want := range []int{0, 1, 2, 3, 1} {
		if l := match(t, units, given).Links[i]; l.Unit != want {
			t.Errorf("%v went to %d (%s)", l.Given, l.Unit, l.Why)
		}
	}
	rep := match(t, units, []Given{{State: "Ogun", LGA: "Keffi", Ward: "Angwan Iya", Rows: 9}})
	if l := rep.Links[0]; l.Decision != Unmatched || !strings.Contains(l.Why, "state") || !warns(rep, "Ogun") {
		t.Errorf("a state that is not in the layer: %+v, warnings %q", l, rep.Warnings)
	}
}

func warns(rep Report, word string) bool {
	return slices.ContainsFunc(rep.Warnings, func(w string) bool { return strings.Contains(w, word) })
}

func TestCodes(t *testing.T) {
	units := []Unit{{"Kano", "Dala", "Adakawa", "KN01"}, {"Kano", "Dala", "Kabuwaya", "KN02"},
		{"Kano", "Gwale", "Adakawa", "KN03"}, {"Kano", "Gwale", "Diso", "KN04"}, {"Kano", "Gwale", "Dorayi", "KN04"}}
	tests := []struct {
		given    Given
		decision Decision
		unit     int // linked, or first candidate
		why      string
	}{
		{Given{"Kano", "Dala", "Kabuwoya", "kn02 ", 1}, Accepted, 1, "code"},
		{Given{"", "", "", "KN02", 1}, Accepted, 1, "code"},
		{Given{"", "", "Unknown", "KN03", 1}, Accepted, 2, "code"},
		{Given{"Kano", "Dala", "Adakawa", "KN03", 1}, Review, 2, `LGA "Gwale"`},
		{Given{"Kano", "Dala", "Adakawa", "KN02", 1}, Review, 1, "another unit"},
		{Given{"Kano", "Dala", "Zungeru", "KN02", 1}, Review, 1, "not like"},
		{Given{"Ogun", "Dala", "Adakawa", "KN01", 1}, Review, 0, "state"},
		{Given{"Kano", "Gwale", "Diso", "KN04", 1}, Accepted, 3, "same name"}, // the code is not unique
		{Given{"Kano", "Gwale", "Diso", "XX99", 1}, Accepted, 3, "same name"}, // the code is another system's
	}
	for _, test := range tests {
		l := match(t, units, []Given{test.given}).Links[0]
		if l.Decision != test.decision || len(l.Candidates) == 0 || l.Candidates[0].Unit != test.unit || !strings.Contains(l.Why, test.why) {
			t.Errorf("%v: %+v", test.given, l)
		}
		if l.Decision == Review && l.Unit != -1 {
			t.Errorf("%v: a proposal stands as a link", test.given)
		}
	}
}

func TestNotAWard(t *testing.T) {
	units := wards("Kwara", "Asa", "Afon", "Owode")
	var given []Given
	for _, w := range []string{"", "Unknown", "UNKNOWN ", "kw Unknown Ward", "n/a", "N.A.", "-", "null", "Not Available"} {
		given = append(given, Given{"kw Kwara State", "kw Asa", w, "", 2})
	}
	given = append(given, Given{"Kwara", "Asa", "Afon", "", 82})
	rep := match(t, units, given)
	for _, l := range rep.Links[:9] {
		if l.Decision != NotAWard || l.Unit != -1 {
			t.Errorf("%q: %+v", l.Given.Ward, l)
		}
	}
	if rep.MatchedRows != 82 || rep.TotalRows != 100 || !warns(rep, "18.0 % of the rows name no ward") {
		t.Errorf("%d of %d, %q", rep.MatchedRows, rep.TotalRows, rep.Warnings)
	}
	if !slices.Equal(rep.UnusedUnits, []int{1}) {
		t.Errorf("unused units %v, want [1]", rep.UnusedUnits)
	}
}

func TestSpellingsOfOneKeyShareTheirUnit(t *testing.T) {
	units := wards("Adamawa", "Girei", "Girei I", "Damare")
	rep := match(t, units, []Given{{"Adamawa", "Girei", "Girei I", "", 1}, {"Adamawa", "Girei", "GIREI 1", "", 1},
		{"AD", "girei LGA", "Girei-1 Ward", "", 1}, {"Adamawa", "Girei", "Gireyi 1", "", 1}})
	for _, l := range rep.Links[:3] {
		if l.Unit != 0 || l.Score != 1 {
			t.Errorf("%q: %+v", l.Given.Ward, l)
		}
	}
	if l := rep.Links[3]; l.Decision != Review || !strings.Contains(l.Candidates[0].Why, "linked") {
		t.Errorf("a second name for a taken unit was not left to a person: %+v", l)
	}
}

func TestLGASpeltTwoWays(t *testing.T) {
	units := slices.Concat(wards("Kano", "Ungogo", "Bachirawa", "Gayawa", "Kadawa", "Rangaza"), wards("Kano", "Dala", "Gwammaja", "Kantudu"))
	rep := match(t, units, []Given{{"Kano", "Ungogo", "Bachirawa", "", 1}, {"Kano", "Ungogo", "Gayawa", "", 1},
		{"Kano", "Ungoggo", "Kadawa", "", 1}, {"Kano", "Ungoggo", "Gayawa", "", 1}})
	for i, want := range []int{0, 1, 2, 1} {
		if l := rep.Links[i]; l.Unit != want || l.Decision != Accepted {
			t.Errorf("%v: %+v", l.Given, l)
		}
	}
	if !warns(rep, `"Ungoggo" was read as "Ungogo"`) {
		t.Errorf("no word of the second spelling in %q", rep.Warnings)
	}
}

func TestLGAKnownByItsWards(t *testing.T) {
	units := slices.Concat(wards("Kogi", "Kogi", "Akpasu", "Chikara", "Gegu", "Girinya"), wards("Kogi", "Lokoja", "Kupa", "Oworo", "Eggan"))
	wardsOf := func(names ...string) (out []Given) {
		for _, n := range names {
			out = append(out, Given{"Kogi", "Koton Karfe", n, "", 1})
		}
		return out
	}
	for _, l := range match(t, units, wardsOf("Akpasu", "Chikara", "Gegu", "Girinyah")).Links {
		if l.Decision != Accepted || !strings.Contains(l.Why, "3 of its 4 wards") {
			t.Errorf("%q: %+v", l.Given.Ward, l)
		}
	}
	rep := match(t, units, wardsOf("Akpasu", "Chikara"))
	for _, l := range rep.Links { // two wards prove nothing
		if l.Decision != Review || !strings.Contains(l.Why, `in LGA "Kogi"`) {
			t.Errorf("%q: %+v", l.Given.Ward, l)
		}
	}
	if !warns(rep, `LGA "Koton Karfe" of Kogi is not in the boundary layer`) {
		t.Errorf("warnings %q", rep.Warnings)
	}
}

func TestSisterLGAsStayApart(t *testing.T) {
	rep := match(t, wards("Abia", "Aba North", "Eziama", "Osusu I", "Umuola"), []Given{
		{"Abia", "Aba South", "Eziamma", "", 1}, {"Abia", "Aba South", "Osusu I", "", 1}})
	for _, l := range rep.Links {
		if l.Decision == Accepted {
			t.Errorf("%+v", l)
		}
	}
}

func TestNumberedLGAsOfTheBoundaryFile(t *testing.T) {
	units := slices.Concat(wards("Kano", "Nasarawa1", "Gama"), wards("Nasarawa", "Nasarawa2", "Loko"))
	rep := match(t, units, []Given{{"Kano", "Nassarawa", "Gama", "", 1}, {"Nasarawa", "Nasarawa", "Loko", "", 1}})
	for i, l := range rep.Links {
		if l.Unit != i {
			t.Errorf("%v: %+v", l.Given, l)
		}
	}
}

func TestOtherLGAIsOnlyOffered(t *testing.T) {
	units := slices.Concat(wards("Kano", "Dala", "Gwammaja"), wards("Kano", "Gwale", "Diso", "Dorayi"))
	l := match(t, units, []Given{{"Kano", "Dala", "Diso", "", 1}}).Links[0]
	if l.Decision != Review || l.Candidates[0].Unit != 1 || !strings.Contains(l.Why, `in LGA "Gwale"`) {
		t.Errorf("%+v", l)
	}
	// taken by its own row, it is not even offered
	l = match(t, units, []Given{{"Kano", "Dala", "Diso", "", 1}, {"Kano", "Gwale", "Diso", "", 1}}).Links[0]
	if l.Decision != Unmatched {
		t.Errorf("%+v", l)
	}
}

func TestTableWithoutLGAs(t *testing.T) {
	units := adamawa()
	tests := []struct {
		given    Given
		decision Decision
		ward     string
	}{
		{Given{State: "Adamawa", Ward: "Gulak"}, Accepted, "Gulak"},
		{Given{Ward: "Gulak"}, Accepted, "Gulak"},
		{Given{Ward: "ad Gulak Ward"}, Accepted, "Gulak"},
		{Given{State: "Adamawa", Ward: "Gulack"}, Accepted, "Gulak"},
		{Given{State: "Adamawa", Ward: "Gullac"}, Review, "Gulak"},
		{Given{State: "Adamawa", Ward: "Gulak B"}, Review, "Gulak"},
		{Given{State: "Adamawa", Ward: "Yelwa (Maiha LGA)"}, Accepted, "Yelwa"},
		{Given{State: "Adamawa", Ward: "Yelwa (Maiha)"}, Accepted, "Yelwa"},
		{Given{State: "Adamawa", LGA: "Unknown", Ward: "Gulak"}, Accepted, "Gulak"},
		{Given{State: "Adamawa", Ward: "Lamurde"}, Review, "Lamurde"},
		{Given{State: "Adamawa", LGA: "Guyuk", Ward: "Yelwa (Maiha)"}, Review, "Yelwa"},
		{Given{State: "Adamawa", Ward: "Zzyzx"}, Unmatched, ""},
	}
	for _, test := range tests {
		l := match(t, units, []Given{test.given}).Links[0]
		ward := ""
		if len(l.Candidates) > 0 {
			ward = units[l.Candidates[0].Unit].Ward
		}
		if l.Decision != test.decision || ward != test.ward {
			t.Errorf("%v: %s %q (%s)", test.given, l.Decision, ward, l.Why)
		}
	}
}

func TestLGANameInTwoStatesWithoutAState(t *testing.T) {
	units := slices.Concat(wards("Lagos", "Surulere", "Aguda", "Itire"), wards("Oyo", "Surulere", "Oko", "Iresa", "Itire"))
	rep := match(t, units, []Given{{"", "Surulere", "Oko", "", 1}, {"", "Surulere", "Itire", "", 1}})
	if l := rep.Links[0]; l.Unit != 2 {
		t.Errorf("a name that stands in one of the two: %+v", l)
	}
	if l := rep.Links[1]; l.Decision != Review || len(l.Candidates) != 2 {
		t.Errorf("a name that stands in both: %+v", l)
	}
}

func TestLayerWithoutLGAs(t *testing.T) {
	units := []Unit{{Ward: "Adakawa"}, {Ward: "Chedi"}, {Ward: "Sabon Gari"}}
	rep := match(t, units, []Given{{"Kano", "Dala", "Adakawa", "", 1}, {Ward: "Chedi"},
		{"Kano", "Fagge", "Sabon Gari", "", 1}, {"Kaduna", "Zaria", "Sabon Gari", "", 1}})
	if rep.Links[0].Unit != 0 || rep.Links[1].Unit != 1 {
		t.Errorf("unique names were not linked: %+v", rep.Links[:2])
	}
	for _, l := range rep.Links[2:] { // two wards of the table, one of the layer
		if l.Decision != Review || !strings.Contains(l.Why, "2 places of the table") {
			t.Errorf("%v: %+v", l.Given, l)
		}
	}
}

func TestLayerWithoutStates(t *testing.T) {
	units := slices.Concat(wards("", "Nasarawa", "Gama", "Loko"), wards("", "Keffi", "Yara"))
	rep := match(t, units, []Given{{"Kano", "Nassarawa", "Gama", "", 1}, {"Nasarawa", "Nasarawa", "Loko", "", 1}, {"Nasarawa", "Keffi", "Yara", "", 1}})
	for _, l := range rep.Links[:2] {
		if l.Decision != Review || !strings.Contains(l.Why, "several states") {
			t.Errorf("%v: %+v", l.Given, l)
		}
	}
	if rep.Links[2].Unit != 2 {
		t.Errorf("%+v", rep.Links[2])
	}
}

func TestTwinUnits(t *testing.T) {
	units := []Unit{{"Adamawa", "Fufore", "Ribadu", "A1"}, {"Adamawa", "Fufore", "Ribadu", "A2"},
		{"Adamawa", "Fufore", "Gurin I", ""}, {"Adamawa", "Fufore", "Gurin 1", ""}}
	rep := match(t, units, []Given{{"Adamawa", "Fufore", "Ribadu", "", 1}, {"Adamawa", "Fufore", "Ribadu", "A2", 1},
		{"Adamawa", "Fufore", "Gurin 1", "", 1}, {"Adamawa", "Fufore", "Gurin-1", "", 1}})
	if l := rep.Links[0]; l.Decision != Review || len(l.Candidates) != 2 || l.Margin != 0 {
		t.Errorf("twins: %+v", l)
	}
	if rep.Links[1].Unit != 1 || rep.Links[2].Unit != 3 {
		t.Errorf("code and exact spelling: %+v", rep.Links[1:3])
	}
	if rep.Links[3].Decision != Review {
		t.Errorf("neither spelling: %+v", rep.Links[3])
	}
	if !warns(rep, "2 units share") {
		t.Errorf("warnings %q", rep.Warnings)
	}
}

func TestTwoNamesForOneUnitAreLeftToAPerson(t *testing.T) {
	units := wards("Niger", "Mokwa", "Kudu", "Muwo")
	rep := match(t, units, []Given{{"Niger", "Mokwa", "Kuduu", "", 1}, {"Niger", "Mokwa", "Kuddu", "", 1}})
	for _, l := range rep.Links {
		if l.Decision != Review || l.Unit != -1 {
			t.Errorf("%+v", l)
		}
	}
}

func TestEmptyAndAbsurdInputs(t *testing.T) {
	rep := match(t, nil, []Given{{"Kano", "Dala", "Diso", "", 5}, {Rows: -7}})
	if rep.Links[0].Decision != Unmatched || rep.Links[1].Decision != NotAWard || rep.TotalRows != 5 || !warns(rep, "no units") {
		t.Errorf("%+v", rep)
	}
	if rep := match(t, adamawa(), nil); len(rep.UnusedUnits) != len(adamawa()) {
		t.Errorf("%+v", rep)
	}
	long := strings.Repeat("Ƙauye ", 50_000)
	if l := match(t, wards("", "", long, "x"), []Given{{Ward: long, Rows: 1}}).Links[0]; l.Unit != 0 {
		t.Errorf("%s", l.Decision)
	}
}

func TestCancelledMatch(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	rep, err := Match(ctx, adamawa(), []Given{{"Adamawa", "Guyuk", "Dukul", "", 1}}, Decisions{})
	if !errors.Is(err, context.Canceled) || rep.Links != nil {
		t.Errorf("%v, %+v", err, rep)
	}
}
