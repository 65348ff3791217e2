package api

import (
	"context"
	_ "embed"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"haochaping/regulation"
)

//go:embed openapi.yaml
var openapi []byte

func (a *API) openapi(*request) (answer, error) {
	return answer{file: func(c echo.Context) error {
		return c.Blob(http.StatusOK, "application/yaml; charset=utf-8", openapi)
	}}, nil
}

// healthBody tells how each part is: "ok" or "away".
type healthBody struct {
	Status string            `json:"status"`
	Parts  map[string]string `json:"parts,omitempty"`
}

// healthy answers as long as the process runs.
func (a *API) healthy(*request) (answer, error) {
	return answer{body: healthBody{Status: "ok"}}, nil
}

// ready tells whether requests should come here. Without the engine ratings are taken and pages
// shown, so its absence is told and makes nobody turn away; without the record nothing works.
func (a *API) ready(r *request) (answer, error) {
	ctx, done := context.WithTimeout(r.http().Context(), 2*time.Second)
	defer done()
	body := healthBody{Status: "ok", Parts: map[string]string{"record": "ok", "engine": "ok"}}
	if !a.EngineUp() {
		body.Parts["engine"] = "away"
	}
	if err := a.Store.Ping(ctx); err != nil {
		return answer{}, &regulation.Error{Code: regulation.Unavailable, Missing: "record"}
	}
	return answer{body: body}, nil
}
