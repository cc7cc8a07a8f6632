// Package place links place names as tables give them to the units of a
// boundary layer.
//
// Nothing is joined on a ward name alone. A row finds its unit by code, or by
// state, then LGA, then ward; what can't be said with confidence is offered
// for review with candidates and a reason, and what a person once decided
// comes first ever after. The stages, each closing before the next opens:
//
//  1. a person's remembered decisions;
//  2. codes, where both sides have them and a code names one unit;
//  3. states, then LGAs, are told one from another, so that wards are only
//     compared inside a block;
//  4. inside an LGA, equal normalised names;
//  5. inside an LGA, a one-to-one assignment of what is left over, accepted
//     when very alike and ahead of every rival, or fairly alike and alone: far
//     ahead of whatever else is still open there, told apart by no number or
//     quarter, and with no ward of the very name waiting in another LGA;
//  6. for what remains, the state or the whole layer: accepted only if the
//     table named no LGA and the exact name stands there once, or, in a known
//     state, a name very like it and far ahead of all others; else review.
//
// Likeness joins one name to one unit: a unit taken by one normalised name is
// never given by likeness to another. Spellings whose normalised keys are
// equal ("Girei I", "Girei 1" in one LGA) are one name and share their unit.
// A code, a person, or the exact name can still add a second spelling to a
// unit, because each of them is certain without the comparison.
//
// The package is pure: values in, values out. Permuting its inputs permutes
// its outputs and changes nothing else.
package place

import (
	"context"
	"fmt"
	"time"
)

// Unit is one unit of the boundary layer, as named in the boundary file. State
// and LGA are empty in layers without them; Code may be empty.
type Unit struct{ State, LGA, Ward, Code string }

// Given is one distinct combination of names in a table, as written there.
// Rows is how many of the table's rows carry it; a negative count is taken as 0.
type Given struct {
	State, LGA, Ward, Code string
	Rows                   int
}

// Decision says what became of a given name.
type Decision string

// The decisions, spelt as the match report spells them.
const (
	Accepted  Decision = "accepted"   // linked to a unit
	Review    Decision = "review"     // candidates offered; a person must choose
	Unmatched Decision = "unmatched"  // nothing in the layer is like it
	Rejected  Decision = "rejected"   // a person said it is none of the units
	NotAWard  Decision = "not_a_ward" // empty, "Unknown", "n/a"; or a person said so
)

// Words lists every decision once, in the order of a report's summary.
func Words() []Decision {
	return []Decision{Accepted, Review, Unmatched, Rejected, NotAWard}
}

// Remembered is a person's earlier decision on a given name. Rows of Given is
// not read; its code only keeps a decision from names beside another code. Unit
// names the target of an Accepted
// decision, by code, by names, or by both; other decisions ignore it. Review
// and Unmatched decide nothing and have no effect. Where two remembered
// decisions concern the same names the later one in the list holds.
type Remembered struct {
	Given    Given
	Unit     Unit
	Decision Decision
}

// Alias is a decision with who made it and when, as it is shared between the
// people of a team.
type Alias struct {
	Remembered
	Who  string
	When time.Time
}

// Decisions are what people decided earlier: the person herself, and others
// whose decisions she imported. Her own come first, however they are spelt; of
// others' on the same names the latest holds.
type Decisions struct {
	Own      []Remembered
	Imported []Alias
}

// Candidate is a unit a given name may mean.
type Candidate struct {
	Unit  int     // index into the units given to Match
	Score float64 // likeness, 0 to 1; 1 is the same normalised name
	Why   string  // what the likeness rests on, for a person to read
}

// Link is what was found for one Given.
type Link struct {
	Given Given
	// Unit is the index of the linked unit. It is −1 unless Decision is
	// Accepted: a proposal is Candidates[0], never Unit, so that an unreviewed
	// guess can't be joined by accident.
	Unit int
	// Score is the likeness (0–1) to Unit or, in review, to Candidates[0].
	Score float64
	// Margin is how far Score lies ahead of the runner-up on either side: the
	// next unit for this name, or the next name for this unit. It equals Score
	// when there is no rival, as for an exact name, a code or a person's word,
	// and is 0 when a rival is as near or nearer.
	Margin     float64
	Decision   Decision
	Why        string      // the reason for the decision, for a person to read
	Candidates []Candidate // up to three, best first; the unit itself when accepted
}

// Report is the outcome of Match.
type Report struct {
	Links       []Link   // one for each Given, in the order given
	UnusedUnits []int    // units without an accepted link, ascending
	MatchedRows int      // rows of the accepted links
	TotalRows   int      // rows of all links, those of no ward included
	Warnings    []string // what a person should know before relying on the links
}

const (
	acceptScore  = 0.85                     // least likeness for a link without review
	acceptMargin = 0.05                     // least lead over the runner-up for a link without review
	aloneScore   = 0.72                     // least likeness of the one open name to the one open unit near it
	aloneMargin  = 0.15                     // least lead of such a pair over every other open name and unit
	farScore     = 0.90                     // least likeness for a link without an LGA
	farMargin    = 0.15                     // least lead over every other unit of the state for such a link
	rivalScore   = aloneScore - aloneMargin // below it nothing can be a rival
	offerScore   = 0.70                     // least likeness worth a person's look inside an LGA
	offerWide    = 0.80                     // the same outside it, where chance likeness abounds
	codeAgrees   = 0.60                     // least likeness of names for a code to be believed
	maxOffered   = 3                        // candidates kept for a link
)

// Rules says in words by which rules Match links without a person.
func Rules() []string {
	return []string{
		"States and LGAs are told first, then wards inside an LGA: by code, by the same name, and what is left over one to one by likeness, so that the sum of the likenesses is the greatest.",
		fmt.Sprintf("A likeness is linked without review if it is at least %.2f and %.2f ahead of every rival, or at least %.2f, %.2f ahead of every name and ward still open there, told apart by no number, letter or quarter, and no ward of the very name waits in another LGA.",
			acceptScore, acceptMargin, aloneScore, aloneMargin),
		fmt.Sprintf("Without an LGA it takes the very name, once in the state or the layer, or in a known state a likeness of %.2f that is %.2f ahead of the whole state.", farScore, farMargin),
	}
}

// Match links every given name to a unit, or says why not. units and given may
// be in any order; remembered decisions are applied first. The error is that
// of a cancelled ctx and nothing else: faults of the input are decisions and
// warnings in the Report.
func Match(ctx context.Context, units []Unit, given []Given, earlier Decisions) (Report, error) {
	m := newMatcher(units, given)
	m.readRegions()
	m.applyDecisions(earlier)
	m.linkByCode()
	m.setAsideBlanks()
	stages := []func(context.Context) error{m.matchInsideLGAs, m.matchWide}
	for _, stage := range stages {
		if err := stage(ctx); err != nil {
			return Report{}, err
		}
	}
	return m.report(), ctx.Err()
}
