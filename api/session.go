package api

import (
	"errors"
	"net/http"
	"strings"
	"time"
	"unicode"

	"github.com/alexedwards/scs/v2"

	"haochaping/regulation"
	"haochaping/store"
	"haochaping/web"
)

// What a session holds: ids and instants, no secret.
const (
	sessionPerson = "person"
	sessionSeen   = "seen" // when it was last used, Unix seconds
	sessionRating = "rating"
	sessionTyped  = "typed" // when the receipt was typed, Unix seconds
	sessionFlash  = "flash"
	// sessionPasswords is how often the person's password had been set at the sign-in.
	sessionPasswords = "passwords"
	sessionOneClick  = "one_click" // a demo's sign-in, which asks for no password

	langCookie  = "lang"
	themeCookie = "theme"

	sessionMost = 12 * time.Hour
	// seenEvery bounds how often use is written down: a session is a row, and not every look at
	// a page is worth a write.
	seenEvery = time.Minute
	// receiptLife is how long a typed receipt opens its page; then it is typed again.
	receiptLife = 15 * time.Minute
)

func (a *API) newSessions() *scs.SessionManager {
	m := scs.New()
	m.Store = a.Store.Sessions()
	m.Lifetime = sessionMost
	m.Cookie.Name = "session"
	m.Cookie.HttpOnly = true
	m.Cookie.SameSite = http.SameSiteLaxMode
	m.Cookie.Secure = a.Secure
	m.Cookie.Persist = false
	return m
}

// recognise loads the session and asks the record who that is now: a right or an account
// withdrawn a moment ago is gone with this request.
func (a *API) recognise(r *request) error {
	ctx, err := a.sessions.Load(r.http().Context(), cookie(r.echo, a.sessions.Cookie.Name))
	if err != nil {
		return err
	}
	r.echo.SetRequest(r.http().WithContext(ctx))
	r.session = true
	person := a.sessions.GetString(ctx, sessionPerson)
	if person == "" || a.idle(r) {
		return nil
	}
	return a.know(r, person)
}

// idle tells whether the session was left unused too long, and notes its use otherwise.
func (a *API) idle(r *request) bool {
	ctx, now := r.http().Context(), a.Wall()
	seen := time.Unix(a.sessions.GetInt64(ctx, sessionSeen), 0)
	if now.Sub(seen) > a.SessionLife {
		a.sessions.Remove(ctx, sessionPerson)
		return true
	}
	if now.Sub(seen) > seenEvery {
		a.sessions.Put(ctx, sessionSeen, now.Unix())
	}
	return false
}

func (a *API) know(r *request, person string) error {
	people, err := a.Store.People(r.http().Context())
	if err != nil {
		return err
	}
	actor, err := people.Actor(person, r.at)
	var refused *regulation.Error
	if errors.As(err, &refused) {
		a.sessions.Remove(r.http().Context(), sessionPerson)
		return nil
	}
	if err != nil {
		return err
	}
	account := people.Account(person)
	if a.sessions.GetInt(r.http().Context(), sessionPasswords) != account.Passwords {
		a.sessions.Remove(r.http().Context(), sessionPerson) // the password was set anew since
		return nil
	}
	r.actor, r.name, r.passwords = actor, account.NameZH, account.Passwords
	r.firstPassword = account.FirstPassword && !a.sessions.GetBool(r.http().Context(), sessionOneClick)
	return nil
}

// saveSession writes the session down before the answer's first byte.
func (a *API) saveSession(r *request) error {
	if !r.session {
		return nil
	}
	ctx := r.http().Context()
	switch a.sessions.Status(ctx) {
	case scs.Modified:
		token, expiry, err := a.sessions.Commit(ctx)
		if err != nil {
			return err
		}
		a.sessions.WriteSessionCookie(ctx, r.echo.Response(), token, expiry)
	case scs.Destroyed:
		a.sessions.WriteSessionCookie(ctx, r.echo.Response(), "", time.Time{})
	}
	return nil
}

// ratingOf is the rating whose receipt was typed a moment ago, or "".
func (a *API) ratingOf(r *request) string {
	ctx := r.http().Context()
	typed := time.Unix(a.sessions.GetInt64(ctx, sessionTyped), 0)
	if a.Wall().Sub(typed) > receiptLife {
		return ""
	}
	return a.sessions.GetString(ctx, sessionRating)
}

// signInBody is who is signed in.
type signInBody struct {
	Person      string                  `json:"person"`
	Name        string                  `json:"name"`
	Assignments []regulation.Assignment `json:"assignments"`
	// FirstPassword tells that the password is to be changed before anything else.
	FirstPassword bool `json:"first_password,omitempty"`
}

