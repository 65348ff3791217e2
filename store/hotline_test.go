package store_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"haochaping/regulation"
	"haochaping/store"
)

func (d *desk) callIn(id string) regulation.Called {
	d.t.Helper()
	c := regulation.Called{Event: regulation.EventCall, Call: id, Agent: "gz-agent-1", BeganAt: d.Clock.Now()}
	d.must(d.TakeCall(d.t.Context(), "hotline", c))
	return c
}

// What the call system tells comes in any order and more than once; a call stays its agent's.
func TestACallIsToldInAnyOrder(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		person := d.Person(t, "gz-agent-1")
		c := d.callIn("C-1")
		ended := c
		ended.EndedAt, ended.Record = c.BeganAt.Add(time.Minute), "R1"
		for _, told := range []regulation.Called{ended, c, ended} {
			d.must(d.TakeCall(t.Context(), "hotline", told))
		}
		got, err := d.Call(t.Context(), "C-1")
		d.must(err)
		if got.Agent != person || got.Staff != "st0110" || got.Window == "" || !got.EndedAt.Equal(ended.EndedAt) || got.Recording != "R1" {
			t.Errorf("%+v", got)
		}
		var refused *regulation.Error
		c.Agent = "gz-agent-2"
		if err := d.TakeCall(t.Context(), "hotline", c); !errors.As(err, &refused) || refused.Code != regulation.Conflict {
			t.Errorf("given to another agent: %v", err)
		}
		c.Agent, c.Call = "kd-verifier-1", "C-2"
		if err := d.TakeCall(t.Context(), "hotline", c); !errors.As(err, &refused) || refused.Fields["agent"] == "" {
			t.Errorf("an agent whom the hotline does not have: %v", err)
		}
		current, err := d.CurrentCall(t.Context(), person)
		d.must(err)
		d.Clock.Forward(regulation.WriteUp + 2*time.Minute)
		over, err := d.CurrentCall(t.Context(), person)
		d.must(err)
		if current.ID != "C-1" || over.ID != "" {
			t.Errorf("current %q, later %q", current.ID, over.ID)
		}
	})
}

// Each thing is rated once a call, also by twenty who write it down at once; in another call it is rated again.
func TestAThingIsRatedOnceACall(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		d.callIn("C-1")
		form := func(call string) store.Intake {
			in := d.bad()
			in.Rating.Channel, in.Rating.CallID, in.Rating.By, in.Object = regulation.ChannelHotline, call, d.Person(t, "gz-agent-1"), "window:"+policeWindow
			return in
		}
		forms := make([]store.Intake, 20)
		for i := range forms {
			forms[i] = form("C-1")
		}
		var all sync.WaitGroup
		failed := make([]error, len(forms))
		for i := range forms {
			all.Go(func() { _, failed[i] = d.SaveRating(t.Context(), forms[i]) })
		}
		all.Wait()
		taken := 0
		for _, err := range failed {
			var refused *regulation.Error
			if err == nil {
				taken++
			} else if !errors.As(err, &refused) || refused.Missing != "rated_in_call" {
				t.Errorf("refused with %v", err)
			}
		}
		d.callIn("C-2")
		d.save(form("C-2"))
		rated, err := d.RatedInCall(t.Context(), "C-1")
		d.must(err)
		if taken != 1 || len(rated) != 1 {
			t.Errorf("taken %d times, %v", taken, rated)
		}
	})
}

// An agent finds by typing; what stands for anything in a pattern stands for itself, and the hotline is not found.
func TestAnAgentFindsByTyping(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		d.must(d.TakeTicket(t.Context(), store.Ticket{Number: "TS-1", Kind: regulation.TargetComplaint, Unit: "513301-psb"}, "hotline", d.Clock.Now()))
		d.must(d.TakeTicket(t.Context(), store.Ticket{Number: "TS-1", Kind: regulation.TargetComplaint, Unit: "513301-hrs"}, "hotline", d.Clock.Now().Add(-time.Hour)))
		for name, c := range map[string]struct {
			kind  regulation.TargetKind
			typed string
			want  string // "" for nothing
		}{
			"a window by its name":      {regulation.TargetMatter, "身份证业务", "window:" + policeWindow},
			"a handled matter":          {regulation.TargetMatter, handledNumber, "project:" + handledNumber},
			"a matter by its name":      {regulation.TargetMatter, "出生登记", "matter:513301-psb-m01"},
			"a complaint by its number": {regulation.TargetComplaint, "TS-1", "ticket:TS-1"},
			"of another kind":           {regulation.TargetConsultation, "TS-1", ""},
			"a unit":                    {regulation.TargetConsultation, "康定市公安局", "unit:513301-psb"},
			"a pattern":                 {regulation.TargetMatter, "%", ""},
			"the hotline":               {regulation.TargetMatter, "热线", ""},
			"nothing":                   {regulation.TargetMatter, " ", ""},
		} {
			t.Run(name, func(t *testing.T) {
				found, err := d.FindRated(t.Context(), c.kind, c.typed)
				d.must(err)
				var objects []string
				for _, f := range found {
					objects = append(objects, f.Object)
				}
				if text := strings.Join(objects, " "); (c.want == "") != (text == "") || !strings.Contains(text, c.want) {
					t.Errorf("%q finds %q, want %q", c.typed, text, c.want)
				}
			})
		}
		if ticket, err := d.TicketByNumber(t.Context(), "TS-1"); err != nil || ticket.Unit != "513301-psb" {
			t.Errorf("an older report came later: %+v %v", ticket, err)
		}
	})
}
