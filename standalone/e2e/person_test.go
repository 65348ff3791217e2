package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"haochaping/regulation"
	"haochaping/standalone/visit"
)

// person is somebody at the product whose requests belong to a test.
type person struct{ *visit.Person }

func newPerson(where func() string) *person { return &person{visit.New(where)} }

type fields = visit.Fields

// reply is an answer that a test reads.
type reply struct{ visit.Reply }

// read decodes the body into whatever shape the reader knows.
func (r reply) read(t *testing.T, into any) {
	t.Helper()
	if err := json.Unmarshal(r.Body, into); err != nil {
		t.Fatalf("%v in %v", err, r)
	}
}

// send makes one request; an error means that nobody knows what became of it.
func (c *person) send(method, path, key string, body fields) (reply, error) {
	r, err := c.Send(context.Background(), method, path, key, body)
	return reply{r}, err
}

// must makes a request that has to succeed.
func (c *person) must(t *testing.T, method, path, key string, body fields) reply {
	t.Helper()
	r, err := c.send(method, path, key, body)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	if r.Status >= 300 {
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

// rate gives a rating at a window's code.
func rate(t *testing.T, c *person, code, grade string, more fields) rating {
	t.Helper()
	made := rating{key: visit.Key()}
	r := c.must(t, "POST", "/ratings", made.key, visit.Rating(code, grade, more))
	if r.Status != http.StatusCreated {
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
	Tracks []reached
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
		if err := json.Unmarshal(r.Body, &page); err != nil || r.Status != http.StatusOK {
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
	return d, json.Unmarshal(r.Body, &d) == nil
}
