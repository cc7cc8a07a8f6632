// Package sample makes up a state from a seed: wards with exactly shared
// borders, facilities with monthly malaria records, population and ward
// variables, as the very files a health officer would have, with the faults
// that real ones carry. Because every fault is planted, its place is known:
// Truth is the answer sheet for end-to-end tests.
//
// Nothing here is about a real place. The names are invented and every file
// says FICTIONAL. A seed gives the same bytes everywhere: each step draws from
// its own named stream (chance), the ground is a lattice (land), and the files
// carry no clock.
//
// The way: land draws the ground → names and codes → risk per ward from the
// environment → facilities → clean monthly reports → faults → files.
package sample

import (
	"fmt"

	"chatmrpt/core/problem"
	"chatmrpt/core/sample/chance"
	"chatmrpt/core/sample/land"

	"github.com/paulmach/orb"
)

// The invented state. No state, LGA or DHIS2 state code of Nigeria is called
// so or nearly so.
const (
	StateName = "Zubuma"
	StateCode = "ZB"
)

// Label is the word that marks everything made here. A face that shows the
// sample must show it too.
const Label = "FICTIONAL"

// Options are the size of the state and its span of time. The zero value is
// the demonstration: 220 wards in 20 LGAs, 450 facilities, January 2023 to
// December 2024, all faults planted.
type Options struct {
	LGAs       int  // 4 to 30; 0 means 20
	Wards      int  // 8 to 15 an LGA; 0 means 11 an LGA
	Facilities int  // 1.5 to 4 a ward; 0 means about two a ward
	FirstYear  int  // the year the reports begin; 0 means 2023
	Months     int  // 12 to 60; 0 means 24
	Clean      bool // no planted faults: the same people and reports, typed right and sent on time
}

// State is a made-up state and what is true of it.
type State struct {
	Seed       uint64
	Options    Options // as used, with nothing left 0
	Name       string  // StateName
	Code       string  // StateCode
	LGAs       []LGA   // by name
	Wards      []Ward  // by code; those of one LGA together, by name
	Facilities []Facility
	Outline    orb.MultiPolygon // degrees, WGS 84: the union of the wards; the lake is left out
	Truth      Truth

	sheet sheet     // the facility file
	gaps  []gapCell // the cells left empty in the environment file
}

// LGA is a local government area.
type LGA struct {
	Name string
	Code string // "ZB01"
}

// Ward is the smallest unit that is planned for.
type Ward struct {
	Name       string
	Code       string // "ZB01003"
	LGA        int    // position in State.LGAs
	Area       orb.MultiPolygon
	Neighbours []int     // positions of the wards with which it shares a border, ascending
	Values     []float64 // the variables in the order of Variables, as the file gives them, before any is lost
	Urban      float64   // percentage of the surface that is built up, 0–100
	Population int       // persons, 2024
	place      land.Place
}

// Make makes the state of a seed. Options outside their bounds are a problem
// of code usage; a seed that yields no sound state, which none is known to do,
// is a problem of code bad_input.
func Make(seed uint64, o Options) (*State, error) {
	o, err := o.complete()
	if err != nil {
		return nil, err
	}
	ground, err := land.Make(seed, o.LGAs, o.Wards)
	if err != nil {
		return nil, problem.New(problem.BadInput, "sample", fmt.Sprintf("seed %d", seed), "this seed gives no sound map",
			"Choose another seed").Because(err)
	}
	s := &State{Seed: seed, Options: o, Name: StateName, Code: StateCode, Outline: ground.Outline}
	hq := s.settle(ground)
	s.Truth.Risks = risks(seed, s.Wards)
	s.Truth.NoReports = s.chooseNoReports()
	s.Facilities = s.open(hq)
	s.Truth.Reports = s.report()
	s.plant()
	return s, nil
}

// complete fills in what is left 0 and checks the bounds.
func (o Options) complete() (Options, error) {
	for _, d := range []struct {
		value    *int
		standard func() int
	}{
		{&o.LGAs, func() int { return 20 }},
		{&o.Wards, func() int { return 11 * o.LGAs }},
		{&o.Facilities, func() int { return o.Wards * 45 / 22 }},
		{&o.FirstYear, func() int { return 2023 }},
		{&o.Months, func() int { return 24 }},
	} {
		if *d.value == 0 {
			*d.value = d.standard()
		}
	}
	return o, o.check()
}

func (o Options) check() error {
	for _, c := range []struct {
		what             string
		value, low, high int
	}{
		{"LGAs", o.LGAs, 4, 30},
		{"wards", o.Wards, 8 * o.LGAs, 15 * o.LGAs},
		{"facilities", o.Facilities, o.Wards + o.Wards/2, 4 * o.Wards},
		{"first year", o.FirstYear, 2000, 2100},
		{"months", o.Months, 12, 60},
	} {
		if c.value < c.low || c.value > c.high {
			return problem.New(problem.Usage, "sample", c.what, fmt.Sprintf("%d is outside %d to %d", c.value, c.low, c.high),
				fmt.Sprintf("Give a number of %s from %d to %d, or 0 for the usual one", c.what, c.low, c.high))
		}
	}
	return nil
}

// stream is the named source of chance for one step.
func (s *State) stream(name string) *chance.Source { return chance.New(s.Seed, name) }

// period names month m of the state as a DHIS2 export does: "January 2023".
func (s *State) period(m int) string {
	return fmt.Sprintf("%s %d", monthName(m%12), s.Options.FirstYear+m/12)
}

// Period gives month m, counted from 0, in the program's canonical form
// "2023-01".
func (s *State) Period(m int) string {
	return fmt.Sprintf("%04d-%02d", s.Options.FirstYear+m/12, m%12+1)
}

func monthName(m int) string {
	return [...]string{"January", "February", "March", "April", "May", "June", "July",
		"August", "September", "October", "November", "December"}[m]
}
