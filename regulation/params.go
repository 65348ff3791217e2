package regulation

import (
	"maps"
	"sort"
	"strings"
)

// Edition1 is the edition of the rules as issued on 27 December 2019. A case keeps the edition
// under which it was opened.
const Edition1 = "2019-12-27/1"

// Param is one rule that may be set: what the regulation fixes and what it leaves open. Basis
// says on what the value rests; the prefecture's approval bureau interprets (last clause, R56).
type Param struct {
	Name   string
	Value  int
	Unit   string // "working days", "days", "minutes", "count", "switch"
	Clause Clause
	Basis  string
}

// Parameter names.
const (
	AcceptDays         = "accept_days"
	VerificationDays   = "verification_days"
	NoticeDays         = "notice_days"
	ConsentDays        = "consent_days"
	TransferDays       = "transfer_days"
	SignDays           = "sign_days"
	PlanDays           = "plan_days"
	InterimDays        = "interim_days"
	RectificationDays  = "rectification_days"
	AcceptanceDays     = "acceptance_days"
	ReplyDays          = "reply_days"
	SurveyDays         = "survey_days"
	ClosingDays        = "closing_callback_days"
	RecheckDays        = "recheck_days"
	CloseDays          = "close_days"
	AppealDays         = "appeal_days"
	ReminderFirst      = "reminder_first"
	ReminderSecond     = "reminder_second"
	ReminderLast       = "reminder_last"
	CallbackAttempts   = "callback_attempts"
	CallbackDates      = "callback_dates"
	InterimWhen        = "interim_when"
	InsufficientAfter  = "insufficient_after"
	FollowUpDays       = "follow_up_days"
	AbsenceDays        = "absence_days"
	DialMinutes        = "dial_minutes"
	InterimNever       = 0
	InterimMatterOpen  = 1
	InterimProblemOpen = 2
	InterimEither      = 3
)

// InboundSilence is how many service hours another system may send nothing (6(3), 9(3)).
const InboundSilence = "inbound_silence_hours"

// Parameters of what the rated side and the public see of ratings, and of opening a contact (2, 9(2)).
const (
	RatedTimes    = "rated_times"
	BatchPeriod   = "batch_period"
	BatchLeast    = "batch_least"
	NoticeCrowd   = "notice_crowd"
	RevealMinutes = "reveal_minutes"
	RevealHours   = "reveal_hours"
)

// Parameters of suggestion boxes (6(2)): after how many working days a missed opening goes to the supervisor, for how
// many the forms of an opening may wait for their entry, and whether and within how many the second of the two who opened
// a box confirms it.
const (
	BoxEscalationDays = "box_escalation_days"
	BoxEntryDays      = "box_entry_days"
	BoxConfirm        = "box_confirm"
	BoxConfirmDays    = "box_confirm_days"
)

// AlikeLeast is how many alike cases each of two authorities needs decided before their shares are compared (7(1)).
const AlikeLeast = "alike_least"

// Parameters of lists as files (9(2)): with how many rows a file is made beside, and for how many days it waits for its
// owner.
const (
	ExportRows = "export_rows"
	ExportDays = "export_days"
)

// Parameters of the watch list (8(3)).
const (
	WatchPeriodDays     = "watch_period_days"
	WatchUnitCases      = "watch_unit_cases"
	WatchStaffCases     = "watch_staff_cases"
	WatchInspectionDays = "watch_inspection_days"
	WatchQuietDays      = "watch_quiet_days"
)

// Parameters of what is made public (7(1), 8(3)): how many ratings a place has at least to stand in public figures; from how many
// last places, in how many quarters in a row and among places with how many ratings a region or department is exposed; for how
// many working days it is heard, for how many days a release is shown, within how many working days an outlet is asked to correct.
const (
	PublicRatings        = "public_ratings"
	ReleaseLowest        = "release_lowest"
	ReleasePeriods       = "release_periods"
	ReleaseStatementDays = "release_statement_days"
	ReleaseDays          = "release_days"
	ReleaseTellDays      = "release_tell_days"
)

// SettleDays is how many working days after a period's end its cases are due to be settled (7(1), R20).
const SettleDays = "settle_days"

