package web

import (
	"fmt"
	"strings"
	"testing"
)

// A short menu stands open; of a long one the groups are closed, but for what belongs to none and a group of one.
func TestLongMenusAreGrouped(t *testing.T) {
	item := func(n int, group string) NavItem { return NavItem{Code: fmt.Sprint(n), Group: group} }
	short := Page{Nav: []NavItem{item(1, ""), item(2, "results"), item(3, "results")}}
	if groups := short.NavGroups(); len(groups) != 1 || groups[0].Code != "" || len(groups[0].Items) != 3 {
		t.Errorf("short: %+v", groups)
	}
	var long Page
	for n := range longMenu {
		long.Nav = append(long.Nav, item(n, ""))
	}
	here, counted := item(11, "results"), item(12, "results")
	here.Current, counted.Count = true, 2
	long.Nav = append(long.Nav, item(10, "upkeep"), here, counted)
	var told []string
	for _, g := range long.NavGroups() {
		told = append(told, fmt.Sprint(g.Code, len(g.Items), g.Current, g.Count))
	}
	if got := strings.Join(told, " "); got != fmt.Sprintf("%d false 0 1 false 0 results2 true 2", longMenu) {
		t.Error(got)
	}
}
