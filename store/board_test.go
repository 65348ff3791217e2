package store_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"haochaping/regulation"
	"haochaping/store"
	"haochaping/workday"
)

// praises saves good ratings at a window, and bad ones, all of today.
func (d *desk) praises(window string, good, bad int) {
	d.t.Helper()
	target, err := d.WindowTarget(d.t.Context(), window)
	d.must(err)
	for i := range good + bad {
		in := d.bad()
		in.Rating.Place = target.Place("")
		in.Rating.Channel = regulation.ChannelWeb
		if i < good {
			in.Rating.Grade = regulation.VerySatisfied
		}
		in.Rating.GivenAt = d.Clock.Now()
		d.save(in)
	}
}

// sealedQuarter goes behind the end of the quarter, has it sealed and follows what hangs on it.
func (d *desk) sealedQuarter() (period string) {
	d.t.Helper()
	period = regulation.QuarterOf(workday.DateOf(d.Clock.Now()))
	for regulation.QuarterOf(workday.DateOf(d.Clock.Now())) == period {
		d.nextMonth()
	}
	if d.seal() == 0 {
		d.t.Fatal("nothing was sealed: this proves nothing")
	}
	d.follow()
	return period
}

// boards are the dockets of a quarter's board by version.
func (d *desk) boards(period string) map[int64]regulation.Docket {
	d.t.Helper()
	all := map[int64]regulation.Docket{}
	for _, docket := range d.docketsOf(regulation.DocketBoard, "") {
		if docket.Period == period {
			all[docket.BoardVersion()] = docket
		}
	}
	return all
}

func (d *desk) board(period string, version int64) regulation.Board {
	d.t.Helper()
	b, err := d.Board(d.t.Context(), period, version)
	d.must(err)
	return b
}

func (d *desk) inspect(period, place, points string) string {
	d.t.Helper()
	fresh, err := d.NewInspection(d.t.Context(), period, place)
	d.must(err)
	act, _ := regulation.DocketActOf(regulation.DocketInspection, "enter")
	id, err := d.StartDocket(d.t.Context(), act, fresh, regulation.Values{"inspection_score": {points}, "inspection_basis": {"省级检查通报"}}, d.as("gz-supervisor-1"))
	d.must(err)
	return id
}

var boardChecks = store.VerifyOptions{Only: []string{store.CheckBoards, store.CheckDockets, store.CheckLeaves, store.CheckLedger, store.CheckSealed}}

