package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"haochaping/regulation"
	"haochaping/workday"
)

// AlarmProbe tells that a probe into signs of cheating was not decided in its days (9(2), R48).
const AlarmProbe = "probe_overdue"

const leafProbe = "probe"

type probeRow struct {
	ID        string `gorm:"primaryKey"`
	Kind      string
	ObjectID  string
	Standing  *string
	Direction string
	Area      string
	Authority string
	UnitID    string
	SeenUnit  string
	SeenStaff string
	Due       int64
	Overdue   bool
	HeardBy   int64
	StartedAt int64
	EndedAt   int64
	Seq       int64
	State     []byte
}

func (probeRow) TableName() string { return "probes" }

type probeEntryRow struct {
	ProbeID string `gorm:"primaryKey"`
	Seq     int64  `gorm:"primaryKey;autoIncrement:false"`
	At      int64
	Name    string
	Body    []byte
	Nonce   []byte
}

func (probeEntryRow) TableName() string { return "probe_entries" }

type probeRatingRow struct {
	RatingID string `gorm:"primaryKey"`
	ProbeID  string `gorm:"primaryKey"`
}

func (probeRatingRow) TableName() string { return "probe_ratings" }

type annulmentRow struct {
	RatingID string `gorm:"primaryKey"`
	ProbeID  string
	Seq      int64
	At       int64
}

func (annulmentRow) TableName() string { return "annulments" }

func newProbeRow(q regulation.Probe, startedAt, at time.Time) (probeRow, error) {
	state, err := json.Marshal(q)
	row := probeRow{ID: q.ID, Kind: string(q.Suspect.Kind), ObjectID: q.Suspect.Object, Direction: string(q.Direction), Area: q.Area, Authority: q.Authority,
		UnitID: q.Unit, Due: micros(q.Due), Overdue: q.Overdue, StartedAt: micros(startedAt), Seq: q.Seq, State: state}
	if seen := q.Subject(); seen.Staff != "" {
		row.SeenStaff = seen.Staff
	} else if len(seen.Units) > 0 {
		row.SeenUnit = seen.Units[0]
	}
	if q.Hearing == regulation.HearingAsked {
		row.HeardBy = micros(q.HeardBy)
	}
	if q.Open() {
		key := string(q.Suspect.Kind) + "/" + q.Suspect.Object
		row.Standing = &key
	} else {
		row.EndedAt = micros(at)
	}
	return row, err
}

func (r probeRow) probe() (q regulation.Probe, err error) {
	if err = json.Unmarshal(r.State, &q); err != nil {
		err = fmt.Errorf("a probe's state does not read: %w", err)
	}
	return q, err
}

// storedProbe is an entry as it is kept: salted digests stand for what people typed.
type storedProbe struct {
	regulation.ProbeEntry
	TextDigests map[string]string `json:"texts,omitempty"`
}

// probing is one change of a probe within its transaction.
type probing struct {
	s  *Store
	tx *gorm.DB
	at time.Time
}

// save writes a probe with the entries that changed it.
func (p probing) save(before, after regulation.Probe, startedAt time.Time, entries []regulation.ProbeEntry) error {
	row, err := newProbeRow(after, startedAt, p.at)
	if err != nil {
		return err
	}
	if before.Seq == 0 {
		isNew, err := insertNew(p.tx, &row)
		if err == nil && !isNew {
			err = &regulation.Error{Code: regulation.Conflict, Clause: regulation.ClauseRights, Missing: "already_probed"}
		}
		if err != nil {
			return err
		}
	} else if err := p.tx.Save(&row).Error; err != nil {
		return err
	}
	for _, e := range entries {
		if err := p.add(after, e); err != nil {
			return err
		}
	}
	return p.alarm(after)
}

// add writes one entry with all that hangs on it.
func (p probing) add(q regulation.Probe, e regulation.ProbeEntry) error {
	body, nonce, err := p.s.keepEntry(p.tx, leafProbe, q.ID, e.Seq, e.Texts, func(digests map[string]string) any {
		return storedProbe{ProbeEntry: e, TextDigests: digests}
	})
	if err != nil {
		return err
	}
	if err := p.tx.Create(&probeEntryRow{q.ID, e.Seq, micros(e.At), string(e.Name), body, nonce}).Error; err != nil {
		return err
	}
	for _, signal := range e.Signals {
		for _, rating := range signal.Ratings {
			if _, err := insertNew(p.tx, &probeRatingRow{rating, q.ID}); err != nil {
				return err
			}
		}
	}
	for _, rating := range e.Annuls {
		// Two probes may rest on one rating: it is counted against once.
		if _, err := insertNew(p.tx, &annulmentRow{rating, q.ID, e.Seq, micros(e.At)}); err != nil {
			return err
		}
	}
	m := messageRow{Ref: q.ID, Seq: e.Seq, About: AboutProbe, At: micros(p.at), Name: AboutProbe + "_" + string(e.Name)}
	return m.tell(p.tx, q.Told(e)...)
}

