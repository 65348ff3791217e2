package activities

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"time"

	"haochaping/integration/platform"
	"haochaping/store"
)

// Exchange sends one upstream every rating and every outcome of a case (9(3), R55): it follows the ledger,
// and so knows of all that is in the record and of nothing else. It is worked under
// store.LeaseExchange(name), by one node at a time, and keeps nothing in memory that another would miss.
type Exchange struct {
	Record *store.Store
	Client *platform.Client
	Now    func() time.Time // the product's clock
	Log    *slog.Logger
}

// turn is how long a turn lasts at most, besides the requests under way: then the lease is looked after.
const turn = 2 * time.Second

// Longest is how long a turn may last with its last request, for the lease.
func (e Exchange) Longest() time.Duration { return turn + 3*time.Duration(e.Client.Timeout) }

// Turn follows the ledger and sends until nothing waits, the upstream fails, or the turn's time is over. New
// ratings go out as they are read, also while others wait; what waits goes as soon as it fills a request, or the
// ledger has no more. Failures of the upstream are no errors: the record has them.
func (e Exchange) Turn(ctx context.Context, token int64) error {
	end := time.Now().Add(turn)
	most := e.Client.Batch
	waiting := most // as many as that may, until somebody has looked
	for time.Now().Before(end) {
		f, err := e.Record.FollowLedger(ctx, store.Following{Upstream: e.Client.Name, Token: token, From: e.from(), Own: e.Client.OwnSources, Take: most}, most)
		if err == nil {
			_, err = e.deliver(ctx, token, f.Taken)
		}
		if err != nil {
			return err
		}
		if waiting += f.Waiting; f.Read == most && waiting < most {
			continue
		}
		waiting = 0
		more, err := e.send(ctx, token)
		switch {
		case err != nil:
			return err
		case more:
			waiting = most
		case f.Read < most:
			return nil
		}
	}
	return nil
}

func (e Exchange) from() time.Time {
	if e.Client.From.IsZero() {
		return time.Time{}
	}
	return e.Client.From.Start()
}

// send sends one batch of what waits and tells whether there may be more at once.
func (e Exchange) send(ctx context.Context, token int64) (more bool, err error) {
	taken, err := e.Record.TakeDeliveries(ctx, e.Client.Name, token, e.Client.Batch)
	if err != nil {
		return false, err
	}
	return e.deliver(ctx, token, taken)
}

// deliver sends what was taken and tells whether the upstream may be sent more at once.
func (e Exchange) deliver(ctx context.Context, token int64, taken store.Taken) (more bool, err error) {
	if len(taken.Deliveries) == 0 {
		return false, nil
	}
	b := batch{e: e, taken: taken, tries: store.Tries{Size: min(2*taken.Size, e.Client.Batch)}}
	if err := b.try(ctx); err != nil {
		return false, err // all of it stays under way
	}
	if b.tries.Code != "" {
		e.Log.Warn("the exchange failed", "upstream", e.Client.Name, "code", b.tries.Code, "failures", b.tries.Failures, "error", b.cause)
	}
	return b.tries.Next.IsZero(), e.Record.SettleDeliveries(ctx, e.Client.Name, token, b.tries)
}

// batch is one request on its way, and what becomes of it.
type batch struct {
	e     Exchange
	taken store.Taken
	tries store.Tries
	cause error // of the failure, for the log
}

// try sends what was taken, after asking for what may have arrived. The error is the record's or the
// context's.
func (b *batch) try(ctx context.Context) error {
	deliveries := b.taken.Deliveries
	if b.taken.Unclear && !*b.e.Client.Idempotent {
		held, err := b.e.Client.Ask(ctx, ids(deliveries))
		if err != nil {
			return b.askedInVain(err)
		}
		deliveries = b.without(held)
	}
	records, sendable, err := b.worded(ctx, deliveries)
	if err != nil || len(sendable) == 0 {
		return err
	}
	answers, err := b.e.Client.Send(ctx, ids(sendable), records)
	if err != nil {
		return b.failed(err, sendable)
	}
	b.settle(sendable, answers)
	return nil
}

func ids(deliveries []store.Delivery) []string {
	all := make([]string, 0, len(deliveries))
	for _, d := range deliveries {
		all = append(all, d.ID)
	}
	return all
}

// without marks what the upstream holds as sent and returns the rest.
func (b *batch) without(held map[string]bool) (rest []store.Delivery) {
	for _, d := range b.taken.Deliveries {
		if held[d.ID] {
			b.became(store.Tried{ID: d.ID, State: store.DeliverySent})
			continue
		}
		rest = append(rest, d)
	}
	return rest
}

func (b *batch) became(t store.Tried) { b.tries.Messages = append(b.tries.Messages, t) }

// worded words the records; what cannot be worded is parked.
func (b *batch) worded(ctx context.Context, deliveries []store.Delivery) (records []map[string]string, sendable []store.Delivery, err error) {
	contents, err := b.e.Record.Contents(ctx, deliveries, b.e.Client.Words)
	if err != nil {
		return nil, nil, err
	}
	for _, content := range contents {
		record, err := b.e.Client.Record(messageOf(content))
		if err != nil {
			b.became(store.Tried{ID: content.ID, State: store.DeliveryParked, Code: err.Error()})
			continue
		}
		records, sendable = append(records, record), append(sendable, content.Delivery)
	}
	return records, sendable, nil
}