// 8(1), R37: a sealed quarter is drafted as a board, approved and published by two, equal to a count of the ratings; an
// approved inspection and a late rating make versions of their own, and what came out stays as it was.
func TestASealedQuarterBecomesABoard(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		d.forbid([]string{"boards"})
		board, given := regulation.DocketBoard, d.Clock.Now()
		d.praises(policeWindow, 30, 2)
		d.praises("513322-w01", 31, 1)
		d.praises("513300-w03", 30, 0)
		d.praises("513300-w06", 29, 0)
		d.follow()
		period := d.sealedQuarter()
		first := d.board(period, 1)
		if got := d.boards(period); len(got) != 1 || got[1].Stage != regulation.DocketDrafted || got[1].Facts["digest"] != first.Digest() || !slices.Equal(first.Reasons, []string{regulation.BoardQuarterOver}) {
			t.Fatalf("%+v", got)
		}
		if first.Input.Seal != 1 || first.Input.Position == 0 || first.InputHash != first.Input.Hash() || len(first.Counties.Unranked) != 16 {
			t.Errorf("%+v", first.Input)
		}
		// No case is closed and nobody was asked in vain: the score is that of the good ones and of all who rated.
		want := []struct{ key, score string }{{"513322", regulation.Ratio{Of: 50*31 + 10*32, Among: 60 * 32}.Percent(2)}, {"513301", regulation.Ratio{Of: 50*30 + 10*32, Among: 60 * 32}.Percent(2)}}
		for i, line := range first.Counties.Lines {
			if len(first.Counties.Lines) != 2 || line.Rank != i+1 || line.Key != want[i].key || line.Shown != want[i].score {
				t.Errorf("%+v, want %+v", line, want[i])
			}
		}
		if l := first.Departments.Lines; len(l) != 1 || l[0].Shown != "100.00" || !slices.Contains(first.Departments.Unranked, regulation.UnrankedLine{Key: "513300-authority", Reason: regulation.UnrankedKeeps}) {
			t.Errorf("%+v", first.Departments)
		}
		d.follow()
		if len(d.boards(period)) != 1 {
			t.Error("a second look made another version")
		}
		running := regulation.QuarterOf(workday.DateOf(d.Clock.Now()))
		_, err := d.DraftBoard(t.Context(), running, d.as("gz-publisher"))
		d.refusal(err, regulation.NotNow, "period_not_sealed")
		if why, _ := err.(*regulation.Error); why != nil && !why.From.After(d.Clock.Now()) {
			t.Errorf("%s is sealed from %v on", running, why.From)
		}
		if _, err := d.DraftBoard(t.Context(), period, d.as("gz-publisher")); err == nil {
			t.Error("the same board was drafted again")
		}
		// Whoever enters an inspection does not approve it; approved, it makes the next version.
		inspection := d.inspect(period, "513301", "99.5")
		d.refusal(d.tryDocket(regulation.DocketInspection, inspection, "approve", "gz-supervisor-1", nil), regulation.FourEyes, "docket_by_you")
		d.follow()
		d.must(d.tryDocket(regulation.DocketInspection, inspection, "approve", "gz-head", nil))
		d.follow()
		second := d.board(period, 2)
		if got := d.boards(period); len(got) != 2 || got[1].Stage != regulation.DocketSuperseded || !slices.Equal(second.Reasons, []string{regulation.BoardInspection}) || second.Counties.Lines[1].Shown != "95.46" {
			t.Fatalf("%+v: %+v", got, second.Counties)
		}
		id := d.boards(period)[2].ID
		d.refusal(d.tryDocket(board, id, "publish", "gz-publisher", nil), regulation.NotNow, "docket_stage")
		d.must(d.tryDocket(board, id, "approve", "gz-head", nil))
		d.refusal(d.tryDocket(board, id, "publish", "gz-head", nil), regulation.FourEyes, "docket_by_you")
		d.must(d.tryDocket(board, id, "publish", "gz-publisher", nil))
		logged := func() regulation.Docket {
			for _, p := range d.docketsOf(regulation.DocketPublication, "513300-authority") {
				if p.Period == period && p.PublicationKindOf() == regulation.PublishBoard {
					return p
				}
			}
			t.Fatal("the publication log knows nothing of it")
			return regulation.Docket{}
		}
		if p := logged(); p.Stage != regulation.DocketPublished || p.Facts["digest"] != second.Digest() || p.Facts["link"] != "/board/"+period+"?version=2" {
			t.Errorf("%+v", p)
		}
		// A late bad rating: another version, a correction; the one before stays.
		late := d.bad()
		late.Rating.GivenAt = given
		d.save(late)
		d.Clock.Forward(24 * time.Hour)
		d.seal()
		d.follow()
		third := d.board(period, 3)
		if !slices.Equal(third.Reasons, []string{regulation.SealLateRatings}) || third.Input.Seal != 2 {
			t.Fatalf("%+v", third)
		}
		id = d.boards(period)[3].ID
		d.must(d.tryDocket(board, id, "discard", "gz-head", regulation.Values{"docket_reasons": {"再核对一次"}}))
		d.follow()
		if len(d.boards(period)) != 3 {
			t.Error("a discarded board came again by itself")
		}
		id, err = d.DraftBoard(t.Context(), period, d.as("gz-publisher"))
		d.must(err)
		d.refusal(d.tryDocket(board, id, "approve", "gz-publisher", nil), regulation.FourEyes, "docket_by_you")
		d.must(d.tryDocket(board, id, "approve", "gz-supervisor-1", nil))
		d.must(d.tryDocket(board, id, "publish", "gz-publisher", nil))
		if p := logged(); p.Facts["correction"] != "yes" || p.Facts["digest"] != d.board(period, 4).Digest() {
			t.Errorf("%+v", p)
		}
		out, err := d.PublishedBoards(t.Context())
		d.must(err)
		if len(out) != 2 || out[0].Version != 4 || !out[0].Last || out[1].Version != 2 || out[1].Last || out[1].Digest != second.Digest() {
			t.Errorf("%+v", out)
		}
		if again := d.board(period, 2); again.Digest() != second.Digest() {
			t.Error("the version that came out reads otherwise now")
		}
		d.integrate()
		if found := d.verify(boardChecks); found != nil {
			t.Errorf("%v", found)
		}
	})
}

