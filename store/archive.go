package store

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/emmansun/gmsm/sm3"
	"gorm.io/gorm"

	"haochaping/regulation"
	"haochaping/store/ledger"
	"haochaping/store/seal"
)

// LeaseArchive is the lease under which one node writes archive packages.
const LeaseArchive = "archive"

const (
	outboxArchive = "archive_case"
	leafArchive   = "archive"
	archiveMime   = "application/zip"

	// archiveSchema is the form of index.json; older forms stay readable for ever.
	archiveSchema = 1
)

// archiveRef asks for the package of a case that an event closed.
func archiveRef(c regulation.Case) []any {
	return []any{outboxArchive, eventRef(c.ID, c.Seq), micros(c.ClosedAt)}
}

// Archived is what a closed case's package says, and index.json is made of: everything on record
// about the case but who rated. What staff wrote is in texts.json, the rater's words in rater.sealed,
// evidence by its digests.
type Archived struct {
	Schema     int               `json:"schema"`
	Version    int               `json:"version"`
	MadeAt     time.Time         `json:"made_at"`
	Case       regulation.Case   `json:"case"`
	Rating     ArchivedRating    `json:"rating"`
	Edition    []Parameter       `json:"edition"`   // parameters in force for the case
	Calendars  []string          `json:"calendars"` // versions that due dates were counted with
	Events     []ArchivedEvent   `json:"events"`
	Documents  []ArchivedPaper   `json:"documents"`
	Files      []ArchivedFile    `json:"files"`
	Names      map[string]string `json:"names"` // of people and organisations, as they were then
	LedgerSize int64             `json:"ledger_size"`
	LedgerRoot string            `json:"ledger_root"` // hexadecimal
}

// ArchivedRating is the rating without what leads to the rater.
type ArchivedRating struct {
	ID         string                      `json:"id"`
	Grade      regulation.Grade            `json:"grade"`
	Channel    regulation.Channel          `json:"channel"`
	Target     regulation.TargetKind       `json:"target"`
	Options    []string                    `json:"options"`
	Dimensions map[string]regulation.Grade `json:"dimensions,omitempty"`
	GivenOn    string                      `json:"given_on"` // the day in Asia/Shanghai
	Position   int64                       `json:"position"`
	Leaf       string                      `json:"leaf"` // digest
}

// ArchivedEvent is an event with its place in the ledger: the leaf is the digest of nonce and
// canonical bytes, which lie in the package as they are.
type ArchivedEvent struct {
	regulation.Event
	TextDigests map[string]string `json:"texts,omitempty"`
	Canonical   string            `json:"canonical"` // name in the package
	Nonce       string            `json:"nonce"`     // hexadecimal
	Position    int64             `json:"position"`
	Leaf        string            `json:"leaf"`

	canonical []byte
}

// ArchivedPaper is an official document that was issued. Its text is in texts.json, a letter to the
// rater's in rater.sealed.
type ArchivedPaper struct {
	ID         string                  `json:"id"`
	Kind       regulation.DocumentKind `json:"kind"`
	Number     string                  `json:"number"`
	For        regulation.Audience     `json:"for"`
	To         string                  `json:"to,omitempty"`
	Replaces   string                  `json:"replaces,omitempty"`    // number of the one whose place it took
	ReplacedBy string                  `json:"replaced_by,omitempty"` // of the one that took its place
	Reason     string                  `json:"reason,omitempty"`      // why it took another's place
	IssuedAt   time.Time               `json:"issued_at"`
	IssuedBy   string                  `json:"issued_by"`
	TextDigest string                  `json:"text"`
	Canonical  string                  `json:"canonical"` // name in the package
	Nonce      string                  `json:"nonce"`
	Position   int64                   `json:"position"`
	Leaf       string                  `json:"leaf"`

	canonical []byte
}

