package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"haochaping/regulation"
	"haochaping/store/ledger"
	"haochaping/workday"
)

// LeaseWatch is the lease under which one node judges the watch list.
const LeaseWatch = "watch list"

// AlarmInspection tells that an inspection of a listed object did not take place in time (8(3)).
const AlarmInspection = "watch_inspection"

const leafWatch = "watch"

// factWatched is the last day on which the watch list was judged.
const factWatched = "watched"

type listingRow struct {
	ID        string `gorm:"primaryKey"`
	Kind      string
	ObjectID  string
	Standing  *string
	Area      string
	Authority string
	UnitID    string
	SeenUnit  string
	SeenStaff string
	Due       int64
	Overdue   bool
	StartedAt int64
	EndedAt   int64
	Seq       int64
	State     []byte
}

func (listingRow) TableName() string { return "watch_listings" }

type watchEntryRow struct {
	ListingID string `gorm:"primaryKey"`
	Seq       int64  `gorm:"primaryKey;autoIncrement:false"`
	At        int64
	Name      string
	Body      []byte
	Nonce     []byte
}

func (watchEntryRow) TableName() string { return "watch_entries" }

func standingKey(kind regulation.WatchKind, object string) string {
	return string(kind) + "/" + object
}

func newListingRow(l regulation.Listing, startedAt, at time.Time) (listingRow, error) {
	state, err := json.Marshal(l)
	row := listingRow{ID: l.ID, Kind: string(l.Kind), ObjectID: l.Object, Area: l.Area, Authority: l.Authority, UnitID: l.Unit,
		Due: micros(l.Due), Overdue: l.Overdue, StartedAt: micros(startedAt), Seq: l.Seq, State: state}
	if l.Kind == regulation.WatchUnit {
		row.SeenUnit = l.Object
	} else {
		row.SeenStaff = l.Object
	}
	if l.Stands() {
		key := standingKey(l.Kind, l.Object)
		row.Standing = &key
	} else {
		row.EndedAt = micros(at)
	}
	return row, err
}

func (r listingRow) listing() (l regulation.Listing, err error) {
	if err = json.Unmarshal(r.State, &l); err != nil {
		err = fmt.Errorf("a listing's state does not read: %w", err)
	}
	return l, err
}

// storedWatch is an entry as it is kept: salted digests stand for what people typed.
type storedWatch struct {
	regulation.WatchEntry
	TextDigests map[string]string `json:"texts,omitempty"`
}

// canonicalEntry is version 1 of the canonical bytes of a history's entry: of the watch list, of probes.
func canonicalEntry(kind, owner string, seq int64, body []byte) []byte {
	return ledger.NewRow(kind, 1).Text(owner).Integer(seq).Bytes(body).Canonical()
}

// watching is one change of a listing within its transaction.
type watching struct {
	s  *Store
	tx *gorm.DB
	at time.Time
}

// save writes a listing with the entries that changed it.
func (w watching) save(before, after regulation.Listing, startedAt time.Time, entries []regulation.WatchEntry) error {
	row, err := newListingRow(after, startedAt, w.at)
	if err != nil {
		return err
	}
	if before.Seq == 0 {
		isNew, err := insertNew(w.tx, &row)
		if err == nil && !isNew {
			err = &regulation.Error{Code: regulation.Conflict, Clause: regulation.ClauseWatch, Missing: "already_watched"}
		}
		if err != nil {
			return err
		}
	} else if err := w.tx.Save(&row).Error; err != nil {
		return err
	}
	for _, e := range entries {
		if err := w.add(after, e); err != nil {
			return err
		}
		if err := w.tell(after, e); err != nil {
			return err
		}
	}
	return w.alarm(after)
}

// add writes one entry with its texts and its leaf.
func (w watching) add(l regulation.Listing, e regulation.WatchEntry) error {
	body, nonce, err := w.s.keepEntry(w.tx, leafWatch, l.ID, e.Seq, e.Texts, func(digests map[string]string) any {
		return storedWatch{WatchEntry: e, TextDigests: digests}
	})
	if err != nil {
		return err
	}
	return w.tx.Create(&watchEntryRow{l.ID, e.Seq, micros(e.At), string(e.Name), body, nonce}).Error
}

