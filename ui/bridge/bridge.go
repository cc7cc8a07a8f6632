// Package bridge is the one place between the window's goroutine and all
// others.
//
// Fyne calls every handler on one goroutine and asks that widgets are touched
// there alone. Whatever takes time runs on a goroutine of its own, which ends
// by posting its result back. Only this package calls fyne.Do, so that the
// rule can be checked by reading one file, and tests hand in a function of
// their own instead.
package bridge

import "fyne.io/fyne/v2"

// Bridge starts work beside the window and brings results back to it.
type Bridge struct{ do func(func()) }

// New gives the bridge of a running Fyne program.
func New() *Bridge { return With(fyne.Do) }

// With gives a bridge that hands posted functions to do, which must run them
// one after another, in their order.
func With(do func(func())) *Bridge { return &Bridge{do: do} }

// Go runs work on a goroutine of its own. work must not touch a widget.
func (b *Bridge) Go(work func()) { go work() }

// Post runs f on the window's goroutine, some time later. It does not wait, so
// it may be called from anywhere.
func (b *Bridge) Post(f func()) { b.do(f) }
