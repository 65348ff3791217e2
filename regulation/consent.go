package regulation

import "time"

// ConsentScope is to what a rater agrees: who may learn what of them (9(2), R50).
type ConsentScope string

const (
	// ConsentMatter: the named handler of an order may know the matter's number (R30).
	ConsentMatter ConsentScope = "matter"
	// ConsentContact: the office may keep how to reach the rater, and call them.
	ConsentContact ConsentScope = "contact"
	// ConsentPlatform: the provincial platform may be told who rated.
	ConsentPlatform ConsentScope = "platform"
	// ConsentNotices: the rater is told by text message that there is something to read. Whoever agreed that the
	// office keeps a number to check and answer agreed to this too, until they stop it.
	ConsentNotices ConsentScope = "notices"
)

// ConsentScopes lists those that were asked for; ConsentNotices goes with ConsentContact.
var ConsentScopes = []ConsentScope{ConsentMatter, ConsentContact, ConsentPlatform}

// What a rater answered.
const (
	ConsentGiven     = "given"
	ConsentRefused   = "refused"
	ConsentWithdrawn = "withdrawn"
)

// ConsentWording is the version of the words that raters agree to since this release; another wording is
// another version, and what was agreed to before stands under its own.
const ConsentWording = "1"

// ConsentRecord is one answer of a rater. Wording is the version of the words that were put to them.
type ConsentRecord struct {
	Scope   ConsentScope
	Answer  string
	At      time.Time
	How     string // form, receipt, telephone, erasure
	Wording string
}

// MayTell refuses to tell anybody else of a rater what their consent does not cover: given, and not withdrawn
// since. records are the rater's, the first first.
func MayTell(records []ConsentRecord, scope ConsentScope) error {
	asked, stopped := scope, false
	if scope == ConsentNotices {
		asked, stopped = ConsentContact, lastAnswer(records, scope) == ConsentWithdrawn
	}
	if lastAnswer(records, asked) == ConsentGiven && !stopped {
		return nil
	}
	return &Error{Code: NotNow, Clause: ClauseRights, Missing: "no_consent", Who: []Role{Citizen}}
}

func lastAnswer(records []ConsentRecord, scope ConsentScope) (answer string) {
	for _, r := range records {
		if r.Scope == scope {
			answer = r.Answer
		}
	}
	return answer
}

// MayOpen refuses to open a contact to anybody while no consent to keep it stands, as of whoever rated before consents were
// recorded; what was withdrawn by erasure is gone, and refused as such.
func MayOpen(records []ConsentRecord) error {
	for _, r := range records {
		if r.Scope == ConsentContact {
			return nil
		}
	}
	return &Error{Code: NotNow, Clause: ClauseRights, Missing: "no_consent", Who: []Role{Citizen}}
}

// ConsentOf is the record that an event of a case makes, false for any other event: the rater answered
// whether the named handler may know the matter's number, or took it back.
func ConsentOf(c Case, e Event) (ConsentRecord, bool) {
	r := ConsentRecord{Scope: ConsentMatter, At: c.Consent.At, How: c.Consent.How, Wording: ConsentWording}
	switch ActKind(e.Name) {
	case ActAskConsent, ActAnswerConsent, ActWithdrawConsent:
	default:
		return r, false
	}
	r.Answer = map[string]string{"yes": ConsentGiven, "no": ConsentRefused, "withdrawn": ConsentWithdrawn}[c.Consent.State]
	return r, r.Answer != "" && e.Kind == EventAct
}
