package api

import (
	"slices"
	"strings"

	"haochaping/policies"
	"haochaping/regulation"
	"haochaping/store"
	"haochaping/web"
)

// showCaseFile is a case to print, or for a browser to make a PDF of: what the reader's page of it shows, in order from the first step
// to the last. The audit log has it before the reader does.
func (a *API) showCaseFile(r *request) (answer, error) {
	seen, err := a.caseFor(r, r.param("id"))
	if err != nil {
		return answer{}, err
	}
	body, err := a.caseBody(r, seen)
	if err != nil {
		return answer{}, err
	}
	page, err := a.casePage(r, seen, nil)
	if err != nil {
		return answer{}, err
	}
	as := a.Guard.Assignments(r.actor, policies.ViewCase, seen.c.Subject())[0]
	if err := a.Store.Audit(r.http().Context(), store.AuditEntry{Person: r.actor.Person, Role: string(as.Role), Action: "print_case", ObjectKind: "case", ObjectID: seen.c.ID,
		Area: seen.c.Area, Unit: seen.c.Unit, Outcome: store.OutcomeDone}); err != nil {
		return answer{}, err
	}
	slices.Reverse(page.Timeline)
	page.Live = ""
	v := &web.CaseFileView{CaseView: page, Back: "/cases/" + seen.c.ID, PrintedAt: r.at, PrintedBy: r.name, WithEntries: seen.reader == regulation.ReaderAuthority}
	for _, o := range body.Orders {
		v.Orders = append(v.Orders, orderLine(r, o))
	}
	if v.WithEntries {
		p := a.places(r)
		for _, e := range seen.c.Entries {
			v.Entries = append(v.Entries, web.EntryLine{At: e.At, Kind: string(e.Kind), Sign: e.Sign, From: p.name(e.From.Unit), To: p.name(e.To.Unit)})
		}
	}
	return answer{body: body, view: v}, nil
}

func orderLine(r *request, o orderBody) web.OrderLine {
	var assist []string
	for _, unit := range o.Assist {
		assist = append(assist, nameOf(unit))
	}
	return web.OrderLine{Number: o.Number, Unit: nameOf(o.Unit), Assist: strings.Join(assist, either(r.lang, "、", ", ")), Issued: o.IssuedAt, Signed: o.SignedAt, Returned: o.Returned}
}
