package action

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"chatmrpt/core/place"
	"chatmrpt/core/problem"
	"chatmrpt/core/store"
	"chatmrpt/core/table"
	"chatmrpt/core/workspace"
	"chatmrpt/geo/boundary"
	"chatmrpt/geo/feature"
)

func (a *Import) readBoundaries(ctx context.Context, group []inputFile) (imported, error) {
	files := make([]boundary.File, len(group))
	for i, f := range group {
		files[i] = boundary.File{Name: f.name, Data: f.data}
	}
	layer, err := boundary.Read(ctx, files, boundary.Options{CRS: a.CRS, Layer: a.Sheet})
	if err != nil {
		return imported{}, boundaryProblem(err, group[0].name)
	}
	t, err := attributeTable(layer, group[0].name)
	if err != nil {
		return imported{}, err
	}
	roles, err := a.roles()
	if err != nil {
		return imported{}, err
	}
	if err := nameUnits(t, roles, group[0].name); err != nil {
		return imported{}, err
	}
	if err := placedRight(layer, t, group[0].name); err != nil {
		return imported{}, err
	}
	name, hash := a.nameOf(group[0].name), group[0].hash
	mended := repairsOf(layer, t)
	overlaps, gaps, said, err := misfitsOf(ctx, layer, unitsOf(t))
	if err != nil {
		return imported{}, err
	}
	return imported{
		dataset: store.NewDataset{
			Kind: workspace.KindBoundaries, Name: name, Table: t, Areas: layer.Areas, Source: group[0].name, SourceHash: hash,
			Report: boundaryReport{CRS: layer.CRS, Features: layer.Len(), Notices: layer.Notices, Repairs: mended, Overlaps: overlaps, Gaps: gaps},
		},
		notices: slices.Concat(layer.Notices, repairNotice(mended), said), read: layer.Len(), repaired: countFeatures(layer.Repairs), assumed: layer.AssumedCRS,
	}, nil
}

// boundaryReport is what reading a boundary file found.
type boundaryReport struct {
	CRS      string   `json:"crs"`
	Features int      `json:"features"`
	Notices  []string `json:"notices"`
	Repairs  []repair `json:"repairs,omitempty"`
	Overlaps []misfit `json:"overlaps,omitempty"`
	Gaps     []misfit `json:"gaps,omitempty"`
}

// repair is what was done to the shape of one ward.
type repair struct {
	Ward string  `json:"ward"`
	What string  `json:"what"`
	Lon  float64 `json:"lon,omitempty"`
	Lat  float64 `json:"lat,omitempty"`
}

// repairsOf names the wards whose shapes were mended.
func repairsOf(l *feature.Layer, t *table.Table) []repair {
	units := unitsOf(t)
	var out []repair
	for _, r := range l.Repairs {
		out = append(out, repair{Ward: unitLabel(units[r.Feature]), What: r.What, Lon: r.At[0], Lat: r.At[1]})
	}
	return out
}

// repairNotice names the first wards that were mended; the report has them
// all.
func repairNotice(mended []repair) []string {
	var names []string
	for _, r := range mended {
		if !slices.Contains(names, r.Ward) {
			names = append(names, r.Ward)
		}
	}
	if names == nil {
		return nil
	}
	return []string{fmt.Sprintf("shapes mended: %s; what was done to each is in the report of the import (--json)", listed(names, 5))}
}

// countFeatures counts the features that have a repair.
func countFeatures(repairs []feature.Repair) int {
	seen := map[int]bool{}
	for _, r := range repairs {
		seen[r.Feature] = true
	}
	return len(seen)
}

// placedRight refuses a layer that names no reference system and whose
// coordinates pass for degrees, but whose states are Nigeria's and not where
// Nigeria is: it is in some plane.
func placedRight(l *feature.Layer, t *table.Table, file string) error {
	bound, ok := l.Bound()
	if !l.AssumedCRS || !ok || (bound.Min[0] > 2 && bound.Max[0] < 15 && bound.Min[1] > 3.5 && bound.Max[1] < 14.5) {
		return nil
	}
	for _, u := range unitsOf(t) {
		if !place.IsState(u.State) {
			return nil
		}
	}
	return problem.New(problem.BadInput, "import", file,
		"it names no reference system, and as degrees its coordinates would put states of Nigeria somewhere else",
		"Name its reference system with --crs EPSG:N (for Nigeria often 32631, 32632, 26391, 26392 or 26393), or give the .prj file too")
}

// boundaryProblem turns geo's error into one a person can act on.
func boundaryProblem(err error, file string) error {
	if e, ok := errors.AsType[*boundary.Error](err); ok {
		return problem.New(problem.BadInput, "import", cmp.Or(e.File, file), e.Detail, e.Hint).Because(err)
	}
	if isStop(err) {
		return err
	}
	return problem.New(problem.BadInput, "import", file, err.Error(), "Save the layer again from the program it came from, as a zipped shapefile, GeoPackage or GeoJSON in WGS 84").Because(err)
}

