package place

import (
	"bytes"
	"encoding/csv"
	"errors"
	"slices"
	"strings"
	"testing"

	"chatmrpt/core/problem"
)

func TestRememberedDecisionsComeFirst(t *testing.T) {
	units := []Unit{{"Kano", "Dala", "Adakawa", "K1"}, {"Kano", "Dala", "Kabuwaya", "K2"}, {"Kano", "Dala", "Madigawa", "K3"}}
	given := []Given{{"kn Kano State", "kn Dala LGA", "kn ADAKAWA Ward", "", 1}, {"Kano", "Dala", "Tsohon gari", "", 1},
		{"Kano", "Dala", "Kabuwaya", "K2", 1}, {"Kano", "Dala", "Mobile clinic", "", 1}, {"Kano", "Dala", "Kantudu", "", 1}}
	dala := func(ward string) Given { return Given{State: "Kano", LGA: "Dala", Ward: ward} }
	rep := match(t, units, given,
		Remembered{dala("Adakawa"), Unit{Code: "K3"}, Accepted},
		Remembered{dala("Tsohon Gari"), Unit{State: "Kano", LGA: "Dala", Ward: "Adakawa"}, Accepted},
		Remembered{dala("Kabuwaya"), Unit{}, Rejected},
		Remembered{dala("Mobile clinic"), Unit{}, NotAWard},
		Remembered{dala("Kantudu"), Unit{Code: "K1"}, Review})
	want := []struct {
		d Decision
		u int
	}{{Accepted, 2}, {Accepted, 0}, {Rejected, -1}, {NotAWard, -1}, {Unmatched, -1}}
	for i, l := range rep.Links {
		if l.Decision != want[i].d || l.Unit != want[i].u {
			t.Errorf("%q: %s %d (%s), want %v", l.Given.Ward, l.Decision, l.Unit, l.Why, want[i])
		}
	}
	if rep.MatchedRows != 2 || len(rep.UnusedUnits) != 1 {
		t.Errorf("%+v", rep)
	}
}

func TestRememberedUnitThatIsGone(t *testing.T) {
	units := []Unit{{"Kano", "Dala", "Adakawa", "K1"}, {"Kano", "Dala", "Kabuwaya", "K2"}}
	given := Given{State: "Kano", LGA: "Dala", Ward: "Adakawa"}
	for name, target := range map[string]Unit{
		"gone":             {State: "Kano", LGA: "Dala", Ward: "Yalwa", Code: "K9"},
		"half changed":     {State: "Kano", LGA: "Dala", Ward: "Kabuwaya", Code: "K1"},
		"code of another":  {Ward: "Zungeru", Code: "K2"},
		"nothing to go by": {},
	} {
		rep := match(t, units, []Given{given}, Remembered{given, target, Accepted})
		if l := rep.Links[0]; l.Decision != Review || l.Unit != -1 {
			t.Errorf("%s: a link the person never made: %+v", name, l)
		}
		if !warns(rep, "was not used") {
			t.Errorf("%s: no warning in %q", name, rep.Warnings)
		}
	}
	// a new code for a unit of the same names is no loss
	rep := match(t, units, []Given{given}, Remembered{given, Unit{"Kano", "Dala", "Kabuwaya", "OLD7"}, Accepted})
	if rep.Links[0].Unit != 1 || len(rep.Warnings) != 0 {
		t.Errorf("%+v", rep)
	}
}

func TestLaterDecisionHolds(t *testing.T) {
	units := wards("Kano", "Dala", "Adakawa", "Kabuwaya")
	given := Given{State: "Kano", LGA: "Dala", Ward: "Ada"}
	rep := match(t, units, []Given{given}, Remembered{given, units[0], Accepted}, Remembered{given, units[1], Accepted})
	if rep.Links[0].Unit != 1 {
		t.Errorf("%+v", rep.Links[0])
	}
}

