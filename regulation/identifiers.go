package regulation

import (
	"strings"
	"time"
	"unicode/utf8"
)

// Identifiers of people and bodies: their one normal form, the checks of the national
// standards, and the masks in which they may be shown (clause 9(2), protection of personal
// information). Published texts carry no phone and no identity number at all, and of a name
// at most what MaskName leaves.

// NormalPhone returns the one form of a phone number under which it is stored, indexed and
// compared: digits only, without the country code 86, a landline with its leading 0. Whatever
// is neither digit nor the usual separator stays, so that ValidPhone refuses it.
func NormalPhone(s string) string {
	s = strings.Map(phoneRune, s)
	withCode := strings.HasPrefix(s, "+86") || strings.HasPrefix(s, "0086") || isMobile(strings.TrimPrefix(s, "86"))
	if !withCode {
		return s
	}
	s = strings.TrimPrefix(strings.TrimPrefix(strings.TrimPrefix(s, "+"), "00"), "86")
	if s != "" && !isMobile(s) && !strings.HasPrefix(s, "0") {
		return "0" + s // a landline written for callers from abroad
	}
	return s
}

func phoneRune(r rune) rune {
	r = narrow(r)
	if strings.ContainsRune(" \t-–—‐()./\u3000\u00a0", r) {
		return -1
	}
	return r
}

// narrow turns the full-width forms that Chinese keyboards offer (１２Ａ，－) into ASCII.
func narrow(r rune) rune {
	if r >= '！' && r <= '～' {
		return r - '！' + '!'
	}
	return r
}

// NormalIdentity returns the one form of an identity number: no spaces, the check letter X
// upper case.
func NormalIdentity(s string) string {
	return strings.ToUpper(strings.Map(func(r rune) rune {
		if r = narrow(r); r == ' ' || r == '\u3000' {
			return -1
		}
		return r
	}, s))
}

// ValidPhone reports whether s is, once normal, a mobile number (11 digits from 13 to 19) or
// a landline with its area code (10 to 12 digits from 0).
func ValidPhone(s string) bool {
	s = NormalPhone(s)
	landline := len(s) >= 10 && len(s) <= 12 && digits(s) && s[0] == '0' && s[1] != '0'
	return isMobile(s) || landline
}

// ValidMobile tells whether a number takes text messages.
func ValidMobile(s string) bool { return isMobile(NormalPhone(s)) }

func isMobile(s string) bool {
	return len(s) == 11 && digits(s) && s[0] == '1' && s[1] >= '3'
}

func digits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

var (
	identityWeights = [17]int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}
	identityChecks  = "10X98765432"
	// The first two digits of GB/T 2260: provinces, then Taiwan, Hong Kong, Macao and Taiwan
	// residents' permits (71, 81 to 83), and foreigners with permanent residence (9).
	identityAreas = " 11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54" +
		" 61 62 63 64 65 71 81 82 83 90 91 92 93 94 95 96 97 98 99 "
)

// ValidIdentity checks a citizen identity number of 18 characters: area, birth date and check
// character (GB 11643). It accepts a lower-case x.
func ValidIdentity(s string) bool {
	s = NormalIdentity(s)
	if len(s) != 18 || !digits(s[:17]) || s[2:6] == "0000" || !strings.Contains(identityAreas, " "+s[:2]+" ") {
		return false
	}
	born, err := time.Parse("20060102", s[6:14])
	if err != nil || born.Year() < 1850 {
		return false
	}
	sum := 0
	for i, weight := range identityWeights {
		sum += int(s[i]-'0') * weight
	}
	return s[17] == identityChecks[sum%11]
}

const creditAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"

// ValidCreditCode checks a unified social credit code of 18 characters by its check character
// (GB 32100).
func ValidCreditCode(s string) bool {
	if len(s) != 18 {
		return false
	}
	sum, weight := 0, 1
	for i := range 17 {
		value := strings.IndexByte(creditAlphabet, s[i])
		if value < 0 {
			return false
		}
		sum += value * weight
		weight = weight * 3 % 31
	}
	return s[17] == creditAlphabet[(31-sum%31)%31]
}

// MaskPhone leaves the first 3 and the last 4 digits: 138****8000. A number too short to hide
// anything that way is hidden whole.
func MaskPhone(s string) string { return mask(NormalPhone(s), 3, 4, 3) }

// MaskIdentity leaves the first 6 and the last 4 characters.
func MaskIdentity(s string) string { return mask(NormalIdentity(s), 6, 4, 5) }

// mask hides all but a head and a tail, and everything where less than hidden would remain.
func mask(s string, head, tail, hidden int) string {
	runes := []rune(s)
	rest := len(runes) - head - tail
	if rest < hidden {
		return strings.Repeat("*", len(runes))
	}
	return string(runes[:head]) + strings.Repeat("*", rest) + string(runes[len(runes)-tail:])
}

// MaskName leaves the first character: 张*. The star does not tell how long the name is.
func MaskName(s string) string {
	s = strings.TrimSpace(s)
	if s == "" {
		return ""
	}
	first, _ := utf8.DecodeRuneInString(s)
	return string(first) + "*"
}
