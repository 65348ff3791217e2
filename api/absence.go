package api

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"haochaping/regulation"
	"haochaping/store"
	"haochaping/web"
	"haochaping/workday"
)

// personRef is a colleague by id and name.
type personRef struct {
	Person string `json:"person"`
	Name   string `json:"name"`
}

// absenceBody is an absence and who stands in. State is coming, running, over or revoked.
type absenceBody struct {
	ID         string    `json:"id"`
	Absent     personRef `json:"absent"`
	Substitute personRef `json:"substitute"`
	// Acting is who acts now, where the substitute is absent too; Chain is who follows upon whom then,
	// from the absent colleague to the one who acts.
	Acting    *personRef  `json:"acting,omitempty"`
	Chain     []personRef `json:"chain,omitempty"`
	From      string      `json:"from"`  // the first day
	Until     string      `json:"until"` // the last day
	Reason    string      `json:"reason"`
	State     string      `json:"state"`
	SetBy     string      `json:"set_by"` // a name
	SetAt     time.Time   `json:"set_at"`
	RevokedBy string      `json:"revoked_by,omitempty"` // a name
	RevokedAt time.Time   `json:"revoked_at,omitzero"`
	// Revocable says whether the reader may end it now, or take it back.
	Revocable bool `json:"revocable"`
}

// candidateBody is a colleague who may stand in, with the roles that they hold themselves.
type candidateBody struct {
	personRef
	Roles []regulation.Role `json:"roles"`
}

// absencesBody is the reader's own absences and substitutions, or those of the offices that the
// reader leads: then People are whose absence may be entered.
type absencesBody struct {
	Absences   []absenceBody   `json:"absences"`
	StandsIn   []absenceBody   `json:"stands_in,omitempty"`
	People     []personRef     `json:"people,omitempty"`
	Candidates []candidateBody `json:"candidates"`
	Reasons    []string        `json:"reasons"`
	Longest    int             `json:"longest_days"`
}

// roll is the people of one answer, with who reads it and when.
type roll struct {
	people *store.People
	actor  regulation.Actor
	at     time.Time
}

func (a *API) roll(r *request) (roll, error) {
	people, err := a.Store.People(r.http().Context())
	return roll{people, r.actor, r.at}, err
}

func (l roll) ref(person string) personRef { return personRef{person, l.people.Name(person)} }

func (l roll) body(s store.Substitution) absenceBody {
	b := absenceBody{ID: s.ID, Absent: l.ref(s.Absent), Substitute: l.ref(s.Substitute), From: s.From.String(), Until: s.Until.String(),
		Reason: s.Reason, State: l.state(s), SetBy: l.people.Name(s.SetBy), SetAt: s.SetAt}
	if !s.RevokedAt.IsZero() {
		b.RevokedBy, b.RevokedAt = l.people.Name(s.RevokedBy), s.RevokedAt
	}
	if end, known := l.people.ActsFor(s.Absent, l.at); known && end != s.Substitute && b.State == "running" {
		acting := l.ref(end)
		b.Acting = &acting
		for _, person := range l.people.Chain(s.Absent, l.at) {
			b.Chain = append(b.Chain, l.ref(person))
		}
	}
	b.Revocable = !s.Over(l.at) && s.RevokedAt.IsZero() && l.people.MayEnter(l.actor, s.Absent, l.at)
	return b
}

func (l roll) state(s store.Substitution) string {
	switch {
	case !s.RevokedAt.IsZero():
		return "revoked"
	case s.InForce(l.at):
		return "running"
	case s.Over(l.at):
		return "over"
	}
	return "coming"
}

func (l roll) bodies(keep func(store.Substitution) bool) []absenceBody {
	bodies := []absenceBody{}
	for _, s := range l.people.Absences(keep) {
		bodies = append(bodies, l.body(s))
	}
	return bodies
}

