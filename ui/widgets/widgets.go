// Package widgets holds the few widgets that Fyne has not. They are dumb: they
// show what they are given and tell what was done to them by callbacks.
package widgets
