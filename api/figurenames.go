package api

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"

	"haochaping/regulation"
	"haochaping/store"
	"haochaping/web"
)

// figureNames knows the places that figures are told by. Windows and matters are read when they are first asked for: a prefecture
// has some ten thousand, and most figures name none.
type figureNames struct {
	p       places
	windows func() map[string]store.Window
	matters func() figureMatters
	staff   map[string]string
	failed  *error // of reading them
}

type figureMatters struct {
	byID   map[string]store.Matter
	byTask map[string]store.Matter // the first by id: a task is called alike everywhere
}

func (a *API) figureNames(r *request) (figureNames, error) {
	ctx := r.http().Context()
	tree, err := a.Store.Tree(ctx)
	n := figureNames{p: places{tree, r.lang}, failed: new(error)}
	n.windows = sync.OnceValue(func() map[string]store.Window { return windowsByID(ctx, a.Store, n.failed) })
	n.matters = sync.OnceValue(func() figureMatters { return mattersByID(ctx, a.Store, n.failed) })
	return n, err
}

// err is why windows or matters could not be read: what was told with them lacks something then.
func (n figureNames) err() error { return *n.failed }

func windowsByID(ctx context.Context, s *store.Store, failed *error) map[string]store.Window {
	all, err := s.AllWindows(ctx)
	*failed = cmp.Or(*failed, err)
	windows := make(map[string]store.Window, len(all))
	for _, w := range all {
		windows[w.ID] = w
	}
	return windows
}

func mattersByID(ctx context.Context, s *store.Store, failed *error) figureMatters {
	all, err := s.AllMatters(ctx)
	*failed = cmp.Or(*failed, err)
	m := figureMatters{make(map[string]store.Matter, len(all)), map[string]store.Matter{}}
	slices.SortFunc(all, func(a, b store.Matter) int { return strings.Compare(a.ID, b.ID) })
	for _, matter := range all {
		m.byID[matter.ID] = matter
		if task := taskOf(matter); m.byTask[task].ID == "" {
			m.byTask[task] = matter
		}
	}
	return m
}

// taskOf is what matters of several units are counted together by, as where decisions on alike cases are compared: the national code, or the
// id of a matter without one.
func taskOf(m store.Matter) string { return cmp.Or(regulation.NationalCode(m.TaskCode), m.ID) }

// ownRated are the reader's own offices (regulation.OwnOffices).
func (n figureNames) ownRated(actor regulation.Actor) []string {
	return regulation.OwnOffices(actor, func(org string) (regulation.OrgKind, bool) {
		o, known := n.p.org(org)
		return o.Kind, known
	})
}

// through are the keys of an axis that belong to some of another, such as the windows of a unit.
func (n figureNames) through(of, through regulation.Axis, values []string) (keys []string) {
	belongs := func(unit, hall string) bool { return n.belongs(of, values, unit, hall) }
	switch {
	case of == through:
		return slices.Clone(values)
	case through == regulation.AxisUnit, through == regulation.AxisHall:
		for _, o := range n.p.tree.Orgs() {
			if through == regulation.AxisUnit && belongs(o.ID, "") || through == regulation.AxisHall && of == regulation.AxisCounty && slices.Contains(values, o.Area) {
				keys = append(keys, o.ID)
			}
		}
	case through == regulation.AxisWindow:
		for _, w := range n.windows() {
			if belongs(w.UnitID, w.HallID) {
				keys = append(keys, w.ID)
			}
		}
	case through == regulation.AxisMatter:
		for _, m := range n.matters().byID {
			if of == regulation.AxisTask && slices.Contains(values, taskOf(m)) || belongs(m.UnitID, "") {
				keys = append(keys, m.ID)
			}
		}
	}
	slices.Sort(keys)
	return keys
}

// known tells whether an axis may be narrowed to a value: one that is listed, or a place that there is. People, windows and matters are
// not looked up, of which one that is not there has no figures.
func (n figureNames) known(axis regulation.Axis, value string) bool {
	switch axis {
	case regulation.AxisChannel:
		return slices.Contains(regulation.Channels, regulation.Channel(value))
	case regulation.AxisDimension, regulation.AxisCause, regulation.AxisLink, regulation.AxisAttribution:
		return slices.Contains(listedKeys[axis], value)
	case regulation.AxisCounty:
		return slices.ContainsFunc(n.p.tree.Orgs(regulation.OrgPrefecture, regulation.OrgCounty), func(o store.Org) bool { return o.Area == value })
	case regulation.AxisTownship, regulation.AxisUnit, regulation.AxisHall:
		_, there := n.p.org(value)
		return there
	}
	return true
}

