package store

import (
	"slices"
	"strings"
	"testing"

	"haochaping/regulation"
)

// All that six digits can say comes once, for each head in another order.
func TestScatteredNumbersAreAPermutation(t *testing.T) {
	seen := make([]bool, scatter)
	for n := range uint32(scatter) {
		at := scattered("secret", "513301-2026-", n)
		if at >= scatter || seen[at] {
			t.Fatalf("%d becomes %d, which is taken or too much", n, at)
		}
		seen[at] = true
	}
}

// Whoever has two numbers of one year is right about their order as often as by a coin.
func TestTheOrderOfNumbersTellsNothing(t *testing.T) {
	for _, head := range []string{"513301-2026-", "513301-2027-", "513322-2026-"} {
		rising := 0
		for n := range uint32(2000) {
			if scattered("secret", head, n) < scattered("secret", head, n+1) {
				rising++
			}
		}
		if rising < 900 || rising > 1100 {
			t.Errorf("%s: %d of 2000 rise", head, rising)
		}
	}
	first := func(secret, head string) (all []uint32) {
		for n := range uint32(10) {
			all = append(all, scattered(secret, head, n))
		}
		return all
	}
	if slices.Equal(first("secret", "513301-2026-"), first("secret", "513301-2027-")) || slices.Equal(first("secret", "513301-2026-"), first("other", "513301-2026-")) {
		t.Error("two years, or two secrets, have one order")
	}
}

func TestNumbersOfMoreThanAMillionCasesDoNotMeet(t *testing.T) {
	k := series{area: "513301", year: 2026}
	one, other := k.caseNumber("secret", 17), k.caseNumber("secret", scatter+17)
	if len(one) != len("513301-2026-0000000") || len(other) != len(one)+1 || !strings.HasPrefix(other, "513301-2026-1") || regulation.MistypedCaseNumber(other) {
		t.Errorf("%s, %s", one, other)
	}
}
