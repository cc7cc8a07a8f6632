package action

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"chatmrpt/core/problem"
	"chatmrpt/core/score"
	"chatmrpt/core/score/ahp"
	"chatmrpt/core/score/stability"
	"chatmrpt/core/workspace"
)

// Score ranks the wards by a composite of variables: gaps filled as chosen and
// marked, every variable on 0 to 1 with 1 the highest risk, one rank per model,
// the models brought together. Beside it can stand principal components and
// how firmly each ward holds its place.
type Score struct {
	Vars      []string `param:"vars" help:"variables, as listed by data"`
	List      string   `param:"list" choices:"zone|mine" help:"take the variables from the list of your zone or from your own, see variables"`
	Invert    []string `param:"invert" help:"those of them where more means less risk, or usual for those that usually are"`
	Impute    string   `param:"impute" choices:"neighbours|lga|state|none" help:"how gaps are filled"`
	Scale     string   `param:"scale" choices:"minmax|rank|winsor" help:"how a variable is put on 0 to 1"`
	Models    string   `param:"models" help:"all, or a CSV file with columns model,variable,weight"`
	Experts   string   `param:"experts" help:"a CSV matrix of pairwise comparisons (AHP) that gives one model its weights"`
	Combine   string   `param:"combine" choices:"mean|sum|geometric" help:"how the variables of a model become its value"`
	Aggregate string   `param:"aggregate" choices:"median-rank|median-score|mean-score|borda" help:"how models are brought together"`
	Ties      string   `param:"ties" choices:"average|file-order" help:"wards of equal value in a model share a rank, or follow the boundary file as the published example did"`
	Category  string   `param:"category" choices:"thirds|quantiles|natural|fixed|none" help:"how wards become high, medium and low; a ward at a cut-off belongs to the higher risk"`
	Cuts      string   `param:"cuts" help:"number of categories for quantiles and natural, cut-offs of the score for fixed, such as 0.4,0.6"`

	Method     string  `param:"method" choices:"composite|pca" help:"pca puts principal components beside the composite"`
	Components string  `param:"components" choices:"kaiser|parallel|share" help:"how many components count: eigenvalue above 1, above that of random data, or a share of the variance"`
	Share      float64 `param:"share" help:"of the variance, for components share"`
	PCAScore   string  `param:"pca-score" choices:"pc1|weighted" help:"the first component, or all that count by their variance"`

	Stability int    `param:"stability" help:"number of random draws that tell how firmly each ward holds its place, such as 1000"`
	Seed      uint64 `param:"seed" help:"of the random draws: the same number gives the same result"`
	Top       int    `param:"top" help:"how many wards are the top; 0 for 20, or a fifth of fewer than 100 wards"`
	Insist    bool   `param:"insist" help:"use a variable although over 40 % of it is missing"`

	// File is the content of the models file, or the model of the experts,
	// kept in the record so that the run can be repeated.
	File []score.Model `json:",omitempty"`
	// Judged is what the experts' comparisons gave.
	Judged *ahp.Weights `json:",omitempty"`
}

// NewScore gives a Score with the published method's choices.
func NewScore() *Score {
	return &Score{
		Impute: string(score.FromNeighbours), Scale: string(score.MinMax), Models: allModels, Combine: string(score.ByMean),
		Aggregate: string(score.MedianRank), Ties: string(score.AverageTies), Category: string(score.Thirds),
		Method: composite, Components: "kaiser", Share: 0.8, PCAScore: "pc1", Seed: 1,
	}
}

const (
	// allModels asks for every combination of two or more variables.
	allModels = "all"
	// composite and byPCA are the methods.
	composite = "composite"
	byPCA     = "pca"
	// usualDirections stands for the variables that usually are inverse.
	usualDirections = "usual"
)

// Check implements Action.
func (a *Score) Check() error {
	if a.Models == allModels && a.Experts == "" && len(a.Vars) == 1 {
		return usage("score", "vars", "one variable makes no composite", "Name at least two")
	}
	if a.Models == allModels && a.Experts == "" && len(a.Vars) > score.MostVariables {
		return usage("score", "vars", fmt.Sprintf("%d variables make too many combinations", len(a.Vars)),
			fmt.Sprintf("Choose at most %d, or give your own models with --models FILE.csv", score.MostVariables))
	}
	if a.Experts != "" && a.Models != allModels && a.File == nil {
		return usage("score", "experts", "the experts' weights are a model of their own", "Leave --models out")
	}
	if len(a.Vars) > 0 && a.List != "" {
		return usage("score", "list", "variables are named as well", "Give either --vars or --list")
	}
	if a.Stability != 0 && (a.Stability < stability.FewestDraws || a.Stability > stability.MostDraws) {
		return usage("score", "stability", fmt.Sprintf("%d draws", a.Stability),
			fmt.Sprintf("Take %d to %d draws, 1000 are usual; leave it out for none", stability.FewestDraws, stability.MostDraws))
	}
	if a.Top < 0 {
		return usage("score", "top", "fewer than no wards", "Give --top a number of wards")
	}
	if a.Components == "share" && !(a.Share > 0 && a.Share <= 1) {
		return usage("score", "share", fmt.Sprintf("%v is no share", a.Share), "Give --share a number above 0 and at most 1, such as 0.8")
	}
	if a.Method == byPCA && a.Stability > 0 {
		return usage("score", "stability", "the draws are of the composite", "Leave --method pca out, or --stability")
	}
	_, err := a.options()
	return err
}

