package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"
)

// AuditKind is what sort of thing an entry of the audit records.
type AuditKind string

// The kinds. The first group is written by the store itself, in the
// transaction of the thing recorded; the others by Note.
const (
	AuditStart      AuditKind = "start"      // the audit began
	AuditUnlock     AuditKind = "unlock"     // the store was opened
	AuditLock       AuditKind = "lock"       // and closed
	AuditImport     AuditKind = "import"     // a run that read files
	AuditRun        AuditKind = "run"        // any other run
	AuditDecision   AuditKind = "decision"   // what a person decided in a run
	AuditQuarantine AuditKind = "quarantine" // a row was taken from sight
	AuditErase      AuditKind = "erase"      // the data of a project was destroyed
	AuditDiscard    AuditKind = "discard"    // what was in quarantine was removed

	AuditExport       AuditKind = "export"        // a file was written; the subject is its base name
	AuditUnlockFailed AuditKind = "unlock_failed" // somebody tried, and could not
	AuditPassphrase   AuditKind = "passphrase"    // it was changed
	AuditRecover      AuditKind = "recover"       // opened by the recovery code, or that renewed
	AuditRotate       AuditKind = "rotate"        // the data has a new key
	AuditKeyring      AuditKind = "keyring"       // the system's keyring may open it, or no longer
	AuditShare        AuditKind = "share"         // a remote was set up or forgotten, something sent or fetched
)

// noteKinds are the kinds that Note takes.
func noteKinds() []AuditKind {
	return []AuditKind{AuditExport, AuditUnlockFailed, AuditPassphrase, AuditRecover, AuditRotate, AuditKeyring, AuditShare}
}

// Entry is one entry of the audit.
type Entry struct {
	N       int64 // 1, 2, … without a gap
	At      time.Time
	Kind    AuditKind
	Subject string
	Detail  json.RawMessage
	Run     RunID  // zero when no run belongs to it
	Hash    string // seal of this entry and, through the one before, of all
}

// Note is an entry to be written.
type Note struct {
	Kind    AuditKind
	Subject string
	Detail  any   // marshalled to JSON
	Run     RunID // zero when no run belongs to it
}

// Note writes one entry. Kinds that the store writes itself are refused: nobody
// can put a run on record that never was.
func (s *Store) Note(ctx context.Context, n Note) error {
	if !slices.Contains(noteKinds(), n.Kind) {
		return fmt.Errorf("store: an audit entry of kind %q can't be noted", n.Kind)
	}
	if n.Run != (RunID{}) {
		if err := mine(s, n.Run); err != nil {
			return err
		}
	}
	return s.transact(ctx, func(tx writer) error {
		if n.Run.N != 0 {
			if err := s.exists(ctx, tx, "run", n.Run.N); err != nil {
				return err
			}
		}
		return s.enter(ctx, tx, note{kind: n.Kind, subject: n.Subject, detail: n.Detail, run: n.Run.N})
	})
}

// note is an entry about to be written; run is 0 for none.
type note struct {
	kind    AuditKind
	subject string
	detail  any
	run     int64
}

// enter adds an entry to the audit within tx.
func (s *Store) enter(ctx context.Context, tx writer, n note) error {
	text, err := s.meta(ctx, tx, "audit_head")
	if err != nil {
		return err
	}
	h, err := s.chain.decodeHead(text)
	if err != nil {
		return err
	}
	return s.follow(ctx, tx, h, n)
}

// follow adds the entry that comes after h and moves the head on to it.
func (s *Store) follow(ctx context.Context, tx writer, h head, n note) error {
	detail, err := json.Marshal(n.detail)
	if err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	e := entry{
		id: h.count + 1, owner: string(s.owner), at: timestamp(s.now()), kind: string(n.kind), subject: n.subject,
		detail: string(detail), run: sql.NullInt64{Int64: n.run, Valid: n.run != 0}, prev: h.hash,
	}
	if e.hash, err = s.chain.seal(e.fields()...); err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, "INSERT INTO audit ("+entryFields+") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
		e.id, e.owner, e.at, e.kind, e.subject, e.detail, e.run, e.prev, e.hash)
	if err != nil {
		return err
	}
	text, err := s.chain.encodeHead(head{count: e.id, hash: e.hash})
	if err != nil {
		return err
	}
	return setMeta(ctx, tx, "audit_head", text)
}

const entryFields = "id, owner, at, kind, subject, detail, run, prev, hash"

// entry is a row of audit as it stands.
type entry struct {
	id                               int64
	owner, at, kind, subject, detail string
	run                              sql.NullInt64
	prev, hash                       string
}

// fields is what the seal of an entry covers: all but the seal.
func (e entry) fields() []string {
	run := ""
	if e.run.Valid {
		run = strconv.FormatInt(e.run.Int64, 10)
	}
	return []string{entryLabel, strconv.FormatInt(e.id, 10), e.owner, e.at, e.kind, e.subject, e.detail, run, e.prev}
}

func scanEntry(row scanner) (entry, error) {
	var e entry
	err := row.Scan(&e.id, &e.owner, &e.at, &e.kind, &e.subject, &e.detail, &e.run, &e.prev, &e.hash)
	return e, err
}

// Audit lists the entries, oldest first. It does not verify them, and leaves
// out those that name another owner, which Verify and CheckOwnership report.
func (s *Store) Audit(ctx context.Context) ([]Entry, error) {
	return collect(ctx, s, s.scanAudit, "SELECT "+entryFields+" FROM audit WHERE owner = ? ORDER BY id", s.owner)
}

