package store_test

import (
	"bytes"
	"cmp"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"haochaping/regulation"
	"haochaping/store"
)

var everywhere = regulation.Scope{All: true}

func TestContactIsShownForCallbackOnlyAndNeverUnseen(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		id := d.open()
		clerk := d.holder(regulation.CallbackClerk, "513301-authority")
		scope := regulation.Scope{Areas: []string{"513301"}}
		masked, err := d.MaskedContact(t.Context(), scope, id)
		if want := (store.Contact{Name: "扎*", Phone: "138****5678", Language: "zh", Hours: "morning"}); err != nil || masked != want {
			t.Errorf("%+v, %v", masked, err)
		}
		if _, err := d.Reveal(t.Context(), scope, id, "curiosity", clerk); !isCode(err, regulation.Invalid) {
			t.Errorf("another purpose: %v", err)
		}
		if _, err := d.Reveal(t.Context(), regulation.Scope{Areas: []string{"513322"}}, id, store.PurposeCallback, clerk); !isCode(err, regulation.NotFound) {
			t.Errorf("another area: %v", err)
		}
		if n := d.rowsOf("audit", "action = 'reveal_contact'"); n != 0 {
			t.Errorf("%d lines before anything was shown", n)
		}
		contact, err := d.Reveal(t.Context(), scope, id, store.PurposeCallback, clerk)
		if want := (store.Contact{Name: raterOne, Phone: phone, Language: "zh", Hours: "morning"}); err != nil || contact != want {
			t.Errorf("%+v, %v", contact, err)
		}
		if n := d.rowsOf("audit", "action = 'reveal_contact' AND person = ? AND object_id = ? AND purpose = 'callback'", clerk.Person, id); n != 1 {
			t.Errorf("%d lines", n)
		}
	})
}

func TestErasedRaterIsGoneAndTheRatingStands(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		first, second := d.save(d.bad()), d.save(d.bad())
		found, err := d.RatersByPhone(t.Context(), "+86 "+phone[:3]+"-"+phone[3:])
		d.must(err)
		want := []string{first.RatingID, second.RatingID}
		slices.Sort(want)
		if !slices.Equal(found, want) {
			t.Errorf("found %d ratings of the number", len(found))
		}
		for range 2 {
			d.must(d.Erase(t.Context(), first.RatingID, "approver", "request"))
		}
		if _, err := d.Reveal(t.Context(), everywhere, first.CaseID, store.PurposeCallback, regulation.Actor{}); !isCode(err, regulation.NotFound) {
			t.Errorf("erased, but %v", err)
		}
		if c, err := d.MaskedContact(t.Context(), everywhere, first.CaseID); err != nil || c.Given() {
			t.Errorf("%+v, %v", c, err)
		}
		if c, err := d.MaskedContact(t.Context(), everywhere, second.CaseID); err != nil || !c.Given() {
			t.Errorf("the other rating's contact: %+v, %v", c, err)
		}
		if erased, err := d.Erasures(t.Context()); err != nil || !slices.Equal(erased, []string{first.RatingID}) {
			t.Errorf("%v, %v", erased, err)
		}
		if d.rowsOf("ratings", "1 = 1") != 2 {
			t.Error("the rating went too")
		}
	})
}

// An open case learns in the same transaction that its rater can be called no more, and its workflow is to be
// told; two who agreed both stand in the audit log.
func TestErasingARaterEndsTheCallsOfTheirCase(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		id := d.open()
		d.upTo(id, regulation.ActRecordCallback)
		c := d.read(id)
		if c.Await(regulation.ActRecordCallback) == nil {
			t.Fatal("no call is due: this proves nothing")
		}
		for range 2 {
			d.must(d.Erase(t.Context(), c.RatingID, "one", store.EraseByRequest, "another"))
		}
		now := d.read(id)
		if now.Contactable || now.Await(regulation.ActRecordCallback) != nil || now.Callback.Exempt != "no_contact" || now.Seq != c.Seq+1 {
			t.Errorf("%+v", now)
		}
		if kept, err := d.KeepsContact(t.Context(), c.RatingID); err != nil || kept {
			t.Errorf("kept: %v, %v", kept, err)
		}
		if left, err := d.Unrefreshed(t.Context(), 9); err != nil || len(left) != 1 || left[0].CaseID != id {
			t.Errorf("to be told: %v, %v", left, err)
		}
		for _, person := range []string{"one", "another"} {
			if n := d.rowsOf("audit", "action = 'erase_rater' AND person = ? AND object_id = ?", person, c.RatingID); n != 1 {
				t.Errorf("%d lines of %s", n, person)
			}
		}
		d.integrate()
		if faults := d.ledgerFaults(); faults != nil {
			t.Error(faults)
		}
	})
}

