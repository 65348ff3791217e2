package store

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"gorm.io/gorm"

	"haochaping/regulation"
	"haochaping/store/seed"
	"haochaping/workday"
)

// factDemoBoxes tells that a demo has its suggestion boxes.
const factDemoBoxes = "demo_boxes"

// demoBox is a made-up suggestion box. Without a keeper it is one that nobody fit keeps (R15). Opened are the forms
// found two weeks ago, last week and this week; a box for which the list ends earlier was not opened since.
type demoBox struct {
	hall, place, keeper string
	by                  [2]string // who opens it
	forms               int       // of its batch
	opened              []int
	waits               bool // this week's opening waits for the second person
}

var demoBoxes = []demoBox{
	{"513301-hall", "一楼咨询台旁", "kd-keeper-1", [2]string{"kd-keeper-1", "kd-supervisor-1"}, 100, []int{0, 0, 6}, false},
	{"513301-hall", "二楼等候区", "kd-keeper-1", [2]string{"kd-keeper-1", "kd-supervisor-1"}, 50, []int{0}, false},
	{"513301001-service", "大门右侧", "", [2]string{"kd-supervisor-1", "kd-keeper-1"}, 20, []int{0, 0, 0}, true},
	{"513322-hall", "办事大厅入口", "ld-keeper-1", [2]string{"ld-keeper-1", "ld-supervisor-1"}, 50, []int{0, 2, 0}, false},
	{"513300-hall", "自助服务区", "gz-keeper-1", [2]string{"gz-keeper-1", "gz-supervisor-1"}, 50, []int{0, 0, 0}, false},
}

// demoCounted are the grades of the forms that lay in the first box last week, where ratings may be made up.
var demoCounted = []int{5, 5, 4, 5, 2, 5, 4}

// demoWaiting are the grades of those found in it this week.
var demoWaiting = []int{2, 4, 1, 5, 5, 3}

// demoOptions are what is ticked on a bad form.
var demoOptions = map[int][]string{1: {"108"}, 2: {"207"}}

// FillDemoBoxes gives a demo in which nobody registered a box its boxes, batches and openings, and forms that wait for
// entry, for the check and for a decision: once, by the product's clock. With ratings it counts last week's forms too.
// A process that dies on the way leaves the demo with fewer forms.
func (s *Store) FillDemoBoxes(ctx context.Context, ratings bool) error {
	if done, err := s.Fact(ctx, factDemoBoxes); err != nil || done != "" {
		return err
	}
	d := demoFiller{Store: s, ctx: ctx, monday: regulation.MondayOf(s.now()), people: map[string]regulation.Actor{}}
	for _, b := range demoBoxes {
		if err := d.know(b.keeper, b.by[0], b.by[1], "kd-entry-1", "kd-entry-2"); err != nil {
			return err
		}
	}
	ids, err := d.register()
	if err != nil || ids == nil {
		return err
	}
	for i, b := range demoBoxes {
		if i == 0 && ratings {
			b.opened = []int{0, len(demoCounted), len(demoWaiting)}
		}
		openings, serials, err := d.fill(ids[i], b)
		if err != nil {
			return err
		}
		if i > 0 {
			continue
		}
		if ratings {
			if err := d.count(demoReadings, openings[1], serials, demoCounted); err != nil {
				return err
			}
		}
		if err := d.wait(openings[2], serials[len(demoCounted):]); err != nil {
			return err
		}
	}
	return nil
}

type demoFiller struct {
	*Store
	ctx    context.Context
	monday workday.Date // of this week
	people map[string]regulation.Actor
}

func (d demoFiller) know(logins ...string) error {
	for _, login := range logins {
		if login == "" || d.people[login].Person != "" {
			continue
		}
		account, err := d.AccountByLogin(d.ctx, login)
		if err != nil {
			return err
		}
		actor, err := d.Actor(d.ctx, account.Person)
		if err != nil {
			return err
		}
		actor.As = actor.Assignments[0]
		d.people[login] = actor
	}
	return nil
}

// register makes the boxes as if they stood for three weeks, and has their weeks judged from the last one on. It
// returns none where there are boxes already.
func (d demoFiller) register() (ids []string, err error) {
	at := micros(d.monday.AddDays(-21).Start().Add(9 * time.Hour))
	err = d.tx(d.ctx, func(tx *gorm.DB) error {
		ids = nil
		var there int64
		isNew, err := insertNew(tx, &factRow{factDemoBoxes, "yes"})
		if err != nil || !isNew {
			return err
		}
		if err := tx.Model(&boxRow{}).Where("state <> ?", string(regulation.BoxRemoved)).Count(&there).Error; err != nil || there > 0 {
			return err
		}
		if err := tx.Save(&factRow{factBoxes, d.monday.AddDays(-7).String()}).Error; err != nil {
			return err
		}
		for _, b := range demoBoxes {
			row := boxRow{ID: newID(), HallID: b.hall, Area: b.hall[:6], Place: b.place, State: string(regulation.BoxActive), RegisteredAt: at, RegisteredBy: seedAuthor}
			if err := tx.Create(&row).Error; err != nil {
				return err
			}
			ids = append(ids, row.ID)
			if b.keeper == "" {
				continue
			}
			kept := boxKeeperRow{ID: newID(), BoxID: row.ID, OpenBoxID: &row.ID, Person: d.people[b.keeper].Person, FromAt: at, AssignedBy: seedAuthor}
			if err := tx.Create(&kept).Error; err != nil {
				return err
			}
		}
		return nil
	})
	return ids, err
}

