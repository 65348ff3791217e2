package api

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"haochaping/policies"
	"haochaping/regulation"
)

// setBoxPhoto takes the picture of a box.
func (a *API) setBoxPhoto(r *request) (answer, error) {
	return a.runBox(r, "photo", r.param("id"), func(scope regulation.Scope, actor regulation.Actor, _ regulation.Values) error {
		headers := r.body.files["photo"]
		if len(headers) != 1 || headers[0].Size == 0 {
			return (&regulation.Error{Code: regulation.Invalid, Clause: regulation.ClauseBox, Missing: "fields"}).Field("photo", "required")
		}
		content, err := headers[0].Open()
		if err != nil {
			return err
		}
		return errors.Join(a.Store.SetBoxPhoto(r.http().Context(), scope, r.param("id"), content, actor), content.Close())
	})
}

// showBoxPhoto gives out the picture of a box.
func (a *API) showBoxPhoto(r *request) (answer, error) {
	file, content, err := a.Store.BoxPhoto(r.http().Context(), a.Guard.Scope(r.actor, policies.ViewBox), r.param("id"))
	if err != nil {
		return answer{}, err
	}
	return answer{file: func(c echo.Context) error { return c.Blob(http.StatusOK, file.Mime, content) }}, nil
}
