package web

import "time"

// SignInView is the staff's sign-in. Posted fields: login, password, next.
type SignInView struct {
	Page
	Form
	Next string
	Demo bool // offers the demo sign-ins
}

func (*SignInView) template() string { return "sign-in" }

// DemoPerson is one demo sign-in. Posted field: login.
type DemoPerson struct {
	Login, Name, Role, Unit, Portrait string // Role is a code
}

// DemoGroup is the demo sign-ins of one level (level.<Level>) and place.
type DemoGroup struct {
	Level, Place string
	People       []DemoPerson
}

// DemoSignInsView lists the demo sign-ins.
type DemoSignInsView struct {
	Page
	Form
	Groups []DemoGroup
}

func (*DemoSignInsView) template() string { return "demo-sign-ins" }

// Due is an instant by which something is due, with the working days that are left: negative
// when it is overdue. A provisional date lies in a year whose holidays are not yet announced.
type Due struct {
	At          time.Time
	Left        int
	Overdue     bool
	Provisional bool
}

// Set tells whether there is a due date at all.
func (d Due) Set() bool { return !d.At.IsZero() }

// Tone is ok, soon (at most two working days), today or overdue.
func (d Due) Tone() string {
	switch {
	case d.Overdue || d.Left < 0:
		return "overdue"
	case d.Left == 0:
		return "today"
	case d.Left <= 2:
		return "soon"
	}
	return "ok"
}

// Days is how many working days are left, or by how many it is overdue.
func (d Due) Days() int { return max(d.Left, -d.Left) }

// InboxFilter is the inbox's filter as typed, read from the address: act, area, grade,
// overdue ("true"), number, sort (due, opened), tab.
type InboxFilter struct {
	Action                              string // the address of the list
	Act, Area, Grade, Number, Sort, Tab string
	Overdue                             bool
}

// Active tells whether the filter leaves anything out.
func (f InboxFilter) Active() bool {
	return f.Act != "" || f.Area != "" || f.Grade != "" || f.Number != "" || f.Overdue
}

// Hold is who has a task and since when; an empty Claim or Release offers no such button. Holder is
// "" where the reader may not know the name.
type Hold struct {
	Holder         string
	Since          time.Time
	Mine           bool
	Claim, Release string // addresses
	IdempotencyKey string
}

// Claim is a colleague's claim, which keeps the reader from the act. Posted field of the form that
// takes over: since. Typed tells that the act's own form is shown below, with what was typed.
type Claim struct {
	Holder         string
	Since          time.Time
	TakeOver       string // address, or "" where the reader may not
	SinceField     string
	IdempotencyKey string
	Typed          bool
}

// InboxRow is one task. Act is the next act's code, shown as act.<code>.
type InboxRow struct {
	Href, Number string
	Act, Phase   string
	Unit, Area   string
	Grade        int
	Opened       time.Time
	Due          Due
	Hold
	Escalated bool
	For       string // in whose place the reader would do it, worded; "" under their own post
}

// InboxView is the staff's list of tasks.
type InboxView struct {
	Page
	Tabs        []Tab // inbox.tab.<code>
	Filter      InboxFilter
	Acts, Areas []Option
	Rows        []InboxRow
	Inspections []Inspection
	Openings    int // that wait for the reader to confirm them
	Pager
}

// Inspection is one of the watch list that the reader has to see to, watch.kind.<Kind>.
type Inspection struct {
	Kind, Name, Unit, Href string
	Due                    Due
}

func (*InboxView) template() string { return "inbox" }

// Stage is one phase of the stage bar, phase.<Code>. State is done, current or todo.
type Stage struct {
	Code, State string
}

// ActForm is an act that is open to the reader: act.<Kind>, explained by act.<Kind>.help.
// Danger marks an act that ends or turns away.
type ActForm struct {
	Form
	Kind   string
	Clause string
	Due    Due
	Fields []Field
	Note   *Message // why it is to be done once more
	For    string   // in whose place the reader would act, worded
	Open   bool     // unfolded
	Danger bool
	// Claimed stands in the place of the form while a colleague has the task.
	Claimed *Claim
}

