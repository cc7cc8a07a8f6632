package place

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestNormaliseWard(t *testing.T) {
	tests := []struct{ in, want string }{
		{"Girei I", "girei 1"}, {"Girei 1", "girei 1"}, {"GIREI  01", "girei 1"},
		{"Girei X", "girei 10"}, {"Girei xiv", "girei 14"}, {"Girei XX", "girei 20"}, {"Girei XXI", "girei xxi"},
		{"Iye2", "iye 2"}, {"Lissam Ii", "lissam 2"}, {"Ivi", "ivi"},
		{"Ga'anda", "gaanda"}, {"Ga’anda", "gaanda"}, {"Gaʼanda", "gaanda"}, {"Gaanda", "gaanda"},
		{"Uki-Tuki", "uki tuki"}, {"Uki–Tuki", "uki tuki"}, {"Uki−Tuki", "uki tuki"}, {"Uki_Tuki", "uki tuki"},
		{"Futudou/Futuless", "futudou futuless"}, {"Afor/ Obikwele", "afor obikwele"},
		{"Ɓarnawa Ɗan Ƙasa Ƴan", "barnawa dan kasa yan"}, {"Ọ̀yọ́ Ẹgbẹ́", "oyo egbe"}, {"Boussé", "bousse"},
		{"Afon Ward", "afon"}, {"Owhe Ward 1", "owhe 1"}, {"Wards of Afon", "of afon"}, {"Ward", "ward"},
		{"Katuka\nKiyawa\n", "katuka kiyawa"}, {"Rabba\u00a0Ndayako", "rabba ndayako"}, {"Dan\u200bKum", "dankum"},
		{"Sabon Gari (Daura LGA)", "sabon gari"}, {"Sabon Gari (Daura Local Government Area)", "sabon gari"},
		{"Odi (North) I", "odi north 1"}, {"(Kaddi)", "kaddi"}, {"Ajign (B)", "ajign b"},
		{"Na Alma", "na alma"}, {"kn Ajingi Ward", "kn ajingi"}, // the prefix needs the state
		{"ade0", "ade0"}, {"ajan0ku", "ajan0ku"}, // repaired only when nothing else fits
		{"", ""}, {" - ", ""}, {"\xff\xfe", ""},
	}
	for _, test := range tests {
		if got := NormaliseWard(test.in); got != test.want {
			t.Errorf("NormaliseWard(%q) = %q, want %q", test.in, got, test.want)
		}
	}
}

func TestNormaliseLGA(t *testing.T) {
	tests := []struct{ in, want string }{
		{"Ajingi Local Government Area", "ajingi"}, {"Ajingi LGA", "ajingi"}, {"Ajingi L.G.A.", "ajingi"},
		{"AMAC", "abuja municipal"}, {"Municipal Area Council", "abuja municipal"}, {"Municipal", "abuja municipal"},
		{"Abuja Municipal", "abuja municipal"}, {"Abuja Municipal Area Council", "abuja municipal"},
		{"Bwari Area Council", "bwari"}, {"Calabar Municipal", "calabar municipal"},
		{"Nassarawa", "nasarawa"}, {"Nassarawa Egon", "nasarawa egon"},
		{"Yamaltu/Deba", "yamaltu deba"}, {"Ja'mare", "jamare"}, {"Egbado North", "yewa north"},
		{"LGA", "lga"}, {"", ""},
	}
	for _, test := range tests {
		if got := NormaliseLGA(test.in); got != test.want {
			t.Errorf("NormaliseLGA(%q) = %q, want %q", test.in, got, test.want)
		}
	}
}

