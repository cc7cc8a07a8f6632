package store

import (
	"strings"
	"testing"
)

// No row that is given out holds a secret: bytes never are, and a column of text
// whose name says that it may be one must be concealed or be known to be none.
func TestRowsGiveOutNoSecret(t *testing.T) {
	f := newStore(t, "amina")
	raw(t, f.Store, "INSERT INTO share_key (owner, kid, seed, created) VALUES ('amina', 'k', x'0102', '')",
		`INSERT INTO remote (owner, name, settings, created) VALUES ('amina', 'r', '{"secret":"canary"}', '')`)
	for table, gone := range map[string]string{"share_key": "seed", "remote": "settings"} {
		rows := 0
		err := f.EachRow(t.Context(), table, func(row map[string]any) error {
			rows++
			if _, there := row[gone]; there || row["owner"] != "amina" {
				t.Errorf("%s: %v", table, row)
			}
			return nil
		})
		if err != nil || rows != 1 {
			t.Errorf("%s: %d rows (%v)", table, rows, err)
		}
	}
	harmless := "remote_manifest.key audit.hash run.seed" // a name at the remote, a seal, the seed of a draw
	tables, err := f.shapes(t.Context(), f.db.RO)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range tables {
		types, err := textsOf(t.Context(), f.db.RO, "SELECT type FROM pragma_table_info(?) ORDER BY cid", x.name)
		if err != nil {
			t.Fatal(err)
		}
		for i, c := range x.columns {
			suspect := false
			for _, word := range []string{"secret", "seed", "key", "token", "password", "passphrase", "settings", "credential", "private"} {
				suspect = suspect || strings.Contains(c, word)
			}
			name := x.name + "." + c
			if suspect && types[i] != "BLOB" && !strings.Contains(strings.Join(concealed(), " ")+" "+harmless, name) {
				t.Errorf("%s may be a secret, and would be taken out in clear", name)
			}
		}
	}
}
