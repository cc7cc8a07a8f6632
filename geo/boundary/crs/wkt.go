package crs

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Limits of a well-known text. Real ones hold under 2,000 characters and five
// levels.
const (
	maxText  = 64 << 10
	maxDepth = 32
)

// node is one KEYWORD["text", 1.5, CHILD[…]] of a well-known text.
type node struct {
	key     string // upper case
	texts   []string
	numbers []float64
	kids    []*node
}

// kid returns the first child with one of the keys, nil when there is none.
// It may be called on nil.
func (n *node) kid(keys ...string) *node {
	if n == nil {
		return nil
	}
	for _, k := range n.kids {
		for _, key := range keys {
			if k.key == key {
				return k
			}
		}
	}
	return nil
}

// text returns the first quoted text, "" when there is none.
func (n *node) text() string {
	if n == nil || len(n.texts) == 0 {
		return ""
	}
	return n.texts[0]
}

// number returns the i-th number, or other when there is none.
func (n *node) number(i int, other float64) float64 {
	if n == nil || i >= len(n.numbers) {
		return other
	}
	return n.numbers[i]
}

// parser walks over a well-known text.
type parser struct {
	text string
	at   int
}

// parseWKT reads one well-known text, version 1 as .prj files hold it. Both
// kinds of brackets are taken; what follows the outermost bracket is ignored.
func parseWKT(text string) (*node, error) {
	if len(text) > maxText {
		return nil, errors.New("the text is too long for a reference system")
	}
	p := &parser{text: text}
	return p.node(0)
}

func (p *parser) space() {
	for p.at < len(p.text) && strings.IndexByte(" \t\r\n\x00", p.text[p.at]) >= 0 {
		p.at++
	}
}

// peek returns the next byte that isn't blank, 0 at the end.
func (p *parser) peek() byte {
	p.space()
	if p.at >= len(p.text) {
		return 0
	}
	return p.text[p.at]
}

// word reads letters, digits and underscores, and what numbers are made of.
func (p *parser) word() string {
	p.space()
	start := p.at
	for p.at < len(p.text) && isWord(p.text[p.at]) {
		p.at++
	}
	return p.text[start:p.at]
}

func isWord(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' ||
		c == '_' || c == '+' || c == '-' || c == '.'
}

func (p *parser) node(depth int) (*node, error) {
	if depth > maxDepth {
		return nil, errors.New("the text is nested too deeply")
	}
	key := p.word()
	if key == "" {
		return nil, fmt.Errorf("a keyword is expected at character %d", p.at+1)
	}
	if c := p.peek(); c != '[' && c != '(' {
		return nil, fmt.Errorf("a bracket is expected after %s", key)
	}
	p.at++
	n := &node{key: strings.ToUpper(key)}
	return n, p.arguments(n, depth)
}

// arguments reads up to and with the closing bracket.
func (p *parser) arguments(n *node, depth int) error {
	for {
		if err := p.argument(n, depth); err != nil {
			return err
		}
		switch c := p.peek(); c {
		case ',':
			p.at++
		case ']', ')':
			p.at++
			return nil
		default:
			return fmt.Errorf("%s isn't closed", n.key)
		}
	}
}

// argument reads a quoted text, a number, a bare word (which is dropped: only
// the directions of axes are written so) or a child.
func (p *parser) argument(n *node, depth int) error {
	switch c := p.peek(); c {
	case '"':
		text, err := p.quoted()
		n.texts = append(n.texts, text)
		return err
	case ']', ')':
		return nil
	}
	start := p.at
	word := p.word()
	if c := p.peek(); word != "" && (c == '[' || c == '(') {
		p.at = start
		kid, err := p.node(depth + 1)
		n.kids = append(n.kids, kid)
		return err
	}
	if v, err := strconv.ParseFloat(word, 64); err == nil {
		n.numbers = append(n.numbers, v)
	}
	return nil
}

// quoted reads "text", where a doubled quotation mark stands for one.
func (p *parser) quoted() (string, error) {
	var out strings.Builder
	for p.at++; p.at < len(p.text); p.at++ {
		if p.text[p.at] != '"' {
			out.WriteByte(p.text[p.at])
			continue
		}
		if p.at++; p.at >= len(p.text) || p.text[p.at] != '"' {
			return out.String(), nil
		}
		out.WriteByte('"')
	}
	return "", errors.New("a quoted text isn't closed")
}

// plain lowers a name and drops everything but letters and digits, because
// writers differ in case, blanks, hyphens and underscores.
func plain(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		case r >= 'A' && r <= 'Z':
			return r - 'A' + 'a'
		}
		return -1
	}, name)
}
