package store

import (
	"context"
	"slices"

	"gorm.io/gorm"

	"haochaping/regulation"
)

// Org is a place in the organisation tree (R01).
type Org struct {
	ID     string
	Parent string // "" for the prefecture
	Kind   regulation.OrgKind
	// Area is the 6-digit division whose authority is of the same level (R52).
	Area       string
	Division   string // 6 digits, 9 within a township
	NameZH     string
	NameEN     string
	CreditCode string // "" for a hall, which is no legal person
}

// Tree is the organisation tree at one moment, all of it. It is immutable.
type Tree struct {
	orgs     []Org
	byID     map[string]int
	children map[string][]string
	// offices are the authorities by area.
	offices map[string]string
}

type orgRow struct {
	ID         string `gorm:"primaryKey"`
	Parent     *string
	Kind       string
	Area       string
	Division   string
	NameZH     string
	NameEN     string
	CreditCode string
}

func (orgRow) TableName() string { return "orgs" }

func (r orgRow) org() Org {
	o := Org{ID: r.ID, Kind: regulation.OrgKind(r.Kind), Area: r.Area, Division: r.Division,
		NameZH: r.NameZH, NameEN: r.NameEN, CreditCode: r.CreditCode}
	if r.Parent != nil {
		o.Parent = *r.Parent
	}
	return o
}

func newOrgRow(o Org) orgRow {
	r := orgRow{ID: o.ID, Kind: string(o.Kind), Area: o.Area, Division: o.Division,
		NameZH: o.NameZH, NameEN: o.NameEN, CreditCode: o.CreditCode}
	if o.Parent != "" {
		r.Parent = &o.Parent
	}
	return r
}

// Tree returns the organisation tree as it is now.
func (s *Store) Tree(ctx context.Context) (*Tree, error) {
	return s.tree.look(ctx, s, keptTree, loadTree)
}

func loadTree(db *gorm.DB) (*Tree, error) {
	var rows []orgRow
	if err := db.Order("id").Find(&rows).Error; err != nil {
		return nil, err
	}
	t := &Tree{byID: map[string]int{}, children: map[string][]string{}, offices: map[string]string{}}
	for _, row := range rows {
		o := row.org()
		t.byID[o.ID] = len(t.orgs)
		t.orgs = append(t.orgs, o)
		t.children[o.Parent] = append(t.children[o.Parent], o.ID)
		if o.Kind == regulation.OrgAuthority {
			t.offices[o.Area] = o.ID
		}
	}
	return t, nil
}

// AddOrg adds a place; its parent must be there already.
func (s *Store) AddOrg(ctx context.Context, o Org) error {
	return s.tx(ctx, func(tx *gorm.DB) error {
		row := newOrgRow(o)
		isNew, err := insertNew(tx, &row)
		if err == nil && !isNew {
			err = &regulation.Error{Code: regulation.Conflict, Missing: "org_exists"}
		}
		if err != nil {
			return err
		}
		return touch(tx, keptTree)
	})
}

// Org returns a place by its id.
func (t *Tree) Org(id string) (Org, bool) {
	i, known := t.byID[id]
	if !known {
		return Org{}, false
	}
	return t.orgs[i], true
}

// Orgs lists the places of the given kinds, all places without any, in the order of their ids.
func (t *Tree) Orgs(kinds ...regulation.OrgKind) []Org {
	var found []Org
	for _, o := range t.orgs {
		if len(kinds) == 0 || slices.Contains(kinds, o.Kind) {
			found = append(found, o)
		}
	}
	return found
}

// Children lists what stands directly below a place; "" is above the prefecture.
func (t *Tree) Children(id string) []Org {
	found := make([]Org, 0, len(t.children[id]))
	for _, child := range t.children[id] {
		o, _ := t.Org(child)
		found = append(found, o)
	}
	return found
}

// Ancestors lists what stands above a place, the nearest first, the prefecture last.
func (t *Tree) Ancestors(id string) []Org {
	var found []Org
	o, known := t.Org(id)
	for known && o.Parent != "" {
		if o, known = t.Org(o.Parent); known {
			found = append(found, o)
		}
	}
	return found
}

// Below lists a place and everything under it.
func (t *Tree) Below(id string) []Org {
	o, known := t.Org(id)
	if !known {
		return nil
	}
	found := []Org{o}
	for _, child := range t.children[id] {
		found = append(found, t.Below(child)...)
	}
	return found
}

// Authority returns the authority of the same level (R52): the prefecture's for its own units,
// the county's for a unit of the county and of its townships.
func (t *Tree) Authority(id string) (Org, bool) {
	o, known := t.Org(id)
	if !known {
		return Org{}, false
	}
	return t.Org(t.offices[o.Area])
}

// Upper returns the authority one level up from a place's own; there is none above the
// prefecture's.
func (t *Tree) Upper(id string) (Org, bool) {
	o, known := t.Org(id)
	if !known || o.Area == regulation.PrefectureArea {
		return Org{}, false
	}
	return t.Org(t.offices[regulation.PrefectureArea])
}
