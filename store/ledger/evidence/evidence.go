// Package evidence is a file by which anybody counts the figures of a month anew (7(1), 9(2)): the signed checkpoint, every leaf of
// the ledger opened, and the figures as the product has them. That every leaf is opened proves that none is left out. docs/ledger.md
// describes the format for whoever writes a verifier of their own.
package evidence

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"haochaping/regulation"
	"haochaping/store/ledger"
	"haochaping/workday"
)

// Format is the first word of the header; formatBefore named no formula.
const (
	Format       = "haochaping evidence 2"
	formatBefore = "haochaping evidence 1"
)

// ErrEvidence: a file is no evidence, or does not prove what it says.
var ErrEvidence = errors.New("the evidence does not hold")

// Header is the first line: whose figures they are.
type Header struct {
	Format string `json:"format"`
	Month  string `json:"month"`          // 2006-01 in Asia/Shanghai
	Unit   string `json:"unit,omitempty"` // "" for all
	Note   string `json:"checkpoint"`     // as it was signed
	// Counted is how many of the first leaves the figures count; the checkpoint covers these and maybe some more.
	Counted int64 `json:"counted"`
	// Formula is the version of the formulae by which they were counted (regulation.FigureFormula), 0 in evidence of before it was named.
	Formula int `json:"formula,omitempty"`
}

// Leaf is a line of one leaf, opened.
type Leaf struct {
	Nonce     []byte `json:"n"`
	Canonical []byte `json:"c"`
}

// Window is a line of one window: messages of evaluators name it alone. Where a window is cannot be proven by the ledger; it
// decides of which unit a session without a grade is, and no rating.
type Window struct {
	Window string `json:"window"`
	Hall   string `json:"hall"`
	Unit   string `json:"unit"`
	Area   string `json:"area"`
}

// Figure is a line of one figure, as the product has it.
type Figure struct {
	Cut       string   `json:"cut"`
	First     string   `json:"first"`
	Second    string   `json:"second"`
	Channel   string   `json:"channel"`
	Dimension string   `json:"dimension"`
	Grades    [5]int64 `json:"grades"`
	NotRated  int64    `json:"not_rated"`
}

// Cell is where the figure counts.
func (f Figure) Cell(month string) regulation.Cell {
	return regulation.Cell{Month: month, Cut: regulation.Cut(f.Cut), First: f.First, Second: f.Second, Channel: regulation.Channel(f.Channel), Dimension: f.Dimension}
}

// FigureOf is a figure as its line.
func FigureOf(c regulation.Cell, t regulation.Tally) Figure {
	return Figure{string(c.Cut), c.First, c.Second, string(c.Channel), c.Dimension, t.Grades, t.NotRated}
}

// line is any line behind the header: one of the three is set.
type line struct {
	Leaf   *Leaf   `json:"leaf,omitempty"`
	Window *Window `json:"window,omitempty"`
	Figure *Figure `json:"figure,omitempty"`
}

// Writer writes evidence: the header, the windows, every leaf in the order of positions, the figures.
type Writer struct {
	zip *gzip.Writer
	out *json.Encoder
}

// NewWriter writes the header.
func NewWriter(w io.Writer, h Header) (*Writer, error) {
	zip := gzip.NewWriter(w)
	out := &Writer{zip, json.NewEncoder(zip)}
	out.out.SetEscapeHTML(false)
	h.Format, h.Formula = Format, regulation.FigureFormula
	return out, out.out.Encode(h)
}

// Leaf writes the next leaf.
func (w *Writer) Leaf(l Leaf) error { return w.out.Encode(line{Leaf: &l}) }

// Window writes a window.
func (w *Writer) Window(l Window) error { return w.out.Encode(line{Window: &l}) }

// Figure writes a figure.
func (w *Writer) Figure(f Figure) error { return w.out.Encode(line{Figure: &f}) }

// Close ends the file.
func (w *Writer) Close() error { return w.zip.Close() }

// Outcome is what a check of evidence found.
type Outcome struct {
	Header     Header
	Checkpoint ledger.Checkpoint
	Leaves     int64
	Ratings    int64 // of the month, and the unit
	Figures    int64
	Differ     []string // figures that are not the recount, at most 100
	Differing  int64
}

// mostDiffer bounds what is listed.
const mostDiffer = 100

