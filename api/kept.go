package api

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"haochaping/regulation"
	"haochaping/web"
)

// A form that is posted after the session has ended travels with the sign-in page, in fields that
// are not shown, and stands before the same person again once they are signed in. Nothing of it
// is stored here.
const (
	keptAction = "kept_action" // where the form was posted
	keptValues = "kept"        // what it carried, as in a query
	keptBy     = "kept_by"     // the id of the person whose session ended
	keptFiles  = "kept_files"  // "true" where files came with it: those are chosen again

	// readerCookie names who was signed in last in this browser, by id.
	readerCookie = "reader"

	// maxKept bounds what travels, in bytes.
	maxKept = 128 << 10
)

var keptFields = []string{keptAction, keptValues, keptBy, keptFiles}

// keptForm is the sign-in page for somebody whose session ended over a form.
func (a *API) keptForm(r *request) web.View {
	view := a.signInForm(r, nil)
	view.Flash = &web.Flash{Tone: "warn", Message: web.Msg("flash.not_kept")}
	if !a.postsTo(r.http().URL.Path) {
		return view
	}
	if view.Hidden = keptHidden(r); view.Hidden != nil {
		view.Flash.Message = web.Msg("flash.signed_out_over_form")
		view.Hidden[keptBy] = cookie(r.echo, readerCookie)
	}
	return view
}

// keptReceipt is the receipt's page for a rater whose quarter of an hour ended over a form.
func (a *API) keptReceipt(r *request) web.View {
	view := a.receiptForm(r, nil)
	view.Flash = &web.Flash{Tone: "warn", Message: web.Msg("flash.not_kept_receipt")}
	if view.Hidden = keptHidden(r); view.Hidden != nil {
		view.Flash.Message = web.Msg("flash.receipt_over_form")
	}
	return view
}

// keptHidden are the fields in which a form travels, nil where it is too large or no form.
func keptHidden(r *request) map[string]string {
	fields, err := r.fields()
	if err != nil {
		return nil
	}
	values := url.Values{}
	for name, given := range fields {
		if !strings.Contains(name, "password") {
			values[name] = given
		}
	}
	encoded := values.Encode()
	if len(encoded) > maxKept {
		return nil
	}
	hidden := map[string]string{keptAction: r.http().URL.Path, keptValues: encoded}
	if carriesFiles(r.body) {
		hidden[keptFiles] = "true"
	}
	return hidden
}

func carriesFiles(b *body) bool {
	for _, headers := range b.files {
		for _, header := range headers {
			if header.Size > 0 {
				return true
			}
		}
	}
	return false
}

// hiddenKept hands a kept form on to the next try to sign in.
func hiddenKept(fields regulation.Values) map[string]string {
	if fields.Get(keptAction) == "" {
		return nil
	}
	hidden := map[string]string{}
	for _, name := range keptFields {
		if value := fields.Get(name); value != "" {
			hidden[name] = value
		}
	}
	return hidden
}

// takesForms tells whether a route takes forms of people who are signed in.
func takesForms(rt route) bool {
	return rt.Method == http.MethodPost && !slices.Contains([]string{anybody, public, byReceipt}, rt.May)
}

// postsTo tells whether an address is of such a route.
func (a *API) postsTo(path string) bool {
	return slices.ContainsFunc(a.posts, func(pattern string) bool { return matches(pattern, path) })
}

// matches tells whether an address is one of a route's.
func matches(pattern, path string) bool {
	want, have := strings.Split(pattern, "/"), strings.Split(path, "/")
	return slices.EqualFunc(want, have, func(want, have string) bool {
		return want == have || (strings.HasPrefix(want, ":") && have != "")
	})
}

// afterSigningIn shows the form that the end of a session kept from being sent: to the same
// person only. Somebody else is told, and what was typed is dropped.
func (a *API) afterSigningIn(r *request, ans answer, kept regulation.Values) (answer, error) {
	action := kept.Get(keptAction)
	if !r.page || !a.postsTo(action) {
		return ans, nil
	}
	if by := kept.Get(keptBy); by == "" || by != r.actor.Person {
		a.say(r, "flash.kept_dropped")
		return ans, nil
	}
	values, err := url.ParseQuery(kept.Get(keptValues))
	if err != nil {
		return ans, nil
	}
	view, err := a.formAgain(r, action, regulation.Values(values))
	if err != nil {
		return answer{}, err
	}
	sentence := "flash.not_sent_yet"
	if kept.Get(keptFiles) != "" {
		sentence = "flash.not_sent_yet_files"
	}
	page := web.PageOf(view)
	page.Flash = &web.Flash{Tone: "warn", Message: web.Msg(sentence)}
	return answer{view: view}, nil
}

// formAgain draws a form's own page with what was typed; a form whose page has moved on is shown
// as it was, to be sent or copied from.
func (a *API) formAgain(r *request, action string, fields regulation.Values) (web.View, error) {
	if view := a.actAgain(r, action, fields); view != nil {
		return view, nil
	}
	if action == passwordPath { // passwords are never kept
		return a.passwordForm(r, nil, nil), nil
	}
	view := &web.KeptView{Page: a.pageFor(r), Action: action}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		for _, value := range fields[name] {
			view.Fields = append(view.Fields, web.KeptField{Name: name, Value: value, Shown: name != "idempotency_key" && value != ""})
		}
	}
	return view, nil
}

// actAgain is the case's page with the act's form open, or nil where the act is not open to the
// reader any more.
func (a *API) actAgain(r *request, action string, fields regulation.Values) web.View {
	parts := strings.Split(action, "/") // "", cases, id, acts, kind
	if !matches("/cases/:id/acts/:act", action) {
		return nil
	}
	kind := regulation.ActKind(parts[4])
	spec, _ := regulation.SpecOf(kind)
	seen, err := a.actedOn(r, parts[2], spec)
	if err != nil {
		return nil
	}
	if staged := fields.Get("staged"); staged != "" {
		fields["files"] = strings.Split(staged, ",")
	}
	view, err := a.actPage(r, seen, &tried{kind: kind, fields: fields})
	if err != nil || !offers(view, kind) {
		return nil
	}
	return view
}

// offers tells whether a page has the form of an act.
func offers(view web.View, kind regulation.ActKind) bool {
	switch v := view.(type) {
	case *web.CaseView:
		return formShown(v.Acts, kind) || formShown(v.Optional, kind)
	case *web.NoticeView:
		return formShown(v.Acts, kind)
	}
	return false
}
