package store

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"gorm.io/gorm"

	"haochaping/regulation"
	"haochaping/store/ledger"
	"haochaping/store/seal"
)

// Intake is one accepted rating on its way into the record.
type Intake struct {
	Rating  regulation.Rating // its ID, where empty, is drawn here
	Text    string            // the citizen's own words, as typed
	Contact Contact
	// PrivacyVersion is the notice that the citizen saw (R59), "" on channels without a screen.
	PrivacyVersion string
	// Key tells one form from another: the form sent again with the same key is the same rating.
	// It is secret between the form and us, since a repetition shows the receipt again.
	Key string
	// Trace is from where it came, where the channel knows.
	Trace RatingTrace
	// Message is the keyed digest of the message that another system sent, which tells a repetition from
	// another content under its id: what the record found out for itself may be another a minute later.
	// "" for forms.
	Message string
	// Object is what was rated in the rating's call, each once a call (6(4)); "" outside calls.
	Object string
	// InVault tells that the contact stands in the vault already, under the rating's id: of a message that was
	// parked.
	InVault bool
	// also are rows that stand or fall with the rating: those of the device's message that it came in.
	also pile
	// within is what else is done in the rating's transaction; it may run several times, as do does in tx.
	within func(tx *gorm.DB) error
}

// Saved is what the record answers. Repeated tells that the form had arrived before.
type Saved struct {
	RatingID   string
	Receipt    string // the bearer secret, to be shown once; never logged, never in an address
	CaseID     string // "" for a good grade, as is the number
	CaseNumber string
	Repeated   bool
}

const (
	maxKey    = 200 // bytes of an idempotency key
	maxNumber = 64  // bytes of a form's or call's number, or of a digest
)

var ratingsTable = table{name: "ratings", columns: []string{
	"id", "channel", "target", "grade", "options", "dimensions", "area", "authority", "upper_authority", "unit_id",
	"hall_id", "window_id", "staff_id", "matter_id", "project_no", "matter_status", "delivery_used", "gaps", "call_id",
	"form_serial", "scan_digest", "given_at", "given_month", "transcriber", "text_digest", "has_contact",
	"privacy_version", "request_key", "request_digest", "key_id", "receipt_hash", "canonical", "nonce",
	"source", "source_ref", "received_at",
}}

var outboxTable = table{name: "outbox", columns: []string{"kind", "ref", "added_at"}}

// intake is an Intake with everything made that needs no database: digests, seals, leaf.
type intake struct {
	in      Intake
	at      time.Time
	key     string // SHA-256 of the form's key
	digest  string
	keyID   string
	receipt string
	rules   regulation.Rules
	edition string
	number  string // of the case

	rows  pile
	saved Saved
	err   error // errBusy until the batch is settled
}

// SaveRating stores a rating, and opens the case of a bad one, in one transaction; whoever gets
// an answer will find it after any crash. Ratings that arrive together share a commit. The same
// key with another content is a regulation.Conflict, a paper form entered twice is
// regulation.Invalid.
func (s *Store) SaveRating(ctx context.Context, in Intake) (Saved, error) {
	item, err := s.newIntake(ctx, in)
	if err != nil {
		return Saved{}, err
	}
	if err := s.writeTogether(ctx, item); err != nil {
		return Saved{}, err
	}
	return item.saved, nil
}

func (s *Store) newIntake(ctx context.Context, in Intake) (*intake, error) {
	if s.sealer == nil {
		return nil, errNoKeys
	}
	in.Text = strings.TrimSpace(in.Text)
	if err := in.tidy(); err != nil {
		return nil, err
	}
	item := &intake{in: in, at: s.now(), keyID: s.sealer.CurrentKey(), err: errBusy}
	var err error
	if item.key, err = requestKey(in.Key); err != nil {
		return nil, err
	}
	if item.digest, err = s.sealer.RequestDigest(item.keyID, in.content()); err != nil {
		return nil, err
	}
	return item, s.sealIntake(ctx, item)
}

