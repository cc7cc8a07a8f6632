// Package boundary reads boundary files into layers of areas: shapefiles
// (zipped or as loose parts), GeoPackage (package gpkg), GeoJSON, TopoJSON and
// KML; and writes GeoJSON.
//
// Files come from strangers and are taken as hostile: every count a file
// gives is checked against the bytes that are there before memory is taken,
// archives may neither climb out of their folder nor swell without bound,
// nesting is limited, nothing panics. What a person should know but need not
// act on (a reference system assumed, rings closed, records left out) becomes
// a notice of the layer; what can't be used is an *Error in words with a hint.
//
// Whatever the format, areas come out alike: longitude and latitude on WGS 84
// (package crs), rings closed and sorted into polygons with their holes, outer
// rings counter-clockwise (package ring). A shape without geometry keeps its
// place with a nil area.
//
// The .shp and .dbf readers are our own: reading hostile files safely is the
// purpose of this package, and the library in the field gives up on one
// degenerate ring or one unknown code page and attaches holes to whichever
// outer ring came last.
package boundary

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"chatmrpt/geo/boundary/crs"
	"chatmrpt/geo/boundary/gpkg"
	"chatmrpt/geo/feature"
)

// File is one input, wholly in memory. Name is its file name; only its last
// element is used.
type File struct {
	Name string
	Data []byte
}

// Options change how files are read.
type Options struct {
	// CRS names the reference system, such as "EPSG:32632". It is used in
	// place of whatever the file says or leaves out. Empty means: as the file
	// says. See crs.FromEPSG for the codes that are known.
	CRS string
	// Layer names one of several layers of a GeoPackage, TopoJSON or KML file.
	// Empty means: the only one that holds areas.
	Layer string
}

// Error tells what is wrong with an input in words for a person.
type Error struct {
	File   string // the file, or the file within the archive; may be empty
	Detail string // what is wrong, lower case, no final stop
	Hint   string // what to do about it; never empty
	NoCRS  bool   // all that lacks is a reference system that can be used
	Err    error  // the cause; may be nil
}

