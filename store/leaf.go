package store

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"gorm.io/gorm"

	"haochaping/store/ledger"
)

var (
	pendingLeavesTable = table{name: "pending_leaves", columns: []string{"kind", "ref", "digest", "added_at"}}
	leavesTable        = table{name: "leaves", columns: []string{"position", "kind", "ref", "digest"}}
	hashesTable        = table{name: "ledger_hashes", columns: []string{"hash_index", "hash"}}
)

// LeaseSequencer is the lease under which one node takes leaves into the ledger.
const LeaseSequencer = "sequencer"

// lateLeaf is from when on a pending leaf is worth an alarm: the sequencer runs every second.
const lateLeaf = time.Minute

// Kinds of rows that the ledger takes in.
const (
	leafRating = "rating"
	leafEvent  = "event"
)

// kindOf is a leaf's kind where a piece of the ledger is read by its positions: by the bare column SQLite would go through all leaves of the
// kind, by the index that begins with it.
const kindOf = "COALESCE(kind, '')"

// pendingLeaf makes the leaf of a row that is about to be inserted, and the nonce to store with
// it. wall is the machines' time: how long a leaf waits is theirs to answer for.
func pendingLeaf(kind, ref string, canonical []byte, wall time.Time) (nonce []byte, row []any) {
	nonce = ledger.NewNonce()
	digest := ledger.DigestLeaf(nonce, canonical)
	return nonce, []any{kind, ref, hex.EncodeToString(digest[:]), micros(wall)}
}

type pendingLeafRow struct {
	Kind    string `gorm:"primaryKey"`
	Ref     string `gorm:"primaryKey"`
	Digest  string
	AddedAt int64
}

func (pendingLeafRow) TableName() string { return "pending_leaves" }

type hashRow struct {
	HashIndex int64 `gorm:"primaryKey;autoIncrement:false"`
	Hash      string
}

func (hashRow) TableName() string { return "ledger_hashes" }

// hashTable is the ledger's table of hashes within a transaction, or for reading.
type hashTable struct {
	s  *Store
	db *gorm.DB
}

// ReadHashes implements ledger.Hashes.
func (t hashTable) ReadHashes(indexes []int64) ([]ledger.Hash, error) {
	var kept, positions []int64
	for _, index := range indexes {
		first, n := ledger.LeavesUnder(index)
		if n == 0 {
			kept = append(kept, index)
		}
		for i := range n {
			positions = append(positions, first+i)
		}
	}
	at, err := t.read("SELECT hash_index AS place, hash FROM ledger_hashes WHERE hash_index IN ?", kept)
	if err != nil {
		return nil, err
	}
	leaves, err := t.read("SELECT position AS place, digest AS hash FROM leaves WHERE position IN ?", positions)
	if err != nil {
		return nil, err
	}
	hashes := make([]ledger.Hash, 0, len(indexes))
	for _, index := range indexes {
		hash, there := at[index]
		if first, n := ledger.LeavesUnder(index); n > 0 {
			hash, there = subtree(leaves, first, n)
		}
		if !there {
			return nil, fmt.Errorf("ledger: hash %d is missing", index)
		}
		hashes = append(hashes, hash)
	}
	return hashes, nil
}

func subtree(leaves map[int64]ledger.Hash, first, n int64) (hash ledger.Hash, there bool) {
	under := make([]ledger.Hash, n)
	for i := range n {
		if under[i], there = leaves[first+i]; !there {
			return hash, false
		}
	}
	return ledger.Subtree(under), true
}

func (t hashTable) read(query string, places []int64) (map[int64]ledger.Hash, error) {
	at := map[int64]ledger.Hash{}
	if len(places) == 0 {
		return at, nil
	}
	var rows []struct {
		Place int64
		Hash  string
	}
	if err := t.db.Raw(query, places).Scan(&rows).Error; err != nil {
		return nil, err
	}
	for _, row := range rows {
		hash, err := readHash(row.Hash)
		if err != nil {
			return nil, err
		}
		at[row.Place] = hash
	}
	return at, nil
}

