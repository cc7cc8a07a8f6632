package action

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/paulmach/orb"

	"chatmrpt/core/problem"
	"chatmrpt/core/surveillance/strata"
	"chatmrpt/core/table"
	"chatmrpt/core/workspace"
	"chatmrpt/geo/classify"
	"chatmrpt/geo/scene"
)

// mostClasses is how many classes a legend may have.
const mostClasses = 12

// classRule is how values become classes, as the user wrote it.
type classRule struct {
	method string
	count  int           // of classes, for the methods that take one
	hinge  float64       // for box
	scheme strata.Scheme // for fixed and strata
}

// classHelp is what --classes takes.
const classHelp = "jenks:5 (natural breaks), quantile:5, equal:5, pretty:5, fixed:10,20,50, strata:who-incidence, sd, percentile, box:1.5 or headtail"

// parseClasses reads classHelp.
func parseClasses(s string) (classRule, error) {
	method, rest, given := strings.Cut(s, ":")
	bad := usage("map", "classes", strconv.Quote(s)+" is no way to make classes", "Give "+classHelp)
	r := classRule{method: method}
	switch method {
	case classify.MethodQuantile, classify.MethodEqual, classify.MethodJenks, classify.MethodPretty:
		n, err := strconv.Atoi(rest)
		if err != nil || n < 1 || n > mostClasses {
			return r, bad
		}
		r.count = n
		return r, nil
	case classify.MethodStandardDeviation, classify.MethodPercentile, classify.MethodHeadTail:
		if given {
			return r, bad
		}
		return r, nil
	case classify.MethodBox:
		r.hinge = 1.5
		if given {
			h, err := strconv.ParseFloat(rest, 64)
			if err != nil || !(h > 0) || math.IsInf(h, 1) {
				return r, bad
			}
			r.hinge = h
		}
		return r, nil
	case classify.MethodFixed, methodStrata:
		name := s
		if method == methodStrata {
			name = rest
		}
		var err error
		if r.scheme, err = strata.Parse(name); err != nil {
			return r, usage("map", "classes", strconv.Quote(s)+" makes no classes",
				"Give cut-offs from the smallest to the largest, each once, such as fixed:10,20,50, or strata: and one of "+strings.Join(strata.Names(), ", "))
		}
		if n := len(r.scheme.Cuts); n >= mostClasses {
			return r, usage("map", "classes", fmt.Sprintf("%d bounds make more classes than colours can tell apart", n), fmt.Sprintf("Give at most %d bounds", mostClasses-1))
		}
		return r, nil
	}
	return r, bad
}

// methodStrata takes the cut-offs and names of a known scheme.
const methodStrata = "strata"

// breaks applies the rule. Cut-offs are open at both ends, so that no value
// falls outside the legend.
func (r classRule) breaks(values []float64) (classify.Breaks, error) {
	switch r.method {
	case classify.MethodQuantile:
		return classify.Quantile(values, r.count)
	case classify.MethodEqual:
		return classify.Equal(values, r.count)
	case classify.MethodJenks:
		return classify.Jenks(values, r.count)
	case classify.MethodPretty:
		return classify.Pretty(values, r.count)
	case classify.MethodStandardDeviation:
		return classify.StandardDeviation(values)
	case classify.MethodPercentile:
		return classify.Percentile(values)
	case classify.MethodBox:
		return classify.Box(values, r.hinge)
	case classify.MethodHeadTail:
		return classify.HeadTail(values)
	}
	if len(values) == 0 {
		return classify.Breaks{}, classify.ErrNoValues
	}
	return r.scheme.Breaks()
}

// words says how the classes were made and which of them holds a bound.
func (r classRule) words(b classify.Breaks, values []float64) string {
	how := map[string]string{
		classify.MethodQuantile: "classes of about equal count", classify.MethodEqual: "classes of equal width",
		classify.MethodFixed: "fixed classes", classify.MethodPretty: "classes of round width",
		classify.MethodStandardDeviation: "cut at the mean ± 1 and 2 standard deviations",
		classify.MethodPercentile:        "cut at the percentiles 1, 10, 50, 90 and 99",
		classify.MethodHeadTail:          "head/tail breaks: cut at the mean, then at the mean of what lies above",
	}[r.method]
	switch r.method {
	case classify.MethodBox:
		how = fmt.Sprintf("box map: quarters, and outliers beyond %g times the interquartile range", r.hinge)
	case classify.MethodJenks:
		how = "natural breaks (Fisher–Jenks, exact)"
		if fit := b.GVF(values); !math.IsNaN(fit) {
			how += fmt.Sprintf(", goodness of variance fit %.3f", fit)
		}
	case methodStrata:
		return "Classes: " + r.scheme.Words()
	}
	return "Classes: " + how + ". " + b.Inclusion()
}