func TestReviewRoundTrip(t *testing.T) {
	units := []Unit{{"Kano", "Dala", "=cmd|' /C calc'!A0", "+1"}, {"Kano", "Dala", "'=quoted", "-2"}, {"Kano", "Dala", "Plain, \"quoted\"", "@3"}}
	given := []Given{{"Kano", "Dala", "=cmd|' /C calc'!A0", "", 4}, {"Kano", "Dala", "'=quoted", "", 5}, {"Kano", "Dala", "Plain, \"quoted\"", "", 6},
		{"Kano", "Dala", "\tunknown", "", 7}, {"Kano", "Dala", "+somewhere else", "", 8}}
	first := match(t, units, given)
	var b bytes.Buffer
	if err := WriteReview(&b, first, units); err != nil {
		t.Fatal(err)
	}
	cells, err := csv.NewReader(strings.NewReader(b.String())).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, cell := range slices.Concat(cells...) {
		if cell != "" && strings.Contains("=+-@\t", cell[:1]) {
			t.Errorf("cell %q would run as a formula", cell)
		}
	}
	remembered, err := ReadReview(&b)
	if err != nil {
		t.Fatal(err)
	}
	if len(remembered) != 4 { // the last line decides nothing
		t.Fatalf("%d decisions: %+v", len(remembered), remembered)
	}
	for i, r := range remembered[:3] {
		want := given[i]
		want.Rows = 0
		if r.Given != want || r.Unit != units[i] || r.Decision != Accepted {
			t.Errorf("line %d came back as %+v", i+2, r)
		}
	}
	again := match(t, units, given, remembered...)
	for i, l := range again.Links {
		if l.Decision != first.Links[i].Decision || l.Unit != first.Links[i].Unit {
			t.Errorf("%q changed from %+v to %+v", l.Given.Ward, first.Links[i], l)
		}
	}
}

func TestWriteReviewColumns(t *testing.T) {
	units := wards("Kano", "Dala", "Adakawa", "Kantudu", "Kantuda")
	units[1].Code = "K2"
	var b bytes.Buffer
	rep := match(t, units, []Given{{"Kano", "Dala", "Adakawa", "A7", 3}, {"Kano", "Dala", "Kantudi", "", 1}, {"Kano", "Dala", "Unknown", "", 2}})
	if err := WriteReview(&b, rep, units); err != nil {
		t.Fatal(err)
	}
	want := "given_state,given_lga,given_ward,rows,state,lga,ward,ward_code,score,margin,decision,given_code,why,others\n" +
		"Kano,Dala,Adakawa,3,Kano,Dala,Adakawa,,1.000,1.000,accepted,A7,the same name in the same LGA,\n" +
		"Kano,Dala,Kantudi,1,Kano,Dala,Kantuda,,0.900,0.000,review,,spelling 0.90,Kantudu (Dala) K2 0.900\n" +
		"Kano,Dala,Unknown,2,,,,,,,not_a_ward,,the table names no ward here,\n"
	if b.String() != want {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
	}
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errFull }

var errFull = errors.New("disk full")

func TestWriteReviewReportsAFullDisk(t *testing.T) {
	units := wards("Kano", "Dala", "Adakawa")
	rep := match(t, units, []Given{{"Kano", "Dala", "Adakawa", "", 1}})
	if err := WriteReview(fullDisk{}, rep, units); !errors.Is(err, errFull) {
		t.Errorf("%v", err)
	}
}

const goodHead = "given_state,given_lga,given_ward,state,lga,ward,ward_code,decision\n"