// Check reads evidence and holds it together: the leaves have the root that was signed, and the figures are the count of the leaves.
// Leaves are read one at a time; what is kept is as large as the figures. An error says that nothing is proven; figures that differ
// are in the outcome.
func Check(r io.Reader, signers []string) (o Outcome, err error) {
	zip, err := gzip.NewReader(r)
	if err != nil {
		return o, fmt.Errorf("%w: %w", ErrEvidence, err)
	}
	in := json.NewDecoder(bufio.NewReaderSize(zip, 1<<20))
	in.DisallowUnknownFields()
	if err := in.Decode(&o.Header); err != nil || o.Header.Format != Format && (o.Header.Format != formatBefore || o.Header.Formula != 0) {
		return o, fmt.Errorf("%w: its header is of no known format", ErrEvidence)
	}
	if o.Header.Format == Format && o.Header.Formula != regulation.FigureFormula {
		return o, fmt.Errorf("%w: its figures were counted by version %d of the formulae, this verifier counts by version %d", ErrEvidence, o.Header.Formula, regulation.FigureFormula)
	}
	if o.Checkpoint, err = ledger.OpenCheckpointBy([]byte(o.Header.Note), signers); err != nil {
		return o, err
	}
	c := &checking{out: &o, tree: &ledger.Tree{}, windows: map[string]Window{}, stated: map[regulation.Cell]regulation.Tally{}, counts: &regulation.Counts{}}
	for {
		var l line
		err := in.Decode(&l)
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil {
			err = c.take(l)
		}
		if err != nil {
			return o, fmt.Errorf("%w: behind leaf %d: %w", ErrEvidence, c.tree.Size(), err)
		}
	}
	return o, c.settle()
}

type checking struct {
	out     *Outcome
	tree    *ledger.Tree
	windows map[string]Window
	stated  map[regulation.Cell]regulation.Tally
	counts  *regulation.Counts
}

func (c *checking) take(l line) error {
	switch {
	case l.Leaf != nil:
		if _, err := c.tree.Add(ledger.DigestLeaf(l.Leaf.Nonce, l.Leaf.Canonical)); err != nil {
			return err
		}
		if c.out.Leaves++; c.out.Leaves > c.out.Header.Counted {
			return nil
		}
		return c.count(l.Leaf.Canonical)
	case l.Window != nil:
		if _, known := c.windows[l.Window.Window]; known {
			return fmt.Errorf("window %s is told of twice", l.Window.Window)
		}
		c.windows[l.Window.Window] = *l.Window
		return nil
	case l.Figure != nil:
		cell := l.Figure.Cell(c.out.Header.Month)
		if _, known := c.stated[cell]; known {
			return errors.New("a figure is stated twice")
		}
		c.stated[cell] = regulation.Tally{Grades: l.Figure.Grades, NotRated: l.Figure.NotRated}
		c.out.Figures++
		return nil
	}
	return errors.New("a line says nothing")
}

// count counts a leaf that is a rating of the month, or a session at an evaluator that ended without a grade.
func (c *checking) count(canonical []byte) error {
	row, err := ledger.ReadRow(canonical)
	if err != nil {
		return err
	}
	switch row.Kind {
	case kindRating:
		r, err := readRating(row)
		if err != nil || !c.wanted(r.Place, r.GivenAt) {
			return err
		}
		c.out.Ratings++
		c.counts.Count(r, c.out.Header.Month)
	case kindDevice:
		missed, place, at, err := readMissed(row)
		if err != nil || !missed {
			return err
		}
		where, known := c.windows[place.Rated.Window]
		if !known {
			return fmt.Errorf("window %q is not told of", place.Rated.Window)
		}
		place.Area, place.Rated.Hall, place.Rated.Unit = where.Area, where.Hall, where.Unit
		if c.wanted(place, at) {
			c.counts.Missed(place, c.out.Header.Month)
		}
	}
	return nil
}

func (c *checking) wanted(p regulation.Place, at time.Time) bool {
	h := c.out.Header
	return regulation.MonthOf(workday.DateOf(at)) == h.Month && (h.Unit == "" || p.Rated.Unit == h.Unit)
}

