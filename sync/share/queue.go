package share

import (
	"context"
	"errors"
	"iter"
	"sync"

	"chatmrpt/core/problem"
	"chatmrpt/core/store"
	"chatmrpt/core/workspace"
	"chatmrpt/sync/bundle"
)

// Queue packs and seals files and puts them into the outbox. kind is
// bundle.Results or bundle.Backup; a backup is sealed to the user alone. id
// names the bundle for as long as it lives, so that a later version takes its
// place.
func (a *Account) Queue(ctx context.Context, kind, id string, e bundle.Entry, files []bundle.File) (store.Shipment, error) {
	circle, project := a.circle, a.w.ProjectID()
	if kind == bundle.Backup {
		circle, project = a.self, store.ProjectID{}
	} else {
		e.Recipients = a.set.Recipients
	}
	listed := make(chan []bundle.Listed, 1)
	go func() { listed <- bundle.List(files) }() // beside the packing: both read every byte
	p := &packing{circle: circle, entry: e, files: files}
	s, err := a.shared.Enqueue(ctx, store.NewShipment{
		Remote: a.row.ID, Project: project, Kind: kind, Title: e.Title, Parts: p.parts(ctx),
		Entry: func() any {
			e.ID, e.Rev, e.Size, e.SHA256, e.Files, e.Parts = id, 1, p.size, bundle.Whole(p.sums), <-listed, nil
			return e
		},
	})
	if u, ok := errors.AsType[unpackable](err); ok {
		return store.Shipment{}, problem.New(problem.BadInput, "share", e.Title, "it can't be packed: "+u.Error(), "Choose fewer results").Because(err)
	}
	return s, workspace.StoreProblem(err, "share", e.Title)
}

// Mark names a bundle by what makes it this one; see bundle.Circle.Mark.
func (a *Account) Mark(what ...string) string { return a.self.Mark(what...) }

// ahead is how many parts are packed and sealed before they are asked for, so
// that this goes on while they are written. It bounds the memory it takes.
const ahead = 4

// packing turns files into sealed parts, never holding more than a few of them.
type packing struct {
	circle *bundle.Circle
	entry  bundle.Entry
	files  []bundle.File

	size int64        // of the packed bytes given so far
	sums []bundle.Sum // of their parts
	free chan []byte  // room for sealed bytes, to be used again
}

// unpackable is why files can't be packed.
type unpackable struct{ error }

// made is a sealed part, or why there is none.
type made struct {
	part bundle.Sealed
	size int
	err  error
}

// parts gives the sealed parts in order: one goroutine packs, others seal. All
// of them have ended when the sequence has.
func (p *packing) parts(ctx context.Context) iter.Seq2[store.SealedPart, error] {
	return func(yield func(store.SealedPart, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		var wg sync.WaitGroup
		defer wg.Wait()
		defer cancel()
		p.free = make(chan []byte, 2*ahead)
		coming := make(chan chan made, ahead) // each for one part, so that the order stays
		var failed error
		wg.Go(func() {
			defer close(coming)
			failed = bundle.Pack(p.files, p.entry.Made, func(plain []byte) error {
				c := make(chan made, 1)
				select {
				case coming <- c:
				case <-ctx.Done():
					return ctx.Err()
				}
				wg.Go(func() { c <- p.seal(plain) })
				return nil
			})
		})
		for c := range coming {
			m := <-c
			p.size += int64(m.size)
			p.sums = append(p.sums, m.part.Plain)
			if !yield(store.SealedPart{Name: m.part.Name, SHA256: m.part.SHA256, Sealed: m.part.Bytes}, m.err) || m.err != nil {
				return
			}
			select {
			case p.free <- m.part.Bytes:
			default:
			}
		}
		if err := ctx.Err(); err != nil {
			yield(store.SealedPart{}, err)
		} else if failed != nil {
			yield(store.SealedPart{}, unpackable{failed})
		}
	}
}

func (p *packing) seal(plain []byte) made {
	var room []byte
	select {
	case room = <-p.free:
	default:
	}
	part, err := p.circle.SealPart(plain, room)
	return made{part, len(plain), err}
}
