package store

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"haochaping/regulation"
	"haochaping/store/seal"
	"haochaping/workday"
)

// Kinds of messages that other systems send.
const (
	InboundRating = "rating"
	InboundMatter = "matter"
	InboundCall   = "call"
)

// Outcomes of a message.
const (
	InboundAccepted = "accepted"
	InboundRepeated = "repeated"
	InboundRefused  = "refused"
	InboundParked   = "parked"
)

// TakeNonce notes the nonce of a signed request; false where it was used before. It counts by the machines' time.
func (s *Store) TakeNonce(ctx context.Context, upstream, nonce string) (fresh bool, err error) {
	err = s.tx(ctx, func(tx *gorm.DB) error {
		fresh, err = insertNew(tx, &nonceRow{upstream, nonce, micros(s.wall())})
		return err
	})
	return fresh, err
}

type nonceRow struct {
	Upstream string `gorm:"primaryKey"`
	Nonce    string `gorm:"primaryKey"`
	At       int64
}

func (nonceRow) TableName() string { return "inbound_nonces" }

// noncesKept is longer than any signature holds: its time may lie an hour ahead of or behind ours.
const noncesKept = 3 * time.Hour

// SweepNonces forgets nonces whose signatures hold no longer.
func (s *Store) SweepNonces(ctx context.Context) error {
	return s.tx(ctx, func(tx *gorm.DB) error {
		return tx.Delete(&nonceRow{}, "at < ?", micros(s.wall().Add(-noncesKept))).Error
	})
}

// Unmatched is why a message could not be matched with the tree: a code, and the public value that is not known.
type Unmatched struct {
	Reason string
	Value  string
}

// Reasons of what is parked. FirstMissing: the second rating of a matter came before the first.
const (
	UnknownArea  = "area_unknown"
	UnknownDept  = "dept_unknown"
	UnknownTask  = "task_unknown"
	OtherUnit    = "other_unit"
	UnknownPlace = "window_unknown"
	FirstMissing = "first_missing"
)

// MatchRating finds what a rating of another system is about: the handled matter where it is known, else the
// matter by its national code. What does not fit together is not guessed.
func (s *Store) MatchRating(ctx context.Context, upstream string, e regulation.Exchanged) (t Target, not Unmatched, err error) {
	if e.ProjectNo != "" {
		t, err = s.ProjectTarget(ctx, e.ProjectNo)
	}
	if refused := (*regulation.Error)(nil); e.ProjectNo == "" || errors.As(err, &refused) {
		t, not, err = s.matchTask(ctx, upstream, e.Task)
		t.Project = Project{Number: e.ProjectNo}
	}
	if err != nil || not.Reason != "" {
		return t, not, err
	}
	if e.Status != "" {
		t.Project.Status = e.Status
	}
	not, err = s.fits(ctx, t, e.Area, e.Dept)
	return t, not, err
}

func (s *Store) matchTask(ctx context.Context, upstream, task string) (Target, Unmatched, error) {
	var row matterRow
	query := s.rows(ctx).Where("task_code = ?", task)
	if meant, err := s.meant(ctx, upstream, aliasTask, task); err != nil {
		return Target{}, Unmatched{}, err
	} else if meant != "" {
		query = s.rows(ctx).Where("id = ?", meant)
	}
	if err := query.Limit(1).Find(&row).Error; err != nil {
		return Target{}, Unmatched{}, err
	}
	if row.ID == "" {
		return Target{}, Unmatched{UnknownTask, cut(task, maxNumber)}, nil
	}
	t, err := s.placed(ctx, Target{Matter: Matter(row)}, row.UnitID)
	return t, Unmatched{}, err
}

// fits holds the division and the body that a message names against where the matter lies.
func (s *Store) fits(ctx context.Context, t Target, area, dept string) (Unmatched, error) {
	tree, err := s.Tree(ctx)
	if err != nil {
		return Unmatched{}, err
	}
	if _, known := tree.Org(area); area != "" && !known {
		return Unmatched{UnknownArea, cut(area, maxNumber)}, nil
	}
	if dept == "" {
		return Unmatched{}, nil
	}
	for _, o := range tree.Orgs() {
		if o.CreditCode == dept {
			if o.ID == t.Unit.ID || o.ID == t.Authority.ID || o.ID == t.Unit.Parent {
				return Unmatched{}, nil
			}
			return Unmatched{OtherUnit, cut(dept, maxNumber)}, nil
		}
	}
	return Unmatched{UnknownDept, cut(dept, maxNumber)}, nil
}

