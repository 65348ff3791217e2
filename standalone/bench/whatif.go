package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"haochaping/regulation"
	"haochaping/store"
	"haochaping/workday"
)

// WhatIfPlan says how the question what if is measured.
type WhatIfPlan struct {
	Cases  int // open cases in the record
	Rounds int // times each question is asked
}

// WhatIfFigures are how long the answers took with many cases open: the slowest of the rounds.
type WhatIfFigures struct {
	Name             string
	Open             int
	Notice, Days     time.Duration
	MovedBy, Changed int // cases that the notice, and the other days, would change
	Filled           time.Duration
}

// Print writes one line a question.
func (f WhatIfFigures) Print(w io.Writer) {
	fmt.Fprintf(w, "what if, %s, %d open cases (made in %.0f s); the target is 10 s\n", f.Name, f.Open, f.Filled.Seconds())
	fmt.Fprintf(w, "  another notice               %8d cases would change %8.2f s\n", f.MovedBy, f.Notice.Seconds())
	fmt.Fprintf(w, "  other numbers of days        %8d cases would change %8.2f s\n", f.Changed, f.Days.Seconds())
}

// MeasureWhatIf fills a record with open cases at every stage of the main line and asks.
func MeasureWhatIf(ctx context.Context, d Database, p WhatIfPlan) (f WhatIfFigures, err error) {
	f.Name = "record on " + d.Name()
	record, err := d.Open(ctx, time.Now)
	if err != nil {
		return f, err
	}
	defer closing(record.Close, &err)
	began := time.Now()
	if err := fillStages(ctx, record, p.Cases); err != nil {
		return f, err
	}
	f.Filled = time.Since(began)
	layer := daysOff(workday.DateOf(time.Now()))
	if f.Notice, f.Open, f.MovedBy, err = ask(ctx, record, p.Rounds, store.WhatIf{Notice: &layer}); err != nil {
		return f, err
	}
	set := map[string]int{regulation.RectificationDays: 10, regulation.SignDays: 2, regulation.AcceptDays: 2}
	f.Days, _, f.Changed, err = ask(ctx, record, p.Rounds, store.WhatIf{Set: set})
	return f, err
}

// ask puts a question several times and returns the slowest answer's time.
func ask(ctx context.Context, r *Record, rounds int, w store.WhatIf) (slowest time.Duration, open, changed int, err error) {
	for range rounds {
		began := time.Now()
		result, err := r.WhatIf(ctx, regulation.Scope{All: true}, w)
		if err != nil {
			return slowest, open, changed, err
		}
		slowest, open, changed = max(slowest, time.Since(began)), result.Open, len(result.Cases)
	}
	return slowest, open, changed, nil
}

// daysOff makes every second of the coming twenty days free.
func daysOff(today workday.Date) workday.Layer {
	l := workday.Layer{Name: "what if", Version: "bench", Days: map[workday.Date]workday.Kind{}}
	for n := 1; n <= 20; n += 2 {
		l.Days[today.AddDays(n)] = workday.Off
	}
	return l
}

// stages are how many acts the cases of the measurement have behind them.
const stages = 8

// staged is how many cases the product makes itself at each stage; the others are copies.
const staged = 25

// fillStages opens cases, leads them to the first stages of the main line, and multiplies them.
func fillStages(ctx context.Context, r *Record, cases int) error {
	target, err := r.WindowTarget(ctx, measuredWindow)
	if err != nil {
		return err
	}
	acts := mainLine(time.Now())
	for n := range stages * staged {
		saved, err := r.SaveRating(ctx, badRating(target, time.Now()))
		if err != nil {
			return err
		}
		for _, a := range acts[:n%stages] {
			if err := r.lead(ctx, saved.CaseID, a); err != nil {
				return err
			}
		}
	}
	if err := r.integrate(ctx); err != nil {
		return err
	}
	if cases <= stages*staged {
		return nil
	}
	return r.multiply(ctx, cases/(stages*staged))
}

// lead does one act by whoever may.
func (r *Record) lead(ctx context.Context, caseID string, a act) error {
	actor, err := r.able(ctx, caseID, a)
	if err != nil {
		return err
	}
	row, err := r.SubmitAct(ctx, store.ActRequest{CaseID: caseID, Kind: a.kind, Values: a.values, Actor: actor, Key: caseID + string(a.kind)})
	if err != nil {
		return err
	}
	step, err := r.RecordAct(ctx, caseID, row.ID)
	if err != nil || step.Refused != "" {
		return errors.Join(fmt.Errorf("%s: refused %q", a.kind, step.Refused), err)
	}
	return nil
}
