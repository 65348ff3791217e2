package api_test

import (
	"regexp"
	"strings"
	"testing"
)

// Every entry of everybody's menu opens, and what the list behind it offers leads no further than its reader may go.
func TestEveryEntryOfTheMenuOpens(t *testing.T) {
	o := setup(t)
	entries, forms := regexp.MustCompile(`<li><a href="([^"]+)"`), regexp.MustCompile(`<form class="filters" method="get" action="([^"]+)"`)
	for _, login := range []string{"gz-window-01", "gz-psb-handler-1", "gz-psb-head", "gz-verifier-1", "gz-clerk-1", "gz-supervisor-1", "gz-head", "gz-discipline-1", "gz-agent-1",
		"gz-keeper-1", "gz-entry-1", "gz-publisher", "gz-devices", "gz-vault-1", "gz-sysadmin", "gz-secadmin", "gz-auditor"} {
		c := o.browsing(login)
		_, nav, _ := strings.Cut(string(c.get("/messages").want(200).body), `<nav class="nav"`)
		nav, _, _ = strings.Cut(nav, "</nav>")
		for _, entry := range entries.FindAllStringSubmatch(nav, -1) {
			got := c.get(entry[1])
			if got.status != 200 {
				t.Errorf("%s: %s of the menu answers %d", login, entry[1], got.status)
			}
			for _, form := range forms.FindAllStringSubmatch(string(got.body), -1) {
				if status := c.get(form[1]).status; status != 200 {
					t.Errorf("%s: the filter of %s leads to %s, which answers %d", login, entry[1], form[1], status)
				}
			}
		}
	}
}
