package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"chatmrpt/core/store/encvfs"
)

// Quarantined is a row that is never shown: it belongs to somebody else or to
// nothing, or it rests on one that does.
type Quarantined struct {
	Table  string // of the store
	Row    int64  // its number; of dataset_column and area the dataset's, of run_input the run's
	Reason string // lower case, no final stop
	Found  time.Time
}

// String names the row, as "area of dataset 3".
func (q Quarantined) String() string {
	switch q.Table {
	case "dataset_column", "area":
		return fmt.Sprintf("%s of dataset %d", q.Table, q.Row)
	case "run_input":
		return fmt.Sprintf("input of run %d", q.Row)
	case "place_decision":
		return fmt.Sprintf("decision %d", q.Row)
	}
	if table, ok := strings.CutSuffix(q.Table, "_part"); ok {
		return fmt.Sprintf("part of %s %d", table, q.Row)
	}
	return fmt.Sprintf("%s %d", q.Table, q.Row)
}

// suspicion is a question to the store whose answers (numbers) belong in
// quarantine. ?1 is the owner.
type suspicion struct{ table, reason, query string }

const (
	foreign = "it belongs to somebody else"
	orphan  = "what it belongs to is not there"
	restsOn = "it belongs to, or was made from, something in quarantine"
)

// suspicions are asked at each start, of every table there is. None reads the
// rows of dataset_column or area, which are most of a store; their indexes
// answer.
func suspicions(tables []shape) (ask []suspicion) {
	for _, t := range tables {
		ask = append(ask, suspicion{t.name, foreign, t.others()})
		for _, p := range t.parents {
			ask = append(ask, suspicion{t.name, orphan, t.orphans(p)})
		}
		ask = append(ask, t.astray(tables)...)
	}
	return ask
}

// others asks for the rows of other owners. In a long table these are two
// ranges of its index: told as "not equal", or left to choose, SQLite walks
// through every row.
func (t shape) others() string {
	if !t.indexed {
		return fmt.Sprintf("SELECT DISTINCT %s FROM %s WHERE owner <> ?1", t.number, t.name)
	}
	from := fmt.Sprintf("SELECT %s FROM %s INDEXED BY %s_owner WHERE owner ", t.number, t.name, t.name)
	return from + "< ?1 UNION ALL " + from + "> ?1"
}

// orphans asks for the rows whose parent is not there. A part has many rows to
// each number of its whole; one look is taken at each number.
func (t shape) orphans(p parent) string {
	if t.part() && p == t.whole() {
		return fmt.Sprintf(`WITH RECURSIVE d(n) AS (SELECT min(%[1]s) FROM %[2]s
			UNION ALL SELECT (SELECT min(%[1]s) FROM %[2]s WHERE %[1]s > n) FROM d WHERE n IS NOT NULL)
			SELECT n FROM d WHERE n IS NOT NULL AND n NOT IN (SELECT id FROM %[3]s) AND ?1 <> ''`, t.number, t.name, p.table)
	}
	return fmt.Sprintf("SELECT DISTINCT %s FROM %s WHERE %s NOT IN (SELECT id FROM %s) AND ?1 <> ''", t.number, t.name, p.column, p.table)
}

// astray asks for the rows that lie across two projects: the row in one and
// what it refers to in another, or two things it refers to.
func (t shape) astray(tables []shape) (ask []suspicion) {
	type place struct{ words, join, project string }
	var places []place
	if t.has("project") {
		places = append(places, place{"it", "", "t.project"})
	}
	for i, p := range t.parents {
		if at := slices.IndexFunc(tables, func(o shape) bool { return o.name == p.table }); at >= 0 && tables[at].has("project") {
			as := fmt.Sprintf("p%d", i)
			places = append(places, place{"its " + p.table, fmt.Sprintf("JOIN %s %s ON %s.id = t.%s", p.table, as, as, p.column), as + ".project"})
		}
	}
	for i, a := range places {
		for _, b := range places[i+1:] {
			ask = append(ask, suspicion{t.name, fmt.Sprintf("%s belongs to one project and %s to another", a.words, b.words),
				fmt.Sprintf("SELECT DISTINCT t.%s FROM %s t %s %s WHERE %s <> %s AND ?1 <> ''", t.number, t.name, a.join, b.join, a.project, b.project)})
		}
	}
	return ask
}

