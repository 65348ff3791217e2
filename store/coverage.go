package store

import (
	"context"
	"slices"

	"haochaping/regulation"
	"haochaping/workday"
)

// Coverage judges whatever within the scope has to be open to ratings (R03): counties, townships, halls and service
// centres, windows, matters and staff, in this order and by division and name. It reads the record as it is now, in a
// fixed number of queries.
func (s *Store) Coverage(ctx context.Context, scope regulation.Scope) ([]regulation.Cover, error) {
	c := coverage{s: s, scope: scope, ways: map[string][]regulation.Way{}, at: map[string][]regulation.Way{}, windows: map[string]int{}, duties: map[string][]string{}}
	for _, step := range []func(context.Context) error{c.read, c.readWindows, c.readHalls, c.readMatters, c.readStaff} {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	c.divisions()
	slices.SortStableFunc(c.all, func(a, b regulation.Cover) int {
		return slices.Index(regulation.CoverKinds, a.Kind) - slices.Index(regulation.CoverKinds, b.Kind)
	})
	return c.all, nil
}

// coverage gathers the facts, from the narrowest to the widest: what a window can do its hall and its unit can.
type coverage struct {
	s       *Store
	scope   regulation.Scope
	tree    *Tree
	hotline bool
	ways    map[string][]regulation.Way // by window, hall and division
	at      map[string][]regulation.Way // of the windows in a hall and of those at which a unit serves, by either
	windows map[string]int              // how many these are
	duties  map[string][]string         // windows by staff member, today
	all     []regulation.Cover
}

func (c *coverage) add(f regulation.CoverFact) {
	judged := regulation.CoverOf(f)
	c.ways[f.ID] = judged.Ways
	if c.scope.All || slices.Contains(c.scope.Areas, f.Area) {
		c.all = append(c.all, judged)
	}
}

// join adds ways that are not among them yet.
func join(to, more []regulation.Way) []regulation.Way {
	for _, way := range more {
		if !slices.Contains(to, way) {
			to = append(to, way)
		}
	}
	return to
}

// read takes in the tree, who serves where today, and whether the hotline has a seat.
func (c *coverage) read(ctx context.Context) (err error) {
	if c.tree, err = c.s.Tree(ctx); err != nil {
		return err
	}
	var rows []dutyRow
	today := workday.DateOf(c.s.now()).String()
	err = c.s.rows(ctx).Where("from_date <= ? AND (until_date = '' OR until_date >= ?)", today, today).Order("window_id").Find(&rows).Error
	for _, row := range rows {
		c.duties[row.StaffID] = append(c.duties[row.StaffID], row.WindowID)
	}
	return err
}

func (c *coverage) readWindows(ctx context.Context) error {
	windows, err := c.s.AllWindows(ctx)
	if err != nil {
		return err
	}
	without, err := c.s.WindowsWithoutEvaluator(ctx, regulation.Scope{All: true})
	if err != nil {
		return err
	}
	bare, serving := map[string]bool{}, map[string]int{}
	for _, w := range without {
		bare[w.ID] = true
	}
	for _, at := range c.duties {
		for _, window := range at {
			serving[window]++
		}
	}
	for _, w := range windows {
		hall, known := c.tree.Org(w.HallID)
		if !known || !hall.Kind.HasEvaluators() {
			c.hotline = c.hotline || known && serving[w.ID] > 0
			continue
		}
		c.add(regulation.CoverFact{Kind: regulation.CoverWindow, ID: w.ID, Area: hall.Area, In: hall.ID, Name: w.Number + " " + w.NameZH, NameEN: w.Number + " " + w.NameEN,
			Evaluator: !bare[w.ID], Code: w.Code != "", Serving: serving[w.ID]})
		for _, place := range []string{w.HallID, w.UnitID} {
			c.windows[place]++
			c.at[place] = join(c.at[place], c.ways[w.ID])
		}
	}
	return nil
}

func (c *coverage) readHalls(ctx context.Context) error {
	boxes, err := c.s.Boxes(ctx, regulation.Scope{All: true})
	if err != nil {
		return err
	}
	kept := map[string]bool{}
	for _, b := range boxes {
		kept[b.Hall] = kept[b.Hall] || b.State == regulation.BoxActive && b.Keeper() != ""
	}
	for _, hall := range c.tree.Orgs(regulation.OrgHall, regulation.OrgServiceCentre) {
		c.add(regulation.CoverFact{Kind: regulation.CoverHall, ID: hall.ID, Area: hall.Area, In: hall.ID, Box: kept[hall.ID], Windows: c.windows[hall.ID], Below: c.at[hall.ID]})
	}
	return nil
}

func (c *coverage) readMatters(ctx context.Context) error {
	var rows []matterRow
	if err := c.s.rows(ctx).Order("unit_id, id").Find(&rows).Error; err != nil {
		return err
	}
	for _, m := range rows {
		unit, _ := c.tree.Org(m.UnitID)
		c.add(regulation.CoverFact{Kind: regulation.CoverMatter, ID: m.ID, Area: unit.Area, In: m.UnitID, Name: m.NameZH, NameEN: m.NameEN, Code: m.Code != "", Portal: m.TaskCode != "",
			Windows: c.windows[m.UnitID], Below: c.at[m.UnitID]})
	}
	return nil
}

// readStaff judges whoever the public may meet: all with a published profile whose account is not closed.
func (c *coverage) readStaff(ctx context.Context) error {
	people, err := c.s.People(ctx)
	if err != nil {
		return err
	}
	left := map[string]bool{}
	for _, m := range people.byID {
		if m.account.Staff != "" {
			left[m.account.Staff] = m.account.Disabled()
		}
	}
	var rows []shownRow
	if err := newestProfiles(c.s.rows(ctx)).Order("s.unit_id, p.staff_id").Find(&rows).Error; err != nil {
		return err
	}
	for _, row := range rows {
		unit, _ := c.tree.Org(row.UnitID)
		f := regulation.CoverFact{Kind: regulation.CoverStaff, ID: row.StaffID, Area: unit.Area, In: row.UnitID, Name: row.NameZH, Unpublished: len(Profile(row).Gaps()) > 0}
		for _, window := range c.duties[row.StaffID] {
			f.Serving++
			f.Below = join(f.Below, c.ways[window])
		}
		if unit.Kind == regulation.OrgHotline && c.hotline && f.Serving > 0 {
			f.Below = join(f.Below, []regulation.Way{regulation.WayHotline})
		}
		if !left[row.StaffID] {
			c.add(f)
		}
	}
	return nil
}

// divisions judges townships and counties by the halls and service centres in them.
func (c *coverage) divisions() {
	for kind, orgs := range map[regulation.CoverKind][]Org{regulation.CoverTownship: c.tree.Orgs(regulation.OrgTownship), regulation.CoverCounty: c.tree.Orgs(regulation.OrgCounty)} {
		for _, division := range orgs {
			f := regulation.CoverFact{Kind: kind, ID: division.ID, Area: division.Area, In: division.ID}
			for _, below := range c.tree.Below(division.ID) {
				if below.Kind == regulation.OrgHall || below.Kind == regulation.OrgServiceCentre {
					f.Halls++
					f.Below = join(f.Below, c.ways[below.ID])
				}
			}
			c.add(f)
		}
	}
}
