//go:build cgo

package encvfs_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"testing"

	sqlite3 "github.com/mattn/go-sqlite3"

	"chatmrpt/core/store/encvfs"
)

// What follows is a reader (and writer of single units) made from FORMAT.md
// alone. It shares no code with the package and uses only crypto/*.

func docKey(t *testing.T, dek, salt []byte, kind string) []byte {
	t.Helper()
	k, err := hkdf.Key(sha256.New, dek, salt, "encvfs/1/"+kind, 32)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func docGCM(t *testing.T, key []byte) cipher.AEAD {
	t.Helper()
	b, err := aes.NewCipher(key)
	if err != nil {
		t.Fatal(err)
	}
	g, err := cipher.NewGCM(b)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func docSeal(t *testing.T, key, nonce, plain []byte, unit uint64) []byte {
	t.Helper()
	return append(docGCM(t, key).Seal(nil, nonce, plain, binary.BigEndian.AppendUint64(nil, unit)), nonce...)
}

func docOpen(t *testing.T, key, disk []byte, unit uint64) []byte {
	t.Helper()
	n := len(disk) - 12
	plain, err := docGCM(t, key).Open(nil, disk[n:], disk[:n], binary.BigEndian.AppendUint64(nil, unit))
	if err != nil {
		t.Fatalf("unit %d: %v", unit, err)
	}
	return plain
}

// docMain turns a main file into SQLite's pages.
func docMain(t *testing.T, dek, file []byte) (pages []byte) {
	t.Helper()
	key := docKey(t, dek, file[:16], "main")
	for p := 1; p <= len(file)/4096; p++ {
		disk := file[(p-1)*4096 : p*4096]
		if p == 1 {
			pages = append(pages, "SQLite format 3\x00"...)
			disk = disk[16:]
		}
		pages = append(pages, docOpen(t, key, disk, uint64(p-1))...)
		pages = append(pages, make([]byte, 28)...)
	}
	return pages
}

type docFrame struct {
	page, size uint32 // SQLite: page number; size of the database after a commit, else 0
	content    []byte
}

// docWAL reads every frame of a WAL.
func docWAL(t *testing.T, dek, salt, wal []byte) (frames []docFrame) {
	t.Helper()
	key := docKey(t, dek, salt, "wal")
	if header := docOpen(t, key, wal[:60], 0); binary.BigEndian.Uint32(header)&^1 != 0x377f0682 {
		t.Fatalf("WAL magic %x", header[:4])
	}
	for f := 0; 60+(f+1)*4148 <= len(wal); f++ {
		frame := docOpen(t, key, wal[60+f*4148:60+(f+1)*4148], uint64(1+f))
		frames = append(frames, docFrame{
			page:    binary.BigEndian.Uint32(frame),
			size:    binary.BigEndian.Uint32(frame[4:]),
			content: frame[24:],
		})
	}
	return frames
}

// docJournal reads the byte stream of a rollback journal.
func docJournal(t *testing.T, dek, salt, file []byte) (stream []byte) {
	t.Helper()
	key := docKey(t, dek, salt, "journal")
	for b := 0; (b+1)*544 <= len(file); b++ {
		plain := docOpen(t, key, file[b*544:(b+1)*544], uint64(b))
		used := int(binary.LittleEndian.Uint16(plain))
		if used > 512 || plain[2] != 0 || plain[3] != 0 || used < 512 && !bytes.Equal(plain[4+used:], make([]byte, 512-used)) {
			t.Fatalf("block %d: head % x", b, plain[:4])
		}
		stream = append(stream, plain[4:4+512]...)
		if (b+2)*544 > len(file) {
			stream = stream[:b*512+used]
		}
	}
	return stream
}

func docVectorKey() []byte { return counting(0, 32) }

func counting(from, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(from + i)
	}
	return b
}

// docVector computes what the last chapter of FORMAT.md shows.
func docVector(t *testing.T) (values map[string]string, pages, walUnit []byte) {
	dek, salt := docVectorKey(), counting(0xa0, 16)
	values = map[string]string{"key": hex.EncodeToString(dek), "salt": hex.EncodeToString(salt)}
	for _, kind := range []string{"main", "wal", "journal"} {
		values["K("+kind+")"] = hex.EncodeToString(docKey(t, dek, salt, kind))
	}
	walUnit = docSeal(t, docKey(t, dek, salt, "wal"), counting(0xc0, 12), counting(0, 32), 0)
	plain := make([]byte, 4068)
	for i := range plain {
		plain[i] = byte(i % 251)
	}
	pages = append(pages, salt...)
	pages = append(pages, docSeal(t, docKey(t, dek, salt, "main"), counting(0xc0, 12), plain[16:], 0)...)
	pages = append(pages, docSeal(t, docKey(t, dek, salt, "main"), counting(0xd0, 12), plain, 1)...)
	sum := sha256.Sum256(pages)
	values["unit"] = hex.EncodeToString(walUnit)
	values["pages"] = hex.EncodeToString(sum[:])
	values["first"] = hex.EncodeToString(pages[:32])
	values["last"] = hex.EncodeToString(pages[4068:4096])
	return values, pages, walUnit
}

func TestTheDocumentedVectorHolds(t *testing.T) {
	doc, err := os.ReadFile("FORMAT.md")
	if err != nil {
		t.Fatal(err)
	}
	values, pages, walUnit := docVector(t)
	for name, want := range values {
		if got := documented(string(doc), name); got != want {
			t.Errorf("FORMAT.md: %s is %q, want %s", name, got, want)
		}
	}
	if bad, err := encvfs.VerifyPages(t.Context(), bytes.NewReader(pages), docVectorKey()); err != nil || len(bad) > 0 {
		t.Errorf("the package does not open the vector's pages: %v, %v", bad, err)
	}
	if got := encvfs.OpenUnitForTest(docVectorKey(), counting(0xa0, 16), "wal", 0, walUnit); !bytes.Equal(got, counting(0, 32)) {
		t.Errorf("the package opens the WAL unit as %x", got)
	}
}

// documented finds an indented line "name value" in the document.
func documented(doc, name string) string {
	for line := range strings.Lines(doc) {
		if rest, ok := strings.CutPrefix(line, "    "+name+" "); ok {
			return strings.TrimSpace(rest)
		}
	}
	return ""
}

func mustRead(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func openFilled(t *testing.T, path string, key []byte) *encvfs.DB {
	t.Helper()
	d, err := encvfs.Open(t.Context(), path, key, encvfs.Options{})
	if err != nil {
		t.Fatal(err)
	}
	run(t, d, `create table t(a text, b blob);
		insert into t select 'ward '||v, randomblob(2000) from (with recursive c(v) as (select 1 union all select v+1 from c where v<200) select v from c)`)
	return d
}

func run(t *testing.T, d *encvfs.DB, statements string) {
	t.Helper()
	if _, err := d.RW.ExecContext(t.Context(), statements); err != nil {
		t.Fatal(err)
	}
}

// serialized is the database as SQLite sees it.
func serialized(t *testing.T, d *encvfs.DB) (b []byte) {
	t.Helper()
	c, err := d.RW.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	err = c.Raw(func(a any) (err error) {
		b, err = a.(*sqlite3.SQLiteConn).Serialize("main")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestAReaderWrittenFromTheDocumentReadsMainFileAndWAL(t *testing.T) {
	path, key := filepath.Join(t.TempDir(), "x.db"), counting(7, 32)
	d := openFilled(t, path, key)
	defer d.Close()
	run(t, d, "pragma wal_checkpoint(truncate)")
	file := mustRead(t, path)
	if want := serialized(t, d); !bytes.Equal(docMain(t, key, file), want) {
		t.Fatal("the main file reads differently")
	}
	run(t, d, "update t set a=a||'!' where rowid%3=0; create table u(x); insert into u values(1)")
	pages := docMain(t, key, file)
	frames := docWAL(t, key, file[:16], mustRead(t, path+"-wal"))
	for _, f := range frames {
		pages = append(pages, make([]byte, max(0, int(f.page)*4096-len(pages)))...)
		copy(pages[(f.page-1)*4096:], f.content)
	}
	if last := frames[len(frames)-1].size; int(last)*4096 != len(pages) {
		t.Errorf("the last frame says %d pages, there are %d bytes", last, len(pages))
	}
	if want := serialized(t, d); !bytes.Equal(pages, want) {
		t.Error("main file and WAL read differently")
	}
}

func TestAReaderWrittenFromTheDocumentReadsTheJournal(t *testing.T) {
	path, key := filepath.Join(t.TempDir(), "x.db"), counting(9, 32)
	d := openFilled(t, path, key)
	want := serialized(t, d)
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	journal := encvfs.JournalForTest(t, path, key, "update t set b=zeroblob(2000)")
	stream := docJournal(t, key, mustRead(t, path)[:16], journal)
	records := 0
	for no, page := range journalRecords(stream) {
		if no == 1 { // has changed on the way to this mode
			continue
		}
		if !bytes.Equal(page, want[(no-1)*4096:no*4096]) {
			t.Fatalf("record of page %d differs", no)
		}
		records++
	}
	if records < 50 {
		t.Errorf("only %d records", records)
	}
}

// journalRecords reads SQLite's journal: segments, each a header in a sector
// of its own and then so many records of page number, page and checksum.
func journalRecords(stream []byte) iter.Seq2[uint32, []byte] {
	return func(yield func(uint32, []byte) bool) {
		for at := 0; at+28 <= len(stream); {
			header := stream[at:]
			if !bytes.HasPrefix(header, []byte("\xd9\xd5\x05\xf9\x20\xa1\x63\xd7")) {
				return // a segment that is not synced yet has no magic
			}
			sector := int(binary.BigEndian.Uint32(header[20:]))
			at += sector
			for range min(binary.BigEndian.Uint32(header[8:]), uint32(len(stream)-at)/4104) {
				if !yield(binary.BigEndian.Uint32(stream[at:]), stream[at+4:at+4100]) {
					return
				}
				at += 4104
			}
			at = (at + sector - 1) / sector * sector
		}
	}
}

// TestFilesOfVersion1Open is the promise to those who have such files.
// ENCVFS_NEW_TESTDATA=1 writes them anew; that is for a new version only.
func TestFilesOfVersion1Open(t *testing.T) {
	fixture := filepath.Join("testdata", "v1.db")
	if os.Getenv("ENCVFS_NEW_TESTDATA") != "" {
		makeFixture(t, fixture)
	}
	path := filepath.Join(t.TempDir(), "v1.db")
	for _, suffix := range []string{"", "-wal"} {
		if err := os.WriteFile(path+suffix, mustRead(t, fixture+suffix), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	d, err := encvfs.Open(t.Context(), path, docVectorKey(), encvfs.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	var got string
	if err := d.RO.QueryRowContext(t.Context(), "select group_concat(id||name) from (select * from vector order by id)").Scan(&got); err != nil {
		t.Fatal(err)
	}
	if got != "1main,2file,3wal" {
		t.Error(got)
	}
}

func makeFixture(t *testing.T, fixture string) {
	path := filepath.Join(t.TempDir(), "v1.db")
	d, err := encvfs.Open(t.Context(), path, docVectorKey(), encvfs.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	run(t, d, "create table vector(id integer primary key, name text); insert into vector values(1,'main'),(2,'file'); pragma wal_checkpoint(truncate)")
	run(t, d, "insert into vector values(3,'wal')")
	for _, suffix := range []string{"", "-wal"} {
		if err := os.WriteFile(fixture+suffix, mustRead(t, path+suffix), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	fmt.Println("wrote", fixture)
}
