package outbox_test

import (
	"testing"
	"time"

	"chatmrpt/sync/outbox"
)

// lagos is the zone of the tests: what is chosen is a local time.
func lagos() *time.Location { return time.FixedZone("WAT", 3600) }

func at(day, hour, minute int) time.Time {
	return time.Date(2026, 3, day, hour, minute, 0, 0, lagos())
}

func TestScheduleNext(t *testing.T) {
	never := time.Time{}
	for name, c := range map[string]struct {
		s           outbox.Schedule
		now, queued time.Time
		want        time.Time
	}{
		"off":                            {outbox.Schedule{}, at(2, 9, 0), at(2, 8, 0), never},
		"hours, never sent: at once":     {outbox.Schedule{Every: 6, Set: at(2, 8, 0)}, at(2, 9, 0), at(2, 8, 30), at(2, 8, 30)},
		"hours, sent lately":             {outbox.Schedule{Every: 6, Last: at(2, 8, 0)}, at(2, 9, 0), at(2, 8, 30), at(2, 14, 0)},
		"hours, sent long ago":           {outbox.Schedule{Every: 6, Last: at(1, 8, 0)}, at(2, 9, 0), at(2, 8, 30), at(2, 8, 30)},
		"hours, the line broke":          {outbox.Schedule{Every: 6, Last: at(2, 8, 0), Missed: true}, at(2, 8, 10), at(2, 7, 0), at(2, 8, 30)},
		"hours, the clock was put back":  {outbox.Schedule{Every: 6, Last: at(9, 8, 0)}, at(2, 9, 0), at(2, 8, 30), at(2, 8, 30)},
		"daily, later today":             {outbox.Schedule{Daily: "14:00", Set: at(1, 8, 0), Last: at(1, 14, 0)}, at(2, 9, 0), at(2, 8, 0), at(2, 14, 0)},
		"daily, made up for":             {outbox.Schedule{Daily: "14:00", Set: at(1, 8, 0), Last: at(1, 14, 0)}, at(2, 16, 0), at(2, 8, 0), at(2, 14, 0)},
		"daily, queued after it":         {outbox.Schedule{Daily: "14:00", Set: at(1, 8, 0), Last: at(1, 14, 0)}, at(2, 16, 0), at(2, 15, 0), at(3, 14, 0)},
		"daily, set after it":            {outbox.Schedule{Daily: "14:00", Set: at(2, 15, 0)}, at(2, 16, 0), at(2, 8, 0), at(3, 14, 0)},
		"daily, sent today":              {outbox.Schedule{Daily: "14:00", Set: at(1, 8, 0), Last: at(2, 14, 0)}, at(2, 16, 0), at(2, 8, 0), at(3, 14, 0)},
		"daily, in local time":           {outbox.Schedule{Daily: "00:30", Set: at(1, 8, 0)}, at(2, 9, 0), time.Date(2026, 3, 1, 23, 0, 0, 0, time.UTC), at(2, 0, 30)},
		"daily, the clock was put back":  {outbox.Schedule{Daily: "14:00", Set: at(9, 8, 0), Last: at(9, 14, 0)}, at(2, 9, 0), at(9, 8, 0), at(2, 14, 0)},
		"settings that nobody here made": {outbox.Schedule{Daily: "2 o'clock"}, at(2, 9, 0), at(2, 8, 0), never},
	} {
		if got := c.s.Next(c.now, c.queued); !got.Equal(c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

// However it is used, a sending begins at most every so many hours, or 30
// minutes after one that did not come to its end.
func TestScheduleKeepsItsDistance(t *testing.T) {
	for _, every := range []int{1, 5, 24} {
		s, err := outbox.NewSchedule(every, "", at(1, 0, 0))
		if err != nil {
			t.Fatal(err)
		}
		var begun []time.Time
		for now := at(1, 0, 0); now.Before(at(6, 0, 0)); now = now.Add(7 * time.Minute) {
			if s.Next(now, at(1, 0, 0)).After(now) {
				continue
			}
			s.Last, s.Missed = now, len(begun)%3 == 1
			begun = append(begun, now)
		}
		for i := range begun[1:] {
			least := time.Duration(every) * time.Hour
			if i%3 == 1 {
				least = outbox.Again
			}
			if d := begun[i+1].Sub(begun[i]); d < least || d > least+7*time.Minute {
				t.Errorf("every %d hours: %v after the one before", every, d)
			}
		}
		if len(begun) < 5 {
			t.Errorf("every %d hours: begun only at %v", every, begun)
		}
	}
}

func TestNewSchedule(t *testing.T) {
	for _, c := range []struct {
		every int
		daily string
		words string // "" for none
	}{
		{0, "", "only when asked"}, {1, "", "at most every hour"}, {6, "", "at most every 6 hours"}, {0, "9:05", "daily at 09:05"}, {0, " 14:30 ", "daily at 14:30"},
		{-1, "", ""}, {169, "", ""}, {6, "14:30", ""}, {0, "25:00", ""}, {0, "14", ""}, {0, "noon", ""},
	} {
		s, err := outbox.NewSchedule(c.every, c.daily, at(1, 8, 0))
		if (err == nil) != (c.words != "") || (err == nil && s.Words() != c.words) {
			t.Errorf("%d %q: %q, %v", c.every, c.daily, s.Words(), err)
		}
		if err == nil && s.On() != (c.every != 0 || c.daily != "") {
			t.Errorf("%d %q: on is %v", c.every, c.daily, s.On())
		}
	}
}