// Parameters of the signals of cheating and of the probes that they open (9(2), R48).
const (
	CheatPeriodDays       = "cheat_period_days"
	CheatStaffPhones      = "cheat_staff_phones"
	CheatMutual           = "cheat_mutual_praise"
	CheatChangedPhones    = "cheat_changed_phones"
	CheatChangedShare     = "cheat_changed_share"
	CheatSameRater        = "cheat_same_rater"
	CheatSameDevice       = "cheat_same_device"
	CheatFixedForms       = "cheat_fixed_forms"
	CheatFixedShare       = "cheat_fixed_share"
	CheatBurst            = "cheat_burst"
	CheatBurstSeconds     = "cheat_burst_seconds"
	CheatEarly            = "cheat_before_acceptance"
	CheatSelectiveMatters = "cheat_selective_matters"
	CheatSelectiveGap     = "cheat_selective_gap"
	CheatQuarterDays      = "cheat_quarter_days"
	CheatQuarterPercent   = "cheat_quarter_percent"
	CheatQuarterLeast     = "cheat_quarter_ratings"
	CheatSessions         = "cheat_staff_sessions"
	CheatWriteOffs        = "cheat_write_offs"
	CheatWriteOffGap      = "cheat_write_off_gap"
	ProbeDays             = "probe_days"
	ProbeStatementDays    = "probe_statement_days"
)

// Parameters of the exchange with upstream platforms (9(3), R55).
const (
	ExchangeLagMinutes = "exchange_lag_minutes"
	ExchangeParkedMost = "exchange_parked"
)

// Parameters of the hearing of opinions (7(4)), of joint rectifications (7(2), R60), of the publication calendar (9(1))
// and of commendations (8(2)).
const (
	DocketReminderDays    = "docket_reminder_days"
	ProblemDays           = "problem_days"
	ProblemAgainDays      = "problem_again_days"
	JointDays             = "joint_days"
	PublishMonthDays      = "publish_month_days" // of when months were public
	PublishQuarterDays    = "publish_quarter_days"
	PublishBoardDays      = "publish_board_days"
	PublishBulletinDays   = "publish_bulletin_days"
	PublishWriteOffDays   = "publish_write_off_days"
	PublishHearingDays    = "publish_hearing_days"
	CommendBadMost        = "commend_bad_most"
	CommendAccountability = "commend_accountability"
	CommendWatched        = "commend_watched"
	CommendProbed         = "commend_probed"
)

// Parameters of the tracks beside the main line.
const (
	AppealReviewDays      = "appeal_review_days"
	AppealPausesClock     = "appeal_pauses_clock"
	WriteOffWithoutAppeal = "write_off_without_appeal"
	WriteOffDays          = "write_off_days"
	TellingDays           = "telling_days"
	ObjectionDays         = "objection_days"
	ObjectionDecisionDays = "objection_decision_days"
	WriteOffSample        = "write_off_sample"
	SampleDays            = "sample_days"
	MaliceDays            = "malice_days"
	StatementDays         = "statement_days"
	DecisionDays          = "decision_days"
	BodyDays              = "body_days"
	EmployerDays          = "employer_days"
	ReviewDays            = "review_days"
	ReviewDecisionDays    = "review_decision_days"
	InvestigationDays     = "investigation_days"
	UpperReviewDays       = "upper_review_days"
	CreditReferral        = "credit_referral"
	CreditDays            = "credit_days"
	ReattributionDays     = "reattribution_days"
	ExtensionDays         = "extension_days"
	ExtensionApprovalDays = "extension_approval_days"
)

const fixed = "fixed by the regulation"
const noCredit = "the national catalogue of public credit information of 2024 takes no entry without a legal basis; off until one is shown"
const noExtension = "the regulation knows no extension of the 15 working days; off until the prefecture's bureau interprets"
const chosen = "left open by the regulation; default of the product until the prefecture's bureau interprets"

const aWeek = "what the rated side sees moves weekly (2, 7(1)): within a day few rate at most windows, and whoever served them remembers whom; " + chosen

const settling = "the days of a case one after the other: 1 to accept, 3 to verify and call, 2 for the notice, 1 to transfer, 1 to sign, 15 to " +
	"rectify (an appeal and its review within), 2 to examine, 1 to reply, 3 to call again, 1 to close; " + chosen

const aSwitch = "switch: 0 counts for nothing, 1 stands in the way"

const offCount = "ratings; 0 turns the rule off"

