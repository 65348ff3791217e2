package store

import (
	"bytes"
	"cmp"
	"context"
	"crypto/hmac"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/emmansun/gmsm/sm3"
	"gorm.io/gorm"

	"haochaping/regulation"
	"haochaping/store/ledger"
	"haochaping/store/seal"
	"haochaping/workday"
)

// SignedMessage is a device's message as it arrives.
type SignedMessage struct {
	regulation.DeviceMessage
	MAC string
}

// DeviceAnswer is what a device gets for a message. Saved is zero where nothing was rated.
type DeviceAnswer struct {
	Outcome  string // one of Outcome..., "" for a heartbeat
	Repeated bool
	Saved    Saved
	Grade    regulation.Grade
	Late     bool // it was given more than an hour before it was received
}

// What became of a message that is kept.
const (
	OutcomeRated    = "rated"
	OutcomeOpened   = "opened"
	OutcomeNotRated = "not_rated"
)

const (
	maxDeviceBody = 4 << 10 // bytes
	maxVersion    = 4       // digits of a notice's version
	maxCounter    = 1 << 53 // what every maker's numbers hold
	// counterJump is how far a counter may run ahead of the last one: far more than any device keeps back. Who has
	// stolen a key cannot use the counters up.
	counterJump = 1_000_000
	leafDevice  = "device"
)

type deviceMessageRow struct {
	DeviceID   string `gorm:"primaryKey"`
	Counter    int64  `gorm:"primaryKey;autoIncrement:false"`
	KeyNo      int64
	Kind       string
	Digest     string
	SentAt     int64
	GivenAt    int64
	ReceivedAt int64
	Outcome    string
	Session    string
	RatingID   string
	WindowID   string
	StaffID    string
	Nonce      []byte
}

func (deviceMessageRow) TableName() string { return "device_messages" }

var deviceMessagesTable = table{name: "device_messages", columns: []string{"device_id", "counter", "key_no", "kind", "digest", "sent_at", "given_at",
	"received_at", "outcome", "session", "rating_id", "window_id", "staff_id", "nonce"}}

// canonical is version 1 of a message's canonical bytes.
func (r deviceMessageRow) canonical() []byte {
	return ledger.NewRow(leafDevice, 1).Text(r.DeviceID).Integer(r.Counter).Integer(r.KeyNo).Text(r.Kind).Text(r.Digest).Instant(instant(r.SentAt)).
		Instant(instant(r.GivenAt)).Instant(instant(r.ReceivedAt)).Text(r.Outcome).Text(r.Session).Text(r.RatingID).Text(r.WindowID).Text(r.StaffID).Canonical()
}

// rows are the message's own with its leaf.
func (r deviceMessageRow) rows(wall time.Time) pile {
	nonce, leaf := pendingLeaf(leafDevice, eventRef(r.DeviceID, r.Counter), r.canonical(), wall)
	p := pile{}
	p.add(deviceMessagesTable, []any{r.DeviceID, r.Counter, r.KeyNo, r.Kind, r.Digest, r.SentAt, r.GivenAt, r.ReceivedAt, r.Outcome, r.Session, r.RatingID,
		r.WindowID, r.StaffID, nonce})
	p.add(pendingLeavesTable, leaf)
	return p
}

// deviceLeaf makes a message's leaf anew.
func (s *Store) deviceLeaf(ctx context.Context, ref string) (leafContent, error) {
	id, counter, err := refParts(ref)
	if err != nil {
		return leafContent{}, err
	}
	var row deviceMessageRow
	if err := s.rows(ctx).Take(&row, "device_id = ? AND counter = ?", id, counter).Error; err != nil {
		return leafContent{}, err
	}
	return leafContent{row.Nonce, row.canonical()}, nil
}

// deviceBody is what messages carry, each kind some of it.
type deviceBody struct {
	// Of a rating; Staff is whom the screen showed, "" where it showed nobody.
	Session string         `json:"session"`
	Grade   int            `json:"grade"`
	Options []string       `json:"options"`
	Marks   map[string]int `json:"marks"`
	Staff   string         `json:"staff"`
	Notice  string         `json:"notice"` // version of the privacy notice that the screen had (R59)
	// Of a keypad: what the key sends, NotRated where the time ran out.
	Level *int `json:"level"`
	// Of a session.
	Event string `json:"event"`
	// Of a heartbeat.
	Firmware    string   `json:"firmware"`
	Waiting     int64    `json:"waiting"`
	Parked      int64    `json:"parked"`
	ParkedCodes []string `json:"parked_codes"`
	Battery     *int     `json:"battery"`
	Paper       *int     `json:"paper"`
}

