package api_test

import (
	packing "archive/zip"
	"bytes"
	"encoding/base64"
	"image"
	"image/color"
	"image/png"
	"io"
	"mime/multipart"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"haochaping/regulation"
)

// template is the empty sheet of an opening, with the columns of its headers.
func (c *client) template(opening string) (*excelize.File, map[string]string) {
	c.o.t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(c.get("/paper/openings/" + opening + "/template.xlsx").want(200).body))
	must(c.o.t, err)
	rows, err := f.GetRows(f.GetSheetName(0))
	must(c.o.t, err)
	at := map[string]string{}
	for i, header := range rows[0] {
		at[header], err = excelize.ColumnNumberToName(i + 1)
		must(c.o.t, err)
	}
	return f, at
}

// filled is the template with a bad form a serial, as a file.
func (c *client) filled(opening string, serials []string, change func(f *excelize.File, at map[string]string)) []byte {
	c.o.t.Helper()
	f, at := c.template(opening)
	for n, serial := range serials {
		row, sheet := strconv.Itoa(n+2), f.GetSheetName(0)
		for header, value := range map[string]string{"表单编号": serial, "评价类型": "办理事项", "窗口": "社保窗口 (513301-w03)", "评价等级": "2 不满意", "原话": "跑了三趟"} {
			if at[header] == "" {
				c.o.t.Fatalf("no column %s in %v", header, at)
			}
			must(c.o.t, f.SetCellStr(sheet, at[header]+row, value))
		}
	}
	if change != nil {
		change(f, at)
	}
	b, err := f.WriteToBuffer()
	must(c.o.t, err)
	return b.Bytes()
}

// sends posts a sheet, with a zip of pictures where there is one.
func (c *client) sends(opening string, sheet, pictures []byte, values map[string]string) got {
	c.o.t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for name, value := range values {
		must(c.o.t, w.WriteField(name, value))
	}
	for _, file := range []struct {
		field, name string
		content     []byte
	}{{"sheet", "录入.xlsx", sheet}, {"scans", "scans.zip", pictures}} {
		if file.content != nil {
			part, err := w.CreateFormFile(file.field, file.name)
			must(c.o.t, err)
			_, err = part.Write(file.content)
			must(c.o.t, err)
		}
	}
	must(c.o.t, w.Close())
	r := c.request(http.MethodPost, "/paper/openings/"+opening+"/import", &b)
	r.Header.Set("Content-Type", w.FormDataContentType())
	return c.do(r)
}

// zipped is a zip of parts by name.
func zipped(t *testing.T, parts map[string]func(io.Writer)) []byte {
	t.Helper()
	var b bytes.Buffer
	w := packing.NewWriter(&b)
	for name, write := range parts {
		part, err := w.Create(name)
		must(t, err)
		write(part)
	}
	must(t, w.Close())
	return b.Bytes()
}

func drawn(t *testing.T, shade uint8) func(io.Writer) {
	return func(w io.Writer) {
		picture := image.NewGray(image.Rect(0, 0, 4, 4))
		picture.SetGray(3, 3, color.Gray{shade})
		must(t, png.Encode(w, picture))
	}
}

func (o *office) enteredOf(opening string) int {
	o.t.Helper()
	entries, err := o.record.PaperEntries(o.t.Context(), regulation.Scope{All: true}, opening)
	must(o.t, err)
	return len(entries)
}

