package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"time"
)

// Run is the record of one act: what was asked, of what, when, by which
// version, and what came of it. Replay, audit, method card and history read
// these records.
type Run struct {
	ID                RunID
	Act               string
	Params            json.RawMessage // the act's parameters
	Seed              uint64          // of the random source; 0 where none was drawn from
	Version           string          // of the program
	Started, Finished time.Time
	Summary           string
	Notices           []string
	Undone            bool // it was taken back
}

// Draft is a run about to be recorded, with its results.
type Draft struct {
	Project   ProjectID
	Act       string
	Params    any // marshalled to JSON
	Seed      uint64
	Version   string
	Started   time.Time
	Summary   string
	Notices   []string
	Inputs    []DatasetID
	Outputs   []NewDataset
	Decisions []Decision
}

// Decision is what a person said about a name: which ward it means, or that it
// is none.
type Decision struct {
	GivenState, GivenLGA, GivenWard, GivenCode string
	State, LGA, Ward, WardCode                 string
	Decision                                   string
	Made                                       time.Time // when its run ended; not read by Record
}

// Record writes the run, its inputs, its outputs and its decisions in one
// transaction, with their entry in the audit, and returns the run and the
// outputs as stored. Inputs must be of the same project. On an error nothing of
// it is kept.
func (s *Store) Record(ctx context.Context, d Draft) (Run, []Dataset, error) {
	if err := mine(s, d.Project); err != nil {
		return Run{}, nil, err
	}
	if d.Act == "" || d.Version == "" {
		return Run{}, nil, errors.New("store: a run without act or version")
	}
	var (
		run  Run
		outs []Dataset
	)
	err := s.write(ctx, func(tx writer) error {
		if err := s.opened(ctx, tx, d.Project); err != nil {
			return err
		}
		if d.Act == ActUndo {
			if err := s.checkUndo(ctx, tx, d); err != nil {
				return err
			}
		}
		var err error
		if run, err = s.insertRun(ctx, tx, d); err != nil {
			return err
		}
		if err := s.insertInputs(ctx, tx, d.Project, run.ID, d.Inputs); err != nil {
			return err
		}
		for _, o := range d.Outputs {
			ds, err := s.insertDataset(ctx, tx, d.Project, run.ID, o)
			if err != nil {
				return err
			}
			outs = append(outs, ds)
		}
		if err := s.insertDecisions(ctx, tx, d.Project, run.ID, d.Decisions); err != nil {
			return err
		}
		return s.enterRun(ctx, tx, run, d)
	})
	if err != nil {
		return Run{}, nil, fmt.Errorf("record %s: %w", d.Act, err)
	}
	return run, outs, nil
}

func (s *Store) insertRun(ctx context.Context, tx writer, d Draft) (Run, error) {
	params, err := json.Marshal(d.Params)
	if err != nil {
		return Run{}, fmt.Errorf("parameters: %w", err)
	}
	notices, err := json.Marshal(d.Notices)
	if err != nil {
		return Run{}, err
	}
	run := Run{
		Act: d.Act, Params: params, Seed: d.Seed, Version: d.Version,
		Started: d.Started.UTC(), Finished: s.now().UTC(), Summary: d.Summary, Notices: d.Notices,
	}
	n, err := nextNumber(ctx, tx, "run")
	if err != nil {
		return Run{}, err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO run (id, owner, project, act, params, seed, version, started, finished, summary, notices)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, n, s.owner, d.Project.N, d.Act, string(params), int64(d.Seed), d.Version,
		timestamp(run.Started), timestamp(run.Finished), d.Summary, string(notices))
	run.ID = RunID{Owner: s.owner, N: n}
	return run, err
}