// numberStyle is how a number is coloured and labelled.
type numberStyle struct {
	ramp       scene.Ramp
	percent    bool // shown times hundred
	descending bool // the lowest number is the darkest: ranks
}

// classify puts the numbers of c into the classes the user asked for.
func (a *Map) classify(fig *figure, c *table.Column, style numberStyle) error {
	rule, err := parseClasses(a.Classes)
	if err != nil {
		return err
	}
	values, present := make([]float64, c.Len()), make([]bool, c.Len())
	var known []float64
	for i := range values {
		if values[i], present[i] = c.Number(i); present[i] {
			if style.percent {
				values[i] *= 100
			}
			known = append(known, values[i])
		}
	}
	b, err := rule.breaks(known)
	if errors.Is(err, classify.ErrNoValues) {
		return problem.New(problem.NotFound, "map", a.Show, "no ward has a value", "Show something else; `mrpt data` lists what there is")
	}
	if err != nil {
		return usage("map", "classes", err.Error(), "Give other classes, such as quantile:5")
	}
	if b.Len() > mostClasses {
		return usage("map", "classes", fmt.Sprintf("%s makes %d classes of these values, more than colours can tell apart", a.Classes, b.Len()), "Ask for fewer, or give other classes, such as jenks:5")
	}
	if style.descending {
		b.LowerClosed = false // of ranks the lower number is the higher risk, to which a cut-off belongs
	}
	fig.class = b.Classes(values, present)
	if !style.descending { // ranks are whole, and their legend names each
		fig.how = rule.words(b, known)
	}
	if err := fig.colour(b, style); err != nil {
		return err
	}
	if rule.method == methodStrata && !style.descending {
		for i, label := range rule.scheme.Labels() {
			fig.classes[i].Label = label
		}
	}
	return nil
}

// colour makes the legend. For ranks the order of classes is turned round, so
// that the darkest, on top, is the highest risk.
func (g *figure) colour(b classify.Breaks, style numberStyle) error {
	colors, err := style.ramp.Colors(b.Len())
	if err != nil {
		return err
	}
	labels := b.Labels(-1)
	if style.descending {
		labels = rankLabels(b)
	}
	for i := range b.Len() {
		k := i
		if style.descending {
			k = b.Len() - 1 - i
		}
		g.classes = append(g.classes, scene.Class{Label: labels[k], Fill: colors[i]})
	}
	if style.descending {
		for i, c := range g.class {
			if c >= 0 {
				g.class[i] = b.Len() - 1 - c
			}
		}
	}
	return nil
}

// rankLabels writes the classes of ranks as the whole numbers they hold.
func rankLabels(b classify.Breaks) []string {
	out := make([]string, b.Len())
	for i := range out {
		from, to := max(1, math.Floor(b.Bounds[i])+1), math.Floor(b.Bounds[i+1])
		if i == 0 {
			from = max(1, math.Ceil(b.Bounds[0]))
		}
		switch {
		case math.IsInf(to, 1):
			out[i] = fmt.Sprintf("> %.0f", from-1)
		case from > to: // no rank lies between
			out[i] = "–"
		case from == to:
			out[i] = fmt.Sprintf("%.0f", to)
		default:
			out[i] = fmt.Sprintf("%.0f – %.0f", from, to)
		}
	}
	return out
}

// outlines are the borders of the LGAs, where the layer knows them.
func (f *frame) outlines(ctx context.Context, w *workspace.Workspace) ([][]orb.LineString, error) {
	known := false
	for _, u := range f.units {
		known = known || u.LGA != ""
	}
	if !known {
		return nil, nil
	}
	lines, err := workspace.Derived(w, "outlines", f.dataset, func() ([]orb.LineString, error) {
		return scene.GroupBorders(ctx, f.areas, f.groups())
	})
	return [][]orb.LineString{lines}, err
}

// fictionalNote stands on every picture and report of made-up data.
const fictionalNote = "MADE-UP DATA: no real place, person or facility."

// fictional reports whether the boundary layer says of every ward that it is
// made up, as the sample state's does.
func (f *frame) fictional() bool {
	for _, c := range f.table.Columns {
		if c.Kind() != table.Text || c.Len() == 0 || c.CountMissing() > 0 {
			continue
		}
		all := true
		for _, s := range c.Dict() {
			all = all && strings.HasPrefix(strings.ToUpper(s), "FICTIONAL")
		}
		if all {
			return true
		}
	}
	return false
}

// subtitle names the place: the state, or the layer when there are several.
func (f *frame) subtitle() string {
	state := ""
	for _, u := range f.units {
		if u.State != "" && state != "" && u.State != state {
			return f.dataset.Name
		}
		if u.State != "" {
			state = u.State
		}
	}
	if state == "" {
		return f.dataset.Name
	}
	return state + " – " + counted(len(f.units), "ward")
}
