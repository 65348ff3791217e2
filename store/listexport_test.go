package store_test

import (
	"testing"
	"time"

	"haochaping/regulation"
	"haochaping/store"
	"haochaping/store/storetest"
)

// An export goes on from the state that its maker saw, and lets go of its contents once nobody may have them.
func TestAnExportMovesOnceAndKeepsNothingAfterItsEnd(t *testing.T) {
	storetest.Run(t, func(t *testing.T, r *storetest.Record) {
		ctx, actor := t.Context(), regulation.Actor{Person: "p1", Assignments: []regulation.Assignment{{Role: regulation.Auditor, Org: "513301-authority", Area: "513301"}}}
		begin := func() store.Export {
			e, err := r.BeginExport(ctx, store.Export{Lang: "zh", List: "audit", Address: "/audit", Rest: "/audit", Posts: []string{"auditor@513301-authority"}, State: store.ExportRunning, Total: 3}, actor)
			if err != nil {
				t.Fatal(err)
			}
			return e
		}
		keep := func(content string) string {
			digest, err := r.KeepPiece(ctx, "p1", []byte(content))
			if err != nil {
				t.Fatal(err)
			}
			return digest
		}
		e := begin()
		first, err := r.AddStretch(ctx, e, keep("rows 1"), 2, "/audit?before=1")
		if err != nil || first.Rows != 2 {
			t.Fatalf("%+v, %v", first, err)
		}
		if _, err := r.AddStretch(ctx, e, keep("rows 2"), 2, ""); !refusedWith(err, regulation.Conflict, "", "export_moved") {
			t.Errorf("a second node goes on from the same place: %v", err)
		}
		second, err := r.AddStretch(ctx, first, keep("rows 3"), 1, "")
		if err != nil {
			t.Fatal(err)
		}
		var stretches string
		if err := r.ExportStretches(ctx, e.ID, func(content []byte) error { stretches += string(content) + ";"; return nil }); err != nil || stretches != "rows 1;rows 3;" {
			t.Errorf("%q, %v", stretches, err)
		}
		made, err := r.FinishExport(ctx, second, []string{keep("file 1"), keep("file 2")}, 12)
		if err != nil || made.State != store.ExportMade {
			t.Fatalf("%+v, %v", made, err)
		}
		r.Clock.Forward(25 * time.Hour)
		if _, err := r.SweepFiles(ctx, r.Clock.Now().Add(-24*time.Hour)); err != nil {
			t.Fatal(err)
		}
		file := ""
		if err := r.ExportFile(ctx, e.ID, func(content []byte) error { file += string(content); return nil }); err != nil || file != "file 1file 2" {
			t.Errorf("after a sweep: %q, %v", file, err)
		}
		if _, err := r.OwnExport(ctx, "p2", e.ID); !refusedWith(err, regulation.NotFound, "", "export") {
			t.Errorf("somebody else's: %v", err)
		}
		if old, err := r.MadeBefore(ctx, r.Clock.Now()); err != nil || len(old) != 1 {
			t.Errorf("%v, %v", old, err)
		}
		if _, err := r.EndExport(ctx, made, store.ExportDeleted, actor); err != nil {
			t.Fatal(err)
		}
		file = ""
		if err := r.ExportFile(ctx, e.ID, func(content []byte) error { file += string(content); return nil }); err != nil || file != "" {
			t.Errorf("after its end: %q, %v", file, err)
		}
		for range store.MostExports {
			begin()
		}
		if _, err := r.BeginExport(ctx, store.Export{List: "audit", State: store.ExportRunning}, actor); !refusedWith(err, regulation.Conflict, "", "exports_running") {
			t.Errorf("more than %d at a time: %v", store.MostExports, err)
		}
		r.Clock.Forward(400 * 24 * time.Hour)
		token, _, err := r.AcquireLease(ctx, store.LeaseRetention, "node", time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.EndExport(ctx, first, store.ExportEnded, actor); !refusedWith(err, regulation.Conflict, "", "export_moved") {
			t.Errorf("%v", err)
		}
		before, err := r.Exports(ctx, "p1")
		if err != nil || len(before) != 1+store.MostExports {
			t.Fatalf("%d exports, %v", len(before), err)
		}
		lines, err := r.AuditLog(ctx, regulation.Scope{All: true}, store.AuditQuery{Action: "export_list"})
		if err != nil || len(lines) != 1+store.MostExports || lines[0].Purpose != "audit" || lines[0].Area != "513301" {
			t.Errorf("%+v, %v", lines, err)
		}
		if _, err := r.Retain(ctx, token); err != nil {
			t.Fatal(err)
		}
		if after, err := r.Exports(ctx, "p1"); err != nil || len(after) != 0 {
			t.Errorf("after the months of logs: %d exports, %v", len(after), err)
		}
	})
}
