package trend

import (
	"encoding/csv"
	"math"
	"math/rand/v2"
	"os"
	"reflect"
	"strconv"
	"testing"
)

func yearly(values ...float64) (p []Point) {
	for i, v := range values {
		p = append(p, Point{At: float64(i), Value: v})
	}
	return p
}

func near(t *testing.T, name string, got, want, within float64) {
	t.Helper()
	if !(math.Abs(got-want) <= within) {
		t.Errorf("%s = %.15g, want %.15g", name, got, want)
	}
}

// The worked example of pyMannKendall's original_test, 17 values with ties:
// s 20, var_s 561.33333333, z 0.80194241623, p 0.422586268671707, slope
// 0.0384615384615 (Statology, How to Perform a Mann-Kendall Trend Test in
// Python).
func TestTiedSeriesOfPyMannKendall(t *testing.T) {
	r := Of(yearly(31, 29, 28, 28, 27, 26, 26, 27, 27, 27, 28, 29, 30, 29, 30, 29, 28))
	if r.S != 20 || r.Exact {
		t.Errorf("S %d, exact %v", r.S, r.Exact)
	}
	near(t, "variance", r.Variance, 561.33333333333, 1e-9)
	near(t, "z", r.Z, 0.80194241623, 1e-11)
	near(t, "p", r.P, 0.422586268671707, 1e-12)
	near(t, "slope", r.Slope, 0.0384615384615, 1e-12)
}

// Probabilities of the Mann–Kendall S for small n, one-sided, three decimals
// (Gilbert 1987, table A18; Kendall 1975, table 1).
func TestExactProbabilitiesOfGilbertsTable(t *testing.T) {
	for n, column := range map[int]map[int]float64{
		4: {2: .375, 4: .167, 6: .042},
		5: {2: .408, 4: .242, 6: .117, 8: .042, 10: .0083},
		8: {2: .452, 4: .360, 6: .274, 8: .199, 10: .138, 12: .089, 14: .054, 16: .031, 18: .016},
	} {
		for s, want := range column {
			got := exactP(n, s) / 2
			if math.Abs(got-want) > 5.1e-4 {
				t.Errorf("n %d, S %d: %.4f, the table has %v", n, s, got, want)
			}
			if exactP(n, -s) != exactP(n, s) {
				t.Errorf("n %d: S and −S differ", n)
			}
		}
	}
	if got := exactP(6, 0); got != 1 {
		t.Errorf("S nought: p %v", got)
	}
}

// Slopes by hand: dates 0, 1, 3 and values 0, 2, 3 have the pair slopes 2, 1
// and 1/2.
func TestTheilSenOnRealDates(t *testing.T) {
	r := Of([]Point{{3, 3}, {0, 0}, {1, 2}})
	near(t, "slope", r.Slope, 1, 0)
	near(t, "intercept", r.Intercept, 0, 0)
	near(t, "least squares", r.OLS, 13.0/14, 1e-15) // Σ(t−4/3)(y−5/3) = 13/3; Σ(t−4/3)² = 14/3
	if r.First != (Point{0, 0}) || r.Last != (Point{3, 3}) || r.S != 3 {
		t.Errorf("%+v", r)
	}
}

// Defect D12 of the predecessor: least squares on the index of the available
// years. With 2020, 2021 and 2025 at 10, 20 and 60 per 1,000, ten a year, its
// method closes the gap and finds 25 a year.
func TestDefect_D12_GapsKeepTheirLength(t *testing.T) {
	years, values := []float64{2020, 2021, 2025}, []float64{10, 20, 60}
	var theirs, ours []Point
	for i := range years {
		theirs = append(theirs, Point{float64(i), values[i]})
		ours = append(ours, Point{years[i], values[i]})
	}
	near(t, "their slope", Of(theirs).OLS, 25, 1e-12)
	near(t, "slope", Of(ours).Slope, 10, 1e-12)
	near(t, "least squares", Of(ours).OLS, 10, 1e-12)
	// Two points sufficed there for a direction; here they are no trend.
	if Of(ours[:2]).Enough() || !math.IsNaN(Of(ours[:2]).P) {
		t.Error("two points make a trend")
	}
}

// One wild year turns the least-squares slope round, not the median slope.
func TestTheilSenBearsAWildYear(t *testing.T) {
	r := Of(yearly(1, 2, 3, 4, 5, 6, 7, 8, 9, -60))
	if r.OLS >= 0 || math.Abs(r.Slope-1) > 1e-12 {
		t.Errorf("Theil–Sen %v, least squares %v", r.Slope, r.OLS)
	}
}

