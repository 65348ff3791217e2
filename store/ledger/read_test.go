package ledger

import (
	"bytes"
	"errors"
	"slices"
	"testing"
	"time"
)

func TestARowReadsAsItWasWritten(t *testing.T) {
	at := time.Date(2026, 3, 2, 10, 0, 0, 123000, time.UTC)
	canonical := NewRow("rating", 2).Text("r1").Integer(-5).Instant(at).Instant(time.Time{}).Bool(true).Canonical()
	f, err := ReadRow(canonical)
	if err != nil || f.Kind != "rating" || f.Version != 2 {
		t.Fatalf("%+v, %v", f, err)
	}
	if text, n, when, none, yes := f.Text(), f.Integer(), f.Instant(), f.Instant(), f.Integer(); text != "r1" || n != -5 || !when.Equal(at) || !none.IsZero() || yes != 1 || f.End() != nil {
		t.Errorf("%q %d %v %v %d, %v", text, n, when, none, yes, f.End())
	}
	for n := range canonical { // cut off anywhere it does not read
		f, err := ReadRow(canonical[:n])
		if err == nil {
			f.Text()
			f.Integer()
			f.Instant()
			f.Instant()
			f.Integer()
			err = f.End()
		}
		if !errors.Is(err, ErrRow) {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
	wrong, _ := ReadRow(canonical)
	if wrong.Integer(); !errors.Is(wrong.Err(), ErrRow) {
		t.Error("a text reads as a number")
	}
	if more, _ := ReadRow(canonical); more.Text() != "r1" || !errors.Is(more.End(), ErrRow) {
		t.Error("what is left over is not told")
	}
}

func TestFieldsThatDifferAreNumbered(t *testing.T) {
	row := func(a, b string, n int64) []byte { return NewRow("x", 1).Text(a).Text(b).Integer(n).Canonical() }
	for _, c := range []struct {
		other []byte
		want  []int
	}{
		{row("a", "b", 3), nil}, {row("a", "c", 3), []int{2}}, {row("", "b", 4), []int{1, 3}}, {NewRow("y", 1).Canonical(), []int{0}}, {[]byte("junk"), []int{0}},
		{NewRow("x", 1).Text("a").Text("b").Canonical(), []int{0}},
	} {
		if got := Differ(row("a", "b", 3), c.other); !slices.Equal(got, c.want) {
			t.Errorf("%v, want %v", got, c.want)
		}
	}
}

func TestDigestsHaveTheRootOfTheirLeaves(t *testing.T) {
	leaves := leavesOf(70)
	var file bytes.Buffer
	for _, leaf := range leaves {
		file.Write(leaf[:])
	}
	file.WriteString("cut off")
	d := NewDigests(bytes.NewReader(file.Bytes()), int64(file.Len()))
	for _, size := range []int64{0, 1, 37, 70} {
		if root, err := d.RootOf(size); err != nil || root != plainRoot(leaves[:size]) {
			t.Errorf("%d: %v, %v", size, root, err)
		}
	}
	if _, err := d.RootOf(71); d.Size() != 70 || err == nil {
		t.Errorf("%d digests, %v", d.Size(), err)
	}
}

func TestOnlyAKeyThatWasSignedForSigns(t *testing.T) {
	c, _, first, firstPublic := signed(t)
	_, _, second, secondPublic := signed(t)
	_, _, stranger, strangerPublic := signed(t)
	change := must[[]byte](t)(SignChange(first, secondPublic, c.At))
	signers := must[[]string](t)(Signers(firstPublic, change))
	note := must[[]byte](t)(c.Sign(second))
	if got, err := OpenCheckpointBy(note, signers); err != nil || got != c {
		t.Errorf("%+v, %v", got, err)
	}
	forged := must[[]byte](t)(c.Sign(stranger))
	if _, err := OpenCheckpointBy(forged, signers); !errors.Is(err, ErrCheckpoint) {
		t.Errorf("a stranger's: %v", err)
	}
	for what, changes := range map[string][][]byte{
		"signed by a stranger": {must[[]byte](t)(SignChange(stranger, strangerPublic, c.At))}, "a checkpoint": {note}, "a checkpoint of the first": {must[[]byte](t)(c.Sign(first))},
		"altered": {bytes.Replace(change, []byte("2026"), []byte("2027"), 1)},
	} {
		if _, err := Signers(firstPublic, changes...); !errors.Is(err, ErrSigners) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := OpenCheckpoint(change, firstPublic); !errors.Is(err, ErrCheckpoint) {
		t.Errorf("a change reads as a checkpoint: %v", err)
	}
}
