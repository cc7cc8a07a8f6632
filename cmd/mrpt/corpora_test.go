package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"time"

	"chatmrpt/core/action"
	"chatmrpt/core/problem"
	"chatmrpt/core/vault"
	"chatmrpt/core/vault/vaulttest"
	"chatmrpt/core/workspace"
)

// desk is one unlocked profile in which many files are tried: unlocking it for
// each would take longer than all of them.
type desk struct {
	t *testing.T
	w *workspace.Workspace
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	o := vaulttest.Cheap(t)
	v, _, err := vault.Create(t.Context(), t.TempDir(), "Amina", []byte("correct horse battery"), o)
	if err != nil {
		t.Fatal(err)
	}
	w, err := workspace.FromVault(t.Context(), v, workspace.Options{Project: "default", Version: "test", Vault: o, Now: time.Now})
	if err != nil {
		t.Fatal(errors.Join(err, v.Close()))
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	return &desk{t, w}
}

// offer imports files as the terminal would. A panic becomes an error that is
// no Problem.
func (d *desk) offer(a *action.Import) (err error) {
	ctx, cancel := context.WithTimeout(d.t.Context(), time.Minute)
	defer cancel()
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
		}
	}()
	_, err = action.Do(ctx, d.w, "import", a, nil)
	return err
}

// state is `mrpt data --all --json`.
func (d *desk) state() string {
	d.t.Helper()
	r, err := action.Do(d.t.Context(), d.w, "data", &action.Data{All: true}, nil)
	if err != nil {
		d.t.Fatal(err)
	}
	doc, err := json.Marshal(jsonResult(r))
	if err != nil {
		d.t.Fatal(err)
	}
	return string(doc)
}

// refusal checks that err is a problem a person can act on.
func refusal(t *testing.T, name string, err error) *problem.Problem {
	t.Helper()
	p, ok := errors.AsType[*problem.Problem](err)
	switch {
	case !ok:
		t.Errorf("%s: no problem, but %v", name, err)
		return nil
	case !slices.Contains([]int{2, 3, 5, 6}, p.Code.ExitStatus()):
		t.Errorf("%s: status %d, %v", name, p.Code.ExitStatus(), err)
	case p.Hint == "" || p.Message == "" || p.Subject == "":
		t.Errorf("%s: %+v lacks its subject, message or hint", name, p)
	case strings.Contains(p.Error(), filepath.Dir(name)+"/"):
		t.Errorf("%s: %v tells the folder", name, p)
	}
	return p
}

// sharedFiles lists the real files beside the repository; the ones of a whole
// nation only without -short.
func sharedFiles(t *testing.T, b *bench) []string {
	t.Helper()
	const national = 4 << 20
	var out []string
	err := filepath.WalkDir(b.file("data"), func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		info, err := e.Info()
		if err == nil && (!testing.Short() || info.Size() < national) {
			out = append(out, path)
		}
		return err
	})
	if err != nil || len(out) < 400 {
		t.Fatalf("%d shared files found: %v", len(out), err)
	}
	return out
}

// Every file there is, read one by one: a result, or a problem that says what
// to do and leaves the store as it was.
func TestEveryFileIsReadOrRefused(t *testing.T) {
	b := &bench{t: t, shared: sharedFolder(t)}
	d := newDesk(t)
	before := d.state()
	read := 0
	for _, path := range sharedFiles(t, b) {
		err := d.offer(&action.Import{Files: []string{path}})
		after := d.state()
		switch {
		case err == nil && after == before:
			t.Errorf("%s: read, and nothing came of it", path)
		case err == nil:
			read++
		case after != before:
			t.Errorf("%s: refused, and yet the store changed", path)
			fallthrough
		default:
			refusal(t, path, err)
		}
		before = after
	}
	if read < 20 {
		t.Errorf("only %d files were read", read)
	}
}