const aQuarter = "a quarter of a year, as the authority hears the public (7(4)): long enough to see whether what was put right lasts, " +
	"and over well before contact and words may be deleted; " + chosen

// defaults are the values of Edition1.
var defaults = []Param{
	{DialMinutes, 15, "minutes", ClauseRights, chosen},
	{RatedTimes, DayTimes, "switch: 0 half a day, 1 a day", ClauseRights, chosen},
	{BatchPeriod, BatchWeek, "switch: 0 half a day, 1 a day, 2 a week", ClauseRights, aWeek},
	{BatchLeast, FewestShown, "ratings, at least", ClauseRights, chosen},
	{NoticeCrowd, 300, "ratings of a window in four weeks; 0 turns the rule off", ClauseRights, chosen},
	{RevealMinutes, 15, "minutes", ClauseRights, chosen},
	{RevealHours, 72, "hours to approve", ClauseRights, chosen},
	{AcceptDays, 1, "working days", ClauseVerify, chosen},
	{VerificationDays, 3, "working days", ClauseVerify, chosen},
	{NoticeDays, 2, "working days", ClauseRights, chosen},
	{ConsentDays, 1, "working days", ClauseRights, chosen},
	{TransferDays, 1, "working days", ClauseTransfer, chosen},
	{SignDays, 1, "working days", ClauseTransfer, chosen},
	{PlanDays, 3, "working days", ClauseTransfer, chosen},
	{InterimDays, 3, "working days", ClauseTransfer, chosen},
	{RectificationDays, 15, "working days", ClauseTransfer, fixed},
	{AcceptanceDays, 2, "working days", ClauseTransfer, chosen},
	{ReplyDays, 1, "working days", ClauseVerify, chosen},
	{SurveyDays, 5, "working days", ClauseVerify, chosen},
	{ClosingDays, 3, "working days", ClauseVerify, chosen},
	{RecheckDays, 2, "working days", ClauseVerify, chosen},
	{CloseDays, 1, "working days", ClauseVerify, chosen},
	{FollowUpDays, 90, "days", ClauseVerify, aQuarter},
	{AppealDays, 5, "working days", ClauseRights, chosen},
	{ReminderFirst, 5, "working days left", ClauseTransfer, chosen},
	{ReminderSecond, 2, "working days left", ClauseTransfer, chosen},
	{ReminderLast, 0, "working days left", ClauseTransfer, chosen},
	{CallbackAttempts, 3, "count", ClauseVerify, chosen},
	{CallbackDates, 2, "dates", ClauseVerify, chosen},
	{InterimWhen, InterimEither, "switch: 0 never, 1 matter open, 2 problem open, 3 either", ClauseTransfer, chosen},
	{InsufficientAfter, 1, "rejections", ClauseDiscipline, chosen},
	{AppealReviewDays, 5, "working days", ClauseRights, chosen},
	{AppealPausesClock, 0, "switch: 0 the 15 working days go on, 1 they stand still", ClauseRights, chosen},
	{WriteOffWithoutAppeal, 0, "switch: 0 never, 1 where verification suspects a mistake or malice", ClauseRights, chosen},
	{WriteOffDays, 3, "working days", ClauseRights, chosen},
	{TellingDays, 3, "working days", ClauseRights, chosen},
	{ObjectionDays, 5, "working days", ClauseRights, chosen},
	{ObjectionDecisionDays, 5, "working days", ClauseRights, chosen},
	{WriteOffSample, 20, "percent of the mistaken ones, drawn by the case's id", ClauseRights, chosen},
	{SampleDays, 10, "working days", ClauseRights, chosen},
	{MaliceDays, 3, "working days", ClauseCredit, chosen},
	{StatementDays, 5, "working days", ClauseDiscipline, chosen},
	{DecisionDays, 10, "working days", ClauseDiscipline, chosen},
	{BodyDays, 30, "working days", ClauseDiscipline, chosen},
	{EmployerDays, 15, "working days", ClauseDiscipline, chosen},
	{ReviewDays, 10, "working days", ClauseDiscipline, chosen},
	{ReviewDecisionDays, 15, "working days", ClauseDiscipline, chosen},
	{InvestigationDays, 10, "working days", ClauseRights, chosen},
	{UpperReviewDays, 10, "working days", ClauseVerify, chosen},
	{CreditReferral, 0, "switch: 0 off, 1 a referral on paper with its legal basis", ClauseCredit, noCredit},
	{CreditDays, 5, "working days", ClauseCredit, chosen},
	{ReattributionDays, 3, "working days", ClauseRights, chosen},
	{ExtensionDays, 0, "working days at most, once; 0 no extension", ClauseTransfer, noExtension},
	{ExtensionApprovalDays, 2, "working days", ClauseTransfer, chosen},
	{WatchPeriodDays, 90, "days", ClauseWatch, chosen},
	{WatchUnitCases, 5, "cases; 0 turns the rule off", ClauseWatch, chosen},
	{WatchStaffCases, 3, "cases; 0 turns the rule off", ClauseWatch, chosen},
	{WatchInspectionDays, 10, "working days", ClauseWatch, chosen},
	{WatchQuietDays, 30, "days", ClauseWatch, chosen},
	{CheatPeriodDays, 92, "days", ClauseRights, chosen},
	{CheatStaffPhones, 2, offCount, ClauseRights, chosen},
	{CheatMutual, 2, offCount + ", each way", ClauseRights, chosen},
	{CheatChangedPhones, 4, offCount, ClauseRights, chosen},
	{CheatChangedShare, 15, "percent of the praise with a telephone, at least", ClauseRights, chosen},
	{CheatSameRater, 5, offCount, ClauseRights, chosen},
	{CheatSameDevice, 8, offCount, ClauseRights, chosen},
	{CheatFixedForms, 20, offCount, ClauseRights, chosen},
	{CheatFixedShare, 60, "percent of the praise, at least", ClauseRights, chosen},
	{CheatBurst, 6, offCount, ClauseRights, chosen},
	{CheatBurstSeconds, 120, "seconds", ClauseRights, chosen},
	{CheatEarly, 3, offCount, ClauseRights, chosen},
	{CheatSelectiveMatters, 20, "matters concluded, at least; 0 turns the rule off", ClauseRights, chosen},
	{CheatSelectiveGap, 30, "percentage points above the median of the others", ClauseRights, chosen},
	{CheatQuarterDays, 10, "days", ClauseRights, chosen},
	{CheatQuarterPercent, 300, "percent of a usual day; 0 turns the rule off", ClauseRights, chosen},
	{CheatQuarterLeast, 20, "ratings, at least", ClauseRights, chosen},
	{CheatSessions, 2, offCount, ClauseRights, chosen},
	{CheatWriteOffs, 10, "decisions, at least; 0 turns the rule off", ClauseRights, chosen},
	{CheatWriteOffGap, 30, "percentage points above the others", ClauseRights, chosen},
	{ProbeDays, 20, "working days", ClauseRights, chosen},
	{SealDay, 1, "day of the month", ClauseStatistics, chosen},
	{SettleDays, 30, "working days", ClauseStatistics, settling},
	{ProbeStatementDays, 5, "working days", ClauseRights, chosen},
	{DocketReminderDays, 5, "working days", ClauseHearing, chosen},
	{ProblemDays, 15, "working days", ClauseHearing, chosen},
	{ProblemAgainDays, 5, "working days", ClauseHearing, chosen},
	{JointDays, 30, "working days", ClauseVerify, chosen},
	{PublishMonthDays, 10, "working days", ClausePublication, chosen},
	{PublishQuarterDays, 10, "working days", ClausePublication, chosen},
	{PublishBoardDays, 15, "working days", ClausePublication, chosen},
	{PublishBulletinDays, 45, "working days", ClausePublication, "after settle_days, when its cases are due; " + chosen},
	{PublishWriteOffDays, 15, "working days", ClausePublication, chosen},
	{PublishHearingDays, 10, "working days", ClausePublication, chosen},
	{PublicRatings, 30, "ratings, at least", ClauseStatistics, chosen},
	{ReleaseLowest, 3, "places", ClauseWatch, chosen},
	{ReleasePeriods, 2, "quarters", ClauseWatch, chosen},
	{ReleaseStatementDays, 5, "working days", ClauseWatch, chosen},
	{ReleaseDays, 30, "days", ClauseWatch, chosen},
	{ReleaseTellDays, 1, "working days", ClauseWatch, chosen},
	{CommendBadMost, 0, "bad ratings that do not stand in the way", ClausePraise, chosen},
	{CommendAccountability, 1, aSwitch, ClausePraise, chosen},
	{CommendWatched, 1, aSwitch, ClausePraise, chosen},
	{CommendProbed, 1, aSwitch, ClausePraise, chosen},
	{BoardWeightGood, 50, "weight of the share of good ratings", ClauseBoard, chosen},
	{BoardWeightHandled, 15, "weight of calls and replies; 0 leaves them out", ClauseBoard, chosen},
	{BoardWeightInTime, 15, "weight of rectification in time; 0 leaves it out", ClauseBoard, chosen},
	{BoardWeightActive, 10, "weight of who rated among those asked; 0 leaves it out", ClauseBoard, chosen},
	{BoardWeightInspection, 10, "weight of the provincial inspection; 0 leaves it out", ClauseBoard, chosen},
	{BoardLeastRatings, FewestRatings, "ratings that count, at least 30", ClauseBoard, "no figure of a department with fewer is public (7(1)); " + chosen},
	{BoardLeastCases, FewestShown, "cases under a share, at least 5", ClauseBoard, "no share of fewer is public (9(2)); " + chosen},
	{BoardRanksKeeper, 0, "switch: 0 leaves out the authority that keeps the board, 1 ranks it", ClauseBoard, "nobody ranks their own (2); " + chosen},
	{HonourLeastRatings, 30, "ratings that count, at least", ClausePraise, chosen},
	{HonourConfirmed, 1, aSwitch, ClausePraise, chosen},
	{HonourFalsePraise, 1, aSwitch, ClausePraise, chosen},
	{HonourOverdue, 1, aSwitch, ClausePraise, chosen},
	{AlikeLeast, 30, "cases, at least", ClauseStatistics, chosen},
	{KeepTraceMonths, 6, "months", ClauseRights, shortest},
	{InboundSilence, 4, "hours; 0 turns the alarm off", ClauseEquipment, chosen},
	{KeepContactMonths, 12, "months", ClauseRights, shortest},
	{KeepRecordingMonths, 12, "months", ClauseRights, shortest},
	{KeepTextMonths, 36, "months", ClauseRights, shortest},
	{KeepCaseMonths, 120, "months", ClauseRights, archives},
	{KeepAuditMonths, 6, "months, at least 6", ClauseRights, logs},
	{KeepLogMonths, 12, "months, at least 6", ClauseRights, logs},
	{ExportRows, 5000, "rows that a list has as a file at once", ClauseRights, chosen},
	{ExportDays, 7, "days", ClauseRights, shortest},
	{AbsenceDays, 30, "days", ClauseInterpretive, chosen},
	{DeviceLateHours, 72, "hours", ClauseEvaluator, "a weekend and a day without a line; " + chosen},
	{DeviceClockMinutes, 5, "minutes", ClauseEvaluator, chosen},
	{DeviceOfflineMinutes, 15, "minutes", ClauseEquipment, chosen},
	{DeviceSessionSeconds, 60, "seconds", ClauseEvaluator, chosen},
	{DeviceCodeMinutes, 15, "minutes", ClauseEquipment, chosen},
	{DeviceRepairDays, 3, "working days", ClauseEquipment, chosen},
	{ExchangeLagMinutes, 15, "minutes that the oldest message may wait", ClauseEquipment, chosen},
	{BoxEscalationDays, 2, "working days", ClauseBox, chosen},
	{BoxEntryDays, 1, "working days", ClauseBox, chosen},
	{BoxConfirm, 1, "switch: 0 one records for both, 1 the second confirms with their own sign-in", ClauseBox, chosen},
	{BoxConfirmDays, 1, "working days", ClauseBox, chosen},
	{ExchangeParkedMost, 0, "parked messages without an alarm", ClauseEquipment, chosen},
}

