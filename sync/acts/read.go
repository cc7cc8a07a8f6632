package acts

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"chatmrpt/core/action"
	"chatmrpt/core/problem"
	"chatmrpt/core/store"
	"chatmrpt/core/table"
	"chatmrpt/core/whole"
	"chatmrpt/core/workspace"
	"chatmrpt/sync/bundle"
	"chatmrpt/sync/share"
)

// Status tells the remotes and the outbox. It sends nothing.
type Status struct{}

// Check implements action.Action.
func (a *Status) Check() error { return nil }

// Run implements action.Action.
func (a *Status) Run(ctx context.Context, w *workspace.Workspace, _ action.Progress) (*action.Result, error) {
	plans, err := share.Plans(ctx, w)
	if err != nil {
		return nil, err
	}
	names := map[store.RemoteID]string{}
	var remotes [][]any
	for _, p := range plans {
		names[p.ID] = p.Name
		s := p.Settings
		remotes = append(remotes, []any{p.Name, s.Where(), string(s.User), s.Device, s.Kid, strings.TrimPrefix(readersOf(s), "it can be read by: "), s.Schedule.Words(), dueWords(p, w)})
	}
	shipments, err := w.Shared().Shipments(ctx)
	if err != nil {
		return nil, workspace.StoreProblem(err, "sync status", "")
	}
	var queue [][]any
	waiting := 0
	for _, s := range shipments {
		if s.State == store.Waiting || s.State == store.Paused {
			waiting++
		}
		next := ""
		if !s.Next.IsZero() {
			next = when(s.Next)
		}
		queue = append(queue, []any{float64(s.ID.N), names[s.Remote], s.Title, string(s.State), fmt.Sprintf("%d/%d", s.Stored, s.Parts), float64(s.Bytes), s.Trouble, next, when(s.Changed)})
	}
	where, err := columns("remotes", []string{"remote", "where", "user", "device", "signing_key", "readers", "schedule", "next"}, remotes)
	if err != nil {
		return nil, err
	}
	out, err := columns("outbox", []string{"number", "remote", "title", "state", "parts", "bytes", "trouble", "next", "changed"}, queue)
	if err != nil {
		return nil, err
	}
	return &action.Result{Summary: fmt.Sprintf("%d remotes; %d of %d shipments wait.", len(remotes), waiting, len(queue)), Tables: []*table.Table{where, out}}, nil
}

// List tells what lies at the remote.
type List struct{ At }

// Check implements action.Action.
func (a *List) Check() error { return nil }

// Run implements action.Action.
func (a *List) Run(ctx context.Context, w *workspace.Workspace, tell action.Progress) (*action.Result, error) {
	account, err := a.open(ctx, w)
	if err != nil {
		return nil, err
	}
	defer account.Close()
	tell("looking", 0, 0)
	found, err := account.List(ctx)
	if err != nil {
		return nil, err
	}
	var rows [][]any
	add := func(f share.Found, note string) {
		rows = append(rows, []any{f.ID, f.Kind, f.Title, when(f.Made), float64(len(f.Files)), float64(f.Size), float64(f.Rev), f.Device, note})
	}
	for _, f := range found {
		add(f, "")
		for _, o := range f.Others {
			if o.Rev == f.Rev && !o.Deleted {
				add(o, "another version of the same")
			}
		}
	}
	t, err := columns("bundles", []string{"id", "kind", "title", "made", "files", "bytes", "version", "device", "note"}, rows)
	if err != nil {
		return nil, err
	}
	return &action.Result{Summary: fmt.Sprintf("%d bundles and backups lie there.", len(found)), Tables: []*table.Table{t}}, nil
}

// Pull fetches a bundle, checks all of it and unpacks it into a folder.
type Pull struct {
	At
	ID  string `param:"id" help:"of the bundle, or how it begins; see sync list"`
	Out string `param:"out" help:"folder in which a folder for the bundle is made" json:"-"`
}

// Check implements action.Action.
func (a *Pull) Check() error { return checkFetch("sync pull", a.ID, a.Out) }

func checkFetch(op, id, out string) error {
	if id == "" {
		return usage(op, "id", "it does not say what", "See what is there with `mrpt sync list`")
	}
	if out == "" {
		return usage(op, "out", "it does not say where to", "Give a folder with --out")
	}
	return nil
}

