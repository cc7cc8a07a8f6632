package score

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

// keyed is a sort key and the position it came from.
type keyed struct {
	key  uint64
	from uint32
}

// sorter sorts keys and keeps its space from one sort to the next. A thousand
// models times ten thousand wards are ranked by it: by radix, four times as
// quick as by comparison. The zero value is ready; it serves one goroutine.
type sorter struct {
	keys, spare []keyed
	counts      [digits][buckets]uint32
}

// reset makes room for n keys and returns them to be filled.
func (s *sorter) reset(n int) []keyed {
	s.keys = slices.Grow(s.keys[:0], n)[:n]
	return s.keys
}

// sort puts the keys in ascending order; equal keys keep the order of their
// positions, in which they must have been filled in.
func (s *sorter) sort() {
	if len(s.keys) < fewKeys {
		slices.SortStableFunc(s.keys, func(a, b keyed) int { return cmp.Compare(a.key, b.key) })
		return
	}
	s.count()
	s.spare = slices.Grow(s.spare[:0], len(s.keys))[:len(s.keys)]
	for d := range digits {
		s.pass(d)
	}
}

// count fills the histograms of all digits in one reading.
func (s *sorter) count() {
	clear(s.counts[:])
	for _, k := range s.keys {
		for d := range digits {
			s.counts[d][k.key>>(d*digitBits)%buckets]++
		}
	}
}

// pass distributes the keys by digit d. A digit in which all keys agree, as
// the high ones of small numbers do, costs nothing.
func (s *sorter) pass(d int) {
	shift := d * digitBits
	counts := &s.counts[d]
	if counts[s.keys[0].key>>shift%buckets] == uint32(len(s.keys)) {
		return
	}
	at := uint32(0)
	for i, c := range counts {
		counts[i] = at
		at += c
	}
	for _, k := range s.keys {
		b := k.key >> shift % buckets
		s.spare[counts[b]] = k
		counts[b]++
	}
	s.keys, s.spare = s.spare, s.keys
}

// halfRanks writes twice the rank of each value, rank 1 the highest. Twice a
// rank is a whole number, which is exact and half the size of a float64.
func (s *sorter) halfRanks(values []float64, into []uint32, ties Ties) {
	keys := s.reset(len(values))
	for i, x := range values {
		keys[i] = keyed{^orderedBits(x), uint32(i)}
	}
	s.sort()
	for first := 0; first < len(s.keys); {
		end := first + 1
		for end < len(s.keys) && s.keys[end].key == s.keys[first].key {
			end++
		}
		rankTied(s.keys[first:end], first, into, ties)
		first = end
	}
}

// rankTied ranks equal keys, of which before others are higher.
func rankTied(equal []keyed, before int, into []uint32, ties Ties) {
	for at, k := range equal {
		rank := uint32(2*before + len(equal) + 1)
		if ties == FileOrder {
			// Row numbers of an ascending sort, seen from the other end: the
			// first in the file is the lowest risk.
			rank = uint32(2 * (before + len(equal) - at))
		}
		into[k.from] = rank
	}
}

// orderedBits maps numbers to whole numbers of the same order. The two noughts
// are one.
func orderedBits(x float64) uint64 {
	const sign = 1 << 63
	b := math.Float64bits(x + 0)
	if b&sign != 0 {
		return ^b
	}
	return b | sign
}

// fromOrderedBits is the inverse of orderedBits.
func fromOrderedBits(k uint64) float64 {
	const sign = 1 << 63
	if k&sign != 0 {
		return math.Float64frombits(k &^ sign)
	}
	return math.Float64frombits(^k)
}

// quantile is the p-quantile of the sorted keys as numbers, by linear
// interpolation between order statistics (type 7 of Hyndman and Fan, the
// default of R): position (n−1)·p.
func (s *sorter) quantile(p float64, number func(uint64) float64) float64 {
	at := p * float64(len(s.keys)-1)
	low := int(at)
	a := number(s.keys[low].key)
	if low+1 == len(s.keys) {
		return a
	}
	b := number(s.keys[low+1].key)
	// The conversion keeps processors that could from fusing the two steps.
	return a + float64((at-float64(low))*(b-a))
}
