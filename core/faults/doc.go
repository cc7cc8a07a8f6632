// Package faults is the proof that a user's data outlives what happens to
// laptops: the process killed in the middle, the disk full, the folder
// read-only, files cut, exchanged or with a bit turned over, a clock that
// jumps back, two windows opening one profile at once, the sender killed or the
// stick full while results are sent to it.
//
// It has tests only. Each fault is done many times at random points to a real
// profile with the acts a user does, and afterwards three things are counted:
// acknowledged commits that are gone, states that no commit ever made, and
// cells that are read without an error although they are not what was written.
// All three must be none. What the format openly does not promise is counted
// all the same, and its row says "limit" and which; what can't be tried on a
// machine is in the table as such and never as passed.
//
// `make faults` does thirty of each and prints the table; FAULT_TRIALS=200 is the
// full run, FAULT_SEED says at which random points, and a plain `go test` does a
// few. A kill ends the process, not the machine: the system's page cache survives
// it, so what a power cut does to a disk that lies about syncing is not shown.
package faults
