package api_test

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"io"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"haochaping/regulation"
)

// issue issues a document and returns it.
func (o *office) issue(login, caseID, kind string) map[string]any {
	o.t.Helper()
	return o.as(login).post("/cases/"+caseID+"/documents", fields{"kind": kind}).want(201).object()
}

// refusals are the kinds that a reader may not issue now, with what is missing.
func (o *office) refusals(login, caseID string) map[string]any {
	o.t.Helper()
	missing := map[string]any{}
	for _, k := range o.as(login).get("/cases/" + caseID + "/documents").want(200).object()["kinds"].([]any) {
		kind := k.(map[string]any)
		if refused, given := kind["refused"].(map[string]any); given {
			missing[kind["kind"].(string)] = refused["missing"]
		}
	}
	return missing
}

func TestContractHasEveryKindOfDocument(t *testing.T) {
	doc, err := document()
	must(t, err)
	for _, spec := range regulation.DocumentSpecs() {
		if !slices.Contains(doc.Components.Schemas["DocumentKind"].Value.Enum, any(string(spec.Kind))) ||
			!slices.Contains(doc.Components.Schemas["Audience"].Value.Enum, any(string(spec.For))) {
			t.Errorf("openapi.yaml does not know %s for the %s", spec.Kind, spec.For)
		}
	}
}

func TestTransferOrderFromTheCaseToWordAndPrint(t *testing.T) {
	o := setup(t)
	receipt, caseID := o.rateBadly()
	o.as("kd-supervisor-1").post("/cases/"+caseID+"/documents", fields{"kind": "transfer_order"}).refused(409, regulation.NotNow)
	if missing := o.refusals("kd-supervisor-1", caseID); missing["transfer_order"] != "no_order_yet" || missing["reply_letter"] != "no_reply" {
		t.Errorf("%v", missing)
	}
	o.walk(receipt, caseID, regulation.ActSign)
	o.browsing("kd-supervisor-1").get("/cases/"+caseID).want(200).shows("签发转办单", "现在不能签发的公文", "还没到督办的时候")
	issued := o.issue("kd-supervisor-1", caseID, "transfer_order")
	if issued["number"] != "康政服好差评〔2026〕1号" || issued["to"].(map[string]any)["id"] != "513301-psb" || issued["template_version"] != 0.0 {
		t.Errorf("%v", issued)
	}
	href := issued["href"].(string)
	text := o.as("kd-psb-head").get(href).want(200)
	text.shows("请按期整改", "2026年第48周", "非常不满意", "办事效率", "取号排队").hides(raterName, raterPhone, raterWords, "等了两个小时", "核实属实", "次仁")
	page := o.browsing("kd-psb-head").get(href).want(200)
	page.shows(`class="paper"`, "康政服好差评〔2026〕1号", "打印人：", "（盖章）", "康定市公安局：").hides(raterName, raterWords)
	word := o.as("kd-psb-head").get(issued["word"].(string)).want(200)
	if !strings.Contains(word.header.Get("Content-Disposition"), "attachment") {
		t.Errorf("the file comes %s", word.header.Get("Content-Disposition"))
	}
	if read := readWord(t, word.body); !strings.Contains(read, "请按期整改") || !strings.Contains(read, "康政服好差评〔2026〕1号") || strings.Contains(read, raterWords) {
		t.Errorf("the Word file reads %s", read)
	}
	again := o.as("kd-supervisor-1").post("/cases/"+caseID+"/documents", fields{"kind": "transfer_order"}).refused(409, regulation.NotNow)
	again.shows("康政服好差评〔2026〕1号已于2026年11月23日签发，此后没有变化")
	lines := o.as("kd-auditor").get("/audit?action=read_document").want(200).object()["lines"].([]any)
	if len(lines) != 2 || lines[0].(map[string]any)["purpose"] != "transfer_order" {
		t.Errorf("the audit log has %v", lines)
	}
	if n := len(o.as("kd-auditor").get("/audit?action=export_document").want(200).object()["lines"].([]any)); n != 1 {
		t.Errorf("the audit log has %d downloads", n)
	}
}