// Run implements action.Action.
func (a *Pull) Run(ctx context.Context, w *workspace.Workspace, tell action.Progress) (*action.Result, error) {
	return fetch(ctx, w, a.At, "sync pull", bundle.Results, a.ID, a.Out, tell)
}

// fetch fetches one bundle into a new folder below out.
func fetch(ctx context.Context, w *workspace.Workspace, at At, op, kind, id, out string, tell action.Progress) (*action.Result, error) {
	account, err := at.open(ctx, w)
	if err != nil {
		return nil, err
	}
	defer account.Close()
	tell("looking", 0, 0)
	all, err := account.List(ctx)
	if err != nil {
		return nil, err
	}
	f, err := share.Get(all, id)
	if err != nil {
		return nil, err
	}
	if f.Kind != kind {
		return nil, problem.New(problem.Usage, op, f.ID, "this is a "+f.Kind+", not a "+kind, "Use `mrpt sync pull` for results and `mrpt sync restore` for a profile")
	}
	files, err := account.Fetch(ctx, f, tell)
	if err != nil {
		return nil, err
	}
	dir := filepath.Join(out, f.Kind+"-"+f.ID)
	if err := unpack(dir, files); err != nil {
		return nil, problem.New(problem.BadInput, op, filepath.Base(dir), "the files can't be written", "Choose an empty place in a folder that you may write to, with room").Because(err)
	}
	return &action.Result{Summary: fmt.Sprintf("Fetched %s, version %d: %d files, all as they were sent.", f.Title, f.Rev, len(files)), Files: []string{dir}}, nil
}

// unpack writes files into a new folder, all of them or none.
func unpack(dir string, files []bundle.File) (err error) {
	if _, err := os.Lstat(dir); err == nil {
		return fs.ErrExist
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o700); err != nil {
		return err
	}
	tmp, err := whole.NewFolder(filepath.Dir(dir))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, tmp.Done()) }()
	root, err := os.OpenRoot(tmp.Path)
	if err != nil {
		return err
	}
	for _, f := range files {
		if err := unpackOne(root, f); err != nil {
			return errors.Join(err, root.Close())
		}
	}
	if err := root.Close(); err != nil {
		return err
	}
	return os.Rename(tmp.Path, dir)
}

func unpackOne(root *os.Root, f bundle.File) error {
	name := filepath.FromSlash(f.Path)
	if err := root.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return err
	}
	w, err := root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = w.Write(f.Data)
	return errors.Join(err, w.Sync(), w.Close())
}

// Restore fetches a backup of a profile into a home of its own.
type Restore struct {
	At
	ID  string `param:"id" help:"of the backup, or how it begins; see sync list"`
	Out string `param:"out" help:"folder in which a home with the profile is made" json:"-"`
}

// Check implements action.Action.
func (a *Restore) Check() error { return checkFetch("sync restore", a.ID, a.Out) }

// Run implements action.Action.
func (a *Restore) Run(ctx context.Context, w *workspace.Workspace, tell action.Progress) (*action.Result, error) {
	r, err := fetch(ctx, w, a.At, "sync restore", bundle.Backup, a.ID, a.Out, tell)
	if err != nil {
		return nil, err
	}
	r.Notices = append(r.Notices, "open it with --home and the passphrase or recovery code it had; nothing of this profile was changed")
	return r, nil
}

// Verify checks what lies at the remote.
type Verify struct {
	At
	Read string `param:"read" choices:"all|sample|none" help:"of how many bundles every byte is read"`
}

// Check implements action.Action.
func (a *Verify) Check() error { return nil }

// Run implements action.Action.
func (a *Verify) Run(ctx context.Context, w *workspace.Workspace, tell action.Progress) (*action.Result, error) {
	account, err := a.open(ctx, w)
	if err != nil {
		return nil, err
	}
	defer account.Close()
	nth := map[string]int{"all": 1, "sample": 10, "none": 0}[a.Read]
	c, err := account.Verify(ctx, nth, tell)
	if err != nil {
		return nil, err
	}
	r := &action.Result{Summary: fmt.Sprintf("%d bundles with %d parts are listed; %d parts were read.", c.Bundles, c.Parts, c.Read), Details: c}
	if c.Strange > 0 {
		r.Notices = append(r.Notices, fmt.Sprintf("%d objects there are not of this program", c.Strange))
	}
	if len(c.Faults) == 0 {
		return r, nil
	}
	var rows [][]any
	for _, f := range c.Faults {
		rows = append(rows, []any{f.ID, f.Title, f.Key, f.What})
	}
	t, err := columns("faults", []string{"id", "title", "key", "fault"}, rows)
	if err != nil {
		return nil, err
	}
	r.Tables = []*table.Table{t}
	r.Summary = fmt.Sprintf("%d faults were found.", len(c.Faults))
	first := c.Faults[0]
	r.Problem = problem.New(problem.Remote, "sync verify", first.Key, first.What, "Somebody or something changed what lies there. Tell the office; push again what this computer still has")
	return r, nil
}

