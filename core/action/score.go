package action

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"chatmrpt/core/problem"
	"chatmrpt/core/score"
	"chatmrpt/core/store"
	"chatmrpt/core/table"
	"chatmrpt/core/workspace"
)

// Score ranks the wards by a composite of variables: gaps filled as chosen and
// marked, every variable on 0 to 1 with 1 the highest risk, one rank per model,
// the median over the models.
type Score struct {
	Vars      []string `param:"vars" help:"variables, as listed by data"`
	Invert    []string `param:"invert" help:"those of them where more means less risk"`
	Impute    string   `param:"impute" choices:"neighbours|lga|none" help:"how gaps are filled"`
	Scale     string   `param:"scale" choices:"minmax|rank" help:"how a variable is put on 0 to 1"`
	Models    string   `param:"models" help:"all, or a CSV file with columns model,variable,weight"`
	Aggregate string   `param:"aggregate" choices:"median-rank|median-score|mean-score" help:"how models are brought together"`
	Ties      string   `param:"ties" choices:"average|file-order" help:"wards of equal value in a model share a rank, or follow the boundary file as the published example did"`
	Category  string   `param:"category" choices:"thirds|none" help:"how ranks become high, medium and low"`
	Insist    bool     `param:"insist" help:"use a variable although over 40 % of it is missing"`

	// File is the content of the models file, kept in the record so that the
	// run can be repeated.
	File []score.Model `json:",omitempty"`
}

// NewScore gives a Score with the published method's choices.
func NewScore() *Score {
	return &Score{
		Impute: string(score.FromNeighbours), Scale: string(score.MinMax), Models: allModels,
		Aggregate: string(score.MedianRank), Ties: string(score.AverageTies), Category: string(score.Thirds),
	}
}

// allModels asks for every combination of two or more variables.
const allModels = "all"

// Check implements Action.
func (a *Score) Check() error {
	if a.Models == allModels && len(a.Vars) == 1 {
		return usage("score", "vars", "one variable makes no composite", "Name at least two")
	}
	if a.Models == allModels && len(a.Vars) > score.MostVariables {
		return usage("score", "vars", fmt.Sprintf("%d variables make too many combinations", len(a.Vars)),
			fmt.Sprintf("Choose at most %d, or give your own models with --models FILE.csv", score.MostVariables))
	}
	return nil
}

// Run implements Action. What it fills in from a file of models goes into the
// record and not into the act, which may be run again with another file.
func (a *Score) Run(ctx context.Context, w *workspace.Workspace, tell Progress) (*Result, error) {
	own := *a
	return own.run(ctx, w, tell)
}

func (a *Score) run(ctx context.Context, w *workspace.Workspace, tell Progress) (*Result, error) {
	started := w.Now()
	f, err := loadFrame(ctx, w, "score")
	if err != nil {
		return nil, err
	}
	c, err := f.loadCatalogue(ctx, w, "score")
	if err != nil {
		return nil, err
	}
	if err := a.readModels(c); err != nil {
		return nil, err
	}
	vars, err := a.choose(c)
	if err != nil {
		return nil, err
	}
	tell("filling gaps", 0, 0)
	p, err := a.prepare(ctx, w, f, vars)
	if err != nil {
		return nil, err
	}
	tell("ranking", 0, 0)
	models, err := a.models(p)
	if err != nil {
		return nil, err
	}
	r, err := score.Rank(ctx, f.keys(), p.scaled, models, score.Options{Aggregate: score.Aggregate(a.Aggregate), Ties: score.Ties(a.Ties), Categories: score.Categories(a.Category)})
	if err != nil {
		return nil, err
	}
	return a.record(ctx, w, f, scored{vars: vars, prepared: p, models: models, ranking: r},
		workspace.Draft{Act: "score", Params: a, Started: started, Notices: slices.Concat(noticesOf(vars...), p.notices, r.Notices)})
}

// readModels reads the user's models, and takes the variables from them when
// none are named.
func (a *Score) readModels(c *catalogue) error {
	if a.Models != allModels && a.File == nil {
		in, err := readFile("score", a.Models)
		if err != nil {
			return err
		}
		if a.File, err = score.ReadModels(bytes.NewReader(in.data)); err != nil {
			return err
		}
		a.Models = in.name
	}
	if len(a.Vars) == 0 {
		for _, m := range a.File {
			for _, t := range m.Terms {
				if !slices.Contains(a.Vars, t.Variable) {
					a.Vars = append(a.Vars, t.Variable)
				}
			}
		}
	}
	if len(a.Vars) == 0 {
		return problem.New(problem.Usage, "score", "", "no variables were chosen",
			"Give --vars with two or more of: "+strings.Join(c.names(), ", "))
	}
	return nil
}

