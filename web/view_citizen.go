package web

import "time"

// StaffCard is what the regulation wants shown of a staff member, clause 6(1): portrait, name,
// post (岗位) and position (职务). What is empty reads 未公示.
type StaffCard struct {
	Name, Post, Position, Portrait string // Portrait is an address
}

// RatingOption is one of the national options of a grade. Text replaces option.<Code>, for
// options that an administrator added.
type RatingOption struct {
	Code string
	Text string
}

// GradeChoice is a grade with its options: First are shown at once, More after "more".
type GradeChoice struct {
	Grade       int // 1 to 5
	First, More []RatingOption
}

// Colleague is somebody else at the window, on a page of their own.
type Colleague struct{ Name, Href string }

// RateView is the page on which a citizen rates, by a window's or a matter's code. Posted
// fields: code, grade (1 to 5), option (repeated: the caller drops those of
// other grades, which a page without scripts sends too), mark_<dimension> ("" or 1 to 5),
// text, contact_phone, contact_name, contact_language, contact_time, contact_consent ("true"), notice_version, idempotency_key.
type RateView struct {
	Page
	citizens
	Form
	Code                       string
	Unit, Hall, Window, Matter string
	Staff                      StaffCard
	Others                     []Colleague // who else serves there, to be rated instead
	Grades                     []GradeChoice
	Dimensions                 []string // codes, shown as dimension.<code>
	NoticeVersion              string
	Status                     string // of the handled matter, rate.status.<Status>
	Replaced                   bool   // the code on the poster is an old one
}

func (*RateView) template() string { return "rate" }

// ThanksView shows the receipt once. Bad tells that a case was opened.
type ThanksView struct {
	Page
	citizens
	Receipt string
	Grade   int
	Bad     bool
	GivenAt time.Time
}

func (*ThanksView) template() string { return "thanks" }

// ReceiptView is the form in which a receipt is typed. Posted field: receipt.
type ReceiptView struct {
	Page
	citizens
	Form
}

func (*ReceiptView) template() string { return "receipt" }

// StatusStep is one step of a case in plain words, status.<Code>, with status.<Code>.text as
// its explanation. State is done, current or todo.
type StatusStep struct {
	Code  string
	State string
	At    time.Time // of a step that is done
	Until time.Time // of a step that has a date
}

// ReceiptStatusView is what the holder of a receipt sees of the case.
type ReceiptStatusView struct {
	Page
	citizens
	Grade   int
	GivenAt time.Time
	Subject string // unit and window or matter
	Steps   []StatusStep
	Interim string // the interim reply, or empty
	// InterimAt is when it was sent.
	InterimAt time.Time
	Reply     string // the released reply, or empty
	ReplyAt   time.Time
	Earlier   []EarlierReply // of before the order that stands now
	Letters   []DocumentLine // official letters to the citizen
	Consent   *ConsentForm
	Survey    *SurveyForm
	Kept      string // words of a form that came too late to be sent
	Notes     []StatusNote
	Objection *ObjectionForm
	FollowUp  *SurveyForm
	// ContactKept tells that the rater may have their contact erased; the form has no fields.
	ContactKept bool
	// Consents are what the rater agreed to. Posted fields of those that can be answered: scope, consent (yes, no).
	Consents []ConsentLine
	// Opened are the days on which the contact was opened.
	Opened []OpenedLine
	// Ledger is how the rating stands in the ledger.
	Ledger *LedgerStanding
	// Official is where calls come from and CodeWord what the clerk says; empty where nobody will call.
	Official, CodeWord string
	// Notices are the text messages to the rater, nil where there are none. Posted fields to /receipt/consents: scope (notices), consent.
	Notices *RaterNotices
	// Pressure is the report of pressure, nil while one is looked into. Posted field: text.
	Pressure *Form
}

