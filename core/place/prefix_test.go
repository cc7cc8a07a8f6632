package place

import "testing"

func TestWithoutSharedCode(t *testing.T) {
	for _, test := range []struct{ given, want Given }{
		{Given{State: "zb Zubuma State", LGA: "zb Dankori Local Government Area", Ward: "zb Biluna Ward"},
			Given{State: "Zubuma State", LGA: "Dankori Local Government Area", Ward: "Biluna Ward"}},
		{Given{State: "zb Zubuma State", LGA: "zb Dankori", Ward: "Unknown"}, Given{State: "Zubuma State", LGA: "Dankori", Ward: "Unknown"}},
		// a known code is the affair of StripPrefix
		{Given{State: "kn Kano State", LGA: "kn Ajingi", Ward: "kn Ajingi"}, Given{State: "kn Kano State", LGA: "kn Ajingi", Ward: "kn Ajingi"}},
		// one level alone, or a name's own first word, is no code
		{Given{State: "zb Zubuma State", LGA: "Dankori", Ward: "zb Biluna"}, Given{State: "zb Zubuma State", LGA: "Dankori", Ward: "zb Biluna"}},
		{Given{State: "El Oro", LGA: "El Guabo", Ward: "El Paso"}, Given{State: "El Oro", LGA: "El Guabo", Ward: "El Paso"}},
		{Given{State: "zb", LGA: "zb Dankori", Ward: "x"}, Given{State: "zb", LGA: "zb Dankori", Ward: "x"}},
		{Given{}, Given{}},
	} {
		if got := withoutSharedCode(test.given); got != test.want {
			t.Errorf("%+v became %+v, want %+v", test.given, got, test.want)
		}
	}
}

// The code of a state the program doesn't know is no part of its names, and a
// decision on the names as written is still found.
func TestMatchReadsNamesBehindAnUnknownCode(t *testing.T) {
	units := []Unit{{State: "Zubuma", LGA: "Dankori", Ward: "Biluna"}, {State: "Zubuma", LGA: "Dankori", Ward: "Kugoma"}}
	given := []Given{
		{State: "zb Zubuma State", LGA: "zb Dankori Local Government Area", Ward: "zb Biluna Ward", Rows: 3},
		{State: "zb Zubuma State", LGA: "zb Dankori Local Government Area", Ward: "zb Old Name Ward", Rows: 2},
	}
	remembered := []Remembered{{Given: given[1], Unit: units[1], Decision: Accepted}}
	r, err := Match(t.Context(), units, given, Decisions{Own: remembered})
	if err != nil {
		t.Fatal(err)
	}
	for i, l := range r.Links {
		if l.Unit != i || l.Decision != Accepted || l.Given != given[i] {
			t.Errorf("%s: %+v", given[i].Ward, l)
		}
	}
}