// readDeviceBody takes nothing that it does not know: a maker's mistake is told at once and not after months.
func readDeviceBody(content []byte) (b deviceBody, err error) {
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&b); err != nil || decoder.More() {
		return b, &regulation.Error{Code: regulation.Invalid, Clause: regulation.ClauseEvaluator, Missing: "device_body"}
	}
	return b, nil
}

// signer is a device whose signature was found right, with its key.
type signer struct {
	row deviceRow
	key []byte
}

// recogniseDevice holds a message against the key of the device that it names. An unknown device, another key and
// a changed byte are one refusal.
func (s *Store) recogniseDevice(ctx context.Context, m SignedMessage) (d signer, err error) {
	stranger := &regulation.Error{Code: regulation.NotPermitted, Clause: regulation.ClauseEvaluator, Missing: "device_signature"}
	if s.sealer == nil {
		return d, errNoKeys
	}
	if len(m.Body) > maxDeviceBody {
		return d, &regulation.Error{Code: regulation.Invalid, Clause: regulation.ClauseEvaluator, Missing: "device_body"}
	}
	if m.Counter < 1 || m.Counter > maxCounter || m.At.UnixMilli() < 1 || m.At.Year() > 9999 {
		return d, stranger
	}
	if err := s.rows(ctx).Take(&d.row, "id = ?", m.Device).Error; err != nil {
		if errors.Is(err, gorm.ErrRecordNotFound) {
			err = stranger
		}
		return d, err
	}
	if d.row.ID != m.Device || d.row.KeySealed == nil { // MySQL compares as if trailing spaces were not there
		return d, stranger
	}
	if d.key, err = s.sealer.OpenDeviceKey(d.row.ID, d.row.KeySealed); err != nil {
		return d, err
	}
	if !seal.DeviceMACMatches(d.key, m.Canonical(seal.BodyDigest(m.Body)), m.MAC) {
		return d, stranger
	}
	if d.row.State == string(regulation.DeviceLocked) {
		return d, &regulation.Error{Code: regulation.NotPermitted, Clause: regulation.ClauseEvaluator, Missing: "device_locked"}
	}
	return d, nil
}

// ReceiveMessage takes a message of a device. The same message again gets the same answer and is stored once.
// Refusals: NotPermitted where the signature is not the device's or the device is locked; Invalid where it never
// will be taken, so that the device parks it; NotNow where it may come again later.
func (s *Store) ReceiveMessage(ctx context.Context, m SignedMessage, choices regulation.Choices) (DeviceAnswer, error) {
	d, err := s.recogniseDevice(ctx, m)
	if err != nil {
		return DeviceAnswer{}, err
	}
	body, err := readDeviceBody(m.Body)
	if err != nil {
		return DeviceAnswer{}, err
	}
	switch {
	case m.Kind == regulation.MessageHeartbeat:
		return s.beat(ctx, d, m, body)
	case m.Kind.Kept():
		return s.keepMessage(ctx, d, m, body, choices)
	}
	return DeviceAnswer{}, &regulation.Error{Code: regulation.Invalid, Clause: regulation.ClauseEvaluator, Missing: "device_kind"}
}

// errForked is told to a device whose key is in two hands.
var errForked = &regulation.Error{Code: regulation.NotPermitted, Clause: regulation.ClauseEvaluator, Missing: "device_locked"}

// forked locks the device, and refuses.
func (s *Store) forked(ctx context.Context, d signer) error {
	if err := s.lockDevice(context.WithoutCancel(ctx), d.row.ID, d.row.KeyNo); err != nil {
		return err
	}
	return errForked
}