// ArchivedFile is a piece of evidence: its content stays in the file store.
type ArchivedFile struct {
	Digest string `json:"digest"`
	Mime   string `json:"type"`
	Bytes  int64  `json:"bytes"`
	Seq    int64  `json:"seq,omitempty"` // of the event that has it; absent for the paper form
}

// archivedText is one text of a package, with the salt of its digest.
type archivedText struct {
	Owner string `json:"owner"`
	Seq   int64  `json:"seq"`
	Field string `json:"field"`
	Text  string `json:"text"`
	Salt  []byte `json:"salt"`
}

type archiveRow struct {
	CaseID  string `gorm:"primaryKey"`
	Version int    `gorm:"primaryKey;autoIncrement:false"`
	Seq     int64
	Papers  int // official documents in it
	Digest  string
	SM3     string `gorm:"column:sm3"`
	Size    int64
	MadeAt  int64
	Nonce   []byte
}

func (archiveRow) TableName() string { return "archives" }

// canonical is version 1 of a package's canonical bytes.
func (r archiveRow) canonical() []byte {
	return ledger.NewRow(leafArchive, 1).Text(r.CaseID).Integer(int64(r.Version)).Integer(r.Seq).Text(r.Digest).Text(r.SM3).
		Integer(r.Size).Instant(instant(r.MadeAt)).Canonical()
}

// ArchivePage draws a package's index.html.
type ArchivePage func(Archived) ([]byte, error)

// ArchiveCases writes the packages of up to limit closed cases, each exactly once, and returns how
// many it dealt with. A document that is issued later makes another package. A case whose last leaf the ledger has not taken in yet waits for the next time.
// token is that of LeaseArchive; ErrLeaseLost when another node has taken over.
func (s *Store) ArchiveCases(ctx context.Context, token int64, limit int, page ArchivePage) (done int, err error) {
	if s.sealer == nil {
		return 0, errNoKeys
	}
	var refs []string
	err = s.rows(ctx).Model(&outboxRow{}).Where("kind = ?", outboxArchive).Order("added_at, ref").Limit(limit).Pluck("ref", &refs).Error
	if err != nil || len(refs) == 0 {
		return 0, err
	}
	size, err := s.LedgerPosition(ctx)
	if err != nil {
		return 0, err
	}
	root, err := ledger.Root(hashTable{s, s.rows(ctx)}, size)
	if err != nil {
		return 0, err
	}
	for _, ref := range refs {
		p := packaging{s: s, ctx: ctx, ref: ref, token: token}
		p.of.LedgerSize, p.of.LedgerRoot = size, hex.EncodeToString(root[:])
		ready, err := p.write(page)
		if err != nil {
			return done, fmt.Errorf("archive %s: %w", ref, err)
		}
		if ready {
			done++
		}
	}
	return done, nil
}

// packaging is one package on its way.
type packaging struct {
	s     *Store
	ctx   context.Context
	ref   string
	token int64
	of    Archived
}

// write makes the package and puts it on record; false where the ledger is not that far.
func (p *packaging) write(page ArchivePage) (bool, error) {
	id, seq, err := refParts(p.ref)
	if err != nil {
		return false, err
	}
	if p.of.Case, err = p.s.readCase(p.ctx, id); err != nil {
		return false, err
	}
	if p.of.Case.Seq != seq || !p.of.Case.Closed() {
		return true, p.drop() // reopened meanwhile: its next closing is archived
	}
	ready, err := p.gather()
	if err != nil || !ready {
		return false, err
	}
	content, err := p.pack(page)
	if err != nil {
		return false, err
	}
	return p.keep(content)
}

func (p *packaging) drop() error {
	return p.s.tx(p.ctx, func(tx *gorm.DB) error {
		return tx.Delete(&outboxRow{}, "kind = ? AND ref = ?", outboxArchive, p.ref).Error
	})
}

