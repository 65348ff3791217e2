package e2e

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"mime/multipart"
	"net/http"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"haochaping/regulation"
	"haochaping/workday"
)

// The people of Luding who run a suggestion box and write down what was in it.
const (
	paperCounty = "513322"
	paperWindow = "513322-w02"
	boxManager  = "ld-supervisor-1"
	boxKeeper   = "ld-keeper-1"
	entersPaper = "ld-entry-2"
	checksPaper = "ld-entry-1" // whom the crawl reads as
)

// papers has raters fill in forms of a suggestion box: most are typed by one clerk and read again by another, where
// the two differ a third decides; the last come in a sheet (6(2)). All of a rater stands on the form, and beside the
// pixels of its picture.
type papers struct {
	*crawl
	record  record
	people  map[string]*reader
	now     func() time.Time
	box     string
	opening string
	serials []string
	counts  map[string]int // what became of the forms
}

// by is somebody of the box by their account.
func (p *papers) by(t *testing.T, login string) *reader {
	t.Helper()
	if p.people[login] == nil {
		p.people[login] = p.named(t, p.record, login)
	}
	return p.people[login]
}

func (p *papers) personOf(t *testing.T, login string) string {
	t.Helper()
	return p.record.texts(t, "SELECT person FROM accounts WHERE login = ?", login)[0]
}

// all has so many raters fill in a form.
func (p *papers) all(t *testing.T, raters []*madeUp) {
	t.Helper()
	p.register(t)
	p.issue(t, len(raters))
	p.open(t, len(raters))
	inSheet := len(raters) / 3
	for i, r := range raters[inSheet:] {
		p.typed(t, r, i)
	}
	p.imported(t, raters[:inSheet], p.serials[len(raters)-inSheet:])
}

// register puts a box into a hall, with its keeper.
func (p *papers) register(t *testing.T) {
	t.Helper()
	const at = "三楼，扫描用"
	manager := p.by(t, boxManager)
	p.must(t, manager, "/boxes", "/boxes", inJSON(fields{"box_hall": paperCounty + "-hall", "box_place": at}))
	p.box = p.record.texts(t, "SELECT id FROM boxes WHERE place = ?", at)[0]
	p.must(t, manager, "/boxes/{id}/keeper", "/boxes/"+p.box+"/keeper", inJSON(fields{"box_keeper": p.personOf(t, boxKeeper)}))
}

// issue has a batch of forms printed for it, and reads their serials.
func (p *papers) issue(t *testing.T, forms int) {
	t.Helper()
	p.must(t, p.by(t, boxKeeper), "/boxes/{id}/batches", "/boxes/"+p.box+"/batches", inJSON(fields{"batch_count": strconv.Itoa(forms)}))
	var shown struct{ Batches []struct{ First string } }
	p.reads(t, boxKeeper, "/boxes/{id}", "/boxes/"+p.box, &shown)
	prefix := shown.Batches[0].First[:7]
	for n := range forms {
		p.serials = append(p.serials, regulation.NewSerial(prefix, n+1))
	}
}

// open has the keeper and a second person open it and count: the one reports it, the other confirms.
func (p *papers) open(t *testing.T, found int) {
	t.Helper()
	at := p.now().In(workday.Shanghai)
	p.must(t, p.by(t, boxKeeper), "/boxes/{id}/openings", "/boxes/"+p.box+"/openings", inJSON(fields{
		"opened_on": at.Format(time.DateOnly), "opened_time": at.Format("15:04"), "second_opener": p.personOf(t, boxManager),
		"old_seal_state": regulation.SealMissing, "opening_remarks": "首次开箱", "new_seal": "S-0001", "counted": strconv.Itoa(found)}))
	var shown struct{ Reports, Openings []struct{ ID string } }
	p.reads(t, boxKeeper, "/boxes/{id}", "/boxes/"+p.box, &shown)
	p.must(t, p.by(t, boxManager), "/openings/{id}/answer", "/openings/"+shown.Reports[0].ID+"/answer", inJSON(fields{"opening_answer": string(regulation.ReportConfirmed)}))
	p.reads(t, boxKeeper, "/boxes/{id}", "/boxes/"+p.box, &shown)
	p.opening = shown.Openings[0].ID
}

