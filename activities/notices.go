package activities

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"slices"
	"time"

	"haochaping/integration/notice"
	"haochaping/policies"
	"haochaping/regulation"
	"haochaping/store"
	"haochaping/web"
	"haochaping/workday"
)

// Notices tells people outside the product what lies before them. It reads what the record says and no case waits
// for it. It is worked under store.LeaseNotices, by one node at a time, and keeps nothing in memory that
// another would miss.
type Notices struct {
	Record  *store.Store
	Guard   *policies.Guard
	Senders map[string]notice.Send // by way
	Address string                 // where browsers reach the product
	// Official is the number that the office's calls come from: a notice to a rater names it.
	Official string
	Now      func() time.Time // the product's clock
	Log      *slog.Logger
}

const (
	// gathered is how long it is waited for more of the same moment, and apart how far notices to one person are.
	gathered = time.Minute
	apart    = 10 * time.Minute
	// noticesAtOnce are sent by a way before the lease is looked after.
	noticesAtOnce = 10
	// sending is how long a way may send within a turn, besides the notice under way, and LongestNotices how long
	// a turn may take with all ways, for the lease.
	sending        = 10 * time.Second
	LongestNotices = 2 * time.Minute
	// triedFor is how long a notice that its receiver does not take now is tried.
	triedFor = 24 * time.Hour
	// Between tries of a notice.
	firstWait   = 30 * time.Second
	longestWait = time.Hour
)

// Why a notice is dropped or parked, besides what its receiver said.
const (
	noAddress     = "no_address"
	doneMeanwhile = "done_meanwhile"
)

// errNothingLeft: all that a notice was to tell of is done.
var errNothingLeft = errors.New("nothing left to tell")

// Turn finds what there is to tell, bundles it, and sends what is due. Failures of a way are no errors: the record
// has them.
func (n Notices) Turn(ctx context.Context, token int64) error {
	ways := n.Ways()
	people, err := n.Record.People(ctx)
	if err != nil {
		return err
	}
	all, err := n.Record.Notified(ctx, ways)
	if err != nil {
		return err
	}
	for _, to := range all {
		if err := n.follow(ctx, token, people, to); err != nil {
			return err
		}
		if err := n.bundle(ctx, token, people, to); err != nil {
			return err
		}
	}
	if slices.Contains(ways, store.WaySMS) {
		if err := n.tellRaters(ctx, token); err != nil {
			return err
		}
	}
	for _, way := range ways {
		if err := n.send(ctx, token, people, way); err != nil {
			return err
		}
	}
	return n.Record.WatchNotices(ctx)
}

// Ways are those by which people can be told, in the order of pages.
func (n Notices) Ways() []string {
	return slices.DeleteFunc(slices.Clone(store.Ways), func(way string) bool { return n.Senders[way] == nil })
}

// follow notes what a person is to be told and was not told yet.
func (n Notices) follow(ctx context.Context, token int64, people *store.People, to store.Notified) error {
	now := n.Now()
	actor, err := people.Actor(to.Person, now)
	if refused := (*regulation.Error)(nil); errors.As(err, &refused) {
		return nil // nobody who could do anything
	}
	if err != nil {
		return err
	}
	calendar, err := n.calendar(ctx, actor)
	if err != nil {
		return err
	}
	items, err := n.news(ctx, actor, to, calendar.Add(workday.DateOf(now), 1).Date.AddDays(1).Start())
	if err != nil {
		return err
	}
	items = slices.DeleteFunc(items, func(i store.NoticeItem) bool { return !slices.Contains(to.Choices.Wants[to.Way], i.Kind) })
	return n.Record.NoteNews(ctx, token, to.Person, to.Way, items)
}

// calendar is that of an actor's area.
func (n Notices) calendar(ctx context.Context, actor regulation.Actor) (workday.Calendar, error) {
	area := regulation.PrefectureArea
	if len(actor.Assignments) > 0 {
		area = actor.Assignments[0].Area
	}
	return n.Record.Calendar(ctx, area)
}

