package remote_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"chatmrpt/core/problem"
	"chatmrpt/sync/remote"
)

func TestUserIDs(t *testing.T) {
	for _, good := range []string{"abc", "a1-", "nmep-kwara-01", "0ab", strings.Repeat("a", 20)} {
		if u, err := remote.ParseUserID(good); err != nil || u.Prefix() != "users/"+good+"/" {
			t.Errorf("%s: %v", good, err)
		}
	}
	// al* and the like: a server puts the name into its rules as a pattern.
	for _, bad := range []string{"", "ab", "al*", "a?b", "-ab", "Abc", "a_b", "a.b", "../x", "a/b", "a b", "abc\n", "ábc", strings.Repeat("a", 21), "${aws:username}"} {
		if u, err := remote.ParseUserID(bad); err == nil {
			t.Errorf("%q was taken as %q", bad, u)
		}
	}
}

func TestKeys(t *testing.T) {
	name := strings.Repeat("ab", 32)
	for _, good := range []string{"format", "locks/prune", "keys/0123456789abcdef", "b/ab/" + name, "m/0123456789abcdef/000000000012", "v/0123456789abcdef/999999999999"} {
		k, err := remote.ParseKey(good)
		if err != nil {
			t.Errorf("%s: %v", good, err)
		}
		if p, err := remote.UserID("amina").Path(k); err != nil || p != "users/amina/"+good {
			t.Errorf("%s: %s (%v)", good, p, err)
		}
	}
	for _, bad := range []string{
		"", "/", "format/", "Format", "../format", "keys/../format", "keys/0123456789ABCDEF", "b/ab/../" + name, "b/cd/" + name, "b/ab/" + name + "/x", "b/ab/" + name[1:],
		"m/0123456789abcdef/12", "m/../bola/m/0123456789abcdef/000000000012", "m//000000000012", "x/ab/" + name, "locks/other", "format\n", "users/bola/format", "b/%2e%2e/" + name,
	} {
		if k, err := remote.ParseKey(bad); err == nil {
			t.Errorf("%q was taken as %q", bad, k)
		}
	}
	for _, u := range []remote.UserID{"", "al*", "../bola"} {
		if p, err := u.Path(remote.FormatKey()); err == nil {
			t.Errorf("user %q has the path %q", u, p)
		}
		if p, err := u.Shelf(remote.Parts); err == nil {
			t.Errorf("user %q has the shelf %q", u, p)
		}
	}
	if _, err := remote.ManifestKey(remote.Bundles, "../../../../etc", 0); err == nil {
		t.Error("a device that is a path was taken")
	}
	if _, err := remote.ManifestKey(remote.Bundles, "0123456789abcdef", -1); err == nil {
		t.Error("a number before the first was taken")
	}
	if k, err := remote.PartKey(name); err != nil || remote.PartName(k) != name || remote.PartName(remote.FormatKey()) != "" {
		t.Errorf("%v, %v", k, err)
	}
}

// Whatever a listing may name, only keys of the user's own on that shelf are
// let in.
func FuzzAdmit(f *testing.F) {
	name := strings.Repeat("ab", 32)
	f.Add("users/amina/b/ab/"+name, int64(5))
	f.Add("users/bola/b/ab/"+name, int64(5))
	f.Add("users/amina/b/../../bola/b/ab/"+name, int64(5))
	f.Add("users/amina/m/0123456789abcdef/000000000012", int64(1))
	f.Fuzz(func(t *testing.T, path string, size int64) {
		u := remote.UserID("amina")
		k, ok := u.Admit(remote.Parts, path, size)
		if !ok {
			return
		}
		if back, err := u.Path(k); err != nil || back != path || !strings.HasPrefix(path, "users/amina/b/") || strings.Contains(path, "..") || size < 0 || size > remote.MaxObject {
			t.Errorf("%q of %d bytes was let in as %s (%v)", path, size, k, err)
		}
	})
}

// Every class has a sentence and an advice of its own, and the terminal's exit
// status: 8 for what the remote or the line did, 5 for what is not there, 130
// for what was stopped.
func TestEveryClassIsAProblem(t *testing.T) {
	said := map[string]remote.Class{}
	for _, c := range remote.Classes() {
		p, ok := errors.AsType[*problem.Problem](remote.Problem(fmt.Errorf("x: %w", remote.Fail(c, "put", "b/x", errors.New("cause"))), "sync push", "office"))
		if !ok || p.Message == "" || p.Hint == "" {
			t.Fatalf("%s: %+v", c, p)
		}
		if other, twice := said[p.Message]; twice {
			t.Errorf("%s and %s say the same", c, other)
		}
		said[p.Message] = c
		want := map[remote.Class]int{remote.Absent: 5, remote.Cancelled: 130}[c]
		if want == 0 {
			want = 8
		}
		if p.Code.ExitStatus() != want {
			t.Errorf("%s ends with %d", c, p.Code.ExitStatus())
		}
		if strings.Contains(p.Error(), "cause") {
			t.Errorf("%s shows its cause", c)
		}
	}
	if remote.ClassOf(nil) != "" || remote.ClassOf(errors.New("x")) != remote.Server || remote.ClassOf(context.Canceled) != remote.Cancelled {
		t.Error("the classes of other errors")
	}
	if remote.Problem(nil, "x", "y") != nil {
		t.Error("nil became a problem")
	}
	retried := 0
	for _, c := range remote.Classes() {
		if c.Retry() {
			retried++
		}
	}
	if retried != 3 || remote.TLS.Retry() || remote.Integrity.Retry() || remote.Credentials.Retry() {
		t.Errorf("%d classes are tried again", retried)
	}
}