// reads fetches something as somebody and searches the answer.
func (p *papers) reads(t *testing.T, login, route, path string, into any) {
	t.Helper()
	r := p.by(t, login)
	delete(r.seen, path+" application/json")
	body, err := p.fetch(r, route, path, "application/json")
	if err == nil {
		err = json.Unmarshal(body, into)
	}
	if err != nil {
		t.Fatalf("%s GET %s: %v in %.300q", login, path, err, body)
	}
}

// Which of the typed forms end otherwise than by two who read the same: the first and the second are left to be checked
// and to be decided, so that the crawl finds them.
func ending(i int) string {
	switch {
	case i == 0:
		return "left to check"
	case i == 1:
		return "left to decide"
	case i%5 == 2:
		return "decided by a third"
	}
	return "checked"
}

// typed takes one form from its picture to the rating.
func (p *papers) typed(t *testing.T, r *madeUp, i int) {
	t.Helper()
	enters, checks, base := p.by(t, entersPaper), p.by(t, checksPaper), "/paper/openings/"+p.opening
	var taken struct{ Scans []string }
	p.must(t, enters, "/paper/openings/{id}/scans", base+"/scans", inForm(nil, file{"scans", r.name + " " + r.phone + ".png", pictureOf(r, i)})).read(t, &taken)
	form := r.contact()
	for name, value := range p.formOf(i, 1+i%5) {
		form[name] = value
	}
	form["scan"], form["text"] = taken.Scans[0], r.said()
	var entered struct{ Entry string }
	p.must(t, enters, "/paper/openings/{id}/entries", base+"/entries", inJSON(form)).read(t, &entered)
	end, again := ending(i), p.formOf(i, 1+i%5)
	p.counts[end]++
	again["confirmed"] = "yes"
	if end == "left to check" {
		return
	}
	if end != "checked" {
		again["grade"] = strconv.Itoa(1 + (i+1)%5)
	}
	delete(again, "serial")
	p.must(t, checks, "/paper/entries/{id}/check", "/paper/entries/"+entered.Entry+"/check", inJSON(again))
	if end != "decided by a third" {
		return
	}
	decided := p.formOf(i, 1+i%5)
	decided["keep_contact"], decided["text"] = "yes", r.said()
	p.must(t, p.by(t, boxManager), "/paper/entries/{id}/decide", "/paper/entries/"+entered.Entry+"/decide", inJSON(decided))
}

func (p *papers) formOf(i, grade int) fields {
	return fields{"serial": p.serials[i], "target_kind": "matter", "target": paperWindow, "grade": strconv.Itoa(grade)}
}

// imported sends a sheet of forms with their pictures in a zip, as a page first, which shows it, then confirmed.
func (p *papers) imported(t *testing.T, raters []*madeUp, serials []string) {
	t.Helper()
	enters, path := p.by(t, entersPaper), "/paper/openings/"+p.opening+"/import"
	for i, r := range raters {
		content := p.sheet(t, r, serials[i])
		files := []file{{"sheet", r.name + ".xlsx", content}, {"scans", "scans.zip", zipOf(serials[i]+".jpg", string(pictureOf(r, 1000+i)))}}
		shown := inForm(nil, files...)
		shown.page = true
		if answer := p.post(t, enters, "/paper/openings/{id}/import", path, shown, r); answer.Status >= http.StatusBadRequest {
			t.Fatalf("a sheet is refused: %v", answer)
		}
		confirmed := p.must(t, enters, "/paper/openings/{id}/import", path, inForm(map[string]string{"confirm": "yes"}, files[:1]...))
		var told struct{ Imported bool }
		if confirmed.read(t, &told); !told.Imported {
			t.Fatalf("a sheet was not entered: %v", confirmed)
		}
		entry := p.record.texts(t, "SELECT id FROM paper_entries WHERE serial = ?", serials[i])[0]
		again := fields{"target_kind": "matter", "target": paperWindow, "grade": "2", "confirmed": "yes"}
		p.must(t, p.by(t, checksPaper), "/paper/entries/{id}/check", "/paper/entries/"+entry+"/check", inJSON(again))
		p.counts["in a sheet"]++
	}
}

