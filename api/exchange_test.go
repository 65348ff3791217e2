package api_test

import (
	"fmt"
	"net/url"
	"testing"
	"time"

	"haochaping/regulation"
	"haochaping/store"
	"haochaping/workday"
)

// exchanging has an upstream follow the record and returns its lease's token.
func (o *office) exchanging() (token int64) {
	o.t.Helper()
	must(o.t, o.record.NameUpstreams(o.t.Context(), []store.Upstream{{Name: "sichuan", Title: "四川省一体化政务服务平台"}}))
	token, _, err := o.record.AcquireLease(o.t.Context(), store.LeaseExchange("sichuan"), "tester", time.Hour)
	must(o.t, err)
	sequencer, _, err := o.record.AcquireLease(o.t.Context(), store.LeaseSequencer, "tester", time.Hour)
	must(o.t, err)
	_, _, err = o.record.IntegrateLeaves(o.t.Context(), sequencer, 500)
	must(o.t, err)
	_, err = o.record.FollowLedger(o.t.Context(), store.Following{Upstream: "sichuan", Token: token}, 500)
	must(o.t, err)
	return token
}

// exchanged brings what waits into a state and returns its ids.
func (o *office) exchanged(token int64, state, code string) (ids []string) {
	o.t.Helper()
	for {
		taken, err := o.record.TakeDeliveries(o.t.Context(), "sichuan", token, 100)
		must(o.t, err)
		if len(taken.Deliveries) == 0 {
			return ids
		}
		tries := store.Tries{Size: 100}
		for _, d := range taken.Deliveries {
			ids = append(ids, d.ID)
			tries.Messages = append(tries.Messages, store.Tried{ID: d.ID, State: state, Code: code})
		}
		must(o.t, o.record.SettleDeliveries(o.t.Context(), "sichuan", token, tries))
	}
}

func TestExchangePageTellsHowItStands(t *testing.T) {
	o := setup(t)
	admin := o.browsing("gz-sysadmin")
	admin.get("/exchange").want(200).shows("没有配置上级平台")
	o.rateBadly()
	token := o.exchanging()
	admin.get("/exchange").want(200).shows("四川省一体化政务服务平台", "对接正常", "没有搁置的消息").hides("模拟器", raterPhone, raterName, raterWords)
	id := o.exchanged(token, store.DeliveryParked, "refused E4001")[0]
	admin.get("/exchange").want(200).shows("搁置消息超限", "对方拒收这一条", "E4001", id, "再次发送").hides(raterPhone, raterName, raterWords)
	must(t, o.record.WatchExchange(t.Context()))
	o.browsing("gz-supervisor-1").get("/alarms").want(200).shows("上级平台推送异常", "四川省一体化政务服务平台")
	o.browsing("kd-supervisor-1").get("/alarms").want(200).hides("四川省一体化政务服务平台")
	o.program().get("/metrics").want(200).shows(`haochaping_exchange_parked{upstream="sichuan"} 1`, `haochaping_exchange_waiting{upstream="sichuan"} 0`, `haochaping_exchange_lag_seconds{upstream="sichuan"}`)

	body := o.as("gz-sysadmin").get("/exchange").want(200).object()
	line := body["upstreams"].([]any)[0].(map[string]any)
	parked := body["parked"].([]any)[0].(map[string]any)
	if line["parked"] != 1.0 || fmt.Sprint(line["alarms"]) != "[parked]" || parked["id"] != id || parked["kind"] != "rating" || parked["code"] != "refused E4001" {
		t.Errorf("%v", body)
	}
}

func TestWhoMayExchange(t *testing.T) {
	o := setup(t)
	o.rateBadly()
	token := o.exchanging()
	id := o.exchanged(token, store.DeliveryParked, "rejected")[0]
	o.browsing("gz-devices").get("/exchange").want(200).shows("对方拒收").hides("再次发送</button>", "/replay")
	devices := o.as("gz-devices")
	devices.post("/exchange/sichuan/again", fields{"message": id}).refused(403, regulation.NotPermitted)
	devices.post("/exchange/sichuan/replay", fields{"from": "2026-11-23"}).refused(403, regulation.NotPermitted)
	for _, login := range []string{"kd-sysadmin", "kd-devices", "gz-supervisor-1"} {
		o.as(login).get("/exchange").refused(403, regulation.NotPermitted)
	}
	o.program().get("/exchange").want(401)
}

func TestParkedMessageIsSentAgain(t *testing.T) {
	o := setup(t)
	o.rateBadly()
	token := o.exchanging()
	id := o.exchanged(token, store.DeliveryParked, "too_large")[0]
	admin := o.as("gz-sysadmin")
	admin.post("/exchange/sichuan/again", fields{"message": "nosuch-0"}).refused(404, regulation.NotFound)
	admin.post("/exchange/nosuch/again", fields{"message": id}).refused(404, regulation.NotFound)
	admin.post("/exchange/sichuan/again", fields{"mesage": id}).refused(422, regulation.Invalid) // and not all of them
	if n := admin.post("/exchange/sichuan/again", fields{"message": id}).want(200).object()["messages"]; n != 1.0 {
		t.Errorf("%v sent again", n)
	}
	if again := o.exchanged(token, store.DeliverySent, ""); len(again) != 1 || again[0] != id {
		t.Errorf("taken: %v", again)
	}
	lines, err := o.record.AuditLog(t.Context(), regulation.Scope{All: true}, store.AuditQuery{Action: "resend_parked"})
	if err != nil || len(lines) != 1 || lines[0].Role != "system_administrator" || lines[0].ObjectID != "sichuan" {
		t.Errorf("%+v, %v", lines, err)
	}
	o.browsing("gz-sysadmin").form("/exchange/sichuan/again", url.Values{}).want(303)
}

func TestReplayIsCountedThenConfirmed(t *testing.T) {
	o := setup(t)
	o.rateBadly()
	o.rateBadly()
	token := o.exchanging()
	o.exchanged(token, store.DeliverySent, "")
	admin, today := o.browsing("gz-sysadmin"), workday.DateOf(o.clock.Now()).String()
	admin.get("/exchange/sichuan/replay").want(200).shows("从哪一天起").hides("确认再次发送")
	admin.get("/exchange/sichuan/replay?from="+today).want(200).shows("将再次发送 2 条消息", "确认再次发送 2 条")
	admin.get("/exchange/sichuan/replay?from=2027-01-01").want(422).shows("请填写不晚于今天的日期", "2027-01-01")
	admin.get("/exchange/sichuan/replay?from=soon").want(422).shows("请填写日期")
	admin.form("/exchange/sichuan/replay", url.Values{"from": {"2027-01-01"}}).want(422)
	if left := o.exchanged(token, store.DeliverySent, ""); len(left) != 0 {
		t.Fatalf("counting sent %v", left)
	}
	admin.form("/exchange/sichuan/replay", url.Values{"from": {today}}).want(303)
	admin.get("/exchange").want(200).shows("已安排重新推送")
	if again := o.exchanged(token, store.DeliverySent, ""); len(again) != 2 {
		t.Errorf("%v", again)
	}
	program := o.as("gz-sysadmin")
	program.get("/exchange/sichuan/replay?from=soon").refused(422, regulation.Invalid)
	if n := program.get("/exchange/sichuan/replay?from=" + today).want(200).object()["messages"]; n != 2.0 {
		t.Errorf("counted %v", n)
	}
	if n := program.post("/exchange/sichuan/replay", fields{"from": today}).want(202).object()["messages"]; n != 2.0 {
		t.Errorf("sent %v", n)
	}
	program.get("/exchange/nosuch/replay").refused(404, regulation.NotFound)
}
