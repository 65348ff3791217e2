package store

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"gorm.io/gorm"

	"haochaping/regulation"
	"haochaping/workday"
)

// factDemoProbes tells that a demo has its signs of cheating.
const factDemoProbes = "demo_probes"

// demoCheat is a made-up way of cheating at a window: n ratings with one grade, evenly over so many working days up to
// yesterday, on the last of them so many seconds apart. A phone is that of each contact; login is who of the staff is
// signed in in the browser.
type demoCheat struct {
	window, staff string
	n, grade      int
	options       []string
	text          string
	days, apart   int
	client        string
	login, phone  string
}

const demoStaffPhone = "13890000006" // of kd-window-06

// demoCheats raise signals against three people of different units and one rater: one browser and a burst, one form
// again and again, a staff session and a staff telephone, and one telephone that blames one unit.
var demoCheats = []demoCheat{
	{window: "513301-w03", staff: "st0037", n: 8, grade: 5, options: []string{"517"}, days: 1, apart: 12, client: "demo-browser-1"},
	{window: "513301-w04", staff: "st0039", n: 24, grade: 5, options: []string{"510", "517"}, days: 12, apart: 1800},
	{window: "513301-w06", staff: "st0043", n: 4, grade: 5, options: []string{"510"}, days: 4, apart: 600, login: "kd-window-06"},
	{window: "513301-w06", staff: "st0043", n: 3, grade: 5, options: []string{"513"}, days: 3, apart: 900, phone: demoStaffPhone},
	{window: "513301-w08", staff: "st0047", n: 5, grade: 1, options: []string{"113"}, text: "又让我白跑一趟", days: 5, apart: 600, phone: "13890000008"},
}

// FillDemoProbes gives a demo ratings that look like cheating, has them looked for as on any day, and takes two of the
// probes on: one to its hearing, one to its decision; once. token is that of LeaseProbes, as for Probing. A process that
// dies on the way leaves the demo with fewer of them.
func (s *Store) FillDemoProbes(ctx context.Context, token int64) error {
	if done, err := s.Fact(ctx, factDemoProbes); err != nil || done != "" {
		return err
	}
	d := demoFiller{Store: s, ctx: ctx, monday: regulation.MondayOf(s.now()), people: map[string]regulation.Actor{}}
	if err := d.know("kd-supervisor-1", "kd-head", "kd-secadmin", "kd-window-03", "kd-window-06"); err != nil {
		return err
	}
	isNew := false
	if err := s.tx(ctx, func(tx *gorm.DB) (err error) {
		isNew, err = insertNew(tx, &factRow{factDemoProbes, "yes"})
		return err
	}); err != nil || !isNew {
		return err
	}
	if err := s.SetStaffPhone(ctx, d.people["kd-window-06"].Person, demoStaffPhone, d.people["kd-secadmin"]); err != nil {
		return err
	}
	for i, c := range demoCheats {
		if err := d.cheat(i, c); err != nil {
			return err
		}
	}
	if _, err := s.Probing(ctx, token); err != nil {
		return err
	}
	if err := d.hear(); err != nil {
		return err
	}
	return d.decide()
}

// cheat gives one way's ratings, received now: what is exchanged is not as late as they are old.
func (d demoFiller) cheat(i int, c demoCheat) error {
	target, err := d.WindowTarget(d.ctx, c.window)
	if err != nil {
		return err
	}
	choices, err := d.Choices(d.ctx)
	if err != nil {
		return err
	}
	days, err := d.workdays(c.days)
	if err != nil {
		return err
	}
	for n := range c.n {
		at := days[n*len(days)/c.n].Start().Add(10*time.Hour + time.Duration(i*20+2)*time.Minute + time.Duration(n*c.apart)*time.Second)
		rating, err := regulation.NewRating("", regulation.RatingForm{Channel: regulation.ChannelWeb, Target: regulation.TargetMatter, Grade: strconv.Itoa(c.grade),
			Options: c.options, Text: c.text, Reason: true, GivenAt: at}, target.Place(c.staff), choices, regulation.Actor{}, d.now())
		if err != nil {
			return err
		}
		in := Intake{Rating: rating, Text: c.text, PrivacyVersion: "5", Key: fmt.Sprintf("%s-%d-%d", newID(), i, n),
			Trace: RatingTrace{Client: c.client, Session: d.people[c.login].Person}}
		if c.phone != "" {
			in.Contact = Contact{Name: "卓玛", Phone: c.phone, Language: "zh"}
		}
		if _, err := d.SaveRating(d.ctx, in); err != nil {
			return err
		}
	}
	return nil
}

