package presenter

import (
	"math"
	"strconv"

	"chatmrpt/core/action"
	"chatmrpt/core/table"
)

// dash stands where there is no value.
const dash = "–"

// Ranking is the ranking as the window lists it, highest risk first, wards
// without a rank last.
type Ranking struct {
	Rows    []RankRow
	Imputed int  // how many rows have a value that was filled in
	Nets    bool // whether a plan was made from it
}

// RankRow is one ward as the window lists it.
type RankRow struct {
	Rank     string // with a star where a value was filled in
	Ward     string
	LGA      string
	Median   string // median rank over the models
	Middle   string // the middle half of its ranks
	Category string
	Nets     string // allocated; a dash without a plan
}

// Cells gives the row in the order of RankHeadings.
func (r RankRow) Cells() [7]string {
	return [7]string{r.Rank, r.Ward, r.LGA, r.Median, r.Middle, r.Category, r.Nets}
}

// RankHeadings are the headings of the ranking's columns.
func RankHeadings() [7]string {
	return [7]string{"Rank", "Ward", "LGA", "Median rank", "Middle half", "Category", "Nets"}
}

// rankingOf puts a stored ranking, and the plan made from it if there is one,
// into rows. Both have the wards of the boundary layer in its order.
func rankingOf(ranking, plan *table.Table) *Ranking {
	if plan != nil && plan.Rows() != ranking.Rows() {
		plan = nil
	}
	r := &Ranking{Nets: plan != nil}
	imputed := column(ranking, "imputed")
	for _, i := range action.RankOrder(ranking) {
		row := RankRow{
			Rank: wholeNumber(ranking, "rank", i), Ward: text(ranking, "ward", i), LGA: text(ranking, "lga", i),
			Median: figure(ranking, "median_rank", i), Middle: middleHalf(ranking, i),
			Category: capital(text(ranking, "category", i)), Nets: dash,
		}
		if s, ok := imputed.Text(i); ok && s != "" {
			row.Rank += "*"
			r.Imputed++
		}
		if plan != nil {
			row.Nets = wholeNumber(plan, "nets_allocated", i)
		}
		r.Rows = append(r.Rows, row)
	}
	return r
}

// column gives the column of that name, or one that is missing everywhere.
func column(t *table.Table, name string) *table.Column {
	if c, ok := t.Column(name); ok {
		return c
	}
	c := table.NewText(name)
	for range t.Rows() {
		c.AppendMissing()
	}
	return c
}

func text(t *table.Table, name string, i int) string {
	if s := column(t, name).Format(i); s != "" {
		return s
	}
	return dash
}

func middleHalf(t *table.Table, i int) string {
	low, high := figure(t, "rank_low", i), figure(t, "rank_high", i)
	if low == high {
		return low
	}
	return low + " – " + high
}

// wholeNumber writes a count or rank, with commas between thousands.
func wholeNumber(t *table.Table, name string, i int) string {
	v, ok := column(t, name).Number(i)
	if !ok {
		return dash
	}
	return grouped(v)
}

// figure writes a number with at most one decimal.
func figure(t *table.Table, name string, i int) string {
	v, ok := column(t, name).Number(i)
	if !ok {
		return dash
	}
	return strconv.FormatFloat(math.Round(v*10)/10, 'f', -1, 64)
}

// grouped writes a whole number with commas between thousands.
func grouped(v float64) string {
	s := strconv.FormatFloat(math.Round(v), 'f', 0, 64)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
