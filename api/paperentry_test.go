package api_test

import (
	"bytes"
	"database/sql"
	"image"
	"image/color"
	"image/png"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"haochaping/regulation"
	"haochaping/store"
)

// openBox puts a box into the record that was opened just now, with so many forms in it, and returns the opening and
// the serials of its batch.
func (o *office) openBox(counted int) (opening string, serials []string) {
	o.t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(o.dir, store.FileName))
	must(o.t, err)
	defer db.Close()
	now := o.clock.Now().UnixMicro()
	exec := func(statement string, args ...any) {
		o.t.Helper()
		_, err := db.ExecContext(o.t.Context(), statement, args...)
		must(o.t, err)
	}
	exec("INSERT INTO boxes (id, hall_id, area, place, state, registered_at, registered_by) VALUES ('b1', '513301-hall', '513301', '一楼', 'active', ?, '')", now)
	exec("INSERT INTO paper_batches (id, box_id, prefix, first_number, form_count, state, note, issued_at, issued_by, closed_at, closed_by) VALUES ('p1', 'b1', '3301001', 1, ?, 'issued', '', ?, '', 0, '')", counted, now)
	exec(`INSERT INTO box_openings (id, box_id, hall_id, area, iso_week, opened_at, opener_1, opener_2, old_seal, old_seal_state, new_seal, counted, letters, remarks, recorded_at,
		recorded_by, nonce, entered, voided) VALUES ('o1', 'b1', '513301-hall', '513301', ?, ?, 'a', 'b', '', 'missing', 's1', ?, 0, '', ?, 'a', '', 0, 0)`, regulation.WeekOf(o.clock.Now()), now, counted, now)
	for n := range counted {
		serials = append(serials, regulation.NewSerial("3301001", n+1))
		exec("INSERT INTO paper_forms (serial, batch_id, box_id, state, reason, opening_id, changed_at, changed_by) VALUES (?, 'p1', 'b1', 'unused', '', NULL, ?, '')", serials[n], now)
	}
	return "o1", serials
}

// sheet puts the picture of a sheet in, with a browser.
func (c *client) sheet(opening string, shade uint8) got {
	c.o.t.Helper()
	picture := image.NewGray(image.Rect(0, 0, 4, 4))
	picture.SetGray(1, 1, color.Gray{shade})
	var content bytes.Buffer
	must(c.o.t, png.Encode(&content, picture))
	form, kind := upload(c.o.t, "scans", content.Bytes(), nil)
	r := c.request(http.MethodPost, "/paper/openings/"+opening+"/scans", form)
	r.Header.Set("Content-Type", kind)
	return c.do(r)
}

// A form is entered by one clerk and checked by another, who is not shown what the first read; then it is a rating
// whose case is open, and its scan is evidence.
func TestAPaperFormIsEnteredAndCheckedByTwo(t *testing.T) {
	o := setup(t)
	opening, serials := o.openBox(3)
	clerk := o.browsing("kd-entry-1")
	clerk.get("/paper").want(200).shows("康定市", "/paper/openings/"+opening)
	clerk.get("/paper/openings/" + opening).want(200).shows("没有待录入的扫描件")
	clerk.sheet(opening, 10).want(303)
	clerk.sheet(opening, 10).want(422).shows("这张扫描件已经用过")
	page := clerk.get("/paper/openings/" + opening).want(200).shows("/paper/scans/")
	scan := hidden(page.body).Get("scan")
	form := url.Values{"scan": {scan}, "serial": {serials[0]}, "target_kind": {"matter"}, "target": {"513301-w03"}, "grade": {"2"}, "text": {"跑了三趟"}}
	wrong := url.Values{"scan": {scan}, "serial": {"3301001-0009-?"}, "target_kind": {"matter"}, "target": {"513301-w03"}, "grade": {"2"}, "text": {"跑了三趟"}}
	clerk.form("/paper/openings/"+opening+"/entries", wrong).want(422).shows("编号格式不对", "跑了三趟")
	if to := clerk.form("/paper/openings/"+opening+"/entries", form).want(303).header.Get("Location"); to != "/paper/openings/"+opening {
		t.Errorf("the next form is at %s", to)
	}
	o.as("kd-verifier-1").get("/cases?tab=all").want(200).hides(`"case"`)

	o.as("kd-entry-1").get("/paper/check").want(200).hides(`"entry"`)
	checker := o.as("kd-entry-2")
	next := checker.get("/paper/check").want(200).hides("readings", `"grade":2,"options"`).object()
	entry := next["entry"].(string)
	if next["text"] != "跑了三趟" || next["serial"] != serials[0] {
		t.Errorf("the checker confirms %v", next)
	}
	if kind := checker.get("/paper/scans/" + next["scan"].(string)).want(200).header.Get("Content-Type"); kind != "image/png" {
		t.Errorf("the scan comes as %q", kind)
	}
	again := fields{"target_kind": "matter", "target": "513301-w03", "grade": 2}
	o.as("kd-entry-1").post("/paper/entries/"+entry+"/check", fields{"target_kind": "matter", "target": "513301-w03", "grade": 2, "confirmed": "yes"}).refused(403, regulation.FourEyes)
	checker.post("/paper/entries/"+entry+"/check", again).refused(422, regulation.Invalid).shows("confirmed")
	again["confirmed"] = "yes"
	if done := checker.post("/paper/entries/"+entry+"/check", again).want(201).object(); done["state"] != "counted" || done["followed"] != true {
		t.Errorf("%v", done)
	}
	o.scanIsTheVerifiersOnly()
}

