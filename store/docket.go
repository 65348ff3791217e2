package store

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"

	"haochaping/regulation"
	"haochaping/workday"
)

// Alarms of dockets: something was not done in its days (7(4), R60, 9(1)).
const (
	AlarmHearing     = "hearing_missed"
	AlarmProblem     = "problem_overdue"
	AlarmJoint       = "joint_overdue"
	AlarmPublication = "publication_missed"
	AlarmRelease     = "release_uncorrected"
)

// docketAlarms are the alarms by kind; a kind without one has no days.
var docketAlarms = map[regulation.DocketKind]string{regulation.DocketQuarter: AlarmHearing, regulation.DocketProblem: AlarmProblem,
	regulation.DocketJoint: AlarmJoint, regulation.DocketPublication: AlarmPublication, regulation.DocketRelease: AlarmRelease}

const leafDocket = "docket"

type docketRow struct {
	ID        string `gorm:"primaryKey"`
	Kind      string
	DocKey    string
	Area      string
	Authority string
	UnitID    string
	SeenStaff string
	Parent    string
	Period    string
	Stage     string
	Due       int64
	Overdue   bool
	StartedAt int64
	EndedAt   int64
	Seq       int64
	State     []byte
}

func (docketRow) TableName() string { return "dockets" }

type docketEntryRow struct {
	DocketID string `gorm:"primaryKey"`
	Seq      int64  `gorm:"primaryKey;autoIncrement:false"`
	At       int64
	Name     string
	Body     []byte
	Nonce    []byte
}

func (docketEntryRow) TableName() string { return "docket_entries" }

type docketUnitRow struct {
	UnitID   string `gorm:"primaryKey"`
	DocketID string `gorm:"primaryKey"`
}

func (docketUnitRow) TableName() string { return "docket_units" }

type docketCaseRow struct {
	CaseID   string `gorm:"primaryKey"`
	DocketID string
}

func (docketCaseRow) TableName() string { return "docket_cases" }

type docketFileRow struct {
	DocketID string `gorm:"primaryKey"`
	Digest   string `gorm:"primaryKey"`
}

func (docketFileRow) TableName() string { return "docket_files" }

func newDocketRow(d regulation.Docket, startedAt, at time.Time) (docketRow, error) {
	state, err := json.Marshal(d)
	row := docketRow{ID: d.ID, Kind: string(d.Kind), DocKey: cmp.Or(d.Key, d.ID), Area: d.Area, Authority: d.Authority, UnitID: d.Unit, Period: d.Period, Stage: d.Stage,
		Due: micros(d.Due), Overdue: d.Overdue, StartedAt: micros(startedAt), Seq: d.Seq, State: state}
	if d.Kind == regulation.DocketProblem {
		row.Parent = d.Facts["hearing"]
	}
	if d.Stage == regulation.DocketCommended {
		row.SeenStaff = d.Staff
	}
	if d.Done() {
		row.EndedAt = micros(at)
	}
	return row, err
}

func (r docketRow) docket() (d regulation.Docket, err error) {
	if err = json.Unmarshal(r.State, &d); err != nil {
		err = fmt.Errorf("a docket's state does not read: %w", err)
	}
	return d, err
}

func docketsOf(rows []docketRow) ([]regulation.Docket, error) {
	dockets := make([]regulation.Docket, 0, len(rows))
	for _, row := range rows {
		d, err := row.docket()
		if err != nil {
			return nil, err
		}
		dockets = append(dockets, d)
	}
	return dockets, nil
}

// storedDocket is an entry as it is kept: salted digests stand for what people typed.
type storedDocket struct {
	regulation.DocketEntry
	TextDigests map[string]string `json:"texts,omitempty"`
}

// docketing is one change of a docket within its transaction.
type docketing struct {
	s  *Store
	tx *gorm.DB
	at time.Time
}

