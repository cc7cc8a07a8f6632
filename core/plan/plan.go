// Package plan shares out a stock of bed nets among ranked wards.
//
// A ward's need is its population divided by the persons one net serves,
// rounded up. The stock is handed out by one of two strategies: by priority,
// the ward of highest risk first and in full until the stock ends; or in
// proportion to need, the default, so that a small stock never goes to one
// large ward unasked (the predecessor gave 10,000 nets to a single ward that
// needed 44,817). An urban threshold, if one is set, makes a second tier of
// the urban wards, which receive only what the others leave.
//
// Every ward is in the result with its need, its nets, the gap and a reason in
// words. The nets handed out are exactly the smaller of the stock and what the
// wards may receive; no ward receives more than it needs. A ward whose
// population or rank isn't known receives none and says so: no figure is made
// up for it.
//
// All arithmetic is exact: whole numbers and fractions, no rounding on the
// way.
package plan

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"chatmrpt/core/problem"
)

// op is the act named in this package's problems.
const op = "plan"

// PersonsPerNet is the number of persons a net serves in campaigns: the
// procurement norm of WHO (WHO/HTM/GMP/2017.20).
const PersonsPerNet = 1.8

// Strategy says how a stock smaller than the need is shared out.
type Strategy string

// The strategies.
const (
	// Priority serves wards strictly by rank until the stock ends; the last
	// one served gets what is left.
	Priority Strategy = "priority"
	// Proportional gives each ward the same share of its need, whole nets by
	// largest remainder (Hamilton's method), remainders of equal size by rank.
	// Each ward of a tier is within one net of that share. As with every
	// largest-remainder rule, a larger stock can leave a ward one net poorer.
	Proportional Strategy = "proportional"
)

// Ward is what the plan needs to know of a ward.
type Ward struct {
	Key           string // unique; decides the order of wards of equal rank
	Rank          int    // 1 is the highest risk; 0 when the ward has no rank
	Population    float64
	HasPopulation bool
	Urban         float64 // percentage of the ward that is urban; read only with a threshold
	HasUrban      bool
}

// Options are the choices of a plan.
type Options struct {
	Nets          int      // the stock
	PersonsPerNet float64  // 0 is PersonsPerNet, the norm
	Strategy      Strategy // "" is Proportional

	// Cap is the largest share of the stock one ward may receive, above 0 and
	// up to 1; 0 is no cap. The nets a cap keeps from a ward go to others, and
	// are left over when no other has need. Proportional then shares in
	// proportion to the need that the cap leaves.
	Cap float64

	// UrbanThreshold, a percentage, puts wards that are at least so urban in
	// tier 2; 0 is no tiers. A ward whose urban percentage is not known stays
	// in tier 1.
	UrbanThreshold float64
}

// Share is the plan for one ward.
type Share struct {
	Ward      int // its position in the list given
	Key       string
	Rank      int
	Tier      int  // 1 or, with an urban threshold, 2
	HasNeed   bool // false when the population isn't known; Needed and Gap then mean nothing
	Needed    int
	Allocated int
	Gap       int // Needed − Allocated

	Coverage    float64 // Allocated ÷ Needed, 0 to 1
	HasCoverage bool    // false when there is no need, or none known
	Reason      string  // why it got what it got
}

// Totals are the sums of a plan.
type Totals struct {
	Nets      int // the stock
	Needed    int // of all wards whose population is known
	Allocated int
	Left      int // of the stock
	Gap       int // Needed − Allocated
	Full      int // wards that received all they need
	Part      int // wards that received some
	None      int // wards with a need that received nothing
	Unknown   int // wards whose population isn't known
	Unranked  int // wards without a rank

	Population float64 // persons, where known
}

// Plan is the result of Allocate.
type Plan struct {
	Options  Options // with the defaults filled in
	Shares   []Share // by rank, then by key; wards without a rank last
	Totals   Totals
	Warnings []string // what a reader must know before acting, one sentence each
}

