package store_test

import (
	"slices"
	"testing"
	"time"

	"haochaping/regulation"
	"haochaping/store"
	"haochaping/workday"
)

// probe looks for signs of cheating on a new lease and returns how many were suspected.
func (d *desk) probe() int {
	d.t.Helper()
	token, ok, err := d.AcquireLease(d.t.Context(), store.LeaseProbes, "tester", time.Minute)
	d.must(err)
	if !ok {
		d.t.Fatal("another holds the lease")
	}
	n, err := d.Probing(d.t.Context(), token)
	d.must(err)
	return n
}

func (d *desk) probes(sort string) []regulation.Probe {
	d.t.Helper()
	found, _, err := d.Probes(d.t.Context(), regulation.Scope{All: true}, regulation.Actor{}, store.ListQuery{Sort: sort})
	d.must(err)
	return found
}

// praise stores good ratings of the person at the police's window.
func (d *desk) praise(n int, change func(*store.Intake)) (ratings []string) {
	d.t.Helper()
	for range n {
		in := d.bad()
		in.Rating.Grade, in.Rating.Place.Rated.Staff, in.Contact = regulation.VerySatisfied, ratedStaff, store.Contact{}
		change(&in)
		d.Clock.Forward(5 * time.Minute) // no burst
		ratings = append(ratings, d.save(in).RatingID)
	}
	slices.Sort(ratings)
	return ratings
}

func TestSignsOfCheatingOpenAProbeWithItsEvidence(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		d.must(d.SetStaffPhone(t.Context(), d.Person(t, "kd-window-01"), phone, d.actor("kd-secadmin")))
		ratings := d.praise(2, func(in *store.Intake) { in.Contact.Phone = phone })
		d.praise(1, func(in *store.Intake) { in.Contact.Phone = "13700000001" })
		d.Clock.Forward(24 * time.Hour)
		if n := d.probe(); n != 1 {
			t.Fatalf("%d suspected", n)
		}
		if n := d.probe(); n != 0 {
			t.Errorf("%d suspected on the same day", n)
		}
		q := d.probes("")[0]
		if q.Suspect != (regulation.Suspect{Kind: regulation.SuspectStaff, Object: ratedStaff}) || q.Signals[0].Kind != regulation.SignalStaffPhone || !slices.Equal(q.Ratings(), ratings) {
			t.Errorf("%+v", q)
		}
		evidence, err := d.Evidence(t.Context(), q)
		if err != nil || len(evidence) != 2 || evidence[0].Grade != regulation.VerySatisfied {
			t.Errorf("%+v, %v", evidence, err)
		}
		if told := d.heard("kd-supervisor-1"); !slices.Equal(told, []string{"probe_opened"}) {
			t.Errorf("the authority was told %q", told)
		}
		if told := d.heard("kd-window-03"); told != nil {
			t.Errorf("whom it concerns was told %q", told)
		}
		// A further one the next day joins the probe; nothing opens twice.
		d.praise(1, func(in *store.Intake) { in.Contact.Phone = phone })
		d.Clock.Forward(24 * time.Hour)
		if n := d.probe(); n != 1 || len(d.probes("")) != 1 || len(d.probes("")[0].Ratings()) != 3 {
			t.Errorf("%d, %+v", n, d.probes(""))
		}
		if faults := d.ledgerFaults(); faults != nil {
			t.Error(faults)
		}
		d.exec("UPDATE probe_entries SET body = CONCAT(body, ' ') WHERE seq = 1")
		if d.ledgerFaults() == nil {
			t.Error("an altered entry was not seen")
		}
	})
}

func TestTelephonesAreComparedUnderEachKeyAndWithTheApplicants(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		project := d.project()
		d.must(d.SetApplicantPhone(t.Context(), project, "13700000002"))
		d.praise(4, func(in *store.Intake) { in.Contact.Phone, in.Rating.Place.ProjectNo = phone, project })
		d.Clock.Forward(24 * time.Hour)
		d.probe()
		if kinds := d.signalled(); !slices.Contains(kinds, regulation.SignalChangedPhone) || slices.Contains(kinds, regulation.SignalStaffPhone) {
			t.Errorf("%v", kinds)
		}
	})
}

// project is a matter handled at the police's window that was accepted long ago.
func (d *desk) project() string {
	d.t.Helper()
	var number string
	d.must(store.Rows(d.Store, d.t.Context()).Table("projects").Select("number").Where("accepted_date <> ''").Order("number").Limit(1).Scan(&number).Error)
	return number
}

