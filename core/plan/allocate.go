package plan

import (
	"cmp"
	"math/bits"
	"slices"
)

// hand gives out the stock, tier after tier, and sets Allocated, Gap and
// Coverage. shares must be in order of rank.
func hand(shares []Share, o Options) {
	left, most := o.Nets, capOf(o)
	for tier := 1; tier <= 2; tier++ {
		var in []*Share
		for i := range shares {
			if s := &shares[i]; s.Tier == tier && s.claim(most) > 0 {
				in = append(in, s)
			}
		}
		if o.Strategy == Priority {
			left = byPriority(in, left, most)
		} else {
			left = inProportion(in, left, most)
		}
	}
	for i := range shares {
		shares[i].close()
	}
}

// claim is the most nets the ward may receive: its need, no more than most,
// and nothing without a rank or a known need.
func (s *Share) claim(most int) int {
	if s.Rank == 0 || !s.HasNeed {
		return 0
	}
	return min(s.Needed, most)
}

func (s *Share) close() {
	if !s.HasNeed {
		return
	}
	s.Gap = s.Needed - s.Allocated
	if s.Needed > 0 {
		s.Coverage, s.HasCoverage = float64(s.Allocated)/float64(s.Needed), true
	}
}

// byPriority serves one share after the other and returns what is left.
func byPriority(in []*Share, left, most int) int {
	for _, s := range in {
		s.Allocated = min(s.claim(most), left)
		left -= s.Allocated
	}
	return left
}

// inProportion gives each share the same part of its claim, whole nets by
// largest remainder, and returns what is left.
func inProportion(in []*Share, stock, most int) int {
	total := 0
	for _, s := range in {
		total += s.claim(most)
	}
	if total <= stock {
		return byPriority(in, stock, most)
	}
	left := stock
	remainders := make([]uint64, len(in))
	order := make([]int, len(in))
	for i, s := range in {
		order[i] = i
		// The product takes up to 128 bits; the quotient is below the claim.
		high, low := bits.Mul64(uint64(stock), uint64(s.claim(most)))
		whole, rest := bits.Div64(high, low, uint64(total))
		s.Allocated, remainders[i] = int(whole), rest
		left -= s.Allocated
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(remainders[b], remainders[a]) })
	for _, i := range order[:left] {
		in[i].Allocated++
	}
	return 0
}
