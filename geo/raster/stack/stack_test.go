package stack

import (
	"fmt"
	"math"
	"testing"
)

// The names are those of the predecessor's rasters (spec/analytics.md §3.1) and
// of common products.
func TestDates(t *testing.T) {
	for _, c := range []struct {
		names []string
		want  string
	}{
		{[]string{"rainfall_2021_10", "rainfall_2021_11"}, "[2021-10 2021-11]"},
		{[]string{"X2021_rainfall_year_2021_month_9", "X2021_rainfall_year_2021_month_10"}, "[2021-09 2021-10]"},
		{[]string{"UrbanPercentage_2024_Nigeria", "UrbanPercentage_2023_Nigeria"}, "[2024 2023]"},
		{[]string{"202406_Global_Pf_Parasite_Rate_NGA_2022", "202406_Global_Pf_Parasite_Rate_NGA_2021"}, "[2022 2021]"},
		{[]string{"EVI_v6.2018.08.mean.1km", "EVI_v6.2018.09.mean.1km"}, "[2018-08 2018-09]"},
		{[]string{"chirps-v2.0.2023.01.05", "chirps-v2.0.2023.02.05"}, "[2023-01-05 2023-02-05]"},
		{[]string{"MOD13A1.20230117", "MOD13A1.20230202"}, "[2023-01-17 2023-02-02]"},
		{[]string{"rain_Oct2021", "rain_2021-nov"}, "[2021-10 2021-11]"},
		{[]string{"soil_wetness_2018_08"}, "[2018-08]"},
	} {
		got, err := Dates(c.names)
		if err != nil || fmt.Sprint(got) != c.want {
			t.Errorf("%q: %v, %v", c.names, got, err)
		}
	}
	for _, names := range [][]string{{"rain"}, {"rain_2021_10", "rain_2021_10_v2"}, {"a_2021", "a_2021_10"}, {"tile_120210"}, {"a_2020", "b"}} {
		if got, err := Dates(names); err == nil {
			t.Errorf("%q: %v", names, got)
		}
	}
}

func TestGapsAndStem(t *testing.T) {
	dates, err := Dates([]string{"r_2021_11", "r_2022_02", "r_2021_10"})
	if err != nil || fmt.Sprint(Gaps(dates)) != "[2021-12 2022-01]" {
		t.Errorf("%v, %v", Gaps(dates), err)
	}
	if g := Gaps([]Date{{Year: 2020}, {Year: 2023}}); fmt.Sprint(g) != "[2021 2022]" {
		t.Errorf("years: %v", g)
	}
	for name, want := range map[string]string{"rainfall_2021_10": "rainfall", "EVI_v6.2018.08.mean.1km": "EVI_v6_mean_1km", "Urban_2024_Nigeria": "Urban_Nigeria"} {
		if got := Stem(name); got != want {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestSummarise(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		rule   Rule
		values []float64
		want   float64
		used   int
	}{
		{Mean, []float64{1, 2, 6}, 3, 3}, {Sum, []float64{1, 2, 6}, 9, 3}, {Min, []float64{4, 2}, 2, 2}, {Max, []float64{4, 2}, 4, 2},
		{Median, []float64{9, 1, 4}, 4, 3}, {Median, []float64{9, 1, 4, 6}, 5, 4}, {Mean, []float64{1, nan, 3}, 2, 2},
		{Sum, []float64{1, nan}, nan, 1}, {Max, []float64{nan, nan}, nan, 0}, {Mean, nil, nan, 0},
	} {
		if v, used := Summarise(c.values, c.rule); used != c.used || !(v == c.want || math.IsNaN(v) && math.IsNaN(c.want)) {
			t.Errorf("%s of %v: %g of %d", c.rule, c.values, v, used)
		}
	}
}
