package commands

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"haochaping/app"
	"haochaping/regulation"
	"haochaping/store"
	"haochaping/workday"
)

// WhatIf asks what the open cases would stand at.
type WhatIf struct {
	Notice string         `type:"existingfile" help:"CSV with the header date,kind,holiday: a further notice."`
	Area   string         `help:"Division whose days the notice gives; without it the whole country."`
	Set    map[string]int `help:"A parameter in working days, such as sign_days=2; may be repeated."`
	By     string         `help:"Count what falls due until the end of this day, as 2026-12-31; default until now."`
	All    bool           `help:"List every case that would change, not the first 20."`
}

// listed is how many cases are printed without --all.
const listed = 20

// Run opens the record for reading alone, beside the running product.
func (w WhatIf) Run() error {
	ask, err := w.ask()
	if err != nil {
		return err
	}
	s, err := app.Read(os.Getenv)
	if err != nil {
		return err
	}
	ctx, stop := Told()
	defer stop()
	record, err := app.ReadRecord(ctx, s, s.Logger())
	if err != nil {
		return err
	}
	defer record.Close()
	return w.answer(ctx, record, ask)
}

func (w WhatIf) ask() (ask store.WhatIf, err error) {
	ask = store.WhatIf{Area: w.Area, Set: w.Set}
	if w.Notice != "" {
		days, err := (DaysFile{w.Notice}).read()
		if err != nil {
			return ask, err
		}
		layer, err := workday.ReadLayer("what if", "supposed", strings.NewReader(days))
		if err != nil {
			return ask, err
		}
		ask.Notice = &layer
	}
	if w.By != "" {
		ask.By, err = workday.ParseDate(w.By)
	}
	return ask, err
}

func (w WhatIf) answer(ctx context.Context, record *store.Store, ask store.WhatIf) error {
	if err := knownArea(ctx, record, w.Area); err != nil {
		return err
	}
	began := time.Now()
	r, err := record.WhatIf(ctx, regulation.Scope{All: true}, ask)
	if err != nil {
		return err
	}
	took := time.Since(began)
	cases := r.Cases
	if !w.All && len(cases) > listed {
		cases = cases[:listed]
	}
	if err := printCases(os.Stdout, cases); err != nil {
		return err
	}
	_, err = fmt.Fprintf(os.Stdout, "%d open cases, %d would change (%d listed); fallen due until %s: %d as it is, %d as supposed, %d of them newly; %.2f s, nothing written\n",
		r.Open, len(r.Cases), len(cases), shown(r.Until), r.OverdueBefore, r.OverdueAfter, r.Newly(), took.Seconds())
	return err
}

func printCases(w io.Writer, cases []store.WhatIfCase) error {
	out := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	for _, c := range cases {
		for _, change := range c.Dues() {
			fmt.Fprintf(out, "%s\t%s\t%s\t%s\n", c.Number, change.Deadline.ID, shown(change.Was.Due), shown(change.Deadline.Due))
		}
	}
	return out.Flush()
}

func shown(t time.Time) string { return t.In(workday.Shanghai).Format("2006-01-02 15:04") }