// A sheet is shown before it is confirmed; then its forms go the way of those that were entered by hand, each with the
// picture that its name gives it or that comes later.
func TestASheetOfFormsIsShownThenEnteredWhole(t *testing.T) {
	o := setup(t)
	opening, serials := o.openBox(4)
	clerk := o.browsing("kd-entry-1")
	clerk.get("/paper").want(200).shows("/paper/openings/" + opening + "/import")
	clerk.get("/paper/openings/"+opening+"/import").want(200).shows("template.xlsx", "没有待补扫描件的评价表")
	f, at := clerk.template(opening)
	rules, err := f.GetDataValidations(f.GetSheetName(0))
	must(t, err)
	lists := 0
	for _, rule := range rules {
		if rule.Type == "list" {
			lists++
		}
	}
	if offered, err := f.GetCellValue(f.GetSheetName(1), at["表单编号"]+"2"); err != nil || offered != serials[0] || lists < 8 {
		t.Errorf("offers %q and %d lists, %v", offered, lists, err)
	}
	sheet := clerk.filled(opening, serials[:3], nil)
	pictures := zipped(t, map[string]func(io.Writer){"a/" + serials[0] + ".png": drawn(t, 10), "__MACOSX/._x": func(io.Writer) {}, ".DS_Store": func(io.Writer) {}})
	page := clerk.sends(opening, sheet, pictures, nil).want(200).shows("读到 3 份，尚未录入", serials[0], serials[2], "待补", "确认录入 3 份")
	if o.enteredOf(opening) != 0 {
		t.Fatal("entered before it was confirmed")
	}
	kept := hidden(page.body).Get("content")
	if content, err := base64.RawURLEncoding.DecodeString(kept); err != nil || !bytes.Equal(content, sheet) {
		t.Fatalf("the page does not carry the sheet: %v", err)
	}
	clerk.sends(opening, nil, nil, map[string]string{"content": kept, "confirm": "yes"}).want(303)
	clerk.get("/paper/openings/"+opening+"/import").want(200).shows(serials[1]+" 的扫描件", serials[2]+" 的扫描件").hides(serials[0] + " 的扫描件")
	clerk.get("/paper").want(200).shows("2 份待补扫描件")
	clerk.sends(opening, sheet, nil, nil).want(409).shows("这个表格已经导入过")
	o.as("kd-entry-1").sends(opening, sheet, nil, map[string]string{"confirm": "yes"}).refused(409, regulation.Conflict)

	checker := o.as("kd-entry-2")
	next := checker.get("/paper/check").want(200).hides("readings").object()
	if next["serial"] != serials[0] || next["text"] != "跑了三趟" {
		t.Fatalf("%v", next)
	}
	done := checker.post("/paper/entries/"+next["entry"].(string)+"/check", fields{"target_kind": "matter", "target": "513301-w03", "grade": 2, "confirmed": "yes"}).want(201).object()
	if done["state"] != "counted" || done["followed"] != true {
		t.Errorf("%v", done)
	}
	checker.get("/paper/check").want(200).hides(`"entry"`)
	scanless := o.as("kd-entry-1").get("/paper/openings/" + opening + "/import").want(200).object()["scanless"].([]any)
	entry := scanless[0].(map[string]any)["entry"].(string)
	var content bytes.Buffer
	drawn(t, 20)(&content)
	form, kind := upload(t, "scan", content.Bytes(), nil)
	r := clerk.request(http.MethodPost, "/paper/entries/"+entry+"/scan", form)
	r.Header.Set("Content-Type", kind)
	clerk.do(r).want(303)
	checker.get("/paper/check").want(200).shows(entry)
	o.as("kd-entry-1").post("/paper/entries/"+entry+"/scan", fields{"scan": strings.Repeat("0", 64)}).refused(409, regulation.Conflict)
	other := scanless[1].(map[string]any)["entry"].(string)
	o.as("kd-entry-1").post("/paper/entries/"+other+"/scan", fields{"scan": strings.Repeat("0", 64)}).refused(422, regulation.Invalid).shows("unknown_file")
	o.as("ld-entry-1").post("/paper/entries/"+other+"/scan", fields{"scan": strings.Repeat("0", 64)}).refused(404, regulation.NotFound)
	o.as("ld-entry-1").get("/paper/openings/"+opening+"/import").refused(404, regulation.NotFound)
	o.as("ld-entry-1").get("/paper/openings/"+opening+"/template.xlsx").refused(404, regulation.NotFound)
	o.as("kd-supervisor-1").get("/paper/openings/"+opening+"/import").refused(403, regulation.NotPermitted)
	o.as("kd-auditor").get("/audit?action=import_paper").want(200).shows(opening)
}

// One bad row of five hundred, and nothing is imported; the cell is named in the reader's language.
func TestOneBadRowOfFiveHundredImportsNothing(t *testing.T) {
	o := setup(t)
	opening, serials := o.openBox(500)
	clerk := o.browsing("kd-entry-1")
	var cell string
	bad := clerk.filled(opening, serials, func(f *excelize.File, at map[string]string) {
		cell = at["评价等级"] + "400"
		must(t, f.SetCellStr(f.GetSheetName(0), cell, "六级"))
	})
	clerk.sends(opening, bad, nil, map[string]string{"confirm": "yes"}).want(422).shows(`>1 处需要改正，未录入任何一行`, `>`+cell+`<`, "请从列出的选项中选择")
	o.as("kd-entry-1").sends(opening, bad, nil, map[string]string{"confirm": "yes"}).refused(422, regulation.Invalid).shows(cell)
	if n := o.enteredOf(opening); n != 0 {
		t.Fatalf("%d rows of a bad sheet are entered", n)
	}
	good := clerk.filled(opening, serials, nil)
	if done := o.as("kd-entry-1").sends(opening, good, nil, map[string]string{"confirm": "yes"}).want(201).object(); done["imported"] != true || len(done["forms"].([]any)) != 500 {
		t.Errorf("%v", done["imported"])
	}
	if n := o.enteredOf(opening); n != 500 {
		t.Errorf("%d are entered", n)
	}
}

