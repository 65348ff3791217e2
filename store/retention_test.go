package store_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"haochaping/regulation"
	"haochaping/store"
)

// retain goes through the retention table and returns how much was deleted.
func (d *desk) retain() int {
	d.t.Helper()
	token, ok, err := d.AcquireLease(d.t.Context(), store.LeaseRetention, "tester", time.Minute)
	d.must(err)
	if !ok {
		d.t.Fatal("another holds the lease")
	}
	n, err := d.Retain(d.t.Context(), token)
	d.must(err)
	return n
}

// months puts the clock forward and signs nobody in meanwhile.
func (d *desk) months(n int) { d.Clock.Forward(time.Duration(n) * 31 * 24 * time.Hour) }

func (d *desk) deleted() map[string]int64 {
	d.t.Helper()
	all, err := d.DeletedByKind(d.t.Context())
	d.must(err)
	counts := map[string]int64{}
	for what, of := range all {
		counts[what] = of.Number
	}
	return counts
}

// wav is a recording of no length.
var wav = append([]byte("RIFF\x24\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x40\x1f\x00\x00\x80\x3e\x00\x00\x02\x00\x10\x00data\x00\x00\x00\x00"), make([]byte, 64)...)

// closedWithEvidence carries a case to its end that has a recording and a document as evidence.
func (d *desk) closedWithEvidence() (id, recording, document string) {
	d.t.Helper()
	id = d.open()
	d.upTo(id, regulation.ActAddEvidence)
	verifier := d.able(d.read(id), regulation.ActAddEvidence, forms[regulation.ActAddEvidence])
	stage := func(content []byte) string {
		f, err := d.StageFile(d.t.Context(), verifier.Person, bytes.NewReader(content))
		d.must(err)
		return f.Digest
	}
	recording, document = stage(wav), stage([]byte("%PDF-1.4\n% "+id+"\n%%EOF\n"))
	row, err := d.SubmitAct(d.t.Context(), store.ActRequest{CaseID: id, Kind: regulation.ActAddEvidence, Actor: verifier, Key: d.key(),
		Values: regulation.Values{"kind": {"document"}, "description": {"录音和材料"}, "files": {recording, document}}})
	d.must(err)
	step, err := d.RecordAct(d.t.Context(), id, row.ID)
	if err != nil || step.Refused != "" {
		d.t.Fatalf("evidence: %v %s", err, step.Refused)
	}
	after := false
	for _, kind := range mainLine {
		if after {
			d.do(id, kind, forms[kind])
		}
		after = after || kind == regulation.ActAddEvidence
	}
	return id, recording, document
}

func (d *desk) there(digest string) bool {
	_, err := os.Stat(filepath.Join(d.Opened.Dir, "files", digest[:2], digest))
	return err == nil
}

