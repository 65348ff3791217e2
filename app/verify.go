package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"haochaping/regulation"
	"haochaping/store"
	"haochaping/workflows"
)

// Verification is what a verification looks at; the zero value is everything.
type Verification struct {
	Only   []string // checks by name
	Case   string   // the id of one case
	Found  func(store.Finding) error
	Origin string // store.OriginConsole unless given
}

// whole tells whether nothing is left out: only such a one is kept and shown.
func (v Verification) whole() bool { return v.Only == nil && v.Case == "" }

func (v Verification) wants(check string) bool {
	return v.Only == nil || slices.Contains(v.Only, check)
}

// engineAway is why CheckEngine is left out.
const engineAway = "engine_away"

// Verify runs the checks on the settings' record and, where it answers, on the settings' engine,
// beside whatever runs on them. A whole one is kept as the last and sets or clears the alarm.
func Verify(ctx context.Context, s Settings, v Verification, log *slog.Logger) ([]store.Checked, error) {
	a, err := attach(ctx, s, log)
	if err != nil {
		return nil, err
	}
	defer a.Stop()
	v.Origin = store.OriginConsole
	return a.verify(ctx, v, time.Now())
}

// attach is a process without servers, worker and duties: the record, and the engine if it answers.
func attach(ctx context.Context, s Settings, log *slog.Logger) (*App, error) {
	if s.Temporal == "" {
		s.Temporal = RunningEngine(s)
	}
	if err := s.Check(); err != nil {
		return nil, err
	}
	a := newApp(s, Parts{}, log)
	var err error
	if a.record, a.clock, err = OpenRecord(ctx, s, log); err == nil && s.Temporal != "" {
		a.engine, err = connect(s, log, a.metrics)
	}
	if err != nil {
		a.Stop()
		return nil, err
	}
	if a.engine != nil {
		a.engine.look(ctx)
	}
	return a, nil
}

// verify runs the checks under a turn, and keeps what a whole verification found.
func (a *App) verify(ctx context.Context, v Verification, turn time.Time) ([]store.Checked, error) {
	var found []store.Finding
	tell := func(f store.Finding) error {
		if len(found) < 1000 {
			found = append(found, f)
		}
		if v.Found == nil {
			return nil
		}
		return v.Found(f)
	}
	if v.whole() {
		if ok, err := a.record.BeginVerification(ctx, turn, v.Origin); err != nil || !ok {
			return nil, err
		}
	}
	checks, err := a.record.Verify(ctx, store.VerifyOptions{Only: v.Only, Case: v.Case, Found: tell})
	if err == nil && v.wants(store.CheckEngine) {
		var checked store.Checked
		checked, err = a.checkEngine(ctx, v.Case, tell)
		checks = append(checks, checked)
	}
	if err == nil && v.whole() {
		err = a.record.EndVerification(ctx, turn, checks, found)
	}
	return checks, err
}

// engineCheck holds the engine's runs against the record's cases.
type engineCheck struct {
	a       *App
	running map[string]bool // runs that are not accounted for yet
	waiting map[string]bool // cases whose start is in the outbox
	recent  map[string]bool // cases whose runs read the record again when the product starts
	suspect []string
	mu      sync.Mutex
	looked  int64
	found   int64
	tell    func(store.Finding) error
}

// settleTime is how long a case that looks wrong has to come right by itself: an act or a deadline
// may have been on its way between the two commits.
const settleTime = 3 * time.Second

// checkEngine: every open case has a run that holds what the record says, and no other run runs. What
// looks wrong is looked at again after a moment. It neither needs a worker nor disturbs one.
func (a *App) checkEngine(ctx context.Context, only string, tell func(store.Finding) error) (store.Checked, error) {
	began := time.Now()
	checked := store.Checked{Check: store.CheckEngine}
	if a.engine == nil || !a.engine.isUp() {
		checked.LeftOut = engineAway
		return checked, nil
	}
	c := &engineCheck{a: a, running: map[string]bool{}, waiting: map[string]bool{}, recent: map[string]bool{}, tell: tell}
	err := c.run(ctx, only)
	var refusal *regulation.Error
	if errors.As(err, &refusal) && refusal.Code == regulation.Unavailable {
		checked.LeftOut, err = engineAway, nil
	}
	checked.Looked, checked.Found, checked.Took = c.looked, c.found, time.Since(began)
	return checked, err
}

