// Package bleed is the proof that one user's data never shows to another. It
// has no code of its own: its tests are the acceptance tests T1 to T19 of the
// bleed, one test each, named TestBleed_T02_… after it.
//
// The program's predecessor showed people each other's data, for six causes:
// (1) global singletons, (2) state kept in memory past its user, (3) a shared
// container of services, (4) a history kept on a shared object, (5) a silent
// fall back to memory or plain files, (6) no check of ownership. Each test says
// which of them it closes.
//
// Every user has a canary, a string that is nobody else's, in the names of
// files, wards, projects and columns and in what was decided about names. Where
// a canary turns up that does not belong there, that is a bleed. Every test
// first makes sure that the canary can be found where it does belong, so that a
// search that finds nothing means something.
//
// `make bleed` runs them all with the race detector and prints the table: test,
// cause, what, trials, bleeds, result. BLEED_TRIALS multiplies the trials; a
// plain go test, which has none, does a quarter of those that last long.
// What can't be tested because it is not built is listed as that, and its test
// fails as soon as it is built.
package bleed