// save writes a docket with the entries that changed it. A second one under a key is a Conflict.
func (k docketing) save(before, after regulation.Docket, startedAt time.Time, entries []regulation.DocketEntry) error {
	if len(entries) == 0 {
		return nil
	}
	row, err := newDocketRow(after, startedAt, k.at)
	if err != nil {
		return err
	}
	if before.Seq == 0 {
		isNew, err := insertNew(k.tx, &row)
		if err == nil && !isNew {
			err = &regulation.Error{Code: regulation.Conflict, Clause: regulation.DocketClause(after.Kind), Missing: "docket_there"}
		}
		if err != nil {
			return err
		}
	} else {
		if before.Done() && after.Done() { // since when its words are kept
			var was docketRow
			if err := k.tx.Select("ended_at").Take(&was, "id = ?", row.ID).Error; err != nil {
				return err
			}
			row.EndedAt = was.EndedAt
		}
		if err := k.tx.Save(&row).Error; err != nil {
			return err
		}
	}
	for _, e := range entries {
		if err := k.add(after, e); err != nil {
			return err
		}
	}
	return k.alarm(after)
}

// add writes one entry with all that hangs on it.
func (k docketing) add(d regulation.Docket, e regulation.DocketEntry) error {
	body, nonce, err := k.s.keepEntry(k.tx, leafDocket, d.ID, e.Seq, e.Texts, func(digests map[string]string) any {
		return storedDocket{DocketEntry: e, TextDigests: digests}
	})
	if err != nil {
		return err
	}
	if err := k.tx.Create(&docketEntryRow{d.ID, e.Seq, micros(e.At), e.Name, body, nonce}).Error; err != nil {
		return err
	}
	for _, unit := range e.Units {
		if _, err := insertNew(k.tx, &docketUnitRow{unit, d.ID}); err != nil {
			return err
		}
	}
	if err := k.bind(d, e); err != nil {
		return err
	}
	m := messageRow{Ref: d.ID, Seq: e.Seq, About: AboutDocket, At: micros(k.at), Name: string(d.Kind) + "_" + e.Name}
	return m.tell(k.tx, d.TellOf(e)...)
}

// bind ties cases and files to a docket. A case of another open one is a refusal.
func (k docketing) bind(d regulation.Docket, e regulation.DocketEntry) error {
	for _, id := range e.Drops {
		if err := k.tx.Delete(&docketCaseRow{}, "case_id = ? AND docket_id = ?", id, d.ID).Error; err != nil {
			return err
		}
	}
	for _, id := range e.Adds {
		isNew, err := insertNew(k.tx, &docketCaseRow{id, d.ID})
		if err == nil && !isNew {
			err = (&regulation.Error{Code: regulation.Invalid, Clause: regulation.ClauseVerify, Missing: "fields"}).Field("cases", "case_gathered")
		}
		if err != nil {
			return err
		}
	}
	for _, digest := range e.Files {
		if _, err := insertNew(k.tx, &docketFileRow{d.ID, digest}); err != nil {
			return err
		}
	}
	return nil
}

// alarm raises what an overdue docket asks for, and clears it once it is done.
func (k docketing) alarm(d regulation.Docket) error {
	kind := docketAlarms[d.Kind]
	switch {
	case kind == "":
		return nil
	case d.Overdue:
		return k.s.raise(k.tx, kind, d.ID, d.Period, d.Area, cmp.Or(d.Unit, d.Authority))
	}
	return k.s.clearAlarm(k.tx, kind, d.ID)
}

// NewDocket is what a docket would be: where it belongs, and nothing more. unit is whom it is about: what an authority
// itself has to put right, and its commendation, lie with the level above where there is one. NotFound: no such authority.
func (s *Store) NewDocket(ctx context.Context, kind regulation.DocketKind, authority, unit string) (regulation.Docket, error) {
	d := regulation.Docket{ID: newID(), Kind: kind, Facts: map[string]string{}}
	tree, err := s.Tree(ctx)
	if err != nil {
		return d, err
	}
	office, known := tree.Org(authority)
	if charged, any := tree.Authority(authority); !known || !any || charged.ID != authority {
		return d, &regulation.Error{Code: regulation.NotFound, Missing: "organisation"}
	}
	upper, any := tree.Upper(authority)
	if any && unit == authority {
		office, any = upper, false
	}
	d.Area, d.Authority = office.Area, office.ID
	if any {
		d.Upper = upper.ID
	}
	return d, nil
}

