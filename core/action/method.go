package action

import (
	"fmt"
	"slices"
	"strings"

	"chatmrpt/core/plan"
	"chatmrpt/core/report"
	"chatmrpt/core/score"
	"chatmrpt/core/workspace"
)

// method says in words how the figures came about; each sentence belongs to a
// choice that was made, so that another choice prints another text.
func (b *brief) method() []string {
	var out []string
	if len(b.counts) > 0 {
		out = append(out, "The test positivity rate of a ward is the number of positive tests divided by the number of tests, both added up over "+
			"its facilities and months before dividing. A ward without tests has no rate; that is not a rate of nought.")
	}
	scale := "Each variable was put on a scale from 0 to 1 between its lowest and highest ward"
	if b.facts.Scale == "rank" {
		scale = "Each variable was put on a scale from 0 to 1 by the rank of its value"
	}
	out = append(out, scale+", turned round where more means less risk, so that 1 is always the highest risk. Gaps were "+gapWords(b.facts.Impute)+
		"; filled-in values are marked.")
	out = append(out, b.modelMethod())
	if b.plan != nil {
		out = append(out, b.planMethod(), "The map of nets shows classes of about equal count; a value on a bound is in the class below it.")
	}
	return out
}

func (b *brief) modelMethod() string {
	models := fmt.Sprintf("Each of the %d combinations of two or more variables is a model with equal weights", b.facts.Models)
	if b.facts.ModelsBy != allModels {
		models = fmt.Sprintf("%d models with the weights of %s were used", b.facts.Models, b.facts.ModelsBy)
	}
	aggregate := map[string]string{
		"median-rank":  "The wards are ranked in every model and ordered by the median of their ranks",
		"median-score": "The wards are ordered by the median of the models' values",
		"mean-score":   "The wards are ordered by the mean of the models' values",
	}[b.facts.Aggregate]
	s := models + ". " + aggregate + "; rank 1 is the highest risk. "
	if b.facts.Ties == string(score.FileOrder) {
		s += "Wards of one value in a model follow the order of the boundary file, as in the published example. "
	}
	s += "The method is that of Ozodiegwu et al., BMC Global and Public Health 2025 (doi 10.1186/s44263-025-00126-0), generalised."
	if b.facts.Category == string(score.Thirds) {
		s += " High, medium and low are the thirds of the ranking, not thresholds of risk."
	}
	return s
}

func (b *brief) planMethod() string {
	o := b.planned.Options
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
