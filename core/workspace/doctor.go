package workspace

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"chatmrpt/core/problem"
	"chatmrpt/core/store"
	"chatmrpt/core/vault"
)

// Finding is one line of the doctor's: what was looked at and how it is.
type Finding struct {
	Check string `json:"check"` // what was looked at
	OK    bool   `json:"ok"`
	Found string `json:"found"` // what was found, lower case
	Do    string `json:"do"`    // what to do about it; "" when all is well
}

// restore is what to do when the data itself is not what it was.
const restore = "Do not go on working in this profile; put back a copy of its folder from before"

// Doctor looks at everything that can go wrong with a profile and says what to
// do. It changes nothing but what unlocking repairs by itself; tell hears each
// check before it begins and may be nil. A check that can't be made is a
// finding; the error is for a stop alone.
func (w *Workspace) Doctor(ctx context.Context, tell func(check string, done, total int)) ([]Finding, error) {
	checks := []struct {
		name string
		look func(context.Context) Finding
	}{
		{"folder", w.checkModes}, {"other files", w.checkStrangers}, {"key slots", w.checkSlots}, {"recovery code", w.checkCode}, {"keyring", w.checkKeyring},
		{"page seals", w.checkSeals},
		{"structure", w.checkStructure}, {"contents", w.checkContents}, {"audit", w.checkAudit}, {"ownership", w.checkOwnership}, {"outbox", w.checkOutbox}, {"retention", w.checkRetention},
		{"free space", w.checkSpace},
	}
	out := make([]Finding, 0, len(checks))
	for i, c := range checks {
		if tell != nil {
			tell(c.name, i, len(checks))
		}
		f := c.look(ctx)
		if err := ctx.Err(); err != nil {
			return nil, storeProblem(err, "doctor", "")
		}
		f.Check = c.name
		out = append(out, f)
	}
	return out, nil
}

func good(format string, args ...any) Finding {
	return Finding{OK: true, Found: fmt.Sprintf(format, args...)}
}

func unable(err error) Finding {
	return Finding{Found: "this could not be checked: " + err.Error(), Do: "Check that the disk is connected and the folder can be read, then try again"}
}

// checkModes looks whether others may read the profile's folder. Unlocking has
// just repaired it; what is wide again comes from elsewhere.
func (w *Workspace) checkModes(context.Context) Finding {
	n, wide, err := w.vault.Exposed()
	switch {
	case err != nil:
		return unable(err)
	case len(wide) > 0:
		return Finding{Found: "others may read " + strings.Join(wide, ", "), Do: "Lock and unlock the profile, which takes that right away, and find out which program gave it"}
	}
	switch open, err := w.vault.HomeOpen(); {
	case err != nil:
		return unable(err)
	case open:
		return Finding{Found: "others may put another folder in the place of the one with the profiles", Do: "Take the right to write from others at the folder named with --home, or move the profiles elsewhere"}
	}
	return good("%d files, readable by you alone", n)
}

// eachFile shows the folder itself, as ".", and everything in it.
func (w *Workspace) eachFile(see func(name string, info fs.FileInfo)) (files int, err error) {
	err = fs.WalkDir(os.DirFS(w.vault.Dir()), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil // SQLite makes and removes files while we look
		}
		if err != nil {
			return err
		}
		if !d.IsDir() {
			files++
		}
		see(name, info)
		return nil
	})
	return files, err
}

// checkStrangers looks for files that are none of the profile's, such as what
// a crash left.
func (w *Workspace) checkStrangers(ctx context.Context) Finding {
	waiting, err := w.store.SealedFiles(ctx)
	if err != nil {
		return unable(err)
	}
	data := filepath.Base(w.vault.StorePath())
	ours := []string{".", "vault.json", "attempts.json", "code.json", "lock", begunName, data, data + "-wal", data + "-shm", data + "-journal", store.OutboxFolder}
	ours = append(ours, waiting...)
	var strangers []string
	_, err = w.eachFile(func(name string, _ fs.FileInfo) {
		if !slices.Contains(ours, name) {
			strangers = append(strangers, name)
		}
	})
	switch {
	case err != nil:
		return unable(err)
	case len(strangers) > 0:
		return Finding{Found: "not of this profile: " + strings.Join(strangers, ", "),
			Do: "If you did not put it there, it was left by a program that was stopped; move it out of the profile's folder"}
	}
	return good("nothing was left behind")
}

// checkSlots looks at vault.json as it lies on the disk.
func (w *Workspace) checkSlots(context.Context) Finding {
	all, err := vault.List(filepath.Dir(filepath.Dir(w.vault.Dir())))
	if err != nil {
		return unable(err)
	}
	i := slices.IndexFunc(all, func(p vault.Profile) bool { return p.ID == w.vault.ID() })
	switch {
	case i < 0:
		return Finding{Found: "vault.json is gone", Do: "Put vault.json of this profile back from a copy before you close the program"}
	case all[i].Damaged != nil:
		return Finding{Found: all[i].Damaged.Error(), Do: "Put vault.json of this profile back from a copy, or set a new passphrase"}
	}
	return good("vault.json and its key slots can be read")
}

// checkCode tells of a recovery code that nobody may have seen.
func (w *Workspace) checkCode(context.Context) Finding {
	if w.vault.Opening().CodeUntold {
		return Finding{Found: "the program was stopped before it could show the code that holds", Do: codeHint}
	}
	return good("it was shown when it was made")
}