// choose finds the variables and checks that the inverted ones are among them.
func (a *Score) choose(c *catalogue) ([]*variable, error) {
	var out []*variable
	for _, name := range a.Vars {
		v, err := c.find("score", name)
		if err != nil {
			return nil, err
		}
		if slices.Contains(out, v) {
			return nil, usage("score", "vars", name+" is named twice", "Name each variable once")
		}
		out = append(out, v)
	}
	for _, name := range a.Invert {
		if !slices.Contains(a.Vars, name) {
			return nil, usage("score", "invert", name+" is not among the variables", "Invert only what --vars names: "+strings.Join(a.Vars, ", "))
		}
	}
	return out, nil
}

// prepared is the variables with their gaps filled, on 0 to 1.
type prepared struct {
	filled  []*score.Imputation
	scaled  []score.Scaled
	notices []string
}

func (a *Score) prepare(ctx context.Context, w *workspace.Workspace, f *frame, vars []*variable) (*prepared, error) {
	filling := score.Filling{Method: score.Method(a.Impute), Group: f.lgas(), Insist: a.Insist}
	if filling.Method == score.FromNeighbours {
		n, err := f.neighbours(ctx, w)
		if err != nil {
			return nil, err
		}
		filling.Neighbours = n
	}
	p := &prepared{}
	var flat []string
	for i, v := range vars {
		name := a.Vars[i]
		filled, err := score.Impute(ctx, score.Variable{Name: name, Values: v.values, Present: v.present, Inverse: slices.Contains(a.Invert, name)}, filling)
		if err != nil {
			return nil, err
		}
		p.tellGaps(f, name, a.Impute, filled)
		scaled, err := score.Scale(filled.Variable, score.Scaling(a.Scale))
		if errors.Is(err, score.ErrConstant) && a.Models == allModels {
			flat = append(flat, name)
			p.notices = append(p.notices, name+" has one and the same value in every ward and was left out")
			continue
		}
		if err != nil {
			return nil, err
		}
		p.filled = append(p.filled, filled)
		p.scaled = append(p.scaled, scaled)
	}
	if len(flat) > 0 && len(p.filled) < 2 {
		return nil, problem.New(problem.Usage, "score", listed(flat, 3), "one and the same value in every ward, so that fewer than two variables are left",
			"Choose other variables with --vars; see `mrpt data`")
	}
	return p, nil
}

func (p *prepared) tellGaps(f *frame, name, method string, filled *score.Imputation) {
	if n := len(filled.Filled); n > 0 {
		source := map[string]string{"neighbours": "the mean of its observed neighbours", "lga": "the mean of its LGA"}[method]
		p.notices = append(p.notices, fmt.Sprintf("%s: %s without a value, each given %s; marked in every output", name, counted(n, "ward"), source))
	}
	if n := len(filled.Left); n > 0 {
		p.notices = append(p.notices, fmt.Sprintf("%s: %s without a value: %s", name, counted(n, "ward"), listed(f.labels(filled.Left), 5)))
	}
}

func (a *Score) models(p *prepared) ([]score.Model, error) {
	if a.Models != allModels {
		return a.File, nil
	}
	names := make([]string, len(p.scaled))
	for i, s := range p.scaled {
		names[i] = s.Name
	}
	return score.AllSubsets(names)
}

// scored is everything a score run found.
type scored struct {
	vars     []*variable
	prepared *prepared
	models   []score.Model
	ranking  *score.Ranking
}

func (a *Score) record(ctx context.Context, w *workspace.Workspace, f *frame, s scored, draft workspace.Draft) (*Result, error) {
	ranking, err := f.rankingTable(s)
	if err != nil {
		return nil, err
	}
	models, err := modelTable(s.models)
	if err != nil {
		return nil, err
	}
	facts := a.facts(s)
	draft.Inputs = inputsOf(f, s.vars...)
	draft.Summary = facts.summary(f, s.ranking)
	if !slices.ContainsFunc(s.vars, measuresMalaria) {
		draft.Notices = append(draft.Notices, "no variable of this score measures malaria itself; run `mrpt positivity` and add it if you have facility records")
	}
	draft.Outputs = []store.NewDataset{
		{Kind: workspace.KindRanking, Name: "ranking", Table: ranking, Report: facts},
		{Kind: workspace.KindModels, Name: "models", Table: models},
	}
	run, _, err := w.Record(ctx, draft)
	if err != nil {
		return nil, err
	}
	return &Result{
		Run: run.ID.N, Summary: draft.Summary, Notices: draft.Notices, Details: facts,
		Tables: []*table.Table{ranking.Pick(s.ranking.Order), models},
	}, nil
}

