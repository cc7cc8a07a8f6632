package s3test_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"chatmrpt/sync/remote"
	"chatmrpt/sync/remote/remotetest"
	"chatmrpt/sync/remote/s3"
	"chatmrpt/sync/remote/s3test"
)

// T14, cause 6, the other half of the test of this name in core/bleed: a real
// server, two users of one policy, and everything one could try on the other's
// part, signed correctly, past every rule of the client. All of it is denied,
// and what lies there is as it was.
func TestBleed_T14_TheServerDenies(t *testing.T) {
	alice, bob := keyOf(t, "alice", "device"), keyOf(t, "bob", "device")
	k := remotetest.Key(t, 1)
	bobs := open(t, options(t, "bob"))
	if created, err := bobs.Create(t.Context(), k, remote.BodyOf([]byte("of bob"))); err != nil || !created {
		t.Fatal(created, err)
	}
	key := "users/bob/" + k.String()
	tried := 0
	for _, bucket := range []string{s3test.Private, s3test.Programme} {
		for _, path := range []string{
			key, "users/bob/format", "users/bob/none", "format", "x", "users/alice2/x", "users/alic/x", "users/x", "users/alice/../bob/x", "users/alice/%2e%2e/bob/x",
			"users/alice/..%2fbob/x", "users//bob/x", "/users/bob/x", "./users/bob/x", "users/alice%2f..%2f..%2fbob/x", "users/ALICE/x", "users/al*/x",
		} {
			for _, method := range []string{"GET", "HEAD", "PUT", "DELETE"} {
				tried++
				denied(t, alice, method, "/"+bucket+"/"+path, nil)
			}
			tried++
			denied(t, alice, "PUT", "/"+bucket+"/"+path, map[string]string{"X-Amz-Copy-Source": "/" + bucket + "/" + key})
		}
		for _, query := range []string{
			"list-type=2", "list-type=2&prefix=", "list-type=2&prefix=users%2F", "list-type=2&prefix=users%2Fbob%2F", "list-type=2&prefix=users%2Fb", "list-type=2&prefix=users%2Falice",
			"versions=", "versions=&prefix=users%2Fbob%2F", "uploads=", "uploads=&prefix=users%2Fbob%2F", "policy=", "versioning=", "acl=",
		} {
			tried++
			denied(t, alice, "GET", "/"+bucket+"?"+query, nil)
		}
		for _, query := range []string{"policy=", "versioning=", "acl="} {
			tried++
			denied(t, alice, "PUT", "/"+bucket+"?"+query, nil)
		}
		tried++
		denied(t, alice, "DELETE", "/"+bucket, nil)
	}
	tried += 3
	denied(t, alice, "PUT", "/another-bucket", nil)
	denied(t, s3test.Key{ID: alice.ID, Secret: bob.Secret}, "GET", "/runs/"+key, nil)
	denied(t, s3test.Key{ID: "AKNOBODY", Secret: "x"}, "GET", "/runs/"+key, nil)
	for _, path := range []string{key, "?list-type=2", "users/alice/x"} { // signed by nobody
		tried++
		resp, err := http.Get(server(t).Plain + "/runs/" + path)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusForbidden {
			t.Errorf("anonymous GET %s: %d", path, resp.StatusCode)
		}
	}
	if got, err := bobs.Get(t.Context(), k); err != nil || string(got) != "of bob" {
		t.Errorf("bob's object is %q now (%v)", got, err)
	}
	// The client of the program, with alice's key and bob's name in its settings.
	o := options(t, "alice")
	o.User = "bob"
	wrong := open(t, o)
	_, put := wrong.Create(t.Context(), k, remote.BodyOf([]byte("x")))
	_, get := wrong.Get(t.Context(), k)
	_, list := wrong.List(t.Context(), remote.Parts)
	for what, err := range map[string]error{"put": put, "get": get, "list": list, "delete": wrong.Delete(t.Context(), k), "overwrite": wrong.Overwrite(t.Context(), k, remote.BodyOf([]byte("x")))} {
		tried++
		if remote.ClassOf(err) != remote.Denied {
			t.Errorf("%s as bob with alice's key: %v", what, err)
		}
	}
	t.Logf("T14: %d attempts", tried)
}

