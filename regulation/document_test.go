package regulation

import (
	"slices"
	"strings"
	"testing"
	"time"
)

var allowed = func(DocumentKind) []Assignment { return []Assignment{{Role: Supervisor, Org: county, Area: "513301"}} }

// worded words codes as themselves, so that tests see which code stands where.
func worded(texts map[TextRef]string) Words {
	return Words{Org: func(id string) string { return "<" + id + ">" }, Choice: func(field, code string) string { return field + "=" + code },
		Texts: texts, Matter: "身份证换领", Window: "3号窗口", Staff: "多吉",
		Person: func(id string) (string, string) { return "name of " + id, map[string]string{"wang": "st1"}[id] }, Names: map[string]string{"st1": "多吉"}}
}

func (d *desk) draft(who string, kind DocumentKind, issued ...Issued) (Draft, *Error) {
	return d.want(who, Wanted{Kind: kind}, issued...)
}

func (d *desk) want(who string, want Wanted, issued ...Issued) (Draft, *Error) {
	texts := map[TextRef]string{}
	for _, e := range d.log {
		for field, text := range e.Texts {
			texts[TextRef{e.Seq, field}] = text
		}
	}
	kept := map[TextRef]string{}
	for _, ref := range d.c.DocumentTexts(want.Kind) {
		kept[ref] = texts[ref]
	}
	draft, err := d.rules.DraftDocument(d.c, want, d.actor(who), issued, worded(kept), d.now)
	refusal, _ := err.(*Error)
	return draft, refusal
}

// standing is a draft as the case has it once it was issued.
func (d *desk) standing(draft Draft, number string) Issued {
	return Issued{Kind: draft.Kind, About: draft.About, Authority: county, Number: number, At: d.now}
}

func (d *desk) drafted(who string, kind DocumentKind) Draft {
	d.t.Helper()
	draft, err := d.draft(who, kind)
	if err != nil {
		d.t.Fatalf("%s: %v", kind, err)
	}
	return draft
}

// Each document waits for its facts and says which is missing.
func TestDocumentsWaitForTheirFacts(t *testing.T) {
	d := setup(t)
	missing := func(want map[DocumentKind]string) {
		t.Helper()
		for _, open := range d.rules.OpenDocuments(d.c, d.actor("sue"), nil, d.now, allowed) {
			have := ""
			if open.Refusal != nil {
				have = open.Refusal.Missing
			}
			if expected, named := want[open.Spec.Kind]; named && have != expected {
				t.Errorf("in %s %s misses %q, want %q", d.c.Phase, open.Spec.Kind, have, expected)
			}
		}
	}
	missing(map[DocumentKind]string{DocumentTransferOrder: "no_order_yet", DocumentReminder: "no_order_yet",
		DocumentRectification: "not_substantiated", DocumentReply: "no_reply"})
	d.toSigning()
	missing(map[DocumentKind]string{DocumentTransferOrder: "", DocumentReminder: "reminder_too_early", DocumentRectification: "", DocumentReply: "no_reply"})
	d.do("paul", ActReturnOrder, "reason", "not ours")
	missing(map[DocumentKind]string{DocumentTransferOrder: "order_returned", DocumentReminder: "order_returned", DocumentRectification: "order_returned"})
}

func TestReplyLetterFollowsTheReply(t *testing.T) {
	d := setup(t)
	d.toSurvey()
	draft := d.drafted("sue", DocumentReply)
	if draft.For != ForRater || draft.To != "" || draft.Values["reply"] != "a second window is open since Monday" || draft.Values["rated_on"] != "2026年11月23日" {
		t.Errorf("%+v", draft)
	}
	if _, err := d.draft("sue", DocumentReply, d.standing(draft, "1号")); err == nil || err.Missing != "document_issued" || err.Issued.Number != "1号" || !err.Issued.At.Equal(d.now) {
		t.Errorf("issued twice: %v", err)
	}
	if _, err := d.draft("sue", DocumentReminder); err == nil || err.Missing != "nothing_outstanding" {
		t.Errorf("a reminder of nothing: %v", err)
	}
}