// alarm raises what an overdue probe asks for, and clears it once it is decided.
func (p probing) alarm(q regulation.Probe) error {
	if q.Overdue {
		return p.s.raise(p.tx, AlarmProbe, q.ID, string(q.Suspect.Kind), q.Area, q.Unit)
	}
	return p.s.clearAlarm(p.tx, AlarmProbe, q.ID)
}

// NewProbe is what a probe would be: where it belongs, and nothing more. unit is that of the ratings, or an
// approver's authority. Nobody probes into themselves: what concerns an authority or its people goes one level up.
func (s *Store) NewProbe(ctx context.Context, suspect regulation.Suspect, unit string) (regulation.Probe, error) {
	q := regulation.Probe{ID: newID(), Suspect: suspect, Unit: unit}
	tree, err := s.Tree(ctx)
	if err != nil {
		return q, err
	}
	org, known := tree.Org(unit)
	authority, charged := tree.Authority(unit)
	if !known || !charged {
		return q, (&regulation.Error{Code: regulation.Invalid, Clause: regulation.ClauseRights, Missing: "fields"}).Field("unit", "not_an_option")
	}
	q.Area, q.Authority = org.Area, authority.ID
	upper, any := tree.Upper(unit)
	switch {
	case any && authority.ID == unit:
		q.Area, q.Authority = upper.Area, upper.ID
	case any:
		q.Upper = upper.ID
	}
	return q, nil
}

// probeRules are the rules of now for what people do with a probe.
func (s *Store) probeRules(ctx context.Context, q regulation.Probe) (regulation.Rules, error) {
	rules, err := s.watchRules(ctx, q.Area, s.now())
	if err == nil {
		rules.Roster, err = s.Roster(ctx, q.Unit, q.Authority, q.Upper)
	}
	return rules, err
}

// ProberOf picks, of the assignments under which policies let an actor keep a probe, one under which nobody is
// barred. barred is why there is none, or "".
func (s *Store) ProberOf(ctx context.Context, q regulation.Probe, actor regulation.Actor, allowed []regulation.Assignment) (as regulation.Assignment, barred string, err error) {
	rules := regulation.Rules{}
	if rules.Roster, err = s.Roster(ctx, q.Unit, q.Authority, q.Upper); err != nil {
		return as, "", err
	}
	for _, as = range allowed {
		actor.As = as
		if barred = rules.BarredFromProbe(q, actor); barred == "" {
			return as, "", nil
		}
	}
	return as, barred, nil
}

// OpenProbe opens a probe by hand. The refusals are those of Rules.OpenProbe.
func (s *Store) OpenProbe(ctx context.Context, fresh regulation.Probe, v regulation.Values, actor regulation.Actor) (id string, err error) {
	if s.sealer == nil {
		return "", errNoKeys
	}
	rules, err := s.probeRules(ctx, fresh)
	if err != nil {
		return "", err
	}
	err = s.tx(ctx, func(tx *gorm.DB) error {
		before, started, err := openProbe(tx, fresh)
		if err != nil {
			return err
		}
		at := s.now()
		after, e, err := rules.OpenProbe(before, v, actor, at)
		if err != nil {
			return err
		}
		if started.IsZero() {
			started = at
		}
		id = after.ID
		return probing{s, tx, at}.save(before, after, started, []regulation.ProbeEntry{e})
	})
	return id, err
}

// openProbe holds the open probe into a suspect, or answers fresh.
func openProbe(tx *gorm.DB, fresh regulation.Probe) (regulation.Probe, time.Time, error) {
	var rows []probeRow
	err := locked(tx).Where("kind = ? AND object_id = ? AND standing IS NOT NULL", string(fresh.Suspect.Kind), fresh.Suspect.Object).Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return fresh, time.Time{}, err
	}
	q, err := rows[0].probe()
	return q, instant(rows[0].StartedAt), err
}

// ProbeAct is what people do with an open probe.
type ProbeAct func(r regulation.Rules, q regulation.Probe, v regulation.Values, actor regulation.Actor, at time.Time) (regulation.Probe, regulation.ProbeEntry, error)