// gather reads all that goes into the package.
func (p *packaging) gather() (ready bool, err error) {
	c := p.of.Case
	p.of.Schema, p.of.MadeAt = archiveSchema, p.s.now()
	var last int
	if err := p.s.rows(p.ctx).Model(&archiveRow{}).Where("case_id = ?", c.ID).Select("COALESCE(MAX(version), 0)").Scan(&last).Error; err != nil {
		return false, err
	}
	p.of.Version = last + 1
	if ready, err = p.gatherEvents(); err != nil || !ready {
		return false, err
	}
	if ready, err = p.gatherRating(); err != nil || !ready {
		return false, err
	}
	if ready, err = p.gatherDocuments(); err != nil || !ready {
		return false, err
	}
	if p.of.Edition, err = p.s.Parameters(p.ctx, c.Edition); err != nil {
		return false, err
	}
	if err := p.gatherFiles(); err != nil {
		return false, err
	}
	return true, p.gatherNames()
}

type leafRow struct {
	Position    int64
	Ref, Digest string
}

// leaves are the ledger's of a kind, by what they stand for.
func (p *packaging) leaves(kind string, refs ...string) (map[string]leafRow, error) {
	var rows []leafRow
	err := p.s.rows(p.ctx).Table("leaves").Where("kind = ? AND ref IN ?", kind, refs).Find(&rows).Error
	found := map[string]leafRow{}
	for _, row := range rows {
		found[row.Ref] = row
	}
	return found, err
}

func (p *packaging) gatherEvents() (bool, error) {
	var rows []struct {
		Seq         int64
		Body, Nonce []byte
	}
	c := p.of.Case
	if err := p.s.rows(p.ctx).Table("case_events").Where("case_id = ?", c.ID).Order("seq").Find(&rows).Error; err != nil {
		return false, err
	}
	var refs []string
	for _, row := range rows {
		refs = append(refs, eventRef(c.ID, row.Seq))
	}
	leaves, err := p.leaves(leafEvent, refs...)
	if err != nil || len(leaves) < len(rows) {
		return false, err
	}
	calendars := map[string]bool{}
	for i, row := range rows {
		var stored storedEvent
		if err := json.Unmarshal(row.Body, &stored); err != nil {
			return false, err
		}
		leaf := leaves[refs[i]]
		p.of.Events = append(p.of.Events, ArchivedEvent{Event: stored.Event, TextDigests: stored.TextDigests, Position: leaf.Position, Leaf: leaf.Digest,
			Canonical: fmt.Sprintf("events/%06d", row.Seq), Nonce: hex.EncodeToString(row.Nonce), canonical: canonicalEvent(c.ID, row.Seq, row.Body)})
		for _, change := range stored.Changes {
			if v := change.Deadline.Calendar; v != "" && !calendars[v] {
				calendars[v] = true
				p.of.Calendars = append(p.of.Calendars, v)
			}
		}
	}
	return true, nil
}

func (p *packaging) gatherRating() (bool, error) {
	r, err := p.s.RatingOf(p.ctx, p.of.Case)
	if err != nil {
		return false, err
	}
	leaves, err := p.leaves(leafRating, r.ID)
	leaf, in := leaves[r.ID]
	if err != nil || !in {
		return false, err
	}
	p.of.Rating = ArchivedRating{ID: r.ID, Grade: r.Grade, Channel: r.Channel, Target: r.Target, Options: r.Options, Dimensions: r.Dimensions,
		GivenOn: dayOf(r.GivenAt), Position: leaf.Position, Leaf: leaf.Digest}
	return true, nil
}

