// Package house holds the rules of the repository as tests, so that breaking
// one breaks the build and not somebody's privacy a year later: which room may
// import which, no mutable state at package level (law L1), a comment on every
// package and every exported name, functions of a readable length, and a
// written reason for every direct dependency. It has no code of its own.
package house
