package regulation

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Channel is how a rating was given (clause 6).
type Channel string

const (
	ChannelWeb       Channel = "web"       // H5 page by a window's or a matter's code
	ChannelPaper     Channel = "paper"     // form from a suggestion box, transcribed
	ChannelHotline   Channel = "hotline"   // 12345, transcribed by the agent
	ChannelEvaluator Channel = "evaluator" // window evaluator
)

// TargetKind is what was rated: a matter, a complaint's outcome, or a consultation (R19).
type TargetKind string

const (
	TargetMatter       TargetKind = "matter"
	TargetComplaint    TargetKind = "complaint"
	TargetConsultation TargetKind = "consultation"
)

// TargetKinds lists them.
var TargetKinds = []TargetKind{TargetMatter, TargetComplaint, TargetConsultation}

// Dimensions are the six that clause 4 names; 快递 (delivery) only where delivery was used.
var Dimensions = []string{"efficiency", "attitude", "guide", "discipline", "environment", "delivery"}

// MaxTextLength is how many characters a citizen's free text may have.
const MaxTextLength = 500

// RatingForm is what a channel hands in, as typed: nothing is trusted yet.
type RatingForm struct {
	Channel    Channel
	Target     TargetKind
	Grade      string
	Options    []string
	Dimensions map[string]string
	Text       string
	Reason     bool // this channel asks a reason for a bad grade: the screens do, no other (R10)
	// CallID binds a 12345 rating to its call, FormSerial a paper one to its form (R07, R10).
	CallID     string
	FormSerial string
	ScanDigest string
	Source     Source
	// GivenAt is when the citizen rated, where that was before the record received it: the time that a
	// device which was cut off noted, the day on a form. Zero is now.
	GivenAt time.Time
}

// Source is through what a rating came in besides our own pages: a device with its message's number, a
// box with the opening at which the form lay in it, an upstream platform with its message's id. Both parts
// are ids that say nothing of the rater.
type Source struct {
	ID  string
	Ref string
}

// Place is where a code or a clerk says the rating belongs, as the store resolved it.
type Place struct {
	Area, Authority, Upper string
	Rated                  Rated
	ProjectNo              string // number of the matter (办件编号); never shown to the rated side
	MatterStatus           string
	DeliveryUsed           bool
	// Gaps are which of photo, name, post, position the profile lacks (R12: 未公示).
	Gaps []string
}

// Rating is an accepted rating: append-only from here on. Free text and the rater are elsewhere.
type Rating struct {
	ID         string
	Channel    Channel
	Target     TargetKind
	Grade      Grade
	Options    []string
	Dimensions map[string]Grade
	Place      Place
	CallID     string
	FormSerial string
	ScanDigest string
	Source     Source
	GivenAt    time.Time // to which month and day it belongs
	ReceivedAt time.Time // never before GivenAt; zero where that was not noted yet (before canonical version 2)
	By         string    // the transcriber; "" where the citizen rated
	HasText    bool
}

// Choices are the options and dimensions in force: the national options by code with their
// grade, and the dimensions, which an administrator may extend (R08).
type Choices struct {
	Options    map[string]Grade
	Dimensions []string
}

