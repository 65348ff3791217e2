package api_test

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"slices"
	"sort"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"

	"haochaping/api"
	"haochaping/regulation"
)

// document is openapi.yaml, loaded and validated once.
var document = sync.OnceValues(func() (*openapi3.T, error) {
	content, err := os.ReadFile("openapi.yaml")
	if err != nil {
		return nil, err
	}
	loader := openapi3.NewLoader()
	doc, err := loader.LoadFromData(content)
	if err != nil {
		return nil, err
	}
	return doc, doc.Validate(loader.Context)
})

var router = sync.OnceValues(func() (routers.Router, error) {
	doc, err := document()
	if err != nil {
		return nil, err
	}
	for _, kind := range []string{"image/svg+xml", "image/png", "text/event-stream", "text/javascript", "application/yaml", "application/pdf", "application/zip", "application/atom+xml", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"} {
		openapi3filter.RegisterBodyDecoder(kind, openapi3filter.FileBodyDecoder)
	}
	return legacy.NewRouter(doc)
})

// validating is a transport that fails the test when a request or an answer is not as
// openapi.yaml says. Requests that are meant to be wrong are refused by the handler, so only
// those that succeed are held against the document; every answer is.
type validating struct {
	t      *testing.T
	router routers.Router
}

func contract(t *testing.T) http.RoundTripper {
	t.Helper()
	r, err := router()
	must(t, err)
	return validating{t, r}
}

// RoundTrip implements http.RoundTripper.
func (v validating) RoundTrip(r *http.Request) (*http.Response, error) {
	v.t.Helper()
	sent, err := readBack(&r.Body)
	if err != nil {
		return nil, err
	}
	answer, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	body, err := readBack(&answer.Body)
	if err != nil {
		return nil, err
	}
	v.hold(r, sent, answer, body)
	return answer, nil
}

func readBack(body *io.ReadCloser) ([]byte, error) {
	if *body == nil {
		return nil, nil
	}
	content, err := io.ReadAll(*body)
	(*body).Close()
	*body = io.NopCloser(bytes.NewReader(content))
	return content, err
}

func (v validating) hold(r *http.Request, sent []byte, answer *http.Response, body []byte) {
	v.t.Helper()
	asked := r.Clone(r.Context())
	asked.URL.Scheme, asked.URL.Host, asked.Host = "", "", ""
	asked.Body = io.NopCloser(bytes.NewReader(sent))
	line, params, err := v.router.FindRoute(asked)
	if err != nil {
		v.t.Errorf("%s %s is not in openapi.yaml: %v", r.Method, r.URL.Path, err)
		return
	}
	options := &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, IncludeResponseStatus: true, MultiError: true}
	request := &openapi3filter.RequestValidationInput{Request: asked, PathParams: params, Route: line, Options: options}
	if answer.StatusCode < 400 {
		if err := openapi3filter.ValidateRequest(r.Context(), request); err != nil {
			v.t.Errorf("%s %s: the request is not as openapi.yaml says: %v", r.Method, r.URL.Path, err)
		}
	}
	response := &openapi3filter.ResponseValidationInput{RequestValidationInput: request, Status: answer.StatusCode, Header: answer.Header, Options: options}
	response.SetBodyBytes(body)
	if err := openapi3filter.ValidateResponse(r.Context(), response); err != nil {
		v.t.Errorf("%s %s: the answer %d is not as openapi.yaml says: %v", r.Method, r.URL.Path, answer.StatusCode, err)
	}
}

// Whoever writes a program against the API finds in openapi.yaml which fields each act on a docket has, and which it cannot do without.
func TestContractHasTheFieldsOfDockets(t *testing.T) {
	doc, err := document()
	must(t, err)
	told := doc.Components.Schemas["DocketAct"].Value.Description
	for _, kind := range doc.Components.Schemas["DocketLine"].Value.Properties["kind"].Value.Enum {
		for _, act := range regulation.DocketActs(regulation.DocketKind(kind.(string))) {
			if line := fieldsOfAct(act); !strings.Contains(told, line+"\n") {
				t.Errorf("openapi.yaml does not have %q", line)
			}
		}
	}
}

// fieldsOfAct is a line such as "- bulletin approve: audience* (internal, public)".
func fieldsOfAct(act regulation.DocketAct) string {
	var fields []string
	for _, f := range act.Fields {
		name := f.Name
		if f.Required {
			name += "*"
		}
		if len(f.Options) > 0 {
			name += " (" + strings.Join(f.Options, ", ") + ")"
		}
		fields = append(fields, name)
	}
	return strings.TrimSpace("- " + string(act.Kind) + " " + act.Name + ": " + strings.Join(fields, "; "))
}

// Every route of the table is in openapi.yaml, and every operation there is a route.
func TestContractHasEveryRoute(t *testing.T) {
	doc, err := document()
	must(t, err)
	var described []string
	for path, item := range doc.Paths.Map() {
		for method := range item.Operations() {
			described = append(described, method+" "+path)
		}
	}
	sort.Strings(described)
	routes := api.RouteNames()
	sort.Strings(routes)
	for _, name := range routes {
		if !slices.Contains(described, name) {
			t.Errorf("%s is a route and not in openapi.yaml", name)
		}
	}
	for _, name := range described {
		if !slices.Contains(routes, name) {
			t.Errorf("%s is in openapi.yaml and no route", name)
		}
	}
}

// What is served is the document of the repository.
func TestContractIsServed(t *testing.T) {
	o := setup(t)
	content, err := os.ReadFile("openapi.yaml")
	must(t, err)
	if served := o.program().get("/openapi.yaml").want(200); !bytes.Equal(served.body, content) {
		t.Error("another openapi.yaml is served")
	}
	if kind := o.program().get("/openapi.yaml").header.Get("Content-Type"); !strings.HasPrefix(kind, "application/yaml") {
		t.Errorf("openapi.yaml is served as %q", kind)
	}
}