func TestNormaliseState(t *testing.T) {
	const fct = "federal capital territory"
	tests := []struct{ in, want string }{
		{"kn Kano State", "kano"}, {"KANO", "kano"}, {"KN", "kano"}, {"Kano State", "kano"},
		{"na Nasarawa State", "nasarawa"}, {"Nassarawa", "nasarawa"}, {"NS", "nasarawa"},
		{"FCT", fct}, {"Abuja", fct}, {"FC", fct}, {"FCT-Abuja", fct}, {"F.C.T.", fct},
		{"Federal Capital Territory", fct}, {"fc Federal Capital Territory State", fct}, {"FCT, Abuja", fct},
		{"DE", "delta"}, {"DT", "delta"}, {"TB", "taraba"}, {"TR", "taraba"}, {"TA", "taraba"},
		{"Akwa lbom", "akwa ibom"}, {"Akwa-Ibom", "akwa ibom"}, {"Cross Rivers State", "cross river"},
		{"kt Kano State", "kt kano"}, // another state's code is no prefix
		{"Hauts-Bassins", "hauts bassins"}, {"", ""},
	}
	for _, test := range tests {
		if got := NormaliseState(test.in); got != test.want {
			t.Errorf("NormaliseState(%q) = %q, want %q", test.in, got, test.want)
		}
	}
}

func TestStateCodesMeanOneState(t *testing.T) {
	seen := map[string]string{}
	for _, s := range states() {
		for _, code := range s[1:] {
			if other, twice := seen[code]; twice {
				t.Errorf("code %q stands for %q and %q", code, other, s[0])
			}
			seen[code] = s[0]
			if got := NormaliseState(strings.ToUpper(code)); got != s[0] {
				t.Errorf("code %q gives %q, want %q", code, got, s[0])
			}
		}
	}
	if len(states()) != 37 {
		t.Errorf("%d states, want 36 and the capital territory", len(states()))
	}
}

func TestStripPrefix(t *testing.T) {
	tests := []struct{ name, state, want string }{
		{"kn Ajingi Ward", "Kano", "Ajingi Ward"}, {"KN Ajingi", "kn Kano State", "Ajingi"},
		{"Na Alma", "Katsina", "Na Alma"}, {"na Alma", "Katsina", "na Alma"}, {"Na Alma", "Nasarawa", "Na Alma"},
		{"kt Na Alma Ward", "Katsina", "Na Alma Ward"}, {"kn", "Kano", "kn"}, {"kn ", "Kano", "kn"},
		{"kn Ajingi", "", "kn Ajingi"}, {"ng Bida", "Niger", "Bida"}, {" dt  Warri ", "Delta", "Warri"},
	}
	for _, test := range tests {
		if got := StripPrefix(test.name, test.state); got != test.want {
			t.Errorf("StripPrefix(%q, %q) = %q, want %q", test.name, test.state, got, test.want)
		}
	}
}

// seedNames are the awkward spellings every fuzz target starts from.
func seedNames() []string {
	return []string{"kn Kano State", "Ga'anda", "Futudou/Futuless", "Girei IV ward", "Wagga (Madagali)",
		"Ọ̀yọ́", "Ƙasa", "ade0", "((", "Ward 2 NI (Part II)", "x0", "00", "İstanbul", "ſs", "K", "½", "ﷺ",
		"i i2 v3", "local government area", "\xff", "A\u0301\u200d", "Σς", "ŉa", "ward2", "L.G.A. LGA"}
}

func FuzzNormalise(f *testing.F) {
	for _, s := range seedNames() {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for what, normalise := range map[string]func(string) string{
			"ward": NormaliseWard, "LGA": NormaliseLGA, "state": NormaliseState} {
			key := normalise(s)
			if again := normalise(key); again != key {
				t.Errorf("%s key %q of %q normalises to %q", what, key, s, again)
			}
			if !utf8.ValidString(key) || strings.ContainsFunc(key, unicode.IsUpper) {
				t.Errorf("%s key %q of %q is not lower-case UTF-8", what, key, s)
			}
			if key != strings.Join(strings.Fields(key), " ") {
				t.Errorf("%s key %q of %q has stray blanks", what, key, s)
			}
		}
	})
}
