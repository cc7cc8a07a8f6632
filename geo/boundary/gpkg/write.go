package gpkg

import (
	"context"
	"database/sql/driver"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	sqlite3 "github.com/mattn/go-sqlite3"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkb"

	"chatmrpt/geo/feature"
)

// schema is the tables every GeoPackage has (OGC 12-128r19, annex C), and the
// application id and version of 1.3.
const schema = `
PRAGMA application_id = 1196444487;
PRAGMA user_version = 10300;
CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT NOT NULL, srs_id INTEGER NOT NULL PRIMARY KEY, organization TEXT NOT NULL,
	organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL, description TEXT);
INSERT INTO gpkg_spatial_ref_sys VALUES ('Undefined Cartesian', -1, 'NONE', -1, 'undefined', NULL);
INSERT INTO gpkg_spatial_ref_sys VALUES ('Undefined geographic', 0, 'NONE', 0, 'undefined', NULL);
INSERT INTO gpkg_spatial_ref_sys VALUES ('WGS 84', 4326, 'EPSG', 4326,
	'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563]],PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433],AUTHORITY["EPSG","4326"]]', NULL);
CREATE TABLE gpkg_contents (table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL, identifier TEXT UNIQUE, description TEXT DEFAULT '',
	last_change DATETIME NOT NULL, min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE, srs_id INTEGER,
	CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id));
CREATE TABLE gpkg_geometry_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL, geometry_type_name TEXT NOT NULL,
	srs_id INTEGER NOT NULL, z TINYINT NOT NULL, m TINYINT NOT NULL,
	CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name), CONSTRAINT uk_gc_table_name UNIQUE (table_name),
	CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents(table_name),
	CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id));`

// Write gives a GeoPackage of one layer, in degrees on WGS 84. when is what it
// says of its own making; the same layer and time give the same bytes.
func Write(ctx context.Context, l *feature.Layer, when time.Time) (data []byte, err error) {
	opened, err := (&sqlite3.SQLiteDriver{}).Open(":memory:")
	if err != nil {
		return nil, err
	}
	conn := opened.(*sqlite3.SQLiteConn)
	defer func() { err = errors.Join(err, conn.Close()) }()
	w := &writer{conn: conn, layer: l, table: l.Name}
	if err := w.tables(ctx, when); err != nil {
		return nil, fmt.Errorf("write GeoPackage: %w", err)
	}
	if err := w.rows(ctx); err != nil {
		return nil, fmt.Errorf("write GeoPackage: %w", err)
	}
	return conn.Serialize("main")
}

// writer writes one layer.
type writer struct {
	conn  *sqlite3.SQLiteConn
	layer *feature.Layer
	table string
}

// free is a name that no attribute has; SQLite doesn't tell capitals apart.
func (w *writer) free(name string) string {
	for _, c := range w.layer.Columns {
		if strings.EqualFold(c.Name, name) {
			return w.free(name + "_")
		}
	}
	return name
}

// tables makes the tables and describes the layer.
func (w *writer) tables(ctx context.Context, when time.Time) error {
	if lower := strings.ToLower(w.table); strings.HasPrefix(lower, "gpkg_") || strings.HasPrefix(lower, "sqlite_") || lower == "" {
		w.table = "layer_" + w.table
	}
	geometry := w.free("geom")
	create := "CREATE TABLE " + quoted(w.table) + " (" + quoted(w.free("fid")) + " INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, " + quoted(geometry) + " MULTIPOLYGON"
	for _, c := range w.layer.Columns {
		kind := " TEXT"
		if c.IsNumber {
			kind = " REAL"
		}
		create += ", " + quoted(c.Name) + kind
	}
	if _, err := w.conn.Exec(schema+create+")", nil); err != nil {
		return err
	}
	bounds := []driver.Value{nil, nil, nil, nil}
	if b, ok := w.layer.Bound(); ok {
		bounds = []driver.Value{b.Min[0], b.Min[1], b.Max[0], b.Max[1]}
	}
	values := append([]driver.Value{w.table, "features", w.table, when.UTC().Format("2006-01-02T15:04:05.000Z")}, bounds...)
	err := w.exec(ctx, `INSERT INTO gpkg_contents (table_name, data_type, identifier, last_change, min_x, min_y, max_x, max_y, srs_id)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, 4326)`, values...)
	if err != nil {
		return err
	}
	return w.exec(ctx, "INSERT INTO gpkg_geometry_columns VALUES (?, ?, 'MULTIPOLYGON', 4326, 0, 0)", w.table, geometry)
}

func (w *writer) exec(ctx context.Context, query string, values ...driver.Value) error {
	named := make([]driver.NamedValue, len(values))
	for i, v := range values {
		named[i] = driver.NamedValue{Ordinal: i + 1, Value: v}
	}
	_, err := w.conn.ExecContext(ctx, query, named)
	return err
}

// rows writes the features in one transaction.
func (w *writer) rows(ctx context.Context) error {
	marks, names := "?", quoted(w.free("geom"))
	for _, c := range w.layer.Columns {
		marks, names = marks+", ?", names+", "+quoted(c.Name)
	}
	insert := "INSERT INTO " + quoted(w.table) + " (" + names + ") VALUES (" + marks + ")"
	if err := w.exec(ctx, "BEGIN"); err != nil {
		return err
	}
	values := make([]driver.Value, 1+len(w.layer.Columns))
	for i, area := range w.layer.Areas {
		shape, err := blob(area)
		if err != nil {
			return err
		}
		values[0] = nil
		if shape != nil {
			values[0] = shape
		}
		for k, c := range w.layer.Columns {
			switch {
			case !c.Present[i]:
				values[k+1] = nil
			case c.IsNumber:
				values[k+1] = c.Numbers[i]
			default:
				values[k+1] = c.Texts[i]
			}
		}
		if err := w.exec(ctx, insert, values...); err != nil {
			return err
		}
	}
	return w.exec(ctx, "COMMIT")
}

// blob is an area in the form of a GeoPackage (clause 2.1.3): a header with
// its box, and well-known binary; nil for an area without geometry.
func blob(m orb.MultiPolygon) ([]byte, error) {
	if len(m) == 0 {
		return nil, nil
	}
	shape, err := wkb.Marshal(m, binary.LittleEndian)
	if err != nil {
		return nil, err
	}
	b := m.Bound()
	out := append(make([]byte, 0, 40+len(shape)), 'G', 'P', 0, 0b0000_0011)
	out = binary.LittleEndian.AppendUint32(out, 4326)
	for _, v := range []float64{b.Min[0], b.Max[0], b.Min[1], b.Max[1]} {
		out = binary.LittleEndian.AppendUint64(out, math.Float64bits(v))
	}
	return append(out, shape...), nil
}
