package web

import (
	"time"

	"haochaping/regulation"
	"haochaping/workday"
)

// The views of the tests: made-up people and cases, filled as fully as a page can be.

func at(date string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", date, workday.Shanghai)
	if err != nil {
		panic(err)
	}
	return t
}

func gradeChoices() []GradeChoice {
	first := map[int][]string{5: {"510", "511", "512"}, 4: {"406", "407", "408"}, 3: {"307", "308", "309"},
		2: {"207", "208", "209"}, 1: {"108", "109", "110"}}
	more := map[int][]string{5: {"513", "514", "515", "516", "517"}, 4: {"409", "410", "411", "412", "413"},
		3: {"310", "311", "312", "313", "314"}, 2: {"210", "211", "212", "213", "214"}, 1: {"111", "112", "113", "114", "115"}}
	var choices []GradeChoice
	for grade := 5; grade >= 1; grade-- {
		choices = append(choices, GradeChoice{grade, ratingOptions(first[grade]), ratingOptions(more[grade])})
	}
	return choices
}

func ratingOptions(codes []string) []RatingOption {
	var options []RatingOption
	for _, code := range codes {
		options = append(options, RatingOption{Code: code})
	}
	return options
}

var dimensions = []string{"efficiency", "attitude", "guide", "discipline", "environment", "delivery"}

func staffPage(current string) Page {
	page := Page{Path: "/" + current, Reader: &Reader{Name: "扎西（演示）", Roles: []string{"supervisor"}, Unit: "康定市行政审批局", Unread: 3}}
	for _, code := range []string{"cases", "notices", "discipline", "paper", "alarms", "codes"} {
		page.Nav = append(page.Nav, NavItem{Code: code, Href: "/" + code, Current: code == current})
	}
	page.Nav[0].Count = 12
	return page
}

func rateView() *RateView {
	return &RateView{
		Page: Page{Path: "/rate/KD0107"}, Form: Form{Action: "/ratings", IdempotencyKey: "0192f0c1"},
		Code: "KD0107", Unit: "康定市人力资源和社会保障局", Hall: "康定市政务服务大厅", Window: "社保 07 号窗口",
		Staff:  StaffCard{Name: "泽仁拉姆", Post: "社保综合受理岗", Portrait: portrait},
		Others: []Colleague{{Name: "次仁多吉", Href: "/rate/KD0107?staff=2"}, {Name: "王晓兰", Href: "/rate/KD0107?staff=3"}},
		Grades: gradeChoices(), Dimensions: dimensions, NoticeVersion: "1",
	}
}

// hotlineView is of a call in which something was rated, with a refused form for the next.
func hotlineView() *HotlineView {
	return &HotlineView{Page: staffPage("hotline"), Form: Form{Action: "/hotline/ratings", IdempotencyKey: "k", Values: map[string][]string{"target_kind": {"matter"}, "find": {"社保"}, "language": {"bo"}},
		Errors: map[string]Message{"object": Msg("refusal.required"), "grade": Msg("refusal.one_of_five_grades")}},
		Call: &HotlineCall{ID: "C20260302-000117", BeganAt: at("2026-03-02 10:12"), Rated: 1}, Searched: true, Found: []Option{{Value: "window:w7", Text: "社保 07 号窗口 · 康定市政务服务大厅"}, {Value: "matter:m1", Text: "城乡居民基本养老保险参保登记 · 康定市人力资源和社会保障局"}},
		Grades: gradeChoices(), Dimensions: dimensions, NoticeVersion: "3", Receipt: "7K3M9QXW2B5RT8VN4HJC6DYPEA", Demo: true}
}

// inboundView has every sort of row, and a refused form.
func inboundView() *InboundView {
	return &InboundView{Page: staffPage("alarms"), Form: Form{Action: "/inbound/mend", Values: map[string][]string{"reason": {"task_unknown"}, "value": {"11513300MB0057293J99"}, "object": {"513301-psb-m9"}}, Errors: map[string]Message{"object": Msg("refusal.not_an_option")}},
		Upstreams: []UpstreamRow{{"四川政务服务网", "portal", at("2026-03-02 10:12"), false, map[string]int64{"accepted": 412, "repeated": 3}, map[string]int64{"accepted": 10412, "repeated": 80, "parked": 2, "refused": 17}}, {"天府通办", "app", at("2026-03-02 03:10"), true, nil, nil}, {Name: "12345 话务平台", ID: "hotline"}},
		Parked:    []ParkedRow{{"portal", "四川政务服务网", "portal-1772417520-7", "rating", "task_unknown", "11513300MB0057293J99", at("2026-03-02 10:12"), true}, {"app", "天府通办", "app-1772417520-9", "rating", "first_missing", "513301-20260302-00012", at("2026-03-02 10:13"), false}},
		Refused:   []RefusedRow{{"天府通办", "app-1772417520-3", "rating", []RefusedField{{"等级", "请从五个等级里选一个"}, {"评价时间", "时间在将来"}}, at("2026-03-02 10:12"), 3}}}
}

// replacedRateView is of a handled matter, reached by an old code.
func replacedRateView() *RateView {
	v := rateView()
	v.Matter, v.Status, v.Replaced = "城乡居民基本养老保险参保登记", "in_progress", true
	return v
}

func refusedRateView() *RateView {
	v := rateView()
	v.Staff = StaffCard{Name: "泽仁拉姆", Post: "社保综合受理岗", Position: "四级主任科员"}
	v.Matter = "城乡居民基本养老保险参保登记"
	v.Values = map[string][]string{"grade": {"1"}, "contact_phone": {"138"}, "mark_attitude": {"2"}}
	v.Errors = map[string]Message{"option": Msg("refusal.option_or_sentence"), "contact_phone": Msg("refusal.bad_phone"),
		"contact_consent": Msg("refusal.consent_required")}
	return v
}

func statusView() *ReceiptStatusView {
	return &ReceiptStatusView{
		Ledger:      &LedgerStanding{State: "signed", Number: 48190, At: at("2026-03-02 10:05"), Counted: true, Proof: "/receipt/proof"},
		ContactKept: true, Notices: &RaterNotices{On: true, Sent: []SentNotice{{at("2026-03-02 00:00"), []string{"received"}, false}, {at("2026-03-14 00:00"), []string{"reply", "right"}, true}}},
		Official: "12345", CodeWord: "雪山 xuěshān 47", Opened: []OpenedLine{{"callback", at("2026-03-04 00:00")}, {"connect", at("2026-03-03 00:00")}},
		Consents: []ConsentLine{{"contact", "given", at("2026-03-01 10:00"), "1", false}, {"platform", "none", time.Time{}, "", true}},
		Page:     Page{Path: "/receipt"}, Grade: 1, GivenAt: at("2026-03-02 10:00"), Subject: "康定市人力资源和社会保障局 · 社保 07 号窗口",
		Steps: []StatusStep{{Code: "received", State: "done", At: at("2026-03-02 10:00")}, {Code: "checking", State: "done", At: at("2026-03-04 10:00")},
			{Code: "handed", State: "done", At: at("2026-03-05 10:00")}, {Code: "rectifying", State: "done", At: at("2026-03-12 10:00")},
			{Code: "answered", State: "done", At: at("2026-03-14 10:00")},
			{Code: "survey", State: "current", Until: at("2026-03-20 17:30")}, {Code: "final_check", State: "todo"}, {Code: "closed", State: "todo"}},
		Interim: "您的参保登记正在补办，预计 3 月 10 日前办结。",
		Reply:   "您好！经核实，窗口人员确实要求您提供了办事指南之外的材料。该材料要求已取消，窗口人员已接受批评教育，您的参保登记已于 3 月 10 日办结。\n给您带来不便，我们诚恳道歉。",
		ReplyAt: at("2026-03-14 10:00"),
		Letters: []DocumentLine{{Kind: "reply_letter", Number: "康政服好差评〔2026〕15号", At: at("2026-03-14 10:00"), Href: "/receipt/documents/1", Word: "/receipt/documents/1/word"}},
		Consent: &ConsentForm{Form: Form{Action: "/receipt/consent", IdempotencyKey: "k1", Hidden: map[string]string{"receipt": "x"}}, Unit: "康定市人力资源和社会保障局"},
		Survey: &SurveyForm{Form: Form{Action: "/receipt/survey", IdempotencyKey: "k2",
			Errors: map[string]Message{"resolved": Msg("refusal.required")}}, Until: at("2026-03-20 17:30")},
	}
}

