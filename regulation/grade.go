package regulation

import "strconv"

// Grade is one of the five grades of clause 5: 1 is 非常不满意 (very dissatisfied) and 5 is
// 非常满意 (very satisfied). Zero means that nothing was rated and is never stored as a grade.
type Grade int

const (
	VeryDissatisfied Grade = 1
	Dissatisfied     Grade = 2
	Acceptable       Grade = 3
	Satisfied        Grade = 4
	VerySatisfied    Grade = 5
)

// Valid tells whether g is one of the five grades; any other value is refused (R09).
func (g Grade) Valid() bool { return g >= VeryDissatisfied && g <= VerySatisfied }

// Bad tells whether g is a bad rating (差评), the lower two grades, which open a case.
func (g Grade) Bad() bool { return g == VeryDissatisfied || g == Dissatisfied }

// ParseGrade reads a grade as citizens' forms send it, "1" to "5".
func ParseGrade(s string) (Grade, bool) {
	n, err := strconv.Atoi(s)
	g := Grade(n)
	return g, err == nil && len(s) == 1 && g.Valid()
}
