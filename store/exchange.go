package store

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"haochaping/regulation"
)

// States of a delivery.
const (
	DeliveryWaiting = "waiting"
	DeliverySending = "sending" // it may have arrived: nobody knows yet
	DeliverySent    = "sent"
	DeliveryParked  = "parked" // until somebody sends it again
)

// LeaseExchange is the lease under which one node follows the ledger for an upstream and sends to it.
func LeaseExchange(upstream string) string { return "exchange " + upstream }

// Upstream is somebody outside who gets every rating and every outcome (9(3), R55).
type Upstream struct {
	Name, Title string
	Simulated   bool
}

type upstreamRow struct {
	Name        string `gorm:"primaryKey"`
	Title       string
	Simulated   bool
	Position    int64
	FollowedAt  int64
	Failures    int
	Code        string
	TryAt       int64
	SucceededAt int64
	Sent        int64
	Size        int
	RetiredAt   int64
}

func (upstreamRow) TableName() string { return "upstreams" }

type deliveryRow struct {
	Upstream string `gorm:"primaryKey"`
	ID       string `gorm:"primaryKey"`
	RatingID string
	Seq      int64
	CaseID   string
	State    string
	At       int64
	SinceAt  int64
	NextAt   int64
	TriedAt  int64
	SentAt   int64
	Attempts int
	Code     string
}

func (deliveryRow) TableName() string { return "deliveries" }

// Delivery is one message to an upstream: a rating, or where Seq is an event of its case, the outcome from
// then on. ID is the same however often it is sent.
type Delivery struct {
	ID       string
	Rating   string
	Seq      int64
	Case     string
	State    string
	At       time.Time // when the record had it
	Since    time.Time // since when it waits
	Tried    time.Time // before this time, zero for never
	Sent     time.Time
	Attempts int // that it is to blame for
	Code     string

	given *regulation.Rating // where it was read already
}

func (r deliveryRow) delivery() Delivery {
	return Delivery{ID: r.ID, Rating: r.RatingID, Seq: r.Seq, Case: r.CaseID, State: r.State, At: instant(r.At), Since: instant(r.SinceAt),
		Tried: instant(r.TriedAt), Sent: instant(r.SentAt), Attempts: r.Attempts, Code: r.Code}
}

// NameUpstreams notes whom the settings name now. Whoever they name no more is retired: nothing is lost of
// it, and it goes on from there when it is named again.
func (s *Store) NameUpstreams(ctx context.Context, named []Upstream) error {
	return s.tx(ctx, func(tx *gorm.DB) error {
		names := []string{""}
		for _, u := range named {
			names = append(names, u.Name)
			n, err := s.exec(tx, "UPDATE upstreams SET title = ?, simulated = ?, retired_at = 0 WHERE name = ?", u.Title, u.Simulated, u.Name)
			if err != nil {
				return err
			}
			if n > 0 {
				continue
			}
			if _, err := insertNew(tx, &upstreamRow{Name: u.Name, Title: u.Title, Simulated: u.Simulated, Size: 1}); err != nil {
				return err
			}
		}
		return tx.Model(&upstreamRow{}).Where("retired_at = 0 AND name NOT IN ?", names).Update("retired_at", micros(s.now())).Error
	})
}

// lookedEvery is how often it is noted that somebody looked, though there was nothing.
const lookedEvery = 10 * time.Second

// Following says of what an upstream gets deliveries.
type Following struct {
	Upstream string
	Token    int64 // of LeaseExchange
	// From leaves out ratings that were given before; zero: none.
	From time.Time
	// Own are the sources whose ratings the upstream has itself: it gets their outcomes only.
	Own []string
	// Take is how many new ratings are taken to be sent at once, without first being put among what waits; 0: none.
	Take int
}

// Followed is what came of following the ledger.
type Followed struct {
	Read    int   // leaves; fewer than asked for: it has no more
	Waiting int   // deliveries made that are not among Taken
	Taken   Taken // under way already, as TakeDeliveries has them
}

