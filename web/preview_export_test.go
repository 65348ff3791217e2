package web

import "haochaping/regulation"

func exportsView() *ExportsView {
	v := &ExportsView{Page: staffPage("cases"), Days: 7, AtOnce: 5000, Running: true, Exports: []ExportLine{
		{List: "audit", Address: "/audit?action=sign_in", Filter: "action=sign_in", State: "running", AskedAt: at("2026-03-10 09:12"), Rows: 25_000, Total: 61_204, Cancel: "/exports/1/cancel"},
		{List: "cases", Address: "/cases?tab=all&phase=dispatch", Filter: "phase=dispatch; tab=all", State: "made", AskedAt: at("2026-03-10 09:05"), Until: at("2026-03-17 09:06"), Rows: 8_120, Total: 8_120, Bytes: 912_331, File: "/exports/2/file", Cancel: "/exports/2/cancel"},
		{List: "people", Address: "/people", State: "given", AskedAt: at("2026-03-09 16:40"), Rows: 215},
		{List: "cases", Address: "/cases?tab=all", Filter: "tab=all", State: "ended", AskedAt: at("2026-03-02 11:00"), Rows: 5_000},
	}}
	return v
}

func registerView() *TableView {
	intro := Msg("register.text")
	v := &TableView{Page: staffPage("cases"), Code: "register", Wide: true, Intro: &intro}
	row := TableRow{Href: "/cases/1"}
	texts := []string{"1", "扎*", "513301-20261119-00048", "城乡居民基本养老保险参保登记", "网上", "非常不满意", "康定市", "138****5678", "身份证业务窗口", "A03", "是", "是", "请按期整改，并核查当日窗口开放情况", "已增开窗口两个，公示了叫号规则", "已增开窗口，感谢您的监督",
		"无理由超过法定办理时间；服务态度 1 分（满分 5 分）", "排队两个小时没有人理睬", "受理", "2026年11月23日 10:12 接通：等了两个小时"}
	for i, column := range regulation.RegisterColumns {
		v.Columns = append(v.Columns, "register."+column.Name)
		row.Cells = append(row.Cells, Cell{Text: texts[i]})
	}
	v.Rows = []TableRow{row, row}
	return v
}

// caseFileView has steps for several pages, and words in both scripts.
func caseFileView() *CaseFileView {
	v := &CaseFileView{CaseView: caseView(), Back: "/cases/1", PrintedAt: at("2026-03-12 09:00"), PrintedBy: "次仁多吉（演示）", WithEntries: true,
		Orders:  []OrderLine{{Number: "康转〔2026〕12号", Unit: "康定市人力资源和社会保障局", Assist: "康定市公安局", Issued: at("2026-03-05 10:00"), Signed: at("2026-03-05 17:00")}},
		Entries: []EntryLine{{At: at("2026-03-11 10:00"), Kind: "reattribution", From: "康定市公安局", To: "康定市人力资源和社会保障局"}}}
	v.Live, v.Flash, v.Refusal = "", nil, nil
	for range 4 {
		v.Timeline = append(v.Timeline, timeline()...)
	}
	v.Facts = append(v.Facts, Fact{Code: "text", Text: "排队两个小时没有人理睬，之后又被告知材料不全。 བཀྲ་ཤིས་བདེ་ལེགས། ང་ཚོས་ཆུ་ཚོད་གཉིས་སྒུག་དགོས་བྱུང་།"})
	return v
}

func shortCaseFileView() *CaseFileView {
	v := caseFileView()
	v.Timeline, v.Procedures, v.Clocks, v.WithEntries = v.Timeline[:1], nil, nil, false
	return v
}
