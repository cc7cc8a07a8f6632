//go:build cgo

package encvfs

import "testing"

// OpenUnitForTest opens one unit as it lies on disk; nil if it isn't genuine.
func OpenUnitForTest(key, salt []byte, kind string, unit uint64, sealed []byte) []byte {
	for _, r := range []role{roleMain, roleWAL, roleJournal} {
		if r.String() != kind {
			continue
		}
		aead, err := subKey(key, salt, r)
		plain := make([]byte, len(sealed)-overhead)
		if err == nil && (&sealer{aead: aead}).open(plain, unit, sealed) {
			return plain
		}
	}
	return nil
}

// JournalForTest runs a statement in rollback mode and returns the journal as
// it lies on disk before the commit.
func JournalForTest(t *testing.T, path string, key []byte, statement string) []byte {
	db := single(t, path, key, "pragma journal_mode=delete", "pragma cache_size=5", "begin", statement)
	defer db.Close()
	return readFile(t, path+"-journal")
}
