package action

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"chatmrpt/core/plan"
	"chatmrpt/core/report"
	"chatmrpt/core/score"
	"chatmrpt/core/score/ahp"
	"chatmrpt/core/surveillance"
	"chatmrpt/core/workspace"
)

// account is how the figures of a run came about, in words, and who described
// the method.
type account struct{ sentences, citations []string }

// Accountable is an act that says how its figures come about. Every act that
// records figures is one; the method card, the report and the terminal all ask
// it and have no words of their own.
type Accountable interface {
	// Account reads the facts a run of the act left with its first result. Each
	// sentence belongs to a choice that was made, so that another choice gives
	// another text.
	Account(facts json.RawMessage) (sentences, citations []string, err error)
}

// The works that several acts rest on.
const (
	citeWilson = "95 % intervals: Wilson score; Newcombe, Statistics in Medicine 17, 1998, 857–872"
	citeKwara  = "Ozodiegwu et al., BMC Global and Public Health 2025, doi 10.1186/s44263-025-00126-0"
	citeJRC    = "Saisana, Saltelli and Tarantola, Journal of the Royal Statistical Society A 168, 2005, 307–323"
	citeOECD   = "OECD and JRC, Handbook on Constructing Composite Indicators, 2008, doi 10.1787/9789264043466-en"
	citeJeff   = "Brown, Cai and DasGupta, Statistical Science 16, 2001, 101–133"
	citeSaaty  = "Saaty, The Analytic Hierarchy Process, 1980"
	citeKaiser = "Kaiser and Rice, Educational and Psychological Measurement 34, 1974, 111–117; Bartlett, British Journal of Psychology, Statistical Section 3, 1950, 77–85"
	citeHorn   = "Horn, Psychometrika 30, 1965, 179–185; Glorfeld, Educational and Psychological Measurement 55, 1995, 377–393"
	citeFisher = "Fisher, Journal of the American Statistical Association 53, 1958, 789–798"
	citeNets   = "WHO, Achieving and maintaining universal coverage with long-lasting insecticidal nets, WHO/HTM/GMP/2017.20"
	citeWHO    = "WHO, Malaria surveillance, monitoring and evaluation: a reference manual, 2018"
)

func (a *account) say(sentence string, citations ...string) {
	a.sentences = append(a.sentences, sentence)
	for _, c := range citations {
		if !slices.Contains(a.citations, c) {
			a.citations = append(a.citations, c)
		}
	}
}

// Account implements Accountable.
func (a *Score) Account(facts json.RawMessage) (sentences, citations []string, err error) {
	var f scoreFacts
	if err := json.Unmarshal(facts, &f); err != nil {
		return nil, nil, err
	}
	words := f.account()
	return words.sentences, words.citations, nil
}

func (f scoreFacts) account() account {
	var out account
	scale := map[string]string{
		"rank":   "Each variable was put on a scale from 0 to 1 by the rank of its value",
		"winsor": "Each variable was put on a scale from 0 to 1 between its 1 % and 99 % quantiles, values beyond drawn in to these",
	}[f.Scale]
	if scale == "" {
		scale = "Each variable was put on a scale from 0 to 1 between its lowest and highest ward"
	}
	out.say(scale + ", turned round where more means less risk, so that 1 is always the highest risk. Gaps were " + gapWords(f.Impute) + "; filled-in values are marked.")
	out.say(f.modelMethod(), citeKwara)
	if f.Combine == string(score.ByGeometric) {
		out.citations = append(out.citations, citeOECD)
	}
	if f.Experts != nil {
		out.say(fmt.Sprintf("The weights are those of experts who compared the variables in pairs: the principal eigenvector of their matrix, consistency ratio %.2f (up to %.1f is taken as consistent).",
			f.Experts.Ratio, ahp.MostRatio), citeSaaty)
	}
	f.categoryMethod(&out)
	f.pcaMethod(&out)
	f.stabilityMethod(&out)
	return out
}

