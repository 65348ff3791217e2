package store

import (
	"context"
	"errors"
	"slices"
	"time"

	"gorm.io/gorm"

	"haochaping/regulation"
	"haochaping/workday"
)

// Box is a suggestion box (6(2)) with everybody who kept it, the latest first.
type Box struct {
	ID           string
	Hall         string // organisation
	Area         string
	Place        string // in the hall
	State        regulation.BoxState
	RegisteredAt time.Time
	Keepers      []BoxKeeping
	Changes      []BoxChange // the latest first; the last is how it was registered
	Photo        string      // digest of its picture, "" without one
}

// BoxKeeping is the time for which somebody kept a box. Until is zero while it lasts. Fit tells whether
// they may keep it now: a dismissed keeper, or one who serves at a window since, is none (R15).
type BoxKeeping struct {
	Person string
	From   time.Time
	Until  time.Time
	Fit    bool
}

// Keeper is who keeps the box now, "" without anybody fit for it.
func (b Box) Keeper() string {
	if len(b.Keepers) > 0 && b.Keepers[0].Until.IsZero() && b.Keepers[0].Fit {
		return b.Keepers[0].Person
	}
	return ""
}

type boxRow struct {
	ID           string `gorm:"primaryKey"`
	HallID       string
	Area         string
	Place        string
	State        string
	RegisteredAt int64
	RegisteredBy string
	Photo        string
}

func (boxRow) TableName() string { return "boxes" }

type boxKeeperRow struct {
	ID         string `gorm:"primaryKey"`
	BoxID      string
	OpenBoxID  *string
	Person     string
	FromAt     int64
	UntilAt    int64
	AssignedBy string
}

func (boxKeeperRow) TableName() string { return "box_keepers" }

var boxColumns = scopeColumns{area: "area", units: []string{"hall_id"}}

// BoxHalls are the places within the scope where a box has to stand (R13): halls and service centres.
func (s *Store) BoxHalls(ctx context.Context, scope regulation.Scope) ([]Org, error) {
	tree, err := s.Tree(ctx)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(tree.Orgs(regulation.OrgHall, regulation.OrgServiceCentre), func(o Org) bool {
		return !scope.All && !slices.Contains(scope.Areas, o.Area) && !slices.Contains(scope.Units, o.ID)
	}), nil
}

// Boxes lists the boxes within the scope by hall and place.
func (s *Store) Boxes(ctx context.Context, scope regulation.Scope) ([]Box, error) {
	var rows []boxRow
	if err := inScope(s.rows(ctx), scope, boxColumns).Order("hall_id, place").Find(&rows).Error; err != nil || len(rows) == 0 {
		return nil, err
	}
	return s.withKeepers(ctx, rows)
}

// Box returns a box within the scope. Refusal: NotFound.
func (s *Store) Box(ctx context.Context, scope regulation.Scope, id string) (Box, error) {
	var row boxRow
	if err := inScope(s.rows(ctx), scope, boxColumns).Take(&row, "id = ?", id).Error; err != nil {
		return Box{}, found(err, "box")
	}
	boxes, err := s.withKeepers(ctx, []boxRow{row})
	if err != nil {
		return Box{}, err
	}
	return boxes[0], nil
}

func (s *Store) withKeepers(ctx context.Context, rows []boxRow) ([]Box, error) {
	people, err := s.People(ctx)
	if err != nil {
		return nil, err
	}
	boxes, rated := make([]Box, 0, len(rows)), map[string]regulation.RatedIn{}
	for _, row := range rows {
		if _, known := rated[row.HallID]; !known {
			if rated[row.HallID], err = s.ratedIn(s.rows(ctx), row.HallID); err != nil {
				return nil, err
			}
		}
		b := Box{ID: row.ID, Hall: row.HallID, Area: row.Area, Place: row.Place, RegisteredAt: instant(row.RegisteredAt), Photo: row.Photo}
		states, err := boxStates(s.rows(ctx), row)
		if err != nil {
			return nil, err
		}
		for _, state := range states {
			b.Changes = append([]BoxChange{state.change()}, b.Changes...)
		}
		b.State = b.Changes[0].State
		var kept []boxKeeperRow
		if err := s.rows(ctx).Where("box_id = ?", row.ID).Order("until_at = 0 DESC, from_at DESC, until_at DESC, id").Find(&kept).Error; err != nil {
			return nil, err
		}
		for _, k := range kept {
			fit := people.mayKeep(k.Person, row.HallID, rated[row.HallID], s.now()) == nil
			b.Keepers = append(b.Keepers, BoxKeeping{k.Person, instant(k.FromAt), instant(k.UntilAt), fit})
		}
		boxes = append(boxes, b)
	}
	return boxes, nil
}

// BoxKeepers are who may keep a box of a hall now.
func (s *Store) BoxKeepers(ctx context.Context, hall string) ([]Account, error) {
	people, err := s.People(ctx)
	if err != nil {
		return nil, err
	}
	rated, err := s.ratedIn(s.rows(ctx), hall)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(people.Open(), func(a Account) bool { return people.mayKeep(a.Person, hall, rated, s.now()) != nil }), nil
}

