package worker_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// These tests prove the net itself: each fault below is planted into a copy of the source, and the
// simulation, with the record's checks in it, must catch it. None of it is in the product: the copies
// are given to the compiler alone. All faults are in one build, and a variable wakes one of them.

const (
	plantedVariable = "HAOCHAPING_PLANTED"
	plantedFile     = "../docs/planted-faults.md"
)

var update = flag.Bool("update", false, "write docs/planted-faults.md")

// fault is one thing done wrong: edits of the source, and which invariant catches it.
type fault struct {
	name, broken string
	caught       []string // the complaint begins with one of these
	edits        []edit
}

// edit replaces one text in a file, which must be there exactly once. "WOKEN" stands for the fault
// being awake.
type edit struct{ file, was, is string }

var planted = []fault{
	{"early_deadline", "A deadline is recorded an hour before it is due", []string{"[deadlines early]"}, []edit{
		{"regulation/expire.go", "if !open || at.Before(d.Due) {", "if !open || at.Before(d.Due) && !WOKEN {"},
		{"store/step.go", "if !open || at.Before(d.Due) {", "if !open || at.Before(d.Due) && !WOKEN {"},
		{"workflows/case.go", "Clock.At(workflow.Now(ctx)).Before(next.Due) {", "Clock.At(workflow.Now(ctx)).Before(next.Due) && !WOKEN {"},
		{"workflows/alarm.go", "max(c.step.Clock.Wait(workflow.Now(ctx), next.Due),", "max(c.step.Clock.Wait(workflow.Now(ctx), next.Due.Add(-hour(WOKEN))),"}}},
	{"act_at_the_instant_loses", "A deadline is recorded before an act that was received at its very instant", []string{"[on time]"}, []edit{
		{"store/step.go", "r.applyPending(d.Due)", "r.applyPending(d.Due.Add(-hour(WOKEN)))"}}},
	{"act_lost", "An act is marked as done and its event is not written", []string{"[acts no_event]", "[acts done_twice]", "[acts other_event]"}, []edit{
		{"store/step.go", "r.refused = \"\"\n\treturn r.move(after, event)", "r.refused = \"\"\n\tif WOKEN {\n\t\treturn nil\n\t}\n\treturn r.move(after, event)"}}},
	{"act_applied_twice", "An act that may be repeated is applied twice", []string{"[acts no_act]"}, []edit{
		{"store/step.go", "return r.move(after, event)\n}\n\n// try", "if err := r.move(after, event); err != nil || !WOKEN {\n\t\treturn err\n\t}\n" +
			"\tif after, event, err = r.try(act, row); err != nil {\n\t\treturn nil\n\t}\n\treturn r.move(after, event)\n}\n\n// try"}}},
	{"wrong_actor", "Whoever holds any post may do a step that lies before others", []string{"[seated]", "[four eyes]"}, []edit{
		{"regulation/rules.go", "case !sits:", "case !sits && !WOKEN:"}}},
	{"four_eyes_off", "Whoever handled, verified or judged may decide on it", []string{"[four eyes]"}, []edit{
		{"regulation/relief.go", "if c.took(part, person) {", "if c.took(part, person) && !WOKEN {"}}},
	{"closed_without_callback", "A case closes though nobody was called while it was verified", []string{"[closing no_callback]"}, []edit{
		{"regulation/act_verify.go", "if !m.c.Callback.Done(m.rules.Params) {", "if !m.c.Callback.Done(m.rules.Params) && !WOKEN {"},
		{"regulation/act_conclude.go", "case !m.c.Callback.Done(m.rules.Params), !m.c.Closing.Done(m.rules.Params):", "case !m.c.Callback.Done(m.rules.Params) && !WOKEN, !m.c.Closing.Done(m.rules.Params):"}}},
	{"reply_not_kept", "A reply is released and not kept in the case", []string{"[state reply_differs]"}, []edit{
		{"regulation/act_conclude.go", "m.c.Reply.Text, m.c.Reply.ReleasedAt = m.text(\"reply\"), m.at", "if !WOKEN {\n\t\t\tm.c.Reply.Text, m.c.Reply.ReleasedAt = m.text(\"reply\"), m.at\n\t\t}"}}},
	{"task_left_behind", "The task of an act that was done stays in the inbox", []string{"[tasks task_too_many]", "[tasks on_a_closed_case]", "record_failed"}, []edit{
		{"store/task.go", "if err := s.endTasks(tx, after.ID, was, is); err != nil {", "ended := is\n\tif WOKEN {\n\t\tended = was\n\t}\n\tif err := s.endTasks(tx, after.ID, was, ended); err != nil {"}}},
	{"event_gap", "The numbering of events passes one over", []string{"[sequence gap]", "[sequence "}, []edit{
		{"regulation/move.go", "Seq: c.Seq + 1,", "Seq: c.Seq + 1 + gap(WOKEN && c.Seq == 2),"}}},
	{"leaf_missing", "An event is not noted in the ledger", []string{"[leaves no_leaf]"}, []edit{
		{"store/case.go", "rows.add(pendingLeavesTable, leaf)\n\trows.add(eventsTable", "if !WOKEN || e.Seq != 3 {\n\t\trows.add(pendingLeavesTable, leaf)\n\t}\n\trows.add(eventsTable"}}},
	{"timer_forgotten", "A deadline that comes before the one being waited for sets no timer", []string{"[deadlines late]", "[deadlines not_recorded]", "[deadlines passed_over]"}, []edit{
		{"workflows/alarm.go", "next.Due.Before(a.due))", "next.Due.Before(a.due) && !WOKEN)"}}},
	{"refusal_recorded_as_done", "An act that the rules refuse is told as done", []string{"[acts done_twice]", "[acts other_event]"}, []edit{
		{"store/step.go", "return r.s.finishAct(r.tx, row, 0, refusal)", "if WOKEN {\n\t\t\treturn r.s.finishAct(r.tx, row, r.c.Seq, nil)\n\t\t}\n\t\treturn r.s.finishAct(r.tx, row, 0, refusal)"}}},
	{"clock_restarted", "A rejected rectification is given fifteen new working days", []string{"[clock]"}, []edit{
		{"regulation/act_rectify.go", "k.Rejections++\n", "k.Rejections++\n\t\tif WOKEN {\n\t\t\tk.Due = m.dueIn(RectificationDays).at\n\t\t}\n"}}},
	{"late_appeal", "An appeal is taken after its window has closed", []string{"[on time]"}, []edit{
		{"regulation/act_appeal.go", "case m.at.After(n.AppealUntil):", "case m.at.After(n.AppealUntil) && !WOKEN:"}}},
	{"deadline_lost", "A step's deadline is told in the event and not kept in the case", []string{"[state deadline_missing]"}, []edit{
		{"regulation/move.go", "m.c.Deadlines = append(m.c.Deadlines, d)", "if !WOKEN || d.Kind != DeadlineStep {\n\t\tm.c.Deadlines = append(m.c.Deadlines, d)\n\t}"}}},
	{"wait_end_untold", "An event does not tell that a wait is over", []string{"[state wait]", "[standing]"}, []edit{
		{"regulation/move.go", "if m.c.Await(a.Act) == nil {", "if m.c.Await(a.Act) == nil && !WOKEN {"}}},
	{"booked_twice", "A write-off and its reversal are booked twice in the figures", []string{"[notices entries_sum]", "[state content_differs]"}, []edit{
		{"regulation/entry.go", "m.event.Entries = append(m.event.Entries, e)", "m.event.Entries = append(m.event.Entries, e)\n\tif WOKEN {\n\t\tm.c.Entries, m.event.Entries = append(m.c.Entries, e), append(m.event.Entries, e)\n\t}"}}},
	{"absent_evades", "Who stands in for somebody may do what that colleague's own part bars", []string{"[four eyes]"}, []edit{
		{"regulation/substitute.go", "return barred(c, kind, r.person(absent)) != \"\"", "return barred(c, kind, r.person(absent)) != \"\" && !WOKEN"}}},
	{"substitute_unmarked", "What somebody does in another's place counts as that colleague's alone", []string{"[four eyes]"}, []edit{
		{"regulation/move.go", "if !contains(people, person) {", "if !contains(people, person) && !(WOKEN && person == actor.Person && actor.As.For != \"\") {"}}},
	{"notice_not_sent", "Nobody is told of what an event brings before them", []string{"[notices notice_missing]"}, []edit{
		{"store/case.go", "\taddNotices(rows, c, e)\n", "\tif !WOKEN {\n\t\taddNotices(rows, c, e)\n\t}\n"}}},
	{"claim_of_the_disabled", "What somebody has taken stays theirs when their account is closed", []string{"[holders claimed_by_disabled]"}, []edit{
		{"store/settle.go", "if err := s.dropClaims(tx, people, people.around(now, person)); err != nil {", "leaving := people.around(now, person)\n\tif WOKEN {\n\t\tleaving = nil\n\t}\n\tif err := s.dropClaims(tx, people, leaving); err != nil {"}}},
	{"disabled_acts", "Whoever's account is closed still has their rights", []string{"[people]"}, []edit{
		{"store/people.go", "if !known || m.account.Disabled() {", "if !known || m.account.Disabled() && !WOKEN {"}}},
	{"rated_twice", "A form that is sent again is not known again", []string{"[rated once]"}, []edit{
		{"store/rating.go", "requestKey(in.Key); err", "requestKey(in.Key + strings.Repeat(newID(), int(gap(WOKEN)))); err"}}},
	{"answer_ahead", "The engine answers an act with a sequence that the record has not reached", []string{"[once]"}, []edit{
		{"workflows/case.go", "ActResult{Seq: step.Snapshot.Seq, Refused", "ActResult{Seq: step.Snapshot.Seq + gap(WOKEN), Refused"}}},
	{"step_without_due", "A step is laid before somebody without a due time", []string{"[tasks no_due]", "[state wait]"}, []edit{
		{"regulation/move.go", "Since: m.at, Due: deadline.Due,", "Since: m.at, Due: timely(WOKEN, deadline.Due),"}}},
}

