package store

import (
	"bytes"
	"context"
	"encoding/hex"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
	"gorm.io/gorm"

	"haochaping/regulation"
	"haochaping/store/ledger"
)

// checkedRating is a rating with its leaf and its case.
type checkedRating struct {
	View      ratingView `gorm:"embedded"`
	Canonical []byte
	Nonce     []byte
	CaseID    *string
	Number    *string
	Pending   *string
	Taken     *string
}

const readRatings = `SELECT r.*, c.id AS case_id, c.number, p.digest AS pending, l.digest AS taken FROM ratings r
	LEFT JOIN cases c ON c.rating_id = r.id
	LEFT JOIN pending_leaves p ON p.kind = 'rating' AND p.ref = r.id
	LEFT JOIN leaves l ON l.kind = 'rating' AND l.ref = r.id`

// ratings walks over all ratings: a bad one has its case, a good one none, and each its leaf.
func (v *verifier) ratings(ctx context.Context) error {
	if !v.wants(CheckRatings) && !v.wants(CheckLeaves) {
		return nil
	}
	for after := ""; ; {
		query, args := readRatings+" WHERE r.id > ? ORDER BY r.id LIMIT ?", []any{after, pageOf}
		if v.options.Case != "" {
			query, args = readRatings+" WHERE c.id = ?", []any{v.options.Case}
		}
		var rows []checkedRating
		if err := v.s.rows(ctx).Raw(query, args...).Scan(&rows).Error; err != nil || len(rows) == 0 {
			return err
		}
		for _, row := range rows {
			v.timed(CheckRatings, 1, func() { v.rating(row) })
			v.timed(CheckLeaves, 1, func() { v.ratingLeaf(row) })
		}
		if v.faults != nil || v.options.Case != "" {
			return v.faults
		}
		after = rows[len(rows)-1].View.ID
	}
}

func (r checkedRating) finding(check, code string, about ...string) Finding {
	f := Finding{Check: check, Code: code, Rating: r.View.ID, Area: r.View.Area, About: about}
	if r.CaseID != nil {
		f.Case, f.Number = *r.CaseID, *r.Number
	}
	return f
}

func (v *verifier) rating(r checkedRating) {
	bad := regulation.Grade(r.View.Grade).Bad()
	switch {
	case bad && r.CaseID == nil:
		v.find(r.finding(CheckRatings, "no_case"))
	case !bad && r.CaseID != nil:
		v.find(r.finding(CheckRatings, "case_of_a_good_rating"))
	}
}

func (v *verifier) ratingLeaf(r checkedRating) {
	made := canonicalRating(r.View.rating(), r.View.TextDigest, r.View.PrivacyVersion)
	code := leafFault(textIn(r.Taken), textIn(r.Pending), ledger.DigestLeaf(r.Nonce, made))
	if code == "" && !bytes.Equal(made, r.Canonical) {
		code = "altered"
	}
	if code != "" {
		v.find(r.finding(CheckLeaves, code, "rating"))
	}
}

const readWatch = `SELECT e.listing_id, e.seq, e.body, e.nonce, p.digest AS pending, l.digest AS taken FROM watch_entries e
	LEFT JOIN pending_leaves p ON p.kind = 'watch' AND p.ref = CONCAT(e.listing_id, '/', e.seq)
	LEFT JOIN leaves l ON l.kind = 'watch' AND l.ref = CONCAT(e.listing_id, '/', e.seq)
	WHERE e.listing_id > ? OR e.listing_id = ? AND e.seq > ? ORDER BY e.listing_id, e.seq LIMIT ?`

// watch walks over the decisions of the watch list: each has its leaf.
func (v *verifier) watch(ctx context.Context) error {
	if !v.wants(CheckLeaves) || v.options.Case != "" {
		return nil
	}
	after, seq := "", int64(0)
	for {
		var rows []struct {
			ListingID      string
			Seq            int64
			Body, Nonce    []byte
			Pending, Taken *string
		}
		err := v.s.rows(ctx).Raw(readWatch, after, after, seq, pageOf).Scan(&rows).Error
		if err != nil || len(rows) == 0 || v.faults != nil {
			return firstOf(err, v.faults)
		}
		for _, row := range rows {
			after, seq = row.ListingID, row.Seq
			digest := ledger.DigestLeaf(row.Nonce, canonicalWatch(row.ListingID, row.Seq, row.Body))
			v.timed(CheckLeaves, 1, func() {
				if code := leafFault(textIn(row.Taken), textIn(row.Pending), digest); code != "" {
					v.find(Finding{Check: CheckLeaves, Code: code, About: []string{leafWatch, eventRef(row.ListingID, row.Seq)}})
				}
			})
		}
	}
}

// leafFault says what is wrong with a row's leaf, "" where it is pending or taken in, once, and as the
// row makes it.
func leafFault(taken, pending string, made ledger.Hash) string {
	switch {
	case taken == "" && pending == "":
		return "no_leaf"
	case taken != "" && pending != "":
		return "two_leaves"
	case taken+pending != hex.EncodeToString(made[:]):
		return "altered"
	}
	return ""
}

func textIn(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}