// attributeTable gives the attributes of a layer as a table; a layer without
// areas is refused.
func attributeTable(l *feature.Layer, file string) (*table.Table, error) {
	if err := l.Validate(); err != nil {
		return nil, err
	}
	if _, ok := l.Bound(); !ok {
		return nil, problem.New(problem.BadInput, "import", file, "it holds no areas", "Choose the file with the ward polygons")
	}
	t := &table.Table{Name: l.Name}
	for _, c := range l.Columns {
		if err := t.Add(attributeColumn(c, file)); err != nil {
			return nil, problem.New(problem.BadInput, "import", file, "two attributes are named "+c.Name, "Rename one of them")
		}
	}
	return t, nil
}

func attributeColumn(c feature.Column, file string) *table.Column {
	out := table.NewText(c.Name)
	if c.IsNumber {
		out = table.NewNumber(c.Name)
	}
	out.Origin = file + ", attribute " + c.Name
	for i, present := range c.Present {
		switch {
		case !present || (!c.IsNumber && strings.TrimSpace(c.Texts[i]) == ""):
			out.AppendMissing()
		case c.IsNumber:
			out.AppendNumber(c.Numbers[i])
		default:
			out.AppendText(strings.TrimSpace(c.Texts[i]))
		}
	}
	return out
}

// unitNames lists, best first, the attribute names by which boundary files in
// use name their units (spec/analytics.md §1.6 and the humanitarian and GADM
// naming), in lower case without separators.
func unitNames(r table.Role) []string {
	switch r {
	case table.RoleState:
		return []string{"statename", "state", "adm1en", "adm1name", "admin1", "name1"}
	case table.RoleLGA:
		return []string{"lganame", "lga", "adm2en", "adm2name", "admin2", "name2", "district"}
	case table.RoleWard:
		return []string{"wardname", "ward", "adm302", "adm3en", "adm3name", "admin3", "name3", "unitname", "name"}
	case table.RoleStateCode:
		return []string{"statecode", "adm1pcode", "admin1pcod"}
	case table.RoleLGACode:
		return []string{"lgacode", "adm2pcode", "admin2pcod"}
	case table.RoleWardCode:
		return []string{"wardcode", "adm3pcode", "admin3pcod", "wardid", "code"}
	case table.RolePopulation:
		return []string{"population", "pop", "totalpopulation", "totpop"}
	case table.RoleUrban:
		return []string{"urbanpercentage", "urbanpercent", "urbanperce", "percenturban", "urbanpct"}
	}
	return nil
}

// nameUnits gives the attributes their roles: the user's choice first, then
// the known names; every other number becomes a ward variable.
func nameUnits(t *table.Table, chosen map[table.Role]string, file string) error {
	for _, role := range table.Roles() {
		header, ok := chosen[role]
		if !ok {
			continue
		}
		c, found := t.Column(header)
		if !found {
			return problem.New(problem.BadInput, "import", file, fmt.Sprintf("it has no attribute %q", header), "Its attributes are: "+columnList(t))
		}
		c.Role = role
	}
	for _, role := range table.Roles() {
		if _, taken := t.Role(role); !taken {
			recogniseUnit(t, role)
		}
	}
	if _, ok := t.Role(table.RoleWard); !ok {
		return problem.New(problem.BadInput, "import", file, "no attribute holds the names of the wards",
			"Say which with --unit-column; its attributes are: "+columnList(t))
	}
	for _, c := range t.Columns {
		if c.Role == "" && c.Kind() == table.Number && !isIdentifier(c.Name) {
			c.Role = table.RoleVariable
		}
	}
	return nil
}

func recogniseUnit(t *table.Table, role table.Role) {
	numeric := role == table.RolePopulation || role == table.RoleUrban
	for _, name := range unitNames(role) {
		for _, c := range t.Columns {
			if c.Role == "" && plain(c.Name) == name && (!numeric || c.Kind() == table.Number) {
				c.Role = role
				return
			}
		}
	}
}

// isIdentifier tells the numbers of a boundary file that count or measure
// nothing (spec/analytics.md §3.3).
func isIdentifier(name string) bool {
	return slices.Contains([]string{
		"id", "fid", "objectid", "globalid", "gid", "index", "x", "y", "shapearea", "shapeleng", "shapelength",
		"timestamp", "amapcode", "cartodbid", "ogcfid", "perimeter", "latitude", "longitude", "lat", "lon",
	}, plain(name))
}

// plain is a header in lower case without separators.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if r == ' ' || r == '_' || r == '-' || r == '.' {
			return -1
		}
		return r
	}, strings.ToLower(s))
}

func columnList(t *table.Table) string {
	if len(t.Columns) == 0 {
		return "none"
	}
	names := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		names[i] = c.Name
	}
	return strings.Join(names, ", ")
}
