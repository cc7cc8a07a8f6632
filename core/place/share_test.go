package place

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"chatmrpt/core/problem"
)

func day(n int) time.Time { return time.Date(2026, 3, n, 9, 30, 0, 0, time.UTC) }

func alias(ward string, to Unit, d Decision, who string, n int) Alias {
	return Alias{Remembered{Given{State: "Kano", LGA: "Dala", Ward: ward}, to, d}, who, day(n)}
}

// A person's own decision beats an imported one, whichever is older, and even
// if the imported one is spelt more like the table; of two imported ones the
// later holds, whatever their order.
func TestOwnDecisionsBeatImportedOnes(t *testing.T) {
	units := wards("Kano", "Dala", "Adakawa", "Kabuwaya", "Madigawa")
	given := []Given{{"Kano", "Dala", "Tsohon Gari I", "", 1}, {"Kano", "Dala", "Sabon Titi", "", 1}, {"Kano", "Dala", "Mobile team", "", 1}}
	earlier := Decisions{
		Own: []Remembered{{Given{State: "Kano", LGA: "Dala", Ward: "tsohon gari 1"}, units[0], Accepted}},
		Imported: []Alias{
			alias("Sabon Titi", units[2], Accepted, "Hauwa", 5), alias("Sabon Titi", units[1], Accepted, "Bala", 4),
			alias("Tsohon Gari I", units[1], Accepted, "Bala", 9), alias("Mobile team", Unit{}, NotAWard, "Hauwa", 2),
		},
	}
	rep, err := Match(t.Context(), units, given, earlier)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []struct {
		unit int
		why  string
	}{{0, "a person decided it"}, {2, "Hauwa decided on 2026-03-05 it"}, {-1, "Hauwa decided on 2026-03-02 that it is not a ward"}} {
		if l := rep.Links[i]; l.Unit != want.unit || l.Why != want.why {
			t.Errorf("%q: %d (%s), want %d (%s)", l.Given.Ward, l.Unit, l.Why, want.unit, want.why)
		}
	}
}

// Of two lines of one name with two codes each has its own decision.
func TestDecisionsBesideCodes(t *testing.T) {
	units := wards("Kano", "Dala", "Adakawa", "Kabuwaya")
	name := func(code string) Given { return Given{"Kano", "Dala", "Gari", code, 1} }
	given := []Given{name("X1"), name("X2"), name(""), name("X3")}
	rep := match(t, units, given, Remembered{name(""), Unit{}, NotAWard}, Remembered{name("X1"), units[0], Accepted}, Remembered{name("x2"), units[1], Accepted})
	for i, want := range []struct {
		unit int
		d    Decision
	}{{0, Accepted}, {1, Accepted}, {-1, NotAWard}, {-1, NotAWard}} {
		if l := rep.Links[i]; l.Unit != want.unit || l.Decision != want.d {
			t.Errorf("code %q: %s, %d", l.Given.Code, l.Decision, l.Unit)
		}
	}
}

func TestAliasFileRoundTrip(t *testing.T) {
	want := []Alias{
		alias("=cmd", Unit{"Kano", "Dala", "Adakawa", "K1"}, Accepted, "@Hauwa", 1),
		alias("'=quoted", Unit{}, Rejected, "Bala, \"the younger\"", 2),
		alias("Mobile team", Unit{}, NotAWard, "Hauwa", 3),
	}
	want[0].Given.Code = "+12"
	var b bytes.Buffer
	if err := WriteAliases(&b, want); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(b.String()) {
		for cell := range strings.SplitSeq(line, ",") {
			if strings.HasPrefix(cell, "=") || strings.HasPrefix(cell, "@") || strings.HasPrefix(cell, "+") {
				t.Errorf("cell %q would run as a formula", cell)
			}
		}
	}
	got, err := ReadAliases(&b)
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%+v, %v", got, err)
	}
	if err := WriteAliases(fullDisk{}, want); !errors.Is(err, errFull) {
		t.Errorf("%v", err)
	}
}