// lateStatusView is shown to whoever sent a survey after its time, and had typed the receipt anew.
func lateStatusView() *ReceiptStatusView {
	v := statusView()
	v.Flash = &Flash{Tone: "warn", Message: Msg("flash.survey_over")}
	v.Survey, v.Consent, v.Kept = nil, nil, "答复里说的和我知道的不一样。"
	return v
}

// absenceView is of somebody away, whose substitute is away too, with a refused form.
func absenceView() *AbsenceView {
	wrong := Msg("refusal.absence_overlaps_with", "2026年3月2日", "2026年3月6日", "罗绒卓玛")
	page := staffPage("cases")
	page.Away = &Away{Until: at("2026-03-06 00:00"), Acting: "次仁多吉"}
	running := Absence{Who: "扎西", Substitute: "罗绒卓玛", Acting: "次仁多吉", From: at("2026-03-02 00:00"), Until: at("2026-03-06 00:00"), Reason: "business_trip",
		State: "running", SetBy: "扎西", SetAt: at("2026-02-27 16:20"), Revoke: "/substitutions/s1/revoke", Back: "/absence"}
	coming, over, revoked := running, running, running
	coming.State, coming.From, coming.Until, coming.Acting = "coming", at("2026-04-01 00:00"), at("2026-04-10 00:00"), ""
	over.State, over.Revoke, over.Acting, over.Reason = "over", "", "", "leave"
	revoked.State, revoked.Revoke, revoked.Acting, revoked.RevokedBy, revoked.RevokedAt = "revoked", "", "", "根秋康珠", at("2026-02-03 08:45")
	return &AbsenceView{Page: page, Form: Form{Action: "/absence"}, Longest: 30, Absences: []Absence{coming, running, over, revoked},
		StandsIn: []Absence{{Who: "格桑郎加", Substitute: "扎西", From: at("2026-03-09 00:00"), Until: at("2026-03-13 00:00"), Reason: "training", State: "coming", SetBy: "根秋康珠", SetAt: at("2026-02-27 16:20")}},
		Fields: []Field{{Name: "from", Kind: FieldDate, Label: "absence.from", Required: true, Values: []string{"2026-03-04"}, Error: &wrong},
			{Name: "until", Kind: FieldDate, Label: "absence.until", Required: true, Values: []string{"2026-03-05"}},
			{Name: "substitute", Kind: FieldSelect, Label: "absence.substitute", Help: "absence.substitute.help", Required: true, Options: []Option{{Value: "p2", Text: "罗绒卓玛（核实员）"}}},
			{Name: "reason", Kind: FieldRadio, Label: "absence.reason", Help: "absence.reason.help", Required: true, Options: []Option{{Value: "leave", Key: "absence.reason.leave"}, {Value: "training", Key: "absence.reason.training"}}}}}
}

func substitutionsView() *AbsenceView {
	v := absenceView()
	v.Office, v.StandsIn, v.Away = true, nil, nil
	v.Fields = append([]Field{{Name: "absent", Kind: FieldSelect, Label: "absence.absent", Required: true, Options: []Option{{Value: "p1", Text: "扎西"}}}}, v.Fields...)
	return v
}

func inboxView() *InboxView {
	v := &InboxView{Page: staffPage("cases"),
		Tabs:   []Tab{{Code: "mine", Href: "?tab=mine", Count: 12, Current: true}, {Code: "unit", Href: "?tab=unit", Count: 41}, {Code: "available", Href: "?tab=available", Count: 7}},
		Filter: InboxFilter{Action: "/cases", Tab: "mine", Sort: "due"},
		Acts:   []Option{{Value: "accept", Key: "act.accept"}, {Value: "transfer", Key: "act.transfer"}},
		Areas:  []Option{{Value: "513301", Text: "康定市"}, {Value: "513322", Text: "泸定县"}},
		Pager:  Pager{First: "?", Next: "?after=x"}}
	v.Live = "/events"
	acts := []string{"accept", "record_finding", "transfer", "sign", "submit_rectification", "accept_rectification", "closing_callback", "recheck"}
	phases := []string{"opened", "verification", "dispatch", "signing", "rectification", "acceptance", "closing_callback", "recheck"}
	units := []string{"康定市人力资源和社会保障局", "泸定县公安局出入境管理大队", "甘孜州不动产登记中心", "康定市姑咱镇便民服务中心"}
	for i := range 24 {
		row := InboxRow{Href: "/cases/1", Number: "GZ-2026-0" + string(rune('3'+i%6)) + "17", Act: acts[i%8], Phase: phases[i%8], Unit: units[i%4], Area: "康定市",
			Grade: 1 + i%2, Opened: at("2026-03-02 09:12"), Due: Due{At: at("2026-03-12 17:30"), Left: i - 3}, Hold: Hold{IdempotencyKey: "k"}}
		switch i % 3 {
		case 0:
			row.Holder, row.Release, row.Mine, row.Since = "扎西", "/cases/1/release", true, at("2026-03-02 10:12")
		case 1:
			row.Claim = "/cases/1/claim"
		default:
			row.Holder, row.Since = "罗绒卓玛", at("2026-03-03 15:40")
		}
		row.Escalated, row.Due.Provisional = i == 0, i == 20
		if i%5 == 1 {
			row.For = "代罗绒卓玛（经次仁多吉）"
		}
		v.Rows = append(v.Rows, row)
	}
	return v
}

func sliderView() *Slider {
	return &Slider{Action: "/cases/1/standing", Seq: 6, Last: 9, Marks: []StandingMark{{1, at("2026-03-02 09:00"), "opened"}, {6, at("2026-03-05 09:00"), "transfer"}}}
}

