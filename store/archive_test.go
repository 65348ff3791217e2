package store_test

import (
	"archive/zip"
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"haochaping/regulation"
	"haochaping/store"
	"haochaping/store/ledger"
)

// closed opens a case and carries it to its end.
func (d *desk) closed() string {
	d.t.Helper()
	id := d.open()
	for _, kind := range mainLine {
		d.do(id, kind, forms[kind])
	}
	return id
}

func plainPage(p store.Archived) ([]byte, error) { return []byte("<p>" + p.Case.Number), nil }

// archive writes what is to be written and returns how many packages were dealt with.
func (d *desk) archive(page store.ArchivePage) int {
	d.t.Helper()
	token, ok, err := d.AcquireLease(d.t.Context(), store.LeaseArchive, "tester", time.Minute)
	d.must(err)
	if !ok {
		d.t.Fatal("another holds the lease")
	}
	done, err := d.ArchiveCases(d.t.Context(), token, 10, page)
	d.must(err)
	return done
}

// files reads a downloaded package.
func files(t *testing.T, content []byte) map[string][]byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	found := map[string][]byte{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if found[f.Name], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
	}
	return found
}

func zipOf(t *testing.T, files map[string][]byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, content := range files {
		w, err := z.Create(name)
		if err == nil {
			_, err = w.Write(content)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestClosingWritesTheArchivePackageOnce(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		open, id := d.open(), d.closed()
		if done := d.archive(plainPage); done != 0 {
			t.Errorf("%d packages before the ledger took the events in", done)
		}
		d.integrate()
		if done := d.archive(plainPage); done != 1 {
			t.Fatalf("%d packages", done)
		}
		if done := d.archive(plainPage); done != 0 {
			t.Errorf("%d packages once more", done)
		}
		d.must(d.QueueArchive(t.Context(), id))
		if err := d.QueueArchive(t.Context(), open); !isCode(err, regulation.NotNow) {
			t.Errorf("an open case: %v", err)
		}
		all, err := d.Archives(t.Context(), everywhere, id)
		if err != nil || len(all) != 1 || all[0].Version != 1 || all[0].Seq != d.read(id).Seq || d.rowsOf("outbox", "kind = 'archive_case'") != 0 {
			t.Fatalf("%+v, %v", all, err)
		}
		d.integrate()
		if faults := d.ledgerFaults(); faults != nil {
			t.Error(faults)
		}
		if n := d.rowsOf("leaves", "kind = 'archive'"); n != 1 {
			t.Errorf("%d leaves", n)
		}
	})
}

func TestPackageProvesItselfAndHoldsNothingOfTheRater(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		id := d.closed()
		d.integrate()
		d.archive(plainPage)
		auditor := d.actor("kd-auditor")
		sealed, err := d.OpenArchive(t.Context(), everywhere, id, 1, false, auditor)
		d.must(err)
		d.must(store.CheckPackage(sealed))
		in := files(t, sealed)
		for name, content := range in {
			for _, secret := range []string{raterOne, phone, ownWords, "群众陈述等候过长"} {
				if bytes.Contains(content, []byte(secret)) {
					t.Errorf("%s holds %q", name, secret)
				}
			}
		}
		var index store.Archived
		d.must(json.Unmarshal(in["index.json"], &index))
		for _, e := range index.Events {
			nonce, err := hex.DecodeString(e.Nonce)
			d.must(err)
			if leaf := ledger.DigestLeaf(nonce, in[e.Canonical]); hex.EncodeToString(leaf[:]) != e.Leaf {
				t.Errorf("event %d: its leaf is not made of its bytes", e.Seq)
			}
			if n := d.rowsOf("leaves", "position = ? AND digest = ?", e.Position, e.Leaf); n != 1 {
				t.Errorf("event %d is not in the ledger at %d", e.Seq, e.Position)
			}
		}
		if len(index.Events) != len(mainLine)+1 || len(index.Edition) == 0 || len(index.Calendars) == 0 || index.Rating.GivenOn == "" {
			t.Errorf("%d events, %d parameters, calendars %v", len(index.Events), len(index.Edition), index.Calendars)
		}
		opened, err := d.OpenArchive(t.Context(), everywhere, id, 1, true, d.actor("kd-supervisor-1"))
		d.must(err)
		d.must(store.CheckPackage(opened))
		if texts := string(files(t, opened)["rater.json"]); !strings.Contains(texts, ownWords) || strings.Contains(texts, phone) {
			t.Errorf("the rater's words: %s", texts)
		}
		if n := d.rowsOf("audit", "action = 'open_archive' AND object_id = ?", id); n != 2 {
			t.Errorf("%d lines in the audit log", n)
		}
		in["events/000002"][0] ^= 1
		if err := store.CheckPackage(zipOf(t, in)); err == nil || !strings.Contains(err.Error(), "events/000002") {
			t.Errorf("a spoilt package: %v", err)
		}
		if _, err := d.OpenArchive(t.Context(), everywhere, id, 2, false, auditor); !isCode(err, regulation.NotFound) {
			t.Errorf("a version that is not there: %v", err)
		}
		if _, err := d.OpenArchive(t.Context(), regulation.Scope{Areas: []string{"513322"}}, id, 1, false, auditor); !isCode(err, regulation.NotFound) {
			t.Errorf("outside the area: %v", err)
		}
	})
}