// Authorities are all, the prefecture's first.
func (s *Store) Authorities(ctx context.Context) ([]Org, error) {
	tree, err := s.Tree(ctx)
	if err != nil {
		return nil, err
	}
	var all []Org
	for _, place := range tree.Orgs(regulation.OrgPrefecture, regulation.OrgCounty) {
		if office, known := tree.Authority(place.ID); known {
			all = append(all, office)
		}
	}
	return all, nil
}

// docketRules are the rules of now for a docket: with the people of its authorities and units, and the units of its
// area.
func (s *Store) docketRules(ctx context.Context, d regulation.Docket, orgs ...string) (regulation.Rules, error) {
	rules, err := s.watchRules(ctx, d.Area, s.now())
	if err != nil {
		return rules, err
	}
	tree, err := s.Tree(ctx)
	if err != nil {
		return rules, err
	}
	rules.Units = []string{d.Authority}
	for _, o := range tree.Orgs(regulation.UnitKinds...) {
		if o.Area == d.Area || d.Area == regulation.PrefectureArea {
			rules.Units = append(rules.Units, o.ID)
		}
	}
	rules.Roster, err = s.Roster(ctx, append(append(d.Units(), orgs...), d.Authority, d.Upper)...)
	return rules, err
}

// DocketActorOf picks, of the assignments under which policies let an actor do an act, one under which nobody is
// barred. barred is why there is none, or "".
func (s *Store) DocketActorOf(ctx context.Context, a regulation.DocketAct, d regulation.Docket, actor regulation.Actor, allowed []regulation.Assignment) (as regulation.Assignment, barred string, err error) {
	rules := regulation.Rules{}
	if rules.Roster, err = s.Roster(ctx, append(d.Units(), d.Authority, d.Upper)...); err != nil {
		return as, "", err
	}
	for _, as = range allowed {
		actor.As = as
		if barred = rules.BarredFromDocket(a, d, actor); barred == "" {
			return as, "", nil
		}
	}
	return as, barred, nil
}

// StartDocket makes a docket by an act. The refusals are those of Rules.DoDocket.
func (s *Store) StartDocket(ctx context.Context, a regulation.DocketAct, fresh regulation.Docket, v regulation.Values, actor regulation.Actor) (id string, err error) {
	if s.sealer == nil {
		return "", errNoKeys
	}
	rules, err := s.docketRules(ctx, fresh, v["unit"]...)
	if err != nil {
		return "", err
	}
	if fresh, err = s.readBefore(ctx, &rules, a, fresh, v); err != nil {
		return "", err
	}
	err = s.tx(ctx, func(tx *gorm.DB) error {
		if err := s.readBeside(tx, &rules, a, fresh, v); err != nil {
			return err
		}
		at := s.now()
		after, e, err := rules.DoDocket(a, fresh, v, actor, at)
		if err != nil {
			return err
		}
		if err := holdDocketFiles(tx, a, e, actor); err != nil {
			return err
		}
		k := docketing{s, tx, at}
		if err := k.save(fresh, after, at, []regulation.DocketEntry{e}); err != nil {
			return err
		}
		id = after.ID
		switch after.Kind {
		case regulation.DocketHearing:
			return k.held(rules, after)
		case regulation.DocketBulletin:
			return k.keepBulletin(after, rules.Bulletin.Bulletin)
		}
		return nil
	})
	return id, err
}