func (a *API) showSignIn(r *request) (answer, error) {
	if r.signedIn() {
		return answer{body: a.whoIs(r), next: homeOf(a, r)}, nil
	}
	view := a.signInForm(r, nil)
	view.Next = r.query("next")
	return answer{body: map[string]any{"person": nil}, view: view}, nil
}

func (a *API) signInForm(r *request, fields regulation.Values) *web.SignInView {
	v := &web.SignInView{Page: a.pageFor(r), Demo: a.Demo, Next: fields.Get("next")}
	v.Form = web.Form{Action: "/sign-in", Values: map[string][]string{"login": fields["login"]}, Hidden: hiddenKept(fields)}
	return v
}

func (a *API) signIn(r *request) (answer, error) {
	fields, err := r.fields()
	if err != nil {
		return answer{}, err
	}
	if err := only(fields, append([]string{"login", "password", "next", "idempotency_key"}, keptFields...)...); err != nil {
		return answer{}, err
	}
	account, err := a.Store.SignIn(r.http().Context(), fields.Get("login"), firstOf(fields["password"]))
	var refused *regulation.Error
	if errors.As(err, &refused) {
		view := a.signInForm(r, fields)
		view.Errors = map[string]web.Message{"": web.Msg("refusal.sign_in")}
		return answer{view: view}, &regulation.Error{Code: signInFailed, Missing: "sign_in"}
	}
	if err != nil {
		return answer{}, err
	}
	a.sessions.Remove(r.http().Context(), sessionOneClick)
	return a.enter(r, account, fields)
}

// enter begins a session under a new token, so that a token known before signing in is worth
// nothing after it.
func (a *API) enter(r *request, account store.Account, fields regulation.Values) (answer, error) {
	if err := a.openSession(r, account.Person, account.Passwords); err != nil {
		return answer{}, err
	}
	next := localPath(fields.Get("next"))
	if next == "" {
		next = homeOf(a, r)
	}
	r.echo.SetCookie(&http.Cookie{Name: readerCookie, Value: account.Person, Path: "/", HttpOnly: true, Secure: a.Secure, SameSite: http.SameSiteLaxMode})
	if r.firstPassword {
		return a.passwordNext(r, answer{body: a.whoIs(r), next: passwordAddress(next)}, fields), nil
	}
	return a.afterSigningIn(r, answer{body: a.whoIs(r), next: next}, fields)
}

func (a *API) openSession(r *request, person string, passwords int) error {
	ctx := r.http().Context()
	if err := a.sessions.RenewToken(ctx); err != nil {
		return err
	}
	a.sessions.Put(ctx, sessionPerson, person)
	a.sessions.Put(ctx, sessionPasswords, passwords)
	a.sessions.Put(ctx, sessionSeen, a.Wall().Unix())
	return a.know(r, person)
}

func (a *API) whoIs(r *request) signInBody {
	return signInBody{Person: r.actor.Person, Name: r.name, Assignments: r.actor.Assignments, FirstPassword: r.firstPassword}
}

func (a *API) signOut(r *request) (answer, error) {
	err := a.sessions.Destroy(r.http().Context())
	return answer{status: http.StatusNoContent, next: "/"}, err
}

// localPath lets only addresses of this site through.
func localPath(s string) string {
	// Browsers drop tabs and line ends: "/<tab>/host" would be another site.
	strange := func(c rune) bool { return c == '\\' || unicode.IsControl(c) }
	if !strings.HasPrefix(s, "/") || strings.HasPrefix(s, "//") || strings.ContainsFunc(s, strange) {
		return ""
	}
	return s
}

func firstOf(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return values[0]
}

// preferences keeps the reader's language and theme in cookies.
func (a *API) preferences(r *request) (answer, error) {
	fields, err := r.fields()
	if err != nil {
		return answer{}, err
	}
	if lang, ok := web.ParseLang(fields.Get("lang")); ok {
		a.setCookie(r, langCookie, string(lang))
	}
	if theme := fields.Get("theme"); theme != "" {
		a.setCookie(r, themeCookie, string(web.ParseTheme(theme)))
	}
	back := localPath(fields.Get("back"))
	if back == "" {
		back = "/"
	}
	return answer{status: http.StatusNoContent, next: back}, nil
}

func (a *API) setCookie(r *request, name, value string) {
	r.echo.SetCookie(&http.Cookie{Name: name, Value: value, Path: "/", MaxAge: 365 * 24 * 3600, HttpOnly: true,
		Secure: a.Secure, SameSite: http.SameSiteLaxMode})
}
