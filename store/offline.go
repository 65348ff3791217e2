package store

import (
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"
	"gorm.io/gorm"

	"haochaping/regulation"
	"haochaping/store/ledger"
)

// Codes of what is not as a checkpoint says.
const (
	TamperedBehind   = "behind"          // the record has fewer leaves than the checkpoint: an old copy was put back, or the end cut off
	TamperedRoot     = "root_differs"    // rows and leaves agree with each other and not with the checkpoint: the log was rewritten
	TamperedDigests  = "digests_differ"  // the digests beside the checkpoint are not those that it stands for
	TamperedRow      = "row_altered"     // the row does not make the digest that it had
	TamperedGone     = "row_gone"        // the row is not there
	TamperedAdded    = "row_added"       // a row that never entered the ledger
	TamperedLeaf     = "leaf_altered"    // the leaf at a position is not what it was
	TamperedLeafGone = "leaf_gone"       // there is no leaf at a position
	TamperedTwice    = "leaf_twice"      // a row that is in the ledger waits to enter it again
	TamperedPending  = "pending_altered" // a row that waits to enter does not make the digest noted for it
	TamperedHash     = "hash_differs"    // a stored hash of the tree is not what the leaves make
	TamperedFigure   = "figure_differs"  // a figure is not the recount of the ratings
)

// Tampered is a row that is not as a checkpoint says, or as what the checkpoint proves says.
type Tampered struct {
	Code     string   `json:"code"`
	Table    string   `json:"table"`
	Row      string   `json:"row,omitempty"`   // the row's reference: its id, with its number after a slash
	Position int64    `json:"position"`        // in the ledger, -1 where it has none
	About    []string `json:"about,omitempty"` // what differs, where that can be told
	Covered  bool     `json:"covered"`         // the checkpoint covers it; else the record disagrees with itself
}

// String is a line for whoever reads the outcome.
func (t Tampered) String() string {
	words := []string{t.Code, t.Table}
	if t.Row != "" {
		words = append(words, t.Row)
	}
	if t.Position >= 0 {
		words = append(words, fmt.Sprintf("position %d", t.Position))
	}
	if len(t.About) > 0 {
		words = append(words, "("+strings.Join(t.About, ", ")+")")
	}
	if !t.Covered {
		words = append(words, "[newer than the checkpoint]")
	}
	return strings.Join(words, " ")
}

// Exported is what lies in a folder of checkpoints beside them: each leaf's digest and the name of its row.
type Exported struct {
	digests ledger.Digests
	names   io.ReaderAt
	closing []io.Closer
}

// OpenExported opens a folder of checkpoints for reading.
func OpenExported(folder string) (*Exported, error) {
	digests, err := os.Open(filepath.Join(folder, DigestsFile))
	if err != nil {
		return nil, err
	}
	e := &Exported{closing: []io.Closer{digests}}
	info, err := digests.Stat()
	if err != nil {
		return nil, errors.Join(err, e.Close())
	}
	e.digests = ledger.NewDigests(digests, info.Size())
	if names, err := os.Open(filepath.Join(folder, NamesFile)); err == nil {
		e.names, e.closing = names, append(e.closing, names)
	}
	return e, nil
}

// Close closes the files.
func (e *Exported) Close() error {
	var faults []error
	for _, c := range e.closing {
		faults = append(faults, c.Close())
	}
	return errors.Join(faults...)
}

// Digests are the leaves' digests.
func (e *Exported) Digests() ledger.Digests { return e.digests }

// read returns what is known of n leaves from a position on; names are help, no proof, and may be missing.
func (e *Exported) read(position int64, n int) ([]placedLeaf, error) {
	digests, err := e.digests.Read(position, n)
	if err != nil {
		return nil, err
	}
	lines := make([]byte, n*nameLine)
	if e.names != nil {
		if _, err := e.names.ReadAt(lines, position*nameLine); err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
	}
	leaves := make([]placedLeaf, n)
	for i, digest := range digests {
		kind, ref, _ := strings.Cut(strings.TrimRight(string(lines[i*nameLine:(i+1)*nameLine]), " \n\x00"), " ")
		leaves[i] = placedLeaf{position + int64(i), kind, ref, hex.EncodeToString(digest[:])}
	}
	return leaves, nil
}