// options puts the choices in the words of the scoring room.
func (a *Score) options() (score.Options, error) {
	o := score.Options{Aggregate: score.Aggregate(a.Aggregate), Combine: score.Combine(a.Combine), Ties: score.Ties(a.Ties), Categories: score.Categories(a.Category)}
	if a.Cuts == "" {
		if o.Categories == score.Fixed {
			return o, usage("score", "cuts", "fixed categories need cut-offs", "Give --cuts, such as 0.4,0.6 of a score or 20,60 of a median rank")
		}
		return o, nil
	}
	switch o.Categories {
	case score.Quantiles, score.Natural:
		n, err := strconv.Atoi(a.Cuts)
		if err != nil || n < 2 || n > score.MostCategories {
			return o, usage("score", "cuts", strconv.Quote(a.Cuts)+" is no number of categories", fmt.Sprintf("Give 2 to %d", score.MostCategories))
		}
		o.Classes = n
	case score.Fixed:
		for part := range strings.SplitSeq(a.Cuts, ",") {
			v, err := strconv.ParseFloat(strings.TrimSpace(part), 64)
			if err != nil {
				return o, usage("score", "cuts", strconv.Quote(part)+" is no cut-off", "Give numbers from the smallest to the largest, such as 0.4,0.6")
			}
			o.Cuts = append(o.Cuts, v)
		}
	default:
		return o, usage("score", "cuts", "categories by "+a.Category+" need none", "Choose --category quantiles, natural or fixed, or leave --cuts out")
	}
	return o, nil
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
	vars, err := a.chooseAll(ctx, w, c)
	if err != nil {
		return nil, err
	}
	tell("filling gaps", 0, 0)
	p, err := a.prepare(ctx, w, f, vars)
	if err != nil {
		return nil, err
	}
	s := &scored{vars: vars, asked: a.Vars, prepared: p}
	if s.models, err = a.models(p); err != nil {
		return nil, err
	}
	tell("ranking", 0, 0)
	if s.options, err = a.options(); err != nil {
		return nil, err
	}
	if s.ranking, err = score.Rank(ctx, f.keys(), p.scaled, s.models, s.options); err != nil {
		return nil, err
	}
	s.contributions = score.Contributions(s.ranking, p.scaled, s.models)
	if err := a.examine(ctx, w, f, s, tell); err != nil {
		return nil, err
	}
	return a.record(ctx, w, f, s, workspace.Draft{
		Act: "score", Params: a, Seed: a.drawnFrom(s), Started: started,
		Notices: slices.Concat(noticesOf(vars...), p.notices, s.ranking.Notices, s.notices, s.directionNotices(), s.malariaNotice(c)),
	})
}

// examine adds what stands beside the ranking: directions and relations of the
// variables, components, stability.
func (a *Score) examine(ctx context.Context, w *workspace.Workspace, f *frame, s *scored, tell Progress) error {
	if err := s.relate(); err != nil {
		return err
	}
	if a.Method == byPCA {
		tell("principal components", 0, 0)
		if err := a.addPCA(ctx, f, s); err != nil {
			return err
		}
	}
	if a.Stability > 0 {
		tell("drawing", 0, 0)
		return a.addStability(ctx, w, f, s)
	}
	return nil
}

// drawnFrom is the seed, if anything was drawn by chance.
func (a *Score) drawnFrom(s *scored) uint64 {
	if s.stability != nil || (s.pca != nil && a.Components == "parallel") {
		return a.Seed
	}
	return 0
}

// chooseAll settles what is scored: the variables of a list, of a file of
// models or of the experts where none are named, and the usual directions
// where these are asked for.
func (a *Score) chooseAll(ctx context.Context, w *workspace.Workspace, c *catalogue) ([]*variable, error) {
	if err := a.readExperts(); err != nil {
		return nil, err
	}
	if err := a.readModels(); err != nil {
		return nil, err
	}
	if err := a.takeList(ctx, w, c); err != nil {
		return nil, err
	}
	if len(a.Vars) == 0 {
		return nil, problem.New(problem.Usage, "score", "", "no variables were chosen",
			"Give --vars with two or more of: "+strings.Join(c.names(), ", ")+"; or --list zone")
	}
	vars, err := a.choose(c)
	if err != nil {
		return nil, err
	}
	return vars, a.settleDirections(vars)
}

// readExperts turns the comparisons into one model.
func (a *Score) readExperts() error {
	if a.Experts == "" || a.File != nil {
		return nil
	}
	in, err := readFile("score", a.Experts)
	if err != nil {
		return err
	}
	c, err := ahp.Read(bytes.NewReader(in.data))
	if err != nil {
		return err
	}
	weights, err := c.Compute()
	if err != nil {
		return err
	}
	model := score.Model{Name: "experts"}
	for i, name := range weights.Names {
		model.Terms = append(model.Terms, score.Term{Variable: name, Weight: weights.Weights[i]})
	}
	a.File, a.Judged, a.Experts, a.Models = []score.Model{model}, &weights, in.name, in.name
	return nil
}

// readModels reads the user's models, and takes the variables from them when
// none are named.
func (a *Score) readModels() error {
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
	if len(a.Vars) > 0 || a.List != "" {
		return nil
	}
	for _, m := range a.File {
		for _, t := range m.Terms {
			if !slices.Contains(a.Vars, t.Variable) {
				a.Vars = append(a.Vars, t.Variable)
			}
		}
	}
	return nil
}

// choose finds the variables.
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
	return out, nil
}
