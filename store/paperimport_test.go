package store_test

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"io"
	"strings"
	"testing"

	"haochaping/regulation"
	"haochaping/store"
)

// sheetOf is a bad form a serial, as rows of a sheet.
func sheetOf(serials ...string) (forms []store.PaperForm) {
	for _, serial := range serials {
		f := badForm()
		f.Serial, f.Rating.Text, f.Contact = serial, "窗口让我跑了三趟", store.Contact{Name: "扎西", Phone: "13812345678", Language: "bo"}
		forms = append(forms, f)
	}
	return forms
}

func (p *paper) imported(digest string, forms []store.PaperForm) ([]*regulation.Error, error) {
	return p.ImportPaper(p.t.Context(), kangding, p.opening, digest, forms, p.choices, p.people["kd-entry-1"])
}

func (p *paper) entries() []store.PaperEntry {
	p.t.Helper()
	entries, err := p.PaperEntries(p.t.Context(), kangding, p.opening)
	if err != nil {
		p.t.Fatal(err)
	}
	return entries
}

// All rows of a sheet are entered or none, and each fault is told at its row.
func TestASheetIsEnteredWholeOrNotAtAll(t *testing.T) {
	onPaper(t, func(t *testing.T, p *paper) {
		wrong := sheetOf(p.serials[0], p.serials[1], p.serials[0], "3301001-0001-?")
		wrong[1].Rating.Grade, wrong[1].Window = "6", "513322-w01"
		for name, take := range map[string]func() ([]*regulation.Error, error){
			"judged": func() ([]*regulation.Error, error) {
				return p.JudgePaper(t.Context(), kangding, p.opening, "d0", wrong, p.choices, p.people["kd-entry-1"])
			},
			"imported": func() ([]*regulation.Error, error) { return p.imported("d0", wrong) },
		} {
			faults, err := take()
			if err != nil || len(faults) != 4 || faults[0] != nil || faults[1].Fields["target"] != "not_an_option" || faults[2].Fields["serial"] != "serial_twice" || faults[3].Fields["serial"] != "serial_format" {
				t.Fatalf("%s: %+v, %v", name, faults, err)
			}
		}
		if entries := p.entries(); len(entries) != 0 {
			t.Fatalf("%d rows of a faulty sheet are entered", len(entries))
		}
		if faults, err := p.imported("d0", sheetOf(p.serials[0], p.serials[1])); err != nil || faults[0] != nil || faults[1] != nil {
			t.Fatalf("%v, %v", faults, err)
		}
		if entries := p.entries(); len(entries) != 2 || entries[0].State != regulation.PaperToCheck {
			t.Fatalf("%+v", entries)
		}
		if _, err := p.imported("d0", sheetOf(p.serials[2])); !refusedWith(err, regulation.Conflict, "", "sheet_imported") {
			t.Errorf("the same sheet twice: %v", err)
		}
		if faults, err := p.imported("d1", sheetOf(p.serials[0], p.serials[2])); err != nil || faults[0] == nil || faults[0].Fields["serial"] != "already_entered" || faults[1] != nil {
			t.Errorf("a form that is on its way: %v, %v", faults, err)
		}
		if faults, err := p.imported("d2", sheetOf(p.serials[2:7]...)); err != nil || faults[2] != nil || faults[3] == nil || faults[3].Fields["serial"] != "opening_full" {
			t.Errorf("more than were counted: %v, %v", faults, err)
		}
		if p.remaining() != 5 || len(p.entries()) != 2 {
			t.Error("they count before anybody checked them")
		}
	})
}

// What changed between judging and entering undoes the whole sheet: the row that fails is in the middle of the
// transaction.
func TestARowThatFailsLateUndoesTheSheet(t *testing.T) {
	onPaper(t, func(t *testing.T, p *paper) {
		forms := sheetOf(p.serials[0], p.serials[1])
		faults, err := store.EnterSheetAfter(p.Store, t.Context(), kangding, p.opening, "d0", forms, p.choices, p.people["kd-entry-1"], func() {
			f := badForm()
			f.Serial, f.Scan = p.serials[1], p.scan("x.png")
			if _, err := p.EnterPaper(t.Context(), kangding, p.opening, f, p.choices, p.people["kd-entry-2"]); err != nil {
				t.Error(err)
			}
		})
		if err != nil || faults[0] != nil || faults[1] == nil || faults[1].Fields["serial"] != "already_entered" {
			t.Fatalf("%v, %v", faults, err)
		}
		if entries := p.entries(); len(entries) != 1 || entries[0].Serial != p.serials[1] {
			t.Errorf("%+v", entries)
		}
		if faults, err := p.imported("d0", forms[:1]); err != nil || faults[0] != nil {
			t.Errorf("the digest of an undone sheet is kept: %v, %v", faults, err)
		}
	})
}

func pictureOf(t *testing.T, name string, shade uint8) store.PaperPicture {
	t.Helper()
	drawn := image.NewGray(image.Rect(0, 0, 4, 4))
	drawn.SetGray(2, 2, color.Gray{shade})
	var content bytes.Buffer
	if err := png.Encode(&content, drawn); err != nil {
		t.Fatal(err)
	}
	return store.PaperPicture{Name: name, Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content.Bytes())), nil }}
}

