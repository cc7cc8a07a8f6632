package acts

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"chatmrpt/core/action"
	"chatmrpt/core/problem"
	"chatmrpt/core/store"
	"chatmrpt/core/table"
	"chatmrpt/core/workspace"
	"chatmrpt/sync/bundle"
	"chatmrpt/sync/share"
)

// Push seals chosen results and sends them.
type Push struct {
	At
	Runs       []string `param:"runs" help:"numbers of the runs whose results are meant (default: the newest of each)"`
	Facilities bool     `param:"facilities" help:"with the tables that have a row for each facility"`
	Preview    bool     `param:"preview" help:"only say what would be sent: every file and its size"`
	Small      int      `param:"small" more:"true" help:"warn of counts of fewer persons than this where others may read them; 0 for no warning"`
	Later      bool     `param:"later" help:"seal it now and send it with the next sync send"`
	Tries      int      `param:"tries" help:"how often to try while nothing gets through"`
}

// NewPush gives a Push of the newest results.
func NewPush() *Push { return &Push{Tries: defaultTries, Small: action.SmallCell} }

// Check implements action.Action.
func (a *Push) Check() error {
	if _, err := a.choice(); err != nil {
		return err
	}
	if a.Small < 0 || a.Small > 1000 {
		return usage("sync push", "small", "this is no number of persons to warn of", "Give --small a number such as 5 or 10, or 0")
	}
	return checkTries("sync push", a.Tries)
}

func checkTries(op string, n int) error {
	if n < 1 || n > 1000 {
		return usage(op, "tries", "it can't be tried so often", "Give a number from 1 to 1000")
	}
	return nil
}

func (a *Push) choice() (action.Choice, error) {
	c := action.Choice{Facilities: a.Facilities}
	for _, text := range a.Runs {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n < 1 {
			return c, usage("sync push", "runs", strconv.Quote(text)+" is no number of a run", "See the numbers with `mrpt runs`")
		}
		c.Runs = append(c.Runs, n)
	}
	return c, nil
}

// Run implements action.Action.
func (a *Push) Run(ctx context.Context, w *workspace.Workspace, tell action.Progress) (*action.Result, error) {
	c, err := a.choice()
	if err != nil {
		return nil, err
	}
	pub, err := action.Compose(ctx, w, c, tell)
	if err != nil {
		return nil, err
	}
	others, err := a.others(ctx, w)
	if err != nil {
		return nil, err
	}
	preview, err := a.preview(pub, others)
	if err != nil || a.Preview {
		return preview, err
	}
	account, err := a.open(ctx, w)
	if err != nil {
		return nil, err
	}
	defer account.Close()
	tell("sealing", 0, 0)
	s, err := account.Queue(ctx, bundle.Results, account.Mark(w.Project(), fmt.Sprint(c)), entryOf(w, pub), filesOf(pub))
	if err != nil {
		return nil, err
	}
	readers := readersOf(account.Settings())
	preview.Notices = append(preview.Notices, readers)
	if a.Later {
		preview.Summary = fmt.Sprintf("Sealed %s; it waits as number %d. Send it with `mrpt sync send`.", pub.Title, s.ID.N)
		return preview, nil
	}
	if _, err := send(ctx, w, a.At, []store.ShipmentID{s.ID}, a.Tries, tell); err != nil {
		return nil, err
	}
	preview.Summary = fmt.Sprintf("Sent %s: %d files, sealed.", pub.Title, len(pub.Files))
	return preview, nil
}

func readersOf(s share.Settings) string {
	return "it can be read by: " + strings.Join(append([]string{"you"}, namesOf(s.Recipients)...), ", ")
}

// namesOf are the names of recipients, or what else they are known by.
func namesOf(recipients []bundle.Recipient) (out []string) {
	for _, r := range recipients {
		name := r.Name
		if name == "" {
			name = "the key " + r.Fingerprint()
		}
		out = append(out, name)
	}
	return out
}

func entryOf(w *workspace.Workspace, p *action.Publication) bundle.Entry {
	return bundle.Entry{Title: p.Title, Project: w.Project(), Made: p.Made.UTC()}
}

