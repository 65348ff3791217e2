package store

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"haochaping/regulation"
	"haochaping/store/ledger"
	"haochaping/store/seal"
)

// ActRequest is somebody's request to do an act on a case. Whether they may is decided when it
// is recorded; Actor.As is the assignment that policies chose.
type ActRequest struct {
	CaseID     string
	Kind       regulation.ActKind
	Values     regulation.Values
	Actor      regulation.Actor
	Key        string    // Idempotency-Key
	ReceivedAt time.Time // when the API received it; the clock's instant where zero
}

// ActStatus tells how far a request is.
type ActStatus string

const (
	ActPending ActStatus = "pending"
	ActDone    ActStatus = "done"
	ActRefused ActStatus = "refused"
	ActFailed  ActStatus = "failed" // the record could not take it: nothing has changed, what was typed is kept
)

// ActRow is a request as the record holds it, without what was typed.
type ActRow struct {
	ID         string
	CaseID     string
	Kind       regulation.ActKind
	Person     string // "" for the citizen by receipt
	As         regulation.Assignment
	Status     ActStatus
	ReceivedAt time.Time
	RecordedAt time.Time         // zero while pending
	Seq        int64             // of its event once it is done
	Refusal    *regulation.Error // nil unless it was refused or failed
	Repeated   bool              // SubmitAct: the request had arrived before
}

var actsTable = table{name: "acts", columns: []string{"id", "case_id", "actor", "staff_id", "as_role", "as_org", "as_area", "as_for", "request_key",
	"digest", "key_id", "kind", "body", "received_at", "status", "code", "clause", "missing", "fields", "who", "from_at",
	"seq", "recorded_at"}}

const updateAct = `UPDATE acts SET status = ?, code = ?, clause = ?, missing = ?, fields = ?, who = ?, from_at = ?,
	seq = ?, recorded_at = ?, body = NULL WHERE id = ? AND status = 'pending'`

// actRow is the table's row; its columns are actsTable's.
type actRow struct {
	ID         string
	CaseID     string
	Actor      string
	StaffID    string
	AsRole     string
	AsOrg      string
	AsArea     string
	AsFor      string // in whose place: Assignment.Absent, separated by commas
	RequestKey string
	Digest     string
	KeyID      string
	Kind       string
	Body       []byte
	ReceivedAt int64
	Status     string
	Code       string
	Clause     string
	Missing    string
	Fields     string
	Who        string
	FromAt     int64
	Seq        int64
	RecordedAt int64
}

func (actRow) TableName() string { return "acts" }

func (r actRow) values() []any {
	return []any{r.ID, r.CaseID, r.Actor, r.StaffID, r.AsRole, r.AsOrg, r.AsArea, r.AsFor, r.RequestKey, r.Digest, r.KeyID, r.Kind,
		r.Body, r.ReceivedAt, r.Status, r.Code, r.Clause, r.Missing, r.Fields, r.Who, r.FromAt, r.Seq, r.RecordedAt}
}

func (r actRow) row() ActRow {
	a := ActRow{ID: r.ID, CaseID: r.CaseID, Kind: regulation.ActKind(r.Kind), Person: r.Actor, As: r.as(),
		Status: ActStatus(r.Status), ReceivedAt: instant(r.ReceivedAt), RecordedAt: instant(r.RecordedAt), Seq: r.Seq}
	switch a.Status {
	case ActRefused:
		a.Refusal = r.refusal()
	case ActFailed:
		a.Refusal = &regulation.Error{Code: regulation.RecordFailed, Missing: "act_kept"}
	}
	return a
}

func (r actRow) as() regulation.Assignment {
	absent, via, _ := strings.Cut(r.AsFor, ",")
	return regulation.Assignment{Role: regulation.Role(r.AsRole), Org: r.AsOrg, Area: r.AsArea, For: absent, Via: via}
}

func (r actRow) refusal() *regulation.Error {
	e := &regulation.Error{Code: regulation.Code(r.Code), Clause: regulation.Clause(r.Clause), Missing: r.Missing, From: instant(r.FromAt)}
	if r.Fields != "" {
		_ = json.Unmarshal([]byte(r.Fields), &e.Fields) // written by refuse; a spoilt one shows no fields
	}
	for _, role := range strings.FieldsFunc(r.Who, func(c rune) bool { return c == ',' }) {
		e.Who = append(e.Who, regulation.Role(role))
	}
	return e
}

func actPlace(id string) seal.Place { return seal.Place{Table: "acts", ID: id, Field: "body"} }

// SubmitAct stores a request before the engine hears of it. The same key with the same content
// is the same request, and its row comes back as it stands; with another content it is a
// regulation.Conflict. NotFound: no such case or no such act.
func (s *Store) SubmitAct(ctx context.Context, r ActRequest) (ActRow, error) {
	if s.sealer == nil {
		return ActRow{}, errNoKeys
	}
	if _, known := regulation.SpecOf(r.Kind); !known {
		return ActRow{}, &regulation.Error{Code: regulation.NotFound, Missing: "no_such_act"}
	}
	row, err := s.newAct(r)
	if err != nil {
		return ActRow{}, err
	}
	err = s.record(ctx, func(tx *gorm.DB) error { return s.insert(tx, actsTable, row.values()) })
	switch {
	case errors.Is(err, gorm.ErrForeignKeyViolated):
		return ActRow{}, &regulation.Error{Code: regulation.NotFound, Missing: "case"}
	case errors.Is(err, gorm.ErrDuplicatedKey):
		return s.sameAct(ctx, row, r)
	}
	return row.row(), err
}