func TestReceiptLeadsToItsCaseOnly(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		saved := d.save(d.bad())
		good := d.bad()
		good.Rating.Grade = regulation.Satisfied
		plain := d.save(good)
		rating, c, err := d.CaseByReceipt(t.Context(), strings.ToLower(strings.ReplaceAll(saved.Receipt, "-", " ")))
		if err != nil || c.ID != saved.CaseID || rating.ID != saved.RatingID {
			t.Errorf("%s, %s, %v", c.ID, rating.ID, err)
		}
		if rating, c, err := d.CaseByReceipt(t.Context(), plain.Receipt); err != nil || c.ID != "" || rating.Grade != regulation.Satisfied {
			t.Errorf("a good rating: %+v, %v", c, err)
		}
		for _, typed := range []string{"", "nonsense", saved.Receipt[:len(saved.Receipt)-1] + "?", strings.Repeat("0", 33)} {
			if _, _, err := d.CaseByReceipt(t.Context(), typed); !isCode(err, regulation.NotFound) {
				t.Errorf("%q: %v", typed, err)
			}
		}
	})
}

func TestCaseIsReadWithinTheScopeOnly(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		id := d.open()
		d.upTo(id, regulation.ActSign)
		for name, c := range map[string]struct {
			scope regulation.Scope
			sees  bool
		}{
			"nothing": {regulation.Scope{}, false}, "all": {everywhere, true},
			"its area": {regulation.Scope{Areas: []string{"513301"}}, true}, "another": {regulation.Scope{Areas: []string{"513322"}}, false},
			"its unit": {regulation.Scope{Units: []string{"513301-psb"}}, true}, "another unit": {regulation.Scope{Units: []string{"513301-tax"}}, false},
			"the rated person": {regulation.Scope{Staff: d.read(id).Rated.Staff}, d.read(id).Rated.Staff != ""}, "a colleague": {regulation.Scope{Staff: "st0001"}, false},
		} {
			_, err := d.CaseByID(t.Context(), c.scope, id)
			_, events := d.Events(t.Context(), c.scope, id)
			if got := err == nil; got != c.sees || (events == nil) != c.sees || (!got && !isCode(err, regulation.NotFound)) {
				t.Errorf("%s: %v, %v", name, err, events)
			}
			lines, _, err := d.Cases(t.Context(), c.scope, store.CaseQuery{})
			if err != nil || (len(lines) == 1) != c.sees {
				t.Errorf("%s: %d in the list, %v", name, len(lines), err)
			}
		}
	})
}

func TestUnitListsACaseFromItsFirstOrderOn(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		for until, listed := range map[regulation.ActKind]int{regulation.ActAskConsent: 0, regulation.ActTransfer: 0, regulation.ActSign: 1} {
			id := d.open()
			d.upTo(id, until)
			lines, _, err := d.Cases(t.Context(), regulation.Scope{Units: []string{d.read(id).Rated.Unit}}, store.CaseQuery{Number: d.read(id).Number})
			if err != nil || len(lines) != listed {
				t.Errorf("before %s the unit lists %v, %v", until, lines, err)
			}
		}
	})
}

