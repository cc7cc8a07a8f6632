// Package direction knows which way the usual variables point and which of
// them each geopolitical zone of Nigeria is scored by.
//
// It only advises. What a score uses is what the user chose; the advice, with
// its reason and its source, stands beside it in every output, and a choice
// that differs is pointed out. A variable is recognised by the words of its
// name, because that is all a stranger's table gives; one that measures
// malaria is recognised by its role, which is not this package's affair.
package direction

import (
	"slices"
	"strings"
	"unicode"
)

// Direction is the usual direction of a family of variables.
type Direction struct {
	Family  string // such as "distance_to_waterbodies"; the name in the zone lists
	Inverse bool   // more of it usually means less risk
	Why     string
	Source  string
	Caution string // what must be kept in mind; may be empty
}

// Words says the direction as every output does.
func Words(inverse bool) string {
	if inverse {
		return "less is riskier"
	}
	return "more is riskier"
}

// family recognises variables: all of the words of one of its lists must
// stand in the name, none of except.
type family struct {
	Direction
	words  [][]string
	except []string
}

// families are tried in order; the first that fits decides.
var families = []family{
	{Direction{"distance_to_health_facility", false, "fever is treated later the longer the way to care", "Alegana et al., International Journal of Health Geographics 2012, doi 10.1186/1476-072X-11-6", ""},
		[][]string{{"distance", "facility"}, {"distance", "facilities"}, {"distance", "clinic"}, {"distance", "hospital"}, {"distance", "health"}, {"traveltime"}, {"travel", "time"}, {"dist", "clinic"}, {"dist", "health"}}, nil},
	{Direction{"distance_to_waterbodies", true, "mosquitoes breed in water and fly a short way", "Ozodiegwu et al., BMC Global and Public Health 2025, doi 10.1186/s44263-025-00126-0", ""},
		[][]string{{"distance", "water"}, {"distance", "waterbodies"}, {"distance", "river"}, {"dist", "water"}, {"distance"}}, nil},
	{Direction{"poor_housing", false, "open eaves and earth walls let mosquitoes in", "Tusting et al., PLoS Medicine 2017, doi 10.1371/journal.pmed.1002234", ""},
		[][]string{{"poor", "housing"}, {"unimproved", "housing"}, {"settlement"}, {"slum"}, {"informal"}}, nil},
	{Direction{"housing_quality", true, "improved houses keep mosquitoes out", "Tusting et al., PLoS Medicine 2017, doi 10.1371/journal.pmed.1002234", "take it the other way round when it counts poor houses"},
		[][]string{{"housing"}, {"house", "quality"}}, nil},
	{Direction{"nighttime_lights", true, "lit places are built up and have fewer breeding sites", "Hay et al., Nature Reviews Microbiology 2005, doi 10.1038/nrmicro1069", ""},
		[][]string{{"night"}, {"nighttime"}, {"lights"}, {"avgrad"}, {"ntl"}, {"viirs"}}, nil},
	{Direction{"urban_percentage", true, "towns have fewer breeding sites and more care", "Hay et al., Nature Reviews Microbiology 2005, doi 10.1038/nrmicro1069", "a plan with an urban threshold counts it a second time"},
		[][]string{{"urban"}, {"urbanpercentage"}, {"urbanpercent"}, {"urbanpct"}}, []string{"suburban"}},
	{Direction{"nets_per_capita", true, "nets protect those under them", "Pryce, Richardson and Lengeler, Cochrane Database 2018, doi 10.1002/14651858.CD000363.pub3", ""},
		[][]string{{"nets"}, {"net", "coverage"}, {"itn"}, {"llin"}, {"irs"}}, nil},
	{Direction{"elevation", true, "it is cooler higher up and the parasite ripens slower", "Craig, Snow and le Sueur, Parasitology Today 1999, doi 10.1016/S0169-4758(99)01396-4", ""},
		[][]string{{"elevation"}, {"altitude"}, {"dem"}}, nil},
	{Direction{"rainfall", false, "rain makes breeding sites", "Craig, Snow and le Sueur, Parasitology Today 1999, doi 10.1016/S0169-4758(99)01396-4", "say which months it covers"},
		[][]string{{"rainfall"}, {"rain"}, {"precipitation"}, {"chirps"}}, nil},
	{Direction{"temperature", false, "up to about 25 °C warmth speeds mosquito and parasite", "Mordecai et al., Ecology Letters 2013, doi 10.1111/ele.12015", "above that it turns; look at the values"},
		[][]string{{"temperature"}, {"temp"}, {"lst"}}, nil},
	{Direction{"humidity", false, "mosquitoes live longer in moist air", "Craig, Snow and le Sueur, Parasitology Today 1999, doi 10.1016/S0169-4758(99)01396-4", ""},
		[][]string{{"humidity"}, {"rh"}}, nil},
	{Direction{"soil_wetness", false, "wet ground holds breeding sites", "Patz et al., Tropical Medicine & International Health 3, 1998, 818–827", ""},
		[][]string{{"soil", "wetness"}, {"soil", "moisture"}, {"wetness"}}, nil},
	{Direction{"flood", false, "flood water leaves breeding sites", "Boyce et al., Clinical Infectious Diseases 62, 2016, 1025–1031", ""},
		[][]string{{"flood"}, {"flooding"}}, nil},
	{Direction{"ndwi", false, "it shows open water", "McFeeters, International Journal of Remote Sensing 1996, doi 10.1080/01431169608948714", "two indices have this name; Gao's shows water in leaves"},
		[][]string{{"ndwi"}}, nil},
	{Direction{"ndmi", false, "it shows moist plants and ground", "Gao, Remote Sensing of Environment 1996, doi 10.1016/S0034-4257(96)00067-3", ""},
		[][]string{{"ndmi"}}, nil},
	{Direction{"evi", false, "green land is moist and shades resting mosquitoes", "Ozodiegwu et al., BMC Global and Public Health 2025, doi 10.1186/s44263-025-00126-0", ""},
		[][]string{{"evi"}, {"ndvi"}, {"vegetation"}, {"meanevi"}, {"greenness"}}, nil},
	{Direction{"poverty", false, "the poor have worse houses and later care", "Tusting et al., Lancet 2013, doi 10.1016/S0140-6736(13)60851-X", ""},
		[][]string{{"poverty"}, {"poor"}, {"deprivation"}}, nil},
	{Direction{"wealth", true, "the wealthy have better houses and earlier care", "Tusting et al., Lancet 2013, doi 10.1016/S0140-6736(13)60851-X", ""},
		[][]string{{"wealth"}, {"income"}, {"education"}, {"literacy"}}, nil},
	{Direction{"malaria", false, "it counts malaria itself", "WHO, Malaria surveillance, monitoring and evaluation: a reference manual, 2018", "it depends on who comes to be tested"},
		[][]string{{"positivity"}, {"tpr"}, {"pfpr"}, {"parasite"}, {"malaria"}, {"incidence"}, {"burden"}, {"prevalence"}}, nil},
}

// Malaria is the usual direction of what counts malaria, for variables known by
// their role.
func Malaria() Direction { return families[len(families)-1].Direction }

// Usual recognises a variable by its name.
func Usual(name string) (Direction, bool) {
	words := wordsOf(name)
	for _, f := range families {
		if slices.ContainsFunc(f.except, func(w string) bool { return slices.Contains(words, w) }) {
			continue
		}
		for _, list := range f.words {
			if !slices.ContainsFunc(list, func(w string) bool { return !slices.Contains(words, w) }) {
				return f.Direction, true
			}
		}
	}
	return Direction{}, false
}

// wordsOf splits a name at signs and at capitals: test_positivity_rate,
// urbanPercentage, TPR 2024. The name as one word is among them.
func wordsOf(name string) []string {
	var out []string
	var word []rune
	end := func() {
		if len(word) > 0 {
			out = append(out, strings.ToLower(string(word)))
		}
		word = nil
	}
	before := ' '
	for _, r := range name {
		switch {
		case !unicode.IsLetter(r):
			end()
		case unicode.IsUpper(r) && unicode.IsLower(before):
			end()
			word = append(word, r)
		default:
			word = append(word, r)
		}
		before = r
	}
	end()
	return append(out, strings.ToLower(name))
}
