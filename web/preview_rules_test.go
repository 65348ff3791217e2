package web

func rulesTabs(current string) RulesTabs {
	var tabs []NavItem
	for _, code := range []string{"calendar", "editions", "what_if"} {
		tabs = append(tabs, NavItem{Code: code, Href: "/" + code, Current: code == current})
	}
	return RulesTabs{Tabs: tabs}
}

func noticeOf(state string) CalendarNotice {
	return CalendarNotice{Href: "/calendar/1", Name: "国务院办公厅", Number: "国办发明电〔2026〕11号", Place: "全国", Basis: "国务院办公厅关于2027年部分节假日安排的通知",
		IssuedOn: "2026年11月4日", Days: 28, State: state, ProposedAt: at("2026-11-05 09:30")}
}

func calendarDays() []CalendarDay {
	return []CalendarDay{{Line: 2, Date: "2027-02-05", Weekday: "weekday.5", Holiday: "春节", Kind: "off", Before: "work"},
		{Line: 3, Date: "2027-02-06", Weekday: "weekday.6", Holiday: "春节", Kind: "off", Before: "off", Same: true},
		{Line: 4, Date: "2027-02-14", Weekday: "weekday.0", Holiday: "春节", Kind: "work", Before: "off"}}
}

func calendarView() *CalendarView {
	return &CalendarView{Page: staffPage("calendar"), RulesTabs: rulesTabs("calendar"), Fields: []Field{
		{Name: "area", Kind: FieldSelect, Label: "field.calendar_area", Required: true, Options: []Option{{Value: "national", Key: "calendar.national"}}},
		{Name: "file", Kind: FieldFile, Label: "field.days_file", Help: "field.days_file.help"}},
		Notices: []CalendarNotice{noticeOf("proposed"), noticeOf("in_force"), noticeOf("rejected")}}
}

func refusedCalendarView() *CalendarView {
	v := calendarView()
	v.Checked, v.Rows = true, append(calendarDays(), CalendarDay{Line: 5, Wrong: "not_a_date", Text: "2027-02-30,off,春节"})
	v.Errors = map[string]Message{"days": Msg("refusal.not_a_calendar_layer")}
	return v
}

func proposalView() *CalendarNoticeView {
	return &CalendarNoticeView{Page: staffPage("calendar"), RulesTabs: rulesTabs("calendar"), Notice: noticeOf("proposed"), Rows: calendarDays(), WhatIf: "/what-if?notice=1",
		Decision: Decision{At: "/calendar/1/decision", State: "proposed", Author: "扎西（演示）", ProposedAt: at("2026-11-05 09:30"), Approve: true, Withdraw: true, Forbidden: true}}
}

func inForceView() *CalendarNoticeView {
	v := proposalView()
	v.Notice.State, v.WhatIf, v.Moved, v.Finished = "in_force", "", 1204, true
	v.Decision = Decision{State: "in_force", Author: "扎西（演示）", DecidedBy: "罗绒卓玛", ProposedAt: at("2026-11-05 09:30"), DecidedAt: at("2026-11-05 11:00"), Remark: "与原件一致"}
	return v
}

func editionsView() *EditionsView {
	value := EditionValue{Name: "rectification_days", Unit: "param_unit.days", Clause: "7(3)", Value: 15, Fixed: true, Author: "制度原文", BasisKey: "basis.fixed", DecidedOn: "2019年12月27日"}
	own := EditionValue{Name: "sign_days", Unit: "param_unit.days", Clause: "7(3)", Value: 2, Before: 1, Changed: true, Author: "扎西（演示）", Basis: "州行政审批局解释", Interpretation: "甘审批解〔2026〕1号", DecidedOn: "2026年11月20日"}
	since := Msg("editions.since", "2027-01-04/2", at("2027-01-04 00:00"))
	return &EditionsView{Page: staffPage("calendar"), RulesTabs: rulesTabs("editions"),
		Proposals: []EditionCard{{ID: "p1", From: at("2026-12-01 00:00"), Number: "甘审批解〔2026〕1号", Basis: "州行政审批局解释", Values: []EditionValue{own},
			Since: &since, Decision: &Decision{At: "/editions/p1/decision", State: "proposed", Author: "扎西（演示）", ProposedAt: at("2026-11-20 09:30"), Approve: true}},
			{ID: "p2", Name: "2027-01-04/2", From: at("2027-01-04 00:00"), Number: "甘审批解〔2026〕2号", Basis: "州行政审批局解释", Values: []EditionValue{own},
				Revocation: &Revocation{At: "/editions/p2/revocation", Field: Field{Name: "basis", Kind: FieldTextArea, Label: "field.basis", Help: "field.basis.public", Required: true}},
				Decision:   &Decision{State: "in_force", Author: "扎西（演示）", DecidedBy: "罗绒卓玛", ProposedAt: at("2026-11-20 09:30"), DecidedAt: at("2026-11-20 11:00")}},
			{ID: "p3", Revokes: "2027-02-01/3", From: at("2027-02-01 00:00"), Basis: "误录", Values: []EditionValue{own}, Decision: &Decision{State: "withdrawn", Author: "扎西（演示）"}},
			{ID: "p4", Name: "2027-02-01/3", From: at("2027-02-01 00:00"), Basis: "州行政审批局解释", RevokedAt: at("2026-11-22 10:00"), Decision: &Decision{State: "revoked", Author: "扎西（演示）"}}},
		Base: "2027-01-04/2", BaseFrom: at("2027-01-04 00:00"),
		Editions: []EditionCard{{Name: "2019-12-27/1", From: at("2019-12-27 00:00"), State: "in_force", Values: []EditionValue{value, own}}},
		Fields:   []Field{{Name: "from", Kind: FieldDate, Label: "field.edition_from", Required: true}},
		Params:   []Field{{Name: "sign_days", Kind: FieldNumber, Label: "param.sign_days", Min: "1", Max: "60", Values: []string{"1"}}}}
}