// readWord is the text of a Word file.
func readWord(t *testing.T, file []byte) string {
	t.Helper()
	archive, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	must(t, err)
	part, err := archive.Open("word/document.xml")
	must(t, err)
	content, err := io.ReadAll(part)
	must(t, err)
	var document struct {
		Text []string `xml:"body>p>r>t"`
	}
	must(t, xml.Unmarshal(content, &document))
	return strings.Join(document.Text, "\n")
}

func TestDocumentsAreIssuedByWhoMayAndOnce(t *testing.T) {
	o := setup(t)
	receipt, caseID := o.rateBadly()
	o.walk(receipt, caseID, regulation.ActSubmitPlan)
	path := "/cases/" + caseID + "/documents"
	for _, login := range []string{"kd-clerk-1", "kd-verifier-1", "kd-psb-head", "kd-auditor"} {
		who := o.as(login).post(path, fields{"kind": "transfer_order"}).refused(403, regulation.NotPermitted).object()["who_may"]
		if !slices.Contains(who.([]any), any("supervisor")) {
			t.Errorf("%s is told that %v may", login, who)
		}
	}
	o.as("ld-supervisor-1").post(path, fields{"kind": "transfer_order"}).refused(404, regulation.NotFound)
	supervisor := o.as("kd-supervisor-1")
	supervisor.post(path, fields{"kind": "nonsense"}).refused(422, regulation.Invalid)
	supervisor.post(path, fields{"kind": "transfer_order", "number": "1"}).refused(422, regulation.Invalid)
	supervisor.postKey(path, fields{"kind": "transfer_order"}, "").refused(422, regulation.Invalid)
	first := supervisor.postKey(path, fields{"kind": "transfer_order"}, "k").want(201).object()
	again := supervisor.postKey(path, fields{"kind": "transfer_order"}, "k").want(201).object()
	if first["id"] != again["id"] {
		t.Errorf("the same request gave %v, then %v", first, again)
	}
	supervisor.postKey(path, fields{"kind": "rectification_notice"}, "k").refused(409, regulation.Conflict)
	notice := o.issue("kd-supervisor-1", caseID, "rectification_notice")
	if notice["number"] != "康政服好差评〔2026〕2号" {
		t.Errorf("%v", notice["number"])
	}
	listed := o.as("kd-psb-head").get(path).want(200).object()
	if len(listed["documents"].([]any)) != 2 || len(listed["kinds"].([]any)) != 0 {
		t.Errorf("the unit sees %v", listed)
	}
	if by := listed["documents"].([]any)[0].(map[string]any)["by"]; by != nil {
		t.Errorf("the unit learns that %v issued it", by)
	}
}

func TestPageIssuesAtOneClickAndSaysWhyNot(t *testing.T) {
	o := setup(t)
	receipt, caseID := o.rateBadly()
	o.walk(receipt, caseID, regulation.ActSign)
	browser := o.browsing("kd-supervisor-1")
	path := "/cases/" + caseID + "/documents"
	done := browser.form(path, url.Values{"kind": {"transfer_order"}, "idempotency_key": {"k1"}}).want(303)
	browser.get(done.header.Get("Location")).want(200).shows("公文已编号签发", "差评转办单")
	browser.form(path, url.Values{"kind": {"transfer_order"}, "idempotency_key": {"k2"}}).want(409).shows("康政服好差评〔2026〕1号已于", "此后没有变化")
	browser.get("/cases/"+caseID).want(200).shows("康政服好差评〔2026〕1号", done.header.Get("Location"))
	browser.get(path).want(303)
}

