package regulation

// Clause points into the regulation: "7(2)" is 七(二), "notice" the notice that issued it.
type Clause string

const (
	ClauseNotice       Clause = "notice"
	ClauseBackToBack   Clause = "2"
	ClauseHallStaff    Clause = "3(1)"
	ClauseCountyStaff  Clause = "3(2)"
	ClauseHotline      Clause = "3(3)"
	ClauseContent      Clause = "4"
	ClauseGrades       Clause = "5"
	ClauseEvaluator    Clause = "6(1)"
	ClauseBox          Clause = "6(2)"
	ClauseWeb          Clause = "6(3)"
	ClauseTelephone    Clause = "6(4)"
	ClauseStatistics   Clause = "7(1)"
	ClauseVerify       Clause = "7(2)"
	ClauseTransfer     Clause = "7(3)"
	ClauseHearing      Clause = "7(4)"
	ClauseBoard        Clause = "8(1)"
	ClausePraise       Clause = "8(2)"
	ClauseWatch        Clause = "8(3)"
	ClauseDiscipline   Clause = "8(4)"
	ClauseCredit       Clause = "8(5)"
	ClausePublication  Clause = "9(1)"
	ClauseRights       Clause = "9(2)"
	ClauseEquipment    Clause = "9(3)"
	ClauseInterpretive Clause = "last"
)

// Clauses is the clause index: every clause with its number as the regulation prints it.
var Clauses = map[Clause]string{
	ClauseNotice: "通知", ClauseBackToBack: "二", ClauseHallStaff: "三(一)", ClauseCountyStaff: "三(二)",
	ClauseHotline: "三(三)", ClauseContent: "四", ClauseGrades: "五", ClauseEvaluator: "六(一)",
	ClauseBox: "六(二)", ClauseWeb: "六(三)", ClauseTelephone: "六(四)", ClauseStatistics: "七(一)",
	ClauseVerify: "七(二)", ClauseTransfer: "七(三)", ClauseHearing: "七(四)", ClauseBoard: "八(一)", ClausePraise: "八(二)", ClausePublication: "九(一)", ClauseWatch: "八(三)", ClauseDiscipline: "八(四)", ClauseCredit: "八(五)",
	ClauseRights: "九(二)", ClauseEquipment: "九(三)", ClauseInterpretive: "末条",
}
