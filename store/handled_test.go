package store_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"haochaping/regulation"
	"haochaping/store"
)

// A handled matter of the seed, whose applicant is 扎西·达娃.
const (
	handledNumber = "513301-20261119-00048"
	handledFor    = "扎西·达娃"
)

func (d *desk) report(at time.Time, status string) store.Report {
	d.t.Helper()
	r := store.Report{Project: store.Project{Number: "513301-20261123-00001", MatterID: "513301-psb-m01", WindowID: policeWindow, Status: status, AcceptedDate: "2026-11-20"},
		Applicant: "刘国华", Source: "test", At: at}
	if status == "concluded" {
		r.ConcludedDate = "2026-11-23"
	}
	return r
}

// Reports come late, twice and out of order; the newest by its own time stands, and the slip's code stays.
func TestTheNewestReportStands(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		now := d.Clock.Now()
		for _, c := range []struct {
			at      time.Time
			status  string
			changed bool
			stands  string
		}{
			{now.Add(-2 * time.Hour), "in_progress", true, "in_progress"},
			{now.Add(-time.Hour), "concluded", true, "concluded"},
			{now.Add(-time.Hour), "concluded", false, "concluded"},
			{now.Add(-90 * time.Minute), "in_progress", false, "concluded"},
		} {
			before, _ := d.ProjectTarget(t.Context(), "513301-20261123-00001")
			changed, err := d.TakeReport(t.Context(), d.report(c.at, c.status))
			d.must(err)
			found, err := d.ProjectTarget(t.Context(), "513301-20261123-00001")
			d.must(err)
			if changed != c.changed || found.Project.Status != c.stands || len(found.Project.Code) < 16 {
				t.Errorf("%s as of %s: changed %t, stands %+v", c.status, c.at, changed, found.Project)
			}
			if before.Project.Code != "" && before.Project.Code != found.Project.Code {
				t.Error("the slip's code changed")
			}
		}
		online := d.report(now, "in_progress")
		online.Number, online.WindowID = "513301-20261123-00002", ""
		if _, err := d.TakeReport(t.Context(), online); err != nil {
			t.Fatalf("a matter handled on the web: %v", err)
		}
		found, err := d.ProjectTarget(t.Context(), online.Number)
		d.must(err)
		if place := found.Place(""); place.Rated.Window != "" || place.Rated.Unit != "513301-psb" || len(place.Gaps) != 0 {
			t.Errorf("%+v", place)
		}
	})
}

// Number and name open the matter however the name is typed; whoever has one wrong gets one and the same answer.
func TestNumberAndNameOpenAMatter(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		for _, name := range []string{handledFor, "扎西达娃", " 扎西・达娃 "} {
			found, err := d.OpenMatter(t.Context(), " 513301-20261119-00048", name)
			d.must(err)
			if found.Project.Number != handledNumber {
				t.Errorf("%q opens %+v", name, found.Project)
			}
		}
		for what, c := range map[string][2]string{"another name": {handledNumber, "刘国华"}, "no such matter": {"513301-20261119-99999", handledFor},
			"no name on record": {"513300-20260907-00005", "刘国华"}, "no name typed": {"513300-20260907-00006", " · "}} {
			if _, err := d.OpenMatter(t.Context(), c[0], c[1]); !notFound(err) {
				t.Errorf("%s: %v", what, err)
			}
		}
		if n := d.rowsOf("audit", "action = 'open_matter' AND outcome = 'wrong_name'"); n != 4 {
			t.Errorf("%d failures in the audit log", n)
		}
		if n := d.rowsOf("audit", "action = 'open_matter' AND object_id = '513301-20261119-99999'"); n != 0 {
			t.Error("the audit log has what was typed")
		}
		for _, table := range []string{"audit", "projects", "matter_tries"} {
			var rows []map[string]any
			d.must(store.Rows(d.Store, t.Context()).Table(table).Find(&rows).Error)
			if text := fmt.Sprint(rows); len(rows) == 0 || strings.Contains(text, "刘国华") || strings.Contains(text, "扎西") {
				t.Errorf("%s has a name, or nothing", table)
			}
		}
	})
}

// Each failure of one number makes its next try wait longer, also of a number that does not exist.
func TestGuessingIsHeldUp(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		for _, number := range []string{handledNumber, "513301-20261119-99999"} {
			for n := range 4 {
				if _, err := d.OpenMatter(t.Context(), number, "刘国华"); !notFound(err) {
					t.Fatalf("try %d: %v", n, err)
				}
			}
			var refused *regulation.Error
			if _, err := d.OpenMatter(t.Context(), number, handledFor); !errors.As(err, &refused) || refused.Code != regulation.NotNow {
				t.Errorf("after four failures: %v", err)
			}
		}
		d.Clock.Forward(31 * time.Second)
		if _, err := d.OpenMatter(t.Context(), handledNumber, handledFor); err != nil {
			t.Errorf("half a minute later: %v", err)
		}
	})
}

func (d *desk) rateMatter(grade regulation.Grade) store.Intake {
	d.t.Helper()
	found, err := d.ProjectTarget(d.t.Context(), handledNumber)
	d.must(err)
	in := d.bad()
	in.Rating.Grade, in.Rating.Place = grade, found.Place("")
	return in
}

// A handled matter is rated once, also by twenty who come at once.
func TestAMatterIsRatedOnce(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		forms := make([]store.Intake, 20)
		for i := range forms {
			forms[i] = d.rateMatter(regulation.VeryDissatisfied)
		}
		failed := make([]error, len(forms))
		var all sync.WaitGroup
		for i, form := range forms {
			all.Go(func() { _, failed[i] = d.SaveRating(t.Context(), form) })
		}
		all.Wait()
		taken := -1
		for i, err := range failed {
			var refused *regulation.Error
			switch {
			case err == nil && taken < 0:
				taken = i
			case err == nil:
				t.Error("two first ratings of one matter")
			case !errors.As(err, &refused) || refused.Missing != "matter_rated":
				t.Errorf("refused with %v", err)
			}
		}
		if taken < 0 {
			t.Fatal("none was taken")
		}
		if again, err := d.SaveRating(t.Context(), forms[taken]); err != nil || !again.Repeated {
			t.Errorf("the same form again: %+v %v", again, err)
		}
		first, err := d.FirstRating(t.Context(), handledNumber)
		d.must(err)
		if first.Case == "" || first.Closed {
			t.Errorf("%+v", first)
		}
	})
}

// An old poster leads on, and its code is never given out again.
func TestAnOldCodeLeadsOn(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		before, err := d.WindowTarget(t.Context(), policeWindow)
		d.must(err)
		code, err := d.ReplaceCode(t.Context(), store.CodeWindow, policeWindow, regulation.Actor{Person: "p"})
		d.must(err)
		old, err := d.Target(t.Context(), before.Window.Code)
		d.must(err)
		if !old.Replaced || old.Window.Code != code || code == before.Window.Code {
			t.Errorf("the old code leads to %+v", old)
		}
		fresh, err := d.Target(t.Context(), code)
		d.must(err)
		if fresh.Replaced || fresh.Window.ID != policeWindow {
			t.Errorf("the new code leads to %+v", fresh)
		}
		matter, err := d.Matters(t.Context(), "513301-psb")
		d.must(err)
		_, err = d.ReplaceCode(t.Context(), store.CodeMatter, matter[0].ID, regulation.Actor{Person: "p"})
		d.must(err)
		if old, err := d.Target(t.Context(), matter[0].Code); err != nil || !old.Replaced || old.Matter.ID != matter[0].ID {
			t.Errorf("a matter's old code: %+v %v", old, err)
		}
	})
}
