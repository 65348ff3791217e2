package store

import (
	"encoding/hex"
	"time"

	"haochaping/store/ledger"
)

var pendingLeavesTable = table{"pending_leaves", []string{"kind", "ref", "digest", "added_at"}}

// Kinds of rows that the ledger takes in.
const (
	leafRating = "rating"
	leafEvent  = "event"
)

// pendingLeaf makes the leaf of a row that is about to be inserted, and the nonce to store with it.
func pendingLeaf(kind, ref string, canonical []byte, at time.Time) (nonce []byte, row []any) {
	nonce = ledger.NewNonce()
	digest := ledger.DigestLeaf(nonce, canonical)
	return nonce, []any{kind, ref, hex.EncodeToString(digest[:]), micros(at)}
}
