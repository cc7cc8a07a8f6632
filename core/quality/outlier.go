package quality

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"chatmrpt/core/problem"
)

// Strictness is a preset of multipliers.
type Strictness string

// The presets, those of sntutils' detect_outliers.
const (
	Lenient  Strictness = "lenient"
	Balanced Strictness = "balanced"
	Strict   Strictness = "strict"
)

// Multipliers are how far above the middle of a series a value must lie for
// each method to call it an outlier.
type Multipliers struct {
	SD       float64 // above the mean, in standard deviations
	MAD      float64 // above the median, in scaled median absolute deviations
	IQR      float64 // above the upper quartile, in interquartile ranges
	Seasonal float64 // above the median of the same calendar month, in scaled MADs
}

// MultipliersOf gives those of a preset: mean + 4, 3, 2.5 SD; median + 12, 9, 6
// MAD; upper quartile + 3, 2, 1.5 IQR (sntutils 2.0.0, detect_outliers), and
// for the season 5, 5, 3 MAD (Magic Glasses' two seasonal passes).
func MultipliersOf(s Strictness) (Multipliers, error) {
	switch s {
	case Lenient:
		return Multipliers{4, 12, 3, 5}, nil
	case Balanced:
		return Multipliers{3, 9, 2, 5}, nil
	case Strict:
		return Multipliers{2.5, 6, 1.5, 3}, nil
	}
	return Multipliers{}, problem.New(problem.Usage, op, "", fmt.Sprintf("%q is no strictness", s), "Choose lenient, balanced or strict")
}

// madScale makes the median absolute deviation of a normal distribution its
// standard deviation: 1/Φ⁻¹(3/4), the constant of R's stats::mad.
const madScale = 1.4826

// Guardrails of sntutils' detect_outliers and, for the season, ours: with
// fewer years of one month the median says nothing.
const (
	leastValues  = 8   // of a series, for any method
	leastSeasons = 4   // of one calendar month, for the seasonal method
	outbreakRun  = 2   // outliers in a row that make an outbreak
	outbreakGap  = 1   // other periods that may lie between two of them
	outbreakNear = 0.9 // how far, as a share of the run's median, its values may lie from it
)

// Method is a way to tell an outlier.
type Method int

// The methods.
const (
	MeanSD Method = iota
	MedianMAD
	Quartiles
	Seasonal
)

// Methods lists the methods in the order of every output.
func Methods() []Method { return []Method{MeanSD, MedianMAD, Quartiles, Seasonal} }

// String names the method.
func (m Method) String() string {
	return [...]string{"mean + SD", "median + MAD", "quartile + IQR", "same month of other years"}[m]
}

// Outlier is one value that stands out above the series of its facility and
// indicator.
type Outlier struct {
	Row       int // of the table, from 0
	Facility  Facility
	Period    string
	Indicator string
	Value     float64
	Median    float64    // of the series
	Limit     [4]float64 // by Methods: what it had to exceed; NaN where the method could not judge
	Votes     int        // methods whose limit it exceeds
	Judges    int        // methods that could judge
	// Outbreak reports that its neighbours in time stand out as well, about as
	// far: more like many patients than like a typing error.
	Outbreak bool
}

// Outliers lists the values that at least agree of the methods that could
// judge call outliers, the farthest above their median first, and says how many
// values of each period were judged. Only high values are looked for, as a low one may be a
// stock-out or a holiday. A method can't judge a series of fewer than eight
// values or without spread. The error is that of ctx, or of a strictness that
// is none.
func (p *Panel) Outliers(ctx context.Context, s Strictness, agree int) (found []Outlier, judged []int, err error) {
	m, err := MultipliersOf(s)
	if err != nil {
		return nil, nil, err
	}
	rows := p.rowsOf()
	byFacility := make([][]Outlier, len(p.Facilities))
	judges := make([]judge, runtime.GOMAXPROCS(0))
	var next atomic.Int64
	var wg sync.WaitGroup
	for i := range judges {
		wg.Go(func() {
			j := &judges[i]
			*j = judge{p: p, m: m, agree: agree, judged: make([]int, len(p.Periods))}
			for ctx.Err() == nil {
				f := int(next.Add(1)) - 1
				if f >= len(p.Facilities) {
					break
				}
				byFacility[f] = j.facility(rows[f])
			}
		})
	}
	wg.Wait()
	judged = make([]int, len(p.Periods))
	for _, j := range judges {
		for i, n := range j.judged {
			judged[i] += n
		}
	}
	found = slices.Concat(byFacility...)
	slices.SortStableFunc(found, func(a, b Outlier) int {
		return cmp.Or(cmp.Compare(b.Value-b.Median, a.Value-a.Median), cmp.Compare(a.Row, b.Row))
	})
	return found, judged, ctx.Err()
}

// rowsOf lists the rows of each facility in order of time; of several rows of
// one period the first stands for it.
func (p *Panel) rowsOf() [][]int {
	rows := make([][]int, len(p.Facilities))
	for row, f := range p.facility {
		if f >= 0 && p.period[row] >= 0 {
			rows[f] = append(rows[f], row)
		}
	}
	for f := range rows {
		slices.SortStableFunc(rows[f], func(a, b int) int { return cmp.Compare(p.period[a], p.period[b]) })
		rows[f] = slices.CompactFunc(rows[f], func(a, b int) bool { return p.period[a] == p.period[b] })
	}
	return rows
}