func TestTextsAreOpenedForWhomTheyMayOnly(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		id := d.open()
		d.upTo(id, regulation.ActAskConsent)
		asked := 0
		texts, err := d.Texts(t.Context(), everywhere, id, func(ref regulation.TextRef) bool { asked++; return ref.Field == "account" })
		d.must(err)
		if len(texts) != 1 || asked < 3 {
			t.Errorf("%d texts of %d", len(texts), asked)
		}
		finding := d.read(id).Finding.Text
		if texts[finding] != forms[regulation.ActRecordFinding]["account"][0] {
			t.Errorf("the finding reads %q", texts[finding])
		}
		if text, err := d.RatingText(t.Context(), d.read(id).RatingID); err != nil || text != ownWords {
			t.Errorf("%q, %v", text, err)
		}
		events, err := d.Events(t.Context(), everywhere, id)
		d.must(err)
		if len(events[finding.Seq-1].Digests["account"]) != 64 || len(events[finding.Seq-1].Texts) != 0 {
			t.Errorf("%+v", events[finding.Seq-1])
		}
	})
}

func TestRatedSideLearnsOfItOnceServedAndNoMoreThanTheNotice(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		in := d.bad()
		in.Rating.Options = []string{"a", "b"}
		d.Crowd(in.Rating.Place.Rated.Window, 1000)
		id := d.save(in).CaseID
		unit := regulation.Scope{Units: []string{"513301-psb"}}
		if list, _, err := d.RatedNotices(t.Context(), unit, store.ListQuery{}); err != nil || len(list) != 0 {
			t.Errorf("before service: %+v, %v", list, err)
		}
		notice := d.deadline(id, regulation.DeadlineNotice)
		d.Clock.Forward(notice.Due.Sub(d.Clock.Now()))
		_, err := d.RecordDeadline(t.Context(), id, notice.ID)
		d.must(err)
		list, _, err := d.RatedNotices(t.Context(), unit, store.ListQuery{})
		if err != nil || len(list) != 1 {
			t.Fatalf("%+v, %v", list, err)
		}
		if n := list[0]; n.Period != "2026-W48" || n.Grade != 1 || !slices.Equal(n.Options, []string{"a", "b"}) || n.Dimensions["attitude"] != 1 || !n.ServedAt.Equal(notice.Due) {
			t.Errorf("%+v", n)
		}
		if list, _, _ := d.RatedNotices(t.Context(), regulation.Scope{Units: []string{"513301-tax"}}, store.ListQuery{}); len(list) != 0 {
			t.Errorf("another unit's: %+v", list)
		}
		head := d.holder(regulation.UnitHead, "513301-psb")
		told, _, err := d.Notices(t.Context(), head, store.ListQuery{})
		if err != nil || len(told) != 1 || told[0].Seq != 3 && told[0].Seq != 2 {
			t.Errorf("%+v, %v", told, err)
		}
		if n, err := d.UnreadNotices(t.Context(), head); err != nil || n != len(told) || n == 0 {
			t.Errorf("%d unread of %d, %v", n, len(told), err)
		}
		d.must(d.ReadNotices(t.Context(), head.Person, told[:1]))
		d.must(d.ReadNotices(t.Context(), head.Person, told)) // the first once more
		if n, err := d.UnreadNotices(t.Context(), head); err != nil || n != 0 {
			t.Errorf("%d unread after reading, %v", n, err)
		}
		if again, _, err := d.Notices(t.Context(), head, store.ListQuery{}); err != nil || len(again) != len(told) || !again[0].Read || told[0].Read {
			t.Errorf("after reading: %+v, %v", again, err)
		}
		colleague := head
		colleague.Person = "somebody else"
		if n, err := d.UnreadNotices(t.Context(), colleague); err != nil || n != len(told) {
			t.Errorf("one's reading is not another's: %d, %v", n, err)
		}
	})
}

