package store

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"haochaping/regulation"
	"haochaping/store/ledger"
)

func number(n int64) string { return strconv.FormatInt(n, 10) }

// sequence: events are numbered 1, 2, 3 without a gap, the state stands at the last one, and the
// columns of each event are what its body says.
func (v *verifier) sequence(x *sheet) {
	d := differ{}
	for i, e := range x.events {
		if e.seq != int64(i)+1 {
			d.add("gap", number(int64(i)+1))
			break
		}
	}
	for _, e := range x.events {
		if e.seq != e.Seq || e.at != micros(e.At) || e.kind != string(e.Kind) || e.name != e.Name {
			d.add("event_columns", number(e.seq))
		}
	}
	last := int64(0)
	if n := len(x.events); n > 0 {
		last = x.events[n-1].seq
	}
	if x.c.Seq != last {
		d.add("not_the_last", number(x.c.Seq), number(last))
	}
	v.tell(x, CheckSequence, d)
}

// waitsLong is how long an acknowledged act may wait for its outcome while the system is up; the
// sweeper takes it up after ten seconds.
const waitsLong = time.Minute

// acts: each act that is done is one event, each event that an act made has its act, none waits
// while the system is up, and none was not taken by the record. An act and its event have actor, kind and instant in common.
func (v *verifier) acts(x *sheet) {
	d, claimed := differ{}, map[int64]int{}
	for _, a := range x.acts {
		if a.Status != string(ActDone) {
			continue
		}
		claimed[a.Seq]++
		e := x.event(a.Seq)
		switch {
		case e == nil:
			d.add("no_event", a.ID)
		case claimed[a.Seq] > 1:
			d.add("done_twice", a.ID)
		case !made(a, *e):
			d.add("other_event", a.ID)
		}
	}
	for _, a := range x.acts {
		if a.Status == string(ActFailed) {
			d.add("failed", a.ID, a.Missing)
		}
		if a.Status != string(ActPending) {
			continue
		}
		if x.recordedAs(a, claimed) != nil {
			d.add("recorded_yet_pending", a.ID)
		} else if v.uptime.Within(v.s.options.Clock.Real(instant(a.ReceivedAt)), v.real) > waitsLong {
			d.add("waits", a.ID)
		}
	}
	for _, e := range x.events {
		if e.Kind == regulation.EventAct && e.As.Role != regulation.System && claimed[e.seq] == 0 && !x.awaitsRecord(e, claimed) {
			d.add("no_act", number(e.seq))
		}
	}
	v.tell(x, CheckActs, d)
}

func (x *sheet) event(seq int64) *sheetEvent {
	if i := slices.IndexFunc(x.events, func(e sheetEvent) bool { return e.seq == seq }); i >= 0 {
		return &x.events[i]
	}
	return nil
}

// made tells whether an event is what an act's recording makes.
func made(a actRow, e sheetEvent) bool {
	return e.Kind == regulation.EventAct && e.Name == a.Kind && e.Actor == a.Actor && micros(e.At) == a.ReceivedAt
}

// recordedAs finds the event of an act whose row says that it is pending.
func (x *sheet) recordedAs(a actRow, claimed map[int64]int) *sheetEvent {
	for i, e := range x.events {
		if claimed[e.seq] == 0 && made(a, e) {
			return &x.events[i]
		}
	}
	return nil
}

func (x *sheet) awaitsRecord(e sheetEvent, claimed map[int64]int) bool {
	return slices.ContainsFunc(x.acts, func(a actRow) bool {
		return a.Status == string(ActPending) && claimed[e.seq] == 0 && made(a, e)
	})
}

// told is what the case's events tell of it after the last of them.
type told struct {
	regulation.Standing
	closedAt time.Time
	armed    map[string]int // how often each kind of deadline was armed, as Case.Counts has it
}

