package action

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"chatmrpt/core/store"
	"chatmrpt/core/surveillance"
	"chatmrpt/core/surveillance/season"
	"chatmrpt/core/table"
	"chatmrpt/core/workspace"
)

// Seasonality finds the busiest months of every unit and whether they make it
// eligible for seasonal chemoprevention under a rule that is always named.
type Seasonality struct {
	Selection
	By     string  `param:"by" choices:"ward|lga|state" help:"units; those above the ward come from sums"`
	Count  string  `param:"count" choices:"cases|tests|fevers" help:"what is counted: positives, persons tested, or persons with fever"`
	Rule   string  `param:"rule" choices:"60in4|60in3|own" help:"60 % of the year in four months, in three, or --share in --months"`
	Share  float64 `param:"share" help:"with --rule own: per cent of the year's count" more:"true"`
	Months int     `param:"months" help:"with --rule own: in how many months in a row" more:"true"`
}

// NewSeasonality gives the rule of WHO's recommendation of 2012.
func NewSeasonality() *Seasonality {
	return &Seasonality{By: byWard, Count: "cases", Rule: "60in4"}
}

// rule is the rule asked for.
func (a *Seasonality) rule() season.Rule {
	switch a.Rule {
	case "60in3":
		return season.Cairns2012()
	case "own":
		return season.Rule{Share: a.Share / 100, Months: a.Months}
	}
	return season.WHO2012()
}

// Check implements Action.
func (a *Seasonality) Check() error {
	if err := a.Selection.check("seasonality"); err != nil {
		return err
	}
	r := a.rule()
	switch {
	case a.Rule != "own" && (a.Share != 0 || a.Months != 0):
		return usage("seasonality", "share", "a share or months are given beside a rule that has its own", "Add --rule own, or leave --share and --months out")
	case !(r.Share > 0 && r.Share <= 1) || r.Months < 1 || r.Months > 12:
		return usage("seasonality", "share", "this makes no rule", "Give --share from above 0 to 100 and --months from 1 to 12, such as --share 60 --months 5")
	}
	return a.query().Check()
}

func (a *Seasonality) query() surveillance.Query {
	s := a.Selection
	if s.Period == "" {
		s.Period = allPeriods
	}
	return s.query(map[string]string{"tests": surveillance.MeasureTesting, "fevers": surveillance.MeasureSuspected, "cases": surveillance.MeasureBurden, "": surveillance.MeasureBurden}[a.Count])
}

// Run implements Action.
func (a *Seasonality) Run(ctx context.Context, w *workspace.Workspace, tell Progress) (*Result, error) {
	started := w.Now()
	f, err := loadFrame(ctx, w, "seasonality")
	if err != nil {
		return nil, err
	}
	in, err := a.read(ctx, w, f, "seasonality", tell)
	if err != nil {
		return nil, err
	}
	cells, err := surveillance.Tabulate(ctx, in.rows, a.query(), surveillance.Monthly)
	if err != nil {
		return nil, err
	}
	g := f.grouping(a.By)
	seasons := a.examine(g.cells(cells), g)
	t, err := a.table(g, seasons, cells)
	if err != nil {
		return nil, err
	}
	notices := append(slices.Clone(cells.Notices),
		"Rule: "+a.rule().String()+", of the mean year. WHO's recommendation of 2012 named about 60 % in four months, the map of Cairns et al. 2012 60 % in three; WHO removed the strict threshold in 2022.",
		fmt.Sprintf("steady: at least half of the years have a block of months with the rule's share of the twelve months that begin with it; told from %d months of data on.", season.LeastMonths),
		"Months are taken as counted: a month with few reports looks like a month with few cases.")
	summary := a.summary(g, seasons, cells)
	facts := seasonFacts{Query: cells.Query, Words: cells.Query.String(), Rule: a.rule().String(), Count: a.Count, By: g.by, Periods: cells.Found}
	run, _, err := w.Record(ctx, workspace.Draft{
		Act: "seasonality", Params: a, Started: started, Summary: summary, Notices: notices, Inputs: []store.Dataset{f.dataset, in.dataset, in.match},
		Outputs: []store.NewDataset{{Kind: workspace.KindSeason, Name: t.Name, Table: t, Report: facts}},
	})
	if err != nil {
		return nil, err
	}
	return &Result{Run: run.ID.N, Summary: summary, Notices: notices, Tables: []*table.Table{sortedBy(t, "value", true)}, Details: facts}, nil
}