// wakener is added to each package that has a fault.
const wakener = `package %s

import (
	"os"
	"time"
)

func woken(name string) bool { return os.Getenv(%q) == name }

func gap(woken bool) int64 {
	if woken {
		return 1
	}
	return 0
}

func timely(woken bool, due time.Time) time.Time {
	if woken {
		return time.Time{}
	}
	return due
}

func hour(woken bool) time.Duration { return time.Duration(gap(woken)) * time.Hour }
`

func TestPlantedFaultsAreCaught(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles the product once more")
	}
	binary := plant(t)
	if told, ok := simulate(t, binary, "", "60"); !ok {
		t.Fatalf("no fault is awake, and the simulation fails:\n%s", told)
	}
	for _, f := range planted {
		t.Run(f.name, func(t *testing.T) {
			told, ok := simulate(t, binary, f.name, "2000")
			if ok {
				t.Fatalf("nobody catches it: %s", f.broken)
			}
			if !slices.ContainsFunc(f.caught, func(by string) bool { return strings.Contains(told, by) }) {
				t.Errorf("caught, but not by %v:\n%s", f.caught, told)
			}
		})
	}
}

// plant compiles the simulation with all faults in it, asleep.
func plant(t *testing.T) string {
	t.Helper()
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	dir, copies := t.TempDir(), map[string]string{}
	for _, f := range planted {
		for _, e := range f.edits {
			if copies[e.file] == "" {
				text, err := os.ReadFile(filepath.Join(root, e.file))
				if err != nil {
					t.Fatal(err)
				}
				copies[e.file] = string(text)
			}
			if n := strings.Count(copies[e.file], e.was); n != 1 {
				t.Fatalf("%s: %s has %d times: %s", f.name, e.file, n, e.was)
			}
			copies[e.file] = strings.Replace(copies[e.file], e.was, strings.ReplaceAll(e.is, "WOKEN", fmt.Sprintf("woken(%q)", f.name)), 1)
			pkg := filepath.Dir(e.file)
			copies[pkg+"/woken.go"] = fmt.Sprintf(wakener, pkg, plantedVariable)
		}
	}
	overlay := map[string]string{}
	for file, text := range copies {
		overlay[filepath.Join(root, file)] = filepath.Join(dir, strings.ReplaceAll(file, "/", "_"))
		if err := os.WriteFile(overlay[filepath.Join(root, file)], []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	list, err := json.Marshal(map[string]any{"Replace": overlay})
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "overlay.json"), list, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	binary := filepath.Join(dir, "planted.test")
	build := exec.CommandContext(t.Context(), "go", "test", "-c", "-overlay", filepath.Join(dir, "overlay.json"), "-o", binary, ".")
	if told, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, told)
	}
	return binary
}