func filesOf(p *action.Publication) []bundle.File {
	out := make([]bundle.File, len(p.Files))
	for i, f := range p.Files {
		out[i] = bundle.File{Path: f.Path, Data: f.Data}
	}
	return out
}

// others says who besides the user will read what is sent, "" for nobody. While
// it is not known where it will be sent, it may be anybody.
func (a *Push) others(ctx context.Context, w *workspace.Workspace) (string, error) {
	plans, err := share.Plans(ctx, w)
	if err != nil {
		return "", err
	}
	for _, p := range plans {
		if p.Name == a.Remote || (a.Remote == "" && len(plans) == 1) {
			return strings.Join(namesOf(p.Settings.Recipients), ", "), nil
		}
	}
	return "whoever you name as a reader", nil
}

// preview tells every file that would leave, its size, and what others could
// read out of it.
func (a *Push) preview(p *action.Publication, others string) (*action.Result, error) {
	var rows [][]any
	var warnings []string
	total := int64(0)
	for _, f := range p.Files {
		var cells any = ""
		small, counts := f.SmallCells(a.Small)
		if counts > 0 && a.Small > 0 {
			cells = float64(small)
		}
		if small > 0 && others != "" {
			warnings = append(warnings, fmt.Sprintf("%s has %d counts of fewer than %d persons, of %d", f.Path, small, a.Small, counts))
		}
		rows = append(rows, []any{f.Path, float64(len(f.Data)), f.What, cells})
		total += int64(len(f.Data))
	}
	t, err := columns("files", []string{"file", "bytes", "what", "small_counts"}, rows)
	if err != nil {
		return nil, err
	}
	r := &action.Result{
		Summary: fmt.Sprintf("%s: %d files, %s before packing.", p.Title, len(p.Files), size(total)), Tables: []*table.Table{t},
	}
	for _, name := range p.LeftOut {
		r.Notices = append(r.Notices, name+" has a row for each facility and stays here; --facilities takes it along")
	}
	if len(warnings) > 0 {
		r.Notices = append(r.Notices, strings.Join(warnings, "; ")+
			". Whoever knows a ward may tell from so few who they are, and it will be read by: "+others+
			". If that must not be, compute the result by LGA, over a longer period or for all ages together, or leave its run out with --runs; nothing was taken out")
	}
	return r, nil
}

// Backup seals the whole profile for its owner alone and sends it.
type Backup struct {
	At
	Later bool `param:"later" help:"seal it now and send it with the next sync send"`
	Tries int  `param:"tries" help:"how often to try while nothing gets through"`
}

// NewBackup gives a Backup that is sent at once.
func NewBackup() *Backup { return &Backup{Tries: defaultTries} }

// Check implements action.Action.
func (a *Backup) Check() error { return checkTries("sync backup", a.Tries) }

// maxBackup is the largest profile, in bytes, that is sent: at 230 kbit/s it
// takes two and a half hours.
const maxBackup = 256 << 20

// Run implements action.Action.
func (a *Backup) Run(ctx context.Context, w *workspace.Workspace, tell action.Progress) (*action.Result, error) {
	account, err := a.open(ctx, w)
	if err != nil {
		return nil, err
	}
	defer account.Close()
	tell("copying the profile", 0, 0)
	made := w.Now().UTC()
	dir, data, err := w.Snapshot(ctx, maxBackup)
	if err != nil {
		return nil, err
	}
	var files []bundle.File
	for name, b := range data {
		files = append(files, bundle.File{Path: dir + "/" + name, Data: b})
	}
	tell("sealing", 0, 0)
	e := bundle.Entry{Title: "profile " + w.User(), Project: w.Project(), Made: made}
	s, err := account.Queue(ctx, bundle.Backup, account.Mark("backup", made.String()), e, files)
	if err != nil {
		return nil, err
	}
	if a.Later {
		return &action.Result{Summary: fmt.Sprintf("Sealed the profile; it waits as number %d. Send it with `mrpt sync send`.", s.ID.N)}, nil
	}
	if _, err := send(ctx, w, a.At, []store.ShipmentID{s.ID}, a.Tries, tell); err != nil {
		return nil, err
	}
	return &action.Result{
		Summary: fmt.Sprintf("Sent the profile of %s, sealed for you alone.", w.User()),
		Notices: []string{"to open it on another computer you need the recovery code of this profile, or of the one that joined it"},
	}, nil
}

