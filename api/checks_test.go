package api_test

import (
	"testing"
	"time"

	"haochaping/store"
	"haochaping/web"
)

func TestChecksPageTellsWhatWasFoundAndWhatToDo(t *testing.T) {
	o := setup(t)
	admin := o.browsing("kd-sysadmin")
	admin.get("/checks").want(200).shows("尚未核验过")
	turn := o.clock.Now()
	verified := func(found ...store.Finding) {
		t.Helper()
		turn = turn.Add(time.Hour)
		ok, err := o.record.BeginVerification(t.Context(), turn, store.OriginSchedule)
		must(t, err)
		if !ok {
			t.Fatal("the turn was not given")
		}
		checks := []store.Checked{{Check: store.CheckTasks, Looked: 3, Found: int64(len(found)), Took: time.Second}}
		must(t, o.record.EndVerification(t.Context(), turn, checks, found))
	}
	verified(
		store.Finding{Check: store.CheckTasks, Code: "task_missing", Case: "c1", Number: "513301-2026-000001", Area: "513301", About: []string{"sign"}}.Treated(),
		store.Finding{Check: store.CheckTasks, Code: "task_missing", Case: "c2", Number: "513322-2026-000001", Area: "513322"}.Treated())
	repair := "haochaping admin repair tasks --case c1"
	admin.get("/checks").want(200).shows("发现 2 处问题", "缺少任务", "513301-2026-000001", repair).hides("513322-2026-000001", `href="/cases/c1"`)
	o.browsing("kd-auditor").get("/checks").want(200).shows(`href="/cases/c1"`)
	o.browsing("gz-sysadmin").get("/checks?check=tasks").want(200).shows("513322-2026-000001")
	o.browsing("gz-supervisor-1").get("/alarms").want(200).shows("数据核验发现问题", "全部记录")
	o.as("kd-supervisor-1").get("/checks").want(403)
	list := o.as("kd-sysadmin").get("/checks").want(200).object()["findings"].([]any)
	if len(list) != 1 || list[0].(map[string]any)["repair"] != repair {
		t.Errorf("%v", list)
	}
	o.program().get("/metrics").want(200).shows(`haochaping_verify_findings{check="tasks"} 2`, "haochaping_verified_timestamp_seconds")

	known := store.Finding{Check: store.CheckClosing, Code: "no_callback", Case: "c1", Number: "513301-2026-000001", Area: "513301", About: []string{"closing@9"}}.Treated()
	admin.get("/checks").want(200).hides("已上报")
	must(t, o.record.EndVerification(t.Context(), turn, []store.Checked{{Check: store.CheckClosing, Known: 1}}, []store.Finding{known}))
	list = o.as("kd-sysadmin").get("/checks").want(200).object()["findings"].([]any)
	if want := "haochaping admin repair closing --case c1 --reported REFERENCE"; len(list) != 1 || list[0].(map[string]any)["repair"] != want {
		t.Errorf("%v", list)
	}
	known.Known = "康政服〔2026〕12号"
	must(t, o.record.EndVerification(t.Context(), turn, []store.Checked{{Check: store.CheckClosing, Known: 1}}, []store.Finding{known}))
	admin.get("/checks").want(200).shows("未发现问题", "已知 1 处", "已上报，文号：康政服〔2026〕12号").hides("--reported")
	o.browsing("gz-supervisor-1").get("/alarms").want(200).hides("全部记录")

	verified()
	admin.get("/checks").want(200).shows("未发现问题").hides("已知")
	o.browsing("gz-supervisor-1").get("/alarms").want(200).hides("全部记录")
}

func TestEveryCheckAndFindingHasItsWords(t *testing.T) {
	for _, check := range store.Checks {
		keys := []string{"check." + check, "check." + check + ".text"}
		for _, code := range store.FindingCodes(check) {
			keys = append(keys, "finding."+code)
		}
		if len(keys) == 2 {
			t.Errorf("%s finds nothing", check)
		}
		for _, key := range keys {
			if !web.Has(key) {
				t.Errorf("no words for %s", key)
			}
		}
	}
	for _, advice := range []string{store.AdviceRestore, store.AdviceReport, store.AdviceAppoint, store.AdviceExplain} {
		if !web.Has("advice." + advice) {
			t.Errorf("no words for %s", advice)
		}
	}
}
