package store

import (
	"context"
	"slices"

	"gorm.io/gorm"

	"haochaping/regulation"
	"haochaping/store/seed"
)

// seedAuthor stands in the author columns of what the seed loaded.
const seedAuthor = "seed"

// batch is how many rows one INSERT carries: far below SQLite's 32,766 variables.
const batch = 400

// Base is what every installation starts with: the tree of divisions with its authorities,
// halls, discipline offices and hotline, without the made-up credit codes; options and
// dimensions. It holds nobody.
func Base(d seed.Data) seed.Data {
	real := []regulation.OrgKind{regulation.OrgPrefecture, regulation.OrgCounty, regulation.OrgTownship,
		regulation.OrgAuthority, regulation.OrgDiscipline, regulation.OrgHall, regulation.OrgHotline}
	base := seed.Data{Divisions: d.Divisions, Options: d.Options, Dimensions: d.Dimensions}
	for _, o := range d.Orgs {
		if slices.Contains(real, o.Kind) {
			o.CreditCode = ""
			base.Orgs = append(base.Orgs, o)
		}
	}
	return base
}

// Load fills an empty database in one transaction. A database that was loaded before is left as
// it is, so every start may call it. demo marks the database as a demo for ever; its accounts
// have no password and are entered by one click only.
func (s *Store) Load(ctx context.Context, d seed.Data, demo bool) error {
	if done, err := s.Fact(ctx, factLoaded); err != nil || done != "" {
		return err
	}
	return s.tx(ctx, func(tx *gorm.DB) error {
		content := "base"
		if demo {
			content = "demo"
		}
		// The fact comes first: of two processes that load at once one waits here.
		isNew, err := insertNew(tx, &factRow{factLoaded, content})
		if err != nil || !isNew {
			return err
		}
		if demo {
			if err := tx.Create(&factRow{factDemo, "yes"}).Error; err != nil {
				return err
			}
		}
		if err := tx.Create(&factRow{factEditionLeaves, "new"}).Error; err != nil {
			return err
		}
		for _, step := range []func(*gorm.DB, seed.Data) error{loadOrgs, loadServices, s.loadStaff, s.loadProjects, s.loadAccounts, loadForm} {
			if err := step(tx, d); err != nil {
				return err
			}
		}
		if err := touch(tx, keptTree); err != nil {
			return err
		}
		return touch(tx, keptPeople)
	})
}

// create inserts rows in batches; none is fine.
func create[T any](tx *gorm.DB, rows []T) error {
	if len(rows) == 0 {
		return nil
	}
	return tx.CreateInBatches(rows, batch).Error
}

func loadOrgs(tx *gorm.DB, d seed.Data) error {
	return create(tx, converted(d.Orgs, func(o seed.Org) orgRow {
		return newOrgRow(Org{ID: o.ID, Parent: o.Parent, Kind: o.Kind, Area: o.Area(), Division: o.Division,
			NameZH: o.NameZH, NameEN: o.NameEN, CreditCode: o.CreditCode})
	}))
}

func loadServices(tx *gorm.DB, d seed.Data) error {
	err := create(tx, converted(d.Matters, func(m seed.Matter) matterRow {
		return matterRow{m.ID, m.TaskCode, m.Unit, m.NameZH, m.NameEN, string(m.Kind), m.Promised, m.Delivery, m.Code}
	}))
	if err != nil {
		return err
	}
	return create(tx, converted(d.Windows, func(w seed.Window) windowRow {
		return windowRow{w.ID, w.Hall, w.Unit, w.Number, w.NameZH, w.NameEN, w.Delivery, w.Code}
	}))
}

func (s *Store) loadStaff(tx *gorm.DB, d seed.Data) error {
	now := s.now()
	err := create(tx, converted(d.Staff, func(m seed.Staff) staffRow { return newStaffRow(m.ID, m.Unit, now) }))
	if err != nil {
		return err
	}
	err = create(tx, converted(d.Staff, func(m seed.Staff) profileRow {
		return profileRow{m.ID, 1, m.NameZH, m.Post, m.Position, m.Portrait, micros(now), seedAuthor}
	}))
	if err != nil {
		return err
	}
	return create(tx, converted(d.Roster, func(r seed.Duty) dutyRow {
		return dutyRow{WindowID: r.Window, StaffID: r.Staff, FromDate: r.From}
	}))
}

// loadProjects makes the handled matters, with the digests of the applicants' names where there are some.
func (s *Store) loadProjects(tx *gorm.DB, d seed.Data) error {
	names := map[string]string{}
	for _, a := range d.Applicants {
		names[a.Number] = a.Name
	}
	rows := make([]projectRow, 0, len(d.Projects))
	for _, p := range d.Projects {
		row := projectRow{Number: p.Number, MatterID: p.Matter, WindowID: &p.Window, StaffID: p.Staff, Status: string(p.Status), AcceptedDate: p.Accepted,
			ConcludedDate: p.Concluded, DeliveryUsed: p.DeliveryUsed, Code: p.Code}
		if err := s.nameApplicant(&row, names[p.Number]); err != nil {
			return err
		}
		rows = append(rows, row)
	}
	return create(tx, rows)
}

// loadAccounts makes one account of the rows with the same login, and one assignment of each.
func (s *Store) loadAccounts(tx *gorm.DB, d seed.Data) error {
	now := micros(s.now())
	persons := map[string]string{}
	var accounts []accountRow
	var assignments []assignmentRow
	for _, a := range d.Accounts {
		if persons[a.Login] == "" {
			persons[a.Login] = newID()
			row := accountRow{Person: persons[a.Login], Login: a.Login, NameZH: a.NameZH, Hash: unusable, CreatedAt: now}
			if a.Staff != "" {
				row.StaffID = &a.Staff
			}
			accounts = append(accounts, row)
		}
		assignments = append(assignments, assignmentRow{Person: persons[a.Login], Role: string(a.Role), OrgID: a.Place,
			FromAt: now, Author: seedAuthor})
	}
	if err := create(tx, accounts); err != nil {
		return err
	}
	return create(tx, assignments)
}

func loadForm(tx *gorm.DB, d seed.Data) error {
	err := create(tx, converted(d.Options, func(o seed.Option) optionRow {
		return optionRow{optionCode(o.Code), int(o.Grade), o.TextZH, o.TextEN, o.ShownFirst}
	}))
	if err != nil {
		return err
	}
	rows := converted(d.Dimensions, func(x seed.Dimension) dimensionRow {
		return dimensionRow{ID: x.ID, NameZH: x.NameZH, NameEN: x.NameEN, NeedsDelivery: x.NeedsDelivery}
	})
	for i := range rows {
		rows[i].Position = i + 1
	}
	return create(tx, rows)
}