// candidates are who may stand in for any of these people.
func (l roll) candidates(absent ...string) []candidateBody {
	found := []candidateBody{}
	for _, person := range absent {
		for _, account := range l.people.Candidates(person, l.at) {
			if slices.ContainsFunc(found, func(c candidateBody) bool { return c.Person == account.Person }) {
				continue
			}
			c := candidateBody{personRef: l.ref(account.Person)}
			for _, post := range l.people.Posts(account.Person, l.at) {
				if !slices.Contains(c.Roles, post.Role) {
					c.Roles = append(c.Roles, post.Role)
				}
			}
			found = append(found, c)
		}
	}
	return found
}

// led lists whose absence the reader may enter, themselves left out.
func (l roll) led() []personRef {
	var led []personRef
	for _, account := range l.people.Open() {
		if account.Person != l.actor.Person && l.people.MayEnter(l.actor, account.Person, l.at) {
			led = append(led, l.ref(account.Person))
		}
	}
	return led
}

func (a *API) ownAbsences(r *request) (absencesBody, error) {
	l, err := a.roll(r)
	if err != nil {
		return absencesBody{}, err
	}
	body := absencesBody{Candidates: l.candidates(r.actor.Person), Reasons: regulation.AbsenceReasons}
	body.Absences = l.bodies(func(s store.Substitution) bool { return s.Absent == r.actor.Person })
	body.StandsIn = l.bodies(func(s store.Substitution) bool {
		end, _ := l.people.ActsFor(s.Absent, r.at)
		return !s.Over(r.at) && (s.Substitute == r.actor.Person || (s.InForce(r.at) && end == r.actor.Person))
	})
	body.Longest, err = a.Store.LongestAbsence(r.http().Context())
	return body, err
}

func (a *API) officeAbsences(r *request) (absencesBody, error) {
	l, err := a.roll(r)
	if err != nil {
		return absencesBody{}, err
	}
	body := absencesBody{People: l.led(), Reasons: regulation.AbsenceReasons}
	var led []string
	for _, person := range body.People {
		led = append(led, person.Person)
	}
	body.Candidates = l.candidates(led...)
	body.Absences = l.bodies(func(s store.Substitution) bool { return slices.Contains(led, s.Absent) })
	body.Longest, err = a.Store.LongestAbsence(r.http().Context())
	return body, err
}

// showAbsence is the reader's own absences: past, present and to come, and for whom they stand in.
func (a *API) showAbsence(r *request) (answer, error) {
	body, err := a.ownAbsences(r)
	if err != nil {
		return answer{}, err
	}
	return answer{body: body, view: a.absencePage(r, body, nil, nil)}, nil
}

// showSubstitutions is the absences of those whom the reader leads.
func (a *API) showSubstitutions(r *request) (answer, error) {
	body, err := a.officeAbsences(r)
	if err != nil {
		return answer{}, err
	}
	return answer{body: body, view: a.substitutionsPage(r, body, nil, nil)}, nil
}

// enterAbsence enters the reader's own absence.
func (a *API) enterAbsence(r *request) (answer, error) {
	fields, err := r.fields()
	if err != nil {
		return answer{}, err
	}
	if err := only(fields, "substitute", "from", "until", "reason", "idempotency_key"); err != nil {
		return answer{}, err
	}
	ans, err := a.putAbsence(r, r.actor.Person, fields, "/absence")
	if refused := (*regulation.Error)(nil); errors.As(err, &refused) {
		body, drawing := a.ownAbsences(r)
		ans.view = a.absencePage(r, body, fields, a.absenceErrors(r, err, refused))
		return ans, errors.Join(err, drawing)
	}
	return ans, err
}

// enterSubstitution enters the absence of somebody whom the reader leads.
func (a *API) enterSubstitution(r *request) (answer, error) {
	fields, err := r.fields()
	if err != nil {
		return answer{}, err
	}
	if err := only(fields, "absent", "substitute", "from", "until", "reason", "idempotency_key"); err != nil {
		return answer{}, err
	}
	l, err := a.roll(r)
	if err != nil {
		return answer{}, err
	}
	absent, ans := fields.Get("absent"), answer{}
	if absent == "" || !l.people.MayEnter(r.actor, absent, r.at) {
		err = (&regulation.Error{Code: regulation.Invalid, Missing: "fields"}).Field("absent", "not_an_option")
	} else {
		ans, err = a.putAbsence(r, absent, fields, "/substitutions")
	}
	if refused := (*regulation.Error)(nil); errors.As(err, &refused) {
		body, drawing := a.officeAbsences(r)
		ans.view = a.substitutionsPage(r, body, fields, a.absenceErrors(r, err, refused))
		return ans, errors.Join(err, drawing)
	}
	return ans, err
}

