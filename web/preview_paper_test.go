package web

// paperView has an opening that is late and one that is new.
func paperView() *PaperView {
	return &PaperView{Page: staffPage("paper"), MayEnter: true, ToCheck: 3, Differ: 1, Rows: []PaperRow{
		{ID: "o1", Hall: "康定市政务服务大厅", Week: "2026-W09", Opened: at("2026-02-27 16:10"), Due: Due{At: at("2026-03-02 00:00"), Left: -2, Overdue: true}, Counted: 12, ToEnter: 4, Scans: 4, ToCheck: 3, Differ: 1, Missing: 1, Done: 4},
		{ID: "o2", Hall: "姑咱镇便民服务中心", Week: "2026-W10", Opened: at("2026-03-02 09:30"), Due: Due{At: at("2026-03-03 00:00"), Left: 1}, Counted: 2, ToEnter: 2}}}
}

// paperFormView is a form of a step, refused once.
func paperFormView(step string) *PaperFormView {
	v := &PaperFormView{Page: staffPage("paper"), Form: Form{Action: "/paper/entries/e1/" + step, Values: map[string][]string{"target_kind": {"matter"}, "grade": {"2"}, "option": {"207"}, "serial": {"3301001-0042-K"}},
		Errors: map[string]Message{"serial": Msg("refusal.serial_taken"), "target": Msg("refusal.required"), "confirmed": Msg("refusal.required")}}, Step: step, Entry: "e1", Hall: "康定市政务服务大厅", Week: "2026-W09", Late: true, Left: 3,
		Serial: "3301001-0042-K", Scan: portrait, Upload: "/paper/openings/o1/scans", Text: "窗口让我跑了三趟。", Phone: "138****5678", Name: "扎*", Targets: []Option{{Value: "w3", Text: "康定市政务服务大厅 社保 03 号窗口"}},
		Grades: gradeChoices(), Dimensions: dimensions, Voids: []string{"rated_before", "blank", "unreadable"}}
	if step == "decide" {
		v.Disputed = []string{"grade", "confirmed"}
		v.Readings = []PaperReading{{By: "何慧敏", At: at("2026-03-02 10:00"), Grade: 2, Options: []string{"服务态度生硬"}, Marks: map[string]int{"attitude": 2}, Kind: "matter", Target: "社保 03 号窗口", Date: "2026-02-26"},
			{By: "胡兴国", At: at("2026-03-02 11:00"), Grade: 3, Kind: "matter", Target: "社保 03 号窗口", Date: "2026-02-26", Confirmed: "no"}}
	}
	return v
}

// paperImportView is an opening at which two forms wait for their pictures: before a sheet is sent, with one that was
// read, and with one that is wrong.
func paperImportView(what string) *PaperImportView {
	v := &PaperImportView{Page: staffPage("paper"), Form: Form{Action: "/paper/openings/o1/import"}, Opening: "o1", Hall: "康定市政务服务大厅", Week: "2026-W09", Late: true, Left: 4,
		Scanless: []PaperScanless{{"e1", "3301001-0040-R"}, {"e2", ""}}}
	switch what {
	case "read":
		v.Content = "UEsDBA=="
		v.Rows = []PaperImportRow{{Row: 2, Serial: "3301001-0042-K", Grade: 2, Window: "社保 03 号窗口", Date: "2026-02-26", Scan: true}, {Row: 3, Serial: "3301001-0043-H", Grade: 5, Matter: "513301202602260007"}, {Row: 5, Void: "unreadable"}}
	case "wrong":
		v.Refuse(map[string]string{"A2": "serial_taken", "G10": "one_of_five_grades", "D3": "not_an_option", "scans 4": "type_not_allowed", "sheet": "sheet_columns", "scan-e1": "scan_taken"})
	}
	return v
}
