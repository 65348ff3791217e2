package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"haochaping/regulation"
	"haochaping/workday"
)

// factDemoDockets tells how much of its hearings, publications and commendations a demo has.
const factDemoDockets = "demo_dockets"

// FillDemoDockets gives a demo a hearing with its problems, a publication that waits for approval and commendations,
// once; and a joint rectification as soon as cases share a cause. It tells whether all is there. token is that of LeaseDockets.
func (s *Store) FillDemoDockets(ctx context.Context, token int64) (all bool, err error) {
	done, err := s.Fact(ctx, factDemoDockets)
	if err != nil || done == "all" {
		return err == nil, err
	}
	d := demoFiller{Store: s, ctx: ctx, monday: regulation.MondayOf(s.now()), people: map[string]regulation.Actor{}}
	if err := d.know("kd-supervisor-1", "kd-supervisor-2", "kd-head", "kd-publisher", "kd-psb-handler-1", "gz-supervisor-1", "gz-head"); err != nil {
		return false, err
	}
	if done == "" {
		isNew := false
		if err := s.tx(ctx, func(tx *gorm.DB) (err error) {
			isNew, err = insertNew(tx, &factRow{factDemoDockets, "some"})
			return err
		}); err != nil || !isNew {
			return false, err
		}
		if err := d.docketsOfADemo(token); err != nil {
			return false, err
		}
	}
	begun, err := d.joint()
	if err != nil || !begun {
		return false, err
	}
	return true, s.SetFact(ctx, factDemoDockets, "all")
}

const (
	demoOffice = "513301-authority"
	demoPolice = "513301-psb"
)

func (d demoFiller) docketsOfADemo(token int64) error {
	hearing, err := d.hearing()
	if err != nil {
		return err
	}
	if err := d.problems(hearing); err != nil {
		return err
	}
	if err := d.heardBefore(); err != nil {
		return err
	}
	if err := d.publications(token); err != nil {
		return err
	}
	return d.commendations()
}

// start makes a docket by an act of somebody.
func (d demoFiller) start(name, login string, fresh regulation.Docket, v regulation.Values) (string, error) {
	act, _ := regulation.DocketActOf(fresh.Kind, name)
	return d.StartDocket(d.ctx, act, fresh, v, d.people[login])
}

// do does an act of somebody on a docket as it stands.
func (d demoFiller) do(kind regulation.DocketKind, id, name, login string, v regulation.Values) error {
	have, err := d.Docket(d.ctx, regulation.Scope{All: true}, kind, id)
	if err != nil {
		return err
	}
	act, _ := regulation.DocketActOf(kind, name)
	return d.ChangeDocket(d.ctx, act, id, have.Seq, v, d.people[login])
}

// paper is a made-up file of somebody: a page of PDF without words.
func (d demoFiller) paper(login, title string) (string, error) {
	file, err := d.StageFile(d.ctx, d.people[login].Person, bytes.NewReader(blankPDF(title)))
	return file.Digest, err
}

// blankPDF is the least file that a reader of PDF opens: one A4 page with a title.
func blankPDF(title string) []byte {
	var b bytes.Buffer
	words := fmt.Sprintf("BT /F1 18 Tf 72 770 Td (%s) Tj ET", title)
	objects := []string{"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
		fmt.Sprintf("<</Length %d>>stream\n%s\nendstream", len(words), words), "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"}
	b.WriteString("%PDF-1.4\n")
	var at []int
	for i, object := range objects {
		at = append(at, b.Len())
		fmt.Fprintf(&b, "%d 0 obj%s endobj\n", i+1, object)
	}
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, n := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", n)
	}
	fmt.Fprintf(&b, "trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, start)
	return b.Bytes()
}

// demoOpinions are made up: what enterprises and people say at such a session.
var demoOpinions = []struct{ of, text string }{
	{"enterprise", "企业开办要跑几个窗口，材料重复提交，希望一窗办结。"},
	{"public", "早上排队的人太多，老人站不住，希望增加窗口和座椅。"},
	{"public", "办事指南写得太专业，看不懂需要带什么材料。"},
	{"enterprise", "网上提交以后不知道进度，只能打电话问。"},
	{"organisation", "牧区群众来一趟很远，希望把常办事项放到乡镇办理。"},
	{"public", "希望窗口有会说藏语的工作人员。"},
}