// examine gives the season of every unit.
func (a *Seasonality) examine(cells *surveillance.Cells, g grouping) []season.Season {
	out := make([]season.Season, g.len())
	for i := range out {
		var counts []season.Count
		for p, name := range cells.Periods {
			if w := cells.Wards[p][i]; w.HasData {
				counts = append(counts, season.Count{Month: surveillance.MonthNumber(name), Cases: w.Numerator})
			}
		}
		out[i] = season.Of(counts, a.rule())
	}
	return out
}

func (a *Seasonality) table(g grouping, seasons []season.Season, cells *surveillance.Cells) (*table.Table, error) {
	period := table.NewText("period")
	value, onset, eligible := table.NewNumber("value"), table.NewText("onset"), table.NewText("eligible")
	months, years, seasonal, steady := table.NewNumber("n_months"), table.NewNumber("n_years"), table.NewNumber("years_seasonal"), table.NewText("steady")
	value.Unit = "share"
	value.Origin = fmt.Sprintf("largest share of the mean year's count in %d months in a row", a.rule().Months)
	eligible.Origin = a.rule().String()
	for _, s := range seasons {
		period.AppendText(periodWords(cells.Periods))
		months.AppendNumber(float64(s.Months))
		years.AppendNumber(float64(s.Years))
		seasonal.AppendNumber(float64(s.Seasonal))
		steady.AppendText(verdictWords(s.Steady, s.Judged, fmt.Sprintf("fewer than %d months", season.LeastMonths)))
		eligible.AppendText(verdictWords(s.Meets, s.Known, "unknown"))
		if !s.Known {
			value.AppendMissing()
			onset.AppendMissing()
			continue
		}
		value.AppendNumber(s.Share)
		onset.AppendText(monthWords(s.Onset))
	}
	cols := append(slices.Clone(g.ids), period, value, onset, eligible, months, years, seasonal, steady)
	for _, c := range [][2]string{{"rule", a.rule().String()}, {"count", a.Count}, {"level", a.Level}, {"age", a.Age}, {"test", a.Test}} {
		cols = append(cols, repeated(c[0], c[1], len(seasons)))
	}
	return table.New(seriesName("seasonality_"+a.Count, cells.Query, g.by, ""), cols...)
}

func verdictWords(yes, known bool, otherwise string) string {
	if !known {
		return otherwise
	}
	return yesNo(yes)
}

func monthWords(m int) string {
	return [12]string{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"}[m-1]
}

func (a *Seasonality) summary(g grouping, seasons []season.Season, cells *surveillance.Cells) string {
	eligible, known := 0, 0
	for _, s := range seasons {
		if s.Known {
			known++
			if s.Meets {
				eligible++
			}
		}
	}
	return fmt.Sprintf("Seasonality of %s, %s: %s of %s with data in every month of the year meet the rule (%s).",
		a.Count, periodWords(cells.Periods), grouped(eligible), g.words(known), a.rule())
}

// seasonFacts is what a seasonality says of itself.
type seasonFacts struct {
	Query   surveillance.Query `json:"query"`
	Words   string             `json:"words"`
	Rule    string             `json:"rule"`
	Count   string             `json:"count"`
	By      string             `json:"by"`
	Periods []string           `json:"periods"`
}

// Account implements Accountable.
func (a *Seasonality) Account(facts json.RawMessage) (sentences, citations []string, err error) {
	var f seasonFacts
	if err := json.Unmarshal(facts, &f); err != nil {
		return nil, nil, err
	}
	return []string{
			fmt.Sprintf("Counted are %s of each month (%s).", f.Count, f.Words),
			"A unit is eligible when its mean year holds " + f.Rule + ", across the turn of the year too; a calendar month that never has data leaves it unknown.",
			fmt.Sprintf("It is steady when that holds for at least half of its years, told from %d months of data on.", season.LeastMonths),
		}, []string{
			"WHO policy recommendation: seasonal malaria chemoprevention, 2012; WHO guidelines for malaria, 2022, without a strict threshold",
			"Cairns et al., Nature Communications 3, 2012, 881",
		}, nil
}
