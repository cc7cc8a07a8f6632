package s3

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/minio/minio-go/v7"

	"chatmrpt/sync/remote"
)

// call is one call of a Bucket: its context, and what its requests met on the
// way, which the client library keeps to itself.
type call struct {
	ctx      context.Context
	cancel   context.CancelCauseFunc
	op, key  string
	path     string
	now      func() time.Time
	seen     *sighting
	original context.Context
}

// call begins a call about a key.
func (b *Bucket) call(ctx context.Context, op string, key remote.Key) (*call, error) {
	path, err := b.o.User.Path(key)
	if err != nil {
		return nil, remote.Fail(remote.Denied, op, key.String(), err)
	}
	return b.begin(ctx, op, key.String(), path), nil
}

func (b *Bucket) begin(ctx context.Context, op, key, path string) *call {
	c := &call{op: op, key: key, path: path, now: b.o.Now, original: ctx}
	ctx, c.cancel = context.WithCancelCause(ctx)
	c.seen = &sighting{giveUp: c.cancel}
	c.ctx = context.WithValue(ctx, sightingKey{}, c.seen)
	return c
}

func (c *call) end() { c.cancel(nil) }

// sighting is what the requests of one call met.
type sighting struct {
	giveUp context.CancelCauseFunc // ends the call, when trying again is of no use

	mu      sync.Mutex
	status  int
	after   time.Duration
	date    time.Time
	isPage  bool // the answer was a page for people
	isXML   bool
	failure error
}

type sightingKey struct{}

// maxAnswer bounds an answer of any kind: a listing of 1,000 names is far
// smaller.
const maxAnswer = 8 << 20

// tracer notes what each request met.
type tracer struct{ next http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (t tracer) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := t.next.RoundTrip(r)
	s, ok := r.Context().Value(sightingKey{}).(*sighting)
	if !ok {
		return resp, err
	}
	if err != nil {
		s.mu.Lock()
		s.failure = err
		s.mu.Unlock()
		if isFinal(err) {
			s.giveUp(err) // it will be the same the next time
		}
		return resp, err
	}
	s.note(resp)
	resp.Body = bounded{io.LimitReader(resp.Body, maxAnswer), resp.Body}
	return resp, nil
}

func (s *sighting) note(resp *http.Response) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status, s.failure, s.after = resp.StatusCode, nil, 0
	s.date, _ = http.ParseTime(resp.Header.Get("Date"))
	if seconds, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil && seconds > 0 {
		s.after = time.Duration(min(seconds, 3600)) * time.Second
	}
	kind := resp.Header.Get("Content-Type")
	s.isPage, s.isXML = strings.HasPrefix(kind, "text/html"), strings.Contains(kind, "xml")
}

type bounded struct {
	io.Reader
	io.Closer
}

// fail finds the class of an error of the client library.
func (c *call) fail(err error) error {
	c.seen.mu.Lock()
	defer c.seen.mu.Unlock()
	s := c.seen
	e := &remote.Error{Op: c.op, Key: c.key, After: s.after, Err: err}
	answer := minio.ToErrorResponse(err)
	switch {
	case c.original.Err() != nil:
		e.Class, e.Err = remote.Cancelled, c.original.Err()
	case s.failure != nil:
		e.Class, e.Note = classOfFailure(s.failure)
		e.Err = s.failure
	case s.isPage || (s.status >= 300 && s.status < 400):
		e.Class = remote.Portal
	case answer.Code != "":
		e.Class = classOfAnswer(answer, s.status)
	case s.status >= 200 && s.status < 300:
		e.Class = remote.Offline // it broke off within the body
		if answer.Code == "" && strings.Contains(err.Error(), "XML") {
			e.Class = remote.Portal
		}
	default:
		e.Class = classOfAnswer(answer, s.status)
	}
	if e.Class == remote.Clock {
		e.Note = c.clocks()
	}
	if answer.Code == "NoSuchBucket" {
		e.Note = "there is no such bucket"
	}
	return e
}