// Error is the file and what is wrong with it, without the hint.
func (e *Error) Error() string {
	if e.File == "" {
		return e.Detail
	}
	return e.File + ": " + e.Detail
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// isCancelled tells the errors of a context from those of a file.
func isCancelled(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

const hintFormats = "give a zipped shapefile, the .shp and .dbf of one shapefile together, or a GeoPackage, GeoJSON, TopoJSON or KML file"

// Read reads one boundary data set: one .zip or .kmz that holds one in another
// format, one GeoPackage, GeoJSON, TopoJSON or KML file, or the parts of one
// shapefile.
// The error is an *Error, or that of the context.
func Read(ctx context.Context, files []File, o Options) (*feature.Layer, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	asked, err := o.system()
	if err != nil {
		return nil, err
	}
	read, chosen, err := choose(files)
	if err != nil {
		return nil, err
	}
	l, err := read(ctx, chosen, wish{asked, o.Layer})
	if err != nil {
		return nil, err
	}
	if err := l.Validate(); err != nil {
		return nil, &Error{File: l.Name, Detail: "the attributes don't fit the shapes", Hint: "export the file again", Err: err}
	}
	return l, nil
}

// system is the reference system the person gave, nil for none.
func (o Options) system() (*crs.System, error) {
	if strings.TrimSpace(o.CRS) == "" {
		return nil, nil
	}
	s, err := crs.FromName(o.CRS)
	if err != nil {
		return nil, &Error{Detail: fmt.Sprintf("the reference system %q isn't known", o.CRS), Err: err,
			Hint: "known are EPSG:4326, 3857, 326xx and 327xx (UTM), 26391 to 26393 (Nigeria belts), 26331 and 26332 (Minna UTM); else save the file again as WGS 84 (EPSG:4326)"}
	}
	return s, nil
}

// wish is what the person said about a file: its reference system, or nil, and
// which of its layers, or "".
type wish struct {
	system *crs.System
	layer  string
}

// reader reads one format.
type reader func(ctx context.Context, files []File, asked wish) (*feature.Layer, error)

// choose finds the reader for what was given and the files it is for. A new
// format is a new case here.
func choose(files []File) (reader, []File, error) {
	switch {
	case len(files) == 0:
		return nil, nil, &Error{Detail: "no file was given", Hint: hintFormats}
	case len(files) == 1 && isZip(files[0]):
		return readZip, files, nil
	case len(files) == 1 && gpkg.Is(files[0].Data):
		return readGeoPackage, files, nil
	case len(withExtension(files, ".zip")) > 0:
		return nil, nil, &Error{Detail: "an archive was given together with other files: " + names(files), Hint: "give one boundary file at a time"}
	case len(withExtension(files, ".shp")) > 0 && len(withExtension(files, ".geojson")) > 0:
		return nil, nil, &Error{Detail: "a shapefile and a GeoJSON file were given together: " + names(files), Hint: "give one boundary file at a time"}
	}
	return chooseLoose(files)
}

// chooseLoose is choose for files that aren't archives. Files that no reader
// wants are passed over, as an archive may hold anything.
func chooseLoose(files []File) (reader, []File, error) {
	if found := withExtension(files, ".shp"); len(found) > 0 {
		return readShapefile, files, nil
	}
	if found := withExtension(files, ".gpkg", ".kml"); len(found) == 1 {
		if extension(found[0].Name) == ".kml" {
			return readKML, found, nil
		}
		return readGeoPackage, found, nil
	}
	found := withExtension(files, ".geojson", ".json", ".topojson")
	if len(found) == 1 {
		return readGeoJSON, found, nil
	}
	return nil, nil, unreadable(files, found)
}

// unreadable says why none of the readers fits.
func unreadable(files, geojson []File) *Error {
	parts := withExtension(files, ".dbf", ".shx", ".prj")
	switch {
	case len(geojson) > 1:
		return &Error{Detail: "there is more than one GeoJSON file: " + names(geojson), Hint: "give one boundary file at a time"}
	case len(withExtension(files, ".gpkg", ".kml")) > 1:
		return &Error{Detail: "there is more than one boundary file: " + names(withExtension(files, ".gpkg", ".kml")), Hint: "give one boundary file at a time"}
	case len(parts) > 0:
		return &Error{File: base(parts[0].Name), Detail: "its .shp, which holds the shapes, is missing",
			Hint: "give the .shp, .dbf and .prj of the shapefile together, best in one .zip"}
	case len(withExtension(files, ".zip")) > 0:
		return &Error{File: names(withExtension(files, ".zip")), Detail: "an archive inside another archive can't be read",
			Hint: "unpack the outer one and give the archive that holds the .shp"}
	case len(withExtension(files, ".gdb", ".tab", ".mif", ".fgb", ".gml")) > 0:
		return &Error{File: names(files), Detail: "boundaries in this format can't be read",
			Hint: "save it as a zipped shapefile or as GeoJSON (QGIS: Export, Save Features As)"}
	}
	return &Error{File: names(files), Detail: "it holds no boundary file that can be read", Hint: hintFormats}
}

// base is the last element of a name, whichever way its slashes lean.
func base(name string) string {
	return path.Base(strings.ReplaceAll(name, `\`, "/"))
}

func extension(name string) string { return strings.ToLower(path.Ext(base(name))) }

// stem is the lower-case name without folder and extension.
func stem(name string) string {
	return strings.ToLower(strings.TrimSuffix(base(name), path.Ext(base(name))))
}

func withExtension(files []File, extensions ...string) []File {
	var out []File
	for _, f := range files {
		if slices.Contains(extensions, extension(f.Name)) {
			out = append(out, f)
		}
	}
	return out
}

// names lists at most ten files by name, sorted.
func names(files []File) string {
	list := make([]string, len(files))
	for i, f := range files {
		list[i] = f.Name
	}
	slices.Sort(list)
	if len(list) > 10 {
		list = append(list[:10], fmt.Sprintf("and %d more", len(list)-10))
	}
	return strings.Join(list, ", ")
}
