package api_test

import (
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"haochaping/regulation"
)

// Who serves and answers at the general reception, which the authority staffs itself.
const (
	receptionWindow  = "513301-w16"
	receptionStaff   = "st0116"
	receptionLogin   = "kd-window-16"
	receptionHandler = "kd-reception-handler"
	receptionHead    = "kd-reception-head"
	ratedAuthority   = "513301-authority"
)

// rateAuthority has the reception rated badly.
func (o *office) rateAuthority() (receipt, caseID string) {
	o.t.Helper()
	rating := badRating(o.t)
	rating["code"], rating["staff"] = windowCode(o.t, receptionWindow), receptionStaff
	receipt = o.program().post("/ratings", rating).want(201).object()["receipt"].(string)
	return receipt, o.caseOf(receipt).ID
}

// atReception is the main line with the authority itself as the unit.
func atReception() []step {
	var line []step
	at := map[string]string{"kd-psb-handler-1": receptionHandler, "kd-psb-head": receptionHead}
	for _, s := range mainLine {
		if login, unit := at[s.by]; unit {
			s.by = login
		}
		if s.act == regulation.ActTransfer {
			s.values = maps.Clone(s.values)
			s.values["unit"] = ratedAuthority
		}
		line = append(line, s)
	}
	return line
}

func (o *office) atReception(receipt, caseID string, until regulation.ActKind) {
	o.t.Helper()
	for _, s := range atReception() {
		if s.act == until {
			return
		}
		o.step(receipt, caseID, s)
		o.clock.Forward(time.Minute)
	}
}

// beforeWhom are the seats before which an act of a case lies.
func (o *office) beforeWhom(receipt string, kind regulation.ActKind) []regulation.Seat {
	o.t.Helper()
	c := o.caseOf(receipt)
	await := c.Await(kind)
	if await == nil {
		o.t.Fatalf("nothing waits for %s", kind)
	}
	return await.Seats
}

// A citizen rates the reception; the notice goes to its head and who served, and the order to its own
// people, to the end of the case.
func TestAnAuthorityIsRatedAndItsOwnPeopleAnswer(t *testing.T) {
	o := setup(t)
	o.browser().get("/r/"+windowCode(t, receptionWindow)).want(200).shows("康定市政务服务管理局", "综合受理窗口")
	receipt, caseID := o.rateAuthority()
	if c := o.caseOf(receipt); c.Rated.Unit != ratedAuthority || c.Authority != ratedAuthority || c.Upper != "513300-authority" {
		t.Fatalf("%+v", c.Rated)
	}
	o.as(receptionHead).get("/notices/" + caseID).want(404) // not served yet
	o.atReception(receipt, caseID, regulation.ActAskConsent)
	for _, login := range []string{receptionHead, receptionLogin} {
		o.as(login).get("/notices/"+caseID).want(200).hides(raterWords, raterName, raterPhone)
		if kinds(o.as(login).get("/notices/" + caseID).object())["lodge_appeal"] == nil {
			t.Errorf("%s may not appeal", login)
		}
	}
	for _, login := range []string{"kd-psb-head", "kd-window-03"} {
		o.as(login).get("/notices/" + caseID).want(404)
	}
	o.as(receptionHandler).get("/cases/" + caseID).want(404) // no order to it yet
	o.act("kd-clerk-1", caseID, regulation.ActAskConsent, fields{"answer": "no"}).want(201)
	o.browsing("kd-supervisor-1").get("/cases/" + caseID).want(200).shows(`value="513301-authority"`)
	for _, s := range atReception()[5:] {
		o.step(receipt, caseID, s)
		o.clock.Forward(time.Minute)
		o.as(receptionHandler).get("/cases/"+caseID).want(200).hides(raterWords, raterName, raterPhone)
	}
	o.as("kd-auditor").get("/cases/" + caseID).want(200) // its other people stand to the case as they do to any
	if phase := o.caseOf(receipt).Phase; phase != regulation.PhaseClosed {
		t.Errorf("the case is in %s", phase)
	}
}

