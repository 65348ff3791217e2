package api

import (
	"maps"
	"slices"
	"time"

	"haochaping/web"
	"haochaping/workday"
)

func sorted(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }

// beijing is an instant in the civil time of the whole country.
func beijing(lang web.Lang, t time.Time) string {
	if lang == web.English {
		return t.In(workday.Shanghai).Format("2 January 2006 15:04")
	}
	return t.In(workday.Shanghai).Format("2006年1月2日 15:04")
}

// dayIn words a day written YYYY-MM-DD; anything else stays as it is.
func dayIn(lang web.Lang, day string) string {
	t, err := time.Parse(time.DateOnly, day)
	switch {
	case err != nil:
		return day
	case lang == web.English:
		return t.Format("2 January 2006")
	}
	return t.Format("2006年1月2日")
}
