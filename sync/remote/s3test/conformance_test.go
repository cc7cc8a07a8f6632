package s3test_test

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"sync"
	"testing"

	"chatmrpt/sync/remote"
	"chatmrpt/sync/remote/remotetest"
	"chatmrpt/sync/remote/s3"
	"chatmrpt/sync/remote/s3test"
)

// shared is the one server of the process.
var shared = sync.OnceValues(func() (*s3test.Server, error) {
	dir, err := os.MkdirTemp("", "s3test")
	if err != nil {
		return nil, err
	}
	return s3test.Start(dir)
})

func TestMain(m *testing.M) {
	code := m.Run()
	if s, err := shared(); err == nil {
		if err := s.Stop(); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
		os.RemoveAll(s.Dir)
	}
	os.Exit(code)
}

func server(t testing.TB) *s3test.Server {
	t.Helper()
	s, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// keys are the access keys of users, made when first asked for.
var keys = struct {
	sync.Mutex
	of map[string]s3test.Key
}{of: map[string]s3test.Key{}}

func keyOf(t testing.TB, name, policy string) s3test.Key {
	t.Helper()
	keys.Lock()
	defer keys.Unlock()
	if k, ok := keys.of[name]; ok {
		return k
	}
	k, err := server(t).AddUser(name, policy)
	if err != nil {
		t.Fatal(err)
	}
	keys.of[name] = k
	return k
}

func options(t testing.TB, user string) s3.Options {
	t.Helper()
	k := keyOf(t, user, "device")
	return s3.Options{Endpoint: server(t).Plain, Bucket: s3test.Private, User: remote.UserID(user), AccessKey: k.ID, SecretKey: k.Secret}
}

func open(t testing.TB, o s3.Options) *s3.Bucket {
	t.Helper()
	b, err := s3.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	return b
}

// put stores something past every rule, as the owner of the server.
func put(t *testing.T, path string, data []byte) {
	t.Helper()
	code, body, err := server(t).AsRoot(http.MethodPut, "/"+s3test.Private+"/"+path, data)
	if err != nil || code != 200 {
		t.Fatalf("plant %s: %d %s (%v)", path, code, bytes.TrimSpace(body), err)
	}
}

// A device's key may not delete; the suite is run with it all the same, but for
// deleting, for which the users get a key that may.
func TestConformance(t *testing.T) {
	remotetest.Run(t, remotetest.Place{
		Open: func(t *testing.T, user remote.UserID) remote.Remote {
			return open(t, options(t, string(user)))
		},
		Plant: put, Many: 2100, MayDelete: false,
	})
}