// OfflineOptions are what the record is held against.
type OfflineOptions struct {
	Point ledger.Checkpoint
	// Leaves are what was exported with the checkpoint. Without them a log that was rewritten by the product's own code shows
	// in the root, and nobody can say which row it was.
	Leaves *Exported
	Found  func(Tampered) error
}

// OfflineResult is what was looked at.
type OfflineResult struct {
	Size    int64         `json:"size"` // of the ledger as it is now
	Leaves  int64         `json:"leaves"`
	Rows    int64         `json:"rows"` // that were made into leaves anew
	Figures int64         `json:"figures"`
	Found   int64         `json:"found"`
	Named   bool          `json:"named"` // the exported digests are those of the checkpoint: each row can be named
	Took    time.Duration `json:"took_ns"`
}

// VerifyOffline holds the whole record against a checkpoint that was exported, and believes nothing of what stands in the
// database but that: every row is made into its leaf anew. Rows that the checkpoint does not cover yet are held against what
// the record itself says of them. It writes nothing and keeps some thousand rows in memory.
func (s *Store) VerifyOffline(ctx context.Context, o OfflineOptions) (OfflineResult, error) {
	began := s.wall()
	v := &offline{s: s, o: o, told: map[string]bool{}, moved: map[leafName]int64{}}
	for _, walk := range []func(context.Context) error{v.digests, v.leaves, v.strangers, v.rest, v.hashes, v.figures} {
		if err := walk(ctx); err != nil {
			return v.result, err
		}
		if v.faults != nil {
			return v.result, v.faults
		}
	}
	v.result.Took = s.wall().Sub(began)
	return v.result, nil
}

type offline struct {
	s      *Store
	o      OfflineOptions
	result OfflineResult
	proven *Exported          // nil unless the checkpoint proves them
	told   map[string]bool    // rows that were named, so that none is named twice
	moved  map[leafName]int64 // rows that stand at the place of others, and where
	faults error              // of Found
}

// mostTold bounds what is remembered of what was told.
const mostTold = 100_000

func (v *offline) find(t Tampered) {
	v.result.Found++
	if key := t.Table + " " + t.Row; t.Row != "" && len(v.told) < mostTold {
		v.told[key] = true
	}
	if v.o.Found != nil && v.faults == nil {
		v.faults = v.o.Found(t)
	}
}

// digests proves the exported digests by the checkpoint.
func (v *offline) digests(context.Context) error {
	if v.o.Leaves == nil {
		return nil
	}
	root := ledger.Hash{}
	var err error
	if v.o.Leaves.digests.Size() >= v.o.Point.Size {
		root, err = v.o.Leaves.digests.RootOf(v.o.Point.Size)
	}
	if err != nil {
		return err
	}
	if root != v.o.Point.Root {
		v.find(Tampered{Code: TamperedDigests, Table: DigestsFile, Position: -1, Covered: true}) // the checkpoint says what they are
		return nil
	}
	v.proven, v.result.Named = v.o.Leaves, true
	return nil
}

// leaves walks over all positions of ledger and checkpoint.
func (v *offline) leaves(ctx context.Context) error {
	size, err := v.s.LedgerPosition(ctx)
	if err != nil {
		return err
	}
	v.result.Size = size
	if size < v.o.Point.Size {
		v.find(Tampered{Code: TamperedBehind, Table: "leaves", Position: size, Covered: true,
			About: []string{fmt.Sprintf("%d leaves", size), fmt.Sprintf("the checkpoint has %d", v.o.Point.Size)}})
	}
	tree := &ledger.Tree{} // of what the rows make
	before := v.result.Found
	for position := int64(0); position < max(size, v.o.Point.Size) && v.faults == nil; position += leavesAtOnce {
		until := min(position+leavesAtOnce, max(size, v.o.Point.Size))
		made, err := v.stretch(ctx, position, until)
		if err != nil {
			return err
		}
		for i := position; i < min(until, v.o.Point.Size); i++ {
			if _, err := tree.Add(made[i-position]); err != nil {
				return err
			}
		}
	}
	root, err := tree.Root()
	if err == nil && v.faults == nil && root != v.o.Point.Root && v.result.Found == before {
		v.find(Tampered{Code: TamperedRoot, Table: "leaves", Position: -1, Covered: true})
	}
	return err
}

