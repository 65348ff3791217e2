package store

import (
	"strings"

	"gorm.io/gorm"

	"haochaping/regulation"
)

// scopeColumns name where a table holds what a scope speaks of. "" and empty: the table has
// nothing of the kind, so that part of a scope opens nothing.
type scopeColumns struct {
	area  string
	units []string
	// org is the organisation that holds an open step.
	org   string
	staff string
	// assisting is a condition on units, with one placeholder for their list.
	assisting string
}

// inScope limits a query to what a scope may see. An empty scope sees nothing; the parts of a
// scope add up.
func inScope(query *gorm.DB, scope regulation.Scope, c scopeColumns) *gorm.DB {
	if scope.All {
		return query
	}
	var parts []string
	var values []any
	add := func(column string, list []string) {
		if column != "" && len(list) > 0 {
			parts, values = append(parts, column+" IN ?"), append(values, list)
		}
	}
	add(c.area, scope.Areas)
	for _, column := range c.units {
		add(column, scope.Units)
	}
	if c.assisting != "" && len(scope.Units) > 0 {
		parts, values = append(parts, c.assisting), append(values, scope.Units)
	}
	add(c.org, scope.Orgs)
	if scope.Staff != "" {
		add(c.staff, []string{scope.Staff})
	}
	if len(parts) == 0 {
		return query.Where("1 = 0")
	}
	return query.Where("("+strings.Join(parts, " OR ")+")", values...)
}