func (s *Store) scanAudit(row scanner) (Entry, error) {
	e, err := scanEntry(row)
	if err != nil {
		return Entry{}, err
	}
	out := Entry{N: e.id, Kind: AuditKind(e.kind), Subject: e.subject, Detail: json.RawMessage(e.detail), Hash: e.hash}
	if e.run.Valid {
		out.Run = RunID{Owner: s.owner, N: e.run.Int64}
	}
	// A time that can't be read is a fault for Verify to name; the rest of the
	// list is shown all the same.
	out.At, _ = parseTime(e.at)
	return out, nil
}

// runDetail is what the audit keeps of a run: enough to find any later change
// of the run, its inputs, its results and its decisions.
type runDetail struct {
	Record    string       `json:"record"` // SHA-256 of the row
	Inputs    []heldRecord `json:"inputs"`
	Outputs   []heldRecord `json:"outputs"`
	Decisions int          `json:"decisions,omitempty"`
}

// heldRecord names a dataset by what it was when it was recorded.
type heldRecord struct {
	Dataset int64  `json:"dataset"`
	Record  string `json:"record"` // SHA-256 of the row, which holds the content's
	Kind    string `json:"kind"`
	Name    string `json:"name"`
	SHA256  string `json:"sha256"` // of the content
	Source  string `json:"source,omitempty"`
}

// decisionDetail seals the decisions of a run.
type decisionDetail struct {
	Count  int    `json:"count"`
	Record string `json:"record"` // SHA-256 of the rows
}

// enterRun puts a run that was just written on record.
func (s *Store) enterRun(ctx context.Context, tx writer, run Run, d Draft) error {
	detail := runDetail{Inputs: []heldRecord{}, Outputs: []heldRecord{}, Decisions: len(d.Decisions)}
	var err error
	if detail.Record, err = digest(ctx, tx, runDigestQuery, run.ID.N); err != nil {
		return err
	}
	if detail.Inputs, err = heldRecords(ctx, tx, "SELECT dataset FROM run_input WHERE run = ? ORDER BY ordinal", run.ID.N); err != nil {
		return err
	}
	if detail.Outputs, err = heldRecords(ctx, tx, "SELECT id FROM dataset WHERE run = ? ORDER BY id", run.ID.N); err != nil {
		return err
	}
	kind := AuditRun
	if slices.ContainsFunc(detail.Outputs, func(h heldRecord) bool { return h.Source != "" }) {
		kind = AuditImport
	}
	if err := s.enter(ctx, tx, note{kind: kind, subject: d.Act, detail: detail, run: run.ID.N}); err != nil || len(d.Decisions) == 0 {
		return err
	}
	decided := decisionDetail{Count: len(d.Decisions)}
	if decided.Record, err = digest(ctx, tx, decisionDigestQuery, run.ID.N); err != nil {
		return err
	}
	return s.enter(ctx, tx, note{kind: AuditDecision, subject: d.Act, detail: decided, run: run.ID.N})
}

// The rows as the audit knows them: every column, as text.
const (
	runDigestQuery = `SELECT CAST(id AS TEXT), owner, CAST(project AS TEXT), act, params, CAST(seed AS TEXT), version, started, finished,
		summary, notices FROM run WHERE id = ?`
	datasetDigestQuery = `SELECT CAST(id AS TEXT), owner, CAST(project AS TEXT), CAST(run AS TEXT), kind, name, CAST(version AS TEXT),
		CAST(rows AS TEXT), sha256, source, source_hash, report FROM dataset WHERE id = ?`
	decisionDigestQuery = `SELECT CAST(id AS TEXT), owner, CAST(project AS TEXT), given_state, given_lga, given_ward, given_code,
		state, lga, ward, ward_code, decision FROM place_decision WHERE run = ? ORDER BY id`
)

// digest is the SHA-256 of all rows of a query whose columns are texts; with
// no row, "".
func digest(ctx context.Context, from querier, query string, args ...any) (string, error) {
	rows, err := from.QueryContext(ctx, query, args...)
	if err != nil {
		return "", err
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		return "", err
	}
	cells, into := make([]string, len(names)), make([]any, len(names))
	for i := range cells {
		into[i] = &cells[i]
	}
	h, seen := sha256.New(), false
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return "", err
		}
		writeFields(h, cells)
		seen = true
	}
	if !seen {
		return "", rows.Err()
	}
	return hex.EncodeToString(h.Sum(nil)), rows.Err()
}

// heldRecords describes the datasets whose numbers the query gives.
func heldRecords(ctx context.Context, from querier, query string, args ...any) ([]heldRecord, error) {
	numbers, err := numbersOf(ctx, from, query, args...)
	if err != nil {
		return nil, err
	}
	out := make([]heldRecord, 0, len(numbers))
	for _, n := range numbers {
		h := heldRecord{Dataset: n}
		err := from.QueryRowContext(ctx, "SELECT kind, name, sha256, source FROM dataset WHERE id = ?", n).Scan(&h.Kind, &h.Name, &h.SHA256, &h.Source)
		if errors.Is(err, sql.ErrNoRows) {
			err = ErrNotFound
		}
		if err != nil {
			return nil, err
		}
		if h.Record, err = digest(ctx, from, datasetDigestQuery, n); err != nil {
			return nil, err
		}
		out = append(out, h)
	}
	return out, nil
}

// numbersOf reads the one whole number of each row.
func numbersOf(ctx context.Context, from querier, query string, args ...any) ([]int64, error) {
	rows, err := from.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []int64
	for rows.Next() {
		var n int64
		if err := rows.Scan(&n); err != nil {
			return nil, err
		}
		out = append(out, n)
	}
	return out, rows.Err()
}
