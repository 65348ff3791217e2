package regulation

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"haochaping/workday"
)

// issuers issue the documents of the procedure for their authority.
var issuers = []Role{Supervisor, AuthorityHead}

// transferOrder is the order to rectify on paper (转办, 7(3), R30): one for each order, and another
// where its due dates moved.
var transferOrder = DocumentSpec{
	Kind: DocumentTransferOrder, Clause: ClauseTransfer, For: ForUnit, Roles: issuers,
	Placeholders: listed("order_number", "unit", "assist", "rated_unit", "window", "matter", "grade", "period", "finding", "cause",
		"link", "instructions", "ordered_on", "sign_by", "due"),
	about: aboutOrder, to: orderedUnit, ready: orderStands, texts: orderText, values: orderValues,
	state: func(d drafting) string {
		signBy := time.Time{}
		if await := d.c.Await(ActSign); await != nil {
			signBy = await.Due
		}
		return datesOf(d.c.Clock.Due, signBy)
	},
}

// rectificationNotice orders the unit to put right what was found (8(4), R45: the authority orders
// rectification of every confirmed problem). Who verified does not also order.
var rectificationNotice = DocumentSpec{
	Kind: DocumentRectification, Clause: ClauseDiscipline, For: ForUnit, Roles: issuers,
	Placeholders: listed("order_number", "unit", "assist", "rated_unit", "window", "matter", "grade", "period", "finding", "cause",
		"link", "instructions", "ordered_on", "due"),
	about: aboutOrder, to: orderedUnit, texts: orderText, values: orderValues,
	state: func(d drafting) string { return datesOf(d.c.Clock.Due) },
	ready: func(d drafting) *Error {
		if d.c.Finding.Kind != "substantiated" {
			return refuse(NotNow, "", "not_substantiated")
		}
		return orderStands(d)
	},
	barred: func(c Case, person string) string {
		if contains(c.Verifiers, person) {
			return "you_verified_it"
		}
		return ""
	},
}

func aboutOrder(d drafting) string {
	if order := d.c.order(); order != nil {
		return order.Number
	}
	return ""
}

func orderedUnit(d drafting) string {
	if order := d.c.order(); order != nil {
		return order.Unit
	}
	return ""
}

func orderText(c Case) []TextRef {
	if order := c.order(); order != nil {
		return []TextRef{order.Text}
	}
	return nil
}

// orderStands refuses where no unit has an order to rectify.
func orderStands(d drafting) *Error {
	order := d.c.order()
	switch {
	case order == nil:
		return refuse(NotNow, "", "no_order_yet")
	case !order.ReturnedAt.IsZero():
		return refuse(NotNow, "", "order_returned")
	case d.c.WrittenOff():
		return refuse(NotNow, "", "written_off")
	case contains([]Phase{PhaseAfter, PhaseClosed}, d.c.Phase):
		return refuse(NotNow, "", "phase_"+string(d.c.Phase))
	}
	return nil
}

// common are the values that every document of a case may carry.
func (d drafting) common() map[string]string {
	return map[string]string{"case_number": d.c.Number, "authority": d.words.Org(d.c.Authority), "date": ChineseDate(d.at)}
}

// orderValues are what an order tells the unit: no word of the rater, no instant, the ISO week alone
// (R04, R57), and no member of staff by name.
func orderValues(d drafting) map[string]string {
	order, v := d.c.order(), d.common()
	v["order_number"], v["unit"], v["rated_unit"] = order.Number, d.words.Org(order.Unit), d.words.Org(d.c.Rated.Unit)
	v["assist"] = d.orgs(order.Assist)
	v["window"], v["matter"] = d.words.Window, d.words.Matter
	v["grade"], v["period"] = d.words.Choice("grade", strconv.Itoa(int(d.c.Grade))), chineseWeek(d.c.Notice.Period)
	v["finding"], v["cause"], v["link"] = d.words.Choice("finding", d.c.Finding.Kind), d.words.Choice("cause", d.c.Finding.Cause),
		d.words.Choice("link", d.c.Finding.Link)
	v["instructions"], v["ordered_on"] = d.words.Texts[order.Text], ChineseDate(order.IssuedAt)
	v["due"] = ChineseDate(d.c.Clock.Due)
	if await := d.c.Await(ActSign); await != nil {
		v["sign_by"] = ChineseDate(await.Due)
	}
	return v
}

