package regulation

import (
	"slices"
	"testing"
)

// news are what the log of a desk tells the rater, in order.
func (d *desk) news() (all []string) {
	for _, e := range d.log {
		if kind := NewsOf(e); kind != "" {
			all = append(all, kind)
		}
	}
	return all
}

func TestRaterIsToldOfReceiptReplyAndClosingOnly(t *testing.T) {
	d := setup(t)
	d.do("sam", ActAccept)
	d.do("clara", ActRecordCallback, reachedCall...)
	d.do("vera", ActRecordFinding, finding(Findings[1])...)
	if got := d.news(); !slices.Equal(got, []string{NewsReceived}) {
		t.Errorf("before the reply: %v", got)
	}
	d.do("sam", ActReleaseReply, "reply", "the fee is set by law; we explain it")
	d.until("2026-12-01 09:00")
	d.do("clara", ActClosingCallback, closingCall...)
	d.do("viktor", ActRecheck, "result", "passed")
	d.do("sam", ActClose, "matter_status", "concluded")
	if got := d.news(); !slices.Equal(got, []string{NewsReceived, NewsReply, NewsClosed}) {
		t.Errorf("%v", got)
	}
}

func TestRaterIsToldWhenDaysToObjectBegin(t *testing.T) {
	for _, act := range []ActKind{ActObjectWriteOff, ActObjectCredit} {
		e := Event{Kind: EventAct, Name: string(ActTellRater), Waits: []Waiting{{Act: act}}}
		if got := NewsOf(e); got != NewsRight {
			t.Errorf("%s: %q", act, got)
		}
		// The same wait, moved by a calendar or by its time's end, is no news.
		for _, kind := range []EventKind{EventRearmed, EventDeadline, EventPeople} {
			e.Kind = kind
			if got := NewsOf(e); got != "" {
				t.Errorf("%s of %s: %q", kind, act, got)
			}
		}
	}
}

func TestTextMessagesGoWithTheConsentToBeReachedUntilTheyAreStopped(t *testing.T) {
	answer := func(scope ConsentScope, answer string) ConsentRecord {
		return ConsentRecord{Scope: scope, Answer: answer}
	}
	contact, stopped := answer(ConsentContact, ConsentGiven), answer(ConsentNotices, ConsentWithdrawn)
	for name, c := range map[string]struct {
		records []ConsentRecord
		may     bool
	}{
		"nobody asked": {nil, false}, "agreed": {[]ConsentRecord{contact}, true}, "stopped": {[]ConsentRecord{contact, stopped}, false},
		"again": {[]ConsentRecord{contact, stopped, answer(ConsentNotices, ConsentGiven)}, true}, "for the platform": {[]ConsentRecord{answer(ConsentPlatform, ConsentGiven)}, false},
		"erased":              {[]ConsentRecord{contact, answer(ConsentContact, ConsentWithdrawn)}, false},
		"erased, not stopped": {[]ConsentRecord{contact, answer(ConsentNotices, ConsentGiven), answer(ConsentContact, ConsentWithdrawn)}, false},
	} {
		if err := MayTell(c.records, ConsentNotices); (err == nil) != c.may {
			t.Errorf("%s: %v", name, err)
		}
	}
}