// What goes to the unit has the week of the rating and what was ordered, nothing of the rater (R04).
func TestOrderOnPaperTellsTheUnitNothingOfTheRater(t *testing.T) {
	d := setup(t)
	d.toSigning()
	for _, kind := range []DocumentKind{DocumentTransferOrder, DocumentRectification} {
		draft := d.drafted("sam", kind)
		if draft.For != ForUnit || draft.To != police || !strings.HasPrefix(draft.About, "513301-2026-000001-Z1@2026-12-14") {
			t.Errorf("%s is %+v", kind, draft)
		}
		v := draft.Values
		if v["period"] != "2026年第48周" || v["grade"] != "grade=1" || v["instructions"] != "put it right" || v["due"] != "2026年12月14日" {
			t.Errorf("%s says %v", kind, v)
		}
		for code, value := range v {
			for _, secret := range []string{"waited two hours", "r1", "st1", "多吉", "10:00"} {
				if strings.Contains(value, secret) {
					t.Errorf("%s: %s says %q", kind, code, value)
				}
			}
		}
	}
	if refs := d.c.DocumentTexts(DocumentTransferOrder); len(refs) != 1 || refs[0] != d.c.Orders[0].Text {
		t.Errorf("it opens %v", refs)
	}
	if d.c.DocumentTexts("nonsense") != nil {
		t.Error("an unknown kind opens texts")
	}
}

func TestWhoVerifiedDoesNotOrderRectification(t *testing.T) {
	d := setup(t)
	d.toSigning()
	if _, err := d.draft("vera", DocumentRectification); err == nil || err.Code != FourEyes || err.Missing != "you_verified_it" {
		t.Errorf("%v", err)
	}
	if _, err := d.draft("viktor", DocumentRectification); err != nil {
		t.Errorf("who had no part in it: %v", err)
	}
	standIn := d.actor("sam")
	standIn.As = standIn.As.Behalf("vera")
	if _, err := d.rules.DraftDocument(d.c, Wanted{Kind: DocumentRectification}, standIn, nil, worded(nil), d.now); err == nil || err.(*Error).Missing != "absent_barred" {
		t.Errorf("for who verified: %v", err)
	}
	if as := d.rules.IssuesAs(d.c, DocumentRectification, standIn, []Assignment{standIn.As, standIn.As.Own()}); as.For != "" {
		t.Errorf("of two posts the barred one is taken: %v", as)
	}
	nobody := func(DocumentKind) []Assignment { return nil }
	for _, open := range d.rules.OpenDocuments(d.c, d.actor("paul"), nil, d.now, nobody) {
		if open.Refusal == nil || open.Refusal.Code != NotPermitted || len(open.Refusal.Who) == 0 {
			t.Errorf("%s: %v", open.Spec.Kind, open.Refusal)
		}
	}
	if _, err := d.draft("sam", "nonsense"); err == nil || err.Code != NotFound {
		t.Errorf("%v", err)
	}
}

// A reminder opens with five working days left, once a day, and counts.
func TestReminderOpensNearTheEndAndOnceADay(t *testing.T) {
	d := setup(t)
	d.toRectification()
	_, early := d.draft("sam", DocumentReminder)
	if early == nil || early.Missing != "reminder_too_early" || !early.From.Equal(at("2026-12-07 09:00")) {
		t.Fatalf("%v", early)
	}
	d.until("2026-12-07 09:00")
	first := d.drafted("sam", DocumentReminder)
	if v := first.Values; v["outstanding"] != "act=submit_rectification" || v["time_left"] != "还有5个工作日到期" || v["times"] != "1" ||
		v["days_spent"] != "承办单位10个，主管部门0个" {
		t.Errorf("%v", v)
	}
	issued := d.standing(first, "1号")
	if _, err := d.draft("sam", DocumentReminder, issued); err == nil || err.Missing != "reminded_today" || !err.From.Equal(at("2026-12-08 09:00")) {
		t.Errorf("again on the day: %v", err)
	}
	again, err := d.want("sam", Wanted{DocumentReminder, "template_mistake"}, issued)
	if err != nil || again.Values["times"] != "1" || again.Replaces != "1号" {
		t.Errorf("another paper of the same reminder: %+v, %v", again, err)
	}
	voided := issued
	issued = d.standing(again, "2号")
	d.until("2026-12-16 09:00")
	second, err := d.draft("sam", DocumentReminder, voided, issued)
	if err != nil || second.Values["time_left"] != "已逾期2个工作日" || second.Values["times"] != "2" {
		t.Errorf("%v: %v", second.Values, err)
	}
}