func (d *desk) signalled() (kinds []regulation.SignalKind) {
	for _, q := range d.probes("") {
		for _, s := range q.Signals {
			kinds = append(kinds, s.Kind)
		}
	}
	return kinds
}

func TestBrowsersAreToldApartByDigestsThatAreDeletedInTime(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		d.praise(8, func(in *store.Intake) { in.Trace = store.RatingTrace{Client: "10.1.2.3\nBrowser/1"} })
		d.praise(7, func(in *store.Intake) {
			in.Trace = store.RatingTrace{Client: "10.1.2.4\nBrowser/1"}
			in.Rating.Place.Rated.Staff = "st0035"
		})
		if n := d.rowsOf("rating_traces", "client LIKE '%10.1%' OR client LIKE '%Browser%'"); n != 0 {
			t.Errorf("%d traces in the clear", n)
		}
		d.Clock.Forward(24 * time.Hour)
		d.probe()
		if found := d.probes("praise"); len(found) != 1 || found[0].Suspect.Object != ratedStaff || found[0].Signals[0].Kind != regulation.SignalSameDevice {
			t.Errorf("%+v", found)
		}
		d.Clock.Forward(200 * 24 * time.Hour)
		d.retain()
		if n := d.rowsOf("rating_traces", "1 = 1"); n != 0 {
			t.Errorf("%d traces after their months", n)
		}
	})
}

func TestProbeRunsOutAndGoesOneLevelUp(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		fresh, err := d.NewProbe(t.Context(), regulation.Suspect{Kind: regulation.SuspectUnit, Object: "513301-psb"}, "513301-psb")
		d.must(err)
		id, err := d.OpenProbe(t.Context(), fresh, regulation.Values{"probe_reasons": {"群众来信"}}, d.actor("kd-supervisor-1"))
		d.must(err)
		d.must(d.ChangeProbe(t.Context(), id, 1, regulation.Rules.AskStatement, regulation.Values{"probe_allegation": {"来信反映"}}, d.actor("kd-supervisor-1")))
		if told := d.heard("kd-psb-head"); !slices.Equal(told, []string{"probe_statement_asked"}) {
			t.Errorf("the unit was told %q", told)
		}
		d.Clock.Forward(45 * 24 * time.Hour)
		d.probe()
		q := d.probes("overdue")
		if len(q) != 1 || q[0].Hearing != regulation.HearingWaived || !slices.Contains(d.heard("gz-supervisor-1"), "probe_overdue") {
			t.Errorf("%+v, told %q", q, d.heard("gz-supervisor-1"))
		}
		if n := d.rowsOf("alarms", "kind = 'probe_overdue' AND cleared_at = 0"); n != 1 {
			t.Errorf("%d alarms", n)
		}
		seq := q[0].Seq
		v := regulation.Values{"probe_outcome": {"unfounded"}, "probe_measure": {"none"}, "probe_reasons": {"没有发现"}}
		d.must(d.ChangeProbe(t.Context(), id, seq, regulation.Rules.ProposeConclusion, v, d.actor("kd-supervisor-1")))
		d.must(d.ChangeProbe(t.Context(), id, seq+1, regulation.Rules.DecideProbe, regulation.Values{"probe_decision": {"approve"}, "probe_reasons": {"同意"}}, d.actor("kd-head")))
		if n := d.rowsOf("alarms", "kind = 'probe_overdue' AND cleared_at = 0"); n != 0 {
			t.Error("the alarm lasts though it is decided")
		}
		if q := d.probes("ended"); len(q) != 1 || q[0].Ended != workday.DateOf(d.Clock.Now()) || d.rowsOf("annulments", "1 = 1") != 0 {
			t.Errorf("%+v", q)
		}
	})
}

func TestApproversAreComparedByTheirWriteOffs(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		decisions, err := store.WriteOffDecisions(d.Store, t.Context(), d.Clock.Now().Add(-time.Hour), d.Clock.Now().Add(365*24*time.Hour))
		if err != nil || decisions != nil {
			t.Errorf("%+v, %v", decisions, err)
		}
		d.do(d.mistakenly("mistaken"), regulation.ActApproveWriteOff, nil)
		decisions, err = store.WriteOffDecisions(d.Store, t.Context(), d.Clock.Now().Add(-365*24*time.Hour), d.Clock.Now().Add(time.Hour))
		if err != nil || len(decisions) != 1 || !decisions[0].Approved || decisions[0].Approver == "" || decisions[0].Unit != "513301-authority" {
			t.Errorf("%+v, %v", decisions, err)
		}
	})
}