func TestUnsignedOrderReachesDisciplineAndALateAuthorityTheLevelAbove(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		late, unsigned := d.open(), d.open()
		d.upTo(unsigned, regulation.ActSign)
		d.Clock.Forward(10 * 24 * time.Hour)
		for _, id := range []string{late, unsigned} {
			for _, deadline := range d.read(id).Deadlines {
				_, err := d.RecordDeadline(t.Context(), id, deadline.ID)
				d.must(err)
			}
		}
		area := regulation.Scope{Areas: []string{"513301"}}
		discipline, _, err := d.DisciplineList(t.Context(), area, store.ListQuery{})
		if err != nil || len(discipline) != 1 || discipline[0].CaseID != unsigned || discipline[0].Reason != "unsigned" || discipline[0].Unit != "513301-psb" {
			t.Errorf("%+v, %v", discipline, err)
		}
		upper, _, err := d.UpperList(t.Context(), regulation.Scope{Orgs: []string{"513300-authority"}}, store.ListQuery{})
		if err != nil || len(upper) == 0 || upper[0].Reason != "overdue:accept" && upper[0].CaseID == late {
			t.Errorf("%+v, %v", upper, err)
		}
		one, next, err := d.UpperList(t.Context(), everywhere, store.ListQuery{Limit: 1})
		if err != nil || len(one) != 1 || (next == "") != (len(upper) == 1) {
			t.Errorf("%+v, %q, %v", one, next, err)
		}
		counts, err := d.DisciplineCounts(t.Context(), area)
		total := 0
		for reason, n := range counts {
			narrowed, _, err := d.DisciplineList(t.Context(), area, store.ListQuery{Sort: reason})
			if total += n; err != nil || len(narrowed) != n {
				t.Errorf("%s: %d counted, %d listed, %v", reason, n, len(narrowed), err)
			}
		}
		if err != nil || total != len(discipline) || total == 0 {
			t.Errorf("counts %v, %v", counts, err)
		}
		for _, scope := range []regulation.Scope{{}, {Areas: []string{"513322"}}} {
			if list, _, _ := d.DisciplineList(t.Context(), scope, store.ListQuery{}); len(list) != 0 {
				t.Errorf("scope %+v sees %+v", scope, list)
			}
		}
	})
}

func TestProfileGapRaisesOneAlarmThatCounts(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		for range 3 {
			in := d.bad()
			in.Rating.Grade, in.Rating.Place.Gaps, in.Rating.Place.Rated.Staff = 5, []string{"photo", "post"}, "st0037"
			d.save(in)
		}
		alarms, _, err := d.Alarms(t.Context(), regulation.Scope{Areas: []string{"513301"}}, store.ListQuery{})
		if err != nil || len(alarms) != 1 || alarms[0].Kind != store.AlarmProfile || alarms[0].Object != "st0037" || alarms[0].Times != 3 || alarms[0].Detail != "photo,post" {
			t.Errorf("%+v, %v", alarms, err)
		}
		nobody := d.bad()
		nobody.Rating.Grade, nobody.Rating.Place.Gaps, nobody.Rating.Place.Rated.Staff = 5, []string{"photo", "name", "post", "position"}, ""
		d.save(nobody)
		area := regulation.Scope{Areas: []string{"513301"}}
		counts, err := d.AlarmCounts(t.Context(), area)
		if err != nil || len(counts) != 2 || counts[store.AlarmSortProfile] != 1 || counts[store.AlarmSortNobody] != 1 {
			t.Errorf("by sort: %v, %v", counts, err)
		}
		alarms, _, err = d.Alarms(t.Context(), area, store.ListQuery{Sort: store.AlarmSortNobody})
		if err != nil || len(alarms) != 1 || alarms[0].Detail != "photo,name,post,position" {
			t.Errorf("windows without anybody: %+v, %v", alarms, err)
		}
		if none, err := d.AlarmCounts(t.Context(), regulation.Scope{}); err != nil || len(none) != 0 {
			t.Errorf("an empty scope counts %v, %v", none, err)
		}
	})
}