// belongs tells whether a unit, or a window of it in a hall, is of one of an axis' values.
func (n figureNames) belongs(of regulation.Axis, values []string, unit, hall string) bool {
	switch of {
	case regulation.AxisCounty:
		o, known := n.p.org(unit)
		return known && slices.Contains(values, o.Area)
	case regulation.AxisTownship:
		return slices.Contains(values, n.township(unit))
	case regulation.AxisUnit:
		return slices.Contains(values, unit)
	case regulation.AxisHall:
		return hall != "" && slices.Contains(values, hall)
	}
	return false
}

// township is the one that a unit belongs to, "" for a unit of county or prefecture.
func (n figureNames) township(unit string) string {
	if o, known := n.p.org(unit); known && o.Kind == regulation.OrgTownship {
		return unit
	}
	for _, above := range n.p.tree.Ancestors(unit) {
		if above.Kind == regulation.OrgTownship {
			return above.ID
		}
	}
	return ""
}

// group is the line to which a key of an axis counts.
func (n figureNames) group(by, through regulation.Axis, key string) string {
	if through == regulation.AxisWindow && by != through {
		w := n.windows()[key]
		if by == regulation.AxisHall {
			return w.HallID
		}
		through, key = regulation.AxisUnit, w.UnitID
	}
	switch {
	case by == regulation.AxisTownship:
		return n.township(key)
	case by == regulation.AxisTask:
		return taskOf(n.matters().byID[key])
	case by == regulation.AxisCounty && (through == regulation.AxisUnit || through == regulation.AxisHall):
		o, _ := n.p.org(key)
		return o.Area
	}
	return key
}

// divisionName is what figures by county call one: what is rated of the prefecture's own offices is a line beside the counties, and not the whole.
func divisionName(r *request, area, name string) string {
	if area == regulation.PrefectureArea {
		return web.T(r.lang, "figures.own_level", name)
	}
	return name
}

// name is a key as the reader knows it.
func (n figureNames) name(r *request, by regulation.Axis, key string) string {
	switch {
	case key == "" && by == regulation.AxisTownship:
		return web.T(r.lang, "figures.no_township")
	case key == "" && by.OfCases():
		return web.T(r.lang, "figures.not_verified")
	case key == "":
		return web.T(r.lang, "figures.not_stated")
	}
	switch by {
	case regulation.AxisCounty:
		for _, o := range n.p.tree.Orgs(regulation.OrgPrefecture, regulation.OrgCounty) {
			if o.Area == key {
				return divisionName(r, key, n.p.name(o.ID))
			}
		}
	case regulation.AxisUnit, regulation.AxisHall, regulation.AxisTownship:
		return n.p.name(key)
	case regulation.AxisWindow:
		if w, known := n.windows()[key]; known {
			return strings.TrimSpace(w.Number + " " + either(r.lang, w.NameZH, w.NameEN))
		}
	case regulation.AxisStaff:
		return cmp.Or(n.staff[key], web.T(r.lang, "figures.unnamed", key))
	case regulation.AxisTask, regulation.AxisMatter:
		return n.matterName(r.lang, by, key)
	case regulation.AxisChannel:
		return web.T(r.lang, "channel."+key)
	case regulation.AxisDimension:
		return web.T(r.lang, "dimension."+key)
	case regulation.AxisAttribution, regulation.AxisCause, regulation.AxisLink:
		return web.T(r.lang, "choice."+string(by)+"."+key)
	}
	return key
}

func (n figureNames) matterName(lang web.Lang, by regulation.Axis, key string) string {
	known := n.matters().byID
	if by == regulation.AxisTask {
		known = n.matters().byTask
	}
	m, is := known[key]
	switch {
	case !is:
		return key
	case by == regulation.AxisMatter: // others have matters of the same name
		return either(lang, m.NameZH, m.NameEN) + " · " + n.p.name(m.UnitID)
	}
	return either(lang, m.NameZH, m.NameEN)
}