// stretch looks at positions from one up to another and returns what their rows make.
func (v *offline) stretch(ctx context.Context, from, until int64) (made []ledger.Hash, err error) {
	stored := map[int64]placedLeaf{}
	var rows []placedLeaf
	if err := v.s.rows(ctx).Table("leaves").Where("position >= ? AND position < ?", from, until).Find(&rows).Error; err != nil {
		return nil, err
	}
	for _, row := range rows {
		stored[row.Position] = row
	}
	wanted, err := v.wanted(from, until, stored)
	if err != nil {
		return nil, err
	}
	contents, err := v.s.contents(ctx, slices.Concat(wanted, rows))
	if err != nil {
		return nil, err
	}
	made = make([]ledger.Hash, until-from)
	for i, want := range wanted {
		v.result.Leaves++
		have, there := stored[want.Position]
		made[i] = v.leaf(want, have, there, contents)
	}
	return made, nil
}

// wanted is what each position is to hold: as exported, where the checkpoint proves it, else as the record says itself.
func (v *offline) wanted(from, until int64, stored map[int64]placedLeaf) ([]placedLeaf, error) {
	wanted := make([]placedLeaf, until-from)
	for i := range wanted {
		wanted[i] = stored[from+int64(i)]
		wanted[i].Position = from + int64(i)
	}
	if v.proven == nil || from >= v.o.Point.Size {
		return wanted, nil
	}
	exported, err := v.proven.read(from, int(min(until, v.o.Point.Size)-from))
	for i, leaf := range exported {
		if leaf.Kind == "" { // no name: the record's may be right
			leaf.Kind, leaf.Ref = wanted[i].Kind, wanted[i].Ref
		}
		wanted[i] = leaf
	}
	return wanted, err
}

// leaf looks at one position and returns what its row makes.
func (v *offline) leaf(want, have placedLeaf, there bool, contents map[leafName]madeLeaf) ledger.Hash {
	covered := want.Position < v.o.Point.Size
	if there && (have.Kind != want.Kind || have.Ref != want.Ref) && contents[have.name()].makes(want.Digest) {
		want.Kind, want.Ref = have.Kind, have.Ref // the exported name is wrong, the record's makes the digest
	}
	switch {
	case !there && want.Position >= v.result.Size && v.o.Point.Size > v.result.Size && want.Kind == "":
		return ledger.Hash{} // told as behind
	case !there:
		v.find(Tampered{Code: TamperedLeafGone, Table: "leaves", Row: want.label(), Position: want.Position, Covered: covered})
	case have != want:
		if have.name() != want.name() && len(v.moved) < mostTold {
			v.moved[have.name()] = have.Position
		}
		v.find(Tampered{Code: TamperedLeaf, Table: "leaves", Row: want.label(), Position: want.Position, About: leafDiffers(have, want), Covered: covered})
	}
	if want.Kind == "" {
		return ledger.Hash{}
	}
	content, exists := contents[want.name()]
	if !exists {
		v.find(Tampered{Code: TamperedGone, Table: tableOf(want.Kind), Row: want.Ref, Position: want.Position, Covered: covered})
		return ledger.Hash{}
	}
	v.result.Rows++
	if !content.makes(want.Digest) || content.fault != nil {
		v.find(Tampered{Code: TamperedRow, Table: tableOf(want.Kind), Row: want.Ref, Position: want.Position, About: content.differs(), Covered: covered})
	}
	return content.content.digest()
}

// strangers names the rows that stand at a place of the ledger which the checkpoint covers, and were nowhere in it then.
func (v *offline) strangers(context.Context) error {
	if v.proven == nil || v.proven.names == nil {
		return nil
	}
	for from := int64(0); from < v.o.Point.Size && len(v.moved) > 0; from += leavesAtOnce {
		leaves, err := v.proven.read(from, int(min(leavesAtOnce, v.o.Point.Size-from)))
		if err != nil {
			return err
		}
		for _, leaf := range leaves {
			delete(v.moved, leaf.name())
		}
	}
	for name, position := range v.moved {
		v.find(Tampered{Code: TamperedAdded, Table: cmp.Or(tableOf(name.kind), "leaves"), Row: name.ref, Position: position, Covered: true})
	}
	return nil
}

func (l placedLeaf) name() leafName { return leafName{l.Kind, l.Ref} }

func (l placedLeaf) label() string { return strings.TrimSpace(l.Kind + " " + l.Ref) }

