package api

import (
	"encoding/json"
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"haochaping/regulation"
	"haochaping/web"
)

// serve is what every route passes: who asks, the address's allowance, the guard, the handler,
// the session, the answer.
func (a *API) serve(rt route) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := a.receive(c)
		ans, err := a.handle(r, rt)
		if saving := a.saveSession(r); err == nil {
			err = saving
		}
		if err != nil {
			return a.refuse(r, ans, err)
		}
		return a.reply(r, ans)
	}
}

func (a *API) handle(r *request, rt route) (answer, error) {
	if err := a.take(rt.Limit, r.echo.RealIP()); err != nil {
		return answer{}, err
	}
	if rt.May != anybody {
		if err := a.recognise(r); err != nil {
			return answer{}, err
		}
	}
	if err := a.admit(r, rt.May); err != nil {
		return answer{}, err
	}
	return rt.Do(a, r)
}

// receive notes what a request is before anybody is asked.
func (a *API) receive(c echo.Context) *request {
	r := &request{echo: c, at: a.Now(), page: wantsPage(c.Request()), id: c.Response().Header().Get(echo.HeaderXRequestID)}
	asked := ""
	if c.Request().Method == http.MethodGet {
		asked = c.QueryParam("lang")
	}
	r.lang = web.Negotiate(asked, cookie(c, langCookie), c.Request().Header.Get("Accept-Language"))
	r.theme = web.ParseTheme(cookie(c, themeCookie))
	return r
}

func cookie(c echo.Context, name string) string {
	found, err := c.Cookie(name)
	if err != nil {
		return ""
	}
	return found.Value
}

// admit asks the guard whether the reader may do a thing of this kind at all. What the reader
// may do to a single object its handler asks, with the object's place.
func (a *API) admit(r *request, may string) error {
	switch {
	case may == anybody, may == public:
		return nil
	case may == byReceipt:
		if a.ratingOf(r) == "" {
			return &regulation.Error{Code: receiptFirst}
		}
		return nil
	case !r.signedIn():
		return &regulation.Error{Code: signInFirst}
	case may == ownAccount:
		return nil
	case r.firstPassword:
		return &regulation.Error{Code: passwordFirst, Missing: "first_password"}
	case may == signedIn, may == thatAct:
		return nil
	case a.Guard.May(r.actor, may):
		return nil
	}
	return a.notYours(may)
}

// notYours says who may do a thing that the reader may nowhere do.
func (a *API) notYours(may string) error {
	e := &regulation.Error{Code: regulation.NotPermitted, Missing: "seat"}
	for _, role := range regulation.Roles {
		for _, relation := range regulation.Relations {
			if a.Guard.Allows(role, may, relation) {
				e.Who = append(e.Who, role)
				break
			}
		}
	}
	return e
}

// signInAddress leads to where the reader shows who they are, and back.
func signInAddress(r *request, e *regulation.Error) string {
	if e.Code == receiptFirst {
		return "/receipt"
	}
	return "/sign-in?next=" + url.QueryEscape(r.http().URL.RequestURI())
}

func encode(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // only plain structs of this package are encoded
	}
	return b
}