// Params are the parameters of one edition.
type Params struct {
	Edition string
	values  map[string]int
}

// DefaultParams returns Edition1 with the values' clauses and bases.
func DefaultParams() []Param { return append([]Param(nil), defaults...) }

// NewParams takes an edition's values; what is not given keeps Edition1's default. Unknown
// names and negative values are refused.
func NewParams(edition string, values map[string]int) (Params, error) {
	p := Params{Edition: edition, values: map[string]int{}}
	for _, d := range defaults {
		p.values[d.Name] = d.Value
	}
	names := make([]string, 0, len(values))
	for name := range values {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		if _, known := p.values[name]; !known || values[name] < 0 {
			return Params{}, refuse(Invalid, ClauseInterpretive, "parameter").Field(name, "unknown_or_negative")
		}
		p.values[name] = values[name]
	}
	return p, nil
}

// Fixed tells whether the regulation itself fixes the value: no edition may change it.
func (p Param) Fixed() bool { return p.Basis == fixed }

// ofDockets are working days of an authority's work beside the cases.
var ofDockets = []string{DocketReminderDays, ProblemDays, ProblemAgainDays, JointDays, PublishMonthDays, PublishQuarterDays, PublishBoardDays, PublishBulletinDays,
	PublishWriteOffDays, PublishHearingDays, ReleaseStatementDays, ReleaseTellDays}

