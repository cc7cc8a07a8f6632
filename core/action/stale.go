package action

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
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
	chosen, err := staleChoices(ctx, w, append(below, results...), all)
	return append(out, chosen...), err
}

// staleChoices says which rankings took the newest result of a measure, by its
// plain name, when another selection was the newest: other facilities, ages or
// periods were chosen since.
func staleChoices(ctx context.Context, w *workspace.Workspace, of, all []store.Dataset) ([]string, error) {
	chosen := map[string]store.Dataset{}
	for _, d := range all {
		if d.Kind == workspace.KindPositivity && !d.Undone {
			chosen[measureOf(d)] = d
		}
	}
	var out []string
	for _, d := range of {
		if d.Kind != workspace.KindRanking {
			continue
		}
		run, err := w.Run(ctx, d.Run)
		if err != nil {
			return nil, err
		}
		var a Score
		if err := json.Unmarshal(run.Params, &a); err != nil {
			return nil, fmt.Errorf("parameters of run %d: %w", run.ID.N, err)
		}
		inputs, err := w.Inputs(ctx, d.Run)
		if err != nil {
			return nil, err
		}
		for _, in := range inputs {
			if in.Kind != workspace.KindPositivity || !slices.Contains(a.Vars, measureOf(in)) {
				continue
			}
			if n := chosen[measureOf(in)]; n.Name != in.Name && n.ID.N > in.ID.N {
				out = append(out, fmt.Sprintf("the ranking rests on %s, and %s was chosen since: repeat the score and what follows it to use that", in.Name, n.Name))
			}
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
