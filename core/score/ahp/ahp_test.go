package ahp

import (
	"math"
	"strings"
	"testing"

	"chatmrpt/core/problem"
)

func mustWeights(t *testing.T, csv string) Weights {
	t.Helper()
	c, err := Read(strings.NewReader(csv))
	if err != nil {
		t.Fatal(err)
	}
	w, err := c.Compute()
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// The wealth of seven nations, seen through their influence (Saaty, Journal of
// Mathematical Psychology 15, 1977; The Analytic Hierarchy Process, 1980):
// weights to three places, λ 7.61, consistency ratio 0.08.
func TestSaatysNations(t *testing.T) {
	w := mustWeights(t, `,US,USSR,China,France,UK,Japan,W Germany
US,1,4,9,6,6,5,5
USSR,1/4,1,7,5,5,3,4
China,1/9,1/7,1,1/5,1/5,1/7,1/5
France,1/6,1/5,5,1,1,1/3,1/3
UK,1/6,1/5,5,1,1,1/3,1/3
Japan,1/5,1/3,7,3,3,1,2
W Germany,1/5,1/4,5,3,3,1/2,1
`)
	published(t, w, 0.0006, .427, .230, .021, .052, .052, .123, .094)
	if math.Abs(w.LambdaMax-7.61) > 0.005 || math.Abs(w.Ratio-0.08) > 0.005 || !w.Consistent() {
		t.Errorf("λ %v ratio %v, published 7.61 and 0.08", w.LambdaMax, w.Ratio)
	}
}

// What Americans drink (Saaty, International Journal of Services Sciences 1,
// 2008): weights to three places. Only the half above the diagonal is given.
func TestSaatysDrinks(t *testing.T) {
	w := mustWeights(t, `,coffee,wine,tea,beer,sodas,milk,water
coffee,1,9,5,2,1,1,1/2
wine,,1,1/3,1/9,1/9,1/9,1/9
tea,,,1,1/3,1/4,1/3,1/9
beer,,,,1,1/2,1,1/3
sodas,,,,,1,2,1/2
milk,,,,,,1,1/3
water,,,,,,,1
`)
	published(t, w, 0.0012, .177, .019, .042, .116, .190, .129, .327)
	if math.Abs(w.Ratio-0.022) > 0.0035 {
		t.Errorf("ratio %v, published 0.022", w.Ratio)
	}
}

func published(t *testing.T, w Weights, within float64, want ...float64) {
	t.Helper()
	sum := 0.0
	for i, x := range want {
		sum += w.Weights[i]
		if math.Abs(w.Weights[i]-x) > within {
			t.Errorf("%s: %.4f, published %.3f", w.Names[i], w.Weights[i], x)
		}
	}
	if math.Abs(sum-1) > 1e-12 {
		t.Errorf("the weights add up to %v", sum)
	}
}

// Answers that go together exactly give back the weights they were made of.
func TestConsistentAnswers(t *testing.T) {
	w := mustWeights(t, ",a,b,c\na,1,2,6\nb,,1,3\nc,,,1\n")
	published(t, w, 1e-12, .6, .3, .1)
	if w.Ratio > 1e-12 || math.Abs(w.LambdaMax-3) > 1e-12 {
		t.Errorf("%+v", w)
	}
	contradiction := mustWeights(t, ",a,b,c\na,1,9,1/9\nb,,1,9\nc,,,1\n")
	if contradiction.Consistent() || contradiction.Ratio < 1 {
		t.Errorf("a circle is consistent: %+v", contradiction)
	}
	if two := mustWeights(t, ",a,b\na,1,4\nb,0.25,1\n"); two.Ratio != 0 || math.Abs(two.Weights[0]-.8) > 1e-12 {
		t.Errorf("%+v", two)
	}
}

func TestReadNamesTheLine(t *testing.T) {
	for want, csv := range map[string]string{
		"two variables or more":   ",a\na,1\n",
		"line 2: it is named":     ",a,b\nb,1,2\na,,1\n",
		"line 2: \"x\" is not":    ",a,b\na,1,x\nb,,1\n",
		"line 2: \"0\" is not":    ",a,b\na,1,0\nb,,1\n",
		"line 2: \"1/0\" is not":  ",a,b\na,1,1/0\nb,,1\n",
		"line 3: a against b is":  ",a,b\na,1,3\nb,3,1\n",
		"not compared":            ",a,b\na,1,\nb,,1\n",
		"itself as 2":             ",a,b\na,2,3\nb,,1\n",
		"named twice":             ",a,a\na,1,3\na,,1\n",
		"3 variables in the":      ",a,b,c\na,1,3,1\nb,,1,1\n",
		"line 2: it has 1 ratios": ",a,b\na,1\nb,1,1\n",
		"read as CSV":             "\"",
		"random matrices ends":    strings.Repeat(",v", 16) + "\na\nb\n",
	} {
		_, err := Read(strings.NewReader(csv))
		if !problem.Is(err, problem.BadInput) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", want, err)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(",a,b\na,1,1/3\nb,,1\n")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := Read(strings.NewReader(text))
		if err != nil {
			return
		}
		if w, err := c.Compute(); err == nil {
			for _, x := range w.Weights {
				if !(x > 0 && x <= 1) {
					t.Fatalf("weight %v of %v", x, c)
				}
			}
		}
	})
}
