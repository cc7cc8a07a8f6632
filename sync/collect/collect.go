// Package collect is the central office's side of sharing: it reads what many
// users published to a programme, checks it, and lays it out as one data set
// that existing engines read as it is (DuckDB, Spark, Trino). National work is
// theirs, not this program's.
//
// Whom to believe is on the office's roster: a user id with the fingerprint of
// the key that signs for it, told by the user in person. What is not on the
// roster is listed and left alone. What is on it is read with the programme's
// key, and every chain, signature, part and file is checked (package share)
// before one row of it is written.
//
// The data set is a folder:
//
//	results/state=Kano/period=2024/USER-BUNDLE-REV.parquet   one row a cell (Cell)
//	wards/state=Kano/USER-BUNDLE-REV.parquet                 boundaries, GeoParquet (Ward)
//	provenance.parquet                                       where each table came from (Provenance)
//	sources.parquet                                          what came of each user (Source)
//
// The folders are partitions in the manner of Hive; a table without a state or
// period lies under Hive's word for "none". Results are one row a cell, because
// the tables of many users and years differ in their columns and an engine can
// turn rows into columns but not guess. The folder is made beside the old one
// and takes its place at once; bundles that are in the old one are not fetched
// again. The manifests that were seen are kept in it, so that one that was taken
// away or put back at the remote is noticed the next time.
package collect

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"chatmrpt/core/action"
	"chatmrpt/core/problem"
	"chatmrpt/sync/bundle"
	"chatmrpt/sync/remote"
	"chatmrpt/sync/share"
)

// Office is a programme that collects what was published to it.
type Office struct {
	Keys   bundle.Keys // of the programme
	Roster []Member
	Users  func(ctx context.Context) ([]remote.UserID, error) // who has something there
	Dial   func(user remote.UserID) (remote.Remote, error)    // opens the part of one user
	Now    func() time.Time                                   // for the provenance
	Tell   action.Progress                                    // may be nil
}

// Statuses of a user in a collection.
const (
	Collected = "collected" // everything of the user was read and checked
	Nothing   = "nothing"   // on the roster, and nothing lies there
	Unknown   = "not on the roster"
	Failed    = "failed" // what was collected before is kept, nothing new was taken
)

// Source is what came of one user, a row of sources.parquet.
type Source struct {
	User    string `parquet:"user_id"`
	Name    string `parquet:"name"`
	Signer  string `parquet:"signer"` // fingerprint on the roster
	Status  string `parquet:"status"`
	Why     string `parquet:"why"`
	Bundles int32  `parquet:"bundles"`
	Tables  int32  `parquet:"tables"`
}

// Report is what came of a collection.
type Report struct {
	Sources []Source
	Fetched int // bundles read from the remote
	Kept    int // bundles that were in the folder already
	Cells   int64
	Files   []string // of the data set, below its folder, with slashes
}

// Collect reads everything that was published and puts the data set at dir,
// which must be absent, empty, or an earlier data set of this program. A user
// whose part can't be read or believed does not stop the others; the office's
// own trouble (the remote can't be reached, the disk is full) does, and leaves
// the old data set as it was. Errors are Problems.
func Collect(ctx context.Context, o Office, dir string) (*Report, error) {
	if o.Tell == nil {
		o.Tell = func(string, int, int) {}
	}
	old, err := openOld(dir)
	if err != nil {
		return nil, err
	}
	there, err := o.Users(ctx)
	if err != nil {
		return nil, remote.Problem(err, "collect", "the users")
	}
	next, err := begin(dir)
	if err != nil {
		return nil, err
	}
	defer next.discard()
	c := &collection{Office: o, old: old, next: next, report: &Report{}}
	all := everyone(o.Roster, there)
	for i, u := range all {
		o.Tell("collecting "+string(u.ID), i, len(all))
		if err := c.user(ctx, u, slices.Contains(there, u.ID)); err != nil {
			return nil, err
		}
	}
	if err := c.finish(); err != nil {
		return nil, err
	}
	return c.report, nil
}

// everyone is the roster, and behind it who else has something there.
func everyone(roster []Member, there []remote.UserID) []Member {
	out := slices.Clone(roster)
	for _, id := range there {
		if !slices.ContainsFunc(roster, func(m Member) bool { return m.ID == id }) {
			out = append(out, Member{ID: id})
		}
	}
	return out
}

// collection is one under way.
type collection struct {
	Office
	old    *dataset
	next   *dataset
	report *Report
}