// The table of R59, month by month; figures and proofs survive every step of it.
func TestDeletionRunsByTheTableAndProofsSurvive(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		id, recording, document := d.closedWithEvidence()
		open := d.open()
		d.integrate()
		d.archive(plainPage)
		d.integrate()
		packages, err := d.Archives(t.Context(), everywhere, id)
		d.must(err)
		before, err := d.LedgerCheckpoint(t.Context())
		d.must(err)
		sound := func(when string) {
			t.Helper()
			d.integrate()
			if faults := d.ledgerFaults(); faults != nil {
				t.Errorf("%s: %v", when, faults)
			}
			if now, err := d.LedgerCheckpoint(t.Context()); err != nil || now.Size < before.Size {
				t.Errorf("%s: the ledger shrank: %+v, %v", when, now, err)
			}
			if events, err := d.Events(t.Context(), everywhere, id); err != nil || int64(len(events)) != d.read(id).Seq {
				t.Errorf("%s: %d events, %v", when, len(events), err)
			}
		}
		c := d.read(id)
		texts := func(owner string) int { return d.rowsOf("texts", "owner = ?", owner) }
		written := texts(id)

		d.months(5)
		if n := d.retain(); n != 0 {
			t.Errorf("%d deleted after five months: %v", n, d.deleted())
		}
		d.months(8) // more than twelve since the closing
		d.retain()
		if got := d.deleted(); got["contact"] != 1 || got["recording"] != 1 || got["text"] != 0 || got["evidence"] != 0 {
			t.Errorf("after thirteen months: %v", got)
		}
		if d.there(recording) || !d.there(document) || d.rowsOf("vault", "subject = ?", c.RatingID) != 0 || d.rowsOf("subject_keys", "subject = ?", c.RatingID) != 0 {
			t.Error("the recording or the contact is still there, or the document is not")
		}
		if d.rowsOf("vault", "1 = 1") != 1 || d.rowsOf("erasures", "subject = ? AND basis = 'retention'", c.RatingID) != 1 {
			t.Error("the open case's contact was deleted too, or the erasure not noted")
		}
		if _, _, err := d.OpenFile(t.Context(), everywhere, id, recording); !isCode(err, regulation.NotFound) {
			t.Errorf("a deleted recording: %v", err)
		}
		sound("after thirteen months")

		d.months(24)
		d.retain()
		if got := d.deleted(); got["text"] != 4 { // rating, callback, survey, and the key of those in the package
			t.Errorf("after thirty-seven months: %v", got)
		}
		if texts(c.RatingID) != 0 || texts(id) != written-2 || d.rowsOf("subject_keys", "subject = ?", id) != 0 {
			t.Errorf("%d of the rating, %d of the case left", texts(c.RatingID), texts(id))
		}
		opened, err := d.OpenArchive(t.Context(), everywhere, id, 1, true, d.actor("kd-supervisor-1"))
		d.must(err)
		d.must(store.CheckPackage(opened))
		if in := files(t, opened); in["rater.json"] != nil || in["files/"+recording] != nil || in["files/"+document] == nil {
			t.Error("the package still opens what was deleted, or lacks what is kept")
		}
		sound("after thirty-seven months")

		d.months(84)
		d.retain()
		if got := d.deleted(); got["evidence"] != 1 || got["archive"] != 1 || got["paper"] != int64(written-2) {
			t.Errorf("after ten years: %v", got)
		}
		if d.there(document) || d.there(packages[0].Digest) || texts(id) != 0 || texts(d.read(open).RatingID) == 0 {
			t.Error("something is left of the closed case, or nothing of the open one")
		}
		if all, _ := d.Archives(t.Context(), everywhere, id); len(all) != 1 || all[0].Deleted.IsZero() || all[0].Digest != packages[0].Digest {
			t.Errorf("%+v", all)
		}
		if _, err := d.OpenArchive(t.Context(), everywhere, id, 1, false, d.actor("kd-auditor")); !isCode(err, regulation.NotFound) {
			t.Errorf("a deleted package: %v", err)
		}
		sound("after ten years")
		if missing := d.unarchived(); missing != nil {
			t.Errorf("unarchived: %v", missing)
		}
		if n := d.rowsOf("leaves", "kind = 'deletion'"); n != d.rowsOf("deletions", "1 = 1") || n == 0 {
			t.Errorf("%d leaves of deletions", n)
		}
		if n := d.retain(); n != 0 {
			t.Errorf("%d deleted twice", n)
		}
		if found, err := d.CheckCase(t.Context(), id, store.CheckFiles, store.CheckLeaves, store.CheckSequence); err != nil || len(found) != 0 {
			t.Errorf("%v, %v", found, err)
		}
	})
}

func TestDeletionsAreLoggedWithoutContentsAndCannotBeRewritten(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		d.closed()
		d.months(13)
		d.retain()
		d.integrate()
		var rows []struct{ Refs, Digest string }
		d.must(store.Rows(d.Store, t.Context()).Table("deletions").Find(&rows).Error)
		for _, row := range rows {
			for _, secret := range []string{phone, raterOne, ownWords} {
				if strings.Contains(row.Refs, secret) {
					t.Errorf("a deletion holds %q", secret)
				}
			}
		}
		list, _, err := d.Deletions(t.Context(), store.ListQuery{})
		if err != nil || len(list) != len(rows) || list[0].Number < 1 || list[0].Edition != regulation.Edition1 || list[0].Before.IsZero() {
			t.Errorf("%+v, %v", list, err)
		}
		d.must(store.Tx(d.Store, t.Context(), func(tx *gorm.DB) error { return tx.Exec("UPDATE deletions SET refs = '[]'").Error }))
		if d.ledgerFaults() == nil {
			t.Error("a changed deletion passes")
		}
	})
}

