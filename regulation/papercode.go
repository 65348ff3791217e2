package regulation

import "strings"

// A citizen who fills in a paper form may write six digits of their own on it and keep them with the torn-off serial:
// both together open what a receipt opens (docs/adr/0013). Nobody who prints or hands out forms knows them.

// ownCodeLength is how many digits they are.
const ownCodeLength = 6

// TidyOwnCode is the citizen's own code without spaces and in narrow digits.
func TidyOwnCode(typed string) string {
	return strings.Map(func(r rune) rune {
		if r = narrow(r); strings.ContainsRune("- \t\u3000", r) {
			return -1
		}
		return r
	}, typed)
}

// CheckOwnCode tells whether a code opens a form; "" is none. Refusals: Invalid on own_code, own_code_format for what is
// not six digits, own_code_simple for six alike or in a row, which are tried first by whoever guesses.
func CheckOwnCode(typed string) error {
	code := TidyOwnCode(typed)
	switch {
	case code == "":
		return nil
	case len(code) != ownCodeLength || strings.Trim(code, "0123456789") != "":
		return boxFault("own_code", "own_code_format")
	case strings.Contains("0123456789012345", code) || strings.Contains("9876543210987654", code) || strings.Trim(code, code[:1]) == "":
		return boxFault("own_code", "own_code_simple")
	}
	return nil
}

// PaperReceipt takes apart what somebody typed in place of a receipt: the serial of a paper form and the own code after
// it, however spaced. ok is false for what is anything else.
func PaperReceipt(typed string) (serial, code string, ok bool) {
	s := strings.ReplaceAll(TidySerial(typed), "-", "")
	const length = prefixLength + numberLength + 1
	if len(s) != length+ownCodeLength {
		return "", "", false
	}
	serial, code = TidySerial(s[:length]), s[length:]
	return serial, code, CheckSerial(serial) == nil && CheckOwnCode(code) == nil
}
