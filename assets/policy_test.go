package assets

import (
	"encoding/json"
	"strings"
	"testing"
)

// What the policies promise is tried on a real server by the tests in
// sync/remote/s3test; here, that no hand widened them.
func TestPoliciesGrantNoMoreThanTheySay(t *testing.T) {
	for name, most := range map[string][]string{
		"device": {"s3:ListBucket", "s3:GetObject", "s3:PutObject", "s3:DeleteObject"}, "office": {"s3:ListBucket", "s3:GetObject"},
		"custodian": {"s3:ListBucket", "s3:ListBucketVersions", "s3:DeleteObject", "s3:DeleteObjectVersion"},
	} {
		var p struct {
			Version   string
			Statement []struct {
				Effect           string
				Action, Resource []string
			}
		}
		if err := json.Unmarshal(Policy(name), &p); err != nil || p.Version != "2012-10-17" || len(p.Statement) == 0 {
			t.Fatalf("%s: %+v (%v)", name, p, err)
		}
		allowed := strings.Join(most, " ") + " "
		for _, s := range p.Statement {
			for _, a := range s.Action {
				if !strings.Contains(allowed, a+" ") {
					t.Errorf("%s may %s", name, a)
				}
				for _, r := range s.Resource {
					if name == "device" && a != "s3:ListBucket" && !strings.Contains(r, "/users/${aws:username}/") {
						t.Errorf("a device may %s %s", a, r)
					}
					if name == "device" && a == "s3:DeleteObject" && !strings.HasSuffix(r, "/locks/*") {
						t.Errorf("a device may delete %s", r)
					}
				}
			}
		}
	}
	if Policy("none") != nil {
		t.Error("a policy of no name")
	}
}
