package action

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"chatmrpt/core/workspace"
	"chatmrpt/geo/boundary"
	"chatmrpt/geo/raster"
)

// An import that was told a reference system is the memory of it: the newest
// about files of a name counts, in every project of the profile, and undoing
// that import takes it back. Files of one source differ in years and numbers,
// so those don't count.

// toldSystem is what the record of an import holds beside its parameters when
// it was told a reference system: the names of the files it was said of.
type toldSystem struct {
	*Import
	Of []string `json:"crs_of,omitempty"`
}

// withTold gives the parameters of an import as they are recorded.
func (a *Import) withTold(params any, groups [][]inputFile) any {
	if own, ok := params.(*Import); !ok || own != a || a.CRS == "" {
		return params
	}
	told := toldSystem{Import: a}
	for _, g := range groups {
		if stem := nameStem(g[0].name); stem != "" && !slices.Contains(told.Of, stem) {
			told.Of = append(told.Of, stem)
		}
	}
	return told
}

// nameStem is the letters of a file's name, lower case, without its ending.
func nameStem(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, strings.TrimSuffix(name, filepath.Ext(name)))
}

// recallSystem is the reference system said last of files of that name, "" for
// none.
func recallSystem(ctx context.Context, w *workspace.Workspace, name string) (string, error) {
	runs, err := w.RunsOf(ctx, "import")
	if err != nil {
		return "", err
	}
	stem := nameStem(name)
	for _, r := range slices.Backward(runs) {
		var said struct {
			CRS string
			Of  []string `json:"crs_of"`
		}
		if json.Unmarshal(r.Params, &said) == nil && said.CRS != "" && slices.Contains(said.Of, stem) {
			return said.CRS, nil
		}
	}
	return "", nil
}

// lacksSystem reports whether a reader failed because a file names no
// reference system that can be used.
func lacksSystem(err error) bool {
	if e, ok := errors.AsType[*boundary.Error](err); ok {
		return e.NoCRS
	}
	if e, ok := errors.AsType[*raster.Error](err); ok {
		return e.NoCRS
	}
	return false
}

// inKnownSystem reads files; where they name no reference system and none was
// given now, in the one that was given for files of this name before.
func (a *Import) inKnownSystem(ctx context.Context, w *workspace.Workspace, name string, read func(*Import) ([]imported, error)) ([]imported, error) {
	items, err := read(a)
	assumed := slices.ContainsFunc(items, func(it imported) bool { return it.assumed })
	if a.CRS != "" || (!lacksSystem(err) && !assumed) {
		return items, err
	}
	system, lost := recallSystem(ctx, w, name)
	if lost != nil || system == "" {
		return items, errors.Join(err, lost)
	}
	told := *a
	told.CRS = system
	again, failed := read(&told)
	if failed != nil { // what was said of another file doesn't fit this one
		return items, err
	}
	for i := range again {
		again[i].notices = append(again[i].notices, fmt.Sprintf("read in %s, as was said of files of this name before; give --crs for another", system))
	}
	return again, nil
}
