package store_test

import (
	"testing"

	"haochaping/regulation"
	"haochaping/store"
)

func TestWhatReadersAskFor(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		in := d.bad()
		saved := d.save(in)
		rating, c, err := d.RatingByID(t.Context(), saved.RatingID)
		if err != nil || rating.Grade != regulation.VeryDissatisfied || c.ID != saved.CaseID {
			t.Errorf("the rating is %v, its case %q: %v", rating.Grade, c.ID, err)
		}
		if _, _, err := d.RatingByID(t.Context(), "nobody's"); !isCode(err, regulation.NotFound) {
			t.Errorf("an unknown rating: %v", err)
		}
		tasks, err := d.CaseTasks(t.Context(), c.ID)
		if err != nil || len(tasks) != 1 || tasks[0].Act != regulation.ActAccept {
			t.Errorf("the case's tasks are %v: %v", tasks, err)
		}
		backlog, err := d.Backlog(t.Context())
		if err != nil || backlog.OpenCases != 1 || backlog.OldestOutbox.IsZero() || backlog.OldestLeaf.IsZero() {
			t.Errorf("the backlog is %+v: %v", backlog, err)
		}
	})
}

func TestRepeatedAct(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		id := d.open()
		values := forms[regulation.ActAccept]
		request := store.ActRequest{CaseID: id, Kind: regulation.ActAccept, Values: values, Actor: d.able(d.read(id), regulation.ActAccept, values), Key: "k"}
		if _, repeated, err := d.RepeatedAct(t.Context(), request); err != nil || repeated {
			t.Fatalf("before it was made: %v %v", repeated, err)
		}
		row, err := d.SubmitAct(t.Context(), request)
		d.must(err)
		if again, repeated, err := d.RepeatedAct(t.Context(), request); err != nil || !repeated || again.ID != row.ID {
			t.Errorf("made again it is %v, %v: %v", again.ID, repeated, err)
		}
		request.Values = regulation.Values{"note": {"另一句"}}
		if _, _, err := d.RepeatedAct(t.Context(), request); !isCode(err, regulation.Conflict) {
			t.Errorf("with another content: %v", err)
		}
	})
}

func TestOneNoticeWithinTheScope(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		id := d.open()
		unit := regulation.Scope{Units: []string{"513301-psb"}}
		if _, err := d.RatedNotice(t.Context(), unit, id); !isCode(err, regulation.NotFound) {
			t.Errorf("before it is served: %v", err)
		}
		d.upTo(id, regulation.ActAskConsent)
		if n, err := d.RatedNotice(t.Context(), unit, id); err != nil || n.Grade != regulation.VeryDissatisfied {
			t.Errorf("the notice is %+v: %v", n, err)
		}
		if _, err := d.RatedNotice(t.Context(), regulation.Scope{Units: []string{"513301-mkt"}}, id); !isCode(err, regulation.NotFound) {
			t.Errorf("to another unit: %v", err)
		}
	})
}
