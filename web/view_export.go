package web

import "time"

// ExportLine is a list that the reader had made as a file: export.list.<List>, export.state.<State>. File and Cancel are addresses,
// "" where there is nothing to fetch or to stop. Total is 0 where the list does not count.
type ExportLine struct {
	List, Address, Filter, State string
	AskedAt, Since, Until        time.Time
	Rows, Total, Bytes           int64
	File, Cancel                 string
}

// Percent is how much is done, 100 at the most.
func (l ExportLine) Percent() int64 {
	if l.Total <= 0 {
		return 0
	}
	return min(100, 100*l.Rows/l.Total)
}

// ExportsView lists the reader's lists as files. Files wait for Days; lists of up to AtOnce rows are not kept at all. While one is
// Running the page is fetched anew.
type ExportsView struct {
	Page
	Days, AtOnce int
	Running      bool
	Exports      []ExportLine
}

func (*ExportsView) template() string { return "exports" }