// Allocate shares out o.Nets nets.
//
// Problems: Usage for options out of range, BadInput for a ward whose
// population, urban percentage, rank or key can't be right. It stops early
// when ctx ends.
func Allocate(ctx context.Context, wards []Ward, o Options) (*Plan, error) {
	o.PersonsPerNet = cmp.Or(o.PersonsPerNet, PersonsPerNet)
	o.Strategy = cmp.Or(o.Strategy, Proportional)
	if err := o.check(); err != nil {
		return nil, err
	}
	if err := checkWards(wards); err != nil {
		return nil, err
	}
	shares, err := needs(ctx, wards, o)
	if err != nil {
		return nil, err
	}
	hand(shares, o)
	p := &Plan{Options: o, Shares: shares}
	p.explain()
	p.Totals = p.sum(wards)
	p.Warnings = p.warnings(wards)
	return p, nil
}

// The bounds keep every product and sum within whole numbers of 64 bits.
const (
	mostNets       = 1_000_000_000_000
	mostPopulation = 10_000_000_000
	fewestPerNet   = 0.1
	mostPerNet     = 1000
	mostWards      = 10_000_000
)

func (o Options) check() error {
	bad := func(message, hint string) error { return problem.New(problem.Usage, op, "", message, hint) }
	switch {
	case o.Nets < 0 || o.Nets > mostNets:
		return bad(fmt.Sprintf("%d is not a number of nets", o.Nets), "Give the number of nets in stock, 0 or more")
	case !(o.PersonsPerNet >= fewestPerNet && o.PersonsPerNet <= mostPerNet):
		return bad(fmt.Sprintf("%v persons per net is out of range", o.PersonsPerNet), "Give the persons one net serves, such as 1.8")
	case o.Strategy != Priority && o.Strategy != Proportional:
		return bad(fmt.Sprintf("%q is not a strategy", o.Strategy), "Choose priority or proportional")
	case !(o.Cap >= 0 && o.Cap <= 1):
		return bad(fmt.Sprintf("a cap of %v is not a share of the stock", o.Cap), "Give a share such as 0.2, or none")
	case !(o.UrbanThreshold >= 0 && o.UrbanThreshold <= 100):
		return bad(fmt.Sprintf("an urban threshold of %v is not a percentage", o.UrbanThreshold), "Give a percentage from 0 to 100")
	}
	return nil
}

func checkWards(wards []Ward) error {
	bad := func(w Ward, message, hint string) error {
		return problem.New(problem.BadInput, op, w.Key, message, hint)
	}
	if len(wards) > mostWards {
		return problem.New(problem.BadInput, op, "", fmt.Sprintf("%d wards are too many", len(wards)), "Plan for one country at a time")
	}
	seen := make(map[string]bool, len(wards))
	for _, w := range wards {
		switch {
		case seen[w.Key]:
			return bad(w, "two wards can't be told apart", "Give each ward a code, or its state and LGA")
		case w.Rank < 0:
			return bad(w, fmt.Sprintf("a rank of %d", w.Rank), "Rank the wards again; 1 is the highest risk")
		case w.HasPopulation && !(w.Population >= 0 && w.Population <= mostPopulation):
			return bad(w, fmt.Sprintf("a population of %v", w.Population), "Correct the population, or leave it empty where it is not known")
		case w.HasUrban && (math.IsNaN(w.Urban) || w.Urban < 0 || w.Urban > 100):
			return bad(w, fmt.Sprintf("%v %% urban", w.Urban), "Correct the urban percentage, or leave it empty where it is not known")
		}
		seen[w.Key] = true
	}
	return nil
}

// byRank orders shares from the highest risk down, those without a rank last.
func byRank(shares []Share) {
	slices.SortFunc(shares, func(a, b Share) int {
		if (a.Rank == 0) != (b.Rank == 0) {
			return cmp.Compare(b.Rank, a.Rank)
		}
		return cmp.Or(cmp.Compare(a.Rank, b.Rank), cmp.Compare(a.Key, b.Key))
	})
}