func TestReadAliasesRefuses(t *testing.T) {
	head := strings.Join(AliasColumns(), ",") + "\n"
	for name, test := range map[string]struct{ file, word string }{
		"no who":       {head + "a,b,c,,d,e,f,g,accepted,,2026-03-01T00:00:00Z\n", "nobody is named"},
		"no time":      {head + "a,b,c,,d,e,f,g,accepted,Hauwa,yesterday\n", "no point in time"},
		"no decision":  {head + "a,b,c,,d,e,f,g,review,Hauwa,2026-03-01T00:00:00Z\n", "decides nothing"},
		"match report": {strings.Join(reviewColumns(), ",") + "\n", "unknown column"},
		"empty":        {"", "empty"},
	} {
		_, err := ReadAliases(strings.NewReader(test.file))
		p, ok := errors.AsType[*problem.Problem](err)
		if !ok || p.Op != "read alias file" || p.Hint == "" || !strings.Contains(p.Message, test.word) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestMergeKeepsOneOfEachName(t *testing.T) {
	u := wards("Kano", "Dala", "Adakawa", "Kabuwaya")
	got := Merge([]Alias{alias("Gari I", u[0], Accepted, "me", 1)},
		[]Alias{alias("Titi", u[0], Accepted, "Hauwa", 8), alias("gari 1", u[1], Accepted, "Bala", 9), alias("Titi", u[1], Accepted, "Bala", 3)})
	if len(got) != 2 || got[0].Who != "me" || got[1].Who != "Hauwa" {
		t.Errorf("%+v", got)
	}
}

// Of a reviewed report only what was changed is a decision.
func TestSift(t *testing.T) {
	units := []Unit{{"Kano", "Dala", "Adakawa", "K1"}, {"Kano", "Dala", "Kantudu", "K2"}, {"Kano", "Dala", "Madigawa", "K3"}}
	given := []Given{{"Kano", "Dala", "Adakawa", "", 3}, {"Kano", "Dala", "Kantudu B", "", 1}, {"Kano", "Dala", "Unknown", "", 2}, {"Kano", "Dala", "Madigawa", "", 2}}
	rep := match(t, units, given)
	var b bytes.Buffer
	if err := WriteReview(&b, rep, units); err != nil {
		t.Fatal(err)
	}
	untouched, err := ReadReview(bytes.NewReader(b.Bytes()))
	if err != nil || len(untouched) != 3 {
		t.Fatalf("%+v, %v", untouched, err)
	}
	if changed, nowhere := Sift(untouched, []Report{rep}, units); len(changed)+len(nowhere) != 0 {
		t.Errorf("nothing was touched, and yet %+v, %+v", changed, nowhere)
	}
	edited := strings.NewReplacer(",review,", ",accepted,", "Madigawa,2,Kano,Dala,Madigawa,K3", "Madigawa,2,Kano,Dala,Adakawa,K1", "Adakawa,3", "Adakava,3").Replace(b.String())
	decided, err := ReadReview(strings.NewReader(edited))
	if err != nil {
		t.Fatal(err)
	}
	coded := match(t, units, []Given{{"Kano", "Dala", "Adakawa", "X1", 3}})
	if changed, nowhere := Sift([]Remembered{{Given{State: "Kano", LGA: "Dala", Ward: "Adakawa"}, units[0], Accepted}}, []Report{coded}, units); len(changed)+len(nowhere) != 0 {
		t.Errorf("a file without codes: %+v, %+v", changed, nowhere)
	}
	changed, nowhere := Sift(decided, []Report{rep}, units)
	if len(changed) != 2 || changed[0].Given.Ward != "Kantudu B" || changed[1].Unit.Code != "K1" || len(nowhere) != 1 || nowhere[0].Given.Ward != "Adakava" {
		t.Errorf("changed %+v, nowhere %+v", changed, nowhere)
	}
}

func FuzzReadAliases(f *testing.F) {
	var b bytes.Buffer
	if err := WriteAliases(&b, []Alias{alias("Gari", Unit{"Kano", "Dala", "Adakawa", "K1"}, Accepted, "Hauwa", 1)}); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Fuzz(func(t *testing.T, file []byte) {
		got, err := ReadAliases(bytes.NewReader(file))
		if p, ok := errors.AsType[*problem.Problem](err); err != nil && (!ok || p.Hint == "") {
			t.Fatalf("%v is no problem with a hint", err)
		}
		for _, a := range got {
			if a.Who == "" || a.When.IsZero() && a.When.Year() != 1 {
				t.Fatalf("%+v is nobody's", a)
			}
		}
	})
}
