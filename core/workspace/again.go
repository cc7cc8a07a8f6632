package workspace

import (
	"time"

	"chatmrpt/core/store"
)

// again is what makes a workspace one in which a run is repeated.
type again struct {
	run    store.Run
	drafts []Draft
}

// Again gives a workspace that stands where w stood when a run of it began: it
// sees the datasets and decisions that were there, its clock shows that time,
// and what is recorded in it is kept aside and not stored. It shares the store
// of w, lives as long as the job of w in which it was made, and is not closed.
func (w *Workspace) Again(run store.Run) *Workspace {
	return &Workspace{
		vault: w.vault, store: w.store, project: w.project, version: w.version, now: func() time.Time { return run.Started },
		ctx: w.ctx, cancel: func() {}, cache: make(map[cacheKey]any), again: &again{run: run},
	}
}

// Repeated is what was recorded in a workspace that Again gave.
func (w *Workspace) Repeated() []Draft {
	if w.again == nil {
		return nil
	}
	return w.again.drafts
}
