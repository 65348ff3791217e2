package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"haochaping/regulation"
)

// LeaseNotices is the lease under which one node tells people outside the product.
const LeaseNotices = "notices"

// AlarmNotices: notices are parked, or wait too long. It clears by itself.
const AlarmNotices = "notices"

// DeliveryDropped is the state of a notice whose address is gone.
const DeliveryDropped = "dropped"

// NoticeItem is one thing that a person is told of.
type NoticeItem struct {
	Cause  string // told once
	Kind   string // regulation.ToldStep ...
	Number string // of the case, "" where there is none
	What   string // the act, or the alarm's kind
	Until  time.Time
	Link   string // path
	At     time.Time
}

type noticeItemRow struct {
	Person     string `gorm:"primaryKey"`
	Way        string `gorm:"primaryKey"`
	Cause      string `gorm:"primaryKey"`
	Kind       string
	Number     string
	What       string
	UntilAt    int64
	Link       string
	At         int64
	DeliveryID string
	CaseID     string // of what a rater is told; person is "" then
}

func (noticeItemRow) TableName() string { return "notice_items" }

func (r noticeItemRow) item() NoticeItem {
	return NoticeItem{r.Cause, r.Kind, r.Number, r.What, instant(r.UntilAt), r.Link, instant(r.At)}
}

type noticeDeliveryRow struct {
	ID       string `gorm:"primaryKey"`
	Person   string
	Way      string
	IsCode   bool
	State    string
	At       int64
	NextAt   int64
	SentAt   int64
	Attempts int
	Code     string
	CaseID   *string // whose rater is told; nil for staff
	Day      *string // on which it was made, for a rater
}

func (noticeDeliveryRow) TableName() string { return "notice_deliveries" }

// NoticeDelivery is one notice on its way. ID is the same however often it is sent.
type NoticeDelivery struct {
	ID, Person, Way string
	IsCode          bool
	At              time.Time
	Attempts        int
	Code            string // why it was not sent the last time
	Case            string // whose rater it goes to, "" for one to a person of staff
}

func (r noticeDeliveryRow) delivery() NoticeDelivery {
	d := NoticeDelivery{r.ID, r.Person, r.Way, r.IsCode, instant(r.At), r.Attempts, r.Code, ""}
	if r.CaseID != nil {
		d.Case = *r.CaseID
	}
	return d
}

// lookedBack is how far back it is looked for what people were not told of yet. Whatever reaches the record later
// than that after it happened is told within the product alone.
const lookedBack = 72 * time.Hour

// mostItems bounds what one look finds of each kind for one person; the next finds the rest.
const mostItems = 200

// NewsFor is what lies before an actor since an instant, of all kinds but escalations, whether they were told of
// it or not; tasks due until an instant count as due. There is no cursor: an act may reach the record hours after it
// was received, so the last three days are looked through, and NoteNews takes each cause once.
func (s *Store) NewsFor(ctx context.Context, actor regulation.Actor, way string, since, dueUntil time.Time) ([]NoticeItem, error) {
	since = later(since, s.now().Add(-lookedBack))
	var all []NoticeItem
	for _, look := range []func(context.Context, regulation.Actor, string, time.Time, time.Time) ([]NoticeItem, error){s.newsOfTasks, s.newsOfMessages} {
		items, err := look(ctx, actor, way, since, dueUntil)
		if err != nil {
			return nil, err
		}
		all = append(all, items...)
	}
	return all, nil
}

// untold leaves out what has its item already.
const untold = "NOT EXISTS (SELECT 1 FROM notice_items i WHERE i.person = ? AND i.way = ? AND i.cause = "

// tasksOf are the tasks before an actor's seats that nobody else has taken.
func (s *Store) tasksOf(ctx context.Context, actor regulation.Actor) *gorm.DB {
	where := s.rows(ctx).Where("1 = 0")
	for _, seat := range seatsOf(actor, TabAvailable) {
		where = where.Or("p.seat_role = ? AND p.org_id = ?", string(seat.Role), seat.Org)
	}
	return s.rows(ctx).Table("task_seats p").Joins("JOIN tasks t ON t.id = p.task_id").Where(where).
		Where("t.claimed_by = '' OR t.claimed_by = ?", actor.Person)
}

