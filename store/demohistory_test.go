package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"haochaping/regulation"
	"haochaping/store"
	"haochaping/store/seed"
	"haochaping/workday"
)

// TestDemoHasAHistory: ratings of each month up to yesterday, cases of every outcome, and a record that every check finds whole.
func TestDemoHasAHistory(t *testing.T) {
	if testing.Short() {
		t.Skip("makes thousands of ratings")
	}
	var now atomic.Int64
	dir, keys := t.TempDir(), t.TempDir()
	s, err := store.Open(t.Context(), store.Options{Dir: dir, KeyDir: keys, Now: func() time.Time { return time.UnixMicro(now.Load()) }, Wall: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	data, err := seed.Load()
	if err != nil {
		t.Fatal(err)
	}
	until := workday.NewDate(2026, 7, 6)
	for range 2 { // a second start leaves it as it is
		if err := s.LoadDemo(t.Context(), data, until, func(at time.Time) { now.Store(at.UnixMicro()) }); err != nil {
			t.Fatal(err)
		}
	}
	now.Store(until.Start().Add(8 * time.Hour).UnixMicro())
	token, _, err := s.AcquireLease(t.Context(), store.LeaseFigures, "tester", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	for read := 2000; err == nil && read == 2000; {
		read, err = s.FollowFigures(t.Context(), token, 2000)
	}
	if err != nil {
		t.Fatal(err)
	}
	_, months, err := s.Figures(t.Context(), store.FigureQuery{From: "2026-01", To: "2026-12", Cut: regulation.CutUnit, By: []store.FigureBy{store.ByMonth}})
	if err != nil || len(months) != 7 {
		t.Fatalf("%d months, %v", len(months), err)
	}
	_, cases, err := s.CaseFigures(t.Context(), store.CaseFigureQuery{From: "2026-01", To: "2026-12"})
	if err != nil || len(cases) != 1 {
		t.Fatal(cases, err)
	}
	c := cases[0]
	t.Logf("%d ratings in the last month, cases %+v", months[len(months)-1].Rated(), c.CaseTally)
	if c.WrittenOff == 0 || c.Overdue == 0 || c.InTime == 0 || c.Concluded == 0 || c.Cases == c.Concluded+c.WrittenOff {
		t.Errorf("not every outcome: %+v", c.CaseTally)
	}
	if token, _, err = s.AcquireLease(t.Context(), store.LeaseSealing, "tester", time.Hour); err != nil {
		t.Fatal(err)
	}
	if _, err := s.SealFigures(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	seals, err := s.Seals(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	first, why := 0, map[string]string{}
	for _, seal := range seals {
		if seal.Version == 1 {
			first++
			continue
		}
		for _, reason := range seal.Reasons {
			why[reason.Code] = fmt.Sprintf("%s %s version %d: %d", seal.Area, seal.Period, seal.Version, reason.Count)
		}
	}
	t.Log(why)
	// Six months and two quarters of nineteen authorities.
	if first != (6+2)*19 || why[regulation.SealLateRatings] == "" || why[regulation.SealWrittenOff] == "" {
		t.Errorf("%d first versions, later ones for %v", first, why)
	}
	sealed, err := s.Sealed(t.Context(), "513301", "2026-Q2", 0)
	if err != nil || !slices.ContainsFunc(sealed.Figures.Served, func(line regulation.SealedLine) bool {
		return line.Under == "513301-hall/513301-w16" && line.Key == "513301-hrs/513301-hrs-m03" && line.Given.Good() > 10
	}) {
		t.Errorf("nothing of others was served at the office's reception: %+v, %v", sealed.Figures.Served, err)
	}
	_, shares, err := s.AlikeShares(t.Context(), "2026-01", "2026-07", 30, nil, nil)
	if found := regulation.CompareAlike(shares, 30); err != nil || len(found.Differences) == 0 || found.Differences[0].Alike.Matter == "" {
		t.Errorf("nobody decides alike cases otherwise: %+v, %v", found, err)
	}
	if token, _, err = s.AcquireLease(t.Context(), store.LeaseDockets, "tester", time.Hour); err != nil {
		t.Fatal(err)
	}
	if _, err := s.FollowDockets(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if all, err := s.FillDemoBoards(t.Context()); !all || err != nil {
			t.Fatal(all, err)
		}
	}
	boards, err := s.PublishedBoards(t.Context())
	if err != nil || len(boards) != 2 {
		t.Errorf("%d boards are published, %v", len(boards), err)
	}
	figures, err := s.PublicTables(t.Context(), "2026-Q2")
	if err != nil {
		t.Fatal(err)
	}
	board, err := s.Board(t.Context(), "2026-Q2", 1)
	if err != nil {
		t.Fatal(err)
	}
	told := slices.DeleteFunc(board.Open(false, figures, nil).Counties.Lines, func(line regulation.RankedLine) bool { return line.Shown == "" })
	if len(told) < 3 {
		t.Errorf("the scores of %d counties are told: %+v", len(told), board.Counties)
	}
	if honours, _, err := s.Dockets(t.Context(), regulation.Scope{All: true}, store.DocketQuery{Kind: regulation.DocketHonour}); err != nil || len(honours) != 2 {
		t.Errorf("%d honours, %v", len(honours), err)
	}
	bulletins, _, err := s.PublicBulletins(t.Context(), store.ListQuery{})
	if err != nil || len(bulletins) != 1 {
		t.Fatalf("%d bulletins are public, %v", len(bulletins), err)
	}
	if open, err := s.PublicBulletin(t.Context(), bulletins[0]); err != nil || open.Confirmed == nil {
		t.Errorf("the bulletin tells no count: %+v, %v", open, err)
	}
	if shown, err := s.ShownReleases(t.Context()); err != nil || len(shown) != 1 || shown[0].TextEnglish == "" || shown[0].Docket.Unit != "513301-psb" {
		t.Errorf("releases %+v, %v", shown, err)
	}
	_, err = s.Verify(t.Context(), store.VerifyOptions{Found: func(f store.Finding) error { t.Errorf("found %+v", f); return nil }})
	if err != nil {
		t.Fatal(err)
	}
}

// A second process waits while one makes a demo's history, and leaves it as it is.
func TestOneProcessMakesADemosHistory(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		token, held, err := d.AcquireLease(t.Context(), store.LeaseDemo, "another", time.Minute)
		if err != nil || !held {
			t.Fatal(held, err)
		}
		data, err := seed.Load()
		d.must(err)
		moved := func(time.Time) { t.Error("it makes a history where there is one") }
		impatient, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := d.Store.LoadDemo(impatient, data, workday.DateOf(d.Clock.Now()), moved); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("it does not wait: %v", err)
		}
		d.must(d.ReleaseLease(t.Context(), store.LeaseDemo, token))
		d.must(d.Store.LoadDemo(t.Context(), data, workday.DateOf(d.Clock.Now()), moved))
		if _, held, err := d.AcquireLease(t.Context(), store.LeaseDemo, "the next", time.Minute); err != nil || !held {
			t.Errorf("it keeps the lease: %v", err)
		}
	})
}
