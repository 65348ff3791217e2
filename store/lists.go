package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"haochaping/regulation"
	"haochaping/workday"
)

// ListQuery asks for a page of a list that shows the newest first.
type ListQuery struct {
	After string // Next of the page before; "" for the first
	Limit int    // 1 to MostListed, default 50
	Sort  string // one reason of a list of escalations, one sort of alarms; "" for all
	// ByDay orders messages by the day, for the rated side.
	ByDay bool
	// Total is set to how many rows there are on all pages together, where it is asked for.
	Total *int64
}

// MostListed is how many rows of a list are read at a time.
const MostListed = 500

// at is the column of an instant as the list is ordered by it.
func (q ListQuery) at(column string) string {
	if q.ByDay {
		return dateOf(column)
	}
	return column
}

// Of the rated side, lists are ordered by the week of a rating and by the day of what was told it, and within them by
// id, which is drawn at random; so are the places at which their pages begin (2, R04).
const (
	hourMicros = int64(time.Hour / time.Microsecond)
	weekMicros = 7 * 24 * hourMicros
	sinceWeek  = 80 * hourMicros // from the Monday in Asia/Shanghai to the beginning of Unix time
	sinceDay   = 8 * hourMicros
)

// partOf is the beginning of the week or day, in Asia/Shanghai, of a column's instant.
func partOf(column string, since, long int64) string {
	return fmt.Sprintf("(%[1]s - (%[1]s + %[2]d) %% %[3]d)", column, since, long)
}

func weekOf(column string) string { return partOf(column, sinceWeek, weekMicros) }
func dateOf(column string) string { return partOf(column, sinceDay, 24*hourMicros) }

// ofRatedSide tells whether a scope reaches no area: those of units and people do not.
func ofRatedSide(scope regulation.Scope) bool {
	return !scope.All && len(scope.Areas) == 0 && len(scope.Orgs) == 0
}

// newest puts a query into the order of a list and behind the page before.
func (q ListQuery) newest(query *gorm.DB, at, id string) (*gorm.DB, int, error) {
	after, given, err := readCursor(q.After)
	if err != nil {
		return nil, 0, err
	}
	if q.Total != nil {
		if err := query.Session(&gorm.Session{}).Count(q.Total).Error; err != nil {
			return nil, 0, err
		}
	}
	if given {
		query = query.Where(at+" <= ? AND ("+at+" < ? OR "+id+" < ?)", after.Key, after.Key, after.ID)
	}
	limit := q.Limit
	if limit < 1 || limit > MostListed {
		limit = 50
	}
	return query.Order(at + " DESC, " + id + " DESC").Limit(limit + 1), limit, nil
}

// page cuts the row that only told that there is more, and says where the next page begins.
func page[R any](rows []R, limit int, place func(R) cursor) ([]R, string) {
	if len(rows) <= limit {
		return rows, ""
	}
	rows = rows[:limit]
	return rows, place(rows[limit-1]).String()
}

// Escalation is one line of the discipline officer's list or of the upper level's.
type Escalation struct {
	CaseID    string
	Number    string
	Phase     regulation.Phase // where the case stands now
	Grade     regulation.Grade
	Seq       int64 // the event that says why
	At        time.Time
	To        string // upper, head, discipline, supervisor
	Reason    string
	Clause    regulation.Clause
	Area      string
	Authority string
	Unit      string // against which it counts, "" where no unit is to blame
	// Revoked tells that the measure to which it led was taken back, or that the rating counts no more,
	// or not for the unit (R45, R53).
	Revoked bool
}

type escalationRow struct {
	CaseID    string
	Number    string
	Phase     string
	Grade     int
	Seq       int64
	At        int64
	SentTo    string
	Reason    string
	Clause    string
	Area      string
	Authority string
	UnitID    string
	State     []byte
}

func (r escalationRow) escalation() (Escalation, error) {
	c, err := caseOf(r.State)
	revoked := c.TookBack(regulation.Escalated{Seq: r.Seq, Reason: r.Reason, Unit: r.UnitID})
	return Escalation{CaseID: r.CaseID, Number: r.Number, Phase: regulation.Phase(r.Phase), Grade: regulation.Grade(r.Grade), Seq: r.Seq, At: instant(r.At), To: r.SentTo,
		Reason: r.Reason, Clause: regulation.Clause(r.Clause), Area: r.Area, Authority: r.Authority, Unit: r.UnitID, Revoked: revoked}, err
}

