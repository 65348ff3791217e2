package store

import (
	"context"

	"gorm.io/gorm"
)

// AlarmSecondLeaf: a row came to the ledger a second time. It names the row; it lasts, since the row's two leaves may differ, and who is
// to be believed is for people to find out.
const AlarmSecondLeaf = "second_leaf"

// AlarmMalformedLeaf: what waited to be taken in is no digest, which nothing of the product's makes. It names the row, and lasts.
const AlarmMalformedLeaf = "malformed_leaf"

var secondLeavesTable = table{name: "second_leaves", columns: []string{"kind", "ref", "digest", "added_at", "found_at"}}

// rowOfLeaf is the row that a leaf is of.
type rowOfLeaf struct{ Kind, Ref string }

// passOver keeps in a table of their own the pending leaves of rows that the ledger has already, of each row that waits twice the later one,
// and those that are no digests, and raises an alarm for each: one that could not be taken in would hold up all that comes after it. It
// returns the others.
func (s *Store) passOver(tx *gorm.DB, pending []pendingLeafRow) (fresh []pendingLeafRow, err error) {
	known, err := takenOf(tx, pending)
	if err != nil {
		return nil, err
	}
	var over [][]any
	for _, leaf := range pending {
		name, alarm := rowOfLeaf{leaf.Kind, leaf.Ref}, AlarmSecondLeaf
		switch {
		case malformed(leaf.Digest):
			alarm = AlarmMalformedLeaf
		case !known[name]:
			known[name], fresh = true, append(fresh, leaf)
			continue
		}
		over = append(over, []any{leaf.Kind, leaf.Ref, leaf.Digest, leaf.AddedAt, micros(s.now())})
		if err := s.raise(tx, alarm, leaf.Ref, leaf.Kind, "", ""); err != nil {
			return nil, err
		}
	}
	return fresh, s.insert(tx, secondLeavesTable, over...)
}

func malformed(digest string) bool {
	_, err := readHash(digest)
	return err != nil
}

// takenOf are those of some rows that the ledger has taken in.
func takenOf(db *gorm.DB, pending []pendingLeafRow) (map[rowOfLeaf]bool, error) {
	refs, known := map[string][]string{}, map[rowOfLeaf]bool{}
	for _, leaf := range pending {
		refs[leaf.Kind] = append(refs[leaf.Kind], leaf.Ref)
	}
	for kind, all := range refs {
		var taken []string
		if err := db.Table("leaves").Where("kind = ? AND ref IN ?", kind, all).Pluck("ref", &taken).Error; err != nil {
			return nil, err
		}
		for _, ref := range taken {
			known[rowOfLeaf{kind, ref}] = true
		}
	}
	return known, nil
}

// secondLeaves names each row that came to the ledger twice, or with what is no digest.
func (v *verifier) secondLeaves(ctx context.Context) error {
	if !v.wants(CheckLeaves) || v.options.Case != "" {
		return nil
	}
	var rows []struct{ Kind, Ref, Digest string }
	if err := v.s.rows(ctx).Table("second_leaves").Select("kind, ref, digest").Order("kind, ref").Find(&rows).Error; err != nil {
		return err
	}
	for _, row := range rows {
		f := Finding{Check: CheckLeaves, Code: "two_leaves", Case: caseOfLeaf(row.Kind, row.Ref), About: []string{row.Kind, row.Ref}}
		if malformed(row.Digest) {
			f.Code = "leaf_malformed"
		}
		if row.Kind == leafRating {
			f.Rating = row.Ref
		}
		v.find(f)
	}
	return v.faults
}
