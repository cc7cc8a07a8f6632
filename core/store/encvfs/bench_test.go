//go:build cgo

package encvfs

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"path/filepath"
	"testing"
)

// Each benchmark does one kind of work on a plain and on a sealed database of
// 300,000 rows of 12 columns (about 42 MB), WAL, synchronous NORMAL, one
// connection. A script may divide the sealed by the plain "cpu-ns/op" (user
// and system time, where the system tells; wall time is noisy where others
// work too) to get the ratios of the budget.

// uncancellable keeps the driver from starting a goroutine for each statement
// (it does for a context that can end). Sealing in such a goroutine grows its
// small stack once, which adds about 2 µs to a statement that writes, 0.2 to
// the ratio of the 10,000 transactions.
func uncancellable(b *testing.B) context.Context { return context.WithoutCancel(b.Context()) }

const benchRows = 300_000

const benchTable = `create table if not exists facility(id integer primary key, state text, lga text, ward text, name text, level text,
	period text, tested integer, positive integer, opd integer, rate real, note text)`

// insertRows has SQLite make the rows, so that the time is SQLite's.
const insertRows = `insert into facility(state, lga, ward, name, level, period, tested, positive, opd, rate, note)
	select 'State ' || v%%37, 'LGA ' || v%%774, 'Ward ' || v%%9400, 'Facility number ' || v, 'primary', '2024-' || v%%12,
		v%%1000, v%%400, v%%3000, v*0.37, 'note of some length on row ' || v
	from (with recursive c(v) as (select 1 union all select v+1 from c where v < %d) select v from c)`

// benchDB opens a fresh database of one kind.
func benchDB(b *testing.B, kind string) *sql.DB {
	b.Helper()
	path := filepath.Join(b.TempDir(), "bench.db")
	params := url.Values{"_journal_mode": {"WAL"}, "_synchronous": {"NORMAL"}}
	source := fileURI(path, params)
	if kind == "sealed" {
		source = dsn(path, token(b, newKey()), params)
	}
	db := openPool(source, 1)
	b.Cleanup(func() { db.Close() })
	exec(b, db, benchTable)
	return db
}

func filled(b *testing.B, kind string) *sql.DB {
	b.Helper()
	db := benchDB(b, kind)
	exec(b, db, fmt.Sprintf(insertRows, benchRows), "pragma wal_checkpoint(truncate)")
	return db
}

// nothing is what most benchmarks do before each round.
func nothing(*testing.B, *sql.DB) {}

// both runs rounds of before and work for either kind, on a database that
// prepare made; the clocks run for work only.
func both(b *testing.B, prepare func(*testing.B, string) *sql.DB, before, work func(*testing.B, *sql.DB)) {
	for _, kind := range []string{"plain", "sealed"} {
		b.Run(kind, func(b *testing.B) {
			db := prepare(b, kind)
			var cpu int64
			for b.Loop() {
				b.StopTimer()
				before(b, db)
				b.StartTimer()
				start := cpuTime()
				work(b, db)
				cpu += cpuTime() - start
			}
			if cpu > 0 {
				b.ReportMetric(float64(cpu)/float64(b.N), "cpu-ns/op")
			}
		})
	}
}

// BenchmarkBulkInsert300k binds each row from Go, as an import does.
func BenchmarkBulkInsert300k(b *testing.B) {
	both(b, benchDB, nothing, func(b *testing.B, db *sql.DB) {
		tx, err := db.BeginTx(uncancellable(b), nil)
		must(b, err)
		insert, err := tx.PrepareContext(uncancellable(b), `insert into facility(state, lga, ward, name, level, period, tested, positive, opd, rate, note)
			values(?, ?, ?, ?, 'primary', '2024-06', ?, ?, ?, ?, 'a note of some length on this row')`)
		must(b, err)
		for i := range benchRows {
			_, err := insert.ExecContext(uncancellable(b), "State", "Local government", "A ward", "A facility's name", i%1000, i%400, i%3000, float64(i)*0.37)
			must(b, err)
		}
		must(b, tx.Commit())
	})
}

func BenchmarkTransactions10k(b *testing.B) {
	both(b, benchDB, nothing, func(b *testing.B, db *sql.DB) {
		insert, err := db.PrepareContext(uncancellable(b), "insert into facility(name, tested) values(?, ?)")
		must(b, err)
		defer insert.Close()
		for i := range 10_000 {
			_, err := insert.ExecContext(uncancellable(b), "Facility", i)
			must(b, err)
		}
	})
}

// BenchmarkCheckpoint42MB writes every page anew, outside the clock, and then
// brings them into the main file.
func BenchmarkCheckpoint42MB(b *testing.B) {
	dirty := func(b *testing.B, db *sql.DB) {
		exec(b, db, "pragma wal_autocheckpoint=0", "update facility set tested=tested+1")
	}
	both(b, filled, dirty, func(b *testing.B, db *sql.DB) {
		exec(b, db, "pragma wal_checkpoint(truncate)")
	})
}

func BenchmarkScan(b *testing.B) {
	both(b, filled, nothing, func(b *testing.B, db *sql.DB) {
		one[float64](b, db, "select sum(tested)+sum(positive)+sum(rate)+sum(length(note)) from facility")
	})
}

func BenchmarkGroupBy(b *testing.B) {
	both(b, filled, nothing, func(b *testing.B, db *sql.DB) {
		one[float64](b, db, "select sum(s) from (select sum(rate) s from facility group by ward)")
	})
}

func BenchmarkLookups10k(b *testing.B) {
	both(b, filled, nothing, func(b *testing.B, db *sql.DB) {
		find, err := db.PrepareContext(uncancellable(b), "select tested from facility where id=?")
		must(b, err)
		defer find.Close()
		for i := range 10_000 {
			var tested int
			must(b, find.QueryRowContext(uncancellable(b), 1+i*7919%benchRows).Scan(&tested))
		}
	})
}