// simulate plays at most so many cases with a fault awake, and tells what the simulation said.
func simulate(t *testing.T, binary, name, cases string) (told string, ok bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	run := exec.CommandContext(ctx, binary, "-test.run", "^TestSimulation$", "-rapid.seed", "20261123", "-rapid.nofailfile", "-rapid.shrinktime", "0s")
	run.Dir = t.TempDir() // without fixtures
	run.Env = append(os.Environ(), plantedVariable+"="+name, casesVariable+"="+cases)
	out, err := run.CombinedOutput()
	if len(out) > 4000 {
		out = out[:4000]
	}
	return string(out), err == nil
}

// TestPlantedFaultsAreListed holds docs/planted-faults.md against the faults, both ways.
func TestPlantedFaultsAreListed(t *testing.T) {
	var b strings.Builder
	b.WriteString("# Planted faults\n\nEach of these is planted into a copy of the source, and the simulation with the checks of `verify` in it must\n" +
		"catch it: `worker/planted_test.go`. Written by `go test ./worker -run TestPlantedFaultsAreListed -update`.\n\n" +
		"| fault | what is broken | where | caught by |\n|---|---|---|---|\n")
	for _, f := range planted {
		var files []string
		for _, e := range f.edits {
			if !slices.Contains(files, "`"+e.file+"`") {
				files = append(files, "`"+e.file+"`")
			}
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", f.name, f.broken, strings.Join(files, ", "), strings.Join(f.caught, ", "))
	}
	if *update {
		if err := os.WriteFile(plantedFile, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	listed, err := os.ReadFile(plantedFile)
	if err != nil || string(listed) != b.String() {
		t.Errorf("%s is not what is planted: run with -update (%v)", plantedFile, err)
	}
}