// A row without a picture is neither offered for checking nor checked; a picture by its serial, before or after, or
// given by hand, mends that.
func TestAnImportedFormIsCheckedOnceItsPictureIsThere(t *testing.T) {
	onPaper(t, func(t *testing.T, p *paper) {
		clerk, checker := p.people["kd-entry-1"], p.people["kd-entry-2"]
		first := []store.PaperPicture{pictureOf(t, p.serials[0]+".png", 10)}
		if codes, err := p.AddPaperScans(t.Context(), kangding, p.opening, append(first, store.PaperPicture{Name: "x.png", Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("no picture")), nil }}), clerk); err != nil || codes[0] != "" || codes[1] != "type_not_allowed" {
			t.Fatalf("%v, %v", codes, err)
		}
		if serials, err := p.WaitingScans(t.Context(), p.opening); err != nil || len(serials) != 0 {
			t.Fatalf("a part of the pictures is taken: %v, %v", serials, err)
		}
		for range 2 { // sent again with a mended sheet they lie there already
			if codes, err := p.AddPaperScans(t.Context(), kangding, p.opening, first, clerk); err != nil || codes[0] != "" {
				t.Fatalf("%v, %v", codes, err)
			}
		}
		if faults, err := p.imported("d0", sheetOf(p.serials[:3]...)); err != nil || faults[0] != nil {
			t.Fatalf("%v, %v", faults, err)
		}
		entries := p.entries()
		if entries[0].Scan == "" || entries[1].Scan != "" {
			t.Fatalf("%+v", entries)
		}
		queue, err := p.PaperQueue(t.Context(), kangding)
		if err != nil || queue[0].Missing != 2 || queue[0].Open[regulation.PaperToCheck] != 3 || queue[0].Scans != 0 {
			t.Fatalf("%+v, %v", queue, err)
		}
		if _, _, err := p.second(entries[1].ID, badForm(), "kd-entry-2"); !refusedWith(err, regulation.NotNow, "", "scan_missing") {
			t.Errorf("checked without a picture: %v", err)
		}
		if saved, state, err := p.second(entries[0].ID, badForm(), "kd-entry-2"); err != nil || state != regulation.PaperCounted || saved.CaseID == "" {
			t.Errorf("%+v, %s, %v", saved, state, err)
		}
		if next, err := p.NextPaper(t.Context(), kangding, regulation.PaperToCheck, checker); err != nil || next.ID != "" {
			t.Errorf("offered without a picture: %+v, %v", next, err)
		}
		p.scan(p.serials[1] + ".png")
		given, _ := pictureOf(t, "", 20).Open()
		if err := p.GivePaperScan(t.Context(), kangding, entries[2].ID, given, clerk); err != nil {
			t.Fatal(err)
		}
		again, _ := pictureOf(t, "", 30).Open()
		if err := p.GivePaperScan(t.Context(), kangding, entries[2].ID, again, clerk); !refusedWith(err, regulation.Conflict, "", "paper_moved_on") {
			t.Errorf("given twice: %v", err)
		}
		if scanless, err := p.ScanlessPaper(t.Context(), kangding, p.opening); err != nil || len(scanless) != 0 {
			t.Errorf("%+v, %v", scanless, err)
		}
		for _, e := range p.entries()[1:] {
			if _, state, err := p.second(e.ID, badForm(), "kd-entry-2"); err != nil || state != regulation.PaperCounted {
				t.Errorf("%s, %v", state, err)
			}
		}
		if free, err := p.UnenteredSerials(t.Context(), kangding, p.opening); err != nil || len(free) != len(p.serials)-3 || free[0] != p.serials[3] {
			t.Errorf("%v, %v", free, err)
		}
	})
}

// Whoever serves at a window puts in no sheet that rates it (R10).
func TestWhoIsRatedImportsNoForm(t *testing.T) {
	onPaper(t, func(t *testing.T, p *paper) {
		serving, err := p.WindowTarget(t.Context(), "513301-w03")
		if err != nil || len(serving.Serving) == 0 {
			t.Fatal(err)
		}
		rated := p.people["kd-entry-1"]
		rated.Staff = serving.Serving[0].StaffID
		faults, err := p.ImportPaper(t.Context(), kangding, p.opening, "d0", sheetOf(p.serials[0]), p.choices, rated)
		if err != nil || faults[0] == nil || faults[0].Fields["target"] != "transcriber_is_rated" || len(p.entries()) != 0 {
			t.Errorf("%v, %v", faults, err)
		}
		if _, err := p.ImportPaper(t.Context(), regulation.Scope{Areas: []string{"513322"}}, p.opening, "d0", sheetOf(p.serials[0]), p.choices, p.people["kd-entry-1"]); !refusedWith(err, regulation.NotFound, "", "opening") {
			t.Errorf("from another county: %v", err)
		}
	})
}
