package store

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"time"

	"haochaping/store/seal"
)

// Contact is how a rater may be reached, as far as they said so (R49): it goes into the vault.
type Contact struct {
	Name     string `json:"name,omitempty"`
	Phone    string `json:"phone,omitempty"`
	Language string `json:"language,omitempty"` // zh, bo, ...
	Hours    string `json:"hours,omitempty"`    // code of the time of day
}

// Given tells whether anything was said at all.
func (c Contact) Given() bool { return c != Contact{} }

var (
	subjectKeysTable = table{"subject_keys", []string{"subject", "wrapped"}}
	vaultTable       = table{"vault", []string{"subject", "suite", "key_id", "index_key_id", "phone_index", "sealed", "added_at"}}
)

func vaultPlace(subject string) seal.Place {
	return seal.Place{Table: "vault", ID: subject, Field: "contact"}
}

// sealContact returns the rows of a rater's vault entry: the wrapped key of their own, and the
// contact under it.
func (s *Store) sealContact(subject string, c Contact, at time.Time) (keyRow, vaultRow []any, err error) {
	key, wrapped, err := s.sealer.NewSubjectKey(subject)
	if err != nil {
		return nil, nil, err
	}
	plain, err := json.Marshal(c)
	if err != nil {
		return nil, nil, err
	}
	sealed, err := key.Seal(plain, vaultPlace(subject))
	if err != nil {
		return nil, nil, err
	}
	index, err := s.sealer.Index(seal.IndexPhone, c.Phone)
	var phone any // NULL without a number, so that those without one are not all equal
	switch {
	case err == nil:
		phone = hex.EncodeToString(index.MAC)
	case !errors.Is(err, seal.ErrNothingToIndex):
		return nil, nil, err
	}
	return []any{subject, wrapped},
		[]any{subject, seal.SuiteSM4GCM, key.ID(), index.KeyID, phone, sealed, micros(at)}, nil
}
