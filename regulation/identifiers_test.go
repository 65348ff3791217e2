package regulation

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestNormalPhone(t *testing.T) {
	for typed, want := range map[string]string{
		"13800138000":       "13800138000",
		"+86 138-0013-8000": "13800138000",
		"0086 13800138000":  "13800138000",
		"8613800138000":     "13800138000",
		"１３８　００１３　８０００":       "13800138000",
		"(0836) 283-1234":     "08362831234",
		"+86 836 2831234":     "08362831234",
		"+86 (0)836 2831234":  "08362831234",
		"+86 10 12345678":     "01012345678",
		"86283123":            "86283123",
		"":                    "",
		"138 0013 8000 ext 2": "13800138000ext2",
	} {
		if got := NormalPhone(typed); got != want {
			t.Errorf("NormalPhone(%q) = %q, want %q", typed, got, want)
		}
	}
}

func TestValidPhone(t *testing.T) {
	for s, want := range map[string]bool{
		"13800138000": true, "+86 199 0000 0000": true, "0836-2831234": true, "028 85012345": true,
		"12800138000": false, "1380013800": false, "138001380000": false, "": false, "+86": false,
		"2831234": false, "0036123456": false, "13800138000ext2": false, "a13800138000": false, "+1 202 555 0100": false,
	} {
		if got := ValidPhone(s); got != want {
			t.Errorf("ValidPhone(%q) = %t", s, got)
		}
	}
}

func TestValidIdentity(t *testing.T) {
	for s, want := range map[string]bool{
		"513301199001010013": true, "513322198512240029": true, "11010519491231002X": true, "11010519491231002x": true,
		"513301199001010014": false, "513301199002300013": false, "003301199001010013": false, "51330119900101001": false,
		"": false, "5133011990010100X3": false,
	} {
		if got := ValidIdentity(s); got != want {
			t.Errorf("ValidIdentity(%q) = %t", s, got)
		}
	}
}

// withCheck completes 17 digits, so that only the rule under test can refuse them.
func withCheck(s string) string {
	for _, c := range identityChecks {
		sum := 0
		for i, weight := range identityWeights {
			sum += int(s[i]-'0') * weight
		}
		if identityChecks[sum%11] == byte(c) {
			return s + string(c)
		}
	}
	return s
}

func TestValidIdentityChecksAreaAndBirth(t *testing.T) {
	for s, want := range map[string]bool{
		"51330119900101001": true, "51330119900230001": false, "51330119901301001": false,
		"51330100000101001": false, "51000019900101001": false, "18330119900101001": false, "44190019900101001": true,
	} {
		if got := ValidIdentity(withCheck(s)); got != want {
			t.Errorf("ValidIdentity(%q) = %t", withCheck(s), got)
		}
	}
}

func TestValidCreditCode(t *testing.T) {
	for s, want := range map[string]bool{
		"11511301008778183N": true, "115113010833722043": true,
		"11511301008778183n": false, "11511301008778183M": false, "1151130100877818": false, "": false,
		"11511301I08778183N": false, "115113010833722034": false, "115113010083722043": false,
		"1151130100877818IN": false, "115113010833722043 ": false,
	} {
		if got := ValidCreditCode(s); got != want {
			t.Errorf("ValidCreditCode(%q) = %t", s, got)
		}
	}
}

func TestCheckCharactersFindOneWrongCharacter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := rapid.IntRange(0, 17).Draw(t, "at")
		digit := rapid.RuneFrom([]rune("0123456789")).Draw(t, "digit")
		for name, valid := range map[string]func(string) bool{
			"513322198512240029": ValidIdentity, "115113010833722043": ValidCreditCode,
		} {
			s := name[:at] + string(digit) + name[at+1:]
			if valid(s) != (s == name) {
				t.Fatalf("%q passes for %q", s, name)
			}
		}
	})
}

func TestMasks(t *testing.T) {
	for _, c := range []struct{ name, got, want string }{
		{"phone", MaskPhone("13800138000"), "138****8000"},
		{"phone as typed", MaskPhone("+86 138 0013 8000"), "138****8000"},
		{"landline", MaskPhone("0836-2831234"), "083****1234"},
		{"short phone", MaskPhone("2831234"), "*******"},
		{"no phone", MaskPhone(""), ""},
		{"identity", MaskIdentity("513301199001010013"), "513301********0013"},
		{"identity with x", MaskIdentity("11010519491231002x"), "110105********002X"},
		{"old identity", MaskIdentity("513301900101001"), "513301*****1001"},
		{"broken identity", MaskIdentity("5133011234"), "**********"},
		{"name", MaskName("测试甲"), "测*"},
		{"Tibetan name", MaskName(" 扎西测试 "), "扎*"},
		{"no name", MaskName(" "), ""},
	} {
		if c.got != c.want {
			t.Errorf("%s: %q, want %q", c.name, c.got, c.want)
		}
	}
}

func TestMasksHideTheMiddleOfAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringMatching(`[0-9]{8,18}`).Draw(t, "s")
		for _, masked := range []string{MaskPhone(s), MaskIdentity(s)} {
			if strings.Count(masked, "*") < 3 {
				t.Fatalf("%q shows too much of %q", masked, s)
			}
		}
	})
}
