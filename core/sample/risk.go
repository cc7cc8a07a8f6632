package sample

import (
	"cmp"
	"math"
	"slices"

	"chatmrpt/core/sample/chance"
	"chatmrpt/core/sample/land"
)

// Variables names the ward variables of the environment file, in its order.
func Variables() []string {
	return []string{"rainfall", "distance_to_waterbodies", "evi", "housing_quality", "elevation", "nighttime_lights", "urban_percentage"}
}

// values gives the variables of a place, rounded as the file gives them: mm,
// m, index, share, m, nW/cm²/sr, per cent.
func values(p land.Place) []float64 {
	return []float64{
		round(p.Rainfall, 1), round(p.WaterDistance, 0), round(p.EVI, 4), round(p.Housing, 4),
		round(p.Elevation, 1), round(p.NightLights, 3), round(p.Urban, 1),
	}
}

func round(v float64, digits int) float64 {
	scale := math.Pow10(digits)
	return math.Round(v*scale) / scale
}

// Risk is what is true of malaria in one ward.
type Risk struct {
	Positivity float64 // chance that a child under five with fever is positive by RDT at a primary facility, in a month of middling season, halfway through the reports
	Rank       int     // 1 = highest Positivity
	Trend      float64 // change of the log odds of Positivity per year
}

// risks gives each ward a risk that follows its environment: more where it
// rains, near water and among plants, less in good houses and on high ground;
// a field that no variable explains, smooth over the land; and a little of the
// ward's own. It works on log odds.
func risks(seed uint64, wards []Ward) []Risk {
	source := chance.New(seed, "risk")
	hidden := chance.NewNoise(source, 0.5, 2)
	trend := chance.NewNoise(source, 0.6, 1)
	odds := environment(wards)
	out := make([]Risk, len(wards))
	for i, w := range wards {
		at := w.place.Centre
		own := 0.08 * source.Normal()
		out[i].Positivity = logistic(-0.6 + odds[i] + 0.45*hidden.At(at[0], at[1]) + own)
		out[i].Trend = -0.08 + 0.3*trend.At(at[0], at[1])
	}
	order := make([]int, len(out))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(out[b].Positivity, out[a].Positivity) })
	for rank, i := range order {
		out[i].Rank = rank + 1
	}
	return out
}

// environment gives the part of each ward's log odds that its variables
// explain: a weighted sum of standardised values.
func environment(wards []Ward) []float64 {
	out := make([]float64, len(wards))
	for _, part := range []struct {
		weight float64
		value  func(land.Place) float64
	}{
		{0.30, func(p land.Place) float64 { return p.Rainfall }},
		{-0.30, func(p land.Place) float64 { return math.Log(p.WaterDistance + 500) }},
		{0.20, func(p land.Place) float64 { return p.EVI }},
		{-0.35, func(p land.Place) float64 { return p.Housing }},
		{-0.15, func(p land.Place) float64 { return p.Elevation }},
	} {
		for i, z := range standardised(wards, part.value) {
			out[i] += part.weight * z
		}
	}
	return out
}

// standardised gives values less their mean, in standard deviations.
func standardised(wards []Ward, value func(land.Place) float64) []float64 {
	out, mean, square := make([]float64, len(wards)), 0.0, 0.0
	for i, w := range wards {
		out[i] = value(w.place)
		mean += out[i] / float64(len(wards))
	}
	for i := range out {
		out[i] -= mean
		square += out[i] * out[i]
	}
	deviation := math.Sqrt(square / float64(len(wards)))
	for i := range out {
		out[i] /= max(deviation, 1e-9)
	}
	return out
}

func logistic(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

func logOdds(p float64) float64 { return math.Log(p / (1 - p)) }