// newsOfTasks: a step when it comes, when its time ends by dueUntil, and when it has ended.
func (s *Store) newsOfTasks(ctx context.Context, actor regulation.Actor, way string, since, dueUntil time.Time) ([]NoticeItem, error) {
	now := s.now()
	var all []NoticeItem
	for _, kind := range []struct {
		name, moment, where string
		args                []any
	}{
		{regulation.ToldStep, "t.opened_at", "t.opened_at > ?", []any{micros(since)}},
		{regulation.ToldDue, "t.due_at", "t.due_at > ? AND t.due_at <= ?", []any{micros(now), micros(dueUntil)}},
		{regulation.ToldOverdue, "t.due_at", "t.due_at > ? AND t.due_at <= ?", []any{micros(since), micros(now)}},
	} {
		cause := "CONCAT('" + kind.name + "/', t.id, '@', " + kind.moment + ")"
		var rows []struct {
			Cause, CaseID, Act, Number string
			Moment, DueAt              int64
		}
		err := s.tasksOf(ctx, actor).Select("DISTINCT "+cause+" AS cause, t.case_id, t.act, t.number, "+kind.moment+" AS moment, t.due_at").
			Where(kind.where, kind.args...).Where(untold+cause+")", actor.Person, way).Order("moment").Limit(mostItems).Scan(&rows).Error
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			item := NoticeItem{Cause: row.Cause, Kind: kind.name, Number: row.Number, What: row.Act, Link: "/cases/" + row.CaseID, At: instant(row.Moment)}
			if row.DueAt != never {
				item.Until = instant(row.DueAt)
			}
			all = append(all, item)
		}
	}
	return all, nil
}

// newsOfMessages are the notices of cases and the messages about nothing of a case.
func (s *Store) newsOfMessages(ctx context.Context, actor regulation.Actor, way string, since, _ time.Time) ([]NoticeItem, error) {
	var all []NoticeItem
	for _, table := range []struct{ name, ref, number, join string }{
		{"notices", "n.case_id", "c.number", "JOIN cases c ON c.id = n.case_id"},
		{"messages", "n.ref", "''", ""},
	} {
		cause := "CONCAT('message/', " + table.ref + ", '/', n.seq)"
		var rows []struct {
			Cause, Number string
			At            int64
		}
		query := s.heard(ctx, InPerson(actor), table.name)
		if table.join != "" {
			query = query.Joins(table.join)
		}
		err := query.Select("DISTINCT "+cause+" AS cause, "+table.number+" AS number, n.at").Where("n.at > ?", micros(since)).
			Where(untold+cause+")", actor.Person, way).Order("n.at").Limit(mostItems).Scan(&rows).Error
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			all = append(all, NoticeItem{Cause: row.Cause, Kind: regulation.ToldMessage, Number: row.Number, Link: "/messages", At: instant(row.At)})
		}
	}
	return all, nil
}

// NewsOfEscalations are those to the upper level or the discipline officer ("upper", "discipline") within a scope.
func (s *Store) NewsOfEscalations(ctx context.Context, person, way string, scope regulation.Scope, to string, since time.Time) ([]NoticeItem, error) {
	columns := scopeColumns{area: "e.area"}
	if to == "discipline" {
		columns.units = []string{"e.unit_id"}
	}
	cause := "CONCAT('escalation/', e.case_id, '/', e.seq)"
	var rows []struct {
		Cause, CaseID, Number string
		At                    int64
	}
	err := inScope(s.rows(ctx).Table("escalations e").Joins("JOIN cases c ON c.id = e.case_id"), scope, columns).
		Select("DISTINCT "+cause+" AS cause, e.case_id, c.number, e.at").Where("e.sent_to = ? AND e.at > ?", to, micros(later(since, s.now().Add(-lookedBack)))).
		Where(untold+cause+")", person, way).Order("e.at").Limit(mostItems).Scan(&rows).Error
	var all []NoticeItem
	for _, row := range rows {
		all = append(all, NoticeItem{Cause: row.Cause, Kind: regulation.ToldEscalation, Number: row.Number, Link: "/cases/" + row.CaseID, At: instant(row.At)})
	}
	return all, err
}