func TestTooLittleIsNoTrend(t *testing.T) {
	for name, p := range map[string][]Point{
		"nothing": nil, "one": yearly(1), "two": yearly(1, 2), "three": yearly(1, 2, 3),
		"one date": {{2020, 1}, {2020, 2}, {2020, 3}, {2020, 4}},
	} {
		if r := Of(p); r.Enough() {
			t.Errorf("%s: %+v", name, r)
		}
	}
	r := Of(yearly(5, 5, 5, 5, 5))
	if r.Slope != 0 || r.P != 1 || r.Variance != 0 {
		t.Errorf("a constant series: slope %v, p %v, variance %v", r.Slope, r.P, r.Variance)
	}
}

// Order of the points, a shift or a stretch of the scale, and the direction of
// time change the result as they must and not otherwise.
func TestTrendBehavesUnderChangeOfScale(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 9))
	for range 300 {
		n := 4 + rng.IntN(12)
		p := make([]Point, n)
		for i := range p {
			p[i] = Point{2010 + float64(rng.IntN(14)), float64(rng.IntN(40))}
		}
		r := Of(p)
		shuffled := make([]Point, n)
		scaled, turned := make([]Point, n), make([]Point, n)
		for i, k := range rng.Perm(n) {
			shuffled[i] = p[k]
			scaled[i] = Point{p[k].At, 3*p[k].Value - 7}
			turned[i] = Point{-p[k].At, p[k].Value}
		}
		s := Of(shuffled)
		s.Observations, s.First, s.Last = r.Observations, r.First, r.Last // points of one date keep their own order
		if !reflect.DeepEqual(nanless(r), nanless(s)) {
			t.Fatalf("order matters:\n%+v\n%+v", r, s)
		}
		if math.IsNaN(r.Slope) {
			continue
		}
		u, v := Of(scaled), Of(turned)
		near(t, "slope of the scaled", u.Slope, 3*r.Slope, 1e-9)
		near(t, "slope of the turned", v.Slope, -r.Slope, 1e-9)
		if u.P != r.P || v.P != r.P || u.S != r.S || v.S != -r.S {
			t.Fatalf("p %v, scaled %v, turned %v", r.P, u.P, v.P)
		}
	}
}

// nanless makes results comparable: NaN is not equal to itself.
func nanless(r Result) Result {
	for _, f := range []*float64{&r.Slope, &r.Intercept, &r.Low, &r.High, &r.OLS, &r.Z, &r.P} {
		if math.IsNaN(*f) {
			*f = -1e300
		}
	}
	r.OLS = math.Round(r.OLS*1e9) / 1e9 // sums in another order
	return r
}

// The share of 95 % intervals that hold the true slope, and of false alarms at
// 5 % where there is none, over series of noise.
func TestIntervalAndTestKeepTheirWord(t *testing.T) {
	rng := rand.New(rand.NewPCG(13, 2))
	const series, n = 3000, 12
	held, alarms := 0, 0
	for range series {
		p := make([]Point, n)
		for i := range p {
			p[i] = Point{float64(i), 2*float64(i) + 5*rng.NormFloat64()}
		}
		if r := Of(p); r.Low <= 2 && 2 <= r.High {
			held++
		}
		for i := range p {
			p[i].Value -= 2 * p[i].At
		}
		if Of(p).P < 0.05 {
			alarms++
		}
	}
	if share := float64(held) / series; share < 0.93 || share > 0.97 {
		t.Errorf("the interval holds the slope in %.1f %%", 100*share)
	}
	if share := float64(alarms) / series; share < 0.03 || share > 0.06 {
		t.Errorf("%.1f %% false alarms at 5 %%", 100*share)
	}
}

func BenchmarkWards(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 1))
	all := make([][]Point, 9367)
	for i := range all {
		all[i] = make([]Point, 6)
		for j := range all[i] {
			all[i][j] = Point{2019 + float64(j), rng.Float64()}
		}
	}
	for b.Loop() {
		for _, p := range all {
			Of(p)
		}
	}
}

// R 4.2.2: cor.test(t, x, method = "kendall", exact = TRUE), the median of the
// pair slopes, the median of x − slope·t, and lm(x ~ t), on nine years of
// which 2021 is missing.
func TestNineYearsAsInR(t *testing.T) {
	r := Of([]Point{{2015, 44.1}, {2016, 41.2}, {2017, 43.7}, {2018, 39.9}, {2019, 36.5}, {2020, 38.8}, {2022, 33.2}, {2023, 30.1}, {2024, 31.7}})
	if !r.Exact || r.S != 3-33 { // R's T counts the 3 rising pairs of 36
		t.Errorf("S %d, exact %v", r.S, r.Exact)
	}
	near(t, "p", r.P, 0.00085427689594356256, 1e-17)
	near(t, "slope", r.Slope, -1.5761904761904768, 1e-14)
	near(t, "intercept", r.Intercept, 3220.2571428571441, 1e-11)
	near(t, "least squares", r.OLS, -1.5383333333333329, 1e-12)
}

