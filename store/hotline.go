package store

import (
	"cmp"
	"context"
	"errors"
	"strings"
	"time"

	"gorm.io/gorm"

	"haochaping/regulation"
	"haochaping/workday"
)

type callRow struct {
	ID          string `gorm:"primaryKey"`
	Source      string
	Agent       string
	StaffID     string
	WindowID    string
	Language    string
	BeganAt     int64
	EndedAt     int64
	RecordingID string
	Notice      string
	AskedAgain  int
}

func (callRow) TableName() string { return "calls" }

func (r callRow) call() regulation.Call {
	return regulation.Call{ID: r.ID, Source: r.Source, Agent: r.Agent, Staff: r.StaffID, Window: r.WindowID, Language: r.Language,
		BeganAt: instant(r.BeganAt), EndedAt: instant(r.EndedAt), Recording: r.RecordingID, Notice: r.Notice, Asked: r.AskedAgain}
}

// TakeCall enters what the call system says of a call: that it began, that it ended, or both, in any order and more
// than once. What is known already stays. Invalid on "agent" where nobody of the hotline has that login or profile.
func (s *Store) TakeCall(ctx context.Context, source string, c regulation.Called) error {
	agent, err := s.agentOf(ctx, c.Agent)
	if err != nil {
		return err
	}
	seat, err := s.seatOf(ctx, agent.Staff, workday.DateOf(c.BeganAt))
	if err != nil {
		return err
	}
	return s.tx(ctx, func(tx *gorm.DB) error {
		row := callRow{ID: c.Call, Source: source, Agent: agent.Person, StaffID: agent.Staff, WindowID: seat, Language: c.Language,
			BeganAt: micros(c.BeganAt), EndedAt: micros(c.EndedAt), RecordingID: c.Record}
		var known callRow
		err := locked(tx).Take(&known, "id = ?", c.Call).Error
		if errors.Is(err, gorm.ErrRecordNotFound) {
			isNew, err := insertNew(tx, &row)
			if err == nil && !isNew {
				err = errBusy
			}
			return err
		}
		if err != nil {
			return err
		}
		if known.Agent != row.Agent || known.Source != source {
			return &regulation.Error{Code: regulation.Conflict, Clause: regulation.ClauseTelephone, Missing: "same_id_other_content"}
		}
		return tx.Model(&callRow{}).Where("id = ?", c.Call).Updates(map[string]any{"ended_at": cmp.Or(known.EndedAt, row.EndedAt),
			"recording_id": cmp.Or(known.RecordingID, row.RecordingID), "language": cmp.Or(known.Language, row.Language)}).Error
	})
}

func (s *Store) agentOf(ctx context.Context, given string) (Account, error) {
	var row accountRow
	err := s.rows(ctx).Limit(1).Find(&row, "login = ? OR staff_id = ?", given, given).Error
	if err == nil && (row.Person == "" || row.StaffID == nil) {
		err = (&regulation.Error{Code: regulation.Invalid, Clause: regulation.ClauseTelephone, Missing: "fields"}).Field("agent", "not_an_option")
	}
	if err != nil {
		return Account{}, err
	}
	return row.account(), nil
}

// seatOf is the seat at which an agent serves, "" where none is on the roster.
func (s *Store) seatOf(ctx context.Context, staff string, day workday.Date) (string, error) {
	var row dutyRow
	err := s.rows(ctx).Where("staff_id = ? AND from_date <= ?", staff, day.String()).Order("from_date DESC, window_id").Limit(1).Find(&row).Error
	return row.WindowID, err
}

// Call returns a call by its id; NotFound where the call system told of none.
func (s *Store) Call(ctx context.Context, id string) (regulation.Call, error) {
	var row callRow
	if err := s.rows(ctx).Take(&row, "id = ?", id).Error; err != nil {
		return regulation.Call{}, found(err, "call")
	}
	return row.call(), nil
}

// CurrentCall is the latest call of an agent of which ratings may be written down now, zero without one.
func (s *Store) CurrentCall(ctx context.Context, person string) (regulation.Call, error) {
	var row callRow
	err := s.rows(ctx).Where("agent = ? AND (ended_at = 0 OR ended_at >= ?)", person, micros(s.now().Add(-regulation.WriteUp))).
		Order("began_at DESC").Limit(1).Find(&row).Error
	return row.call(), err
}