// A wrong paper is replaced under a new number; the authority sees both, the unit the one that stands and
// whose place it took, and whoever opens the former one reads that it is void.
func TestWrongDocumentIsReplacedAndTheFormerIsVoid(t *testing.T) {
	o := setup(t)
	receipt, caseID := o.rateBadly()
	o.walk(receipt, caseID, regulation.ActSign)
	path, supervisor := "/cases/"+caseID+"/documents", o.as("kd-supervisor-1")
	supervisor.post(path, fields{"kind": "transfer_order", "reason": "template_mistake"}).refused(409, regulation.NotNow)
	first := o.issue("kd-supervisor-1", caseID, "transfer_order")
	supervisor.post(path, fields{"kind": "transfer_order", "reason": "x"}).refused(422, regulation.Invalid)
	head := o.as("kd-head")
	head.post("/document-templates/transfer_order", fields{"title": "交办单", "to": "{承办单位}", "body": "{办理要求}", "version": 0, "red_head": false}).want(201)
	supervisor.post(path, fields{"kind": "transfer_order"}).refused(409, regulation.NotNow)
	second := supervisor.post(path, fields{"kind": "transfer_order", "reason": "template_mistake"}).want(201).object()
	if second["replaces"] != first["number"] || second["number"] != "康政服好差评〔2026〕2号" || second["reason"] != "template_mistake" {
		t.Errorf("%v", second)
	}
	if n := len(supervisor.get(path).want(200).object()["documents"].([]any)); n != 2 {
		t.Errorf("the authority sees %d", n)
	}
	unit := o.as("kd-psb-head")
	listed := unit.get(path).want(200).object()["documents"].([]any)
	if len(listed) != 1 || listed[0].(map[string]any)["replaces"] != first["number"] || listed[0].(map[string]any)["reason"] != nil {
		t.Errorf("the unit sees %v", listed)
	}
	unit.get(second["href"].(string)).want(200).shows("交办单")
	browser := o.browsing("kd-psb-head")
	browser.get(second["href"].(string)).want(200).shows("（本件代替康政服好差评〔2026〕1号，原件作废）").hides("本件作废")
	browser.get(first["href"].(string)).want(200).shows("（康政服好差评〔2026〕2号已代替本件，本件作废）")
	if read := readWord(t, unit.get(first["word"].(string)).want(200).body); !strings.Contains(read, "本件作废") {
		t.Errorf("the former one's Word file reads %s", read)
	}
	if read := readWord(t, unit.get(second["word"].(string)).want(200).body); !strings.Contains(read, "代替康政服好差评〔2026〕1号") || strings.Contains(read, "本件作废") {
		t.Errorf("the Word file reads %s", read)
	}
	page := o.browsing("kd-supervisor-1")
	page.get("/cases/"+caseID).want(200).shows("更正已签发的公文", "康政服好差评〔2026〕2号已于", "已由康政服好差评〔2026〕2号代替", "模板文字有误")
	done := page.form(path, url.Values{"kind": {"transfer_order"}, "reason": {"content_mistake"}, "idempotency_key": {"r"}}).want(303)
	page.get(done.header.Get("Location")).want(200).shows("代替康政服好差评〔2026〕2号")
}

// A notice that moves the due date lets the order on paper follow, at one click.
func TestDocumentsFollowTheCalendar(t *testing.T) {
	o := setup(t)
	receipt, caseID := o.rateBadly()
	o.walk(receipt, caseID, regulation.ActSign)
	first := o.issue("kd-supervisor-1", caseID, "transfer_order")
	notice := o.as("kd-supervisor-1").post("/calendar", countyNotice()).want(201).object()["id"].(string)
	o.as("kd-supervisor-2").post("/calendar/"+notice+"/decision", fields{"verdict": "approve"}).want(204)
	o.rearm()
	o.browsing("kd-supervisor-1").get("/cases/" + caseID).want(200).shows("（代替康政服好差评〔2026〕1号）")
	second := o.issue("kd-supervisor-1", caseID, "transfer_order")
	if second["replaces"] != first["number"] || second["reason"] != "moved" {
		t.Errorf("%v", second)
	}
	o.as("kd-psb-head").get(second["href"].(string)).want(200).shows("2026年12月17日").hides("2026年12月14日")
	o.as("kd-supervisor-1").post("/cases/"+caseID+"/documents", fields{"kind": "transfer_order"}).refused(409, regulation.NotNow)
}