func (d drafting) orgs(ids []string) string {
	var names []string
	for _, id := range ids {
		names = append(names, d.words.Org(id))
	}
	return strings.Join(names, "、")
}

// chineseWeek words an ISO week such as 2026-W48.
func chineseWeek(period string) string {
	var year, week int
	if _, err := fmt.Sscanf(period, "%d-W%d", &year, &week); err != nil {
		return ""
	}
	return fmt.Sprintf("%d年第%d周", year, week)
}

// unitSteps are the steps of an order that a unit may be reminded of.
var unitSteps = []ActKind{ActSign, ActSubmitPlan, ActSubmitRectification}

// reminder urges the unit to do what its order asks (督办, 7(3), R33): near the end of the days and
// after it, once a day.
var reminder = DocumentSpec{
	Kind: DocumentReminder, Clause: ClauseTransfer, For: ForUnit, Roles: issuers,
	Placeholders: listed("order_number", "unit", "assist", "ordered_on", "due", "outstanding", "outstanding_by", "time_left", "days_spent", "times"),
	to:           orderedUnit,
	about:        aboutReminder,
	ready:        reminderDue,
	values: func(d drafting) map[string]string {
		order, await, v := d.c.order(), d.owed(), d.common()
		v["order_number"], v["unit"], v["assist"] = order.Number, d.words.Org(order.Unit), d.orgs(order.Assist)
		v["ordered_on"], v["due"] = ChineseDate(order.IssuedAt), ChineseDate(d.c.Clock.Due)
		v["outstanding"], v["outstanding_by"] = d.words.Choice("act", string(await.Act)), ChineseDate(await.Due)
		v["time_left"], v["times"] = timeLeft(d.left(*await)), strconv.Itoa(d.reminded(order.Number)+1)
		v["days_spent"] = d.daysSpent()
		return v
	},
}

func aboutReminder(d drafting) string { return aboutOrder(d) + "/" + workday.DateOf(d.at).String() }

// daysSpent words with whom the days of the running round lay: the authority's own are apart (R34).
func (d drafting) daysSpent() string {
	rounds := d.c.DaysSpent(d.rules.Calendar, d.at)
	if len(rounds) == 0 {
		return ""
	}
	spent := rounds[len(rounds)-1]
	text := fmt.Sprintf("承办单位%d个，主管部门%d个", spent.Unit, spent.Authority)
	if spent.Paused > 0 {
		text += fmt.Sprintf("，暂停计算%d个", spent.Paused)
	}
	return text
}

// owed is the step that the unit has not done yet, or nil.
func (d drafting) owed() *Await {
	for _, kind := range unitSteps {
		if await := d.c.Await(kind); await != nil && !await.Due.IsZero() {
			return await
		}
	}
	return nil
}

func (d drafting) left(await Await) int {
	left := d.rules.Calendar.Left(workday.DateOf(d.at), workday.DateOf(await.Due))
	if (await.Overdue || d.at.After(await.Due)) && left >= 0 {
		return -1
	}
	return left
}

// reminderDue opens the reminder with the first reminder's days left of the rectification, and on
// the day by which an order is to be signed or a plan to be made.
func reminderDue(d drafting) *Error {
	if err := orderStands(d); err != nil {
		return err
	}
	await := d.owed()
	if await == nil {
		return refuse(NotNow, "", "nothing_outstanding")
	}
	days := d.rules.Params.Days(ReminderLast)
	if await.Act == ActSubmitRectification {
		days = d.rules.Params.Days(ReminderFirst)
	}
	if d.left(*await) > days {
		err := refuse(NotNow, "", "reminder_too_early")
		err.From = d.rules.Hours.Opening(d.rules.Calendar.Before(workday.DateOf(await.Due), days))
		return err
	}
	return nil
}

// reminded counts the days before on which the unit was reminded of an order: another paper of the same
// day takes the first one's place.
func (d drafting) reminded(order string) int {
	days, today := map[string]bool{}, aboutReminder(d)
	for _, issued := range d.issued {
		name, _ := Topic(issued.About)
		if issued.Kind == DocumentReminder && strings.HasPrefix(name, order+"/") && name != today {
			days[name] = true
		}
	}
	return len(days)
}

func timeLeft(days int) string {
	switch {
	case days < 0:
		return fmt.Sprintf("已逾期%d个工作日", -days)
	case days == 0:
		return "今日到期"
	}
	return fmt.Sprintf("还有%d个工作日到期", days)
}