// demoOpinionsBefore are those of the quarter before.
var demoOpinionsBefore = []struct{ of, text string }{
	{"public", "社保查询机老是坏，修好了没几天又不能用。"},
	{"public", "周末也想办事，平时上班请不了假。"},
	{"enterprise", "缴费以后发票要等好几天。"},
	{"public", "大厅指示牌只有汉文，老人看不懂。"},
	{"enterprise", "同一份材料两个窗口要求不一样。"},
}

// heardOn records a session of Kangding's on a day, with its opinions, and has its record confirmed.
func (d demoFiller) heardOn(day workday.Date, people [2]string, opinions []struct{ of, text string }) (string, error) {
	fresh, err := d.NewDocket(d.ctx, regulation.DocketHearing, demoOffice, "")
	if err != nil {
		return "", err
	}
	minutes, err := d.paper("kd-supervisor-1", "Minutes of the hearing (demo)")
	if err != nil {
		return "", err
	}
	id, err := d.start("record", "kd-supervisor-1", fresh, regulation.Values{"held_on": {day.String()}, "hearing_form": {"meeting"},
		"hearing_place": {"康定市政务服务大厅二楼会议室"}, "hearing_chair": {d.people["kd-head"].Person}, "enterprises": {people[0]}, "public": {people[1]}, "minutes": {minutes}})
	if err != nil {
		return "", err
	}
	for _, o := range opinions {
		if err := d.do(regulation.DocketHearing, id, "add_opinion", "kd-supervisor-1", regulation.Values{"opinion_of": {o.of}, "opinion": {o.text}}); err != nil {
			return "", err
		}
	}
	return id, d.do(regulation.DocketHearing, id, "confirm", "kd-head", nil)
}

// heardBefore is the session of the quarter that ended last, with a problem that was put right and one that is not yet: that everybody reads.
func (d demoFiller) heardBefore() error {
	p, _ := regulation.ParsePeriod(regulation.QuarterOf(d.today()))
	_, last := p.Before().Days()
	id, err := d.heardOn(last.AddDays(-9), [2]string{"6", "12"}, slices.Concat(demoOpinionsBefore, demoOpinions))
	if err != nil {
		return err
	}
	for _, problem := range []struct{ opinion, what, cause, link, measure, done string }{
		{"1", "社保自助查询机多次故障，修复不及时。", "system", "consultation", "更换查询机，故障当日报修并公示。", "已更换两台查询机，张贴报修电话。"},
		{"4", "大厅指示牌没有藏文。", "environment", "consultation", "更换藏汉双语指示牌。", "已全部更换。"},
		{"5", "同一事项两个窗口材料要求不一致。", "materials", "acceptance", "统一材料清单并培训窗口人员。", ""},
	} {
		raised, err := d.RaiseProblem(d.ctx, regulation.Scope{All: true}, id, regulation.Values{"opinion_no": {problem.opinion}, "problem_what": {problem.what}, "cause": {problem.cause},
			"link": {problem.link}, "unit": {demoPolice}, "problem_measure": {problem.measure}}, d.people["kd-supervisor-1"])
		if err != nil || problem.done == "" {
			return err
		}
		if err := d.do(regulation.DocketProblem, raised, "report", "kd-psb-handler-1", regulation.Values{"docket_done": {problem.done}}); err != nil {
			return err
		}
		if err := d.do(regulation.DocketProblem, raised, "close", "kd-supervisor-2", regulation.Values{"docket_reasons": {"现场查看属实。"}}); err != nil {
			return err
		}
	}
	return nil
}

func (d demoFiller) hearing() (string, error) {
	id, err := d.heardOn(workday.DateOf(d.now()), [2]string{"8", "15"}, demoOpinions)
	if err != nil {
		return "", err
	}
	// The prefecture's own waits for its confirmation.
	above, err := d.NewDocket(d.ctx, regulation.DocketHearing, regulation.PrefectureArea+"-authority", "")
	if err != nil {
		return "", err
	}
	_, err = d.start("record", "gz-supervisor-1", above, regulation.Values{"held_on": {workday.DateOf(d.now()).String()}, "hearing_form": {"visit"},
		"hearing_place": {"州政务服务中心及三家企业"}, "hearing_chair": {d.people["gz-head"].Person}, "enterprises": {"3"}, "public": {"0"}})
	return id, err
}

