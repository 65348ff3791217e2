package regulation

import (
	"strings"
	"time"

	"haochaping/workday"
)

// More ways by which a rating reaches the record through another system (6(3), 6(4)).
const (
	ChannelPortal    Channel = "portal"    // the provincial portal's own page
	ChannelApp       Channel = "app"       // the provincial app
	ChannelTerminal  Channel = "terminal"  // a terminal in a hall that the upstream runs
	ChannelSMS       Channel = "sms"       // an answer to a text message
	ChannelIVR       Channel = "ivr"       // a digit pressed at the end of a call
	ChannelElsewhere Channel = "elsewhere" // a form or a call that the upstream's own staff wrote down
)

// Channels are all that a rating may have come by.
var Channels = []Channel{ChannelWeb, ChannelPaper, ChannelHotline, ChannelEvaluator, ChannelPortal, ChannelApp, ChannelTerminal, ChannelSMS, ChannelIVR, ChannelElsewhere}

// Exchanged is one rating as another system sends it, in our words (the national exchange record). Who rated is
// in it only where they consented; otherwise the reader of the record dropped it.
type Exchanged struct {
	ID        string // the upstream's id of the message
	Area      string // division, 6, 9 or 12 digits
	Dept      string // unified social credit code
	Task      string // national code of the matter
	ProjectNo string
	Status    string // of the matter: waiting, in_progress, concluded; "" where it is not told
	Channel   Channel
	Grade     string
	Options   []string
	Text      string
	GivenAt   time.Time
	Second    bool // the follow-up after the first rating of the same matter
	Name      string
	Phone     string
	Identity  string
}

// Bounds of the time that another system notes: its clock may be a little ahead of ours, and nobody rates a
// service of more than a year ago.
const (
	clockAhead = time.Minute
	mostLate   = 366 * 24 * time.Hour
)

// Check holds what does not depend on our tree, by field. at is when the message was received; the time given is
// kept, and is at most that.
func (e *Exchanged) Check(at time.Time) error {
	err := &Error{Code: Invalid, Clause: ClauseWeb, Missing: "fields"}
	checkMessageID(e.ID, err)
	switch {
	case e.GivenAt.IsZero():
		err.Field("given_at", "not_a_time")
	case e.GivenAt.After(at.Add(clockAhead)):
		err.Field("given_at", "in_the_future")
	case e.GivenAt.Before(at.Add(-mostLate)):
		err.Field("given_at", "too_long_ago")
	case e.GivenAt.After(at):
		e.GivenAt = at
	}
	if e.ProjectNo == "" && e.Task == "" {
		err.Field("project_no", "required")
	}
	if len(e.ProjectNo) > maxCode || !IsText(e.ProjectNo) {
		err.Field("project_no", "too_long")
	}
	if e.Second && e.ProjectNo == "" {
		err.Field("number", "second_without_matter")
	}
	if e.Dept != "" && !ValidCreditCode(e.Dept) {
		err.Field("dept", "not_a_credit_code")
	}
	if e.Phone != "" && !ValidPhone(e.Phone) {
		err.Field("phone", "bad_phone")
	}
	if e.Identity != "" && !ValidIdentity(e.Identity) {
		err.Field("identity", "bad_identity")
	}
	return orNil(err)
}

// maxCode is how long a number or code of another system may be, as columns hold it.
const maxCode = 64

func checkMessageID(id string, err *Error) {
	switch {
	case id == "":
		err.Field("id", "required")
	case len(id) > maxCode || strings.ContainsFunc(id, func(r rune) bool { return r <= ' ' || r > '~' }):
		err.Field("id", "key_characters")
	}
}

func orNil(err *Error) error {
	if err.Fields == nil {
		return nil
	}
	return err
}

// Form is the rating form that the message stands for. No reason is asked of it (R10).
func (e Exchanged) Form(upstream string) RatingForm {
	return RatingForm{Channel: e.Channel, Target: TargetMatter, Grade: e.Grade, Options: e.Options, Text: e.Text,
		Source: Source{ID: upstream, Ref: e.ID}, GivenAt: e.GivenAt}
}

// Handled is a report of a handled matter as another system sends it, in our words.
type Handled struct {
	ID        string // the upstream's id of the message
	Number    string
	Area      string
	Dept      string
	Task      string
	Window    string // its number or id, "" for one handled on the web
	Status    string
	Accepted  string // 2006-01-02
	Concluded string
	Delivered bool
	Name      string // the applicant's; only a keyed digest of it is kept
	Phone     string // likewise
	At        time.Time
}

// Check holds what does not depend on our tree, by field. at is when the message was received.
func (h Handled) Check(at time.Time) error {
	err := &Error{Code: Invalid, Clause: ClauseWeb, Missing: "fields"}
	checkMessageID(h.ID, err)
	if h.Number == "" || len(h.Number) > maxCode || !IsText(h.Number) {
		err.Field("project_no", "required")
	}
	if h.Task == "" {
		err.Field("task", "required")
	}
	if h.At.IsZero() {
		err.Field("reported_at", "not_a_time")
	} else if h.At.After(at.Add(clockAhead)) {
		err.Field("reported_at", "in_the_future")
	}
	h.checkDates(err)
	return orNil(err)
}

func (h Handled) checkDates(err *Error) {
	accepted, concluded := isDate(h.Accepted), isDate(h.Concluded)
	switch {
	case h.Status != "waiting" && h.Status != "in_progress" && h.Status != "concluded":
		err.Field("status", "not_an_option")
	case (h.Status != "waiting") != accepted || h.Status == "waiting" && h.Accepted != "":
		err.Field("accepted", "does_not_fit_status")
	case (h.Status == "concluded") != concluded || h.Status != "concluded" && h.Concluded != "":
		err.Field("concluded", "does_not_fit_status")
	case concluded && h.Concluded < h.Accepted:
		err.Field("concluded", "before_accepted")
	}
}

func isDate(text string) bool {
	_, err := time.Parse(time.DateOnly, text)
	return err == nil
}

// SecondRating says whether the second rating of a matter, which the national record numbers 2, can be taken: it is
// the follow-up of the case that a bad first one opened, once that case is closed. bad and closed are of the first.
func SecondRating(bad, closed bool) *Error {
	switch {
	case !bad:
		return refuse(Conflict, ClauseWeb, "second_after_good")
	case !closed:
		return refuse(Conflict, ClauseWeb, "second_too_early")
	}
	return nil
}

// FollowUpOf are the values of the follow-up that a second rating stands for. The record has no field that says
// whether the problem is solved: a bad second rating says that it is not.
func (e Exchanged) FollowUpOf() Values {
	resolved := "yes"
	if grade, ok := ParseGrade(e.Grade); ok && grade.Bad() {
		resolved = "no"
	}
	values := Values{"grade": {e.Grade}, "resolved": {resolved}}
	if text := strings.TrimSpace(e.Text); text != "" {
		values["text"] = []string{text}
	}
	return values
}

// SilentSince is how much of today's service hours has passed since anything came from another system; zero
// outside service hours and on days without service (9(3)).
func (r Rules) SilentSince(last, now time.Time) time.Duration {
	today := workday.DateOf(now)
	opening := r.Hours.Opening(today)
	if !r.Calendar.IsWorkday(today) || now.Before(opening) || !now.Before(r.Hours.Close(today)) {
		return 0
	}
	if last.Before(opening) {
		last = opening
	}
	return max(now.Sub(last), 0)
}
