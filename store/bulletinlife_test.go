package store_test

import (
	"errors"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"haochaping/regulation"
	"haochaping/store"
	"haochaping/store/storetest"
	"haochaping/workday"
)

// casesDue lets the days pass after which a period's cases are due, and seals.
func (d *desk) casesDue() {
	d.t.Helper()
	d.Clock.Forward(50 * 24 * time.Hour)
	d.seal()
}

// A month whose cases are due while one of them drags on gets one version that says so, also where nothing ran on the day; once that
// one is concluded it gets the next (7(1), R20).
func TestCasesThatAreDueMakeAVersion(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		month := regulation.MonthOf(workday.DateOf(d.Clock.Now()))
		goes, drags := d.mistakenly("mistaken"), d.mistakenly("mistaken")
		reasons := func() (codes []string) {
			t.Helper()
			f, err := d.Sealed(t.Context(), "513301", month, 0)
			d.must(err)
			for _, r := range f.Reasons {
				codes = append(codes, r.Code)
				if r.Code == regulation.SealDue && (r.Count != 1 || f.Figures.OpenCases() != 1) {
					t.Errorf("%d open, says %+v", f.Figures.OpenCases(), r)
				}
			}
			return codes
		}
		d.nextMonth()
		d.seal()
		d.inVain(goes)
		d.Clock.Forward(24 * time.Hour)
		if d.seal(); !slices.Equal(reasons(), []string{regulation.SealWrittenOff}) {
			t.Errorf("before they are due: %v", reasons())
		}
		d.Clock.Forward(50 * 24 * time.Hour)
		// The month, and the quarter with it: of the county and of the prefecture. The other month in between is new for all.
		d.seal()
		if !slices.Equal(reasons(), []string{regulation.SealDue}) {
			t.Errorf("when they are due: %v", reasons())
		}
		d.Clock.Forward(24 * time.Hour)
		if n := d.seal(); n != 0 {
			t.Errorf("%d versions the day after", n)
		}
		d.inVain(drags)
		d.Clock.Forward(24 * time.Hour)
		if d.seal(); !slices.Equal(reasons(), []string{regulation.SealWrittenOff, regulation.SealSettled}) {
			t.Errorf("when the last is settled: %v", reasons())
		}
		d.Clock.Forward(24 * time.Hour)
		if n := d.seal(); n != 0 {
			t.Errorf("%d versions though nothing changed", n)
		}
		d.integrate()
		if found := d.verify(store.VerifyOptions{Only: []string{store.CheckSealed, store.CheckLeaves}}); len(found) != 0 {
			t.Errorf("%q", found)
		}
	})
}

// Where nothing ran from before a month's end until after its cases were due, its first version says both.
func TestAMonthThatIsSealedLateSaysHowManyCasesAreOpen(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		month := regulation.MonthOf(workday.DateOf(d.Clock.Now()))
		d.open()
		d.nextMonth()
		d.casesDue()
		f, err := d.Sealed(t.Context(), "513301", month, 0)
		d.must(err)
		if want := []regulation.SealReason{{Code: regulation.SealPeriodOver}, {Code: regulation.SealDue, Count: 1}}; f.Version != 1 || !slices.Equal(f.Reasons, want) {
			t.Errorf("%+v", f.Reasons)
		}
	})
}

// A bulletin waits until its period's cases are due, and says how many are open then.
func TestABulletinTellsWhatBecameOfItsCases(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		month := regulation.MonthOf(workday.DateOf(d.Clock.Now()))
		d.upTo(d.open(), regulation.ActReleaseReply)
		d.open()
		d.nextMonth()
		d.seal()
		_, err := d.draftBulletin(month)
		d.refusal(err, regulation.NotNow, "cases_not_due")
		if refused := (*regulation.Error)(nil); !errors.As(err, &refused) || !refused.From.After(d.Clock.Now()) || refused.From.After(d.Clock.Now().Add(50*24*time.Hour)) {
			t.Errorf("from when: %v", err)
		}
		d.casesDue()
		id, err := d.draftBulletin(month)
		d.must(err)
		if b, err := d.Bulletin(t.Context(), id); err != nil || b.Open != 2 || b.Version != 2 || b.Total.Confirmed != 1 {
			t.Errorf("%+v, %v", b, err)
		}
	})
}