func (f scoreFacts) modelMethod() string {
	models := fmt.Sprintf("Each of the %d combinations of two or more variables is a model with equal weights", f.Models)
	switch {
	case f.Experts != nil:
		models = "One model holds all variables"
	case f.ModelsBy != allModels:
		models = fmt.Sprintf("%d models with the weights of %s were used", f.Models, f.ModelsBy)
	}
	switch score.Combine(f.Combine) {
	case score.BySum:
		models += "; its value is the weighted sum of its variables"
	case score.ByGeometric:
		models += "; its value is the weighted geometric mean of its variables, moved to 0.01 to 1, so that a low one is less made up for by a high one"
	}
	aggregate := map[string]string{
		"median-rank":  "The wards are ranked in every model and ordered by the median of their ranks",
		"median-score": "The wards are ordered by the median of the models' values",
		"mean-score":   "The wards are ordered by the mean of the models' values",
		"borda":        "The wards are ranked in every model and ordered by their Borda count, one point in each model for every ward ranked below",
	}[f.Aggregate]
	s := models + ". " + aggregate + "; rank 1 is the highest risk. "
	if f.Ties == string(score.FileOrder) {
		s += "Wards of one value in a model follow the order of the boundary file, as in the published example. "
	}
	return s + "The method is that of Ozodiegwu et al., BMC Global and Public Health 2025 (doi 10.1186/s44263-025-00126-0), generalised."
}

func (f scoreFacts) categoryMethod(out *account) {
	const rule = " A ward at a cut-off belongs to the higher risk."
	var cuts []string
	for _, c := range f.Cuts {
		cuts = append(cuts, strconv.FormatFloat(c, 'g', 4, 64))
	}
	switch score.Categories(f.Category) {
	case score.Thirds:
		out.say("High, medium and low are the thirds of the ranking, not thresholds of risk." + rule)
	case score.Quantiles:
		out.say("The categories are groups of about equal numbers of wards in the order of the ranking, not thresholds of risk." + rule)
	case score.Natural:
		out.say("The categories are cut where the scores leave gaps, with the least sum of squares within them (exact natural breaks): "+listed(cuts, 4)+"."+rule, citeFisher)
	case score.Fixed:
		out.say("The categories are cut at scores of " + listed(cuts, 4) + ", as the user chose." + rule)
	}
}

func (f scoreFacts) pcaMethod(out *account) {
	p := f.PCA
	switch {
	case p == nil:
	case !p.Suited:
		out.say("Principal components were asked for and not taken: "+p.Reason+".", citeKaiser)
	default:
		by := map[string]string{"kaiser": "have an eigenvalue above 1", "parallel": "have an eigenvalue above the 95 % quantile of random data", "share": "hold the chosen share of the variance"}[p.By]
		what := "the score on the first component"
		if p.Score == "weighted" {
			what = fmt.Sprintf("the scores on the %d components that %s, by their variance", p.Kept, by)
		}
		out.say(fmt.Sprintf("The ranking is by %s of the standardised variables, turned towards risk (KMO %.2f, Bartlett's χ² %.1f with %d degrees of freedom). "+
			"%s hold %s of the variance. Against the composite: Spearman's ρ %.2f, Kendall's τ-b %.2f, %s of the top %d in common.", what, p.KMO, p.ChiSquare, p.Freedom,
			counted(p.Kept, "component"), percent(p.Share), p.Agreements[0].Spearman, p.Agreements[0].Kendall, percent(p.Agreements[0].Overlap), p.Agreements[0].Top), citeKaiser)
		if p.By == "parallel" {
			out.citations = append(out.citations, citeHorn)
		}
	}
}

func (f scoreFacts) stabilityMethod(out *account) {
	s := f.Stability
	if s == nil {
		return
	}
	tests := ""
	cite := []string{citeJRC, citeOECD}
	if len(s.Binomial) > 0 {
		tests = "; the rate of " + listed(s.Binomial, 3) + " from its tests (Jeffreys' posterior)"
		cite = append(cite, citeJeff)
	}
	out.say(fmt.Sprintf("How firm the places are was found by %s random draws (seed %d). Each took %s with replacement; their weights from a Dirichlet distribution around the given ones, "+
		"an equal weight varying by %.0f %% of itself; one of three scalings%s; and for a filled-in value that of one of the wards it came from. The interval of a rank holds %.0f of 100 draws.",
		grouped(s.Draws), s.Seed, counted(s.ModelsPerDraw, "model"), 100*s.Spread, tests, 100*s.Level), cite...)
}

// Account implements Accountable.
func (a *Plan) Account(facts json.RawMessage) (sentences, citations []string, err error) {
	var f planFacts
	if err := json.Unmarshal(facts, &f); err != nil {
		return nil, nil, err
	}
	return []string{f.method()}, []string{citeNets}, nil
}

