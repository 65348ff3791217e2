package api_test

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"iter"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"haochaping/api"
	"haochaping/regulation"
	"haochaping/store"
	"haochaping/web"
	"haochaping/workday"
)

// sheet is an Excel file's rows of data, and what its last sheet says of it.
func (g got) sheet() (rows [][]string, about map[string]string) {
	g.t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(g.body))
	must(g.t, err)
	defer f.Close()
	names := f.GetSheetList()
	for _, name := range names[:len(names)-1] {
		some, err := f.GetRows(name)
		must(g.t, err)
		rows = append(rows, some...)
	}
	lines, err := f.GetRows(names[len(names)-1])
	must(g.t, err)
	about = map[string]string{}
	for _, line := range lines {
		about[line[0]] = strings.Join(line[1:], "")
	}
	return rows, about
}

// extents are how far an Excel file says that each of its sheets goes, "" where it does not say.
func (g got) extents() (said []string) {
	g.t.Helper()
	file, err := zip.NewReader(bytes.NewReader(g.body), int64(len(g.body)))
	must(g.t, err)
	for _, entry := range file.File {
		if !strings.HasPrefix(entry.Name, "xl/worksheets/sheet") {
			continue
		}
		in, err := entry.Open()
		must(g.t, err)
		var sheet struct {
			Dimension struct {
				Ref string `xml:"ref,attr"`
			} `xml:"dimension"`
		}
		must(g.t, xml.NewDecoder(in).Decode(&sheet))
		must(g.t, in.Close())
		said = append(said, sheet.Dimension.Ref)
	}
	slices.Sort(said)
	return said
}

// Programs that read no more of a sheet than what it says it has would read one cell.
func TestAFileDoesNotSayThatItHasOneCell(t *testing.T) {
	o := setup(t)
	o.rateBadly()
	file := o.as("kd-supervisor-1").post("/exports", fields{"list": "/cases?tab=all"}).want(200)
	if _, about := file.sheet(); !slices.Equal(file.extents(), []string{"", "A1:B" + strconv.Itoa(len(about))}) {
		t.Errorf("%v", file.extents())
	}
}

// Whoever is handed a file has no page beside it: it says of which months its figures are, up to which leaf they count, and what the page says
// above a list, such as its tab or its quarter, also where nothing was chosen.
func TestAFileSaysOfWhichPeriodItIs(t *testing.T) {
	o := mixed(t, 33, 2)
	period := o.sealedQuarter()
	supervisor := o.as("kd-supervisor-1")
	rows, _ := supervisor.post("/exports", fields{"list": "/figures"}).want(200).sheet()
	last := rows[len(rows)-2:]
	month := regulation.MonthOf(workday.DateOf(o.clock.Now()))
	if last[0][0] != month+" – "+month || !strings.HasPrefix(last[1][0], "统计截至账本第") {
		t.Errorf("figures of %v", last)
	}
	p, _ := regulation.ParsePeriod(period)
	if _, about := supervisor.post("/exports", fields{"list": "/honours/candidates"}).want(200).sheet(); !strings.Contains(about["页面说明"], strconv.Itoa(p.Year)+" 年第") {
		t.Errorf("candidates of %v", about)
	}
	if _, about := supervisor.post("/exports", fields{"list": "/cases"}).want(200).sheet(); about["页面说明"] != "待认领" {
		t.Errorf("cases of %v", about)
	}
}

// atMost has an edition in force by which lists of so many rows are had at once.
func (o *office) atMost(rows int) {
	o.t.Helper()
	must(o.t, o.record.AddEdition(o.t.Context(), store.Edition{Name: "exports", From: o.clock.Now()},
		[]store.Parameter{{Name: regulation.ExportRows, Value: rows, Author: "a", Basis: "b"}}, "a"))
	o.clock.Forward(time.Second)
}

