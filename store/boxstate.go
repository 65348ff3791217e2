package store

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"haochaping/regulation"
	"haochaping/store/ledger"
	"haochaping/workday"
)

// BoxChange is where a box stood and whether it was in use, from an instant on.
type BoxChange struct {
	State  regulation.BoxState
	Hall   string // organisation
	Place  string
	From   time.Time
	At     time.Time // recorded
	By     string    // person
	Reason string    // "" of its registration
}

type boxStateRow struct {
	BoxID  string `gorm:"primaryKey"`
	Seq    int64  `gorm:"primaryKey;autoIncrement:false"`
	State  string
	HallID string
	Place  string
	FromAt int64
	SetAt  int64
	SetBy  string
	Reason string
	Nonce  []byte
}

func (boxStateRow) TableName() string { return "box_states" }

func (r boxStateRow) change() BoxChange {
	return BoxChange{regulation.BoxState(r.State), r.HallID, r.Place, instant(r.FromAt), instant(r.SetAt), r.SetBy, r.Reason}
}

const leafBoxState = "box_state"

// canonical is version 1 of the canonical bytes of a box's state.
func (r boxStateRow) canonical() []byte {
	return ledger.NewRow(leafBoxState, 1).Text(r.BoxID).Integer(r.Seq).Text(r.State).Text(r.HallID).Text(r.Place).Instant(instant(r.FromAt)).
		Instant(instant(r.SetAt)).Text(r.SetBy).Text(r.Reason).Canonical()
}

// boxStateLeaf makes the leaf of a box's state anew.
func (s *Store) boxStateLeaf(ctx context.Context, ref string) (leafContent, error) {
	id, seq, err := refParts(ref)
	if err != nil {
		return leafContent{}, err
	}
	var row boxStateRow
	if err := s.rows(ctx).Take(&row, "box_id = ? AND seq = ?", id, seq).Error; err != nil {
		return leafContent{}, err
	}
	return leafContent{row.Nonce, row.canonical()}, nil
}

func (s *Store) addBoxState(tx *gorm.DB, row boxStateRow) error {
	nonce, leaf := pendingLeaf(leafBoxState, eventRef(row.BoxID, row.Seq), row.canonical(), s.wall())
	row.Nonce = nonce
	if err := s.insert(tx, pendingLeavesTable, leaf); err != nil {
		return err
	}
	return tx.Create(&row).Error
}

// registered is how a box stands that nobody changed.
func registered(b boxRow) boxStateRow {
	return boxStateRow{BoxID: b.ID, Seq: 1, State: b.State, HallID: b.HallID, Place: b.Place, FromAt: b.RegisteredAt, SetAt: b.RegisteredAt, SetBy: b.RegisteredBy}
}

// boxStates are a box's, the earliest first. A box that was registered before they were kept has the one of its row,
// without a nonce: it is in no leaf yet.
func boxStates(db *gorm.DB, b boxRow) (states []boxStateRow, err error) {
	if err = db.Where("box_id = ?", b.ID).Order("seq").Find(&states).Error; err == nil && len(states) == 0 {
		states = []boxStateRow{registered(b)}
	}
	return states, err
}

// SetBoxState puts a box within the scope out of use, away, or back in use. Refusals: NotFound; Invalid on
// regulation.BoxStateFields, see regulation.BoxSince.
func (s *Store) SetBoxState(ctx context.Context, scope regulation.Scope, id string, v regulation.Values, actor regulation.Actor) error {
	if err := regulation.CheckBox(regulation.BoxStateFields, v); err != nil {
		return err
	}
	return s.addChange(ctx, scope, id, "set_box_state", v, actor, func(after *boxStateRow) { after.State = v.Get("box_state") })
}

// MoveBox puts a box within the scope elsewhere: in its hall, or in another of the same area. Refusals: NotFound; Invalid
// on regulation.BoxMoveFields, see regulation.BoxSince; Conflict box_exists.
func (s *Store) MoveBox(ctx context.Context, scope regulation.Scope, id string, v regulation.Values, actor regulation.Actor) error {
	if err := regulation.CheckBox(regulation.BoxMoveFields, v); err != nil {
		return err
	}
	b, err := s.Box(ctx, scope, id)
	if err != nil {
		return err
	}
	halls, err := s.BoxHalls(ctx, scope)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(halls, func(o Org) bool { return o.ID == v.Get("box_hall") && o.Area == b.Area }) {
		return (&regulation.Error{Code: regulation.Invalid, Clause: regulation.ClauseBox, Missing: "fields"}).Field("box_hall", "no_such_unit")
	}
	err = s.addChange(ctx, scope, id, "move_box", v, actor, func(after *boxStateRow) { after.HallID, after.Place = v.Get("box_hall"), v.Get("box_place") })
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		err = &regulation.Error{Code: regulation.Conflict, Clause: regulation.ClauseBox, Missing: "box_exists"}
	}
	return err
}

// addChange adds what a box is from an instant on to its history. What it is already is not added.
func (s *Store) addChange(ctx context.Context, scope regulation.Scope, id, action string, v regulation.Values, actor regulation.Actor, change func(*boxStateRow)) error {
	return s.changeBox(ctx, scope, id, func(tx *gorm.DB, b boxRow) error {
		states, err := boxStates(tx, b)
		if err != nil {
			return err
		}
		last := states[len(states)-1]
		after := last
		if change(&after); after.State == last.State && after.HallID == last.HallID && after.Place == last.Place {
			return nil
		}
		judged, err := judgedUntil(tx, id)
		if err != nil {
			return err
		}
		from, err := regulation.BoxSince(v, instant(last.FromAt), judged, s.now())
		if err != nil {
			return err
		}
		if last.Nonce == nil {
			if err := s.addBoxState(tx, last); err != nil {
				return err
			}
		}
		after.Seq, after.FromAt, after.SetAt, after.SetBy, after.Reason = last.Seq+1, micros(from), micros(s.now()), actor.Person, strings.TrimSpace(v.Get("box_reason"))
		if err := s.addBoxState(tx, after); err != nil {
			return err
		}
		now := map[string]any{"state": usable(after.State), "hall_id": after.HallID, "place": after.Place}
		if err := tx.Model(&boxRow{}).Where("id = ?", id).Updates(now).Error; err != nil {
			return err
		}
		b.HallID = after.HallID
		return s.noteBox(tx, action, after.State, b, actor)
	})
}

// usable is a state as the box's row has it: whether forms are put in.
func usable(state string) string {
	if state == string(regulation.BoxActive) {
		return state
	}
	return string(regulation.BoxOutOfUse)
}

// judgedUntil is the Monday after a box's last judged week, zero where none was.
func judgedUntil(db *gorm.DB, box string) (workday.Date, error) {
	var last []boxWeekRow
	if err := db.Where("box_id = ?", box).Order("monday DESC").Limit(1).Find(&last).Error; err != nil || len(last) == 0 {
		return workday.Date{}, err
	}
	monday, err := workday.ParseDate(last[0].Monday)
	return monday.AddDays(7), err
}