// OfCases tells whether the parameter counts working days until something of a case is due: what-if
// supposes such ones. Inspections are of units and people on the watch list, probes of whoever may have cheated, openings
// of boxes.
func (p Param) OfCases() bool {
	return p.InDays() && !contains(ofDockets, p.Name) && p.Name != SettleDays && p.Name != WatchInspectionDays && p.Name != DeviceRepairDays && p.Name != BoxEscalationDays && p.Name != BoxEntryDays && p.Name != BoxConfirmDays && p.Name != ProbeDays && p.Name != ProbeStatementDays
}

// InDays tells whether the parameter counts working days until something is due.
func (p Param) InDays() bool { return p.Unit == "working days" }

// Bounds are the values that an edition may give the parameter. Working days end within a
// quarter, reminders within the 15 days they remind of; a switch has its listed positions.
func (p Param) Bounds() (least, most int) {
	switch {
	case p.Fixed():
		return p.Value, p.Value
	case p.InDays():
		return 1, 60
	case p.Unit == "working days left":
		return 0, 14
	case strings.HasPrefix(p.Unit, "switch:"):
		return 0, strings.Count(p.Unit, ",")
	case p.Unit == "switch":
		return 0, 1
	case strings.HasPrefix(p.Unit, "percent"):
		return 0, 100
	case p.Name == FollowUpDays: // never past a year, when the contact goes
		return 7, 365
	case p.Name == KeepAuditMonths, p.Name == KeepLogMonths:
		return leastAuditMonths, 600
	case strings.HasPrefix(p.Unit, "months"):
		return 1, 600
	}
	switch p.Name {
	case BoardLeastRatings, PublicRatings:
		return FewestRatings, 1000
	case BoardLeastCases, BatchLeast:
		return FewestShown, 100
	}
	if p.Name == SealDay {
		return 1, 28 // every month has it
	}
	if least = 1; p.Value == 0 || strings.Contains(p.Unit, "; 0 ") {
		least = 0
	}
	return least, max(100, 10*p.Value)
}