func (f planFacts) method() string {
	o := f.Options
	s := fmt.Sprintf("The need of a ward is its population divided by %g, rounded up (WHO/HTM/GMP/2017.20). ", o.PersonsPerNet)
	if o.Strategy == plan.Priority {
		s += "The stock goes to the wards in the order of their rank, each in full, until it ends."
	} else {
		s += "Every ward gets the same share of its need, in whole nets by the largest remainder."
	}
	if o.Cap > 0 {
		s += " One ward gets at most " + percent(o.Cap) + " of the stock."
	}
	if o.UrbanThreshold > 0 {
		s += fmt.Sprintf(" Wards that are %g %% urban or more get only what the others leave.", o.UrbanThreshold)
	}
	return s
}

// Account implements Accountable.
func (a *Positivity) Account(facts json.RawMessage) (sentences, citations []string, err error) {
	var f positivityFacts
	if err := json.Unmarshal(facts, &f); err != nil {
		return nil, nil, err
	}
	citations = append(nonEmpty(f.Source), citeWHO)
	if m, ok := surveillance.MeasureOf(f.Measure); ok && m.Share {
		citations = append(citations, citeWilson)
	}
	return append([]string{f.method()}, f.Options...), citations, nil
}

func nonEmpty(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

func (f positivityFacts) method() string {
	if f.Measure == "" || f.Measure == positivityVariable {
		return "The test positivity rate of a ward is the number of positive tests divided by the number of tests, both added up over " +
			"its facilities and months before dividing. A ward without tests has no rate; that is not a rate of nought."
	}
	return titleOf(f.Measure) + " of a ward: " + f.Formula + ". A ward without the data has no figure; that is not a figure of nought."
}

// method is that of every run the report shows.
func (b *brief) method() []string {
	var out []string
	for _, c := range b.counts {
		if s := c.method(); !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	out = append(out, b.facts.account().sentences...)
	if b.plan != nil {
		out = append(out, b.planned.method(), "The map of nets shows classes of about equal count; a value on a bound is in the class below it.")
	}
	return append(out, "Described by: "+strings.Join(b.citations(), "; ")+".")
}

// quality says what was found wrong or missing on the way, as the runs noted
// it.
func (b *brief) quality() []string {
	out := slices.Concat(b.stale, b.ranking.run.Notices)
	out = append(out, b.noted...)
	if b.plan != nil {
		out = append(out, b.plan.run.Notices...)
	}
	return out
}

// sourceFacts names every file the figures rest on, with enough of its hash to
// tell one version from another, and the runs.
func (b *brief) sourceFacts() []report.Fact {
	var out []report.Fact
	for _, d := range b.sources {
		if d.Source == "" {
			continue
		}
		out = append(out, report.Fact{
			Label: d.Source, Value: fmt.Sprintf("%s, version %d, %s, run %d, SHA-256 %s…", d.Kind, d.Version, counted(d.Rows, "row"), d.Run.N, d.SourceHash[:min(16, len(d.SourceHash))]),
		})
	}
	runs := []string{fmt.Sprintf("ranking: run %d", b.ranking.run.ID.N)}
	for _, d := range b.sources {
		if d.Kind == workspace.KindPositivity {
			runs = append(runs, fmt.Sprintf("positivity: run %d", d.Run.N))
		}
	}
	if b.plan != nil {
		runs = append(runs, fmt.Sprintf("net plan: run %d", b.plan.run.ID.N))
	}
	return append(out, report.Fact{Label: "Runs in this profile", Value: strings.Join(runs, ", ")})
}

// citations are those of every run the report shows, each once.
func (b *brief) citations() []string {
	out := slices.Clone(b.facts.account().citations)
	for _, c := range b.counts {
		out = append(out, nonEmpty(c.Source)...)
	}
	if b.plan != nil {
		out = append(out, citeNets)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// limits says what the figures can't.
func (b *brief) limits() []string {
	weights := "The variables count alike in every model"
	if b.facts.ModelsBy != allModels {
		weights = "The variables count with the weights of " + b.facts.ModelsBy
	}
	out := []string{
		"A rank orders the wards of this list; it is not an amount of malaria, and neighbouring ranks may be equal within the uncertainty of the data.",
		weights + " and are taken to act independently and evenly; correlated variables count more than once.",
	}
	if len(b.counts) > 0 {
		out = append(out, "The test positivity rate depends on who comes to be tested and on how complete the reports are; it is not the share of infected people.")
	} else {
		out = append(out, "No variable of this ranking comes from facility records.")
	}
	return out
}
