package e2e

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"strings"
	"testing"
	"time"

	"haochaping/regulation"
)

// person is somebody at the product: their cookies, and where it is by now.
type person struct {
	where func() string // host:port, another one after a restart
	http  *http.Client
}

func newPerson(where func() string) *person {
	jar, err := cookiejar.New(nil)
	if err != nil {
		panic(err) // it has no options to be wrong
	}
	return &person{where: where, http: &http.Client{Jar: jar, Timeout: patience / 2}}
}

// fields are a JSON body: texts and lists of them.
type fields map[string]any

// reply is an answer read whole.
type reply struct {
	status int
	header http.Header
	body   []byte
}

func (r reply) String() string { return fmt.Sprintf("%d %.600s", r.status, r.body) }

// read decodes the body into whatever shape the reader knows.
func (r reply) read(t *testing.T, into any) {
	t.Helper()
	if err := json.Unmarshal(r.body, into); err != nil {
		t.Fatalf("%v in %v", err, r)
	}
}

// problem is a refusal as programs read it.
func (r reply) problem() (p struct {
	Code    regulation.Code
	Missing string
	Fields  map[string]struct{ Code string }
}) {
	_ = json.Unmarshal(r.body, &p) // anything else has no code
	return p
}

// send makes one request; an error means that nobody knows what became of it.
func (c *person) send(method, path, key string, body fields) (reply, error) {
	var content io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return reply{}, err
		}
		content = bytes.NewReader(text)
	}
	request, err := http.NewRequest(method, "http://"+c.where()+path, content)
	if err != nil {
		return reply{}, err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", "application/json")
	if key != "" {
		request.Header.Set("Idempotency-Key", key)
	}
	answer, err := c.http.Do(request)
	if err != nil {
		return reply{}, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	return reply{answer.StatusCode, answer.Header, text}, err
}

// must makes a request that has to succeed.
func (c *person) must(t *testing.T, method, path, key string, body fields) reply {
	t.Helper()
	r, err := c.send(method, path, key, body)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	if r.status >= 300 {
		t.Fatalf("%s %s: %v", method, path, r)
	}
	return r
}

// signIn enters a demo account by its one click.
func signIn(t *testing.T, where func() string, login string) *person {
	t.Helper()
	c := newPerson(where)
	c.must(t, "POST", "/demo/sign-ins", "", fields{"login": login})
	return c
}

// rating is what a citizen gets for one.
type rating struct {
	Receipt  string
	Grade    int
	Followed bool
	key      string
}

// newKey is an idempotency key, as a client draws one for each form.
func newKey() string { return rand.Text() }

// rate gives a rating at a window's code.
func rate(t *testing.T, c *person, code, grade string, more fields) rating {
	t.Helper()
	form := fields{"code": code, "grade": grade, "notice_version": "1"}
	for name, value := range more {
		form[name] = value
	}
	made := rating{key: newKey()}
	r := c.must(t, "POST", "/ratings", made.key, form)
	if r.status != http.StatusCreated {
		t.Fatalf("rating: %v", r)
	}
	r.read(t, &made)
	return made
}

// withReceipt is the citizen's own page, opened by the receipt.
func withReceipt(t *testing.T, where func() string, receipt string) *person {
	t.Helper()
	c := newPerson(where)
	c.must(t, "POST", "/receipt", "", fields{"receipt": receipt})
	return c
}

// status is what the citizen reads there.
type status struct {
	Grade int
	Steps []struct{ Code, State string }
	Reply string
}

// done is how far an act is.
type done struct {
	Act    string
	Status string
	Case   string
	Seq    int64
	Phase  regulation.Phase
}

// caseView is a case as the tests read it.
type caseView struct {
	ID        string
	Number    string
	Phase     regulation.Phase
	Seq       int64
	Finding   string
	Unit      struct{ ID string }
	Acts      []openAct
	Deadlines []struct {
		ID  string
		Act regulation.ActKind
	}
	Events []event
	Rating struct {
		Text         string
		MatterNumber string `json:"matter_number"`
		Contact      *struct{ Phone string }
	}
}

type openAct struct {
	Kind    regulation.ActKind
	Refused *struct {
		Code regulation.Code
		From time.Time
	}
}

type event struct {
	Seq       int64
	At        time.Time
	Kind      regulation.EventKind
	Name      string
	Clause    regulation.Clause
	Role      regulation.Role
	From, To  regulation.Phase
	Data      map[string]string
	Escalated *struct{ To, Reason string }
}

func (c *person) see(t *testing.T, caseID string) caseView {
	t.Helper()
	var v caseView
	c.must(t, "GET", "/cases/"+caseID, "", nil).read(t, &v)
	return v
}

// task is a line of an inbox.
type task struct {
	ID    string
	Case  string
	Act   regulation.ActKind
	Phase regulation.Phase
}

// tasks reads a tab of an inbox to its end.
func (c *person) tasks(tab string) ([]task, error) {
	var all []task
	for next := "/inbox?tab=" + tab; next != ""; {
		r, err := c.send("GET", next, "", nil)
		if err != nil {
			return all, err
		}
		var page struct {
			Tasks []task
			Next  string
		}
		if err := json.Unmarshal(r.body, &page); err != nil || r.status != http.StatusOK {
			return all, fmt.Errorf("inbox: %v (%w)", r, err)
		}
		all, next = append(all, page.Tasks...), page.Next
	}
	return all, nil
}

// names lists what happened, in order: "opened", acts, and deadlines as "!kind".
func (v caseView) names() string {
	var names []string
	for _, e := range v.Events {
		name := e.Name
		if e.Kind == regulation.EventDeadline {
			name = "!" + name
		}
		names = append(names, name)
	}
	return strings.Join(names, " ")
}

// escalations lists to whom the case went and why.
func (v caseView) escalations() []string {
	var found []string
	for _, e := range v.Events {
		if e.Escalated != nil {
			found = append(found, e.Escalated.To+" "+e.Escalated.Reason)
		}
	}
	return found
}

// readDone reads how far an act is.
func readDone(r reply) (d done, ok bool) {
	return d, json.Unmarshal(r.body, &d) == nil
}
