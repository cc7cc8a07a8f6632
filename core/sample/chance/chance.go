// Package chance is the one source of chance of the made-up state: named
// streams of random numbers, the few distributions it needs, and smooth noise
// over the plane.
//
// Every stream is derived from the seed and a name, so that changing how many
// numbers one step draws leaves all the others as they were. Nothing here uses
// a transcendental function where a decision hangs on its last bit, because
// those differ between processors and a seed must give the same state on all.
package chance

import (
	"hash/fnv"
	"math"
	"math/rand/v2"
)

// Source is a stream of random numbers. It is not safe for several goroutines.
type Source struct{ pcg *rand.PCG }

// New gives the stream called name of the given seed. Equal arguments give
// equal streams; different names give unrelated ones.
func New(seed uint64, name string) *Source {
	h := fnv.New64a()
	h.Write([]byte(name))
	return &Source{pcg: rand.NewPCG(seed, h.Sum64())}
}

// Uint64 gives 64 random bits.
func (s *Source) Uint64() uint64 { return s.pcg.Uint64() }

// Float gives a number in [0, 1).
func (s *Source) Float() float64 { return float64(s.pcg.Uint64()>>11) / (1 << 53) }

// Between gives a number in [low, high).
func (s *Source) Between(low, high float64) float64 { return low + s.Float()*(high-low) }

// IntN gives a whole number in [0, n), or 0 when n is less than 2.
func (s *Source) IntN(n int) int {
	if n < 2 {
		return 0
	}
	return int(s.pcg.Uint64() % uint64(n))
}

// Chance is true with probability p.
func (s *Source) Chance(p float64) bool { return s.Float() < p }

// Normal gives a number of mean 0 and standard deviation 1: the sum of twelve
// uniform numbers less six, which is close enough to normal for making up data
// and never further than six from the mean.
func (s *Source) Normal() float64 {
	sum := -6.0
	for range 12 {
		sum += s.Float()
	}
	return sum
}

// Binomial counts the successes in n trials of probability p.
func (s *Source) Binomial(n int, p float64) int {
	k := 0
	for range n {
		if s.Float() < p {
			k++
		}
	}
	return k
}

// Poisson gives a count of mean lambda (Knuth's product of uniforms, in
// portions of at most 30 so that the product can't underflow). A mean of 0 or
// less gives 0.
func (s *Source) Poisson(lambda float64) int {
	k := 0
	for lambda > 0 {
		part := min(lambda, 30)
		lambda -= part
		limit := math.Exp(-part)
		for product := s.Float(); product > limit; product *= s.Float() {
			k++
		}
	}
	return k
}

// Shuffle puts list into a random order (Fisher and Yates).
func Shuffle[T any](s *Source, list []T) {
	for i := len(list) - 1; i > 0; i-- {
		j := s.IntN(i + 1)
		list[i], list[j] = list[j], list[i]
	}
}

// Pick gives one element of list, which must not be empty.
func Pick[T any](s *Source, list []T) T { return list[s.IntN(len(list))] }

// Weighted gives a position in weights, each with a probability in proportion
// to its weight. It gives -1 when no weight is above 0.
func (s *Source) Weighted(weights []float64) int {
	total := 0.0
	for _, w := range weights {
		total += max(w, 0)
	}
	left, last := s.Float()*total, -1
	for i, w := range weights {
		if w <= 0 {
			continue
		}
		if left < w {
			return i
		}
		left -= w
		last = i
	}
	return last
}