func messageOf(c store.Exchanged) platform.Message {
	return platform.Message{ID: c.ID, Version: c.Seq, Rating: c.Given, Text: c.Text, Number: c.Number, Outcome: c.Outcome,
		AreaCode: c.Area.Division, AreaName: c.Area.NameZH, UnitCode: c.Unit.CreditCode, UnitName: c.Unit.NameZH,
		TaskCode: c.Matter.TaskCode, TaskName: c.Matter.NameZH, PromisedDays: c.Matter.PromisedDays, Accepted: c.Project.AcceptedDate, Staff: c.Staff}
}

// settle notes the upstream's word on each record. What it does not speak of may have arrived.
func (b *batch) settle(sendable []store.Delivery, answers map[string]platform.Answer) {
	var silent []store.Delivery
	for _, d := range sendable {
		answer, spoken := answers[d.ID]
		switch {
		case !spoken:
			silent = append(silent, d)
		case answer.Result == platform.Refused:
			b.became(store.Tried{ID: d.ID, State: store.DeliveryParked, Code: withCode("refused", answer.Code)})
		case answer.Result == platform.Later:
			b.blame(d, store.DeliveryWaiting, withCode("later", answer.Code))
		default:
			b.became(store.Tried{ID: d.ID, State: store.DeliverySent})
		}
	}
	if len(silent) == len(sendable) {
		b.fail(platform.Unreadable, b.backoff(b.taken.Failures+1))
	}
	for _, d := range silent {
		b.blame(d, store.DeliverySending, platform.Unanswered)
	}
}

// withCode is our word with the upstream's own code.
func withCode(word, code string) string {
	if code == "" {
		return word
	}
	return word + " " + code
}

// askedInVain notes that the upstream did not say what it holds: all of it may have arrived, as before.
func (b *batch) askedInVain(err error) error {
	var f *platform.Failure
	if !errors.As(err, &f) {
		return err
	}
	b.cause = errors.Unwrap(f)
	b.keep(b.taken.Deliveries, store.DeliverySending, f.Code)
	b.fail(f.Code, b.later(f))
	return nil
}

// failed notes that the whole request failed; an error that is no failure of the upstream's goes on.
func (b *batch) failed(err error, deliveries []store.Delivery) error {
	var f *platform.Failure
	if !errors.As(err, &f) {
		return err
	}
	b.cause = errors.Unwrap(f)
	state := store.DeliveryWaiting
	if f.MayHaveArrived() || b.taken.Unclear {
		state = store.DeliverySending
	}
	switch {
	case !f.OfTheBatch():
		b.keep(deliveries, state, f.Code)
		b.fail(f.Code, b.later(f))
	case len(deliveries) > 1:
		// Something in it may be what the upstream stumbles over: fewer, and at once.
		b.keep(deliveries, state, f.Code)
		b.fail(f.Code, time.Time{})
		b.tries.Failures = b.taken.Failures
	case f.Code != platform.Broken && b.passedOver(deliveries[0]):
		// It alone is not taken: nobody else has to wait for it.
		b.became(store.Tried{ID: deliveries[0].ID, State: store.DeliveryParked, Code: f.Code})
		return nil
	default:
		b.fail(f.Code, b.later(f))
		b.blame(deliveries[0], state, f.Code)
	}
	b.tries.Size = max(1, len(deliveries)/2)
	return nil
}

func (b *batch) fail(code string, next time.Time) {
	b.tries.Code, b.tries.Failures, b.tries.Next = code, b.taken.Failures+1, next
}

// later is until when the upstream is left in peace.
func (b *batch) later(f *platform.Failure) time.Time {
	if f.RetryAfter > 0 {
		return b.e.Now().Add(f.RetryAfter)
	}
	return b.backoff(b.taken.Failures + 1)
}

// keep leaves messages to be tried again with the upstream, without blame.
func (b *batch) keep(deliveries []store.Delivery, state, code string) {
	for _, d := range deliveries {
		b.became(store.Tried{ID: d.ID, State: state, Code: code, Attempts: d.Attempts})
	}
}

// passedOver tells whether the upstream has taken others since, or when, it was tried before: then the fault is the
// message's. An outage is no message's fault.
func (b *batch) passedOver(d store.Delivery) bool {
	return !d.Tried.IsZero() && !b.taken.Succeeded.Before(d.Tried)
}

// blame has one message tried later than others, and parks it after too many tries that it is to blame for.
func (b *batch) blame(d store.Delivery, state, code string) {
	if b.passedOver(d) {
		d.Attempts++
	}
	if d.Attempts >= b.e.Client.GiveUpAfter {
		b.became(store.Tried{ID: d.ID, State: store.DeliveryParked, Code: code, Attempts: d.Attempts})
		return
	}
	next := b.backoff(d.Attempts + 1)
	if !b.tries.Next.IsZero() {
		next = b.tries.Next.Add(next.Sub(b.e.Now())) // whoever comes first after a failure is another
	}
	b.became(store.Tried{ID: d.ID, State: state, Code: code, Attempts: d.Attempts, Next: next})
}

// backoff is when to try again after so many failures: twice as long each time, give or take a quarter so
// that nodes and messages do not come all at once.
func (b *batch) backoff(failures int) time.Time {
	first, most := time.Duration(b.e.Client.RetryFirst), time.Duration(b.e.Client.RetryMost)
	wait := most
	if shift := min(failures, 30) - 1; first<<shift>>shift == first {
		wait = min(most, first<<shift)
	}
	return b.e.Now().Add(wait*3/4 + rand.N(wait/2+1))
}