// enterPersonAbsence enters somebody's absence for the administrator of their area, who takes nobody's
// place.
func (a *API) enterPersonAbsence(r *request) (answer, error) {
	account, err := a.manageable(r, r.param("person"))
	if err != nil {
		return answer{}, err
	}
	fields, err := r.fields()
	if err != nil {
		return answer{}, err
	}
	if err := only(fields, "substitute", "from", "until", "reason", "idempotency_key"); err != nil {
		return answer{}, err
	}
	ans := answer{}
	switch r.actor.Person {
	case account.Person:
		err = &regulation.Error{Code: regulation.FourEyes, Missing: "concerns_you"}
	case fields.Get("substitute"):
		err = (&regulation.Error{Code: regulation.Invalid, Missing: "fields"}).Field("substitute", "cannot_stand_in")
	default:
		ans, err = a.putAbsence(r, account.Person, fields, "/people/"+account.Person)
		if entered, done := ans.body.(absenceBody); done {
			entered.Revocable = true
			ans.body = entered
		}
	}
	if refused := (*regulation.Error)(nil); errors.As(err, &refused) {
		view, drawing := a.personWith(r, account, fields, a.absenceErrors(r, err, refused))
		return answer{view: view}, errors.Join(err, drawing)
	}
	return ans, err
}

// putAbsence puts one absence on record.
func (a *API) putAbsence(r *request, absent string, fields regulation.Values, next string) (answer, error) {
	from, _ := workday.ParseDate(fields.Get("from")) // what is no date is refused by the rules
	until, _ := workday.ParseDate(fields.Get("until"))
	entered, err := a.Store.EnterAbsence(r.http().Context(), regulation.Absence{Absent: absent, Substitute: fields.Get("substitute"),
		From: from, Until: until, Reason: fields.Get("reason")}, r.actor.Person)
	if err != nil {
		return answer{}, err
	}
	l, err := a.roll(r)
	if err != nil {
		return answer{}, err
	}
	if entered.Begins.Equal(entered.SetAt) {
		l.at = entered.Begins // it began a moment after the request came
	}
	a.say(r, "flash.absence_entered")
	return answer{status: http.StatusCreated, body: l.body(entered), next: next}, nil
}

// revokeAbsence ends an absence now, or takes it back: by the absent person, by whoever leads the
// office, or by the administrator of the area. To others it is not there.
func (a *API) revokeAbsence(r *request) (answer, error) {
	fields, err := r.fields()
	if err != nil {
		return answer{}, err
	}
	if err := only(fields, "back", "idempotency_key"); err != nil {
		return answer{}, err
	}
	l, err := a.roll(r)
	if err != nil {
		return answer{}, err
	}
	s, known := l.people.Substitution(r.param("id"))
	if !known {
		return answer{}, notFound("absence")
	}
	if !l.people.MayEnter(r.actor, s.Absent, r.at) {
		if _, err := a.manageable(r, s.Absent); err != nil {
			return answer{}, notFound("absence")
		}
	}
	if err := a.Store.RevokeAbsence(r.http().Context(), s.ID, r.actor.Person); err != nil {
		return answer{}, err
	}
	a.say(r, "flash.absence_revoked")
	next := localPath(fields.Get("back"))
	if next == "" {
		next = "/absence"
	}
	return answer{status: http.StatusNoContent, next: next}, nil
}

// absenceErrors are what is wrong, by field; an overlap says with what.
func (a *API) absenceErrors(r *request, err error, refused *regulation.Error) map[string]web.Message {
	if overlap := (*store.Overlap)(nil); errors.As(err, &overlap) {
		if words, known := a.overlapWords(r, overlap); known {
			return map[string]web.Message{"from": words}
		}
	}
	return web.FieldErrors(formErrors(refused))
}

