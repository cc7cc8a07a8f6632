// Package s3test runs a real S3 server, versitygw with its own users and
// policies, inside the tests, and holds the tests that need one.
//
// It is a module of its own: the server brings some three hundred modules that
// must not stand in the program's go.mod. `./test` runs it after everything
// else. One process can have one server only, so that all tests of this package
// share it, each with users of its own.
package s3test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/versity/versitygw/backend/meta"
	"github.com/versity/versitygw/backend/posix"
	"github.com/versity/versitygw/embedgw"

	"chatmrpt/assets"
)

// The buckets of the server.
const (
	Private   = "runs"
	Programme = "prog-nmep"
)

const (
	root       = "root"
	rootSecret = "secretsecret"
)

// Server is a running server.
type Server struct {
	Dir     string // where it keeps its files; objects lie below objects/
	Plain   string // http://127.0.0.1:port
	iam     string // host:port of the users' API
	stop    context.CancelFunc
	stopped []chan error
}

// Key is an access key.
type Key struct{ ID, Secret string }

// Start starts a server in dir and makes its buckets.
func Start(dir string) (*Server, error) {
	s := &Server{Dir: dir}
	for _, d := range []string{"objects", "iam", "versions"} {
		if err := os.MkdirAll(filepath.Join(dir, d), 0o700); err != nil {
			return nil, err
		}
	}
	var err error
	if s.iam, err = freeAddress(); err != nil {
		return nil, err
	}
	plain, err := freeAddress()
	if err != nil {
		return nil, err
	}
	s.Plain = "http://" + plain
	ctx, cancel := context.WithCancel(context.Background())
	s.stop = cancel
	socket := filepath.Join(dir, "iam.sock")
	s.run(func() error {
		return embedgw.RunIAMAPI(ctx, &embedgw.IAMConfig{RootUserAccess: root, RootUserSecret: rootSecret, Ports: []string{s.iam}, PrivatePorts: []string{socket},
			IAMDir: filepath.Join(dir, "iam"), Quiet: true, MaxConnections: 100, MaxRequests: 100, HealthPath: "/healthz"})
	})
	if err := s.until(func() error { _, err := os.Stat(socket); return err }); err != nil {
		return nil, errors.Join(err, s.Stop())
	}
	be, err := posix.New(filepath.Join(dir, "objects"), meta.XattrMeta{}, posix.PosixOpts{Concurrency: 100, VersioningDir: filepath.Join(dir, "versions")})
	if err != nil {
		return nil, errors.Join(err, s.Stop())
	}
	s.run(func() error {
		return embedgw.RunVersityGW(ctx, be, &embedgw.Config{RootUserAccess: root, RootUserSecret: rootSecret, Ports: []string{plain}, Quiet: true, KeepAlive: true,
			MaxConnections: 1000, MaxRequests: 1000, MultipartMaxParts: 10000, StandaloneIAMEndpoint: socket, IAMCacheTTL: 1, IAMCachePrune: 60})
	})
	if err := s.until(s.makeBuckets); err != nil {
		return nil, errors.Join(err, s.Stop())
	}
	return s, nil
}

func (s *Server) run(f func() error) {
	done := make(chan error, 1)
	s.stopped = append(s.stopped, done)
	go func() { done <- f() }()
}

// until asks again until f succeeds, for half a minute.
func (s *Server) until(f func() error) (err error) {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for range 1500 {
		if err = f(); err == nil {
			return nil
		}
		<-tick.C
	}
	return fmt.Errorf("the server does not come up: %w", err)
}

// Stop stops the server and waits for it.
func (s *Server) Stop() error {
	s.stop()
	var failed []error
	for _, done := range s.stopped {
		select {
		case err := <-done:
			if err != nil && !errors.Is(err, context.Canceled) {
				failed = append(failed, err)
			}
		case <-time.After(10 * time.Second):
			failed = append(failed, errors.New("the server does not stop"))
		}
	}
	return errors.Join(failed...)
}

func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

func (s *Server) makeBuckets() error {
	for _, bucket := range []string{Private, Programme} {
		if code, body, err := s.asRoot("s3", http.MethodPut, s.Plain+"/"+bucket, nil, ""); err != nil || (code != 200 && code != 409) {
			return fmt.Errorf("make bucket %s: %d %s %w", bucket, code, body, err)
		}
		const on = `<VersioningConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Status>Enabled</Status></VersioningConfiguration>`
		if code, body, err := s.asRoot("s3", http.MethodPut, s.Plain+"/"+bucket+"?versioning=", []byte(on), ""); err != nil || code != 200 {
			return fmt.Errorf("versioning of %s: %d %s %w", bucket, code, body, err)
		}
	}
	return nil
}