// denied sends a request signed by k and fails unless it is refused. A name
// that the server takes for another, as one with dots in it, may be no object
// at all, but never somebody's.
func denied(t *testing.T, k s3test.Key, method, target string, header map[string]string) {
	t.Helper()
	raw, query, _ := strings.Cut(target, "?")
	path, err := url.PathUnescape(raw)
	if err != nil {
		t.Fatal(err)
	}
	var body []byte
	if method == "PUT" && header == nil {
		body = []byte("evil")
	}
	r, err := http.NewRequestWithContext(t.Context(), method, server(t).Plain, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.URL.Path, r.URL.RawPath, r.URL.RawQuery = path, raw, query
	for name, value := range header {
		r.Header.Set(name, value)
	}
	s3test.Sign(r, k, "s3", body, "")
	resp, err := http.DefaultTransport.RoundTrip(r) // no redirect is followed
	if err != nil {
		t.Fatalf("%s %s: %v", method, target, err)
	}
	defer resp.Body.Close()
	answer, _ := io.ReadAll(resp.Body)
	if resp.StatusCode < 400 || resp.StatusCode >= 500 || bytes.Contains(answer, []byte("of bob")) {
		t.Errorf("%s %s: %d %.200s", method, target, resp.StatusCode, answer)
	}
}

// The office reads what was shared with the programme and nothing else; a
// custodian deletes and reads nothing; neither a device nor an office deletes.
func TestTheOfficeAndTheCustodian(t *testing.T) {
	office, custodian := keyOf(t, "office", "office"), keyOf(t, "custodian", "custodian")
	k := remotetest.Key(t, 2)
	for _, bucket := range []string{s3test.Private, s3test.Programme} {
		o := options(t, "carol")
		o.Bucket = bucket
		if created, err := open(t, o).Create(t.Context(), k, remote.BodyOf([]byte("of carol in "+bucket))); err != nil || !created {
			t.Fatal(created, err)
		}
	}
	as := func(key s3test.Key, bucket string) *s3.Bucket {
		o := options(t, "carol")
		o.Bucket, o.AccessKey, o.SecretKey = bucket, key.ID, key.Secret
		return open(t, o)
	}
	ctx := t.Context()
	reads := as(office, s3test.Programme)
	if got, err := reads.Get(ctx, k); err != nil || string(got) != "of carol in prog-nmep" {
		t.Errorf("%q (%v)", got, err)
	}
	if l, err := reads.List(ctx, remote.Parts); err != nil || len(l.Objects) != 1 {
		t.Errorf("%+v (%v)", l, err)
	}
	o := options(t, "carol")
	o.Bucket, o.AccessKey, o.SecretKey = s3test.Programme, office.ID, office.Secret
	if users, err := s3.Users(ctx, o); err != nil || !slices.Contains(users, "carol") {
		t.Errorf("users: %v (%v)", users, err)
	}
	private := as(office, s3test.Private)
	for what, err := range map[string]error{
		"office reads the private bucket": second(private.Get(ctx, k)), "lists it": listErr(ctx, private), "writes": second(reads.Create(ctx, remotetest.Key(t, 3), remote.BodyOf([]byte("x")))),
		"overwrites": reads.Overwrite(ctx, k, remote.BodyOf([]byte("x"))), "deletes": reads.Delete(ctx, k), "custodian reads": second(as(custodian, s3test.Programme).Get(ctx, k)),
	} {
		if remote.ClassOf(err) != remote.Denied {
			t.Errorf("%s: %v", what, err)
		}
	}
	if err := as(custodian, s3test.Programme).Delete(ctx, k); err != nil {
		t.Errorf("the custodian can't delete: %v", err)
	}
	if _, err := reads.Get(ctx, k); remote.ClassOf(err) != remote.Absent {
		t.Errorf("after the custodian: %v", err)
	}
}

func second[T any](_ T, err error) error { return err }

func listErr(ctx context.Context, b *s3.Bucket) error { return second(b.List(ctx, remote.Parts)) }