// Send goes on with what waits.
type Send struct {
	At
	Due   bool `param:"due" more:"true" help:"only what a schedule says is due now; see sync schedule"`
	Tries int  `param:"tries" help:"how often to try while nothing gets through"`
}

const sendOp = "sync send"

// NewSend gives a Send of everything that waits.
func NewSend() *Send { return &Send{Tries: defaultTries} }

// Check implements action.Action.
func (a *Send) Check() error { return checkTries(sendOp, a.Tries) }

// Run implements action.Action.
func (a *Send) Run(ctx context.Context, w *workspace.Workspace, tell action.Progress) (*action.Result, error) {
	work := a.sendAll
	if a.Due {
		work = a.sendDue
	}
	r, err := work(ctx, w, tell)
	if err != nil {
		return nil, err
	}
	r.Notices, err = upcoming(ctx, w)
	return r, err
}

// sendAll sends what waits, because it was asked for.
func (a *Send) sendAll(ctx context.Context, w *workspace.Workspace, tell action.Progress) (*action.Result, error) {
	all, err := w.Shared().Shipments(ctx)
	if err != nil {
		return nil, workspace.StoreProblem(err, sendOp, "")
	}
	names, err := remoteNames(ctx, w)
	if err != nil {
		return nil, err
	}
	var ids []store.ShipmentID
	for _, s := range all {
		if s.State == store.Waiting && (a.Remote == "" || names[s.Remote] == a.Remote) {
			ids = append(ids, s.ID)
		}
	}
	if len(ids) == 0 {
		return &action.Result{Summary: "Nothing waits to be sent."}, nil
	}
	sent, err := send(ctx, w, a.At, ids, a.Tries, tell)
	if err != nil {
		return nil, err
	}
	return &action.Result{Summary: fmt.Sprintf("Sent %d of %d.", len(sent), len(ids))}, nil
}

// Queue changes what waits in the outbox.
type Queue struct {
	Pause  int `param:"pause" help:"number of a shipment to hold back"`
	Resume int `param:"resume" help:"number of a paused shipment to let go on"`
	Cancel int `param:"cancel" help:"number of a shipment to give up"`
}

// Check implements action.Action.
func (a *Queue) Check() error {
	named := 0
	for _, n := range []int{a.Pause, a.Resume, a.Cancel} {
		if n != 0 {
			named++
		}
	}
	if named != 1 {
		return problem.New(problem.Usage, "sync queue", "", "say one thing to do", "Give --pause, --resume or --cancel with a number of `mrpt sync status`")
	}
	return nil
}

// Run implements action.Action.
func (a *Queue) Run(ctx context.Context, w *workspace.Workspace, _ action.Progress) (*action.Result, error) {
	n, to, words := a.Pause, store.Paused, "is paused"
	switch {
	case a.Resume != 0:
		n, to, words = a.Resume, store.Waiting, "waits to be sent again"
	case a.Cancel != 0:
		n, to, words = a.Cancel, store.Cancelled, "is given up; what was sent of it is not listed anywhere"
	}
	all, err := w.Shared().Shipments(ctx)
	if err != nil {
		return nil, workspace.StoreProblem(err, "sync queue", "")
	}
	for _, s := range all {
		if s.ID.N != int64(n) || (s.State != store.Waiting && s.State != store.Paused) {
			continue
		}
		s.State, s.Attempts = to, 0
		if err := w.Shared().SetShipment(ctx, s); err != nil {
			return nil, workspace.StoreProblem(err, "sync queue", s.Title)
		}
		return &action.Result{Summary: fmt.Sprintf("Number %d, %s, %s.", n, s.Title, words)}, nil
	}
	return nil, problem.New(problem.NotFound, "sync queue", fmt.Sprint(n), "no such shipment waits", "See `mrpt sync status`")
}
