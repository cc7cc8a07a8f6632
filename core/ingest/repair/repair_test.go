package repair

import (
	"testing"
	"unicode/utf8"
)

func TestText(t *testing.T) {
	for _, c := range []struct {
		in, want string
		kind     Kind
	}{
		{"Ajingi Ward", "Ajingi Ward", 0},
		{"", "", 0},
		// The header symbols of spec/analytics.md 1.4, decoded once and twice too often.
		{"â‰¥5yrs", "≥5yrs", Mojibake},
		{"â‰¤5yrs", "≤5yrs", Mojibake},
		{"Ã¢â€°Â¥5yrs", "≥5yrs", Mojibake},
		{"Ã¢â€°Â¤5yrs", "≤5yrs", Mojibake},
		{"Garin Ã±", "Garin ñ", Mojibake},
		{"â€œQuotedâ€\u009d", "“Quoted”", Mojibake},
		{"RDT  â‰¥5yrs (excl PW)", "RDT ≥5yrs (excl PW)", Mojibake | Blanks},
		{"≥5 and â‰¥5", "≥5 and ≥5", Mojibake}, // a sound one beside a broken one
		{"RDTÂ\u00a05yrs", "RDT 5yrs", Mojibake | Blanks},
		// Sound texts with characters beyond ASCII stay.
		{"Ẹ̀kọ́ ≥5", "Ẹ̀kọ́ ≥5", 0},
		{"São Tomé", "São Tomé", 0},
		{"naïve café Â", "naïve café Â", 0},
		{"Ã", "Ã", 0},
		// Blanks.
		{"  Girei  II \t Ward\n", "Girei II Ward", Blanks},
		{"Kiyawa\nWard", "Kiyawa Ward", Blanks},
		{"a\u00a0b\u200bc", "a bc", Blanks},
		// The lost "na": medicines only, never inside any other word.
		{"Artesu0te injection", "Artesunate injection", Zero},
		{"Arte0te", "Artesunate", Zero},
		{"kw ade0 Ward", "kw ade0 Ward", 0},
		{"ajan0ku", "ajan0ku", 0},
		{"period0me", "period0me", 0}, // a cell is not a header
		{"Camp0te", "Camp0te", 0},
		// What is no text.
		{"Dala\x00\x01", "Dala", Invalid},
		{"Dala\xff", "Dala", Invalid},
		{"\ufeffState", "State", Invalid},
	} {
		if got, kind := Text(c.in); got != c.want || kind != c.kind {
			t.Errorf("Text(%q) = %q, %b; want %q, %b", c.in, got, kind, c.want, c.kind)
		}
	}
}

func TestHeader(t *testing.T) {
	for in, want := range map[string]string{
		"period0me":                  "periodname",
		"organisationunit0me":        "organisationunitname",
		"organisationunit0me.1":      "organisationunitname.1",
		"categoryoptioncomboid0me":   "categoryoptioncomboname",
		"attributeoptioncomboid0me":  "attributeoptioncomboname",
		"Period0me":                  "Periodname",
		"my period0me":               "my period0me",
		"period0mes":                 "period0mes",
		"zone0me":                    "zone0me",
		" Ward  Name ":               "Ward Name",
		"Artesu0te tablets":          "Artesunate tablets",
		"organisationunit0me.extra":  "organisationunit0me.extra",
		"Persons tested  â‰¥5yrs":    "Persons tested ≥5yrs",
		"attributeoptioncomboid0me.": "attributeoptioncomboid0me.",
	} {
		if got, kind := Header(in); got != want || (kind == 0) != (in == want) {
			t.Errorf("Header(%q) = %q (%b), want %q", in, got, kind, want)
		}
	}
}

func TestEveryKindIsNamed(t *testing.T) {
	for _, k := range Kinds() {
		if k.String() == Kind(0).String() {
			t.Errorf("kind %b has no name", k)
		}
	}
}

func FuzzText(f *testing.F) {
	for _, s := range []string{"", "â‰¥5yrs", "Ã¢â€°Â¥", "a  b", "period0me", "Artesu0te", "\xff", "ÂÂÂ", "ï¿½"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		out, kinds := Text(s)
		if !utf8.ValidString(out) {
			t.Fatalf("%q became %q, which is no text", s, out)
		}
		if (kinds == 0) != (out == s) {
			t.Fatalf("%q became %q and the report says %b", s, out, kinds)
		}
		if again, _ := Text(out); len(again) > len(out) {
			t.Fatalf("%q grew from %q to %q", s, out, again)
		}
	})
}