func caseView() *CaseView {
	v := &CaseView{Page: staffPage("cases"), Number: "GZ-2026-0317", Phase: "rectification", Grade: 1, Hold: Hold{Holder: "次仁多吉", Since: at("2026-03-05 16:20"), Mine: true, Release: "/cases/1/release", IdempotencyKey: "k"}, Escalated: true}
	v.Waits = []Wait{{Act: "interim_reply", Clause: "7(3)", Before: []Seat{{Role: "callback_clerk", Place: "康定市行政审批局"}, {Role: "supervisor", Place: "康定市行政审批局"}}, Since: at("2026-03-05 10:00"), Due: Due{At: at("2026-03-10 17:30"), Left: -1, Overdue: true}, Raised: "overdue"}, {Before: []Seat{{Place: "康定市行政审批局"}}}}
	v.Reader = &Reader{Name: "次仁多吉", Roles: []string{"unit_handler"}, Unit: "康定市人力资源和社会保障局"}
	v.Nav = v.Nav[:2]
	v.Live, v.Slider, v.Print = "/cases/1/events", sliderView(), "/cases/1/print"
	form := func(kind string) Form { return Form{Action: "/cases/1/acts/" + kind, IdempotencyKey: "key-" + kind} }
	v.Acts = []ActForm{
		{Form: form("submit_rectification"), Kind: "submit_rectification", Clause: "7(3)", Due: Due{At: at("2026-03-24 17:30"), Left: 9}, Open: true, Fields: fieldsOf(regulation.ActSubmitRectification)},
		{Form: form("interim_reply"), Kind: "interim_reply", Clause: "7(3)", Due: Due{At: at("2026-03-10 17:30"), Left: -1, Overdue: true}, Fields: fieldsOf(regulation.ActInterimReply)},
		{Form: form("return_order"), Kind: "return_order", Clause: "7(3)", Danger: true, Fields: fieldsOf(regulation.ActReturnOrder)},
	}
	v.Closed = []ClosedAct{{Kind: "close", Clause: "7(2)", Missing: []Message{Msg("refusal.not_now")}, WhoMay: []string{"supervisor"}, From: at("2026-04-01 09:00")},
		{Kind: "recheck", Clause: "7(2)", WhoMay: []string{"verifier"}, Missing: []Message{Msg("refusal.four_eyes")}}}
	for i, phase := range []string{"opened", "verification", "dispatch", "signing", "planning", "rectification", "acceptance", "reply", "survey", "closing_callback", "recheck", "closing", "closed"} {
		state := "done"
		if i == 5 {
			state = "current"
		} else if i > 5 {
			state = "todo"
		}
		v.Stages = append(v.Stages, Stage{phase, state})
	}
	v.Facts = []Fact{{Code: "unit", Text: "康定市人力资源和社会保障局"}, {Code: "window", Text: "康定市政务服务大厅 · 社保 07 号窗口"}, {Code: "staff", Text: "泽仁拉姆（社保综合受理岗）"},
		{Code: "channel", Key: "channel.web"}, {Code: "options", Key: "option.109"}, {Code: "rated_at", Text: "2026年3月2日 10:12"}, {Code: "rater", Text: "李*", Masked: true}}
	v.Deadlines = []Deadline{{Kind: "submit_rectification", Clause: "7(3)", Due: Due{At: at("2026-03-24 17:30"), Left: 9}},
		{Kind: "interim_reply", Clause: "7(3)", Due: Due{At: at("2026-03-10 17:30"), Left: -1, Overdue: true}},
		{Kind: "sign", Clause: "7(3)", DoneAt: at("2026-03-05 17:00")}, {Kind: "record_finding", Clause: "7(2)", DoneAt: at("2026-03-06 11:00"), Late: true}}
	v.Consent, v.Notice, v.NoticeAt = "yes", "served", at("2026-03-05 09:00")
	v.Evidence = []EvidenceFile{{Name: "窗口录像 2026-03-02.mp4", Href: "/files/1", Kind: "video", Bytes: 12_400_000, Digest: "9f2c4e1a77b0d3c1", At: at("2026-03-04 15:20"), Role: "verifier", By: "罗绒卓玛", Unit: "康定市政务服务管理局"},
		{Name: "情况说明.pdf", Href: "/files/2", Kind: "statement", Bytes: 82_000, Digest: "11aa4e1a77b0d3c1", At: at("2026-03-04 16:02"), Role: "verifier"}, {Name: "窗口人员口头说明", Kind: "statement", At: at("2026-03-04 16:30"), Role: "verifier"}}
	order := DocumentLine{Kind: "transfer_order", Number: "康政服好差评〔2026〕12号", To: "康定市人力资源和社会保障局", At: at("2026-03-05 10:00"), Role: "supervisor", By: "扎西", ReplacedBy: "康政服好差评〔2026〕14号", Href: "/cases/1/documents/1", Word: "/cases/1/documents/1/word"}
	anew, letter := order, DocumentLine{Kind: "reply_letter", Number: "康政服好差评〔2026〕15号", At: at("2026-03-14 10:00"), Role: "supervisor", By: "扎西", Href: "/cases/1/documents/2", Word: "/cases/1/documents/2/word"}
	anew.Number, anew.At, anew.Replaces, anew.ReplacedBy, anew.Reason = "康政服好差评〔2026〕14号", at("2026-03-09 09:00"), order.Number, "", "moved"
	v.Documents = []DocumentLine{order, anew, letter}
	v.Issue = []IssueForm{{Form: Form{Action: "/cases/1/documents", IdempotencyKey: "k"}, Kind: "rectification_notice"},
		{Form: Form{Action: "/cases/1/documents", IdempotencyKey: "l"}, Kind: "write_off_sheet", Stands: "康政服好差评〔2026〕13号", StandsSince: at("2026-03-06 10:00")}}
	v.Reissue = []IssueForm{{Form: Form{Action: "/cases/1/documents", IdempotencyKey: "m"}, Kind: "transfer_order", Stands: anew.Number, StandsSince: anew.At, Reasons: regulation.ReplaceReasons}}
	v.NoDocument = []ClosedAct{{Kind: "reminder", Clause: "7(3)", Missing: []Message{Msg("refusal.reminder_too_early")}, From: at("2026-03-17 09:00")}}
	v.Timeline = timeline()
	v.Reopened, v.NoticeHref = 1, "/notices/1"
	v.Procedures = caseProcedures()
	v.Clocks = []ClockLine{{Round: 1, From: at("2026-02-05 10:00"), Due: at("2026-02-27 17:30"), Unit: 9, Authority: 3}, {Round: 2, From: at("2026-03-05 10:00"), Due: at("2026-03-27 17:30"), Unit: 1, Authority: 2, Paused: 4,
		Pauses: []ClockPause{{From: at("2026-03-06 09:00"), To: at("2026-03-09 11:00"), Left: 14, Reason: "appeal", Clause: "9(2)", By: "泽仁拉姆"}, {From: at("2026-03-12 09:00"), Left: 11, Reason: "appeal", Clause: "9(2)"}}}}
	v.Archives = []ArchiveLink{{Version: 1, MadeAt: at("2026-03-20 09:00"), Bytes: 15_300, Digest: "77ab4e1a77b0d3c1", Deleted: at("2036-03-20 00:00")}, {Version: 2, MadeAt: at("2026-04-02 09:00"), Bytes: 16_100, Digest: "18cd4e1a77b0d3c1", Href: "/cases/1/archives/2"}}
	return v
}

func caseProcedures() []Procedure {
	return []Procedure{
		{Track: "appeal", Stage: "stage.upheld", Steps: []ProcedureStep{{"stage.review", at("2026-03-06 09:00")}, {"stage.finding", at("2026-03-08 09:00")}, {"stage.upheld", at("2026-03-09 11:00")}},
			Facts: []Fact{{Code: "by", Text: "窗口人员 · 泽仁拉姆"}, {Code: "grounds", Key: "choice.grounds.facts_untrue"}, {Code: "result", Key: "appeal_result.mistaken"}, {Code: "decided_by", Text: "扎西"}}},
		{Track: "write_off", Stage: "stage.objection", Running: true, Steps: []ProcedureStep{{"stage.approval", at("2026-03-09 11:00")}, {"stage.objection", at("2026-03-10 09:00")}},
			Facts: []Fact{{Code: "kind", Key: "write_off_kind.mistaken"}, {Code: "approved_by", Text: "格桑平措"}}}}
}

func plainNoticeView() *NoticeView {
	return &NoticeView{Page: staffPage("notices"), Number: "GZ-2026-0317", Grade: 1, Period: Msg("period.week", 2026, 10), Dimensions: []DimensionMark{{"attitude", 2}, {"guide", 1}},
		Options: ratingOptions([]string{"109", "113"}), Window: "社保 07 号窗口", Unit: "康定市人力资源和社会保障局", ServedAt: at("2026-03-05 09:00"), AppealUntil: Due{At: at("2026-03-12 17:30"), Left: 4}}
}

// noticeView is a notice with an appeal that was dismissed, a round of accountability, and what is open.
func noticeView() *NoticeView {
	v := plainNoticeView()
	days, until := Msg("notice.review_days", 5), Msg("notice.review_until", "2026年3月30日")
	v.Standing, v.Case = "counts", "/cases/1"
	v.Procedures = []Procedure{{Track: "appeal", Stage: "appeal_stage.review", Running: true, Since: at("2026-03-06 09:00"), Note: &days,
		Facts: []Fact{{Code: "by", Key: "role.window_staff"}, {Code: "grounds", Key: "choice.grounds.facts_untrue"}, {Code: "account_of_appeal", Text: "当时系统故障，窗口已当面说明，并在恢复后立即办结。"}}},
		{Track: "accountability", Stage: "stage.in_force", Running: true, Since: at("2026-03-16 09:00"), Note: &until,
			Facts: []Fact{{Code: "opened_for", Key: "accountability.reason.insufficient"}, {Code: "measure", Key: "choice.kind.criticism"}, {Code: "basis", Text: "制度第八条（四）"}}}}
	form := func(kind string) Form { return Form{Action: "/cases/1/acts/" + kind, IdempotencyKey: "key-" + kind} }
	v.Acts = []ActForm{{Form: form("withdraw_appeal"), Kind: "withdraw_appeal", Clause: "9(2)", Fields: fieldsOf(regulation.ActWithdrawAppeal)},
		{Form: form("request_review"), Kind: "request_review", Clause: "8(4)", Open: true, Due: Due{At: at("2026-03-30 17:30"), Left: 9}, Fields: fieldsOf(regulation.ActRequestReview)}}
	v.Closed = []ClosedAct{{Kind: "lodge_appeal", Clause: "9(2)", Missing: []Message{Msg("refusal.appeal_window_closed")}}}
	v.Documents = []DocumentLine{{Kind: "appeal_decision", Number: "康政服申〔2026〕3号", At: at("2026-03-09 11:00"), Href: "/notices/1/documents/1", Word: "/notices/1/documents/1/word"}}
	return v
}