func (p *packaging) gatherDocuments() (bool, error) {
	var rows []documentRow
	if err := p.s.rows(p.ctx).Where("case_id = ?", p.of.Case.ID).Order("issued_at, number_year, running_number").Find(&rows).Error; err != nil || len(rows) == 0 {
		return err == nil, err
	}
	ids, documents := converted(rows, func(r documentRow) string { return r.ID }), chained(converted(rows, documentRow.document))
	leaves, err := p.leaves(leafDocument, ids...)
	if err != nil || len(leaves) < len(rows) {
		return false, err
	}
	for i, row := range rows {
		d, leaf := documents[i], leaves[row.ID]
		p.of.Documents = append(p.of.Documents, ArchivedPaper{ID: d.ID, Kind: d.Kind, Number: d.Number, For: d.For, To: d.To,
			Replaces: d.Replaces, ReplacedBy: d.ReplacedBy, Reason: d.Reason, IssuedAt: d.IssuedAt, IssuedBy: d.IssuedBy,
			TextDigest: row.TextDigest, Canonical: fmt.Sprintf("documents/%06d", i+1), Nonce: hex.EncodeToString(row.Nonce), Position: leaf.Position, Leaf: leaf.Digest,
			canonical: row.canonical()})
	}
	return true, nil
}

func (p *packaging) gatherFiles() error {
	id := p.of.Case.ID
	return p.s.rows(p.ctx).Raw(`SELECT f.digest, f.mime, f.size AS bytes, b.seq FROM files f JOIN (
			SELECT digest, seq FROM case_files WHERE case_id = ?
			UNION SELECT r.digest, 0 AS seq FROM rating_scans r JOIN cases c ON c.rating_id = r.rating_id WHERE c.id = ?) b
		ON b.digest = f.digest ORDER BY b.seq, f.digest`, id, id).Scan(&p.of.Files).Error
}

// gatherNames notes what people and organisations of the case are called now.
func (p *packaging) gatherNames() error {
	tree, err := p.s.Tree(p.ctx)
	if err != nil {
		return err
	}
	people, err := p.s.People(p.ctx)
	if err != nil {
		return err
	}
	p.of.Names = map[string]string{}
	name := func(ids ...string) {
		for _, id := range ids {
			if o, known := tree.Org(id); known {
				p.of.Names[id] = o.NameZH
			} else if n := people.Name(id); n != "" {
				p.of.Names[id] = n
			}
		}
	}
	c := p.of.Case
	name(c.Authority, c.Upper, c.Unit, c.Rated.Unit, c.Rated.Hall)
	for _, order := range c.Orders {
		name(append(order.Assist, order.Unit, order.Handler)...)
	}
	for _, e := range p.of.Events {
		name(append(e.As.Absent(), e.Actor, e.As.Org)...)
	}
	return nil
}

// raterSealed holds the rater's own words in a package.
const raterSealed = "rater.sealed"

// pack makes the zip: index.json, index.html, the events' canonical bytes, texts.json, rater.sealed,
// and the manifest with the digests of them all.
func (p *packaging) pack(page ArchivePage) ([]byte, error) {
	index, err := json.MarshalIndent(p.of, "", " ")
	if err != nil {
		return nil, err
	}
	drawn, err := page(p.of)
	if err != nil {
		return nil, err
	}
	rater, staff, err := p.texts()
	if err != nil {
		return nil, err
	}
	parts := []part{{"index.json", index}, {"index.html", drawn}}
	for _, e := range p.of.Events {
		parts = append(parts, part{e.Canonical, e.canonical})
	}
	parts = append(parts, part{"texts.json", staff}, part{raterSealed, rater})
	for _, d := range p.of.Documents {
		parts = append(parts, part{d.Canonical, d.canonical})
	}
	manifest, err := manifestOf(p.of.Case, p.of.Version, parts)
	if err != nil {
		return nil, err
	}
	return zipped(append(parts, part{"manifest.json", manifest}), p.of.MadeAt)
}

// part is one file of a package.
type part struct {
	name    string
	content []byte
}

func zipped(parts []part, at time.Time) ([]byte, error) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, p := range parts {
		w, err := z.CreateHeader(&zip.FileHeader{Name: p.name, Method: zip.Deflate, Modified: at})
		if err != nil {
			return nil, err
		}
		if _, err := w.Write(p.content); err != nil {
			return nil, err
		}
	}
	err := z.Close() // before the bytes: it writes the directory
	return b.Bytes(), err
}

