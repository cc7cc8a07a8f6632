package acts

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"chatmrpt/core/action"
	"chatmrpt/core/problem"
	"chatmrpt/core/store"
	"chatmrpt/core/table"
	"chatmrpt/core/workspace"
	"chatmrpt/sync/bundle"
)

// Office keeps the private key of a programme in the encrypted profile of the
// central office, where collect finds it, so that no file of it need lie about.
// Nothing gives the key out again; the office keeps a copy of the file offline.
type Office struct {
	Key     string `param:"key" json:"-" help:"file with the programme's private key, as age-keygen -pq writes it"`
	Replace bool   `param:"replace" help:"put it in place of the key that is kept already"`
	Forget  bool   `param:"forget" help:"keep no key any more"`
}

const officeOp = "sync office"

// Check implements action.Action.
func (a *Office) Check() error {
	if a.Forget && a.Key != "" {
		return usage(officeOp, "forget", "it is either to be kept or forgotten", "Give --key or --forget")
	}
	return nil
}

// Run implements action.Action. Without a file it tells which key is kept.
func (a *Office) Run(ctx context.Context, w *workspace.Workspace, _ action.Progress) (*action.Result, error) {
	old, err := officeKeys(ctx, w)
	if err != nil && !problem.Is(err, problem.NotFound) {
		return nil, err
	}
	switch {
	case a.Key != "":
		return a.keep(ctx, w, old)
	case a.Forget && old != nil:
		if err := w.Shared().SetOfficeKey(ctx, nil, "the programme's key is forgotten"); err != nil {
			return nil, workspace.StoreProblem(err, officeOp, "")
		}
		return &action.Result{Summary: "The programme's private key is no longer in this profile."}, nil
	case old == nil:
		return &action.Result{Summary: "This profile keeps no private key of a programme."}, nil
	}
	return keyResult("This profile keeps the private key of the programme; collect uses it.", old)
}

// keep reads the file and puts it into the profile.
func (a *Office) keep(ctx context.Context, w *workspace.Workspace, old bundle.Keys) (*action.Result, error) {
	text, err := readSmall(officeOp, a.Key, "key")
	if err != nil {
		return nil, err
	}
	defer clear(text)
	keys, err := parseKeys(officeOp, a.Key, text)
	if err != nil {
		return nil, err
	}
	was, is := strings.Join(old.Fingerprints(), ", "), strings.Join(keys.Fingerprints(), ", ")
	if old != nil && was != is && !a.Replace {
		return nil, problem.New(problem.Conflict, officeOp, was, "another key is kept already, and what was sealed to it opens with no other",
			"Put both keys into one file, or give --replace if the old one is needed no more")
	}
	if err := w.Shared().SetOfficeKey(ctx, text, "the programme's key is kept: "+is); err != nil {
		return nil, workspace.StoreProblem(err, officeOp, "")
	}
	r, err := keyResult(fmt.Sprintf("The programme's private key is kept in the profile of %s; collect uses it from now on.", w.User()), keys)
	if err == nil {
		r.Notices = append(r.Notices, "keep a copy of the file offline, for the key is not given out again; then delete it here")
	}
	return r, err
}

// keyResult tells which keys are kept by the fingerprints of their public parts,
// as those who seal to them see them.
func keyResult(summary string, keys bundle.Keys) (*action.Result, error) {
	var rows [][]any
	for _, f := range keys.Fingerprints() {
		rows = append(rows, []any{f})
	}
	t, err := columns("keys", []string{"fingerprint"}, rows)
	if err != nil {
		return nil, err
	}
	return &action.Result{Summary: summary, Tables: []*table.Table{t}}, nil
}

func parseKeys(op, path string, text []byte) (bundle.Keys, error) {
	keys, err := bundle.ParseKeys(text)
	if err != nil {
		return nil, problem.New(problem.BadInput, op, filepath.Base(path), err.Error(), "Name the file that `age-keygen -pq` wrote")
	}
	return keys, nil
}

// officeKeys are the keys that the profile keeps; a NotFound problem when there
// are none.
func officeKeys(ctx context.Context, w *workspace.Workspace) (bundle.Keys, error) {
	text, err := w.Shared().OfficeKey(ctx)
	if errors.Is(err, store.ErrNotFound) {
		return nil, problem.New(problem.NotFound, collectOp, "key", "this profile keeps no private key of a programme",
			"Name its file with --key, or keep it in this profile once for all with `mrpt sync office --key FILE`")
	}
	if err != nil {
		return nil, workspace.StoreProblem(err, officeOp, "")
	}
	defer clear(text)
	keys, err := bundle.ParseKeys(text)
	if err != nil {
		return nil, problem.New(problem.Store, officeOp, "key", "the key that is kept can't be read", "Keep it anew from its file, with --replace")
	}
	return keys, nil
}
