package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"chatmrpt/core/store/encvfs"
)

// Fault is one thing about the audit that does not fit.
type Fault struct {
	Entry int64  // number of the entry; 0 when the fault is of the whole
	What  string // lower case, no final stop
}

// ChainReport is what Verify found.
type ChainReport struct {
	Entries int     // that are there
	Faults  []Fault // in the order of the entries; the first is the first broken one
}

// Whole reports whether nothing was found.
func (r ChainReport) Whole() bool { return len(r.Faults) == 0 }

func (r *ChainReport) add(entry int64, format string, args ...any) {
	r.Faults = append(r.Faults, Fault{Entry: entry, What: fmt.Sprintf(format, args...)})
}

// Verify walks the audit from its first entry and names everything that does
// not fit: entries that were changed, removed, added, moved or cut off the end,
// and runs, datasets and decisions that are no longer what the audit says they
// were. Cells and geometry are held against the datasets' hashes by Contents.
//
// What it can't find: that the whole file, or the end of the chain together with
// its account, was put back as it was at an earlier time; and what somebody who
// has the store's key made up.
func (s *Store) Verify(ctx context.Context) (ChainReport, error) {
	tx, err := s.db.RO.BeginTx(ctx, nil) // one state of the store for all questions
	if err != nil {
		return ChainReport{}, encvfs.Explain(err)
	}
	defer tx.Rollback()
	entries, err := entriesOf(ctx, tx)
	if err != nil {
		return ChainReport{}, encvfs.Explain(err)
	}
	r := ChainReport{Entries: len(entries)}
	if err := s.verifyChain(entries, &r); err != nil {
		return r, err
	}
	text, err := s.meta(ctx, tx, "audit_head")
	if err != nil {
		return r, encvfs.Explain(err)
	}
	s.verifyHead(text, entries, &r)
	return r, encvfs.Explain(verifyRecords(ctx, tx, entries, &r))
}