// CallTarget is what whoever called rates of the call itself: the agent's seat, or the hotline where the roster has no
// seat for the agent.
func (s *Store) CallTarget(ctx context.Context, c regulation.Call) (Target, error) {
	if c.Window != "" {
		return s.WindowTarget(ctx, c.Window)
	}
	var row staffRow
	if err := s.rows(ctx).Take(&row, "id = ?", c.Staff).Error; err != nil {
		return Target{}, found(err, "staff")
	}
	return s.UnitTarget(ctx, row.UnitID)
}

// NoteCall notes that the notice was read to the caller, and the caller's language.
func (s *Store) NoteCall(ctx context.Context, id, notice, language string) error {
	return s.tx(ctx, func(tx *gorm.DB) error {
		return tx.Model(&callRow{}).Where("id = ?", id).Updates(map[string]any{"notice": notice, "language": language}).Error
	})
}

// AskAgain notes that the caller is asked once more.
func (s *Store) AskAgain(ctx context.Context, id string) error {
	return s.tx(ctx, func(tx *gorm.DB) error {
		return tx.Model(&callRow{}).Where("id = ?", id).Update("asked_again", gorm.Expr("asked_again + 1")).Error
	})
}

var callRatingsTable = table{name: "call_ratings", columns: []string{"call_id", "object", "rating_id"}}

// OwnCall is the object of a call's rating by the caller themselves: the agent's own call.
const OwnCall = "call"

// RatedInCall lists what was rated in a call, by object.
func (s *Store) RatedInCall(ctx context.Context, call string) ([]string, error) {
	var objects []string
	err := s.rows(ctx).Table("call_ratings").Where("call_id = ? AND object <> ?", call, OwnCall).Order("object").Pluck("object", &objects).Error
	return objects, err
}

type ticketRow struct {
	Number     string `gorm:"primaryKey"`
	Kind       string
	UnitID     string
	Source     string
	ReportedAt int64
}

func (ticketRow) TableName() string { return "tickets" }

// Ticket is a complaint or a consultation of the hotline with the unit that answered.
type Ticket struct {
	Number string
	Kind   regulation.TargetKind
	Unit   string
}

// TakeTicket enters a complaint or a consultation; the newest report says which unit answered. unit is an id or a
// credit code: Invalid on "unit" where there is no such unit.
func (s *Store) TakeTicket(ctx context.Context, t Ticket, source string, at time.Time) error {
	tree, err := s.Tree(ctx)
	if err != nil {
		return err
	}
	row := ticketRow{Number: t.Number, Kind: string(t.Kind), Source: source, ReportedAt: micros(at)}
	for _, o := range tree.Orgs() {
		if o.ID == t.Unit || (o.CreditCode != "" && o.CreditCode == t.Unit) {
			row.UnitID = o.ID
		}
	}
	if row.UnitID == "" {
		return (&regulation.Error{Code: regulation.Invalid, Clause: regulation.ClauseTelephone, Missing: "fields"}).Field("unit", "not_an_option")
	}
	return s.tx(ctx, func(tx *gorm.DB) error {
		var known ticketRow
		err := locked(tx).Limit(1).Find(&known, "number = ?", t.Number).Error
		if err != nil || known.ReportedAt > row.ReportedAt {
			return err
		}
		return tx.Save(&row).Error
	})
}

// TicketByNumber finds a complaint or a consultation; NotFound where none was reported.
func (s *Store) TicketByNumber(ctx context.Context, number string) (Ticket, error) {
	var row ticketRow
	if err := s.rows(ctx).Take(&row, "number = ?", number).Error; err != nil {
		return Ticket{}, found(err, "ticket")
	}
	return Ticket{row.Number, regulation.TargetKind(row.Kind), row.UnitID}, nil
}

// UnitTarget is a unit as a whole: whose answer to a complaint or a consultation is rated.
func (s *Store) UnitTarget(ctx context.Context, unit string) (Target, error) {
	t, err := s.placed(ctx, Target{}, unit)
	if err == nil && t.Unit.ID == "" {
		err = found(gorm.ErrRecordNotFound, "unit")
	}
	return t, err
}