// The flow of the Nile at Aswan, 1871 to 1970, from R's datasets, with its
// many ties: cor.test(1871:1970, Nile, method = "kendall", exact = FALSE,
// continuity = TRUE) and the median of the pair slopes, R 4.2.2.
func TestNileAsInR(t *testing.T) {
	nile := []float64{1120, 1160, 963, 1210, 1160, 1160, 813, 1230, 1370, 1140, 995, 935, 1110, 994, 1020, 960, 1180, 799, 958, 1140,
		1100, 1210, 1150, 1250, 1260, 1220, 1030, 1100, 774, 840, 874, 694, 940, 833, 701, 916, 692, 1020, 1050, 969,
		831, 726, 456, 824, 702, 1120, 1100, 832, 764, 821, 768, 845, 864, 862, 698, 845, 744, 796, 1040, 759,
		781, 865, 845, 944, 984, 897, 822, 1010, 771, 676, 649, 846, 812, 742, 801, 1040, 860, 874, 848, 890,
		744, 749, 838, 1050, 918, 986, 797, 923, 975, 815, 1020, 906, 901, 1170, 912, 746, 919, 718, 714, 740}
	r := Of(yearly(nile...))
	near(t, "z", r.Z, -4.1280665228441, 1e-12)
	near(t, "p", r.P, 3.6582629216643412e-05, 1e-17)
	near(t, "slope", r.Slope, -2.6, 1e-12)
}

// bogra is the rain of each month at Bogra, Bangladesh, 1981 to 2010, with its
// gaps: the data of pyMannKendall's own tests.
func bogra(t *testing.T) (p []Point) {
	t.Helper()
	f, err := os.Open("testdata/bogra.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		year, err := strconv.ParseFloat(row[0], 64)
		if err != nil {
			t.Fatal(err)
		}
		for m, cell := range row[1:] {
			if cell == "" {
				continue
			}
			v, err := strconv.ParseFloat(cell, 64)
			if err != nil {
				t.Fatal(err)
			}
			p = append(p, Point{year + (float64(m)+0.5)/12, v})
		}
	}
	return p
}

// month is the season of a point: 0 for January.
func month(p Point) int { return int((p.At - math.Floor(p.At)) * 12) }

// What pyMannKendall's tests assert of these data. Its slopes can't be
// compared: that of original_test closes the gaps up, and that of
// seasonal_test leaves out every year with one (its −1/6 is over 24 of the 30
// years); here gaps keep their length and no month is left out.
func TestMonthsAsInPyMannKendall(t *testing.T) {
	p := bogra(t)
	r := Of(p)
	if r.S != -1959 {
		t.Errorf("original: S %d", r.S)
	}
	near(t, "original variance", r.Variance, 4889800.333333333, 1e-8)
	near(t, "original z", r.Z, -0.8854562842589916, 1e-15)
	near(t, "original p", r.P, 0.37591058740506833, 1e-15)
	r = OfSeasons(p, month)
	if r.S != -399 || r.Exact {
		t.Errorf("seasonal: S %d, exact %v", r.S, r.Exact)
	}
	near(t, "seasonal variance", r.Variance, 34702.333333333336, 1e-9)
	near(t, "seasonal z", r.Z, -2.136504114534638, 1e-14)
	near(t, "seasonal p", r.P, 0.03263834596177739, 1e-14)
	// Their slope, from the years they keep.
	gaps := map[float64]int{}
	for _, q := range p {
		gaps[math.Floor(q.At)]++
	}
	var whole []Point
	for _, q := range p {
		if gaps[math.Floor(q.At)] == 12 {
			whole = append(whole, q)
		}
	}
	years := map[float64]float64{}
	for _, q := range whole {
		if y := math.Floor(q.At); years[y] == 0 {
			years[y] = float64(len(years) + 1)
		}
	}
	for i, q := range whole { // and closed up
		y := math.Floor(q.At)
		whole[i].At = years[y] + (float64(month(q))+0.5)/12
	}
	near(t, "their seasonal slope", OfSeasons(whole, month).Slope, -0.16666666666666666, 1e-12)
}

// A season cut off at one end is a trend for plain pairs and none for pairs
// within a season.
func TestSeasonIsNoTrend(t *testing.T) {
	var p []Point
	for m := range 30 { // two years and a half, ending in the high season
		p = append(p, Point{2020 + (float64(m)+0.5)/12, 10 - 8*math.Cos(2*math.Pi*float64(m+6)/12)})
	}
	if r := OfSeasons(p, month); math.Abs(r.Slope) > 1e-9 || r.P < 0.5 {
		t.Errorf("within seasons: slope %v, p %v", r.Slope, r.P)
	}
	for i := range p {
		p[i].Value += 3 * p[i].At
	}
	if r := OfSeasons(p, month); math.Abs(r.Slope-3) > 1e-9 || r.P > 0.01 {
		t.Errorf("with a rise of 3 a year: slope %v, p %v", r.Slope, r.P)
	}
	if r := OfSeasons(p[:12], month); r.Enough() {
		t.Errorf("one year has no pair within a season: %+v", r)
	}
}