// A unit that an order left sees what was addressed to it no more than the next unit sees it.
func TestUnitSeesWhatIsAddressedToIt(t *testing.T) {
	o := setup(t)
	receipt, caseID := o.rateBadly()
	o.walk(receipt, caseID, regulation.ActSign)
	first := o.issue("kd-supervisor-1", caseID, "transfer_order")
	o.step(receipt, caseID, step{"kd-psb-head", regulation.ActReturnOrder, fields{"reason": "不归我们"}, "dispatch"})
	o.step(receipt, caseID, step{"kd-supervisor-1", regulation.ActTransfer, fields{"unit": "513301-mkt", "instructions": "请整改窗口"}, "signing"})
	second := o.issue("kd-supervisor-1", caseID, "transfer_order")
	o.as("kd-mkt-head").get(first["href"].(string)).refused(404, regulation.NotFound)
	o.as("kd-mkt-head").get(first["word"].(string)).refused(404, regulation.NotFound)
	o.as("kd-mkt-head").get(second["href"].(string)).want(200).shows("请整改窗口")
	o.as("kd-psb-head").get(second["href"].(string)).refused(404, regulation.NotFound)
}

// The citizen gets the letter by receipt; it names nobody.
func TestReplyLetterReachesTheCitizen(t *testing.T) {
	o := setup(t)
	receipt, caseID := o.rateBadly()
	o.walk(receipt, caseID, regulation.ActReleaseReply)
	o.step(receipt, caseID, step{"kd-supervisor-1", regulation.ActReleaseReply, fields{"reply": "窗口人员" + ratedName(t, o, caseID) + "已改正，电话13900001111。"}, "survey"})
	letter := o.issue("kd-supervisor-2", caseID, "reply_letter")
	id := letter["id"].(string)
	citizen := o.program()
	citizen.get("/receipt/documents/"+id).refused(401, "receipt_first")
	citizen.post("/receipt", fields{"receipt": receipt}).want(204)
	letters := citizen.get("/receipt/status").want(200).object()["letters"].([]any)
	if len(letters) != 1 || letters[0].(map[string]any)["href"] != "/receipt/documents/"+id || letters[0].(map[string]any)["by"] != nil {
		t.Fatalf("%v", letters)
	}
	citizen.get("/receipt/documents/"+id).want(200).shows("窗口人员工作人员已改正，电话139****1111。", "2026年11月23日").hides(ratedName(t, o, caseID), raterName)
	citizen.get("/receipt/documents/" + id + "/word").want(200)
	order := o.issue("kd-supervisor-2", caseID, "transfer_order")
	citizen.get("/receipt/documents/"+order["id"].(string)).refused(404, regulation.NotFound)
	o.as("kd-psb-head").get(letter["href"].(string)).refused(404, regulation.NotFound)
	browser := o.browser()
	browser.form("/receipt", url.Values{"receipt": {receipt}}).want(303)
	browser.get("/receipt/status").want(200).shows("正式答复函", "/receipt/documents/"+id)
	browser.get("/receipt/documents/"+id).want(200).shows("答复函", "打印时间").hides("打印人")
	_, other := o.rateBadlyAgain()
	browser2 := o.program()
	browser2.post("/receipt", fields{"receipt": other}).want(204)
	browser2.get("/receipt/documents/"+id).refused(404, regulation.NotFound)
}

// rateBadlyAgain gives another bad rating and returns the case's id and the receipt.
func (o *office) rateBadlyAgain() (caseID, receipt string) {
	receipt, caseID = o.rateBadly()
	return caseID, receipt
}

func ratedName(t *testing.T, o *office, caseID string) string {
	t.Helper()
	return o.as("kd-supervisor-1").get("/cases/" + caseID).want(200).object()["staff"].(string)
}

