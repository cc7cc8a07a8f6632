package weights

import (
	"context"
	"iter"
	"math"

	"github.com/paulmach/orb"
)

// checkEvery is how many areas are worked through between two looks at the
// context.
const checkEvery = 64

// vertices walks all vertices of an area, ring by ring.
func vertices(area orb.MultiPolygon) iter.Seq[orb.Point] {
	return func(yield func(orb.Point) bool) {
		for _, polygon := range area {
			for _, ring := range polygon {
				for _, p := range ring {
					if !yield(p) {
						return
					}
				}
			}
		}
	}
}

// place is a vertex by the bits of its coordinates: a cheaper key of a map
// than two floats.
type place [2]uint64

func placeOf(p orb.Point) place {
	// Adding zero makes one number of 0 and -0.
	return place{math.Float64bits(p[0] + 0), math.Float64bits(p[1] + 0)}
}

// visit is one entry of the list of areas that own a vertex.
type visit struct {
	area int32
	next int32 // index of the next visit of the same vertex, or -1
}

// owners knows, while the areas are walked in order, who owns each vertex.
type owners struct {
	links    *links
	first    map[place]int32 // vertex → its latest visit
	visits   []visit
	linkedTo []int // by area: 1 + the last area it was linked to
}

// linkSharedVertices links all areas that own an identical vertex. In a file
// with a sound topology these are all the links there are.
func linkSharedVertices(ctx context.Context, areas []orb.MultiPolygon, l *links) error {
	total := 0
	for _, area := range areas {
		for range vertices(area) {
			total++
		}
	}
	o := owners{
		links: l, first: make(map[place]int32, total/2), visits: make([]visit, 0, total/2),
		linkedTo: make([]int, len(areas)),
	}
	for a, area := range areas {
		if a%checkEvery == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		for p := range vertices(area) {
			o.add(a, placeOf(p))
		}
	}
	return nil
}

// add links the area to all earlier owners of the vertex and lists it with
// them.
func (o *owners) add(a int, vertex place) {
	head, known := o.first[vertex]
	if !known {
		head = -1
	} else if int(o.visits[head].area) == a {
		return // the ring comes back to its own vertex
	}
	for v := head; v >= 0; v = o.visits[v].next {
		if b := int(o.visits[v].area); o.linkedTo[b] != a+1 {
			o.linkedTo[b] = a + 1
			o.links.add(a, b)
		}
	}
	o.first[vertex] = int32(len(o.visits))
	o.visits = append(o.visits, visit{area: int32(a), next: head})
}