func TestPaperFormCountsOnceAndItsScanIsKept(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		scan, err := d.StageFile(t.Context(), "clerk", bytes.NewReader([]byte("%PDF-1.4\n1 0 obj\n<<>>\nendobj\n")))
		d.must(err)
		in := d.bad()
		in.Rating.Channel, in.Rating.By, in.Rating.FormSerial, in.Rating.ScanDigest = regulation.ChannelPaper, "clerk", "K-0001", scan.Digest
		saved := d.save(in)
		for _, again := range []string{"K-0001", " K-0001 "} {
			in.Key, in.Rating.FormSerial = d.key(), again
			if _, err := d.SaveRating(t.Context(), in); !isCode(err, regulation.Invalid) {
				t.Errorf("the serial %q again: %v", again, err)
			}
		}
		in.Key, in.Rating.FormSerial = d.key(), strings.Repeat("9", 65)
		if _, err := d.SaveRating(t.Context(), in); !isCode(err, regulation.Invalid) {
			t.Errorf("a serial beyond all length: %v", err)
		}
		in.Key, in.Rating.FormSerial, in.Rating.ScanDigest = d.key(), "K-0002", strings.Repeat("0", 64)
		if _, err := d.SaveRating(t.Context(), in); !isCode(err, regulation.Invalid) {
			t.Errorf("a scan that is not there: %v", err)
		}
		d.Clock.Forward(time.Hour)
		if n, err := d.SweepFiles(t.Context(), d.Clock.Now()); err != nil || n != 0 {
			t.Errorf("the scan was swept: %d, %v", n, err)
		}
		if f, content, err := d.OpenFile(t.Context(), regulation.Scope{All: true}, saved.CaseID, scan.Digest); err != nil || f.Mime != "application/pdf" || len(content) == 0 {
			t.Errorf("the scan of the case: %+v, %v", f, err)
		}
		other := d.save(d.bad())
		if _, _, err := d.OpenFile(t.Context(), regulation.Scope{All: true}, other.CaseID, scan.Digest); !isCode(err, regulation.NotFound) {
			t.Errorf("the scan under another case: %v", err)
		}
		if rating, err := d.RatingOf(t.Context(), d.read(saved.CaseID)); err != nil || rating.FormSerial != "K-0001" || rating.By != "clerk" {
			t.Errorf("%+v, %v", rating, err)
		}
	})
}

func picture(t *testing.T, encode func(io.Writer, image.Image) error) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 8, 8))
	img.Set(3, 3, color.RGBA{200, 0, 0, 255})
	var out bytes.Buffer
	if err := encode(&out, img); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestFilesAreTakenByContent(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		hidden := []byte("GPS 30.05 101.96")
		withComment := picture(t, func(w io.Writer, i image.Image) error { return jpeg.Encode(w, i, nil) })
		withComment = slices.Concat(withComment[:2], []byte{0xff, 0xfe, 0, byte(len(hidden) + 2)}, hidden, withComment[2:])
		huge := picture(t, png.Encode)
		copy(huge[16:24], []byte{0, 1, 0, 0, 0, 1, 0, 0}) // claims 65536 x 65536
		for name, c := range map[string]struct {
			content []byte
			mime    string
			code    string
		}{
			"pdf": {[]byte("%PDF-1.7\n"), "application/pdf", ""}, "png": {picture(t, png.Encode), "image/png", ""},
			"jpeg with a comment": {withComment, "image/jpeg", ""}, "nothing": {nil, "", "empty"}, "a page": {[]byte("<html><script>"), "", "type_not_allowed"},
			"half a picture": {picture(t, png.Encode)[:40], "", "damaged"}, "a bomb": {huge, "", "damaged"},
			"a program": {[]byte("\x7fELF\x02\x01\x01"), "", "type_not_allowed"}, "too much": {make([]byte, store.MaxFileSize+1), "", "too_large"},
			"wav": {append([]byte("RIFF\x24\x00\x00\x00WAVEfmt "), make([]byte, 32)...), "audio/wav", ""}, "mp3": {append([]byte{0xff, 0xfb, 0x90, 0}, make([]byte, 400)...), "audio/mpeg", ""},
		} {
			f, err := d.StageFile(t.Context(), "p", bytes.NewReader(c.content))
			var refusal *regulation.Error
			switch errors.As(err, &refusal); {
			case c.code == "" && (err != nil || f.Mime != c.mime || f.Size == 0):
				t.Errorf("%s: %+v, %v", name, f, err)
			case c.code != "" && (refusal == nil || refusal.Fields["files"] != c.code && !(name == "a bomb" && refusal.Fields["files"] == "too_large")):
				t.Errorf("%s: %v", name, err)
			}
			if name == "jpeg with a comment" && d.Engine() == "sqlite" {
				d.bind(t, f, hidden)
			}
		}
	})
}

