package collect

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkb"
	"github.com/paulmach/orb/geojson"

	"chatmrpt/core/action"
	"chatmrpt/sync/bundle"
	"chatmrpt/sync/share"
)

// Cell is one cell of a table that a user published, a row of results. State
// and period are the folder it lies in. A cell without number and text is
// missing; the row is there all the same.
type Cell struct {
	User     string   `parquet:"user_id,dict"`
	Project  string   `parquet:"project,dict"`
	Bundle   string   `parquet:"bundle,dict"`
	Rev      int32    `parquet:"rev"`
	Run      int64    `parquet:"run"`       // that made the table, in the user's profile
	Kind     string   `parquet:"kind,dict"` // ranking, plan, positivity, …
	Table    string   `parquet:"table_name,dict"`
	LGA      *string  `parquet:"lga,optional,dict"`
	Ward     *string  `parquet:"ward,optional,dict"`
	WardCode *string  `parquet:"ward_code,optional,dict"`
	Row      int32    `parquet:"row_number"` // of the table, from 0
	Column   string   `parquet:"column_name,dict"`
	Unit     string   `parquet:"unit,dict"`
	Number   *float64 `parquet:"number,optional"`
	Text     *string  `parquet:"text,optional,dict"`
}

// Ward is a boundary that a user published, a row of wards; its state is the
// folder it lies in. Geometry is WKB in WGS 84 (longitude, latitude), absent
// where the user's file had none.
type Ward struct {
	User     string  `parquet:"user_id,dict"`
	Bundle   string  `parquet:"bundle,dict"`
	Rev      int32   `parquet:"rev"`
	LGA      *string `parquet:"lga,optional"`
	Ward     *string `parquet:"ward,optional"`
	WardCode *string `parquet:"ward_code,optional"`
	Row      int32   `parquet:"row_number"` // of the user's tables by ward
	Geometry []byte  `parquet:"geometry,optional"`
}

// Provenance says where a published table came from and how it was made. JSON
// columns hold what the run record holds.
type Provenance struct {
	User      string    `parquet:"user_id" json:"user"`
	Name      string    `parquet:"name" json:"name"`     // on the roster
	Signer    string    `parquet:"signer" json:"signer"` // fingerprint of the key that signed it
	Device    string    `parquet:"device" json:"device"`
	Sequence  int64     `parquet:"sequence" json:"sequence"` // of the manifest in the device's chain
	Bundle    string    `parquet:"bundle" json:"bundle"`
	Rev       int32     `parquet:"rev" json:"rev"`
	Title     string    `parquet:"title" json:"title"`
	Project   string    `parquet:"project" json:"project"`
	Made      time.Time `parquet:"made,timestamp" json:"made"`
	Collected time.Time `parquet:"collected,timestamp" json:"collected"` // when the office first read it
	Kind      string    `parquet:"kind" json:"kind"`
	Table     string    `parquet:"table_name" json:"table"`
	Version   int32     `parquet:"version" json:"version"`
	Rows      int32     `parquet:"rows" json:"rows"`
	SHA256    string    `parquet:"sha256" json:"sha256"` // of the content, as the user's run record names it
	Period    *string   `parquet:"period,optional" json:"period"`
	Run       int64     `parquet:"run" json:"run"`
	Act       string    `parquet:"act" json:"act"`
	Params    string    `parquet:"params" json:"params"` // JSON
	Seed      uint64    `parquet:"seed" json:"seed"`
	Program   string    `parquet:"program" json:"program"` // version that made the run
	Finished  time.Time `parquet:"finished,timestamp" json:"finished"`
	Summary   string    `parquet:"summary" json:"summary"`
	Notices   string    `parquet:"notices" json:"notices"` // JSON list
	Inputs    string    `parquet:"inputs" json:"inputs"`   // JSON list
	Facts     string    `parquet:"facts" json:"facts"`     // JSON
}

// content is a bundle of results, read.
type content struct {
	about  action.About
	tables []tableRows // in the order of about.Tables
	layers map[string]*geojson.FeatureCollection
}

type tableRows struct {
	about action.AboutData
	rows  [][]string // without the header
}