// makes tells whether a row makes a digest.
func (m madeLeaf) makes(digest string) bool {
	made := m.content.digest()
	return hex.EncodeToString(made[:]) == digest
}

// differs says in what a row disagrees with itself, where it does.
func (m madeLeaf) differs() []string {
	if differ := (*fieldsDiffer)(nil); errors.As(m.fault, &differ) {
		return differ.fields
	}
	return nil
}

func leafDiffers(have, want placedLeaf) (about []string) {
	if have.Kind != want.Kind || have.Ref != want.Ref {
		about = append(about, "it names "+have.label())
	}
	if have.Digest != want.Digest {
		about = append(about, "digest")
	}
	return about
}

// leafName names a row as a leaf does.
type leafName struct{ kind, ref string }

// contents makes the leaves of rows anew, by name; one that is not there is left out.
func (s *Store) contents(ctx context.Context, leaves []placedLeaf) (map[leafName]madeLeaf, error) {
	made := map[leafName]madeLeaf{}
	many := map[string]map[string]bool{leafRating: {}, leafEvent: {}}
	for _, leaf := range leaves {
		if refs, together := many[leaf.Kind]; together {
			refs[leaf.Ref] = true
			continue
		}
		if _, known := made[leaf.name()]; known || leaf.Kind == "" || tableOf(leaf.Kind) == "" {
			continue
		}
		content, err := s.leafContent(ctx, leaf.Kind, leaf.Ref)
		switch {
		case errors.Is(err, gorm.ErrRecordNotFound):
		case ctx.Err() != nil:
			return nil, ctx.Err()
		default: // what does not read is told as altered
			made[leaf.name()] = madeLeaf{content, err}
		}
	}
	for kind, read := range map[string]func(context.Context, []string) (map[string]madeLeaf, error){leafRating: s.ratingLeaves, leafEvent: s.eventLeaves} {
		for refs := range slices.Chunk(sortedSet(many[kind]), 500) {
			some, err := readable(ctx, refs, read)
			if err != nil {
				return nil, err
			}
			for ref, one := range some {
				made[leafName{kind, ref}] = one
			}
		}
	}
	return made, nil
}

// readable reads rows together; where one cannot be read at all, each by itself, so that it is named.
func readable(ctx context.Context, refs []string, read func(context.Context, []string) (map[string]madeLeaf, error)) (map[string]madeLeaf, error) {
	made, err := read(ctx, refs)
	if err == nil || ctx.Err() != nil {
		return made, err
	}
	made = map[string]madeLeaf{}
	for _, ref := range refs {
		one, err := read(ctx, []string{ref})
		if ctx.Err() != nil {
			return nil, err
		}
		maps.Copy(made, one)
		if err != nil {
			made[ref] = madeLeaf{fault: err}
		}
	}
	return made, nil
}

func sortedSet(set map[string]bool) []string {
	all := make([]string, 0, len(set))
	for one := range set {
		all = append(all, one)
	}
	slices.Sort(all)
	return all
}

// tableOf is the table behind a kind of leaves, "" where there is no such kind.
func tableOf(kind string) string {
	if kind == leafRating {
		return "ratings"
	}
	for _, source := range leafSources {
		if source.kind == kind {
			return source.table
		}
	}
	return ""
}

// rest looks for rows that never entered the ledger, and at those that wait to.
func (v *offline) rest(ctx context.Context) error {
	for _, source := range append([]leafSource{{leafRating, "ratings", "id", ""}}, leafSources...) {
		var refs []string
		query := fmt.Sprintf(`SELECT %[3]s AS ref FROM %[2]s r
			WHERE NOT EXISTS (SELECT 1 FROM leaves l WHERE l.kind = '%[1]s' AND l.ref = %[3]s)
			AND %[3]s NOT IN (SELECT p.ref FROM pending_leaves p WHERE p.kind = '%[1]s')%[4]s ORDER BY ref LIMIT ?`, source.kind, source.table, source.ref(), source.unless())
		if err := v.s.rows(ctx).Raw(query, mostTold).Scan(&refs).Error; err != nil {
			return err
		}
		for _, ref := range refs {
			if label := source.kind + " " + ref; !v.told["leaves "+label] { // its leaf is gone, which was told
				v.find(Tampered{Code: TamperedAdded, Table: source.table, Row: ref, Position: -1, Covered: true})
			}
		}
	}
	return v.pending(ctx)
}