// workdays are the last n working days before today, the earliest first.
func (d demoFiller) workdays(n int) ([]workday.Date, error) {
	rules, err := d.watchRules(d.ctx, regulation.PrefectureArea, d.now())
	days := make([]workday.Date, n)
	for day := workday.DateOf(d.now()).AddDays(-1); err == nil && n > 0; day = day.AddDays(-1) {
		if rules.Calendar.IsWorkday(day) {
			n--
			days[n] = day
		}
	}
	return days, err
}

// probeOf is the open probe into a member of staff.
func (d demoFiller) probeOf(staff string) (q regulation.Probe, err error) {
	var row probeRow
	if err := d.rows(d.ctx).Take(&row, "kind = ? AND object_id = ? AND standing IS NOT NULL", string(regulation.SuspectStaff), staff).Error; err != nil {
		return q, found(err, "probe")
	}
	return row.probe()
}

// demoAct is one act on a probe, by whom and with what.
type demoAct struct {
	login string
	do    ProbeAct
	v     regulation.Values
}

func (d demoFiller) act(staff string, acts ...demoAct) error {
	q, err := d.probeOf(staff)
	for n, a := range acts {
		if err != nil {
			return err
		}
		err = d.ChangeProbe(d.ctx, q.ID, q.Seq+int64(n), a.do, a.v, d.people[a.login])
	}
	return err
}

// hear takes the probe into one browser's burst up to its hearing: nothing is proposed yet.
func (d demoFiller) hear() error {
	return d.act("st0037",
		demoAct{"kd-supervisor-1", regulation.Rules.TakeProbe, nil},
		demoAct{"kd-supervisor-1", regulation.Rules.NoteProbe, regulation.Values{"probe_note": {"调取了大厅当天的叫号记录：该时段身份证窗口只办理了两件。"}}},
		demoAct{"kd-supervisor-1", regulation.Rules.AskStatement, regulation.Values{"probe_allegation": {"两分钟内同一浏览器对您作出八次“非常满意”评价，与叫号记录不符，请说明情况。"}}},
		demoAct{"kd-window-03", regulation.Rules.State, regulation.Values{"probe_statement": {"当天有一个旅行团集中办理，大家用导游的手机扫码评价，我没有代评。"}}},
		demoAct{"kd-supervisor-1", regulation.Rules.HoldHearing, regulation.Values{"heard_on": {workday.DateOf(d.now()).String()},
			"hearing_record": {"当面听取了本人陈述，拟向大厅核实旅行团的办理记录。"}}})
}

// decide ends the probe into ratings from a staff session: confirmed, and they count no more.
func (d demoFiller) decide() error {
	return d.act("st0043",
		demoAct{"kd-supervisor-1", regulation.Rules.TakeProbe, nil},
		demoAct{"kd-supervisor-1", regulation.Rules.AskStatement, regulation.Values{"probe_allegation": {"多条好评来自您登录工作账号的浏览器或您本人的手机号，请说明情况。"}}},
		demoAct{"kd-window-06", regulation.Rules.State, regulation.Values{"probe_statement": {"办理完以后，我用窗口电脑替群众点了评价，以为这样可以。"}}},
		demoAct{"kd-supervisor-1", regulation.Rules.ProposeConclusion, regulation.Values{"probe_outcome": {regulation.ProbeConfirmed},
			"probe_measure": {regulation.MeasureAnnul}, "probe_reasons": {"本人承认代评；这些评价不是服务对象作出的。"}}},
		demoAct{"kd-head", regulation.Rules.DecideProbe, regulation.Values{"probe_decision": {"approve"}, "probe_reasons": {"事实清楚，同意。"}}})
}
