package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkb"

	"chatmrpt/core/table"
)

// Dataset describes one stored version of a table. Its cells and areas are
// read with Table and Areas.
type Dataset struct {
	ID         DatasetID
	Run        RunID  // the act that brought it
	Kind       string // what it is: facilities, wards, boundaries, match, ranking, …
	Name       string // the user's name for it; versions share it
	Version    int    // 1, 2, … within kind and name
	Rows       int
	SHA256     string          // of the content
	Source     string          // name of the file it was read from, "" for results
	SourceHash string          // SHA-256 of that file, "" for results
	Report     json.RawMessage // what reading or computing found; never nil
	Undone     bool            // its run was taken back: no later step reads it
}

// NewDataset is a dataset to be stored.
type NewDataset struct {
	Kind, Name         string
	Table              *table.Table
	Areas              []orb.MultiPolygon // nil, or one per row; a nil area is a row without geometry
	Source, SourceHash string
	Report             any // marshalled to JSON
}

// ContentHash is the SHA-256 that the dataset will have once it is stored.
func (d NewDataset) ContentHash() (string, error) {
	geometries, err := encodeAreas(d.Areas)
	if err != nil {
		return "", err
	}
	return contentHash(d.Table, geometries), nil
}

func datasetFields() string { return datasetFieldsUntil(math.MaxInt64) }

func datasetFieldsUntil(last int64) string {
	return "d.id, d.owner, d.run, d.kind, d.name, d.version, d.rows, d.sha256, d.source, d.source_hash, d.report, d.run IN (" + undoneUntil(last) + ")"
}

// Datasets lists every version in the project, oldest first, those that were
// taken back too; what is in quarantine is left out, here as everywhere.
func (s *Store) Datasets(ctx context.Context, p ProjectID) ([]Dataset, error) {
	if err := s.opened(ctx, s.db.RO, p); err != nil {
		return nil, err
	}
	return collect(ctx, s, s.scanDataset, "SELECT "+datasetFields()+" FROM dataset d WHERE d.project = ? AND "+notHeld("dataset", "d.id")+" ORDER BY d.id", p.N)
}

// DatasetsBefore lists them as they stood when a run of the project began: what
// was taken back later is not marked.
func (s *Store) DatasetsBefore(ctx context.Context, p ProjectID, run RunID) ([]Dataset, error) {
	if _, err := s.Run(ctx, p, run); err != nil {
		return nil, err
	}
	return collect(ctx, s, s.scanDataset, "SELECT "+datasetFieldsUntil(run.N-1)+" FROM dataset d WHERE d.project = ? AND d.run < ? AND "+
		notHeld("dataset", "d.id")+" ORDER BY d.id", p.N, run.N)
}

// Latest returns the newest version of the dataset of that kind and name that
// was not taken back; with an empty name the one of that kind stored last.
func (s *Store) Latest(ctx context.Context, p ProjectID, kind, name string) (Dataset, error) {
	if err := mine(s, p); err != nil {
		return Dataset{}, err
	}
	row := s.db.RO.QueryRowContext(ctx, "SELECT "+datasetFields()+` FROM dataset d
		WHERE d.project = ? AND d.kind = ? AND (d.name = ? OR ? = '') AND d.run NOT IN (`+undoneRuns()+`) AND `+notHeld("dataset", "d.id")+` ORDER BY d.id DESC LIMIT 1`, p.N, kind, name, name)
	return s.scanDataset(row)
}

func (s *Store) scanDataset(row scanner) (Dataset, error) {
	var (
		d             Dataset
		n, run        int64
		owner, report string
	)
	err := row.Scan(&n, &owner, &run, &d.Kind, &d.Name, &d.Version, &d.Rows, &d.SHA256, &d.Source, &d.SourceHash, &report, &d.Undone)
	if err != nil {
		return Dataset{}, notFound(err)
	}
	if d.ID, err = own[Dataset](s, owner, n); err != nil {
		return Dataset{}, err
	}
	d.Run = RunID{Owner: s.owner, N: run}
	d.Report = json.RawMessage(report)
	return d, nil
}

// held makes sure that d is a dataset of the project that may be shown.
func (s *Store) held(ctx context.Context, p ProjectID, d Dataset) error {
	if err := errors.Join(mine(s, p), mine(s, d.ID)); err != nil {
		return ErrNotFound
	}
	row := s.db.RO.QueryRowContext(ctx, "SELECT "+datasetFields()+" FROM dataset d WHERE d.id = ? AND d.project = ? AND "+
		notHeld("dataset", "d.id"), d.ID.N, p.N)
	_, err := s.scanDataset(row)
	return err
}

// Table reads the cells of a dataset of the project.
func (s *Store) Table(ctx context.Context, p ProjectID, d Dataset) (*table.Table, error) {
	if err := s.held(ctx, p, d); err != nil {
		return nil, err
	}
	return s.cells(ctx, d)
}

func (s *Store) cells(ctx context.Context, d Dataset) (*table.Table, error) {
	columns, err := collect(ctx, s, s.scanColumn, `SELECT owner, name, role, unit, origin, cells
		FROM dataset_column WHERE dataset = ? ORDER BY ordinal`, d.ID.N)
	if err != nil {
		return nil, fmt.Errorf("read %s %s: %w", d.Kind, d.Name, err)
	}
	return table.New(d.Name, columns...)
}

