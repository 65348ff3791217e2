package api_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"haochaping/regulation"
	"haochaping/store"
	"haochaping/workday"
)

// praises saves good and bad ratings at a window.
func (o *office) praises(window string, good, bad int) {
	o.t.Helper()
	target, err := o.record.WindowTarget(o.t.Context(), window)
	must(o.t, err)
	for i := range good + bad {
		r := regulation.Rating{Place: target.Place(""), Channel: regulation.ChannelWeb, Target: regulation.TargetMatter, Grade: regulation.VerySatisfied, GivenAt: o.clock.Now()}
		if i >= good {
			r.Grade = regulation.VeryDissatisfied
		}
		_, err := o.record.SaveRating(o.t.Context(), store.Intake{Key: fmt.Sprintf("praise-%d", o.keys.Add(1)), PrivacyVersion: "1", Rating: r})
		must(o.t, err)
	}
}

// sealedQuarter goes behind the end of the quarter and has it sealed and its board drafted.
func (o *office) sealedQuarter() (period string) {
	o.t.Helper()
	o.counted()
	period = regulation.QuarterOf(workday.DateOf(o.clock.Now()))
	p, _ := regulation.ParsePeriod(period)
	o.clock.Forward(p.End().Add(26 * time.Hour).Sub(o.clock.Now()))
	o.counted()
	o.under(store.LeaseSealing, func(token int64) error {
		_, err := o.record.SealFigures(o.t.Context(), token)
		return err
	})
	o.followed()
	return period
}

func (o *office) followed() {
	o.t.Helper()
	o.under(store.LeaseDockets, func(token int64) error {
		_, err := o.record.FollowDockets(o.t.Context(), token)
		return err
	})
}

// 8(1), R37: drafted by itself, approved and published by two on the page; then everybody reads it with formula and hash, light
// and to be kept, and nothing of what did not come out.
func TestABoardIsApprovedPublishedAndRead(t *testing.T) {
	o := setup(t)
	o.praises("513301-w05", 30, 2)
	o.praises("513322-w01", 30, 1)
	o.praises("513300-w03", 30, 1)
	o.browser().get("/board").want(200).shows("还没有公布过")
	period := o.sealedQuarter()
	publisher, head, county := o.as("gz-publisher"), o.as("gz-head"), o.as("kd-supervisor-1")
	county.get("/boards").want(403)
	o.program().get("/board/" + period).want(404)
	list := publisher.get("/boards?sort=open").want(200).object()["dockets"].([]any)
	id := list[0].(map[string]any)["id"].(string)
	at := "/boards/" + id
	internal := publisher.get(at).want(200).shows(`"exact"`, `"among":32`)
	seq := int(internal.object()["seq"].(float64))
	do := func(c *client, act string, status int) {
		t.Helper()
		c.post(at+"/"+act, fields{"seq": seq}).want(status)
	}
	do(head, "publish", 409)
	do(head, "approve", 204)
	seq++
	do(head, "publish", 403)
	o.program().get("/board/" + period).want(404)
	do(publisher, "publish", 204)
	open := o.program().get("/board/"+period).want(200).hides(`"exact"`, `"among"`, `:512`, `"512"`)
	var b struct {
		Version int64
		Digest  string
		Hash    string `json:"input_hash"`
		Lists   []struct {
			List  string
			Lines []struct {
				Rank       int
				Key, Score string
				Parts      []struct{ Name, Value, Missing string }
			}
			Unranked []struct{ Key, Reason string }
		}
	}
	must(t, json.Unmarshal(open.body, &b))
	kept, err := o.record.Board(t.Context(), period, 1)
	must(t, err)
	if b.Digest != kept.Digest() {
		t.Errorf("the digest is %s, that of what came out and of the publication log %s", b.Digest, kept.Digest())
	}
	if b.Version != 1 || b.Hash != kept.Input.Hash() || len(b.Lists) != 2 || b.Lists[0].Lines[0].Key != "513322" || b.Lists[0].Lines[1].Rank != 2 || b.Lists[1].Lines[0].Key != "513300-mkt" {
		t.Errorf("%s", open.body)
	}
	page := o.browser().get("/board/"+period).want(200).shows("综合评价得分", "泸定县", "康定市", b.Hash, "50/100", "少于 30 条", "省级检查", "甘孜藏族自治州行政审批局")
	if len(page.body) > 40_000 {
		t.Errorf("%d bytes", len(page.body))
	}
	o.browser().get("/board/" + period + "?lang=en").want(200)
	o.program().get("/board/" + period + "?version=2").want(404)
	o.program().get("/board/" + period + "?version=x").want(404)
	reader := o.program()
	again := reader.request("GET", "/board/"+period, nil)
	again.Header.Set("If-None-Match", open.header.Get("ETag"))
	if open.header.Get("ETag") == "" {
		t.Error("nothing to keep it by")
	}
	reader.do(again).want(304)
	table := o.program().get("/board/" + period + "/data.csv").want(200)
	if !strings.Contains(strings.Join(table.header.Values("Vary"), ","), "Accept-Language") {
		t.Error("a cache would hand the Chinese table to readers of English")
	}
	if text := string(table.body); !strings.Contains(text, "泸定县") || !strings.Contains(text, b.Hash) || strings.Contains(text, "30/") {
		t.Errorf("%s", text)
	}
	o.program().get("/board/" + period + "/data.json").want(200).shows(b.Hash)
	o.browser().get("/published").want(200).shows("“好评”榜", period)
	o.program().get("/board").want(200).shows(period)
}

// An inspection's score on the page: one enters, another approves, a correction waits; what is wrong is said at its field.
func TestAnInspectionIsEnteredAndApprovedByTwo(t *testing.T) {
	o := setup(t)
	supervisor := o.as("gz-supervisor-1")
	period := regulation.QuarterOf(workday.DateOf(o.clock.Now()))
	o.browsing("gz-supervisor-1").form("/inspections", url.Values{"period": {period}, "place": {"513301"}, "inspection_score": {"90"}, "inspection_basis": {"省级检查通报"}}).want(422).shows("本季度尚未结束")
	supervisor.get("/inspections/new").want(200).hides(`"` + period + `"`)
	for range 3 {
		o.nextMonth()
	}
	supervisor = o.as("gz-supervisor-1")
	head := o.as("gz-head")
	supervisor.get("/inspections/new").want(200).shows("513301", "513300-psb", period).hides("513300-authority")
	entry := fields{"period": period, "place": "513301", "inspection_score": "101", "inspection_basis": "省级检查通报"}
	supervisor.post("/inspections", entry).want(422).shows("not_points")
	entry["inspection_score"] = "92.5"
	made := supervisor.post("/inspections", entry).want(201)
	supervisor.post("/inspections", entry).want(409)
	at := "/inspections/" + made.object()["id"].(string)
	supervisor.post(at+"/approve", fields{"seq": 1}).want(403)
	head.post(at+"/approve", fields{"seq": 1}).want(204)
	head.get(at).want(200).shows(`"approved_score":"92.5"`, "省级检查通报")
	page := o.browsing("gz-supervisor-1")
	page.get("/inspections").want(200).shows("康定市", "92.5", "已批准")
	page.get(at).want(200).shows("更正得分")
	page.get("/boards/new").want(200).shows("起草")
}
