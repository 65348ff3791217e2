package store_test

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/png"
	"slices"
	"testing"
	"time"

	"haochaping/regulation"
	"haochaping/store"
	"haochaping/store/storetest"
)

// paper is a record with a box that was opened with five forms in it.
type paper struct {
	*storetest.Record
	t       *testing.T
	choices regulation.Choices
	opening string
	serials []string
	people  map[string]regulation.Actor
	shades  uint8
}

var kangding = regulation.Scope{Areas: []string{"513301"}}

func onPaper(t *testing.T, test func(t *testing.T, p *paper)) {
	storetest.Run(t, func(t *testing.T, r *storetest.Record) {
		r.LoadDemo(t)
		p := &paper{Record: r, t: t, people: map[string]regulation.Actor{}}
		var err error
		if p.choices, err = r.Choices(t.Context()); err != nil {
			t.Fatal(err)
		}
		if p.opening, p.serials, err = store.OpenedBox(r.Store, t.Context(), "3301001", "513301-hall", "513301", r.Now(), 5); err != nil {
			t.Fatal(err)
		}
		for _, login := range []string{"kd-entry-1", "kd-entry-2", "kd-supervisor-1"} {
			if p.people[login], err = r.Actor(t.Context(), r.Person(t, login)); err != nil {
				t.Fatal(err)
			}
		}
		test(t, p)
	})
}

// scan is a new picture of a sheet.
func (p *paper) scan(name string) string {
	p.t.Helper()
	p.shades += 10
	picture := image.NewGray(image.Rect(0, 0, 4, 4))
	picture.SetGray(1, 1, color.Gray{p.shades})
	var content bytes.Buffer
	if err := png.Encode(&content, picture); err != nil {
		p.t.Fatal(err)
	}
	scan, err := p.AddPaperScan(p.t.Context(), kangding, p.opening, name, &content, p.people["kd-entry-1"])
	if err != nil {
		p.t.Fatal(err)
	}
	return scan.Digest
}

func badForm() store.PaperForm {
	return store.PaperForm{Window: "513301-w03", Confirmed: "yes", Rating: regulation.RatingForm{Target: regulation.TargetMatter, Grade: "2", Options: []string{"207"}}}
}

// entered is a bad form with words and a contact, read once.
func (p *paper) entered(n int) string {
	p.t.Helper()
	f := badForm()
	f.Serial, f.Scan = p.serials[n], p.scan("x.png")
	f.Rating.Text, f.Contact = "窗口让我跑了三趟", store.Contact{Name: "扎西", Phone: "13812345678", Language: "bo"}
	id, err := p.EnterPaper(p.t.Context(), kangding, p.opening, f, p.choices, p.people["kd-entry-1"])
	if err != nil {
		p.t.Fatal(err)
	}
	return id
}

func (p *paper) second(id string, f store.PaperForm, login string) (store.Saved, regulation.PaperState, error) {
	return p.SecondPaper(p.t.Context(), kangding, id, f, p.choices, p.people[login])
}

func (p *paper) remaining() int {
	p.t.Helper()
	o, err := p.Opening(p.t.Context(), p.opening)
	if err != nil {
		p.t.Fatal(err)
	}
	return o.Remaining()
}

func refusedWith(err error, code regulation.Code, field, why string) bool {
	var refused *regulation.Error
	return errors.As(err, &refused) && refused.Code == code && (field == "" && refused.Missing == why || field != "" && refused.Fields[field] == why)
}