// open reads the files of a bundle that the collector lays out; maps and the
// report stay in the bundle.
func open(files []bundle.File) (*content, error) {
	byPath := map[string][]byte{}
	for _, f := range files {
		byPath[f.Path] = f.Data
	}
	c := &content{layers: map[string]*geojson.FeatureCollection{}}
	text, ok := byPath["about.json"]
	if !ok {
		return nil, errors.New("it does not say what is in it (about.json is missing)")
	}
	if err := json.Unmarshal(text, &c.about); err != nil || c.about.Format != 1 {
		return nil, fmt.Errorf("its about.json can't be read (format %d)", c.about.Format)
	}
	for _, a := range c.about.Tables {
		t, err := openTable(a, byPath)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", a.Path, err)
		}
		c.tables = append(c.tables, t)
		if a.Layer == "" || c.layers[a.Layer] != nil {
			continue
		}
		if c.layers[a.Layer], err = geojson.UnmarshalFeatureCollection(byPath[a.Layer]); err != nil {
			return nil, fmt.Errorf("%s can't be read: %w", a.Layer, err)
		}
	}
	return c, nil
}

func openTable(a action.AboutData, byPath map[string][]byte) (tableRows, error) {
	text, ok := byPath[a.Path]
	if !ok {
		return tableRows{}, errors.New("it is listed and not there")
	}
	records, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil {
		return tableRows{}, err
	}
	if len(records) != a.Rows+1 || len(records[0]) != len(a.Columns) {
		return tableRows{}, fmt.Errorf("%d rows are listed and %d there", a.Rows, len(records)-1)
	}
	for i, col := range a.Columns {
		if unguard(records[0][i]) != col.Name {
			return tableRows{}, fmt.Errorf("column %d is not what is listed", i+1)
		}
		if col.Type != "number" {
			continue
		}
		for row, r := range records[1:] {
			if _, err := strconv.ParseFloat(r[i], 64); err != nil && r[i] != "" {
				return tableRows{}, fmt.Errorf("%s in row %d is no number", col.Name, row+1)
			}
		}
	}
	return tableRows{a, records[1:]}, nil
}

// unguard takes off the sign that keeps a spreadsheet from running a text (see
// the CSV files of core/action).
func unguard(s string) string {
	if len(s) > 1 && s[0] == '\'' && strings.IndexByte("=+-@\t\r", s[1]) >= 0 {
		return s[1:]
	}
	return s
}

// text gives a cell of the column with this name; nil when it is missing.
func (t tableRows) text(row int, column string) *string {
	i := slices.IndexFunc(t.about.Columns, func(c action.AboutColumn) bool { return c.Name == column })
	if i < 0 || t.rows[row][i] == "" {
		return nil
	}
	s := unguard(t.rows[row][i])
	return &s
}

// cells lays out every table, by the folder the rows belong in.
func (c *content) cells(user string, f share.Found) map[string][]Cell {
	out := map[string][]Cell{}
	for _, t := range c.tables {
		whole := c.period(t.about)
		for row := range t.rows {
			period := t.period(row)
			if period == nil {
				period = whole
			}
			place := partition("state", t.text(row, "state")) + "/" + partition("period", period)
			out[place] = append(out[place], t.cellsOf(row, Cell{
				User: user, Project: f.Project, Bundle: f.ID, Rev: int32(f.Rev), Run: t.about.Run, Kind: t.about.Kind, Table: t.about.Name,
				LGA: t.text(row, "lga"), Ward: t.text(row, "ward"), WardCode: t.text(row, "ward_code"), Row: int32(row),
			})...)
		}
	}
	return out
}

// placed are the columns that say where a row belongs; they are not repeated as
// cells.
func placed(name string) bool {
	switch name {
	case "state", "lga", "ward", "ward_code", "period":
		return true
	}
	return false
}

func (t tableRows) cellsOf(row int, base Cell) []Cell {
	var out []Cell
	for i, col := range t.about.Columns {
		if placed(col.Name) {
			continue
		}
		cell := base
		cell.Column, cell.Unit = col.Name, col.Unit
		text := t.rows[row][i]
		if x, err := strconv.ParseFloat(text, 64); col.Type == "number" && err == nil {
			cell.Number = &x
		} else if text != "" {
			s := unguard(text)
			cell.Text = &s
		}
		out = append(out, cell)
	}
	return out
}

