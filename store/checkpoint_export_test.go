package store

import (
	"context"
	"encoding/hex"

	"haochaping/store/ledger"
)

// LeafTables are the tables behind leaves: what their rows are referred to by.
func LeafTables() (tables map[string][3]string) {
	tables = map[string][3]string{"ratings": {leafRating, "id", ""}}
	for _, f := range leafSources {
		tables[f.table] = [3]string{f.kind, f.id, f.number}
	}
	return tables
}

// LeafDigest makes a row's leaf anew, as somebody with the product's own code would, and the canonical bytes of a rating with it.
func LeafDigest(s *Store, ctx context.Context, kind, ref string) (digest string, canonical []byte, err error) {
	if kind == leafRating {
		made, err := s.ratingLeaves(ctx, []string{ref})
		hash := made[ref].content.digest()
		return hex.EncodeToString(hash[:]), made[ref].content.Canonical, err
	}
	content, err := s.leafContent(ctx, kind, ref)
	hash := content.digest()
	return hex.EncodeToString(hash[:]), nil, err
}

// StoredHashes are all hashes of a log that are kept, by their index.
func StoredHashes(digests []string) map[int64]string {
	tree, hashes, index := &ledger.Tree{}, map[int64]string{}, int64(0)
	for _, digest := range digests {
		hash, err := readHash(digest)
		if err != nil {
			panic(err)
		}
		more, err := tree.Add(hash)
		if err != nil {
			panic(err)
		}
		for _, h := range more {
			if _, below := ledger.LeavesUnder(index); below == 0 {
				hashes[index] = hex.EncodeToString(h[:])
			}
			index++
		}
	}
	return hashes
}
