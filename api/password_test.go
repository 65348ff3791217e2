package api_test

import (
	"net/url"
	"strings"
	"testing"

	"haochaping/store"
)

// withPassword gives a demo account a password and returns the person.
func (o *office) withPassword(login, password string, lasting bool) string {
	o.t.Helper()
	account, err := o.record.AccountByLogin(o.t.Context(), login)
	must(o.t, err)
	must(o.t, o.record.SetPassword(o.t.Context(), account.Person, password, lasting, "test"))
	return account.Person
}

func (o *office) signedIn(c *client, login, password string) *client {
	o.t.Helper()
	c.post("/sign-in", fields{"login": login, "password": password}).want(200)
	return c
}

// Whoever changes the password stays; their other sessions end with the next request.
func TestOwnPasswordEndsOtherSessions(t *testing.T) {
	o := setup(t)
	o.withPassword("kd-verifier-1", "correct horse", true)
	here, there := o.signedIn(o.program(), "kd-verifier-1", "correct horse"), o.signedIn(o.program(), "kd-verifier-1", "correct horse")
	here.get("/password").want(200).shows(`"first":false`, `"has_password":true`, `"shortest":8`)
	here.post("/password", fields{"old_password": "wrong horse", "new_password": "battery staple"}).refused(422, "invalid").shows("wrong_password")
	here.post("/password", fields{"old_password": "correct horse", "new_password": "staple"}).refused(422, "invalid").shows("too_short")
	here.post("/password", fields{"old_password": "correct horse", "new_password": "battery staple", "repeat_password": "battery stable"}).
		refused(422, "invalid").shows("not_the_same")
	there.get("/inbox").want(200)
	here.post("/password", fields{"old_password": "correct horse", "new_password": "battery staple"}).want(204)
	here.get("/inbox").want(200)
	there.get("/inbox").refused(401, "sign_in_first")
	o.program().post("/sign-in", fields{"login": "kd-verifier-1", "password": "correct horse"}).refused(403, "sign_in_failed")
	o.signedIn(o.program(), "kd-verifier-1", "battery staple")
	if strings.Contains(o.log.String(), "battery") {
		t.Error("the log has the password")
	}
	log := o.as("kd-auditor").get("/audit?action=change_password").want(200).hides("battery").object()["lines"].([]any)
	if len(log) != 2 {
		t.Errorf("%d lines of changes, want a wrong one and one that was made", len(log))
	}
}

// A password that somebody else set opens nothing but its own change.
func TestFirstPasswordComesFirst(t *testing.T) {
	o := setup(t)
	admin := o.as("kd-secadmin")
	made := admin.post("/people", fields{"login": "kd-new", "name": "新来测试", "role": "verifier", "org": "513301-authority"}).want(201).object()
	first := made["password"].(string)

	c := o.program()
	c.post("/sign-in", fields{"login": "kd-new", "password": first}).want(200).shows(`"first_password":true`)
	for _, path := range []string{"/inbox", "/cases", "/messages"} {
		c.get(path).refused(403, "password_first").shows(`"where":"/password"`, "/problems/password-first")
	}
	c.post("/tasks/x.accept/claim", fields{}).refused(403, "password_first")
	c.get("/problems/password-first").want(200)
	c.post("/password", fields{"old_password": first, "new_password": "my own password"}).want(204)
	c.get("/inbox").want(200)

	again := admin.post("/people/"+made["person"].(string)+"/password", fields{}).want(200).object()["password"].(string)
	c.get("/inbox").refused(401, "sign_in_first") // a session of the password before
	b := o.browser()
	to := b.form("/sign-in", url.Values{"login": {"kd-new"}, "password": {again}, "next": {"/cases?tab=unit"}}).want(303).header.Get("Location")
	b.get("/cases?tab=mine").want(303)
	page := b.get(to).want(200).shows("初始密码", `name="next" value="/cases?tab=unit"`).hides(`class="nav"`)
	if strings.Contains(string(page.body), again) {
		t.Error("the page has the password")
	}
	form := url.Values{"old_password": {again}, "new_password": {"another of mine"}, "repeat_password": {"another of min"}, "next": {"/cases?tab=unit"}}
	b.form("/password", form).want(422).shows("不一样", `name="next" value="/cases?tab=unit"`).hides("another of")
	form.Set("repeat_password", "another of mine")
	if at := b.form("/password", form).want(303).header.Get("Location"); at != "/cases?tab=unit" {
		t.Errorf("leads to %s", at)
	}
	b.get("/cases?tab=unit").want(200).shows("密码已修改")
}

// One click into a demo asks for no password, and nobody resets their own or a stranger's.
func TestWhoResetsPasswords(t *testing.T) {
	o := setup(t)
	o.withPassword("kd-verifier-1", "correct horse", false)
	o.as("kd-verifier-1").get("/inbox").want(200)
	o.browsing("kd-clerk-1").get("/password").want(200).shows("没有密码").hides("old_password")
	account := func(login string) store.Account {
		found, err := o.record.AccountByLogin(t.Context(), login)
		must(t, err)
		return found
	}
	o.as("kd-secadmin").post("/people/"+account("kd-secadmin").Person+"/password", fields{}).refused(403, "four_eyes")
	o.as("kd-secadmin").post("/people/"+account("gz-head").Person+"/password", fields{}).refused(404, "not_found")
	o.as("kd-clerk-1").post("/people/"+account("kd-verifier-1").Person+"/password", fields{}).refused(403, "not_permitted")
	o.program().get("/password").refused(401, "sign_in_first")
}

// A form that the end of a session kept waits behind the change of a first password.
func TestAKeptFormWaitsForTheFirstPassword(t *testing.T) {
	o, wall := officeWithClock(t)
	_, caseID := o.rateBadly()
	o.withPassword("kd-supervisor-1", "correct horse", true)
	b := o.browser()
	b.form("/sign-in", url.Values{"login": {"kd-supervisor-1"}, "password": {"correct horse"}}).want(303)
	wall.expire()
	kept := b.form("/cases/"+caseID+"/acts/accept", url.Values{"note": {"请尽快核实"}, "idempotency_key": {"n"}}).want(401).hidden()
	o.withPassword("kd-supervisor-1", "given by another", false)
	kept.Set("login", "kd-supervisor-1")
	kept.Set("password", "given by another")
	waiting := b.form("/sign-in", kept).want(200).shows("初始密码").hidden()
	waiting.Set("old_password", "given by another")
	waiting.Set("new_password", "one of my own")
	b.form("/password", waiting).want(200).shows("请尽快核实", "还没有提交")
}
