package encvfs

import "errors"

// What can be wrong with a sealed database. The errors of this package, and
// those that [Explain] has seen, match them with [errors.Is].
var (
	// ErrWrongKey says that the first page does not open under the key: the
	// key is another database's, or the file is no sealed database, or its
	// first page is damaged.
	ErrWrongKey = errors.New("encvfs: not a database under this key")

	// ErrTampered says that a page is not what was written: its tag does not
	// match, or pages are missing. A backup is the way back; what other pages
	// hold can still be read.
	ErrTampered = errors.New("encvfs: the database file is damaged or was altered")

	// ErrKeyWorn says that the key has made as many seals as it may. Reading
	// goes on, writing doesn't: copy the database to a fresh key (CopyTo).
	ErrKeyWorn = errors.New("encvfs: the key is worn out, rotate it")
)