// beat notes how a device is. One that comes late changes nothing, one that only a second hand can have sent
// locks the device.
func (s *Store) beat(ctx context.Context, d signer, m SignedMessage, b deviceBody) (answer DeviceAnswer, err error) {
	digest, fork := seal.BodyDigest(m.Body), false
	err = s.tx(ctx, func(tx *gorm.DB) error {
		answer, fork = DeviceAnswer{}, false
		var row deviceRow
		if err := locked(tx).Take(&row, "id = ?", d.row.ID).Error; err != nil {
			return err
		}
		if row.KeyNo != d.row.KeyNo || row.State != string(regulation.DeviceActive) {
			return &regulation.Error{Code: regulation.NotPermitted, Clause: regulation.ClauseEvaluator, Missing: "device_signature"}
		}
		sent := micros(m.At)
		switch order := cmp.Compare(m.Counter, row.BeatNo); {
		case order == 0 && row.BeatDigest == digest && row.BeatSent == sent:
			answer.Repeated = true
			return nil
		case order == 0, order < 0 && sent > row.BeatSent, order > 0 && sent < row.BeatSent:
			fork = true
			return nil
		case order < 0:
			answer.Repeated = true
			return nil
		}
		now := s.now()
		if err := s.endGap(tx, row, now); err != nil {
			return err
		}
		row.BeatNo, row.BeatDigest, row.BeatSent, row.BeatAt, row.ClockAhead = m.Counter, digest, sent, micros(now), m.At.Sub(now).Microseconds()
		row.Firmware, row.Waiting, row.Parked = cut(b.Firmware, maxNumber), max(b.Waiting, 0), max(b.Parked, 0)
		row.ParkedCodes, row.Battery, row.Paper = parkedCodes(b.ParkedCodes), percent(b.Battery), percent(b.Paper)
		return tx.Save(&row).Error
	})
	if err == nil && fork {
		err = s.forked(ctx, d)
	}
	return answer, err
}

// parkedCodes keeps codes and nothing that a device might put in their place.
func parkedCodes(codes []string) string {
	kept := slices.DeleteFunc(slices.Clone(codes), func(code string) bool {
		return code == "" || len(code) > 40 || strings.ContainsFunc(code, func(c rune) bool { return (c < 'a' || c > 'z') && c != '_' })
	})
	slices.Sort(kept)
	kept = slices.Compact(kept)
	return strings.Join(kept[:min(len(kept), 4)], ",")
}

func percent(n *int) int {
	if n == nil || *n < 0 || *n > 100 {
		return -1
	}
	return *n
}

// keepMessage takes a rating or a session's end, once.
func (s *Store) keepMessage(ctx context.Context, d signer, m SignedMessage, b deviceBody, choices regulation.Choices) (DeviceAnswer, error) {
	if answer, known, err := s.knownMessage(ctx, d, m); known || err != nil {
		return answer, err
	}
	before, after, err := s.neighbours(ctx, d, m.Counter)
	switch {
	case err != nil:
		return DeviceAnswer{}, err
	case m.Forked(before.mark(d), after.mark(d)):
		return DeviceAnswer{}, s.forked(ctx, d)
	case m.Counter-before.Counter > counterJump:
		return DeviceAnswer{}, &regulation.Error{Code: regulation.Invalid, Clause: regulation.ClauseEvaluator, Missing: "device_counter"}
	}
	row, in, err := s.messageRows(ctx, d, m, b, choices)
	if err != nil {
		return DeviceAnswer{}, err
	}
	if row.Outcome != OutcomeRated {
		err = s.record(ctx, func(tx *gorm.DB) error { return s.flush(tx, row.rows(s.wall())) })
		if errors.Is(err, gorm.ErrDuplicatedKey) {
			return s.messageAfterAll(ctx, d, m)
		}
		return DeviceAnswer{Outcome: row.Outcome}, err
	}
	saved, err := s.SaveRating(ctx, in)
	if refused := (*regulation.Error)(nil); saved.Repeated || errors.As(err, &refused) && refused.Code == regulation.Conflict {
		return s.messageAfterAll(ctx, d, m)
	}
	return DeviceAnswer{Outcome: row.Outcome, Saved: saved, Grade: in.Rating.Grade, Late: instant(row.ReceivedAt).Sub(instant(row.GivenAt)) > time.Hour}, err
}

// messageAfterAll answers a message whose counter was taken while it was on its way.
func (s *Store) messageAfterAll(ctx context.Context, d signer, m SignedMessage) (DeviceAnswer, error) {
	answer, known, err := s.knownMessage(ctx, d, m)
	if err == nil && !known {
		err = &regulation.Error{Code: regulation.Unavailable, Missing: "try_again"}
	}
	return answer, err
}

