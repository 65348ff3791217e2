package commands

import (
	"cmp"
	"context"
	"encoding/json"
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
	JSON   bool           `name:"json" help:"Print JSON; it lists every case."`
}

// supposed is the answer as JSON has it.
type supposed struct {
	At            time.Time      `json:"at"`
	Until         time.Time      `json:"until"`
	Open          int            `json:"open"`
	Changed       int            `json:"changed"`
	OverdueBefore int            `json:"overdue_before"`
	OverdueAfter  int            `json:"overdue_after"`
	Newly         int            `json:"newly_overdue"`
	Seconds       float64        `json:"seconds"`
	Cases         []supposedCase `json:"cases"`
}

// supposedCase is a case that would change; Mark is newly_due, due, no_longer_due or "".
type supposedCase struct {
	Number string         `json:"number"`
	Unit   string         `json:"unit"`
	Phase  string         `json:"phase"`
	Mark   string         `json:"mark"`
	Due    time.Time      `json:"due,omitzero"` // the first, as supposed
	Moves  []supposedMove `json:"moves"`
}

type supposedMove struct {
	Deadline string    `json:"deadline"`
	Old      time.Time `json:"old"`
	New      time.Time `json:"new"`
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
	if w.JSON {
		encoder := json.NewEncoder(os.Stdout)
		encoder.SetIndent("", "  ")
		return encoder.Encode(supposedOf(r, took))
	}
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

func supposedOf(r store.WhatIfResult, took time.Duration) supposed {
	out := supposed{At: r.At, Until: r.Until, Open: r.Open, Changed: len(r.Cases), OverdueBefore: r.OverdueBefore, OverdueAfter: r.OverdueAfter,
		Newly: r.Newly(), Seconds: took.Seconds(), Cases: []supposedCase{}}
	for _, c := range r.Cases {
		line := supposedCase{Number: c.Number, Unit: c.Unit, Phase: string(c.Phase), Mark: c.Mark(), Due: c.Due, Moves: []supposedMove{}}
		for _, change := range c.Dues() {
			line.Moves = append(line.Moves, supposedMove{change.Deadline.ID, change.Was.Due, change.Deadline.Due})
		}
		out.Cases = append(out.Cases, line)
	}
	return out
}

// printCases prints a line for each instant that would be another, with what becomes of its case.
func printCases(w io.Writer, cases []store.WhatIfCase) error {
	out := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	for _, c := range cases {
		mark := cmp.Or(strings.ReplaceAll(c.Mark(), "_", " "), "-")
		for _, change := range c.Dues() {
			fmt.Fprintf(out, "%s\t%s\t%s\t%s\t%s\n", c.Number, mark, change.Deadline.ID, shown(change.Was.Due), shown(change.Deadline.Due))
		}
	}
	return out.Flush()
}

func shown(t time.Time) string { return t.In(workday.Shanghai).Format("2006-01-02 15:04") }
