package web

// Comment is what the rated side reads of a citizen's words: comment.<State>, or Text.
type Comment struct{ State, Text string }

// StrikeMark is a place of a text that a pattern suggests to strike out, strike.<Kind>.
type StrikeMark struct{ Kind, Text string }

// RedactionCard is one citizen's words at the redaction desk. Posted fields: redacted, decision. Href is the case, "" for
// a good rating; State and Shown what the rated side reads now.
type RedactionCard struct {
	Form
	Href, Number, Unit string
	Grade              int
	Period             Message
	Original           string
	Strikes            []StrikeMark
	State, Shown       string
}

// RedactionsView is the redaction desk (9(2), R04).
type RedactionsView struct {
	Page
	Decided bool
	Waiting int64 // in all, 0 where that was not asked
	Cards   []RedactionCard
}

func (*RedactionsView) template() string { return "redactions" }
