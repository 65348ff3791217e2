package store

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"

	"haochaping/regulation"
	"haochaping/store/ledger"
	"haochaping/store/seal"
	"haochaping/workday"
)

// leafDocument is the ledger's kind of an official document.
const leafDocument = "document"

// paperField is under which field a document's text lies in texts; its owner is the document.
const paperField = "paper"

// Document is an official document as the record lists it, without its text.
type Document struct {
	ID              string
	CaseID          string
	Kind            regulation.DocumentKind
	About           string
	Authority       string
	Year            int // of the number, in Asia/Shanghai
	Running         int64
	Number          string
	For             regulation.Audience
	To              string // organisation or staff profile, "" for the citizen
	Area            string
	TemplateVersion int // 0: the product's own wording
	IssuedBy        string
	As              regulation.Assignment
	IssuedAt        time.Time
	Reason          string // why it took another's place, or ""
	Replaces        string // number of that one
	ReplacedBy      string // number of the one that took its place
	Repeated        bool   // IssueDocument: the request had arrived before
}

// Issue is a document to be issued. Case is the one that Draft was made of; Paper lacks the number,
// which is taken as it is recorded.
type Issue struct {
	Case            regulation.Case
	Draft           regulation.Draft
	Paper           regulation.Paper
	TemplateVersion int
	Mark            string // the authority's short name
	Actor           regulation.Actor
	Key             string    // Idempotency-Key
	At              time.Time // when the request was received
}

var documentsTable = table{name: "documents", columns: []string{"id", "case_id", "kind", "about", "authority", "number_year", "running_number",
	"number", "audience", "addressee", "area", "template_version", "case_seq", "text_digest", "issued_by", "as_role", "as_org",
	"as_for", "issued_at", "request_key", "nonce", "reason"}}

// documentRow is the table's row; its columns are documentsTable's.
type documentRow struct {
	ID              string
	CaseID          string
	Kind            string
	About           string
	Authority       string
	NumberYear      int
	RunningNumber   int64
	Number          string
	Audience        string
	Addressee       string
	Area            string
	TemplateVersion int
	CaseSeq         int64
	TextDigest      string
	IssuedBy        string
	AsRole          string
	AsOrg           string
	AsFor           string // Assignment.Absent, separated by commas
	IssuedAt        int64
	RequestKey      string
	Nonce           []byte
	Reason          string
}

func (documentRow) TableName() string { return "documents" }

func (r documentRow) values() []any {
	return []any{r.ID, r.CaseID, r.Kind, r.About, r.Authority, r.NumberYear, r.RunningNumber, r.Number, r.Audience, r.Addressee,
		r.Area, r.TemplateVersion, r.CaseSeq, r.TextDigest, r.IssuedBy, r.AsRole, r.AsOrg, r.AsFor, r.IssuedAt, r.RequestKey, r.Nonce, r.Reason}
}

func (r documentRow) document() Document {
	absent, via, _ := strings.Cut(r.AsFor, ",")
	return Document{ID: r.ID, CaseID: r.CaseID, Kind: regulation.DocumentKind(r.Kind), About: r.About, Authority: r.Authority,
		Year: r.NumberYear, Running: r.RunningNumber, Number: r.Number, For: regulation.Audience(r.Audience), To: r.Addressee,
		Area: r.Area, TemplateVersion: r.TemplateVersion, IssuedBy: r.IssuedBy, IssuedAt: instant(r.IssuedAt), Reason: r.Reason,
		As: regulation.Assignment{Role: regulation.Role(r.AsRole), Org: r.AsOrg, For: absent, Via: via}}
}

// canonical are a document's canonical bytes: version 2 has the reason behind what version 1 has, which
// every first document about its subject keeps.
func (r documentRow) canonical() []byte {
	version := 1
	if r.Reason != "" {
		version = 2
	}
	row := ledger.NewRow(leafDocument, version).Text(r.ID).Text(r.CaseID).Text(r.Kind).Text(r.About).Text(r.Authority).
		Integer(int64(r.NumberYear)).Integer(r.RunningNumber).Text(r.Number).Text(r.Audience).Text(r.Addressee).
		Integer(int64(r.TemplateVersion)).Integer(r.CaseSeq).Text(r.TextDigest).Text(r.IssuedBy).Text(r.AsRole).Text(r.AsOrg).Text(r.AsFor).
		Integer(r.IssuedAt)
	if version == 2 {
		row = row.Text(r.Reason)
	}
	return row.Canonical()
}

