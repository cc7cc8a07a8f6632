// Package s3 is a remote that is a bucket of an S3-compatible server.
//
// Every object goes up as one PUT of at most remote.MaxObject bytes with its
// SHA-256 signed and told in front, on the condition that nothing has the name
// yet. There are no multipart uploads: above its part size the client would not
// carry the condition to the end, and an upload that breaks off would leave
// pieces that cost and that nobody sees. Nothing is taken for done without the
// server's own mark (the ETag). Encryption by the server is never asked for:
// one that ignores the request stores plain text without a word.
//
// Ambient settings of the machine (proxies, certificate files, credential
// files) are not used: what decides where data goes, a proxy on the way
// included, stands in the Options.
package s3

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"chatmrpt/sync/remote"
)

// Options say where the bucket is and how to get at it.
type Options struct {
	Endpoint string // https://host[:port]; http only on this computer itself
	Bucket   string
	Region   string // us-east-1 when empty
	User     remote.UserID

	AccessKey, SecretKey string

	CA   []byte // PEM; when given, only servers certified by it are trusted
	Pin  string // hexadecimal SHA-256 of a public key (SPKI) that must be in the chain; "" for none
	Rate int    // most bytes a second, up and down together; 0 for no limit

	Proxy                    string // host:port of a proxy to go through; "" for none
	ProxyUser, ProxyPassword string // for a proxy that asks

	Stall time.Duration    // how long without a byte is a dead line; 0 for 30 s
	Now   func() time.Time // the clock told beside the server's when they differ; may be nil
}

// Bucket is a user's part of a bucket.
type Bucket struct {
	core   *minio.Core
	o      Options
	close  func()
	origin string // host, for Name
}

// innerRetries is how often a request is tried at once; waiting longer is for
// the caller, who can tell the person.
const innerRetries = 3

// Open makes a client. It sends nothing.
func Open(o Options) (*Bucket, error) {
	u, err := parseEndpoint(o.Endpoint)
	if err != nil {
		return nil, remote.Fail(remote.Denied, "open", "", err)
	}
	if _, err := remote.ParseUserID(string(o.User)); err != nil {
		return nil, remote.Fail(remote.Denied, "open", "", err)
	}
	if o.Region == "" {
		o.Region = "us-east-1" // unset, the client would ask for it, which takes a right of its own
	}
	if o.Stall == 0 {
		o.Stall = 30 * time.Second
	}
	transport, err := newTransport(o)
	if err != nil {
		return nil, remote.Fail(remote.TLS, "open", "", err)
	}
	core, err := minio.NewCore(u.Host, &minio.Options{
		Creds: credentials.NewStaticV4(o.AccessKey, o.SecretKey, ""), Secure: u.Scheme == "https", Region: o.Region,
		BucketLookup: minio.BucketLookupPath, TrailingHeaders: true, MaxRetries: innerRetries, Transport: tracer{transport},
	})
	if err != nil {
		return nil, remote.Fail(remote.Denied, "open", "", err)
	}
	return &Bucket{core: core, o: o, close: transport.CloseIdleConnections, origin: u.Host}, nil
}

// parseEndpoint takes https://host[:port], and http on the loopback alone.
func parseEndpoint(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.User != nil || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
		return nil, errors.New("the address must be like https://storage.example.org:9000, with nothing behind it")
	}
	switch {
	case u.Scheme == "https":
		return u, nil
	case u.Scheme == "http" && isLoopback(u.Hostname()):
		return u, nil
	}
	return nil, errors.New("the address must begin with https://, so that nobody on the way can read or change what is sent")
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}

// CheckEndpoint reports why an address can't be used, nil when it can.
func CheckEndpoint(text string) error {
	_, err := parseEndpoint(text)
	return err
}

// Name implements remote.Remote.
func (b *Bucket) Name() string { return fmt.Sprintf("the bucket %s at %s", b.o.Bucket, b.origin) }

// Close implements remote.Remote.
func (b *Bucket) Close() error {
	b.close()
	return nil
}

// Create implements remote.Remote.
func (b *Bucket) Create(ctx context.Context, key remote.Key, body remote.Body) (bool, error) {
	err := b.put(ctx, key, body, true)
	e, ok := errors.AsType[*remote.Error](err)
	switch {
	case !ok:
		return err == nil, err
	case e.Class == remote.Conflict && isPrecondition(e.Err):
		return false, nil
	case e.Class == remote.Offline && b.exists(ctx, key):
		return false, nil
	}
	return false, err
}

// exists asks whether something has the name. A server that knows at once that
// it will not take an object says so and hangs up, amid the upload; the client
// then sees a broken line and not the answer.
func (b *Bucket) exists(ctx context.Context, key remote.Key) bool {
	c, err := b.call(ctx, "look", key)
	if err != nil {
		return false
	}
	defer c.end()
	info, err := b.core.StatObject(c.ctx, b.o.Bucket, c.path, minio.StatObjectOptions{})
	return err == nil && info.ETag != ""
}

// Overwrite implements remote.Remote.
func (b *Bucket) Overwrite(ctx context.Context, key remote.Key, body remote.Body) error {
	return b.put(ctx, key, body, false)
}