// DisciplineList lists what reached the discipline officer within the scope: unsigned orders,
// overdue and insufficient rectification (R30, R33, 8(4)); the newest first.
func (s *Store) DisciplineList(ctx context.Context, scope regulation.Scope, q ListQuery) ([]Escalation, string, error) {
	return s.escalations(ctx, scope, q, scopeColumns{area: "e.area", units: []string{"e.unit_id"}}, "discipline")
}

// DisciplineCounts counts the discipline list within the scope, by reason.
func (s *Store) DisciplineCounts(ctx context.Context, scope regulation.Scope) (map[string]int, error) {
	return counted(inScope(s.rows(ctx).Table("escalations e"), scope, scopeColumns{area: "e.area", units: []string{"e.unit_id"}}).
		Where("e.sent_to = 'discipline'"), "e.reason")
}

// counted counts a query's rows by a column.
func counted(query *gorm.DB, column string) (map[string]int, error) {
	var rows []struct {
		Sort string
		N    int
	}
	err := query.Select(column + " AS sort, COUNT(*) AS n").Group(column).Scan(&rows).Error
	counts := map[string]int{}
	for _, row := range rows {
		counts[row.Sort] = row.N
	}
	return counts, err
}

// UpperList lists what went one level up, or to an authority's head, within the scope: the
// authorities' own overdue steps, and pressure on raters (R58).
func (s *Store) UpperList(ctx context.Context, scope regulation.Scope, q ListQuery) ([]Escalation, string, error) {
	return s.escalations(ctx, scope, q, scopeColumns{area: "e.area",
		org: "(CASE WHEN e.upper_authority = '' THEN e.authority ELSE e.upper_authority END)"}, "upper", "head")
}

func (s *Store) escalations(ctx context.Context, scope regulation.Scope, q ListQuery, columns scopeColumns, to ...string) ([]Escalation, string, error) {
	query := inScope(s.rows(ctx).Table("escalations e"), scope, columns).Select("e.*, c.number, c.phase, c.grade, c.state").
		Joins("JOIN cases c ON c.id = e.case_id").Where("e.sent_to IN ?", to)
	if q.Sort != "" {
		query = query.Where("e.reason = ?", q.Sort)
	}
	query, limit, err := q.newest(query, "e.at", "CONCAT(e.case_id, '/', e.seq)")
	if err != nil {
		return nil, "", err
	}
	var rows []escalationRow
	if err := query.Find(&rows).Error; err != nil {
		return nil, "", err
	}
	rows, next := page(rows, limit, func(r escalationRow) cursor { return cursor{Key: r.At, ID: eventRef(r.CaseID, r.Seq)} })
	list := make([]Escalation, 0, len(rows))
	for _, row := range rows {
		line, err := row.escalation()
		if err != nil {
			return nil, "", err
		}
		list = append(list, line)
	}
	return list, next, nil
}

// RatedNotice is what the rated side learns of a bad rating (R57): no rater, no free text, no
// matter, and of the rating's time the ISO week.
type RatedNotice struct {
	CaseID      string
	Number      string
	Unit        string
	Hall        string
	Window      string
	Staff       string
	Grade       regulation.Grade
	Dimensions  map[string]regulation.Grade
	Options     []string // codes of the national options
	Period      string   // 2026-W48
	ServedAt    time.Time
	AppealUntil time.Time
}

type ratedRow struct {
	ID         string
	State      []byte
	ServedAt   int64
	Options    string
	Dimensions string
}