// keepEntry makes the body of a history's entry, with its texts kept and its leaf pending, and returns the nonce
// to store with it.
func (s *Store) keepEntry(tx *gorm.DB, kind, owner string, seq int64, texts map[string]string, entry func(digests map[string]string) any) (body, nonce []byte, err error) {
	digests, err := s.keepTexts(tx, owner, seq, texts)
	if err != nil {
		return nil, nil, err
	}
	if body, err = json.Marshal(entry(digests)); err != nil {
		return nil, nil, err
	}
	nonce, leaf := pendingLeaf(kind, eventRef(owner, seq), canonicalEntry(kind, owner, seq, body), s.wall())
	return body, nonce, s.insert(tx, pendingLeavesTable, leaf)
}

// keepTexts writes what people typed with an entry, encrypted, and returns their salted digests by field.
func (s *Store) keepTexts(tx *gorm.DB, owner string, seq int64, texts map[string]string) (map[string]string, error) {
	digests := map[string]string{}
	for field, text := range texts {
		row, digest, err := s.sealText(owner, seq, field, text)
		if err != nil {
			return nil, err
		}
		if err := s.insert(tx, textsTable, row); err != nil {
			return nil, err
		}
		digests[field] = digest
	}
	return digests, nil
}

// alarm raises what an overdue inspection asks for, and clears it once it was made up for.
func (w watching) alarm(l regulation.Listing) error {
	if l.Overdue {
		return w.s.raise(w.tx, AlarmInspection, l.ID, string(l.Kind), l.Area, l.Unit)
	}
	return w.s.clearAlarm(w.tx, AlarmInspection, l.ID)
}

// watchRules are the rules of the edition in force at an instant, with an area's calendar.
func (s *Store) watchRules(ctx context.Context, area string, at time.Time) (regulation.Rules, error) {
	var row editionRow
	if err := s.rows(ctx).Where("from_at <= ?", micros(at)).Order("from_at DESC").Take(&row).Error; err != nil {
		return regulation.Rules{}, found(err, "edition")
	}
	params, err := s.Params(ctx, row.Edition)
	if err != nil {
		return regulation.Rules{}, err
	}
	calendar, err := s.Calendar(ctx, area)
	return regulation.Rules{Params: params, Calendar: calendar, Hours: workday.DefaultHours}, err
}

// keeperRules are the rules of now for what people do with a listing: with those of its unit and of the
// authorities, who are barred or are not (Rules.BarredFromWatching).
func (s *Store) keeperRules(ctx context.Context, l regulation.Listing) (regulation.Rules, error) {
	rules, err := s.watchRules(ctx, l.Area, s.now())
	if err == nil {
		rules.Roster, err = s.Roster(ctx, l.Unit, l.Authority, l.Upper)
	}
	return rules, err
}

// KeeperOf picks, of the assignments under which policies let an actor keep a listing, one under which
// nobody is barred. barred is why there is none, or "".
func (s *Store) KeeperOf(ctx context.Context, l regulation.Listing, actor regulation.Actor, allowed []regulation.Assignment) (as regulation.Assignment, barred string, err error) {
	rules := regulation.Rules{}
	if rules.Roster, err = s.Roster(ctx, l.Unit, l.Authority, l.Upper); err != nil {
		return as, "", err
	}
	for _, as = range allowed {
		actor.As = as
		if barred = rules.BarredFromWatching(l, actor); barred == "" {
			return as, "", nil
		}
	}
	return as, barred, nil
}

// Watch puts a unit or a person on the list by hand. The refusals are those of Rules.WatchByHand;
// Invalid on "unit" or "staff" where there is no such object.
func (s *Store) Watch(ctx context.Context, kind regulation.WatchKind, object string, v regulation.Values, actor regulation.Actor) (id string, err error) {
	if s.sealer == nil {
		return "", errNoKeys
	}
	fresh, err := s.NewListing(ctx, kind, object)
	if err != nil {
		return "", err
	}
	rules, err := s.keeperRules(ctx, fresh)
	if err != nil {
		return "", err
	}
	err = s.tx(ctx, func(tx *gorm.DB) error {
		before, started, err := standing(tx, fresh)
		if err != nil {
			return err
		}
		at := s.now()
		after, entries, err := rules.WatchByHand(before, v, actor, at)
		if err != nil {
			return err
		}
		if started.IsZero() {
			started = at
		}
		id = after.ID
		return watching{s, tx, at}.save(before, after, started, entries)
	})
	return id, err
}

