package api_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"haochaping/api"
	"haochaping/store"
)

func telling(o *api.Options) { o.Ways = []string{store.WayMail, store.WaySMS} }

func TestNotificationsAreChosenByTheReader(t *testing.T) {
	o := setup(t, telling)
	c := o.as("kd-supervisor-1")
	b := c.get("/notifications").want(200).object()
	if b["quiet_from"] != "21:00" || b["quiet_until"] != "08:00" || b["quiet_days"] != true || len(b["ways"].([]any)) != 2 {
		t.Fatalf("%v", b)
	}
	c.post("/notifications", fields{"mail": []string{"overdue"}, "language": "en", "quiet_from": "12:30", "quiet_until": "13:00", "urgent": true}).want(204)
	b = c.get("/notifications").want(200).object()
	if b["quiet_from"] != "12:30" || b["quiet_days"] != false || b["urgent"] != true || b["language"] != "en" || len(b["ways"].([]any)[0].(map[string]any)["kinds"].([]any)) != 1 {
		t.Errorf("%v", b)
	}
	c.post("/notifications", fields{"language": "en", "quiet_from": "soon", "quiet_until": "13:00"}).refused(422, "invalid")
	o.browsing("kd-supervisor-2").form("/notifications", url.Values{"language": {"zh"}, "quiet_from": {"soon"}, "quiet_until": {"13:00"}}).want(422).shows("soon", "请写成 21:00 这样的时间")
	o.program().get("/notifications").want(401)
}

func TestAnAddressIsShownMaskedAlone(t *testing.T) {
	o := setup(t, telling)
	c := o.browsing("kd-supervisor-1")
	c.form("/notifications/mail", url.Values{"address": {"not one"}}).want(422).shows("邮箱地址不正确", "not one")
	c.form("/notifications/mail", url.Values{"address": {"tashi@office.example"}}).want(303)
	c.form("/notifications/sms", url.Values{"address": {"13900000001"}}).want(303)
	c.get("/notifications").want(200).shows("t***@office.example", "139****0001", "待确认").hides("tashi@", "13900000001")
	c.form("/notifications/mail/confirm", url.Values{"code": {"x"}}).want(422).shows("验证码不正确")
	o.clock.Forward(20 * time.Minute)
	c.form("/notifications/mail/confirm", url.Values{"code": {"x"}}).want(422).shows("验证码已失效")
	c.form("/notifications/mail/forget", nil).want(303)
	c.get("/notifications").want(200).hides("t***@office.example")
	program := o.as("kd-supervisor-1")
	program.post("/notifications/sms/confirm", fields{"code": "x"}).refused(422, "invalid")
	program.post("/notifications/sms/forget", fields{}).want(204)
	program.post("/notifications/mail", fields{"address": "tashi@office.example"}).want(204)
	c.form("/notifications/webhook", url.Values{"address": {"x"}}).want(404)
	if log := o.log.String(); strings.Contains(log, "tashi@") || strings.Contains(log, "13900000001") {
		t.Error("the log holds an address")
	}
}

func TestTheMaintainerSeesHowNoticesStand(t *testing.T) {
	o := setup(t, telling)
	o.as("kd-supervisor-1").post("/notifications/mail", fields{"address": "tashi@office.example"}).want(204)
	b := o.as("gz-sysadmin").get("/notifications/deliveries").want(200).object()
	if b["waiting"] != 1.0 || len(b["parked"].([]any)) != 0 {
		t.Errorf("%v", b)
	}
	o.browsing("gz-devices").get("/notifications/deliveries").want(200).shows("等待发送：1 项").hides("tashi@")
	o.as("gz-sysadmin").post("/notifications/deliveries/again", fields{"notice": "none"}).want(404)
	o.as("gz-devices").post("/notifications/deliveries/again", fields{"notice": "none"}).want(403)
	o.as("kd-supervisor-1").get("/notifications/deliveries").want(403)
}
