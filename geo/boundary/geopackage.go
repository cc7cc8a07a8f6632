package boundary

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/paulmach/orb"

	"chatmrpt/geo/boundary/crs"
	"chatmrpt/geo/boundary/gpkg"
	"chatmrpt/geo/feature"
)

// readGeoPackage reads one layer of a GeoPackage.
func readGeoPackage(ctx context.Context, files []File, asked wish) (l *feature.Layer, err error) {
	file := base(files[0].Name)
	defer func() { // the database is C code and its driver ours to distrust
		if p := recover(); p != nil {
			l, err = nil, damaged(file, fmt.Errorf("it can't be read: %v", p))
		}
	}()
	f, err := gpkg.Open(files[0].Data)
	if err != nil {
		return nil, damaged(file, err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := pickLayer(ctx, f, file, asked.layer)
	if err != nil {
		return nil, err
	}
	place, notices, err := packagePlacer(file, info, asked.system)
	if err != nil {
		return nil, err
	}
	blobs, columns, err := f.Read(ctx, info)
	if isCancelled(err) {
		return nil, err
	}
	if err != nil {
		return nil, damaged(file, err)
	}
	r := &blobReader{place: place}
	if err := r.readAll(ctx, blobs); err != nil {
		return nil, err
	}
	l = &feature.Layer{Name: info.Name, Areas: r.areas, Columns: columns}
	if l.Len() == 0 {
		return nil, noFeatures(file)
	}
	place.note(l)
	l.Notices, l.Repairs = slices.Concat(notices, l.Notices, r.notices()), r.repairs
	return l, place.check()
}

// pickLayer finds the layer asked for, or the only one with shapes.
func pickLayer(ctx context.Context, f *gpkg.File, file, asked string) (gpkg.Info, error) {
	layers, err := f.Layers(ctx)
	if isCancelled(err) {
		return gpkg.Info{}, err
	}
	if err != nil {
		return gpkg.Info{}, damaged(file, err)
	}
	var with []gpkg.Info
	var all, shaped []string
	for _, l := range layers {
		all = append(all, l.Name)
		if l.Name == asked {
			return l, nil
		}
		if l.Shapes > 0 && !holdsNoAreas(l.Kind) {
			with, shaped = append(with, l), append(shaped, l.Name)
		}
	}
	switch {
	case asked != "":
		return gpkg.Info{}, &Error{File: file, Detail: fmt.Sprintf("it has no layer %q", asked), Hint: "its layers are: " + list(all)}
	case len(layers) > 0 && len(with) == 0:
		return gpkg.Info{}, &Error{File: file, Detail: "none of its layers holds areas: " + list(all), Hint: "give the file that holds the boundaries as polygons"}
	case len(with) == 0:
		return gpkg.Info{}, noFeatures(file)
	case len(with) > 1:
		return gpkg.Info{}, severalLayers(file, shaped)
	}
	return with[0], nil
}

func holdsNoAreas(kind string) bool {
	return strings.HasSuffix(kind, "POINT") || strings.HasSuffix(kind, "LINESTRING") || strings.HasSuffix(kind, "CURVE")
}

// severalLayers asks which of several layers is meant.
func severalLayers(file string, names []string) *Error {
	return &Error{File: file, Detail: fmt.Sprintf("it holds %d layers of areas", len(names)), Hint: "say which with --sheet: " + list(names)}
}

// list names at most ten things.
func list(names []string) string {
	if len(names) > 10 {
		return strings.Join(names[:10], ", ") + fmt.Sprintf(" and %d more", len(names)-10)
	}
	return strings.Join(names, ", ")
}

// packagePlacer settles the reference system: what the person says, else the
// layer's code or text, else WGS 84.
func packagePlacer(file string, l gpkg.Info, asked *crs.System) (*placer, []string, error) {
	p := &placer{file: file, system: asked}
	has := l.System != "" || l.Definition != ""
	var named *crs.System
	err := error(nil)
	if l.System != "" {
		named, err = crs.FromName(l.System)
	}
	if named == nil && l.Definition != "" { // a code that isn't known may have a text that is
		named, err = crs.FromWKT(l.Definition)
	}
	switch {
	case asked != nil:
		return p, overridden(asked, named, has), nil
	case !has:
		p.system, p.assumed = crs.WGS84(), true
	case err != nil:
		return nil, nil, unknownSystem(file, err)
	default:
		p.system = named
	}
	return p, nil, nil
}

// blobReader makes areas of the shapes of a GeoPackage.
type blobReader struct {
	tally
	areas []orb.MultiPolygon
	place *placer
}

func (r *blobReader) readAll(ctx context.Context, blobs [][]byte) error {
	r.areas = make([]orb.MultiPolygon, len(blobs))
	for i, b := range blobs {
		if i%256 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		r.current = i
		area, err := r.area(b)
		where := fmt.Sprintf("feature %d", i+1)
		switch kind := new(geometryError); {
		case errors.As(err, &kind):
			return notAreas(r.place.file, where, kind.Error())
		case errors.Is(err, errNotNumber) || errors.Is(err, errOutside):
			return r.place.explain(where, err)
		case err != nil:
			return damaged(r.place.file, fmt.Errorf("%s: %w", where, err))
		}
		r.areas[i] = area
	}
	return nil
}

// area reads the shape of one row: the header of the GeoPackage (clause
// 2.1.3), whose envelope is passed over, and well-known binary.
func (r *blobReader) area(b []byte) (orb.MultiPolygon, error) {
	if b == nil {
		r.empty++
		return nil, nil
	}
	if len(b) < 8 || b[0] != 'G' || b[1] != 'P' {
		return nil, errors.New("its shape isn't in the form of a GeoPackage")
	}
	envelope := []int{0, 32, 48, 48, 64, -1, -1, -1}[b[3]>>1&7]
	if envelope < 0 || len(b) < 8+envelope {
		return nil, errWKB
	}
	w := wkbReader{rest: b[8+envelope:]}
	polygons, err := w.polygons(0)
	if err != nil {
		return nil, err
	}
	return r.assemble(r.place, polygons)
}