// NewsOfAlarms are those within a scope.
func (s *Store) NewsOfAlarms(ctx context.Context, person, way string, scope regulation.Scope, since time.Time) ([]NoticeItem, error) {
	cause := "CONCAT('alarm/', a.kind, '/', a.object_id, '@', a.first_at)"
	var rows []struct {
		Cause, Kind string
		FirstAt     int64
	}
	err := inScope(s.rows(ctx).Table("alarms a"), scope, scopeColumns{area: "a.area", units: []string{"a.unit_id"}}).
		Select(cause+" AS cause, a.kind, a.first_at").Where("a.cleared_at = 0 AND a.first_at > ?", micros(later(since, s.now().Add(-lookedBack)))).
		Where(untold+cause+")", person, way).Order("a.first_at").Limit(mostItems).Scan(&rows).Error
	var all []NoticeItem
	for _, row := range rows {
		all = append(all, NoticeItem{Cause: row.Cause, Kind: regulation.ToldAlarm, What: row.Kind, Link: "/alarms", At: instant(row.FirstAt)})
	}
	return all, err
}

// NoteNews notes what a person is to be told by a way, each cause once. ErrLeaseLost when another node has taken over.
func (s *Store) NoteNews(ctx context.Context, token int64, person, way string, items []NoticeItem) error {
	if len(items) == 0 {
		return nil
	}
	now := micros(s.now())
	rows := converted(items, func(i NoticeItem) noticeItemRow {
		return noticeItemRow{Person: person, Way: way, Cause: i.Cause, Kind: i.Kind, Number: i.Number, What: i.What, UntilAt: micros(i.Until), Link: i.Link, At: now}
	})
	return s.tx(ctx, func(tx *gorm.DB) error {
		if err := holdsLease(tx, LeaseNotices, token); err != nil {
			return err
		}
		return tx.Clauses(clause.OnConflict{DoNothing: true}).CreateInBatches(rows, maxInserted).Error
	})
}

// Unbundled is what waits to be told a person by a way.
type Unbundled struct {
	Oldest time.Time // zero where nothing waits
	Last   time.Time // when they were last sent something
}

// Unbundled tells since when something waits for a person, and when they were last sent something.
func (s *Store) Unbundled(ctx context.Context, person, way string) (u Unbundled, err error) {
	var row struct{ Oldest, Last int64 }
	err = s.rows(ctx).Raw(`SELECT (SELECT COALESCE(MIN(at), 0) FROM notice_items WHERE delivery_id = '' AND person = ? AND way = ?) AS oldest,
		(SELECT COALESCE(MAX(at), 0) FROM notice_deliveries WHERE person = ? AND way = ? AND is_code = 0 AND state <> 'dropped') AS last`, person, way, person, way).Scan(&row).Error
	return Unbundled{instant(row.Oldest), instant(row.Last)}, err
}

// Bundle makes one notice of all that waits for a person, of some kinds.
func (s *Store) Bundle(ctx context.Context, token int64, person, way string, kinds []string) error {
	return s.tx(ctx, func(tx *gorm.DB) error {
		if err := holdsLease(tx, LeaseNotices, token); err != nil {
			return err
		}
		d := noticeDeliveryRow{ID: newID(), Person: person, Way: way, State: DeliveryWaiting, At: micros(s.now()), NextAt: micros(s.now())}
		taken := tx.Model(&noticeItemRow{}).Where("delivery_id = '' AND person = ? AND way = ? AND kind IN ?", person, way, kinds).Update("delivery_id", d.ID)
		if taken.Error != nil || taken.RowsAffected == 0 {
			return taken.Error
		}
		return tx.Create(&d).Error
	})
}

// TakeNotices takes what is to be sent next by a way and marks it as under way; what was under way when a node
// ended comes again under its id.
func (s *Store) TakeNotices(ctx context.Context, token int64, way string, most int) (taken []NoticeDelivery, err error) {
	err = s.tx(ctx, func(tx *gorm.DB) error {
		if err := holdsLease(tx, LeaseNotices, token); err != nil {
			return err
		}
		var rows []noticeDeliveryRow
		err := tx.Where("state IN ? AND next_at <= ? AND way = ?", []string{DeliveryWaiting, DeliverySending}, micros(s.now()), way).
			Order("next_at, id").Limit(most).Find(&rows).Error
		if err != nil || len(rows) == 0 {
			taken = nil
			return err
		}
		taken = converted(rows, noticeDeliveryRow.delivery)
		return tx.Model(&noticeDeliveryRow{}).Where("id IN ?", converted(rows, func(r noticeDeliveryRow) string { return r.ID })).Update("state", DeliverySending).Error
	})
	return taken, err
}

