package xlsx

import "io"

// counter counts the bytes that pass, so that a table can be held against the
// size of what it was read from.
type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}
