package collect

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"chatmrpt/core/problem"
	"chatmrpt/core/whole"
	"chatmrpt/sync/remote"
	"chatmrpt/sync/share"
)

// indexName is the file by which a folder is known as a data set of this
// program. Engines leave names alone that begin with an underscore.
const indexName = "_collected.json"

// seenName is the folder of the manifests that were seen, sealed as they lay at
// the remote.
const seenName = "_seen"

// index says what is in a data set.
type index struct {
	Format  int     `json:"format"` // 1
	Bundles []taken `json:"bundles"`
}

// taken is a bundle that is in the data set.
type taken struct {
	User   string            `json:"user"`
	ID     string            `json:"id"`
	Rev    int               `json:"rev"`
	SHA256 string            `json:"sha256"` // of the packed bundle
	Cells  int64             `json:"cells"`
	Files  map[string]string `json:"files"` // path below the folder → SHA-256
	Tables []Provenance      `json:"tables"`
}

// dataset is a folder with a data set, finished or being made.
type dataset struct {
	dir   string // where its files are
	final string // where it will be, for one being made
	index index

	making *whole.Folder // nil for one that is there
}

// fault is a problem of the office's own disk.
func fault(err error, what string) error {
	return problem.New(problem.Store, "collect", filepath.Base(what), "the data set could not be written or read",
		"Check that the disk has room and the folder can be written, then try again; the old data set is as it was").Because(err)
}

// openOld opens the data set at dir; one that was on its way out when the
// program was stopped is put back first. A dir that is absent or empty gives an
// empty data set.
func openOld(dir string) (*dataset, error) {
	if _, err := os.Lstat(dir); errors.Is(err, fs.ErrNotExist) {
		if err := os.Rename(dir+".old", dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fault(err, dir)
		}
	}
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) || (err == nil && len(entries) == 0) {
		return &dataset{dir: dir}, nil
	}
	foreign := problem.New(problem.Conflict, "collect", filepath.Base(dir), "something else lies there, which would be replaced",
		"Name a new or empty folder, or one that an earlier `mrpt collect` made")
	if err != nil {
		return nil, foreign.Because(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, indexName))
	if err != nil {
		return nil, foreign.Because(err)
	}
	d := &dataset{dir: dir}
	if err := json.Unmarshal(text, &d.index); err != nil || d.index.Format != 1 {
		return nil, foreign.Because(err)
	}
	return d, nil
}

// begin makes the folder in which the next data set is put together, beside
// its place.
func begin(dir string) (*dataset, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, fault(err, dir)
	}
	making, err := whole.NewFolder(filepath.Dir(abs))
	if err != nil {
		return nil, fault(err, dir)
	}
	return &dataset{dir: making.Path, final: abs, index: index{Format: 1}, making: making}, nil
}

// discard removes a data set that was not finished.
func (d *dataset) discard() {
	_ = d.making.Done() // what can't be removed is named like rubbish, and the next one sweeps it
}

// write puts a file into the data set and, for the files of a bundle, into its
// record.
func (d *dataset) write(t *taken, name string, data []byte) error {
	path := filepath.Join(d.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fault(err, d.final)
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		return fault(err, d.final)
	}
	t.Files[name] = hashOf(data)
	return nil
}

// drop removes the files of a bundle that is not to be in the data set after
// all: whatever lies in its folders is read by an engine.
func (d *dataset) drop(t taken) error {
	for name := range t.Files {
		if err := os.Remove(filepath.Join(d.dir, filepath.FromSlash(name))); err != nil {
			return fault(err, d.final)
		}
	}
	return nil
}

// knows reports whether something of this user was seen before.
func (d *dataset) knows(user remote.UserID) bool {
	_, err := os.Lstat(filepath.Join(d.dir, seenName, string(user)))
	return err == nil
}

