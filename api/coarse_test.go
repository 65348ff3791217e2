package api_test

import (
	"html"
	"regexp"
	"testing"
	"time"

	"haochaping/regulation"
	"haochaping/workday"
)

// instants are whatever reads like a date and a time in an answer, as JSON or on a page.
var instants = regexp.MustCompile(`\d{4}-\d{2}-\d{2}T\d{2}:\d{2}[^"<]*`)

// minutes are the instants of an answer that name a minute.
func minutes(t *testing.T, body string) (found []string) {
	t.Helper()
	for _, text := range instants.FindAllString(body, -1) {
		at, err := time.Parse(time.RFC3339Nano, text)
		must(t, err)
		if at = at.In(workday.Shanghai); at.Hour()%12 != 0 || at.Minute() != 0 || at.Second() != 0 || at.Nanosecond() != 0 {
			found = append(found, text)
		}
	}
	return found
}

// The rated side reads no minute of anything but deadlines, which end with a working day: on no page, in no list, in
// JSON neither, and not in the places at which pages begin.
func TestRatedSideReadsNoMinute(t *testing.T) {
	o := setup(t)
	o.clock.Forward(3*time.Hour + 17*time.Minute + 23*time.Second)
	receipt, caseID := o.rateBadly()
	o.walk(receipt, caseID, regulation.ActSubmitPlan)
	hours := regexp.MustCompile(`T(09:00:00|17:30:00)\+08:00|T(01:00:00|09:30:00)Z`) // a day's work begins and ends
	for login, paths := range map[string][]string{
		"kd-window-03":     {"/notices", "/notices/" + caseID, "/messages"},
		"kd-psb-head":      {"/notices", "/notices/" + caseID, "/messages", "/cases", "/cases?tab=all", "/cases/" + caseID, "/alarms"},
		"kd-psb-handler-1": {"/notices", "/messages", "/cases", "/cases?sort=opened", "/cases/" + caseID},
	} {
		for _, path := range paths {
			for _, body := range [][]byte{o.as(login).get(path).want(200).body, o.browsing(login).get(path).want(200).body} {
				for _, minute := range minutes(t, html.UnescapeString(string(body))) {
					if !hours.MatchString(minute) {
						t.Errorf("%s reads %s on %s", login, minute, path)
					}
				}
			}
		}
	}
	o.as("kd-psb-handler-1").get("/cases").want(200).shows(caseID).hides("opened_at")
}