// ClosedAct is an act that is not open to the reader now, with the reason.
type ClosedAct struct {
	Kind    string
	Clause  string
	Missing []Message
	WhoMay  []string // role codes
	From    time.Time
	Until   time.Time
}

// Seat is a role (a code, or "") at a place; the citizen has no place.
type Seat struct{ Role, Place string }

// Wait is what a case waits for besides the reader: a step, before whom it lies, since when and by
// when. Act is "" where the reader does not learn which step; Raised is case.raised.<code>.
type Wait struct {
	Act    string
	Clause string
	Before []Seat
	Since  time.Time
	Due    Due
	Raised string
}

// Fact is one line of a facts card: fact.<Code>. The value is Text or a message. A masked
// value says so.
type Fact struct {
	Code   string
	Text   string
	Key    string
	Args   []any
	Masked bool
}

// Deadline is one running or finished deadline, deadline.<Kind>.
type Deadline struct {
	Kind   string
	Clause string
	Due    Due
	DoneAt time.Time
	Late   bool
}

// EvidenceFile is one item of a case's evidence: a file, or words alone, whose Href is "". Name says
// what it is; Kind is shown as choice.kind.<Kind>, "" where the name says
// it. By is a person's name where the reader may see it.
type EvidenceFile struct {
	Name, Href, Kind string
	Bytes            int64
	Digest           string // hexadecimal; its beginning is shown
	Seq              int64  // of the event that has it
	At               time.Time
	Role, By, Unit   string
}

// Event is one entry of the timeline, event.<Kind>. Tone is ok, info, warn or bad; an
// escalation says why in Text.
type Event struct {
	Kind   string
	Clause string
	At     time.Time
	Role   string // code
	Name   string // where the reader may see it
	Unit   string
	Tone   string
	Text   string // what a person wrote, where the reader may see it
	Facts  []Fact
	Files  []EvidenceFile
	For    string // in whose place, worded
	Due    Due    // the deadline that the event set, if any
	DueFor string // its kind
}

// CaseView is a case as one reader may see it.
type CaseView struct {
	Page
	Number, Phase string
	Grade         int
	Finding       string // code, shown as choice.finding.<code>
	Hold
	Escalated bool
	Refusal   *Problem // of the act just tried
	// DialWaits tells that the reader has to call and a supervisor assigns it first; DialUntil is until when Dial
	// may be used.
	DialWaits  bool
	DialUntil  time.Time
	Dialler    *Dialler // whom the reader may let make the call that is due, or nil
	Dial       string   // where a clerk who has to call now reads the contact; empty offers no such button
	Print      string   // the case to print
	Reveal     string   // where to ask for the rater's contact; empty offers no such link
	Acts       []ActForm
	Slider     *Slider   // over the case as it stood; nil for units
	Optional   []ActForm // beside the main line: what the reader may begin
	Closed     []ClosedAct
	Waits      []Wait
	ClosedAt   time.Time
	Stages     []Stage
	Facts      []Fact
	Deadlines  []Deadline
	Consent    string // consent_state.<code>: not_asked, asked, yes, no, unreachable, not_possible, withdrawn
	Notice     string // notice_state.<code>: not_served, served
	NoticeAt   time.Time
	Evidence   []EvidenceFile
	Timeline   []Event
	Archives   []ArchiveLink
	Procedures []Procedure // beside the main line
	Clocks     []ClockLine // rounds of clause 7(3)
	NoticeHref string      // the notice that was served on the reader
	Reopened   int
	WrittenOff bool     // the rating counts no more
	Probes     []Option // into signs of cheating, by address and name
	Joint      *Option  // the joint rectification that it belongs to, by address and cause
	// Documents are those issued; Issue are the kinds that the reader may issue now, NoDocument those
	// not now, with the reason.
	Documents  []DocumentLine
	Issue      []IssueForm
	Reissue    []IssueForm
	NoDocument []ClosedAct
}