// RatedNotices lists the notices served on the scope's units and on its own person, the newest
// first.
func (s *Store) RatedNotices(ctx context.Context, scope regulation.Scope, q ListQuery) ([]RatedNotice, string, error) {
	query := inScope(s.rows(ctx).Table("cases c"), scope,
		scopeColumns{area: "c.area", units: []string{"c.rated_unit"}, staff: "c.rated_staff"}).
		Select("c.id, c.state, " + dateOf("c.served_at") + " AS served_at, r.options, r.dimensions").
		Joins("JOIN ratings r ON r.id = c.rating_id").Where("c.served_at > 0")
	query, limit, err := q.newest(query, dateOf("c.served_at"), "c.id")
	if err != nil {
		return nil, "", err
	}
	var rows []ratedRow
	if err := query.Find(&rows).Error; err != nil {
		return nil, "", err
	}
	rows, next := page(rows, limit, func(r ratedRow) cursor { return cursor{Key: r.ServedAt, ID: r.ID} })
	notices := make([]RatedNotice, 0, len(rows))
	for _, row := range rows {
		c, err := caseOf(row.State)
		if err != nil {
			return nil, "", err
		}
		r := ratingView{Options: row.Options, Dimensions: row.Dimensions}.rating()
		notices = append(notices, RatedNotice{CaseID: c.ID, Number: c.Number, Unit: c.Rated.Unit, Hall: c.Rated.Hall, Window: c.Rated.Window,
			Staff: c.Rated.Staff, Grade: c.Grade, Dimensions: r.Dimensions, Options: r.Options, Period: c.Notice.Period,
			ServedAt: c.Notice.ServedAt, AppealUntil: c.Notice.AppealUntil})
	}
	return notices, next, nil
}

// CaseLine is a case as lists show it.
type CaseLine struct {
	ID       string
	Number   string
	Area     string
	Unit     string // that handles now
	Grade    regulation.Grade
	Phase    regulation.Phase
	OpenedAt workday.Date // the day: lists need no more
	ClosedAt time.Time
	NextDue  time.Time
	// WrittenOff tells that the rating counts no more: it stays in the lists (R53).
	WrittenOff bool
}

type caseLineRow struct {
	ID       string
	Number   string
	Area     string
	UnitID   string
	Grade    int
	Phase    string
	OpenedAt int64
	ClosedAt int64
	NextDue  int64
	Place    int64 // by which a list is ordered
	Booked   int64 // what its write-offs and reversals come to
}

func (r caseLineRow) line() CaseLine {
	return CaseLine{ID: r.ID, Number: r.Number, Area: r.Area, Unit: r.UnitID, Grade: regulation.Grade(r.Grade), Phase: regulation.Phase(r.Phase),
		OpenedAt: workday.DateOf(instant(r.OpenedAt)), ClosedAt: instant(r.ClosedAt), NextDue: instant(r.NextDue), WrittenOff: r.Booked < 0}
}

// bookedOut is what the write-offs and reversals of a case of the query come to.
const bookedOut = "(SELECT COALESCE(SUM(n.sign), 0) FROM entries n WHERE n.case_id = cases.id AND n.kind IN ('write_off', 'reversal'))"

// CaseQuery narrows a list of cases; zero fields do not.
type CaseQuery struct {
	ListQuery
	Phase  regulation.Phase
	Number string // beginning of the number
	// WrittenOff leaves those whose rating counts no more.
	WrittenOff bool
	// Behind leaves those behind a figure.
	Behind CaseFilter
}

// assisted holds of a case whose last order names one of some units as assisting, and stands: a
// returned one brought the case back to dispatch. Each order told the heads of its units, so their
// notices say whom it named.
const assisted = `(cases.phase <> 'dispatch' AND cases.id IN (SELECT n.case_id FROM notices n
	WHERE n.seat_role = 'unit_head' AND n.org_id IN ? AND n.name = 'transfer' AND n.seq =
	(SELECT MAX(e.seq) FROM case_events e WHERE e.case_id = n.case_id AND e.name = 'transfer')))`

// AssistedCase is an open case in which a unit assists another.
type AssistedCase struct {
	CaseLine
	RectifyBy   time.Time // when the unit that leads has to be done
	Provisional bool
	Overdue     bool
}

type assistedRow struct {
	Line  caseLineRow `gorm:"embedded"`
	State []byte
}

// assistedBy are the open cases in which a unit of the scope assists another.
func (s *Store) assistedBy(ctx context.Context, scope regulation.Scope) *gorm.DB {
	if len(scope.Units) == 0 {
		return s.rows(ctx).Table("cases").Where("1 = 0")
	}
	return s.rows(ctx).Table("cases").Where(assisted, scope.Units).Where("closed_at = 0 AND unit_id NOT IN ?", scope.Units)
}

