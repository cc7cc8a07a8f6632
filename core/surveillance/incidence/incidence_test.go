package incidence

import (
	"math"
	"math/rand/v2"
	"testing"
)

func near(t *testing.T, name string, got Number, want float64) {
	t.Helper()
	if !got.OK || math.Abs(got.V-want) > 1e-9*max(1, want) {
		t.Errorf("%s = %+v, want %v", name, got, want)
	}
}

// vector are the counts of the formula sheet, shared/spec/field.md section 3.
func vector() (Counts, Shares) {
	return Counts{Confirmed: Of(400), Tested: Of(800), Presumed: Of(100), Suspected: Of(1000), Positivity: Of(400.0 / 800), Received: 8, Expected: 10},
		Shares{Public: .6, Private: .25, None: .15}
}

// field.md section 3, vectors 1 and 2: 400; 450; 562.5; 937.5; 703.125;
// 632.8125.
func TestStepsOfTheFormulaSheet(t *testing.T) {
	c, s := vector()
	got := Adjust(c, Presumed, s)
	for n, want := range []float64{400, 450, 562.5, 937.5, 703.125, 632.8125} {
		near(t, "N"+string(rune('0'+n)), got.N[n], want)
	}
	for n, want := range []float64{20, 22.5, 28.125, 46.875, 35.15625, 31.640625} {
		near(t, "per 1,000 of 20,000", Of(got.N[n].V/20000*1000), want)
	}
}

// Vector 4: with suspected cases, 400 + (1000 − 800)·0.5.
func TestSuspectedInsteadOfPresumed(t *testing.T) {
	c, s := vector()
	near(t, "N1", Adjust(c, Suspected, s).N[1], 500)
	near(t, "N1 without untested cases", Adjust(c, Left, s).N[1], 400)
	c.Suspected = Of(700)
	near(t, "N1 with more tests than fevers", Adjust(c, Suspected, s).N[1], 400)
}

// Vector 3: shares that sum to one make N3 = N2 ÷ public, the form of other
// systems. Checked over many shares.
func TestN3IsN2OverPublicWhenSharesSumToOne(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 1))
	c, _ := vector()
	for range 1000 {
		a, b := rng.Float64(), rng.Float64()
		s := Shares{Public: max(1e-3, min(a, b)), Private: math.Abs(a - b)}
		s.None = max(0, 1-s.Public-s.Private)
		got := Adjust(c, Presumed, s)
		near(t, "N3", got.N[3], got.N[2].V/s.Public)
		if !(got.N[2].V <= got.N[5].V && got.N[5].V <= got.N[4].V && got.N[4].V <= got.N[3].V+1e-9) {
			t.Fatalf("N2 ≤ N5 ≤ N4 ≤ N3 does not hold: %+v", got.N)
		}
	}
}

func known(c Cases) (n int) {
	for _, v := range c.N {
		if v.OK {
			n++
		}
	}
	return n
}

// The traps seen elsewhere: positivity taken as 1 when there are no tests
// (BLSQ), a reporting rate of nought, shares that are missing.
func TestUnknownStaysUnknown(t *testing.T) {
	for name, change := range map[string]struct {
		of    func(*Counts, *Shares)
		known int
	}{
		"no tests, so no positivity": {func(c *Counts, _ *Shares) { c.Positivity = Number{} }, 1},
		"no presumed count":          {func(c *Counts, _ *Shares) { c.Presumed = Number{} }, 1},
		"no report received":         {func(c *Counts, _ *Shares) { c.Received = 0 }, 2},
		"none expected":              {func(c *Counts, _ *Shares) { c.Expected = 0 }, 2},
		"nobody goes public":         {func(_ *Counts, s *Shares) { s.Public = 0 }, 3},
		"shares above one":           {func(_ *Counts, s *Shares) { s.Private = .9 }, 3},
		"no confirmed count":         {func(c *Counts, _ *Shares) { c.Confirmed = Number{} }, 0},
		"nobody untested, no test":   {func(c *Counts, _ *Shares) { c.Positivity, c.Presumed = Number{}, Of(0) }, 6},
		"not a number":               {func(c *Counts, _ *Shares) { c.Positivity = Of(math.NaN()) }, 1},
		"more positives than tests":  {func(c *Counts, _ *Shares) { c.Positivity = Of(1.5) }, 6}, // kept, not cut
		"everything known":           {func(*Counts, *Shares) {}, 6},
	} {
		c, s := vector()
		change.of(&c, &s)
		if got := known(Adjust(c, Presumed, s)); got != change.known {
			t.Errorf("%s: %d steps known, want %d", name, got, change.known)
		}
	}
}

// A silent month lowers the year's reporting rate; it is no month without
// cases.
func TestSumOfMonths(t *testing.T) {
	c, s := vector()
	silent := Counts{Expected: 10}
	counts := []Counts{c, silent}
	got := Sum(counts, []Cases{Adjust(c, Presumed, s), Adjust(silent, Presumed, s)}, s)
	near(t, "N0", got.N[0], 400)
	near(t, "N1", got.N[1], 450)
	near(t, "reporting rate", got.ReportingRate, 0.4)
	near(t, "N2", got.N[2], 1125)
	near(t, "N3", got.N[3], 1875)
	c.Positivity = Number{}
	if got := Sum([]Counts{c}, []Cases{Adjust(c, Presumed, s)}, s); !got.N[0].OK || got.N[1].OK || got.N[2].OK {
		t.Errorf("a month of unknown N1 does not make the year's unknown: %+v", got.N)
	}
	if got := Sum(nil, nil, s); known(got) != 0 {
		t.Errorf("no months: %+v", got.N)
	}
}

func TestWordsNameTheWay(t *testing.T) {
	seen := map[string]bool{}
	for n := range Steps {
		for _, how := range []Untested{Presumed, Suspected, Left} {
			seen[Words(n, how)] = true
		}
	}
	if len(seen) != Steps+2 {
		t.Errorf("%d different sentences, want %d", len(seen), Steps+2)
	}
}
