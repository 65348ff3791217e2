package store_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"haochaping/regulation"
	"haochaping/store"
	"haochaping/workday"
)

// R21, R47, R51: an edition says how its places were called when it came out, whatever offices become, and is made anew as it was; who alters a
// name in it, with all that goes by it, is found by its leaf.
func TestAnEditionKeepsThePlacesOfItsDay(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		checks := store.VerifyOptions{Only: []string{store.CheckSealed, store.CheckLeaves, store.CheckLedger, store.CheckBoards}}
		quarter, given := regulation.QuarterOf(workday.DateOf(d.Clock.Now())), d.Clock.Now()
		d.follow()
		d.rateMany(40, regulation.VerySatisfied)
		d.rateMany(11, regulation.Dissatisfied)
		d.nextMonth()
		d.nextMonth()
		d.seal()
		d.follow()
		d.integrate()
		d.exec("UPDATE orgs SET name_zh = '康定市公安分局' WHERE id = '513301-psb'")
		d.exec("UPDATE orgs SET name_zh = '康定区' WHERE id = '513301'")
		d.exec("UPDATE orgs SET parent = '513322' WHERE id = '513301-hall'")
		d.must(d.AddOrg(t.Context(), store.Org{ID: "513399", Parent: "513300", Kind: regulation.OrgCounty, Area: "513399", Division: "513399", CreditCode: "11513399MB0000000X", NameZH: "新设县", NameEN: "New County"}))
		d.must(d.AddOrg(t.Context(), store.Org{ID: "513399-authority", Parent: "513399", Kind: regulation.OrgAuthority, Area: "513399", Division: "513399", NameZH: "新设县政务服务管理局", NameEN: "New County Office"}))
		d.exec("UPDATE orgs SET area = '513322', division = '513322' WHERE id = '513301-authority'") // it is another county's now
		for range 6 {
			in := d.bad()
			in.Rating.Grade, in.Rating.GivenAt = regulation.VerySatisfied, given
			d.save(in)
		}
		d.Clock.Forward(24 * time.Hour)
		d.seal()
		d.follow()
		d.integrate()
		for edition, want := range map[int64][]string{1: {"康定市", "康定市公安局"}, 2: {"康定区", "康定市公安分局"}} {
			table, _, err := d.PublicFigures(t.Context(), quarter, edition)
			d.must(err)
			said := []string{table.Place("513301").Chinese, table.Place("513301-psb").Chinese}
			if !slices.Equal(said, want) || (table.Place("513399") != nil) != (edition == 2) || table.Place("513301-hall") == nil || (table.Offices["513301"] != "") != (edition == 1) {
				t.Errorf("edition %d: %q, %+v, %v", edition, said, table.Counties, table.Offices)
			}
		}
		board := d.board(quarter, 1)
		if place := board.Place("513301"); place == nil || place.Chinese != "康定市" || board.Place("513399") != nil {
			t.Errorf("the board calls it %+v", place)
		}
		if found := d.verify(checks); len(found) != 0 {
			t.Errorf("%q", found)
		}
		table, _, err := d.PublicFigures(t.Context(), quarter, 1)
		d.must(err)
		table.Places[0].Chinese = "另一单位"
		d.exec(fmt.Sprintf("UPDATE public_figures SET body = X'%x', digest = '%s' WHERE edition = 1", must(json.Marshal(table)), regulation.DigestOf(table)))
		if found := d.verify(checks); !slices.Contains(found, "leaves altered") {
			t.Errorf("an altered name: %q", found)
		}
	})
}

// R37, R04: neither the hash of what a board was made of nor its digest is found by trying counts: both hold a nonce, and the same counts
// never give the same twice. One of before there was a nonce is held as it was.
func TestABoardsHashesAreNotFoundByTrying(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		d.praises(policeWindow, 30, 2)
		period := d.sealedQuarter()
		d.follow()
		d.integrate()
		b := d.board(period, 1)
		guessed := b.Input
		guessed.Nonce = ""
		if len(b.Input.Nonce) < 20 || guessed.Hash() == b.InputHash || b.Input.Hash() != b.InputHash {
			t.Errorf("nonce %q, hash %s", b.Input.Nonce, b.InputHash)
		}
		old := regulation.NewBoard(guessed, 1, b.Reasons, b.At)
		if strings.Contains(string(must(json.Marshal(old))), "nonce") || old.InputHash != guessed.Hash() || old.Digest() == b.Digest() {
			t.Errorf("one of before reads otherwise: %s", old.InputHash)
		}
		if found := d.verify(boardChecks); found != nil {
			t.Errorf("%v", found)
		}
	})
}