// period is that of a table as a whole: of its rows or, where none of them names
// one, of the malaria measures its run read, followed through the bundle by
// their hashes. It is nil where there is none, or more than one.
func (c *content) period(a action.AboutData) *string {
	seen, found := map[string]bool{}, map[string]bool{}
	for _, t := range c.tables {
		if t.about.Path == a.Path {
			t.periods(found)
		}
	}
	var follow func(run int64)
	follow = func(run int64) {
		i := slices.IndexFunc(c.about.Runs, func(r action.AboutRun) bool { return r.Number == run })
		if i < 0 {
			return
		}
		for _, in := range c.about.Runs[i].Inputs {
			if seen[in.SHA256] {
				continue
			}
			seen[in.SHA256] = true
			for _, t := range c.tables {
				if t.about.SHA256 == in.SHA256 {
					t.periods(found)
					follow(t.about.Run)
				}
			}
		}
	}
	if len(found) == 0 {
		follow(a.Run)
	}
	if len(found) != 1 {
		return nil
	}
	for p := range found {
		return &p
	}
	return nil
}

var wholeYear = regexp.MustCompile(`^(\d{4})-01\.\.(\d{4})-12$`)

// period is that of a row; all months of a year are the year, so that what
// users counted by month and by year lies together.
func (t tableRows) period(row int) *string {
	p := t.text(row, "period")
	if p == nil {
		return nil
	}
	if m := wholeYear.FindStringSubmatch(*p); m != nil && m[1] == m[2] {
		p = &m[1]
	}
	return p
}

func (t tableRows) periods(into map[string]bool) {
	for row := range t.rows {
		if p := t.period(row); p != nil {
			into[*p] = true
		}
	}
}

// wards gives the boundaries of the first table that lies on each layer.
func (c *content) wards(user string, f share.Found) (map[string][]Ward, error) {
	out, done := map[string][]Ward{}, map[string]bool{}
	for _, t := range c.tables {
		layer := c.layers[t.about.Layer]
		if layer == nil || done[t.about.Layer] {
			continue
		}
		done[t.about.Layer] = true
		if len(layer.Features) != len(t.rows) {
			return nil, fmt.Errorf("%s has %d boundaries for %d rows", t.about.Layer, len(layer.Features), len(t.rows))
		}
		for row, feature := range layer.Features {
			w := Ward{
				User: user, Bundle: f.ID, Rev: int32(f.Rev), Row: int32(row),
				LGA: t.text(row, "lga"), Ward: t.text(row, "ward"), WardCode: t.text(row, "ward_code"),
			}
			if feature.Geometry != nil {
				var err error
				if w.Geometry, err = wkb.Marshal(multi(feature.Geometry)); err != nil {
					return nil, fmt.Errorf("%s: boundary %d: %w", t.about.Layer, row+1, err)
				}
			}
			place := partition("state", t.text(row, "state"))
			out[place] = append(out[place], w)
		}
	}
	return out, nil
}

// multi makes one type of all areas, as readers that want one column type like.
func multi(g orb.Geometry) orb.Geometry {
	if p, ok := g.(orb.Polygon); ok {
		return orb.MultiPolygon{p}
	}
	return g
}

// provenance describes every table of the bundle.
func (c *content) provenance(m Member, f share.Found, collected time.Time) []Provenance {
	var out []Provenance
	for _, t := range c.tables {
		a := t.about
		p := Provenance{
			User: string(m.ID), Name: m.Name, Signer: m.Signer, Device: f.Device, Sequence: f.Seq, Bundle: f.ID, Rev: int32(f.Rev),
			Title: f.Title, Project: f.Project, Made: f.Made, Collected: collected, Kind: a.Kind, Table: a.Name, Version: int32(a.Version),
			Rows: int32(a.Rows), SHA256: a.SHA256, Run: a.Run, Facts: string(a.Facts), Period: c.period(a),
		}
		if i := slices.IndexFunc(c.about.Runs, func(r action.AboutRun) bool { return r.Number == a.Run }); i >= 0 {
			r := c.about.Runs[i]
			p.Act, p.Params, p.Seed, p.Program, p.Finished, p.Summary = r.Act, string(r.Params), r.Seed, r.Version, r.Finished, r.Summary
			p.Notices, p.Inputs = list(r.Notices), list(r.Inputs)
		}
		out = append(out, p)
	}
	return out
}

// list writes a list as JSON.
func list[T any](values []T) string {
	if values == nil {
		values = []T{}
	}
	text, err := json.Marshal(values)
	if err != nil {
		return "[]" // strings and plain structs always can be written
	}
	return string(text)
}
