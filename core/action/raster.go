package action

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"chatmrpt/core/problem"
	"chatmrpt/core/store"
	"chatmrpt/core/table"
	"chatmrpt/core/workspace"
	"chatmrpt/geo/raster"
	"chatmrpt/geo/raster/stack"
	"chatmrpt/geo/raster/zonal"
)

// statisticShare asks for the part of a ward that is of a class; the other
// statistics are named as stack's rules are.
const statisticShare = "share"

// checkRaster reports the first raster parameter that can't be.
func (a *Import) checkRaster() error {
	if (a.statistic() == statisticShare) != (len(a.Classes) > 0) {
		return usage("import", "class", "classes and the statistic share belong together",
			"For the share of a ward between two values give --statistic share --class 10..20, for one value --class 3, from 30 on --class 30..")
	}
	if _, err := classesOf(a.Classes); err != nil {
		return err
	}
	_, err := a.bands()
	return err
}

// statistic is the one asked for, else the one that fits what the raster
// counts: persons are added up, everything else is averaged.
func (a *Import) statistic() string {
	switch {
	case a.Statistic != "":
		return a.Statistic
	case a.As == workspace.KindPopulation:
		return "sum"
	}
	return "mean"
}

// bands gives the bands asked for, from 0; nil for none.
func (a *Import) bands() ([]int, error) {
	var out []int
	for _, text := range a.Bands {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			return nil, usage("import", "band", fmt.Sprintf("%q is not the number of a band", text), "Count the bands from 1, as --band 2")
		}
		out = append(out, n-1)
	}
	return out, nil
}

// classesOf reads classes: a value as 3, or a range as 10..20 (10 up to, but
// without, 20), 30.. or ..5.
func classesOf(texts []string) ([]zonal.Class, error) {
	var out []zonal.Class
	for _, text := range texts {
		from, to, isRange := strings.Cut(text, "..")
		low, high := math.Inf(-1), math.Inf(1)
		var err error
		if from != "" {
			low, err = strconv.ParseFloat(from, 64)
		}
		if to != "" && err == nil {
			high, err = strconv.ParseFloat(to, 64)
		}
		if err != nil || (from == "" && to == "") || (isRange && !(low < high)) {
			return nil, usage("import", "class", fmt.Sprintf("%q is not a value or a range", text), "Give a value as 3, or a range as 10..20, 30.. or ..5")
		}
		c := zonal.Class{Name: strings.NewReplacer("..", "_to_").Replace(text), Contains: func(v float64) bool { return v >= low && v < high }}
		switch {
		case !isRange:
			c.Contains = func(v float64) bool { return v == low }
		case to == "":
			c.Name = from + "_and_above"
		case from == "":
			c.Name = "below_" + to
		}
		out = append(out, c)
	}
	return out, nil
}

// isRaster tells a group of files that are rasters.
func isRaster(group []inputFile) bool { return raster.Is(group[0].data) }

// rasterLayer is one band of one file, and the date it is of.
type rasterLayer struct {
	file  inputFile
	r     *raster.Raster
	band  int
	label string // a date, or the number of a band
	date  stack.Date
}

// readRasters gives the wards of the boundary layer in use their values of one
// raster, or of several dates of one when they are to be summarised. Each band
// that isn't summarised becomes a variable of its own.
func (a *Import) readRasters(ctx context.Context, w *workspace.Workspace, group []inputFile) ([]imported, error) {
	if a.As != "" && a.As != workspace.KindRaster && a.As != workspace.KindPopulation {
		return nil, problem.New(problem.BadInput, "import", group[0].name, "it is a raster, not a table of "+a.As,
			"Import it with --as raster, or with --as population when its cells count persons")
	}
	layers, notices, err := a.layers(group)
	if err != nil {
		return nil, err
	}
	f, err := loadFrame(ctx, w, "import")
	if problem.Is(err, problem.NotFound) {
		return nil, problem.New(problem.NotFound, "import", group[0].name, "a raster needs the wards it is to be read for, and there are no boundaries yet",
			"Import the boundary file first, then the raster").Because(err)
	}
	if err != nil {
		return nil, err
	}
	zones := make([][]zonal.Zone, len(layers))
	classes, err := classesOf(a.Classes)
	if err != nil {
		return nil, err
	}
	for i, l := range layers {
		zones[i], err = zonal.Statistics(ctx, l.r, f.areas, zonal.Options{Band: l.band, Rule: a.rule(), Classes: classes})
		if err != nil {
			return nil, rasterProblem(err, l.file.name)
		}
	}
	return a.wardValues(f, layers, zones, notices)
}

