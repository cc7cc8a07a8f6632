package feature

import (
	"testing"

	"github.com/paulmach/orb"
)

func square(x, y float64) orb.MultiPolygon {
	return orb.MultiPolygon{{{{x, y}, {x + 1, y}, {x + 1, y + 1}, {x, y + 1}, {x, y}}}}
}

func TestValidateFindsAShortAttribute(t *testing.T) {
	l := Layer{Name: "l", Areas: []orb.MultiPolygon{square(0, 0), nil}, Columns: []Column{
		{Name: "ward", Texts: []string{"a", "b"}, Present: []bool{true, true}},
		{Name: "n", IsNumber: true, Numbers: []float64{1, 2}, Present: []bool{true, false}},
	}}
	if err := l.Validate(); err != nil {
		t.Errorf("a good layer is refused: %v", err)
	}
	l.Columns[1].Numbers = l.Columns[1].Numbers[:1]
	if l.Validate() == nil {
		t.Error("an attribute with too few values is accepted")
	}
}

func TestBoundSkipsFeaturesWithoutGeometry(t *testing.T) {
	l := Layer{Areas: []orb.MultiPolygon{nil, square(3, 4), square(-1, 0)}}
	b, ok := l.Bound()
	if !ok || b.Min != (orb.Point{-1, 0}) || b.Max != (orb.Point{4, 5}) {
		t.Errorf("bound %v, %v", b, ok)
	}
	if _, ok := (&Layer{Areas: []orb.MultiPolygon{nil}}).Bound(); ok {
		t.Error("a layer without geometry has a bound")
	}
}
