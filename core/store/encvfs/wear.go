package encvfs

import (
	"fmt"
	"sync/atomic"
)

// DefaultSealLimit is the number of seals after which a key must be rotated
// when Options name none: 2^30, two seals for each page that goes through the
// WAL, so about 2 TiB written. AES-GCM with random nonces is sound to 2^32
// seals under one key (NIST SP 800-38D, section 8.3); sub-keys differ by file
// and role, so counting all of them together errs on the safe side.
const DefaultSealLimit = 1 << 30

// wear counts the seals made under one key.
type wear struct {
	made  atomic.Uint64
	limit uint64

	// forged: a page of the main file did not open. SQLite does not always
	// pass on the code that says so, see explainOpen.
	forged atomic.Bool
}

func newWear(limit, spent uint64) (*wear, error) {
	if limit == 0 {
		limit = DefaultSealLimit
	}
	if limit > DefaultSealLimit {
		return nil, fmt.Errorf("encvfs: a seal limit of %d is above %d", limit, uint64(DefaultSealLimit))
	}
	w := &wear{limit: limit}
	w.made.Store(spent)
	return w, nil
}

// spend counts one more seal and reports whether the key may still make it.
// Seals that finish or undo what was begun have a reserve as large as the
// limit: a frame in the WAL costs a seal and its checkpoint at most one, a page
// in the journal costs several and its roll-back one, so whatever was written
// below the limit can be finished within the reserve.
func (w *wear) spend(last bool) bool {
	ceiling := w.limit
	if last {
		ceiling += w.limit
	}
	if w.made.Add(1) <= ceiling {
		return true
	}
	w.made.Add(^uint64(0))
	return false
}