// What one person read counts for nothing; what another reads alike is a rating with its case, once.
func TestAFormCountsWhenTwoReadItAlike(t *testing.T) {
	onPaper(t, func(t *testing.T, p *paper) {
		id := p.entered(0)
		if p.remaining() != 5 {
			t.Fatal("it counts before anybody checked it")
		}
		if _, _, err := p.second(id, badForm(), "kd-entry-1"); !refusedWith(err, regulation.FourEyes, "", "paper_read_before") {
			t.Fatalf("read twice by one: %v", err)
		}
		if n, err := p.SweepFiles(t.Context(), p.Now().Add(time.Hour)); err != nil || n != 0 {
			t.Fatalf("the scan is swept: %d, %v", n, err)
		}
		p.Clock.Forward(time.Hour)
		saved, state, err := p.second(id, badForm(), "kd-entry-2")
		if err != nil || state != regulation.PaperCounted || saved.CaseID == "" {
			t.Fatalf("%+v, %s, %v", saved, state, err)
		}
		c, err := p.CaseByID(t.Context(), kangding, saved.CaseID)
		if err != nil || !c.Contactable {
			t.Fatalf("%+v, %v", c, err)
		}
		rating, err := p.RatingOf(t.Context(), c)
		if err != nil || rating.FormSerial != p.serials[0] || rating.By != p.people["kd-entry-1"].Person || rating.Source.Ref != p.opening || rating.ScanDigest == "" ||
			!rating.ReceivedAt.Equal(p.Now()) || !rating.GivenAt.Before(rating.ReceivedAt) {
			t.Errorf("%+v, %v", rating, err)
		}
		if text, err := p.RatingText(t.Context(), rating.ID); err != nil || text != "窗口让我跑了三趟" {
			t.Errorf("%q, %v", text, err)
		}
		if masked, err := p.MaskedContact(t.Context(), kangding, c.ID); err != nil || masked.Phone != "138****5678" {
			t.Errorf("%+v, %v", masked, err)
		}
		if _, state, err = p.second(id, badForm(), "kd-entry-2"); err != nil || state != regulation.PaperCounted || p.remaining() != 4 {
			t.Errorf("sent again: %s, %v, %d remain", state, err, p.remaining())
		}
		f := badForm()
		f.Serial, f.Scan = p.serials[0], p.scan("x.png")
		if _, err := p.EnterPaper(t.Context(), kangding, p.opening, f, p.choices, p.people["kd-entry-2"]); !refusedWith(err, regulation.Invalid, "serial", "already_entered") {
			t.Errorf("entered twice: %v", err)
		}
		e, err := p.PaperEntry(t.Context(), kangding, id)
		if err != nil || len(e.Readings) != 2 || e.CaseID != c.ID {
			t.Errorf("%+v, %v", e, err)
		}
		if _, err := p.PaperEntry(t.Context(), regulation.Scope{Areas: []string{"513322"}}, id); !refusedWith(err, regulation.NotFound, "", "paper_entry") {
			t.Errorf("seen from another county: %v", err)
		}
	})
}

// Where two differ a third decides, who is neither of them; what they drop of the contact is gone.
func TestAThirdDecidesWhatTwoReadDifferently(t *testing.T) {
	onPaper(t, func(t *testing.T, p *paper) {
		id := p.entered(0)
		other := badForm()
		other.Rating.Grade, other.Rating.Options = "3", nil
		saved, state, err := p.second(id, other, "kd-entry-2")
		if err != nil || state != regulation.PaperDiffers || saved.CaseID != "" || p.remaining() != 5 {
			t.Fatalf("%+v, %s, %v", saved, state, err)
		}
		e, err := p.PaperEntry(t.Context(), kangding, id)
		if err != nil || !slices.Equal(e.Disputed, []string{"grade", "option"}) {
			t.Fatalf("%v, %v", e.Disputed, err)
		}
		f := badForm()
		f.Serial, f.Rating.Grade, f.Rating.Options = p.serials[1], "1", nil
		if _, _, err := p.DecidePaper(t.Context(), kangding, id, f, p.choices, p.people["kd-entry-2"]); !refusedWith(err, regulation.FourEyes, "", "paper_read_before") {
			t.Fatalf("decided by one of the two: %v", err)
		}
		saved, state, err = p.DecidePaper(t.Context(), kangding, id, f, p.choices, p.people["kd-supervisor-1"])
		if err != nil || state != regulation.PaperCounted || saved.CaseID == "" || p.remaining() != 4 {
			t.Fatalf("%+v, %s, %v", saved, state, err)
		}
		c, err := p.CaseByID(t.Context(), kangding, saved.CaseID)
		if err != nil || c.Contactable {
			t.Fatalf("%+v, %v", c, err)
		}
		if kept, err := p.KeepsContact(t.Context(), e.RatingID); err != nil || kept {
			t.Errorf("the contact that was dropped is kept: %v, %v", kept, err)
		}
		if rating, err := p.RatingOf(t.Context(), c); err != nil || rating.FormSerial != p.serials[1] || rating.Grade != 1 || rating.By != p.people["kd-supervisor-1"].Person {
			t.Errorf("%+v, %v", rating, err)
		}
	})
}