// settle writes the index and puts the data set in its place.
func (d *dataset) settle() error {
	slices.SortFunc(d.index.Bundles, func(a, b taken) int {
		return strings.Compare(a.User+"\x00"+a.ID, b.User+"\x00"+b.ID)
	})
	text, err := json.MarshalIndent(d.index, "", " ")
	if err != nil {
		return fault(err, d.final)
	}
	if err := os.WriteFile(filepath.Join(d.dir, indexName), text, 0o600); err != nil {
		return fault(err, d.final)
	}
	old := d.final + ".old"
	if err := os.RemoveAll(old); err != nil {
		return fault(err, d.final)
	}
	if err := os.Rename(d.final, old); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fault(err, d.final)
	}
	if err := os.Rename(d.dir, d.final); err != nil {
		return fault(errors.Join(err, os.Rename(old, d.final)), d.final)
	}
	d.dir = d.final
	if err := os.RemoveAll(old); err != nil {
		return fault(err, old)
	}
	return nil
}

// keep takes a bundle over from the old data set, when it is there unharmed.
func (c *collection) keep(user remote.UserID, f share.Found) (taken, bool, error) {
	for _, t := range c.old.index.Bundles {
		if t.User == string(user) && t.ID == f.ID && t.Rev == f.Rev && t.SHA256 == f.SHA256 {
			return c.take(t)
		}
	}
	return taken{}, false, nil
}

// keepAll takes everything of a user over whose part can't be read now, with
// what was seen of it.
func (c *collection) keepAll(ctx context.Context, user remote.UserID) ([]taken, error) {
	if _, err := c.next.memory(c.old, user).Seen(ctx); err != nil {
		return nil, err
	}
	var out []taken
	for _, t := range c.old.index.Bundles {
		if t.User != string(user) {
			continue
		}
		kept, whole, err := c.take(t)
		if err != nil {
			return nil, err
		}
		if whole {
			out = append(out, kept)
			c.report.Kept++
		}
	}
	return out, nil
}

// take copies the files of a bundle; whole is false when one is not what was
// written, and then the bundle is to be fetched again.
func (c *collection) take(t taken) (kept taken, whole bool, err error) {
	kept = t
	kept.Files = map[string]string{}
	for name, sum := range t.Files {
		if !filepath.IsLocal(filepath.FromSlash(name)) {
			return kept, false, c.next.drop(kept)
		}
		data, err := os.ReadFile(filepath.Join(c.old.dir, filepath.FromSlash(name)))
		if err != nil || hashOf(data) != sum {
			return kept, false, c.next.drop(kept)
		}
		if err := c.next.write(&kept, name, data); err != nil {
			return kept, false, err
		}
	}
	return kept, true, nil
}

func hashOf(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// seen is what a data set remembers of a user's manifests.
type seen struct {
	from string // folder of the old data set
	to   string
}

var _ share.Memory = seen{}

func (d *dataset) memory(old *dataset, user remote.UserID) seen {
	return seen{from: filepath.Join(old.dir, seenName, string(user)), to: filepath.Join(d.dir, seenName, string(user))}
}

// Seen implements share.Memory: what the old data set saw, taken over into the
// new one.
func (s seen) Seen(ctx context.Context) (map[string][]byte, error) {
	out := map[string][]byte{}
	entries, err := os.ReadDir(s.from)
	if errors.Is(err, fs.ErrNotExist) {
		return out, nil
	}
	if err != nil {
		return nil, fault(err, s.from)
	}
	for _, e := range entries {
		data, err := os.ReadFile(filepath.Join(s.from, e.Name()))
		if err != nil {
			return nil, fault(err, s.from)
		}
		key, err := remote.ParseKey(strings.ReplaceAll(e.Name(), "_", "/"))
		if err != nil {
			return nil, fault(fmt.Errorf("%s does not belong there: %w", e.Name(), err), s.from)
		}
		out[key.String()] = data
		if err := s.Saw(ctx, key.String(), data); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Saw implements share.Memory.
func (s seen) Saw(_ context.Context, key string, sealed []byte) error {
	if err := os.MkdirAll(s.to, 0o700); err != nil {
		return fault(err, s.to)
	}
	if err := os.WriteFile(filepath.Join(s.to, strings.ReplaceAll(key, "/", "_")), sealed, 0o600); err != nil {
		return fault(err, s.to)
	}
	return nil
}
