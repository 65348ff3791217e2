package web

import "haochaping/regulation"

func openingsView() *OpeningsView {
	form := func(fields []regulation.Field, wrong string) *HoldForm {
		f := &HoldForm{Form: Form{Action: "/openings/1/answer"}, Open: wrong != ""}
		for _, field := range fields {
			code := ""
			if field.Name == wrong {
				code = "required"
			}
			f.Fields = append(f.Fields, FieldOf(field, nil, code, nil))
		}
		return f
	}
	row := OpeningReport{Hall: "康定市政务服务大厅", Place: "一楼咨询台旁", Week: "2026-W10", First: "郭雪梅", Second: "袁建国", OldSeal: "F3a1c-02", OldSealState: "intact", NewSeal: "F3a1c-03",
		At: at("2026-03-06 16:30"), Reported: at("2026-03-06 16:42"), AnswerBy: at("2026-03-09 17:00"), Counted: 9, Letters: 1, State: "to_confirm"}
	confirm, decide, waits, over := row, row, row, row
	confirm.ID, confirm.Confirm, confirm.Contest = "1", "/openings/1/answer", form(regulation.AnswerFields[1:], "answer_reason")
	decide.ID, decide.State, decide.OldSeal, decide.OldSealState, decide.Remarks = "2", "refused", "", "missing", "旧封签脱落，在箱底找到"
	decide.Answers = []OpeningAnswer{{Answer: "refused", By: "袁建国", Contested: []string{"count", "new_seal"}, Reason: "我数了八张，新封签号末位是 4", At: at("2026-03-06 17:05")}}
	decide.Decide = form(regulation.DecisionFields, "decision_reason")
	waits.ID = "3"
	over.ID, over.State = "4", "set_aside"
	over.Answers = append(decide.Answers[:1:1], OpeningAnswer{Answer: "set_aside", By: "格桑郎加", Reason: "监控可见清点为八张，请重新登记", At: at("2026-03-09 10:00")})
	return &OpeningsView{Page: staffPage("openings"), ToConfirm: []OpeningReport{confirm}, ToDecide: []OpeningReport{decide}, Others: []OpeningReport{waits, over}}
}