func TestReadReviewForgives(t *testing.T) {
	tests := map[string]string{
		"byte order mark": "\ufeff" + goodHead + "Kano,Dala,Ada,Kano,Dala,Adakawa,K1,accepted\n",
		"semicolons":      strings.ReplaceAll(goodHead+"Kano,Dala,Ada,Kano,Dala,Adakawa,K1,accepted\n", ",", ";"),
		"tabs":            strings.ReplaceAll(goodHead+"Kano,Dala,Ada,Kano,Dala,Adakawa,K1,accepted\n", ",", "\t"),
		"capitals":        strings.ToUpper(goodHead) + "Kano,Dala,Ada,Kano,Dala,Adakawa,K1, ACCEPTED \r\n",
		"empty lines":     goodHead + ",,,,,,,\r\nKano,Dala,Ada,Kano,Dala,Adakawa,K1,Accepted\r\n,,,,,,,\r\n",
		"undecided lines": goodHead + "a,b,c,d,e,f,g,review\nKano,Dala,Ada,Kano,Dala,Adakawa,K1,accepted\na,b,c,,,,,unmatched\n",
	}
	want := Remembered{Given{State: "Kano", LGA: "Dala", Ward: "Ada"}, Unit{"Kano", "Dala", "Adakawa", "K1"}, Accepted}
	for name, file := range tests {
		got, err := ReadReview(strings.NewReader(file))
		if err != nil || len(got) != 1 || got[0] != want {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	got, err := ReadReview(strings.NewReader(goodHead + "a,b,c,,,,,Not a ward\n"))
	if err != nil || len(got) != 1 || got[0].Decision != NotAWard {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestReadReviewRefuses(t *testing.T) {
	tests := []struct{ name, file, subject, word string }{
		{"nothing", "", "", "empty"},
		{"decision word", goodHead + "a,b,c,d,e,f,g,accepted\na,b,c,d,e,f,g,yes\n", "line 3", `"yes" is no decision`},
		{"empty decision", goodHead + "a,b,c,d,e,f,g,\n", "line 2", "no decision"},
		{"no target", goodHead + "a,b,c,d,e,,,accepted\n", "line 2", "no ward is named"},
		{"unknown column", "comment," + goodHead, "line 1", `unknown column "comment"`},
		{"column missing", strings.Replace(goodHead, "given_lga,", "", 1), "line 1", `column "given_lga" is missing`},
		{"column twice", "lga," + goodHead, "line 1", `column "lga" stands twice`},
		{"ragged line", goodHead + "a,b,c\n", "line 2", "wrong number of fields"},
		{"open quote", goodHead + "\"a,b,c,d,e,f,g,accepted\n", "line 2", "quote"},
		{"workbook", "PK\x03\x04" + goodHead, "", "a workbook, not a CSV"},
		{"old workbook", "\xd0\xcf\x11\xe0\xa1", "", "a workbook, not a CSV"},
		{"UTF-16", "\xff\xfeg\x00i\x00", "", "UTF-16"},
		{"not UTF-8", goodHead + "a,b,\xe9,d,e,f,g,accepted\n", "line 2", "not UTF-8"},
	}
	for _, test := range tests {
		_, err := ReadReview(strings.NewReader(test.file))
		p, ok := errors.AsType[*problem.Problem](err)
		if !ok || p.Code != problem.BadInput || p.Hint == "" {
			t.Errorf("%s: %v is no problem a person can act on", test.name, err)
			continue
		}
		if !strings.HasPrefix(p.Subject, test.subject) || !strings.Contains(p.Message, test.word) {
			t.Errorf("%s: %q, %q; want %q, %q", test.name, p.Subject, p.Message, test.subject, test.word)
		}
	}
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, errFull }

func TestReadReviewPassesOnTheReadersError(t *testing.T) {
	if _, err := ReadReview(brokenReader{}); !errors.Is(err, errFull) {
		t.Errorf("%v", err)
	}
}

func FuzzReadReview(f *testing.F) {
	f.Add([]byte(goodHead + "Kano,Dala,'=Ada,Kano,Dala,Adakawa,K1,accepted\n"))
	f.Add([]byte("\ufeff" + strings.ReplaceAll(goodHead, ",", ";") + "a;b;\"c\nd\";;;;;rejected\r\n"))
	f.Add([]byte("decision\naccepted\n"))
	f.Add([]byte(goodHead + "\"\n"))
	f.Fuzz(func(t *testing.T, file []byte) {
		got, err := ReadReview(bytes.NewReader(file))
		if p, ok := errors.AsType[*problem.Problem](err); err != nil && (!ok || p.Hint == "") {
			t.Fatalf("%v is no problem with a hint", err)
		}
		for _, r := range got {
			if r.Decision != Accepted && r.Decision != Rejected && r.Decision != NotAWard {
				t.Fatalf("%+v decides nothing", r)
			}
		}
		if err == nil {
			rewrite(t, got)
		}
	})
}

// rewrite checks that the accepted decisions survive another trip.
func rewrite(t *testing.T, decisions []Remembered) {
	var units []Unit
	var rep Report
	for _, r := range decisions {
		if r.Decision == Accepted && !strings.ContainsRune(r.Given.State+r.Given.LGA+r.Given.Ward+r.Unit.State+r.Unit.LGA+r.Unit.Ward+r.Unit.Code, '\r') {
			rep.Links = append(rep.Links, Link{Given: r.Given, Unit: len(units), Decision: Accepted})
			units = append(units, r.Unit)
		}
	}
	var b bytes.Buffer
	if err := WriteReview(&b, rep, units); err != nil {
		t.Fatal(err)
	}
	again, err := ReadReview(&b)
	if err != nil || len(again) != len(units) {
		t.Fatalf("%d of %d came back: %v", len(again), len(units), err)
	}
	for i, r := range again {
		if r.Given != rep.Links[i].Given || r.Unit != units[i] {
			t.Fatalf("%+v came back as %+v", units[i], r)
		}
	}
}