// What the authority's own side disputes goes one level up: the appeal, malice, the write-off.
func TestAnAuthoritysAppealAndTracksGoOneLevelUp(t *testing.T) {
	o := setup(t)
	receipt, caseID := o.rateAuthority()
	o.atReception(receipt, caseID, regulation.ActAskConsent)
	o.act("kd-psb-head", caseID, regulation.ActLodgeAppeal, fields{"grounds": "facts_untrue", "account": accountOfAppeal}).want(404)
	o.act(receptionHead, caseID, regulation.ActLodgeAppeal, fields{"grounds": "facts_untrue", "account": accountOfAppeal}).want(201)
	upper := regulation.Seat{Role: regulation.Supervisor, Org: "513300-authority"}
	if seats := o.beforeWhom(receipt, regulation.ActDecideAppeal); len(seats) != 1 || seats[0] != upper {
		t.Fatalf("the appeal lies before %v", seats)
	}
	for _, login := range []string{"kd-supervisor-1", "kd-head"} {
		o.act(login, caseID, regulation.ActDecideAppeal, fields{"result": "dismissed", "reasons": "r"}).refused(403, regulation.NotPermitted)
	}
	o.as("gz-supervisor-1").get("/inbox?tab=available").want(200).shows(caseID)
	o.browsing("gz-supervisor-1").get("/cases/" + caseID).want(200).shows("评价对象为本级主管部门")
	o.act("gz-supervisor-1", caseID, regulation.ActDecideAppeal, fields{"result": "malicious", "ground": "extortion", "reasons": "两次索要财物"}).want(201)
	o.act("kd-head", caseID, regulation.ActConfirmMalice, fields{"opinion": "属实"}).refused(403, regulation.NotPermitted)
	o.act("gz-head", caseID, regulation.ActConfirmMalice, fields{"opinion": "属实"}).want(201)
	o.act("kd-supervisor-2", caseID, regulation.ActApproveWriteOff, fields{}).refused(403, regulation.NotPermitted)
	o.act("gz-supervisor-2", caseID, regulation.ActApproveWriteOff, fields{}).want(201)
	notice := o.as(receptionHead).get("/notices/"+caseID).want(200).hides("malicious", "extortion").object()
	if stage := notice["appeal"].(map[string]any)["stage"]; stage != "upheld" {
		t.Errorf("the head is told %v", stage)
	}
}

// What is begun on the case, not answered, is begun by those above too.
func TestTheLevelAboveBeginsWhatAnAuthoritysOwnPeopleMayNot(t *testing.T) {
	o := setup(t)
	receipt, caseID := o.rateAuthority()
	o.as("gz-verifier-1").get("/cases/" + caseID).want(200)
	o.atReception(receipt, caseID, regulation.ActAskConsent)
	o.act("gz-verifier-1", caseID, regulation.ActFlagMalice, fields{}).refused(422, regulation.Invalid)
	form, kind := upload(t, "file", []byte("%PDF-1.4 通话记录"), nil)
	r := o.browsing("gz-verifier-1").request(http.MethodPost, "/files", form)
	r.Header.Set("Content-Type", kind)
	r.Header.Set("Accept", "application/json")
	digest := o.browsing("gz-verifier-1").do(r).want(201).object()["digest"]
	flagged := fields{"ground": "extortion", "reasons": "两次索要财物", "files": []any{digest}}
	o.act("kd-verifier-2", caseID, regulation.ActFlagMalice, flagged).refused(403, regulation.NotPermitted)
	o.act("gz-verifier-1", caseID, regulation.ActFlagMalice, flagged).want(201)
	other, otherID := o.rateBadly()
	if c := o.caseOf(other); c.Rated.Unit == c.Authority {
		t.Fatal("the authority was rated")
	}
	o.as("gz-verifier-1").get("/cases/" + otherID).want(404)
}

// The authority does not order itself where another unit was rated, and does not watch itself.
func TestAnAuthorityNeitherOrdersNorWatchesItself(t *testing.T) {
	o := setup(t)
	receipt, caseID := o.rateBadly()
	o.walk(receipt, caseID, regulation.ActTransfer)
	o.act("kd-supervisor-1", caseID, regulation.ActTransfer, fields{"unit": ratedAuthority, "instructions": "请整改"}).refused(422, regulation.Invalid).shows("authority_not_rated")
	o.act("kd-supervisor-1", caseID, regulation.ActTransfer, fields{"unit": "513301-psb", "instructions": "请整改"}).want(201)
	units := func(login, query string) string {
		return string(o.as(login).get("/watch/new" + query).want(200).body)
	}
	if own, above := units("kd-supervisor-1", ""), units("gz-supervisor-1", "?area=513301"); strings.Contains(own, `"`+ratedAuthority+`"`) || !strings.Contains(above, `"`+ratedAuthority+`"`) {
		t.Errorf("the authority may watch itself: %s, or the level above may not", own)
	}
}

// A head of the reception is appointed on the people's page like a unit's.
func TestAUnitsHeadIsAppointedAtAnAuthority(t *testing.T) {
	o := setup(t)
	account, err := o.record.AccountByLogin(t.Context(), "kd-entry-1")
	must(t, err)
	o.as("kd-secadmin").post("/people/"+account.Person+"/appoint", fields{"role": "unit_head", "org": ratedAuthority}).want(204)
	receipt, caseID := o.rateAuthority()
	o.atReception(receipt, caseID, regulation.ActAskConsent)
	o.as("kd-entry-1").get("/notices/" + caseID).want(200)
}
