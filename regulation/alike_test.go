package regulation_test

import (
	"math"
	"testing"

	"haochaping/regulation"
)

func alikeShare(area string, of, among int64) regulation.AlikeShare {
	return regulation.AlikeShare{Area: area, Alike: regulation.Alike{"1513358980800", "attitude", regulation.VeryDissatisfied}, Decision: regulation.DecisionConfirmed, Ratio: regulation.Ratio{of, among}}
}

// 30 of 40 against 10 of 40: pooled 1/2, so z = 0.5 / sqrt(1/4 * 2/40) = 4.472; one pair at 5 in 100 needs 1.96.
func TestAlikeCasesAreCompared(t *testing.T) {
	c := regulation.CompareAlike([]regulation.AlikeShare{alikeShare("513301", 30, 40), alikeShare("513322", 10, 40), alikeShare("513323", 1, 29)}, 30)
	if c.Pairs != 1 || math.Abs(c.Critical-1.95996) > 1e-4 || len(c.Differences) != 1 {
		t.Fatalf("%+v", c)
	}
	if d := c.Differences[0]; d.Low.Area != "513322" || d.High.Area != "513301" || math.Abs(d.Z-4.47214) > 1e-4 {
		t.Errorf("%+v", d)
	}
}

// What differs by no more than chance is not told, and the more pairs are compared, the more one has to differ.
func TestChanceIsNoDifference(t *testing.T) {
	near := []regulation.AlikeShare{alikeShare("513301", 20, 40), alikeShare("513322", 29, 40)} // z = 2.07
	if c := regulation.CompareAlike(near, 30); len(c.Differences) != 1 {
		t.Fatalf("one pair: %+v", c)
	}
	for _, area := range []string{"513323", "513324", "513325"} {
		near = append(near, alikeShare(area, 24, 40))
	}
	if c := regulation.CompareAlike(near, 30); c.Pairs != 10 || len(c.Differences) != 0 || math.Abs(c.Critical-2.80703) > 1e-4 {
		t.Errorf("ten pairs: %+v", c)
	}
}

// Other matters, other grades, other decisions, and shares of which too few of one outcome are expected, are not compared.
func TestOnlyWhatIsAlikeIsCompared(t *testing.T) {
	other, written := alikeShare("513322", 1, 40), alikeShare("513323", 1, 40)
	other.Alike.Grade, written.Decision = regulation.Dissatisfied, regulation.DecisionWrittenOff
	matter := alikeShare("513324", 1, 40)
	matter.Alike.Matter = "1514401907500"
	if c := regulation.CompareAlike([]regulation.AlikeShare{alikeShare("513301", 30, 40), other, written, matter}, 30); c.Pairs != 0 || c.Critical != 0 {
		t.Errorf("%+v", c)
	}
	if c := regulation.CompareAlike([]regulation.AlikeShare{alikeShare("513301", 40, 40), alikeShare("513322", 37, 40)}, 30); c.Pairs != 0 {
		t.Errorf("three of eighty: %+v", c)
	}
	if c := regulation.CompareAlike([]regulation.AlikeShare{alikeShare("513301", 40, 40), alikeShare("513322", 40, 40)}, 30); c.Pairs != 0 {
		t.Errorf("none differs: %+v", c)
	}
}