// bind puts a file into a case and reads it back.
func (d *desk) bind(t *testing.T, f store.File, hidden []byte) {
	t.Helper()
	id := d.open()
	d.upTo(id, regulation.ActAddEvidence)
	actor := d.able(d.read(id), regulation.ActAddEvidence, forms[regulation.ActAddEvidence])
	values := regulation.Values{"kind": {"document"}, "description": {"现场照片"}, "files": {f.Digest}}
	add := func() store.ActRow {
		row, err := d.SubmitAct(t.Context(), store.ActRequest{CaseID: id, Kind: regulation.ActAddEvidence, Actor: actor, Values: values, Key: d.key()})
		d.must(err)
		_, err = d.RecordAct(t.Context(), id, row.ID)
		d.must(err)
		row, err = d.ActOutcome(t.Context(), row.ID)
		d.must(err)
		return row
	}
	if row := add(); row.Refusal == nil || row.Refusal.Fields["files"] != "unknown_file" {
		t.Errorf("somebody else's file: %+v", row)
	}
	content := picture(t, func(w io.Writer, i image.Image) error { return jpeg.Encode(w, i, nil) })
	own, err := d.StageFile(t.Context(), actor.Person, bytes.NewReader(content))
	d.must(err)
	values["files"] = []string{own.Digest}
	if row := add(); row.Status != store.ActDone {
		t.Fatalf("%+v, %+v", row, row.Refusal)
	}
	_, read, err := d.OpenFile(t.Context(), everywhere, id, own.Digest)
	if err != nil || bytes.Contains(read, hidden) || len(read) != int(own.Size) {
		t.Errorf("%d bytes, %v", len(read), err)
	}
	if _, _, err := d.OpenFile(t.Context(), regulation.Scope{Areas: []string{"513322"}}, id, own.Digest); !isCode(err, regulation.NotFound) {
		t.Errorf("outside the scope: %v", err)
	}
	if _, _, err := d.OpenFile(t.Context(), everywhere, d.open(), own.Digest); !isCode(err, regulation.NotFound) {
		t.Errorf("by another case: %v", err)
	}
	if list, err := d.Files(t.Context(), everywhere, id); err != nil || len(list) != 1 {
		t.Errorf("%v, %v", list, err)
	}
	onDisk, err := os.ReadFile(filepath.Join(d.Opened.Dir, "files", own.Digest[:2], own.Digest))
	if err != nil || bytes.Contains(onDisk, read[:16]) {
		t.Errorf("the file lies open on the disk: %v", err)
	}
}

func TestSweepTakesOrphansOnly(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		id := d.open()
		d.upTo(id, regulation.ActAddEvidence)
		actor := d.able(d.read(id), regulation.ActAddEvidence, forms[regulation.ActAddEvidence])
		var files []store.File
		for _, text := range []string{"%PDF-1.4\nbound", "%PDF-1.4\norphan", "%PDF-1.4\nfresh"} {
			if strings.HasSuffix(text, "fresh") {
				d.Clock.Forward(time.Hour)
			}
			f, err := d.StageFile(t.Context(), actor.Person, strings.NewReader(text))
			d.must(err)
			files = append(files, f)
		}
		row, err := d.SubmitAct(t.Context(), store.ActRequest{CaseID: id, Kind: regulation.ActAddEvidence, Actor: actor, Key: d.key(),
			Values: regulation.Values{"kind": {"document"}, "description": {"x"}, "files": {files[0].Digest}}})
		d.must(err)
		_, err = d.RecordAct(t.Context(), id, row.ID)
		d.must(err)
		if n, err := d.SweepFiles(t.Context(), d.Clock.Now()); err != nil || n != 1 {
			t.Errorf("%d removed, %v", n, err)
		}
		for i, f := range files {
			_, err := os.Stat(filepath.Join(d.Opened.Dir, "files", f.Digest[:2], f.Digest))
			if gone := errors.Is(err, os.ErrNotExist); gone != (i == 1) {
				t.Errorf("file %d: %v", i, err)
			}
		}
		if again, err := d.StageFile(t.Context(), actor.Person, strings.NewReader("%PDF-1.4\norphan")); err != nil || again.Digest != files[1].Digest {
			t.Errorf("put in again: %v", err)
		}
	})
}

