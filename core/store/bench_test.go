package store

import (
	"context"
	"fmt"
	"testing"

	"github.com/paulmach/orb"

	"chatmrpt/core/table"
)

// nation fills a store with a year of a country: 300,000 rows of 30 columns,
// and 10,000 areas of 200 corners.
func nation(b *testing.B, s *Store, p ProjectID) {
	b.Helper()
	columns := make([]*table.Column, 30)
	for i := range columns {
		columns[i] = table.NewNumber(fmt.Sprint("column ", i))
		for row := range 300_000 {
			columns[i].AppendNumber(float64(row*i) / 7)
		}
	}
	facilities, err := table.New("facilities", columns...)
	if err != nil {
		b.Fatal(err)
	}
	names, areas := make([]string, 10_000), make([]orb.MultiPolygon, 10_000)
	for i := range areas {
		names[i] = fmt.Sprint("ward ", i)
		ring := make(orb.Ring, 200)
		for k := range ring {
			ring[k] = orb.Point{float64(k), float64(i)}
		}
		areas[i] = orb.MultiPolygon{{ring}}
	}
	wards, err := table.New("wards", table.TextOf("ward", names...))
	if err != nil {
		b.Fatal(err)
	}
	_, _, err = s.Record(b.Context(), Draft{Project: p, Act: "import", Version: "test", Started: noon(), Outputs: []NewDataset{
		{Kind: "facilities", Name: "hmis", Table: facilities, Source: "hmis.csv"}, {Kind: "boundaries", Name: "wards", Table: wards, Areas: areas, Source: "w.zip"},
	}})
	if err != nil {
		b.Fatal(err)
	}
}

func benchStore(b *testing.B) (*Store, ProjectID, string) {
	b.Helper()
	path := b.TempDir() + "/data.db"
	s, err := Open(b.Context(), Options{Path: path, Key: make([]byte, 32), Owner: "amina", Now: noon})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { s.Close() })
	p, err := s.EnsureProject(b.Context(), "bench")
	if err != nil {
		b.Fatal(err)
	}
	return s, p.ID, path
}

// The check at each start reads indexes, so that it costs some milliseconds
// whatever the store holds.
func BenchmarkCheckOwnership(b *testing.B) {
	s, p, _ := benchStore(b)
	nation(b, s, p)
	for b.Loop() {
		if held, err := s.CheckOwnership(b.Context()); err != nil || len(held) > 0 {
			b.Fatal(held, err)
		}
	}
}

func BenchmarkOpenClose(b *testing.B) {
	s, p, path := benchStore(b)
	nation(b, s, p)
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		s, err := Open(b.Context(), Options{Path: path, Key: make([]byte, 32), Owner: "amina", Now: noon})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := s.CheckOwnership(b.Context()); err != nil {
			b.Fatal(err)
		}
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkVerify(b *testing.B) {
	s, _, _ := benchStore(b)
	for i := range 10_000 {
		if err := s.Note(b.Context(), Note{Kind: AuditExport, Subject: fmt.Sprint("file ", i, ".csv")}); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		if r, err := s.Verify(b.Context()); err != nil || !r.Whole() {
			b.Fatal(r, err)
		}
	}
}

// BenchmarkRecordAreas is the price of the triggers: 10,000 rows in one go.
func BenchmarkRecordAreas(b *testing.B) {
	s, p, _ := benchStore(b)
	wards, err := table.New("wards", table.TextOf("ward", make([]string, 10_000)...))
	if err != nil {
		b.Fatal(err)
	}
	d := Draft{Project: p, Act: "import", Version: "test", Outputs: []NewDataset{{Kind: "b", Name: "b", Table: wards, Areas: make([]orb.MultiPolygon, 10_000)}}}
	for b.Loop() {
		if _, _, err := s.Record(b.Context(), d); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkNotes is 10,000 transactions of one entry each, under a context that
// can be stopped and under one that can't: the two must cost about the same.
func BenchmarkNotes(b *testing.B) {
	for name, ctx := range map[string]func() context.Context{
		"stoppable": b.Context, "steady": func() context.Context { return context.WithoutCancel(b.Context()) },
	} {
		b.Run(name, func(b *testing.B) {
			s, _, _ := benchStore(b)
			for b.Loop() {
				for range 10_000 {
					if err := s.Note(ctx(), Note{Kind: AuditExport, Subject: "file"}); err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}