// afterStatusView is what the rater sees of what runs beside the main line, with its forms.
func afterStatusView() *ReceiptStatusView {
	v := statusView()
	v.Survey, v.Consent = nil, nil
	for _, code := range []string{"reopened", "upper_review.done", "investigation", "write_off.mistaken"} {
		v.Notes = append(v.Notes, StatusNote{Code: code, Text: T(Chinese, "status."+code, "敲诈勒索"), At: at("2026-03-20 10:00")})
	}
	v.Notes[1].Answer = "经复查，窗口已按规定办理，有关材料要求已取消。"
	v.Notes = append(v.Notes, StatusNote{Code: "credit.proposed", Text: T(Chinese, "status.credit.proposed", "敲诈勒索"), At: at("2026-03-20 10:00"), LegalBasis: "《某某条例》第十二条",
		Answer: "两次以差评相要挟索要财物，经核实", Until: at("2026-03-27 17:30")})
	v.Objection = &ObjectionForm{Form: Form{Action: "/receipt/acts/object_write_off", IdempotencyKey: "k3", Errors: map[string]Message{"objection": Msg("refusal.required")}}, To: "objection", Until: at("2026-03-27 17:30")}
	v.FollowUp = &SurveyForm{Form: Form{Action: "/receipt/acts/follow_up", IdempotencyKey: "k4"}}
	return v
}

// refusedCaseView has every kind of field, with what was typed, and an act that was refused.
func refusedCaseView() *CaseView {
	v := caseView()
	v.Refusal = &Problem{Status: 409, Clause: "7(3)", Missing: []Message{Msg("refusal.not_now")}, WhoMay: []string{"supervisor", "authority_head"}, From: at("2026-03-12 09:00")}
	v.Acts[0].Fields = everyKindOfField()
	claim := Claim{Holder: "王晓兰", Since: at("2026-03-12 08:30"), SinceField: "2026-03-12T00:30:00Z", TakeOver: "/tasks/1/take-over", IdempotencyKey: "k"}
	typed := claim
	typed.Typed = true
	v.Acts[0].Claimed, v.Acts[1].Claimed = &typed, &claim
	return v
}

func fieldsOf(kind regulation.ActKind) []Field {
	spec, _ := regulation.SpecOf(kind)
	var fields []Field
	for _, f := range spec.Fields {
		fields = append(fields, FieldOf(f, nil, "", []Option{{Value: "u1", Text: "泸定县公安局"}}))
	}
	return fields
}

func timeline() []Event {
	return []Event{
		{Kind: "deadline.step", Tone: "bad", Clause: "7(3)", At: at("2026-03-11 00:00"), Role: "system", Facts: []Fact{{Code: "reason", Key: "discipline.overdue"}, {Code: "escalated_to", Text: "甘孜州行政审批局"}}},
		{Kind: "sign", Tone: "ok", Clause: "7(3)", At: at("2026-03-05 17:00"), Role: "unit_handler", Files: []EvidenceFile{{Name: "情况说明.pdf", Href: "/files/2", Bytes: 82_000}}, Name: "次仁多吉", Unit: "康定市人力资源和社会保障局", Due: Due{At: at("2026-03-10 17:30"), Left: 3}, DueFor: "submit_plan"},
		{Kind: "transfer", Clause: "7(3)", At: at("2026-03-05 10:00"), Role: "supervisor", Name: "扎西", Text: "请核实是否存在指南外要件，限期整改并拟好答复。", Facts: []Fact{{Code: "order", Text: "康转〔2026〕17号"}}, Due: Due{At: at("2026-03-24 17:30"), Left: 9, Provisional: true}, DueFor: "submit_rectification"},
		{Kind: "record_callback", Tone: "ok", Clause: "7(2)", At: at("2026-03-04 10:41"), Role: "callback_clerk", Name: "德吉"},
		{Kind: "opened", Clause: "7(2)", At: at("2026-03-02 10:12"), Role: "system"},
	}
}

func everyKindOfField() []Field {
	required := Msg("refusal.required")
	return []Field{
		{Name: "measures", Kind: FieldTextArea, Required: true, Length: 2000, Values: []string{"取消指南外要件；窗口张贴材料清单。"}},
		{Name: "reply", Kind: FieldTextArea, Required: true, Length: 1000, Error: &required},
		{Name: "responsible", Kind: FieldSelect, Required: true, Options: []Option{{Value: "1", Text: "次仁多吉（经办人）"}, {Value: "2", Text: "王晓兰（负责人）"}}, Error: &required},
		{Name: "target_date", Kind: FieldDate, Min: "2026-03-01", Values: []string{"2026-03-09"}},
		{Name: "recording", Kind: FieldText, Length: 60},
		{Name: "number", Label: "fact.attempt", Kind: FieldNumber, Min: "0", Max: "99"},
		{Name: "at", Label: "fact.opened_at", Kind: FieldDateTime},
		{Name: "result", Kind: FieldRadio, Required: true, Options: []Option{{Value: "reached", Key: "choice.result.reached"}, {Value: "no_answer", Key: "choice.result.no_answer"}}},
		{Name: "assist", Kind: FieldChecks, Options: []Option{{Value: "1", Text: "康定市政务服务大厅"}, {Value: "2", Text: "姑咱镇便民服务中心"}}},
		{Name: "resolved", Kind: FieldYesNo, Required: true, Error: &required},
		{Name: "confirm", Label: "field.contact_consent", Kind: FieldCheck},
		{Name: "files", Kind: FieldFiles, Accept: "image/*,application/pdf"},
	}
}

// listingView is a unit on the watch list as the authority sees it, with a refused form.
func listingView() *ListingView {
	verdict := &WatchVerdict{Reason: Msg("watch.reason.concentrated"), Count: 5, Threshold: 5, From: at("2025-12-03 00:00"), To: at("2026-03-02 00:00"), Edition: "2019-12-27/1"}
	for i, attribution := range []string{"person", "unit", "guide", "unit", "person"} {
		verdict.Cases = append(verdict.Cases, WatchCase{"/cases/1", "513301-2026-00031" + string(rune('1'+i)), attribution, at("2026-02-2" + string(rune('1'+i)) + " 00:00")})
	}
	v := &ListingView{Page: staffPage("discipline"), Kind: "unit", Name: "康定市公安局", Unit: "康定市公安局", Authority: "康定市行政审批局", Since: at("2026-03-02 00:00"), Standing: true,
		Inspected: at("2026-03-10 00:00"), Why: Msg("watch.reason.concentrated"), Due: Due{At: at("2026-03-24 17:30"), Left: 4}, Verdict: verdict}
	v.Title = v.Name
	v.Refusal = &Problem{Status: 409, Clause: "8(3)", Missing: []Message{Msg("refusal.listing_changed")}}
	form := func(act string, fields []regulation.Field) WatchForm {
		f := WatchForm{Act: act, Form: Form{Action: "/watch/1/" + act, Hidden: map[string]string{"seq": "4"}}}
		for _, field := range fields {
			f.Fields = append(f.Fields, FieldOf(field, nil, "", nil))
		}
		return f
	}
	v.Forms = []WatchForm{form("inspect", regulation.WatchInspectFields), form("decide", regulation.WatchDecideFields)}
	wrong := Msg("refusal.in_future")
	v.Forms[0].Open, v.Forms[0].Fields[0].Error = true, &wrong
	v.Steps = []WatchStep{
		{Event: "release_proposed", Tone: "info", At: at("2026-03-12 10:00"), Role: "supervisor", Name: "扎西", Texts: []WatchText{{"watch_reasons", "五件都是同一台打印机故障引起，已更换。"}}},
		{Event: "inspected", Tone: "ok", At: at("2026-03-10 16:00"), Role: "discipline_officer", Name: "陈志远", Outcome: "partly_mended", On: at("2026-03-10 00:00"), Due: at("2026-03-24 17:30"),
			Texts: []WatchText{{"inspection_findings", "现场查看：窗口排队明显减少，办事指南尚未更新。"}, {"inspection_measures", "约谈负责人，限三日内更新办事指南。"}}},
		{Event: "inspection_overdue", Tone: "bad", At: at("2026-03-17 00:00"), Role: "system", To: "甘孜州行政审批局"},
		{Event: "entered", Tone: "warn", At: at("2026-03-03 00:00"), Role: "system", Verdict: verdict, Due: at("2026-03-16 17:30")},
	}
	return v
}

