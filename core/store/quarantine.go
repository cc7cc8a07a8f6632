package store

import (
	"context"
	"database/sql"
	"fmt"
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
	return fmt.Sprintf("%s %d", q.Table, q.Row)
}

// suspicion is a question to the store whose answers (numbers) belong in
// quarantine. ?1 is the owner.
type suspicion struct{ table, reason, query string }

const (
	foreign     = "it belongs to somebody else"
	orphan      = "what it belongs to is not there"
	elsewhere   = "it belongs to one project and its run to another"
	hereAndAway = "the run read a table of another project"
	restsOn     = "it belongs to, or was made from, something in quarantine"
)

// suspicions are asked at each start. None reads the rows of dataset_column or
// area, which are most of a store; their indexes answer.
func suspicions() []suspicion {
	return []suspicion{
		{"project", foreign, "SELECT id FROM project WHERE owner <> ?1"},
		{"run", foreign, "SELECT id FROM run WHERE owner <> ?1"},
		{"run", orphan, "SELECT id FROM run WHERE project NOT IN (SELECT id FROM project) AND ?1 <> ''"},
		{"dataset", foreign, "SELECT id FROM dataset WHERE owner <> ?1"},
		{"dataset", orphan, "SELECT id FROM dataset WHERE (run NOT IN (SELECT id FROM run) OR project NOT IN (SELECT id FROM project)) AND ?1 <> ''"},
		{"dataset", elsewhere, "SELECT d.id FROM dataset d JOIN run r ON r.id = d.run WHERE r.project <> d.project AND ?1 <> ''"},
		{"dataset_column", foreign, others("dataset_column")},
		{"dataset_column", orphan, "SELECT DISTINCT dataset FROM dataset_column WHERE dataset NOT IN (SELECT id FROM dataset) AND ?1 <> ''"},
		{"area", foreign, others("area")},
		{"area", orphan, `WITH RECURSIVE d(n) AS (SELECT min(dataset) FROM area
			UNION ALL SELECT (SELECT min(dataset) FROM area WHERE dataset > n) FROM d WHERE n IS NOT NULL)
			SELECT n FROM d WHERE n IS NOT NULL AND n NOT IN (SELECT id FROM dataset) AND ?1 <> ''`},
		{"run_input", foreign, "SELECT run FROM run_input WHERE owner <> ?1"},
		{"run_input", orphan, `SELECT DISTINCT run FROM run_input
			WHERE (run NOT IN (SELECT id FROM run) OR dataset NOT IN (SELECT id FROM dataset)) AND ?1 <> ''`},
		{"run_input", hereAndAway, `SELECT DISTINCT i.run FROM run_input i JOIN run r ON r.id = i.run JOIN dataset d ON d.id = i.dataset
			WHERE r.project <> d.project AND ?1 <> ''`},
		{"place_decision", foreign, "SELECT id FROM place_decision WHERE owner <> ?1"},
		{"place_decision", orphan, "SELECT id FROM place_decision WHERE (run NOT IN (SELECT id FROM run) OR project NOT IN (SELECT id FROM project)) AND ?1 <> ''"},
		{"place_decision", elsewhere, "SELECT p.id FROM place_decision p JOIN run r ON r.id = p.run WHERE r.project <> p.project AND ?1 <> ''"},
		{"audit", foreign, "SELECT id FROM audit WHERE owner <> ?1"},
	}
}

// others asks for the datasets with rows of other owners in a long table as two
// ranges of its index: told as "not equal", or left to choose, SQLite walks
// through every row.
func others(table string) string {
	from := "SELECT dataset FROM " + table + " INDEXED BY " + table + "_owner WHERE owner "
	return from + "< ?1 UNION ALL " + from + "> ?1"
}

// consequences follow from what is in quarantine, until nothing follows any
// more: a result shows what it was made from, and a table without one of its
// columns is another table.
func consequences() []suspicion {
	const held = "(SELECT row FROM quarantine WHERE tab = "
	return []suspicion{
		{"run", restsOn, "SELECT id FROM run WHERE (project IN " + held + "'project') OR id IN " + held + "'run_input')) AND ?1 <> ''"},
		{"run", restsOn, "SELECT DISTINCT run FROM run_input WHERE dataset IN " + held + "'dataset') AND run IN (SELECT id FROM run) AND ?1 <> ''"},
		{"dataset", restsOn, "SELECT id FROM dataset WHERE (run IN " + held + "'run') OR project IN " + held + "'project')) AND ?1 <> ''"},
		{"dataset", restsOn, "SELECT id FROM dataset WHERE (id IN " + held + "'dataset_column') OR id IN " + held + "'area')) AND ?1 <> ''"},
		{"place_decision", restsOn, "SELECT id FROM place_decision WHERE (run IN " + held + "'run') OR project IN " + held + "'project')) AND ?1 <> ''"},
	}
}

// CheckOwnership looks through the store for rows of other owners and for rows
// whose parent is missing or of another project, puts them and all that rests
// on them into quarantine, each with an entry in the audit, and returns
// everything that is there, oldest first. It reads no cells and writes nothing
// when there is nothing new.
func (s *Store) CheckOwnership(ctx context.Context) ([]Quarantined, error) {
	found, err := s.suspects(ctx, s.db.RO, suspicions())
	if err != nil {
		return nil, encvfs.Explain(err)
	}
	if len(found) > 0 {
		if err := s.transact(ctx, func(tx *sql.Tx) error { return s.confine(ctx, tx) }); err != nil {
			return nil, fmt.Errorf("quarantine: %w", err)
		}
	}
	return s.Quarantine(ctx)
}

// confine puts into quarantine what belongs there, and then what follows.
func (s *Store) confine(ctx context.Context, tx *sql.Tx) error {
	ask := suspicions()
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
		ask = consequences()
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

func (s *Store) hide(ctx context.Context, tx *sql.Tx, q Quarantined) error {
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