// Whatever list is in somebody's menu is had as a file with the rows that the page shows, and one that is not theirs is refused.
func TestEveryListIsHadAsAFile(t *testing.T) {
	o := setup(t)
	o.rateBadly()
	had := map[string]bool{}
	for _, login := range []string{"gz-window-01", "kd-mkt-head", "kd-verifier-1", "kd-clerk-1", "kd-supervisor-1", "gz-head", "gz-discipline-1", "gz-agent-1", "kd-keeper-1", "gz-entry-1", "gz-devices", "gz-vault-1",
		"gz-sysadmin", "gz-secadmin", "gz-auditor", "gz-supervisor-1", "kd-handler-1"} {
		if _, err := o.record.AccountByLogin(t.Context(), login); err != nil {
			continue
		}
		reader, page := o.as(login), o.browsing(login)
		for _, path := range api.ExportPaths() {
			shown := page.get(path)
			if shown.status == 403 {
				reader.post("/exports", fields{"list": path}).refused(403, regulation.NotPermitted)
				continue
			}
			if shown.status == 404 { // not of their level
				reader.post("/exports", fields{"list": path}).want(404)
				continue
			}
			if shown.status != 200 {
				t.Errorf("%s: %s answers %d", login, path, shown.status)
				continue
			}
			if !strings.Contains(string(shown.body), `<input type="hidden" name="list" value="`+path) {
				t.Errorf("%s: %s offers no file", login, path)
			}
			given := reader.post("/exports", fields{"list": path})
			if given.status != 200 {
				t.Logf("%s: %s\n%s", login, path, o.log)
			}
			rows, about := given.want(200).sheet()
			had[path] = true
			if len(rows) == 0 || about["行数"] != strconv.Itoa(len(rows)-1) {
				t.Errorf("%s: %s has %d rows and says %v", login, path, len(rows), about)
			}
			for _, row := range rows {
				for _, cell := range row {
					if strings.Contains(cell, "export.") || strings.HasPrefix(cell, "col.") {
						t.Errorf("%s: %s has the cell %q", login, path, cell)
					}
				}
			}
		}
	}
	for _, path := range api.ExportPaths() {
		if !had[path] {
			t.Errorf("nobody had %s", path)
		}
	}
	o.as("gz-auditor").post("/exports", fields{"list": "/people/x"}).refused(422, regulation.Invalid)
	o.as("gz-auditor").post("/exports", fields{"list": "//elsewhere/audit"}).refused(422, regulation.Invalid)
	o.as("gz-auditor").post("/exports", fields{"list": "/exports"}).refused(422, regulation.Invalid)
}

// The file keeps the page's filter, scope and masks: what the page hides is in no cell.
func TestAFileHasWhatThePageHas(t *testing.T) {
	o := setup(t)
	_, caseID := o.rateBadly()
	number := o.as("kd-supervisor-1").get("/cases/" + caseID).want(200).object()["number"].(string)
	rows, about := o.as("kd-supervisor-1").post("/exports", fields{"list": "/cases?tab=all&number=" + number}).want(200).sheet()
	if len(rows) != 2 || rows[1][0] != number || !strings.Contains(about["筛选条件"], "number="+number) || about["账本位置"] == "" {
		t.Errorf("%v, %v", rows, about)
	}
	if rows, _ := o.as("kd-supervisor-1").post("/exports", fields{"list": "/cases?tab=all&number=nothing"}).want(200).sheet(); len(rows) != 1 {
		t.Errorf("a filter that leaves nothing leaves %v", rows)
	}
	if rows, _ := o.as("ld-supervisor-1").post("/exports", fields{"list": "/cases?tab=all"}).want(200).sheet(); len(rows) != 1 {
		t.Errorf("another county's: %v", rows)
	}
	if rows, _ := o.as("kd-supervisor-1").post("/exports", fields{"list": "/cases?tab=all&cursor=" + url.QueryEscape("behind")}).want(200).sheet(); len(rows) != 2 {
		t.Errorf("from the middle: %v", rows)
	}
	if _, about := o.as("kd-mkt-head").post("/exports", fields{"list": "/notices"}).want(200).sheet(); about["账本位置"] != "" {
		t.Errorf("the rated side learns how many ratings there are: %v", about)
	}
	lines := o.as("gz-auditor").get("/audit?action=export_list").want(200)
	lines.shows(`"purpose":"cases"`).hides(number)
	o.browsing("gz-auditor").get("/audit?action=export_list").want(200).shows("案件，1 行").hides(number)
}

// long is an auditor with a list of so many rows, which is made beside.
func (o *office) long(rows int) (auditor *client, e store.Export) {
	o.t.Helper()
	for i := range rows {
		must(o.t, o.record.Audit(o.t.Context(), store.AuditEntry{Person: "a", Action: "sign_in", Area: "513301", ObjectKind: "=" + strconv.Itoa(i), Outcome: store.OutcomeDone}))
	}
	o.atMost(1)
	auditor = o.as("kd-auditor")
	made := auditor.post("/exports", fields{"list": "/audit?action=sign_in&person=a"}).want(202).object()
	if made["total"] != float64(rows) {
		o.t.Errorf("counted %v rows of %d", made["total"], rows)
	}
	running, err := o.record.RunningExports(o.t.Context())
	must(o.t, err)
	return auditor, running[0]
}