func TestLedgerTakesEveryRowOnceAndSeesWhatIsAltered(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		id := d.open()
		d.upTo(id, regulation.ActTransfer)
		want := int64(d.rowsOf("ratings", "1 = 1") + d.rowsOf("case_events", "1 = 1") + d.rowsOf("consents", "1 = 1"))
		token, ok, err := d.AcquireLease(t.Context(), store.LeaseSequencer, "test", time.Minute)
		if err != nil || !ok {
			t.Fatalf("%t, %v", ok, err)
		}
		for size := int64(0); size < want; {
			taken, now, err := d.IntegrateLeaves(t.Context(), token, 3)
			if err != nil || taken == 0 || now != size+int64(taken) {
				t.Fatalf("%d taken, size %d after %d, %v", taken, now, size, err)
			}
			size = now
		}
		if size, err := d.LedgerPosition(t.Context()); err != nil || size != want {
			t.Errorf("size %d, want %d, %v", size, want, err)
		}
		if faults := d.ledgerFaults(); faults != nil {
			t.Error(faults)
		}
		if taken, _, err := d.IntegrateLeaves(t.Context(), token, 3); err != nil || taken != 0 {
			t.Errorf("%d more, %v", taken, err)
		}
		if _, _, err := d.IntegrateLeaves(t.Context(), token+1, 3); !errors.Is(err, store.ErrLeaseLost) {
			t.Errorf("another's lease: %v", err)
		}
		point, err := d.LedgerCheckpoint(t.Context())
		if err != nil || point.Size != want {
			t.Errorf("%+v, %v", point, err)
		}
		exec := func(statement string) {
			d.must(store.Tx(d.Store, t.Context(), func(tx *gorm.DB) error { return tx.Exec(statement).Error }))
		}
		for alter, restore := range map[string]string{
			"UPDATE ratings SET grade = 2":                                   "UPDATE ratings SET grade = 1",
			"UPDATE ratings SET unit_id = '513301-tax'":                      "UPDATE ratings SET unit_id = '513301-psb'",
			"UPDATE ratings SET source = 'device-1'":                         "UPDATE ratings SET source = ''",
			"UPDATE ratings SET received_at = received_at + 1":               "UPDATE ratings SET received_at = received_at - 1",
			"UPDATE case_events SET seq = 99 WHERE seq = 5":                  "UPDATE case_events SET seq = 5 WHERE seq = 99",
			"UPDATE leaves SET ref = 'x' WHERE position = 1":                 "UPDATE leaves SET ref = '" + d.leafAt(1) + "' WHERE position = 1",
			"UPDATE ledger_hashes SET hash_index = -5 WHERE hash_index = 14": "UPDATE ledger_hashes SET hash_index = 14 WHERE hash_index = -5",
		} {
			exec(alter)
			if d.ledgerFaults() == nil {
				t.Errorf("%s was not seen", alter)
			}
			exec(restore)
			if faults := d.ledgerFaults(); faults != nil {
				t.Errorf("%s undone: %v", alter, faults)
			}
		}
		// This one cannot be undone.
		exec("UPDATE case_events SET body = CONCAT(body, ' ') WHERE seq = 2")
		if d.ledgerFaults() == nil {
			t.Error("an event's altered body was not seen")
		}
	})
}

func (d *desk) leafAt(position int) (ref string) {
	d.t.Helper()
	d.must(store.Rows(d.Store, d.t.Context()).Table("leaves").Select("ref").Where("position = ?", position).Scan(&ref).Error)
	return ref
}

