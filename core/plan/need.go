package plan

import (
	"context"
	"math"
	"math/big"
	"strconv"
)

// needs makes the shares with their needs, in order of rank.
func needs(ctx context.Context, wards []Ward, o Options) ([]Share, error) {
	perNet := decimal(o.PersonsPerNet)
	shares := make([]Share, len(wards))
	for i, w := range wards {
		if i%1024 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		s := Share{Ward: i, Key: w.Key, Rank: w.Rank, Tier: 1}
		if o.UrbanThreshold > 0 && w.HasUrban && w.Urban >= o.UrbanThreshold {
			s.Tier = 2
		}
		if w.HasPopulation {
			s.HasNeed, s.Needed = true, need(w.Population, perNet)
		}
		shares[i] = s
	}
	byRank(shares)
	return shares, ctx.Err()
}

// need is ⌈population ÷ perNet⌉, computed in fractions: 1.8 has no binary
// form, and 9 persons ÷ 1.8 must be 5 nets, not 6.
func need(population float64, perNet *big.Rat) int {
	q := new(big.Rat).Quo(decimal(population), perNet)
	whole, rest := new(big.Int).QuoRem(q.Num(), q.Denom(), new(big.Int))
	if rest.Sign() > 0 {
		return int(whole.Int64()) + 1
	}
	return int(whole.Int64())
}

// decimal is the number as it is written in decimals: 1.8 is 9/5, not the
// binary fraction next to it. x must be finite.
func decimal(x float64) *big.Rat {
	r, _ := new(big.Rat).SetString(strconv.FormatFloat(x, 'g', -1, 64))
	return r
}

// capOf is the most nets one ward may receive: the share of the stock, rounded
// down; without a cap, more than any need.
func capOf(o Options) int {
	if o.Cap == 0 {
		return math.MaxInt
	}
	most := new(big.Rat).Mul(decimal(o.Cap), new(big.Rat).SetInt64(int64(o.Nets)))
	return int(new(big.Int).Quo(most.Num(), most.Denom()).Int64())
}