// OfUnit tells whether a figure is one unit's alone, and so can be counted from its ratings.
func OfUnit(c regulation.Cell, unit string) bool {
	switch c.Cut {
	case regulation.CutUnit:
		return c.Second == unit
	case regulation.CutStaff, regulation.CutUnitMatter:
		return c.First == unit
	}
	return false
}

// settle compares root and figures.
func (c *checking) settle() error {
	root, err := c.tree.Root()
	if err != nil {
		return err
	}
	if c.out.Header.Counted > c.tree.Size() {
		return fmt.Errorf("%w: the figures count %d leaves, of which %d are here", ErrEvidence, c.out.Header.Counted, c.tree.Size())
	}
	if c.tree.Size() != c.out.Checkpoint.Size || root != c.out.Checkpoint.Root {
		return fmt.Errorf("%w: %d leaves with the root %s, signed are %d with %s", ErrEvidence, c.tree.Size(), root, c.out.Checkpoint.Size, c.out.Checkpoint.Root)
	}
	differ := func(cell regulation.Cell, stated, counted regulation.Tally) {
		if c.out.Differing++; len(c.out.Differ) < mostDiffer {
			c.out.Differ = append(c.out.Differ, fmt.Sprintf("%s stated %v, counted %v",
				strings.Join([]string{string(cell.Cut), cell.First, cell.Second, string(cell.Channel), cell.Dimension}, "/"), stated, counted))
		}
	}
	for cell, counted := range c.counts.All() {
		if unit := c.out.Header.Unit; cell.Cut.Sum() || unit != "" && !OfUnit(cell, unit) {
			continue
		}
		stated, there := c.stated[cell]
		if delete(c.stated, cell); !there || stated != counted {
			differ(cell, stated, counted)
		}
	}
	for cell, stated := range c.stated {
		differ(cell, stated, regulation.Tally{})
	}
	slices.Sort(c.out.Differ)
	return nil
}

const (
	kindRating = "rating"
	kindDevice = "device"
)

// readRating reads what figures are counted from out of a rating's canonical bytes.
func readRating(row *ledger.Fields) (r regulation.Rating, err error) {
	r.ID, r.Channel, r.Target = row.Text(), regulation.Channel(row.Text()), regulation.TargetKind(row.Text())
	grade := row.Integer()
	row.Text() // options
	marks := row.Text()
	r.Place.Area, r.Place.Authority, r.Place.Upper = row.Text(), row.Text(), row.Text()
	rated := &r.Place.Rated
	rated.Unit, rated.Hall, rated.Window, rated.Staff, rated.Matter = row.Text(), row.Text(), row.Text(), row.Text(), row.Text()
	row.Text()    // project number
	row.Text()    // matter's state
	row.Integer() // delivery used
	for range 4 { // gaps, call, form's serial, digest of the scan
		row.Text()
	}
	r.GivenAt = row.Instant()
	for range 3 { // who transcribed, digest of the text, privacy notice
		row.Text()
	}
	if row.Version == 2 {
		row.Text()
		row.Text()
		row.Instant()
	}
	if err := row.End(); err != nil {
		return r, err
	}
	if row.Version != 1 && row.Version != 2 {
		return r, fmt.Errorf("a rating of version %d", row.Version)
	}
	if grade < 1 || grade > 5 {
		return r, fmt.Errorf("grade %d", grade)
	}
	r.Grade = regulation.Grade(grade)
	if marks != "" {
		if err := json.Unmarshal([]byte(marks), &r.Dimensions); err != nil {
			return r, err
		}
	}
	for dimension, mark := range r.Dimensions {
		if mark < 1 || mark > 5 {
			return r, fmt.Errorf("mark %d of %s", mark, dimension)
		}
	}
	return r, nil
}

// readMissed reads a message of an evaluator, and whether it tells of a session that ended without a grade.
func readMissed(row *ledger.Fields) (missed bool, p regulation.Place, at time.Time, err error) {
	row.Text()    // device
	row.Integer() // counter
	row.Integer() // key number
	row.Text()    // kind
	row.Text()    // digest
	row.Instant() // sent
	at = row.Instant()
	row.Instant() // received
	outcome := row.Text()
	row.Text() // session
	row.Text() // rating
	p.Rated.Window, p.Rated.Staff = row.Text(), row.Text()
	return outcome == "not_rated", p, at, row.End()
}