// tidy trims the numbers that clerks type: MySQL takes K-1 and "K-1 " for one key, SQLite for two.
func (in *Intake) tidy() error {
	refusal := &regulation.Error{Code: regulation.Invalid, Missing: "fields"}
	for name, typed := range map[string]*string{"form_serial": &in.Rating.FormSerial, "call_id": &in.Rating.CallID, "scan": &in.Rating.ScanDigest,
		"source": &in.Rating.Source.ID, "source_ref": &in.Rating.Source.Ref} {
		if *typed = strings.TrimSpace(*typed); len(*typed) > maxNumber {
			refusal.Field(name, "too_long")
		}
	}
	if refusal.Fields != nil {
		return refusal
	}
	return nil
}

// requestKey is what stands for an idempotency key in the record: which receipt a form gets
// follows from the key, so the record must not hold it.
func requestKey(key string) (string, error) {
	key = strings.TrimSpace(key)
	if key == "" || len(key) > maxKey {
		return "", (&regulation.Error{Code: regulation.Invalid, Missing: "fields"}).Field("idempotency_key", "required")
	}
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:]), nil
}

// content is what makes two forms the same: all that was typed or chosen, and nothing that
// the record found out for itself, which may be another a minute later.
func (in Intake) content() []byte {
	r := in.Rating
	if in.Message != "" {
		return ledger.NewRow("message", 1).Text(r.Source.ID).Text(r.Source.Ref).Text(in.Message).Canonical()
	}
	row := ledger.NewRow("request", 1).Text(string(r.Channel)).Text(string(r.Target)).Integer(int64(r.Grade)).
		Text(strings.Join(r.Options, ",")).Text(dimensionText(r.Dimensions)).
		Text(r.Place.Rated.Unit).Text(r.Place.Rated.Window).Text(r.Place.Rated.Matter).Text(r.Place.ProjectNo).
		Text(r.CallID).Text(r.FormSerial).Text(r.ScanDigest).Text(r.By)
	c := in.Contact
	return row.Text(in.Text).Text(c.Name).Text(c.Phone).Text(c.Language).Text(c.Hours).Canonical()
}

func dimensionText(marks map[string]regulation.Grade) string {
	text, err := json.Marshal(marks) // with its keys in order
	if err != nil {
		panic(err) // names and numbers
	}
	return string(text)
}

// sealIntake makes all rows of the rating itself.
func (s *Store) sealIntake(ctx context.Context, item *intake) error {
	item.rows = pile{}
	item.rows.take(item.in.also)
	if err := s.identify(ctx, item); err != nil {
		return err
	}
	r, in := item.in.Rating, item.in
	receipt, hash, err := s.sealer.RequestReceipt(item.keyID, in.Key)
	if err != nil {
		return err
	}
	item.receipt = receipt
	textDigest := ""
	if in.Text != "" {
		var row []any
		if row, textDigest, err = s.sealText(r.ID, 0, "text", in.Text); err != nil {
			return err
		}
		item.rows.add(textsTable, row)
	}
	if in.Contact.Given() {
		s.addConsent(item.rows, r.ID, 1, regulation.ConsentRecord{Scope: regulation.ConsentContact, Answer: regulation.ConsentGiven, At: item.at,
			How: "form", Wording: cmp.Or(in.PrivacyVersion, regulation.ConsentWording)})
	}
	if r.Place.ProjectNo != "" {
		item.rows.add(matterRatingsTable, []any{r.Place.ProjectNo, r.ID})
	}
	if in.Object != "" {
		item.rows.add(callRatingsTable, []any{r.CallID, in.Object, r.ID})
	}
	if r.ScanDigest != "" {
		item.rows.add(ratingScansTable, []any{r.ID, r.ScanDigest})
	}
	if err := s.addTrace(item); err != nil {
		return err
	}
	canonical := canonicalRating(r, textDigest, in.PrivacyVersion)
	nonce, leaf := pendingLeaf(leafRating, r.ID, canonical, s.wall())
	item.rows.add(pendingLeavesTable, leaf)
	item.rows.add(ratingsTable, ratingRow(item, textDigest, hex.EncodeToString(hash), canonical, nonce))
	item.saved = Saved{RatingID: r.ID, Receipt: receipt}
	return nil
}

// identify gives the rating its id and seals its contact: who has one rates under an id whose key is kept already.
func (s *Store) identify(ctx context.Context, item *intake) (err error) {
	id, key := &item.in.Rating.ID, readyKey{}
	switch {
	case !item.in.Contact.Given() || item.in.InVault:
		*id = cmp.Or(*id, newID())
		return nil
	case *id == "":
		key, err = s.raterKey(ctx)
	default:
		key, err = s.newReadyKey(*id)
	}
	if err != nil {
		return err
	}
	*id = key.row.Subject
	return s.sealContact(item.rows, key, item.in.Contact, item.at)
}