// AssistedCases lists the open cases in which a unit of the scope assists another, the newest first.
func (s *Store) AssistedCases(ctx context.Context, scope regulation.Scope, q ListQuery) ([]AssistedCase, string, error) {
	query, limit, err := q.newest(s.assistedBy(ctx, scope), weekOf("opened_at"), "id")
	if err != nil {
		return nil, "", err
	}
	var rows []assistedRow
	if err := query.Select("*, " + weekOf("opened_at") + " AS place").Find(&rows).Error; err != nil {
		return nil, "", err
	}
	rows, next := page(rows, limit, func(r assistedRow) cursor { return cursor{Key: r.Line.Place, ID: r.Line.ID} })
	cases := make([]AssistedCase, 0, len(rows))
	for _, row := range rows {
		c, err := caseOf(row.State)
		if err != nil {
			return nil, "", err
		}
		line := row.Line.line()
		line.WrittenOff = c.WrittenOff()
		cases = append(cases, AssistedCase{line, c.Clock.UnitDue, c.Clock.Provisional, c.Clock.UnitOverdue})
	}
	return cases, next, nil
}

// AssistedCount counts them, MostCounted at the most.
func (s *Store) AssistedCount(ctx context.Context, scope regulation.Scope) (int, error) {
	if len(scope.Units) == 0 {
		return 0, nil
	}
	var found []string
	err := s.assistedBy(ctx, scope).Select("id").Limit(MostCounted).Scan(&found).Error
	return len(found), err
}

// Cases lists cases within the scope, the newest first. Units of a scope see what an order sent
// them, to lead or to assist, not what only rates them.
func (s *Store) Cases(ctx context.Context, scope regulation.Scope, q CaseQuery) ([]CaseLine, string, error) {
	ordered := "(CASE WHEN EXISTS (SELECT 1 FROM case_events e WHERE e.case_id = cases.id AND e.name = 'transfer') THEN unit_id ELSE '' END)"
	query := inScope(s.rows(ctx).Table("cases"), scope, scopeColumns{area: "area", units: []string{ordered}, assisting: assisted,
		org: "authority", staff: "rated_staff"})
	if q.Phase != "" {
		query = query.Where("phase = ?", string(q.Phase))
	}
	if q.Number != "" {
		query = query.Where("number >= ? AND number < ?", q.Number, q.Number+"\U0010ffff")
	}
	if q.WrittenOff {
		query = query.Where("id IN (" + writtenOff + ")")
	}
	query = q.Behind.narrow(s.rows(ctx), query)
	place := "opened_at"
	if ofRatedSide(scope) {
		place = weekOf(place)
	}
	query, limit, err := q.newest(query, place, "id")
	if err != nil {
		return nil, "", err
	}
	var rows []caseLineRow
	query = query.Select("id, number, area, unit_id, grade, phase, opened_at, closed_at, next_due, " + place + " AS place, " + bookedOut + " AS booked")
	if err := query.Find(&rows).Error; err != nil {
		return nil, "", err
	}
	rows, next := page(rows, limit, func(r caseLineRow) cursor { return cursor{Key: r.Place, ID: r.ID} })
	return converted(rows, caseLineRow.line), next, nil
}

// Notice is what one event told a person within the product, once however many of the person's
// seats it went to.
type Notice struct {
	CaseID string // of the absence or the listing, where it is about one
	About  string // "" for a case; AboutAbsence, AboutWatch, AboutProbe
	Number string
	Seq    int64
	Roles  []regulation.Role // as which the person was told, in the order of their names
	At     time.Time
	Name   string // of the event
	Read   bool   // by the actor who asks
}

type noticeRow struct {
	CaseID   string
	About    string
	Number   string
	Seq      int64
	Roles    string // separated by commas
	At       int64
	Name     string
	BeenRead int
}

func (r noticeRow) notice() Notice {
	n := Notice{CaseID: r.CaseID, About: r.About, Number: r.Number, Seq: r.Seq, At: instant(r.At), Name: r.Name, Read: r.BeenRead != 0}
	for _, role := range slices.Sorted(slices.Values(list(r.Roles))) {
		n.Roles = append(n.Roles, regulation.Role(role))
	}
	return n
}