// overlapWords name the absence that is on record already.
func (a *API) overlapWords(r *request, o *store.Overlap) (web.Message, bool) {
	l, err := a.roll(r)
	if err != nil {
		return web.Message{}, false
	}
	return web.Msg("refusal.absence_overlaps_with", dayIn(r.lang, o.With.From.String()), dayIn(r.lang, o.With.Until.String()), l.people.Name(o.With.Substitute)), true
}

// absenceFields are the form's fields, with those who may be chosen.
func absenceFields(r *request, candidates []candidateBody, typed regulation.Values, wrong map[string]web.Message) []web.Field {
	today := workday.DateOf(r.at)
	substitute := web.Field{Name: "substitute", Kind: web.FieldSelect, Label: "absence.substitute", Help: "absence.substitute.help", Required: true}
	for _, c := range candidates {
		substitute.Options = append(substitute.Options, web.Option{Value: c.Person, Text: candidateText(r.lang, c)})
	}
	from := web.Field{Name: "from", Kind: web.FieldDate, Label: "absence.from", Required: true, Min: today.String()}
	until := web.Field{Name: "until", Kind: web.FieldDate, Label: "absence.until", Required: true, Min: today.String()}
	reason := web.Field{Name: "reason", Kind: web.FieldRadio, Label: "absence.reason", Help: "absence.reason.help", Required: true}
	for _, code := range regulation.AbsenceReasons {
		reason.Options = append(reason.Options, web.Option{Value: code, Key: "absence.reason." + code})
	}
	return filled([]web.Field{from, until, substitute, reason}, typed, wrong)
}

func filled(fields []web.Field, typed regulation.Values, wrong map[string]web.Message) []web.Field {
	for i := range fields {
		fields[i].Values = typed[fields[i].Name]
		if message, bad := wrong[fields[i].Name]; bad {
			fields[i].Error = &message
		}
	}
	return fields
}

func candidateText(lang web.Lang, c candidateBody) string {
	var roles []string
	for _, role := range c.Roles {
		roles = append(roles, web.T(lang, "role."+string(role)))
	}
	return web.T(lang, "absence.candidate", c.Name, strings.Join(roles, either(lang, "、", ", ")))
}

// overall are the errors that no field of the form is for.
func overall(wrong map[string]web.Message, fields []web.Field) map[string]web.Message {
	left := map[string]web.Message{}
	for name, message := range wrong {
		if !slices.ContainsFunc(fields, func(f web.Field) bool { return f.Name == name }) {
			left[""] = message
		}
	}
	return left
}

func (a *API) absencePage(r *request, b absencesBody, typed regulation.Values, wrong map[string]web.Message) *web.AbsenceView {
	v := &web.AbsenceView{Page: a.pageFor(r), Longest: b.Longest, Absences: drawnAbsences(b.Absences, "/absence"), StandsIn: drawnAbsences(b.StandsIn, "/absence")}
	if len(b.Candidates) > 0 {
		v.Fields = absenceFields(r, b.Candidates, typed, wrong)
	}
	v.Form = web.Form{Action: "/absence", Errors: overall(wrong, v.Fields)}
	return v
}

func (a *API) substitutionsPage(r *request, b absencesBody, typed regulation.Values, wrong map[string]web.Message) *web.AbsenceView {
	v := &web.AbsenceView{Page: a.pageFor(r), Office: true, Longest: b.Longest, Absences: drawnAbsences(b.Absences, "/substitutions")}
	if len(b.People) > 0 {
		absent := web.Field{Name: "absent", Kind: web.FieldSelect, Label: "absence.absent", Required: true}
		for _, person := range b.People {
			absent.Options = append(absent.Options, web.Option{Value: person.Person, Text: person.Name})
		}
		v.Fields = append(filled([]web.Field{absent}, typed, wrong), absenceFields(r, b.Candidates, typed, wrong)...)
	}
	v.Form = web.Form{Action: "/substitutions", Errors: overall(wrong, v.Fields)}
	return v
}

