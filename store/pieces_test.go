package store_test

import (
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"haochaping/store"
)

// Whatever reads a piece of the ledger goes by its positions: by the index of rows' references it would go through all leaves of a kind, each
// second, and take the longer the older the record is.
func TestPiecesOfTheLedgerAreReadByTheirPositions(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		if d.Engine() != "sqlite" {
			t.Skip("a database with statistics decides by them, and has none of a small record")
		}
		type statement struct {
			text string
			args []any
		}
		var read []statement
		note := func(db *gorm.DB) {
			if text := db.Statement.SQL.String(); strings.Contains(text, "position >= ?") {
				read = append(read, statement{text, db.Statement.Vars})
			}
		}
		callbacks := store.Rows(d.Store, t.Context()).Callback()
		d.must(callbacks.Query().After("gorm:query").Register("pieces:query", note))
		d.must(callbacks.Row().After("gorm:row").Register("pieces:row", note))
		d.upTo(d.open(), "sign")
		d.rated(5)
		d.count(3)
		d.nextMonth()
		for range 2 {
			d.rated(5)
			d.Clock.Forward(24 * time.Hour)
			d.count(100)
			d.seal()
		}
		_, _, err := d.RecountFigures(t.Context())
		d.must(err)
		_, err = d.ToldRatings(t.Context(), store.OwnRatings{Units: []string{"513301-psb"}, At: d.Clock.Now()})
		d.must(err)
		_, err = d.Verify(t.Context(), store.VerifyOptions{Only: []string{store.CheckSealed}, Found: func(store.Finding) error { return nil }})
		d.must(err)
		plans := map[string]string{}
		for _, s := range read {
			if plans[s.text] == "" {
				plans[s.text] = d.plan(s.text, s.args)
			}
		}
		if len(plans) < 7 {
			t.Fatalf("read by position: %q", plans)
		}
		for text, plan := range plans {
			if !strings.Contains(plan, "position>?") || strings.Contains(plan, "(kind=?)") {
				t.Errorf("%s\n%s", text, plan)
			}
		}
	})
}
