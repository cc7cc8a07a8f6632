//go:build !linux

package vault

// Harden does nothing on this system. Here crash dumps are the system's affair
// and written only where a person asked for them: macOS keeps core files off
// unless the limit was raised, Windows sends or stores a small dump that may
// hold parts of the memory when its error reporting is on. A program calls it
// all the same.
func Harden() error { return nil }
