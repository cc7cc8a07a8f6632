package action

import (
	"context"
	"fmt"
	"strings"

	"chatmrpt/core/score"
	"chatmrpt/core/score/ahp"
	"chatmrpt/core/score/direction"
	"chatmrpt/core/score/stability"
	"chatmrpt/core/store"
	"chatmrpt/core/table"
	"chatmrpt/core/workspace"
)

// scored is everything a score run found.
type scored struct {
	vars          []*variable
	asked         []string // their names as the user gave them
	prepared      *prepared
	options       score.Options
	models        []score.Model
	ranking       *score.Ranking // of the composite
	contributions []score.Contribution
	relations     []relation
	pca           *components
	stability     *stability.Result
	leftOut       []leftOut
	notices       []string
}

// final is the ranking that is handed on: that of the components where they
// were asked for and the data suit them, else that of the composite.
func (s *scored) final() *score.Ranking {
	if s.pca != nil && s.pca.ranking != nil {
		return s.pca.ranking
	}
	return s.ranking
}

// results are the tables of a score run, in the order in which they are shown.
func (s *scored) results(f *frame) (ranking *table.Table, outputs []store.NewDataset, err error) {
	add := func(kind string, t *table.Table, e error) {
		if err == nil {
			err = e
		}
		outputs = append(outputs, store.NewDataset{Kind: kind, Name: kind, Table: t})
	}
	ranking, err = f.rankingTable(s)
	add(workspace.KindRanking, ranking, err)
	t, e := s.directionTable()
	add(workspace.KindDirections, t, e)
	if s.pca != nil && s.pca.ranking != nil {
		t, e = s.pca.componentTable()
		add(workspace.KindComponents, t, e)
		t, e = agreementTable(s.pca.agreements)
		add(workspace.KindAgreement, t, e)
	}
	if s.stability != nil {
		t, e = s.leaveOutTable(f)
		add(workspace.KindLeaveOut, t, e)
	}
	t, e = s.contributionTable(f)
	add(workspace.KindContributions, t, e)
	t, e = modelTable(s.models)
	add(workspace.KindModels, t, e)
	return ranking, outputs, err
}

func (a *Score) record(ctx context.Context, w *workspace.Workspace, f *frame, s *scored, draft workspace.Draft) (*Result, error) {
	ranking, outputs, err := s.results(f)
	if err != nil {
		return nil, err
	}
	facts := a.facts(s)
	outputs[0].Report = facts
	draft.Inputs = inputsOf(f, s.vars...)
	draft.Summary = facts.summary(f, s.final()) + s.firmWords()
	draft.Outputs = outputs
	if a.Judged != nil && !a.Judged.Consistent() {
		draft.Notices = append(draft.Notices, fmt.Sprintf("the experts' comparisons contradict each other: consistency ratio %.2f, above %.1f; ask them again", a.Judged.Ratio, ahp.MostRatio))
	}
	run, _, err := w.Record(ctx, draft)
	if err != nil {
		return nil, err
	}
	tables := []*table.Table{ranking.Pick(s.final().Order)}
	for _, o := range outputs[1:] {
		if o.Kind != workspace.KindContributions {
			tables = append(tables, o.Table)
		}
	}
	if s.pca != nil {
		t, err := s.pca.suitabilityTable()
		if err != nil {
			return nil, err
		}
		tables = append(tables, t)
	}
	return &Result{Run: run.ID.N, Summary: draft.Summary, Notices: draft.Notices, Details: facts, Tables: tables}, nil
}

// scoreFacts is the method of a score run, for the card and for machines.
type scoreFacts struct {
	Variables []scoreVariable `json:"variables"`
	Impute    string          `json:"impute"`
	Scale     string          `json:"scale"`
	Models    int             `json:"models"`
	ModelsBy  string          `json:"models_by"` // "all" or the file's name
	Combine   string          `json:"combine"`
	Aggregate string          `json:"aggregate"`
	Ties      string          `json:"ties"`
	Category  string          `json:"category"`
	Cuts      []float64       `json:"cuts,omitempty"` // of the score, riskiest first
	Ranked    int             `json:"ranked"`
	Unranked  int             `json:"unranked"`
	Method    string          `json:"method"`   // "composite", or "pca" when it was asked for and the data suit it
	Interval  string          `json:"interval"` // what rank_low and rank_high are
	Experts   *ahp.Weights    `json:"experts,omitempty"`
	PCA       *pcaFacts       `json:"pca,omitempty"`
	Stability *stabilityFacts `json:"stability,omitempty"`
}

// scoreVariable is one variable with its direction and how complete it was.
type scoreVariable struct {
	Name      string  `json:"name"`
	Table     string  `json:"table"`
	Origin    string  `json:"origin"`
	Direction string  `json:"direction"` // "more is riskier" or "less is riskier"
	Why       string  `json:"why"`
	Source    string  `json:"direction_source"`
	Malaria   bool    `json:"malaria"` // it measures malaria itself
	Min       float64 `json:"min"`
	Max       float64 `json:"max"`
	Observed  int     `json:"observed"`
	Imputed   int     `json:"imputed"`
	Missing   int     `json:"missing"`
}

