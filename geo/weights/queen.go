// Package weights says which areas are neighbours, and how much each counts.
//
// Neighbours come from common borders (Queen, Rook, of higher order too) or
// from the distance of the areas' centres (Sites: the k nearest, a band, the
// inverse distance, kernels). Weights is the matrix that the statistics take:
// as it is or standardised, with or without the areas themselves. An area
// without neighbours is an island: it has an empty row, and who uses the
// matrix names it.
//
// Contiguity. Two areas are queen neighbours when a vertex of one lies on the
// border of the other: on one of its vertices, or, because real files have
// T-junctions, anywhere on one of its edges, within the tolerance. Sharing one
// corner is enough; an area is never its own neighbour; the relation is
// symmetric. Areas that cross or cover one another without any such vertex are
// not neighbours: that is a fault of the file, not a border. spdep's poly2nb
// and libpysal's Queen compare vertices only, so they miss a T-junction; on
// files whose borders are drawn with common vertices all three agree.
//
// Coordinates are compared as plane ones, in the units of the file. An area
// that touches another across the 180° meridian is not seen.
package weights

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/paulmach/orb"
)

// Tolerance is a good default for coordinates in degrees: 1.5e-8° is under
// two millimetres on the ground. It is also spdep's default (the square root
// of the machine epsilon).
const Tolerance = 1.5e-8

// ErrTolerance is returned for a tolerance that is negative or not finite.
var ErrTolerance = errors.New("weights: the tolerance must be a finite number, zero or more")

// Neighbours[i] lists, ascending, the areas that touch area i. An area without
// neighbours has an empty list.
type Neighbours [][]int

// Islands returns, ascending, the areas without a neighbour, areas without
// geometry among them.
func (n Neighbours) Islands() []int {
	var out []int
	for i, list := range n {
		if len(list) == 0 {
			out = append(out, i)
		}
	}
	return out
}

// Links returns the number of ordered pairs of neighbours: twice the number
// of borders.
func (n Neighbours) Links() int {
	links := 0
	for _, list := range n {
		links += len(list)
	}
	return links
}

// Queen returns the queen neighbours of every area, by the convention of this
// package. The tolerance is in the units of the coordinates (degrees for a
// feature.Layer); points at most that far apart count as touching, and with 0
// only identical vertices and vertices exactly on an edge do. Areas may be nil.
//
// It fails with ErrTolerance, on a coordinate that is not a finite number, and
// when ctx ends.
func Queen(ctx context.Context, areas []orb.MultiPolygon, tolerance float64) (Neighbours, error) {
	if !(tolerance >= 0) || math.IsInf(tolerance, 0) {
		return nil, fmt.Errorf("%w: %v", ErrTolerance, tolerance)
	}
	if err := checkFinite(areas); err != nil {
		return nil, err
	}
	links := newLinks(len(areas))
	if err := linkSharedVertices(ctx, areas, links); err != nil {
		return nil, err
	}
	if err := linkNearBorders(ctx, areas, tolerance, links); err != nil {
		return nil, err
	}
	return links.neighbours(), nil
}

func checkFinite(areas []orb.MultiPolygon) error {
	for i, area := range areas {
		for p := range vertices(area) {
			// The difference of a number with itself is NaN for Inf and NaN.
			if p[0]-p[0] != 0 || p[1]-p[1] != 0 {
				return fmt.Errorf("weights: area %d has the coordinate %v, which is not a place", i, p)
			}
		}
	}
	return nil
}

// links collects pairs of touching areas, each once in both directions.
type links struct {
	of [][]int
}

func newLinks(n int) *links { return &links{of: make([][]int, n)} }

func (l *links) add(a, b int) {
	l.of[a] = append(l.of[a], b)
	l.of[b] = append(l.of[b], a)
}

func (l *links) neighbours() Neighbours {
	for _, list := range l.of {
		slices.Sort(list)
	}
	return l.of
}
