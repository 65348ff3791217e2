package web

import "haochaping/regulation"

// bulletinView is the prefecture's, issued and to be corrected, with long names.
func bulletinView() *BulletinView {
	v := &BulletinView{Page: staffPage("bulletins"), Back: "/bulletins/1", BackTo: "title.bulletins", Authority: "甘孜州行政审批局", Number: "甘审批差评通报〔2026〕1号", Heading: "2026 年第一季度“差评”情况通报",
		Note: "请各单位对照通报的问题逐条整改，举一反三。", Outdated: true, Issued: at("2026-04-16 00:00"), Version: 2, Open: 14, Position: 182_404, Formula: 1, Least: 5, PrintedBy: "扎西（演示）", PrintedAt: at("2026-04-16 10:12"),
		Total:    BulletinLine{Rated: "24190", Bad: "1209", Confirmed: "402", Rectified: "388", InTime: "371", Overdue: "9", Causes: "办事效率 201、服务态度 92、办事指南 60、其他 49"},
		Corrects: &BulletinLink{"甘审批差评通报〔2025〕4号", "/bulletins/0/paper"}}
	v.Title = "2026 年第一季度“差评”情况通报"
	for _, name := range []string{"康定市", "泸定县", "理塘县"} {
		v.Counties = append(v.Counties, BulletinLine{Name: name, Rated: "2040", Bad: "102", BadRate: "5.00", Confirmed: "41", Rectified: "40", InTime: "38", Overdue: "1"})
	}
	for _, name := range []string{"州公安局", "州人力资源和社会保障局城乡居民养老保险经办机构", "州自然资源和规划局"} {
		v.Units = append(v.Units, BulletinLine{Name: name, Rated: "412", Bad: "21", BadRate: "5.10", Confirmed: "12", Causes: "办事效率 7、服务态度 5", Rectified: "11", InTime: "10", Overdue: "1"})
	}
	v.Units = append(v.Units, BulletinLine{Name: "州气象局", Rated: "过少", Bad: "过少", BadRate: "过少", Confirmed: "0", Rectified: "0", InTime: "0", Overdue: "0"})
	for _, outcome := range regulation.BulletinOutcomes {
		v.Cases = append(v.Cases, BulletinCase{"513300-2026-0003172", "州人力资源和社会保障局", "efficiency", outcome})
	}
	return v
}

// publicBulletinView is a county's that was corrected, as everybody reads it.
func publicBulletinView() *BulletinView {
	v := &BulletinView{Back: "/public/bulletins", BackTo: "title.public_bulletins", Authority: "康定市政务服务管理局", Number: "康政服差评通报〔2026〕1号", Heading: "2026 年第一季度“差评”情况通报", Public: true, Issued: at("2026-04-16 00:00"),
		Version: 1, Position: 182_404, Formula: 1, Total: BulletinLine{Confirmed: "41", Rectified: "不公布", InTime: "38", Overdue: "不公布", Causes: "办事效率 21"},
		CorrectedBy: &BulletinLink{"康政服差评通报〔2026〕3号", "/public/bulletins/3"}}
	v.Title = "2026 年第一季度“差评”情况通报"
	v.Units = []BulletinLine{{Name: "康定市公安局", Confirmed: "12"}, {Name: "康定市人力资源和社会保障局城乡居民养老保险经办机构", Confirmed: "不公布"}}
	return v
}

// untoldBulletinView is one of the prefecture's of which nothing may be told.
func untoldBulletinView() *BulletinView {
	v := publicBulletinView()
	v.Authority, v.Number, v.CorrectedBy, v.Total, v.Units = "甘孜州行政审批局", "甘审批差评通报〔2026〕1号", nil, BulletinLine{}, nil
	v.Untold, v.UntoldCounties, v.UntoldUnits = true, 14, 31
	return v
}

func publicReleasesView() *PublicReleasesView {
	return &PublicReleasesView{Releases: []PublicRelease{{ID: "r1", Ground: "typical_case", Unit: "州公安局", Title: "一次性告知不到位，群众多次往返", Text: "该单位一次性告知不到位，群众多次往返，经核实情况属实，已责令整改。\n整改情况将继续公布。",
		Lang: "zh-CN", Outlet: "newspaper", On: at("2026-04-16 00:00"), Until: at("2026-05-16 00:00")},
		{ID: "r2", Ground: "low_rank", Basis: "2025 年第四季度封存统计第 2 版、2026 年第一季度封存统计第 1 版", Formula: 1, Unit: "理塘县政务服务管理局", Title: "连续两个季度排名靠后", Text: "理塘县连续两个季度好评率排名靠后。", Lang: "zh-CN", Outlet: "other", OutletName: "康巴卫视", On: at("2026-04-12 00:00"), Until: at("2026-05-12 00:00")}}}
}

// releaseView waits for the head's word.
func releaseView() *DocketView {
	v := &DocketView{Page: staffPage("releases"), Code: "releases", Back: "/releases", Kind: "release", Clause: "8(3)", State: Cell{Message: Msg("docket.stage.release.drafted"), Badge: "info"}, Public: "/public/releases#1"}
	v.Title = "反面典型问题 · 康定市公安局"
	v.Facts = []DocketFact{{Label: "col.authority", Text: "甘孜州行政审批局"}, {Label: "docket.unit.release", Text: "康定市公安局"}, {Label: "field.release_ground", Text: "反面典型问题"}, {Label: "field.case_number", Text: "513301-2026-0003172"},
		{Label: "field.unit_bad", Text: "3"}, {Label: "field.hear_until", Text: "2026-04-20"}, {Label: "field.heard", Text: "已陈述"}, {Label: "field.identity", Text: "通过"}}
	for _, name := range []string{"revise", "state", "check_identity", "check_secrecy", "sign", "publish", "withdraw", "tell_outlet"} {
		v.Forms = append(v.Forms, docketForm(regulation.DocketRelease, name, name == "check_secrecy"))
	}
	v.Refusal = &Problem{Title: "现在还不能这样办理", Missing: []Message{Msg("refusal.secrecy_unchecked")}, Clause: "8(3)"}
	v.Steps = []DocketStep{{Event: "release.state", Tone: "info", At: at("2026-04-15 16:20"), Role: "unit_head", Texts: []WatchText{{"release_statement", "已经整改到位，设立了一次性告知清单。"}}},
		{Event: "release.draft", Tone: "info", At: at("2026-04-13 16:00"), Role: "supervisor", Name: "罗布次称", Texts: []WatchText{{"release_title", "一次性告知不到位"}, {"release_text", "该单位一次性告知不到位，群众多次往返，经核实情况属实，已责令整改。"}}}}
	return v
}
