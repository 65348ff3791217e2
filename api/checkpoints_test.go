package api_test

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"haochaping/store"
	"haochaping/store/ledger"
)

// signed has the ledger take in what waits, counts it, and signs it.
func (o *office) signed() {
	o.t.Helper()
	ctx := o.t.Context()
	token, _, err := o.record.AcquireLease(ctx, store.LeaseSequencer, "tester", time.Minute)
	must(o.t, err)
	_, _, err = o.record.IntegrateLeaves(ctx, token, 500)
	must(o.t, err)
	token, _, err = o.record.AcquireLease(ctx, store.LeaseFigures, "tester", time.Minute)
	must(o.t, err)
	_, err = o.record.FollowFigures(ctx, token, 500)
	must(o.t, err)
	token, _, err = o.record.AcquireLease(ctx, store.LeaseCheckpoints, "tester", time.Minute)
	must(o.t, err)
	_, _, err = o.record.SignCheckpoint(ctx, token, o.t.TempDir())
	must(o.t, err)
}

// TestTheReceiptProvesTheRating: a rating shows how it stands, and its proof holds by the public key alone and gives nothing away.
func TestTheReceiptProvesTheRating(t *testing.T) {
	o := setup(t)
	receipt, caseID := o.rateBadly()
	c := o.browser()
	c.form("/receipt", url.Values{"receipt": {receipt}}).want(303)
	c.get("/receipt/status").want(200).shows("正在记入账本").hides("/receipt/proof")
	c.get("/receipt/proof").want(409)
	o.signed()
	page := c.get("/receipt/status").want(200).shows("已经记入账本并经签名", `href="/receipt/proof"`, "已计入统计")
	text := string(c.get("/receipt/proof").want(200).body)
	if strings.Contains(string(page.body), "leaf ") {
		t.Error("the page shows the proof itself")
	}
	keys := o.program().get("/checkpoints").want(200).object()["keys"].([]any)
	public := keys[0].(map[string]any)["public"].(string)
	proof, err := ledger.ReadInclusion(text)
	must(o.t, err)
	signers, err := ledger.Signers(public)
	must(o.t, err)
	point, err := proof.Check(signers)
	must(o.t, err)
	page.shows(fmt.Sprintf("第 %d 条", proof.Position+1), fmt.Sprintf("写作 %d）", proof.Position)) // the page and the file are held beside each other
	if note := string(o.program().get("/checkpoints/latest").want(200).body); note != proof.Note {
		t.Errorf("under\n%s, the latest is\n%s", proof.Note, note)
	}
	latest := o.program()
	kept := latest.get("/checkpoints/latest").want(200).header.Get("ETag")
	again := latest.request("GET", "/checkpoints/latest", nil)
	again.Header.Set("If-None-Match", kept)
	latest.do(again).want(304)
	for _, secret := range []string{receipt, caseID, o.caseOf(receipt).Number, "st0", "513301-w"} {
		if strings.Contains(text, secret) {
			t.Errorf("the proof tells %s", secret)
		}
	}
	o.browser().get("/receipt/proof").want(303)
	o.program().get("/checkpoints/" + strconv.FormatInt(point.Size, 10) + "/extends/" + strconv.FormatInt(point.Size, 10)).want(200)
	o.program().get("/checkpoints/1").want(404)
	o.program().get("/checkpoints/nothing").want(404)
	o.browser().get("/checkpoints").want(200).shows(strings.ReplaceAll(public, "+", "&#43;"), "账本检查点")
	o.browser().get("/checkpoints?lang=en").want(200).shows("What this proves").hides("/extends/" + strconv.FormatInt(point.Size, 10) + `"`)
	o.rateBadly()
	o.signed()
	later := o.program().get("/checkpoints").want(200).object()["checkpoints"].([]any)[0].(map[string]any)["size"].(float64)
	proven := fmt.Sprintf("/checkpoints/%.0f/extends/%d", later, point.Size)
	o.browser().get("/checkpoints").want(200).shows(`href="` + proven + `"`)
	o.browser().get(proven).want(200).shows("haochaping consistency proof 1")
}