// life plays with a bulletin and its cases.
type life struct {
	*desk
	period       string
	cases        []string
	off, counted map[string]bool // written off now, counted again after it
}

func newLife(d *desk, malicious int) *life {
	l := &life{desk: d, period: regulation.QuarterOf(workday.DateOf(d.Clock.Now())), off: map[string]bool{}, counted: map[string]bool{}}
	for range malicious {
		l.cases = append(l.cases, d.mistakenly("malicious"))
	}
	d.upTo(d.open(), regulation.ActReleaseReply)
	for range 2 {
		d.nextMonth()
	}
	d.seal()
	d.casesDue()
	return l
}

func (l *life) writeOff(id string) {
	if !l.off[id] && !l.counted[id] {
		l.inVain(id)
		l.off[id] = true
	}
}

func (l *life) reinstate(id string) {
	if l.off[id] {
		l.do(id, regulation.ActReviewWriteOff, regulation.Values{"result": {"reversed"}, "reasons": {"r"}})
		l.off[id], l.counted[id] = false, true
	}
}

// tomorrow seals what the next day brings.
func (l *life) tomorrow() {
	l.Clock.Forward(24 * time.Hour)
	l.seal()
}

// waits is what of the period is neither issued nor ended, the zero Docket for nothing.
func (l *life) waits() (found regulation.Docket) {
	for _, b := range l.docketsOf(regulation.DocketBulletin, kangdingOffice) {
		if b.Waits() {
			if found.ID != "" {
				l.t.Errorf("two wait: %s and %s", found.ID, b.ID)
			}
			found = b
		}
	}
	return found
}

// step brings what waits on by one step, or drafts the first; whatever is refused now is tried again later.
func (l *life) step() {
	b := l.waits()
	act, login, v := "approve", "kd-head", regulation.Values{"audience": {"internal"}}
	switch {
	case b.ID == "":
		_, err := l.draftBulletin(l.period)
		l.laterMaybe(err)
		return
	case b.Stage == regulation.DocketApproved:
		act, login, v = "issue", "kd-publisher", nil
	}
	err := l.tryDocket(regulation.DocketBulletin, b.ID, act, login, v)
	if refused := (*regulation.Error)(nil); errors.As(err, &refused) && refused.Missing == "bulletin_stale" && b.Facts["corrects"] == "" {
		err = l.tryDocket(regulation.DocketBulletin, b.ID, "refuse", "kd-head", regulation.Values{"docket_reasons": {"内容有变"}})
	}
	l.laterMaybe(err)
}

func (l *life) laterMaybe(err error) {
	l.t.Helper()
	if refused := (*regulation.Error)(nil); errors.As(err, &refused) && slices.Contains([]string{"bulletin_stale", "bulletin_there", "sealed_behind", "correction_owed"}, refused.Missing) {
		return
	}
	l.must(err)
}

// quiet lets days pass on which people do their part, and holds the bulletin that stands then against the record.
func (l *life) quiet() {
	l.t.Helper()
	for range 3 {
		l.tomorrow()
		for range 3 {
			l.follow()
			l.step()
		}
	}
	if b := l.waits(); b.ID != "" {
		l.t.Errorf("something waits still: %+v", b)
	}
	var standing []regulation.Docket
	for _, b := range l.docketsOf(regulation.DocketBulletin, kangdingOffice) {
		if b.Stage == regulation.DocketIssued {
			standing = append(standing, b)
		}
	}
	if len(standing) != 1 || standing[0].Facts["outdated"] != "" {
		l.t.Fatalf("%d stand: %+v", len(standing), standing)
	}
	b, err := l.Bulletin(l.t.Context(), standing[0].ID)
	l.must(err)
	for _, id := range l.cases {
		if listed := slices.ContainsFunc(b.Cases, func(c regulation.BulletinCase) bool { return c.Case == id }); listed == l.off[id] {
			l.t.Errorf("written off %t, listed %t", l.off[id], listed)
		}
	}
	l.integrate()
	if found := l.verify(store.VerifyOptions{Only: []string{store.CheckDockets, store.CheckLeaves}}); len(found) != 0 {
		l.t.Errorf("%q", found)
	}
}