// manifestEntry names a file of a package with its digests.
type manifestEntry struct {
	Name   string `json:"name"`
	Bytes  int    `json:"bytes"`
	SHA256 string `json:"sha256"`
	SM3    string `json:"sm3"`
}

type manifest struct {
	Schema  int             `json:"schema"`
	Case    string          `json:"case"`
	Number  string          `json:"number"`
	Version int             `json:"version"`
	Files   []manifestEntry `json:"files"`
}

func manifestOf(c regulation.Case, version int, parts []part) ([]byte, error) {
	m := manifest{Schema: archiveSchema, Case: c.ID, Number: c.Number, Version: version}
	for _, p := range parts {
		digest, other := digests(p.content)
		m.Files = append(m.Files, manifestEntry{p.name, len(p.content), digest, other})
	}
	return json.MarshalIndent(m, "", " ")
}

// digests are the SHA-256 and the SM3 of a content, in hexadecimal.
func digests(content []byte) (sha, sm string) {
	a, b := sha256.Sum256(content), sm3.Sum(content)
	return hex.EncodeToString(a[:]), hex.EncodeToString(b[:])
}

func archivePlace(caseID string) seal.Place {
	return seal.Place{Table: "archives", ID: caseID, Field: "texts"}
}

// texts are what people typed, as JSON: the rater's words sealed, what staff wrote as it is. The
// rater's are under a key of the case's own: to destroy it is to delete them from every package,
// whatever copies there are (R59).
func (p *packaging) texts() (rater, staff []byte, err error) {
	c := p.of.Case
	var rows []textRow
	owners, letters := []string{c.ID, c.RatingID}, map[string]bool{}
	for _, d := range p.of.Documents {
		owners, letters[d.ID] = append(owners, d.ID), d.For == regulation.ForRater
	}
	// The rater's own code of a paper form opens their page and proves nothing.
	if err := p.s.rows(p.ctx).Where("owner IN ? AND field <> ?", owners, ownCodeField).Order("owner, seq, field").Find(&rows).Error; err != nil {
		return nil, nil, err
	}
	names := map[int64]string{}
	for _, e := range p.of.Events {
		names[e.Seq] = e.Name
	}
	raters, others := []archivedText{}, []archivedText{}
	for _, row := range rows {
		text, err := p.s.sealer.OpenText(row.Sealed, textPlace(row.Owner, row.Seq, row.Field))
		if err != nil {
			return nil, nil, err
		}
		line := archivedText{row.Owner, row.Seq, row.Field, text, row.Salt}
		if row.Owner == c.RatingID || letters[row.Owner] || row.Owner == c.ID && regulation.RaterText(names[row.Seq], row.Field) {
			raters = append(raters, line)
		} else {
			others = append(others, line)
		}
	}
	plain, err := json.Marshal(raters)
	if err != nil {
		return nil, nil, err
	}
	key, err := p.caseKey()
	if err != nil {
		return nil, nil, err
	}
	if rater, err = key.Seal(plain, archivePlace(c.ID)); err != nil {
		return nil, nil, err
	}
	staff, err = json.Marshal(others)
	return rater, staff, err
}

// caseKey is the key of the rater's archived words, drawn for its first package.
func (p *packaging) caseKey() (seal.SubjectKey, error) {
	key, err := p.s.archiveKey(p.ctx, p.of.Case.ID)
	if !errors.Is(err, gorm.ErrRecordNotFound) {
		return key, err
	}
	ready, err := p.s.newReadyKey(p.of.Case.ID)
	if err != nil {
		return key, err
	}
	return ready.SubjectKey, p.s.subjectKeys.put(p.ctx, []keptKey{ready.row})
}

// archiveKey opens the key of the rater's words in a case's packages; gorm.ErrRecordNotFound without one.
func (s *Store) archiveKey(ctx context.Context, caseID string) (seal.SubjectKey, error) {
	return s.subjectKey(ctx, s.rows(ctx), caseID)
}

