package action

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"

	"chatmrpt/core/workspace"
	"chatmrpt/geo/weights"
)

// Nearness says which wards are neighbours and what they count.
type Nearness struct {
	Weights     string  `param:"weights" help:"queen, queen:2 (up to second order), rook, knn:6, distance:30 (km), inverse:30 (km), kernel:gaussian:8 (nearest) or kernel:gaussian:30km"`
	Tolerance   float64 `param:"tolerance" help:"with queen and rook: metres by which borders may miss one another and still touch; 0 for two millimetres" more:"true"`
	Standardise string  `param:"standardise" choices:"rows|none|globally|unity|variance" help:"rows sum to one, or not; left out: what is usual for the statistic" more:"true"`
}

// nearnessRule is --weights, read.
type nearnessRule struct {
	kind   string // queen, rook, knn, distance, inverse, kernel
	kernel weights.Kernel
	number float64 // order, count or kilometres
	fixed  bool    // of a kernel: the number is kilometres
}

// parseNearness reads the ways to say who is a neighbour.
func parseNearness(s string) (nearnessRule, error) {
	bad := usage("spatial", "weights", strconv.Quote(s)+" says not who is a neighbour",
		"Give queen, rook, queen:2, knn:6, distance:30, inverse:30, kernel:gaussian:8 or kernel:gaussian:30km")
	parts := strings.Split(s, ":")
	r := nearnessRule{kind: parts[0]}
	number := func(text string, whole bool) bool {
		v, err := strconv.ParseFloat(text, 64)
		r.number = v
		return err == nil && v > 0 && !math.IsInf(v, 1) && (!whole || v == math.Trunc(v) && v < 1e6)
	}
	switch {
	case (r.kind == "queen" || r.kind == "rook") && len(parts) == 1:
		r.number = 1
		return r, nil
	case (r.kind == "queen" || r.kind == "rook") && len(parts) == 2:
		if number(parts[1], true) && r.number <= 20 {
			return r, nil
		}
	case r.kind == "knn" && len(parts) == 2:
		if number(parts[1], true) {
			return r, nil
		}
	case (r.kind == "distance" || r.kind == "inverse") && len(parts) == 2:
		if number(parts[1], false) {
			return r, nil
		}
	case r.kind == "kernel" && len(parts) == 3:
		var text string
		r.kernel = weights.Kernel(parts[1])
		text, r.fixed = strings.CutSuffix(parts[2], "km")
		if _, err := r.kernel.At(0); err == nil && number(text, !r.fixed) {
			return r, nil
		}
	}
	return r, bad
}

// words says who is a neighbour.
func (r nearnessRule) words() string {
	km := strconv.FormatFloat(r.number, 'f', -1, 64) + " km"
	switch r.kind {
	case "queen", "rook":
		how := map[string]string{"queen": "wards that share a border or a corner (queen)", "rook": "wards that share a stretch of border (rook)"}[r.kind]
		if r.number > 1 {
			how += fmt.Sprintf(", and their neighbours up to order %g", r.number)
		}
		return how
	case "knn":
		return fmt.Sprintf("the %g wards whose centres are nearest", r.number)
	case "distance":
		return "wards whose centres are within " + km
	case "inverse":
		return "wards whose centres are within " + km + ", counting by the inverse of the distance"
	}
	if r.fixed {
		return fmt.Sprintf("wards whose centres are within %s, counting by a %s kernel", km, r.kernel)
	}
	return fmt.Sprintf("the %g wards whose centres are nearest, counting by a %s kernel", r.number, r.kernel)
}

// of gives the weights of all wards, before standardisation.
func (n Nearness) of(ctx context.Context, w *workspace.Workspace, f *frame) (*weights.Weights, error) {
	r, err := parseNearness(n.Weights)
	if err != nil {
		return nil, err
	}
	key := fmt.Sprintf("weights %s %g", n.Weights, n.Tolerance)
	return workspace.Derived(w, key, f.dataset, func() (*weights.Weights, error) { return r.make(ctx, w, f, n.degrees()) })
}

// metresPerDegree is the length of a degree of latitude, roughly.
const metresPerDegree = 111_195

// degrees is the tolerance in the unit of the boundaries.
func (n Nearness) degrees() float64 { return max(weights.Tolerance, n.Tolerance/metresPerDegree) }

// words says who is a neighbour; the rule was checked.
func (n Nearness) words() string {
	r, _ := parseNearness(n.Weights)
	if n.Tolerance > 0 && (r.kind == "queen" || r.kind == "rook") {
		return fmt.Sprintf("%s, gaps of up to %g m overlooked", r.words(), n.Tolerance)
	}
	return r.words()
}

// check refuses what says not who is a neighbour.
func (n Nearness) check() error {
	if !(n.Tolerance >= 0 && n.Tolerance <= 1000) {
		return usage("spatial", "tolerance", "it is no gap between borders", "Give metres from 0 to 1000")
	}
	_, err := parseNearness(n.Weights)
	return err
}

// contiguous gives the neighbours by common borders.
func (r nearnessRule) contiguous(ctx context.Context, w *workspace.Workspace, f *frame, tolerance float64) (weights.Neighbours, error) {
	switch {
	case r.kind == "rook":
		return weights.Rook(ctx, f.areas, tolerance)
	case tolerance > weights.Tolerance:
		return weights.Queen(ctx, f.areas, tolerance)
	}
	return f.neighbours(ctx, w)
}

func (r nearnessRule) make(ctx context.Context, w *workspace.Workspace, f *frame, tolerance float64) (*weights.Weights, error) {
	switch r.kind {
	case "queen", "rook":
		near, err := r.contiguous(ctx, w, f, tolerance)
		if err != nil {
			return nil, err
		}
		if r.number > 1 {
			near = near.Order(int(r.number), true)
		}
		return near.Binary(), nil
	}
	points, known := weights.Centroids(f.areas)
	sites, err := weights.NewSites(points, known, weights.Geodesic)
	if err != nil {
		return nil, err
	}
	var d *weights.Weights
	switch {
	case r.kind == "kernel" && r.fixed:
		return sites.FixedKernel(ctx, r.kernel, r.number)
	case r.kind == "kernel":
		return sites.AdaptiveKernel(ctx, r.kernel, int(r.number))
	case r.kind == "knn":
		d, err = sites.Nearest(ctx, int(r.number))
	default:
		d, err = sites.Within(ctx, 0, r.number)
	}
	if err != nil {
		return nil, err
	}
	if r.kind == "inverse" {
		return d.Inverse(1)
	}
	return d.Binary(), nil
}
