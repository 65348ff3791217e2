package regulation

// creditReferral is the paper with which the case's authority refers a malicious rating to the credit
// record (8(5), R46): there only once both approvals are. It says on which law, which of the closed grounds
// and why; nothing of what the rater wrote, and no name: that stays in the vault and is entered by hand on
// the paper that goes out.
var creditReferral = DocumentSpec{
	Kind: DocumentCredit, Clause: ClauseCredit, For: ForFile, Roles: issuers,
	Placeholders: listed("ground", "legal_basis", "referral_reasons", "proposed_on", "told", "objection", "upper", "referred_on"),
	about:        func(d drafting) string { return stamp("credit", d.c.Credit.ProposedAt) },
	to:           toNobody,
	ready: func(d drafting) *Error {
		if d.c.Stage(TrackCredit) != StageReferred {
			return refuse(NotNow, "", "credit_not_approved", AuthorityHead, Supervisor)
		}
		return raterKnown(&d.c)
	},
	by: func(d drafting, as Assignment) bool { return as.Org == d.c.Authority },
	texts: func(c Case) []TextRef {
		return []TextRef{c.Credit.LegalBasis, c.Credit.reasons()}
	},
	values: func(d drafting) map[string]string {
		credit, v := d.c.Credit, d.common()
		v["ground"], v["legal_basis"] = d.words.Choice("ground", d.c.Malice.Ground), d.words.Texts[credit.LegalBasis]
		v["referral_reasons"], v["proposed_on"] = d.words.Texts[credit.reasons()], ChineseDate(credit.ProposedAt)
		v["told"], v["objection"] = d.words.Choice("rater_told", "told"), d.words.Choice("rater_told", "no_objection")
		if !credit.ObjectedAt.IsZero() {
			v["objection"] = d.words.Choice("rater_told", "heard_with_it")
		}
		v["upper"], v["referred_on"] = d.words.Org(d.c.Upper), ChineseDate(credit.ReferredAt)
		return v
	},
}

// reasons are the words that were typed beside the legal basis.
func (c Credit) reasons() TextRef { return TextRef{Seq: c.LegalBasis.Seq, Field: "reasons"} }