// rule is the rule asked for; exact fractions where none was.
func (a *Import) rule() zonal.Rule { return cmp.Or(zonal.Rule(a.Rule), zonal.Exact) }

// wardValues makes the datasets of what was measured.
func (a *Import) wardValues(f *frame, layers []rasterLayer, zones [][]zonal.Zone, notices []string) ([]imported, error) {
	if a.Summarise != "" {
		v := wardRaster{a: a, f: f, layers: layers, zones: zones, name: cmp.Or(a.Name, stack.Stem(layers[0].r.Name), layers[0].r.Name), notices: notices}
		item, err := v.item()
		return []imported{item}, err
	}
	var out []imported
	for i, l := range layers {
		name := cmp.Or(a.Name, l.r.Name)
		if len(layers) > 1 {
			name += fmt.Sprintf("_b%d", l.band+1)
		}
		v := wardRaster{a: a, f: f, layers: layers[i : i+1], zones: zones[i : i+1], name: name, notices: notices}
		item, err := v.item()
		if err != nil {
			return nil, err
		}
		out = append(out, item)
	}
	return out, nil
}

// rasterProblem turns geo's error into one a person can act on.
func rasterProblem(err error, file string) error {
	if e, ok := errors.AsType[*raster.Error](err); ok {
		return problem.New(problem.BadInput, "import", file, e.Detail, e.Hint).Because(err)
	}
	return err
}

// layers opens the files and picks the bands, in the order of their dates when
// they are summarised.
func (a *Import) layers(group []inputFile) (out []rasterLayer, notices []string, err error) {
	for _, file := range group {
		r, err := raster.Open(file.name, file.data, raster.Options{CRS: a.CRS})
		if err != nil {
			return nil, nil, rasterProblem(err, file.name)
		}
		picked, said, err := a.pick(file, r)
		if err != nil {
			return nil, nil, err
		}
		out = append(out, picked...)
		for _, n := range append(r.Notices, said...) {
			if !slices.Contains(notices, n) {
				notices = append(notices, n)
			}
		}
	}
	if a.Summarise != "" {
		if err := dateLayers(out); err != nil {
			return nil, nil, err
		}
	}
	return out, notices, nil
}

// pick gives the bands of one raster to be read: those asked for; all with
// numbers about the ground, when a file of several bands is summarised; else
// the first.
func (a *Import) pick(file inputFile, r *raster.Raster) (out []rasterLayer, notices []string, err error) {
	asked, err := a.bands()
	if err != nil {
		return nil, nil, err
	}
	var ground []int
	for i, b := range r.Bands {
		if !b.IsAlpha {
			ground = append(ground, i)
		}
	}
	switch {
	case asked != nil:
	case len(ground) == 0:
		return nil, nil, problem.New(problem.BadInput, "import", file.name, "none of its bands holds values", "Choose the raster with the values, not its mask")
	case a.Summarise != "" && len(a.Files) == 1:
		asked = ground
	default:
		asked = ground[:1]
		if len(ground) > 1 {
			notices = append(notices, fmt.Sprintf("it has %d bands, of which band %d was read; choose others with --band", len(ground), ground[0]+1))
		}
	}
	for _, i := range asked {
		if i >= len(r.Bands) {
			return nil, nil, usage("import", "band", fmt.Sprintf("%s has no band %d", file.name, i+1), fmt.Sprintf("Its bands are 1 to %d", len(r.Bands)))
		}
		out = append(out, rasterLayer{file: file, r: r, band: i, label: fmt.Sprintf(bandLabel+"%d", i+1)})
	}
	return out, notices, nil
}