// AppendHashes implements ledger.Hashes; the primary keys of hashes and leaves refuse a place that is taken.
func (t hashTable) AppendHashes(first int64, hashes []ledger.Hash) error {
	var rows [][]any
	for i, hash := range hashes {
		index := first + int64(i)
		if _, below := ledger.LeavesUnder(index); below == 0 {
			rows = append(rows, []any{index, hex.EncodeToString(hash[:])})
		}
	}
	return t.s.insert(t.db, hashesTable, rows...)
}

var errMalformed = errors.New("ledger: a stored hash is malformed")

func readHash(text string) (h ledger.Hash, err error) {
	decoded, err := hex.DecodeString(text)
	if err != nil || len(decoded) != len(h) {
		return h, errMalformed
	}
	return ledger.Hash(decoded), nil
}

// IntegrateLeaves takes up to limit pending leaves into the ledger, at the next dense positions,
// and returns how many it took off the pending ones and the ledger's size. A second leaf of a row, and what is no
// digest, is passed over (passOver). token is that of LeaseSequencer; ErrLeaseLost when another node has taken over.
func (s *Store) IntegrateLeaves(ctx context.Context, token int64, limit int) (taken int, size int64, err error) {
	taken, size, err = s.integrateLeaves(ctx, token, limit, everyLeafOnce)
	if errors.Is(err, gorm.ErrDuplicatedKey) || errors.Is(err, errMalformed) { // looked for then alone: it never happens by the product's own doing
		taken, size, err = s.integrateLeaves(ctx, token, limit, s.passOver)
	}
	return taken, size, err
}

func everyLeafOnce(_ *gorm.DB, pending []pendingLeafRow) ([]pendingLeafRow, error) {
	return pending, nil
}

func (s *Store) integrateLeaves(ctx context.Context, token int64, limit int, first func(*gorm.DB, []pendingLeafRow) ([]pendingLeafRow, error)) (taken int, size int64, err error) {
	err = s.record(ctx, func(tx *gorm.DB) error {
		if err := holdsLease(tx, LeaseSequencer, token); err != nil {
			return err
		}
		var pending []pendingLeafRow
		if err := tx.Order("added_at, kind, ref").Limit(limit).Find(&pending).Error; err != nil {
			return err
		}
		taken = len(pending)
		if size, err = ledgerSize(tx); err != nil || taken == 0 {
			return err
		}
		fresh, err := first(tx, pending)
		if err != nil {
			return err
		}
		if len(fresh) > 0 {
			if size, err = s.appendLeaves(tx, size, fresh); err != nil {
				return err
			}
		}
		return s.dropPending(tx, pending)
	})
	return taken, size, err
}

func (s *Store) appendLeaves(tx *gorm.DB, first int64, pending []pendingLeafRow) (size int64, err error) {
	hashes := make([]ledger.Hash, 0, len(pending))
	rows := make([][]any, 0, len(pending))
	for i, leaf := range pending {
		hash, err := readHash(leaf.Digest)
		if err != nil {
			return 0, err
		}
		hashes = append(hashes, hash)
		rows = append(rows, []any{first + int64(i), leaf.Kind, leaf.Ref, leaf.Digest})
	}
	if size, err = ledger.Append(hashTable{s, tx}, first, hashes); err != nil {
		return 0, err
	}
	return size, s.insert(tx, leavesTable, rows...)
}

// dropPending deletes leaves that are in the ledger now, the first ones that wait: many by one statement where a statement
// is a round trip, on SQLite, which nobody writes beside, all up to the last.
func (s *Store) dropPending(tx *gorm.DB, pending []pendingLeafRow) error {
	if s.engine == onSQLite {
		last := pending[len(pending)-1]
		return s.write(tx, "DELETE FROM pending_leaves WHERE (added_at, kind, ref) <= (?, ?, ?)", last.AddedAt, last.Kind, last.Ref)
	}
	refs := map[string][]any{}
	for _, leaf := range pending {
		refs[leaf.Kind] = append(refs[leaf.Kind], leaf.Ref)
	}
	for kind, all := range refs {
		if err := s.delete(tx, "DELETE FROM pending_leaves WHERE kind = ? AND ref", all, kind); err != nil {
			return err
		}
	}
	return nil
}

func ledgerSize(db *gorm.DB) (size int64, err error) {
	err = db.Raw("SELECT COALESCE(MAX(position) + 1, 0) FROM leaves").Scan(&size).Error
	return size, err
}