func (n Notices) news(ctx context.Context, actor regulation.Actor, to store.Notified, dueUntil time.Time) ([]store.NoticeItem, error) {
	items, err := n.Record.NewsFor(ctx, actor, to.Way, to.Since, dueUntil)
	if err != nil {
		return nil, err
	}
	for permission, list := range map[string]string{policies.ViewEscalations: "upper", policies.ViewDiscipline: "discipline"} {
		if !n.Guard.May(actor, permission) {
			continue
		}
		more, err := n.Record.NewsOfEscalations(ctx, to.Person, to.Way, n.Guard.Scope(actor, permission), list, to.Since)
		if err != nil {
			return nil, err
		}
		items = append(items, more...)
	}
	if !n.Guard.May(actor, policies.ViewAlarms) {
		return items, nil
	}
	alarms, err := n.Record.NewsOfAlarms(ctx, to.Person, to.Way, n.Guard.Scope(actor, policies.ViewAlarms), to.Since)
	return append(items, alarms...), err
}

// bundle makes one notice of what waits for a person, not more than one in ten minutes and none while it is quiet
// for them; what is urgent does not wait for that where they said so.
func (n Notices) bundle(ctx context.Context, token int64, people *store.People, to store.Notified) error {
	u, err := n.Record.Unbundled(ctx, to.Person, to.Way)
	now := n.Now()
	if err != nil || u.Oldest.IsZero() || now.Before(u.Oldest.Add(gathered)) || now.Before(u.Last.Add(apart)) {
		return err
	}
	actor, err := people.Actor(to.Person, now)
	if refused := (*regulation.Error)(nil); errors.As(err, &refused) {
		return nil
	}
	if err != nil {
		return err
	}
	calendar, err := n.calendar(ctx, actor)
	if err != nil {
		return err
	}
	kinds := regulation.ToldKinds
	if to.Choices.Quiet.Next(now, calendar).After(now) {
		if !to.Choices.Quiet.Urgent {
			return nil
		}
		kinds = regulation.UrgentKinds
	}
	return n.Record.Bundle(ctx, token, to.Person, to.Way, kinds)
}

// send sends what is due by a way, for some seconds. Once the way itself fails, the rest waits for the next turn.
func (n Notices) send(ctx context.Context, token int64, people *store.People, way string) error {
	end := time.Now().Add(sending)
	for time.Now().Before(end) {
		taken, err := n.Record.TakeNotices(ctx, token, way, noticesAtOnce)
		if err != nil || len(taken) == 0 {
			return err
		}
		down, err := n.sendSome(ctx, token, people, taken, end)
		if err != nil || down != nil {
			return err
		}
	}
	return nil
}

// sendSome sends what was taken until an instant; down is a failure of the way.
func (n Notices) sendSome(ctx context.Context, token int64, people *store.People, taken []store.NoticeDelivery, end time.Time) (down *notice.Failure, err error) {
	for _, d := range taken {
		tried := store.NoticeTried{ID: d.ID, State: store.DeliveryWaiting, Code: d.Code, Attempts: d.Attempts, Next: n.Now().Add(firstWait)}
		if down == nil && time.Now().Before(end) {
			if tried, down, err = n.try(ctx, people, d); err != nil {
				return nil, err
			}
		}
		if err := n.Record.SettleNotice(ctx, token, tried); err != nil {
			return nil, err
		}
	}
	return down, nil
}

// try sends one notice, and says what became of it; down is a failure of the way, which others would share.
func (n Notices) try(ctx context.Context, people *store.People, d store.NoticeDelivery) (tried store.NoticeTried, down *notice.Failure, err error) {
	tried = store.NoticeTried{ID: d.ID, Attempts: d.Attempts}
	out, err := n.written(ctx, people, d)
	if err != nil {
		tried, err = n.unwritten(tried, err)
		return tried, nil, err
	}
	err = n.Senders[d.Way](ctx, out)
	f := notice.FailureOf(err)
	switch {
	case err == nil:
		tried.State = store.DeliverySent
		return tried, nil, nil
	case f == nil:
		return tried, nil, err // stopped: it stays under way, and is sent again under its id
	case f.Permanent():
		tried.State, tried.Code = givenUp(d), f.Code
		return tried, nil, nil
	}
	n.Log.Warn("a notice was not sent", "way", d.Way, "code", f.Code, "reply", f.Reply)
	tried.State, tried.Code, tried.Attempts = store.DeliveryWaiting, f.Code, d.Attempts+1
	tried.Next = n.Now().Add(max(backoff(d.Attempts), f.RetryAfter))
	if f.OfTheWay() {
		return tried, f, nil
	}
	if n.Now().Sub(d.At) > triedFor {
		tried.State, tried.Code = givenUp(d), store.NoticeTooLong
	}
	return tried, nil, nil
}