// NoticeTo opens to whom a notice goes, for the moment of sending, with the code where it carries one. NotFound
// where the address is gone, or was not confirmed.
func (s *Store) NoticeTo(ctx context.Context, d NoticeDelivery) (to, code string, err error) {
	if d.Way == WayWebhook {
		return d.Person, "", nil
	}
	var row noticeAddressRow
	if err := s.rows(ctx).Take(&row, "person = ? AND way = ?", d.Person, d.Way).Error; err != nil {
		return "", "", found(err, "address")
	}
	if (row.ConfirmedAt == 0) != d.IsCode {
		return "", "", &regulation.Error{Code: regulation.NotFound, Missing: "address"}
	}
	a, err := s.openAddress(row)
	return a.Address, a.Code, err
}

// NoticeItems are what a notice tells of, the urgent first, then by their time.
func (s *Store) NoticeItems(ctx context.Context, id string) ([]NoticeItem, error) {
	var rows []noticeItemRow
	err := s.rows(ctx).Order("at, cause").Find(&rows, "delivery_id = ?", id).Error
	items := converted(rows, noticeItemRow.item)
	slices.SortStableFunc(items, func(a, b NoticeItem) int {
		return slices.Index(regulation.ToldKinds, a.Kind) - slices.Index(regulation.ToldKinds, b.Kind)
	})
	return items, err
}

// StandingItems leaves out the steps that do not lie before an actor any more as they did when they were noted: done,
// taken by somebody else, or due at another time, of which they are told anew.
func (s *Store) StandingItems(ctx context.Context, actor regulation.Actor, items []NoticeItem) (standing []NoticeItem, err error) {
	var tasks []string
	for _, item := range items {
		if id := taskOfItem(item); id != "" {
			tasks = append(tasks, id)
		}
	}
	var rows []struct {
		ID              string
		OpenedAt, DueAt int64
	}
	if len(tasks) > 0 {
		err = s.tasksOf(ctx, actor).Select("DISTINCT t.id, t.opened_at, t.due_at").Where("t.id IN ?", tasks).Scan(&rows).Error
	}
	stands := map[string]bool{}
	for _, row := range rows {
		stands[fmt.Sprintf("%s/%s@%d", regulation.ToldStep, row.ID, row.OpenedAt)] = true
		stands[fmt.Sprintf("%s/%s@%d", regulation.ToldDue, row.ID, row.DueAt)] = true
		stands[fmt.Sprintf("%s/%s@%d", regulation.ToldOverdue, row.ID, row.DueAt)] = true
	}
	for _, item := range items {
		if taskOfItem(item) == "" || stands[item.Cause] {
			standing = append(standing, item)
		}
	}
	return standing, err
}

// taskOfItem is the task that an item tells of, "" where it tells of none.
func taskOfItem(item NoticeItem) string {
	if !slices.Contains([]string{regulation.ToldStep, regulation.ToldDue, regulation.ToldOverdue}, item.Kind) {
		return ""
	}
	_, cause, _ := strings.Cut(item.Cause, "/")
	id, _, _ := strings.Cut(cause, "@")
	return id
}

// NoticeTried is what became of one notice.
type NoticeTried struct {
	ID       string
	State    string
	Code     string
	Attempts int
	Next     time.Time
}

// SettleNotice notes what became of a notice that was taken. ErrLeaseLost when another node has taken over.
func (s *Store) SettleNotice(ctx context.Context, token int64, t NoticeTried) error {
	return s.tx(ctx, func(tx *gorm.DB) error {
		if err := holdsLease(tx, LeaseNotices, token); err != nil {
			return err
		}
		columns := map[string]any{"state": t.State, "code": t.Code, "attempts": t.Attempts}
		if t.State == DeliverySent {
			columns["sent_at"] = micros(s.now())
		}
		if !t.Next.IsZero() {
			columns["next_at"] = micros(t.Next)
		}
		return tx.Model(&noticeDeliveryRow{}).Where("id = ? AND state = ?", t.ID, DeliverySending).Updates(columns).Error
	})
}