// pending looks at rows that wait to enter the ledger.
func (v *offline) pending(ctx context.Context) error {
	for after := (leafName{}); ; {
		var rows []pendingLeafRow
		err := v.s.rows(ctx).Where("kind > ? OR kind = ? AND ref > ?", after.kind, after.kind, after.ref).Order("kind, ref").Limit(leavesAtOnce).Find(&rows).Error
		if err != nil || len(rows) == 0 {
			return err
		}
		var names []placedLeaf
		for _, row := range rows {
			names = append(names, placedLeaf{-1, row.Kind, row.Ref, row.Digest})
		}
		last := names[len(names)-1]
		after = last.name()
		contents, err := v.s.contents(ctx, names)
		if err != nil {
			return err
		}
		for _, leaf := range names {
			if err := v.waits(ctx, leaf, contents); err != nil {
				return err
			}
		}
	}
}

func (v *offline) waits(ctx context.Context, leaf placedLeaf, contents map[leafName]madeLeaf) error {
	var entered int64
	// In one statement: the sequencer moves rows from one table to the other meanwhile.
	err := v.s.rows(ctx).Table("pending_leaves p").Joins("JOIN leaves l ON l.kind = p.kind AND l.ref = p.ref").
		Where("p.kind = ? AND p.ref = ?", leaf.Kind, leaf.Ref).Count(&entered).Error
	if err != nil {
		return err
	}
	content, exists := contents[leaf.name()]
	t := Tampered{Table: "pending_leaves", Row: leaf.label(), Position: -1}
	switch {
	case entered > 0:
		t.Code = TamperedTwice
	case !exists:
		t = Tampered{Code: TamperedGone, Table: cmp.Or(tableOf(leaf.Kind), "pending_leaves"), Row: leaf.Ref, Position: -1}
	case !content.makes(leaf.Digest) || content.fault != nil:
		t.Code, t.About = TamperedPending, content.differs()
	default:
		return nil
	}
	v.find(t)
	return nil
}

// hashes holds the stored hashes of the tree against what the proven digests, and after them the leaves, make.
func (v *offline) hashes(ctx context.Context) error {
	tree := &ledger.Tree{}
	for tree.Size() < v.result.Size && v.faults == nil {
		from, until := tree.Size(), min(tree.Size()+leavesAtOnce, v.result.Size)
		var rows []placedLeaf
		if err := v.s.rows(ctx).Table("leaves").Where("position >= ? AND position < ?", from, until).Find(&rows).Error; err != nil {
			return err
		}
		stored := map[int64]placedLeaf{}
		for _, row := range rows {
			stored[row.Position] = row
		}
		wanted, err := v.wanted(from, until, stored)
		if err != nil {
			return err
		}
		first := tlog.StoredHashCount(from)
		var made []ledger.Hash
		for _, leaf := range wanted {
			hash, _ := readHash(leaf.Digest) // a malformed one was told as altered
			more, err := tree.Add(hash)
			if err != nil {
				return err
			}
			made = append(made, more...)
		}
		if err := v.compare(ctx, first, made, until <= v.o.Point.Size); err != nil {
			return err
		}
	}
	var beyond []int64
	err := v.s.still(ctx, func(db *gorm.DB) error {
		size, err := ledgerSize(db) // it may have grown since this began
		if err != nil {
			return err
		}
		return db.Model(&hashRow{}).Where("hash_index >= ?", tlog.StoredHashCount(max(size, v.result.Size))).Order("hash_index").Limit(leavesAtOnce).Pluck("hash_index", &beyond).Error
	})
	for _, index := range beyond {
		v.find(Tampered{Code: TamperedHash, Table: "ledger_hashes", Row: number(index), Position: -1, About: []string{"beyond the ledger's end"}})
	}
	return err
}