// problems: one closed, one reported, one being put right.
func (d demoFiller) problems(hearing string) error {
	raise := func(opinion, what, cause, link, measure string) (string, error) {
		return d.RaiseProblem(d.ctx, regulation.Scope{All: true}, hearing, regulation.Values{"opinion_no": {opinion}, "problem_what": {what}, "cause": {cause}, "link": {link},
			"unit": {demoPolice}, "problem_measure": {measure}}, d.people["kd-supervisor-1"])
	}
	problem := regulation.DocketProblem
	queue, err := raise("2", "上午高峰期窗口不足，等候区座椅少。", "efficiency", "queueing", "高峰期增开两个窗口，增设座椅和老年人优先通道。")
	if err != nil {
		return err
	}
	guide, err := raise("3", "身份证、户口业务办事指南用语专业，材料清单不清楚。", "guide", "consultation", "改写办事指南，藏汉双语张贴。")
	if err != nil {
		return err
	}
	if _, err = raise("6", "窗口缺少会藏语的工作人员。", "environment", "acceptance", "安排双语工作人员轮值，公示轮值表。"); err != nil {
		return err
	}
	for _, id := range []string{queue, guide} {
		if err := d.do(problem, id, "report", "kd-psb-handler-1", regulation.Values{"docket_done": {"已按要求完成，附照片和新的指南，请审核。"}}); err != nil {
			return err
		}
	}
	return d.do(problem, queue, "close", "kd-supervisor-2", regulation.Values{"docket_reasons": {"现场查看属实，等候时间明显缩短。"}})
}

// publications asks two authorities for those of the periods that ended last, and leaves one to be approved.
func (d demoFiller) publications(token int64) error {
	today := d.today()
	quarter, _, _ := regulation.PeriodDays(regulation.QuarterOf(today))
	offices, err := d.Authorities(d.ctx)
	if err != nil {
		return err
	}
	for _, office := range offices {
		if office.ID == demoOffice || office.Area == regulation.PrefectureArea {
			if err := d.openPublications(d.ctx, token, office, quarter.AddDays(-1)); err != nil {
				return err
			}
		}
	}
	found, _, err := d.Dockets(d.ctx, regulation.Scope{All: true}, DocketQuery{Kind: regulation.DocketPublication, Authority: demoOffice, ListQuery: ListQuery{Sort: "open"}})
	if err != nil {
		return err
	}
	paper, err := d.paper("kd-publisher", "Bulletin of bad ratings (demo)")
	if err != nil {
		return err
	}
	for _, p := range found {
		if p.PublicationKindOf() != regulation.PublishBulletin || !p.PeriodOver(d.now()) {
			continue
		}
		if err := d.do(regulation.DocketPublication, p.ID, "file", "kd-publisher", regulation.Values{"published_where": {"notice_board"}, "published_on": {today.String()}, "published_files": {paper}}); err != nil {
			return err
		}
	}
	return nil
}

// commendations: a unit's pronounced, another proposed. Whom the record speaks against is left out.
func (d demoFiller) commendations() error {
	period := regulation.QuarterOf(workday.DateOf(d.now()))
	for i, unit := range []string{"513301-civ", "513301-hou"} {
		fresh, err := d.NewCommendation(d.ctx, regulation.WatchUnit, unit)
		if err != nil {
			return err
		}
		id, err := d.start("propose", "kd-supervisor-1", fresh, regulation.Values{"commend_period": {period}, "unit": {unit}, "docket_reasons": {"本季度主动上门为牧区老人办理，群众来信感谢。"}})
		if refused := (*regulation.Error)(nil); errors.As(err, &refused) && refused.Code == regulation.NotNow {
			continue
		}
		if err == nil && i == 0 {
			err = d.do(regulation.DocketCommendation, id, "commend", "kd-head", nil)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// joint begins a joint rectification of two cases of the cause that most of Kangding's share; begun tells whether it did.
func (d demoFiller) joint() (begun bool, err error) {
	scope := regulation.Scope{Areas: []string{demoOffice[:6]}}
	shared, err := d.SharedCauses(d.ctx, scope)
	if err != nil || len(shared) == 0 {
		return false, err
	}
	c := shared[0]
	cases, err := d.CasesOfCause(d.ctx, scope, c)
	if err != nil || len(cases) < 2*regulation.FewestCases { // some are left to whoever tries it
		return false, err
	}
	fresh, err := d.NewDocket(d.ctx, regulation.DocketJoint, demoOffice, "")
	if err != nil {
		return false, err
	}
	v := regulation.Values{"cause": {c.Cause}, "link": {c.Link}, "attribution": {c.Attribution}, "unit": {demoPolice},
		"joint_plan": {"同一原因反复出现：统一增开高峰窗口，改进叫号，逐件答复。"}}
	for _, g := range cases[:regulation.FewestCases] {
		v["cases"] = append(v["cases"], g.Case)
	}
	_, err = d.start("gather", "kd-supervisor-1", fresh, v)
	return err == nil, err
}
