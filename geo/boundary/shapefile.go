package boundary

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"

	"chatmrpt/geo/boundary/crs"
	"chatmrpt/geo/boundary/dbf"
	"chatmrpt/geo/feature"
)

// parts are the files of one shapefile. Only shp and dbf are needed; the
// others have no name where they are missing.
type parts struct {
	shp, dbf, shx, prj, cpg File
}

// readShapefile reads the parts of one shapefile.
func readShapefile(ctx context.Context, files []File, asked wish) (*feature.Layer, error) {
	p, err := gather(files, asked.layer)
	if err != nil {
		return nil, err
	}
	place, notice, err := p.placer(asked.system)
	if err != nil {
		return nil, err
	}
	s, err := readShapes(ctx, p.shp.Data, p.shx.Data, place)
	if err != nil {
		return nil, err
	}
	t, err := dbf.Read(ctx, p.dbf.Data, string(p.cpg.Data))
	if isCancelled(err) {
		return nil, err
	}
	if err != nil {
		return nil, damaged(base(p.dbf.Name), err)
	}
	l, err := p.join(s, t)
	if err != nil {
		return nil, err
	}
	place.note(l)
	l.Repairs = append(l.Repairs, keptRepairs(s.repairs, t.Deleted)...)
	l.Notices = slices.Concat(notice, l.Notices, s.said, s.notices(), t.Notices)
	return l, nil
}

// gather finds the one .shp, or the one named, and the files that belong to it: same folder, same
// name but for case.
func gather(files []File, layer string) (*parts, error) {
	found := withExtension(files, ".shp")
	if layer != "" {
		found = slices.DeleteFunc(slices.Clone(found), func(f File) bool { return stem(f.Name) != strings.ToLower(strings.TrimSuffix(layer, ".shp")) })
	}
	switch {
	case len(found) > 1:
		return nil, &Error{Detail: "there is more than one shapefile: " + names(found), Hint: "give the one that holds the boundaries, in a .zip of its own, or say which with --sheet"}
	case len(found) == 0:
		return nil, &Error{Detail: fmt.Sprintf("there is no shapefile %q", layer), Hint: "there is: " + names(withExtension(files, ".shp"))}
	}
	p := &parts{shp: found[0]}
	if err := checkShpHeader(p.shp.Data, base(p.shp.Name)); err != nil {
		return nil, err
	}
	for _, f := range files {
		if !strings.EqualFold(path.Dir(f.Name), path.Dir(p.shp.Name)) || stem(f.Name) != stem(p.shp.Name) {
			continue
		}
		switch extension(f.Name) {
		case ".dbf":
			p.dbf = f
		case ".shx":
			p.shx = f
		case ".prj":
			p.prj = f
		case ".cpg":
			p.cpg = f
		}
	}
	if p.dbf.Name == "" {
		return nil, p.missingTable(files)
	}
	return p, nil
}

// missingTable names the .dbf that isn't there, and one that may be it.
func (p *parts) missingTable(files []File) error {
	want := p.name() + ".dbf"
	e := &Error{File: base(p.shp.Name), Detail: fmt.Sprintf("its table of attributes, %s, is missing", want),
		Hint: fmt.Sprintf("give %s together with the .shp; without it no area has a name", want)}
	if others := withExtension(files, ".dbf"); len(others) > 0 {
		e.Hint += fmt.Sprintf("; if %s is that table, give both files the same name", base(others[0].Name))
	}
	return e
}

// name is the shapefile's own name.
func (p *parts) name() string {
	b := base(p.shp.Name)
	return strings.TrimSuffix(b, path.Ext(b))
}

// placer settles the reference system: what the person says, else the .prj,
// else WGS 84. The notice, if any, says that the person overrode the file.
func (p *parts) placer(asked *crs.System) (*placer, []string, error) {
	out := &placer{file: base(p.shp.Name), system: asked}
	named, err := crs.FromWKT(string(p.prj.Data))
	switch {
	case asked != nil:
		return out, overridden(asked, named, p.prj.Name != ""), nil
	case p.prj.Name == "":
		out.system, out.assumed = crs.WGS84(), true
	case err != nil:
		return nil, nil, unknownSystem(base(p.prj.Name), err)
	default:
		out.system = named
	}
	return out, nil, nil
}

// overridden is the notice that the file's own system, if it has one, wasn't
// used.
func overridden(asked, named *crs.System, has bool) []string {
	if !has || (named != nil && named.String() == asked.String()) {
		return nil
	}
	text := "something that can't be read"
	if named != nil {
		text = named.String()
	}
	return []string{fmt.Sprintf("read as %s, as asked; the file itself says %s", asked, text)}
}

func unknownSystem(file string, err error) error {
	return &Error{File: file, Detail: "the reference system can't be used: " + err.Error(), Err: err, NoCRS: true,
		Hint: "save the boundaries again as WGS 84 (EPSG:4326) (QGIS: Export, Save Features As), or name the system with --crs EPSG:N"}
}

// join puts shapes and attributes side by side and takes out what the table
// marks as deleted.
func (p *parts) join(s *shapes, t *dbf.Table) (*feature.Layer, error) {
	if len(s.areas) != t.Rows {
		return nil, &Error{File: base(p.shp.Name), Detail: fmt.Sprintf("it holds %d shapes, but %s holds %d rows", len(s.areas), base(p.dbf.Name), t.Rows),
			Hint: "the two don't belong together or one was cut short: export the shapefile again"}
	}
	l := &feature.Layer{Name: p.name(), Areas: s.areas, Columns: t.Columns}
	if gone := dropDeleted(l, t.Deleted); gone > 0 {
		l.Notices = append(l.Notices, fmt.Sprintf("%d records marked as deleted were left out", gone))
	}
	if l.Len() == 0 {
		return nil, noFeatures(base(p.shp.Name))
	}
	return l, nil
}

func noFeatures(file string) error {
	return &Error{File: file, Detail: "it holds no shapes", Hint: "export the boundaries again, with at least one area"}
}

// dropDeleted takes the rows marked in gone out of a layer and counts them.
func dropDeleted(l *feature.Layer, gone []bool) (n int) {
	if gone == nil {
		return 0
	}
	before := l.Len()
	l.Areas = keep(l.Areas, gone)
	for i := range l.Columns {
		c := &l.Columns[i]
		c.Present = keep(c.Present, gone)
		c.Texts, c.Numbers = keep(c.Texts, gone), keep(c.Numbers, gone)
	}
	return before - l.Len()
}

// keptRepairs counts features without those that were left out.
func keptRepairs(repairs []feature.Repair, gone []bool) []feature.Repair {
	if gone == nil {
		return repairs
	}
	before, out := 0, repairs[:0]
	at := 0
	for _, r := range repairs { // in the order of features
		for ; at < r.Feature; at++ {
			if gone[at] {
				before++
			}
		}
		if !gone[r.Feature] {
			r.Feature -= before
			out = append(out, r)
		}
	}
	return out
}

// keep returns the values whose mark isn't set; nil stays nil.
func keep[V any](values []V, gone []bool) []V {
	out := values[:0]
	for i, v := range values {
		if !gone[i] {
			out = append(out, v)
		}
	}
	return out
}
