package store

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"

	"gorm.io/gorm"

	"haochaping/regulation"
	"haochaping/workday"
)

// AlarmBoxSeal tells that the seal of a box was not intact when it was opened; it is over when a later opening finds
// one that is.
const AlarmBoxSeal = "box_seal"

// BoxOpeners are who may be the second to open a box of a hall now, besides whoever records it: people with a post in
// the hall's area.
func (s *Store) BoxOpeners(ctx context.Context, hall, area, recorder string) ([]Account, error) {
	people, err := s.People(ctx)
	if err != nil {
		return nil, err
	}
	rated, err := s.ratedIn(s.rows(ctx), hall)
	return slices.DeleteFunc(people.Open(), func(a Account) bool {
		return a.Person == recorder || people.mayOpen(a.Person, area, rated, s) != nil
	}), err
}

// mayOpen asks the rule about a person's posts in the area of the box.
func (p *People) mayOpen(person, area string, rated regulation.RatedIn, s *Store) error {
	who := regulation.Person{ID: person, Staff: p.Account(person).Staff}
	if !p.Account(person).Disabled() {
		who.Assignments = p.Posts(person, s.now())
	}
	if !slices.ContainsFunc(who.Assignments, func(as regulation.Assignment) bool { return as.Area == area }) {
		who.Assignments = nil
	}
	return regulation.CheckOpener(who, rated)
}

// RecordOpening records that the actor and a second person opened a box within the scope. With regulation.BoxConfirm it
// is a report under the id of the opening that it will be, and counts once the second has confirmed it (see
// AnswerOpening). The same form sent again records nothing new. Refusals: NotFound; Invalid on regulation.OpeningFields,
// with second_opener same_person, not_staff or opener_is_rated; FourEyes you_are_rated.
func (s *Store) RecordOpening(ctx context.Context, scope regulation.Scope, box string, v regulation.Values, actor regulation.Actor) (id string, err error) {
	people, err := s.People(ctx)
	if err != nil {
		return "", err
	}
	params, err := s.paramsNow(ctx)
	if err != nil {
		return "", err
	}
	err = s.changeBox(ctx, scope, box, func(tx *gorm.DB, b boxRow) error {
		before, err := foundBefore(tx, box)
		if err != nil {
			return err
		}
		if i := slices.IndexFunc(before, func(o foundRow) bool { return o.typed(v, actor) }); i >= 0 {
			id = before[i].ID
			return nil
		}
		f, err := regulation.CheckOpening(v, openedBefore(b, before), s.now())
		if err != nil {
			return err
		}
		if err := s.checkOpeners(tx, people, b, v.Get("second_opener"), actor); err != nil {
			return err
		}
		row := foundRow{ID: newID(), BoxID: b.ID, HallID: b.HallID, Area: b.Area, ISOWeek: regulation.WeekOf(f.At), OpenedAt: micros(f.At), Opener1: actor.Person, Opener2: v.Get("second_opener"),
			OldSeal: f.OldSeal, OldSealState: f.OldSealState, NewSeal: f.NewSeal, Counted: f.Counted, Letters: f.Letters, Remarks: f.Remarks, RecordedAt: micros(s.now()), RecordedBy: actor.Person}
		id = row.ID
		if err := s.noteBox(tx, "open_box", "", b, actor); err != nil {
			return err
		}
		if params.Days(regulation.BoxConfirm) == 1 {
			return s.addReport(ctx, tx, b, row, params.Days(regulation.BoxConfirmDays))
		}
		return s.addOpening(tx, b, row)
	})
	return id, err
}

// foundBefore is what is known to have been found in a box, the latest first: its openings, and reports of which nothing
// was decided.
func foundBefore(tx *gorm.DB, box string) ([]foundRow, error) {
	var openings []openingRow
	if err := tx.Where("box_id = ?", box).Find(&openings).Error; err != nil {
		return nil, err
	}
	var reports []reportRow
	if err := tx.Where("box_id = ? AND settled_at = 0", box).Find(&reports).Error; err != nil {
		return nil, err
	}
	found := append(converted(openings, func(o openingRow) foundRow { return o.Found }), converted(reports, func(r reportRow) foundRow { return r.Found })...)
	slices.SortFunc(found, func(a, b foundRow) int { return cmp.Compare(b.OpenedAt, a.OpenedAt) })
	return found, nil
}

// typed tells whether an opening is the one that a form tells of: the form was sent again.
func (r foundRow) typed(v regulation.Values, actor regulation.Actor) bool {
	at := instant(r.OpenedAt).In(workday.Shanghai).Format("2006-01-02 15:04")
	return at == v.Get("opened_on")+" "+v.Get("opened_time") && r.Opener1 == actor.Person && r.Opener2 == v.Get("second_opener") &&
		r.NewSeal == v.Get("new_seal") && strconv.Itoa(r.Counted) == v.Get("counted")
}

// openedBefore is what is known of a box from what was found in it, the latest first. A box is not opened before it is
// registered.
func openedBefore(b boxRow, rows []foundRow) regulation.Opened {
	known := regulation.Opened{Last: workday.DateOf(instant(b.RegisteredAt)).Start()}
	for i, r := range rows {
		if i == 0 {
			known.Last, known.Seal = instant(r.OpenedAt), r.NewSeal
		}
		known.Seals = append(known.Seals, r.NewSeal)
	}
	return known
}

// checkOpeners tells whether the two may open a box: two different people, whom its forms do not rate.
func (s *Store) checkOpeners(tx *gorm.DB, people *People, b boxRow, second string, actor regulation.Actor) error {
	wrong := &regulation.Error{Code: regulation.Invalid, Clause: regulation.ClauseBox, Missing: "fields"}
	if second == actor.Person {
		return wrong.Field("second_opener", "same_person")
	}
	rated, err := s.ratedIn(tx, b.HallID)
	if err != nil {
		return err
	}
	if people.mayOpen(actor.Person, b.Area, rated, s) != nil {
		return &regulation.Error{Code: regulation.FourEyes, Clause: regulation.ClauseBox, Missing: "you_are_rated"}
	}
	return people.mayOpen(second, b.Area, rated, s)
}

// addOpening writes an opening with its leaf, tells of a seal that was not intact, and settles the weeks that were
// missed until then.
func (s *Store) addOpening(tx *gorm.DB, b boxRow, found foundRow) error {
	row := openingRow{Found: found}
	nonce, leaf := pendingLeaf(leafOpening, found.ID, row.canonical(), s.wall())
	row.Found.Nonce = nonce
	if err := s.insert(tx, pendingLeavesTable, leaf); err != nil {
		return err
	}
	if err := tx.Create(&row).Error; err != nil {
		return err
	}
	return errors.Join(settleWeeks(tx, found), s.tellSeal(tx, b, found))
}

func (s *Store) tellSeal(tx *gorm.DB, b boxRow, row foundRow) error {
	if row.OldSealState == regulation.SealIntact {
		return s.clearAlarm(tx, AlarmBoxSeal, b.ID)
	}
	return s.raise(tx, AlarmBoxSeal, b.ID, row.OldSealState, b.Area, b.HallID)
}