// mayKeep asks the rule about a person's own posts: an absent keeper is one all the same.
func (p *People) mayKeep(person, hall string, rated regulation.RatedIn, at time.Time) error {
	who := regulation.Person{ID: person, Staff: p.Account(person).Staff}
	if !p.Account(person).Disabled() {
		who.Assignments = p.Posts(person, at)
	}
	return regulation.CheckKeeper(who, hall, rated)
}

// ratedIn reads whom the forms of a hall's boxes rate today.
func (s *Store) ratedIn(db *gorm.DB, hall string) (rated regulation.RatedIn, err error) {
	today := workday.DateOf(s.now()).String()
	if err = db.Model(&windowRow{}).Where("hall_id = ?", hall).Distinct().Pluck("unit_id", &rated.Units).Error; err != nil {
		return rated, err
	}
	err = db.Table("roster r").Joins("JOIN service_windows w ON w.id = r.window_id").
		Where("w.hall_id = ? AND r.from_date <= ? AND (r.until_date = '' OR r.until_date >= ?)", hall, today, today).
		Distinct().Pluck("r.staff_id", &rated.Staff).Error
	return rated, err
}

// RegisterBox enters a box of a hall or service centre within the scope. Refusals: Invalid on the fields of
// regulation.BoxFields, Conflict box_exists.
func (s *Store) RegisterBox(ctx context.Context, scope regulation.Scope, v regulation.Values, actor regulation.Actor) (id string, err error) {
	if err := regulation.CheckBox(regulation.BoxFields, v); err != nil {
		return "", err
	}
	halls, err := s.BoxHalls(ctx, scope)
	if err != nil {
		return "", err
	}
	i := slices.IndexFunc(halls, func(o Org) bool { return o.ID == v.Get("box_hall") })
	if i < 0 {
		return "", (&regulation.Error{Code: regulation.Invalid, Clause: regulation.ClauseBox, Missing: "fields"}).Field("box_hall", "no_such_unit")
	}
	row := boxRow{ID: newID(), HallID: halls[i].ID, Area: halls[i].Area, Place: v.Get("box_place"), State: string(regulation.BoxActive), RegisteredBy: actor.Person}
	err = s.tx(ctx, func(tx *gorm.DB) error {
		row.RegisteredAt = micros(s.now())
		if err := tx.Create(&row).Error; err != nil {
			return err
		}
		if err := s.addBoxState(tx, registered(row)); err != nil {
			return err
		}
		return s.noteBox(tx, "register_box", "", row, actor)
	})
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		err = &regulation.Error{Code: regulation.Conflict, Clause: regulation.ClauseBox, Missing: "box_exists"}
	}
	return row.ID, err
}

func (s *Store) noteBox(tx *gorm.DB, action, purpose string, row boxRow, actor regulation.Actor) error {
	return s.audit(tx, AuditEntry{Person: actor.Person, Role: string(actor.As.Role), Action: action, ObjectKind: "box", ObjectID: row.ID,
		Area: row.Area, Unit: row.HallID, Purpose: purpose, Outcome: OutcomeDone})
}

// KeepBox names who keeps a box within the scope from now on; whoever kept it keeps it no longer. Refusals:
// NotFound, Invalid on box_keeper (see regulation.CheckKeeper), Conflict keeps_already.
func (s *Store) KeepBox(ctx context.Context, scope regulation.Scope, id string, v regulation.Values, actor regulation.Actor) error {
	if err := regulation.CheckBox(regulation.KeeperFields, v); err != nil {
		return err
	}
	people, err := s.People(ctx)
	if err != nil {
		return err
	}
	return s.changeBox(ctx, scope, id, func(tx *gorm.DB, row boxRow) error {
		rated, err := s.ratedIn(tx, row.HallID)
		if err != nil {
			return err
		}
		if err := people.mayKeep(v.Get("box_keeper"), row.HallID, rated, s.now()); err != nil {
			return err
		}
		if err := s.handOver(tx, row.ID, v.Get("box_keeper"), actor.Person); err != nil {
			return err
		}
		return s.noteBox(tx, "assign_box_keeper", "", row, actor)
	})
}

func (s *Store) handOver(tx *gorm.DB, box, person, author string) error {
	at := micros(s.now())
	var kept []boxKeeperRow
	if err := tx.Where("open_box_id = ?", box).Find(&kept).Error; err != nil {
		return err
	}
	for _, k := range kept {
		if k.Person == person {
			return &regulation.Error{Code: regulation.Conflict, Clause: regulation.ClauseBox, Missing: "keeps_already"}
		}
		ended := map[string]any{"until_at": max(at, k.FromAt), "open_box_id": nil}
		if err := tx.Model(&boxKeeperRow{}).Where("id = ?", k.ID).Updates(ended).Error; err != nil {
			return err
		}
	}
	return tx.Create(&boxKeeperRow{ID: newID(), BoxID: box, OpenBoxID: &box, Person: person, FromAt: at, AssignedBy: author}).Error
}

// changeBox does something to a box within the scope under its row's lock.
func (s *Store) changeBox(ctx context.Context, scope regulation.Scope, id string, change func(*gorm.DB, boxRow) error) error {
	return s.tx(ctx, func(tx *gorm.DB) error {
		var row boxRow
		if err := inScope(locked(tx), scope, boxColumns).Take(&row, "id = ?", id).Error; err != nil {
			return found(err, "box")
		}
		return change(tx, row)
	})
}
