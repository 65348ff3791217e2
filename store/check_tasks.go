package store

import (
	"slices"

	"haochaping/regulation"
)

// wantedTask is a task that the state asks for, with its rows as the record must have them.
type wantedTask struct {
	regulation.Task
	row   []string
	seats [][]string
}

// wantedTasks are the tasks that the state asks for, by id. Since when one is open and who has it
// stands in its row alone.
func (x *sheet) wantedTasks() map[string]wantedTask {
	wanted := map[string]wantedTask{}
	for _, t := range x.c.Tasks() {
		id := taskID(x.id, t.Act)
		have := x.task(id)
		rows := pile{}
		addTasks(rows, x.c, []regulation.Task{t}, x.c.OpenedAt)
		want := wantedTask{Task: t, row: textsOf(rows[tasksTable.name][0])}
		for _, kept := range []string{"opened_at", "claimed_by", "claimed_at"} {
			if have != nil {
				want.row[taskColumn(kept)] = have[taskColumn(kept)]
			}
		}
		for _, values := range rows[taskSeatsTable.name] {
			seat := textsOf(values)
			seat[slices.Index(taskSeatsTable.columns, "opened_at")] = want.row[taskColumn("opened_at")]
			seat[slices.Index(taskSeatsTable.columns, "claimed")] = textOf(want.row[taskColumn("claimed_by")] != "")
			want.seats = append(want.seats, seat)
		}
		wanted[id] = want
	}
	return wanted
}

func taskColumn(name string) int { return slices.Index(tasksTable.columns, name) }

func (x *sheet) task(id string) []string {
	if i := slices.IndexFunc(x.tasks, func(row []string) bool { return row[0] == id }); i >= 0 {
		return x.tasks[i]
	}
	return nil
}

// seatsOf are the rows of a task's seats.
func (x *sheet) seatsOf(id string) (seats [][]string) {
	for _, row := range x.seats {
		if row[2] == id {
			seats = append(seats, row)
		}
	}
	return seats
}

// tasks: the record's tasks and their seats are those that the state asks for, none on a closed
// case, none without a due time. The wait for the citizen is no task.
func (v *verifier) tasks(x *sheet) {
	d, wanted := differ{}, x.wantedTasks()
	for _, row := range x.tasks {
		want, asked := wanted[row[0]]
		act := row[taskColumn("act")]
		switch {
		case x.c.Closed():
			d.add("on_a_closed_case", act)
		case !asked:
			d.add("task_too_many", act)
		case !slices.Equal(row, want.row):
			d.add("task_differs", act)
		case !sameSeats(x.seatsOf(row[0]), want.seats):
			d.add("seats_differ", act)
		}
	}
	for _, t := range x.c.Tasks() {
		if x.task(taskID(x.id, t.Act)) == nil {
			d.add("task_missing", string(t.Act))
		}
		if t.Due.IsZero() {
			d.add("no_due", string(t.Act))
		}
	}
	v.tell(x, CheckTasks, d)
}

func sameSeats(have, want [][]string) bool {
	if len(have) != len(want) {
		return false
	}
	return !slices.ContainsFunc(want, func(seat []string) bool {
		return !slices.ContainsFunc(have, func(row []string) bool { return slices.Equal(row, seat) })
	})
}

// holders: somebody with a usable account holds a seat of each task and is not barred from it by four
// eyes, and whoever has taken one still holds a seat of it.
func (v *verifier) holders(x *sheet) {
	d := differ{}
	for _, row := range x.tasks {
		act := row[taskColumn("act")]
		seats := seatsIn(x.seatsOf(row[0]))
		switch held := slices.ContainsFunc(seats, func(s regulation.Seat) bool { return v.manned[s] }); {
		case !held:
			d.add("nobody_holds_it", append([]string{act}, seatTexts(seats)...)...)
		case !x.rules.Manned(x.c, regulation.ActKind(act), seats):
			d.add("nobody_may", append([]string{act}, seatTexts(seats)...)...)
		}
		if code := v.claimFault(row[taskColumn("claimed_by")], seats); code != "" {
			d.add(code, act)
		}
	}
	v.tell(x, CheckHolders, d)
}

func seatsIn(rows [][]string) (seats []regulation.Seat) {
	for _, row := range rows {
		seats = append(seats, regulation.Seat{Role: regulation.Role(row[0]), Org: row[1]})
	}
	return seats
}

func seatTexts(seats []regulation.Seat) (texts []string) {
	for _, s := range seats {
		texts = append(texts, seatText(s))
	}
	return texts
}

// claimFault tells why a person may not have a task that lies before these seats, or "".
func (v *verifier) claimFault(person string, seats []regulation.Seat) string {
	if person == "" {
		return ""
	}
	actor, err := v.people.Actor(person, v.now)
	switch {
	case err != nil:
		return "claimed_by_disabled"
	case !actor.Sits(seats):
		return "claimed_without_seat"
	}
	return ""
}