// consequences follow from what is in quarantine, until nothing follows any
// more: a result shows what it was made from, and a table without one of its
// columns is another table.
func consequences(tables []shape) (ask []suspicion) {
	held := func(table string) string { return "(SELECT row FROM quarantine WHERE tab = '" + table + "')" }
	for _, t := range tables {
		hides := t.name // what is hidden with a part is the whole
		if t.part() {
			whole := t.whole()
			hides = whole.table
			ask = append(ask, suspicion{hides, restsOn, fmt.Sprintf("SELECT id FROM %s WHERE id IN %s AND ?1 <> ''", hides, held(t.name))})
		}
		for _, p := range t.parents {
			if t.part() && p == t.whole() {
				continue
			}
			ask = append(ask, suspicion{hides, restsOn, fmt.Sprintf("SELECT DISTINCT t.%s FROM %s t JOIN %s h ON h.id = t.%s WHERE t.%s IN %s AND ?1 <> ''",
				t.number, t.name, hides, t.number, p.column, held(p.table))})
		}
	}
	return ask
}

// CheckOwnership looks through the store for rows of other owners and for rows
// whose parent is missing or of another project, puts them and all that rests
// on them into quarantine, each with an entry in the audit, and returns
// everything that is there, oldest first. It reads no cells and writes nothing
// when there is nothing new.
func (s *Store) CheckOwnership(ctx context.Context) ([]Quarantined, error) {
	tables, err := s.shapes(ctx, s.db.RO)
	if err != nil {
		return nil, encvfs.Explain(err)
	}
	found, err := s.suspects(ctx, s.db.RO, suspicions(tables))
	if err != nil {
		return nil, encvfs.Explain(err)
	}
	if len(found) > 0 {
		if err := s.transact(ctx, func(tx writer) error { return s.confine(ctx, tx, tables) }); err != nil {
			return nil, fmt.Errorf("quarantine: %w", err)
		}
	}
	return s.Quarantine(ctx)
}

// confine puts into quarantine what belongs there, and then what follows.
func (s *Store) confine(ctx context.Context, tx writer, tables []shape) error {
	ask := suspicions(tables)
	for {
		found, err := s.suspects(ctx, tx, ask)
		if err != nil || len(found) == 0 {
			return err
		}
		for _, q := range found {
			if err := s.hide(ctx, tx, q); err != nil {
				return err
			}
		}
		ask = consequences(tables)
	}
}

// suspects asks the questions and leaves out what is in quarantine already; a
// row is named once, for the first reason.
func (s *Store) suspects(ctx context.Context, from querier, ask []suspicion) ([]Quarantined, error) {
	type name struct {
		table string
		row   int64
	}
	seen := map[name]bool{}
	var out []Quarantined
	for _, q := range ask {
		rows, err := numbersOf(ctx, from, "SELECT * FROM ("+q.query+") EXCEPT SELECT row FROM quarantine WHERE tab = '"+q.table+"' ORDER BY 1", s.owner)
		if err != nil {
			return nil, err
		}
		for _, n := range rows {
			if at := (name{q.table, n}); !seen[at] {
				seen[at] = true
				out = append(out, Quarantined{Table: q.table, Row: n, Reason: q.reason})
			}
		}
	}
	return out, nil
}

func (s *Store) hide(ctx context.Context, tx writer, q Quarantined) error {
	_, err := tx.ExecContext(ctx, "INSERT INTO quarantine (owner, at, tab, row, reason) VALUES (?, ?, ?, ?, ?)",
		s.owner, timestamp(s.now()), q.Table, q.Row, q.Reason)
	if err != nil || s.chain.isBroken() {
		return err // a broken audit must not keep a foreign row in sight
	}
	return s.enter(ctx, tx, note{kind: AuditQuarantine, subject: q.String(), detail: map[string]any{"table": q.Table, "row": q.Row, "reason": q.Reason}})
}

// Quarantine lists what is in quarantine, oldest first.
func (s *Store) Quarantine(ctx context.Context) ([]Quarantined, error) {
	scan := func(row scanner) (Quarantined, error) {
		var q Quarantined
		var at string
		if err := row.Scan(&q.Table, &q.Row, &q.Reason, &at); err != nil {
			return q, err
		}
		var err error
		q.Found, err = parseTime(at)
		return q, err
	}
	return collect(ctx, s, scan, "SELECT tab, row, reason, at FROM quarantine ORDER BY id")
}