func whatIfView() *WhatIfView {
	moves := []WhatIfMove{{Name: "submit_rectification", Old: at("2026-12-14 17:30"), New: at("2026-12-17 17:30")}, {Name: "appeal", Old: at("2026-12-01 17:30"), New: at("2026-12-04 17:30")}}
	return &WhatIfView{Page: staffPage("calendar"), RulesTabs: rulesTabs("what_if"), Answered: true, Open: 10000, Changed: 8123, Number: 2, Pages: 82, Again: Form{Action: "/what-if", Hidden: map[string]string{"by": "2026-12-31"}}, Before: 120, After: 131, Newly: 14,
		Until: at("2026-12-31 23:59"), Took: "1.84", Fields: []Field{{Name: "by", Kind: FieldDate, Label: "what_if.by", Help: "what_if.by.help"}},
		Rows: []WhatIfRow{{Href: "/cases/1", Number: "513301-2026-000317", Phase: "rectification", Unit: "康定市公安局", Moves: moves, Mark: "newly"},
			{Href: "/cases/2", Number: "513301-2026-000318", Phase: "signing", Unit: "康定市公安局", Moves: moves[:1], Mark: "no_more"},
			{Href: "/cases/3", Number: "513301-2026-000319", Phase: "signing", Unit: "康定市公安局", Moves: moves[:1], Mark: "overdue"}}}
}

func publishedView() *RulesView {
	days := Setting{Value: 1, Unit: "param_unit.days"}
	own := PublishedValue{Name: "sign_days", Clause: "7(3)", Setting: Setting{Value: 2, Unit: "param_unit.days"}, Before: days, Since: at("2026-12-01 00:00"), SinceEdition: "2026-12-01/2",
		Basis: "州行政审批局解释", Interpretation: "甘审批解〔2026〕1号", DecidedBy: "甘孜州行政审批局", DecidedOn: "2026年11月20日"}
	fixed := PublishedValue{Name: "rectification_days", Clause: "7(3)", Setting: Setting{Value: 15, Unit: "param_unit.days"}, Since: at("2019-12-27 00:00"), SinceEdition: "2019-12-27/1",
		BasisKey: "basis.fixed", DecidedBy: "制度原文", DecidedOn: "2019年12月27日"}
	turned := PublishedValue{Name: "interim_when", Clause: "7(3)", Setting: Setting{Value: 3, Choice: "param_choice.interim_when.3"}, Since: at("2019-12-27 00:00"), SinceEdition: "2019-12-27/1",
		BasisKey: "basis.open", DecidedOn: "2019年12月27日"}
	first := own
	first.Setting, first.SinceEdition, first.Basis, first.BasisKey, first.Interpretation = days, "2019-12-27/1", "", "basis.open", ""
	return &RulesView{Page: Page{Path: "/rules"},
		Editions: []PublishedEdition{{"2027-01-04/3", at("2027-01-04 00:00"), "to_come", []PublishedValue{own, fixed}}, {"2026-12-01/2", at("2026-12-01 00:00"), "in_force", []PublishedValue{own, turned, fixed}},
			{"2019-12-27/1", at("2019-12-27 00:00"), "past", []PublishedValue{first, fixed}}},
		Log: []PublishedChange{{Edition: "2027-01-04/3", From: at("2027-01-04 00:00"), State: "to_come", Values: []PublishedValue{own}}, {Edition: "2026-12-20/3", From: at("2026-12-20 00:00"), State: "revoked", Values: []PublishedValue{own},
			RevokedOn: at("2026-12-03 00:00"), RevokedBasis: "数值误录"}, {Edition: "2026-12-01/2", From: at("2026-12-01 00:00"), State: "in_force", Values: []PublishedValue{own}}},
		Notices: []PublishedNotice{{Place: "康定市", Name: "康定市人民政府", Number: "康府发〔2026〕7号", IssuedOn: "2026年11月20日", Basis: "县庆放假三天", Since: at("2026-11-23 10:00"), Days: calendarDays()},
			{Place: "全国", Year: 2026, Days: calendarDays()}}}
}