// unwritten is what becomes of a notice that has nobody to go to, nothing to tell, or no consent any more.
func (n Notices) unwritten(tried store.NoticeTried, err error) (store.NoticeTried, error) {
	refused := (*regulation.Error)(nil)
	switch isRefused := errors.As(err, &refused); {
	case errors.Is(err, errNothingLeft):
		tried.State, tried.Code = store.DeliveryDropped, doneMeanwhile
	case isRefused && refused.Code == regulation.NotFound:
		tried.State, tried.Code = store.DeliveryDropped, noAddress
	case isRefused && refused.Code == regulation.NotNow:
		tried.State, tried.Code = store.DeliveryDropped, refused.Missing
	case isRefused && refused.Code == regulation.Unavailable:
		tried.State, tried.Code, tried.Next = store.DeliveryWaiting, refused.Missing, n.Now().Add(aside)
	default:
		return tried, err
	}
	return tried, nil
}

// backoff is how long to wait after so many failed tries: doubled each time, a quarter more or less.
func backoff(tries int) time.Duration {
	wait := min(firstWait<<min(tries, 10), longestWait)
	return wait*3/4 + rand.N(wait/2)
}

// written is a notice as it goes out, in the person's language, without the steps that were done since it was bundled.
// errNothingLeft where nothing else was in it.
func (n Notices) written(ctx context.Context, people *store.People, d store.NoticeDelivery) (notice.Notice, error) {
	if d.Case != "" {
		return n.writtenToRater(ctx, d)
	}
	out := notice.Notice{ID: d.ID, At: d.At}
	to, code, err := n.Record.NoticeTo(ctx, d)
	if err != nil {
		return out, err
	}
	choices, err := n.Record.NoticeChoices(ctx, d.Person)
	if err != nil {
		return out, err
	}
	lang, known := web.ParseLang(choices.Language)
	if !known {
		lang = web.Chinese
	}
	out.To, out.Language = to, choices.Language
	if d.IsCode {
		out.Subject, out.Text = web.TellingCode(lang, code)
		return out, nil
	}
	items, err := n.standing(ctx, people, d)
	if err != nil {
		return out, err
	}
	var told []web.Told
	for _, i := range items {
		told = append(told, web.Told{Kind: i.Kind, Number: i.Number, What: i.What, Until: i.Until, Link: n.Address + i.Link})
		out.Items = append(out.Items, notice.Item{Kind: i.Kind, Number: i.Number, What: i.What, Until: i.Until, Link: n.Address + i.Link})
	}
	out.Subject, out.Text = web.Telling(lang, told, n.Address+"/inbox", d.Way == store.WaySMS)
	return out, nil
}

// standing is what of a notice there still is to tell: a step that was done, taken by somebody else or given another
// time since is not. Whoever can do nothing any more is told of no step.
func (n Notices) standing(ctx context.Context, people *store.People, d store.NoticeDelivery) ([]store.NoticeItem, error) {
	items, err := n.Record.NoticeItems(ctx, d.ID)
	if err != nil {
		return nil, err
	}
	actor, err := people.Actor(d.Person, n.Now())
	if refused := (*regulation.Error)(nil); err != nil && !errors.As(err, &refused) {
		return nil, err
	}
	if items, err = n.Record.StandingItems(ctx, actor, items); err == nil && len(items) == 0 {
		err = errNothingLeft
	}
	return items, err
}
