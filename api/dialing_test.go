package api_test

import (
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"haochaping/api"
	"haochaping/integration/telephony"
	"haochaping/regulation"
)

// mayCall has a clerk's call of a case assigned, whoever has claimed it.
func (o *office) mayCall(login, caseID string) {
	o.t.Helper()
	o.as("kd-supervisor-1").post("/dialing", fields{"case": []string{caseID}, "clerk": o.personOf(login)}).want(204)
}

// nameOf is the name that colleagues see of a demo account.
func (o *office) nameOf(login string) string {
	o.t.Helper()
	account, err := o.record.AccountByLogin(o.t.Context(), login)
	must(o.t, err)
	return account.NameZH
}

// toCall is a case whose rater has to be called.
func (o *office) toCall() (receipt, caseID, task string) {
	o.t.Helper()
	receipt, caseID = o.rateBadly()
	o.walk(receipt, caseID, regulation.ActRecordCallback)
	return receipt, caseID, "/tasks/" + caseID + "." + string(regulation.ActRecordCallback)
}

// To claim the call asks for it; a supervisor's one click lets that clerk alone reach that rater alone, for the
// minutes of the parameter and not one longer; then it takes another.
func TestAssignmentLetsOneClerkCallOneRaterForAQuarterOfAnHour(t *testing.T) {
	o := setup(t)
	_, caseID, task := o.toCall()
	_, other, _ := o.toCall()
	clerk, contact := o.as("kd-clerk-1"), "/cases/"+caseID+"/contact"
	clerk.post(task+"/claim", fields{}).want(204)
	clerk.post(contact, fields{}).refused(409, regulation.NotNow)
	o.browsing("kd-clerk-1").get("/cases/" + caseID).want(200).shows("认领任务即为申请").hides(`action="` + contact + `"`)

	supervisor := o.browsing("kd-supervisor-1")
	supervisor.get("/cases/"+caseID).want(200).shows(`action="/dialing"`, "准许"+o.nameOf("kd-clerk-1")+"拨打").hides(raterPhone, raterName)
	supervisor.get("/dialing").want(200).shows(caseID, "申请拨号").hides(raterPhone, raterName)
	supervisor.form("/dialing", url.Values{"case": {caseID}}).want(303)
	clerk.post(contact, fields{}).want(200).shows(raterPhone, raterName, "code_word")
	clerk.post("/cases/"+other+"/contact", fields{}).refused(409, regulation.NotNow)
	o.as("kd-clerk-2").post(contact, fields{}).refused(409, regulation.NotNow)

	o.clock.Forward(15*time.Minute - time.Second)
	clerk.post(contact, fields{}).want(200)
	o.clock.Forward(time.Second)
	clerk.post(contact, fields{}).refused(409, regulation.NotNow)
	o.as("kd-supervisor-1").get("/dialing").want(200).shows(caseID)
	supervisor.form("/dialing", url.Values{"case": {caseID}}).want(303)
	clerk.post(contact, fields{}).want(200)
	o.as("kd-auditor").get("/audit?action=assign_dialing").want(200).shows(caseID).hides(raterPhone, raterName)
}

func TestSeveralCallsAreAssignedAtOnceAndByNobodyToThemselves(t *testing.T) {
	o := setup(t)
	_, one, task := o.toCall()
	_, two, _ := o.toCall()
	o.as("kd-clerk-1").post(task+"/claim", fields{}).want(204)
	supervisor := o.as("kd-supervisor-1")
	supervisor.post("/dialing", fields{"case": []string{one, two}}).refused(422, regulation.Invalid) // nobody has the second
	o.as("kd-clerk-1").post("/cases/"+one+"/contact", fields{}).refused(409, regulation.NotNow)
	supervisor.post("/dialing", fields{"case": []string{one, two}, "clerk": o.personOf("kd-clerk-2")}).want(204)
	o.as("kd-clerk-1").post("/cases/"+one+"/contact", fields{}).want(200)
	o.as("kd-clerk-2").post("/cases/"+two+"/contact", fields{}).want(200)
	o.as("kd-clerk-2").post("/cases/"+one+"/contact", fields{}).refused(409, regulation.NotNow)

	supervisor.post("/dialing", fields{"case": []string{two}, "clerk": o.personOf("kd-verifier-1")}).refused(422, regulation.Invalid)
	supervisor.post("/dialing", fields{"case": []string{}}).refused(422, regulation.Invalid)
	o.as("kd-clerk-1").post("/dialing", fields{"case": []string{one}}).refused(403, regulation.NotPermitted)
	o.as("ld-supervisor-1").post("/dialing", fields{"case": []string{one}}).refused(404, regulation.NotFound)
	_, early := o.rateBadly()
	supervisor.post("/dialing", fields{"case": []string{early}, "clerk": o.personOf("kd-clerk-1")}).refused(409, regulation.NotNow)
	o.browsing("kd-supervisor-1").form("/dialing", url.Values{"case": {}}).want(422).shows("data-label")
}