func TestUnsignedOrderMayBeRemindedOnItsLastDay(t *testing.T) {
	d := setup(t)
	d.toSigning()
	if _, err := d.draft("sam", DocumentReminder); err == nil || !err.From.Equal(at("2026-11-24 09:00")) {
		t.Errorf("%v", err)
	}
	d.until("2026-11-24 09:00")
	if v := d.drafted("sam", DocumentReminder).Values; v["outstanding"] != "act=sign" || v["time_left"] != "今日到期" {
		t.Errorf("%v", v)
	}
}

func TestNumbersAndNamesAreTakenOutOfFreeText(t *testing.T) {
	words := Words{Staff: "多吉"}
	for given, want := range map[string]string{
		"请联系13812345678":       "请联系138****5678",
		"电话 138 1234 5678 。":   "电话 138****5678 。",
		"51330119900101123X办理": "513301********123X办理",
		"大厅电话0836-2811234":     "大厅电话0836-2811234",
		"第12号窗口，2026年11月":      "第12号窗口，2026年11月",
	} {
		if have := ForUnit.redact(given, words); have != want {
			t.Errorf("%s became %s, want %s", given, have, want)
		}
	}
	if have := ForRater.redact("窗口人员多吉已道歉", words); have != "窗口人员工作人员已道歉" {
		t.Errorf("the citizen reads %s", have)
	}
	if have := ForUnit.redact("多吉", words); have != "多吉" {
		t.Errorf("the unit reads %s", have)
	}
}

func TestWhoSeesADocument(t *testing.T) {
	at := func(org string) Actor {
		return Actor{Assignments: []Assignment{{Role: UnitHead, Org: org, Area: "513301"}}}
	}
	for _, c := range []struct {
		reader   Reader
		audience Audience
		actor    Actor
		want     bool
	}{
		{ReaderAuthority, ForUnit, at(county), true}, {ReaderAuthority, ForRater, at(county), true},
		{ReaderUnit, ForUnit, at(police), true}, {ReaderUnit, ForUnit, at(medical), false}, {ReaderUnit, ForRater, at(police), false},
		{ReaderOversight, ForUnit, at(county), true}, {ReaderOversight, ForRater, at(county), false},
		{ReaderUnit, ForRated, at(police), true}, {ReaderUnit, ForRated, at(medical), false}, {ReaderUnit, ForFile, at(police), false},
		{ReaderUnit, ForRated, Actor{Staff: police, Assignments: []Assignment{{Role: WindowStaff, Org: medical}}}, true},
		{ReaderUnit, ForRated, Actor{Assignments: []Assignment{{Role: WindowStaff, Org: police}}}, false},
		{ReaderOversight, ForFile, at(county), true}, {ReaderOversight, ForRated, at(county), true}, {ReaderRater, ForRated, Actor{}, false},
		{ReaderRater, ForRater, Actor{}, true}, {ReaderRater, ForUnit, Actor{}, false}, {"", ForUnit, at(police), false},
	} {
		if have := c.reader.ShowsDocument(c.audience, police, c.actor); have != c.want {
			t.Errorf("%s sees what is for the %s: %v", c.reader, c.audience, have)
		}
	}
}

func TestNumberAndMark(t *testing.T) {
	if n := DocumentNumber("甘政服", 2026, 12); n != "甘政服好差评〔2026〕12号" {
		t.Error(n)
	}
	for mark, good := range map[string]bool{"甘政服": true, "甘": false, "": false, "ABC": false, "甘政服<": false, "甘政服务服务服务服": false} {
		if (CheckMark(mark) == nil) != good {
			t.Errorf("mark %q: %v", mark, CheckMark(mark))
		}
	}
	if ChineseDate(time.Time{}) != "" || ChineseDate(at("2026-01-05 23:59")) != "2026年1月5日" {
		t.Error("dates")
	}
}

