package classify

import (
	"errors"
	"math"
	"slices"
	"strconv"
	"testing"

	"chatmrpt/assets/beside"
)

// medians reads the column that the reference breaks were computed from.
func medians(t testing.TB, name string) []float64 {
	t.Helper()
	rows := beside.CSV(t, name)
	column := slices.Index(rows[0], "median_of_all_models")
	if column < 0 {
		t.Fatalf("no column of medians among %v", rows[0])
	}
	var out []float64
	for _, row := range rows[1:] {
		v, err := strconv.ParseFloat(row[column], 64)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, v)
	}
	return out
}

func near(a, b []float64, tolerance float64) bool {
	return slices.EqualFunc(a, b, func(x, y float64) bool { return math.Abs(x-y) <= tolerance })
}

// R's classInt 0.4.9, reference/textbook/{ilorin,national}.json,
// classInt_breaks_on_median, "quantile" and "equal"; printed to 15 digits.
func TestBreaksEqualClassInt(t *testing.T) {
	for _, place := range []string{"ilorin", "national"} {
		var reference struct {
			Breaks struct{ Quantile, Equal []float64 } `json:"classInt_breaks_on_median"`
		}
		beside.JSON(t, "reference/textbook/"+place+".json", &reference)
		values := medians(t, "reference/textbook/"+place+"_composite.csv.gz")
		quantile, err := Quantile(values, 5)
		if err != nil || !near(quantile.Bounds, reference.Breaks.Quantile, 1e-14) {
			t.Errorf("%s: quantile %v (%v), want %v", place, quantile.Bounds, err, reference.Breaks.Quantile)
		}
		equal, err := Equal(values, 5)
		if err != nil || !near(equal.Bounds, reference.Breaks.Equal, 1e-14) {
			t.Errorf("%s: equal %v (%v), want %v", place, equal.Bounds, err, reference.Breaks.Equal)
		}
	}
}

// Every value has a class, and quantile classes of distinct values are within
// one of the same size.
func TestQuantileClassesAreEven(t *testing.T) {
	values := medians(t, "reference/textbook/national_composite.csv.gz")
	b, err := Quantile(values, 5)
	if err != nil {
		t.Fatal(err)
	}
	counts := make([]int, b.Len())
	for _, v := range values {
		counts[b.Class(v)]++
	}
	if slices.Min(counts) < len(values)/5-1 || slices.Max(counts) > len(values)/5+2 {
		t.Errorf("%d values fall into classes of %v", len(values), counts)
	}
}

// quantile(c(1,2,3,4), type = 7) in R: 1.00 1.75 2.50 3.25 4.00.
func TestQuantileTextbook(t *testing.T) {
	b, err := Quantile([]float64{4, 1, 3, 2}, 4)
	if want := []float64{1, 1.75, 2.5, 3.25, 4}; err != nil || !slices.Equal(b.Bounds, want) {
		t.Errorf("bounds %v (%v), want %v", b.Bounds, err, want)
	}
}

func TestEqualBoundsAreMerged(t *testing.T) {
	b, err := Quantile([]float64{0, 0, 0, 0, 0, 0, 1, 2}, 4)
	if want := []float64{0, 0.25, 2}; err != nil || !slices.Equal(b.Bounds, want) {
		t.Errorf("bounds %v (%v), want %v", b.Bounds, err, want)
	}
	for _, cut := range []func([]float64, int) (Breaks, error){Quantile, Equal} {
		b, err := cut([]float64{7, 7, 7}, 5)
		if err != nil || !slices.Equal(b.Bounds, []float64{7, 7}) || b.Class(7) != 0 {
			t.Errorf("equal values: %v, class %d (%v); want one class [7, 7]", b, b.Class(7), err)
		}
	}
}

func TestQuantileLeavesItsInputAlone(t *testing.T) {
	values := []float64{3, 1, 2}
	if _, err := Quantile(values, 2); err != nil || !slices.Equal(values, []float64{3, 1, 2}) {
		t.Errorf("the values became %v (%v)", values, err)
	}
}

