package boundary

import (
	"errors"
	"fmt"
	"path"
	"strings"
	"testing"

	"chatmrpt/assets/beside"
	"chatmrpt/geo/boundary/dbf"
)

// spatial: the shapefiles, archives and JSON of the collections. Rasters are
// package raster's, tables package ingest's.
func spatial(name string) bool {
	switch extension(name) {
	case ".shp", ".zip", ".json":
		return true
	case ".dbf":
		return strings.Contains(name, "/shp/")
	}
	return false
}

// corpusFiles gives a file of the collections with what belongs to it. Some
// shapefiles there have no .dbf; they get one of so many rows without columns.
func corpusFiles(t *testing.T, c beside.Corpus, rows int) []File {
	t.Helper()
	if extension(c.Name) != ".shp" {
		return []File{{path.Base(c.Name), c.Data}}
	}
	files := without(without(sharedFiles(t, "data/"+strings.TrimSuffix(c.Name, "shp")+"*"), ".zip"), ".json")
	if len(withExtension(files, ".dbf")) == 0 {
		files = append(files, File{strings.TrimSuffix(path.Base(c.Name), "shp") + "dbf", dbfFile(make([]string, rows)...)})
	}
	return files
}

// expected is what GDAL 3.6.2 finds in a file: how many features, of what kind,
// "" where it reads no layer. What it reads once told to do without a .shx
// counts.
func expected(reference string) (count int, kind string) {
	if _, rest, ok := strings.Cut(reference, "RESTORE_SHX=YES: "); ok {
		reference = rest
	}
	if n, _ := fmt.Sscanf(reference, "%d", &count); n != 1 || strings.Contains(reference, ";") {
		return 0, ""
	}
	_, kind, _ = strings.Cut(reference, " ")
	return count, kind
}

// systemName is our name for a reference system of GDAL's. GDAL gives the code
// of a state plane by looking up its name; we give the name. It leaves the
// Google text its name; we say what it means.
func systemName(gdal string) string {
	named := map[string]string{"EPSG:3435": "NAD_1983_StatePlane_Illinois_East_FIPS_1201_Feet",
		"EPSG:26985": "NAD_1983_StatePlane_Maryland_FIPS_1900", "EPSG:102004": "USA_Contiguous_Lambert_Conformal_Conic",
		"Google Maps Global Mercator": "EPSG:3857", "none": "EPSG:4326"}
	if ours, ok := named[gdal]; ok {
		return ours
	}
	return gdal
}

// TestCorpora gives every spatial file of the collections to the reader. The
// number of features and the reference system must be GDAL's for every file
// that holds areas; all others must be refused with what to do, within their
// memory.
func TestCorpora(t *testing.T) {
	compared := 0
	for _, c := range beside.Corpora(t, spatial) {
		if extension(c.Name) == ".dbf" {
			outcomeOfTable(t, c)
			continue
		}
		count, kind := expected(c.Reference)
		files := corpusFiles(t, c, count)
		size := 0
		for _, f := range files {
			size += len(f.Data)
		}
		if isZip(files[0]) {
			size = unpackedSize(t, files[0])
		}
		beside.WithinMemory(t, c, size, func() {
			ours, verdict, same := outcome(t, c, files, count, kind)
			beside.Outcome(t, c, ours, verdict)
			if same {
				compared++
			}
		})
	}
	if compared < 15 {
		t.Errorf("only %d layers were compared", compared)
	}
}

// unpackedSize is the size of what an archive holds for the reader.
func unpackedSize(t *testing.T, f File) (n int) {
	inside, err := unpack(t.Context(), f)
	if err != nil {
		return len(f.Data)
	}
	for _, i := range inside {
		n += len(i.Data)
	}
	return n
}

// outcome reads a file and judges by what GDAL finds in it.
func outcome(t *testing.T, c beside.Corpus, files []File, count int, kind string) (ours, verdict string, same bool) {
	t.Helper()
	// Between its records 6 and 7 lie bytes that belong to none. GDAL, without
	// the .shx, ends there and gives 7 of its zones; silently fewer areas is
	// what must not happen, so it is refused.
	isStrange := path.Base(c.Name) == "ne_10m_time_zones.shp"
	isArea := (strings.Contains(kind, "Polygon") || path.Base(c.Name) == "polygons.json") && !isStrange
	l, err := Read(t.Context(), files, Options{})
	e := new(Error)
	switch {
	case err != nil && !errors.As(err, &e):
		return err.Error(), beside.Wrong, false
	case err != nil && (isArea || e.Hint == ""):
		return err.Error(), beside.Wrong, false
	case err != nil:
		return err.Error(), beside.Refused, false
	}
	checkLayer(t, l)
	ours = fmt.Sprintf("%d areas in %s", l.Len(), l.CRS)
	switch {
	case !isArea && kind != "":
		return ours, beside.Wrong, false
	case !isArea:
		return ours, beside.More, false
	case l.Len() != count || l.CRS != systemName(c.CRS):
		return ours + ", GDAL: " + c.CRS, beside.Wrong, false
	}
	return ours, beside.Same, true
}

// outcomeOfTable compares the number of records of an attribute table.
func outcomeOfTable(t *testing.T, c beside.Corpus) {
	t.Helper()
	var ours string
	beside.WithinMemory(t, c, len(c.Data), func() {
		table, err := dbf.Read(t.Context(), c.Data, "")
		if err != nil {
			ours = err.Error()
			return
		}
		ours = fmt.Sprintf("%d records", table.Rows)
	})
	switch {
	case ours == c.Reference:
		beside.Outcome(t, c, ours, beside.Same)
	case strings.Contains(c.Reference, "reader error") && strings.HasSuffix(ours, "records"): // GDAL wants the .shp beside
		beside.Outcome(t, c, ours, beside.More)
	default:
		beside.Outcome(t, c, ours, beside.Wrong)
	}
}