// LedgerPosition is the ledger's size: every figure names the position it was counted at, and
// live pages follow it.
func (s *Store) LedgerPosition(ctx context.Context) (int64, error) { return ledgerSize(s.rows(ctx)) }

// LedgerCheckpoint is the ledger's size with its root at this moment, to be signed.
func (s *Store) LedgerCheckpoint(ctx context.Context) (ledger.Checkpoint, error) {
	size, err := s.LedgerPosition(ctx)
	if err != nil {
		return ledger.Checkpoint{}, err
	}
	tree, err := ledger.Load(hashTable{s, s.rows(ctx)}, size)
	if err != nil {
		return ledger.Checkpoint{}, err
	}
	root, err := tree.Root()
	return ledger.Checkpoint{Size: size, Root: root, At: s.now()}, err
}

// WatchLeaves raises an alarm when a leaf has been pending for more than a minute, and clears it
// when none is. It needs no lease: the node that should integrate may be the one that is down.
func (s *Store) WatchLeaves(ctx context.Context) (late int64, err error) {
	err = s.rows(ctx).Model(&pendingLeafRow{}).Where("added_at < ?", micros(s.wall().Add(-lateLeaf))).Count(&late).Error
	if err != nil {
		return 0, err
	}
	return late, s.record(ctx, func(tx *gorm.DB) error {
		if late > 0 {
			return s.raise(tx, AlarmLeaf, "ledger", strconv.FormatInt(late, 10), "", "")
		}
		return tx.Model(&alarmRow{}).Where("kind = ? AND cleared_at = 0", AlarmLeaf).Update("cleared_at", micros(s.now())).Error
	})
}

// leafContent is what a leaf's digest is made of.
type leafContent struct {
	Nonce, Canonical []byte
}

func (c leafContent) digest() ledger.Hash { return ledger.DigestLeaf(c.Nonce, c.Canonical) }

// leafOf makes a row's leaf anew from what the record holds now: the columns that figures are
// counted from, not only the bytes stored for the leaf.
func (s *Store) leafOf(ctx context.Context, kind, ref string) (ledger.Hash, error) {
	content, err := s.leafContent(ctx, kind, ref)
	if err != nil {
		return ledger.Hash{}, err
	}
	return content.digest(), nil
}

func (s *Store) leafContent(ctx context.Context, kind, ref string) (leafContent, error) {
	switch kind {
	case leafEvent:
		return s.eventLeaf(ctx, ref)
	case leafWatch:
		return s.watchLeaf(ctx, ref)
	case leafProbe:
		return s.probeLeaf(ctx, ref)
	case leafArchive:
		return s.archiveLeaf(ctx, ref)
	case leafDocument:
		return s.documentLeaf(ctx, ref)
	case leafConsent:
		return s.consentLeaf(ctx, ref)
	case leafDeletion:
		return s.deletionLeaf(ctx, ref)
	case leafReveal:
		return s.revealLeaf(ctx, ref)
	case leafRedaction:
		return s.redactionLeaf(ctx, ref)
	case leafOpening:
		return s.openingLeaf(ctx, ref)
	case leafReport:
		return s.reportLeaf(ctx, ref)
	case leafAnswer:
		return s.answerLeaf(ctx, ref)
	case leafBoxState:
		return s.boxStateLeaf(ctx, ref)
	case leafDevice:
		return s.deviceLeaf(ctx, ref)
	case leafDocket:
		return s.docketLeaf(ctx, ref)
	case leafPaper:
		return s.paperLeaf(ctx, ref)
	case leafSeal:
		return s.sealLeaf(ctx, ref)
	case leafBoard:
		return s.boardLeaf(ctx, ref)
	case leafPublicFigures:
		return s.publicFiguresLeaf(ctx, ref)
	}
	made, err := s.ratingLeaves(ctx, []string{ref})
	if err != nil {
		return leafContent{}, err
	}
	one, there := made[ref]
	if !there {
		return leafContent{}, gorm.ErrRecordNotFound
	}
	return one.content, one.fault
}

// madeLeaf is a row's leaf with what is wrong with the row by itself.
type madeLeaf struct {
	content leafContent
	fault   error
}