func TestRatingWithoutACaseEndsWithTheSamePeriods(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		good := d.bad()
		good.Rating.Grade = regulation.Satisfied
		rating := d.save(good).RatingID
		d.months(13)
		d.retain()
		if d.rowsOf("vault", "subject = ?", rating) != 0 || d.rowsOf("texts", "owner = ?", rating) != 1 {
			t.Error("after thirteen months the contact is gone and the words are there")
		}
		d.months(24)
		d.retain()
		if d.rowsOf("texts", "owner = ?", rating) != 0 || d.rowsOf("ratings", "id = ?", rating) != 1 {
			t.Error("after thirty-seven months the words are gone and the rating stands")
		}
	})
}

func TestHoldKeepsACaseFromDeletionUntilItIsLifted(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		id := d.closed()
		c, supervisor := d.read(id), d.actor("kd-supervisor-1")
		form := regulation.Values{"number": {c.Number}, "hold_kind": {"lawsuit"}, "hold_reasons": {"法院已受理"}}
		if _, err := d.HoldCase(t.Context(), regulation.Scope{Areas: []string{"513322"}}, form, supervisor); !isCode(err, regulation.Invalid) {
			t.Errorf("outside the area: %v", err)
		}
		last := c.Number[len(c.Number)-1]
		misheard := regulation.Values{"number": {c.Number[:len(c.Number)-1] + string('0'+(last-'0'+1)%10)}, "hold_kind": {"lawsuit"}, "hold_reasons": {"法院已受理"}}
		var refused *regulation.Error
		if _, err := d.HoldCase(t.Context(), everywhere, misheard, supervisor); !errors.As(err, &refused) || refused.Fields["number"] != "number_mistyped" {
			t.Errorf("a misheard number: %v", err)
		}
		hold, err := d.HoldCase(t.Context(), everywhere, form, supervisor)
		d.must(err)
		d.months(130)
		d.retain()
		if got := d.deleted(); got["contact"]+got["text"]+got["paper"] != 0 {
			t.Errorf("a held case: %v", got)
		}
		holds, err := d.RetentionHolds(t.Context(), everywhere)
		if err != nil || len(holds) != 1 || holds[0].Reasons != "法院已受理" || holds[0].Number != c.Number || !holds[0].LiftedAt.IsZero() {
			t.Fatalf("%+v, %v", holds, err)
		}
		d.must(d.LiftHold(t.Context(), everywhere, hold, regulation.Values{"hold_reasons": {"判决生效"}}, supervisor))
		if err := d.LiftHold(t.Context(), everywhere, hold, regulation.Values{"hold_reasons": {"再次"}}, supervisor); !isCode(err, regulation.NotNow) {
			t.Errorf("lifted twice: %v", err)
		}
		d.Clock.Forward(24 * time.Hour)
		d.retain()
		if got := d.deleted(); got["contact"] != 1 || got["text"] == 0 || got["paper"] == 0 {
			t.Errorf("after lifting: %v", got)
		}
		if n := d.rowsOf("audit", "action = 'lift_hold' AND object_id = ?", id); n != 1 {
			t.Errorf("%d lines in the audit log", n)
		}
	})
}

func TestAuditLogIsKeptSixMonthsAtLeast(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		line := store.AuditEntry{Person: "p", Action: "reveal_contact", Outcome: store.OutcomeDone}
		d.must(d.Audit(t.Context(), line))
		first := d.rowsOf("audit", "1 = 1")
		d.Clock.Forward(180 * 24 * time.Hour)
		d.must(d.Audit(t.Context(), line))
		d.retain()
		if n := d.rowsOf("audit", "1 = 1"); n != first+1 {
			t.Errorf("%d of %d lines left within six months", n, first+1)
		}
		d.Clock.Forward(6 * 24 * time.Hour)
		d.retain()
		if n := d.rowsOf("audit", "1 = 1"); n != 1 {
			t.Errorf("%d lines left", n)
		}
	})
}

func TestRetentionRunsUnderItsLeaseOnceADay(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		d.closed()
		d.retain()
		d.months(13)
		token, _, err := d.AcquireLease(t.Context(), store.LeaseRetention, "tester", time.Hour)
		d.must(err)
		if _, err := d.Retain(t.Context(), token+1); !errors.Is(err, store.ErrLeaseLost) {
			t.Errorf("under a lost lease: %v", err)
		}
		if n := d.rowsOf("vault", "1 = 1"); n != 1 {
			t.Error("deleted all the same")
		}
		n, err := d.Retain(t.Context(), token)
		if err != nil || n == 0 {
			t.Errorf("%d, %v", n, err)
		}
		if n, err = d.Retain(t.Context(), token+1); err != nil || n != 0 { // done for today
			t.Errorf("%d, %v", n, err)
		}
	})
}
