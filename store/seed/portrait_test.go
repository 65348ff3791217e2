package seed

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"testing"
)

// wellFormed reads the whole document.
func wellFormed(svg []byte) error {
	decoder := xml.NewDecoder(bytes.NewReader(svg))
	for {
		if _, err := decoder.Token(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

func TestPortraitOfAnySeed(t *testing.T) {
	seen := map[string]bool{}
	for i := range 400 {
		svg := Portrait(fmt.Sprint(i))
		seen[string(svg)] = true
		if err := wellFormed(svg); err != nil {
			t.Fatalf("seed %d: %v", i, err)
		}
		if len(svg) >= 3000 {
			t.Errorf("seed %d: %d bytes", i, len(svg))
		}
		for _, name := range []string{"SKIN", "SHADE", "BACK", "HAIR", "CLOTH", "TRIM"} {
			if bytes.Contains(svg, []byte(name)) {
				t.Errorf("seed %d: colour %s was left", i, name)
			}
		}
	}
	if len(seen) < 390 {
		t.Errorf("400 seeds give only %d faces", len(seen))
	}
}

func TestPortraitIsTheSameEachTime(t *testing.T) {
	if !bytes.Equal(Portrait("f-5660a0fe"), Portrait("f-5660a0fe")) {
		t.Error("two drawings of one seed differ")
	}
}

func TestPrefixChoosesTheDrawing(t *testing.T) {
	for i := range 50 {
		if woman := newFace(fmt.Sprintf("f-%d", i)); !woman.woman {
			t.Errorf("f-%d is a man", i)
		}
		if man := newFace(fmt.Sprintf("m-%d", i)); man.woman {
			t.Errorf("m-%d is a woman", i)
		}
	}
}

func TestNoSeedGivesAnOutline(t *testing.T) {
	svg := Portrait("")
	if err := wellFormed(svg); err != nil || !bytes.Contains(svg, []byte(outline)) {
		t.Errorf("not the outline: %v", err)
	}
}