// MatchMatter makes a report of what another system says of a handled matter.
func (s *Store) MatchMatter(ctx context.Context, upstream string, h regulation.Handled) (Report, Unmatched, error) {
	t, not, err := s.matchTask(ctx, upstream, h.Task)
	if err != nil || not.Reason != "" {
		return Report{}, not, err
	}
	if not, err = s.fits(ctx, t, h.Area, h.Dept); err != nil || not.Reason != "" {
		return Report{}, not, err
	}
	r := Report{Applicant: h.Name, Phone: h.Phone, Source: upstream, At: h.At, Project: Project{Number: h.Number, MatterID: t.Matter.ID, Status: h.Status,
		AcceptedDate: h.Accepted, ConcludedDate: h.Concluded, DeliveryUsed: h.Delivered}}
	if h.Window == "" {
		return r, not, nil
	}
	r.WindowID, err = s.windowMeant(ctx, upstream, h.Window, t.Unit.ID)
	if err == nil && r.WindowID == "" {
		not = Unmatched{UnknownPlace, cut(h.Window, maxNumber)}
	}
	return r, not, err
}

// windowMeant is the window of a unit by its id or by the number on the counter, where only one has it.
func (s *Store) windowMeant(ctx context.Context, upstream, window, unit string) (string, error) {
	if meant, err := s.meant(ctx, upstream, aliasWindow, window); err != nil || meant != "" {
		return meant, err
	}
	var rows []windowRow
	if err := s.rows(ctx).Where("unit_id = ? AND (id = ? OR number = ?)", unit, window, window).Limit(2).Find(&rows).Error; err != nil || len(rows) != 1 {
		return "", err
	}
	return rows[0].ID, nil
}

const (
	aliasTask   = "task"
	aliasWindow = "window"
)

type aliasRow struct {
	Upstream string `gorm:"primaryKey"`
	Kind     string `gorm:"primaryKey"`
	Value    string `gorm:"primaryKey"`
	ObjectID string
	Author   string
	At       int64
}

func (aliasRow) TableName() string { return "inbound_aliases" }

func (s *Store) meant(ctx context.Context, upstream, kind, value string) (string, error) {
	var row aliasRow
	err := s.rows(ctx).Limit(1).Find(&row, "upstream = ? AND kind = ? AND value = ?", upstream, kind, cut(value, maxNumber)).Error
	return row.ObjectID, err
}

// aliasKinds are which of the parked reasons somebody can mend by saying what the value means.
var aliasKinds = map[string]string{UnknownTask: aliasTask, UnknownPlace: aliasWindow}

// Mend says what an upstream's code means here: the id of a matter, or of a window. What is parked for it is taken by
// the next turn. Invalid on "object" where there is no such thing, on "reason" where nothing can be said.
func (s *Store) Mend(ctx context.Context, upstream, reason, value, object string, actor regulation.Actor) error {
	wrong := &regulation.Error{Code: regulation.Invalid, Clause: regulation.ClauseWeb, Missing: "fields"}
	kind, can := aliasKinds[reason]
	if !can {
		return wrong.Field("reason", "not_an_option")
	}
	return s.tx(ctx, func(tx *gorm.DB) error {
		var n int64
		from := map[string]string{aliasTask: "matters", aliasWindow: "service_windows"}[kind]
		if err := tx.Table(from).Where("id = ?", object).Count(&n).Error; err != nil {
			return err
		}
		if n == 0 {
			return wrong.Field("object", "not_an_option")
		}
		if err := tx.Save(&aliasRow{upstream, kind, value, object, actor.Person, micros(s.now())}).Error; err != nil {
			return err
		}
		return s.audit(tx, AuditEntry{Person: actor.Person, Role: string(actor.As.Role), Action: "mend_inbound", ObjectKind: kind, ObjectID: object,
			Area: actor.As.Area, Unit: actor.As.Org, Outcome: OutcomeDone})
	})
}

type parkedRow struct {
	Upstream   string `gorm:"primaryKey"`
	MessageID  string `gorm:"primaryKey"`
	Kind       string `gorm:"primaryKey"`
	Reason     string
	Value      string
	Digest     string
	KeyID      string
	RatingID   string
	Sealed     []byte
	ReceivedAt int64
	Tries      int
	SettledAt  int64
	Outcome    string
}

