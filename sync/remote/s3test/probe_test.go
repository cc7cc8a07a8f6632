package embedlab

// one process: IAM API + gateway, two users, bob's prefix refused to alice
import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
	"github.com/versity/versitygw/backend/meta"
	"github.com/versity/versitygw/backend/posix"
	"github.com/versity/versitygw/embedgw"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func h(k []byte, s string) []byte {
	m := hmac.New(sha256.New, k)
	m.Write([]byte(s))
	return m.Sum(nil)
}
func iam(t *testing.T, ep string, v url.Values) string {
	v.Set("Version", "2010-05-08")
	body := v.Encode()
	now := time.Now().UTC()
	d, dt := now.Format("20060102"), now.Format("20060102T150405Z")
	bs := sha256.Sum256([]byte(body))
	ch := "content-type:application/x-www-form-urlencoded\nhost:" + ep + "\nx-amz-date:" + dt + "\n"
	cr := "POST\n/\n\n" + ch + "\ncontent-type;host;x-amz-date\n" + hex.EncodeToString(bs[:])
	cs := sha256.Sum256([]byte(cr))
	sc := d + "/us-east-1/iam/aws4_request"
	k := h(h(h(h([]byte("AWS4secretsecret"), d), "us-east-1"), "iam"), "aws4_request")
	sig := hex.EncodeToString(h(k, "AWS4-HMAC-SHA256\n"+dt+"\n"+sc+"\n"+hex.EncodeToString(cs[:])))
	q, _ := http.NewRequest("POST", "http://"+ep+"/", strings.NewReader(body))
	q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	q.Header.Set("X-Amz-Date", dt)
	q.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=root/"+sc+", SignedHeaders=content-type;host;x-amz-date, Signature="+sig)
	r, e := http.DefaultClient.Do(q)
	if e != nil {
		t.Fatal(e)
	}
	b, _ := io.ReadAll(r.Body)
	if r.StatusCode != 200 {
		t.Fatal(string(b))
	}
	return string(b)
}
func TestIAM(t *testing.T) {
	d, _ := os.MkdirTemp("", "vgw")
	defer os.RemoveAll(d)
	for _, x := range []string{"o", "iam"} {
		os.Mkdir(filepath.Join(d, x), 0700)
	}
	ctx, cancel := context.WithCancel(context.Background())
	t0 := time.Now()
	ie := free()
	sock := filepath.Join(d, "s.sock")
	di := make(chan error, 1)
	go func() {
		di <- embedgw.RunIAMAPI(ctx, &embedgw.IAMConfig{RootUserAccess: "root", RootUserSecret: "secretsecret", Ports: []string{ie}, PrivatePorts: []string{sock}, IAMDir: filepath.Join(d, "iam"), Quiet: true, MaxConnections: 100, MaxRequests: 100, HealthPath: "/healthz"})
	}()
	for range 100 {
		if _, e := os.Stat(sock); e == nil {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	time.Sleep(100 * time.Millisecond)
	be, e := posix.New(filepath.Join(d, "o"), meta.XattrMeta{}, posix.PosixOpts{Concurrency: 100})
	if e != nil {
		t.Fatal(e)
	}
	ep := free()
	dg := make(chan error, 1)
	go func() {
		dg <- embedgw.RunVersityGW(ctx, be, &embedgw.Config{RootUserAccess: "root", RootUserSecret: "secretsecret", Ports: []string{ep}, Quiet: true, KeepAlive: true, MaxConnections: 1000, MaxRequests: 1000, MultipartMaxParts: 10000, StandaloneIAMEndpoint: sock, IAMCacheTTL: 1, IAMCachePrune: 60})
	}()
	mk := func(a, s string) *minio.Client {
		c, _ := minio.New(ep, &minio.Options{Creds: credentials.NewStaticV4(a, s, ""), Region: "us-east-1", MaxRetries: 1})
		return c
	}
	root := mk("root", "secretsecret")
	for range 100 {
		if e = root.MakeBucket(ctx, "runs", minio.MakeBucketOptions{}); e == nil {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Log("up", time.Since(t0), e)
	pol, _ := os.ReadFile("../denial/policy.json")
	cl := map[string]*minio.Client{}
	for _, u := range []string{"alice", "bob"} {
		iam(t, ie, url.Values{"Action": {"CreateUser"}, "UserName": {u}})
		var k struct {
			R struct {
				K struct{ AccessKeyId, SecretAccessKey string } `xml:"AccessKey"`
			} `xml:"CreateAccessKeyResult"`
		}
		xml.Unmarshal([]byte(iam(t, ie, url.Values{"Action": {"CreateAccessKey"}, "UserName": {u}})), &k)
		iam(t, ie, url.Values{"Action": {"PutUserPolicy"}, "UserName": {u}, "PolicyName": {"own"}, "PolicyDocument": {string(pol)}})
		cl[u] = mk(k.R.K.AccessKeyId, k.R.K.SecretAccessKey)
	}
	p := func(u, key string) string {
		_, e := cl[u].PutObject(ctx, "runs", key, strings.NewReader("x"), 1, minio.PutObjectOptions{})
		if e == nil {
			return "OK"
		}
		return minio.ToErrorResponse(e).Code
	}
	t.Log("alice own", p("alice", "users/alice/x"), "| alice->bob", p("alice", "users/bob/x"), "| bob own", p("bob", "users/bob/x"), time.Since(t0))
	cancel()
	for _, c := range []chan error{dg, di} {
		select {
		case e := <-c:
			t.Log("stopped", e)
		case <-time.After(5 * time.Second):
			t.Log("NOT stopped in 5 s")
		}
	}
}
func free() string {
	l, _ := net.Listen("tcp", "127.0.0.1:0")
	defer l.Close()
	return l.Addr().String()
}
