package vault

import (
	"encoding/base32"
	"fmt"
	"io"

	"chatmrpt/core/problem"
)

// idBytes and idChars: 128 random bits, written as 26 base32 characters of
// which the last carries three bits and two zeros.
const (
	idBytes = 16
	idChars = 26
)

// ID names one user of one home. It is also the name of the user's folder, so
// nothing but 26 lower-case base32 characters (RFC 4648, a–z and 2–7) can be
// one: there is no way to spell a path in it. The zero ID names nobody and is
// refused everywhere. IDs are comparable with ==.
type ID struct{ text string }

// ParseID reads an ID as String writes it. Anything else, the empty text and
// other spellings of the same bits included, is a BadInput problem.
func ParseID(s string) (ID, error) {
	raw, err := idEncoding().DecodeString(s)
	if err != nil || len(s) != idChars || len(raw) != idBytes || idEncoding().EncodeToString(raw) != s {
		return ID{}, problem.New(problem.BadInput, "profile", "", "not a profile id",
			"A profile id is 26 small letters and digits; list the profiles to see theirs")
	}
	return ID{text: s}, nil
}

// String is the 26 characters of the ID, or "" for the zero ID.
func (id ID) String() string { return id.text }

// IsZero reports whether id names nobody.
func (id ID) IsZero() bool { return id.text == "" }

// MarshalText writes the ID as String does; the zero ID is an error, so that
// no record is ever written without its owner.
func (id ID) MarshalText() ([]byte, error) {
	if id.IsZero() {
		return nil, fmt.Errorf("vault: an empty profile id can't be written")
	}
	return []byte(id.text), nil
}

// UnmarshalText reads what MarshalText writes and refuses all else, as ParseID.
func (id *ID) UnmarshalText(text []byte) error {
	parsed, err := ParseID(string(text))
	if err != nil {
		return err
	}
	*id = parsed
	return nil
}

// newID draws an ID from random.
func newID(random io.Reader) (ID, error) {
	var raw [idBytes]byte
	if _, err := io.ReadFull(random, raw[:]); err != nil {
		return ID{}, err
	}
	return ID{text: idEncoding().EncodeToString(raw[:])}, nil
}

func idEncoding() *base32.Encoding {
	return base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)
}