// A board that was altered in the database is named, also where whoever did it made everything in it agree with itself.
func TestAFalsifiedBoardIsNamed(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		d.praises(policeWindow, 30, 2)
		period := d.sealedQuarter()
		inspection := d.inspect(period, "513301", "80")
		d.must(d.tryDocket(regulation.DocketInspection, inspection, "approve", "gz-head", nil))
		d.follow()
		d.integrate()
		if found := d.verify(boardChecks); found != nil {
			t.Fatalf("%v", found)
		}
		falsify := func(change func(*regulation.BoardInput)) string {
			t.Helper()
			b := d.board(period, 2)
			change(&b.Input)
			b = regulation.NewBoard(b.Input, b.Version, b.Reasons, b.At)
			body, err := json.Marshal(b)
			d.must(err)
			d.exec("UPDATE boards SET body = ?, digest = ? WHERE version = 2", body, b.Digest())
			return strings.Join(d.verify(boardChecks), ", ")
		}
		better := func(in *regulation.BoardInput) { in.Counties[0].Net.Grades[0]-- }
		if found := falsify(better); !strings.Contains(found, "boards board_differs") || !strings.Contains(found, "boards board_other") || !strings.Contains(found, "leaves altered") {
			t.Errorf("a bad rating less: %s", found)
		}
		if found := falsify(func(in *regulation.BoardInput) {
			in.Counties[0].Net.Grades[0]++
			in.Counties[0].Inspection.Hundredths = 9900
		}); !strings.Contains(found, "boards board_differs") {
			t.Errorf("another inspection: %s", found)
		}
		for name, change := range map[string]func(*regulation.BoardInput){
			"values/" + regulation.BoardWeightActive: func(in *regulation.BoardInput) { in.Values[regulation.BoardWeightActive] = 90 },
			"values/" + regulation.BoardLeastRatings: func(in *regulation.BoardInput) { delete(in.Values, regulation.BoardLeastRatings) },
			"edition":                                func(in *regulation.BoardInput) { in.Edition = "made-up" },
			"departments/513300-psb": func(in *regulation.BoardInput) {
				in.Departments = slices.DeleteFunc(in.Departments, func(p regulation.RankedPlace) bool { return p.Key == "513300-psb" })
			},
			"departments/513301-psb": func(in *regulation.BoardInput) {
				in.Departments = append(in.Departments, regulation.RankedPlace{Key: "513301-psb"})
			},
			"departments/513300-authority": func(in *regulation.BoardInput) {
				for i := range in.Departments {
					in.Departments[i].Keeps = false
				}
			},
			"counties/513322": func(in *regulation.BoardInput) {
				in.Counties = slices.DeleteFunc(in.Counties, func(p regulation.RankedPlace) bool { return p.Key == "513322" })
			},
		} {
			var was []byte
			d.must(store.Rows(d.Store, t.Context()).Raw("SELECT body FROM boards WHERE version = 2").Row().Scan(&was))
			falsify(change)
			if !slices.Contains(d.boardFaults(), name) {
				t.Errorf("%s: the check names %q", name, d.boardFaults())
			}
			var b regulation.Board
			d.must(json.Unmarshal(was, &b))
			d.exec("UPDATE boards SET body = ?, digest = ? WHERE version = 2", was, b.Digest())
		}
		d.exec("UPDATE boards SET position = position + 1 WHERE version = 1")
		if found := d.verify(boardChecks); !slices.Contains(found, "boards board_unreadable") {
			t.Errorf("%v", found)
		}
	})
}

// The weights are those in force when the quarter ended: an edition that begins later changes no board of it.
func TestABoardIsWeighedByTheEditionOfItsQuarter(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		d.praises(policeWindow, 30, 2)
		period := d.sealedQuarter()
		d.editionOf("later", map[string]int{regulation.BoardWeightActive: 90})
		d.inspect(period, "513301", "80")
		d.Clock.Forward(time.Hour)
		d.follow()
		if got := d.boards(period); len(got) != 1 || d.board(period, 1).Input.Values[regulation.BoardWeightActive] != 10 {
			t.Errorf("%+v", got)
		}
	})
}