// protecting keep single raters from being told by what is shown: no edition sets them lower (2, 9(2)).
var protecting = []string{BatchLeast, BoardLeastRatings, BoardLeastCases, PublicRatings}

// CheckValues refuses what an edition may not set: unknown parameters, what the regulation fixes,
// values out of bounds (R56).
func CheckValues(values map[string]int) error {
	err := refuse(Invalid, ClauseInterpretive, "fields")
	for name, value := range values {
		p, known := ParamOf(name)
		least, most := p.Bounds()
		switch {
		case !known:
			err.Field(name, "unknown_parameter")
		case p.Fixed() && value != p.Value:
			err.Field(name, "fixed_by_the_regulation")
		case value < least && contains(protecting, name):
			err.Field(name, "would_tell_who_rated")
		case value < least || value > most:
			err.Field(name, "out_of_bounds")
		}
	}
	if err.Fields == nil {
		return nil
	}
	return err
}

// ParamOf returns a parameter with its clause, unit and the value of Edition1.
func ParamOf(name string) (Param, bool) {
	for _, p := range defaults {
		if p.Name == name {
			return p, true
		}
	}
	return Param{}, false
}

// With returns the same parameters with some values replaced, for what is supposed: whatever the
// regulation fixes may be tried. Unknown names and negative values are refused.
func (p Params) With(values map[string]int) (Params, error) {
	all := maps.Clone(p.values)
	maps.Copy(all, values)
	return NewParams(p.Edition, all)
}

// Days returns a parameter that counts working days, or any other count.
func (p Params) Days(name string) int { return p.values[name] }
