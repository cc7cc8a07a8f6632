package action

import (
	"context"
	"errors"
	"fmt"

	"chatmrpt/core/score"
	"chatmrpt/core/score/agree"
	"chatmrpt/core/score/pca"
	"chatmrpt/core/table"
)

// components is what the principal components of a score run gave.
type components struct {
	suited     pca.Suitability
	names      []string
	all        []pca.Component
	random     []float64 // eigenvalues of random data, for the parallel analysis
	kept       int
	scores     []float64      // by ward; read only where the ranking has the ward
	ranking    *score.Ranking // by those scores; nil when the data are not suited
	agreements []agreement
}

// agreement is how far two ways to rank agree.
type agreement struct {
	With     string  `json:"with"`
	Spearman float64 `json:"spearman"`
	Kendall  float64 `json:"kendall_tau_b"`
	Top      int     `json:"top"`
	Overlap  float64 `json:"top_overlap"`
}

// agreementOf compares the ranks of the wards that both rankings rank.
func agreementOf(with string, a, b *score.Ranking, top int) agreement {
	x, y := commonRanks(a, b)
	return agreement{With: with, Spearman: agree.Spearman(x, y), Kendall: agree.Kendall(x, y), Top: top, Overlap: agree.Overlap(x, y, top)}
}

func commonRanks(a, b *score.Ranking) (x, y []float64) {
	for i, w := range a.Wards {
		if w.Ranked && b.Wards[i].Ranked {
			x, y = append(x, float64(w.Rank)), append(y, float64(b.Wards[i].Rank))
		}
	}
	return x, y
}

// addPCA takes principal components of the filled-in variables where that is
// allowed, ranks by them, and compares. Where it is not, the composite stands
// alone and the reason is said.
func (a *Score) addPCA(ctx context.Context, f *frame, s *scored) error {
	d, err := s.data()
	if errors.Is(err, pca.ErrConstant) || (err == nil && d == nil) {
		s.notices = append(s.notices, "no principal components: the ranked wards do not differ in two variables or more. The ranking is the composite")
		return nil
	}
	if err != nil {
		return err
	}
	c := &components{suited: d.Suitability(), names: d.Names}
	s.pca = c
	if !c.suited.Suited {
		s.notices = append(s.notices, "no principal components: "+c.suited.Reason+". The ranking is the composite")
		return nil
	}
	if c.all, err = d.Components(); err != nil {
		return err
	}
	if c.kept, err = a.count(ctx, d, c); err != nil {
		return err
	}
	dense := d.Scores(c.all[0])
	if a.PCAScore == "weighted" {
		dense = d.Weighted(c.all, c.kept)
	}
	return a.rankByPCA(ctx, f, s, dense)
}

// count decides how many components count.
func (a *Score) count(ctx context.Context, d *pca.Data, c *components) (int, error) {
	switch a.Components {
	case "share":
		return pca.ByShare(c.all, a.Share), nil
	case "parallel":
		var err error
		if c.random, err = d.Parallel(ctx, a.Seed); err != nil {
			return 0, err
		}
		return pca.ByParallel(c.all, c.random), nil
	}
	return pca.Kaiser(c.all), nil
}

// rankByPCA ranks by the component scores, which are put on 0 to 1 like the
// composite so that categories are made alike.
func (a *Score) rankByPCA(ctx context.Context, f *frame, s *scored, dense []float64) error {
	v := score.Variable{Name: "pca", Values: make([]float64, len(s.ranking.Wards)), Present: make([]bool, len(s.ranking.Wards))}
	next := 0
	for i, w := range s.ranking.Wards {
		if w.Ranked {
			v.Values[i], v.Present[i] = dense[next], true
			next++
		}
	}
	scaled, err := score.Scale(v, score.MinMax)
	if err != nil {
		return err
	}
	o := s.options
	o.Aggregate = score.MeanScore
	one := []score.Model{{Name: "pca", Terms: []score.Term{{Variable: "pca", Weight: 1}}}}
	r, err := score.Rank(ctx, f.keys(), []score.Scaled{scaled}, one, o)
	if err != nil {
		return err
	}
	s.pca.scores, s.pca.ranking = v.Values, r
	s.pca.agreements = []agreement{agreementOf("composite", r, s.ranking, s.top(a.Top))}
	return nil
}

