package pca

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mathext"
)

// The limits of suited data.
const (
	LeastKMO      = 0.5  // below it Kaiser calls the data unacceptable
	MostP         = 0.05 // of Bartlett's test
	FewestColumns = 3
)

// Suitability says whether components may be taken.
type Suitability struct {
	Rows, Variables int
	Determinant     float64   // of the correlation matrix, nought where singular
	KMO             float64   // over all variables, 0 to 1
	PerVariable     []float64 // KMO of each variable
	ChiSquare       float64   // of Bartlett's test
	Freedom         int       // its degrees of freedom
	LogP            float64   // natural logarithm of its p value, which can be too small for a number
	Suited          bool
	Reason          string // why not, in words; "" when suited
}

// P is the p value of Bartlett's test, nought where it is below the smallest
// number.
func (s Suitability) P() float64 { return math.Exp(s.LogP) }

// Suitability computes the measure of sampling adequacy of Kaiser, Meyer and
// Olkin,
//
//	KMO = Σ r² ÷ (Σ r² + Σ q²)
//
// over pairs of different variables, r the correlation and q the partial one,
// −s_ij ÷ √(s_ii s_jj) of the inverse S (Kaiser and Rice, Educational and
// Psychological Measurement 34, 1974), and Bartlett's test of sphericity,
//
//	χ² = −((n − 1) − (2p + 5) ÷ 6) ln det R,  p(p − 1) ÷ 2 degrees of freedom
//
// (Bartlett, British Journal of Psychology, Statistical Section 3, 1950).
func (d *Data) Suitability() Suitability {
	n, p := d.x.Dims()
	s := Suitability{Rows: n, Variables: p, Freedom: p * (p - 1) / 2}
	if p < FewestColumns || n <= p {
		s.Reason = fmt.Sprintf("components need at least %d variables and more wards than variables; there are %d variables of %d wards", FewestColumns, p, n)
		return s
	}
	r := d.Correlation()
	inverse, ok := invert(r)
	if !ok {
		s.Reason = "one variable follows exactly from others, so that the correlation matrix can't be inverted"
		return s
	}
	plain, partial := make([]float64, p), make([]float64, p)
	for i := range p {
		for j := range p {
			if i != j {
				q := inverse.At(i, j) / math.Sqrt(inverse.At(i, i)*inverse.At(j, j))
				plain[i] += r.At(i, j) * r.At(i, j)
				partial[i] += q * q
			}
		}
	}
	var sumPlain, sumPartial float64
	for i := range p {
		s.PerVariable = append(s.PerVariable, plain[i]/(plain[i]+partial[i]))
		sumPlain += plain[i]
		sumPartial += partial[i]
	}
	s.KMO = sumPlain / (sumPlain + sumPartial)
	s.bartlett(logDeterminant(d))
	s.judge()
	return s
}

// logDeterminant is that of the correlation matrix, known to be positive.
func logDeterminant(d *Data) float64 {
	components, err := d.Components()
	if err != nil {
		return math.Inf(-1)
	}
	sum := 0.0
	for _, c := range components {
		sum += math.Log(c.Eigenvalue)
	}
	return sum
}

func (s *Suitability) bartlett(logDet float64) {
	n, p := float64(s.Rows), float64(s.Variables)
	s.Determinant = math.Exp(logDet)
	s.ChiSquare = -((n - 1) - (2*p+5)/6) * logDet
	s.LogP = logUpperGamma(float64(s.Freedom)/2, s.ChiSquare/2)
}

func (s *Suitability) judge() {
	switch {
	case s.KMO < LeastKMO:
		s.Reason = fmt.Sprintf("the variables have too little in common: KMO %.2f, at least %.1f is needed", s.KMO, LeastKMO)
	case !(s.LogP < math.Log(MostP)):
		s.Reason = fmt.Sprintf("the correlations could be chance: Bartlett's test has p %.2f, less than %.2f is needed", s.P(), MostP)
	default:
		s.Suited = true
	}
}

// logUpperGamma is the logarithm of the upper regularised incomplete gamma
// function Q(a, x), also where Q itself is too small for a number: then by
// Lentz's continued fraction (NIST DLMF 8.9.2).
func logUpperGamma(a, x float64) float64 {
	if x < a+1 || x < 100 {
		return math.Log(mathext.GammaIncRegComp(a, x))
	}
	const tiny, most = 1e-300, 10_000
	b := x + 1 - a
	c, d := 1/tiny, 1/b
	h := d
	for i := 1; i < most; i++ {
		an := -float64(i) * (float64(i) - a)
		b += 2
		d = 1 / notNought(an*d+b, tiny)
		c = notNought(b+an/c, tiny)
		h *= d * c
		if math.Abs(d*c-1) < 1e-16 {
			break
		}
	}
	logGamma, _ := math.Lgamma(a)
	return -x + a*math.Log(x) - logGamma + math.Log(h)
}

func notNought(x, tiny float64) float64 {
	if math.Abs(x) < tiny {
		return tiny
	}
	return x
}
