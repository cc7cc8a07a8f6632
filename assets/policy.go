package assets

import "embed"

//go:embed policy
var policies embed.FS

// Policy returns a policy template for S3-compatible storage: device, office or
// custodian. PRIVATE and PROGRAMME in it stand for the names of the buckets.
// With another name there are no bytes. They are a copy of the caller's own.
func Policy(name string) []byte {
	data, err := policies.ReadFile("policy/" + name + ".json")
	if err != nil {
		return nil
	}
	return data
}
