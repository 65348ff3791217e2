package api

import (
	"crypto/rand"
	"errors"
	"net/http"
	"net/url"

	"haochaping/regulation"
	"haochaping/store"
	"haochaping/web"
)

// passwordPath is where people change their own password.
const passwordPath = "/password"

// passwordBody tells what a new password must be like, in characters.
type passwordBody struct {
	// First tells that nothing else is open until the password is changed.
	First       bool `json:"first"`
	HasPassword bool `json:"has_password"`
	Shortest    int  `json:"shortest"`
	Longest     int  `json:"longest"`
}

func (a *API) showPassword(r *request) (answer, error) {
	account, err := a.Store.Account(r.http().Context(), r.actor.Person)
	if err != nil {
		return answer{}, err
	}
	view := a.passwordForm(r, regulation.Values{"next": {r.query("next")}}, nil)
	view.None = !account.HasPassword
	return answer{view: view, body: passwordBody{r.firstPassword, account.HasPassword, store.MinPassword, store.MaxPassword}}, nil
}

// passwordForm never shows what was typed. Where the reader was on the way to, and a form that
// waits to be sent, travel with it.
func (a *API) passwordForm(r *request, fields regulation.Values, wrong map[string]string) *web.PasswordView {
	v := &web.PasswordView{Page: a.pageFor(r), First: r.firstPassword, Next: localPath(fields.Get("next")), Shortest: store.MinPassword}
	v.Form = web.Form{Action: passwordPath, Errors: web.FieldErrors(wrong), Hidden: hiddenKept(fields)}
	return v
}

// passwordNext leads from a sign-in to the change of a first password. A form that waits to be
// sent comes along.
func (a *API) passwordNext(r *request, ans answer, fields regulation.Values) answer {
	if fields.Get(keptAction) == "" {
		return ans
	}
	return answer{body: ans.body, view: a.passwordForm(r, fields, nil)}
}

func passwordAddress(next string) string { return passwordPath + "?next=" + url.QueryEscape(next) }

// changePassword sets the reader's own password. Every other session of theirs ends.
func (a *API) changePassword(r *request) (answer, error) {
	fields, err := r.fields()
	if err != nil {
		return answer{}, err
	}
	names := []string{"old_password", "new_password", "repeat_password", "next", "idempotency_key"}
	if err := only(fields, append(names, keptFields...)...); err != nil {
		return answer{}, err
	}
	err = a.exchangePassword(r, fields)
	if refused := (*regulation.Error)(nil); errors.As(err, &refused) {
		return answer{view: a.passwordForm(r, fields, formErrors(refused))}, err
	}
	if err != nil {
		return answer{}, err
	}
	if err := a.openSession(r, r.actor.Person, r.passwords+1); err != nil {
		return answer{}, err
	}
	a.say(r, "flash.password_changed")
	next := localPath(fields.Get("next"))
	if next == "" {
		next = homeOf(a, r)
	}
	return a.afterSigningIn(r, answer{status: http.StatusNoContent, next: next}, fields)
}

func (a *API) exchangePassword(r *request, fields regulation.Values) error {
	wanted := firstOf(fields["new_password"])
	if repeated, asked := fields["repeat_password"]; asked && firstOf(repeated) != wanted {
		return (&regulation.Error{Code: regulation.Invalid, Missing: "fields"}).Field("repeat_password", "not_the_same")
	}
	return a.Store.ChangePassword(r.http().Context(), r.actor.Person, firstOf(fields["old_password"]), wanted)
}

// firstPassword draws a password of 80 random bits, to be told once and changed at once.
func firstPassword() string { return rand.Text()[:16] }

// resetPassword gives somebody who forgot theirs a first password anew, shown this once.
func (a *API) resetPassword(r *request) (answer, error) {
	account, err := a.manageable(r, r.param("person"))
	if err != nil {
		return answer{}, err
	}
	if account.Person == r.actor.Person {
		return answer{}, &regulation.Error{Code: regulation.FourEyes, Missing: "concerns_you"}
	}
	made := engagedBody{Person: account.Person, Login: account.Login, Name: account.NameZH, Password: firstPassword()}
	if err := a.Store.SetPassword(r.http().Context(), account.Person, made.Password, false, r.actor.Person); err != nil {
		return answer{}, err
	}
	return answer{body: made, view: a.madePage(r, made)}, nil
}

// madePage tells an account's first password.
func (a *API) madePage(r *request, made engagedBody) *web.NewPersonView {
	return &web.NewPersonView{Page: a.pageFor(r), Made: "/people/" + made.Person, Login: made.Login, Name: made.Name, Password: made.Password}
}
