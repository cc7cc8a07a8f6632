package encvfs

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"sync"
)

// The two variables of this file are the allow-listed exceptions to the law
// against mutable package-level state (L1). SQLite's list of VFSes is one per
// process and its C code calls back with nothing but a file name, so the
// registration and the way from the token in that name to a key can't hang on
// a value that somebody passes. The ring holds nothing but keys under
// unguessable tokens, each from a database's open to its close; a test shows
// it empty and cleared after the last close.
var (
	registerOnce = sync.OnceValue(registerVFS)
	ring         = &keyRing{keys: map[string]*ringKey{}}
)

// keyRing maps the token in a DSN to a data key.
type keyRing struct {
	mu     sync.RWMutex
	keys   map[string]*ringKey
	making sync.Mutex // held while a file is made, see privateFile
}

type ringKey struct {
	key  [keySize]byte
	wear *wear
}

// errNoKey is what a token gets whose database was closed.
var errNoKey = errors.New("encvfs: no key under this token")

// add puts a copy of key on the ring. drop takes it off and clears it; it may
// be called more than once.
func (r *keyRing) add(key []byte, w *wear) (token string, drop func(), err error) {
	if len(key) != keySize {
		return "", nil, errKeySize
	}
	k := &ringKey{wear: w}
	copy(k.key[:], key)
	token = rand.Text()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.keys[token] = k
	return token, func() { r.drop(token) }, nil
}

func (r *keyRing) drop(token string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if k, ok := r.keys[token]; ok {
		clear(k.key[:])
		delete(r.keys, token)
	}
}

func (r *keyRing) has(token string) bool {
	r.mu.RLock()
	defer r.mu.RUnlock()
	_, ok := r.keys[token]
	return ok
}

// sealer makes the sealer of one file. It derives under the lock, so that a
// key that is being cleared can't be taken for a key of zeroes.
func (r *keyRing) sealer(token string, salt []byte, ro role) (*sealer, error) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	k, ok := r.keys[token]
	if !ok {
		return nil, errNoKey
	}
	aead, err := subKey(k.key[:], salt, ro)
	if err != nil {
		return nil, err
	}
	return &sealer{aead: aead, wear: k.wear, last: ro == roleMain}, nil
}

// OpenKeys is the number of keys in memory: one for each database that is
// open, one more while a copy is made, none after the last close.
func OpenKeys() int {
	ring.mu.RLock()
	defer ring.mu.RUnlock()
	return len(ring.keys)
}

// newTempSealer makes the sealer of a temporary file, under a key that nobody
// else ever knows and that is gone when the file is closed.
func newTempSealer() (*sealer, error) {
	key := make([]byte, keySize)
	defer clear(key)
	rand.Read(key)
	aead, err := newAEAD(key)
	if err != nil {
		return nil, err
	}
	w, err := newWear(DefaultSealLimit, 0)
	return &sealer{aead: aead, wear: w}, err
}

// privateFile makes the file for its owner only, if there is none: SQLite
// would leave it to the umask, and gives -wal and -shm the main file's mode.
// On Unix, closing any descriptor of a file takes away all locks this process
// has on it. So an existing file is not opened here, and one is made at a
// time: whoever opens it next has waited until it was closed.
func (r *keyRing) privateFile(path string) (made bool, err error) {
	r.making.Lock()
	defer r.making.Unlock()
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, f.Close()
}
