package store

import (
	"slices"
	"time"

	"gorm.io/gorm"

	"haochaping/regulation"
)

var (
	tasksTable = table{name: "tasks", columns: []string{"id", "case_id", "act", "number", "area", "grade", "opened_at", "due_at", "provisional",
		"raised", "overdue", "claimed_by", "claimed_at"}}
	taskSeatsTable = table{name: "task_seats", columns: []string{"seat_role", "org_id", "task_id", "due_at", "opened_at", "act", "area", "grade",
		"number", "overdue", "claimed"}}
)

const (
	deleteSeats = "DELETE FROM task_seats WHERE task_id"
	deleteTasks = "DELETE FROM tasks WHERE id"
	updateTask  = "UPDATE tasks SET due_at = ?, provisional = ?, raised = ?, overdue = ? WHERE id = ?"
	readTask    = "SELECT opened_at, claimed_by FROM tasks WHERE id = ?"
)

// never sorts a task without a due time behind all others.
const never = 1<<63 - 1

func taskID(caseID string, act regulation.ActKind) string { return caseID + "." + string(act) }

func taskDue(t regulation.Task) int64 {
	if t.Due.IsZero() {
		return never
	}
	return micros(t.Due)
}

// addTasks adds new tasks before their seats.
func addTasks(rows pile, c regulation.Case, tasks []regulation.Task, opened time.Time) {
	for _, t := range tasks {
		rows.add(tasksTable, []any{taskID(c.ID, t.Act), c.ID, string(t.Act), c.Number, c.Area, int(c.Grade), micros(opened),
			taskDue(t), t.Provisional, t.Raised, t.Overdue, "", 0})
		addSeats(rows, c, t, micros(opened), false)
	}
}

func addSeats(rows pile, c regulation.Case, t regulation.Task, opened int64, claimed bool) {
	for _, seat := range t.Seats {
		rows.add(taskSeatsTable, []any{string(seat.Role), seat.Org, taskID(c.ID, t.Act), taskDue(t), opened, string(t.Act),
			c.Area, int(c.Grade), c.Number, t.Overdue, claimed})
	}
}

// changeTasks lays what an event opened before its seats, and takes what it ended away, claims
// included.
func (s *Store) changeTasks(tx *gorm.DB, rows pile, before, after regulation.Case, at time.Time) error {
	was, is := byAct(before), byAct(after)
	if err := s.endTasks(tx, after.ID, was, is); err != nil {
		return err
	}
	for act, t := range is {
		old, goesOn := was[act]
		if !goesOn {
			addTasks(rows, after, []regulation.Task{t}, at)
			continue
		}
		if sameTask(old, t) {
			continue
		}
		if err := s.moveTask(tx, rows, after, old, t); err != nil {
			return err
		}
	}
	return nil
}

// endTasks deletes the tasks that do not go on.
func (s *Store) endTasks(tx *gorm.DB, caseID string, was, is map[regulation.ActKind]regulation.Task) error {
	var ended []any
	for act := range was {
		if _, goesOn := is[act]; !goesOn {
			ended = append(ended, taskID(caseID, act))
		}
	}
	if err := s.delete(tx, deleteSeats, ended); err != nil {
		return err
	}
	return s.delete(tx, deleteTasks, ended)
}

func byAct(c regulation.Case) map[regulation.ActKind]regulation.Task {
	tasks := map[regulation.ActKind]regulation.Task{}
	for _, t := range c.Tasks() {
		tasks[t.Act] = t
	}
	return tasks
}

func sameTask(a, b regulation.Task) bool {
	return a.Due.Equal(b.Due) && a.Provisional == b.Provisional && a.Raised == b.Raised && a.Overdue == b.Overdue && slices.Equal(a.Seats, b.Seats)
}

// moveTask changes a task that goes on: overdue, or laid one level up too. Who took it keeps it,
// unless it was laid before others because nobody was left who could do it.
func (s *Store) moveTask(tx *gorm.DB, rows pile, c regulation.Case, old, t regulation.Task) error {
	id := taskID(c.ID, t.Act)
	var opened int64
	var claimedBy string
	if err := s.one(tx, readTask+s.forUpdate(), []any{id}, &opened, &claimedBy); err != nil {
		return err
	}
	if err := s.write(tx, updateTask, taskDue(t), t.Provisional, t.Raised, t.Overdue, id); err != nil {
		return err
	}
	if err := s.delete(tx, deleteSeats, []any{id}); err != nil {
		return err
	}
	elsewhere := slices.ContainsFunc(old.Seats, func(seat regulation.Seat) bool { return !slices.Contains(t.Seats, seat) })
	if elsewhere && claimedBy != "" {
		claimedBy = ""
		if err := s.write(tx, "UPDATE tasks SET claimed_by = '', claimed_at = 0 WHERE id = ?", id); err != nil {
			return err
		}
	}
	addSeats(rows, c, t, opened, claimedBy != "")
	return nil
}
