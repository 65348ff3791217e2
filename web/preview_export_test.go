package web

func exportsView() *ExportsView {
	v := &ExportsView{Page: staffPage("cases"), Days: 7, AtOnce: 5000, Running: true, Exports: []ExportLine{
		{List: "audit", Address: "/audit?action=sign_in", Filter: "action=sign_in", State: "running", AskedAt: at("2026-03-10 09:12"), Rows: 25_000, Total: 61_204, Cancel: "/exports/1/cancel"},
		{List: "cases", Address: "/cases?tab=all&phase=dispatch", Filter: "phase=dispatch; tab=all", State: "made", AskedAt: at("2026-03-10 09:05"), Until: at("2026-03-17 09:06"), Rows: 8_120, Total: 8_120, Bytes: 912_331, File: "/exports/2/file", Cancel: "/exports/2/cancel"},
		{List: "people", Address: "/people", State: "given", AskedAt: at("2026-03-09 16:40"), Rows: 215},
		{List: "cases", Address: "/cases?tab=all", Filter: "tab=all", State: "ended", AskedAt: at("2026-03-02 11:00"), Rows: 5_000},
	}}
	return v
}
