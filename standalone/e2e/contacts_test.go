package e2e

import (
	"bytes"
	"net/http"
	"testing"
	"time"

	"haochaping/regulation"
)

// The two ways by which a contact is read (9(2)): an assigned call and an approved request. Each is walked to its end,
// by whoever may and by others, while it lasts and after.
const (
	callers    = 3 // raters who are called
	askedAbout = 3 // raters whose contact is asked for
	otherClerk = "kd-clerk-2"
	approver   = "kd-vault-1"
	calledOn   = "/cases/{id}/contact"
	revealedOn = "/reveals/{id}/contact"
)

// opened is a contact that one reader may read at an address for a while.
type opened struct {
	rater       *madeUp
	caseID      string
	route, path string
	who         string
}

// contacts has raters reached both ways; now is the product's clock, at a pace at which minutes last for seconds. Nobody
// reads one afterwards: the crawl, which follows, has no line for it. It returns the cases.
func (c *crawl) contacts(t *testing.T, s *site, raters []*madeUp, now func() time.Time) (cases []string) {
	t.Helper()
	record, w := s.record(t), newTown(t, c.where)
	people := map[string]*reader{}
	for _, login := range []string{supervisor, second, clerk, otherClerk, authority, approver, verifier, "kd-auditor", discipline, head, "kd-sysadmin", "kd-secadmin"} {
		people[login] = c.named(t, record, login)
	}
	var all []opened
	for i, r := range raters {
		form := r.contact()
		form["text"] = r.said()
		story := openCase(t, w, record, form)
		let := c.approved
		if i < callers {
			story.do(t, toFinding[0])
			let = c.assigned
		}
		o := opened{rater: r, caseID: story.id}
		let(t, people, record, &o)
		c.whileItLasts(t, people, o)
		all, cases = append(all, o), append(cases, o.caseID)
	}
	over := now().Add(16 * time.Minute) // dial_minutes and reveal_minutes are 15
	for now().Before(over) {
		time.Sleep(100 * time.Millisecond)
	}
	for _, o := range all {
		if n := c.readsContact(t, people[o.who], o, nil); n > 0 {
			t.Errorf("%s showed the contact after the time was over", o.route)
		}
	}
	t.Logf("contacts of %d raters read by an assigned call, of %d by an approved request; refused to %d others meanwhile, and to everybody afterwards",
		callers, len(all)-callers, len(people)-1)
	return cases
}

// assigned has a supervisor let a clerk call a rater.
func (c *crawl) assigned(t *testing.T, people map[string]*reader, record record, o *opened) {
	t.Helper()
	person := record.texts(t, "SELECT person FROM accounts WHERE login = ?", clerk)[0]
	c.must(t, people[supervisor], "/dialing", "/dialing", inJSON(fields{"case": []string{o.caseID}, "clerk": person}))
	o.who, o.route, o.path = clerk, calledOn, "/cases/"+o.caseID+"/contact"
}

// approved has a supervisor ask for a rater's contact, and a second person agree.
func (c *crawl) approved(t *testing.T, people map[string]*reader, record record, o *opened) {
	t.Helper()
	c.must(t, people[supervisor], "/reveals", "/reveals", inJSON(fields{"case": o.caseID, "purpose": string(regulation.RevealPressure), "reason": "评价人来电要求核对"}))
	id := record.texts(t, "SELECT id FROM reveals WHERE case_id = ?", o.caseID)[0]
	c.must(t, people[approver], "/reveals/{id}/decision", "/reveals/"+id+"/decision", inJSON(fields{"decision": regulation.RevealApproved}))
	o.who, o.route, o.path = supervisor, revealedOn, "/reveals/"+id+"/contact"
}

// whileItLasts has whoever may read the contact, as a program and on a page, and everybody else try; and all look at
// what leads there.
func (c *crawl) whileItLasts(t *testing.T, people map[string]*reader, o opened) {
	t.Helper()
	if n := c.readsContact(t, people[o.who], o, o.rater); n != 2 {
		t.Errorf("%s showed the contact in %d of 2 answers to whoever may read it", o.route, n)
	}
	for login, p := range people {
		if login != o.who && c.readsContact(t, p, o, nil) > 0 {
			t.Errorf("%s showed the contact to %s", o.route, login)
		}
		for _, path := range []string{"/cases/" + o.caseID, "/dialing", "/reveals"} {
			clear(p.seen)
			if err := c.both(p, c.routeOf(path), path, languages[:1]); err != nil {
				t.Fatal(err)
			}
		}
		clear(p.seen)
	}
}

// readsContact asks for a contact as a program and in a browser, and tells in how many answers it stood.
func (c *crawl) readsContact(t *testing.T, p *reader, o opened, contact *madeUp) (n int) {
	t.Helper()
	form := sending{kind: "application/x-www-form-urlencoded", page: true}
	for _, s := range []sending{inJSON(fields{}), form} {
		if answer := c.post(t, p, o.route, o.path, s, contact); answer.Status == http.StatusOK && bytes.Contains(answer.Body, []byte(o.rater.phone)) {
			n++
		}
	}
	return n
}