// ratingLeaves makes the leaves of ratings anew, by id; one that is not there is left out.
func (s *Store) ratingLeaves(ctx context.Context, ids []string) (map[string]madeLeaf, error) {
	var rows []struct {
		View       ratingView `gorm:"embedded"`
		GivenMonth string
		Canonical  []byte
		Nonce      []byte
	}
	if err := s.rows(ctx).Table("ratings").Find(&rows, "id IN ?", ids).Error; err != nil {
		return nil, err
	}
	made := make(map[string]madeLeaf, len(rows))
	for _, row := range rows {
		r := row.View.rating()
		m := madeLeaf{content: leafContent{row.Nonce, canonicalRating(r, row.View.TextDigest, row.View.PrivacyVersion)}}
		if bytes.Equal(m.content.Canonical, row.Canonical) {
			// What is read in another way than it was written, or is not in the bytes.
			m.fault = columnsAre(map[string]bool{"given_month": row.GivenMonth == monthOf(r.GivenAt), "dimensions": row.View.Dimensions == dimensionText(r.Dimensions),
				"options": row.View.Options == strings.Join(r.Options, ","), "gaps": row.View.Gaps == strings.Join(r.Place.Gaps, ",")})
		} else {
			m.fault = unlike(m.content.Canonical, row.Canonical)
		}
		made[row.View.ID] = m
	}
	return made, nil
}

// fieldsDiffer says in what a row is not what its canonical bytes say.
type fieldsDiffer struct{ fields []string }

func (e *fieldsDiffer) Error() string {
	return "its columns and its canonical bytes differ: " + strings.Join(e.fields, ", ")
}

// eventLeaves makes the leaves of events anew, by reference; one that is not there is left out.
func (s *Store) eventLeaves(ctx context.Context, refs []string) (map[string]madeLeaf, error) {
	wanted, cases, least, most := map[string]bool{}, []string{}, int64(math.MaxInt64), int64(0)
	for _, ref := range refs {
		id, seq, err := refParts(ref)
		if err != nil {
			continue // no event's: it is not there
		}
		wanted[ref], cases, least, most = true, append(cases, id), min(least, seq), max(most, seq)
	}
	var rows []struct {
		CaseID      string
		Seq, At     int64
		Kind, Name  string
		Body, Nonce []byte
	}
	err := s.rows(ctx).Table("case_events").Find(&rows, "case_id IN ? AND seq >= ? AND seq <= ?", cases, least, most).Error
	if err != nil {
		return nil, err
	}
	made := make(map[string]madeLeaf, len(rows))
	for _, row := range rows {
		ref := eventRef(row.CaseID, row.Seq)
		if !wanted[ref] {
			continue
		}
		var body storedEvent
		m := madeLeaf{content: leafContent{row.Nonce, canonicalEvent(row.CaseID, row.Seq, row.Body)}, fault: json.Unmarshal(row.Body, &body)}
		if m.fault == nil {
			m.fault = columnsAre(map[string]bool{"seq": body.Seq == row.Seq, "at": micros(body.At) == row.At, "kind": string(body.Kind) == row.Kind, "name": body.Name == row.Name})
		}
		made[ref] = m
	}
	return made, nil
}

// columnsAre is an error that names the columns that are not what the row's body says.
func columnsAre(same map[string]bool) error {
	var fields []string
	for _, column := range slices.Sorted(maps.Keys(same)) {
		if !same[column] {
			fields = append(fields, column)
		}
	}
	if fields == nil {
		return nil
	}
	return &fieldsDiffer{fields}
}

// refParts reads what eventRef wrote.
func refParts(ref string) (id string, seq int64, err error) {
	id, number, _ := strings.Cut(ref, "/")
	seq, err = strconv.ParseInt(number, 10, 64)
	return id, seq, err
}

func (s *Store) eventLeaf(ctx context.Context, ref string) (leafContent, error) {
	made, err := s.eventLeaves(ctx, []string{ref})
	if err != nil {
		return leafContent{}, err
	}
	one, there := made[ref]
	if !there {
		return leafContent{}, gorm.ErrRecordNotFound
	}
	return one.content, one.fault
}