// RepeatedDocument finds the document that a person issued under a key. The same key for another
// kind is a regulation.Conflict.
func (s *Store) RepeatedDocument(ctx context.Context, caseID, person, key string, kind regulation.DocumentKind) (Document, bool, error) {
	hashed, err := requestKey(key)
	if err != nil {
		return Document{}, false, err
	}
	return repeatedDocument(s.rows(ctx), caseID, person, hashed, kind)
}

func repeatedDocument(db *gorm.DB, caseID, person, hashed string, kind regulation.DocumentKind) (Document, bool, error) {
	var row documentRow
	err := db.Take(&row, "case_id = ? AND issued_by = ? AND request_key = ?", caseID, person, hashed).Error
	switch {
	case errors.Is(err, gorm.ErrRecordNotFound):
		return Document{}, false, nil
	case err == nil && row.Kind != string(kind):
		return Document{}, false, &regulation.Error{Code: regulation.Conflict, Missing: "same_key_other_content"}
	}
	d := row.document()
	d.Repeated = true
	return d, err == nil, err
}

// IssueDocument numbers a document and freezes it: row, sealed text, ledger leaf and the audit log's
// line in one transaction. The numbers of an authority and year have neither gaps nor doubles. The
// same key again gets the same document. Conflict: the case has changed since the draft was made, or
// somebody else has issued the same meanwhile. A closed case gets another archive package with it.
func (s *Store) IssueDocument(ctx context.Context, in Issue) (Document, error) {
	if s.sealer == nil {
		return Document{}, errNoKeys
	}
	hashed, err := requestKey(in.Key)
	if err != nil {
		return Document{}, err
	}
	var issued Document
	err = s.tx(ctx, func(tx *gorm.DB) error {
		var same bool
		if err := s.holdUnchanged(tx, in.Case); err != nil {
			return err
		}
		if issued, same, err = repeatedDocument(tx, in.Case.ID, in.Actor.Person, hashed, in.Draft.Kind); err != nil || same {
			return err
		}
		issued, err = s.addDocument(tx, in, hashed)
		return err
	})
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		return Document{}, &regulation.Error{Code: regulation.Conflict, Missing: "issued_meanwhile"}
	}
	return issued, err
}

// holdUnchanged holds a case as long as nothing has happened in it since it was read.
func (s *Store) holdUnchanged(tx *gorm.DB, c regulation.Case) error {
	var seq int64
	err := found(s.one(tx, "SELECT seq FROM cases WHERE id = ?"+s.forUpdate(), []any{c.ID}, &seq), "case")
	if err == nil && seq != c.Seq {
		err = &regulation.Error{Code: regulation.Conflict, Missing: "case_changed"}
	}
	return err
}