// user collects one user. Only what stops everything is an error.
func (c *collection) user(ctx context.Context, m Member, there bool) error {
	s := Source{User: string(m.ID), Name: m.Name, Signer: m.Signer}
	defer func() { c.report.Sources = append(c.report.Sources, s) }()
	switch {
	case m.Signer == "":
		s.Status, s.Why = Unknown, "add the user to the roster with the fingerprint she tells you"
		return nil
	case !there && !c.old.knows(m.ID):
		s.Status = Nothing
		return nil
	}
	bundles, err := c.read(ctx, m)
	if problem.Is(err, problem.Store) || ctx.Err() != nil || stopsAll(err) {
		return err
	}
	s.Status = Collected
	if err != nil {
		s.Status, s.Why = Failed, err.Error()
		if bundles, err = c.keepAll(ctx, m.ID); err != nil {
			return err
		}
	}
	s.Bundles = int32(len(bundles))
	for _, b := range bundles {
		s.Tables += int32(len(b.Tables))
		c.next.index.Bundles = append(c.next.index.Bundles, b)
	}
	return nil
}

// stopsAll tells the office's own trouble from that of one user's part.
func stopsAll(err error) bool {
	e, ok := errors.AsType[*remote.Error](err)
	if !ok {
		return false
	}
	return e.Class != remote.Integrity && e.Class != remote.Portal && e.Class != remote.Absent
}

// read takes what a user published: kept where it is known, fetched where not.
func (c *collection) read(ctx context.Context, m Member) ([]taken, error) {
	r, err := c.Dial(m.ID)
	if err != nil {
		return nil, remote.Problem(err, "collect", string(m.ID))
	}
	defer r.Close()
	trusts := func(signer ed25519.PublicKey) bool { return bundle.Fingerprint(signer) == m.Signer }
	reader := share.NewReader(r, m.ID, c.Keys, trusts, c.next.memory(c.old, m.ID))
	found, err := reader.Published(ctx)
	if err != nil {
		return nil, err
	}
	var out []taken
	fetched := 0
	for _, f := range found {
		t, known, err := c.keep(m.ID, f)
		if err == nil && !known {
			t, err = c.fetch(ctx, reader, m, f)
			fetched++
		}
		if err != nil {
			for _, t := range out {
				err = errors.Join(err, c.next.drop(t))
			}
			return nil, err
		}
		out = append(out, t)
	}
	c.report.Fetched += fetched
	c.report.Kept += len(out) - fetched
	return out, nil
}

// fetch reads one bundle and writes its files.
func (c *collection) fetch(ctx context.Context, r *share.Reader, m Member, f share.Found) (taken, error) {
	files, err := r.Fetch(ctx, f, func(step string, done, total int) { c.Tell(step+" "+f.Title, done, total) })
	if err != nil {
		return taken{}, err
	}
	content, err := open(files)
	if err != nil {
		return taken{}, unreadable(m, f, err)
	}
	t := taken{User: string(m.ID), ID: f.ID, Rev: f.Rev, SHA256: f.SHA256, Files: map[string]string{}}
	stem := fmt.Sprintf("%s-%s-%d.parquet", m.ID, f.ID, f.Rev)
	wards, err := content.wards(string(m.ID), f)
	if err != nil {
		return t, unreadable(m, f, err)
	}
	for place, cells := range content.cells(string(m.ID), f) {
		if err := writeRows(c.next, &t, "results/"+place+"/"+stem, cells, ""); err != nil {
			return t, err
		}
		t.Cells += int64(len(cells))
	}
	for place, rows := range wards {
		if err := writeRows(c.next, &t, "wards/"+place+"/"+stem, rows, geoMetadata(rows)); err != nil {
			return t, err
		}
	}
	t.Tables = content.provenance(m, f, c.Now().UTC())
	return t, nil
}

// unreadable is the problem of a bundle that is whole and not understood.
func unreadable(m Member, f share.Found, err error) error {
	return problem.New(problem.BadInput, "collect", fmt.Sprintf("%s, %s", m.ID, f.Title), err.Error(),
		"Ask the user to send it again with the newest version of the program").Because(err)
}

// finish writes the tables about the whole and puts the folder in its place.
func (c *collection) finish() error {
	d := c.next
	var tables []Provenance
	for _, b := range d.index.Bundles {
		tables = append(tables, b.Tables...)
		c.report.Cells += b.Cells
		for name := range b.Files {
			c.report.Files = append(c.report.Files, name)
		}
	}
	slices.SortFunc(c.report.Sources, func(a, b Source) int { return strings.Compare(a.User, b.User) })
	about := taken{Files: map[string]string{}}
	if err := writeRows(d, &about, "provenance.parquet", tables, ""); err != nil {
		return err
	}
	if err := writeRows(d, &about, "sources.parquet", c.report.Sources, ""); err != nil {
		return err
	}
	slices.Sort(c.report.Files)
	c.report.Files = append(c.report.Files, "provenance.parquet", "sources.parquet")
	return d.settle()
}