func TestPackageHoldsTheDocumentsThatWereIssued(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		id := d.open()
		d.upTo(id, regulation.ActClose)
		order, letter := d.issue(id, regulation.DocumentReminder, "order/0"), d.issue(id, regulation.DocumentReply, "")
		letter.Draft.For, letter.Draft.To = regulation.ForRater, ""
		number := d.issued(order).Number
		d.issued(letter)
		d.do(id, regulation.ActClose, forms[regulation.ActClose])
		d.integrate()
		d.archive(plainPage)
		sealed, err := d.OpenArchive(t.Context(), everywhere, id, 1, false, d.actor("kd-auditor"))
		d.must(err)
		in := files(t, sealed)
		var index store.Archived
		d.must(json.Unmarshal(in["index.json"], &index))
		if len(index.Documents) != 2 || index.Documents[0].Number != number {
			t.Fatalf("%+v", index.Documents)
		}
		for _, doc := range index.Documents {
			nonce, err := hex.DecodeString(doc.Nonce)
			d.must(err)
			if leaf := ledger.DigestLeaf(nonce, in[doc.Canonical]); hex.EncodeToString(leaf[:]) != doc.Leaf {
				t.Errorf("document %s: its leaf is not made of its bytes", doc.Number)
			}
		}
		if n := bytes.Count(in["texts.json"], []byte("差评转办单")); n != 1 {
			t.Errorf("%d documents in clear: the letter to the rater is sealed", n)
		}
	})
}

// issuedLate issues a reply letter on a case.
func (d *desk) issuedLate(id, about string) store.Document {
	d.t.Helper()
	letter := d.issue(id, regulation.DocumentReply, about)
	letter.Draft.For, letter.Draft.To = regulation.ForRater, ""
	return d.issued(letter)
}

// A document issued on a closed case is in a further package of the same closing.
func TestDocumentOfAClosedCaseEntersAFurtherPackage(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		id := d.closed()
		d.integrate()
		d.archive(plainPage)
		late := d.issuedLate(id, "reply/1")
		if missing := d.unarchived(); missing != nil {
			t.Errorf("one that is asked for: %v", missing)
		}
		d.integrate()
		if done := d.archive(plainPage); done != 1 {
			t.Fatalf("%d packages", done)
		}
		all, err := d.Archives(t.Context(), everywhere, id)
		if err != nil || len(all) != 2 || all[0].Seq != all[1].Seq || all[1].Version != 2 {
			t.Fatalf("%+v, %v", all, err)
		}
		sealed, err := d.OpenArchive(t.Context(), everywhere, id, 2, false, d.actor("kd-auditor"))
		d.must(err)
		d.must(store.CheckPackage(sealed))
		var index store.Archived
		d.must(json.Unmarshal(files(t, sealed)["index.json"], &index))
		if len(index.Documents) != 1 || index.Documents[0].Number != late.Number {
			t.Errorf("%+v", index.Documents)
		}
		d.must(d.QueueArchive(t.Context(), id))
		if d.rowsOf("outbox", "kind = 'archive_case'") != 0 {
			t.Error("a package that has everything is asked for again")
		}
		d.integrate()
		if faults := d.ledgerFaults(); faults != nil {
			t.Error(faults)
		}
	})
}

