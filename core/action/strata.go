package action

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"chatmrpt/core/problem"
	"chatmrpt/core/store"
	"chatmrpt/core/surveillance/strata"
	"chatmrpt/core/table"
	"chatmrpt/core/workspace"
)

// Strata sorts the wards into classes of how much malaria there is, by the
// cut-offs of WHO, of a country, or the user's own.
type Strata struct {
	Of    string `param:"of" help:"the variable, such as positivity, burden or incidence"`
	Bands string `param:"bands" help:"who-incidence, who-prevalence, tanzania-prevalence, nigeria-positivity, snt-incidence, snt-prevalence, snt-reporting, or fixed:10,20,50"`
}

// Check implements Action.
func (a *Strata) Check() error {
	if a.Of == "" {
		return usage("strata", "of", "no variable was named", "Give --of positivity, burden, incidence or another variable of `mrpt data`")
	}
	if a.Bands == "" {
		return usage("strata", "bands", "the cut-offs must be chosen, because they change the answer", "Give --bands "+strings.Join(strata.Names(), ", ")+", or fixed:10,20,50")
	}
	_, err := strata.Parse(a.Bands)
	return err
}

// Run implements Action.
func (a *Strata) Run(ctx context.Context, w *workspace.Workspace, _ Progress) (*Result, error) {
	started := w.Now()
	f, err := loadFrame(ctx, w, "strata")
	if err != nil {
		return nil, err
	}
	c, err := f.loadCatalogue(ctx, w, "strata")
	if err != nil {
		return nil, err
	}
	v, err := c.find("strata", a.Of)
	if err != nil {
		return nil, err
	}
	scheme, err := strata.Parse(a.Bands)
	if err != nil {
		return nil, err
	}
	factor, notices, err := inUnit(v, scheme)
	if err != nil {
		return nil, err
	}
	t, count, err := f.strataTable(v, scheme, factor)
	if err != nil {
		return nil, err
	}
	notices = append(append([]string{"Strata " + scheme.Words()}, notices...), noticesOf(v)...)
	summary := strataSummary(v, scheme, count)
	facts := strataFacts{Variable: v.table + ": " + v.name, Origin: v.origin, Bands: scheme.Words(), Source: scheme.Source, Wards: count}
	run, _, err := w.Record(ctx, workspace.Draft{
		Act: "strata", Params: a, Started: started, Summary: summary, Notices: notices, Inputs: inputsOf(f, v),
		Outputs: []store.NewDataset{{Kind: workspace.KindStrata, Name: t.Name, Table: t, Report: facts}},
	})
	if err != nil {
		return nil, err
	}
	return &Result{Run: run.ID.N, Summary: summary, Notices: notices, Tables: []*table.Table{sortedBy(t, "value", true)}, Details: facts}, nil
}

// inUnit gives the factor that brings the variable to the scheme's unit, and
// what to say where the two were not made for each other.
func inUnit(v *variable, s strata.Scheme) (factor float64, notices []string, err error) {
	share := v.unit == "share"
	rate := strings.HasPrefix(v.unit, "per 1,000")
	switch {
	case share && s.Unit != strata.PerThousand:
		factor = 100 // cut-offs of a share are in per cent, as on the map
		if s.Unit == strata.AnyUnit {
			notices = append(notices, "The cut-offs are taken in per cent, because "+v.name+" is a share.")
		}
	case s.Unit == strata.Percent && rate, s.Unit == strata.PerThousand && (share || v.unit == string(strata.Percent)):
		return 0, nil, problem.New(problem.Usage, "strata", v.name, fmt.Sprintf("it is in %s, and these strata are in %s", v.unit, s.Unit),
			"Choose strata made for this measure, or a measure made for these strata")
	default:
		factor = 1
		if s.Unit != strata.AnyUnit && !rate && v.unit != string(strata.Percent) {
			notices = append(notices, fmt.Sprintf("Nothing says in what unit %s is; it is taken to be in %s.", v.name, s.Unit))
		}
	}
	if s.Unit != strata.AnyUnit {
		notices = append(notices, fmt.Sprintf("These strata were made for %s; what is sorted is %s (%s).", s.For, v.name, v.origin))
	}
	return factor, notices, nil
}

// strataTable lays the strata out by ward and counts the wards of each.
func (f *frame) strataTable(v *variable, s strata.Scheme, factor float64) (*table.Table, map[string]int, error) {
	value, class, number := table.NewNumber("value"), table.NewText("category"), table.NewNumber("stratum")
	value.Unit, value.Origin = string(s.Unit), v.origin
	switch {
	case factor == 100:
		value.Unit = string(strata.Percent)
	case s.Unit == strata.AnyUnit:
		value.Unit = v.unit
	}
	class.Origin = s.Words()
	number.Origin = "1 is the lowest stratum"
	count := map[string]int{}
	for i := range f.units {
		k, name, ok := 0, "", false
		if v.present[i] {
			k, name, ok = s.Stratum(v.values[i] * factor)
		}
		if !ok {
			value.AppendMissing()
			class.AppendText(noCategory)
			number.AppendMissing()
			count[noCategory]++
			continue
		}
		value.AppendNumber(v.values[i] * factor)
		class.AppendText(name)
		number.AppendNumber(float64(k + 1))
		count[name]++
	}
	cols := append(slices.Clone(f.identity()), value, class, number, repeated("variable", v.table+": "+v.name, len(f.units)), repeated("bands", s.Name, len(f.units)))
	t, err := table.New("strata_"+strings.ReplaceAll(v.name, " ", "_")+"_"+strings.NewReplacer(":", "_", ",", "_").Replace(s.Name), cols...)
	return t, count, err
}

// noCategory is the class of a ward without a value: it is none, not the
// lowest.
const noCategory = "no data"

func strataSummary(v *variable, s strata.Scheme, count map[string]int) string {
	var parts []string
	for i := len(s.Names) - 1; i >= 0; i-- {
		parts = append(parts, fmt.Sprintf("%s %d", s.Names[i], count[s.Names[i]]))
	}
	if n := count[noCategory]; n > 0 {
		parts = append(parts, fmt.Sprintf("%s %d", noCategory, n))
	}
	return fmt.Sprintf("Wards by %s, %s: %s.", v.name, s.Name, strings.Join(parts, ", "))
}

// strataFacts is what strata say of themselves.
type strataFacts struct {
	Variable string         `json:"variable"`
	Origin   string         `json:"origin"`
	Bands    string         `json:"bands"`
	Source   string         `json:"source"`
	Wards    map[string]int `json:"wards"`
}

// Account implements Accountable.
func (a *Strata) Account(facts json.RawMessage) (sentences, citations []string, err error) {
	var f strataFacts
	if err := json.Unmarshal(facts, &f); err != nil {
		return nil, nil, err
	}
	return []string{"Sorted is " + f.Variable + " (" + f.Origin + ").", "Strata " + f.Bands, "A ward without a value is in no stratum."}, nonEmpty(f.Source), nil
}
