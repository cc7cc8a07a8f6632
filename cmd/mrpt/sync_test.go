package main

import (
	"encoding/json"

	"github.com/rogpeppe/go-internal/testscript"
)

// cmdBundleID runs "bundleid KIND ANSWER VARIABLE": it takes the id of the
// first bundle of that kind out of the JSON answer of sync list.
func cmdBundleID(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: bundleid KIND ANSWER VARIABLE")
	}
	var answer struct {
		Tables struct {
			Bundles []struct{ ID, Kind string }
		}
	}
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[1])), &answer))
	for _, b := range answer.Tables.Bundles {
		if b.Kind == args[0] {
			ts.Setenv(args[2], b.ID)
			return
		}
	}
	ts.Fatalf("there is no %s in %s", args[0], args[1])
}
