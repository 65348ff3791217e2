package seal

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestReceiptIsReadBackHoweverItIsTyped(t *testing.T) {
	wide := func(s string) string {
		return strings.Map(func(r rune) rune { return r - '!' + '！' }, s)
	}
	confused := strings.NewReplacer("0", "o", "1", "l", "-", " ")
	for range 50 {
		secret, hash := NewReceipt()
		if len(hash) != 32 || len(strings.ReplaceAll(secret, "-", "")) != receiptLength {
			t.Fatalf("receipt of %d characters, hash of %d bytes", len(secret), len(hash))
		}
		for _, typed := range []string{
			secret, strings.ToLower(secret), strings.ReplaceAll(secret, "-", ""), wide(secret),
			confused.Replace(secret), " " + strings.ReplaceAll(secret, "-", " — ") + "\r\n", strings.ReplaceAll(secret, "1", "I"),
		} {
			if got, err := ParseReceipt(typed); err != nil || !bytes.Equal(got, hash) {
				t.Fatalf("%q: %v", typed, err)
			}
		}
	}
}

func TestReceiptGroups(t *testing.T) {
	secret, _ := NewReceipt()
	groups := strings.Split(secret, "-")
	if len(groups) != 8 || len(groups[0]) != 4 || len(groups[7]) != 5 {
		t.Errorf("groups %d, first %d, last %d", len(groups), len(groups[0]), len(groups[7]))
	}
}

func TestMistypedReceiptsAreNoticed(t *testing.T) {
	secret, _ := NewReceipt()
	code := strings.ReplaceAll(secret, "-", "")
	for i := range code {
		for _, c := range crockford {
			if typed := code[:i] + string(c) + code[i+1:]; typed != code {
				refuse(t, typed)
			}
		}
		refuse(t, code[:i]+code[i+1:])
		refuse(t, code[:i]+"U"+code[i+1:])
		if i > 0 && code[i] != code[i-1] {
			refuse(t, code[:i-1]+code[i:i+1]+code[i-1:i]+code[i+1:])
		}
	}
	refuse(t, "")
	refuse(t, code+code)
	refuse(t, code+"?")
}

func refuse(t *testing.T, typed string) {
	t.Helper()
	if _, err := ParseReceipt(typed); !errors.Is(err, ErrReceipt) {
		t.Errorf("%q: %v", typed, err)
	} else if len(typed) > 3 && strings.Contains(err.Error(), typed) {
		t.Errorf("the error repeats the receipt: %v", err)
	}
}

func TestReceiptsDiffer(t *testing.T) {
	seen := map[string]bool{}
	for range 1000 {
		_, hash := NewReceipt()
		seen[string(hash)] = true
	}
	if len(seen) != 1000 {
		t.Errorf("%d of 1000 receipts differ", len(seen))
	}
}

func TestCheckCharacterFindsExchangedNeighbours(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		code := []byte(rapid.StringOfN(rapid.RuneFrom([]rune(crockford)), 32, 32, -1).Draw(t, "code"))
		at := rapid.IntRange(0, 30).Draw(t, "at")
		check := checkCharacter(string(code))
		if code[at] == code[at+1] {
			return
		}
		code[at], code[at+1] = code[at+1], code[at]
		if checkCharacter(string(code)) == check {
			t.Fatalf("exchange at %d is not noticed", at)
		}
	})
}

func FuzzParseReceipt(f *testing.F) {
	secret, _ := NewReceipt()
	for _, seed := range []string{"", secret, strings.ToLower(secret), "０1", "\xff\xfe", strings.Repeat("0", 33), "K7QM-"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		hash, err := ParseReceipt(typed)
		if (err == nil) != (len(hash) == 32) || err != nil && !errors.Is(err, ErrReceipt) {
			t.Errorf("%d bytes, %v", len(hash), err)
		}
		if err == nil && utf8.RuneCountInString(typed) < receiptLength {
			t.Errorf("%q is too short for a receipt", typed)
		}
	})
}