// Every kind has a wording of its own that its own check takes, and fills without a brace left over.
func TestDefaultTemplates(t *testing.T) {
	for _, spec := range DocumentSpecs() {
		template := DefaultTemplate(spec.Kind)
		if err := template.Check(); err != nil {
			t.Errorf("%s: %v; unknown %v", spec.Kind, err, template.Unknown(template.Title+template.To+template.Body))
		}
		paper := template.Fill(spec.Samples())
		if paper.Title == "" || len(paper.Blocks) < 2 || strings.ContainsAny(flat(paper), "{}") {
			t.Errorf("%s: %+v", spec.Kind, paper)
		}
		for _, p := range spec.Placeholders {
			if p.Sample == "" || p.Label == "" {
				t.Errorf("%s: %+v", spec.Kind, p)
			}
		}
	}
	if DefaultTemplate("nonsense").Title != "" {
		t.Error("an unknown kind has a template")
	}
}

func flat(p Paper) string {
	all := []string{p.Title, p.To}
	for _, b := range p.Blocks {
		all = append(all, b.Text, strings.Join(slices.Concat(b.Rows...), " "))
	}
	return strings.Join(all, "\n")
}

func TestTemplateIsCheckedByField(t *testing.T) {
	good := DefaultTemplate(DocumentReply)
	for name, c := range map[string]struct {
		change      func(*Template)
		field, code string
	}{
		"no title":          {func(t *Template) { t.Title = " " }, "title", "required"},
		"no text":           {func(t *Template) { t.Body = "" }, "body", "required"},
		"long title":        {func(t *Template) { t.Title = strings.Repeat("长", 61) }, "title", "too_long"},
		"control character": {func(t *Template) { t.Body = "a\x00" }, "body", "not_text"},
		"unknown":           {func(t *Template) { t.Body = "{评价人姓名}" }, "body", "unknown_placeholder"},
		"of another kind":   {func(t *Template) { t.Body = "{办理要求}" }, "body", "unknown_placeholder"},
		"in the addressee":  {func(t *Template) { t.To = "{承办单位}" }, "to", "unknown_placeholder"},
		"empty":             {func(t *Template) { t.Body = "{}" }, "body", "unknown_placeholder"},
		"not closed":        {func(t *Template) { t.Body = "{答复内容" }, "body", "broken_placeholder"},
		"wide brace":        {func(t *Template) { t.Body = "答复内容｝" }, "body", "broken_placeholder"},
		"five cells":        {func(t *Template) { t.Body = "|a|b|c|d|e|" }, "body", "too_many_cells"},
	} {
		template := good
		c.change(&template)
		if err := template.Check(); err == nil || err.Fields[c.field] != c.code {
			t.Errorf("%s: %v", name, err)
		}
	}
	good.Body, good.To = "｛答复内容｝", ""
	if err := good.Check(); err != nil {
		t.Errorf("braces of a Chinese keyboard: %v", err)
	}
	if paper := good.Fill(map[string]string{"reply": "已办结"}); paper.Blocks[0].Text != "已办结" {
		t.Errorf("%+v", paper)
	}
}

func TestFillLeavesEmptyLinesOutAndTakesValuesAsText(t *testing.T) {
	template := Template{Kind: DocumentTransferOrder, Title: "转办单", Body: "一、要求\n{办理要求}\n协办：{协办单位}。\n| 窗口 | {窗口} |\n| 事项 | {事项} |\n\n（一）其他\n{案件编号}|{协办单位}"}
	paper := template.Fill(map[string]string{"instructions": "第一行\n| 不是表格 {事项}\n", "matter": "a|b\nc", "case_number": "1"})
	want := []Block{{Style: BlockHeading, Text: "一、要求"}, {Text: "第一行"}, {Text: "| 不是表格 {事项}"}, {Rows: [][]string{{"事项", "a|b\nc"}}},
		{Style: BlockSubheading, Text: "（一）其他"}, {Text: "1|"}}
	if !slices.EqualFunc(paper.Blocks, want, func(a, b Block) bool {
		return a.Style == b.Style && a.Text == b.Text && slices.EqualFunc(a.Rows, b.Rows, slices.Equal)
	}) {
		t.Errorf("%+v", paper.Blocks)
	}
}

// upheld carries a case to a mistaken rating on appeal, which sue decided.
func (d *desk) appealed(result string) {
	d.t.Helper()
	d.toDispatch()
	d.do("petra", ActLodgeAppeal, "grounds", "facts_untrue", "account", "it was not so")
	if _, err := d.draft("sam", DocumentAppeal); err == nil || err.Missing != "appeal_not_decided" {
		d.t.Errorf("before the decision: %v", err)
	}
	d.do("sue", ActDecideAppeal, "result", result, "reasons", "the video shows it; call 13812345678", "ground", "organised_fakery")
}

