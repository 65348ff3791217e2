package regulation

import "strings"

// damm is a quasigroup of order 10 without a fixed point off the diagonal (H. M. Damm, 2004): the check digit made
// with it tells every single wrong digit and every two neighbours that changed places, which is how numbers are
// misheard.
var damm = [10][10]byte{
	{0, 3, 1, 7, 5, 9, 8, 6, 4, 2},
	{7, 0, 9, 2, 1, 5, 4, 8, 6, 3},
	{4, 2, 0, 6, 8, 7, 1, 3, 5, 9},
	{1, 7, 5, 0, 9, 8, 3, 4, 2, 6},
	{6, 1, 2, 3, 0, 4, 5, 9, 7, 8},
	{3, 6, 7, 4, 2, 0, 9, 5, 8, 1},
	{5, 8, 6, 9, 7, 2, 0, 1, 3, 4},
	{8, 9, 4, 5, 3, 6, 2, 0, 1, 7},
	{9, 4, 3, 8, 6, 1, 7, 2, 0, 5},
	{2, 5, 8, 1, 4, 3, 6, 7, 9, 0},
}

// CheckDigit is the digit to append to a text, made of its digits; '0' for a text that has its own.
func CheckDigit(text string) byte {
	var interim byte
	for _, c := range []byte(text) {
		if c >= '0' && c <= '9' {
			interim = damm[interim][c-'0']
		}
	}
	return '0' + interim
}

// runningDigits is how many the last part of a case's number has at least since it ends with a check digit.
const runningDigits = 7

// MistypedCaseNumber tells that a text has the form of a case's number, AAAAAA-YYYY-NNNNNNC, and a wrong check
// digit C. A number of before they had one, AAAAAA-YYYY-NNNNNN, is never one.
func MistypedCaseNumber(text string) bool {
	parts := strings.Split(text, "-")
	if len(parts) != 3 || !digits(parts[0]+parts[1]+parts[2]) || len(parts[2]) < runningDigits {
		return false
	}
	return CheckDigit(text) != '0'
}