// FollowLedger makes the deliveries of what the ledger took in since the last time, up to limit leaves.
// Whatever is in the record has its leaf, and nothing else has: so all of it
// is delivered and nothing that was never recorded. ErrLeaseLost when another node has taken over.
func (s *Store) FollowLedger(ctx context.Context, f Following, limit int) (done Followed, err error) {
	var up upstreamRow
	if err := s.rows(ctx).Take(&up, "name = ?", f.Upstream).Error; err != nil {
		return done, found(err, "upstream")
	}
	var leaves []struct{ Kind, Ref string }
	err = s.rows(ctx).Table("leaves").Select("kind, ref").Where("position >= ?", up.Position).Order("position").Limit(limit).Find(&leaves).Error
	if err != nil {
		return done, err
	}
	t := stretch{s: s, ctx: ctx, f: f, events: map[string]int64{}}
	for _, leaf := range leaves {
		if err := t.read(leaf.Kind, leaf.Ref); err != nil {
			return done, err
		}
	}
	rows, err := t.deliveries()
	if err != nil {
		return done, err
	}
	if len(leaves) == 0 && s.now().Sub(instant(up.FollowedAt)) < lookedEvery {
		return done, nil
	}
	err = s.tx(ctx, func(tx *gorm.DB) error {
		if err := holdsLease(tx, LeaseExchange(f.Upstream), f.Token); err != nil {
			return err
		}
		if len(rows) > 0 {
			if done.Taken, err = t.take(tx, up, rows); err != nil {
				return err
			}
			// Some are there already: an event brings those before it along.
			if err := tx.Clauses(clause.OnConflict{DoNothing: true}).CreateInBatches(rows, maxInserted).Error; err != nil {
				return err
			}
		}
		return s.write(tx, "UPDATE upstreams SET position = ?, followed_at = ? WHERE name = ?", up.Position+int64(len(leaves)), micros(s.now()), f.Upstream)
	})
	done.Read, done.Waiting = len(leaves), len(rows)-len(done.Taken.Deliveries)
	return done, err
}

// stretch is a piece of the ledger as an upstream is told of it.
type stretch struct {
	s       *Store
	ctx     context.Context
	f       Following
	ratings []string
	events  map[string]int64 // case -> the last event of the stretch
	given   map[string]regulation.Rating
}

func (t *stretch) read(kind, ref string) error {
	switch kind {
	case leafRating:
		t.ratings = append(t.ratings, ref)
	case leafEvent:
		id, seq, err := refParts(ref)
		if err != nil {
			return err
		}
		t.events[id] = max(t.events[id], seq)
	}
	return nil
}

// deliveries are the rows of the stretch. Leaves of one case may come out of their order, by machines'
// clocks: so an event brings along the rating and every event before it.
func (t *stretch) deliveries() ([]deliveryRow, error) {
	cases, err := t.cases()
	if err != nil {
		return nil, err
	}
	wanted := slices.Clone(t.ratings)
	for _, c := range cases {
		wanted = append(wanted, c.RatingID)
	}
	if t.given, err = t.s.ratingsByID(t.ctx, wanted); err != nil {
		return nil, err
	}
	var rows []deliveryRow
	for _, r := range t.given {
		if !t.leftOut(r) && !slices.Contains(t.f.Own, r.Source.ID) {
			rows = append(rows, t.row(r.ID, 0, "", received(r)))
		}
	}
	for _, c := range cases {
		r := t.given[c.RatingID]
		if t.leftOut(r) {
			continue
		}
		for _, o := range c.outcomes(r) {
			if o.Seq <= t.events[c.ID] {
				rows = append(rows, t.row(r.ID, o.Seq, c.ID, o.At))
			}
		}
	}
	return rows, nil
}

// take marks new ratings as under way, which TakeDeliveries would do next: each is written once less and
// read twice less that way. None while the upstream fails; never one of which a version is there already.
func (t *stretch) take(tx *gorm.DB, up upstreamRow, rows []deliveryRow) (Taken, error) {
	now := t.s.now()
	most := min(up.Size, t.f.Take)
	if most == 0 || up.Failures > 0 || up.TryAt > micros(now) {
		return Taken{}, nil
	}
	slices.SortFunc(rows, func(a, b deliveryRow) int { return cmp.Or(cmp.Compare(a.SinceAt, b.SinceAt), cmp.Compare(a.ID, b.ID)) })
	var known []string
	err := tx.Model(&deliveryRow{}).Where("upstream = ? AND rating_id IN ?", up.Name, slices.Collect(maps.Keys(t.given))).Distinct().Pluck("rating_id", &known).Error
	taken := Taken{Size: most, Succeeded: instant(up.SucceededAt)}
	for i := range rows {
		row := &rows[i]
		row.State, row.TriedAt = DeliveryWaiting, 0 // also when the transaction is tried once more
		if row.Seq > 0 || slices.Contains(known, row.RatingID) || len(taken.Deliveries) == most {
			continue
		}
		d, given := row.delivery(), t.given[row.RatingID]
		d.given = &given
		taken.Deliveries = append(taken.Deliveries, d)
		row.State, row.TriedAt = DeliverySending, micros(now)
	}
	return taken, err
}

