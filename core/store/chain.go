package store

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
)

// ErrAudit says that the head or the key of the audit is not what was written.
// The store can be read, and Verify tells more; nothing is written to it any
// more, for it would not be on record.
var ErrAudit = errors.New("the audit of this store was tampered with")

var errChainClosed = errors.New("store: the audit's key is gone, the store is closed")

// The labels keep seals of one sort from passing for another.
const (
	entryLabel = "chatmrpt audit entry 1"
	headLabel  = "chatmrpt audit head 1"
	wrapLabel  = "chatmrpt/audit/1"
	unstarted  = "unstarted" // the head that the schema writes
)

const auditKeySize = 32

// chain seals the entries of the audit. The seal is an HMAC and not a plain
// hash: who can write to the open store, but does not have its key, could work
// out a plain chain afresh. The key is random and kept in the store, wrapped
// under a subkey of the store's key; so a change of keys rewraps one value and
// leaves every entry as it was sealed. Against who has the store's key, which
// only the unlocked vault gives, nothing kept on one computer helps.
type chain struct {
	mu     sync.RWMutex
	key    [auditKeySize]byte
	open   bool  // the key is there
	done   bool  // the store was closed
	broken error // why nothing can be sealed, ErrAudit; set at Open only
}

// seal is the HMAC-SHA-256 of the fields, each behind its length, so that no
// two lists of fields are sealed alike.
func (c *chain) seal(fields ...string) (string, error) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	switch {
	case c.broken != nil:
		return "", c.broken
	case !c.open:
		return "", errChainClosed
	}
	h := hmac.New(sha256.New, c.key[:])
	writeFields(h, fields)
	return hex.EncodeToString(h.Sum(nil)), nil
}

func writeFields(w io.Writer, fields []string) {
	var n [8]byte
	for _, f := range fields {
		binary.BigEndian.PutUint64(n[:], uint64(len(f)))
		w.Write(n[:])
		io.WriteString(w, f)
	}
}

func (c *chain) use(key []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	copy(c.key[:], key)
	c.open = true
}

func (c *chain) breakOff(why error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.broken = fmt.Errorf("%w: %w", ErrAudit, why)
}

func (c *chain) isBroken() bool {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.broken != nil
}

// rewrap gives the audit's key wrapped for another key of the store.
func (c *chain) rewrap(storeKey []byte, owner Owner) (string, error) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	switch {
	case c.broken != nil:
		return "", c.broken
	case !c.open:
		return "", errChainClosed
	}
	return wrapKey(c.key[:], storeKey, owner)
}

// forgotten reports whether the store was closed. A broken chain has no key
// from the start.
func (c *chain) forgotten() bool {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.done
}

func (c *chain) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.key[:])
	c.open, c.done = false, true
}

// head is the account of the chain: how many entries, and the hash of the last.
type head struct {
	count int64
	hash  string
}

func (c *chain) encodeHead(h head) (string, error) {
	count := strconv.FormatInt(h.count, 10)
	seal, err := c.seal(headLabel, count, h.hash)
	return count + " " + h.hash + " " + seal, err
}

// decodeHead reads a head. It gives what the text says even when the seal does
// not fit, which is an ErrAudit.
func (c *chain) decodeHead(text string) (head, error) {
	parts := strings.Split(text, " ")
	if len(parts) != 3 {
		return head{}, fmt.Errorf("%w: there is no head", ErrAudit)
	}
	count, err := strconv.ParseInt(parts[0], 10, 64)
	if err != nil {
		return head{}, fmt.Errorf("%w: the head has no count", ErrAudit)
	}
	h := head{count: count, hash: parts[1]}
	want, err := c.seal(headLabel, parts[0], parts[1])
	if err == nil && !hmac.Equal([]byte(want), []byte(parts[2])) {
		err = fmt.Errorf("%w: the seal of the head does not fit", ErrAudit)
	}
	return h, err
}