// ownListingView is what a listed person sees of their own entry.
func ownListingView() *ListingView {
	v := listingView()
	v.Kind, v.Name, v.Title, v.Listed, v.Refusal, v.Forms = "staff", "泽仁拉姆", "泽仁拉姆", true, nil, nil
	for i := range v.Verdict.Cases {
		v.Verdict.Cases[i].Href = ""
	}
	for i := range v.Steps {
		v.Steps[i].Name, v.Steps[i].Texts, v.Steps[i].To = "", nil, ""
	}
	return v
}

func newWatchView() *NewWatchView {
	required := Msg("refusal.unit_or_staff")
	v := &NewWatchView{Page: staffPage("discipline"), Code: "watch", Form: Form{Action: "/watch"},
		Areas: &Field{Name: "area", Kind: FieldSelect, Label: "col.area", Options: []Option{{Value: "513301", Text: "康定市"}}, Values: []string{"513301"}}}
	v.Fields = []Field{{Name: "unit", Kind: FieldSelect, Label: "col.unit", Options: []Option{{Value: "1", Text: "康定市公安局"}}, Error: &required},
		{Name: "staff", Kind: FieldSelect, Label: "watch.staff", Options: []Option{{Value: "1", Text: "泽仁拉姆 · 康定市公安局"}}}}
	for _, field := range regulation.WatchAddFields {
		v.Fields = append(v.Fields, FieldOf(field, nil, "", nil))
	}
	return v
}

func retentionView() *RetentionView {
	v := &RetentionView{Page: staffPage("discipline"), Edition: "2019-12-27/1"}
	for _, kept := range regulation.Retention {
		row := KeptRow{What: kept.What, How: string(kept.How), From: string(kept.From)}
		if kept.Param != "" {
			row.Months, row.Deleted, row.Last = 12, 41, at("2026-03-02 02:10")
		}
		v.Kept = append(v.Kept, row)
	}
	form := func(action string, fields []regulation.Field) *HoldForm {
		f := &HoldForm{Form: Form{Action: action}}
		for _, field := range fields {
			f.Fields = append(f.Fields, FieldOf(field, nil, "", nil))
			if field.Name == "number" {
				f.Fields[0].Label = "col.number"
			}
		}
		return f
	}
	v.Hold = form("/retention/holds", regulation.HoldFields)
	v.Hold.Open = true
	v.Holds = []HoldRow{{Number: "513301-2026-000317", Kind: "lawsuit", Person: "格桑郎加", Reasons: "当事人已提起行政诉讼，法院已受理。", At: at("2026-03-02 10:00"), Lift: form("/retention/holds/1/lift", regulation.LiftFields)},
		{Number: "513301-2026-000202", Kind: "archive_inspection", Person: "格桑郎加", Reasons: "州档案局检查。", At: at("2026-01-02 10:00"), LiftedAt: at("2026-02-02 10:00"), LiftedBy: "何凤琼", Lifting: "检查已结束。"}}
	v.Deletions = []DeletionRow{{At: at("2026-03-02 02:10"), What: "contact", Number: 38, Before: at("2025-03-02 00:00"), Digest: "9f2c4e1a77b0d3c1aa"}, {At: at("2026-03-02 02:10"), What: "recording", Number: 3, Before: at("2025-03-02 00:00"), Digest: "11aa4e1a77b0d3c1aa"}}
	return v
}

// views are all pages, each under the name its picture gets.
// samplePaper is a document of made-up values.
func samplePaper(kind regulation.DocumentKind) regulation.Paper {
	spec, _ := regulation.DocumentSpecOf(kind)
	paper := regulation.DefaultTemplate(kind).Fill(spec.Samples())
	paper.Authority, paper.Number, paper.Date = "康定市政务服务管理局", "康政服好差评〔2026〕12号", "2026年11月26日"
	return paper
}

// replacedPaper took the place of another and has lost its own.
func replacedPaper() regulation.Paper {
	paper := samplePaper(regulation.DocumentRectification)
	paper.Replaces, paper.ReplacedBy = "康政服好差评〔2026〕9号", "康政服好差评〔2026〕14号"
	return paper
}

func templateView() *TemplateView {
	paper := samplePaper(regulation.DocumentReply)
	wrong := Msg("template.unknown", "{评价人姓名}")
	v := &TemplateView{Page: staffPage("documents"), Form: Form{Action: "/document-templates/reply_letter"}, Kind: "reply_letter", Clause: "7(2)", Audience: "rater", Authority: "康定市政务服务管理局",
		Fields: []Field{{Name: "title", Kind: FieldText, Label: "template.title", Required: true, Values: []string{paper.Title}, Length: 60},
			{Name: "to", Kind: FieldText, Label: "template.to", Help: "template.to.help", Values: []string{paper.To}, Length: 100},
			{Name: "red_head", Kind: FieldCheck, Label: "template.red_head", Values: []string{"true"}},
			{Name: "body", Kind: FieldTextArea, Label: "template.body", Help: "template.body.help", Required: true, Values: []string{regulation.DefaultTemplate(regulation.DocumentReply).Body + "\n{评价人姓名}"}, Length: 8000, Error: &wrong}},
		Versions: []TemplateRow{{Kind: "reply_letter", Version: 3, Author: "扎西", At: at("2026-03-02 09:00"), Href: "?version=3"}, {Kind: "reply_letter", Href: "?version=0"}}, Preview: &paper}
	spec, _ := regulation.DocumentSpecOf(regulation.DocumentReply)
	for _, p := range spec.Placeholders {
		v.Placeholders = append(v.Placeholders, PlaceholderLine{p.Code, p.Label, p.Sample})
	}
	return v
}

