package regulation

import "time"

// Task is an awaited act as it lies in the inboxes of those who hold its seats.
type Task struct {
	Act         ActKind
	Due         time.Time
	Provisional bool // the year's notice is not out: the due day may move
	Seats       []Seat
	Raised      string
	Overdue     bool
}

// Tasks lists what the case asks of staff now. A wait for the citizen is nobody's task.
func (c Case) Tasks() []Task {
	var tasks []Task
	for _, a := range c.Awaiting {
		if a.Seats[0].Role == Citizen {
			continue
		}
		tasks = append(tasks, Task{Act: a.Act, Due: a.Due, Provisional: a.Provisional, Seats: a.Seats, Raised: a.Raised, Overdue: a.Overdue})
	}
	return tasks
}

// Scope limits a list to what an actor may see. The zero Scope sees nothing.
type Scope struct {
	All    bool
	Areas  []string // 6-digit divisions
	Units  []string // organisations that are rated or handle
	Orgs   []string // authorities that hold an open step
	Staff  string   // the actor's own staff profile
	Person string
}

// Empty tells whether the scope sees nothing at all.
func (s Scope) Empty() bool {
	return !s.All && len(s.Areas) == 0 && len(s.Units) == 0 && len(s.Orgs) == 0 && s.Staff == ""
}
