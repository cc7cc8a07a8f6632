package action

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"chatmrpt/core/problem"
	"chatmrpt/core/store"
	"chatmrpt/core/table"
	"chatmrpt/core/workspace"
	"chatmrpt/geo/raster/stack"
	"chatmrpt/geo/raster/zonal"
)

// wardRaster is what one raster, or a stack of dates of one, gave the wards.
type wardRaster struct {
	a       *Import
	f       *frame
	layers  []rasterLayer  // one, or the dates in order
	zones   [][]zonal.Zone // per layer, per ward
	name    string
	notices []string
}

// rasterReport says how the values of a raster dataset came about.
type rasterReport struct {
	Statistic  string            `json:"statistic"`
	Rule       string            `json:"rule"`
	Summarised string            `json:"summarised,omitempty"`
	Dates      []string          `json:"dates,omitempty"`
	Gaps       []string          `json:"dates_missing,omitempty"`
	Raster     string            `json:"raster"`
	Files      map[string]string `json:"files"` // name → SHA-256
	Wards      int               `json:"wards_with_value"`
	Without    map[string]int    `json:"wards_without_value,omitempty"` // by reason
	Partly     int               `json:"wards_half_covered_or_less"`
}

// item makes the dataset.
func (v *wardRaster) item() (imported, error) {
	columns := v.f.identity()
	report := v.report()
	for k, name := range v.columnNames() {
		columns = append(columns, v.values(k, name))
	}
	cells, share, reason := table.NewNumber("cells"), table.NewNumber("covered_share"), table.NewText("reason")
	cells.Origin, share.Origin = "Cells of the raster with a value that count", "Part of the ward's area on cells with a value"
	dates := table.NewNumber("n_dates")
	for i := range v.f.areas {
		z, why, used := v.ward(i)
		cells.AppendNumber(float64(z.Cells))
		share.AppendNumber(math.Round(z.Share*1e6) / 1e6) // beyond that it is rounding of the polygons
		dates.AppendNumber(float64(used))
		if why == "" {
			report.Wards++
			reason.AppendMissing()
		} else {
			report.Without[why]++
			reason.AppendText(why)
		}
		if z.Share > 0 && z.Share <= 0.5 {
			report.Partly++
		}
	}
	columns = append(columns, cells, share, reason)
	if v.a.Summarise != "" {
		columns = append(columns, dates)
	}
	t, err := table.New(v.name, columns...)
	if err != nil {
		return imported{}, err
	}
	source, hash := fileHash(v.layers)
	if report.Wards == 0 {
		return imported{}, v.useless(source, report)
	}
	said := slices.Concat(v.notices, report.say(len(v.f.areas))) // several bands share the notices
	if v.a.statistic() == "mean" && v.a.Statistic == "" && seemsCount(v.name) {
		said = append(said, "the mean over each ward was taken; if the cells count persons, import it with --as population, which adds them up")
	}
	return imported{
		dataset: store.NewDataset{Kind: workspace.KindRaster, Name: v.name, Table: t, Source: source, SourceHash: hash, Report: report},
		notices: said, read: len(v.f.areas), inputs: []store.Dataset{v.f.dataset},
	}, nil
}

// useless is the problem of a raster that says nothing about any ward.
func (v *wardRaster) useless(source string, report rasterReport) error {
	var reasons []string
	for why, n := range report.Without {
		reasons = append(reasons, fmt.Sprintf("%s for %s", why, counted(n, "ward")))
	}
	slices.Sort(reasons)
	return problem.New(problem.BadInput, "import", source, "it gives no ward a value: "+strings.Join(reasons, "; "),
		"Check that it is of the same country as the boundaries; if its reference system is wrong, name the right one with --crs")
}

// columnNames are the variables of the dataset: one, or one per class.
func (v *wardRaster) columnNames() []string {
	if len(v.a.Classes) == 0 {
		return []string{v.name}
	}
	classes, _ := classesOf(v.a.Classes) // checked before
	names := make([]string, len(classes))
	for i, c := range classes {
		names[i] = v.name + "_" + c.Name
	}
	return names
}

// values makes the column of variable k.
func (v *wardRaster) values(k int, name string) *table.Column {
	c := table.NewNumber(name)
	c.Role, c.Unit, c.Origin = v.a.roleOf(name), v.unit(), v.origin()
	for i := range v.f.areas {
		x, _ := v.summary(i, k)
		if math.IsNaN(x) {
			c.AppendMissing()
		} else {
			c.AppendNumber(x)
		}
	}
	return c
}

func (v *wardRaster) unit() string {
	switch {
	case v.a.Unit != "":
		return v.a.Unit
	case v.a.statistic() == statisticShare:
		return "share"
	case v.a.As == workspace.KindPopulation:
		return "persons"
	}
	return ""
}

// origin says in words where a value comes from.
func (v *wardRaster) origin() string {
	what := map[string]string{"mean": "Mean over the ward", "sum": "Sum over the ward", "min": "Lowest value in the ward",
		"max": "Highest value in the ward", statisticShare: "Share of the ward"}[v.a.statistic()]
	how := "cells by the fraction inside"
	if v.a.rule() == zonal.Centre {
		how = "cells whose centre is inside"
	}
	source, hash := fileHash(v.layers)
	text := fmt.Sprintf("%s, %s, of %s, band %d (SHA-256 %s…)", what, how, source, v.layers[0].band+1, hash[:16])
	if v.a.Summarise != "" {
		text += fmt.Sprintf("; %s of %s", v.a.Summarise, strings.Join(v.labels(), ", "))
	}
	return text
}