func views() map[string]View {
	overdue := Due{At: at("2026-03-02 17:30"), Left: -6, Overdue: true}
	return map[string]View{
		"rate": rateView(), "rate-refused": refusedRateView(), "receipt-status": statusView(), "receipt-late": lateStatusView(),
		"calendar": calendarView(), "calendar-refused": refusedCalendarView(), "calendar-notice": proposalView(), "calendar-in-force": inForceView(),
		"editions": editionsView(), "what-if": whatIfView(),
		"rate-replaced": replacedRateView(), "matter": &MatterView{Form: Form{Action: "/matter", Values: map[string][]string{"number": {"513301-20261119-00048"}}, Errors: map[string]Message{"number": Msg("refusal.matter_unknown")}}, Examples: []MatterExample{{"513301-20261119-00048", "扎西·达娃"}}},
		"slip":    &SlipView{Page: staffPage("slips"), Number: "513301-20261119-00048", Matter: "城乡居民基本养老保险参保登记", Unit: "康定市人力资源和社会保障局", Hall: "康定市政务服务大厅", Window: "社保 07 号窗口", Code: "H5KFDJEBPJ2WGFOXYX65", Image: qr, Address: "https://hcp.example.cn"},
		"hotline": hotlineView(), "hotline-none": &HotlineView{Page: staffPage("hotline"), Demo: true}, "inbound": inboundView(), "inbound-none": &InboundView{Page: staffPage("alarms")},
		"thanks":          &ThanksView{Receipt: "7K3M9QXW2B5RT8VN4HJC6DYPEA", Grade: 1, Bad: true, GivenAt: at("2026-03-02 10:12")},
		"receipt":         &ReceiptView{Form: Form{Action: "/receipt", Values: map[string][]string{"receipt": {"7K3M"}}, Errors: map[string]Message{"receipt": Msg("refusal.receipt_unknown")}}},
		"new-person":      &NewPersonView{Form: Form{Action: "/people"}, Appoint: []Field{{Name: "role", Kind: FieldSelect, Label: "col.role"}}},
		"new-person-made": &NewPersonView{Made: "/people/p1", Login: "kd-new-1", Name: "阿旺", Password: "7K3M9QXW2B5RT8VN"},
		"password":        &PasswordView{Page: staffPage("cases"), Form: Form{Action: "/password", Errors: map[string]Message{"new_password": Msg("refusal.same_password")}}, Shortest: 8},
		"password-first":  &PasswordView{Form: Form{Action: "/password"}, First: true, Shortest: 8, Next: "/cases"},
		"password-none":   &PasswordView{Page: staffPage("cases"), None: true},
		"kept":            &KeptView{Page: staffPage("cases"), Action: "/tasks/t1/claim", Fields: []KeptField{{"idempotency_key", "k", false}, {"note", "已核对", true}}},
		"person": &PersonView{Form: Form{Action: "/people/p1/disable"}, Phone: Field{Name: "staff_phone", Kind: FieldText, Label: "field.staff_phone"}, Name: "阿旺", Login: "kd-verifier-1", At: "/people/p1", Held: []Held{{"verifier", "康定市行政审批局", "513301-authority", at("2026-01-05 09:00")}}, Appoint: []Field{{Name: "role", Kind: FieldSelect, Label: "col.role"}},
			Absence: AbsencePart{Form: Form{Action: "/people/p1/absence"}, Longest: 30, Fields: absenceView().Fields, Absences: absenceView().Absences}},
		"notifications": notificationsView(), "notice-deliveries": &NoticeDeliveriesView{Page: staffPage("alarms"), Waiting: 3, Lag: Msg("duration.min", 4), May: true,
			Parked: []ParkedNotice{{"n1", "mail", "z***@office.example", "refused", at("2026-03-12 09:00")}, {"n2", "sms", "139****0001", "tried_too_long", at("2026-03-11 09:00")}}},
		"notice-deliveries-none": &NoticeDeliveriesView{Page: staffPage("alarms")},
		"notifications-none":     &NotificationsView{Page: staffPage("cases")},
		"absence":                absenceView(), "absence-nobody": &AbsenceView{Page: staffPage("cases")}, "substitutions": substitutionsView(),
		"privacy":         &PrivacyView{Version: "1", Since: at("2026-01-01 00:00"), Retention: []Retention{{"rating", 0}, {"event", 0}, {"contact", 12}, {"scan", 12}, {"recording", 12}, {"text", 36}, {"paper", 120}, {"evidence", 120}, {"archive", 120}, {"audit", 6}}},
		"home":            &HomeView{Form: Form{Action: "/rate"}, Demo: true},
		"problem":         &ProblemView{Problem: Problem{Status: 404, Reference: "req-7f31"}},
		"problem-refusal": &ProblemView{Page: staffPage("cases"), Problem: Problem{Status: 403, Clause: "7(3)", WhoMay: []string{"supervisor", "authority_head"}, Missing: []Message{Msg("refusal.four_eyes")}, From: at("2026-03-12 09:00")}},
		"sign-in":         &SignInView{Form: Form{Action: "/sign-in", Values: map[string][]string{"login": {"kd.supervisor"}}, Errors: map[string]Message{"": Msg("refusal.sign_in")}}, Demo: true},
		"standing": &StandingView{Page: staffPage("cases"), Number: "GZ-2026-0317", Case: "/cases/1", Slider: sliderView(), At: at("2026-03-05 09:00"), Until: at("2026-03-06 10:30"), AsOf: at("2026-03-05 09:00"), Event: "transfer", Phase: "signing",
			Edition: "2019-12-27/1", Rules: true, Notices: []StandingNotice{{"n1", "国务院办公厅", "国办发明电〔2026〕7号", "全国", at("2026-02-20 10:00")}}, Stages: StagesOf("signing"),
			Tracks: []StandingTrack{{"appeal", "review"}}, Waits: []StandingWait{{Act: "sign", Before: []StandingSeat{{"unit_handler", "康定市公安局", 2, "扎西、王小丽（代行格桑）"}}, Since: at("2026-03-05 09:00"), Due: at("2026-03-06 17:30"), Lacks: "callback_not_settled", Deduced: true}},
			Others: []StandingOther{{"return_order", []StandingSeat{{"unit_handler", "康定市公安局", 2, ""}, {"unit_head", "康定市公安局", 1, ""}}}, {"withdraw_consent", []StandingSeat{{Role: "citizen"}}}},
			Dues:   []StandingDue{{"step", "sign", at("2026-03-06 17:30"), false}, {"appeal", "lodge_appeal", at("2026-03-12 17:30"), true}}},
		"drill": &DrillView{Now: at("2026-10-10 09:00"), Scale: 88320, Ratings: 2412, Bad: 180, Waiting: 2, Phases: []DrillCount{{"受理", 3}, {"核实", 12}, {"整改", 40}, {"已办结", 96}},
			Acts: []DrillCount{{"已受理", 177}, {"已转办", 121}}, Deadlines: []DrillCount{{"步骤逾期", 14}}, Watch: []DrillCount{{"列入", 3}}, Lateness: DrillLateness{14, "0.04", "0.21", "0.35"}},
		"demo-sign-ins": &DemoSignInsView{Form: Form{Action: "/demo/sign-ins"}, Groups: []DemoGroup{
			{"prefecture", "甘孜藏族自治州", []DemoPerson{{"gz.head", "格桑平措", "authority_head", "甘孜州行政审批局", portrait}, {"gz.discipline", "陈志远", "discipline_officer", "州纪委监委派驻组", ""}}},
			{"county", "康定市", []DemoPerson{{"kd.supervisor", "扎西", "supervisor", "康定市行政审批局", portrait}, {"kd.verifier", "罗绒卓玛", "verifier", "康定市行政审批局", portrait}, {"kd.unit", "次仁多吉", "unit_handler", "康定市人力资源和社会保障局", ""}}}}},
		"device": deviceView(), "new-device": newDeviceView(), "availability": availabilityView(), "evaluator": evaluatorView(),
		"window": windowView(), "window-none": &WindowView{Page: staffPage("window")},
		"inbox": inboxView(), "inbox-empty": &InboxView{Page: staffPage("cases"), Tabs: []Tab{{Code: "mine", Current: true}}},
		"case": caseView(), "case-refused": refusedCaseView(),
		"notices": &NoticesView{Page: staffPage("notices"), Rows: []NoticeRow{{"/notices/1", "GZ-2026-0317", 1, Msg("period.week", 2026, 10), at("2026-03-05 09:00"), Due{At: at("2026-03-12 17:30"), Left: 2}, false},
			{"/notices/2", "GZ-2026-0202", 2, Msg("period.week", 2026, 6), at("2026-02-10 09:00"), overdue, true}}},
		"notice": plainNoticeView(), "notice-appeal": noticeView(), "receipt-after": afterStatusView(),
		"discipline": &DisciplineView{Page: staffPage("discipline"), Tabs: []Tab{{Code: "all", Count: 2, Current: true}, {Code: "unsigned", Count: 1}, {Code: "overdue", Count: 1}, {Code: "insufficient"}},
			Rows: []DisciplineRow{{"/cases/1", "GZ-2026-0317", "overdue", "7(3)", "康定市人力资源和社会保障局", 1, at("2026-03-11 00:00"), "rectification", true, "statement", Due{At: at("2026-03-18 17:30"), Left: 5}}, {"/cases/2", "GZ-2026-0320", "unsigned", "7(3)", "泸定县公安局", 2, at("2026-03-12 00:00"), "signing", false, "", Due{}}}},
		"paper": paperView(), "paper-form": paperFormView("enter"), "paper-check": paperFormView("check"), "paper-decide": paperFormView("decide"),
		"paper-import": paperImportView("sheet"), "paper-import-read": paperImportView("read"), "paper-import-wrong": paperImportView("wrong"),
		"paper-none": &PaperFormView{Page: staffPage("paper"), Step: "check"},
		"watch": &TableView{Page: staffPage("discipline"), Code: "watch", Add: "/watch/new", Tabs: []Tab{{Code: "all", Count: 2, Current: true}, {Code: "unit", Count: 1}, {Code: "staff", Count: 1}, {Code: "overdue", Count: 1}, {Code: "ended"}},
			Columns: []string{"object", "unit", "reason", "cases", "since", "inspection"}, Rows: []TableRow{
				{"/watch/1", []Cell{{Text: "康定市公安局"}, {Text: "康定市公安局"}, {Message: Msg("watch.reason.concentrated")}, {Message: Msg("watch.counted", 7, 5)}, {Message: Msg("watch.day", at("2026-03-02 00:00"))}, {Due: Due{At: at("2026-03-16 17:30"), Left: 4}}}},
				{"/watch/2", []Cell{{Text: "泽仁拉姆"}, {Text: "康定市人力资源和社会保障局"}, {Message: Msg("watch.reason.not_inspected")}, {Message: Msg("watch.counted", 2, 3)}, {Message: Msg("watch.day", at("2026-02-02 00:00"))}, {Due: overdue}}}}},
		"rules":     publishedView(),
		"retention": retentionView(), "exports": exportsView(), "register": registerView(), "case-file": caseFileView(), "case-file-short": shortCaseFileView(), "exports-none": &ExportsView{Page: staffPage("cases"), Days: 7, AtOnce: 5000},
		"probe": probeView(), "probe-own": ownProbeView(), "new-probe": newProbeView(),
		"performance": performanceView("unit"), "performance-staff": performanceView("staff"),
		"board": boardView(), "board-unlisted": unlistedBoardView(), "board-none": &BoardView{Page: Page{Path: "/board"}}, "board-docket": boardDocketView(),
		"hearing": hearingView(), "joint": jointView(), "bulletin": bulletinView(), "public-bulletin": publicBulletinView(), "public-bulletin-untold": untoldBulletinView(), "public-releases": publicReleasesView(), "release": releaseView(), "public-figures": publicFiguresView(), "open-data": openDataView(), "formulae": formulaeView(), "changes": changesView(), "opinions": opinionsView(),
		"checkpoints": checkpointsView(), "checkpoints-none": &CheckpointsView{Page: Page{Path: "/checkpoints"}},
		"contact": &ContactView{Page: staffPage("cases"), Case: "/cases/1", Number: "513301-2026-000317", Name: "扎西测试", Phone: "138****5678", Language: "bo", Hours: "morning",
			CodeWord: "雪山 xuěshān 47", Official: "12345", Connect: "/cases/1/call", Until: at("2026-03-10 10:15")},
		"redactions":  redactionsView(),
		"reveals":     revealsView(),
		"own-ratings": &OwnRatingsView{Page: staffPage("own_ratings"), Year: 2026, Grades: []GradeCount{{5, "38"}, {4, ""}, {3, "7"}, {2, ""}, {1, ""}}, Total: 45, Until: at("2026-03-01 00:00"), Comments: []string{"办得很快", "耐心，███"}},
		"dialing": &DialingView{Page: staffPage("dialing"), Form: Form{Action: "/dialing", Errors: map[string]Message{"clerk": Msg("refusal.required")}},
			Calls: []CallLine{{Case: "1", Number: "513301-2026-000317", Act: "record_callback", Holder: "卓玛（演示）"}, {Case: "2", Number: "513301-2026-000318", Act: "closing_callback"},
				{Case: "3", Number: "513301-2026-000319", Act: "ask_consent", Holder: "王小丽（演示）", Until: at("2026-03-10 10:15")}}, Clerks: []Option{{Value: "p1", Text: "卓玛（演示）"}}},
		"dashboard": dashboardView(), "dashboard-staff": staffDashboardView(), "dashboard-told": toldDashboardView(), "decisions": decisionsView(), "coverage": coverageView(), "figures": figuresView(), "sealed": sealedView(), "box": boxView(), "openings": openingsView(), "paper-sheets": paperSheetsView(), "box-summary": boxSummaryView(), "boxes": boxesView(), "listing": listingView(), "listing-own": ownListingView(), "new-watch": newWatchView(),
		"alarms": &AlarmsView{Page: staffPage("alarms"), Tabs: []Tab{{Code: "all", Count: 2, Current: true}, {Code: "staff_profile", Count: 1}, {Code: "nobody_signed_in", Count: 1}},
			Rows: []AlarmRow{{"staff_profile", "6(1)", "社保 07 号窗口 泽仁拉姆", "康定市人力资源和社会保障局", []string{"position", "portrait"}, at("2026-03-02 10:12"), "/staff/1"}, {"nobody_signed_in", "6(1)", "公安 02 号窗口", "泸定县公安局", nil, at("2026-03-02 10:12"), ""}}},
		"checks": checksView(), "checks-whole": &ChecksView{Page: staffPage("alarms"), At: at("2026-03-02 02:30"), Origin: "schedule", Seconds: "12.4", Rows: []CheckRow{{Code: "ratings", Looked: 10412, Seconds: "0.3"}}},
		"checks-never": &ChecksView{Page: staffPage("alarms")},
		"exchange":     exchangeView(), "exchange-none": &ExchangeView{Page: staffPage("alarms"), LagMinutes: 15},
		"replay": &ReplayView{Page: staffPage("alarms"), Upstream: "四川省一体化政务服务平台", Action: "/exchange/sichuan/replay", Day: Field{Name: "from", Kind: FieldDate, Label: "field.replay_from", Required: true, Max: "2026-03-12", Values: []string{"2026-03-02"}}, Counted: true, Messages: 1204, From: at("2026-03-02 00:00")},
		"table": &TableView{Page: staffPage("escalations"), Code: "escalations", Columns: []string{"number", "grade", "reason", "clause", "unit", "at"},
			Rows: []TableRow{{"/cases/1", []Cell{{Text: "GZ-2026-0317"}, {Grade: 1}, {Message: ReasonOf("overdue:transfer")}, {Clause: "7(3)"}, {Text: "康定市行政审批局"}, {At: at("2026-03-11 00:00")}}},
				{"/cases/2", []Cell{{Text: "GZ-2026-0320"}, {Grade: 2}, {Message: ReasonOf("pressure")}, {Clause: "9(2)"}, {Text: "泸定县公安局"}, {At: at("2026-03-12 00:00")}}}}},
		"document":          &DocumentView{Page: staffPage("cases"), Kind: "transfer_order", Paper: samplePaper(regulation.DocumentTransferOrder), Word: "/d/word", Back: "/cases/1", PrintedAt: at("2026-11-26 09:00"), PrintedBy: "扎西"},
		"document-replaced": &DocumentView{Page: staffPage("cases"), Kind: "rectification_notice", Paper: replacedPaper(), Word: "/d/word", Back: "/cases/1", PrintedAt: at("2026-11-26 09:00"), PrintedBy: "扎西"},
		"document-credit":   &DocumentView{Page: staffPage("cases"), Kind: "credit_referral", Paper: samplePaper(regulation.DocumentCredit), Word: "/d/word", Back: "/cases/1", PrintedAt: at("2026-11-26 09:00"), PrintedBy: "扎西"},
		"document-letter":   &DocumentView{Kind: "reply_letter", Paper: samplePaper(regulation.DocumentReply), Word: "/d/word", Back: "/receipt/status", PrintedAt: at("2026-11-26 09:00")},
		"document-long":     &DocumentView{Page: staffPage("cases"), Kind: "transfer_order", Paper: longPaper(), PrintedAt: at("2026-11-26 09:00"), PrintedBy: "扎西"},
		"document-form":     &DocumentView{Page: staffPage("cases"), Kind: "statement_form", Paper: samplePaper(regulation.DocumentStatement), Word: "/d/word", Back: "/notices/1", PrintedAt: at("2026-11-26 09:00"), PrintedBy: "扎西"},
		"document-templates": &TemplatesView{Page: staffPage("documents"), Authority: "康定市政务服务管理局", Example: "康政服好差评〔2026〕12号", Form: Form{Action: "/document-templates", Values: map[string][]string{"mark": {"K"}}, Errors: map[string]Message{"mark": Msg("refusal.not_a_mark")}},
			Rows: []TemplateRow{{Kind: "transfer_order", Title: "差评转办单", Href: "/document-templates/transfer_order"}, {Kind: "reply_letter", Title: "关于政务服务评价的答复函", Version: 3, Author: "扎西", At: at("2026-03-02 09:00"), Href: "/document-templates/reply_letter"}}},
		"document-template": templateView(),
		"codes": &CodesView{Page: staffPage("codes"), Sheets: []CodeSheet{{"window", "社保 07 号窗口", "康定市人力资源和社会保障局", "康定市政务服务大厅", "KD0107", "/rate/KD0107", qr, "/codes/window/w7/replace"}, {"window", "公安 02 号窗口", "康定市公安局", "康定市政务服务大厅", "KD0102", "/rate/KD0102", qr, ""},
			{"matter", "城乡居民基本养老保险参保登记", "康定市人力资源和社会保障局", "", "KDM0031", "/rate/KDM0031", qr, ""}}},
	}
}

