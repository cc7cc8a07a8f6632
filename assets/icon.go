package assets

import _ "embed"

//go:embed icon/icon.png
var icon []byte

// Icon returns the program's icon, a PNG of 256 by 256 pixels. The bytes are a
// copy of the caller's own.
func Icon() []byte { return append([]byte{}, icon...) }