// NoticeFigures are how many notices wait and are parked, and since when the oldest of either is there.
type NoticeFigures struct {
	Waiting, Parked, Failures int64 // failures: tries of what waits that failed
	Oldest                    time.Time
}

// NoticeFigures counts.
func (s *Store) NoticeFigures(ctx context.Context) (f NoticeFigures, err error) {
	var row struct{ Waiting, Parked, Failures, Oldest int64 }
	err = s.rows(ctx).Raw(`SELECT COALESCE(SUM(CASE WHEN state <> 'parked' THEN 1 ELSE 0 END), 0) AS waiting,
		COALESCE(SUM(CASE WHEN state = 'parked' THEN 1 ELSE 0 END), 0) AS parked, COALESCE(SUM(CASE WHEN state <> 'parked' THEN attempts ELSE 0 END), 0) AS failures,
		COALESCE(MIN(CASE WHEN state <> 'parked' THEN at END), 0) AS oldest FROM notice_deliveries WHERE state IN ('waiting', 'sending', 'parked')`).Scan(&row).Error
	return NoticeFigures{row.Waiting, row.Parked, row.Failures, instant(row.Oldest)}, err
}

// noticesLate is how long a notice may wait before there is an alarm.
const noticesLate = 30 * time.Minute

// WatchNotices raises the alarm while notices are parked or wait too long.
func (s *Store) WatchNotices(ctx context.Context) error {
	f, err := s.NoticeFigures(ctx)
	if err != nil {
		return err
	}
	late := f.Waiting > 0 && s.now().Sub(f.Oldest) > noticesLate
	return s.tx(ctx, func(tx *gorm.DB) error {
		if f.Parked == 0 && !late {
			return s.clearAlarm(tx, AlarmNotices, LeaseNotices)
		}
		return s.raise(tx, AlarmNotices, LeaseNotices, fmt.Sprintf("waiting %d, parked %d", f.Waiting, f.Parked), regulation.PrefectureArea, "")
	})
}

// ParkedNotice is a notice that its receiver refused. Masked is whom it was for, as far as anybody may know.
type ParkedNotice struct {
	ID, Way, Masked, Code string
	At                    time.Time
	Attempts              int
}

// ParkedNotices lists them, the oldest first, with masked addresses.
func (s *Store) ParkedNotices(ctx context.Context, limit int) ([]ParkedNotice, error) {
	var rows []noticeDeliveryRow
	if err := s.rows(ctx).Where("state = ?", DeliveryParked).Order("next_at, id").Limit(limit).Find(&rows).Error; err != nil {
		return nil, err
	}
	parked := make([]ParkedNotice, 0, len(rows))
	for _, row := range rows {
		p := ParkedNotice{ID: row.ID, Way: row.Way, Code: row.Code, At: instant(row.At), Attempts: row.Attempts}
		addresses, err := s.NoticeAddresses(ctx, row.Person)
		if err != nil {
			return nil, err
		}
		p.Masked = addresses[row.Way].Masked
		parked = append(parked, p)
	}
	return parked, nil
}

// ResendNotice has a parked notice sent once more, under its id. NotFound where it is not parked (any more).
func (s *Store) ResendNotice(ctx context.Context, id string, by regulation.Actor) error {
	return s.tx(ctx, func(tx *gorm.DB) error {
		now := micros(s.now())
		done := tx.Model(&noticeDeliveryRow{}).Where("id = ? AND state = ?", id, DeliveryParked).
			Updates(map[string]any{"state": DeliveryWaiting, "attempts": 0, "at": now, "next_at": now})
		if done.Error != nil {
			return done.Error
		}
		if done.RowsAffected == 0 {
			return &regulation.Error{Code: regulation.NotFound, Missing: "delivery"}
		}
		return s.audit(tx, AuditEntry{Person: by.Person, Role: string(by.As.Role), Action: "resend_notice", ObjectKind: "notice", ObjectID: id, Area: by.As.Area, Outcome: OutcomeDone})
	})
}