// ArchiveLink is an archive package of a closed case; Href is "" once retention deleted it.
type ArchiveLink struct {
	Version         int
	MadeAt, Deleted time.Time
	Bytes           int64
	Digest          string
	Href            string
}

func (*CaseView) template() string { return "case" }

// ClockLine is one round of the days of clause 7(3), with whom its working days lay.
type ClockLine struct {
	Round                   int
	From, Due               time.Time
	Unit, Authority, Paused int
	Pauses                  []ClockPause
}

// ClockPause is a stretch in which they stood still; To is zero while it lasts.
type ClockPause struct {
	From, To           time.Time
	Left               int
	Reason, Clause, By string
}

// NoticeRow is one redacted notice in the list.
type NoticeRow struct {
	Href, Number string
	Grade        int
	Period       Message // coarse: a month or a week, never an instant
	ServedAt     time.Time
	AppealUntil  Due
	Read         bool
}

// NoticesView lists the notices served to the rated side (R57).
type NoticesView struct {
	Page
	Rows []NoticeRow
	Pager
}

func (*NoticesView) template() string { return "notices" }

// NoticeView is one redacted notice: neither rater nor free text nor exact time.
type NoticeView struct {
	Page
	Number      string
	Grade       int
	Period      Message
	Dimensions  []DimensionMark
	Options     []RatingOption
	Comment     Comment
	Window      string
	Unit        string
	ServedAt    time.Time
	AppealUntil Due
	Documents   []DocumentLine
	Standing    string      // standing.<code>; "" where the reader is not the rated side
	Procedures  []Procedure // the appeal, rounds of accountability
	Acts        []ActForm
	Closed      []ClosedAct
	Refusal     *Problem // of the act just tried
	Case        string   // address of the case, where the reader may see it too
}

// Procedure is one that runs beside the main line, track.<Track>. Stage is a key of the catalogue;
// Steps are the stages it went through, the first first; Note says what to expect.
type Procedure struct {
	Track   string
	Stage   string
	Running bool
	Since   time.Time
	Note    *Message
	Facts   []Fact
	Steps   []ProcedureStep
}

// ProcedureStep is a stage that a procedure reached; Key is the catalogue's.
type ProcedureStep struct {
	Key string
	At  time.Time
}

func (*NoticeView) template() string { return "notice" }

// DimensionMark is a mark, 1 to 5, of a dimension.
type DimensionMark struct {
	Code string
	Mark int
}

// DisciplineRow is one case that reached the discipline officer's list. Reason is
// discipline.<code>: unsigned, overdue, insufficient.
type DisciplineRow struct {
	Href, Number string
	Reason       string
	Clause       string
	Unit         string
	Grade        int
	Since        time.Time
	Phase        string // where the case stands now
	Revoked      bool   // a measure that followed was taken back since
	Stage        string // of accountability, stage.<Stage>; "" where it was not begun
	Due          Due
}

// DisciplineView is the discipline officer's list.
type DisciplineView struct {
	Page
	Tabs []Tab // discipline.<code>, and discipline.all
	Rows []DisciplineRow
	Pager
}

func (*DisciplineView) template() string { return "discipline" }

// AlarmRow is one gap or alarm: alarm.<Kind>. Missing are staff card codes (portrait, name,
// post, position), shown as staff.<code>.
type AlarmRow struct {
	Kind    string
	Clause  string
	Subject string
	Unit    string
	Missing []string
	Since   time.Time
	Href    string
}

// AlarmsView lists gaps and alarms.
type AlarmsView struct {
	Page
	Tabs []Tab // alarm.<kind>, and alarm.all
	Rows []AlarmRow
	Pager
}

func (*AlarmsView) template() string { return "alarms" }

// CodeSheet is one printable code: Image is the address of its QR code.
type CodeSheet struct {
	Kind              string // window or matter
	Name, Unit, Hall  string
	Code, Href, Image string
	Replace           string // where the form that replaces the code goes, or empty
}

// CodesView is the sheet of codes to print and put up.
type CodesView struct {
	Page
	Sheets []CodeSheet
	Pager
}

func (*CodesView) template() string { return "codes" }
