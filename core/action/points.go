package action

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/paulmach/orb"

	"chatmrpt/core/place"
	"chatmrpt/core/store"
	"chatmrpt/core/table"
	"chatmrpt/core/workspace"
	"chatmrpt/geo/locate"
)

// point is one facility as a table names and places it: a distinct place name
// together with its coordinates.
type point struct {
	given    int // index of the place name
	at       orb.Point
	facility string // of its first row
	rows     int
}

// points are the facilities of a table that have coordinates.
type points struct {
	list    []point
	without int // rows without coordinates, or with some that can't be
}

// pointKey tells points apart.
type pointKey [3]float64

func (p point) key() pointKey { return pointKey{float64(p.given), p.at[0], p.at[1]} }

// coordinates finds the columns of longitude and latitude, false without both.
func coordinates(t *table.Table) (lon, lat *table.Column, ok bool) {
	lon, hasLon := t.Role(table.RoleLongitude)
	lat, hasLat := t.Role(table.RoleLatitude)
	return lon, lat, hasLon && hasLat && lon.Kind() == table.Number && lat.Kind() == table.Number
}

// pointAt reads the coordinates of a row. Nought by nought, in the Gulf of
// Guinea, is what programs write for none.
func pointAt(lon, lat *table.Column, row int) (orb.Point, bool) {
	x, okX := lon.Number(row)
	y, okY := lat.Number(row)
	ok := okX && okY && x >= -180 && x <= 180 && y >= -90 && y <= 90 && (x != 0 || y != 0)
	return orb.Point{x, y}, ok
}

// findPoints collects the facilities with coordinates; of gives the place name
// of each row. It is nil where the table has no such columns.
func findPoints(t *table.Table, of []int) *points {
	lon, lat, ok := coordinates(t)
	if !ok {
		return nil
	}
	name, _ := t.Role(table.RoleFacility)
	p := &points{}
	seen := map[pointKey]int{}
	for row, g := range of {
		at, ok := pointAt(lon, lat, row)
		if !ok {
			p.without++
			continue
		}
		one := point{given: g, at: at}
		i, ok := seen[one.key()]
		if !ok {
			i = len(p.list)
			seen[one.key()] = i
			if name != nil {
				one.facility = name.Format(row)
			}
			p.list = append(p.list, one)
		}
		p.list[i].rows++
	}
	return p
}

// finding is what coordinates say about a facility beside its name.
type finding string

const (
	agrees    finding = ""
	elsewhere finding = "in another ward than it names"
	unnamed   finding = "names no ward that is known"
	outside   finding = "in no ward"
)

// placed is a point with what was found.
type placed struct {
	point
	named, located, used int // units, −1 for none
	finding              finding
}

// placePoints locates every point and settles its ward by the rule chosen.
func (p *points) placePoints(ctx context.Context, areas []orb.MultiPolygon, links []place.Link, by string) ([]placed, error) {
	index := locate.New(areas)
	out := make([]placed, len(p.list))
	for i, one := range p.list {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		q := placed{point: one, named: links[one.given].Unit, located: index.At(one.at)}
		switch {
		case q.located < 0:
			q.finding = outside
		case q.named < 0:
			q.finding = unnamed
		case q.named != q.located && !slices.Contains(index.All(one.at), q.named): // on a common border both are right
			q.finding = elsewhere
		}
		q.used = q.named
		if q.finding == elsewhere && by == byCoordinates || q.finding == unnamed && by != byNames && links[one.given].Decision != place.Rejected {
			q.used = q.located
		}
		out[i] = q
	}
	return out, nil
}

// place compares coordinates with names, lists where they differ and, if the
// person said so, lets coordinates decide. It returns the table of differences
// and how many rows changed their ward.
func (m *matching) place(ctx context.Context, r matched) ([]*table.Table, int, error) {
	found, err := r.points.placePoints(ctx, m.frame.areas, r.report.Links, m.act.PlaceBy)
	if err != nil {
		return nil, 0, err
	}
	changed := 0
	for _, q := range found {
		if q.used != q.named {
			changed += q.rows
		}
	}
	m.draft.Notices = append(m.draft.Notices, r.pointNotices(m.frame, found, m.act.PlaceBy)...)
	if m.act.PlaceBy != byNames {
		t, err := usedTable(r.dataset, found)
		if err != nil {
			return nil, 0, err
		}
		m.draft.Outputs = append(m.draft.Outputs, store.NewDataset{Kind: workspace.KindPlaces, Name: matchName(r.dataset), Table: t})
	}
	t, err := m.frame.differenceTable(r, found)
	if err != nil || t.Rows() == 0 {
		return nil, changed, err
	}
	return []*table.Table{t}, changed, nil
}