// With a telephone exchange the clerk connects the call and never sees the number, nor does anybody else.
func TestExchangeConnectsACallWithoutShowingTheNumber(t *testing.T) {
	double := &telephony.Double{Key: "secret"}
	exchange := httptest.NewServer(double)
	t.Cleanup(exchange.Close)
	o := setup(t, func(options *api.Options) {
		options.Connect = telephony.Gateway{URL: exchange.URL, Key: "secret"}.Connect
	})
	_, caseID, _ := o.toCall()
	clerk, call := o.as("kd-clerk-1"), "/cases/"+caseID+"/call"
	clerk.post(call, fields{"extension": "8012"}).refused(409, regulation.NotNow)
	o.mayCall("kd-clerk-1", caseID)
	clerk.post("/cases/"+caseID+"/contact", fields{}).want(200).shows(raterName).hides(raterPhone)
	o.browsing("kd-clerk-1").form("/cases/"+caseID+"/contact", url.Values{}).want(200).shows(`action="` + call + `"`).hides(raterPhone)
	for _, typed := range []string{"", "1", "13812345678", "80 12", "abcd"} {
		clerk.post(call, fields{"extension": typed}).refused(422, regulation.Invalid)
	}
	clerk.post(call, fields{"extension": "8012"}).want(204)
	if calls := double.Calls(); len(calls) != 1 || calls[0].Number != raterPhone || calls[0].Extension != "8012" || strings.Contains(calls[0].Reference, caseID) {
		t.Errorf("%+v", calls)
	}
	double.SetBusy(true)
	clerk.post(call, fields{"extension": "8012"}).refused(503, regulation.Unavailable).hides(raterPhone)
	o.as("kd-auditor").get("/audit?action=reveal_contact").want(200).shows(`"purpose":"connect"`).hides(raterPhone)
	if strings.Contains(o.log.String(), raterPhone) {
		t.Error("the number is in the log")
	}
}

// The rater sees the number that calls come from and the code word that the clerk says: the same one, and
// another for each rater.
func TestRaterKnowsTheOfficeByTheCodeWord(t *testing.T) {
	o := setup(t)
	receipt, caseID, _ := o.toCall()
	second, _, _ := o.toCall()
	o.mayCall("kd-clerk-1", caseID)
	said := o.as("kd-clerk-1").post("/cases/"+caseID+"/contact", fields{}).want(200).object()["code_word"].(string)
	page := o.citizen(receipt).get("/receipt/status").want(200).object()
	if page["code_word"] != said || said == "" || page["official_number"] != "12345" {
		t.Errorf("the clerk says %q, the page %v", said, page["code_word"])
	}
	if other := o.citizen(second).get("/receipt/status").want(200).object(); other["code_word"] == said {
		t.Error("two raters have one code word")
	}
	o.browser().get("/privacy").want(200).shows("电话只从 12345 打出", "暗语")
	rater := o.browser()
	rater.form("/receipt", url.Values{"receipt": {receipt}}).want(303)
	rater.get("/receipt/status").want(200).shows(said, "为给您打回访电话").hides(o.nameOf("kd-clerk-1"), raterPhone)
	o.citizen(receipt).post("/receipt/contact/erase", fields{}).want(204)
	if page := o.citizen(receipt).get("/receipt/status").want(200).object(); page["code_word"] != nil {
		t.Error("nobody will call, and the page has a code word")
	}
}
