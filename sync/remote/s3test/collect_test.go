package s3test_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/age"
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"

	"chatmrpt/core/action"
	"chatmrpt/core/vault/vaulttest"
	"chatmrpt/core/workspace"
	"chatmrpt/sync/acts"
	"chatmrpt/sync/remote/s3test"
)

// do runs an act as a person would.
func do(t *testing.T, w *workspace.Workspace, name string, a action.Action) *action.Result {
	t.Helper()
	r, err := action.Do(t.Context(), w, name, a, nil)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return r
}

func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// An office with a key of its own that may only read collects over S3 what a
// user published, and a reader that shares no code with the writer (Apache
// Arrow) finds the user's numbers in the data set.
func TestAnOfficeCollectsOverS3(t *testing.T) {
	programme, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	d := newDesk(t, t.TempDir())
	do(t, d.w, "sample", action.NewSample())
	do(t, d.w, "match", &action.Match{})
	do(t, d.w, "positivity", &action.Positivity{Selection: action.Selection{Level: "primary", Age: "u5", Test: "rdt", Period: "2024"}})
	setup := acts.NewSetup()
	setup.To, setup.ID, setup.Bucket, setup.AccessKey, setup.SecretKey = d.plain, d.user, s3test.Programme, d.key.ID, d.key.Secret
	setup.Recipients, setup.KDF = write(t, "recipients.txt", "# Programme\n"+programme.Recipient().String()+"\n"), vaulttest.Cheap(t)
	told := do(t, d.w, "sync setup", setup)
	do(t, d.w, "sync push", acts.NewPush())

	office := newWorkspace(t, t.TempDir())
	t.Cleanup(func() { office.Close() })
	key := keyOf(t, d.user+"-office", "office")
	signer := told.Details.(map[string]any)["signing_key"].(string)
	out := filepath.Join(t.TempDir(), "national")
	r := do(t, office, "collect", &acts.Collect{
		From: d.plain, Out: out,
		Server: acts.Server{Bucket: s3test.Programme, Credentials: write(t, "credentials", key.ID+"\n"+key.Secret+"\n")},
		Key:    write(t, "key.txt", programme.String()+"\n"),
		Roster: write(t, "roster.csv", "user,signing_key,name\n"+d.user+","+signer+",Kano\n"),
	})
	if !strings.HasPrefix(r.Summary, "Collected 1 of ") {
		t.Fatal(r.Summary)
	}
	checkAgainstArrow(t, d.w, out)
}

// checkAgainstArrow compares the values of the newest positivity, cell by cell.
func checkAgainstArrow(t *testing.T, w *workspace.Workspace, out string) {
	t.Helper()
	ds, err := w.Latest(t.Context(), "test", workspace.KindPositivity, "", "")
	if err != nil {
		t.Fatal(err)
	}
	want, err := w.Table(t.Context(), ds)
	if err != nil {
		t.Fatal(err)
	}
	value, _ := want.Column("value")
	names, err := filepath.Glob(filepath.Join(out, "results", "state=*", "period=2024", "*.parquet"))
	if err != nil || len(names) == 0 {
		t.Fatalf("%v %v", names, err)
	}
	seen := 0
	for _, name := range names {
		table := readArrow(t, name)
		row, column, number := column(t, table, "row_number").(*array.Int32), column(t, table, "column_name").(*array.String), column(t, table, "number").(*array.Float64)
		for i := range int(table.NumRows()) {
			if column.Value(i) != "value" {
				continue
			}
			seen++
			x, ok := value.Number(int(row.Value(i)))
			if ok == number.IsNull(i) || (ok && x != number.Value(i)) {
				t.Fatalf("row %d: Arrow reads %v, the user has %v (%v)", row.Value(i), number.Value(i), x, ok)
			}
		}
	}
	if seen != want.Rows() {
		t.Errorf("Arrow finds %d values of %d", seen, want.Rows())
	}
}

func readArrow(t *testing.T, name string) arrow.Table {
	t.Helper()
	r, err := file.OpenParquetFile(name, false)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	f, err := pqarrow.NewFileReader(r, pqarrow.ArrowReadProperties{}, memory.DefaultAllocator)
	if err != nil {
		t.Fatal(err)
	}
	table, err := f.ReadTable(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// column gives a column as one array.
func column(t *testing.T, table arrow.Table, name string) arrow.Array {
	t.Helper()
	at := table.Schema().FieldIndices(name)
	if len(at) != 1 {
		t.Fatalf("Arrow finds no column %s in %v", name, table.Schema())
	}
	one, err := array.Concatenate(table.Column(at[0]).Data().Chunks(), memory.DefaultAllocator)
	if err != nil {
		t.Fatal(err)
	}
	return one
}