// ChangeProbe does one of ProbeAct's acts. seen is the sequence that the actor saw: another one is a Conflict, so
// that a form sent twice counts once.
func (s *Store) ChangeProbe(ctx context.Context, id string, seen int64, act ProbeAct, v regulation.Values, actor regulation.Actor) error {
	if s.sealer == nil {
		return errNoKeys
	}
	q, err := s.Probe(ctx, regulation.Scope{All: true}, id)
	if err != nil {
		return err
	}
	rules, err := s.probeRules(ctx, q)
	if err != nil {
		return err
	}
	return s.withProbe(ctx, id, func(before regulation.Probe, at time.Time) (regulation.Probe, []regulation.ProbeEntry, error) {
		if before.Seq != seen {
			return before, nil, &regulation.Error{Code: regulation.Conflict, Clause: regulation.ClauseRights, Missing: "probe_changed"}
		}
		after, e, err := act(rules, before, v, actor, at)
		return after, []regulation.ProbeEntry{e}, err
	})
}

// withProbe changes one probe under its lock.
func (s *Store) withProbe(ctx context.Context, id string, change func(regulation.Probe, time.Time) (regulation.Probe, []regulation.ProbeEntry, error)) error {
	return s.tx(ctx, func(tx *gorm.DB) error {
		var row probeRow
		if err := locked(tx).Take(&row, "id = ?", id).Error; err != nil {
			return found(err, "probe")
		}
		before, err := row.probe()
		if err != nil {
			return err
		}
		at := s.now()
		after, entries, err := change(before, at)
		if err != nil || len(entries) == 0 {
			return err
		}
		return probing{s, tx, at}.save(before, after, instant(row.StartedAt), entries)
	})
}

var probeScope = scopeColumns{area: "area", units: []string{"seen_unit"}, org: "authority", staff: "seen_staff"}

// Probe returns a probe within the scope.
func (s *Store) Probe(ctx context.Context, scope regulation.Scope, id string) (regulation.Probe, error) {
	var row probeRow
	if err := inScope(s.rows(ctx), scope, probeScope).Take(&row, "id = ?", id).Error; err != nil {
		return regulation.Probe{}, found(err, "probe")
	}
	return row.probe()
}

// ProbeSorts are the sorts of the list, in the order in which pages show them.
var ProbeSorts = []string{string(regulation.FalsePraise), string(regulation.MaliciousBlame), string(regulation.LaxWriteOffs), "overdue", "ended"}

func probeSort(query *gorm.DB, sort string) *gorm.DB {
	switch sort {
	case "ended":
		return query.Where("standing IS NULL")
	case "overdue":
		return query.Where("standing IS NOT NULL AND overdue = 1")
	case "":
		return query.Where("standing IS NOT NULL")
	}
	return query.Where("standing IS NOT NULL AND direction = ?", sort)
}

// hidden leaves out what is gathered against a reader, or at a unit at which they serve, until they are asked for
// a statement: whatever else they are appointed to, it is not theirs to read (clause 2).
func hidden(query *gorm.DB, reader regulation.Actor) *gorm.DB {
	query = query.Where("NOT (kind = 'approver' AND object_id = ?)", reader.Person)
	units := []string{""}
	for _, as := range reader.Assignments {
		if reader.ServesAt(as.Org) {
			units = append(units, as.Org)
		}
	}
	return query.Where("NOT (seen_unit = '' AND seen_staff = '' AND kind IN ('staff', 'unit', 'rater') AND (unit_id IN ? OR (kind = 'staff' AND object_id = ?)))", units, reader.Staff)
}

// Probes lists the open probes within the scope that a reader may know of, or one sort of them, the latest first.
func (s *Store) Probes(ctx context.Context, scope regulation.Scope, reader regulation.Actor, q ListQuery) ([]regulation.Probe, string, error) {
	query := probeSort(hidden(inScope(s.rows(ctx).Model(&probeRow{}), scope, probeScope), reader), q.Sort)
	query, limit, err := q.newest(query, "started_at", "id")
	if err != nil {
		return nil, "", err
	}
	var rows []probeRow
	if err := query.Find(&rows).Error; err != nil {
		return nil, "", err
	}
	rows, next := page(rows, limit, func(r probeRow) cursor { return cursor{Key: r.StartedAt, ID: r.ID} })
	probes := make([]regulation.Probe, 0, len(rows))
	for _, row := range rows {
		q, failed := row.probe()
		probes, err = append(probes, q), errors.Join(err, failed)
	}
	return probes, next, err
}

// ProbeCounts counts them by sort; "" is all that are open.
func (s *Store) ProbeCounts(ctx context.Context, scope regulation.Scope, reader regulation.Actor) (map[string]int, error) {
	counts := map[string]int{}
	for _, sort := range append([]string{""}, ProbeSorts...) {
		var n int64
		if err := probeSort(hidden(inScope(s.rows(ctx).Model(&probeRow{}), scope, probeScope), reader), sort).Count(&n).Error; err != nil {
			return nil, err
		}
		counts[sort] = int(n)
	}
	return counts, nil
}

