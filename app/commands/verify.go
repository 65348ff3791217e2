package commands

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime/debug"
	"slices"
	"text/tabwriter"
	"time"

	"haochaping/app"
	"haochaping/store"
)

// Engine starts the engine within this program, for a command that finds none running, and sets its
// address; it is NoEngine in a program that has none.
type Engine func(ctx context.Context, s *app.Settings, log *slog.Logger) (stop func(), err error)

// NoEngine leaves the settings as they are.
func NoEngine(context.Context, *app.Settings, *slog.Logger) (stop func(), err error) {
	return func() {}, nil
}

// find sets the engine's address: the settings', that of a process running on this data folder, or
// that of the engine started here.
func (provide Engine) find(ctx context.Context, s *app.Settings) (stop func(), err error) {
	if s.Temporal == "" {
		s.Temporal = app.RunningEngine(*s)
	}
	if s.Temporal != "" {
		return NoEngine(ctx, s, nil)
	}
	return provide(ctx, s, s.Logger())
}

// Verify runs the checks.
type Verify struct {
	Only     []string `help:"Checks to run, by name; may be repeated. Without it all." placeholder:"CHECK"`
	Case     string   `help:"Id of the one case to look at."`
	JSON     bool     `name:"json" help:"Print JSON."`
	List     bool     `help:"Print every check with what it can find and how that is treated, and check nothing."`
	NoEngine bool     `help:"Leave the engine out: do not start the one within this program."`

	Offline string `help:"Hold the whole record against this exported checkpoint instead, row by row, and believe nothing of the database. Digests of leaves and changes of the key are read beside it." type:"existingfile" placeholder:"CHECKPOINT"`
	Key     string `help:"With --offline: the ledger's first public key, as text or as a file. Without it that beside the checkpoint, which proves no more than the place it comes from."`
}

// verified is what --json prints.
type verified struct {
	Checks   []store.Checked `json:"checks"`
	Findings []store.Finding `json:"findings"`
	Took     time.Duration   `json:"took_ns"`
	Leaves   int64           `json:"leaves"`
	Root     string          `json:"root"`
}

// Run looks beside a running product or without one, and fails where something was found.
func (v Verify) Run(provide Engine) error {
	if v.List {
		return printCodes(os.Stdout)
	}
	if v.Offline != "" {
		return v.offline()
	}
	if err := v.check(); err != nil {
		return err
	}
	s, err := app.Read(os.Getenv)
	if err != nil {
		return err
	}
	hush(&s)
	debug.SetMemoryLimit(heap)
	ctx, stop := Told()
	defer stop()
	if !v.NoEngine && (v.Only == nil || slices.Contains(v.Only, store.CheckEngine)) {
		stopEngine, err := provide.find(ctx, &s)
		if err != nil {
			return err
		}
		defer stopEngine()
	}
	out, began := verified{Findings: []store.Finding{}}, time.Now()
	out.Checks, err = app.Verify(ctx, s, app.Verification{Only: v.only(), Case: v.Case, Found: func(f store.Finding) error {
		f.Repair = program() + " " + f.Repair
		out.Findings = append(out.Findings, f)
		if v.JSON {
			return nil
		}
		return printFinding(os.Stdout, f)
	}}, s.Logger())
	if err != nil {
		return err
	}
	out.Took = time.Since(began)
	// A ledger that is not whole may have no root: then that was found.
	if out.Leaves, out.Root, err = app.LedgerRoot(ctx, s, s.Logger()); err != nil && len(out.Findings) == 0 {
		return err
	}
	return v.print(out)
}

// heap is what a verification keeps to however many cases there are: a page of them at a time. At
// 10,000 cases a process took about 100 MB more than the 163 MB of the standalone program by itself.
const heap = 100 << 20 // bytes

// hush leaves out the lines that tell what a process does when all is well, unless they were asked for.
func hush(s *app.Settings) {
	if s.Log == "info" {
		s.Log = "warn"
	}
}

func (v Verify) check() error {
	if v.Key != "" {
		return errors.New("--key goes with --offline")
	}
	for _, name := range v.Only {
		if !slices.Contains(store.Checks, name) {
			return fmt.Errorf("there is no check %q: one of %v", name, store.Checks)
		}
	}
	return nil
}

// only are the checks to run, nil for all.
func (v Verify) only() []string {
	if len(v.Only) > 0 || !v.NoEngine {
		return v.Only
	}
	return store.Checks[:len(store.Checks)-1]
}

func (v Verify) print(out verified) error {
	if v.JSON {
		encoder := json.NewEncoder(os.Stdout)
		encoder.SetIndent("", "  ")
		if err := encoder.Encode(out); err != nil {
			return err
		}
	} else if err := printChecks(os.Stdout, out); err != nil {
		return err
	}
	open := int64(0) // and nobody knows of them
	for _, c := range out.Checks {
		open += c.Found
	}
	if open > 0 {
		return fmt.Errorf("%d findings", open)
	}
	return nil
}

