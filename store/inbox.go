package store

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"haochaping/regulation"
)

// Tab is one of the three views of an inbox.
type Tab string

const (
	TabMine      Tab = "mine"      // what the reader has taken
	TabAvailable Tab = "available" // what lies before a seat of the reader's and nobody has taken
	TabUnit      Tab = "unit"      // all that lies at the reader's organisations
)

// TaskQuery asks for a page of an inbox. Zero filters do not filter.
type TaskQuery struct {
	Actor   regulation.Actor // whose inbox: the person, and the assignments as seats
	Tab     Tab              // TabMine where empty
	Act     regulation.ActKind
	Area    string // 6 digits
	Grade   regulation.Grade
	Overdue bool
	Number  string // beginning of a case's number
	Sort    string // "due" (default) or "opened", the earliest first
	Cursor  string // Next or Prev of a page; "" for the first
	Limit   int    // 1 to 100, default 20
}

// TaskItem is a task as inboxes list it.
type TaskItem struct {
	ID          string
	CaseID      string
	Number      string
	Act         regulation.ActKind
	Area        string
	Grade       regulation.Grade
	Phase       regulation.Phase
	Unit        string // that handles now
	Matter      string
	OpenedAt    time.Time
	Due         time.Time // zero where no time runs
	Provisional bool
	Raised      string
	Overdue     bool
	ClaimedBy   string    // "" while it is available
	ClaimedAt   time.Time // zero while it is available
}

// TaskPage is a page of an inbox; Next and Prev are "" where there is none.
type TaskPage struct {
	Tasks []TaskItem
	Next  string
	Prev  string
}

// TaskCounts are how many tasks each tab holds, without filters, and how many of the reader's
// organisations are overdue. At MostCounted the true number may be higher.
type TaskCounts struct{ Mine, Available, Unit, Overdue int }

// MostCounted is where counting stops: no reader needs to know how far beyond 999 an inbox goes.
const MostCounted = 1000

// seatRoles are the roles before whom a task can lie.
var seatRoles = func() []regulation.Role {
	roles := []regulation.Role{regulation.AuthorityHead}
	for _, spec := range regulation.Specs() {
		roles = append(roles, spec.Roles...)
	}
	slices.Sort(roles)
	return slices.DeleteFunc(slices.Compact(roles), func(r regulation.Role) bool { return r == regulation.Citizen })
}()

// seatsOf are the seats whose tasks a tab shows.
func seatsOf(actor regulation.Actor, tab Tab) []regulation.Seat {
	var seats []regulation.Seat
	for _, held := range actor.Assignments {
		roles := []regulation.Role{held.Role}
		if tab == TabUnit {
			roles = seatRoles
		}
		for _, role := range roles {
			seat := regulation.Seat{Role: role, Org: held.Org}
			if slices.Contains(seatRoles, role) && !slices.Contains(seats, seat) {
				seats = append(seats, seat)
			}
		}
	}
	if own := regulation.PersonSeat(actor.Staff); own.Org != "" {
		seats = append(seats, own)
	}
	return seats
}

// inPerson are the acts that are asked of people in their own right: colleagues at the same
// organisation, who do not sit there, learn nothing of them.
var inPerson = func() string {
	var acts []string
	for _, spec := range regulation.Specs() {
		if spec.Side == regulation.SideRated {
			acts = append(acts, "'"+string(spec.Kind)+"'")
		}
	}
	return "act NOT IN (" + strings.Join(acts, ", ") + ")"
}()

// sits tells whether a seat is one that the actor holds, and not a colleague's.
func sits(actor regulation.Actor, seat regulation.Seat) bool {
	return seat == regulation.PersonSeat(actor.Staff) || slices.ContainsFunc(actor.Assignments, func(held regulation.Assignment) bool {
		return held.Role == seat.Role && held.Org == seat.Org
	})
}

// cursor is a place between two rows of a list, and in which direction the page lies.
type cursor struct {
	Key  int64  `json:"k"`
	ID   string `json:"i"`
	Back bool   `json:"b,omitempty"`
}

func (c cursor) String() string {
	text, err := json.Marshal(c)
	if err != nil {
		panic(err) // a number, a text and a flag
	}
	return base64.RawURLEncoding.EncodeToString(text)
}

// readCursor reads what String wrote; "" is the beginning of the list.
func readCursor(text string) (c cursor, given bool, err error) {
	if text == "" {
		return cursor{}, false, nil
	}
	decoded, err := base64.RawURLEncoding.DecodeString(text)
	if err == nil {
		err = json.Unmarshal(decoded, &c)
	}
	if err != nil {
		return c, false, (&regulation.Error{Code: regulation.Invalid, Missing: "fields"}).Field("cursor", "not_a_cursor")
	}
	return c, true, nil
}

// taskKey is where a task stands in the list.
type taskKey struct {
	TaskID string
	Place  int64
}