func (parkedRow) TableName() string { return "inbound_parked" }

// Parked is a message that waits for somebody to say what it means.
type Parked struct {
	Upstream, ID, Kind string
	Unmatched
	RatingID   string // under which its rating will stand, and its contact in the vault does
	ReceivedAt time.Time
	Tries      int
	Outcome    string // "" while parked
	Content    []byte // the message in our words, without the rater; only where it was asked for
	InVault    bool
}

func (r parkedRow) parked() Parked {
	return Parked{Upstream: r.Upstream, ID: r.MessageID, Kind: r.Kind, Unmatched: Unmatched{r.Reason, r.Value}, RatingID: r.RatingID,
		ReceivedAt: instant(r.ReceivedAt), Tries: r.Tries, Outcome: r.Outcome}
}

func parkedPlace(r parkedRow) seal.Place {
	return seal.Place{Table: "inbound_parked", ID: r.Upstream + "/" + r.MessageID, Field: r.Kind}
}

// Park keeps a message that could not be matched, sealed. content has nothing of the rater; contact goes into the
// vault at once, under the id that the rating will have. digest is that of the message.
func (s *Store) Park(ctx context.Context, p Parked, digest string, content any, contact Contact) error {
	if s.sealer == nil {
		return errNoKeys
	}
	row := parkedRow{Upstream: p.Upstream, MessageID: p.ID, Kind: p.Kind, Reason: p.Reason, Value: p.Value, KeyID: s.sealer.CurrentKey(),
		RatingID: newID(), ReceivedAt: micros(p.ReceivedAt)}
	plain, err := json.Marshal(content)
	if err != nil {
		return err
	}
	if row.Digest, err = s.sealer.RequestDigest(row.KeyID, []byte(digest)); err != nil {
		return err
	}
	if row.Sealed, err = s.sealer.SealText(string(plain), parkedPlace(row)); err != nil {
		return err
	}
	err = s.record(ctx, func(tx *gorm.DB) error {
		if err := s.insert(tx, parkedTable, []any{row.Upstream, row.MessageID, row.Kind, row.Reason, row.Value, row.Digest, row.KeyID, row.RatingID,
			row.Sealed, row.ReceivedAt, 0, 0, ""}); err != nil || !contact.Given() {
			return err
		}
		key, err := s.newReadyKey(row.RatingID)
		if err != nil {
			return err
		}
		// The key waits in the record, to stand or fall with the message, and is moved within seconds.
		rows := pile{}
		if err := s.sealContact(rows, key, contact, s.now()); err != nil {
			return err
		}
		return s.flush(tx, rows)
	})
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		return nil // parked by a repetition that came at the same time
	}
	return err
}

var parkedTable = table{name: "inbound_parked", columns: []string{"upstream", "message_id", "kind", "reason", "value", "digest", "key_id", "rating_id",
	"sealed", "received_at", "tries", "settled_at", "outcome"}}

// ParkedBefore tells whether a message waits already. Another content under its id is a regulation.Conflict.
func (s *Store) ParkedBefore(ctx context.Context, upstream, kind, id, digest string) (bool, error) {
	var row parkedRow
	err := s.rows(ctx).Limit(1).Find(&row, "upstream = ? AND message_id = ? AND kind = ? AND settled_at = 0", upstream, id, kind).Error
	if err != nil || row.MessageID == "" {
		return false, err
	}
	same, err := s.sealer.RequestDigest(row.KeyID, []byte(digest))
	if err == nil && same != row.Digest {
		err = &regulation.Error{Code: regulation.Conflict, Missing: "same_id_other_content"}
	}
	return true, err
}

// ParkedMessages lists what waits, the oldest first.
func (s *Store) ParkedMessages(ctx context.Context, limit int) ([]Parked, error) {
	var rows []parkedRow
	err := s.rows(ctx).Omit("sealed").Where("settled_at = 0").Order("received_at, upstream, message_id").Limit(limit).Find(&rows).Error
	return converted(rows, parkedRow.parked), err
}