// pcaFacts is what a result says of its components.
type pcaFacts struct {
	Suited     bool        `json:"suited"`
	Reason     string      `json:"reason,omitempty"`
	KMO        float64     `json:"kmo"`
	ChiSquare  float64     `json:"bartlett_chi_square"`
	Freedom    int         `json:"bartlett_df"`
	LogP       float64     `json:"bartlett_log_p"`
	By         string      `json:"components_by"`
	Kept       int         `json:"components"`
	Share      float64     `json:"share"` // of the variance in what counts
	Score      string      `json:"score"`
	Agreements []agreement `json:"agreement,omitempty"`
}

func (a *Score) pcaFacts(c *components) *pcaFacts {
	if c == nil {
		return nil
	}
	f := &pcaFacts{
		Suited: c.suited.Suited, Reason: c.suited.Reason, KMO: c.suited.KMO, ChiSquare: c.suited.ChiSquare, Freedom: c.suited.Freedom, LogP: c.suited.LogP,
		By: a.Components, Kept: c.kept, Score: a.PCAScore, Agreements: c.agreements,
	}
	for _, one := range c.all[:c.kept] {
		f.Share += one.Share
	}
	return f
}

// componentTable shows eigenvalues (the scree) and loadings, one line a
// component.
func (c *components) componentTable() (*table.Table, error) {
	name := table.NewText("component")
	value, share, total := table.NewNumber("eigenvalue"), table.NewNumber("share"), table.NewNumber("cumulative_share")
	random, counts := table.NewNumber("random_eigenvalue"), table.NewText("counts")
	columns := []*table.Column{name, value, share, total}
	if c.random != nil {
		columns = append(columns, random)
	}
	columns = append(columns, counts)
	loadings := make([]*table.Column, len(c.names))
	for k, v := range c.names {
		loadings[k] = table.NewNumber("loading_" + v)
	}
	sum := 0.0
	for i, one := range c.all {
		sum += one.Share
		name.AppendText(fmt.Sprintf("PC%d", i+1))
		value.AppendNumber(one.Eigenvalue)
		share.AppendNumber(one.Share)
		total.AppendNumber(sum)
		if c.random != nil {
			random.AppendNumber(c.random[i])
		}
		counts.AppendText(map[bool]string{true: "yes", false: "no"}[i < c.kept])
		for k, l := range one.Loadings {
			loadings[k].AppendNumber(l)
		}
	}
	return table.New("components", append(columns, loadings...)...)
}

// suitabilityTable shows the measure of sampling adequacy of each variable and
// of all.
func (c *components) suitabilityTable() (*table.Table, error) {
	name, kmo := table.NewText("variable"), table.NewNumber("kmo")
	name.AppendText("all")
	kmo.AppendNumber(c.suited.KMO)
	for k, v := range c.names {
		name.AppendText(v)
		if k < len(c.suited.PerVariable) {
			kmo.AppendNumber(c.suited.PerVariable[k])
		} else {
			kmo.AppendMissing()
		}
	}
	return table.New("suitability", name, kmo)
}

func agreementTable(list []agreement) (*table.Table, error) {
	with := table.NewText("with")
	rho, tau, top, overlap := table.NewNumber("spearman"), table.NewNumber("kendall_tau_b"), table.NewNumber("top"), table.NewNumber("top_overlap")
	for _, a := range list {
		with.AppendText(a.With)
		for _, cell := range []struct {
			c *table.Column
			v float64
		}{{rho, a.Spearman}, {tau, a.Kendall}, {top, float64(a.Top)}, {overlap, a.Overlap}} {
			appendFinite(cell.c, cell.v)
		}
	}
	return table.New("agreement", with, rho, tau, top, overlap)
}