func TestDismissedAppealIsAnsweredWithReasons(t *testing.T) {
	d := setup(t)
	if _, err := d.draft("sam", DocumentAppeal); err == nil || err.Missing != "appeal_not_decided" {
		t.Errorf("without an appeal: %v", err)
	}
	d.appealed("dismissed")
	draft := d.drafted("sue", DocumentAppeal)
	if draft.For != ForRated || draft.To != police || draft.Values["outcome"] != "outcome=dismissed" || draft.Values["granted"] != "" ||
		draft.Values["reasons"] != "the video shows it; call 138****5678" || draft.Values["appellant"] != "<"+police+">" {
		t.Errorf("%+v", draft)
	}
	if paper := DefaultTemplate(DocumentAppeal).Fill(draft.Values); !strings.Contains(flat(paper), "理由：the video") {
		t.Errorf("%+v", paper)
	}
}

// Whoever was rated is answered by name, whatever post they hold; a unit's appeal is the unit's, whoever lodges it.
func TestAppealIsAnsweredToWhoeverLodgedIt(t *testing.T) {
	for _, role := range []Role{WindowStaff, UnitHandler, HotlineAgent} {
		d := setup(t)
		for i, p := range d.rules.Roster {
			if p.ID == "wang" {
				d.rules.Roster[i].Assignments = []Assignment{{Role: role, Org: police, Area: county}}
			}
		}
		d.toDispatch()
		d.do("wang", ActLodgeAppeal, appealed...)
		d.do("sue", ActDecideAppeal, dismissed...)
		if draft := d.drafted("sue", DocumentAppeal); draft.To != "st1" || draft.Values["appellant"] != "name of wang" {
			t.Errorf("%s: to %q, about %q", role, draft.To, draft.Values["appellant"])
		}
	}
}

// An upheld appeal reads the same whether the rating was a mistake or malice (R53).
func TestUpheldAppealDoesNotTellMistakeFromMalice(t *testing.T) {
	texts := map[string]string{}
	for _, result := range []string{"mistaken", "malicious"} {
		d := setup(t)
		d.appealed(result)
		if result == "malicious" {
			if _, err := d.draft("sam", DocumentAppeal); err == nil || err.Missing != "appeal_not_decided" {
				t.Errorf("with one person's word: %v", err)
			}
			d.do("hedda", ActConfirmMalice, "opinion", "proven")
		}
		draft := d.drafted("sam", DocumentAppeal)
		if d.c.DocumentTexts(DocumentAppeal) != nil || draft.Values["reasons"] != "" {
			t.Errorf("%s: reasons are told: %v", result, draft.Values)
		}
		texts[result] = flat(DefaultTemplate(DocumentAppeal).Fill(draft.Values))
	}
	if texts["mistaken"] != texts["malicious"] || !strings.Contains(texts["mistaken"], "outcome=granted") || strings.Contains(texts["mistaken"], "理由") {
		t.Errorf("%s\n\n%s", texts["mistaken"], texts["malicious"])
	}
}

func TestDecisionOfTheLevelAboveIsIssuedThere(t *testing.T) {
	d := setup(t)
	d.appealed("dismissed")
	d.c.Appeal.DecidedBy = "upsam"
	if _, err := d.draft("sam", DocumentAppeal); err == nil || err.Missing != "decided_elsewhere" || err.Code != NotPermitted {
		t.Errorf("the county issues what the prefecture decided: %v", err)
	}
	d.drafted("upsam", DocumentAppeal)
	d.c.Appeal.DecidedBy = "gone"
	d.drafted("sam", DocumentAppeal)
}