func (s *Store) newAct(r ActRequest) (actRow, error) {
	if r.ReceivedAt.IsZero() {
		r.ReceivedAt = s.now()
	}
	row := actRow{ID: newID(), CaseID: r.CaseID, Actor: r.Actor.Person, StaffID: r.Actor.Staff, AsRole: string(r.Actor.As.Role),
		AsOrg: r.Actor.As.Org, AsArea: r.Actor.As.Area, AsFor: strings.Join(r.Actor.As.Absent(), ","), KeyID: s.sealer.CurrentKey(), Kind: string(r.Kind),
		ReceivedAt: micros(r.ReceivedAt), Status: string(ActPending)}
	var err error
	if row.RequestKey, err = requestKey(r.Key); err != nil {
		return row, err
	}
	content := r.content()
	if row.Digest, err = s.sealer.RequestDigest(row.KeyID, content); err != nil {
		return row, err
	}
	values, err := json.Marshal(r.Values)
	if err != nil {
		return row, err
	}
	row.Body, err = s.sealer.SealText(string(values), actPlace(row.ID))
	return row, err
}

// content is what makes two requests the same: the act and all that it carries.
func (r ActRequest) content() []byte {
	row := ledger.NewRow("act", 1).Text(string(r.Kind))
	names := make([]string, 0, len(r.Values))
	for name := range r.Values {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		row.Text(name).Integer(int64(len(r.Values[name])))
		for _, value := range r.Values[name] {
			row.Text(value)
		}
	}
	return row.Canonical()
}

// sameAct answers a request whose key is taken.
func (s *Store) sameAct(ctx context.Context, tried actRow, r ActRequest) (ActRow, error) {
	var row actRow
	err := s.rows(ctx).Take(&row, "case_id = ? AND actor = ? AND request_key = ?", tried.CaseID, tried.Actor, tried.RequestKey).Error
	if err != nil {
		return ActRow{}, err
	}
	digest, err := s.sealer.RequestDigest(row.KeyID, r.content())
	if errors.Is(err, seal.ErrNoKey) { // retired: nobody sends an act again after so long
		return ActRow{}, &regulation.Error{Code: regulation.Conflict, Missing: "same_key_other_content"}
	}
	if err != nil {
		return ActRow{}, err
	}
	if digest != row.Digest {
		return ActRow{}, &regulation.Error{Code: regulation.Conflict, Missing: "same_key_other_content"}
	}
	same := row.row()
	same.Repeated = true
	return same, nil
}

// ActOutcome returns a request as it stands.
func (s *Store) ActOutcome(ctx context.Context, id string) (ActRow, error) {
	var row actRow
	err := s.rows(ctx).Take(&row, "id = ?", id).Error
	return row.row(), found(err, "act")
}

// PendingActs lists requests received before an instant and not recorded yet, the oldest first:
// those that the sweeper drives. Those of cases with a deadline that cannot be recorded wait behind
// it, and keep no other waiting.
func (s *Store) PendingActs(ctx context.Context, before time.Time, limit int) ([]ActRow, error) {
	var rows []actRow
	err := s.rows(ctx).Where("status = 'pending' AND received_at < ?", micros(before)).
		Where("NOT EXISTS (SELECT 1 FROM alarms b WHERE b.kind = ? AND b.object_id = acts.case_id AND b.cleared_at = 0)", AlarmBlocked).
		Order("received_at, id").Limit(limit).Find(&rows).Error
	return converted(rows, actRow.row), err
}

// pendingUntil lists a held case's requests received at or before an instant, in their order.
func (s *Store) pendingUntil(tx *gorm.DB, caseID string, until time.Time) ([]actRow, error) {
	var rows []actRow
	err := tx.Where("case_id = ? AND status = 'pending' AND received_at <= ?", caseID, micros(until)).
		Order("received_at, id").Find(&rows).Error
	return rows, err
}

// finishAct writes a request's outcome: the event's sequence, or why it was refused. What was typed
// stands in events and texts from here on, or nowhere.
func (s *Store) finishAct(tx *gorm.DB, row actRow, seq int64, refusal *regulation.Error) error {
	if p, waits := tx.Statement.ConnPool.(*packed); waits && refusal == nil {
		p.finish(row.ID, seq, micros(s.now()))
		return nil
	}
	status, e := ActDone, regulation.Error{}
	if refusal != nil {
		status, e = ActRefused, *refusal
	}
	who := make([]string, 0, len(e.Who))
	for _, role := range e.Who {
		who = append(who, string(role))
	}
	return s.write(tx, updateAct, string(status), string(e.Code), string(e.Clause), e.Missing, fieldsText(row, e.Fields),
		strings.Join(who, ","), micros(e.From), seq, micros(s.now()), row.ID)
}

// fieldsText keeps the codes of the act's own fields. The name of an unknown field is what
// somebody typed, so it is not kept.
func fieldsText(row actRow, fields map[string]string) string {
	if len(fields) == 0 {
		return ""
	}
	spec, _ := regulation.SpecOf(regulation.ActKind(row.Kind))
	kept := map[string]string{}
	for name, code := range fields {
		if !slices.ContainsFunc(spec.Fields, func(f regulation.Field) bool { return f.Name == name }) {
			name = "other"
		}
		kept[name] = code
	}
	text, err := json.Marshal(kept)
	if err != nil {
		panic(err) // a map of strings
	}
	return string(text)
}