// Where two differ both readings are shown to a third, who decides; nobody else.
func TestWhatTwoReadDifferentlyIsDecidedByAThird(t *testing.T) {
	o := setup(t)
	opening, serials := o.openBox(2)
	o.browsing("kd-entry-1").sheet(opening, 10).want(303)
	clerk := o.as("kd-entry-1")
	scan := clerk.get("/paper/openings/" + opening).want(200).object()["scan"]
	entry := clerk.post("/paper/openings/"+opening+"/entries", fields{"scan": scan, "serial": serials[0], "target_kind": "matter", "target": "513301-w03", "grade": 2,
		"contact_phone": "13812345678", "contact_consent": true}).want(201).object()["entry"].(string)
	read := fields{"target_kind": "matter", "target": "513301-w03", "grade": 4, "confirmed": "yes"}
	o.as("kd-entry-2").post("/paper/entries/"+entry+"/check", read).want(201).shows("differs")
	o.as("kd-entry-2").get("/paper/decide").want(200).hides(entry)
	supervisor := o.as("kd-supervisor-1")
	supervisor.get("/paper/decide").want(200).shows(entry, `"disputed":["grade"]`, `"grade":4`, "138****5678").hides("13812345678")
	page := o.browsing("kd-supervisor-1").get("/paper/decide").want(200).shows("两人的录入", "138****5678").hides("13812345678")
	if strings.Contains(string(page.body), `id="grade-2" value="2" checked`) {
		t.Error("what is disputed is filled in")
	}
	decided := supervisor.post("/paper/entries/"+entry+"/decide", fields{"serial": serials[0], "target_kind": "matter", "target": "513301-w03", "grade": 1, "keep_contact": "yes"}).want(201).object()
	if decided["state"] != "counted" || decided["followed"] != true {
		t.Errorf("%v", decided)
	}
	o.as("kd-verifier-1").get("/paper").refused(403, regulation.NotPermitted)
	o.as("ld-entry-1").get("/paper/openings/"+opening).refused(404, regulation.NotFound)
	o.as("ld-entry-1").get("/paper").want(200).hides(opening)
	supervisor.get("/paper/openings/"+opening).refused(403, regulation.NotPermitted)
	o.as("kd-auditor").get("/audit?action=decide_paper").want(200).shows(entry)
}

// Whoever kept the stub and wrote six digits of their own follows the form on the receipt's page.
func TestAPaperFormIsFollowedByItsStub(t *testing.T) {
	o := setup(t)
	opening, serials := o.openBox(1)
	o.browsing("kd-entry-1").sheet(opening, 10).want(303)
	clerk := o.as("kd-entry-1")
	form := fields{"scan": clerk.get("/paper/openings/" + opening).want(200).object()["scan"], "serial": serials[0], "target_kind": "matter", "target": "513301-w03", "grade": 2, "own_code": "123456"}
	clerk.post("/paper/openings/"+opening+"/entries", form).refused(422, regulation.Invalid).shows("own_code_simple")
	form["own_code"] = "407192"
	entry := clerk.post("/paper/openings/"+opening+"/entries", form).want(201).object()["entry"].(string)
	citizen := o.program()
	citizen.post("/receipt", fields{"receipt": serials[0] + " 407192"}).refused(422, regulation.Invalid)
	o.as("kd-entry-2").get("/paper/check").want(200).hides("407192")
	o.as("kd-entry-2").post("/paper/entries/"+entry+"/check", fields{"target_kind": "matter", "target": "513301-w03", "grade": 2, "confirmed": "yes", "own_code": "407192"}).want(201).shows("counted")
	citizen.post("/receipt", fields{"receipt": serials[0] + " 407191"}).refused(422, regulation.Invalid)
	citizen.post("/receipt", fields{"receipt": serials[0] + " 407192"}).want(204)
	citizen.get("/receipt/status").want(200).shows(`"grade":2`)
}