// At whatever stage of the bulletin and of its correction a case is written off or counts again, what stands in the end tells the
// record, and nothing is stuck (8(3), R42).
func TestCorrectionsFollowTheRecord(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		l := newLife(d, 5)
		issued := func() { l.step(); l.step(); l.step() }
		issued()
		first, before, draft, approved, corrected := l.cases[0], l.cases[1], l.cases[2], l.cases[3], l.cases[4]
		// Before its correction is sealed: the bulletin is right again as it stands.
		l.writeOff(first)
		l.count(500)
		l.follow()
		l.reinstate(first)
		l.count(500)
		l.follow()
		if all := l.docketsOf(regulation.DocketBulletin, kangdingOffice); len(all) != 1 || all[0].Facts["outdated"] != "" {
			t.Errorf("%+v", all)
		}
		l.quiet()
		// After the correction was drafted, and after it was approved: it is withdrawn with its reason.
		for i, id := range []string{before, approved} {
			l.writeOff(id)
			l.tomorrow()
			l.follow()
			for range i {
				l.step()
			}
			correction := l.waits()
			if correction.Facts["corrects"] == "" || len(l.docketsOf(regulation.DocketBulletin, kangdingOffice)) != 2+i {
				t.Fatalf("no correction: %+v", correction)
			}
			l.reinstate(id)
			l.count(500)
			if err := l.tryDocket(regulation.DocketBulletin, correction.ID, map[int]string{0: "approve", 1: "issue"}[i], map[int]string{0: "kd-head", 1: "kd-publisher"}[i],
				regulation.Values{"audience": {"internal"}}); err == nil {
				t.Error("what is wrong again goes on")
			}
			l.follow()
			if dropped := l.docket(regulation.DocketBulletin, correction.ID); dropped.Stage != regulation.DocketDropped || dropped.Facts["why"] != regulation.DroppedNotOwed || !dropped.Done() {
				t.Errorf("%+v", dropped)
			}
			l.quiet()
		}
		// Another one is written off while a correction waits: a better one takes its place.
		l.writeOff(draft)
		l.tomorrow()
		l.follow()
		waited := l.waits()
		l.writeOff(corrected)
		l.count(500)
		l.follow()
		l.tomorrow()
		l.follow()
		if dropped := l.docket(regulation.DocketBulletin, waited.ID); dropped.Facts["why"] != regulation.DroppedOvertaken || l.waits().Facts["confirmed_cases"] != "4" {
			t.Errorf("%+v, %+v", dropped, l.waits())
		}
		l.quiet()
		// After the correction was issued it is corrected again.
		l.reinstate(corrected)
		l.quiet()
	})
}

// The same at random.
func TestBulletinsAreNeverStuck(t *testing.T) {
	if testing.Short() {
		t.Skip("plays many days")
	}
	for seed := range uint64(6) {
		d := &desk{Record: storetest.SQLite(t).LoadDemo(t), t: t}
		l, draw := newLife(d, 4), rand.New(rand.NewPCG(seed, 42))
		for range 24 {
			id := l.cases[draw.IntN(len(l.cases))]
			switch draw.IntN(8) {
			case 0:
				l.writeOff(id)
				l.count(500)
			case 1:
				l.reinstate(id)
				l.count(500)
			case 2:
				l.tomorrow()
			case 3, 4:
				l.follow()
			case 5:
				if b := l.waits(); b.ID != "" {
					l.laterMaybe(l.tryDocket(regulation.DocketBulletin, b.ID, "refuse", "kd-head", regulation.Values{"docket_reasons": {"再核"}}))
				}
			default:
				l.step()
			}
		}
		if l.quiet(); t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}