// ChangeDocket does an act on a docket. seen is the sequence that the actor saw: another one is a Conflict, so that a
// form sent twice counts once.
func (s *Store) ChangeDocket(ctx context.Context, a regulation.DocketAct, id string, seen int64, v regulation.Values, actor regulation.Actor) error {
	if s.sealer == nil {
		return errNoKeys
	}
	d, err := s.Docket(ctx, regulation.Scope{All: true}, a.Kind, id)
	if err != nil {
		return err
	}
	rules, err := s.docketRules(ctx, d)
	if err != nil {
		return err
	}
	if _, err := s.readBefore(ctx, &rules, a, d, v); err != nil {
		return err
	}
	then, err := s.publishing(ctx, &rules, a, d, actor)
	if err != nil {
		return err
	}
	if a.Kind == regulation.DocketHearing && a.Name == "confirm" {
		then = docketing.confirmed
	}
	return s.withDocket(ctx, id, func(tx *gorm.DB, before regulation.Docket, at time.Time) (regulation.Docket, []regulation.DocketEntry, error) {
		if before.Seq != seen {
			return before, nil, &regulation.Error{Code: regulation.Conflict, Clause: regulation.DocketClause(a.Kind), Missing: "docket_changed"}
		}
		if err := s.readBeside(tx, &rules, a, before, v); err != nil {
			return before, nil, err
		}
		after, e, err := rules.DoDocket(a, before, v, actor, at)
		if err == nil {
			err = holdDocketFiles(tx, a, e, actor)
		}
		return after, []regulation.DocketEntry{e}, err
	}, then)
}

// withDocket changes one docket under its lock; then does what follows of it in the same transaction.
func (s *Store) withDocket(ctx context.Context, id string, change func(*gorm.DB, regulation.Docket, time.Time) (regulation.Docket, []regulation.DocketEntry, error),
	then func(docketing, regulation.Docket) error) error {
	return s.tx(ctx, func(tx *gorm.DB) error {
		var row docketRow
		if err := locked(tx).Take(&row, "id = ?", id).Error; err != nil {
			return found(err, "docket")
		}
		before, err := row.docket()
		if err != nil {
			return err
		}
		k := docketing{s, tx, s.now()}
		after, entries, err := change(tx, before, k.at)
		if err != nil || len(entries) == 0 {
			return err
		}
		if err := k.save(before, after, instant(row.StartedAt), entries); err != nil || then == nil {
			return err
		}
		return then(k, after)
	})
}

// readBefore fills in what is too much to be read within the transaction: what comes in between is followed up by the rule. It
// gives a new docket its key.
func (s *Store) readBefore(ctx context.Context, rules *regulation.Rules, a regulation.DocketAct, d regulation.Docket, v regulation.Values) (_ regulation.Docket, err error) {
	switch a.Kind {
	case regulation.DocketBulletin:
		if err = s.bulletinBeside(ctx, rules, a, d, v); err == nil && d.Seq == 0 {
			d.Key, err = s.bulletinKey(ctx, d.Authority, rules.Bulletin.Bulletin.Period)
		}
	case regulation.DocketRelease:
		rules.Release, err = s.releaseGround(ctx, rules.Params, a, d, v)
	case regulation.DocketJoint:
		if a.Name == "draft" || a.Name == "publish" {
			rules.Change, err = s.changeGround(ctx, d)
		}
	}
	return d, err
}

// readBeside fills in what the rules need to know of the rest of the record.
func (s *Store) readBeside(tx *gorm.DB, rules *regulation.Rules, a regulation.DocketAct, d regulation.Docket, v regulation.Values) (err error) {
	switch a.Kind {
	case regulation.DocketJoint:
		rules.Gathered, err = gathered(tx, append(slices.Clone(v["cases"]), d.Cases...))
	case regulation.DocketCommendation:
		rules.Excluded, err = excluded(tx, d, cmp.Or(d.Period, v.Get("commend_period")))
	case regulation.DocketHonour:
		rules.Barred, err = s.barredNow(tx, d)
	case regulation.DocketBulletin:
		if a.Name == "issue" && rules.Bulletin.Mark != "" {
			rules.Bulletin.Number, err = s.bulletinNumber(tx, d.Authority, rules.Bulletin.Mark)
		}
	}
	return err
}

