package web

import "testing"

// sheetQR is a square of four, dark in its corners.
var sheetQR = QR{Side: 4, Path: "M0 0h1v1h-1zM3 0h1v1h-1zM0 3h1v1h-1zM3 3h1v1h-1z"}

func paperSheetsView() *PaperSheetsView {
	v := &PaperSheetsView{Page: staffPage("boxes"), Box: "/boxes/1", Hall: "康定市政务服务大厅", Place: "一楼咨询台旁", From: 1, To: 3, Count: 130, After: "/boxes/1/batches/1/print?from=101",
		Grades: gradeChoices(), Dimensions: []string{"efficiency", "attitude", "guide", "discipline", "environment"}, Address: "https://hcp.example.cn/receipt", NoticeVersion: "4",
		SixDigits: make([]int, 6), ToFive: []int{5, 4, 3, 2, 1}}
	for _, serial := range []string{"3301001-0001-B", "3301001-0002-9", "3301001-0003-7"} {
		v.Sheets = append(v.Sheets, PaperSheet{serial, sheetQR})
	}
	return v
}

func boxSummaryView() *BoxSummaryView {
	return &BoxSummaryView{Page: staffPage("boxes"), Week: "2026-W10", Before: "/boxes/summary?week=2026-W09", CSV: "/boxes/summary.csv?week=2026-W10", Rows: []BoxSums{
		{Name: "康定市政务服务大厅", Boxes: 2, Opened: 1, Counted: 45, Entered: 40, Voids: 1, Remaining: 4, Grades: []string{"12", "9", "", "8", ""}},
		{Name: "康定市", County: true, Boxes: 2, Opened: 1, Counted: 45, Entered: 40, Voids: 1, Remaining: 4, Grades: []string{"12", "9", "", "8", ""}}}}
}

// Forms print two to a sheet of A4, with nothing of the site around: three of them take two sheets.
func TestFormsPrintTwoToASheet(t *testing.T) {
	server, ctx := serve(t), browser(t)
	pdf := printed(t, ctx, server.URL+"/paper-sheets?lang=zh")
	if n := len(pdfPage.FindAll(pdf, -1)); n != 2 {
		t.Errorf("three forms take %d sheets", n)
	}
}
