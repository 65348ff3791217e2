package seal

import (
	"crypto/hmac"
	"errors"
	"fmt"

	"github.com/emmansun/gmsm/sm3"

	"haochaping/regulation"
)

// IndexKind names what is indexed; equal values of two kinds have unlike indexes.
type IndexKind string

const (
	IndexPhone    IndexKind = "phone"
	IndexIdentity IndexKind = "identity"
	IndexClient   IndexKind = "client" // what tells one browser from another
)

// ErrNothingToIndex: an empty value, which would make all raters without one equal.
var ErrNothingToIndex = errors.New("no value to index")

// Index is a keyed blind index (HMAC-SM3) of a value: equal values of one kind
// under one key have equal MACs, and without the key nothing can be tested.
type Index struct {
	KeyID string
	MAC   []byte // 32 bytes
}

// Index returns the index of a value under the current key. However a phone or
// identity number was typed, its index is that of its normal form.
func (s *Sealer) Index(kind IndexKind, value string) (Index, error) {
	return s.IndexUnder(s.keys.Current(), kind, value)
}

// IndexUnder returns the index under an earlier key: rows indexed before a
// rotation are found under the key id they carry.
func (s *Sealer) IndexUnder(keyID string, kind IndexKind, value string) (Index, error) {
	normal, err := normalise(kind, value)
	if err != nil {
		return Index{}, err
	}
	key, err := s.derived(keyID, purposeIndex, sm3.Size)
	if err != nil {
		return Index{}, err
	}
	mac := hmac.New(sm3.New, key)
	mac.Write([]byte(string(kind) + "\x00" + normal))
	return Index{KeyID: keyID, MAC: mac.Sum(nil)}, nil
}

func normalise(kind IndexKind, value string) (normal string, err error) {
	switch kind {
	case IndexPhone:
		normal = regulation.NormalPhone(value)
	case IndexIdentity:
		normal = regulation.NormalIdentity(value)
	case IndexClient:
		normal = value
	default:
		return "", fmt.Errorf("unknown kind of index %q", kind)
	}
	if normal == "" {
		return "", ErrNothingToIndex
	}
	return normal, nil
}