// ParkedInTurn lists what waits, what was tried least before, so that many that nobody mends hold up no other.
func (s *Store) ParkedInTurn(ctx context.Context, limit int) ([]Parked, error) {
	var rows []parkedRow
	err := s.rows(ctx).Omit("sealed").Where("settled_at = 0").Order("tries, received_at, upstream, message_id").Limit(limit).Find(&rows).Error
	return converted(rows, parkedRow.parked), err
}

// OpenParked reads a parked message into content, to try it again, with the contact that stands in the vault.
func (s *Store) OpenParked(ctx context.Context, p Parked, content any) (Contact, error) {
	var row parkedRow
	if err := s.rows(ctx).Take(&row, "upstream = ? AND message_id = ? AND kind = ?", p.Upstream, p.ID, p.Kind).Error; err != nil {
		return Contact{}, found(err, "message")
	}
	plain, err := s.sealer.OpenText(row.Sealed, parkedPlace(row))
	if err != nil {
		return Contact{}, err
	}
	if err := json.Unmarshal([]byte(plain), content); err != nil {
		return Contact{}, err
	}
	contact, err := s.openContact(ctx, row.RatingID)
	if refused := (*regulation.Error)(nil); errors.As(err, &refused) {
		return Contact{}, nil // none was given, or it was erased
	}
	return contact, err
}

// SettleParked notes what became of a parked message, "" that it still waits for the reason given. What was sealed
// goes once it is settled; what the vault
// holds goes with it, unless a rating stands for it now.
func (s *Store) SettleParked(ctx context.Context, p Parked, outcome string) error {
	return s.tx(ctx, func(tx *gorm.DB) error {
		set := map[string]any{"tries": gorm.Expr("tries + 1"), "reason": p.Reason, "value": p.Value}
		if outcome != "" {
			set["settled_at"], set["outcome"], set["sealed"] = micros(s.now()), outcome, []byte{}
		}
		err := tx.Model(&parkedRow{}).Where("upstream = ? AND message_id = ? AND kind = ? AND settled_at = 0", p.Upstream, p.ID, p.Kind).Updates(set).Error
		if err != nil || outcome == "" || (outcome != InboundRefused && p.Kind == InboundRating) {
			return err
		}
		return eraseSubject(tx, p.RatingID)
	})
}

type inboundDayRow struct {
	Upstream string `gorm:"primaryKey"`
	Day      string `gorm:"primaryKey"`
	Kind     string `gorm:"primaryKey"`
	Outcome  string `gorm:"primaryKey"`
	Times    int64
	LastAt   int64
}

func (inboundDayRow) TableName() string { return "inbound_days" }

type inboundRefusedRow struct {
	Upstream  string `gorm:"primaryKey"`
	MessageID string `gorm:"primaryKey"`
	Kind      string `gorm:"primaryKey"`
	Reasons   string
	At        int64
	Times     int64
}

func (inboundRefusedRow) TableName() string { return "inbound_refused" }

// Refusal is a message that was refused: codes of what was wrong, nothing of its content.
type Refusal struct {
	Upstream, ID, Kind string
	Reasons            []string // field:code
	At                 time.Time
	Times              int64
}

// CountInbound notes what one request came to.
func (s *Store) CountInbound(ctx context.Context, upstream, kind string, outcomes map[string]int, refused []Refusal) error {
	at := micros(s.now())
	day := workday.DateOf(s.now()).String()
	return s.tx(ctx, func(tx *gorm.DB) error {
		for _, outcome := range []string{InboundAccepted, InboundParked, InboundRefused, InboundRepeated} {
			if outcomes[outcome] == 0 {
				continue
			}
			row := inboundDayRow{upstream, day, kind, outcome, int64(outcomes[outcome]), at}
			if err := tx.Clauses(added(tx, "inbound_days", "last_at")).Create(&row).Error; err != nil {
				return err
			}
		}
		for _, r := range refused {
			if r.ID == "" {
				continue // it cannot be named; the count has it
			}
			reasons := strings.Join(r.Reasons, ",")
			row := inboundRefusedRow{upstream, r.ID, kind, reasons[:min(len(reasons), 400)], at, 1}
			if err := tx.Clauses(added(tx, "inbound_refused", "at", "reasons")).Create(&row).Error; err != nil {
				return err
			}
		}
		return nil
	})
}