// canonicalRating gives a rating's canonical bytes: version 2 adds through what it came and when it was
// received, version 1 is of the ratings before that was noted. The field list of a version never changes.
func canonicalRating(r regulation.Rating, textDigest, privacy string) []byte {
	if r.ReceivedAt.IsZero() && r.Source == (regulation.Source{}) {
		return ratingFields(ledger.NewRow(leafRating, 1), r, textDigest, privacy).Canonical()
	}
	return ratingFields(ledger.NewRow(leafRating, 2), r, textDigest, privacy).
		Text(r.Source.ID).Text(r.Source.Ref).Instant(r.ReceivedAt).Canonical()
}

func ratingFields(row *ledger.Row, r regulation.Rating, textDigest, privacy string) *ledger.Row {
	p := r.Place
	return row.Text(r.ID).Text(string(r.Channel)).Text(string(r.Target)).
		Integer(int64(r.Grade)).Text(strings.Join(r.Options, ",")).Text(dimensionText(r.Dimensions)).
		Text(p.Area).Text(p.Authority).Text(p.Upper).Text(p.Rated.Unit).Text(p.Rated.Hall).Text(p.Rated.Window).
		Text(p.Rated.Staff).Text(p.Rated.Matter).Text(p.ProjectNo).Text(p.MatterStatus).Bool(p.DeliveryUsed).
		Text(strings.Join(p.Gaps, ",")).Text(r.CallID).Text(r.FormSerial).Text(r.ScanDigest).Instant(r.GivenAt).
		Text(r.By).Text(textDigest).Text(privacy)
}

func ratingRow(item *intake, textDigest, receiptHash string, canonical, nonce []byte) []any {
	r, p := item.in.Rating, item.in.Rating.Place
	var serial any // NULL where there is none, so that those without one are not all equal
	if r.FormSerial != "" {
		serial = r.FormSerial
	}
	return []any{r.ID, string(r.Channel), string(r.Target), int(r.Grade), strings.Join(r.Options, ","),
		dimensionText(r.Dimensions), p.Area, p.Authority, p.Upper, p.Rated.Unit, p.Rated.Hall, p.Rated.Window,
		p.Rated.Staff, p.Rated.Matter, p.ProjectNo, p.MatterStatus, p.DeliveryUsed, strings.Join(p.Gaps, ","), r.CallID,
		serial, r.ScanDigest, micros(r.GivenAt), monthOf(r.GivenAt), r.By, textDigest,
		item.in.Contact.Given(), item.in.PrivacyVersion, item.key, item.digest, item.keyID, receiptHash, canonical, nonce,
		r.Source.ID, r.Source.Ref, micros(r.ReceivedAt)}
}

// takeRules notes what the cases of bad ratings will be opened under, asking once for all of them, and gives each its
// number.
func (s *Store) takeRules(ctx context.Context, bad []*intake) error {
	if len(bad) == 0 {
		return nil
	}
	l, err := s.lore(ctx)
	if err != nil {
		return err
	}
	edition, err := s.CurrentEdition(ctx)
	if err != nil {
		return err
	}
	for _, item := range bad {
		p := item.in.Rating.Place
		if item.rules, err = s.rules(ctx, l, edition, p.Area, item.at, p.Authority, p.Upper, p.Rated.Unit); err != nil {
			return err
		}
		item.edition = edition
	}
	return s.numberCases(ctx, bad)
}

// writeIntakes writes a batch in one transaction: few statements, whatever its size on MySQL.
func (s *Store) writeIntakes(ctx context.Context, batch []*intake) error {
	if err := s.takeRules(context.WithoutCancel(ctx), badOnes(batch)); err != nil {
		return err
	}
	return s.recordNow(ctx, func(tx *gorm.DB) error {
		rows := pile{}
		for _, item := range batch {
			rows.take(item.rows)
			if item.in.within == nil {
				continue
			}
			if err := item.in.within(tx); err != nil {
				return err
			}
		}
		if err := s.openCases(batch, rows); err != nil {
			return err
		}
		if err := s.flush(tx, rows); err != nil {
			return err
		}
		return s.raiseGaps(tx, batch)
	})
}