// A long list is made a stretch at a time, goes on on another node behind the stretch that was kept, and is its owner's alone.
func TestALongListIsMadeInTheBackground(t *testing.T) {
	*api.StretchRows = 500
	t.Cleanup(func() { *api.StretchRows = 5_000 })
	o := setup(t)
	auditor, e := o.long(1_201)
	must(t, o.handler.GoOn(t.Context(), e))
	listed := auditor.get("/exports").want(200).object()["exports"].([]any)[0].(map[string]any)
	if listed["state"] != "running" || listed["rows"] != 500.0 {
		t.Errorf("after a stretch: %v", listed)
	}
	page := o.browsing("kd-auditor")
	page.get("/exports").want(200).shows("已完成 500 / 1201 行", `value="41"`, "data-live-every")
	o.handler.Close() // the node ends here
	must(t, o.otherNode().MakeExports(t.Context()))
	listed = auditor.get("/exports").want(200).object()["exports"].([]any)[0].(map[string]any)
	if listed["state"] != "made" || listed["rows"] != 1201.0 {
		t.Fatalf("at the end: %v", listed)
	}
	file := listed["file"].(string)
	rows, about := auditor.get(file).want(200).sheet()
	seen := map[string]bool{}
	for _, row := range rows[1:] {
		seen[row[4]] = true
	}
	if len(rows) != 1202 || len(seen) != 1201 || !seen["'=0"] || about["行数"] != "1201" {
		t.Errorf("%d rows, %d of them different, %v", len(rows), len(seen), about)
	}
	o.as("gz-auditor").get(file).refused(404, regulation.NotFound)
	o.as("gz-auditor").post(strings.TrimSuffix(file, "file")+"cancel", nil).refused(404, regulation.NotFound)
	if left, err := filepath.Glob(filepath.Join(o.dir, "scratch", "*")); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	before := o.files()
	o.clock.Forward(8 * 24 * time.Hour)
	must(t, o.otherNode().MakeExports(t.Context()))
	o.as("kd-auditor").get(file).refused(404, regulation.NotFound)
	if after := o.files(); before == 0 || after != 0 {
		t.Errorf("%d files before and %d after the days", before, after)
	}
}

// files counts the contents that are kept in the data folder.
func (o *office) files() int {
	o.t.Helper()
	found, err := filepath.Glob(filepath.Join(o.dir, "files", "*", "*"))
	must(o.t, err)
	return len(found)
}

// Whoever lost a post since gets nothing more of what they asked for under it, on the way and at the download.
func TestARightWithdrawnEndsAnExport(t *testing.T) {
	o := setup(t)
	_, e := o.long(3)
	admin := o.as("kd-secadmin")
	o.clock.Forward(time.Second)
	dismiss := func() {
		admin.post("/people/"+e.Person+"/dismiss", fields{"role": "auditor", "org": "513301-authority"}).want(204)
	}
	must(t, o.handler.GoOn(t.Context(), e))
	dismiss()
	must(t, o.handler.MakeExports(t.Context()))
	if ended, err := o.record.OwnExport(t.Context(), e.Person, e.ID); err != nil || ended.State != store.ExportEnded || o.files() != 0 {
		t.Errorf("%+v, %v, %d files", ended, err, o.files())
	}
	o.clock.Forward(time.Second)
	admin.post("/people/"+e.Person+"/appoint", fields{"role": "auditor", "org": "513301-authority"}).want(204)
	auditor := o.as("kd-auditor")
	again := auditor.post("/exports", fields{"list": "/audit"}).want(202).object()["id"].(string)
	must(t, o.handler.MakeExports(t.Context()))
	o.clock.Forward(time.Second)
	dismiss()
	auditor.get("/exports/"+again+"/file").refused(403, regulation.NotPermitted)
	if o.files() != 0 {
		t.Error("the file is still there")
	}
}

// What is cancelled is not kept, and nobody has more than a few on the way.
func TestAnExportIsCancelled(t *testing.T) {
	o := setup(t)
	auditor, e := o.long(3)
	must(t, o.handler.GoOn(t.Context(), e))
	for range store.MostExports - 1 {
		auditor.post("/exports", fields{"list": "/audit"}).want(202)
	}
	auditor.post("/exports", fields{"list": "/audit"}).refused(409, regulation.Conflict)
	auditor.post("/exports/"+e.ID+"/cancel", nil).want(204)
	must(t, o.handler.GoOn(t.Context(), e)) // a node that saw it running
	must(t, o.handler.MakeExports(t.Context()))
	if e, err := o.record.OwnExport(t.Context(), e.Person, e.ID); err != nil || e.State != store.ExportCancelled {
		t.Errorf("%+v, %v", e, err)
	}
	auditor.get("/exports/"+e.ID+"/file").refused(404, regulation.NotFound)
	o.browsing("kd-auditor").get("/exports").want(200).shows("已取消", "可下载")
}

