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
	count  int       // of classes, for quantile and equal
	bounds []float64 // for fixed
}

// parseClasses reads quantile:5, equal:5 or fixed:10,20,50.
func parseClasses(s string) (classRule, error) {
	method, rest, _ := strings.Cut(s, ":")
	bad := usage("map", "classes", strconv.Quote(s)+" is no way to make classes", "Give quantile:5, equal:5 or fixed:10,20,50")
	r := classRule{method: method}
	switch method {
	case classify.MethodQuantile, classify.MethodEqual:
		n, err := strconv.Atoi(rest)
		if err != nil || n < 1 || n > mostClasses {
			return r, bad
		}
		r.count = n
		return r, nil
	case classify.MethodFixed:
		for _, part := range strings.Split(rest, ",") {
			v, err := strconv.ParseFloat(strings.TrimSpace(part), 64)
			if err != nil {
				return r, bad
			}
			r.bounds = append(r.bounds, v)
		}
		return r, r.checkBounds()
	}
	return r, bad
}

// checkBounds refuses what makes no classes, before anything is drawn.
func (r classRule) checkBounds() error {
	for i, b := range r.bounds {
		if math.IsNaN(b) || math.IsInf(b, 0) || (i > 0 && b <= r.bounds[i-1]) {
			return usage("map", "classes", "the bounds are not numbers that grow", "Give them from the smallest to the largest, each once, such as fixed:10,20,50")
		}
	}
	if len(r.bounds) >= mostClasses {
		return usage("map", "classes", fmt.Sprintf("%d bounds make more classes than colours can tell apart", len(r.bounds)), fmt.Sprintf("Give at most %d bounds", mostClasses-1))
	}
	return nil
}

// breaks applies the rule. Fixed bounds are open at both ends, so that no
// value falls outside the legend.
func (r classRule) breaks(values []float64) (classify.Breaks, error) {
	switch r.method {
	case classify.MethodQuantile:
		return classify.Quantile(values, r.count)
	case classify.MethodEqual:
		return classify.Equal(values, r.count)
	}
	return classify.Fixed(append(append([]float64{math.Inf(-1)}, r.bounds...), math.Inf(1))...)
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
	fig.class = b.Classes(values, present)
	return fig.colour(b, style)
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
