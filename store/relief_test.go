package store_test

import (
	"slices"
	"testing"
	"time"

	"haochaping/regulation"
)

// A step that nobody may do any more, since whoever is left confirmed the malice that the rater objects to, goes to somebody without a part
// as soon as they are appointed, at whatever office (9(2), R53).
func TestWhoIsAppointedHasWhatLayBeforeWhoIsLeft(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		id, head := d.open(), d.holder(regulation.AuthorityHead, office)
		d.upTo(id, regulation.ActSign)
		d.do(id, regulation.ActLodgeAppeal, regulation.Values{"grounds": {"facts_untrue"}, "account": {"a"}})
		d.do(id, regulation.ActDecideAppeal, regulation.Values{"result": {"malicious"}, "ground": {"proven_fabrication"}, "reasons": {"r"}})
		d.must(d.Dismiss(t.Context(), head.Person, regulation.AuthorityHead, office, "tester"))
		d.Clock.Forward(time.Second)
		d.settled()
		d.do(id, regulation.ActConfirmMalice, regulation.Values{"opinion": {"o"}}) // who approves nothing by that
		confirmed := d.read(id).Parts[regulation.PartConfirmed][0]
		d.must(d.Dismiss(t.Context(), confirmed, regulation.Supervisor, office, "tester"))
		d.must(d.Appoint(t.Context(), head.Person, regulation.AuthorityHead, office, d.Clock.Now(), "tester"))
		d.Clock.Forward(time.Second)
		d.settled()
		d.do(id, regulation.ActApproveWriteOff, nil)
		d.must(d.Appoint(t.Context(), confirmed, regulation.Supervisor, office, d.Clock.Now(), "tester"))
		d.Clock.Forward(time.Second)
		var gone regulation.Actor
		for _, org := range []string{office, "513300-authority"} {
			for _, role := range []regulation.Role{regulation.Supervisor, regulation.AuthorityHead} {
				for _, who := range d.holders(role, org) {
					if who.Person == confirmed {
						continue
					}
					d.must(d.Dismiss(t.Context(), who.Person, role, org, "tester"))
					gone = who
				}
			}
		}
		d.Clock.Forward(time.Second)
		d.settled()
		d.do(id, regulation.ActObjectWriteOff, regulation.Values{"objection": {"o"}})
		if a := d.awaits(id, regulation.ActDecideObjection); a.Raised != regulation.RaisedNobodyAtAll {
			t.Fatalf("%+v", a)
		}
		d.must(d.Appoint(t.Context(), gone.Person, gone.As.Role, gone.As.Org, d.Clock.Now(), "tester"))
		d.Clock.Forward(time.Second)
		if got := d.settled(); !slices.Equal(got, []string{id}) {
			t.Errorf("changed %v", got)
		}
		if a := d.awaits(id, regulation.ActDecideObjection); a.Raised != "nobody_eligible" || !slices.Equal(a.Seats, []regulation.Seat{{Role: gone.As.Role, Org: gone.As.Org}}) {
			t.Errorf("%+v", a)
		}
	})
}

func (d *desk) awaits(id string, kind regulation.ActKind) regulation.Await {
	d.t.Helper()
	c := d.read(id)
	if a := c.Await(kind); a != nil {
		return *a
	}
	return regulation.Await{}
}