func (v *offline) compare(ctx context.Context, first int64, made []ledger.Hash, covered bool) error {
	var rows []hashRow
	err := v.s.rows(ctx).Find(&rows, "hash_index >= ? AND hash_index < ?", first, first+int64(len(made))).Error
	if err != nil {
		return err
	}
	stored := map[int64]string{}
	for _, row := range rows {
		stored[row.HashIndex] = row.Hash
	}
	for i, hash := range made {
		index := first + int64(i)
		have, there := stored[index]
		if _, below := ledger.LeavesUnder(index); below > 0 && !there || have == hex.EncodeToString(hash[:]) {
			continue
		}
		t := Tampered{Code: TamperedHash, Table: "ledger_hashes", Row: number(index), Position: -1, Covered: covered}
		if !there {
			t.About = []string{"missing"}
		}
		v.find(t)
	}
	return nil
}

// figures holds every figure against the recount of the ratings, both as they stood at one instant.
func (v *offline) figures(ctx context.Context) error {
	named := v.result.Found > 0
	d, err := v.s.recountBeside(ctx, func(ctx context.Context) error {
		if err := v.s.still(ctx, v.caseSums); err != nil {
			return err
		}
		return v.caseFigures(ctx)
	})
	if err != nil {
		return err
	}
	return v.ratingFigures(ctx, d, named)
}

// caseSums holds the sums of cases against what each counts for.
func (v *offline) caseSums(db *gorm.DB) error {
	left, err := caseSumsAgainstRows(db)
	for table, cells := range left {
		for _, cell := range cells {
			v.find(Tampered{Code: TamperedFigure, Table: table, Row: cell, Position: -1, About: []string{"is not the sum of the cases"}})
		}
	}
	return err
}

// caseFigures holds what each case counts for, of which net figures and the rates of cases are sums, against its events.
func (v *offline) caseFigures(ctx context.Context) error {
	check, err := v.s.verifier(ctx, VerifyOptions{Only: []string{CheckFigures}, Found: func(f Finding) error {
		v.find(Tampered{Code: TamperedFigure, Table: "case_figures", Row: f.Case, Position: -1, About: []string{"is not what its events tell"}})
		return nil
	}})
	if err == nil {
		err = check.allCaseFigures(ctx)
	}
	if err != nil && ctx.Err() == nil && v.result.Found > 0 {
		// An event or a state that does not read: the row was named, and there is nothing to compare with.
		v.find(Tampered{Code: TamperedFigure, Table: "case_figures", Position: -1, About: []string{"nothing can be recounted", err.Error()}})
		return nil
	}
	return err
}

// ratingFigures tells of the figures that are not what the recount comes to. Where it failed after a row was named there is a grade that is
// none, or marks that do not read: there is no count to compare with.
func (v *offline) ratingFigures(ctx context.Context, d againstRecount, named bool) error {
	if d.failed != nil && named && ctx.Err() == nil {
		v.find(Tampered{Code: TamperedFigure, Table: "figures", Position: -1, About: []string{"nothing can be recounted", d.failed.Error()}})
		return nil
	}
	if d.failed != nil {
		return d.failed
	}
	v.result.Figures += d.stored
	for cell, more := range d.differing() {
		v.figure(cell, d.position, fmt.Sprintf("the recount has %v more", more))
	}
	for _, cell := range d.received {
		v.find(Tampered{Code: TamperedFigure, Table: "received_counts", Row: cell.String(), Position: -1, About: []string{"is not what the recount comes to"},
			Covered: d.position <= v.o.Point.Size})
	}
	return nil
}

func (v *offline) figure(c regulation.Cell, position int64, about ...string) {
	v.find(Tampered{Code: TamperedFigure, Table: "figures", Row: nameOfCell(c), Position: -1, About: about, Covered: position <= v.o.Point.Size})
}

// ratingFieldNames are the fields of a rating's canonical bytes, in their order; version 1 ends before the last three.
var ratingFieldNames = []string{"id", "channel", "target", "grade", "options", "dimensions", "area", "authority", "upper_authority", "unit_id", "hall_id", "window_id",
	"staff_id", "matter_id", "project_no", "matter_status", "delivery_used", "gaps", "call_id", "form_serial", "scan_digest", "given_at", "transcriber", "text_digest",
	"privacy_version", "source", "source_ref", "received_at"}

// unlike says in which fields the columns of a row and its stored canonical bytes differ.
func unlike(made, stored []byte) error {
	var fields []string
	for _, n := range ledger.Differ(made, stored) {
		if n == 0 || n > len(ratingFieldNames) {
			fields = append(fields, "canonical")
			continue
		}
		fields = append(fields, ratingFieldNames[n-1])
	}
	return &fieldsDiffer{fields}
}
