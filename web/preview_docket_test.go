package web

import "haochaping/regulation"

// docketForm is a form of a docket's page with the fields of an act.
func docketForm(kind regulation.DocketKind, name string, open bool) WatchForm {
	act, _ := regulation.DocketActOf(kind, name)
	f := WatchForm{Act: name, Open: open, Form: Form{Action: "/x/1/" + name, Hidden: map[string]string{"seq": "4"}}}
	for _, field := range act.Fields {
		f.Fields = append(f.Fields, FieldOf(field, nil, "", []Option{{Value: "1", Text: "康定市公安局"}, {Value: "2", Text: "康定市人力资源和社会保障局"}}))
	}
	return f
}

func hearingView() *DocketView {
	v := &DocketView{Page: staffPage("hearings"), Code: "hearings", Back: "/hearings", Kind: "hearing", Clause: "7(4)", State: Cell{Message: Msg("docket.stage.hearing.recorded"), Badge: "info"}}
	v.Title = "康定市政务服务管理局 · 2026-03-02"
	v.Facts = []DocketFact{{Label: "col.authority", Text: "康定市政务服务管理局"}, {Label: "col.period", Text: "2026-Q1"}, {Label: "field.hearing_form", Text: "座谈会"}, {Label: "field.hearing_chair", Text: "根秋康珠"},
		{Label: "field.enterprises", Text: "8"}, {Label: "field.public", Text: "15"}, {Label: "field.opinions", Text: "2"}}
	v.Files = []DocketFile{{Href: "/hearings/1/files/a", Digest: "0f4fa8d5b1c9", Number: 1}}
	raise := docketForm(regulation.DocketProblem, "raise", true)
	v.Forms = []WatchForm{docketForm(regulation.DocketHearing, "add_opinion", false), docketForm(regulation.DocketHearing, "add_minutes", false), docketForm(regulation.DocketHearing, "confirm", false), raise}
	v.Problems = []TableRow{{"/hearing-problems/1", []Cell{{Message: Msg("choice.cause.efficiency")}, {Message: Msg("choice.link.queueing")}, {Text: "康定市公安局"}, {Text: "康定市政务服务管理局"},
		{Message: Msg("docket.stage.problem.open")}, {Due: Due{At: at("2026-03-23 17:30"), Left: 9}}}}}
	v.Steps = []DocketStep{{Event: "hearing.add_opinion", Tone: "info", At: at("2026-03-02 16:20"), Role: "supervisor", Name: "格桑郎加", Facts: []DocketFact{{Label: "field.opinion_of", Text: "群众"}, {Label: "field.opinion_no", Text: "1"}},
		Texts: []WatchText{{"opinion", "早上排队的人太多，老人站不住，希望增加窗口和座椅。"}}},
		{Event: "hearing.record", Tone: "info", At: at("2026-03-02 16:00"), Role: "supervisor", Name: "格桑郎加", Texts: []WatchText{{"hearing_place", "康定市政务服务大厅二楼会议室"}}}}
	return v
}

func jointView() *DocketView {
	v := &DocketView{Page: staffPage("joint"), Code: "joint", Back: "/joint", Kind: "joint", Clause: "7(2)", State: Cell{Message: Msg("docket.stage.joint.reported"), Badge: "info"}, Due: Due{At: at("2026-04-13 17:30"), Left: 20}, Public: "/changes#1"}
	v.Title = "办事效率 · 康定市公安局"
	v.Facts = []DocketFact{{Label: "docket.unit.joint", Text: "康定市公安局"}, {Label: "field.assisting", Text: "康定市人力资源和社会保障局、康定市市场监督管理局"}, {Label: "field.digest", Text: "0f4fa8d5b1c90f4fa8d5b1c90f4fa8d5b1c90f4fa8d5b1c90f4fa8d5b1c9abcd", Mono: true}}
	v.Cases = []DocketCase{{Href: "/cases/1", Number: "513301-2026-000317", Replied: true, Closed: true}, {Number: "513301-2026-000318"}}
	v.Forms = []WatchForm{docketForm(regulation.DocketJoint, "return", false), docketForm(regulation.DocketJoint, "close", true), docketForm(regulation.DocketJoint, "draft", false)}
	v.Refusal = &Problem{Title: "现在还不能这样办理", Missing: []Message{Msg("refusal.cases_not_closed")}, Clause: "7(2)"}
	v.Steps = []DocketStep{{Event: "joint.recounted", Tone: "info", At: at("2026-03-20 09:00"), Role: "system", Due: at("2026-04-13 17:30"), Was: at("2026-04-10 17:30")},
		{Event: "joint.overdue", Tone: "bad", At: at("2026-03-19 09:00"), Role: "system", To: "甘孜州行政审批局", Due: at("2026-03-18 17:30")},
		{Event: "joint.gather", Tone: "info", At: at("2026-03-02 09:00"), Role: "supervisor", Name: "格桑郎加", Facts: []DocketFact{{Label: "docket.cases", Text: "2"}}, Texts: []WatchText{{"joint_plan", "高峰期增设窗口，错峰预约。"}}}}
	return v
}

func changesView() *ChangesView {
	return &ChangesView{Changes: []Change{{ID: "c1", Authority: "康定市政务服务管理局", Cause: "efficiency", Said: "上午高峰期排队太久，老人等不起。", Changed: "高峰期增开两个窗口，设老年人优先通道和座椅；常办事项每周三下乡办理。", Lang: "zh-CN", On: at("2026-03-12 00:00"), Ratings: 7},
		{ID: "c2", Authority: "泸定县政务服务管理局", Cause: "guide", Said: "办事指南看不懂。", Changed: "改写成大字藏汉双语指南。", Lang: "zh-CN", On: at("2026-03-02 00:00")}}}
}

func opinionsView() *TableView {
	return &TableView{Code: "opinions", Columns: []string{"authority", "state", "opinions", "problems", "problems_closed"}, Rows: []TableRow{
		{"", []Cell{{Text: "甘孜州行政审批局"}, {Message: Msg("docket.stage.quarter.held"), Badge: "ok"}, {Text: "12"},
			{Lines: []string{"办事效率（取号排队）：已整改", "办事指南（咨询）：整改中", "信息系统（缴费）：逾期未整改"}}, {Message: Msg("opinions.closed", 1, 3)}}},
		{"", []Cell{{Text: "泸定县政务服务管理局"}, {Message: Msg("docket.stage.quarter.held"), Badge: "ok"}, {Message: Msg("opinions.few", 10)}, {Message: Msg("opinions.no_problem")}, {Message: Msg("opinions.closed", 0, 0)}}},
		{"", []Cell{{Text: "康定市政务服务管理局"}, {Message: Msg("docket.stage.quarter.missed"), Badge: "bad"}, {}, {}, {}}}}}
}
