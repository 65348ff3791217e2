package web

import "time"

// HotlineView is the agent's page: the call of now, what the caller rates in it and how (6(4)). Agents only write it
// down. Posted fields: call, find, target_kind, object, ticket, grade, option, mark_<dimension>, text, language,
// contact_phone, contact_name, contact_language, contact_time, contact_consent, notice_read ("true"), notice_version.
type HotlineView struct {
	Page
	Form
	Call          *HotlineCall // nil while no call is there
	Searched      bool
	Found         []Option
	Grades        []GradeChoice
	Dimensions    []string
	NoticeVersion string
	Receipt       string // of the rating that was written down last in this call, to be read out
	Demo          bool   // a made-up call may come in
}

// HotlineCall is the call; nothing says who called.
type HotlineCall struct {
	ID         string
	BeganAt    time.Time
	EndedAt    time.Time
	NoticeRead bool
	Rated      int // how many ratings were written down in it
}

// Languages are those of callers, contact_language.<code>.
func (*HotlineView) Languages() []string { return []string{"zh", "bo"} }

func (*HotlineView) template() string { return "hotline" }