func TestLateLeafRaisesAnAlarmUntilItIsTaken(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		d.open()
		if late, err := d.WatchLeaves(t.Context()); err != nil || late != 0 {
			t.Errorf("%d late at once, %v", late, err)
		}
		d.Clock.Forward(61 * time.Second)
		if late, err := d.WatchLeaves(t.Context()); err != nil || late != 3 { // of rating, event and consent
			t.Errorf("%d late, %v", late, err)
		}
		if alarms, _, _ := d.Alarms(t.Context(), everywhere, store.ListQuery{}); len(alarms) != 1 || alarms[0].Kind != store.AlarmLeaf {
			t.Errorf("%+v", alarms)
		}
		token, _, err := d.AcquireLease(t.Context(), store.LeaseSequencer, "test", time.Minute)
		d.must(err)
		_, _, err = d.IntegrateLeaves(t.Context(), token, 100)
		d.must(err)
		_, err = d.WatchLeaves(t.Context())
		d.must(err)
		if alarms, _, _ := d.Alarms(t.Context(), everywhere, store.ListQuery{}); len(alarms) != 0 {
			t.Errorf("%+v", alarms)
		}
	})
}

// Append-only is the program's own doing. Here the database is told to refuse, and the whole
// life of a case must go through all the same.
func TestNothingChangesWhatIsAppendOnly(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		tables := []string{"ratings", "case_events", "leaves", "ledger_hashes", "escalations", "notices", "case_files", "rating_scans", "audit", "erasures"}
		d.forbid(tables)
		id, late := d.open(), d.open()
		for _, kind := range mainLine {
			d.do(id, kind, forms[kind])
		}
		d.upTo(late, regulation.ActSign)
		d.must(d.Claim(t.Context(), d.holder(regulation.UnitHandler, "513301-psb"), late+".sign"))
		d.Clock.Forward(30 * 24 * time.Hour)
		for _, deadline := range d.read(late).Deadlines {
			_, err := d.RecordDeadline(t.Context(), late, deadline.ID)
			d.must(err)
		}
		token, _, err := d.AcquireLease(t.Context(), store.LeaseSequencer, "test", time.Minute)
		d.must(err)
		for range 3 {
			_, _, err = d.IntegrateLeaves(t.Context(), token, 10)
			d.must(err)
		}
		d.bind(t, store.File{Digest: strings.Repeat("0", 64)}, []byte("none"))
		_, err = d.SweepFiles(t.Context(), d.Clock.Now())
		d.must(err)
		for range 2 {
			d.must(d.Erase(t.Context(), d.read(id).RatingID, "approver", "request"))
		}
		d.must(d.MarkStarted(t.Context(), id, late))
		for _, table := range tables {
			for _, change := range []string{"DELETE FROM " + table, "UPDATE " + table + " SET " + firstColumn(table)} {
				if d.rowsOf(table, "1 = 1") == 0 {
					continue
				}
				if err := store.Tx(d.Store, t.Context(), func(tx *gorm.DB) error { return tx.Exec(change).Error }); err == nil {
					t.Errorf("the refusal does not work: %s", change)
				}
			}
		}
	})
}

func firstColumn(table string) string {
	first := map[string]string{"ratings": "id", "leaves": "position", "ledger_hashes": "hash_index", "audit": "id", "erasures": "subject", "rating_scans": "rating_id"}
	column := cmp.Or(first[table], "case_id")
	return column + " = " + column
}

// forbid makes the database refuse every update and delete of these tables.
func (d *desk) forbid(tables []string) {
	d.t.Helper()
	refuse := map[string]string{"sqlite": "BEGIN SELECT RAISE(ABORT, 'append-only'); END",
		"mysql": "FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'append-only'"}[d.Engine()]
	for _, table := range tables {
		for _, verb := range []string{"UPDATE", "DELETE"} {
			create := "CREATE TRIGGER keep_" + table + "_" + strings.ToLower(verb) + " BEFORE " + verb + " ON " + table + " " + refuse
			d.must(store.Tx(d.Store, d.t.Context(), func(tx *gorm.DB) error { return tx.Exec(create).Error }))
		}
	}
}
