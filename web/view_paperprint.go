package web

// QR is a QR code to be drawn in squares: how many a side, and the dark ones as a path of SVG.
type QR struct {
	Side int
	Path string
}

// PaperSheet is one numbered form.
type PaperSheet struct {
	Serial string
	QR     QR
}

// PaperSheetsView are forms of a batch to print, two to a sheet of A4, with a stub to tear off (6(2)). They are always
// Chinese, with the Tibetan there is. From and To are their numbers in the batch of Count; Before and After are the
// addresses of those before and after, "" where there are none.
type PaperSheetsView struct {
	Page
	Box, Hall, Place  string // Box is the address of its page
	Sheets            []PaperSheet
	From, To, Count   int
	Before, After     string
	Grades            []GradeChoice // with the options to tick
	Dimensions        []string
	Address           string // where receipts are typed
	NoticeVersion     string
	SixDigits, ToFive []int
}

func (*PaperSheetsView) template() string { return "paper-sheets" }
