package app

import (
	"testing"
	"time"

	"haochaping/store"
)

// The night's turn of a process that died is taken up by the next, as soon as its lease is over.
func TestTurnOfADeadNodeIsTakenUpByTheNext(t *testing.T) {
	a, _ := office(t)
	a.settings.Verify, a.began, a.node = "24h", time.Now().Add(-48*time.Hour), "next"
	plan, err := parseSchedule(a.settings.Verify)
	if err != nil {
		t.Fatal(err)
	}
	turn := plan.turn(time.Now())
	token, held, err := a.record.AcquireLease(t.Context(), store.LeaseVerify, "dead", time.Minute)
	if err != nil || !held {
		t.Fatalf("%t, %v", held, err)
	}
	if begun, err := a.record.BeginVerification(t.Context(), turn, store.OriginSchedule); err != nil || !begun {
		t.Fatalf("%t, %v", begun, err)
	}
	ended := func() bool {
		t.Helper()
		if err := a.verifyInTurn(t.Context()); err != nil {
			t.Fatal(err)
		}
		_, err := a.record.LastVerification(t.Context())
		return err == nil
	}
	if ended() {
		t.Error("taken while another node is at it")
	}
	if err := a.record.ReleaseLease(t.Context(), store.LeaseVerify, token); err != nil { // as after its minute
		t.Fatal(err)
	}
	if !ended() {
		t.Fatal("not taken up")
	}
	if open, err := a.record.TurnOpen(t.Context(), turn); err != nil || open {
		t.Errorf("open still: %t, %v", open, err)
	}
	if _, held, err := a.record.AcquireLease(t.Context(), store.LeaseVerify, "third", time.Minute); err != nil || !held {
		t.Errorf("the lease was kept: %v", err)
	}
}