func (c *engineCheck) run(ctx context.Context, only string) error {
	recent, err := c.a.record.LastActed(ctx, lately)
	if err != nil {
		return err
	}
	for _, id := range recent {
		c.recent[id] = true
	}
	if only != "" {
		c.suspect = []string{only}
	} else if err := c.walk(ctx); err != nil {
		return err
	}
	if len(c.suspect) == 0 {
		return nil
	}
	if !every(ctx, settleTime) {
		return ctx.Err()
	}
	slices.Sort(c.suspect)
	for _, id := range slices.Compact(c.suspect) {
		if err := c.confirm(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

// walk looks at all open cases and all runs once.
func (c *engineCheck) walk(ctx context.Context) error {
	waiting, err := c.a.record.Unstarted(ctx, 100_000)
	if err != nil {
		return err
	}
	for _, id := range waiting {
		c.waiting[id] = true
	}
	err = workflows.Running(ctx, c.a.engine, func(ids []string) {
		for _, id := range ids {
			c.running[id] = true
		}
	})
	if err != nil {
		return err
	}
	for after := ""; ; {
		ids, err := c.a.record.OpenCases(ctx, after, 500)
		if err != nil {
			return err
		}
		if len(ids) == 0 {
			break
		}
		if err := c.compare(ctx, ids); err != nil {
			return err
		}
		after = ids[len(ids)-1]
	}
	for id := range c.running { // of no open case
		c.suspect = append(c.suspect, id)
	}
	return nil
}

// compare looks at some open cases, several at a time.
func (c *engineCheck) compare(ctx context.Context, ids []string) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(8)
	for _, id := range ids {
		delete(c.running, id)
		group.Go(func() error {
			code, _, err := c.differ(ctx, id)
			c.mu.Lock()
			defer c.mu.Unlock()
			if c.looked++; code != "" {
				c.suspect = append(c.suspect, id)
			}
			return err
		})
	}
	return group.Wait()
}

// confirm looks at a case again and tells what is still wrong.
func (c *engineCheck) confirm(ctx context.Context, id string) error {
	code, about, err := c.differ(ctx, id)
	if err != nil || code == "" {
		return err
	}
	f := store.Finding{Check: store.CheckEngine, Code: code, Case: id, About: about}
	if known, err := c.a.record.CaseByID(ctx, regulation.Scope{All: true}, id); err == nil {
		f.Number, f.Area = known.Number, known.Area
	}
	c.found++
	return c.tell(f.Treated())
}

// differ says in what record and engine differ about a case, "" where they agree.
func (c *engineCheck) differ(ctx context.Context, id string) (code string, about []string, err error) {
	ctx, cancel := context.WithTimeout(ctx, engineWait)
	defer cancel()
	held, err := workflows.HeldBy(ctx, c.a.engine, c.a.settings.Namespace, id)
	if err != nil {
		return "", nil, err
	}
	step, err := c.a.record.LoadStep(ctx, id) // the later of the two: a run is never ahead of it
	var refusal *regulation.Error
	switch {
	case errors.As(err, &refusal) && refusal.Code == regulation.NotFound:
		if held.Running {
			return "run_of_no_case", nil, nil
		}
		return "", nil, nil
	case err != nil:
		return "", nil, err
	}
	code, about = disagree(step, held, c.a.clock)
	if code == "not_running" && c.waiting[id] || c.comesRight(ctx, id, code, held.Step.Snapshot.Seq, step.Snapshot.Seq) {
		return "", nil, nil // it will be, as soon as somebody works
	}
	return code, about, nil
}

// comesRight tells whether a run is behind only since the product was stopped in the midst of it: a run
// that has not begun to read the record, or one whose closing was recorded and not yet answered.
func (c *engineCheck) comesRight(ctx context.Context, id, code string, holds, recorded int64) bool {
	behind := code == "runs_though_closed" && holds < recorded && c.recent[id]
	return (code == "not_loaded" || behind) && !c.a.engineServes(ctx)
}

// late is how much later than a deadline a run's timer may ring.
const late = time.Minute

// disagree compares what the record says with what a run holds.
func disagree(step regulation.Step, held workflows.Held, clock regulation.Clock) (code string, about []string) {
	have, want := held.Step, step
	switch {
	case step.Finished && held.Running:
		return "runs_though_closed", nil
	case step.Finished:
		return "", nil
	case !held.Running:
		return "not_running", nil
	case !held.Loaded && time.Since(held.Began) < backlog:
		return "", nil
	case !held.Loaded:
		return "not_loaded", nil
	case have.Snapshot.Seq != want.Snapshot.Seq:
		return "other_sequence", []string{fmt.Sprintf("engine=%d", have.Snapshot.Seq), fmt.Sprintf("record=%d", want.Snapshot.Seq)}
	}
	if about := otherTimers(have.Timers, want.Timers); about != nil {
		return "other_timers", about
	}
	for _, t := range want.Timers {
		if held.Rings.IsZero() || held.Rings.After(clock.Real(t.Due).Add(late)) && held.Rings.After(time.Now()) {
			return "rings_late", []string{t.ID}
		}
	}
	return "", nil
}

// backlog is how long a run may wait for a worker to take it up: many start at once after an outage.
const backlog = 5 * time.Minute

func otherTimers(have, want []regulation.Timer) (about []string) {
	due := map[string]time.Time{}
	for _, t := range have {
		due[t.ID] = t.Due
	}
	for _, t := range want {
		if at, there := due[t.ID]; !there || !at.Equal(t.Due) {
			about = append(about, t.ID)
		}
		delete(due, t.ID)
	}
	return append(about, slices.Sorted(maps.Keys(due))...)
}

// engineServes tells whether a worker listens to the engine.
func (a *App) engineServes(ctx context.Context) bool {
	served, err := workflows.Served(ctx, a.engine)
	return err == nil && served
}

// repairEngine has a case's run read the record again, starts it where there is none, and ends the run
// of a case that the record does not have.
func (a *App) repairEngine(ctx context.Context, caseID, author string) error {
	if a.engine == nil || !a.engine.isUp() {
		return &regulation.Error{Code: regulation.Unavailable, Missing: "engine"}
	}
	_, err := a.record.LoadStep(ctx, caseID)
	var refusal *regulation.Error
	ofNone := errors.As(err, &refusal) && refusal.Code == regulation.NotFound
	if err != nil && !ofNone {
		return err
	}
	line := store.AuditEntry{Person: author, Action: "repair", ObjectKind: "case", ObjectID: caseID, Purpose: store.CheckEngine, Outcome: store.OutcomeDone}
	if ofNone {
		line.ObjectKind = "run"
	}
	if err := a.record.Audit(ctx, line); err != nil {
		return err
	}
	if ofNone {
		return workflows.GiveUp(ctx, a.engine, caseID)
	}
	return workflows.Refresh(ctx, a.engine, caseID)
}

// Fix names what a repair is to put right: a check and a case, a bad rating without one, or neither for
// what belongs to none. Reason only explains lateness; Reported is under what it was reported that
// something happened which nobody can put right.
type Fix struct {
	Check, Case, Rating, Reason, Reported string
	Author                                string
}

// Repaired is what a repair did.
type Repaired struct {
	Mended []string // codes
	Noted  []string // codes that are known from now on
	Number string   // of a case that was opened
}

// Repair puts right what a check found. The case's run reads the record again afterwards, where the
// engine is there.
func Repair(ctx context.Context, s Settings, f Fix, log *slog.Logger) (Repaired, error) {
	a, err := attach(ctx, s, log)
	if err != nil {
		return Repaired{}, err
	}
	defer a.Stop()
	return a.repair(ctx, f)
}

func (a *App) repair(ctx context.Context, f Fix) (r Repaired, err error) {
	switch {
	case f.Reported != "":
		r.Noted, err = a.record.Acknowledge(ctx, f.Check, f.Case, f.Reported, f.Author)
		return r, err
	case f.Check == store.CheckRatings && f.Rating != "":
		r.Number, err = a.record.OpenMissingCase(ctx, f.Rating, f.Author)
		return r, err
	case f.Check == store.CheckEngine:
		r.Mended = []string{f.Check}
		return r, a.repairEngine(ctx, f.Case, f.Author)
	case f.Check == store.CheckDeadlines && f.Reason != "":
		n, err := a.record.ExplainLateness(ctx, f.Case, f.Reason, f.Author)
		if n > 0 {
			r.Mended = []string{"late"}
		}
		return r, err
	}
	if r.Mended, err = a.record.Repair(ctx, f.Check, f.Case, f.Author); err != nil {
		return r, err
	}
	if err = a.record.WatchUnrecorded(ctx); err == nil && len(r.Mended) > 0 && f.Check != store.CheckFigures && a.engine != nil && a.engine.isUp() {
		err = workflows.Refresh(ctx, a.engine, f.Case)
	}
	return r, err
}

// engineFile is where a process tells at which address the engine within it listens.
func engineFile(s Settings) string { return filepath.Join(s.Data, "engine", "frontend") }

// AnnounceEngine tells other processes on this data folder where the engine within this one listens,
// until withdraw.
func AnnounceEngine(s Settings, addr string) (withdraw func(), err error) {
	file := engineFile(s)
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return nil, err
	}
	if err := os.WriteFile(file, []byte(addr), 0o600); err != nil {
		return nil, err
	}
	return func() { _ = os.Remove(file) }, nil // what is left over is knocked at before it is believed
}

// RunningEngine is the address of the engine within a process that runs on this data folder, "" where
// none answers.
func RunningEngine(s Settings) string {
	text, err := os.ReadFile(engineFile(s))
	if err != nil {
		return ""
	}
	addr := strings.TrimSpace(string(text))
	conn, err := net.DialTimeout("tcp", addr, time.Second)
	if err != nil {
		return ""
	}
	_ = conn.Close()
	return addr
}

// RestoreSteps are what to do where rows are not what the ledger took in: the runbook of
// docs/operations.md, as it reads for the settings. Nothing of it is done here.
func RestoreSteps(s Settings, program string) []string {
	kept := filepath.Join(filepath.Dir(filepath.Clean(s.Data)), "altered-"+time.Now().Format("20060102T1504"))
	keep, restore := fmt.Sprintf("cp -a %s %s", s.Data, kept), fmt.Sprintf("cp -a BACKUP/record.db BACKUP/files %s/", s.Data)
	if s.DSN != "" {
		keep = fmt.Sprintf("mkdir %[1]s && mysqldump --single-transaction haochaping > %[1]s/record.sql && cp -a %[2]s/files %[1]s/", kept, s.Data)
		restore = fmt.Sprintf("mysql haochaping < BACKUP/record.sql && cp -a BACKUP/files %s/", s.Data)
	}
	return []string{
		"stop the product on every node",
		"keep what is there, as it is: " + keep,
		"report it to the head of the authority: somebody has written past the product",
		"put the last back-up back that verifies: " + restore,
		fmt.Sprintf("hold it against size and root as they were noted elsewhere: %[1]s migrate && %[1]s verify", program),
		"leave " + s.Erasures + " as it is: by it those are erased again, at the start, whom the back-up still knows",
		"start the product; bring over by hand what came after the back-up, from the copy",
	}
}

// LedgerRoot is the ledger's size and root now, to be noted on another machine.
func LedgerRoot(ctx context.Context, s Settings, log *slog.Logger) (leaves int64, root string, err error) {
	record, _, err := OpenRecord(ctx, s, log)
	if err != nil {
		return 0, "", err
	}
	point, err := record.LedgerCheckpoint(ctx)
	return point.Size, point.Root.String(), errors.Join(err, record.Close())
}