// added adds the times of a row that is there already, and takes the other columns from the new one.
func added(tx *gorm.DB, table string, others ...string) clause.OnConflict {
	fresh := "VALUES(times)"
	if tx.Name() == "sqlite" {
		fresh = "excluded.times"
	}
	set := clause.AssignmentColumns(others)
	set = append(set, clause.Assignment{Column: clause.Column{Name: "times"}, Value: gorm.Expr(table + ".times + " + fresh)})
	keys := map[string][]string{"inbound_days": {"upstream", "day", "kind", "outcome"}, "inbound_refused": {"upstream", "message_id", "kind"}}[table]
	var columns []clause.Column
	for _, key := range keys {
		columns = append(columns, clause.Column{Name: key})
	}
	return clause.OnConflict{Columns: columns, DoUpdates: set}
}

// Traffic is what one upstream sent: today, and within the last thirty days.
type Traffic struct {
	Upstream string
	Today    map[string]int64 // by outcome
	Month    map[string]int64
	LastAt   time.Time
}

// InboundTraffic sums up what each upstream sent.
func (s *Store) InboundTraffic(ctx context.Context) ([]Traffic, error) {
	today := workday.DateOf(s.now())
	var rows []inboundDayRow
	if err := s.rows(ctx).Where("day > ?", today.AddDays(-30).String()).Order("upstream, day").Find(&rows).Error; err != nil {
		return nil, err
	}
	var all []Traffic
	for _, row := range rows {
		i := slices.IndexFunc(all, func(t Traffic) bool { return t.Upstream == row.Upstream })
		if i < 0 {
			i = len(all)
			all = append(all, Traffic{Upstream: row.Upstream, Today: map[string]int64{}, Month: map[string]int64{}})
		}
		all[i].Month[row.Outcome] += row.Times
		if row.Day == today.String() {
			all[i].Today[row.Outcome] += row.Times
		}
		all[i].LastAt = later(all[i].LastAt, instant(row.LastAt))
	}
	return all, nil
}

// InboundRefusals lists what was refused last.
func (s *Store) InboundRefusals(ctx context.Context, limit int) ([]Refusal, error) {
	var rows []inboundRefusedRow
	err := s.rows(ctx).Order("at DESC, upstream, message_id").Limit(limit).Find(&rows).Error
	return converted(rows, func(r inboundRefusedRow) Refusal {
		return Refusal{Upstream: r.Upstream, ID: r.MessageID, Kind: r.Kind, Reasons: list(r.Reasons), At: instant(r.At), Times: r.Times}
	}), err
}

// AlarmSilent: nothing has come from another system for long, in service hours.
const AlarmSilent = "upstream_silent"

// WatchUpstreams raises the alarm for each upstream that has been silent for longer than the parameter says, within
// today's service hours, and clears it for each that was heard again. since is when this process began: an
// upstream that was never heard counts from there.
func (s *Store) WatchUpstreams(ctx context.Context, upstreams []string, since time.Time) error {
	rules, err := s.watchRules(ctx, "513300", s.now())
	if err != nil {
		return err
	}
	heard, err := s.InboundTraffic(ctx)
	if err != nil {
		return err
	}
	longest := time.Duration(rules.Params.Days(regulation.InboundSilence)) * time.Hour
	return s.tx(ctx, func(tx *gorm.DB) error {
		for _, upstream := range upstreams {
			last := since
			for _, t := range heard {
				if t.Upstream == upstream {
					last = t.LastAt
				}
			}
			if longest > 0 && rules.SilentSince(last, s.now()) > longest {
				if err := s.raise(tx, AlarmSilent, upstream, "", regulation.PrefectureArea, ""); err != nil {
					return err
				}
				continue
			}
			if s.now().Sub(last) > longest {
				continue // still silent, outside service hours
			}
			err := s.clearAlarm(tx, AlarmSilent, upstream)
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// SilentUpstreams are those about which the alarm stands.
func (s *Store) SilentUpstreams(ctx context.Context) (map[string]bool, error) {
	var ids []string
	err := s.rows(ctx).Table("alarms").Where("kind = ? AND cleared_at = 0", AlarmSilent).Pluck("object_id", &ids).Error
	silent := map[string]bool{}
	for _, id := range ids {
		silent[id] = true
	}
	return silent, err
}

// Mendable tells whether somebody can mend what is parked for a reason by saying what its value means.
func Mendable(reason string) bool { return aliasKinds[reason] != "" }