// Found is something that a caller may name: KIND:ID, with the unit to which it belongs and its name.
type Found struct {
	Object string
	Name   string
	Unit   string
}

// foundAtOnce is how many of each sort a search shows.
const foundAtOnce = 8

// FindRated finds windows and matters by what an agent types of their names, or a handled matter by its number; for
// a complaint or a consultation its number, and units by their names. An agent's own hotline is left out: its calls
// are rated by those who called.
func (s *Store) FindRated(ctx context.Context, kind regulation.TargetKind, typed string) ([]Found, error) {
	typed = strings.TrimSpace(typed)
	if typed == "" {
		return nil, nil
	}
	if kind != regulation.TargetMatter {
		return s.findTickets(ctx, kind, typed)
	}
	var all []Found
	if p, err := s.ProjectTarget(ctx, typed); err == nil {
		all = append(all, Found{"project:" + p.Project.Number, p.Project.Number + " " + p.Matter.NameZH, p.Unit.ID})
	}
	like := "%" + likeText(typed) + "%"
	var windows []windowRow
	err := s.rows(ctx).Where("(name_zh LIKE ? ESCAPE '!' OR number LIKE ? ESCAPE '!' OR hall_id IN (SELECT id FROM orgs WHERE name_zh LIKE ? ESCAPE '!')) AND hall_id IN (SELECT id FROM orgs WHERE kind <> ?)",
		like, like, like, string(regulation.OrgHotline)).Order("hall_id, number").Limit(foundAtOnce).Find(&windows).Error
	if err != nil {
		return nil, err
	}
	for _, w := range windows {
		all = append(all, Found{"window:" + w.ID, w.Number + " " + w.NameZH, w.HallID})
	}
	var matters []matterRow
	if err := s.rows(ctx).Where("name_zh LIKE ? ESCAPE '!'", like).Order("unit_id, id").Limit(foundAtOnce).Find(&matters).Error; err != nil {
		return nil, err
	}
	for _, m := range matters {
		all = append(all, Found{"matter:" + m.ID, m.NameZH, m.UnitID})
	}
	return all, nil
}

func (s *Store) findTickets(ctx context.Context, kind regulation.TargetKind, typed string) (all []Found, err error) {
	if t, err := s.TicketByNumber(ctx, typed); err == nil && t.Kind == kind {
		all = append(all, Found{"ticket:" + t.Number, t.Number, t.Unit})
	}
	tree, err := s.Tree(ctx)
	if err != nil {
		return nil, err
	}
	for _, o := range tree.Orgs(regulation.OrgDepartment, regulation.OrgAuthority, regulation.OrgEnterprise, regulation.OrgServiceCentre) {
		if strings.Contains(o.NameZH, typed) && len(all) < 2*foundAtOnce {
			all = append(all, Found{"unit:" + o.ID, o.NameZH, o.Parent})
		}
	}
	return all, nil
}

// maxSought is how much of a sought text is looked for, in bytes: no name is as long, and SQLite refuses patterns of
// more than 50,000.
const maxSought = 1000

// likeText is a sought text within a pattern of LIKE, as it was typed.
func likeText(typed string) string {
	return strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(cut(typed, maxSought))
}

// FoundTarget is what a found object stands for.
func (s *Store) FoundTarget(ctx context.Context, object string) (Target, error) {
	kind, id, _ := strings.Cut(object, ":")
	switch kind {
	case "project":
		return s.ProjectTarget(ctx, id)
	case "window":
		return s.WindowTarget(ctx, id)
	case "matter":
		var row matterRow
		if err := s.rows(ctx).Take(&row, "id = ?", id).Error; err != nil {
			return Target{}, found(err, "matter")
		}
		return s.placed(ctx, Target{Matter: Matter(row)}, row.UnitID)
	case "ticket":
		t, err := s.TicketByNumber(ctx, id)
		if err != nil {
			return Target{}, err
		}
		return s.UnitTarget(ctx, t.Unit)
	case "unit":
		return s.UnitTarget(ctx, id)
	}
	return Target{}, found(gorm.ErrRecordNotFound, "object")
}