// dateLayers finds the dates of layers that are to be summarised and sorts by
// them. Names tell them; of one file, the descriptions of its bands do, and
// where they don't the bands are told apart by number.
func dateLayers(layers []rasterLayer) error {
	names := make([]string, len(layers))
	oneFile := true
	for i, l := range layers {
		names[i] = l.r.Name
		oneFile = oneFile && l.r == layers[0].r
	}
	if oneFile && len(layers) > 1 {
		for i, l := range layers {
			names[i] = l.r.Bands[l.band].Name
		}
	}
	dates, err := stack.Dates(names)
	switch {
	case err != nil && oneFile:
		return nil
	case err != nil:
		return problem.New(problem.BadInput, "import", listed(names, 3), err.Error(), "Name each file after the date it is of, as rain_2021_10.tif, and give each date once")
	}
	for i, d := range dates {
		layers[i].date, layers[i].label = d, d.String()
	}
	slices.SortStableFunc(layers, func(p, q rasterLayer) int { return stack.Compare(p.date, q.date) })
	return nil
}

// fileHash names the files a dataset was read from by content: the hash of the
// file, or of the hashes of all.
func fileHash(layers []rasterLayer) (names, hash string) {
	var files, hashes []string
	for _, l := range layers {
		if !slices.Contains(files, l.file.name) {
			files, hashes = append(files, l.file.name), append(hashes, l.file.hash)
		}
	}
	if len(files) == 1 {
		return files[0], hashes[0]
	}
	sum := sha256.Sum256([]byte(strings.Join(hashes, "\n")))
	return listed(files, 3), hex.EncodeToString(sum[:])
}

// addRasters offers what rasters gave the wards. A raster read for other
// boundaries is left out, because its rows are other wards.
func (c *catalogue) addRasters(ctx context.Context, w *workspace.Workspace) error {
	of, _, err := c.frame.rasters(ctx, w)
	if err != nil {
		return err
	}
	for _, d := range of {
		t, err := w.Table(ctx, d)
		if err != nil {
			return err
		}
		c.addColumns(t, c.label(d), []store.Dataset{d}, nil)
	}
	return nil
}

// rasters lists what rasters gave the wards of this layer, and those that were
// read for another.
func (f *frame) rasters(ctx context.Context, w *workspace.Workspace) (of, others []store.Dataset, err error) {
	ds, err := w.Current(ctx, workspace.KindRaster)
	if err != nil {
		return nil, nil, err
	}
	for _, d := range ds {
		inputs, err := w.Inputs(ctx, d.Run)
		if err != nil {
			return nil, nil, err
		}
		if holds(inputs, f.dataset.ID) {
			of = append(of, d)
		} else {
			others = append(others, d)
		}
	}
	return of, others, nil
}

// rasterNotices says which rasters must be imported again to be offered.
func (f *frame) rasterNotices(ctx context.Context, w *workspace.Workspace) ([]string, error) {
	_, others, err := f.rasters(ctx, w)
	var out []string
	for _, d := range others {
		out = append(out, fmt.Sprintf("raster %s was read for other boundaries than %s, version %d, and isn't offered for these: import %s again",
			d.Name, f.dataset.Name, f.dataset.Version, d.Source))
	}
	return out, err
}

// malariaRaster tells by its name a raster that measures malaria itself.
func malariaRaster(name string) bool {
	p := plain(name)
	return strings.Contains(p, "pfpr") || strings.Contains(p, "parasite") || strings.Contains(p, "malaria")
}

// roleOf is what the values of a raster are to the program.
func (a *Import) roleOf(name string) table.Role {
	switch {
	case a.As == workspace.KindPopulation:
		return table.RolePopulation
	case malariaRaster(name):
		return table.RoleMalaria
	}
	return table.RoleVariable
}