// A sheet without anything on it is void when two say so, and words that are others go to a third.
func TestABlankSheetIsVoidWhenTwoSaySo(t *testing.T) {
	onPaper(t, func(t *testing.T, p *paper) {
		f := store.PaperForm{Serial: p.serials[0], Void: "blank", Scan: p.scan(p.serials[0] + ".png"), Confirmed: "yes"}
		id, err := p.EnterPaper(t.Context(), kangding, p.opening, f, p.choices, p.people["kd-entry-1"])
		if err != nil {
			t.Fatal(err)
		}
		if again, err := p.EnterPaper(t.Context(), kangding, p.opening, f, p.choices, p.people["kd-entry-1"]); err != nil || again != id {
			t.Errorf("sent twice: %q, %v", again, err)
		}
		if _, state, err := p.second(id, f, "kd-entry-2"); err != nil || state != regulation.PaperVoid || p.remaining() != 4 {
			t.Errorf("%s, %v", state, err)
		}
		illegible := store.PaperForm{Void: "unreadable", Scan: p.scan("y.png"), Confirmed: "yes"}
		if id, err = p.EnterPaper(t.Context(), kangding, p.opening, illegible, p.choices, p.people["kd-entry-1"]); err != nil {
			t.Fatal(err)
		}
		if _, state, err := p.second(id, illegible, "kd-entry-2"); err != nil || state != regulation.PaperVoid || p.remaining() != 3 {
			t.Errorf("without a legible serial: %s, %v", state, err)
		}
		id = p.entered(1)
		words := badForm()
		words.Confirmed = "no"
		if _, state, err := p.second(id, words, "kd-entry-2"); err != nil || state != regulation.PaperDiffers {
			t.Errorf("other words: %s, %v", state, err)
		}
	})
}

// Forms that are none, of elsewhere, or more than were counted are refused when they are entered.
func TestAFormThatWasNotInTheBoxIsRefused(t *testing.T) {
	onPaper(t, func(t *testing.T, p *paper) {
		_, others, err := store.OpenedBox(p.Store, t.Context(), "3301002", "513301-hall", "513301", p.Now(), 1)
		if err != nil {
			t.Fatal(err)
		}
		clerk := p.people["kd-entry-1"]
		for name, c := range map[string]struct {
			change     func(*store.PaperForm)
			field, why string
		}{
			"no serial":          {func(f *store.PaperForm) { f.Serial = "" }, "serial", "required"},
			"misread":            {func(f *store.PaperForm) { f.Serial = p.serials[0][:12] + "?" }, "serial", "serial_format"},
			"never issued":       {func(f *store.PaperForm) { f.Serial = regulation.NewSerial("3301009", 1) }, "serial", "serial_unknown"},
			"of another box":     {func(f *store.PaperForm) { f.Serial = others[0] }, "serial", "serial_of_another_box"},
			"no scan":            {func(f *store.PaperForm) { f.Scan = "" }, "scan", "required"},
			"somebody's scan":    {func(f *store.PaperForm) { f.Scan = "0000" }, "scan", "unknown_file"},
			"no grade":           {func(f *store.PaperForm) { f.Rating.Grade = "" }, "grade", "one_of_five_grades"},
			"another county":     {func(f *store.PaperForm) { f.Window = "513322-w01" }, "target", "not_an_option"},
			"no reason of ours":  {func(f *store.PaperForm) { f.Void = "praise" }, "void", "not_an_option"},
			"a date that is not": {func(f *store.PaperForm) { f.Date = "2026-02-30" }, "form_date", "not_a_date"},
		} {
			f := badForm()
			f.Serial, f.Scan = p.serials[0], p.scan("x.png")
			c.change(&f)
			if _, err := p.EnterPaper(t.Context(), kangding, p.opening, f, p.choices, clerk); !refusedWith(err, regulation.Invalid, c.field, c.why) {
				t.Errorf("%s: %v", name, err)
			}
		}
		for n := range 5 {
			p.entered(n)
		}
		f := badForm()
		f.Serial, f.Scan = p.serials[5], p.scan("x.png")
		if _, err := p.EnterPaper(t.Context(), kangding, p.opening, f, p.choices, clerk); !refusedWith(err, regulation.Conflict, "", "opening_full") {
			t.Errorf("a sixth of five: %v", err)
		}
	})
}

// Whoever serves at the rated window neither reads the form nor is shown it (R10).
func TestWhoIsRatedReadsNoForm(t *testing.T) {
	onPaper(t, func(t *testing.T, p *paper) {
		id := p.entered(0)
		serving, err := p.WindowTarget(t.Context(), "513301-w03")
		if err != nil || len(serving.Serving) == 0 {
			t.Fatal(err)
		}
		rated := p.people["kd-entry-2"]
		rated.Staff = serving.Serving[0].StaffID
		if e, err := p.NextPaper(t.Context(), kangding, regulation.PaperToCheck, rated); err != nil || e.ID != "" {
			t.Errorf("shown %q, %v", e.ID, err)
		}
		if e, err := p.NextPaper(t.Context(), kangding, regulation.PaperToCheck, p.people["kd-entry-1"]); err != nil || e.ID != "" {
			t.Errorf("shown to who entered it: %q, %v", e.ID, err)
		}
		if e, err := p.NextPaper(t.Context(), kangding, regulation.PaperToCheck, p.people["kd-entry-2"]); err != nil || e.ID != id {
			t.Errorf("not shown to another: %q, %v", e.ID, err)
		}
		if _, _, err := p.SecondPaper(t.Context(), kangding, id, badForm(), p.choices, rated); !refusedWith(err, regulation.Invalid, "target", "transcriber_is_rated") {
			t.Errorf("read by the rated: %v", err)
		}
	})
}