func (b *Bucket) put(ctx context.Context, key remote.Key, body remote.Body, create bool) error {
	c, err := b.call(ctx, "put", key)
	if err != nil {
		return err
	}
	defer c.end()
	if len(body.Data) > remote.MaxObject {
		return remote.Fail(remote.Denied, "put", key.String(), fmt.Errorf("%d bytes are too many", len(body.Data)))
	}
	o := minio.PutObjectOptions{
		DisableMultipart: true, ContentType: "application/octet-stream",
		UserMetadata: map[string]string{"x-amz-checksum-sha256": base64.StdEncoding.EncodeToString(body.SHA256[:])},
	}
	if create {
		o.SetMatchETagExcept("*")
	}
	info, err := b.core.PutObject(c.ctx, b.o.Bucket, c.path, bytes.NewReader(body.Data), int64(len(body.Data)), "", hex.EncodeToString(body.SHA256[:]), o)
	if err != nil {
		return c.fail(err)
	}
	if info.ETag == "" {
		return remote.Fail(remote.Portal, "put", key.String(), errors.New("the answer does not confirm the upload"))
	}
	return nil
}

// Get implements remote.Remote.
func (b *Bucket) Get(ctx context.Context, key remote.Key) ([]byte, error) {
	c, err := b.call(ctx, "get", key)
	if err != nil {
		return nil, err
	}
	defer c.end()
	body, info, _, err := b.core.GetObject(c.ctx, b.o.Bucket, c.path, minio.GetObjectOptions{})
	if err != nil {
		return nil, c.fail(err)
	}
	defer body.Close()
	if info.Size > remote.MaxObject {
		return nil, remote.Fail(remote.Integrity, "get", key.String(), fmt.Errorf("%d bytes are too many", info.Size))
	}
	data, err := io.ReadAll(io.LimitReader(body, remote.MaxObject+1))
	switch {
	case err != nil:
		return nil, c.fail(err)
	case len(data) > remote.MaxObject:
		return nil, remote.Fail(remote.Integrity, "get", key.String(), errors.New("it is too large"))
	case info.ETag == "":
		return nil, remote.Fail(remote.Portal, "get", key.String(), errors.New("the answer is not a bucket's"))
	}
	return data, nil
}

// List implements remote.Remote.
func (b *Bucket) List(ctx context.Context, shelf remote.Shelf) (remote.Listing, error) {
	var out remote.Listing
	prefix, err := b.o.User.Shelf(shelf)
	if err != nil {
		return out, remote.Fail(remote.Denied, "list", string(shelf), err)
	}
	c := b.begin(ctx, "list", string(shelf), prefix)
	defer c.end()
	last := ""
	for o := range b.core.Client.ListObjectsIter(c.ctx, b.o.Bucket, minio.ListObjectsOptions{Prefix: prefix, Recursive: true, MaxKeys: 1000}) {
		if o.Err != nil {
			return remote.Listing{}, c.fail(o.Err)
		}
		if o.Key <= last || len(out.Objects)+out.Strange >= remote.MaxListed {
			return remote.Listing{}, remote.Fail(remote.Integrity, "list", string(shelf), errors.New("the listing goes in circles, or is longer than can be"))
		}
		last = o.Key
		key, ok := b.o.User.Admit(shelf, o.Key, o.Size)
		if !ok {
			out.Strange++
			continue
		}
		out.Objects = append(out.Objects, remote.Object{Key: key, Size: o.Size, Modified: o.LastModified})
	}
	if err := c.ctx.Err(); err != nil {
		return remote.Listing{}, c.fail(err)
	}
	if !c.seen.isXML { // an empty page is an empty listing to the client library
		return remote.Listing{}, remote.Fail(remote.Portal, "list", string(shelf), errors.New("the answer is not a bucket's"))
	}
	return out, nil
}

// Delete implements remote.Remote.
func (b *Bucket) Delete(ctx context.Context, key remote.Key) error {
	c, err := b.call(ctx, "delete", key)
	if err != nil {
		return err
	}
	defer c.end()
	if err := b.core.RemoveObject(c.ctx, b.o.Bucket, c.path, minio.RemoveObjectOptions{}); err != nil {
		if err := c.fail(err); remote.ClassOf(err) != remote.Absent {
			return err
		}
	}
	if c.seen.status == http.StatusOK { // a bucket says 204; 200 is a page of somebody else's
		return remote.Fail(remote.Portal, "delete", key.String(), errors.New("the answer is not a bucket's"))
	}
	return nil
}

// Users lists the users that have something in the bucket, for an office that
// may. Names that are no user ids are left out.
func Users(ctx context.Context, o Options) ([]remote.UserID, error) {
	b, err := Open(o)
	if err != nil {
		return nil, err
	}
	defer b.Close()
	const users = "users/"
	c := b.begin(ctx, "list", users, users)
	defer c.end()
	var out []remote.UserID
	last := ""
	for o := range b.core.Client.ListObjectsIter(c.ctx, b.o.Bucket, minio.ListObjectsOptions{Prefix: users}) {
		if o.Err != nil {
			return nil, c.fail(o.Err)
		}
		if o.Key <= last || len(out) >= remote.MaxListed {
			return nil, remote.Fail(remote.Integrity, "list", users, errors.New("the listing goes in circles, or is longer than can be"))
		}
		last = o.Key
		if u, err := remote.ParseUserID(strings.TrimSuffix(strings.TrimPrefix(o.Key, users), "/")); err == nil {
			out = append(out, u)
		}
	}
	if err := c.ctx.Err(); err != nil {
		return nil, c.fail(err)
	}
	return out, nil
}
