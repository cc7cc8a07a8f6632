package ingest

import (
	"context"
	"slices"
	"strings"

	"chatmrpt/core/ingest/delimited"
	"chatmrpt/core/ingest/grid"
	"chatmrpt/core/ingest/ods"
	"chatmrpt/core/ingest/xls"
	"chatmrpt/core/ingest/xlsx"
	"chatmrpt/core/problem"
)

// source is one table of a file, whatever the format.
type source struct {
	rows   func(context.Context, func(grid.Row) error) error
	size   func() int // bytes read, unpacked: the measure of what may be allocated
	sheet  string
	hidden bool
	csv    *delimited.File // nil for a workbook

	// merges lists the merged cells once rows was read to its end; nil where
	// the format has none.
	merges func(context.Context) ([]grid.Range, error)
}

// open recognises the format by content. The name of a file proves nothing.
func open(data []byte, sheet string, rep *Report) ([]source, error) {
	if len(data) == 0 {
		return nil, grid.Bad("the file is empty", "Check that it was copied or downloaded completely")
	}
	var sources []source
	var err error
	switch {
	case ods.Claims(data):
		rep.Format = "ods"
		sources, err = openODS(data)
	case xlsx.Claims(data):
		rep.Format = "xlsx"
		sources, err = openXLSX(data)
	case xls.Claims(data):
		rep.Format = "xls"
		sources, err = openXLS(data)
	default:
		return openText(data, rep)
	}
	if err != nil {
		return nil, err
	}
	return choose(sources, sheet, rep)
}

func openText(data []byte, rep *Report) ([]source, error) {
	f, err := delimited.Open(data)
	if err != nil {
		return nil, err
	}
	rep.Format, rep.Encoding, rep.Delimiter = "csv", f.Encoding, f.Delimiter
	if f.Strays > 0 {
		rep.repaired("bytes of an older encoding inside a UTF-8 file", f.Strays, "", "")
	}
	return []source{{rows: f.Rows, size: f.Size, csv: f}}, nil
}

func openXLSX(data []byte) ([]source, error) {
	w, err := xlsx.Open(data)
	if err != nil {
		return nil, err
	}
	var out []source
	for _, s := range w.Sheets {
		out = append(out, source{
			sheet: s.Name, hidden: s.Hidden, size: w.Unpacked,
			rows:   func(ctx context.Context, yield func(grid.Row) error) error { return w.Rows(ctx, s, yield) },
			merges: func(context.Context) ([]grid.Range, error) { return w.Merges(), nil },
		})
	}
	return out, nil
}

func openXLS(data []byte) ([]source, error) {
	w, err := xls.Open(data)
	if err != nil {
		return nil, err
	}
	var out []source
	for _, s := range w.Sheets {
		out = append(out, source{
			sheet: s.Name, hidden: s.Hidden, size: w.Size,
			rows:   func(ctx context.Context, yield func(grid.Row) error) error { return w.Rows(ctx, s, yield) },
			merges: func(ctx context.Context) ([]grid.Range, error) { return w.Merges(ctx, s) },
		})
	}
	return out, nil
}

func openODS(data []byte) ([]source, error) {
	w, err := ods.Open(data)
	if err != nil {
		return nil, err
	}
	var out []source
	for _, s := range w.Sheets {
		out = append(out, source{
			sheet: s.Name, hidden: s.Hidden, size: w.Size,
			rows: func(ctx context.Context, yield func(grid.Row) error) error { return w.Rows(ctx, s, yield) },
		})
	}
	return out, nil
}

// choose takes the sheet asked for, upper and lower case alike, or the visible
// ones before the hidden ones.
func choose(sources []source, sheet string, rep *Report) ([]source, error) {
	for _, s := range sources {
		rep.Sheets = append(rep.Sheets, s.sheet)
	}
	if sheet != "" {
		for _, equal := range []func(a, b string) bool{func(a, b string) bool { return a == b }, strings.EqualFold} {
			for _, s := range sources {
				if equal(s.sheet, sheet) {
					return []source{s}, nil
				}
			}
		}
		return nil, problem.New(problem.NotFound, "", "", "there is no sheet "+sheet, "Choose one of: "+strings.Join(rep.Sheets, ", "))
	}
	slices.SortStableFunc(sources, func(a, b source) int {
		switch {
		case a.hidden == b.hidden:
			return 0
		case b.hidden:
			return -1
		}
		return 1
	})
	return sources, nil
}