// usedTable keeps the ward of every point for the steps that follow.
func usedTable(d store.Dataset, found []placed) (*table.Table, error) {
	var c columns
	for _, q := range found {
		c.count("given", q.given)
		c.number("longitude", q.at[0])
		c.number("latitude", q.at[1])
		c.share("unit", float64(q.used), q.used >= 0)
	}
	return c.table(matchName(d))
}

// differenceTable lists the facilities whose coordinates and names differ,
// those with most rows first.
func (f *frame) differenceTable(r matched, found []placed) (*table.Table, error) {
	found = slices.DeleteFunc(slices.Clone(found), func(q placed) bool { return q.finding == agrees })
	slices.SortStableFunc(found, func(a, b placed) int { return cmp.Compare(b.rows, a.rows) })
	var c columns
	for _, q := range found {
		given := r.report.Links[q.given].Given
		c.text("facility", q.facility)
		c.text("given_state", given.State)
		c.text("given_lga", given.LGA)
		c.text("given_ward", given.Ward)
		c.number("longitude", q.at[0])
		c.number("latitude", q.at[1])
		c.count("rows", q.rows)
		c.text("finding", string(q.finding))
		c.text("ward_by_name", f.labelOr(q.named))
		c.text("ward_by_coordinates", f.labelOr(q.located))
		c.text("ward_used", f.labelOr(q.used))
	}
	return c.table("by coordinates: " + r.dataset.Name)
}

// labelOr is the label of a unit, "" for none.
func (f *frame) labelOr(unit int) string {
	if unit < 0 {
		return ""
	}
	return f.label(unit)
}

// pointNotices says how many coordinates contradict the names.
func (m matched) pointNotices(f *frame, found []placed, by string) []string {
	facilities := map[finding]int{}
	for _, q := range found {
		facilities[q.finding]++
	}
	var out []string
	say := func(what finding, where, then string) {
		if n := facilities[what]; n > 0 {
			out = append(out, fmt.Sprintf("%s: by coordinates, %s: %s%s", m.dataset.Name, where, grouped(n), then))
		}
	}
	used := "; their names decide (--place-by coordinates lets the coordinates)"
	if by == byCoordinates {
		used = "; the coordinates decide"
	}
	say(elsewhere, "facilities in another ward than they name", used)
	used = "; they stay without a ward (--place-by both uses the coordinates)"
	if by != byNames {
		used = "; the coordinates decide"
	}
	say(unnamed, "facilities in a ward though their name is linked to none", used)
	say(outside, "facilities in no ward of the boundary file", "")
	if n := m.points.without; n > 0 {
		out = append(out, fmt.Sprintf("%s: %s without usable coordinates", m.dataset.Name, counted(n, "row")))
	}
	if 2*facilities[outside] > len(found) && exchanged(f.areas, found) {
		out = append(out, m.dataset.Name+": longitude and latitude look exchanged: turned round, most facilities lie in a ward. Name the columns the other way round when importing")
	}
	return out
}

// exchanged reports whether most points lie in a ward once their coordinates
// are turned round.
func exchanged(areas []orb.MultiPolygon, found []placed) bool {
	index, n := locate.New(areas), 0
	for _, q := range found {
		if index.At(orb.Point{q.at[1], q.at[0]}) >= 0 {
			n++
		}
	}
	return 2*n > len(found)
}

// placeByPoints puts the rows of a table where the run of its match let
// coordinates decide; without such a decision it changes nothing.
func placeByPoints(ctx context.Context, w *workspace.Workspace, match store.Dataset, t *table.Table, of, unit []int) error {
	outputs, err := w.Outputs(ctx, match.Run)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(outputs, func(d store.Dataset) bool { return d.Kind == workspace.KindPlaces && d.Name == match.Name })
	if i < 0 {
		return nil
	}
	lon, lat, ok := coordinates(t)
	if !ok {
		return nil
	}
	places, err := w.Table(ctx, outputs[i])
	if err != nil {
		return err
	}
	where := map[pointKey]int{}
	given, _ := places.Column("given")
	x, _ := places.Column("longitude")
	y, _ := places.Column("latitude")
	used, _ := places.Column("unit")
	for row := range places.Rows() {
		var key pointKey
		for k, c := range []*table.Column{given, x, y} {
			key[k], _ = c.Number(row)
		}
		where[key] = -1
		if u, ok := used.Number(row); ok {
			where[key] = int(u)
		}
	}
	for row, g := range of {
		at, ok := pointAt(lon, lat, row)
		if !ok {
			continue
		}
		if u, ok := where[(point{given: g, at: at}).key()]; ok {
			unit[row] = u
		}
	}
	return nil
}