// What can't be used says why, in words that name the kind of file.
func TestWhatCannotBeUsedSaysWhy(t *testing.T) {
	b := &bench{t: t, shared: sharedFolder(t)}
	d := newDesk(t)
	for _, c := range []struct{ file, says, hint string }{
		{"rasters/rainfall_2021_10.tif", "no boundaries yet", "boundary file first"},
		{"corpora/mapnik-test-data/geotiff/jpeg.tif", "JPEG", "deflate"},
		{"facility/sntutils/test_data.dta", "Stata", "CSV"},
		{"facility/sntutils/test_data.sav", "SPSS", "CSV"},
		{"facility/sntutils/test_data.sas7bdat", "SAS", "CSV"},
		{"facility/sntutils/test_data.xpt", "SAS", "CSV"},
		{"facility/sntutils/test_data.rds", "data file of R", "write.csv"},
		{"facility/sntutils/test_data.csvy", "no column of wards", "ID; Name; Age; Score"},
		{"facility/nmep_tpr_300k.csv.gz", "packed", "Unpack"},
		{"corpora/xlsx/readxl/deaths.xls", "no column of wards", "--unit-column"},
		{"corpora/xlsx/tablib/book.ods", "no row of column names", "in one row above the data"},
		{"corpora/xlsx/excelize/encryptAES.xlsx", "password", "remove the password"},
		{"corpora/mapnik-test-data/topojson/topo.json", "not areas", "polygons"},
		{"nigeria/ward_points.json", "not GeoJSON", "zipped shapefile"},
		{"corpora/mapnik-test-data/geojson/places.geo.json", "not areas", "polygons"},
		{"corpora/shp/mbostock/polygons.json", "no attribute", "none"},
		{"corpora/mapnik-test-data/shp/dc_trails/Trail.xml", "XML", "spreadsheet"},
		{"other/kenya/counties.shp", "counties.dbf, is missing", "counties.dbf"},
		{"corpora/shp/pyshp/blockgroups_multishapefile.zip", "more than one shapefile", "of its own"},
		{"other/kenya/counties.geojson", "no attribute holds the names", "COUNTY_NAM"},
	} {
		p := refusal(t, c.file, d.offer(&action.Import{Files: []string{b.file("data/" + c.file)}}))
		if p == nil {
			continue
		}
		if said := p.Subject + ": " + p.Message; !strings.Contains(said, c.says) {
			t.Errorf("%s: %q does not say %q", c.file, said, c.says)
		}
		if !strings.Contains(p.Hint, c.hint) {
			t.Errorf("%s: the hint %q does not say %q", c.file, p.Hint, c.hint)
		}
	}
}

// The loose parts of one shapefile, named together, are one layer; what is no
// ward file by its columns is one when the user says which column it is.
func TestWhatTheUserSaysMakesFilesUsable(t *testing.T) {
	b := &bench{t: t, shared: sharedFolder(t)}
	d := newDesk(t)
	parts := func(stem string, endings ...string) []string {
		var out []string
		for _, e := range endings {
			out = append(out, b.file("data/"+stem+e))
		}
		return out
	}
	for _, a := range []*action.Import{
		{Files: parts("other/kenya/counties", ".shp", ".dbf", ".shx", ".prj"), UnitColumn: "CONSTITUEN"},
		{Files: parts("other/kenya/counties_sphericalmercator", ".dbf", ".prj", ".shp"), UnitColumn: "CONSTITUEN"},
		{Files: parts("other/burkina_snt/BFA_dummy_results_dataset", ".csv"), UnitColumn: "ADM2_NAME", StateColumn: "ADM1_NAME"},
		{Files: parts("nigeria/NGA_LGAs_774", ".zip"), UnitColumn: "LGA"},
		{Files: parts("corpora/shp/pyshp/latin1", ".shp", ".dbf")},
		{Files: parts("other/burkina_snt/Burkina-Faso-org-units", ".gpkg"), LGAColumn: "parent"},
	} {
		if err := d.offer(a); err != nil {
			t.Errorf("%s: %v", filepath.Base(a.Files[0]), err)
		}
	}
}
