package report

import (
	"fmt"
	"image/color"
	"time"

	"chatmrpt/geo/scene"
)

// created is the time of every document of the tests.
func created() time.Time { return time.Date(2025, 3, 3, 9, 30, 0, 0, time.UTC) }

// SampleDocument is a brief with texts as long as the actions make them, and
// without maps. The figures are invented.
func SampleDocument() Document {
	return Document{
		Title: "Malaria risk by ward and bed net plan", Subtitle: "Zubuma – 220 wards", Fictional: true,
		Created: created(), Author: "Ọlájùmọ̀kẹ́ Ṣadé", Version: "0.1.0",
		Summary: []string{
			"Ranked 219 wards by 6 variables in 57 models; highest risk: Gidan Ɓaure (Ƙaramar Kurmi), Ẹgbẹ́ Ọṣun (Lokota), Tashar Ɗan Iya (Wuroma).",
			"120,000 of 120,000 nets go to 54 wards (53 in full, 1 in part) by the priority strategy; the need is 611,240 nets. Coverage of the need: 19.6 %.",
			"1 ward without the needed data is not ranked; that says nothing about its risk.",
		},
		Facts: []Fact{
			{"Malaria measure", "test positivity rate, RDT and microscopy, children under five, all levels of care, 2023-01 to 2024-12"},
			{"Variables", "Positivity u5 both all (more is riskier); Rainfall mean (more is riskier); Distance to water (less is riskier); Housing quality (less is riskier); Elevation (less is riskier); Vegetation index (more is riskier)"},
			{"Gaps", "filled with the mean of the observed neighbouring wards"},
			{"Models", "all 57 combinations of two or more variables, median-rank"},
			{"Nets", "120,000 in stock, one for 1.8 persons, priority"},
			{"Population", "population:population_2024"},
		},
		Top: sampleExtreme("Ten wards at highest risk", "High", 1), Bottom: sampleExtreme("Ten wards at lowest risk", "Low", 210),
		Plan: samplePlan(), Method: sampleMethod(), Quality: sampleQuality(), Sources: sampleSources(), Limits: sampleLimits(),
	}
}

func sampleWard(i int) (ward, lga string) {
	wards := []string{"Gidan Ɓaure", "Ẹgbẹ́ Ọṣun", "Tashar Ɗan Iya", "Unguwar Ƙofa", "Kurmin Gado", "Sabon Ruwa", "Oke Ọya", "Dutsen Mai", "Farin Gida", "Ìṣàlẹ̀ Odò"}
	lgas := []string{"Kurmi", "Lokota", "Wuroma", "Bagudo East"}
	return wards[i%len(wards)], lgas[i%len(lgas)]
}

func sampleExtreme(title, category string, first int) *Table {
	t := &Table{
		Title: title, Head: []string{"Rank", "Ward", "LGA", "Median rank", "Middle half", "Risk"},
		Numeric: []bool{true, false, false, true, true, false},
		Note:    "Rank 1 is the highest risk. The middle half of the ranks over all models shows how firm the place is. * a value of this ward was filled in.",
	}
	for i := range 10 {
		ward, lga := sampleWard(i)
		if i%4 == 1 {
			ward += " *"
		}
		rank := float64(first + i)
		t.Rows = append(t.Rows, []string{fmt.Sprint(first + i), ward, lga, fmt.Sprintf("%.1f", rank+0.5), fmt.Sprintf("%.0f – %.0f", rank*0.9, rank*1.05+3), category})
		t.Marks = append(t.Marks, category)
	}
	return t
}

func samplePlan() *Table {
	t := &Table{
		Title: "Bed nets for the ten wards at highest risk", Head: []string{"Rank", "Ward", "LGA", "Population", "Nets needed", "Nets", "Coverage"},
		Numeric: []bool{true, false, false, true, true, true, true}, Note: "Every ward is in the exported plan, with the reason for its nets.",
	}
	for i := range 10 {
		ward, lga := sampleWard(i)
		row := []string{fmt.Sprint(1 + i), ward, lga, fmt.Sprintf("1%d,%03d", i, 37*i), fmt.Sprintf("%d,%03d", 5+i, 41*i), fmt.Sprintf("%d,%03d", 5+i, 41*i), "100.0 %"}
		if i == 7 {
			row[3], row[6] = "–", ""
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func sampleMethod() []string {
	return []string{
		"The test positivity rate of a ward is the number of positive tests divided by the number of tests, both added up over its facilities and months before dividing. A ward without tests has no rate; that is not a rate of nought.",
		"Each variable was put on a scale from 0 to 1 between its lowest and highest ward, turned round where more means less risk, so that 1 is always the highest risk. Gaps were filled with the mean of the observed neighbouring wards; filled-in values are marked.",
		"Each of the 57 combinations of two or more variables is a model with equal weights. The wards are ranked in every model and ordered by the median of their ranks; rank 1 is the highest risk. The method is that of Ozodiegwu et al., BMC Global and Public Health 2025 (doi 10.1186/s44263-025-00126-0), generalised. High, medium and low are the thirds of the ranking, not thresholds of risk.",
		"The need of a ward is its population divided by 1.8, rounded up (WHO/HTM/GMP/2017.20). The stock goes to the wards in the order of their rank, each in full, until it ends.",
	}
}

func sampleQuality() []string {
	return []string{
		"positivity_u5_both_all: 3 wards had no value and got one from its neighbours; marked in every output",
		"rainfall_mean: 5 wards had no value and got one from its neighbours; marked in every output",
		"housing_quality: 1 ward without a value: Bakin Kogi (Lokota)",
		"12,431 tests (4,020 positive) are reported by facilities without a known ward and are in no ward’s figure.",
		"118 counts of tests or positives without the other were left out of the rates.",
		"2 wards have no population and get no nets until it is known (≥ 1 person is needed, ≤ 5,000,000 allowed).",
	}
}

func sampleSources() []Fact {
	return []Fact{
		{"zubuma_boundaries.geojson", "boundaries, version 1, 220 rows, run 1, SHA-256 9f86d081884c7d65…"},
		{"zubuma_facility_records_2023_2024.xlsx", "facilities, version 2, 10,532 rows, run 2, SHA-256 60303ae22b998861…"},
		{"zubuma_environment.csv", "wards, version 1, 220 rows, run 3, SHA-256 fd61a03af4f77d87…"},
		{"zubuma_population.csv", "population, version 1, 220 rows, run 4, SHA-256 a4e624d686e03ed2…"},
		{"Runs in this profile", "ranking: run 7, positivity: run 6, net plan: run 8"},
	}
}

func sampleLimits() []string {
	return []string{
		"A rank orders the wards of this list; it is not an amount of malaria, and neighbouring ranks may be equal within the uncertainty of the data.",
		"The variables count alike in every model and are taken to act independently and evenly; correlated variables count more than once.",
		"The test positivity rate depends on who comes to be tested and on how complete the reports are; it is not the share of infected people.",
	}
}

// PlainScene is a map that no change of the map's own layout touches: a patch
// of colour and a word.
func PlainScene(width, height float64, word string) *scene.Scene {
	return &scene.Scene{Width: width, Height: height, Title: word, Items: []scene.Item{
		scene.Rect{X: 20, Y: 40, W: width - 40, H: height - 60, Fill: color.NRGBA{200, 80, 60, 255}},
		scene.Text{X: 20, Y: 30, Width: 60, Size: 12, Text: word, Color: color.NRGBA{0, 0, 0, 255}},
	}}
}