// addresses that the test's server answers with a drawing
const (
	portrait = "/test/portrait.svg"
	qr       = "/test/qr.svg"
)

// longPaper is a document of several pages.
func longPaper() regulation.Paper {
	paper := samplePaper(regulation.DocumentTransferOrder)
	for range 12 {
		paper.Blocks = append(paper.Blocks, regulation.Block{Text: "请查明排队时间过长的原因，增设窗口，公布高峰时段，并在期限内提交整改结果和答复意见。请查明同类问题，完善制度措施，防止再次发生。"})
	}
	return paper
}

func exchangeView() *ExchangeView {
	p95 := Msg("duration.s", "1.2")
	return &ExchangeView{Page: staffPage("alarms"), May: true, LagMinutes: 15, Upstreams: []UpstreamCard{
		{Name: "sichuan", Title: "四川省一体化政务服务平台", Waiting: 1204, Held: 2, Sent: 88120, Parked: 2, Lag: Msg("duration.min", 21), Failures: 9, Why: "unreachable", Next: at("2026-03-12 10:31"),
			Last: at("2026-03-12 10:09"), Alarms: []string{"late", "parked"}, Replay: "/exchange/sichuan/replay"},
		{Name: "simulator", Title: "省级平台模拟器（本机）", Simulated: true, Sent: 3120, P95: &p95, Hour: 210, Lag: Msg("duration.s", "0.0"), Last: at("2026-03-12 10:30"), Replay: "/exchange/simulator/replay"}},
		Parked: []UnsentRow{{"/exchange/sichuan/again", "az5xk2cv7qw3jh6t4n8b1m9r0p-0", "rating", "四川省一体化政务服务平台", "康定市", "refused", "E4001", at("2026-03-12 09:12")},
			{"/exchange/sichuan/again", "b25xk2cv7qw3jh6t4n8b1m9r0p-12", "outcome", "四川省一体化政务服务平台", "泸定县", "too_large", "", at("2026-03-11 16:40")}}}
}