// Remove marks a bundle as deleted.
type Remove struct {
	At
	ID string `param:"id" help:"of the bundle, or how it begins; see sync list"`
}

// Check implements action.Action.
func (a *Remove) Check() error {
	if a.ID == "" {
		return usage("sync remove", "id", "it does not say what", "See what is there with `mrpt sync list`")
	}
	return nil
}

// Run implements action.Action.
func (a *Remove) Run(ctx context.Context, w *workspace.Workspace, tell action.Progress) (*action.Result, error) {
	account, err := a.open(ctx, w)
	if err != nil {
		return nil, err
	}
	defer account.Close()
	tell("looking", 0, 0)
	all, err := account.List(ctx)
	if err != nil {
		return nil, err
	}
	f, err := share.Get(all, a.ID)
	if err != nil {
		return nil, err
	}
	if err := account.Remove(ctx, f); err != nil {
		return nil, err
	}
	if err := w.Note(ctx, store.Note{Kind: store.AuditShare, Subject: account.Name(), Detail: map[string]string{"did": "removed " + f.Title, "id": f.ID}}); err != nil {
		return nil, err
	}
	return &action.Result{Summary: fmt.Sprintf("%s is marked as deleted.", f.Title), Notices: []string{"its parts are deleted by a `mrpt sync prune` two weeks after they were stored, with an access key that may"}}, nil
}

// Prune deletes the parts that nothing needs any more.
type Prune struct{ At }

// Check implements action.Action.
func (a *Prune) Check() error { return nil }

// Run implements action.Action.
func (a *Prune) Run(ctx context.Context, w *workspace.Workspace, tell action.Progress) (*action.Result, error) {
	account, err := a.open(ctx, w)
	if err != nil {
		return nil, err
	}
	defer account.Close()
	tell("looking twice", 0, 0)
	p, err := account.Prune(ctx, tell)
	if err != nil {
		return nil, err
	}
	if err := w.Note(ctx, store.Note{Kind: store.AuditShare, Subject: account.Name(), Detail: map[string]any{"did": "pruned", "parts": p.Deleted, "bytes": p.Bytes}}); err != nil {
		return nil, err
	}
	return &action.Result{Summary: fmt.Sprintf("Deleted %d parts, %s; %d more are too young.", p.Deleted, size(p.Bytes), p.Kept), Details: p}, nil
}

// Key writes the sharing key for the standard age tool.
type Key struct {
	At
	Out    string `param:"out" help:"file to write" json:"-"`
	Public bool   `param:"public" help:"the public key, to which others can seal"`
}

// Check implements action.Action.
func (a *Key) Check() error {
	if a.Out == "" {
		return usage("sync key", "out", "it does not say where to", "Give a file with --out")
	}
	return nil
}

// Run implements action.Action.
func (a *Key) Run(ctx context.Context, w *workspace.Workspace, _ action.Progress) (*action.Result, error) {
	account, err := a.open(ctx, w)
	if err != nil {
		return nil, err
	}
	defer account.Close()
	id := account.Identity()
	text, r := "# public key: "+id.Recipient()+"\n"+id.Secret()+"\n", &action.Result{
		Summary: "Wrote your private sharing key.", Files: []string{a.Out},
		Notices: []string{"whoever has this file can read everything you shared; keep it off this computer, and delete it when it has served"},
	}
	if a.Public {
		text, r = "# "+string(account.Settings().User)+"\n"+id.Recipient()+"\n", &action.Result{Summary: "Wrote your public key.", Files: []string{a.Out}}
	}
	f, err := os.OpenFile(a.Out, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err == nil {
		_, err = f.WriteString(text)
		err = errors.Join(err, f.Sync(), f.Close())
	}
	if err != nil {
		return nil, problem.New(problem.BadInput, "sync key", filepath.Base(a.Out), "the file can't be written", "Name a file that is not there yet").Because(err)
	}
	return r, nil
}
