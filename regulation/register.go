package regulation

// RegisterColumn is a column of the register of bad ratings, with the clause by which it is filled.
type RegisterColumn struct {
	Name   string
	Clause Clause
}

// RegisterColumns are the 19 columns in which offices keep their list of bad ratings (7(2), 7(3)), in their order.
var RegisterColumns = []RegisterColumn{
	{"seq", ClauseVerify}, {"rater", ClauseRights}, {"matter_number", ClauseWeb}, {"matter", ClauseStatistics}, {"channel", ClauseStatistics}, {"grade", ClauseGrades},
	{"area", ClauseStatistics}, {"contact", ClauseRights}, {"window", ClauseStatistics}, {"window_number", ClauseStatistics}, {"replied", ClauseVerify}, {"called", ClauseVerify},
	{"proposed", ClauseTransfer}, {"rectified", ClauseTransfer}, {"reply", ClauseVerify}, {"indicators", ClauseContent}, {"reasons", ClauseBackToBack}, {"instructions", ClauseTransfer}, {"callback", ClauseVerify},
}