// LedgerStanding is how a rating stands in the ledger: ledger.<State>.
type LedgerStanding struct {
	State   string // pending, taken, signed, broken
	Number  int64  // which leaf it is, from 1 on; 0 while it is pending
	At      time.Time
	Counted bool
	// Month and Version are of the first sealed figures in which it is, sealed SealedAt; zero before.
	Month    string
	Version  int64
	SealedAt time.Time
	Proof    string // where the proof is, "" while there is none
}

// Position is the same as proofs have it, from 0 on.
func (l LedgerStanding) Position() int64 { return l.Number - 1 }

// Standing tells whether the rating has a place in the ledger, as it was given.
func (l LedgerStanding) Standing() bool { return l.Number > 0 && l.State != "broken" }

// ConsentLine is one consent of a rater: consents.<Scope>, consents.answer.<Answer>.
type ConsentLine struct {
	Scope, Answer string
	At            time.Time
	Wording       string
	Answerable    bool
}

// RaterNotices are the text messages that a rater was sent. On: there will be more.
type RaterNotices struct {
	On   bool
	Sent []SentNotice
}

// SentNotice is one of them: news_kind.<kind> of each of Kinds.
type SentNotice struct {
	On     time.Time
	Kinds  []string
	Failed bool
}

// OpenedLine is a day on which a rater's contact was opened, and why: opened.<Purpose>.
type OpenedLine struct {
	Purpose string
	On      time.Time
}

// EarlierReply is a reply, or an interim one, of before the case was opened again.
type EarlierReply struct {
	Text    string
	At      time.Time
	Interim bool
}

// StatusNote tells of a procedure beside the main line; its title is status.<Code>.title. Answer is
// what was written to the citizen.
type StatusNote struct {
	Code, Text string
	At         time.Time
	Answer     string
	LegalBasis string    // of a referral to the credit record: Answer are its reasons then
	Until      time.Time // until when the rater may object, or zero
}

// ObjectionForm takes the rater's objection; To is to what: objection (a write-off) or
// credit_objection (a referral to the credit record), <To>.title of the catalogue. Posted field: objection.
// Until is zero while the rater is yet to be called: the days have not begun.
type ObjectionForm struct {
	Form
	To    string
	Until time.Time
}

func (*ReceiptStatusView) template() string { return "receipt-status" }

// ConsentForm asks whether a named handler may know the matter number (R30), or offers to
// take a consent back. Posted field: consent ("yes" or "no").
type ConsentForm struct {
	Form
	Unit  string
	Given bool // consent stands and can be withdrawn
}

// SurveyForm is the satisfaction survey. Posted fields: satisfaction (1 to 5), resolved ("yes"
// or "no"), pressed ("yes" or "no", R58), text.
type SurveyForm struct {
	Form
	Until time.Time
}

// Retention is one row of the privacy notice: privacy.what.<Code> and privacy.why.<Code>.
// Months 0 means for good.
type Retention struct {
	Code   string
	Months int
}

// PrivacyView is the notice of R59.
type PrivacyView struct {
	Page
	citizens
	Version   string
	Since     time.Time
	Official  string // the number that calls come from
	Retention []Retention
}

func (*PrivacyView) template() string { return "privacy" }

// HomeView is the public landing page. Posted field of its form: code.
type HomeView struct {
	Page
	citizens
	Form
	Demo bool
}

func (*HomeView) template() string { return "home" }

// Problem is a refusal or an error that explains itself (RFC 9457). Title and Detail replace
// problem.<Status> and problem.<Status>.text.
type Problem struct {
	Status        int
	Title, Detail string
	Clause        string // "7(2)", or empty
	Missing       []Message
	WhoMay        []string // role codes
	From          time.Time
	Until         time.Time // until when it was open
	Where         string    // address of what there is in its place
	Reference     string    // request id, for a question to the help desk
}

// ProblemView is the page of a problem, in the size and languages of citizens' pages.
type ProblemView struct {
	Page
	citizens
	Problem Problem
}

func (*ProblemView) template() string { return "problem" }