func drawnAbsences(bodies []absenceBody, back string) []web.Absence {
	var drawn []web.Absence
	for _, b := range bodies {
		from, _ := workday.ParseDate(b.From) // written by body
		until, _ := workday.ParseDate(b.Until)
		one := web.Absence{Who: b.Absent.Name, Substitute: b.Substitute.Name, From: from.Start(), Until: until.Start(), Reason: b.Reason, State: b.State,
			SetBy: b.SetBy, SetAt: b.SetAt, RevokedBy: b.RevokedBy, RevokedAt: b.RevokedAt, Back: back}
		if b.Acting != nil {
			one.Acting = b.Acting.Name
		}
		for _, link := range b.Chain {
			one.Chain = append(one.Chain, link.Name)
		}
		if b.Revocable {
			one.Revoke = "/substitutions/" + b.ID + "/revoke"
		}
		drawn = append(drawn, one)
	}
	return drawn
}

// personAbsences are the absences of somebody, for the administrator of their area.
func (a *API) personAbsences(r *request, person string) (absencesBody, error) {
	l, err := a.roll(r)
	if err != nil {
		return absencesBody{}, err
	}
	body := absencesBody{Candidates: l.candidates(person), Reasons: regulation.AbsenceReasons}
	body.Absences = l.bodies(func(s store.Substitution) bool { return s.Absent == person })
	for i, absence := range body.Absences {
		body.Absences[i].Revocable = absence.State == "coming" || absence.State == "running"
	}
	body.Candidates = slices.DeleteFunc(body.Candidates, func(c candidateBody) bool { return c.Person == r.actor.Person })
	body.Longest, err = a.Store.LongestAbsence(r.http().Context())
	return body, err
}

// awayNote tells somebody on every page that they are entered as absent.
func (a *API) awayNote(r *request) *web.Away {
	l, err := a.roll(r)
	if err != nil {
		return nil
	}
	s, away := l.people.Absent(r.actor.Person, r.at)
	if !away {
		return nil
	}
	end, _ := l.people.ActsFor(s.Absent, r.at)
	return &web.Away{Until: s.Until.Start(), Acting: l.people.Name(end)}
}

// actedFor names in whose place an event was done: the person absent first, then those between; to
// readers who see no names it is an empty list.
func actedFor(reader regulation.Reader, as regulation.Assignment, people *store.People) *actedForBody {
	if as.For == "" {
		return nil
	}
	b := &actedForBody{Names: []string{}}
	if reader == regulation.ReaderAuthority {
		for _, person := range as.Absent() {
			b.Names = append(b.Names, people.Name(person))
		}
	}
	return b
}

type actedForBody struct {
	Names []string `json:"names"`
}

// words tell in whose place an act was done, or would be.
func (b *actedForBody) words(lang web.Lang, key string) string {
	switch {
	case b == nil:
		return ""
	case len(b.Names) == 0:
		return web.T(lang, key+".somebody")
	case len(b.Names) == 1:
		return web.T(lang, key, b.Names[0])
	}
	return web.T(lang, key+".chain", b.Names[0], strings.Join(b.Names[1:], either(lang, "、", ", ")))
}

// inWhosePlace says for each task in whose place the reader would do it: only where no post of the
// reader's own lets them.
func (a *API) inWhosePlace(ctx context.Context, r *request, people *store.People, items []store.TaskItem) (map[string]*actedForBody, error) {
	if !slices.ContainsFunc(r.actor.Assignments, func(as regulation.Assignment) bool { return as.For != "" }) {
		return nil, nil
	}
	var ids []string
	for _, t := range items {
		ids = append(ids, t.ID)
	}
	seats, err := a.Store.SeatsOf(ctx, ids...)
	places := map[string]*actedForBody{}
	for id, before := range seats {
		if as, sits := r.actor.SeatedAs(before); sits {
			places[id] = actedFor(regulation.ReaderAuthority, as, people)
		}
	}
	return places, err
}