// wrapKey seals the audit's key under a subkey of the store's, bound to the
// owner.
func wrapKey(key, storeKey []byte, owner Owner) (string, error) {
	aead, err := wrapCipher(storeKey)
	if err != nil {
		return "", err
	}
	nonce := make([]byte, aead.NonceSize())
	rand.Read(nonce)
	return base64.StdEncoding.EncodeToString(aead.Seal(nonce, nonce, key, []byte(owner))), nil
}

// unwrapKey undoes wrapKey. The caller clears the key.
func unwrapKey(text string, storeKey []byte, owner Owner) ([]byte, error) {
	aead, err := wrapCipher(storeKey)
	if err != nil {
		return nil, err
	}
	data, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(data) < aead.NonceSize() {
		return nil, errors.New("the key of the audit is damaged")
	}
	key, err := aead.Open(nil, data[:aead.NonceSize()], data[aead.NonceSize():], []byte(owner))
	if err != nil || len(key) != auditKeySize {
		return nil, errors.New("the key of the audit is damaged or another store's")
	}
	return key, nil
}

// wrapCipher is AES-256-GCM under the HKDF-SHA256 subkey for this purpose.
func wrapCipher(storeKey []byte) (cipher.AEAD, error) {
	sub, err := hkdf.Key(sha256.New, storeKey, nil, wrapLabel, auditKeySize)
	if err != nil {
		return nil, err
	}
	defer clear(sub)
	block, err := aes.NewCipher(sub)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// openChain takes up the audit where it ended, or begins it in a store that
// has none yet. An audit that can't be taken up leaves the store readable:
// chain.broken then stops every write.
func (s *Store) openChain(ctx context.Context, storeKey []byte) error {
	text, err := s.meta(ctx, s.db.RW, "audit_head")
	if err != nil {
		return err
	}
	if text == unstarted {
		return s.startChain(ctx, storeKey)
	}
	wrapped, err := s.meta(ctx, s.db.RW, "audit_key")
	if err != nil {
		return err
	}
	key, err := unwrapKey(wrapped, storeKey, s.owner)
	if err != nil {
		s.chain.breakOff(err)
		return nil
	}
	defer clear(key)
	s.chain.use(key)
	if _, err := s.chain.decodeHead(text); err != nil {
		s.chain.breakOff(err)
	}
	return nil
}

// startDetail tells what was in the store before there was an audit.
type startDetail struct {
	Runs     int64 `json:"runs_before"`     // number of the last
	Datasets int64 `json:"datasets_before"` // number of the last
}

// startChain makes the audit's key and first entry. Entries without a head are
// no new store.
func (s *Store) startChain(ctx context.Context, storeKey []byte) error {
	key := make([]byte, auditKeySize)
	defer clear(key)
	rand.Read(key)
	wrapped, err := wrapKey(key, storeKey, s.owner)
	if err != nil {
		return err
	}
	s.chain.use(key)
	var d startDetail
	err = s.transact(ctx, func(tx writer) error {
		var entries int
		err := tx.QueryRowContext(ctx, `SELECT (SELECT count(*) FROM audit), (SELECT coalesce(max(id), 0) FROM run),
			(SELECT coalesce(max(id), 0) FROM dataset)`).Scan(&entries, &d.Runs, &d.Datasets)
		if err != nil {
			return err
		}
		if entries > 0 {
			return fmt.Errorf("%w: there are entries without a head", ErrAudit)
		}
		if err := setMeta(ctx, tx, "audit_key", wrapped); err != nil {
			return err
		}
		return s.follow(ctx, tx, head{}, note{kind: AuditStart, detail: d})
	})
	if errors.Is(err, ErrAudit) {
		s.chain.breakOff(err)
		return nil
	}
	return err
}

// querier is a handle or a transaction.
type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// meta reads a value of the store about itself, "" when there is none.
func (s *Store) meta(ctx context.Context, from querier, key string) (string, error) {
	var value string
	err := from.QueryRowContext(ctx, "SELECT value FROM meta WHERE key = ?", key).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return value, err
}

func setMeta(ctx context.Context, tx writer, key, value string) error {
	_, err := tx.ExecContext(ctx, "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", key, value)
	return err
}