// Tasks returns a page of an inbox. Whatever its size, a page is one short walk along an index
// for each seat.
func (s *Store) Tasks(ctx context.Context, q TaskQuery) (TaskPage, error) {
	at, given, err := readCursor(q.Cursor)
	if err != nil {
		return TaskPage{}, err
	}
	if q.Limit < 1 || q.Limit > 100 {
		q.Limit = 20
	}
	keys, err := s.taskKeys(ctx, q, at, given)
	if err != nil || len(keys) == 0 {
		return TaskPage{}, err
	}
	more := len(keys) > q.Limit
	keys = keys[:min(len(keys), q.Limit)]
	if at.Back {
		slices.Reverse(keys)
	}
	page := TaskPage{}
	first, last := keys[0], keys[len(keys)-1]
	if more || at.Back {
		page.Next = cursor{Key: last.Place, ID: last.TaskID}.String()
	}
	if given && (more || !at.Back) {
		page.Prev = cursor{Key: first.Place, ID: first.TaskID, Back: true}.String()
	}
	page.Tasks, err = s.taskItems(ctx, keys)
	return page, err
}

// taskKeys finds one key more than the page has.
func (s *Store) taskKeys(ctx context.Context, q TaskQuery, at cursor, given bool) ([]taskKey, error) {
	var parts []string
	var args []any
	add := func(query string, values []any) {
		parts, args = append(parts, "SELECT * FROM ("+query+") p"), append(args, values...)
	}
	if q.Tab == TabMine || q.Tab == "" {
		add(q.walk("tasks", "id", []string{"claimed_by = ?"}, []any{q.Actor.Person}, at, given))
	} else {
		for _, seat := range seatsOf(q.Actor, q.Tab) {
			where := []string{"seat_role = ?", "org_id = ?"}
			if !sits(q.Actor, seat) {
				where = append(where, inPerson)
			}
			add(q.walk("task_seats", "task_id", where, []any{string(seat.Role), seat.Org}, at, given))
		}
	}
	if len(parts) == 0 || q.Actor.Person == "" {
		return nil, nil
	}
	// UNION, not UNION ALL: a task before two of the reader's seats is one task.
	query := strings.Join(parts, " UNION ") + " ORDER BY place" + direction(at) + ", task_id" + direction(at) + " LIMIT ?"
	var keys []taskKey
	err := s.rows(ctx).Raw(query, append(args, q.Limit+1)...).Scan(&keys).Error
	return keys, err
}

func direction(at cursor) string {
	if at.Back {
		return " DESC"
	}
	return ""
}

// walk is one seat's part of a page.
func (q TaskQuery) walk(from, id string, where []string, args []any, at cursor, given bool) (string, []any) {
	column := "due_at"
	if q.Sort == "opened" {
		column = "opened_at"
	}
	filter := func(condition string, values ...any) { where, args = append(where, condition), append(args, values...) }
	if from == "task_seats" && q.Tab == TabAvailable {
		filter("claimed = 0")
	}
	if q.Act != "" {
		filter("act = ?", string(q.Act))
	}
	if q.Area != "" {
		filter("area = ?", q.Area)
	}
	if q.Grade != 0 {
		filter("grade = ?", int(q.Grade))
	}
	if q.Overdue {
		filter("overdue = 1")
	}
	if q.Number != "" {
		filter("number >= ? AND number < ?", q.Number, q.Number+"\U0010ffff")
		column += " + 0" // few begin so: find them by number and sort them, instead of walking all by time
	}
	if given {
		order := ">"
		if at.Back {
			order = "<"
		}
		// Not (column, id) > (?, ?): MariaDB would read the index from its beginning.
		filter(column+" "+order+"= ? AND ("+column+" "+order+" ? OR "+id+" "+order+" ?)", at.Key, at.Key, at.ID)
	}
	query := "SELECT " + id + " AS task_id, " + column + " AS place FROM " + from + " WHERE " + strings.Join(where, " AND ") +
		" ORDER BY " + column + direction(at) + ", " + id + direction(at) + " LIMIT ?"
	return query, append(args, q.Limit+1)
}

type taskView struct {
	ID          string
	CaseID      string
	Act         string
	Number      string
	Area        string
	Grade       int
	OpenedAt    int64
	DueAt       int64
	Provisional bool
	Raised      string
	Overdue     bool
	ClaimedBy   string
	ClaimedAt   int64
}

func (r taskView) item() TaskItem {
	item := TaskItem{ID: r.ID, CaseID: r.CaseID, Number: r.Number, Act: regulation.ActKind(r.Act), Area: r.Area,
		Grade:    regulation.Grade(r.Grade),
		OpenedAt: instant(r.OpenedAt), Provisional: r.Provisional, Raised: r.Raised, Overdue: r.Overdue, ClaimedBy: r.ClaimedBy, ClaimedAt: instant(r.ClaimedAt)}
	if r.DueAt != never {
		item.Due = instant(r.DueAt)
	}
	return item
}