// clocks tells both times.
func (c *call) clocks() string {
	if c.seen.date.IsZero() || c.now == nil {
		return ""
	}
	const form = "2 Jan 2006 15:04 MST"
	return fmt.Sprintf("here it is %s, there %s", c.now().UTC().Format(form), c.seen.date.UTC().Format(form))
}

func isPrecondition(err error) bool {
	return minio.ToErrorResponse(err).StatusCode == http.StatusPreconditionFailed || minio.ToErrorResponse(err).Code == "PreconditionFailed"
}

// classOfAnswer sorts what a server said.
func classOfAnswer(a minio.ErrorResponse, status int) remote.Class {
	switch a.Code {
	case "NoSuchKey", "NoSuchVersion":
		return remote.Absent
	case "NoSuchBucket", "AccessDenied", "AllAccessDisabled", "InvalidBucketName":
		return remote.Denied
	case "SignatureDoesNotMatch", "InvalidAccessKeyId", "InvalidAccessKeyID", "ExpiredToken", "InvalidTokenId", "AuthorizationHeaderMalformed":
		return remote.Credentials
	case "RequestTimeTooSkewed":
		return remote.Clock
	case "PreconditionFailed", "ConditionalRequestConflict", "OperationAborted":
		return remote.Conflict
	case "QuotaExceeded", "XMinioStorageFull", "XMinioAdminBucketQuotaExceeded", "EntityTooLarge", "InsufficientStorage":
		return remote.Full
	case "BadDigest", "XAmzContentSHA256Mismatch", "XAmzContentChecksumMismatch", "IncompleteBody", "RequestTimeout":
		return remote.Server // damaged on the way there; nothing was stored
	case "SlowDown", "SlowDownWrite", "SlowDownRead", "ServiceUnavailable", "TooManyRequests", "Throttling":
		return remote.Throttled
	}
	switch {
	case status == http.StatusInsufficientStorage || status == http.StatusRequestEntityTooLarge:
		return remote.Full
	case status == http.StatusServiceUnavailable || status == http.StatusTooManyRequests:
		return remote.Throttled
	case status == http.StatusForbidden || status == http.StatusUnauthorized:
		return remote.Denied
	case status == http.StatusNotFound:
		return remote.Absent
	case status == http.StatusPreconditionFailed || status == http.StatusConflict:
		return remote.Conflict
	}
	return remote.Server
}

// isFinal reports that the other side could not show who it is, or that
// something on the way does not let us through to it.
func isFinal(err error) bool {
	class, _ := classOfFailure(err)
	return !class.Retry()
}

// classOfFailure sorts an error that kept a request from being answered.
func classOfFailure(err error) (remote.Class, string) {
	if p, ok := errors.AsType[*proxyError](err); ok {
		return p.class, p.note
	}
	if strings.Contains(err.Error(), "malformed HTTP") {
		return remote.Portal, "it does not speak HTTP"
	}
	if cert, ok := errors.AsType[x509.CertificateInvalidError](err); ok {
		if cert.Reason == x509.Expired {
			return remote.TLS, "it has expired or is not valid yet; is the clock of this computer right?"
		}
		return remote.TLS, ""
	}
	if unknown, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		if unknown.Cert != nil {
			return remote.TLS, "issued by " + strconv.Quote(unknown.Cert.Issuer.String())
		}
		return remote.TLS, ""
	}
	if _, ok := errors.AsType[x509.HostnameError](err); ok {
		return remote.TLS, "it is another host's"
	}
	if errors.Is(err, errPin) {
		return remote.TLS, "it is not the one that was pinned"
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return remote.TLS, "it does not speak TLS; is the address right?"
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return remote.TLS, ""
	}
	if _, ok := errors.AsType[tls.AlertError](err); ok {
		return remote.TLS, ""
	}
	if strings.Contains(err.Error(), "server gave HTTP response to HTTPS client") {
		return remote.TLS, "it does not speak TLS; is the address right?"
	}
	if _, ok := errors.AsType[*net.DNSError](err); ok {
		return remote.Offline, "its name is not known here"
	}
	return remote.Offline, ""
}