// told reads the events from the first to the last.
func (x *sheet) told() told {
	t := told{armed: map[string]int{}}
	if n := len(x.standings); n > 0 {
		t.Standing = x.standings[n-1]
	}
	for _, e := range x.events {
		switch {
		case e.To != regulation.PhaseClosed:
			t.closedAt = time.Time{}
		case e.From != regulation.PhaseClosed || t.closedAt.IsZero():
			t.closedAt = e.At
		}
		for _, change := range e.Changes {
			if label, _, _ := strings.Cut(change.Deadline.ID, "#"); change.Op == regulation.DueArmed {
				t.armed[label]++
			}
		}
	}
	return t
}

// tellsWaits tells whether the events say what the case waits for: those of before it was kept do not.
func (x *sheet) tellsWaits() bool { return len(x.events) > 0 && len(x.events[0].Waits) > 0 }

// state: sequence, phase, closing, procedures, waits and open deadlines are those that the events tell,
// and so is what the case holds: calls, finding, reply, orders, clock, measures, who did what.
func (v *verifier) state(x *sheet) {
	d, told := differ{}, x.told()
	if x.c.Seq != told.Seq {
		d.add("sequence_differs", number(x.c.Seq), number(told.Seq))
	}
	if x.c.Phase != told.Phase {
		d.add("phase", string(x.c.Phase), string(told.Phase))
	}
	if !x.c.ClosedAt.Equal(told.closedAt) {
		d.add("closed_at", "closed_at")
	}
	for _, track := range regulation.Tracks {
		if x.c.Tracks[track] != told.Tracks[track] {
			d.add("procedure", string(track))
		}
	}
	d.deadlines(x.c.Deadlines, told.Deadlines)
	if x.tellsWaits() {
		d.waits(x.c.Awaiting, told.Waits)
	}
	for label, n := range told.armed {
		if x.c.Counts[label] != n {
			d.add("counts", label)
		}
	}
	differ, err := regulation.Differences(x.c, x.retold(x.events))
	if err != nil {
		d.add("unreadable", "state") // it was read from JSON
	}
	for aspect, fields := range differ {
		d.add(aspect+"_differs", fields...)
	}
	v.tell(x, CheckState, d)
}

func (d differ) deadlines(have, want []regulation.Deadline) {
	left := map[string]regulation.Deadline{}
	for _, w := range want {
		left[w.ID] = w
	}
	for _, h := range have {
		w, open := left[h.ID]
		switch {
		case !open:
			d.add("deadline_too_many", h.ID)
		case !same(h, w):
			d.add("deadline_differs", h.ID)
		}
		delete(left, h.ID)
	}
	d.add("deadline_missing", slices.Sorted(maps.Keys(left))...)
}

func (d differ) waits(have, want []regulation.Await) {
	left := map[regulation.ActKind]regulation.Await{}
	for _, w := range want {
		left[w.Act] = w
	}
	for _, h := range have {
		w, waits := left[h.Act]
		if !waits || !slices.Equal(h.Seats, w.Seats) || h.Overdue != w.Overdue || h.Raised != w.Raised || !h.Due.Equal(w.Due) {
			d.add("wait", string(h.Act))
		}
		delete(left, h.Act)
	}
	for _, act := range slices.Sorted(maps.Keys(left)) {
		d.add("wait", string(act))
	}
}

// same compares as the record keeps things.
func same(a, b any) bool {
	one, err := json.Marshal(a)
	other, err2 := json.Marshal(b)
	return err == nil && err2 == nil && string(one) == string(other)
}

// columns: what lists, locks and guards read of a case is what its state says.
func (v *verifier) columns(x *sheet) {
	d := differ{}
	for i, want := range x.wantedRow() {
		if column := casesTable.columnsBut("state")[i]; x.row[i] != want {
			d.add("column", column)
		}
	}
	v.tell(x, CheckColumns, d)
}

// wantedRow are the columns, but the state, that the state asks for.
func (x *sheet) wantedRow() []string {
	values, err := caseRow(x.c)
	if err != nil {
		return nil // it was read from JSON
	}
	var kept []string
	for i, column := range casesTable.columns {
		if column != "state" {
			kept = append(kept, textOf(values[i]))
		}
	}
	return kept
}