func entriesOf(ctx context.Context, tx querier) ([]entry, error) {
	rows, err := tx.QueryContext(ctx, "SELECT "+entryFields+" FROM audit ORDER BY id")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []entry
	for rows.Next() {
		e, err := scanEntry(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	return out, rows.Err()
}

// verifyChain holds every entry against its seal and its predecessor.
func (s *Store) verifyChain(entries []entry, r *ChainReport) error {
	last := head{}
	for _, e := range entries {
		if e.id > last.count+1 {
			r.add(last.count+1, "%s missing", span(last.count+1, e.id-1))
		}
		want, err := s.chain.seal(e.fields()...)
		switch {
		case errors.Is(err, ErrAudit):
			r.add(e.id, "its seal can't be checked")
		case err != nil:
			return err
		case e.id < 1:
			r.add(e.id, "an entry of this number was never written")
		case want != e.hash:
			r.add(e.id, "it was changed: its seal does not fit")
		case e.owner != string(s.owner):
			r.add(e.id, "it belongs to somebody else")
		case e.prev != last.hash:
			r.add(e.id, "it does not follow the entry before it")
		}
		last = head{count: e.id, hash: e.hash}
	}
	return nil
}

func span(from, to int64) string {
	if from == to {
		return fmt.Sprintf("entry %d is", from)
	}
	return fmt.Sprintf("entries %d to %d are", from, to)
}

// verifyHead holds the end of the chain against the account of it.
func (s *Store) verifyHead(text string, entries []entry, r *ChainReport) {
	h, err := s.chain.decodeHead(text)
	if err != nil {
		r.add(0, "the account of the last entry can't be trusted: %v", err)
	}
	var last entry
	if len(entries) > 0 {
		last = entries[len(entries)-1]
	}
	switch {
	case err != nil && h.count == 0:
	case last.id < h.count:
		r.add(last.id+1, "%s missing at the end", span(last.id+1, h.count))
	case last.id > h.count:
		r.add(h.count+1, "%s not on the account: added behind the end", span(h.count+1, last.id))
	case last.hash != h.hash:
		r.add(last.id, "it is not the entry that was written last")
	}
}

// verifyRecords holds what the entries say of runs, datasets and decisions
// against these.
func verifyRecords(ctx context.Context, tx querier, entries []entry, r *ChainReport) error {
	k := known{erased: erasedBy(entries)}
	for _, e := range entries {
		if err := ctx.Err(); err != nil {
			return err
		}
		var err error
		switch AuditKind(e.kind) {
		case AuditStart:
			err = k.before(e)
		case AuditRun, AuditImport:
			err = k.verifyRun(ctx, tx, e, r)
		case AuditDecision:
			err = k.verifyDecisions(ctx, tx, e, r)
		}
		if errors.Is(err, errDetail) {
			r.add(e.id, "its detail can't be read")
			err = nil
		}
		if err != nil {
			return err
		}
	}
	return k.unrecorded(ctx, tx, r)
}

var errDetail = errors.New("detail of an audit entry")

// known collects what is on record.
type known struct {
	start          startDetail
	runs, datasets []int64
	decided        []int64 // runs with decisions
	erased         erasure // by the user, with their project or out of quarantine
}

// erasedBy collects what the entries say was erased. An entry that can't be
// read excuses nothing.
func erasedBy(entries []entry) (all erasure) {
	for _, e := range entries {
		if kind := AuditKind(e.kind); kind != AuditErase && kind != AuditDiscard {
			continue
		}
		if d, err := detailOf[erasure](e); err == nil {
			all.Runs, all.Datasets, all.Decided = append(all.Runs, d.Runs...), append(all.Datasets, d.Datasets...), append(all.Decided, d.Decided...)
		}
	}
	return all
}

func detailOf[T any](e entry) (d T, err error) {
	if json.Unmarshal([]byte(e.detail), &d) != nil {
		return d, errDetail
	}
	return d, nil
}

func (k *known) before(e entry) (err error) {
	k.start, err = detailOf[startDetail](e)
	return err
}

func (k *known) verifyRun(ctx context.Context, tx querier, e entry, r *ChainReport) error {
	d, err := detailOf[runDetail](e)
	if err != nil {
		return err
	}
	k.runs = append(k.runs, e.run.Int64)
	now, err := digest(ctx, tx, runDigestQuery, e.run.Int64)
	if err != nil {
		return err
	}
	if slices.Contains(k.erased.Runs, e.run.Int64) {
		if now != "" {
			r.add(e.id, "run %d was erased and is there again", e.run.Int64)
		}
		return nil
	}
	if now != d.Record {
		r.add(e.id, "run %d is not what was recorded: %s", e.run.Int64, goneOr(now))
	}
	for _, o := range d.Outputs {
		k.datasets = append(k.datasets, o.Dataset)
		now, err := digest(ctx, tx, datasetDigestQuery, o.Dataset)
		if err != nil {
			return err
		}
		switch discarded := slices.Contains(k.erased.Datasets, o.Dataset); {
		case discarded && now != "":
			r.add(e.id, "dataset %d was removed and is there again", o.Dataset)
		case !discarded && now != o.Record:
			r.add(e.id, "%s %s (dataset %d) is not what was recorded: %s", o.Kind, o.Name, o.Dataset, goneOr(now))
		}
	}
	inputs, err := numbersOf(ctx, tx, "SELECT dataset FROM run_input WHERE run = ? ORDER BY ordinal", e.run.Int64)
	if err != nil {
		return err
	}
	if !slices.EqualFunc(inputs, d.Inputs, func(n int64, h heldRecord) bool { return n == h.Dataset }) {
		r.add(e.id, "run %d now names other inputs than were recorded", e.run.Int64)
	}
	return nil
}

func goneOr(digest string) string {
	if digest == "" {
		return "it is gone"
	}
	return "it was changed"
}

func (k *known) verifyDecisions(ctx context.Context, tx querier, e entry, r *ChainReport) error {
	d, err := detailOf[decisionDetail](e)
	if err != nil {
		return err
	}
	k.decided = append(k.decided, e.run.Int64)
	if slices.Contains(k.erased.Runs, e.run.Int64) || slices.Contains(k.erased.Decided, e.run.Int64) {
		return nil
	}
	now, err := digest(ctx, tx, decisionDigestQuery, e.run.Int64)
	if err == nil && now != d.Record {
		r.add(e.id, "the decisions of run %d are not those that were recorded", e.run.Int64)
	}
	return err
}

// unrecorded finds what nobody put on record.
func (k *known) unrecorded(ctx context.Context, tx querier, r *ChainReport) error {
	for _, q := range []struct {
		what, query string
		after       int64
		recorded    []int64
	}{
		{"run", "SELECT id FROM run WHERE id > ? OR id < 1 ORDER BY id", k.start.Runs, k.runs},
		{"dataset", "SELECT id FROM dataset WHERE id > ? OR id < 1 ORDER BY id", k.start.Datasets, k.datasets},
		{"decisions of run", "SELECT DISTINCT run FROM place_decision WHERE run > ? ORDER BY run", k.start.Runs, k.decided},
	} {
		there, err := numbersOf(ctx, tx, q.query, q.after)
		if err != nil {
			return err
		}
		slices.Sort(q.recorded)
		for _, n := range there {
			if _, ok := slices.BinarySearch(q.recorded, n); !ok {
				r.add(0, "%s %d: no entry tells how it came to be", q.what, n)
			}
		}
	}
	return nil
}