// Notices lists what an actor's seats, and the actor as the rated person, were told, of cases and
// otherwise, the newest first.
func (s *Store) Notices(ctx context.Context, actor regulation.Actor, q ListQuery) ([]Notice, string, error) {
	q.Total = nil // two tables, and grouped
	query, limit, err := q.newest(s.told(ctx, actor).
		Select("n.case_id, n.seq, "+q.at("n.at")+" AS at, n.name, c.number, GROUP_CONCAT(DISTINCT n.seat_role) AS roles, CASE WHEN "+unread+" THEN 0 ELSE 1 END AS been_read", actor.Person).
		Joins("JOIN cases c ON c.id = n.case_id").Group("n.case_id, n.seq, n.at, n.name, c.number"), q.at("n.at"), "CONCAT(n.case_id, '/', n.seq)")
	if err != nil {
		return nil, "", err
	}
	var rows []noticeRow
	if err := query.Find(&rows).Error; err != nil {
		return nil, "", err
	}
	others, err := s.messages(ctx, actor, q)
	if err != nil {
		return nil, "", err
	}
	rows, next := page(merged(rows, others), limit, func(r noticeRow) cursor { return cursor{Key: r.At, ID: eventRef(r.CaseID, r.Seq)} })
	return converted(rows, noticeRow.notice), next, nil
}

// unread holds of a notice n that a person has not seen.
const unread = "NOT EXISTS (SELECT 1 FROM notice_reads r WHERE r.person = ? AND r.case_id = n.case_id AND r.seq = n.seq)"

// told are the notices to an actor's seats, and to the actor as the rated person.
func (s *Store) told(ctx context.Context, actor regulation.Actor) *gorm.DB {
	return s.heard(ctx, actor, "notices")
}

// heard are the rows of a table, as n, that lie before an actor's seats.
func (s *Store) heard(ctx context.Context, actor regulation.Actor, table string) *gorm.DB {
	var seats []regulation.Seat
	for _, held := range actor.Assignments {
		seats = append(seats, regulation.Seat{Role: held.Role, Org: held.Org})
	}
	if actor.Staff != "" {
		seats = append(seats, staffSeat(actor.Staff))
	}
	where := s.rows(ctx).Where("1 = 0")
	for _, seat := range slices.Compact(seats) {
		where = where.Or("n.seat_role = ? AND n.org_id = ?", string(seat.Role), seat.Org)
	}
	return s.rows(ctx).Table(table + " n").Where(where)
}

// Bounds of the count of unread notices, which stands on every page: what lies further back, or
// goes beyond, is in the list.
const (
	MaxUnread   = 99
	unreadSince = 60 * 24 * time.Hour
)

// UnreadNotices counts what the actor was told of late and has not seen, MaxUnread at the most.
func (s *Store) UnreadNotices(ctx context.Context, actor regulation.Actor) (int, error) {
	var fresh []noticeReadRow
	err := s.told(ctx, actor).Where("n.at > ?", micros(s.now().Add(-unreadSince))).Where(unread, actor.Person).
		Select("DISTINCT n.case_id, n.seq").Limit(MaxUnread).Scan(&fresh).Error
	if err != nil {
		return 0, err
	}
	others, err := s.unreadMessages(ctx, actor)
	return min(len(fresh)+others, MaxUnread), err
}

type noticeReadRow struct {
	Person string `gorm:"primaryKey"`
	CaseID string `gorm:"primaryKey"`
	Seq    int64  `gorm:"primaryKey;autoIncrement:false"`
}

func (noticeReadRow) TableName() string { return "notice_reads" }

// ReadNotices notes that a person has seen notices; those seen before stay seen.
func (s *Store) ReadNotices(ctx context.Context, person string, notices []Notice) error {
	var rows []noticeReadRow
	for _, n := range notices {
		if !n.Read {
			rows = append(rows, noticeReadRow{person, n.CaseID, n.Seq})
		}
	}
	if len(rows) == 0 {
		return nil
	}
	return s.tx(ctx, func(tx *gorm.DB) error {
		return tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&rows).Error
	})
}