// AddUser makes a user with one of the policies of the program and gives its
// access key.
func (s *Server) AddUser(name, policy string) (Key, error) {
	text := strings.NewReplacer("PRIVATE", Private, "PROGRAMME", Programme).Replace(string(assets.Policy(policy)))
	if err := s.call(url.Values{"Action": {"CreateUser"}, "UserName": {name}}, nil); err != nil {
		return Key{}, err
	}
	var k struct {
		Result struct {
			Key struct{ AccessKeyId, SecretAccessKey string } `xml:"AccessKey"`
		} `xml:"CreateAccessKeyResult"`
	}
	if err := s.call(url.Values{"Action": {"CreateAccessKey"}, "UserName": {name}}, &k); err != nil {
		return Key{}, err
	}
	err := s.call(url.Values{"Action": {"PutUserPolicy"}, "UserName": {name}, "PolicyName": {"own"}, "PolicyDocument": {text}}, nil)
	return Key{k.Result.Key.AccessKeyId, k.Result.Key.SecretAccessKey}, err
}

// call calls the users' API.
func (s *Server) call(v url.Values, into any) error {
	v.Set("Version", "2010-05-08")
	code, body, err := s.asRoot("iam", http.MethodPost, "http://"+s.iam+"/", []byte(v.Encode()), "application/x-www-form-urlencoded")
	if err != nil || code != 200 {
		return fmt.Errorf("%s: %d %s %w", v.Get("Action"), code, body, err)
	}
	if into == nil {
		return nil
	}
	return xml.Unmarshal(body, into)
}

// Owner is the key of the server's owner, who may do everything.
func Owner() Key { return Key{root, rootSecret} }

// asRoot sends a request signed by the server's owner (AWS Signature Version 4).
func (s *Server) asRoot(service, method, address string, body []byte, kind string) (int, []byte, error) {
	r, err := http.NewRequest(method, address, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	Sign(r, Key{root, rootSecret}, service, body, kind)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	return resp.StatusCode, answer, err
}

// AsRoot sends a request about an object as the server's owner.
func (s *Server) AsRoot(method, path string, body []byte) (int, []byte, error) {
	return s.asRoot("s3", method, s.Plain+path, body, "")
}

// Sign signs a request (AWS Signature Version 4), whatever its path: the client
// of the program would not sign most of those that the tests try.
func Sign(r *http.Request, k Key, service string, body []byte, kind string) {
	mac := func(key []byte, s string) []byte {
		m := hmac.New(sha256.New, key)
		m.Write([]byte(s))
		return m.Sum(nil)
	}
	now := time.Now().UTC()
	day, at := now.Format("20060102"), now.Format("20060102T150405Z")
	sum := sha256.Sum256(body)
	hash := hex.EncodeToString(sum[:])
	r.Header.Set("X-Amz-Date", at)
	r.Header.Set("X-Amz-Content-Sha256", hash)
	names, lines := "host;x-amz-content-sha256;x-amz-date", "host:"+r.URL.Host+"\nx-amz-content-sha256:"+hash+"\nx-amz-date:"+at+"\n"
	if kind != "" {
		r.Header.Set("Content-Type", kind)
		names, lines = "content-type;"+names, "content-type:"+kind+"\n"+lines
	}
	query := strings.ReplaceAll(r.URL.Query().Encode(), "+", "%20")
	path := r.URL.EscapedPath()
	canonical := strings.Join([]string{r.Method, path, query, lines, names, hash}, "\n")
	request := sha256.Sum256([]byte(canonical))
	scope := day + "/us-east-1/" + service + "/aws4_request"
	key := mac(mac(mac(mac([]byte("AWS4"+k.Secret), day), "us-east-1"), service), "aws4_request")
	signature := mac(key, "AWS4-HMAC-SHA256\n"+at+"\n"+scope+"\n"+hex.EncodeToString(request[:]))
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+k.ID+"/"+scope+", SignedHeaders="+names+", Signature="+hex.EncodeToString(signature))
}

// Certificate makes an authority and a certificate of it for the hosts, valid
// around the time given. CA is the authority in PEM form.
func Certificate(from, to time.Time, hosts ...string) (cert tls.Certificate, ca []byte, err error) {
	authority, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return cert, nil, err
	}
	top := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Office authority"}, NotBefore: from, NotAfter: to.Add(24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	topDER, err := x509.CreateCertificate(rand.Reader, top, top, &authority.PublicKey, authority)
	if err != nil {
		return cert, nil, err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return cert, nil, err
	}
	leaf := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "storage"}, NotBefore: from, NotAfter: to,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	for _, h := range hosts {
		if ip := net.ParseIP(h); ip != nil {
			leaf.IPAddresses = append(leaf.IPAddresses, ip)
		} else {
			leaf.DNSNames = append(leaf.DNSNames, h)
		}
	}
	leafDER, err := x509.CreateCertificate(rand.Reader, leaf, top, &key.PublicKey, authority)
	if err != nil {
		return cert, nil, err
	}
	cert = tls.Certificate{Certificate: [][]byte{leafDER, topDER}, PrivateKey: key}
	return cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: topDER}), nil
}