// keep stores the package: first its row as a file, which the sweep removes if we die now, then the
// file, then, in one transaction, everything that makes it the case's. False where the case went on, or
// another document was issued, while the package was made: the next one is made of that.
func (p *packaging) keep(content []byte) (kept bool, err error) {
	row := archiveRow{CaseID: p.of.Case.ID, Version: p.of.Version, Seq: p.of.Case.Seq, Papers: len(p.of.Documents), Size: int64(len(content)), MadeAt: micros(p.of.MadeAt)}
	row.Digest, row.SM3 = digests(content)
	file := fileRow{Digest: row.Digest, Mime: archiveMime, Size: row.Size, StoredAt: micros(p.s.now())}
	if err := p.s.tx(p.ctx, func(tx *gorm.DB) error { return tx.Save(&file).Error }); err != nil {
		return false, err
	}
	if err := p.s.writeFile(row.Digest, content); err != nil {
		return false, err
	}
	nonce, leaf := pendingLeaf(leafArchive, eventRef(row.CaseID, int64(row.Version)), row.canonical(), p.s.wall())
	row.Nonce = nonce
	err = p.s.tx(p.ctx, func(tx *gorm.DB) error {
		if kept, err = p.stillWhole(tx); err != nil || !kept {
			return err
		}
		if err := holdsLease(tx, LeaseArchive, p.token); err != nil {
			return err
		}
		done := tx.Delete(&outboxRow{}, "kind = ? AND ref = ?", outboxArchive, p.ref)
		if done.Error != nil || done.RowsAffected == 0 {
			return done.Error // somebody else was asked to and did
		}
		if err := tx.Create(&row).Error; err != nil {
			return err
		}
		// An earlier key may have been destroyed by retention before the case was reopened.
		if err := tx.Delete(&erasureRow{}, "subject = ?", row.CaseID).Error; err != nil {
			return err
		}
		return p.s.insert(tx, pendingLeavesTable, leaf)
	})
	return kept && err == nil, err
}

// stillWhole tells whether the package has all that its case has, and holds the case so until tx ends.
func (p *packaging) stillWhole(tx *gorm.DB) (bool, error) {
	var seq int64
	if err := p.s.one(tx, "SELECT seq FROM cases WHERE id = ?"+p.s.forUpdate(), []any{p.of.Case.ID}, &seq); err != nil {
		return false, err
	}
	var papers int64
	err := tx.Model(&documentRow{}).Where("case_id = ?", p.of.Case.ID).Count(&papers).Error
	return seq == p.of.Case.Seq && papers == int64(len(p.of.Documents)), err
}

// archiveLeaf makes a package's leaf anew.
func (s *Store) archiveLeaf(ctx context.Context, ref string) (leafContent, error) {
	id, version, err := refParts(ref)
	if err != nil {
		return leafContent{}, err
	}
	var row archiveRow
	if err := s.rows(ctx).Take(&row, "case_id = ? AND version = ?", id, version).Error; err != nil {
		return leafContent{}, err
	}
	return leafContent{row.Nonce, row.canonical()}, nil
}

// Archive is a package on record.
type Archive struct {
	CaseID  string
	Version int
	Seq     int64 // of the closing event
	Digest  string
	SM3     string
	Size    int64 // bytes
	MadeAt  time.Time
	Deleted time.Time // when retention removed the file; zero while it is there
}

// Archives lists a case's packages within the scope, the first closing first.
func (s *Store) Archives(ctx context.Context, scope regulation.Scope, caseID string) ([]Archive, error) {
	if _, err := s.CaseByID(ctx, scope, caseID); err != nil {
		return nil, err
	}
	var rows []struct {
		Archive   archiveRow `gorm:"embedded"`
		DeletedAt int64
	}
	err := s.rows(ctx).Table("archives a").Select("a.*, f.deleted_at").Joins("JOIN files f ON f.digest = a.digest").
		Where("a.case_id = ?", caseID).Order("a.version").Find(&rows).Error
	all := make([]Archive, 0, len(rows))
	for _, row := range rows {
		r := row.Archive
		all = append(all, Archive{CaseID: r.CaseID, Version: r.Version, Seq: r.Seq, Digest: r.Digest, SM3: r.SM3, Size: r.Size, MadeAt: instant(r.MadeAt),
			Deleted: instant(row.DeletedAt)})
	}
	return all, err
}

