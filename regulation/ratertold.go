package regulation

// What a rater who left a telephone number is told by text message (9(2)): that there is something to read on the
// receipt's page, and of which kind; never what.
const (
	NewsReceived = "received" // the rating is being followed up
	NewsReply    = "reply"    // there is an answer, or an interim one
	NewsRight    = "right"    // days to object have begun
	NewsClosed   = "closed"
)

// NewsKinds are all of them, in the order in which a message names them.
var NewsKinds = []string{NewsReceived, NewsReply, NewsRight, NewsClosed}

// NewsOf is what an event of a case tells its rater, "" where it tells them nothing.
func NewsOf(e Event) string {
	switch {
	case e.Kind == EventOpened:
		return NewsReceived
	case e.Kind != EventAct:
		return ""
	case opensObjection(e):
		return NewsRight
	case ActKind(e.Name) == ActReleaseReply, ActKind(e.Name) == ActInterimReply:
		return NewsReply
	case ActKind(e.Name) == ActClose:
		return NewsClosed
	}
	return ""
}

// opensObjection tells whether an act has a rater's days to object begin: to a write-off, or to a referral to
// the credit record.
func opensObjection(e Event) bool {
	for _, w := range e.Waits {
		if w.Act == ActObjectWriteOff || w.Act == ActObjectCredit {
			return true
		}
	}
	return false
}