// A workbook takes no more memory for more rows, goes on in another sheet when one is full, and computes nothing.
func TestAWorkbookIsWrittenAsItComes(t *testing.T) {
	at := time.Date(2026, 11, 30, 20, 15, 0, 0, time.UTC) // the next morning in Beijing
	number := 7.5
	var out bytes.Buffer
	row := []web.SheetCell{{Text: "＝1+1"}, {Number: &number}, {At: at}, {At: at, Day: true}, {}}
	_, err := api.WriteSheets(t.TempDir(), &out, 3, slices.Values([][][]web.SheetCell{{row, row}, {row}}), "a", "b", "c", "d", "e")
	must(t, err)
	f, err := excelize.OpenReader(&out)
	must(t, err)
	defer f.Close()
	if names := f.GetSheetList(); !slices.Equal(names, []string{"list", "list 2", "about"}) {
		t.Fatalf("sheets %v", names)
	}
	second, err := f.GetRows("list 2")
	must(t, err)
	want := [][]string{{"a", "b", "c", "d", "e"}, {"'＝1+1", "7.5", "2026-12-01 04:15", "2026-12-01"}}
	if fmt.Sprint(second) != fmt.Sprint(want) {
		t.Errorf("%v, want %v", second, want)
	}
	for _, name := range []string{"list", "list 2"} {
		panes, err := f.GetPanes(name)
		must(t, err)
		if !panes.Freeze || panes.YSplit != 1 {
			t.Errorf("%s: %+v", name, panes)
		}
	}
	if kind, err := f.GetCellType("list", "B2"); err != nil || kind != excelize.CellTypeUnset && kind != excelize.CellTypeNumber {
		t.Errorf("a number is %v, %v", kind, err)
	}
	if text, err := f.GetCellValue("about", "B1"); err != nil || text != "'=1" {
		t.Errorf("%q, %v", text, err)
	}
	const rows = 60_000
	least, most := heapOf(t, rows/3), heapOf(t, rows)
	if most > least+least/2 {
		t.Errorf("%d rows take %d kB, %d take %d kB", rows/3, least>>10, rows, most>>10)
	}
}

// heapOf is the most that lies on the heap while so many rows are written.
func heapOf(t *testing.T, rows int) (most uint64) {
	t.Helper()
	number := 1
	_, err := api.WriteSheets(t.TempDir(), io.Discard, 1<<20, manyRows(rows, func() {
		if number++; number%20 == 0 {
			var m runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&m)
			most = max(most, m.HeapAlloc)
		}
	}), twenty()...)
	must(t, err)
	return most
}

func twenty() []string { return strings.Split("abcdefghijklmnopqrst", "") }

// manyRows are rows of twenty cells, 500 at a time.
func manyRows(rows int, each func()) iter.Seq[[][]web.SheetCell] {
	return func(yield func([][]web.SheetCell) bool) {
		at := time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC)
		for n := 0; n < rows; {
			page := make([][]web.SheetCell, 0, 500)
			for ; n < rows && len(page) < 500; n++ {
				number := float64(n)
				row := []web.SheetCell{{Number: &number}, {At: at.Add(time.Duration(n) * time.Minute)}}
				for len(row) < 20 {
					row = append(row, web.SheetCell{Text: "康定市市场监督管理局 " + strconv.Itoa(n*len(row))})
				}
				page = append(page, row)
			}
			each()
			if !yield(page) {
				return
			}
		}
	}
}

// BenchmarkMillionRows writes a list of 1,000,000 rows of twenty columns and prints the most memory that the process ever had:
//
//	go test ./api -run '^$' -bench MillionRows -benchtime 1x
func BenchmarkMillionRows(b *testing.B) {
	for b.Loop() {
		bytes, err := api.WriteSheets(b.TempDir(), io.Discard, 1_048_576, manyRows(1_000_000, func() {}), twenty()...)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(bytes)/(1<<20), "MB/file")
	}
	peak := peakMB(b)
	b.ReportMetric(peak, "MB/peak")
	if peak > 300 {
		b.Errorf("%.0f MB were resident", peak)
	}
}

// peakMB is the most that the process had resident (VmHWM), in MB.
func peakMB(tb testing.TB) float64 {
	tb.Helper()
	status, err := os.ReadFile("/proc/self/status")
	must(tb, err)
	for line := range strings.Lines(string(status)) {
		if kB, found := strings.CutPrefix(line, "VmHWM:"); found {
			n, err := strconv.ParseFloat(strings.Fields(kB)[0], 64)
			must(tb, err)
			return n / 1024
		}
	}
	tb.Fatal("no VmHWM")
	return 0
}