func badOnes(batch []*intake) (bad []*intake) {
	for _, item := range batch {
		if item.in.Rating.Grade.Bad() {
			bad = append(bad, item)
		}
	}
	return bad
}

// openCases adds the rows of the bad ratings' cases.
func (s *Store) openCases(batch []*intake, rows pile) error {
	for _, item := range badOnes(batch) {
		if err := s.openCase(item, rows); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) openCase(item *intake, rows pile) error {
	r := item.in.Rating
	c, event := item.rules.Open(regulation.Opening{ID: newID(), Number: item.number, RatingID: r.ID, Edition: item.edition,
		Grade: r.Grade, Area: r.Place.Area, Authority: r.Place.Authority, Upper: r.Place.Upper, Rated: r.Place.Rated,
		MatterStatus: r.Place.MatterStatus, Contactable: item.in.Contact.Phone != "", Named: item.in.Contact.Name != "", RatedAt: r.GivenAt,
		Crowd: s.crowdAt(r.Place.Rated.Window)}, item.at)
	row, err := caseRow(c)
	if err != nil {
		return err
	}
	rows.add(casesTable, row)
	rows.add(outboxTable, []any{outboxStart, c.ID, micros(item.at)})
	item.saved.CaseID, item.saved.CaseNumber = c.ID, c.Number
	if err := s.addEvent(rows, c, event); err != nil {
		return err
	}
	addTasks(rows, c, c.Tasks(), item.at)
	return nil
}

// repeated answers a form whose key is taken: the same form gets the same answer, the receipt
// included, another one is refused.
func (s *Store) repeated(ctx context.Context, item *intake) (Saved, error) {
	var row struct{ ID, RequestDigest, KeyID string }
	err := s.rows(ctx).Table("ratings").Select("id, request_digest, key_id").Where("request_key = ?", item.key).Take(&row).Error
	switch {
	case errors.Is(err, gorm.ErrRecordNotFound) && item.in.Rating.FormSerial != "":
		// The key is free: what stands there already is the paper form's serial number (R14).
		return Saved{}, (&regulation.Error{Code: regulation.Invalid, Clause: regulation.ClauseBox, Missing: "fields"}).
			Field("form_serial", "already_entered")
	case errors.Is(err, gorm.ErrRecordNotFound) && item.in.Object != "" && s.inCall(ctx, item.in):
		return Saved{}, &regulation.Error{Code: regulation.Conflict, Clause: regulation.ClauseTelephone, Missing: "rated_in_call"}
	case errors.Is(err, gorm.ErrRecordNotFound) && item.in.Rating.Place.ProjectNo != "":
		return Saved{}, regulation.RatedBefore()
	case errors.Is(err, gorm.ErrRecordNotFound):
		return Saved{}, &regulation.Error{Code: regulation.Conflict, Missing: "rating_exists"}
	case err != nil:
		return Saved{}, err
	}
	digest, err := s.sealer.RequestDigest(row.KeyID, item.in.content())
	if errors.Is(err, seal.ErrNoKey) { // retired: it is longer ago than anybody sends a form again
		return Saved{}, &regulation.Error{Code: regulation.Conflict, Missing: "rating_exists"}
	}
	if err != nil {
		return Saved{}, err
	}
	if digest != row.RequestDigest {
		return Saved{}, &regulation.Error{Code: regulation.Conflict, Missing: "same_key_other_content"}
	}
	saved := Saved{RatingID: row.ID, Repeated: true}
	if saved.Receipt, _, err = s.sealer.RequestReceipt(row.KeyID, item.in.Key); err != nil {
		return Saved{}, err
	}
	var opened []struct{ ID, Number string }
	err = s.rows(ctx).Table("cases").Select("id, number").Where("rating_id = ?", row.ID).Find(&opened).Error
	for _, c := range opened {
		saved.CaseID, saved.CaseNumber = c.ID, c.Number
	}
	return saved, err
}

// inCall tells whether the same was rated in the same call already.
func (s *Store) inCall(ctx context.Context, in Intake) bool {
	var n int64
	err := s.rows(ctx).Table("call_ratings").Where("call_id = ? AND object = ?", in.Rating.CallID, in.Object).Count(&n).Error
	return err == nil && n > 0
}

// series counts what authorities give numbers to, each year anew.
type series struct {
	authority, area string
	year            int
	kind            string
}
