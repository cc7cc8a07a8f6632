package scene

import (
	"context"
	"errors"
	"fmt"
	"image/color"
	"slices"
	"testing"
)

func heat(rows, columns int) Grid {
	g := Grid{Title: "Reporting", LegendTitle: "Reports", Unit: "cells", Width: 842, Height: 595,
		Classes: []Class{{"low", color.NRGBA{R: 1, A: 255}}, {"high", color.NRGBA{R: 2, A: 255}}}}
	for r := range rows {
		g.Rows = append(g.Rows, fmt.Sprintf("LGA %d", r))
		for c := range columns {
			g.Class = append(g.Class, (r+c)%3-1)
		}
	}
	for c := range columns {
		g.Columns = append(g.Columns, fmt.Sprintf("2024-%02d", c%12+1))
	}
	return g
}

// Every cell with data is one rectangle of its class's colour, in reading order
// and inside the frame; a page without a map has no scale.
func TestGridShowsEveryCell(t *testing.T) {
	g := heat(5, 7)
	s, err := BuildGrid(t.Context(), g)
	if err != nil {
		t.Fatal(err)
	}
	var want, got []uint8
	for _, c := range g.Class {
		if c >= 0 {
			want = append(want, g.Classes[c].Fill.R)
		}
	}
	labels := map[string]bool{}
	for _, item := range s.Items {
		switch it := item.(type) {
		case Rect:
			if (it.Fill.R == 1 || it.Fill.R == 2) && it.X < s.Frame.X+s.Frame.W {
				got = append(got, it.Fill.R)
				if it.X < s.Frame.X || it.Y < s.Frame.Y || it.X+it.W > s.Frame.X+s.Frame.W+1e-9 || it.Y+it.H > s.Frame.Y+s.Frame.H {
					t.Errorf("a cell lies outside the frame: %+v", it)
				}
			}
		case Text:
			labels[it.Text] = true
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("cells %v, want %v", got, want)
	}
	for _, l := range []string{"LGA 0", "LGA 4", "2024-01", "2024-07", "high", "low", "No data", "Reporting"} {
		if !labels[l] {
			t.Errorf("%q is nowhere", l)
		}
	}
	if labels["km"] || labels["0"] {
		t.Error("a grid has a scale bar")
	}
}

// Of many rows and columns some are named, and none overlaps.
func TestGridNamesWhatHasRoom(t *testing.T) {
	s, err := BuildGrid(t.Context(), heat(200, 60))
	if err != nil {
		t.Fatal(err)
	}
	var rows, columns []Text
	for _, item := range s.Items {
		if x, ok := item.(Text); ok && len(x.Text) > 3 && x.Text[:3] == "LGA" {
			rows = append(rows, x)
		} else if ok && len(x.Text) == 7 && x.Text[:5] == "2024-" {
			columns = append(columns, x)
		}
	}
	if len(rows) < 10 || len(rows) >= 200 || len(columns) < 5 || len(columns) >= 60 {
		t.Fatalf("%d rows and %d columns are named", len(rows), len(columns))
	}
	for i := range len(rows) - 1 {
		if rows[i+1].Y-rows[i].Y < rows[i].Size {
			t.Errorf("rows %q and %q overlap", rows[i].Text, rows[i+1].Text)
		}
	}
	for i := range len(columns) - 1 {
		if columns[i+1].X < columns[i].X+columns[i].Width {
			t.Errorf("columns %q and %q overlap", columns[i].Text, columns[i+1].Text)
		}
	}
}

func TestGridsThatCantBeDrawn(t *testing.T) {
	bad := heat(3, 3)
	bad.Class[4] = 2
	short := heat(3, 3)
	short.Class = short.Class[:8]
	for name, test := range map[string]struct {
		g    Grid
		want error
	}{"no rows": {Grid{}, ErrMap}, "no such class": {bad, ErrMap}, "a cell short": {short, ErrMap}, "too many rows": {heat(2000, 2), ErrTooSmall}} {
		if _, err := BuildGrid(t.Context(), test.g); !errors.Is(err, test.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := BuildGrid(ctx, heat(3, 3)); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}