func TestInspectionsAreOfTheRankedPlaces(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		quarter := regulation.QuarterOf(workday.DateOf(d.Clock.Now()))
		for _, wrong := range [][2]string{{"2026-10", "513301"}, {"2099-Q1", "513301"}, {quarter, "513301-psb"}, {quarter, "513300-authority"}, {quarter, "513300"}} {
			_, err := d.NewInspection(t.Context(), wrong[0], wrong[1])
			d.refusal(err, regulation.Invalid, "fields")
		}
		_, err := d.NewInspection(t.Context(), quarter, "513301")
		running, _ := regulation.ParsePeriod(quarter)
		if refused, _ := err.(*regulation.Error); refused == nil || refused.Fields["period"] != "quarter_runs" || !refused.From.Equal(running.End()) {
			t.Errorf("of a quarter that runs: %v", err)
		}
		for range 3 {
			d.nextMonth()
		}
		id := d.inspect(quarter, "513300-psb", "80")
		d.must(d.tryDocket(regulation.DocketInspection, id, "give_back", "gz-head", regulation.Values{"docket_reasons": {"依据不清"}}))
		again := regulation.Values{"docket_reasons": {"补充依据"}, "inspection_score": {"81.25"}, "inspection_basis": {"省级检查通报第 3 页"}}
		d.must(d.tryDocket(regulation.DocketInspection, id, "correct", "gz-supervisor-1", again))
		if d.docket(regulation.DocketInspection, id).Approved() != nil {
			t.Error("a score counts that nobody approved")
		}
		d.must(d.tryDocket(regulation.DocketInspection, id, "approve", "gz-head", nil))
		again["inspection_score"] = []string{"12"}
		d.must(d.tryDocket(regulation.DocketInspection, id, "correct", "gz-supervisor-1", again))
		if score := d.docket(regulation.DocketInspection, id).Approved(); score == nil || score.Hundredths != 8125 {
			t.Errorf("while a correction waits, what was approved stands: %+v", score)
		}
		again["inspection_score"] = []string{"100.5"}
		d.must(d.tryDocket(regulation.DocketInspection, id, "approve", "gz-head", nil))
		d.refusal(d.tryDocket(regulation.DocketInspection, id, "correct", "gz-supervisor-1", again), regulation.Invalid, "fields")
	})
}

// boardFaults are the parts that the check of boards names.
func (d *desk) boardFaults() (about []string) {
	d.t.Helper()
	_, err := d.Verify(d.t.Context(), store.VerifyOptions{Only: []string{store.CheckBoards}, Found: func(found store.Finding) error {
		about = append(about, found.About...)
		return nil
	}})
	d.must(err)
	return about
}

// A quarter ranks the places that there were when it was sealed, whatever department was closed, moved or set up since: in its later
// versions, for inspections, and when it is verified (8(1)).
func TestAQuarterRanksThePlacesOfItsTime(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		d.praises("513300-w03", 30, 0)
		d.praises(policeWindow, 30, 2)
		given := d.Clock.Now()
		period := d.sealedQuarter()
		keys := func(version int64) (all []string) {
			for _, p := range d.board(period, version).Input.Departments {
				all = append(all, p.Key)
			}
			return all
		}
		before := keys(1)
		d.exec("UPDATE orgs SET kind = 'service_centre' WHERE id = '513300-psb'")
		d.must(d.AddOrg(t.Context(), store.Org{ID: "513300-new", Parent: "513300", Kind: regulation.OrgDepartment, Area: "513300", Division: "513300", NameZH: "州新局", NameEN: "New Bureau"}))
		counties, now, err := d.RankedOn(t.Context())
		d.must(err)
		if len(now) != len(before) || len(counties) != 18 || slices.ContainsFunc(now, func(o store.Org) bool { return o.ID == "513300-psb" }) {
			t.Fatalf("%d departments today, %d then: this proves nothing", len(now), len(before))
		}
		late := d.bad()
		late.Rating.GivenAt = given
		d.save(late)
		d.Clock.Forward(24 * time.Hour)
		d.seal()
		d.follow()
		if again := keys(2); !slices.Equal(again, before) || !slices.Contains(again, "513300-psb") || slices.Contains(again, "513300-new") {
			t.Errorf("%q, then %q", before, again)
		}
		if _, err := d.NewInspection(t.Context(), period, "513300-psb"); err != nil {
			t.Errorf("a place of the quarter: %v", err)
		}
		_, err = d.NewInspection(t.Context(), period, "513300-new")
		d.refusal(err, regulation.Invalid, "fields")
		d.integrate()
		if found := d.verify(boardChecks); len(found) != 0 {
			t.Errorf("%q", found)
		}
		for version := int64(1); version < 3; version++ {
			whole, err := d.Sealed(t.Context(), regulation.PrefectureArea, period, version)
			d.must(err)
			if len(whole.Ranked.Departments) != len(before) || len(whole.Ranked.Counties) != 18 {
				t.Errorf("version %d notes %+v", version, whole.Ranked)
			}
		}
	})
}