func (s *Store) insertInputs(ctx context.Context, tx writer, p ProjectID, run RunID, inputs []DatasetID) error {
	for i, in := range inputs {
		if err := mine(s, in); err != nil {
			return fmt.Errorf("input %d: %w", i+1, err)
		}
		var there int
		err := tx.QueryRowContext(ctx, "SELECT count(*) FROM dataset d WHERE d.id = ? AND d.project = ? AND d.owner = ? AND "+
			notHeld("dataset", "d.id"), in.N, p.N, s.owner).Scan(&there)
		if err != nil {
			return err
		}
		if there == 0 {
			return fmt.Errorf("input %d: %w", i+1, ErrNotFound)
		}
		_, err = tx.ExecContext(ctx, "INSERT INTO run_input (run, ordinal, owner, dataset) VALUES (?, ?, ?, ?)", run.N, i, s.owner, in.N)
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) insertDecisions(ctx context.Context, tx writer, p ProjectID, run RunID, decisions []Decision) error {
	for _, d := range decisions {
		_, err := tx.ExecContext(ctx, `INSERT INTO place_decision (owner, project, run, given_state, given_lga, given_ward, given_code,
			state, lga, ward, ward_code, decision) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, s.owner, p.N, run.N,
			d.GivenState, d.GivenLGA, d.GivenWard, d.GivenCode, d.State, d.LGA, d.Ward, d.WardCode, d.Decision)
		if err != nil {
			return err
		}
	}
	return nil
}

func runFields() string {
	return "id, owner, act, params, seed, version, started, finished, summary, notices, id IN (" + undoneRuns() + ")"
}

// Runs lists the runs of a project, oldest first.
func (s *Store) Runs(ctx context.Context, p ProjectID) ([]Run, error) {
	if err := s.opened(ctx, s.db.RO, p); err != nil {
		return nil, err
	}
	return collect(ctx, s, s.scanRun, "SELECT "+runFields()+" FROM run WHERE project = ? AND "+notHeld("run", "id")+" ORDER BY id", p.N)
}

// Run reads one run of the project.
func (s *Store) Run(ctx context.Context, p ProjectID, id RunID) (Run, error) {
	if err := errors.Join(mine(s, p), mine(s, id)); err != nil {
		return Run{}, ErrNotFound
	}
	return s.scanRun(s.db.RO.QueryRowContext(ctx, "SELECT "+runFields()+" FROM run WHERE id = ? AND project = ? AND "+notHeld("run", "id"), id.N, p.N))
}

// LastRun reads the newest run of an act in the project, ErrNotFound when it was
// never done there.
func (s *Store) LastRun(ctx context.Context, p ProjectID, act string) (Run, error) {
	if err := mine(s, p); err != nil {
		return Run{}, err
	}
	return s.scanRun(s.db.RO.QueryRowContext(ctx, "SELECT "+runFields()+" FROM run WHERE project = ? AND act = ? AND "+notHeld("run", "id")+
		" ORDER BY id DESC LIMIT 1", p.N, act))
}

func (s *Store) scanRun(row scanner) (Run, error) {
	var (
		r                                         Run
		n, seed                                   int64
		owner, params, started, finished, notices string
	)
	err := row.Scan(&n, &owner, &r.Act, &params, &seed, &r.Version, &started, &finished, &r.Summary, &notices, &r.Undone)
	if err != nil {
		return Run{}, notFound(err)
	}
	if r.ID, err = own[Run](s, owner, n); err != nil {
		return Run{}, err
	}
	r.Params, r.Seed = json.RawMessage(params), uint64(seed)
	if r.Started, err = parseTime(started); err != nil {
		return Run{}, err
	}
	if r.Finished, err = parseTime(finished); err != nil {
		return Run{}, err
	}
	return r, json.Unmarshal([]byte(notices), &r.Notices)
}

// Inputs lists the datasets a run of the project read, in the order in which it
// named them.
func (s *Store) Inputs(ctx context.Context, p ProjectID, id RunID) ([]Dataset, error) {
	if _, err := s.Run(ctx, p, id); err != nil {
		return nil, err
	}
	scan := func(row scanner) (Dataset, error) {
		var owner string
		d, err := s.scanDataset(behind{row, &owner})
		if err == nil && Owner(owner) != s.owner {
			return Dataset{}, fmt.Errorf("input: %w", ErrForeignRow)
		}
		return d, err
	}
	return collect(ctx, s, scan, "SELECT i.owner, "+datasetFields()+` FROM run_input i JOIN dataset d ON d.id = i.dataset
		WHERE i.run = ? AND d.project = ? AND `+notHeld("dataset", "d.id")+" ORDER BY i.ordinal", id.N, p.N)
}

// behind scans one column more, before the others.
type behind struct {
	row   scanner
	first any
}

// Scan implements scanner.
func (b behind) Scan(into ...any) error { return b.row.Scan(append([]any{b.first}, into...)...) }

// Outputs lists the datasets a run of the project brought.
func (s *Store) Outputs(ctx context.Context, p ProjectID, id RunID) ([]Dataset, error) {
	if _, err := s.Run(ctx, p, id); err != nil {
		return nil, err
	}
	return collect(ctx, s, s.scanDataset, "SELECT "+datasetFields()+" FROM dataset d WHERE d.run = ? AND d.project = ? AND "+
		notHeld("dataset", "d.id")+" ORDER BY d.id", id.N, p.N)
}

// Decisions lists the newest decision about each given name in the project.
func (s *Store) Decisions(ctx context.Context, p ProjectID) ([]Decision, error) {
	return s.decisions(ctx, p, math.MaxInt64)
}

// DecisionsUpTo lists them as they stood when a run of the project was done,
// those made in it included.
func (s *Store) DecisionsUpTo(ctx context.Context, p ProjectID, run RunID) ([]Decision, error) {
	if _, err := s.Run(ctx, p, run); err != nil {
		return nil, err
	}
	return s.decisions(ctx, p, run.N)
}

func (s *Store) decisions(ctx context.Context, p ProjectID, last int64) ([]Decision, error) {
	if err := s.opened(ctx, s.db.RO, p); err != nil {
		return nil, err
	}
	return collect(ctx, s, s.scanDecision, `SELECT owner, given_state, given_lga, given_ward, given_code, state, lga, ward, ward_code, decision,
			(SELECT finished FROM run WHERE run.id = place_decision.run)
		FROM place_decision WHERE id IN (SELECT max(id) FROM place_decision WHERE project = ? AND run <= ? AND run NOT IN (`+undoneUntil(last)+`) AND `+notHeld("place_decision", "id")+`
			GROUP BY given_state, given_lga, given_ward, given_code) ORDER BY id`, p.N, last)
}

func (s *Store) scanDecision(row scanner) (Decision, error) {
	var (
		d           Decision
		owner, made string
	)
	err := row.Scan(&owner, &d.GivenState, &d.GivenLGA, &d.GivenWard, &d.GivenCode, &d.State, &d.LGA, &d.Ward, &d.WardCode, &d.Decision, &made)
	if err != nil {
		return Decision{}, err
	}
	if d.Made, err = parseTime(made); err != nil {
		return Decision{}, fmt.Errorf("decision: %w", err)
	}
	if Owner(owner) != s.owner {
		return Decision{}, fmt.Errorf("decision: %w", ErrForeignRow)
	}
	return d, nil
}