func TestEqualOfAVastRange(t *testing.T) {
	b, err := Equal([]float64{-math.MaxFloat64, math.MaxFloat64}, 2)
	if want := []float64{-math.MaxFloat64, 0, math.MaxFloat64}; err != nil || !slices.Equal(b.Bounds, want) {
		t.Errorf("bounds %v (%v), want %v", b.Bounds, err, want)
	}
}

func TestClassIsRightClosed(t *testing.T) {
	b, err := Fixed(0, 10, 20, 50)
	if err != nil {
		t.Fatal(err)
	}
	for v, want := range map[float64]int{
		-1: NoClass, 0: 0, 5: 0, 10: 0, 10.000001: 1, 20: 1, 21: 2, 50: 2, 50.1: NoClass,
		math.Inf(1): NoClass, math.Inf(-1): NoClass,
	} {
		if got := b.Class(v); got != want {
			t.Errorf("class of %v is %d, want %d", v, got, want)
		}
	}
	if b.Class(math.NaN()) != NoClass || (Breaks{}).Class(0) != NoClass {
		t.Error("NaN, or a value without bounds, has a class")
	}
}

func TestOpenEndsTakeEverything(t *testing.T) {
	b, err := Fixed(math.Inf(-1), 20, math.Inf(1))
	if err != nil || b.Class(-1e300) != 0 || b.Class(math.Inf(-1)) != 0 || b.Class(1e300) != 1 {
		t.Errorf("%v (%v) leaves values out", b, err)
	}
}

func TestClassesKeepsMissingApart(t *testing.T) {
	b, err := Fixed(0, 1, 2)
	got := b.Classes([]float64{0, 1.5, 1.5, 3}, []bool{true, true, false, true})
	if want := []int{0, 1, NoClass, NoClass}; err != nil || !slices.Equal(got, want) {
		t.Errorf("classes %v (%v), want %v", got, err, want)
	}
}

func TestRefusals(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, cut := range []func([]float64, int) (Breaks, error){Quantile, Equal} {
		for _, tt := range []struct {
			values []float64
			k      int
			want   error
		}{
			{nil, 5, ErrNoValues}, {[]float64{1, nan}, 5, ErrValue}, {[]float64{1, inf}, 5, ErrValue},
			{[]float64{1}, 0, ErrCount}, {[]float64{1}, MaxClasses + 1, ErrCount},
		} {
			if _, err := cut(tt.values, tt.k); !errors.Is(err, tt.want) {
				t.Errorf("%v in %d classes: error %v, want %v", tt.values, tt.k, err, tt.want)
			}
		}
	}
	for _, bounds := range [][]float64{nil, {1}, {1, 1}, {2, 1}, {0, nan, 2}, {0, inf, inf}, {nan, 1}} {
		if _, err := Fixed(bounds...); !errors.Is(err, ErrBounds) {
			t.Errorf("bounds %v: error %v", bounds, err)
		}
	}
}

func TestLabels(t *testing.T) {
	inf := math.Inf(1)
	tests := []struct {
		bounds   []float64
		decimals int
		want     []string
	}{
		{[]float64{0.267144836910101, 0.40471644817645, 0.806872486015256}, -1, []string{"0.27 – 0.40", "0.40 – 0.81"}},
		{[]float64{0.492105, 0.520492, 0.547408}, -1, []string{"0.492 – 0.520", "0.520 – 0.547"}},
		{[]float64{-inf, 20, 75, inf}, -1, []string{"≤ 20", "20 – 75", "> 75"}},
		{[]float64{0, 2.5, 10}, -1, []string{"0.0 – 2.5", "2.5 – 10.0"}},
		{[]float64{999, 1234567}, 0, []string{"999 – 1,234,567"}},
		{[]float64{-2, -0.4}, 0, []string{"−2 – 0"}},
		{[]float64{-inf, inf}, -1, []string{"all values"}},
	}
	for _, tt := range tests {
		b, err := Fixed(tt.bounds...)
		if got := b.Labels(tt.decimals); err != nil || !slices.Equal(got, tt.want) {
			t.Errorf("labels of %v: %q (%v), want %q", tt.bounds, got, err, tt.want)
		}
	}
	one, err := Equal([]float64{0.5}, 3)
	if got := one.Labels(-1); err != nil || !slices.Equal(got, []string{"0.5"}) {
		t.Errorf("label of one value: %q (%v)", got, err)
	}
}
