package store_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"strings"
	"testing"

	"haochaping/regulation"
	"haochaping/store"
	"haochaping/store/ledger"
	"haochaping/store/ledger/evidence"
	"haochaping/workday"
)

// evidence writes evidence of a month as a file.
func (d *desk) evidence(month, unit string) ([]byte, store.Evidence) {
	d.t.Helper()
	e, err := d.EvidenceOf(d.t.Context(), month, unit)
	d.must(err)
	d.must(d.Cover(d.t.Context(), &e))
	var out bytes.Buffer
	d.must(d.WriteEvidence(d.t.Context(), &out, &e))
	return out.Bytes(), e
}

// TestEvidenceProvesTheFigures: of a month, of one unit and of all, with every kind of leaf in the ledger; a checkpoint that covers
// more than the figures count does; and whatever is changed in the file shows.
func TestEvidenceProvesTheFigures(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		folder := t.TempDir()
		d.everyLeaf()
		d.rated(40)
		d.count(500)
		d.rated(3)
		d.integrate() // not counted yet, and signed
		d.signed(folder)
		keys, err := d.SigningKeys(t.Context())
		d.must(err)
		signers := []string{keys[0].Public}
		all, _, err := d.RecountFigures(t.Context())
		d.must(err)
		months := map[string]bool{}
		for cell := range all.All() {
			months[cell.Month] = true
		}
		ratings := int64(0)
		for month := range months {
			for _, unit := range []string{"", "513301-psb"} {
				file, written := d.evidence(month, unit)
				o, err := evidence.Check(bytes.NewReader(file), signers)
				if err != nil || o.Differing != 0 || o.Figures == 0 && unit == "" || o.Leaves != written.Point.Size || written.Counted >= written.Point.Size {
					t.Errorf("%s %s: %+v, %v", month, unit, o, err)
				}
				if unit == "" {
					ratings += o.Ratings
				}
			}
		}
		if counted := d.rowsOf("ratings", "id IN (SELECT ref FROM leaves WHERE kind = 'rating')") - 3; int(ratings) != counted || len(months) < 2 {
			t.Errorf("%d ratings in %d months, want %d", ratings, len(months), counted)
		}
		file, _ := d.evidence(monthNow(d), "")
		altered(t, file, signers)
	})
}

func monthNow(d *desk) string { return regulation.MonthOf(workday.DateOf(d.Clock.Now())) }