// NewListing is what a listing of a unit or a person would be: where it belongs, and nothing more.
func (s *Store) NewListing(ctx context.Context, kind regulation.WatchKind, object string) (regulation.Listing, error) {
	l := regulation.Listing{ID: newID(), Kind: kind, Object: object, Unit: object}
	unknown := (&regulation.Error{Code: regulation.Invalid, Clause: regulation.ClauseWatch, Missing: "fields"}).Field(string(kind), "not_an_option")
	if kind == regulation.WatchStaff {
		var row staffRow
		if err := s.rows(ctx).Take(&row, "id = ?", object).Error; err != nil {
			if errors.Is(err, gorm.ErrRecordNotFound) {
				err = unknown
			}
			return l, err
		}
		l.Unit = row.UnitID
	}
	tree, err := s.Tree(ctx)
	if err != nil {
		return l, err
	}
	unit, known := tree.Org(l.Unit)
	authority, charged := tree.Authority(l.Unit)
	if !known || !charged {
		return l, unknown
	}
	l.Area, l.Authority = unit.Area, authority.ID
	upper, any := tree.Upper(l.Unit)
	switch {
	case any && authority.ID == l.Unit:
		l.Area, l.Authority = upper.Area, upper.ID // nobody watches over themselves
	case any:
		l.Upper = upper.ID
	}
	return l, nil
}

// standing holds an object's standing listing, or answers fresh with what was set aside when the
// object was last taken off early.
func standing(tx *gorm.DB, fresh regulation.Listing) (regulation.Listing, time.Time, error) {
	var rows []listingRow
	err := locked(tx).Where("kind = ? AND object_id = ?", string(fresh.Kind), fresh.Object).Order("started_at DESC, id DESC").Limit(1).Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return fresh, time.Time{}, err
	}
	last, err := rows[0].listing()
	if err == nil && !last.Stands() {
		fresh.SetAside = last.SetAside
		return fresh, time.Time{}, nil
	}
	return last, instant(rows[0].StartedAt), err
}

// WatchAct is what people do with a standing listing.
type WatchAct func(r regulation.Rules, l regulation.Listing, v regulation.Values, actor regulation.Actor, at time.Time) (regulation.Listing, []regulation.WatchEntry, error)

// ChangeListing does one of WatchAct's acts on a listing: Rules.Inspect, ProposeRelease or
// DecideRelease. seen is the sequence that the actor saw: another one is a Conflict, so that a form
// sent twice counts once.
func (s *Store) ChangeListing(ctx context.Context, id string, seen int64, act WatchAct, v regulation.Values, actor regulation.Actor) error {
	if s.sealer == nil {
		return errNoKeys
	}
	l, err := s.Listing(ctx, regulation.Scope{All: true}, id)
	if err != nil {
		return err
	}
	rules, err := s.keeperRules(ctx, l)
	if err != nil {
		return err
	}
	return s.tx(ctx, func(tx *gorm.DB) error {
		var row listingRow
		if err := locked(tx).Take(&row, "id = ?", id).Error; err != nil {
			return found(err, "listing")
		}
		before, err := row.listing()
		if err != nil {
			return err
		}
		if before.Seq != seen {
			return &regulation.Error{Code: regulation.Conflict, Clause: regulation.ClauseWatch, Missing: "listing_changed"}
		}
		at := s.now()
		after, entries, err := act(rules, before, v, actor, at)
		if err != nil {
			return err
		}
		return watching{s, tx, at}.save(before, after, instant(row.StartedAt), entries)
	})
}

var listingScope = scopeColumns{area: "area", units: []string{"seen_unit"}, org: "authority", staff: "seen_staff"}

// Listing returns a listing within the scope.
func (s *Store) Listing(ctx context.Context, scope regulation.Scope, id string) (regulation.Listing, error) {
	var row listingRow
	if err := inScope(s.rows(ctx), scope, listingScope).Take(&row, "id = ?", id).Error; err != nil {
		return regulation.Listing{}, found(err, "listing")
	}
	return row.listing()
}

// Sorts of the watch list.
const (
	WatchSortUnits   = "unit"
	WatchSortStaff   = "staff"
	WatchSortOverdue = "overdue"
	WatchSortEnded   = "ended"
)

// WatchSorts lists them in the order in which pages show them.
var WatchSorts = []string{WatchSortUnits, WatchSortStaff, WatchSortOverdue, WatchSortEnded}

func watchSort(query *gorm.DB, sort string) *gorm.DB {
	switch sort {
	case WatchSortEnded:
		return query.Where("standing IS NULL")
	case WatchSortOverdue:
		return query.Where("standing IS NOT NULL AND overdue = 1")
	case WatchSortUnits, WatchSortStaff:
		return query.Where("standing IS NOT NULL AND kind = ?", sort)
	}
	return query.Where("standing IS NOT NULL")
}

