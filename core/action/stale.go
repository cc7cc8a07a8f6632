package action

import (
	"context"
	"fmt"
	"strings"

	"chatmrpt/core/problem"
	"chatmrpt/core/store"
	"chatmrpt/core/workspace"
)

// stale says what results no longer rest on the newest of: one sentence for
// each dataset below them that has a later version.
func stale(ctx context.Context, w *workspace.Workspace, results ...store.Dataset) ([]string, error) {
	all, err := w.Datasets(ctx)
	if err != nil {
		return nil, err
	}
	last := map[[2]string]int{}
	for _, d := range newest(all) {
		last[[2]string{d.Kind, d.Name}] = d.Version
	}
	below, err := lineage(ctx, w, results)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, d := range below {
		if newest := last[[2]string{d.Kind, d.Name}]; d.Version < newest {
			out = append(out, fmt.Sprintf("this rests on version %d of %s, and there is a version %d: repeat the steps to bring it up to date",
				d.Version, called(d), newest))
		} else if d.Undone {
			out = append(out, fmt.Sprintf("this rests on version %d of %s, which was taken back: repeat the steps without it", d.Version, called(d)))
		}
	}
	return out, nil
}

// choice is how a user picks one of several datasets: the parameter, and what
// to do when there is none.
type choice struct{ param, none string }

// theOne returns the dataset named, or the only one of its kind. Where there
// are several and none is named it asks, because each gives another answer.
func theOne(ctx context.Context, w *workspace.Workspace, op, kind, name string, c choice) (store.Dataset, error) {
	ds, err := w.Current(ctx, kind)
	if err != nil {
		return store.Dataset{}, err
	}
	if name == "" && len(ds) > 1 {
		names := make([]string, len(ds))
		for i, d := range ds {
			names[i] = d.Name
		}
		return store.Dataset{}, problem.New(problem.Usage, op, kind, fmt.Sprintf("there are %d tables of this kind", len(ds)),
			"Say which with --"+c.param+": "+strings.Join(names, ", "))
	}
	return w.Latest(ctx, op, kind, name, c.none)
}