func (a *Score) facts(s *scored) scoreFacts {
	facts := scoreFacts{
		Impute: a.Impute, Scale: a.Scale, Models: len(s.models), ModelsBy: a.Models, Combine: a.Combine, Aggregate: a.Aggregate, Ties: a.Ties,
		Category: a.Category, Cuts: s.final().Cuts.Bounds(), Ranked: s.ranking.Ranked, Unranked: len(s.ranking.Wards) - s.ranking.Ranked,
		Method: composite, Interval: "middle half of the ranks over the models", Experts: a.Judged, PCA: a.pcaFacts(s.pca), Stability: s.stabilityFacts(),
	}
	if s.final() != s.ranking {
		facts.Method = byPCA
	}
	if s.stability != nil {
		facts.Interval = fmt.Sprintf("%.0f of 100 of %s draws", 100*s.stability.Options.Level, grouped(s.stability.Options.Draws))
	}
	for i, scaled := range s.prepared.scaled {
		filled := s.prepared.filled[i]
		from := s.variable(scaled.Name)
		why, source := reasonFor(from, scaled.Inverse)
		facts.Variables = append(facts.Variables, scoreVariable{
			Name: scaled.Name, Table: from.table, Origin: from.origin, Direction: direction.Words(scaled.Inverse), Why: why, Source: source,
			Malaria: measuresMalaria(from), Min: scaled.Min, Max: scaled.Max,
			Observed: from.count(), Imputed: len(filled.Filled), Missing: len(filled.Left),
		})
	}
	return facts
}

func (s scoreFacts) summary(f *frame, r *score.Ranking) string {
	var top []string
	for _, i := range r.Order[:min(3, r.Ranked)] {
		top = append(top, f.label(i))
	}
	by := fmt.Sprintf("%s in %s", counted(len(s.Variables), "variable"), counted(s.Models, "model"))
	if s.Method == byPCA {
		by = "principal components of " + counted(len(s.Variables), "variable")
	}
	return fmt.Sprintf("Ranked %s by %s; highest risk: %s.", counted(s.Ranked, "ward"), by, listed(top, 3))
}

// firmWords says how many of the wards at the top are there in most draws.
func (s *scored) firmWords() string {
	if s.stability == nil {
		return ""
	}
	o, firm, there := s.stability.Options, 0, 0
	for i, w := range s.ranking.Wards {
		if w.Ranked && w.Rank <= o.Top {
			there++
			if s.stability.Wards[i].Top >= 0.8 {
				firm++
			}
		}
	}
	return fmt.Sprintf(" Of the %s at the top, %d stay there in at least 80 of 100 draws.", counted(there, "ward"), firm)
}

// rankingTable has one row per ward of the layer, in its order: the figures of
// the terminal contract, then how firm the place is, then the other method
// where there are two, then every variable as it went in, imputed values
// marked.
func (f *frame) rankingTable(s *scored) (*table.Table, error) {
	rank, median := table.NewNumber("rank"), table.NewNumber("median_rank")
	low, high, value := table.NewNumber("rank_low"), table.NewNumber("rank_high"), table.NewNumber("score")
	mean := table.NewNumber("mean_score")
	category, imputed, reason := table.NewText("category"), table.NewText("imputed"), table.NewText("reason")
	figures := []*table.Column{rank, median, low, high, value, mean}
	for i, ward := range s.ranking.Wards {
		if !ward.Ranked {
			for _, c := range figures {
				c.AppendMissing()
			}
			appendTexts([]*table.Column{category, imputed, reason}, "", "", ward.Reason)
			continue
		}
		final := s.final().Wards[i]
		from, to := ward.RankLow, ward.RankHigh
		if s.stability != nil {
			from, to = float64(s.stability.Wards[i].Low), float64(s.stability.Wards[i].High)
		}
		for k, v := range []float64{float64(final.Rank), ward.MedianRank, from, to, final.Score, ward.MeanScore} {
			figures[k].AppendNumber(v)
		}
		appendTexts([]*table.Column{category, imputed, reason}, final.Category, strings.Join(ward.Imputed, ", "), "")
	}
	columns := append(append(f.identity(), figures...), category, imputed, reason)
	columns = append(columns, s.stabilityColumns()...)
	columns = append(columns, s.besideColumns()...)
	for _, filled := range s.prepared.filled {
		columns = append(columns, inputColumn(filled.Variable))
	}
	return table.New("ranking", columns...)
}

// besideColumns put the composite and the components side by side.
func (s *scored) besideColumns() []*table.Column {
	if s.pca == nil || s.pca.ranking == nil {
		return nil
	}
	score, pcaRank := table.NewNumber("pca_score"), table.NewNumber("pca_rank")
	rank, figure, difference := table.NewNumber("composite_rank"), table.NewNumber("composite_score"), table.NewNumber("rank_difference")
	all := []*table.Column{score, pcaRank, rank, figure, difference}
	for i, w := range s.ranking.Wards {
		if !w.Ranked {
			for _, c := range all {
				c.AppendMissing()
			}
			continue
		}
		one := s.pca.ranking.Wards[i]
		for k, v := range []float64{s.pca.scores[i], float64(one.Rank), float64(w.Rank), w.Score, float64(one.Rank - w.Rank)} {
			all[k].AppendNumber(v)
		}
	}
	return all
}

// inputColumn is a variable as it went into the score.
func inputColumn(v score.Variable) *table.Column {
	c := table.NewNumber("input_" + v.Name)
	c.Role = table.RoleVariable
	for i, present := range v.Present {
		switch {
		case !present:
			c.AppendMissing()
		case v.Imputed != nil && v.Imputed[i]:
			c.AppendImputed(v.Values[i])
		default:
			c.AppendNumber(v.Values[i])
		}
	}
	return c
}

func modelTable(models []score.Model) (*table.Table, error) {
	model, name, weight := table.NewText("model"), table.NewText("variable"), table.NewNumber("weight")
	for _, m := range models {
		for _, t := range m.Terms {
			model.AppendText(m.Name)
			name.AppendText(t.Variable)
			weight.AppendNumber(t.Weight)
		}
	}
	return table.New("models", model, name, weight)
}
