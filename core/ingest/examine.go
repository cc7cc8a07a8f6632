package ingest

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"

	"chatmrpt/core/ingest/value"
	"chatmrpt/core/table"
)

// examine looks over the table that came out and warns of what should not be
// trusted unseen. It changes nothing.
func examine(t *table.Table, kind Kind, lines []uint32, rep *Report) {
	textInNumbers(rep)
	unknownWards(t, rep)
	totals(t, rep)
	missingPlaces(t, rep)
	repeatedRows(t, lines, rep)
	if kind == Facilities {
		cascade(t, rep)
	}
}

// repeatedRows counts rows that equal an earlier one in every cell. They stay,
// because two reports can be alike; but where they are one report entered
// twice, its counts count twice.
func repeatedRows(t *table.Table, lines []uint32, rep *Report) {
	seen := make(map[[sha256.Size]byte]bool, t.Rows())
	var key []byte
	n := 0
	r := Repeats{}
	for row := range t.Rows() {
		key = key[:0]
		for _, c := range t.Columns {
			key = appendCell(key, c, row)
		}
		sum := sha256.Sum256(key)
		if seen[sum] {
			n++
			if len(r.Rows) < listed && row < len(lines) {
				r.Rows = append(r.Rows, int(lines[row]))
			}
			r.add(t, row)
		}
		seen[sum] = true
	}
	if n > 0 {
		r.Count = n
		rep.Repeats = &r
		rep.warn(WarnRepeated, "rows repeat an earlier one in every cell; they are kept, so what they count is counted twice", n)
	}
}

// add sums the counts that the row holds a second time.
func (r *Repeats) add(t *table.Table, row int) {
	for _, c := range t.Columns {
		if v, ok := c.Number(row); ok && isCount(c.Role) {
			if r.Counts == nil {
				r.Counts = map[table.Role]float64{}
			}
			r.Counts[c.Role] += v
		}
	}
}

// appendCell writes a cell so that no two different cells are written alike.
func appendCell(key []byte, c *table.Column, row int) []byte {
	if code, ok := c.Code(row); ok {
		return binary.AppendUvarint(append(key, 't'), uint64(code))
	}
	if v, ok := c.Number(row); ok {
		return binary.BigEndian.AppendUint64(append(key, 'n'), math.Float64bits(v))
	}
	return append(key, 0)
}

func textInNumbers(rep *Report) {
	n, columns := 0, 0
	for _, c := range rep.Cells {
		if c.Problem == problemText {
			n += c.Count
			columns++
		}
	}
	if n > 0 {
		rep.warn(WarnText, fmt.Sprintf("text stands in %d columns of numbers; these cells were left without a value", columns), n)
	}
}

// unknownWards counts rows whose ward is not known. They stay: their LGA and
// state are, mostly.
func unknownWards(t *table.Table, rep *Report) {
	ward, ok := t.Role(table.RoleWard)
	if !ok {
		return
	}
	n := countWhere(ward, value.IsUnknownPlace)
	n += ward.CountMissing()
	if n > 0 {
		share := float64(n) / float64(t.Rows())
		rep.warn(WarnUnknownWard, fmt.Sprintf("%.1f %% of the rows name no known ward; they are kept", share*100), n)
		rep.Warnings[len(rep.Warnings)-1].Share = share
	}
}

// totals finds lines of sums, which would be counted twice.
func totals(t *table.Table, rep *Report) {
	n := 0
	for _, r := range []table.Role{table.RoleState, table.RoleLGA, table.RoleWard, table.RoleFacility} {
		if c, ok := t.Role(r); ok {
			n += countWhere(c, value.IsTotal)
		}
	}
	if n > 0 {
		rep.warn(WarnTotals, "cells in the columns of places say “total”; such rows would be counted twice: reject them when matching, or remove them", n)
	}
}

// countWhere counts the rows whose text passes test.
func countWhere(c *table.Column, test func(string) bool) (n int) {
	passes := make([]bool, len(c.Dict()))
	for k, s := range c.Dict() {
		passes[k] = test(s)
	}
	for i := range c.Len() {
		if k, ok := c.Code(i); ok && passes[k] {
			n++
		}
	}
	return n
}

func missingPlaces(t *table.Table, rep *Report) {
	if _, ok := t.Role(table.RoleLGA); !ok {
		rep.warn(WarnNoLGA, "there is no column of LGAs: a ward's name that stands in two LGAs can't be told apart by name", 0)
	}
	state, ok := t.Role(table.RoleState)
	if !ok {
		rep.warn(WarnNoState, "there is no column of states", 0)
		return
	}
	foreign := countWhere(state, func(s string) bool { return !value.IsState(s) })
	if foreign > 0 && foreign < t.Rows() {
		rep.warn(WarnState, "the state is none of Nigeria's in some rows", foreign)
	}
}

// cascade counts rows in which more were positive than were tested.
func cascade(t *table.Table, rep *Report) {
	for _, test := range table.Tests() {
		for _, age := range table.Ages() {
			tested, ok := t.Role(table.TestedRole(test, age))
			positive, has := t.Role(table.PositiveRole(test, age))
			if !ok || !has {
				continue
			}
			if n := above(positive, tested); n > 0 {
				rep.warn(WarnCascade, fmt.Sprintf("more positive than tested: %s, %s", test, age), n)
			}
		}
	}
}

// above counts the rows in which a exceeds b, both known.
func above(a, b *table.Column) (n int) {
	for i := range a.Len() {
		x, ok := a.Number(i)
		y, has := b.Number(i)
		if ok && has && x > y {
			n++
		}
	}
	return n
}