// fill issues a box's batch and records its openings.
func (d demoFiller) fill(box string, b demoBox) (openings, serials []string, err error) {
	all, actor := regulation.Scope{All: true}, d.people[b.by[0]]
	id, err := d.IssueBatch(d.ctx, all, box, regulation.Values{"batch_count": {strconv.Itoa(b.forms)}}, actor)
	if err != nil {
		return nil, nil, err
	}
	issued := micros(d.monday.AddDays(-21).Start().Add(10 * time.Hour))
	if err := d.tx(d.ctx, func(tx *gorm.DB) error {
		return tx.Model(&batchRow{}).Where("id = ?", id).Update("issued_at", issued).Error
	}); err != nil {
		return nil, nil, err
	}
	batches, err := d.Batches(d.ctx, all, box)
	if err != nil {
		return nil, nil, err
	}
	days := []time.Time{d.monday.AddDays(-10).Start().Add(16*time.Hour + 30*time.Minute), d.monday.AddDays(-3).Start().Add(16*time.Hour + 30*time.Minute), d.thisWeek()}
	for n, counted := range b.opened {
		at := days[n].In(workday.Shanghai)
		opening, err := d.RecordOpening(d.ctx, all, box, regulation.Values{"opened_on": {at.Format("2006-01-02")}, "opened_time": {at.Format("15:04")},
			"second_opener": {d.people[b.by[1]].Person}, "old_seal_state": {regulation.SealIntact}, "old_seal": {demoSeal(box, n)}, "new_seal": {demoSeal(box, n+1)},
			"counted": {strconv.Itoa(counted)}}, actor)
		if err != nil {
			return nil, nil, err
		}
		if n == 2 && b.waits {
			continue
		}
		if err := d.confirm(opening, d.people[b.by[1]]); err != nil {
			return nil, nil, err
		}
		openings = append(openings, opening)
	}
	return openings, batches[0].Serials(), nil
}

// confirm is the second person's answer to what the first reported, long ago: nobody is told of it now.
func (d demoFiller) confirm(opening string, second regulation.Actor) error {
	params, err := d.paramsNow(d.ctx)
	if err != nil || params.Days(regulation.BoxConfirm) == 0 {
		return err
	}
	if err := d.AnswerOpening(d.ctx, opening, regulation.Values{"opening_answer": {string(regulation.ReportConfirmed)}}, second); err != nil {
		return err
	}
	return d.tx(d.ctx, func(tx *gorm.DB) error { return tx.Delete(&messageRow{}, "ref = ?", opening).Error })
}

func demoSeal(box string, n int) string { return fmt.Sprintf("F%s-%02d", box[len(box)-4:], n+1) }

// thisWeek is an instant of this week at which a box may have been opened: half past four of its last day of work
// before today, else some minutes ago.
func (d demoFiller) thisWeek() time.Time {
	now := d.now()
	for n := 4; n >= 0; n-- {
		if day := d.monday.AddDays(n); day.Before(workday.DateOf(now)) {
			return day.Start().Add(16*time.Hour + 30*time.Minute)
		}
	}
	return slices.MaxFunc([]time.Time{d.monday.Start(), now.Add(-10 * time.Minute)}, time.Time.Compare).Truncate(time.Minute)
}

// demoReading is who reads forms, and of which window they are.
type demoReading struct{ window, number, first, second string }

var demoReadings = demoReading{"513301-w03", "A03", "kd-entry-1", "kd-entry-2"}

// sheet is a made-up form with its picture.
func (d demoFiller) sheet(by demoReading, opening, serial string, grade int) (PaperForm, error) {
	content, err := seed.Sheet(serial, by.number, grade)
	if err != nil {
		return PaperForm{}, err
	}
	scan, err := d.AddPaperScan(d.ctx, regulation.Scope{All: true}, opening, serial+".png", bytes.NewReader(content), d.people[by.first])
	return PaperForm{Serial: serial, Scan: scan.Digest, Window: by.window, Confirmed: "yes",
		Rating: regulation.RatingForm{Target: regulation.TargetMatter, Grade: strconv.Itoa(grade), Options: demoOptions[grade]}}, err
}

// enter takes a form's first reading, and the second with the grade that the other person reads; 0 takes none.
func (d demoFiller) enter(by demoReading, opening string, f PaperForm, second int) error {
	all := regulation.Scope{All: true}
	choices, err := d.Choices(d.ctx)
	if err != nil {
		return err
	}
	id, err := d.EnterPaper(d.ctx, all, opening, f, choices, d.people[by.first])
	if err != nil || second == 0 {
		return err
	}
	f.Rating.Grade, f.Rating.Options = strconv.Itoa(second), demoOptions[second]
	_, _, err = d.SecondPaper(d.ctx, all, id, f, choices, d.people[by.second])
	return err
}

// count counts forms, each read alike by two.
func (d demoFiller) count(by demoReading, opening string, serials []string, grades []int) error {
	for i, grade := range grades {
		f, err := d.sheet(by, opening, serials[i], grade)
		if err != nil {
			return err
		}
		if err := d.enter(by, opening, f, grade); err != nil {
			return err
		}
	}
	return nil
}

// wait puts in this week's pictures: two forms are read once, one was read differently, the others nobody has read.
func (d demoFiller) wait(opening string, serials []string) error {
	for i, grade := range demoWaiting {
		f, err := d.sheet(demoReadings, opening, serials[i], grade)
		if err != nil {
			return err
		}
		switch i {
		case 0:
			f.Rating.Text, f.Contact = "窗口说材料不齐，让我跑了三趟", Contact{Name: "泽仁", Phone: "13890000001", Language: "bo"}
			err = d.enter(demoReadings, opening, f, 0)
		case 1:
			err = d.enter(demoReadings, opening, f, 0)
		case 2:
			err = d.enter(demoReadings, opening, f, 2)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