// program is this program as it was called, so that what is printed can be run where it was.
func program() string { return os.Args[0] }

// advice says what to do where no program may put it right.
var advice = map[string]string{
	store.AdviceRestore: "the record was altered: keep a copy as it is, report it, restore from the backup; nothing may be written anew here",
	store.AdviceReport:  "it has happened and cannot be undone: report it to the head of the authority, and note under what",
	store.AdviceAppoint: "nobody holds the post: appoint somebody",
	store.AdviceExplain: "report it, or declare the outage that explains it",
}

func printFinding(w io.Writer, f store.Finding) error {
	_, err := fmt.Fprintln(w, f)
	if f.Known != "" && err == nil {
		_, err = fmt.Fprintln(w, "    known: reported under "+f.Known)
		return err
	}
	if text := advice[f.Advice]; text != "" && err == nil {
		_, err = fmt.Fprintln(w, "    "+text)
	}
	if err == nil {
		_, err = fmt.Fprintln(w, "    "+f.Repair)
	}
	return err
}

// printCodes prints what each check can find, with its command or what to do.
func printCodes(w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, check := range store.Checks {
		for _, code := range store.FindingCodes(check) {
			f := store.Finding{Check: check, Code: code, Case: "ID"}.Treated()
			fmt.Fprintf(table, "%s\t%s\t%s %s\t%s\n", check, code, program(), f.Repair, advice[f.Advice])
		}
	}
	return table.Flush()
}

func printChecks(w io.Writer, out verified) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "check\tlooked at\tfound\tknown\ttime")
	for _, c := range out.Checks {
		if c.LeftOut != "" {
			fmt.Fprintf(table, "%s\tleft out: the engine does not answer; start the product, or set HAOCHAPING_TEMPORAL\n", c.Check)
			continue
		}
		fmt.Fprintf(table, "%s\t%d\t%d\t%d\t%v\n", c.Check, c.Looked, c.Found, c.Known, c.Took.Round(time.Millisecond))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "%v in all, reading included; %d leaves in the ledger; root %s\n", out.Took.Round(time.Millisecond), out.Leaves, out.Root)
	return err
}

// Repair puts right what a check found.
type Repair struct {
	Check    string `arg:"" help:"The check, as verify names it."`
	Case     string `help:"Id of the case; without it what belongs to none (checks leaves, ledger, figures and sealed)."`
	Rating   string `help:"Id of a bad rating that has no case (check ratings)."`
	Reason   string `help:"Why a deadline was recorded late: overload, suspended, database or maintenance (check deadlines). Declares an outage."`
	Reported string `help:"Under what it was reported that something happened which nobody can undo, such as a document's number: it is known from then on." placeholder:"REFERENCE"`
}

func (r Repair) check() error {
	switch {
	case !slices.Contains(store.Checks, r.Check):
		return fmt.Errorf("there is no check %q: one of %v", r.Check, store.Checks)
	case r.Case != "" && r.Rating != "":
		return errors.New("name a case with --case, or a rating with --rating, not both")
	case r.Case == "" && r.Rating == "" && r.Check != store.CheckLedger && r.Check != store.CheckLeaves && r.Check != store.CheckFigures && r.Check != store.CheckSealed:
		return errors.New("name a case with --case, or a rating with --rating")
	case r.Case == "" && r.Reported != "":
		return errors.New("name the case with --case")
	}
	return nil
}

// Run prints what it mended or noted, and how to restore what must be. That, and what is to be
// reported, ends with an error that says so.
func (r Repair) Run(provide Engine) error {
	if err := r.check(); err != nil {
		return err
	}
	s, err := app.Read(os.Getenv)
	if err != nil {
		return err
	}
	hush(&s)
	ctx, stop := Told()
	defer stop()
	stopEngine, err := provide.find(ctx, &s)
	if err != nil {
		return err
	}
	defer stopEngine()
	fix := app.Fix{Check: r.Check, Case: r.Case, Rating: r.Rating, Reason: r.Reason, Reported: r.Reported, Author: console}
	done, err := app.Repair(ctx, s, fix, s.Logger())
	if errors.Is(err, store.ErrRestore) {
		for i, step := range app.RestoreSteps(s, program()) {
			fmt.Fprintf(os.Stdout, "%d. %s\n", i+1, step)
		}
	}
	if err != nil {
		return err
	}
	return printRepaired(os.Stdout, done)
}

func printRepaired(w io.Writer, done app.Repaired) (err error) {
	switch {
	case done.Number != "":
		_, err = fmt.Fprintln(w, "opened case", done.Number)
	case len(done.Noted) > 0:
		_, err = fmt.Fprintln(w, "known from now on:", done.Noted)
	case len(done.Mended) == 0:
		_, err = fmt.Fprintln(w, "nothing to mend")
	default:
		_, err = fmt.Fprintln(w, "mended:", done.Mended)
	}
	return err
}
