package house

import (
	"strings"
	"testing"
)

// floor gives the height of a room; imports go down, or stay on one floor of
// pure rooms.
func floor(path string) int {
	switch {
	case under(path, "assets"):
		return 0
	case under(path, "geo"):
		return 1
	case under(path, "core/problem"), under(path, "core/table"):
		return 2
	case under(path, "core/vault"), under(path, "core/store"):
		return 4
	case under(path, "core/workspace"):
		return 5
	case under(path, "core/action"):
		return 6
	case under(path, "core/ask"), under(path, "sync"):
		return 7
	case under(path, "ui"):
		return 8
	case under(path, "cmd"):
		return 9
	case under(path, "core"):
		return 3 // the pure rooms: functions of values
	}
	return -1
}

func under(path, room string) bool {
	return path == room || strings.HasPrefix(path, room+"/")
}

func TestImportsGoDown(t *testing.T) {
	tr := readTree(t)
	for _, p := range tr.pkgs {
		if floor(p.path) < 0 {
			t.Errorf("%s is in no room of the house", p.path)
		}
		for _, f := range p.files {
			for _, imp := range importsOf(f) {
				to, ours := strings.CutPrefix(imp, "chatmrpt/")
				if ours && floor(to) > floor(p.path) {
					t.Errorf("%s: %s imports %s, which lies above it", tr.at(f.Name), p.path, to)
				}
			}
		}
	}
}

// onlyIn lists what may be imported only by some rooms, and why.
var onlyIn = []struct {
	prefix string // of the import path
	rooms  []string
	why    string
}{
	{"fyne.io/fyne", []string{"ui", "cmd/chatmrpt"}, "the window is a face; nothing below it may need a display"},
	// A GeoPackage is a stranger's file; its room reads it in memory and knows no store.
	{"database/sql", []string{"core/store", "geo/boundary/gpkg"}, "the store is the only way to a user's data (L2, L3)"},
	{"github.com/mattn/go-sqlite3", []string{"core/store", "geo/boundary/gpkg"}, "the store is the only way to a user's data (L2, L3)"},
	{"net/http", []string{"sync"}, "nothing leaves the machine but through sync"},
	{"github.com/minio", []string{"sync"}, "nothing leaves the machine but through sync"},
	{"testing", []string{"core/vault/vaulttest", "assets/beside", "sync/remote/remotetest"}, "test code does not belong in a program"},
	{"chatmrpt/assets/beside", nil, "the files beside the repository are for tests only"},
	{"chatmrpt/sync/remote/remotetest", nil, "the suite of the remotes is for tests only"},
	{"chatmrpt/core/vault/vaulttest", nil, "the cheap key derivation is for tests only"},
	{"os", []string{"assets/beside", "core/vault", "core/store", "core/whole", "core/action", "core/workspace", "sync", "ui", "cmd"}, "the pure rooms and geo take readers and values, no files"},
	{"log", nil, "a library returns errors; the faces print"},
	{"unsafe", []string{"core/store/encvfs"}, "only the bridge to SQLite's C needs it"},
	{"chatmrpt/core", []string{"core", "sync", "ui", "cmd"}, "geo is a library of its own"},
}

func TestImportsStayInTheirRooms(t *testing.T) {
	tr := readTree(t)
	for _, p := range tr.pkgs {
		for _, f := range p.files {
			for _, imp := range importsOf(f) {
				for _, rule := range onlyIn {
					if under(imp, rule.prefix) && !inAny(p.path, rule.rooms) {
						t.Errorf("%s: %s imports %s: %s", tr.at(f.Name), p.path, imp, rule.why)
					}
				}
			}
		}
	}
}

func inAny(path string, rooms []string) bool {
	for _, r := range rooms {
		if under(path, r) {
			return true
		}
	}
	return false
}

// Every direct dependency has its reason on the line above it or behind it.
func TestDirectDependenciesHaveAReason(t *testing.T) {
	tr := readTree(t)
	reason, seen := "", 0
	for line := range strings.Lines(readRootFile(t, tr, "go.mod")) {
		line = strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, "//"):
			reason = line
		case strings.HasSuffix(line, "// indirect"), !strings.Contains(line, " v"):
			reason = ""
		default:
			seen++
			if len(reason) < 20 {
				t.Errorf("go.mod: %s has no written reason above it", line)
			}
			reason = ""
		}
	}
	if seen < 5 {
		t.Fatalf("only %d direct dependencies read from go.mod: the reader is wrong", seen)
	}
}