// judge examines series; it has its own scratch space, so one is made for each
// goroutine.
type judge struct {
	p      *Panel
	m      Multipliers
	agree  int
	judged []int // values, per period

	at     []int // rows with a value
	values []float64
	sorted []float64
	month  []float64
}

func (j *judge) facility(rows []int) (out []Outlier) {
	for _, ind := range j.p.Indicators {
		j.at, j.values = j.at[:0], j.values[:0]
		for _, row := range rows {
			if v, ok := ind.col.Number(row); ok {
				j.at, j.values = append(j.at, row), append(j.values, v)
			}
		}
		if len(j.values) >= leastValues {
			for _, row := range j.at {
				j.judged[j.p.period[row]]++
			}
			out = append(out, j.series(ind)...)
		}
	}
	return out
}

// series finds the outliers of one series.
func (j *judge) series(ind Indicator) []Outlier {
	j.sorted = append(j.sorted[:0], j.values...)
	slices.Sort(j.sorted)
	limit := j.limits()
	var out []Outlier
	for i, v := range j.values {
		o := Outlier{Value: v, Limit: limit}
		o.Limit[Seasonal] = math.NaN()
		if v > j.sorted[len(j.sorted)/2] { // nothing below the median can stand out above it
			o.Limit[Seasonal] = j.seasonLimit(i)
		}
		for _, l := range o.Limit {
			if !math.IsNaN(l) {
				o.Judges++
				o.Votes += boolInt(v > l)
			}
		}
		if o.Votes < j.agree {
			continue
		}
		o.Row, o.Indicator, o.Median = j.at[i], ind.Name, quantile(j.sorted, 0.5)
		o.Facility, o.Period = j.p.facilityOf(o.Row), j.p.periodOf(o.Row)
		out = append(out, o)
	}
	j.p.markOutbreaks(out)
	return out
}

// limits gives the limits of the methods that look at the whole series.
func (j *judge) limits() (limit [4]float64) {
	mean, sd := meanSD(j.values)
	median := quantile(j.sorted, 0.5)
	low, high := quantile(j.sorted, 0.25), quantile(j.sorted, 0.75)
	limit[MeanSD] = above(mean, j.m.SD, sd)
	limit[Quartiles] = above(high, j.m.IQR, high-low)
	j.month, limit[MedianMAD] = aboveMedian(j.month, j.values, median, j.m.MAD)
	return limit
}

// seasonLimit is the limit for value i from the values of its calendar month,
// itself included; NaN where there are too few years.
func (j *judge) seasonLimit(i int) float64 {
	grain := j.p.Grain
	if grain == Year || grain == Week { // a year is no whole number of weeks
		return math.NaN()
	}
	// Periods of one season are a whole number of years apart.
	season := j.p.period[j.at[i]] % int32(grain)
	var same []float64
	for k, row := range j.at {
		if j.p.period[row]%int32(grain) == season {
			same = append(same, j.values[k])
		}
	}
	if len(same) < leastSeasons {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(same))
	_, limit := aboveMedian(nil, same, quantile(sorted, 0.5), j.m.Seasonal)
	return limit
}

// above is a limit, or NaN where the series has no spread.
func above(middle, times, spread float64) float64 {
	if spread <= 0 {
		return math.NaN()
	}
	return middle + times*spread
}

// aboveMedian is the limit of the median and the scaled MAD. scratch is used and
// given back.
func aboveMedian(scratch, values []float64, median, times float64) ([]float64, float64) {
	scratch = scratch[:0]
	for _, v := range values {
		scratch = append(scratch, math.Abs(v-median))
	}
	slices.Sort(scratch)
	return scratch, above(median, times, madScale*quantile(scratch, 0.5))
}

// meanSD gives the mean and the sample standard deviation (n − 1).
func meanSD(values []float64) (mean, sd float64) {
	for _, v := range values {
		mean += v
	}
	mean /= float64(len(values))
	for _, v := range values {
		sd += (v - mean) * (v - mean)
	}
	return mean, math.Sqrt(sd / float64(len(values)-1))
}

// quantile is the sample quantile of sorted values by linear interpolation
// between order statistics: definition 7 of Hyndman and Fan 1996, R's default.
func quantile(sorted []float64, q float64) float64 {
	h := q * float64(len(sorted)-1)
	i := int(h)
	if i+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	return sorted[i] + (h-float64(i))*(sorted[i+1]-sorted[i])
}

// markOutbreaks tells outbreaks from errors in the outliers of one series,
// which are in order of time: at least two that follow one another, with at
// most one other period between two of them, and all within nine tenths of
// their median (sntutils' classify_outbreaks: run 2, tolerance 0.9, gap 1).
func (p *Panel) markOutbreaks(outliers []Outlier) {
	for from := 0; from < len(outliers); {
		to := from + 1
		for to < len(outliers) && p.period[outliers[to].Row]-p.period[outliers[to-1].Row] <= outbreakGap+1 {
			to++
		}
		markRun(outliers[from:to])
		from = to
	}
}

func markRun(run []Outlier) {
	if len(run) < outbreakRun {
		return
	}
	values := make([]float64, len(run))
	for i, o := range run {
		values[i] = o.Value
	}
	slices.Sort(values)
	median := quantile(values, 0.5)
	for _, v := range values {
		if math.Abs(v-median) > outbreakNear*median {
			return
		}
	}
	for i := range run {
		run[i].Outbreak = true
	}
}