// closing: no case is closed without its callbacks, or an exemption on record, its finding and its
// reply, each in the round that the closing ends, as the events tell it (R22, R29); and nothing is open
// on one that has ended altogether.
func (v *verifier) closing(x *sheet) {
	d := differ{}
	for i, e := range x.events {
		if e.Kind == regulation.EventAct && e.Name == string(regulation.ActClose) {
			d.closed(x.retold(x.events[:i]), x.params, "@"+number(e.Seq))
		}
	}
	if x.c.Closed() {
		for _, await := range x.c.Awaiting {
			d.add("still_waits", string(await.Act))
		}
		for _, deadline := range x.c.Deadlines {
			d.add("still_waits", deadline.ID)
		}
	}
	v.tell(x, CheckClosing, d)
}

// closed holds a case, told up to its closing in an event, against what R22 and R29 ask for.
func (d differ) closed(c regulation.Case, p regulation.Params, event string) {
	if !c.Callback.Done(p) {
		d.add("no_callback", "verification"+event)
	}
	if !c.Closing.Done(p) {
		d.add("no_callback", "closing"+event)
	}
	if c.Finding.Kind == "" || c.Finding.Text.Field == "" {
		d.add("no_finding", "finding"+event)
	}
	if c.Reply.ReleasedAt.IsZero() || c.Reply.Text.Field == "" {
		d.add("no_reply", "reply"+event)
	}
}

// tolerance is how late a deadline may be recorded, in real time with the system up.
const tolerance = time.Minute

// deadlines: none is recorded early, none is passed over by a later act, none is recorded more than
// a minute late, or not at all, while the system was up, and none cannot be recorded. Lateness is counted in
// real time, from when the deadline was set where it was over by then, as after a rejection.
func (v *verifier) deadlines(x *sheet) {
	d, rings := differ{}, x.rings()
	for i, e := range x.events {
		v.passed(d, x, rings, e.Event)
		if i > 0 {
			v.passedOver(d, x.standings[i-1], e.Event)
		}
	}
	entry, cause, blocked := strings.Cut(v.blocked[x.id], ",")
	for _, open := range x.told().Deadlines {
		switch {
		case blocked && open.ID == entry:
			d.add("blocked", open.ID, cause)
		case v.late(x, rings[open.ID], v.now):
			d.add("not_recorded", open.ID)
		}
	}
	v.tell(x, CheckDeadlines, d)
}

// rings is when each deadline of a case was to be recorded: at its due instant, or when it was set.
func (x *sheet) rings() map[string]time.Time {
	rings := map[string]time.Time{}
	for _, e := range x.events {
		for _, change := range e.Changes {
			if change.Op == regulation.DueArmed || change.Op == regulation.DueRearmed {
				rings[change.Deadline.ID] = slices.MaxFunc([]time.Time{e.At, change.Deadline.Due}, time.Time.Compare)
			}
		}
	}
	return rings
}

func (v *verifier) passed(d differ, x *sheet, rings map[string]time.Time, e regulation.Event) {
	for _, change := range e.Changes {
		switch {
		case change.Op != regulation.DuePassed:
		case e.At.Before(change.Deadline.Due):
			d.add("early", change.Deadline.ID)
		case v.late(x, rings[change.Deadline.ID], e.At):
			d.add("late", change.Deadline.ID)
		}
	}
}

// passedOver: an act that was received after a deadline is recorded after it; at equality the act
// wins.
func (v *verifier) passedOver(d differ, before regulation.Standing, e regulation.Event) {
	if e.Kind != regulation.EventAct || e.As.Role == regulation.System {
		return
	}
	for _, open := range before.Deadlines {
		if open.Due.Before(e.At) {
			d.add("passed_over", open.ID+"@"+number(e.Seq))
		}
	}
}