// holdDocketFiles refuses files that the actor did not put in: a digest is no key to somebody else's.
func holdDocketFiles(tx *gorm.DB, a regulation.DocketAct, e regulation.DocketEntry, actor regulation.Actor) error {
	if len(e.Files) == 0 {
		return nil
	}
	refusal := &regulation.Error{Code: regulation.Invalid, Clause: regulation.DocketClause(a.Kind), Missing: "fields"}
	field := ""
	for _, f := range a.Fields {
		if f.Type == regulation.TypeFiles {
			field = f.Name
		}
	}
	r := recording{tx: tx}
	if err := r.checkFiles(field, e.Files, actor.Person, refusal); err != nil || refusal.Fields == nil {
		return err
	}
	return refusal
}

var docketScope = scopeColumns{area: "area", org: "authority", staff: "seen_staff",
	assisting: "((kind <> 'commendation' OR stage = 'commended') AND id IN (SELECT docket_id FROM docket_units WHERE unit_id IN ?))"}

// Docket returns a docket of a kind within the scope.
func (s *Store) Docket(ctx context.Context, scope regulation.Scope, kind regulation.DocketKind, id string) (regulation.Docket, error) {
	var row docketRow
	if err := inScope(s.rows(ctx).Model(&docketRow{}), scope, docketScope).Take(&row, "id = ? AND kind = ?", id, string(kind)).Error; err != nil {
		return regulation.Docket{}, found(err, "docket")
	}
	return row.docket()
}

// DocketQuery narrows a list of dockets; zero fields do not. Sort is open, overdue or done.
type DocketQuery struct {
	ListQuery
	Kind      regulation.DocketKind
	Authority string
	Period    string
	Parent    string
}

// DocketSorts are the sorts of the lists, in the order in which pages show them.
var DocketSorts = []string{"open", "overdue", "done"}

func (q DocketQuery) narrow(query *gorm.DB) *gorm.DB {
	query = query.Where("kind = ?", string(q.Kind))
	for column, value := range map[string]string{"authority": q.Authority, "period": q.Period, "parent": q.Parent} {
		if value != "" {
			query = query.Where(column+" = ?", value)
		}
	}
	switch q.Sort {
	case "open":
		query = query.Where("ended_at = 0")
	case "overdue":
		query = query.Where("ended_at = 0 AND overdue = 1")
	case "done":
		query = query.Where("ended_at > 0")
	}
	return query
}

// Dockets lists dockets within the scope, the latest first.
func (s *Store) Dockets(ctx context.Context, scope regulation.Scope, q DocketQuery) ([]regulation.Docket, string, error) {
	query, limit, err := q.newest(q.narrow(inScope(s.rows(ctx).Model(&docketRow{}), scope, docketScope)), "started_at", "id")
	if err != nil {
		return nil, "", err
	}
	var rows []docketRow
	if err := query.Find(&rows).Error; err != nil {
		return nil, "", err
	}
	rows, next := page(rows, limit, func(r docketRow) cursor { return cursor{Key: r.StartedAt, ID: r.ID} })
	dockets, err := docketsOf(rows)
	return dockets, next, err
}

// DocketCounts counts them by sort; "" is all.
func (s *Store) DocketCounts(ctx context.Context, scope regulation.Scope, q DocketQuery) (map[string]int, error) {
	counts := map[string]int{}
	for _, sort := range append([]string{""}, DocketSorts...) {
		var n int64
		q.Sort = sort
		if err := q.narrow(inScope(s.rows(ctx).Model(&docketRow{}), scope, docketScope)).Count(&n).Error; err != nil {
			return nil, err
		}
		counts[sort] = int(n)
	}
	return counts, nil
}

