package store

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
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

// leafSource is a kind of leaves with the table behind it; a leaf's reference is the row's id, and its
// number with a slash between where it has one. A new kind of leaf takes a line in leafSources.
type leafSource struct{ kind, table, id, number string }

// unless narrows down a walk over rows: of a kind that came to be leaves later, those of before have none until all are given theirs.
func (f leafSource) unless() string {
	if f.kind != leafPublicFigures {
		return ""
	}
	return fmt.Sprintf(" AND (r.nonce IS NOT NULL OR EXISTS (SELECT 1 FROM leaves x WHERE x.kind = '%[1]s') OR EXISTS (SELECT 1 FROM pending_leaves x WHERE x.kind = '%[1]s')"+
		" OR EXISTS (SELECT 1 FROM facts x WHERE x.name = '%[2]s'))", f.kind, factEditionLeaves)
}

var leafSources = []leafSource{
	{leafEvent, "case_events", "case_id", "seq"},
	{leafWatch, "watch_entries", "listing_id", "seq"},
	{leafProbe, "probe_entries", "probe_id", "seq"},
	{leafArchive, "archives", "case_id", "version"},
	{leafDocument, "documents", "id", ""},
	{leafDeletion, "deletions", "id", ""},
	{leafDevice, "device_messages", "device_id", "counter"},
	{leafConsent, "consents", "id", ""},
	{leafReveal, "reveal_entries", "reveal_id", "seq"},
	{leafRedaction, "redactions", "rating_id", "seq"},
	{leafOpening, "box_openings", "id", ""},
	{leafReport, "box_opening_reports", "id", ""},
	{leafAnswer, "box_opening_answers", "report_id", "seq"},
	{leafBoxState, "box_states", "box_id", "seq"},
	{leafPaper, "paper_readings", "entry_id", "nth"},
	{leafSeal, "seals", "series", "version"},
	{leafBoard, "boards", "period", "version"},
	{leafPublicFigures, "public_figures", "period", "edition"},
	{leafDocket, "docket_entries", "docket_id", "seq"},
}

// numbered is the column of the row's number, or what stands in its place.
func (f leafSource) numbered(none string) string {
	if f.number == "" {
		return none
	}
	return "r." + f.number
}

// ref is the reference as the database makes it.
func (f leafSource) ref() string {
	if f.number == "" {
		return "r." + f.id
	}
	return fmt.Sprintf("CONCAT(r.%s, '/', r.%s)", f.id, f.number)
}

// decisions walks over the rows behind the other kinds of leaves: each has its leaf. Events and official
// documents have walks of their own.
func (v *verifier) decisions(ctx context.Context) error {
	if !v.wants(CheckLeaves) || v.options.Case != "" {
		return nil
	}
	for _, source := range leafSources {
		if source.kind == leafEvent || source.kind == leafDocument {
			continue
		}
		if err := v.rowsOf(ctx, source); err != nil {
			return err
		}
	}
	return v.faults
}

func (v *verifier) rowsOf(ctx context.Context, f leafSource) error {
	query := fmt.Sprintf(`SELECT r.%[3]s AS id, %[4]s AS n, %[5]s AS ref, p.digest AS pending, l.digest AS taken FROM %[2]s r
		LEFT JOIN pending_leaves p ON p.kind = '%[1]s' AND p.ref = %[5]s
		LEFT JOIN leaves l ON l.kind = '%[1]s' AND l.ref = %[5]s
		WHERE (r.%[3]s > ? OR r.%[3]s = ? AND %[4]s > ?)%[6]s ORDER BY r.%[3]s, n LIMIT ?`, f.kind, f.table, f.id, f.numbered("0"), f.ref(), f.unless())
	after, last := "", int64(0)
	for {
		var rows []struct {
			ID, Ref        string
			N              int64
			Pending, Taken *string
		}
		err := v.s.rows(ctx).Raw(query, after, after, last, pageOf).Scan(&rows).Error
		if err != nil || len(rows) == 0 {
			return err
		}
		for _, row := range rows {
			after, last = row.ID, row.N
			v.timed(CheckLeaves, 1, func() { v.decision(ctx, f.kind, row.Ref, textIn(row.Taken), textIn(row.Pending)) })
		}
	}
}

func (v *verifier) decision(ctx context.Context, kind, ref, taken, pending string) {
	made, err := v.s.leafOf(ctx, kind, ref)
	code := leafFault(taken, pending, made)
	if err != nil { // it does not read
		code = "altered"
	}
	if code != "" {
		v.find(Finding{Check: CheckLeaves, Code: code, Case: caseOfLeaf(kind, ref), About: []string{kind, ref}})
	}
}

// caseOfLeaf is the case that a leaf's reference names, "" where it names none: an official document's is
// its own id.
func caseOfLeaf(kind, ref string) string {
	if kind != leafEvent && kind != leafArchive {
		return ""
	}
	id, _, _ := strings.Cut(ref, "/")
	return id
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
		f := Finding{Check: CheckLedger, Code: "row_gone", Case: caseOfLeaf(leaf.Kind, leaf.Ref), About: []string{leaf.Kind, leaf.Ref}}
		if leaf.Kind == leafRating {
			f.Rating = leaf.Ref
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
		index := first + int64(i)
		found, there := stored[index]
		if _, below := ledger.LeavesUnder(index); below > 0 && !there {
			continue // earlier releases kept these too
		}
		if found != hex.EncodeToString(hash[:]) {
			wrong = append(wrong, number(index))
		}
	}
	if wrong != nil {
		v.find(Finding{Check: CheckLedger, Code: "hash_differs", About: wrong})
	}
	return nil
}

// rowsGone are the leaves behind which no row stands.
func rowsGone(db *gorm.DB, leaves []placedLeaf) (gone []placedLeaf, err error) {
	ids := map[string][]string{}
	for _, leaf := range leaves {
		id, _, _ := strings.Cut(leaf.Ref, "/")
		ids[leaf.Kind] = append(ids[leaf.Kind], id)
	}
	there := map[string]bool{}
	if err := thereAre(db, there, leafRating, "SELECT id, '' FROM ratings WHERE id IN ?", ids[leafRating]); err != nil {
		return nil, err
	}
	for _, f := range leafSources {
		query := fmt.Sprintf("SELECT r.%s, %s FROM %s r WHERE r.%s IN ?", f.id, f.numbered("''"), f.table, f.id)
		if err := thereAre(db, there, f.kind, query, ids[f.kind]); err != nil {
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