// What is not counted a working day after the opening is late, and first in the queue (R16).
func TestFormsNotCountedInTimeComeFirst(t *testing.T) {
	onPaper(t, func(t *testing.T, p *paper) {
		p.Clock.Forward(8 * 24 * time.Hour)
		fresh, _, err := store.OpenedBox(p.Store, t.Context(), "3301002", "513301-hall", "513301", p.Now(), 1)
		if err != nil {
			t.Fatal(err)
		}
		queue, err := p.PaperQueue(t.Context(), kangding)
		if err != nil || len(queue) != 2 || queue[0].ID != p.opening || !queue[0].Late || queue[1].ID != fresh || queue[1].Late || queue[0].ToEnter() != 5 {
			t.Fatalf("%+v, %v", queue, err)
		}
		for n := range 5 {
			if _, _, err := p.second(p.entered(n), badForm(), "kd-entry-2"); err != nil {
				t.Fatal(err)
			}
		}
		if queue, err = p.PaperQueue(t.Context(), kangding); err != nil || len(queue) != 1 {
			t.Errorf("%+v, %v", queue, err)
		}
	})
}

// A form's serial with the citizen's own code opens what a receipt opens, once two read the same code; nothing else
// does, and guessing is slowed.
func TestACitizenFollowsAFormByTheirOwnCode(t *testing.T) {
	onPaper(t, func(t *testing.T, p *paper) {
		enter := func(n int, code string) string {
			t.Helper()
			f := badForm()
			f.Serial, f.Scan, f.OwnCode = p.serials[n], p.scan("x.png"), code
			id, err := p.EnterPaper(t.Context(), kangding, p.opening, f, p.choices, p.people["kd-entry-1"])
			if err != nil {
				t.Fatal(err)
			}
			return id
		}
		follow := func(n int, code string) error {
			_, _, err := p.CaseByPaper(t.Context(), p.serials[n], code)
			return err
		}
		same, other, none := enter(0, "40 7192"), enter(1, "407192"), enter(2, "")
		if err := follow(0, "407192"); !refusedWith(err, regulation.NotFound, "", "receipt") {
			t.Fatalf("before it counts: %v", err)
		}
		f := badForm()
		f.OwnCode = "407192"
		saved, state, err := p.second(same, f, "kd-entry-2")
		if err != nil || state != regulation.PaperCounted {
			t.Fatal(state, err)
		}
		if rating, c, err := p.CaseByPaper(t.Context(), p.serials[0], "407192"); err != nil || c.ID != saved.CaseID || rating.FormSerial != p.serials[0] {
			t.Errorf("%+v, %s, %v", rating, c.ID, err)
		}
		f.OwnCode = "407129"
		if _, state, err := p.second(other, f, "kd-entry-2"); err != nil || state != regulation.PaperDiffers {
			t.Errorf("two codes: %s, %v", state, err)
		}
		f.Serial, f.KeepContact = p.serials[1], true
		if _, state, err := p.DecidePaper(t.Context(), kangding, other, f, p.choices, p.people["kd-supervisor-1"]); err != nil || state != regulation.PaperCounted {
			t.Errorf("decided: %s, %v", state, err)
		}
		if err := follow(1, "407129"); err != nil {
			t.Errorf("the third's code: %v", err)
		}
		f.OwnCode = ""
		if _, state, err := p.second(none, f, "kd-entry-2"); err != nil || state != regulation.PaperCounted {
			t.Errorf("no code: %s, %v", state, err)
		}
		if err := follow(2, ""); !refusedWith(err, regulation.NotFound, "", "receipt") {
			t.Errorf("without a code: %v", err)
		}
		for n, want := range []string{"receipt", "receipt", "receipt", "receipt", "paper_shut"} {
			if got := fault(follow(0, "111112"), ""); got != want {
				t.Errorf("guess %d: %s, want %s", n, got, want)
			}
		}
		if err := follow(0, "407192"); !refusedWith(err, regulation.NotNow, "", "paper_shut") {
			t.Errorf("after guesses: %v", err)
		}
	})
}