func TestWriteOffSheetTellsWhoDidWhat(t *testing.T) {
	d := setup(t)
	missing := func(who, want string) {
		t.Helper()
		if _, err := d.draft(who, DocumentWriteOff); err == nil || err.Missing != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
	missing("sam", "write_off_not_proposed")
	d.appealed("mistaken")
	missing("sue", "you_reviewed_it")
	sheet := d.drafted("hedda", DocumentWriteOff)
	if v, paper := sheet.Values, DefaultTemplate(DocumentWriteOff).Fill(sheet.Values); v["proposer"] != "name of sue" || v["approver"] != "name of " ||
		v["result"] != "" || v["told"] != "" || !slices.ContainsFunc(slices.Concat(paper.Blocks[0].Rows), Signing) {
		t.Errorf("what is to be signed reads %v", v)
	}
	if _, err := d.draft("hedda", DocumentWriteOff, d.standing(sheet, "1号")); err == nil || err.Missing != "document_issued" {
		t.Errorf("again before anything was decided: %v", err)
	}
	d.do("hedda", ActApproveWriteOff)
	if v := d.drafted("hedda", DocumentWriteOff).Values; v["approver"] != "name of hedda" || v["told"] != "rater_told=to_be_called" || v["objection"] != "rater_told=may_object" || v["result"] != "" {
		t.Errorf("while the rater may object: %v", v)
	}
	d.do("", ActObjectWriteOff, "objection", "I do not agree at all")
	if v := d.drafted("hedda", DocumentWriteOff).Values; v["objection"] != "rater_told=being_heard" || v["result"] != "" {
		t.Errorf("while the objection is heard: %v", v)
	}
	d.do("sam", ActDecideObjection, "result", "written_off", "reasons", "it was a mistake")
	missing("sue", "you_reviewed_it")
	draft, refused := d.draft("hedda", DocumentWriteOff, d.standing(sheet, "1号"))
	if refused != nil || draft.Replaces != "1号" || draft.Reason != ReasonMoved {
		t.Errorf("after the decision: %+v, %v", draft, refused)
	}
	v := draft.Values
	if draft.For != ForFile || draft.To != "" || v["proposer"] != "name of sue" || v["approver"] != "name of hedda" || v["write_off_kind"] != "write_off_kind=mistaken" ||
		v["objection"] != "rater_told=objected" || v["result"] != "write_off_result=written_off" || v["effective_on"] != "2026年11月23日" {
		t.Errorf("%v", v)
	}
	for code, value := range v {
		if strings.Contains(value, "do not agree") || strings.Contains(value, "waited two hours") {
			t.Errorf("%s has the rater's words: %s", code, value)
		}
	}
	if _, err := d.draft("sam", DocumentTransferOrder); err == nil || err.Missing != "no_order_yet" {
		t.Errorf("an order for a rating that counts no more: %v", err)
	}
}

func TestExemptionAndRefusalStandOnTheSheet(t *testing.T) {
	d := setup(t).unasked()
	d.appealed("mistaken")
	d.do("hedda", ActApproveWriteOff, exempted...)
	if v := d.drafted("hedda", DocumentWriteOff).Values; v["told"] != "exemption=asked_not_to_be_called" || v["objection"] != "rater_told=may_object" {
		t.Errorf("%v", v)
	}
	d.do("", ActObjectWriteOff, "objection", "I do not agree")
	if v := d.drafted("hedda", DocumentWriteOff).Values; v["objection"] != "rater_told=being_heard" || v["result"] != "" {
		t.Errorf("while the objection is heard: %v", v)
	}
	d.do("sam", ActDecideObjection, result("counts_on")...)
	if v := d.drafted("hedda", DocumentWriteOff).Values; v["objection"] != "rater_told=objected" || v["result"] != "write_off_result=reversed" || v["review"] != "" {
		t.Errorf("set aside by the objection: %v", v)
	}
	d = setup(t)
	d.appealed("mistaken")
	d.do("hedda", ActRefuseWriteOff, "reasons", "not proven")
	if v := d.drafted("hedda", DocumentWriteOff).Values; v["result"] != "write_off_result=refused" || v["effective_on"] != "" || v["told"] != "" || v["approved_on"] != "" {
		t.Errorf("%v", v)
	}
}

// The sheet says how the rater was told, and never that they were where nobody did.
func TestTheSheetSaysHowTheRaterWasTold(t *testing.T) {
	for want, tell := range map[string]func(*desk){
		"telephone": func(d *desk) { d.do("clara", ActTellRater, told...) },
		"not_reached": func(d *desk) {
			d.do("clara", ActTellRater, "result", "no_answer")
			d.do("clara", ActTellRater, "result", "call_later")
			d.until("2026-11-24 10:00")
			d.do("clara", ActTellRater, "result", "no_answer")
		},
		"asked_not_to_be_called": func(*desk) {},
		"receipt_page":           func(d *desk) { d.do("", ActObjectWriteOff, "objection", "I read it") },
	} {
		d := setup(t).with(WriteOffSample, 0)
		d.quiet = want == "asked_not_to_be_called"
		d.appealed("mistaken")
		d.do("hedda", ActApproveWriteOff)
		if tell(d); d.c.Await(ActDecideObjection) != nil {
			d.do("sam", ActDecideObjection, result("written_off")...)
		}
		d.until("2026-12-10 00:00")
		if v := d.drafted("hedda", DocumentWriteOff).Values; v["told"] != "rater_told="+want {
			t.Errorf("%s: %v", want, v["told"])
		}
	}
}

func TestStatementFormWhileTheOtherSideIsHeard(t *testing.T) {
	d := setup(t)
	if _, err := d.draft("sam", DocumentStatement); err == nil || err.Missing != "nobody_to_account" {
		t.Errorf("%v", err)
	}
	d.toAcceptance()
	d.do("sam", ActRejectRectification, "reason", "nothing was done")
	if _, err := d.draft("updora", DocumentStatement); err == nil || err.Missing != "decided_elsewhere" {
		t.Errorf("a discipline body before which the decision does not lie: %v", err)
	}
	if theirs := d.drafted("dora", DocumentStatement); !strings.HasPrefix(theirs.About, "statement/1@") {
		t.Errorf("%+v", theirs)
	}
	draft := d.drafted("sam", DocumentStatement)
	if draft.For != ForRated || draft.To != police || draft.Values["measure_reason"] != "measure_reason=insufficient" || draft.Values["state_by"] == "" ||
		draft.Values["order_number"] == "" || draft.Values["days_spent"] != "承办单位0个，主管部门0个" {
		t.Errorf("%+v", draft)
	}
	paper := DefaultTemplate(DocumentStatement).Fill(draft.Values)
	if i := slices.IndexFunc(paper.Blocks[1].Rows, func(row []string) bool { return row[0] == "陈述和申辩" }); i < 0 || paper.Blocks[1].Rows[i][1] != "" {
		t.Errorf("there is no room to write: %v", paper.Blocks[1].Rows)
	}
	d.c.Measures[0].Staff = "st1"
	if person := d.drafted("sam", DocumentStatement); person.To != "st1" || person.Values["answering"] != "<"+police+"> 多吉" {
		t.Errorf("%+v", person)
	}
	d.rules.Roster = slices.DeleteFunc(slices.Clone(d.rules.Roster), func(p Person) bool { return p.ID == "dora" })
	d.drafted("updora", DocumentStatement) // nobody is left below: one level up decides, and asks
	d.do("petra", ActGiveStatement, "statement", "the parts did not come")
	if _, err := d.draft("sam", DocumentStatement); err == nil || err.Missing != "statement_over" {
		t.Errorf("%v", err)
	}
}

// A paper follows what moved, once, and says whose place it takes; where nothing moved it is refused with
// the number and the date of the one that stands.
func TestPaperFollowsWhatMoved(t *testing.T) {
	d := setup(t)
	d.toSigning()
	order, notice := d.standing(d.drafted("sam", DocumentTransferOrder), "1号"), d.standing(d.drafted("sam", DocumentRectification), "2号")
	d.do("paul", ActSign)
	for _, kind := range []DocumentKind{DocumentTransferOrder, DocumentRectification} {
		if _, err := d.draft("sam", kind, order, notice); err == nil || err.Missing != "document_issued" || err.Issued == nil || err.Issued.Number == "" {
			t.Errorf("%s once it is signed: %v", kind, err)
		}
	}
	d.c.Clock.Due = at("2026-12-17 17:30")
	second, err := d.draft("sam", DocumentTransferOrder, order, notice)
	if err != nil || second.Replaces != "1号" || second.Reason != ReasonMoved || second.Values["due"] != "2026年12月17日" {
		t.Fatalf("the due date moved: %+v, %v", second, err)
	}
	if follow, err := d.draft("sam", DocumentRectification, order, notice); err != nil || follow.Replaces != "2号" {
		t.Errorf("the notice: %+v, %v", follow, err)
	}
	replaced := d.standing(second, "3号")
	if _, err := d.draft("sam", DocumentTransferOrder, order, replaced); err == nil || err.Issued == nil || err.Issued.Number != "3号" {
		t.Errorf("a third: %v", err)
	}
	d.c.Clock.Due = at("2026-12-14 17:30") // back to where it was when the first was issued
	if third, err := d.draft("sam", DocumentTransferOrder, replaced, order); err != nil || third.Replaces != "3号" || !strings.HasSuffix(third.About, "#3") {
		t.Errorf("back again: %+v, %v", third, err)
	}
}

func TestStatementFormFollowsItsDay(t *testing.T) {
	d := setup(t)
	d.toAcceptance()
	d.do("sam", ActRejectRectification, "reason", "nothing was done")
	form := d.standing(d.drafted("sam", DocumentStatement), "1号")
	if _, err := d.draft("sam", DocumentStatement, form); err == nil || err.Missing != "document_issued" {
		t.Errorf("%v", err)
	}
	for i := range d.c.Deadlines {
		if d.c.Deadlines[i].Act == ActGiveStatement {
			d.c.Deadlines[i].Due = at("2026-12-30 17:30")
		}
	}
	if next, err := d.draft("sam", DocumentStatement, form); err != nil || next.Replaces != "1号" || next.Values["state_by"] != "2026年12月30日" {
		t.Errorf("%+v, %v", next, err)
	}
}

func TestWrongPaperIsReplacedWithAReason(t *testing.T) {
	d := setup(t)
	d.toSigning()
	wrong := Wanted{DocumentTransferOrder, "template_mistake"}
	if _, err := d.want("sam", wrong); err == nil || err.Missing != "nothing_to_replace" {
		t.Errorf("without one that stands: %v", err)
	}
	order := d.standing(d.drafted("sam", DocumentTransferOrder), "1号")
	if _, err := d.want("sam", Wanted{DocumentTransferOrder, "I do not like it"}, order); err == nil || err.Fields["reason"] != "not_an_option" {
		t.Errorf("for a reason that is none: %v", err)
	}
	second, err := d.want("sam", wrong, order)
	if err != nil || second.Replaces != "1号" || second.Reason != "template_mistake" {
		t.Fatalf("%+v, %v", second, err)
	}
	if name, nth := Topic(second.About); name != "513301-2026-000001-Z1" || nth != 2 {
		t.Errorf("%s, the %d.", name, nth)
	}
	order.Authority = "another"
	if _, err := d.want("sam", wrong, order); err == nil || err.Missing != "issued_elsewhere" {
		t.Errorf("another authority's: %v", err)
	}
	// Of one issued before the state was kept nobody knows what it said: it takes a reason.
	old := Issued{Kind: DocumentTransferOrder, About: "513301-2026-000001-Z1", Authority: county, Number: "1号", At: d.now}
	d.c.Clock.Due = at("2026-12-17 17:30")
	if _, err := d.draft("sam", DocumentTransferOrder, old); err == nil || err.Missing != "document_issued" {
		t.Errorf("%v", err)
	}
	if _, err := d.want("sam", Wanted{DocumentTransferOrder, "content_mistake"}, old); err != nil {
		t.Errorf("%v", err)
	}
	for _, open := range d.rules.OpenDocuments(d.c, d.actor("sam"), []Issued{order, old}, d.now, allowed) {
		if has := open.Last != nil; has != (open.Spec.Kind == DocumentTransferOrder) || open.ByReason && !has {
			t.Errorf("%s: %+v", open.Spec.Kind, open)
		}
	}
}

// The sheet that was issued while the level above looked at it follows what it decided.
func TestWriteOffSheetFollowsEachDecision(t *testing.T) {
	d := setup(t)
	d.appealed("mistaken")
	d.c.Tracks[TrackWriteOff] = StageSampled
	d.c.WriteOff.ApprovedBy, d.c.WriteOff.ApprovedAt = "hedda", d.now
	d.c.Awaiting = slices.DeleteFunc(slices.Clone(d.c.Awaiting), func(a Await) bool { return a.Act == ActApproveWriteOff })
	sheet := d.standing(d.drafted("hedda", DocumentWriteOff), "1号")
	d.c.Tracks[TrackWriteOff] = StageReversed
	next, err := d.draft("hedda", DocumentWriteOff, sheet)
	if err != nil || next.Replaces != "1号" || next.Values["result"] != "write_off_result=reversed" || next.Values["review"] != "write_off_review=reversed" {
		t.Errorf("%+v, %v", next, err)
	}
}