// ProbeHistory lists the entries of a probe within the scope, the newest first, with their texts.
func (s *Store) ProbeHistory(ctx context.Context, scope regulation.Scope, id string) ([]regulation.ProbeEntry, error) {
	if _, err := s.Probe(ctx, scope, id); err != nil {
		return nil, err
	}
	return historyOf(ctx, s, "probe_entries", "probe_id", id, func(kept storedProbe, texts map[string]string) regulation.ProbeEntry {
		kept.Texts = texts
		return kept.ProbeEntry
	})
}

// ProbesOf are the open probes whose evidence a rating belongs to, and those that annulled it.
func (s *Store) ProbesOf(ctx context.Context, scope regulation.Scope, reader regulation.Actor, rating string) ([]regulation.Probe, error) {
	var rows []probeRow
	err := hidden(inScope(s.rows(ctx), scope, probeScope), reader).Where("id IN (?)", s.rows(ctx).Model(&probeRatingRow{}).Select("probe_id").Where("rating_id = ?", rating)).
		Order("started_at, id").Find(&rows).Error
	var probes []regulation.Probe
	for _, row := range rows {
		q, failed := row.probe()
		probes, err = append(probes, q), errors.Join(err, failed)
	}
	return probes, err
}

// EvidenceLine is one rating of a probe's evidence: codes, and its case where it is a bad one.
type EvidenceLine struct {
	Rating   string
	Grade    regulation.Grade
	Channel  regulation.Channel
	GivenAt  time.Time
	HasText  bool
	Unit     string
	Staff    string
	Case     string
	Number   string
	Annulled bool
}

// Evidence reads the ratings that a probe's evidence rests on, the latest first.
func (s *Store) Evidence(ctx context.Context, q regulation.Probe) ([]EvidenceLine, error) {
	var rows []struct {
		ID, Channel, TextDigest, UnitID, StaffID string
		Grade                                    int
		GivenAt                                  int64
		CaseID, Number, Annulled                 *string
	}
	err := s.rows(ctx).Raw(`SELECT r.id, r.channel, r.text_digest, r.unit_id, r.staff_id, r.grade, r.given_at, c.id AS case_id, c.number, a.probe_id AS annulled
		FROM probe_ratings e JOIN ratings r ON r.id = e.rating_id LEFT JOIN cases c ON c.rating_id = r.id LEFT JOIN annulments a ON a.rating_id = r.id
		WHERE e.probe_id = ? ORDER BY r.given_at DESC, r.id`, q.ID).Scan(&rows).Error
	lines := make([]EvidenceLine, 0, len(rows))
	for _, r := range rows {
		lines = append(lines, EvidenceLine{r.ID, regulation.Grade(r.Grade), regulation.Channel(r.Channel), instant(r.GivenAt), r.TextDigest != "", r.UnitID, r.StaffID,
			textIn(r.CaseID), textIn(r.Number), r.Annulled != nil})
	}
	return lines, s.translate(err)
}

// probeLeaf makes an entry's leaf anew.
func (s *Store) probeLeaf(ctx context.Context, ref string) (leafContent, error) {
	id, seq, err := refParts(ref)
	if err != nil {
		return leafContent{}, err
	}
	var row probeEntryRow
	if err := s.rows(ctx).Take(&row, "probe_id = ? AND seq = ?", id, seq).Error; err != nil {
		return leafContent{}, err
	}
	var body storedProbe
	if err := json.Unmarshal(row.Body, &body); err != nil {
		return leafContent{}, err
	}
	return leafContent{row.Nonce, canonicalEntry(leafProbe, row.ProbeID, row.Seq, row.Body)},
		columnsAre(map[string]bool{"at": micros(body.At) == row.At, "name": string(body.Name) == row.Name})
}

// setAside are the days up to which ratings were weighed in probes that ended.
func (s *Store) setAside(ctx context.Context) (map[regulation.Suspect]workday.Date, error) {
	var rows []struct {
		Kind, ObjectID string
		Ended          int64
	}
	err := s.rows(ctx).Model(&probeRow{}).Select("kind, object_id, MAX(ended_at) AS ended").Where("standing IS NULL").Group("kind, object_id").Scan(&rows).Error
	days := map[regulation.Suspect]workday.Date{}
	for _, row := range rows {
		days[regulation.Suspect{Kind: regulation.SuspectKind(row.Kind), Object: row.ObjectID}] = workday.DateOf(instant(row.Ended))
	}
	return days, err
}
