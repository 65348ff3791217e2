package store_test

import (
	"testing"
	"time"

	"haochaping/regulation"
	"haochaping/workday"
)

// R42, R43, R04: words that could stand when they were drafted, and cannot by the time that somebody approves, issues, signs or publishes them, since a
// window or somebody there has another name, hold it up with the reason; the way out is to draft or revise them.
func TestWordsAreLookedAtAgain(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		called := func(name string) {
			d.exec("UPDATE service_windows SET name_zh = '" + name + "' WHERE id = '" + policeWindow + "'")
		}
		bulletin, month := regulation.DocketBulletin, regulation.MonthOf(workday.DateOf(d.Clock.Now()))
		d.rateMany(7, regulation.Satisfied)
		subject := d.exposable()
		d.Clock.Forward(15 * 24 * time.Hour)
		d.nextMonth()
		d.seal()
		d.casesDue()
		id, err := d.draftBulletin(month)
		d.must(err)
		internal := regulation.Values{"audience": {"internal"}}
		called("有关单位")
		d.refusal(d.tryDocket(bulletin, id, "approve", "kd-head", internal), regulation.NotNow, "words_name_window")
		called("户籍窗口")
		d.must(d.tryDocket(bulletin, id, "approve", "kd-head", internal))
		called("有关单位")
		d.refusal(d.tryDocket(bulletin, id, "issue", "kd-publisher", nil), regulation.NotNow, "words_name_window")
		d.must(d.tryDocket(bulletin, id, "refuse", "kd-head", regulation.Values{"docket_reasons": {"说明须重写"}}))

		release := regulation.DocketRelease
		called("户籍窗口")
		out, err := d.draftRelease(regulation.GroundCase, subject, exposed)
		d.must(err)
		passed := regulation.Values{"check_result": {"passed"}, "docket_reasons": {"已逐句核对"}}
		d.must(d.tryDocket(release, out, "state", "kd-psb-head", regulation.Values{"release_statement": {"已经整改到位"}}))
		d.must(d.tryDocket(release, out, "check_identity", "gz-vault-1", passed))
		d.must(d.tryDocket(release, out, "check_secrecy", "gz-secadmin", passed))
		called("一次性告知")
		d.refusal(d.tryDocket(release, out, "sign", "gz-head", nil), regulation.NotNow, "words_name_window")
		called("户籍窗口")
		d.must(d.tryDocket(release, out, "sign", "gz-head", nil))
		called("一次性告知")
		d.refusal(d.tryDocket(release, out, "publish", "gz-publisher", regulation.Values{"outlet": {"newspaper"}, "published_on": {workday.DateOf(d.Clock.Now()).String()}}), regulation.NotNow, "words_name_window")
	})
}