func boxView() *BoxView {
	form := func(fields []regulation.Field) *HoldForm {
		f := &HoldForm{Form: Form{Action: "/boxes/1"}, Open: true}
		for _, field := range fields {
			f.Fields = append(f.Fields, FieldOf(field, nil, "", []Option{{Value: "1", Text: "袁建国"}}))
		}
		return f
	}
	page := staffPage("boxes")
	page.Title = "康定市政务服务大厅 · 一楼"
	return &BoxView{Page: page, Hall: "康定市政务服务大厅", Place: "一楼", State: "active", Keeper: "郭雪梅", Open: form(regulation.OpeningFields), Issue: form(regulation.BatchFields),
		Openings: []BoxOpening{{Week: "2026-W10", Openers: "郭雪梅、袁建国", SealState: "intact", Seal: "S-0012", At: at("2026-03-06 16:00"), EntryDue: at("2026-03-09 17:00"), Counted: 9, Entered: 4, Void: 1, Remaining: 4, Letters: 1, Late: true}},
		Batches:  []BoxBatch{{ID: "1", First: "3301001-0001-B", Last: "3301001-0200-X", State: "issued", Note: "首批", At: at("2026-01-05 09:00"), Count: 200, Unused: 170, Entered: 28, Void: 2, Close: form(regulation.CloseFields)}},
		Upload:   &HoldForm{Form: Form{Action: "/boxes/1/photo"}, Open: true},
		Reports:  openingsView().Others[:1],
		Changes: []BoxChange{{State: "active", Hall: "康定市政务服务大厅", Place: "一楼", By: "格桑郎加", Reason: "装修结束", From: at("2026-02-02 00:00"), At: at("2026-02-02 09:10")},
			{State: "out_of_use", Hall: "康定市政务服务大厅", Place: "二楼等候区", By: "格桑郎加", Reason: "二楼装修，暂停使用", From: at("2026-01-12 00:00"), At: at("2026-01-12 10:00")},
			{State: "active", Hall: "康定市政务服务大厅", Place: "二楼等候区", From: at("2026-01-05 09:00"), At: at("2026-01-05 09:00")}},
		Missed: []BoxMissed{{Week: "2026-W11", Due: at("2026-03-13 17:00"), Raised: true}},
		Weeks:  []BoxWeek{{Week: "2026-W09", Verdict: "missed", Settled: at("2026-03-06 16:00")}, {Week: "2026-W08", Verdict: "no_workday"}, {Week: "2026-W07", Verdict: "unconfirmed"}}}
}

func boxesView() *BoxesView {
	form := func(fields []regulation.Field) *HoldForm {
		f := &HoldForm{Form: Form{Action: "/boxes"}, Open: true}
		for _, field := range fields {
			f.Fields = append(f.Fields, FieldOf(field, nil, "", []Option{{Value: "1", Text: "康定市政务服务大厅"}}))
		}
		return f
	}
	return &BoxesView{Page: staffPage("boxes"), Register: form(regulation.BoxFields), Gaps: []string{"丹巴县政务服务大厅"}, Rows: []BoxRow{
		{ID: "1", Hall: "康定市政务服务大厅", Place: "一楼填单台旁", State: "active", Keeper: "郭雪梅", History: []BoxKeeping{{"郭雪梅", at("2026-03-02 09:00"), time.Time{}}, {"彭国华", at("2026-01-05 09:00"), at("2026-03-02 09:00")}},
			Keep: form(regulation.KeeperFields), Set: form(regulation.BoxStateFields), Move: form(regulation.BoxMoveFields)},
		{ID: "2", Hall: "康定市政务服务大厅", Place: "二楼休息区", State: "out_of_use"}}}
}

func checksView() *ChecksView {
	v := &ChecksView{Page: staffPage("alarms"), At: at("2026-03-02 02:30"), Origin: "schedule", Seconds: "12.4", Found: 3}
	for i, code := range []string{"ratings", "sequence", "acts", "state", "columns", "tasks", "holders", "closing", "deadlines", "notices", "files", "leaves", "ledger", "engine"} {
		v.Rows = append(v.Rows, CheckRow{Code: code, Looked: 10412 * int64(i+1), Seconds: "0.3", Found: map[string]int64{"tasks": 1, "holders": 1, "leaves": 1}[code], LeftOut: code == "engine", Href: "/checks?check=" + code + "#findings"})
	}
	v.Items = []FindingRow{
		{Check: "tasks", Code: "task_missing", Number: "513301-2026-000317", Href: "/cases/1", About: []string{"sign", "interim_reply"}, Repair: "haochaping admin repair tasks --case AZ5XK2CV7QW3JH6T4N8B1M9R0P"},
		{Check: "holders", Code: "nobody_holds_it", Number: "513301-2026-000318", About: []string{"accept", "supervisor@513301-authority"}, Advice: "appoint", Repair: "haochaping admin repair holders --case AZ5XK2CV7QW3JH6T4N8B1M9R0P"},
		{Check: "leaves", Code: "altered", About: []string{"rating"}, Advice: "restore"}}
	return v
}