// A document that is issued while a package is being made is in the next one, not lost between the two.
func TestDocumentIssuedWhileThePackageIsMadeIsNotLost(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		id := d.closed()
		d.integrate()
		page := func(p store.Archived) ([]byte, error) {
			d.issuedLate(id, "reply/1")
			return plainPage(p)
		}
		if done := d.archive(page); done != 0 {
			t.Errorf("%d packages without the document", done)
		}
		d.integrate()
		if done := d.archive(plainPage); done != 1 {
			t.Errorf("%d packages with it", done)
		}
		if all, err := d.Archives(t.Context(), everywhere, id); err != nil || len(all) != 1 {
			t.Errorf("%+v, %v", all, err)
		}
	})
}

func TestPackageThatLacksADocumentIsFoundAndMended(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		id := d.closed()
		d.integrate()
		d.archive(plainPage)
		d.issuedLate(id, "reply/1")
		d.exec("DELETE FROM outbox WHERE kind = 'archive_case'")
		if missing := d.unarchived(); !slices.Equal(missing, []string{"archives lacks_document"}) {
			t.Errorf("found %v", missing)
		}
		mended, err := d.Repair(t.Context(), store.CheckArchives, id, "tester")
		if err != nil || !slices.Equal(mended, []string{"lacks_document"}) {
			t.Errorf("%v, %v", mended, err)
		}
		d.integrate()
		d.archive(plainPage)
		if missing := d.unarchived(); missing != nil {
			t.Errorf("still %v", missing)
		}
	})
}

func TestPackageIsAFileLikeAnyOtherAndNotSwept(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		id := d.closed()
		d.integrate()
		broken := errors.New("no page")
		token, _, err := d.AcquireLease(t.Context(), store.LeaseArchive, "tester", time.Minute)
		d.must(err)
		if _, err := d.ArchiveCases(t.Context(), token, 10, func(store.Archived) ([]byte, error) { return nil, broken }); !errors.Is(err, broken) {
			t.Errorf("a page that cannot be drawn: %v", err)
		}
		if _, err := d.ArchiveCases(t.Context(), token+1, 10, plainPage); !errors.Is(err, store.ErrLeaseLost) {
			t.Errorf("under a lost lease: %v", err)
		}
		d.archive(plainPage)
		d.Clock.Forward(72 * time.Hour)
		swept, err := d.SweepFiles(t.Context(), d.Clock.Now().Add(-24*time.Hour))
		if err != nil || swept != 1 { // what the lost lease left behind
			t.Errorf("swept %d, %v", swept, err)
		}
		if _, err := d.OpenArchive(t.Context(), everywhere, id, 1, false, d.actor("kd-auditor")); err != nil {
			t.Error(err)
		}
	})
}

func TestClosedCaseWithoutItsPackageIsFoundAndMended(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		id := d.closed()
		d.integrate()
		if missing := d.unarchived(); missing != nil {
			t.Errorf("one that is asked for: %v", missing)
		}
		d.must(store.Tx(d.Store, t.Context(), func(tx *gorm.DB) error { return tx.Exec("DELETE FROM outbox").Error }))
		if missing := d.unarchived(); !slices.Equal(missing, []string{"archives not_archived"}) {
			t.Errorf("unarchived: %v", missing)
		}
		d.must(d.QueueArchive(t.Context(), id))
		d.must(d.QueueArchive(t.Context(), id))
		if done := d.archive(plainPage); done != 1 {
			t.Errorf("mended %d", done)
		}
		if missing := d.unarchived(); missing != nil {
			t.Errorf("still unarchived: %v", missing)
		}
	})
}