// late tells whether more than the tolerance of time with the system up, and the case not held up, lies
// between when a deadline was to be recorded and when it was.
func (v *verifier) late(x *sheet, ring, at time.Time) bool {
	clock := v.s.options.Clock
	up := v.uptime
	for _, outage := range v.outages[x.id] {
		up = up.less(outage)
	}
	return up.Within(clock.Real(ring), clock.Real(at)) > tolerance
}

// notices: each escalation, notice, compensating entry and step of a write-off of the record is an event's, and each
// event's is there; a rating is taken out of the figures once while it is written off, and never
// otherwise (R53).
func (v *verifier) notices(x *sheet) {
	wanted := pile{}
	for _, e := range x.events {
		addEscalation(wanted, x.c, e.Event)
		addNotices(wanted, x.c, e.Event)
		addEntries(wanted, x.c, e.Event)
		addWriteOffStep(wanted, x.c, e.Event)
	}
	d := differ{}
	// Area and authorities are those of the escalation's own day.
	d.rows("escalation", x.raised, wanted[escalationsTable.name], func(row []string) string {
		return aboutText(append(row[1:6:6], row[len(row)-1]))
	})
	d.rows("write_off_step", x.steps, wanted[writeOffStepsTable.name], func(row []string) string { return aboutText(row[1:]) })
	d.rows("entry", x.entries, wanted[entriesTable.name], func(row []string) string { return aboutText(row[1:]) })
	d.rows("notice", fromEvents(x.notices), wanted[noticesTable.name], func(row []string) string { return aboutText(row[1:]) })
	due := int64(0)
	if x.c.WrittenOff() {
		due = -1
	}
	if sum := booked(x.events); sum != due {
		d.add("entries_sum", number(sum), number(due))
	}
	v.tell(x, CheckNotices, d)
}

// booked is the sum of what the events' entries book.
func booked(events []sheetEvent) (sum int64) {
	for _, e := range events {
		for _, entry := range e.Entries {
			sum += int64(entry.Sign)
		}
	}
	return sum
}

// fromEvents leaves out notices that no event stands behind: those about who has a task.
func fromEvents(notices [][]string) (kept [][]string) {
	for _, row := range notices {
		if row[1][0] != '-' {
			kept = append(kept, row)
		}
	}
	return kept
}

// rows compares what is there with what must be, by a key that tells the rows apart.
func (d differ) rows(what string, have [][]string, want [][]any, key func([]string) string) {
	left := map[string]bool{}
	for _, values := range want {
		left[key(textsOf(values))] = true
	}
	for _, row := range have {
		if k := key(row); left[k] {
			delete(left, k)
		} else {
			d.add(what+"_too_many", row[1])
		}
	}
	for _, values := range want {
		if texts := textsOf(values); left[key(texts)] {
			d.add(what+"_missing", texts[1])
		}
	}
}

// files: the files bound to the case are those that its events name, and their contents are there.
func (v *verifier) files(x *sheet) {
	var wanted [][]any
	for _, e := range x.events {
		for _, digest := range slices.Compact(slices.Sorted(slices.Values(e.Files))) {
			wanted = append(wanted, []any{x.id, digest, e.seq})
		}
	}
	d := differ{}
	d.rows("file", x.files, wanted, func(row []string) string { return aboutText(row[1:]) })
	for _, row := range x.files {
		if _, err := os.Stat(v.s.filePath(row[1])); err != nil && !v.s.deletedFile(row[1]) {
			d.add("content_gone", row[1])
		}
	}
	v.tell(x, CheckFiles, d)
}

// leaves: each event has one leaf, pending or in the ledger, and the stored bytes still make it.
func (v *verifier) leaves(x *sheet) {
	d := differ{}
	for _, e := range x.events {
		digest := ledger.DigestLeaf(e.nonce, canonicalEvent(x.id, e.seq, e.body))
		if code := leafFault(x.taken[e.seq], x.pending[e.seq], digest); code != "" {
			d.add(code, fmt.Sprintf("event %d", e.seq))
		}
	}
	v.tell(x, CheckLeaves, d)
}