func (t *stretch) leftOut(r regulation.Rating) bool { return r.ID == "" || r.GivenAt.Before(t.f.From) }

func (t *stretch) row(rating string, seq int64, caseID string, at time.Time) deliveryRow {
	return deliveryRow{Upstream: t.f.Upstream, ID: fmt.Sprintf("%s-%d", rating, seq), RatingID: rating, Seq: seq, CaseID: caseID,
		State: DeliveryWaiting, At: micros(at), SinceAt: micros(at)}
}

// received is when the record had a rating: those of before it was noted were received when given.
func received(r regulation.Rating) time.Time {
	if r.ReceivedAt.IsZero() {
		return r.GivenAt
	}
	return r.ReceivedAt
}

func (t *stretch) cases() (map[string]toldCase, error) {
	ids := make([]string, 0, len(t.events))
	for id := range t.events {
		ids = append(ids, id)
	}
	return t.s.toldCases(t.ctx, ids)
}

// toldCase is a case with its history, as far as outsiders are told of it.
type toldCase struct {
	ID, RatingID, Number string
	events               []regulation.Event
}

// outcomes are the case's, one for each event that changed it.
func (c toldCase) outcomes(r regulation.Rating) []regulation.Outcome {
	return regulation.Outcomes(r.Place.Rated, c.events)
}

func (s *Store) toldCases(ctx context.Context, ids []string) (map[string]toldCase, error) {
	cases := map[string]toldCase{}
	if len(ids) == 0 {
		return cases, nil
	}
	var heads []toldCase
	if err := s.rows(ctx).Table("cases").Select("id, rating_id, number").Where("id IN ?", ids).Find(&heads).Error; err != nil {
		return nil, err
	}
	for _, head := range heads {
		cases[head.ID] = head
	}
	var rows []struct {
		CaseID string
		Body   []byte
	}
	if err := s.rows(ctx).Table("case_events").Select("case_id, body").Where("case_id IN ?", ids).Order("case_id, seq").Find(&rows).Error; err != nil {
		return nil, err
	}
	for _, row := range rows {
		var stored storedEvent
		if err := json.Unmarshal(row.Body, &stored); err != nil {
			return nil, fmt.Errorf("an event of case %s does not read: %w", row.CaseID, err)
		}
		c := cases[row.CaseID]
		c.events = append(c.events, stored.Event)
		cases[row.CaseID] = c
	}
	return cases, nil
}

func (s *Store) ratingsByID(ctx context.Context, ids []string) (map[string]regulation.Rating, error) {
	ratings := map[string]regulation.Rating{}
	if len(ids) == 0 {
		return ratings, nil
	}
	var rows []ratingView
	// By name: the leaf's canonical bytes are half of a row.
	err := s.rows(ctx).Session(&gorm.Session{QueryFields: true}).Find(&rows, "id IN ?", ids).Error
	for _, row := range rows {
		ratings[row.ID] = row.rating()
	}
	return ratings, err
}

// Taken is what an upstream is to get next.
type Taken struct {
	// Deliveries: the oldest first, one a rating at most, nothing before an earlier version was sent.
	Deliveries []Delivery
	// Unclear tells that they were under way before, and may have arrived.
	Unclear bool
	// Of the upstream: failures in a row, how many are sent at once, when it last took something.
	Failures, Size int
	Succeeded      time.Time
}