func (v *wardRaster) labels() []string {
	out := make([]string, len(v.layers))
	for i, l := range v.layers {
		out[i] = l.label
	}
	return out
}

// pickStatistic is the value a zone has by the statistic asked for; k is the
// class of a share.
func pickStatistic(z zonal.Zone, statistic string, k int) float64 {
	switch statistic {
	case "sum":
		return z.Sum
	case "min":
		return z.Min
	case "max":
		return z.Max
	case statisticShare:
		return z.Shares[k]
	}
	return z.Mean
}

// summary is the value of ward i by variable k, NaN for none, and of how many
// dates it was made.
func (v *wardRaster) summary(i, k int) (x float64, used int) {
	values := make([]float64, len(v.layers))
	for d := range v.layers {
		values[d] = pickStatistic(v.zones[d][i], v.a.statistic(), k)
	}
	if v.a.Summarise == "" { // of one value every rule makes that value
		return stack.Summarise(values, stack.Mean)
	}
	return stack.Summarise(values, stack.Rule(v.a.Summarise))
}

// ward describes ward i over all dates: the zone with the least cover, why
// there is no value ("" where there is one) and how many dates were used.
func (v *wardRaster) ward(i int) (z zonal.Zone, why string, used int) {
	z = v.zones[0][i]
	for _, zones := range v.zones[1:] {
		if zones[i].Share < z.Share {
			z = zones[i]
		}
	}
	x, used := v.summary(i, 0)
	switch {
	case !math.IsNaN(x):
		return z, "", used
	case used > 0: // a sum that lacks a date
		return z, fmt.Sprintf("no value on %d of %d dates", len(v.layers)-used, len(v.layers)), used
	}
	return z, string(z.Reason), used
}

// report fills in what is known before the wards are walked over.
func (v *wardRaster) report() rasterReport {
	r := rasterReport{Statistic: v.a.statistic(), Rule: string(v.a.rule()), Summarised: v.a.Summarise,
		Raster: v.layers[0].r.Describe(), Files: map[string]string{}, Without: map[string]int{}}
	for _, l := range v.layers {
		r.Files[l.file.name] = l.file.hash
	}
	if v.a.Summarise == "" {
		return r
	}
	r.Dates = v.labels()
	if dates := v.dates(); dates != nil {
		for _, d := range stack.Gaps(dates) {
			r.Gaps = append(r.Gaps, d.String())
		}
	}
	return r
}

// dates are those of the layers; nil where bands without dates are summarised.
func (v *wardRaster) dates() []stack.Date {
	var out []stack.Date
	for _, l := range v.layers {
		if l.date == (stack.Date{}) {
			return nil
		}
		out = append(out, l.date)
	}
	return out
}

// say puts what a person must know into sentences.
func (r rasterReport) say(wards int) []string {
	var out []string
	if len(r.Dates) > 0 {
		what := "date"
		if strings.HasPrefix(r.Dates[0], bandLabel) {
			what = "band"
		}
		out = append(out, fmt.Sprintf("%s of %s: %s", r.Summarised, counted(len(r.Dates), what), strings.Join(r.Dates, ", ")))
		if months := monthsOfYear(r.Dates); r.Summarised == string(stack.Sum) && months > 0 && months < 12 {
			out = append(out, fmt.Sprintf("this is the sum of %d of the 12 months of %s, not of the year", months, r.Dates[0][:4]))
		}
	}
	if len(r.Gaps) > 0 {
		out = append(out, fmt.Sprintf("dates missing in between: %s; nothing stands in for them", strings.Join(r.Gaps, ", ")))
	}
	var reasons []string
	for why := range r.Without {
		reasons = append(reasons, why)
	}
	slices.Sort(reasons)
	for _, why := range reasons {
		out = append(out, fmt.Sprintf("%s of %s without a value: %s", grouped(r.Without[why]), counted(wards, "ward"), why))
	}
	switch {
	case r.Partly == 0:
	case r.Statistic == "sum":
		out = append(out, fmt.Sprintf("%s without a value in the raster on half of the area or more, which adds nothing to the sum: right where that means nobody is there, too little where the raster ends (column covered_share)", counted(r.Partly, "ward")))
	default:
		out = append(out, fmt.Sprintf("%s half covered by the raster or less: their values speak for that part only (column covered_share)", counted(r.Partly, "ward")))
	}
	return out
}

// seemsCount tells by its name a raster whose cells count persons.
func seemsCount(name string) bool {
	return strings.HasPrefix(plain(name), "pop") || strings.Contains(plain(name), "population") || strings.Contains(plain(name), "ppp")
}

// bandLabel begins the label of a band without a date.
const bandLabel = "band "

// monthsOfYear is how many months of one year the dates are, 0 where they are
// no months or of several years.
func monthsOfYear(dates []string) int {
	for _, d := range dates {
		if len(d) != len("2021-10") || d[:4] != dates[0][:4] {
			return 0
		}
	}
	return len(dates)
}