// altered changes the evidence in each way that could deceive.
func altered(t *testing.T, file []byte, signers []string) {
	t.Helper()
	zip, err := gzip.NewReader(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(zip)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	leaf, figure := -1, -1
	for i, line := range lines {
		if strings.HasPrefix(line, `{"leaf"`) && leaf < 0 {
			leaf = i
		}
		if strings.HasPrefix(line, `{"figure"`) && figure < 0 {
			figure = i
		}
	}
	if leaf < 0 || figure < 0 {
		t.Fatal("no leaf or no figure in it")
	}
	check := func(lines []string) (evidence.Outcome, error) {
		var out bytes.Buffer
		w := gzip.NewWriter(&out)
		_, err := io.WriteString(w, strings.Join(lines, "\n"))
		if err := errors.Join(err, w.Close()); err != nil {
			t.Fatal(err)
		}
		return evidence.Check(&out, signers)
	}
	without := func(i int) []string { return append(append([]string{}, lines[:i]...), lines[i+1:]...) }
	with := func(i int, line string) []string {
		changed := append([]string{}, lines...)
		changed[i] = line
		return changed
	}
	for what, changed := range map[string][]string{"a leaf left out": without(leaf), "the last leaf left out": without(figure - 1), "a leaf twice": append(append([]string{}, lines...), lines[leaf]),
		"another nonce": with(leaf, strings.Replace(lines[leaf], `"n":"`, `"n":"AAAA`, 1)), "a line of nothing": append(append([]string{}, lines...), `{}`),
		"counted by another formula": with(0, strings.Replace(lines[0], `"formula":1`, `"formula":2`, 1)), "of no formula": with(0, strings.Replace(lines[0], `,"formula":1`, "", 1)),
		"a formula that it could not name": with(0, strings.Replace(lines[0], "evidence 2", "evidence 1", 1)),
		"another checkpoint":               with(0, strings.Replace(lines[0], `haochaping/513300\n`, `haochaping/513300\n1`, 1)),
		"fewer are counted than are there": with(0, strings.Replace(lines[0], `"counted":`, `"counted":9`, 1))} {
		if o, err := check(changed); err == nil && o.Differing == 0 {
			t.Errorf("%s: proven", what)
		}
	}
	for what, changed := range map[string][]string{"a figure left out": without(figure), "a figure changed": with(figure, strings.Replace(lines[figure], `"grades":[`, `"grades":[1`, 1)),
		"a figure made up": append(append([]string{}, lines...), strings.Replace(lines[figure], `"first":"`, `"first":"x`, 1))} {
		if o, err := check(changed); err != nil || o.Differing == 0 {
			t.Errorf("%s: %+v, %v", what, o, err)
		}
	}
	if o, err := check(lines); err != nil || o.Differing != 0 || o.Header.Formula != regulation.FigureFormula {
		t.Errorf("as it was: %+v, %v", o, err)
	}
	before := strings.NewReplacer("evidence 2", "evidence 1", `,"formula":1`, "").Replace(lines[0])
	if o, err := check(with(0, before)); err != nil || o.Differing != 0 || before == lines[0] {
		t.Errorf("of before the formula was named: %+v, %v", o, err)
	}
	if _, err := evidence.Check(bytes.NewReader(file), []string{otherKey(t)}); err == nil {
		t.Error("proven under another key")
	}
}

func otherKey(t *testing.T) string {
	t.Helper()
	_, public, err := ledger.NewSigningKey(store.LedgerName)
	if err != nil {
		t.Fatal(err)
	}
	return public
}

// TestARatingsStandingGoesFromPendingToSigned, and a rating that was altered since has no proof.
func TestARatingsStandingGoesFromPendingToSigned(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		folder := t.TempDir()
		id := d.save(d.bad()).RatingID
		state := func() store.Standing {
			t.Helper()
			s, err := d.StandingOf(t.Context(), id)
			d.must(err)
			return s
		}
		if s := state(); s.State != store.StandsPending || s.Counted {
			t.Errorf("%+v", s)
		}
		d.integrate()
		if s := state(); s.State != store.StandsTaken || s.Counted {
			t.Errorf("%+v", s)
		}
		d.count(500)
		first := d.signed(folder)
		d.rated(20)
		d.integrate()
		d.signed(folder)
		s := state()
		if s.State != store.StandsSigned || !s.Counted || s.Point != first {
			t.Fatalf("%+v", s)
		}
		keys, err := d.SigningKeys(t.Context())
		d.must(err)
		proof, err := ledger.ReadInclusion(s.Proof.Text())
		d.must(err)
		if point, err := proof.Check([]string{keys[0].Public}); err != nil || point != first.Checkpoint {
			t.Errorf("%+v, %v", point, err)
		}
		note := s.Point.Note
		d.exec("UPDATE checkpoints SET note = 'x' WHERE size = ?", s.Point.Size)
		if s := state(); s.State != store.StandsBroken {
			t.Errorf("under a checkpoint that nobody signed: %+v", s)
		}
		d.exec("UPDATE checkpoints SET note = ? WHERE size = ?", note, s.Point.Size)
		if s := state(); s.State != store.StandsSigned {
			t.Errorf("as it was: %+v", s)
		}
		d.exec("UPDATE ratings SET grade = ? WHERE id = ?", int(regulation.VerySatisfied), id)
		if s := state(); s.State != store.StandsBroken || s.Proof.Note != "" {
			t.Errorf("%+v", s)
		}
	})
}
