package store

import (
	"encoding/hex"
	"strconv"

	"haochaping/store/seal"
)

var textsTable = table{name: "texts", columns: []string{"owner", "seq", "field", "sealed", "salt"}}

func textPlace(owner string, seq int64, field string) seal.Place {
	return seal.Place{Table: "texts", ID: owner, Field: strconv.FormatInt(seq, 10) + "/" + field}
}

// sealText returns the row of a free text and the salted digest that stands for it elsewhere.
func (s *Store) sealText(owner string, seq int64, field, text string) (row []any, digest string, err error) {
	salt, sum := seal.NewTextDigest(text)
	sealed, err := s.sealer.SealText(text, textPlace(owner, seq, field))
	return []any{owner, seq, field, sealed, salt}, hex.EncodeToString(sum[:]), err
}