// taskItems reads the tasks of a page, in its order, and where their cases stand: two look-ups
// by key, since a join lets the optimiser begin at the wrong end.
func (s *Store) taskItems(ctx context.Context, keys []taskKey) ([]TaskItem, error) {
	place := map[string]int{}
	var taskIDs, caseIDs []string
	for i, key := range keys {
		place[key.TaskID] = i
		caseID, _, _ := strings.Cut(key.TaskID, ".")
		taskIDs, caseIDs = append(taskIDs, key.TaskID), append(caseIDs, caseID)
	}
	var rows []taskView
	if err := s.rows(ctx).Table("tasks").Where("id IN ?", taskIDs).Find(&rows).Error; err != nil {
		return nil, err
	}
	var cases []struct{ ID, Phase, UnitID, MatterID string }
	if err := s.rows(ctx).Table("cases").Select("id, phase, unit_id, matter_id").Where("id IN ?", caseIDs).Find(&cases).Error; err != nil {
		return nil, err
	}
	items := converted(rows, taskView.item)
	for i := range items {
		for _, c := range cases {
			if c.ID == items[i].CaseID {
				items[i].Phase, items[i].Unit, items[i].Matter = regulation.Phase(c.Phase), c.UnitID, c.MatterID
			}
		}
	}
	slices.SortFunc(items, func(a, b TaskItem) int { return cmp.Compare(place[a.ID], place[b.ID]) })
	return items, nil
}

// SeatsOf are the seats before which tasks lie, by the task's id.
func (s *Store) SeatsOf(ctx context.Context, taskIDs ...string) (map[string][]regulation.Seat, error) {
	var rows []struct{ TaskID, SeatRole, OrgID string }
	seats := map[string][]regulation.Seat{}
	if len(taskIDs) == 0 {
		return seats, nil
	}
	err := s.rows(ctx).Table("task_seats").Select("task_id, seat_role, org_id").Where("task_id IN ?", taskIDs).Find(&rows).Error
	for _, row := range rows {
		seats[row.TaskID] = append(seats[row.TaskID], regulation.Seat{Role: regulation.Role(row.SeatRole), Org: row.OrgID})
	}
	return seats, err
}

// TaskCounts counts an inbox's tabs.
func (s *Store) TaskCounts(ctx context.Context, actor regulation.Actor) (c TaskCounts, err error) {
	if actor.Person == "" {
		return c, nil
	}
	mine := []taskSet{{"SELECT id AS task_id FROM tasks WHERE claimed_by = ? LIMIT ?", []any{actor.Person, MostCounted}}}
	for _, count := range []struct {
		into *int
		sets []taskSet
	}{
		{&c.Mine, mine},
		{&c.Available, taskSets(actor, TabAvailable, " AND claimed = 0")},
		{&c.Unit, taskSets(actor, TabUnit, "")},
		{&c.Overdue, taskSets(actor, TabUnit, " AND overdue = 1 AND due_at <= ?", micros(s.now()))},
	} {
		if *count.into, err = s.countTasks(ctx, count.sets); err != nil {
			return c, err
		}
	}
	return c, nil
}

// taskSet selects the ids of at most MostCounted tasks.
type taskSet struct {
	query string
	args  []any
}

// taskSets are those before each seat of a tab.
func taskSets(actor regulation.Actor, tab Tab, filter string, further ...any) (sets []taskSet) {
	for _, seat := range seatsOf(actor, tab) {
		where := "seat_role = ? AND org_id = ?" + filter
		if !sits(actor, seat) {
			where += " AND " + inPerson
		}
		sets = append(sets, taskSet{"SELECT task_id FROM task_seats WHERE " + where + " LIMIT ?",
			slices.Concat([]any{string(seat.Role), seat.Org}, further, []any{MostCounted})})
	}
	return sets
}

// countTasks counts the tasks that are in any of the sets, up to MostCounted. Most sets are empty,
// and one that is full settles it: only then are two or more small ones held against each other.
func (s *Store) countTasks(ctx context.Context, sets []taskSet) (int, error) {
	sizes, err := s.sizes(ctx, sets)
	if err != nil {
		return 0, err
	}
	var some []taskSet
	most := 0
	for i, set := range sets {
		if sizes[i] > 0 {
			some = append(some, set)
		}
		most = max(most, sizes[i])
	}
	if len(some) < 2 || most == MostCounted {
		return most, nil
	}
	parts, args := joined(some, "SELECT * FROM (%s) p")
	count := 0
	err = s.rows(ctx).Raw("SELECT COUNT(*) FROM ("+strings.Join(parts, " UNION ")+") u", args...).Scan(&count).Error
	return min(count, MostCounted), err
}

// sizes counts each set by itself, all in one look.
func (s *Store) sizes(ctx context.Context, sets []taskSet) ([]int, error) {
	sizes := make([]int, len(sets))
	if len(sets) == 0 {
		return sizes, nil
	}
	into := make([]any, len(sets))
	for i := range sizes {
		into[i] = &sizes[i]
	}
	parts, args := joined(sets, "(SELECT COUNT(*) FROM (%s) p)")
	err := s.rows(ctx).Raw("SELECT "+strings.Join(parts, ", "), args...).Row().Scan(into...)
	return sizes, err
}

// joined puts each set's query into a form, and all their arguments in a row.
func joined(sets []taskSet, form string) (parts []string, args []any) {
	for _, set := range sets {
		parts, args = append(parts, fmt.Sprintf(form, set.query)), append(args, set.args...)
	}
	return parts, args
}