// knownMessage answers a message that was taken before as it was then. Another message under the same counter
// comes from another hand.
func (s *Store) knownMessage(ctx context.Context, d signer, m SignedMessage) (answer DeviceAnswer, known bool, err error) {
	var row deviceMessageRow
	err = s.rows(ctx).Take(&row, "device_id = ? AND counter = ?", d.row.ID, m.Counter).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return answer, false, nil
	}
	if err != nil {
		return answer, true, err
	}
	if row.KeyNo != d.row.KeyNo {
		return answer, true, &regulation.Error{Code: regulation.Invalid, Clause: regulation.ClauseEvaluator, Missing: "device_counter"}
	}
	if row.Digest != seal.BodyDigest(m.Body) || row.Kind != string(m.Kind) || row.SentAt != micros(m.At) {
		return answer, true, s.forked(ctx, d)
	}
	answer = DeviceAnswer{Outcome: row.Outcome, Repeated: true}
	if row.RatingID != "" {
		answer.Saved, answer.Grade, err = s.savedAgain(ctx, row.RatingID, messageKey(d.key, m.Counter))
	}
	return answer, true, err
}

// savedAgain is what was answered when a rating was stored.
func (s *Store) savedAgain(ctx context.Context, rating, key string) (saved Saved, grade regulation.Grade, err error) {
	var row struct {
		Grade int
		KeyID string
	}
	if err := s.rows(ctx).Table("ratings").Select("grade, key_id").Where("id = ?", rating).Take(&row).Error; err != nil {
		return saved, 0, err
	}
	saved = Saved{RatingID: rating, Repeated: true}
	if saved.Receipt, _, err = s.sealer.RequestReceipt(row.KeyID, key); err != nil {
		return saved, 0, err
	}
	var opened []struct{ ID, Number string }
	err = s.rows(ctx).Table("cases").Select("id, number").Where("rating_id = ?", rating).Find(&opened).Error
	for _, c := range opened {
		saved.CaseID, saved.CaseNumber = c.ID, c.Number
	}
	return saved, regulation.Grade(row.Grade), err
}

// messageKey is the idempotency key of a device's rating. It leads to the receipt, so nobody makes it without the
// device's key.
func messageKey(key []byte, counter int64) string {
	mac := hmac.New(sm3.New, key)
	mac.Write([]byte("receipt\n" + strconv.FormatInt(counter, 10)))
	return hex.EncodeToString(mac.Sum(nil))
}

// sessionMark stands for a session in the record: the same for the messages of one session, and nothing else. A maker may
// name sessions after the citizen before the screen, by a telephone or a queue number, so that the name itself is not kept;
// nobody finds it by trying numbers without the device's key.
func sessionMark(key []byte, session string) string {
	if session == "" {
		return ""
	}
	mac := hmac.New(sm3.New, key)
	mac.Write([]byte("session\n" + session))
	return hex.EncodeToString(mac.Sum(nil))[:32]
}

// versionIn is the version of a notice, "" where something else stands in its place: nothing that a maker puts there may be
// kept, and no rating is refused for it.
func versionIn(notice string) string {
	if len(notice) > maxVersion || strings.Trim(notice, "0123456789") != "" {
		return ""
	}
	return notice
}

func (r deviceMessageRow) mark(d signer) regulation.DeviceMark {
	if r.KeyNo != d.row.KeyNo {
		return regulation.DeviceMark{}
	}
	return regulation.DeviceMark{Counter: r.Counter, At: instant(r.SentAt)}
}

// neighbours are the messages of a device that stand next to a counter.
func (s *Store) neighbours(ctx context.Context, d signer, counter int64) (before, after deviceMessageRow, err error) {
	next := func(where, order string, into *deviceMessageRow) error {
		var rows []deviceMessageRow
		err := s.rows(ctx).Select("counter, key_no, sent_at").Where("device_id = ? AND "+where, d.row.ID, counter).Order(order).Limit(1).Find(&rows).Error
		if len(rows) > 0 {
			*into = rows[0]
		}
		return err
	}
	err = errors.Join(next("counter < ?", "counter DESC", &before), next("counter > ?", "counter", &after))
	return before, after, err
}

