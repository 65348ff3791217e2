package regulation

import "fmt"

// replyLetter is the reply to the citizen on paper (R29, R34): what the authority released, word for
// word but for the names of staff, and the citizen's own date. It names neither the citizen, who may
// have stayed unknown, nor a member of staff, and says nothing of consequences for staff.
var replyLetter = DocumentSpec{
	Kind: DocumentReply, Clause: ClauseVerify, For: ForRater, Roles: issuers,
	Placeholders: listed("rated_unit", "matter", "rated_on", "reply", "replied_on"),
	about:        func(d drafting) string { return fmt.Sprintf("reply/%d", d.c.Reply.Text.Seq) },
	to:           toNobody,
	ready: func(d drafting) *Error {
		if d.c.Reply.ReleasedAt.IsZero() {
			return refuse(NotNow, "", "no_reply", Supervisor)
		}
		return nil
	},
	texts: func(c Case) []TextRef { return []TextRef{c.Reply.Text} },
	values: func(d drafting) map[string]string {
		v := d.common()
		v["rated_unit"], v["matter"], v["rated_on"] = d.words.Org(d.c.Rated.Unit), d.words.Matter, ChineseDate(d.c.OpenedAt)
		v["reply"], v["replied_on"] = d.words.Texts[d.c.Reply.Text], ChineseDate(d.c.Reply.ReleasedAt)
		return v
	},
}

// toNobody is for what is addressed to no organisation and to no member of staff.
func toNobody(drafting) string { return "" }