// placedLeaf is a leaf at its position.
type placedLeaf struct {
	Position          int64
	Kind, Ref, Digest string
}

// leavesOf is how many leaves are held against the stored hashes at a time.
const leavesOf = 1000

// ledger recounts the Merkle log from its leaves: their positions are dense, the stored hashes are
// what they make, and behind each stands its row.
func (v *verifier) ledger(ctx context.Context) error {
	if !v.wants(CheckLedger) || v.options.Case != "" {
		return nil
	}
	tree := &ledger.Tree{}
	for {
		var rows []placedLeaf
		var fault error
		err := v.s.still(ctx, func(db *gorm.DB) error {
			err := db.Table("leaves").Where("position >= ?", tree.Size()).Order("position").Limit(leavesOf).Find(&rows).Error
			if err == nil && len(rows) > 0 {
				v.timed(CheckLedger, int64(len(rows)), func() { fault = v.recount(db, tree, rows) })
			}
			return err
		})
		if err != nil || fault != nil || len(rows) == 0 || v.faults != nil {
			return firstOf(err, fault, v.faults)
		}
		if rows[len(rows)-1].Position != tree.Size()-1 {
			return nil // a position is missing: told, and what follows cannot be counted
		}
	}
}

func firstOf(all ...error) error {
	for _, err := range all {
		if err != nil {
			return err
		}
	}
	return nil
}

// recount adds leaves to the tree and compares with what is stored. A leaf whose digest or place is
// wrong shows in the hashes.
func (v *verifier) recount(db *gorm.DB, tree *ledger.Tree, rows []placedLeaf) error {
	gone, err := rowsGone(db, rows)
	if err != nil {
		return err
	}
	for _, leaf := range gone {
		id, _, _ := strings.Cut(leaf.Ref, "/")
		f := Finding{Check: CheckLedger, Code: "row_gone", About: []string{leaf.Kind, leaf.Ref}}
		if leaf.Kind == leafEvent {
			f.Case = id
		}
		v.find(f)
	}
	first := tlog.StoredHashCount(tree.Size())
	var made []ledger.Hash
	for _, leaf := range rows {
		if leaf.Position != tree.Size() {
			v.find(Finding{Check: CheckLedger, Code: "position_missing", About: []string{number(tree.Size())}})
			break
		}
		hash, err := readHash(leaf.Digest)
		if err != nil {
			v.find(Finding{Check: CheckLedger, Code: "digest_malformed", About: []string{number(leaf.Position)}})
		}
		more, err := tree.Add(hash)
		if err != nil {
			return err
		}
		made = append(made, more...)
	}
	return v.compareHashes(db, first, made)
}

func (v *verifier) compareHashes(db *gorm.DB, first int64, made []ledger.Hash) error {
	var rows []hashRow
	err := db.Find(&rows, "hash_index >= ? AND hash_index < ?", first, first+int64(len(made))).Error
	if err != nil {
		return err
	}
	stored := map[int64]string{}
	for _, row := range rows {
		stored[row.HashIndex] = row.Hash
	}
	var wrong []string
	for i, hash := range made {
		if index := first + int64(i); stored[index] != hex.EncodeToString(hash[:]) {
			wrong = append(wrong, number(index))
		}
	}
	if wrong != nil {
		v.find(Finding{Check: CheckLedger, Code: "hash_differs", About: wrong})
	}
	return nil
}

// behind is where the row of a leaf of a kind stands: its id, and its number where it has one.
var behind = map[string]string{
	leafRating:   "SELECT id, '' FROM ratings WHERE id IN ?",
	leafEvent:    "SELECT case_id, seq FROM case_events WHERE case_id IN ?",
	leafWatch:    "SELECT listing_id, seq FROM watch_entries WHERE listing_id IN ?",
	leafArchive:  "SELECT case_id, version FROM archives WHERE case_id IN ?",
	leafDocument: "SELECT id, '' FROM documents WHERE id IN ?",
	leafDeletion: "SELECT id, '' FROM deletions WHERE id IN ?",
}

// rowsGone are the leaves behind which no row stands.
func rowsGone(db *gorm.DB, leaves []placedLeaf) (gone []placedLeaf, err error) {
	ids := map[string][]string{}
	for _, leaf := range leaves {
		id, _, _ := strings.Cut(leaf.Ref, "/")
		ids[leaf.Kind] = append(ids[leaf.Kind], id)
	}
	there := map[string]bool{}
	for kind, query := range behind {
		if err := thereAre(db, there, kind, query, ids[kind]); err != nil {
			return nil, err
		}
	}
	for _, leaf := range leaves {
		if !there[leaf.Kind+" "+leaf.Ref] {
			gone = append(gone, leaf)
		}
	}
	return gone, nil
}

func thereAre(db *gorm.DB, there map[string]bool, kind, query string, ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	rows, err := db.Raw(query, ids).Rows()
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id, seq string
		if err := rows.Scan(&id, &seq); err != nil {
			return err
		}
		if n, err := strconv.ParseInt(seq, 10, 64); err == nil {
			id = eventRef(id, n)
		}
		there[kind+" "+id] = true
	}
	return rows.Err()
}