// messageRows makes what is to be stored of a message: its own row and, where somebody rated, the rating.
func (s *Store) messageRows(ctx context.Context, d signer, m SignedMessage, b deviceBody, choices regulation.Choices) (row deviceMessageRow, in Intake, err error) {
	params, err := s.paramsNow(ctx)
	if err != nil {
		return row, in, err
	}
	received := s.now()
	given, err := params.GivenAt(m.DeviceMessage, time.Duration(d.row.ClockAhead)*time.Microsecond, received)
	if err != nil {
		return row, in, err
	}
	row = deviceMessageRow{DeviceID: d.row.ID, Counter: m.Counter, KeyNo: d.row.KeyNo, Kind: string(m.Kind), Digest: seal.BodyDigest(m.Body),
		SentAt: micros(m.At), GivenAt: micros(given), ReceivedAt: micros(received), Session: sessionMark(d.key, b.Session)}
	if row.WindowID, err = s.placeOf(ctx, d.row.ID, given); err != nil {
		return row, in, err
	}
	form, err := d.form(m, b, &row)
	if err != nil || row.Outcome != OutcomeRated {
		return row, in, err
	}
	form.GivenAt = given
	place, err := s.devicePlace(ctx, row.WindowID, b.Staff, given)
	if err != nil {
		return row, in, err
	}
	if in.Rating, err = regulation.NewRating("", form, place, choices, regulation.Actor{}, received); err != nil {
		return row, in, err
	}
	in.Rating.ID, in.Key, in.PrivacyVersion = newID(), messageKey(d.key, m.Counter), versionIn(b.Notice)
	row.RatingID, row.StaffID = in.Rating.ID, place.Rated.Staff
	in.also = row.rows(s.wall())
	return row, in, nil
}

// form reads what a device tells and sets the outcome of its message: a session that timed out is not rated, and
// no grade comes of it (R10).
func (d signer) form(m SignedMessage, b deviceBody, row *deviceMessageRow) (form regulation.RatingForm, err error) {
	form = regulation.RatingForm{Channel: regulation.ChannelEvaluator, Target: regulation.TargetMatter, Options: b.Options, Dimensions: map[string]string{},
		Source: regulation.Source{ID: d.row.ID, Ref: strconv.FormatInt(m.Counter, 10)}}
	for name, mark := range b.Marks {
		form.Dimensions[name] = strconv.Itoa(mark)
	}
	row.Outcome = OutcomeRated
	switch m.Kind {
	case regulation.MessageSession:
		row.Outcome = OutcomeNotRated
		if b.Event == regulation.SessionOpened {
			row.Outcome = OutcomeOpened
		}
		return form, regulation.CheckSession(b.Session, b.Event)
	case regulation.MessageKeypad:
		model, _ := DeviceModelOf(d.row.Model)
		if b.Level == nil {
			return form, (&regulation.Error{Code: regulation.Invalid, Clause: regulation.ClauseGrades, Missing: "fields"}).Field("level", "required")
		}
		grade, rated, err := model.GradeOf(*b.Level)
		if !rated {
			row.Outcome = OutcomeNotRated
		}
		form.Grade = strconv.Itoa(int(grade))
		return form, err
	}
	form.Grade = strconv.Itoa(b.Grade)
	return form, nil
}

// devicePlace is where a device's rating belongs: its window with whom the screen showed, if they were on the
// roster of that day. Where it showed nobody nobody is rated, and the gap counts against the unit (R12).
func (s *Store) devicePlace(ctx context.Context, window, staff string, at time.Time) (regulation.Place, error) {
	var row windowRow
	if err := s.rows(ctx).Take(&row, "id = ?", window).Error; err != nil {
		return regulation.Place{}, found(err, "window")
	}
	serving, err := s.Serving(ctx, window, workday.DateOf(at))
	if err != nil {
		return regulation.Place{}, err
	}
	shown := serving[:0]
	for _, p := range serving {
		if p.StaffID == staff {
			shown = append(shown, p)
		}
	}
	t, err := s.placed(ctx, Target{Window: Window(row), Serving: shown}, row.UnitID)
	return t.Place(staff), err
}

// RatingsFrom counts the ratings that came in through a device.
func (s *Store) RatingsFrom(ctx context.Context, device string) (n int64, err error) {
	err = s.rows(ctx).Model(&deviceMessageRow{}).Where("device_id = ? AND outcome = ?", device, OutcomeRated).Count(&n).Error
	return n, err
}
