package regulation

import (
	"errors"
	"strings"
	"testing"
)

var choices = Choices{Options: map[string]Grade{"108": 1, "109": 1, "207": 2, "510": 5}, Dimensions: Dimensions}

func webForm() RatingForm {
	return RatingForm{Channel: ChannelWeb, Target: TargetMatter, Grade: "1", Options: []string{"108"}, Reason: true}
}

func fieldsOf(err error) map[string]string {
	var refusal *Error
	if errors.As(err, &refusal) {
		return refusal.Fields
	}
	return nil
}

func TestRatingsAreCheckedByField(t *testing.T) {
	place := Place{Rated: Rated{Unit: police, Staff: "st1"}}
	for name, c := range map[string]struct {
		change      func(*RatingForm)
		field, code string
	}{
		"a sixth grade":                          {func(f *RatingForm) { f.Grade = "6" }, "grade", "one_of_five_grades"},
		"no grade":                               {func(f *RatingForm) { f.Grade = "" }, "grade", "one_of_five_grades"},
		"an option of another grade":             {func(f *RatingForm) { f.Options = []string{"510"} }, "options", "not_of_this_grade"},
		"a bad grade on a screen without a word": {func(f *RatingForm) { f.Options = nil }, "options", "option_or_sentence"},
		"delivery where none was used":           {func(f *RatingForm) { f.Dimensions = map[string]string{"delivery": "2"} }, "dimension_delivery", "no_delivery_used"},
		"a mark of nine":                         {func(f *RatingForm) { f.Dimensions = map[string]string{"attitude": "9"} }, "dimension_attitude", "one_of_five_grades"},
		"501 characters":                         {func(f *RatingForm) { f.Text = strings.Repeat("长", 501) }, "text", "too_long"},
		"a paper form without serial":            {func(f *RatingForm) { f.Channel, f.ScanDigest = ChannelPaper, "d" }, "form_serial", "required"},
		"a paper form without scan":              {func(f *RatingForm) { f.Channel, f.FormSerial = ChannelPaper, "7" }, "scan", "required"},
		"a time to come":                         {func(f *RatingForm) { f.GivenAt = at("2026-11-23 10:01") }, "given_at", "in_the_future"},
		"a call without id":                      {func(f *RatingForm) { f.Channel = ChannelHotline }, "call_id", "required"},
	} {
		t.Run(name, func(t *testing.T) {
			form := webForm()
			c.change(&form)
			clerk := Actor{Person: "clerk"}
			_, err := NewRating("r1", form, place, choices, clerk, at("2026-11-23 10:00"))
			if got := fieldsOf(err); got[c.field] != c.code {
				t.Errorf("fields are %v", got)
			}
		})
	}
}

func TestARatingBelongsToTheTimeAtWhichItWasGiven(t *testing.T) {
	form := webForm()
	form.GivenAt, form.Source = at("2026-10-31 23:59"), Source{ID: "device-1", Ref: "17"}
	r, err := NewRating("r1", form, Place{}, choices, Actor{}, at("2026-11-02 09:00"))
	if err != nil || !r.GivenAt.Equal(at("2026-10-31 23:59")) || !r.ReceivedAt.Equal(at("2026-11-02 09:00")) || r.Source != form.Source {
		t.Errorf("%+v %v", r, err)
	}
}

func TestNoTranscribedRatingIsRefusedForWantOfAReason(t *testing.T) {
	form := webForm()
	form.Options, form.Reason = nil, false
	form.Channel, form.CallID, form.Target = ChannelHotline, "call-1", TargetConsultation
	r, err := NewRating("r1", form, Place{}, choices, Actor{Person: "agent"}, at("2026-11-23 10:00"))
	if err != nil || r.CallID != "call-1" || !r.Grade.Bad() {
		t.Errorf("%+v %v", r, err)
	}
}

func TestTheRatedPersonNeverTranscribes(t *testing.T) {
	form := webForm()
	form.Channel, form.CallID = ChannelHotline, "call-1"
	place := Place{Rated: Rated{Staff: "st1"}}
	_, err := NewRating("r1", form, place, choices, Actor{Person: "agent", Staff: "st1"}, at("2026-11-23 10:00"))
	if fieldsOf(err)["channel"] != "transcriber_is_rated" {
		t.Errorf("%v", err)
	}
}

func TestOnlyTheLowerTwoGradesAreBad(t *testing.T) {
	for g := Grade(-1); g < 8; g++ {
		if g.Bad() != (g == 1 || g == 2) || g.Valid() != (g >= 1 && g <= 5) {
			t.Errorf("grade %d: bad %v, valid %v", g, g.Bad(), g.Valid())
		}
	}
}
