package order

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestOrderedBitsKeepOrderAndComeBack(t *testing.T) {
	values := []float64{math.Inf(-1), -math.MaxFloat64, -1, -math.SmallestNonzeroFloat64, 0, math.SmallestNonzeroFloat64, .5, 1, math.MaxFloat64, math.Inf(1)}
	for i, x := range values {
		if i > 0 && Bits(values[i-1]) >= Bits(x) {
			t.Errorf("%v is not before %v", values[i-1], x)
		}
		if back := FromBits(Bits(x)); back != x {
			t.Errorf("%v came back as %v", x, back)
		}
	}
	if Bits(math.Copysign(0, -1)) != Bits(0) {
		t.Error("the two noughts differ")
	}
}

// The radix sort against the library's, below and above the size where it
// begins, with few and with many different keys, one sorter for all.
func TestSorterAgainstTheLibrary(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	s := new(Sorter)
	for range 200 {
		n, spread := rng.IntN(4*fewKeys), uint64(1)<<rng.IntN(64)
		keys := s.Reset(n)
		for i := range keys {
			keys[i] = Keyed{rng.Uint64() % spread, uint32(i)}
		}
		want := slices.Clone(keys)
		slices.SortStableFunc(want, func(a, b Keyed) int { return cmp.Compare(a.Key, b.Key) })
		s.Sort()
		if !slices.Equal(s.Keys, want) {
			t.Fatalf("%d keys below %d are not in stable order", n, spread)
		}
	}
}

func TestHalfRanksByCounting(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	s := new(Sorter)
	for range 40 {
		values := make([]float64, 1+rng.IntN(2*fewKeys))
		for i := range values {
			values[i] = float64(rng.IntN(1 + rng.IntN(100)))
		}
		average, counted := make([]uint32, len(values)), make([]uint32, len(values))
		s.HalfRanks(values, average, Average)
		s.HalfRanks(values, counted, Counted)
		for i, x := range values {
			higher, equal, laterEqual := 0, 0, 0
			for j, y := range values {
				switch {
				case y > x:
					higher++
				case y == x && j > i:
					laterEqual++
					equal++
				case y == x:
					equal++
				}
			}
			if int(average[i]) != 2*higher+equal+1 || int(counted[i]) != 2*(higher+laterEqual+1) {
				t.Fatalf("value %v: half ranks %d and %d with %d higher and %d equal", x, average[i], counted[i], higher, equal)
			}
		}
	}
}

// quantile(c(1, 2, 3, 4), c(.25, .5, .75)) in R is 1.75, 2.50, 3.25.
func TestQuantileType7(t *testing.T) {
	s := new(Sorter)
	for i := range s.Reset(4) {
		s.Keys[i].Key = uint64(i + 1)
	}
	number := func(k uint64) float64 { return float64(k) }
	for p, want := range map[float64]float64{0: 1, .25: 1.75, .5: 2.5, .75: 3.25, 1: 4} {
		if got := s.Quantile(p, number); got != want {
			t.Errorf("quantile %v = %v, want %v", p, got, want)
		}
	}
}