// TakeDeliveries takes what is to be sent next, most at once, and marks it as under way; nothing while the
// upstream is left in peace after a failure. What was under way when a node ended comes first.
func (s *Store) TakeDeliveries(ctx context.Context, upstream string, token int64, most int) (taken Taken, err error) {
	err = s.tx(ctx, func(tx *gorm.DB) error {
		taken = Taken{}
		if err := holdsLease(tx, LeaseExchange(upstream), token); err != nil {
			return err
		}
		var up upstreamRow
		if err := tx.Take(&up, "name = ?", upstream).Error; err != nil {
			return found(err, "upstream")
		}
		now := s.now()
		if up.TryAt > micros(now) {
			return nil
		}
		taken = Taken{Failures: up.Failures, Size: min(up.Size, most), Succeeded: instant(up.SucceededAt)}
		rows, err := nextDeliveries(tx, upstream, micros(now), taken.Size, DeliverySending)
		if taken.Unclear = len(rows) > 0; err == nil && !taken.Unclear {
			rows, err = nextDeliveries(tx, upstream, micros(now), taken.Size, DeliveryWaiting)
		}
		if err != nil || len(rows) == 0 {
			return err
		}
		taken.Deliveries = converted(rows, deliveryRow.delivery)
		return tx.Model(&deliveryRow{}).Where("upstream = ? AND id IN ?", upstream, converted(rows, func(r deliveryRow) string { return r.ID })).
			Updates(map[string]any{"state": DeliverySending, "tried_at": micros(now)}).Error
	})
	return taken, err
}

// nextDeliveries are those that no earlier version of the same rating stands before: also a parked one
// does, since it would overwrite the later one when it is sent again. Which stand behind another is asked of
// a few at a time: within the one query MariaDB looked at the whole backlog, ten seconds with 60,000.
func nextDeliveries(tx *gorm.DB, upstream string, now int64, most int, state string) (next []deliveryRow, err error) {
	last := deliveryRow{SinceAt: -1}
	for len(next) < most {
		var some []deliveryRow
		err := tx.Where("upstream = ? AND state = ? AND next_at <= ? AND since_at >= ? AND (since_at > ? OR id > ?)", upstream, state, now, last.SinceAt, last.SinceAt, last.ID).
			Order("since_at, id").Limit(2 * most).Find(&some).Error
		if err != nil || len(some) == 0 {
			return next, err
		}
		last = some[len(some)-1]
		first, err := firstUnsent(tx, upstream, some)
		if err != nil {
			return nil, err
		}
		for _, row := range some {
			if row.Seq == first[row.RatingID] && len(next) < most {
				next = append(next, row)
			}
		}
	}
	return next, nil
}

// firstUnsent is the earliest version of each rating that was not sent.
func firstUnsent(tx *gorm.DB, upstream string, of []deliveryRow) (map[string]int64, error) {
	var rows []struct {
		RatingID string
		First    int64
	}
	err := tx.Model(&deliveryRow{}).Select("rating_id, MIN(seq) AS first").Where("upstream = ? AND state <> ?", upstream, DeliverySent).
		Where("rating_id IN ?", converted(of, func(r deliveryRow) string { return r.RatingID })).Group("rating_id").Find(&rows).Error
	first := map[string]int64{}
	for _, row := range rows {
		first[row.RatingID] = row.First
	}
	return first, err
}

// Tried is what became of one message.
type Tried struct {
	ID       string
	State    string
	Code     string // why not, "" where it was sent
	Attempts int
	Next     time.Time // not before, zero for at once
}

// Tries is what became of what was taken, and of the upstream. What is not among Messages stays under way.
type Tries struct {
	Messages []Tried
	Failures int // of the upstream in a row; 0: it answered
	Code     string
	Next     time.Time // the upstream is left in peace until then
	Size     int       // how many are sent at once from now on
}