func TestReminderIsIssuedNearTheEnd(t *testing.T) {
	o := setup(t)
	receipt, caseID := o.rateBadly()
	o.walk(receipt, caseID, regulation.ActSubmitRectification)
	o.as("kd-supervisor-1").post("/cases/"+caseID+"/documents", fields{"kind": "reminder"}).refused(409, regulation.NotNow)
	o.clock.Forward(16 * 24 * time.Hour)
	reminder := o.issue("kd-supervisor-1", caseID, "reminder")
	o.as("kd-psb-head").get(reminder["href"].(string)).want(200).shows("还有", "第1次")
	o.as("kd-supervisor-1").post("/cases/"+caseID+"/documents", fields{"kind": "reminder"}).refused(409, regulation.NotNow)
}

func TestTemplatesAreEditedByTheAuthority(t *testing.T) {
	o := setup(t)
	receipt, caseID := o.rateBadly()
	o.walk(receipt, caseID, regulation.ActSign)
	const address = "/document-templates/transfer_order"
	o.as("kd-verifier-1").get("/document-templates").refused(403, regulation.NotPermitted)
	before := o.issue("kd-supervisor-1", caseID, "transfer_order")
	head := o.as("kd-head")
	now := head.get(address).want(200).object()["versions"].([]any)[0].(map[string]any)
	if now["version"] != 0.0 || len(now["placeholders"].([]any)) < 10 {
		t.Fatalf("%v", now)
	}
	change := func(body string, version int) fields {
		return fields{"title": "交办单", "to": "{承办单位}", "body": body, "version": version, "red_head": false}
	}
	head.post(address, change("{评价人电话}", 0)).refused(422, regulation.Invalid)
	preview := change("{办理要求}", 0)
	preview["preview"] = "yes"
	head.post(address, preview).want(200).shows("增设窗口")
	head.post(address, change("{办理要求}", 0)).want(201)
	head.post(address, change("{办理要求}。", 0)).refused(409, regulation.Conflict)
	versions := head.get(address).want(200).object()["versions"].([]any)
	if len(versions) != 2 || versions[0].(map[string]any)["author"] == nil {
		t.Errorf("%v", versions)
	}
	head.post("/document-templates", fields{"mark": "康审批"}).want(204)
	head.post("/document-templates", fields{"mark": "K"}).refused(422, regulation.Invalid)
	head.get("/document-templates/nonsense").refused(404, regulation.NotFound)

	o.step(receipt, caseID, step{"kd-psb-head", regulation.ActReturnOrder, fields{"reason": "不归我们"}, "dispatch"})
	o.step(receipt, caseID, step{"kd-supervisor-1", regulation.ActTransfer, fields{"unit": "513301-mkt", "instructions": "请整改窗口"}, "signing"})
	after := o.issue("kd-supervisor-1", caseID, "transfer_order")
	if after["template_version"] != 1.0 || after["number"] != "康审批好差评〔2026〕2号" {
		t.Errorf("%v", after)
	}
	o.as("kd-supervisor-1").get(after["href"].(string)).want(200).shows("交办单", "请整改窗口").hides("差评转办单")
	o.as("kd-supervisor-1").get(before["href"].(string)).want(200).shows("差评转办单", "康政服好差评〔2026〕1号").hides("交办单")
	if other := o.as("ld-supervisor-1").get(address).want(200).object()["versions"].([]any); len(other) != 1 {
		t.Errorf("another authority has %v", other)
	}
}