// DocketHistory lists the entries of a docket within the scope, the newest first, with their texts.
func (s *Store) DocketHistory(ctx context.Context, scope regulation.Scope, kind regulation.DocketKind, id string) ([]regulation.DocketEntry, error) {
	if _, err := s.Docket(ctx, scope, kind, id); err != nil {
		return nil, err
	}
	return historyOf(ctx, s, "docket_entries", "docket_id", id, func(kept storedDocket, texts map[string]string) regulation.DocketEntry {
		kept.Texts = texts
		return kept.DocketEntry
	})
}

// DocketFile returns a file of a docket within the scope, decrypted and checked against its digest.
func (s *Store) DocketFile(ctx context.Context, scope regulation.Scope, kind regulation.DocketKind, id, digest string) (File, []byte, error) {
	if _, err := s.Docket(ctx, scope, kind, id); err != nil {
		return File{}, nil, err
	}
	var row fileRow
	err := s.rows(ctx).Where("digest = ? AND digest IN (SELECT digest FROM docket_files WHERE docket_id = ?)", digest, id).Take(&row).Error
	if err != nil {
		return File{}, nil, found(err, "file")
	}
	if row.DeletedAt > 0 {
		return File{}, nil, &regulation.Error{Code: regulation.NotFound, Clause: regulation.ClauseRights, Missing: "deleted_by_retention"}
	}
	content, err := s.readFile(row.Digest)
	return File{Digest: row.Digest, Mime: row.Mime, Size: row.Size}, content, err
}

// docketLeaf makes an entry's leaf anew.
func (s *Store) docketLeaf(ctx context.Context, ref string) (leafContent, error) {
	id, seq, err := refParts(ref)
	if err != nil {
		return leafContent{}, err
	}
	var row docketEntryRow
	if err := s.rows(ctx).Take(&row, "docket_id = ? AND seq = ?", id, seq).Error; err != nil {
		return leafContent{}, err
	}
	var body storedDocket
	if err := json.Unmarshal(row.Body, &body); err != nil {
		return leafContent{}, err
	}
	return leafContent{row.Nonce, canonicalEntry(leafDocket, row.DocketID, row.Seq, row.Body)},
		columnsAre(map[string]bool{"at": micros(body.At) == row.At, "name": body.Name == row.Name})
}

// passDockets notes on dockets that days passed. What a calendar moved is counted anew.
func (s *Store) passDockets(ctx context.Context) (overdue int, err error) {
	var rows []docketRow
	if err := s.rows(ctx).Where("ended_at = 0 AND due > 0 AND overdue = 0").Order("id").Find(&rows).Error; err != nil {
		return 0, err
	}
	for _, row := range rows {
		d, err := row.docket()
		if err != nil {
			return overdue, err
		}
		rules, err := s.watchRules(ctx, d.Area, s.now())
		if err != nil {
			return overdue, err
		}
		if _, entries := rules.DocketPasses(d, s.now()); len(entries) == 0 {
			continue
		}
		err = s.withDocket(ctx, row.ID, func(_ *gorm.DB, before regulation.Docket, at time.Time) (regulation.Docket, []regulation.DocketEntry, error) {
			after, entries := rules.DocketPasses(before, at)
			if after.Overdue && !before.Overdue {
				overdue++
			}
			return after, entries, nil
		}, nil)
		if err != nil {
			return overdue, err
		}
	}
	return overdue, nil
}

// docketUnder holds the docket under a key, or answers fresh with no sequence.
func docketUnder(tx *gorm.DB, key string, fresh regulation.Docket) (d regulation.Docket, started time.Time, err error) {
	var row docketRow
	err = locked(tx).Take(&row, "doc_key = ?", key).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return fresh, time.Time{}, nil
	}
	if err != nil {
		return d, time.Time{}, err
	}
	d, err = row.docket()
	return d, instant(row.StartedAt), err
}

// today is the day by the product's clock.
func (s *Store) today() workday.Date { return workday.DateOf(s.now()) }