// sheet is the opening's own template with a rater's form, who stands also in what a spreadsheet says of itself.
func (p *papers) sheet(t *testing.T, r *madeUp, serial string) []byte {
	t.Helper()
	template, err := p.fetch(p.fresh(t, entersPaper), "/paper/openings/{id}/template.xlsx", "/paper/openings/"+p.opening+"/template.xlsx", "application/json")
	if err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(bytes.NewReader(template))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	name := f.GetSheetName(0)
	rows, err := f.GetRows(name)
	if err != nil {
		t.Fatal(err)
	}
	for header, value := range map[string]string{"表单编号": serial, "评价类型": "办理事项", "窗口": paperWindow, "评价等级": "2", "原话": r.said(),
		"电话": r.phone, "姓名": r.name, "同意使用联系方式": "同意"} {
		at := slices.Index(rows[0], header)
		if at < 0 {
			t.Fatalf("no column %s in %v", header, rows[0])
		}
		cell, err := excelize.CoordinatesToCellName(at+1, 2)
		if err == nil {
			err = f.SetCellStr(name, cell, value)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := f.SetDocProps(&excelize.DocProperties{Creator: r.name, Description: r.said(), Keywords: r.phone}); err != nil {
		t.Fatal(err)
	}
	b, err := f.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// fresh is somebody to whom an address may be shown again.
func (p *papers) fresh(t *testing.T, login string) *reader {
	t.Helper()
	r := p.by(t, login)
	clear(r.seen)
	return r
}

// file is a part of a form.
type file struct {
	field, name string
	content     []byte
}

func inForm(values map[string]string, files ...file) sending {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for name, value := range values {
		_ = w.WriteField(name, value) // a buffer takes everything
	}
	for _, f := range files {
		part, err := w.CreateFormFile(f.field, f.name)
		if err == nil {
			_, err = part.Write(f.content)
		}
		if err != nil {
			panic(err)
		}
	}
	_ = w.Close()
	return sending{kind: w.FormDataContentType(), content: b.Bytes()}
}

// pictureOf is a form's picture, no two of them alike, with all of a rater beside the pixels: in a PNG as texts, packed
// and not, in a JPEG as a comment and as EXIF.
func pictureOf(r *madeUp, n int) []byte {
	const bits, side = 12, 16
	drawn := image.NewGray(image.Rect(0, 0, bits*side, side))
	for x := range bits * side {
		for y := range side {
			drawn.SetGray(x, y, color.Gray{Y: 255 * uint8(n>>(x/side)&1)})
		}
	}
	said := []byte(r.said() + " " + r.name + " " + r.phone + " " + r.identity)
	var b bytes.Buffer
	if n%2 == 0 {
		_ = png.Encode(&b, drawn) // a buffer takes everything
		const header = 8 + 25     // the signature and IHDR
		return slices.Concat(b.Bytes()[:header], chunk("iTXt", append([]byte("Author\x00\x00\x00\x00\x00"), said...)), chunk("eXIf", append([]byte("II*\x00\x08\x00\x00\x00"), said...)), b.Bytes()[header:])
	}
	_ = jpeg.Encode(&b, drawn, nil)
	return slices.Concat(b.Bytes()[:2], segment(0xfe, said), segment(0xe1, append([]byte("Exif\x00\x00II*\x00"), said...)), b.Bytes()[2:])
}

// chunk is a part of a PNG.
func chunk(kind string, content []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(content)))
	b = append(append(b, kind...), content...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
}

// segment is a part of a JPEG.
func segment(marker byte, content []byte) []byte {
	return append(binary.BigEndian.AppendUint16([]byte{0xff, marker}, uint16(len(content)+2)), content...)
}
