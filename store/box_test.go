package store_test

import (
	"errors"
	"testing"

	"haochaping/regulation"
	"haochaping/store"
	"haochaping/store/storetest"
)

// Handing a box over at one instant, back and forth, leaves one keeper and every step of the history, on both engines.
func TestABoxHasOneKeeperAndKeepsThoseBefore(t *testing.T) {
	storetest.Run(t, func(t *testing.T, r *storetest.Record) {
		r.LoadDemo(t)
		all := regulation.Scope{All: true}
		head, err := r.Actor(t.Context(), r.Person(t, "kd-supervisor-1"))
		if err != nil {
			t.Fatal(err)
		}
		first, second := r.Person(t, "kd-keeper-1"), r.Person(t, "kd-clerk-1")
		if err := r.Appoint(t.Context(), second, regulation.BoxKeeper, "513301-hall", r.Now(), head.Person); err != nil {
			t.Fatal(err)
		}
		id, err := r.RegisterBox(t.Context(), all, regulation.Values{"box_hall": {"513301-hall"}, "box_place": {"一楼"}}, head)
		if err != nil {
			t.Fatal(err)
		}
		for _, keeper := range []string{first, second, first} {
			if err := r.KeepBox(t.Context(), all, id, regulation.Values{"box_keeper": {keeper}}, head); err != nil {
				t.Fatal(err)
			}
		}
		boxes, err := r.Boxes(t.Context(), all)
		if err != nil || len(boxes) != 1 || boxes[0].Keeper() != first || len(boxes[0].Keepers) != 3 {
			t.Fatalf("%+v, %v", boxes, err)
		}
		refused := (*regulation.Error)(nil)
		if _, err := r.RegisterBox(t.Context(), all, regulation.Values{"box_hall": {"513301-hall"}, "box_place": {"一楼"}}, head); !errors.As(err, &refused) || refused.Missing != "box_exists" {
			t.Errorf("registered twice: %v", err)
		}
		log, err := r.AuditLog(t.Context(), all, store.AuditQuery{Action: "assign_box_keeper"})
		if err != nil || len(log) != 3 {
			t.Errorf("%d lines in the log, %v", len(log), err)
		}
	})
}