func TestTemplatePageSaysWhatIsWrong(t *testing.T) {
	o := setup(t)
	browser := o.browsing("kd-head")
	browser.get("/document-templates").want(200).shows("康政服好差评〔2026〕12号", "/document-templates/reply_letter")
	const address = "/document-templates/reply_letter"
	page := browser.get(address).want(200).shows("{答复内容}", "已发布的答复", `class="paper"`)
	hidden := regexp.MustCompile(`name="version" value="(\d+)"`).FindSubmatch(page.body)
	form := url.Values{"title": {"答复函"}, "to": {"尊敬的评价人"}, "body": {"{答复}\r\n{评价人}<script>"}, "version": {string(hidden[1])}, "red_head": {"true"}}
	browser.form(address, form).want(422).shows("没有这样的占位符：{答复}、{评价人}", "&lt;script&gt;").hides("<script>")
	form.Set("body", "{答复内容}\r\n特此函复。")
	form.Set("preview", "yes")
	browser.form(address, form).want(200).shows("特此函复。", "内容为虚构示例")
	form.Del("preview")
	browser.form(address, form).want(303)
	browser.get(address).want(200).shows("模板已保存为新版本", "第 1 版", "特此函复。")
	browser.form(address, form).want(409).shows("模板刚被别人修改过", "特此函复。")
	browser.get(address + "?version=0").want(200).shows("感谢您对政务服务工作的监督")
	browser.form("/document-templates", url.Values{"mark": {"1"}}).want(422).shows("二至八个汉字")
	browser.form("/document-templates", url.Values{"mark": {"康审批"}}).want(303)
}

// appealed carries a case to a decision on the unit's appeal, which a second supervisor takes.
func (o *office) appealed(result string) (receipt, caseID string) {
	o.t.Helper()
	receipt, caseID = o.rateBadly()
	o.walk(receipt, caseID, regulation.ActSign)
	act := func(login string, kind regulation.ActKind, f fields) {
		o.t.Helper()
		o.as(login).post("/cases/"+caseID+"/acts/"+string(kind), f).want(201)
	}
	act("kd-psb-head", regulation.ActLodgeAppeal, fields{"grounds": "facts_untrue", "account": "当日窗口并未排队"})
	act("kd-supervisor-2", regulation.ActDecideAppeal, fields{"result": result, "reasons": "录像所示与评价一致"})
	return receipt, caseID
}

func TestAppealDecisionReachesTheRatedSideByItsNotice(t *testing.T) {
	o := setup(t)
	_, caseID := o.appealed("dismissed")
	if missing := o.refusals("kd-supervisor-1", caseID); missing["write_off_sheet"] != "write_off_not_proposed" || missing["statement_form"] != "nobody_to_account" {
		t.Errorf("%v", missing)
	}
	decision := o.issue("kd-supervisor-1", caseID, "appeal_decision")
	if decision["for"] != "rated" || decision["to"].(map[string]any)["id"] != "513301-psb" {
		t.Errorf("%v", decision)
	}
	address := "/notices/" + caseID + "/documents/" + decision["id"].(string)
	o.as("kd-psb-head").get(address).want(200).shows("驳回申诉", "录像所示与评价一致", "康定市公安局").hides(raterWords, raterName, "2026年11月23日10")
	o.as("kd-psb-head").get(address + "/word").want(200)
	o.browsing("kd-psb-head").get(address).want(200).shows("差评申诉决定书", "打印人：")
	o.as("kd-psb-handler-1").get(address).refused(404, regulation.NotFound)
	o.as("kd-mkt-head").get(address).refused(404, regulation.NotFound)
	o.as("gz-supervisor-1").post("/cases/"+caseID+"/documents", fields{"kind": "appeal_decision"}).refused(403, regulation.NotPermitted)
}