// codeHint is what to do when the recovery code was perhaps never shown.
const codeHint = "Make a new one with `mrpt user rotate`, and write it down; until then only the passphrase opens the profile"

// checkKeyring tells whether the system's keyring opens the profile.
func (w *Workspace) checkKeyring(ctx context.Context) Finding {
	on, err := w.vault.CheckKeyring(ctx)
	switch {
	case !on:
		return good("off: only the passphrase and the recovery code open the profile")
	case err != nil:
		return Finding{Found: problem.From(err, "keyring").Message, Do: "Switch it off with `mrpt user keyring NAME --off`, or on again with --on"}
	}
	return good("on: whoever uses this account of the system opens the profile without a passphrase")
}

func (w *Workspace) checkSeals(ctx context.Context) Finding {
	key, err := w.vault.StoreKey()
	if err != nil {
		return unable(err)
	}
	defer clear(key)
	bad, err := w.store.CheckSeals(ctx, key)
	switch {
	case err != nil:
		return unable(err)
	case len(bad) > 0:
		return Finding{Found: fmt.Sprintf("%s not what was written, the first is page %d", pages(len(bad)), bad[0]), Do: restore}
	}
	return good("every page carries its seal")
}

func (w *Workspace) checkStructure(ctx context.Context) Finding {
	faults, err := w.store.Integrity(ctx)
	if err != nil {
		return Finding{Found: "the data can't be read through: " + err.Error(), Do: restore}
	}
	if len(faults) > 0 {
		return Finding{Found: first(faults), Do: restore}
	}
	return good("tables, indexes and references hold")
}

// first gives the first of some sentences and how many follow.
func first(all []string) string {
	if len(all) == 1 {
		return all[0]
	}
	return fmt.Sprintf("%s; and %d more", all[0], len(all)-1)
}

func (w *Workspace) checkContents(ctx context.Context) Finding {
	n, bad, err := w.store.Contents(ctx)
	switch {
	case err != nil:
		return unable(err)
	case len(bad) > 0:
		return Finding{Found: first(bad), Do: restore}
	}
	return good("%d tables are as they were stored", n)
}

func (w *Workspace) checkAudit(ctx context.Context) Finding {
	r, err := w.store.Verify(ctx)
	switch {
	case err != nil:
		return unable(err)
	case !r.Whole():
		return Finding{Found: fmt.Sprintf("%d faults in a chain of %d entries", len(r.Faults), r.Entries), Do: "See them with `mrpt audit --verify`"}
	}
	return good("the chain of %d entries is whole", r.Entries)
}

func (w *Workspace) checkOwnership(ctx context.Context) Finding {
	held, err := w.store.CheckOwnership(ctx)
	if err != nil {
		return unable(err)
	}
	if len(held) == 0 {
		return good("every row is yours and has its place")
	}
	var words []string
	removable := 0
	for _, q := range held {
		words = append(words, fmt.Sprintf("%s: %s", q, q.Reason))
		if q.Table != "audit" {
			removable++
		}
	}
	f := Finding{Found: "kept from sight: " + first(words), Do: "Put back a copy of the profile's folder from before"}
	if removable > 0 {
		f.Do += fmt.Sprintf("; or import those files again, and remove the rows kept from sight for good with `mrpt doctor --discard %d`", removable)
	}
	return f
}

// checkOutbox looks whether what waits to be sent is what was put there.
func (w *Workspace) checkOutbox(ctx context.Context) Finding {
	waiting, broken, err := w.store.VerifyOutbox(ctx)
	switch {
	case err != nil:
		return unable(err)
	case len(broken) > 0:
		return Finding{Found: "what waits to be sent is gone or was changed: " + first(broken),
			Do: "Give it up with `mrpt sync queue --cancel` and share these results again; nothing of it is sent as it is"}
	case waiting == 0:
		return good("nothing waits to be sent")
	}
	return good("what waits to be sent is whole: %d", waiting)
}

// checkRetention tells whether the open project's data should be gone by now.
func (w *Workspace) checkRetention(ctx context.Context) Finding {
	due, err := w.overdue(ctx)
	if err != nil {
		return unable(err)
	}
	if due != nil {
		return Finding{Found: due.What, Do: strings.ToUpper(due.Do[:1]) + due.Do[1:]}
	}
	r, err := w.Retention(ctx)
	if err != nil {
		return unable(err)
	}
	if last, ok := r.Last(); ok {
		return good("the data of this project is to be kept until %s", last.Format("2 January 2006"))
	}
	return good("no day was set until when to keep the data of this project")
}

// enoughSpace is room for a large import and the copy that a new key needs.
const enoughSpace = 1 << 30

func (w *Workspace) checkSpace(context.Context) Finding {
	free, err := freeSpace(w.vault.Dir())
	if errors.Is(err, errors.ErrUnsupported) {
		return good("not known on this system")
	}
	if err != nil {
		return unable(err)
	}
	found := fmt.Sprintf("%d MB free on the disk of the profile", free>>20)
	if free < enoughSpace {
		return Finding{Found: found, Do: "Make room: an import needs about as much as its file, a new key as much as the profile"}
	}
	return Finding{OK: true, Found: found}
}

func pages(n int) string {
	if n == 1 {
		return "1 page is"
	}
	return fmt.Sprintf("%d pages are", n)
}