// measuresMalaria tells by its role, or else by its name, whether a variable
// counts malaria and not what may favour it.
func measuresMalaria(v *variable) bool {
	if v.role == table.RoleMalaria {
		return true
	}
	name := strings.ToLower(v.name)
	return slices.ContainsFunc([]string{positivityVariable, "tpr", "pfpr", "malaria", "parasite", "burden", "incidence"}, func(word string) bool {
		return strings.Contains(name, word)
	})
}

// scoreFacts is the method of a score run, for the card and for machines.
type scoreFacts struct {
	Variables []scoreVariable `json:"variables"`
	Impute    string          `json:"impute"`
	Scale     string          `json:"scale"`
	Models    int             `json:"models"`
	ModelsBy  string          `json:"models_by"` // "all" or the file's name
	Aggregate string          `json:"aggregate"`
	Ties      string          `json:"ties"`
	Category  string          `json:"category"`
	Ranked    int             `json:"ranked"`
	Unranked  int             `json:"unranked"`
}

// scoreVariable is one variable with its direction and how complete it was.
type scoreVariable struct {
	Name      string  `json:"name"`
	Table     string  `json:"table"`
	Origin    string  `json:"origin"`
	Direction string  `json:"direction"` // "more is riskier" or "less is riskier"
	Min       float64 `json:"min"`
	Max       float64 `json:"max"`
	Observed  int     `json:"observed"`
	Imputed   int     `json:"imputed"`
	Missing   int     `json:"missing"`
}

func (a *Score) facts(s scored) scoreFacts {
	facts := scoreFacts{
		Impute: a.Impute, Scale: a.Scale, Models: len(s.models), ModelsBy: a.Models, Aggregate: a.Aggregate, Ties: a.Ties, Category: a.Category,
		Ranked: s.ranking.Ranked, Unranked: len(s.ranking.Wards) - s.ranking.Ranked,
	}
	for i, scaled := range s.prepared.scaled {
		filled := s.prepared.filled[i]
		from := s.vars[slices.Index(a.Vars, scaled.Name)]
		direction := "more is riskier"
		if scaled.Inverse {
			direction = "less is riskier"
		}
		facts.Variables = append(facts.Variables, scoreVariable{
			Name: scaled.Name, Table: from.table, Origin: from.origin, Direction: direction, Min: scaled.Min, Max: scaled.Max,
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
	return fmt.Sprintf("Ranked %s by %s in %s; highest risk: %s.", counted(s.Ranked, "ward"),
		counted(len(s.Variables), "variable"), counted(s.Models, "model"), listed(top, 3))
}

// rankingTable has one row per ward of the layer, in its order: the figures of
// the terminal contract, then every variable as it went in, imputed values
// marked.
func (f *frame) rankingTable(s scored) (*table.Table, error) {
	rank, median := table.NewNumber("rank"), table.NewNumber("median_rank")
	low, high, value := table.NewNumber("rank_low"), table.NewNumber("rank_high"), table.NewNumber("score")
	mean := table.NewNumber("mean_score")
	category, imputed, reason := table.NewText("category"), table.NewText("imputed"), table.NewText("reason")
	figures := []*table.Column{rank, median, low, high, value, mean}
	for _, ward := range s.ranking.Wards {
		if !ward.Ranked {
			for _, c := range figures {
				c.AppendMissing()
			}
			appendTexts([]*table.Column{category, imputed, reason}, "", "", ward.Reason)
			continue
		}
		for i, v := range []float64{float64(ward.Rank), ward.MedianRank, ward.RankLow, ward.RankHigh, ward.Score, ward.MeanScore} {
			figures[i].AppendNumber(v)
		}
		appendTexts([]*table.Column{category, imputed, reason}, ward.Category, strings.Join(ward.Imputed, ", "), "")
	}
	columns := append(append(f.identity(), figures...), category, imputed, reason)
	for _, filled := range s.prepared.filled {
		columns = append(columns, inputColumn(filled.Variable))
	}
	return table.New("ranking", columns...)
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