// Listings lists what stands on the watch list within the scope, or one sort of it, the latest
// first; WatchSortEnded is what stood on it.
func (s *Store) Listings(ctx context.Context, scope regulation.Scope, q ListQuery) ([]regulation.Listing, string, error) {
	query := watchSort(inScope(s.rows(ctx).Model(&listingRow{}), scope, listingScope), q.Sort)
	query, limit, err := q.newest(query, "started_at", "id")
	if err != nil {
		return nil, "", err
	}
	var rows []listingRow
	if err := query.Find(&rows).Error; err != nil {
		return nil, "", err
	}
	rows, next := page(rows, limit, func(r listingRow) cursor { return cursor{Key: r.StartedAt, ID: r.ID} })
	listings := make([]regulation.Listing, 0, len(rows))
	for _, row := range rows {
		l, err := row.listing()
		if err != nil {
			return nil, "", err
		}
		listings = append(listings, l)
	}
	return listings, next, nil
}

// InspectionsDue lists what stands on the watch list within the scope and is to be inspected before an
// instant, or should have been, the most urgent first, limit at the most.
func (s *Store) InspectionsDue(ctx context.Context, scope regulation.Scope, before time.Time, limit int) ([]regulation.Listing, error) {
	var rows []listingRow
	err := inScope(s.rows(ctx), scope, listingScope).Where("standing IS NOT NULL AND due > 0 AND due < ?", micros(before)).
		Order("due, id").Limit(limit).Find(&rows).Error
	var due []regulation.Listing
	for _, row := range rows {
		l, failed := row.listing()
		due, err = append(due, l), errors.Join(err, failed)
	}
	return due, err
}

// WatchCounts counts the watch list within the scope, by sort; "" is all that stands on it.
func (s *Store) WatchCounts(ctx context.Context, scope regulation.Scope) (map[string]int, error) {
	counts := map[string]int{}
	for _, sort := range append([]string{""}, WatchSorts...) {
		var n int64
		if err := watchSort(inScope(s.rows(ctx).Model(&listingRow{}), scope, listingScope), sort).Count(&n).Error; err != nil {
			return nil, err
		}
		counts[sort] = int(n)
	}
	return counts, nil
}

// WatchHistory lists the entries of a listing within the scope, the newest first, with their texts.
func (s *Store) WatchHistory(ctx context.Context, scope regulation.Scope, id string) ([]regulation.WatchEntry, error) {
	if _, err := s.Listing(ctx, scope, id); err != nil {
		return nil, err
	}
	return historyOf(ctx, s, "watch_entries", "listing_id", id, func(kept storedWatch, texts map[string]string) regulation.WatchEntry {
		kept.Texts = texts
		return kept.WatchEntry
	})
}

// textsOf are the texts of a history's entries, by sequence and field.
func (s *Store) textsOf(ctx context.Context, id string) (map[int64]map[string]string, error) {
	if s.sealer == nil {
		return nil, errNoKeys
	}
	var rows []struct {
		Seq    int64
		Field  string
		Sealed []byte
	}
	if err := s.rows(ctx).Table("texts").Where("owner = ?", id).Find(&rows).Error; err != nil {
		return nil, err
	}
	texts := map[int64]map[string]string{}
	for _, row := range rows {
		text, err := s.sealer.OpenText(row.Sealed, textPlace(id, row.Seq, row.Field))
		if err != nil {
			return nil, err
		}
		if texts[row.Seq] == nil {
			texts[row.Seq] = map[string]string{}
		}
		texts[row.Seq][row.Field] = text
	}
	return texts, nil
}

// watchLeaf makes an entry's leaf anew.
func (s *Store) watchLeaf(ctx context.Context, ref string) (leafContent, error) {
	id, seq, err := refParts(ref)
	if err != nil {
		return leafContent{}, err
	}
	var row watchEntryRow
	if err := s.rows(ctx).Take(&row, "listing_id = ? AND seq = ?", id, seq).Error; err != nil {
		return leafContent{}, err
	}
	var body storedWatch
	if err := json.Unmarshal(row.Body, &body); err != nil {
		return leafContent{}, err
	}
	return leafContent{row.Nonce, canonicalEntry(leafWatch, row.ListingID, row.Seq, row.Body)},
		columnsAre(map[string]bool{"at": micros(body.At) == row.At, "name": string(body.Name) == row.Name})
}