func (s *Store) addDocument(tx *gorm.DB, in Issue, hashed string) (Document, error) {
	year := in.At.In(workday.Shanghai).Year()
	n, err := s.takeNumbers(tx, series{authority: in.Actor.As.Org, year: year, kind: leafDocument}, 1)
	if err != nil {
		return Document{}, err
	}
	row := documentRow{ID: newID(), CaseID: in.Case.ID, Kind: string(in.Draft.Kind), About: in.Draft.About, Authority: in.Actor.As.Org,
		NumberYear: year, RunningNumber: n, Number: regulation.DocumentNumber(in.Mark, year, n), Audience: string(in.Draft.For),
		Addressee: in.Draft.To, Area: in.Case.Area, TemplateVersion: in.TemplateVersion, CaseSeq: in.Case.Seq, IssuedBy: in.Actor.Person,
		AsRole: string(in.Actor.As.Role), AsOrg: in.Actor.As.Org, AsFor: strings.Join(in.Actor.As.Absent(), ","), IssuedAt: micros(in.At), RequestKey: hashed,
		Reason: in.Draft.Reason}
	in.Paper.Number, in.Paper.Replaces, in.Paper.Date = row.Number, in.Draft.Replaces, regulation.ChineseDate(in.At)
	text, err := json.Marshal(in.Paper)
	if err != nil {
		return Document{}, err
	}
	sealed, digest, err := s.sealText(row.ID, 0, paperField, string(text))
	if err != nil {
		return Document{}, err
	}
	row.TextDigest = digest
	var leaf []any
	row.Nonce, leaf = pendingLeaf(leafDocument, row.ID, row.canonical(), s.wall())
	rows := pile{}
	rows.add(documentsTable, row.values())
	rows.add(textsTable, sealed)
	rows.add(pendingLeavesTable, leaf)
	if err := s.flush(tx, rows); err != nil {
		return Document{}, err
	}
	if err := s.archiveAnew(tx, in.Case); err != nil {
		return Document{}, err
	}
	return row.document(), s.audit(tx, AuditEntry{Person: in.Actor.Person, Role: row.AsRole, Action: "issue_document", ObjectKind: leafDocument,
		ObjectID: row.ID, Area: row.Area, Purpose: row.Kind, Outcome: OutcomeDone})
}

// Documents lists a case's documents in the order in which they were issued; NotFound outside the
// scope. Which of them the reader may see is the caller's to ask.
func (s *Store) Documents(ctx context.Context, scope regulation.Scope, caseID string) ([]Document, error) {
	if _, err := s.CaseByID(ctx, scope, caseID); err != nil {
		return nil, err
	}
	var rows []documentRow
	err := s.rows(ctx).Where("case_id = ?", caseID).Order("issued_at, running_number").Find(&rows).Error
	return chained(converted(rows, documentRow.document)), err
}

// chained notes of a case's documents which took whose place.
func chained(all []Document) []Document {
	type place struct {
		kind regulation.DocumentKind
		name string
		nth  int
	}
	at, places := map[place]int{}, make([]place, len(all))
	for i, d := range all {
		name, nth := regulation.Topic(d.About)
		places[i] = place{d.Kind, name, nth}
		at[places[i]] = i
	}
	for i, p := range places {
		p.nth--
		if before, is := at[p]; is {
			all[i].Replaces, all[before].ReplacedBy = all[before].Number, all[i].Number
		}
	}
	return all
}

// Paper opens a document's frozen text. It fails when the text is not what the record took in.
func (s *Store) Paper(ctx context.Context, d Document) (regulation.Paper, error) {
	var paper regulation.Paper
	var row documentRow
	if err := s.rows(ctx).Take(&row, "id = ? AND case_id = ?", d.ID, d.CaseID).Error; err != nil {
		return paper, found(err, "document")
	}
	text, err := s.checkedText(ctx, row)
	if err != nil {
		return paper, err
	}
	return paper, json.Unmarshal([]byte(text), &paper)
}

// checkedText opens a document's text and holds it against the digest that stands in the ledger's leaf.
func (s *Store) checkedText(ctx context.Context, row documentRow) (string, error) {
	texts, err := s.openTexts(ctx, row.ID, func(regulation.TextRef) bool { return true })
	if err != nil {
		return "", err
	}
	var salted textRow
	if err := s.rows(ctx).Take(&salted, "owner = ? AND seq = 0 AND field = ?", row.ID, paperField).Error; err != nil {
		return "", err
	}
	text := texts[regulation.TextRef{Field: paperField}]
	if digest := seal.DigestText(salted.Salt, text); hex.EncodeToString(digest[:]) != row.TextDigest {
		return "", fmt.Errorf("document %s: its text is not what the record took in", row.ID)
	}
	return text, nil
}

// documentLeaf makes a document's leaf anew from its columns.
func (s *Store) documentLeaf(ctx context.Context, ref string) (leafContent, error) {
	var row documentRow
	if err := s.rows(ctx).Take(&row, "id = ?", ref).Error; err != nil {
		return leafContent{}, err
	}
	return leafContent{row.Nonce, row.canonical()}, nil
}
