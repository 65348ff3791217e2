package store_test

import (
	"errors"
	"slices"
	"testing"

	"gorm.io/gorm"

	"haochaping/regulation"
	"haochaping/store"
)

// Nothing about a rater goes to the provincial platform before they agreed, nor after they took it back; each
// answer is a row in the ledger.
func TestNothingAboutARaterLeavesWithoutTheirConsent(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		saved := d.save(d.bad())
		give := func() error {
			c, err := d.RaterFor(t.Context(), saved.RatingID, regulation.ConsentPlatform)
			if err == nil && c.Phone != phone || err != nil && c.Given() {
				t.Errorf("%+v with %v", c, err)
			}
			return err
		}
		if err := give(); !isCode(err, regulation.NotNow) {
			t.Errorf("never asked: %v", err)
		}
		for range 2 {
			d.must(d.AnswerConsent(t.Context(), saved.RatingID, regulation.ConsentPlatform, true))
		}
		d.must(give())
		d.must(d.AnswerConsent(t.Context(), saved.RatingID, regulation.ConsentPlatform, false))
		if err := give(); !isCode(err, regulation.NotNow) {
			t.Errorf("withdrawn: %v", err)
		}
		d.must(d.AnswerConsent(t.Context(), saved.RatingID, regulation.ConsentPlatform, true))
		d.must(give())
		if err := d.AnswerConsent(t.Context(), saved.RatingID, regulation.ConsentMatter, true); !isCode(err, regulation.Invalid) {
			t.Errorf("past the act: %v", err)
		}
		if n := d.rowsOf("audit", "action = 'give_rater' AND object_id = ?", saved.RatingID); n != 2 {
			t.Errorf("%d lines", n)
		}
		d.must(d.Erase(t.Context(), saved.RatingID, "", store.EraseByReceipt))
		if err := give(); !isCode(err, regulation.NotNow) {
			t.Errorf("erased: %v", err)
		}
		records, err := d.Consents(t.Context(), saved.RatingID)
		d.must(err)
		var told []string
		for _, r := range records {
			told = append(told, string(r.Scope)+" "+r.Answer+" "+r.How)
		}
		want := []string{"contact given form", "contact withdrawn erasure", "platform given receipt", "platform withdrawn receipt", "platform given receipt", "platform withdrawn erasure"}
		if !slices.Equal(told, want) {
			t.Errorf("%q", told)
		}
		d.integrate()
		if faults := d.ledgerFaults(); faults != nil {
			t.Error(faults)
		}
		d.must(store.Tx(d.Store, t.Context(), func(tx *gorm.DB) error {
			return tx.Exec("UPDATE consents SET answer = 'given' WHERE answer = 'withdrawn'").Error
		}))
		if faults := d.ledgerFaults(); faults == nil {
			t.Error("a consent that was written over is not found")
		}
	})
}

// The consent that a case asks for writes a record too (R30): asked by telephone, taken back by receipt.
func TestConsentToTheMattersNumberIsOnRecord(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		id := d.open()
		d.upTo(id, regulation.ActTransfer)
		d.do(id, regulation.ActWithdrawConsent, nil)
		records, err := d.Consents(t.Context(), d.read(id).RatingID)
		d.must(err)
		var told []string
		for _, r := range records {
			if r.Scope == regulation.ConsentMatter {
				told = append(told, r.Answer+" "+r.How)
			}
		}
		if !slices.Equal(told, []string{"given telephone", "withdrawn receipt"}) {
			t.Errorf("%q", told)
		}
	})
}

// A contact of before consents were recorded is opened for nobody, and given to nobody: there is nothing that says that the
// rater agreed.
func TestContactOfBeforeConsentsIsOpenedForNobody(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		id := d.open()
		c := d.read(id)
		actor := regulation.Actor{Person: "p", As: regulation.Assignment{Role: regulation.CallbackClerk, Org: c.Authority, Area: c.Area}}
		if contact, err := d.Reveal(t.Context(), regulation.Scope{All: true}, id, store.PurposeCallback, actor); err != nil || contact.Phone == "" {
			t.Fatalf("with consent: %+v, %v", contact, err)
		}
		d.exec("DELETE FROM pending_leaves WHERE kind = 'consent'")
		d.exec("DELETE FROM consents")
		for _, purpose := range []string{store.PurposeCallback, store.PurposeConnect, string(regulation.RevealSafety), string(regulation.RevealReferral)} {
			refused := (*regulation.Error)(nil)
			contact, err := d.Reveal(t.Context(), regulation.Scope{All: true}, id, purpose, actor)
			if !errors.As(err, &refused) || refused.Missing != "no_consent" || contact != (store.Contact{}) {
				t.Errorf("for %s: %+v, %v", purpose, contact, err)
			}
		}
		if _, err := d.RaterFor(t.Context(), c.RatingID, regulation.ConsentPlatform); err == nil {
			t.Error("it was given to the platform")
		}
	})
}
