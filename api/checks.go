package api

import (
	"errors"
	"fmt"
	"time"

	"haochaping/policies"
	"haochaping/regulation"
	"haochaping/store"
	"haochaping/web"
)

// checkBody is one check of the last verification.
type checkBody struct {
	Check   string  `json:"check"`
	Looked  int64   `json:"looked"`
	Found   int64   `json:"found"`
	Known   int64   `json:"known,omitempty"`
	Seconds float64 `json:"seconds"`
	LeftOut string  `json:"left_out,omitempty"`
}

// findingBody is what is not as it must be, and what to do about it.
type findingBody struct {
	Check  string   `json:"check"`
	Code   string   `json:"code"`
	Case   string   `json:"case,omitempty"`
	Number string   `json:"number,omitempty"`
	About  []string `json:"about"`
	Repair string   `json:"repair"` // the command, with the running program's name
	Advice string   `json:"advice,omitempty"`
	Known  string   `json:"known,omitempty"` // under what it was reported
}

type checksBody struct {
	At       time.Time     `json:"at,omitzero"` // when it ended, absent before the first
	Origin   string        `json:"origin,omitempty"`
	Found    int64         `json:"found"`
	Checks   []checkBody   `json:"checks"`
	Findings []findingBody `json:"findings"`
	Next     string        `json:"next,omitempty"`
}

// showChecks is the last verification, with the findings of the reader's area.
func (a *API) showChecks(r *request) (answer, error) {
	ctx := r.http().Context()
	last, err := a.Store.LastVerification(ctx)
	var none *regulation.Error
	if errors.As(err, &none) && none.Code == regulation.NotFound {
		return answer{body: checksBody{Checks: []checkBody{}, Findings: []findingBody{}}, view: &web.ChecksView{Page: a.pageFor(r), Program: a.Program}}, nil
	}
	if err != nil {
		return answer{}, err
	}
	q := listQuery(r)
	q.Sort = r.query("check")
	found, next, err := a.Store.Findings(ctx, a.Guard.Scope(r.actor, policies.ViewChecks), q)
	if err != nil {
		return answer{}, err
	}
	body := checksBody{At: last.EndedAt, Origin: last.Origin, Found: last.Found, Checks: []checkBody{}, Findings: []findingBody{}, Next: pageAddress(r, next)}
	for _, c := range last.Checks {
		body.Checks = append(body.Checks, checkBody{c.Check, c.Looked, c.Found, c.Known, c.Took.Seconds(), c.LeftOut})
	}
	for _, f := range found {
		body.Findings = append(body.Findings, findingBody{f.Check, f.Code, f.Case, f.Number, f.About, a.Program + " " + f.Repair, f.Advice, f.Known})
	}
	return answer{body: body, view: a.checksPage(r, last, body)}, nil
}

func (a *API) checksPage(r *request, last store.Verified, b checksBody) web.View {
	v := &web.ChecksView{Page: a.pageFor(r), Program: a.Program, At: b.At, Origin: b.Origin, Found: b.Found, Chosen: r.query("check"), Seconds: seconds(last.EndedAt.Sub(last.BeganAt).Seconds())}
	v.Next = b.Next
	for _, c := range b.Checks {
		v.Rows = append(v.Rows, web.CheckRow{Code: c.Check, Looked: c.Looked, Found: c.Found, Seconds: seconds(c.Seconds), Known: c.Known, LeftOut: c.LeftOut != "",
			Href: "/checks?check=" + c.Check + "#findings"})
	}
	cases := a.Guard.May(r.actor, policies.ViewCase)
	for _, f := range b.Findings {
		row := web.FindingRow{Check: f.Check, Code: f.Code, Number: f.Number, About: f.About, Repair: f.Repair, Advice: f.Advice, Known: f.Known}
		if cases && f.Number != "" {
			row.Href = "/cases/" + f.Case
		}
		v.Items = append(v.Items, row)
	}
	return v
}

func seconds(s float64) string { return fmt.Sprintf("%.1f", s) }
