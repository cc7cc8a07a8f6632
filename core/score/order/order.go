// Package order sorts and ranks numbers for the scores: a thousand models times
// ten thousand wards are ranked by radix, four times as quick as by comparison,
// and what many goroutines do in parallel lands in the same places whichever of
// them does it.
package order

import (
	"cmp"
	"math"
	"slices"
)

// The figures of the radix sort: 64-bit keys in six digits of eleven bits.
// Below fewKeys a comparison sort is quicker than clearing the counters.
const (
	digitBits = 11
	digits    = 6
	buckets   = 1 << digitBits
	fewKeys   = 256
)

// Keyed is a sort key and the position it came from.
type Keyed struct {
	Key  uint64
	From uint32
}

// Sorter sorts keys and keeps its space from one sort to the next. The zero
// value is ready; it serves one goroutine.
type Sorter struct {
	Keys   []Keyed // what is sorted
	spare  []Keyed
	counts [digits][buckets]uint32
}

// Reset makes room for n keys and returns them to be filled.
func (s *Sorter) Reset(n int) []Keyed {
	s.Keys = slices.Grow(s.Keys[:0], n)[:n]
	return s.Keys
}

// Sort puts the keys in ascending order; equal keys keep the order of their
// positions, in which they must have been filled in.
func (s *Sorter) Sort() {
	if len(s.Keys) < fewKeys {
		slices.SortStableFunc(s.Keys, func(a, b Keyed) int { return cmp.Compare(a.Key, b.Key) })
		return
	}
	s.count()
	s.spare = slices.Grow(s.spare[:0], len(s.Keys))[:len(s.Keys)]
	for d := range digits {
		s.pass(d)
	}
}

// count fills the histograms of all digits in one reading.
func (s *Sorter) count() {
	clear(s.counts[:])
	for _, k := range s.Keys {
		for d := range digits {
			s.counts[d][k.Key>>(d*digitBits)%buckets]++
		}
	}
}

// pass distributes the keys by digit d. A digit in which all keys agree, as
// the high ones of small numbers do, costs nothing.
func (s *Sorter) pass(d int) {
	shift := d * digitBits
	counts := &s.counts[d]
	if counts[s.Keys[0].Key>>shift%buckets] == uint32(len(s.Keys)) {
		return
	}
	at := uint32(0)
	for i, c := range counts {
		counts[i] = at
		at += c
	}
	for _, k := range s.Keys {
		b := k.Key >> shift % buckets
		s.spare[counts[b]] = k
		counts[b]++
	}
	s.Keys, s.spare = s.spare, s.Keys
}

// Ties says which ranks equal values get.
type Ties int

// The ways to treat ties.
const (
	Average Ties = iota // equal values share their average rank
	Counted             // equal values are counted through, the first given as the lowest
)

// HalfRanks writes twice the rank of each value, rank 1 the highest. Twice a
// rank is a whole number, which is exact and half the size of a float64.
func (s *Sorter) HalfRanks(values []float64, into []uint32, ties Ties) {
	keys := s.Reset(len(values))
	for i, x := range values {
		keys[i] = Keyed{^Bits(x), uint32(i)}
	}
	s.Sort()
	for first := 0; first < len(s.Keys); {
		end := first + 1
		for end < len(s.Keys) && s.Keys[end].Key == s.Keys[first].Key {
			end++
		}
		rankTied(s.Keys[first:end], first, into, ties)
		first = end
	}
}

// rankTied ranks equal keys, of which before others are higher.
func rankTied(equal []Keyed, before int, into []uint32, ties Ties) {
	for at, k := range equal {
		rank := uint32(2*before + len(equal) + 1)
		if ties == Counted {
			// Row numbers of an ascending sort, seen from the other end: the
			// first in the file is the lowest risk.
			rank = uint32(2 * (before + len(equal) - at))
		}
		into[k.From] = rank
	}
}

// Bits maps numbers to whole numbers of the same order. The two noughts
// are one.
func Bits(x float64) uint64 {
	const sign = 1 << 63
	b := math.Float64bits(x + 0)
	if b&sign != 0 {
		return ^b
	}
	return b | sign
}

// FromBits is the inverse of Bits.
func FromBits(k uint64) float64 {
	const sign = 1 << 63
	if k&sign != 0 {
		return math.Float64frombits(k &^ sign)
	}
	return math.Float64frombits(^k)
}

// Quantile is the p-quantile of the sorted keys as numbers, by linear
// interpolation between order statistics (type 7 of Hyndman and Fan, the
// default of R): position (n−1)·p.
func (s *Sorter) Quantile(p float64, number func(uint64) float64) float64 {
	at := p * float64(len(s.Keys)-1)
	low := int(at)
	a := number(s.Keys[low].Key)
	if low+1 == len(s.Keys) {
		return a
	}
	b := number(s.Keys[low+1].Key)
	// The conversion keeps processors that could from fusing the two steps.
	return a + float64((at-float64(low))*(b-a))
}

// FirstRanks writes the rank of each value, rank 1 the highest; equal values
// share the first of their ranks and the next ones are skipped.
func (s *Sorter) FirstRanks(values []float64, into []uint32) {
	keys := s.Reset(len(values))
	for i, x := range values {
		keys[i] = Keyed{^Bits(x), uint32(i)}
	}
	s.Sort()
	rank := uint32(0)
	for at, k := range s.Keys {
		if at == 0 || k.Key != s.Keys[at-1].Key {
			rank = uint32(at) + 1
		}
		into[k.From] = rank
	}
}