func TestWriteOffSheetStaysInTheFile(t *testing.T) {
	o := setup(t)
	receipt, caseID := o.appealed("mistaken")
	unsigned := o.issue("kd-head", caseID, "write_off_sheet")
	o.as("kd-head").get(unsigned["href"].(string)).want(200).shows("审批人签字").hides("审批日期", "予以核销")
	o.as("kd-head").post("/cases/"+caseID+"/documents", fields{"kind": "write_off_sheet"}).refused(409, regulation.NotNow)
	o.as("kd-clerk-1").post("/cases/"+caseID+"/contact", fields{}).refused(409, regulation.NotNow)
	o.as("kd-head").post("/cases/"+caseID+"/acts/approve_write_off", fields{}).want(201)
	o.mayCall("kd-clerk-1", caseID)
	o.as("kd-clerk-1").post("/cases/"+caseID+"/contact", fields{}).want(200).shows(raterPhone)
	o.as("kd-clerk-1").post("/cases/"+caseID+"/acts/tell_rater", fields{"result": "reached"}).want(201)
	o.as("kd-clerk-1").post("/cases/"+caseID+"/contact", fields{}).refused(409, regulation.NotNow)
	o.pass(receipt, regulation.ActObjectWriteOff)
	o.as("kd-supervisor-2").post("/cases/"+caseID+"/documents", fields{"kind": "write_off_sheet"}).refused(403, regulation.FourEyes)
	sheet := o.issue("kd-head", caseID, "write_off_sheet")
	if sheet["replaces"] != unsigned["number"] || sheet["reason"] != "moved" {
		t.Errorf("the decided one is %v", sheet)
	}
	o.as("kd-supervisor-1").get(sheet["href"].(string)).want(200).shows("误评", "予以核销", "已电话告知", "审批人签字").hides(raterWords, raterName)
	o.as("kd-psb-head").get(sheet["href"].(string)).refused(404, regulation.NotFound)
	o.as("kd-psb-head").get("/notices/"+caseID+"/documents/"+sheet["id"].(string)).refused(404, regulation.NotFound)
	decision := o.issue("kd-supervisor-2", caseID, "appeal_decision")
	o.as("kd-psb-head").get("/notices/"+caseID+"/documents/"+decision["id"].(string)).want(200).
		shows("申诉成立", "已依程序提请核销").hides("误评", "录像所示")
}

func TestStatementFormInvitesTheUnit(t *testing.T) {
	o := setup(t)
	receipt, caseID := o.rateBadly()
	o.walk(receipt, caseID, regulation.ActAcceptRectification)
	o.step(receipt, caseID, step{"kd-supervisor-1", regulation.ActRejectRectification, fields{"reason": "没有写明预案"}, "rectification"})
	if missing := o.refusals("gz-discipline-1", caseID); missing["statement_form"] != "decided_elsewhere" || len(missing) != 1 {
		t.Errorf("the discipline body one level up: %v", missing)
	}
	o.as("kd-discipline-1").post("/cases/"+caseID+"/documents", fields{"kind": "reminder"}).refused(403, regulation.NotPermitted)
	o.browsing("kd-discipline-1").get("/cases/"+caseID).want(200).shows("签发陈述申辩书").hides("转办单</b>", "签发督办单")
	form := o.issue("kd-discipline-1", caseID, "statement_form")
	if form["number"] != "康纪监好差评〔2026〕1号" || form["authority"].(map[string]any)["id"] != "513301-discipline" {
		t.Errorf("%v", form)
	}
	o.as("kd-supervisor-1").post("/cases/"+caseID+"/documents", fields{"kind": "statement_form"}).refused(409, regulation.NotNow)
	o.browsing("kd-psb-head").get("/notices/"+caseID+"/documents/"+form["id"].(string)).want(200).shows("陈述申辩书", "整改不到位", "<td colspan=\"3\"></td>")
	o.as("kd-discipline-1").get(form["href"].(string)).want(200)
}

// The discipline body words the one kind that it issues, and no other.
func TestDisciplineBodyWordsItsOwnForm(t *testing.T) {
	o := setup(t)
	officer := o.as("kd-discipline-1")
	if kinds := officer.get("/document-templates").want(200).object()["templates"].([]any); len(kinds) != 1 {
		t.Errorf("it words %v", kinds)
	}
	officer.post("/document-templates/reply_letter", fields{"title": "答复", "body": "{答复内容}", "version": 0}).refused(404, regulation.NotFound)
	officer.post("/document-templates/statement_form", fields{"title": "陈述书", "to": "{陈述单位或个人}", "body": "{问责事由}", "version": 0}).want(201)
	officer.post("/document-templates", fields{"mark": "康纪委"}).want(204)
}