// OpenArchive returns a package within the scope, with a line in the audit log. opened adds the
// rater's own words (rater.json) and the evidence that is still kept (files/): for the authority
// alone, since they may show the rater (9(2)). NotFound: no such package, or retention removed it.
func (s *Store) OpenArchive(ctx context.Context, scope regulation.Scope, caseID string, version int, opened bool, actor regulation.Actor) ([]byte, error) {
	c, err := s.CaseByID(ctx, scope, caseID)
	if err != nil {
		return nil, err
	}
	var row archiveRow
	if err := s.rows(ctx).Take(&row, "case_id = ? AND version = ?", caseID, version).Error; err != nil {
		return nil, found(err, "archive")
	}
	var file fileRow
	if err := s.rows(ctx).Take(&file, "digest = ?", row.Digest).Error; err != nil {
		return nil, err
	}
	if file.DeletedAt > 0 {
		return nil, &regulation.Error{Code: regulation.NotFound, Clause: regulation.ClauseRights, Missing: "deleted_by_retention"}
	}
	content, err := s.readFile(row.Digest)
	if err != nil {
		return nil, err
	}
	if opened {
		if content, err = s.withContents(ctx, scope, c, content, instant(row.MadeAt)); err != nil {
			return nil, err
		}
	}
	purpose := "sealed"
	if opened {
		purpose = "opened"
	}
	return content, s.Audit(ctx, AuditEntry{Person: actor.Person, Role: string(actor.As.Role), Action: "open_archive", ObjectKind: "case",
		ObjectID: c.ID, Area: c.Area, Unit: actor.As.Org, Purpose: purpose, Outcome: OutcomeDone})
}

// readFile decrypts a stored file and holds it against its digest.
func (s *Store) readFile(digest string) ([]byte, error) {
	if s.sealer == nil {
		return nil, errNoKeys
	}
	sealed, err := os.ReadFile(s.filePath(digest))
	if err != nil {
		return nil, err
	}
	text, err := s.sealer.OpenText(sealed, filePlace(digest))
	if err != nil {
		return nil, err
	}
	if sum, _ := digests([]byte(text)); sum != digest {
		return nil, errors.New("store: a file is not what its digest says")
	}
	return []byte(text), nil
}

// withContents is a package with rater.json and the files behind it.
func (s *Store) withContents(ctx context.Context, scope regulation.Scope, c regulation.Case, content []byte, at time.Time) ([]byte, error) {
	parts, err := unzipped(content)
	if err != nil {
		return nil, err
	}
	key, err := s.archiveKey(ctx, c.ID)
	switch {
	case errors.Is(err, gorm.ErrRecordNotFound): // retention destroyed it
	case err != nil:
		return nil, err
	default:
		sealed := slices.IndexFunc(parts, func(p part) bool { return p.name == raterSealed })
		if sealed < 0 {
			return nil, errors.New("store: a package without the rater's words")
		}
		texts, err := key.Open(parts[sealed].content, archivePlace(c.ID))
		if err != nil {
			return nil, err
		}
		parts = append(parts, part{"rater.json", texts})
	}
	files, err := s.Files(ctx, scope, c.ID)
	if err != nil {
		return nil, err
	}
	for digest := range files {
		evidence, err := s.readFile(digest)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		parts = append(parts, part{"files/" + digest, evidence})
	}
	slices.SortStableFunc(parts, func(a, b part) int { return cmpFiles(a.name, b.name) })
	return zipped(parts, at)
}

