package remotetest

import (
	"context"
	"errors"
	"sync"

	"chatmrpt/sync/remote"
)

// Faulty is a remote that goes down at a request, before or after it did its
// work, and stays down. It counts the requests.
type Faulty struct {
	remote.Remote
	At    int  // the number of the request (from 1); 0 for never
	After bool // the request does its work, and the answer is lost

	mu    sync.Mutex
	count int
	puts  int
}

// Requests is how many requests there were.
func (f *Faulty) Requests() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.count
}

// Puts is how many of them stored something.
func (f *Faulty) Puts() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.puts
}

// next counts a request and says whether it fails before, or after.
func (f *Faulty) next() (before, after error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.count++
	if f.At == 0 || f.count < f.At {
		return nil, nil
	}
	err := remote.Fail(remote.Offline, "test", "", errors.New("it went down"))
	if f.After && f.count == f.At {
		return nil, err
	}
	return err, nil
}

// Create implements remote.Remote.
func (f *Faulty) Create(ctx context.Context, k remote.Key, body remote.Body) (bool, error) {
	before, after := f.next()
	if before != nil {
		return false, before
	}
	created, err := f.Remote.Create(ctx, k, body)
	if created {
		f.mu.Lock()
		f.puts++
		f.mu.Unlock()
	}
	if after != nil {
		return false, after
	}
	return created, err
}

// Overwrite implements remote.Remote.
func (f *Faulty) Overwrite(ctx context.Context, k remote.Key, body remote.Body) error {
	before, after := f.next()
	if before != nil {
		return before
	}
	return errors.Join(f.Remote.Overwrite(ctx, k, body), after)
}

// Get implements remote.Remote.
func (f *Faulty) Get(ctx context.Context, k remote.Key) ([]byte, error) {
	before, after := f.next()
	if before != nil {
		return nil, before
	}
	data, err := f.Remote.Get(ctx, k)
	if after != nil {
		return nil, after
	}
	return data, err
}

// List implements remote.Remote.
func (f *Faulty) List(ctx context.Context, s remote.Shelf) (remote.Listing, error) {
	before, after := f.next()
	if before != nil {
		return remote.Listing{}, before
	}
	l, err := f.Remote.List(ctx, s)
	if after != nil {
		return remote.Listing{}, after
	}
	return l, err
}

// Delete implements remote.Remote.
func (f *Faulty) Delete(ctx context.Context, k remote.Key) error {
	before, after := f.next()
	if before != nil {
		return before
	}
	return errors.Join(f.Remote.Delete(ctx, k), after)
}