func (s *Store) scanColumn(row scanner) (*table.Column, error) {
	var (
		owner, name, role, unit, origin string
		cells                           []byte
	)
	if err := row.Scan(&owner, &name, &role, &unit, &origin, &cells); err != nil {
		return nil, err
	}
	if Owner(owner) != s.owner {
		return nil, fmt.Errorf("column: %w", ErrForeignRow)
	}
	c, err := table.Decode(name, cells)
	if err != nil {
		return nil, err
	}
	c.Role, c.Unit, c.Origin = table.Role(role), unit, origin
	return c, nil
}

// Areas reads the geometry of a dataset of the project, one area per row of
// its table; nil when it has none.
func (s *Store) Areas(ctx context.Context, p ProjectID, d Dataset) ([]orb.MultiPolygon, error) {
	if err := s.held(ctx, p, d); err != nil {
		return nil, err
	}
	return s.areas(ctx, d)
}

func (s *Store) areas(ctx context.Context, d Dataset) ([]orb.MultiPolygon, error) {
	return collect(ctx, s, s.scanArea, "SELECT owner, geometry FROM area WHERE dataset = ? ORDER BY ordinal", d.ID.N)
}

func (s *Store) scanArea(row scanner) (orb.MultiPolygon, error) {
	var (
		owner string
		data  []byte
	)
	if err := row.Scan(&owner, &data); err != nil {
		return nil, err
	}
	if Owner(owner) != s.owner {
		return nil, fmt.Errorf("area: %w", ErrForeignRow)
	}
	if data == nil {
		return nil, nil
	}
	g, err := wkb.Unmarshal(data)
	if err != nil {
		return nil, fmt.Errorf("stored geometry: %w", err)
	}
	m, ok := g.(orb.MultiPolygon)
	if !ok {
		return nil, fmt.Errorf("stored geometry is a %s", g.GeoJSONType())
	}
	return m, nil
}

// insertDataset writes d as the next version of its kind and name.
func (s *Store) insertDataset(ctx context.Context, tx writer, p ProjectID, run RunID, d NewDataset) (Dataset, error) {
	if d.Kind == "" || d.Name == "" || d.Table == nil || (d.Areas != nil && len(d.Areas) != d.Table.Rows()) {
		return Dataset{}, fmt.Errorf("store: dataset %q %q is incomplete", d.Kind, d.Name)
	}
	geometries, err := encodeAreas(d.Areas)
	if err != nil {
		return Dataset{}, err
	}
	report, err := json.Marshal(d.Report)
	if err != nil {
		return Dataset{}, fmt.Errorf("report of %s: %w", d.Name, err)
	}
	out := Dataset{
		Run: run, Kind: d.Kind, Name: d.Name, Rows: d.Table.Rows(), SHA256: contentHash(d.Table, geometries),
		Source: d.Source, SourceHash: d.SourceHash, Report: report,
	}
	err = tx.QueryRowContext(ctx, "SELECT coalesce(max(version), 0) + 1 FROM dataset WHERE project = ? AND kind = ? AND name = ?",
		p.N, d.Kind, d.Name).Scan(&out.Version)
	if err != nil {
		return Dataset{}, err
	}
	n, err := nextNumber(ctx, tx, "dataset")
	if err != nil {
		return Dataset{}, err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO dataset (id, owner, project, run, kind, name, version, rows, sha256, source, source_hash, report)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, n, s.owner, p.N, run.N, out.Kind, out.Name, out.Version, out.Rows, out.SHA256,
		out.Source, out.SourceHash, string(report))
	if err != nil {
		return Dataset{}, err
	}
	out.ID = DatasetID{Owner: s.owner, N: n}
	return out, s.insertContent(ctx, tx, n, d.Table, geometries)
}

func (s *Store) insertContent(ctx context.Context, tx writer, dataset int64, t *table.Table, geometries [][]byte) error {
	for i, c := range t.Columns {
		_, err := tx.ExecContext(ctx, `INSERT INTO dataset_column (dataset, ordinal, owner, name, role, unit, origin, cells)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?)`, dataset, i, s.owner, c.Name, string(c.Role), c.Unit, c.Origin, c.Encode())
		if err != nil {
			return err
		}
	}
	for i, g := range geometries {
		_, err := tx.ExecContext(ctx, "INSERT INTO area (dataset, ordinal, owner, geometry) VALUES (?, ?, ?, ?)", dataset, i, s.owner, g)
		if err != nil {
			return err
		}
	}
	return nil
}

// encodeAreas gives each area as WKB, nil for an area without geometry.
func encodeAreas(areas []orb.MultiPolygon) ([][]byte, error) {
	if areas == nil {
		return nil, nil
	}
	out := make([][]byte, len(areas))
	for i, a := range areas {
		if len(a) == 0 {
			continue
		}
		data, err := wkb.Marshal(a)
		if err != nil {
			return nil, fmt.Errorf("geometry of row %d: %w", i+1, err)
		}
		out[i] = data
	}
	return out, nil
}

func contentHash(t *table.Table, geometries [][]byte) string {
	h := sha256.New()
	cells := t.Hash()
	h.Write(cells[:])
	for _, g := range geometries {
		one := sha256.Sum256(g)
		h.Write(one[:])
	}
	return hex.EncodeToString(h.Sum(nil))
}