// archiveAnew asks for another package of a case that is closed: it has one more document.
func (s *Store) archiveAnew(tx *gorm.DB, c regulation.Case) error {
	if !c.Closed() {
		return nil
	}
	_, err := insertNew(tx, &outboxRow{outboxArchive, eventRef(c.ID, c.Seq), micros(s.now())})
	return err
}

// wholePackage finds the package of a case's last closing that holds every document issued.
const wholePackage = `SELECT 1 FROM archives a WHERE a.case_id = c.id AND a.seq = c.seq
	AND a.papers >= (SELECT COUNT(*) FROM documents d WHERE d.case_id = c.id)`

// unarchived are closed cases without the package of their last closing, or with one that lacks a
// document, that nobody has been asked for either.
func (s *Store) unarchived(ctx context.Context) *gorm.DB {
	return s.rows(ctx).Table("cases c").Where(`c.closed_at > 0 AND NOT EXISTS (`+wholePackage+`)
		AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.kind = ? AND o.ref = CONCAT(c.id, '/', c.seq))`, outboxArchive)
}

// archives: each closed case has the package of its last closing with every document in it, or is about to.
func (v *verifier) archives(ctx context.Context) error {
	if !v.wants(CheckArchives) {
		return nil
	}
	closed, lacking := v.s.rows(ctx).Table("cases").Where("closed_at > 0"), v.s.unarchived(ctx).Select(lackingColumns).Order("c.id")
	if v.options.Case != "" {
		closed, lacking = closed.Where("id = ?", v.options.Case), lacking.Where("c.id = ?", v.options.Case)
	}
	var looked int64
	if err := closed.Count(&looked).Error; err != nil {
		return err
	}
	var rows []lackingRow
	err := lacking.Scan(&rows).Error
	v.timed(CheckArchives, looked, func() {
		for _, row := range rows {
			v.find(Finding{Check: CheckArchives, Code: row.code(), Case: row.ID, Number: row.Number, Area: row.Area})
		}
	})
	return firstOf(err, v.faults)
}

const lackingColumns = "c.id, c.number, c.area, (SELECT COUNT(*) FROM archives a WHERE a.case_id = c.id AND a.seq = c.seq) AS packages"

// lackingRow is a closed case that lacks a package.
type lackingRow struct {
	ID, Number, Area string
	Packages         int // of its last closing
}

func (r lackingRow) code() string {
	if r.Packages > 0 {
		return "lacks_document"
	}
	return "not_archived"
}

// repairArchive asks for the package that a closed case lacks.
func (s *Store) repairArchive(ctx context.Context, caseID, author string) ([]string, error) {
	var lacking []lackingRow
	err := s.unarchived(ctx).Where("c.id = ?", caseID).Select(lackingColumns).Scan(&lacking).Error
	if err != nil || len(lacking) == 0 {
		return nil, err
	}
	if err := s.QueueArchive(ctx, caseID); err != nil {
		return nil, err
	}
	return []string{lacking[0].code()}, s.Audit(ctx, AuditEntry{Person: author, Action: "repair", ObjectKind: "case", ObjectID: caseID, Area: lacking[0].Area,
		Purpose: CheckArchives, Outcome: OutcomeDone})
}

// QueueArchive asks for the package of a closed case's last closing, or for one that holds what was issued
// since. To ask again does no harm.
func (s *Store) QueueArchive(ctx context.Context, caseID string) error {
	c, err := s.readCase(ctx, caseID)
	if err != nil {
		return err
	}
	if !c.Closed() {
		return &regulation.Error{Code: regulation.NotNow, Missing: "case_not_closed"}
	}
	return s.tx(ctx, func(tx *gorm.DB) error {
		var made int64
		if err := tx.Table("cases c").Where("c.id = ? AND EXISTS ("+wholePackage+")", c.ID).Count(&made).Error; err != nil || made > 0 {
			return err
		}
		return s.archiveAnew(tx, c)
	})
}
