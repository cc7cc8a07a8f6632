package action

import (
	"fmt"
	"strconv"
	"strings"

	"chatmrpt/core/store"
)

// counted gives "1 row", "2 rows", "12,345 rows".
func counted(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return grouped(n) + " " + thing + "s"
}

// called names a dataset by its kind and name, a ranking named ranking once.
func called(d store.Dataset) string {
	if d.Kind == d.Name {
		return d.Name
	}
	return d.Kind + " " + d.Name
}

// grouped writes n with commas between thousands.
func grouped(n int) string {
	s := strconv.Itoa(n)
	sign := ""
	if n < 0 {
		sign, s = "-", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return sign + s
}

// percent writes a share of one as a percentage with one decimal.
func percent(share float64) string { return fmt.Sprintf("%.1f %%", 100*share) }

// listed gives "a, b and c"; of more than most it gives the first and how many
// follow.
func listed(names []string, most int) string {
	switch {
	case len(names) == 0:
		return ""
	case len(names) == 1:
		return names[0]
	case len(names) > most:
		return strings.Join(names[:most], ", ") + fmt.Sprintf(" and %d more", len(names)-most)
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}
