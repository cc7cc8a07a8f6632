package outbox

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Again is how long after a scheduled sending that a broken line ended the next
// is begun.
const Again = 30 * time.Minute

// MostHours bounds the hours between two scheduled sendings: a week.
const MostHours = 7 * 24

// Schedule says when what waits in the outbox is sent without being asked for.
// It holds while the profile is open; a time that passed meanwhile is made up
// for at the next opening. The zero value sends nothing by itself.
type Schedule struct {
	Every int    `json:"every,omitempty"` // hours that lie at least between two sendings; 0 for a Daily one
	Daily string `json:"daily,omitempty"` // local time of the day, as 14:30

	Set  time.Time `json:"set,omitzero"`  // when the person chose it
	Last time.Time `json:"last,omitzero"` // when the last sending was begun
	// Missed is whether the last one did not come to its end: the line broke,
	// the profile was locked, the computer failed.
	Missed bool `json:"missed,omitempty"`
}

// NewSchedule makes a schedule of a number of hours or a time of the day; both
// zero give one that is off.
func NewSchedule(every int, daily string, now time.Time) (Schedule, error) {
	if every != 0 && daily != "" {
		return Schedule{}, errors.New("it is either every few hours or daily")
	}
	if every < 0 || every > MostHours {
		return Schedule{}, fmt.Errorf("the hours are from 1 to %d", MostHours)
	}
	if daily != "" {
		at, err := time.Parse("15:04", strings.TrimSpace(daily))
		if err != nil {
			return Schedule{}, errors.New("the time of the day is like 14:30")
		}
		daily = at.Format("15:04")
	}
	return Schedule{Every: every, Daily: daily, Set: now}, nil
}

// On reports whether anything is sent by itself.
func (s Schedule) On() bool { return s.Every > 0 || s.Daily != "" }

// Words says the schedule for a person.
func (s Schedule) Words() string {
	switch {
	case s.Daily != "":
		return "daily at " + s.Daily
	case s.Every == 1:
		return "at most every hour"
	case s.Every > 0:
		return fmt.Sprintf("at most every %d hours", s.Every)
	}
	return "only when asked"
}

// Next is when something that waits since queued is to be sent, in the zone of
// now; zero when it waits for the person. It may lie in the past. Times on
// record that are still to come show that the clock was put back, and say
// nothing.
func (s Schedule) Next(now, queued time.Time) time.Time {
	if !s.On() {
		return time.Time{}
	}
	last, set, queued := passed(s.Last, now), passed(s.Set, now), passed(queued, now)
	if s.Missed && !last.IsZero() {
		return last.Add(min(Again, s.gap())).In(now.Location())
	}
	if s.Daily == "" {
		if last.IsZero() {
			return latest(set, queued).In(now.Location())
		}
		return latest(last.Add(s.gap()), queued).In(now.Location())
	}
	after := latest(last, set, queued)
	if after.IsZero() {
		after = now
	}
	return s.daily(after.In(now.Location()))
}

// gap is the least time between two sendings.
func (s Schedule) gap() time.Duration {
	return time.Duration(cmp.Or(s.Every, 24)) * time.Hour
}

// daily is the first time of the day's that lies behind t, in the zone of t.
func (s Schedule) daily(t time.Time) time.Time {
	clock, err := time.Parse("15:04", s.Daily)
	if err != nil {
		return time.Time{} // settings that nobody here wrote send nothing by themselves
	}
	at := func(days int) time.Time {
		return time.Date(t.Year(), t.Month(), t.Day()+days, clock.Hour(), clock.Minute(), 0, 0, t.Location())
	}
	if today := at(0); today.After(t) {
		return today
	}
	return at(1)
}

// passed is t, or zero when it has not come yet.
func passed(t, now time.Time) time.Time {
	if t.After(now) {
		return time.Time{}
	}
	return t
}

func latest(times ...time.Time) (out time.Time) {
	for _, t := range times {
		if t.After(out) {
			out = t
		}
	}
	return out
}