// SettleDeliveries notes what became of what was taken. ErrLeaseLost when another node has taken over: it
// finds everything under way and asks the upstream, or sends it again under the same id.
func (s *Store) SettleDeliveries(ctx context.Context, upstream string, token int64, t Tries) error {
	var sent []string
	var others []Tried
	for _, m := range t.Messages {
		if m.State == DeliverySent {
			sent = append(sent, m.ID)
			continue
		}
		others = append(others, m)
	}
	return s.tx(ctx, func(tx *gorm.DB) error {
		if err := holdsLease(tx, LeaseExchange(upstream), token); err != nil {
			return err
		}
		now, fresh := micros(s.now()), int64(0)
		if len(sent) > 0 {
			// Counted by id: asked for sent_at, MariaDB went through the whole backlog.
			err := tx.Model(&deliveryRow{}).Where("upstream = ? AND id IN ?", upstream, sent).
				Select("COUNT(CASE WHEN sent_at = 0 THEN 1 END)").Scan(&fresh).Error
			if err != nil {
				return err
			}
			err = tx.Model(&deliveryRow{}).Where("upstream = ? AND id IN ?", upstream, sent).
				Updates(map[string]any{"state": DeliverySent, "sent_at": now, "code": "", "attempts": 0}).Error
			if err != nil {
				return err
			}
		}
		for _, m := range others {
			err := s.write(tx, "UPDATE deliveries SET state = ?, code = ?, attempts = ?, next_at = ? WHERE upstream = ? AND id = ?",
				m.State, m.Code, m.Attempts, micros(m.Next), upstream, m.ID)
			if err != nil {
				return err
			}
		}
		change := map[string]any{"failures": t.Failures, "code": t.Code, "try_at": micros(t.Next), "size": max(1, t.Size)}
		if len(sent) > 0 {
			change["succeeded_at"], change["sent"] = now, gorm.Expr("sent + ?", fresh)
		}
		return tx.Model(&upstreamRow{}).Where("name = ?", upstream).Updates(change).Error
	})
}

// Exchanged is what the record has of one message, for whoever words it.
type Exchanged struct {
	Delivery
	Given regulation.Rating
	Text  string // the citizen's words, where they are asked for and still kept
	// Number and Outcome are the case's, where the message tells of one.
	Number  string
	Outcome regulation.Outcome
	// Names of the places, as published; each zero where the rating names none.
	Area, Unit Org
	Matter     Matter
	Project    Project
	Staff      string
}

// Contents reads what is to be sent, in the order given. texts asks for the citizens' words.
func (s *Store) Contents(ctx context.Context, deliveries []Delivery, texts bool) ([]Exchanged, error) {
	var ids, cases []string
	for _, d := range deliveries {
		if d.given == nil {
			ids = append(ids, d.Rating)
		}
		if d.Case != "" {
			cases = append(cases, d.Case)
		}
	}
	ratings, err := s.ratingsByID(ctx, ids)
	if err != nil {
		return nil, err
	}
	for _, d := range deliveries {
		if d.given != nil {
			ratings[d.Rating] = *d.given
		}
	}
	known, err := s.toldCases(ctx, cases)
	if err != nil {
		return nil, err
	}
	all := make([]Exchanged, 0, len(deliveries))
	for _, d := range deliveries {
		e := Exchanged{Delivery: d, Given: ratings[d.Rating]}
		if d.Seq == 0 && texts && e.Given.HasText {
			if e.Text, err = s.RatingText(ctx, d.Rating); err != nil {
				return nil, err
			}
		}
		for _, o := range known[d.Case].outcomes(e.Given) {
			if o.Seq == d.Seq {
				e.Number, e.Outcome = known[d.Case].Number, o
			}
		}
		all = append(all, e)
	}
	return all, s.nameExchanged(ctx, all)
}

// rated is whom the message is about: the outcome may name another than the rating did.
func (e Exchanged) rated() regulation.Rated {
	if e.Seq > 0 {
		return e.Outcome.Rated
	}
	return e.Given.Place.Rated
}

func (s *Store) nameExchanged(ctx context.Context, all []Exchanged) error {
	tree, err := s.Tree(ctx)
	if err != nil {
		return err
	}
	var matters, projects, staff []string
	for _, e := range all {
		matters, projects, staff = append(matters, e.rated().Matter), append(projects, e.Given.Place.ProjectNo), append(staff, e.rated().Staff)
	}
	var matterRows []matterRow
	if err := s.rows(ctx).Find(&matterRows, "id IN ?", matters).Error; err != nil {
		return err
	}
	var projectRows []projectRow
	if err := s.rows(ctx).Find(&projectRows, "number IN ?", projects).Error; err != nil {
		return err
	}
	names, err := s.StaffNames(ctx, staff...)
	if err != nil {
		return err
	}
	for i := range all {
		e := &all[i]
		e.Area, _ = tree.Org(e.Given.Place.Area)
		e.Unit, _ = tree.Org(e.rated().Unit)
		e.Staff = names[e.rated().Staff]
		for _, m := range matterRows {
			if m.ID == e.rated().Matter {
				e.Matter = Matter(m)
			}
		}
		for _, p := range projectRows {
			if p.Number == e.Given.Place.ProjectNo {
				e.Project = p.project()
			}
		}
	}
	return nil
}