// NewRating checks a form against the rules of clauses 4, 5 and 6 and returns the rating to
// store. All that is wrong comes back in one *Error, by field. A reason is asked on screens
// only and is never a ground to refuse a transcribed rating (R10). at is when the form was received.
func NewRating(id string, f RatingForm, p Place, c Choices, by Actor, at time.Time) (Rating, error) {
	err := &Error{Code: Invalid, Clause: ClauseGrades, Missing: "fields"}
	r := Rating{ID: id, Channel: f.Channel, Target: f.Target, Place: p, CallID: f.CallID, FormSerial: f.FormSerial,
		ScanDigest: f.ScanDigest, Source: f.Source, GivenAt: at, ReceivedAt: at, By: by.Person, HasText: strings.TrimSpace(f.Text) != ""}
	grade, ok := ParseGrade(f.Grade)
	if !ok {
		err.Field("grade", "one_of_five_grades")
	}
	r.Grade = grade
	r.Options = checkOptions(f, grade, c, err)
	r.Dimensions = checkDimensions(f, p, c, err)
	checkText(f, err)
	switch {
	case f.GivenAt.After(at):
		err.Field("given_at", "in_the_future")
	case !f.GivenAt.IsZero():
		r.GivenAt = f.GivenAt
	}
	if f.Reason && grade.Bad() && len(r.Options) == 0 && !r.HasText {
		err.Field("options", "option_or_sentence")
	}
	checkTranscription(f, by, p, err)
	if err.Fields != nil {
		return Rating{}, err
	}
	return r, nil
}

func checkOptions(f RatingForm, grade Grade, c Choices, err *Error) []string {
	options := nonEmpty(f.Options)
	slices.Sort(options)
	options = slices.Compact(options)
	for _, code := range options {
		if g, known := c.Options[code]; !known || g != grade {
			err.Field("options", "not_of_this_grade")
		}
	}
	return options
}

func checkDimensions(f RatingForm, p Place, c Choices, err *Error) map[string]Grade {
	marks := map[string]Grade{}
	for name, value := range f.Dimensions {
		if strings.TrimSpace(value) == "" {
			continue
		}
		mark, ok := ParseGrade(strings.TrimSpace(value))
		switch {
		case !slices.Contains(c.Dimensions, name):
			err.Field("dimensions", "unknown_dimension")
		case !ok:
			err.Field("dimension_"+name, "one_of_five_grades")
		case name == "delivery" && !p.DeliveryUsed:
			err.Field("dimension_delivery", "no_delivery_used")
		default:
			marks[name] = mark
		}
	}
	return marks
}

func checkText(f RatingForm, err *Error) {
	switch {
	case !IsText(f.Text):
		err.Field("text", "not_text")
	case utf8.RuneCountInString(f.Text) > MaxTextLength:
		err.Field("text", "too_long")
	}
}

// checkAnswered holds what a caller answered to a machine: about the call itself, which it names, or by text message
// about a matter. No agent has a hand in it (R10).
func checkAnswered(f RatingForm, by Actor, err *Error) {
	switch {
	case by.Person != "":
		err.Field("channel", "not_on_this_channel")
	case f.Target == TargetMatter && f.Channel == ChannelSMS:
	case f.Target != TargetConsultation:
		err.Field("target", "not_on_this_channel")
	case f.CallID == "":
		err.Field("call_id", "required")
	}
}

// checkTranscription holds R10: staff only transcribe, a paper form with serial and scan or a
// call with its id, and never the rated person.
func checkTranscription(f RatingForm, by Actor, p Place, err *Error) {
	switch f.Channel {
	case ChannelPaper:
		if f.FormSerial == "" {
			err.Field("form_serial", "required")
		}
		if f.ScanDigest == "" {
			err.Field("scan", "required")
		}
	case ChannelHotline:
		if f.CallID == "" {
			err.Field("call_id", "required")
		}
	case ChannelSMS, ChannelIVR:
		checkAnswered(f, by, err)
		return
	case ChannelWeb, ChannelEvaluator, ChannelPortal, ChannelApp, ChannelTerminal, ChannelElsewhere:
		if f.Target != TargetMatter {
			err.Field("target", "not_on_this_channel")
		}
		return
	default:
		err.Field("channel", "not_an_option")
		return
	}
	if !slices.Contains(TargetKinds, f.Target) {
		err.Field("target", "not_an_option")
	}
	switch {
	case by.Person == "":
		err.Field("channel", "transcriber_required")
	case by.Staff != "" && by.Staff == p.Rated.Staff:
		err.Field("channel", "transcriber_is_rated")
	}
}