// What is no plain sheet of the template is refused before it is read, and what is wrong in it is told by cell.
func TestSheetsThatAreRefused(t *testing.T) {
	o := setup(t)
	opening, serials := o.openBox(5)
	clerk := o.as("kd-entry-1")
	set := func(header, row, value string) func(*excelize.File, map[string]string) {
		return func(f *excelize.File, at map[string]string) {
			must(t, f.SetCellStr(f.GetSheetName(0), at[header]+row, value))
		}
	}
	zeros := func(w io.Writer) {
		_, err := io.CopyN(w, endless{}, 65<<20)
		must(t, err)
	}
	for name, c := range map[string]struct {
		sheet []byte
		shows []string
	}{
		"no file":           {nil, []string{`"sheet"`, "required"}},
		"no workbook":       {[]byte("表单编号,评价等级"), []string{"sheet_format"}},
		"a zip of others":   {zipped(t, map[string]func(io.Writer){"x.txt": func(io.Writer) {}}), []string{"sheet_format"}},
		"a bomb":            {zipped(t, map[string]func(io.Writer){"xl/worksheets/sheet1.xml": zeros}), []string{"sheet_too_large"}},
		"a bomb in parts":   {zipped(t, map[string]func(io.Writer){"xl/a.bin": half, "xl/b.bin": half}), []string{"sheet_too_large"}},
		"macros":            {zipped(t, map[string]func(io.Writer){"xl/vbaProject.bin": func(io.Writer) {}}), []string{"sheet_active"}},
		"too long":          {bytes.Repeat([]byte{1}, 1<<20+1), []string{"sheet_too_large"}},
		"nothing filled in": {clerk.filled(opening, nil, nil), []string{"sheet_empty"}},
		"a formula": {clerk.filled(opening, serials[:2], func(f *excelize.File, at map[string]string) {
			must(t, f.SetCellFormula(f.GetSheetName(0), at["评价等级"]+"3", `IF(TRUE,"2 不满意","")`))
		}), []string{`G3"`, "formula"}},
		"a formula on another sheet": {clerk.filled(opening, serials[:2], func(f *excelize.File, _ map[string]string) {
			must(t, f.SetCellFormula(f.GetSheetName(2), "C9", "1+1"))
		}), []string{`C9"`, "formula"}},
		"another header":        {clerk.filled(opening, serials[:1], set("评价等级", "1", "分数")), []string{`G1"`, "sheet_column"}},
		"a column gone":         {clerk.filled(opening, serials[:1], set("评价等级", "1", "")), []string{"sheet_columns"}},
		"a serial twice":        {clerk.filled(opening, []string{serials[0], serials[1], serials[0]}, nil), []string{`A4"`, "serial_twice"}},
		"a serial misread":      {clerk.filled(opening, []string{serials[0][:12] + "?"}, nil), []string{`A2"`, "serial_format"}},
		"another's option":      {clerk.filled(opening, serials[:1], set("选项", "2", "207、501")), []string{`H2"`, "not_of_this_grade"}},
		"a day that is not":     {clerk.filled(opening, serials[:1], set("填表日期", "2", "2026-02-30")), []string{`F2"`, "not_a_date"}},
		"two and no window":     {clerk.filled(opening, serials[:2], set("窗口", "3", "")), []string{`D3"`, "required"}},
		"a name without assent": {clerk.filled(opening, serials[:1], set("姓名", "2", "扎西")), []string{"consent_required"}},
	} {
		answer := clerk.sends(opening, c.sheet, nil, map[string]string{"confirm": "yes"}).refused(422, regulation.Invalid)
		for _, want := range c.shows {
			if !strings.Contains(string(answer.body), want) {
				t.Errorf("%s: no %s in %s", name, want, answer.body)
			}
		}
		if n := o.enteredOf(opening); n != 0 {
			t.Fatalf("%s: %d are entered", name, n)
		}
	}
	good := clerk.filled(opening, serials[:1], nil)
	clerk.sends(opening, good, []byte("no zip"), nil).refused(422, regulation.Invalid).shows("zip_damaged")
	clerk.sends(opening, good, zipped(t, map[string]func(io.Writer){serials[0] + ".png": func(w io.Writer) { _, _ = w.Write([]byte("no picture")) }}), nil).
		refused(422, regulation.Invalid).shows("scans "+serials[0], "type_not_allowed")
}

// endless is as many zeros as are read.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

func half(w io.Writer) { _, _ = io.CopyN(w, endless{}, 33<<20) }
