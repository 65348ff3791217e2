package web

import (
	"fmt"

	"haochaping/regulation"
)

// deviceView is a locked device with parked ratings and a form that was refused.
func deviceView() *DeviceView {
	required := Msg("refusal.required")
	v := &DeviceView{Page: staffPage("alarms"), Kind: "evaluator", Model: "浏览器评价仪", SerialNo: "HCP-KD-0003", Firmware: "1.2.0", Hall: "康定市政务服务大厅", Window: "A03 社保窗口",
		State: "locked", Tone: "bad", Beat: at("2026-03-02 10:11"), Enrolled: at("2026-01-05 09:00"), CodeUntil: at("2026-03-02 10:30"), Ahead: -412, Waiting: 12, Parked: 2,
		ParkedCodes: []string{"device_too_late"}, Battery: 81, Paper: -1, NewCode: "7Q2KXW4M5Z",
		Refusal: &Problem{Status: 409, Clause: "9(3)", Missing: []Message{Msg("refusal.device_changed")}}}
	v.Title = v.SerialNo
	form := func(act string, fields ...Field) DeviceForm {
		return DeviceForm{Act: act, Form: Form{Action: "/devices/1/" + act, Hidden: map[string]string{"seq": "4"}}, Fields: fields, Open: act != "move", Danger: act == "retire"}
	}
	v.Forms = []DeviceForm{form("code"), form("move", Field{Name: "window", Kind: FieldSelect, Label: "device.window", Options: []Option{{Value: "w", Text: "康定市政务服务大厅 · A03"}}}),
		form("retire", Field{Name: "reason", Kind: FieldRadio, Label: "device.reason", Options: []Option{{Value: "lost", Key: "device.detail.lost"}}, Error: &required})}
	v.Repairs = []DeviceRepair{{Reason: "screen", State: "solved", Open: true, Due: Due{At: at("2026-03-05 17:00"), Left: 2}, Next: []RepairForm{{State: "confirmed"}, {State: "in_repair"}},
		Steps: []RepairStep{{"solved", at("2026-03-04 10:00"), "冯家明"}, {"opened", at("2026-03-02 10:30"), ""}}}, {Reason: "offline", State: "confirmed"}}
	v.Steps = []DeviceStep{{Event: "locked", Tone: "bad", At: at("2026-03-02 10:12"), Window: "A03 社保窗口", Detail: "two_devices_one_key"},
		{Event: "enrolled", Tone: "ok", At: at("2026-01-05 09:00"), Window: "A03 社保窗口"}, {Event: "registered", Tone: "info", At: at("2026-01-05 08:50"), Name: "冯家明", Window: "A03 社保窗口"}}
	return v
}

func newDeviceView() *NewDeviceView {
	required := Msg("refusal.already_registered")
	return &NewDeviceView{Page: staffPage("alarms"), Form: Form{Action: "/devices"},
		Fields: []Field{{Name: "model", Kind: FieldSelect, Label: "device.model", Required: true}, {Name: "serial_no", Kind: FieldText, Label: "device.serial_no", Required: true, Error: &required}},
		Models: []DeviceModelLine{{Model: "haochaping-page", Kind: "evaluator", Name: "浏览器评价仪"}, {Model: "keypad-4-reversed", Kind: "keypad", Name: "四键评价器", Keys: []DeviceKey{{1, 5}, {2, 4}, {3, 2}, {4, 1}}}}}
}

func evaluatorView() *EvaluatorView {
	return &EvaluatorView{Grades: gradeChoices(), Dimensions: dimensions[:5], NoticeVersion: "3", Demo: true}
}

func windowView() *WindowView {
	return &WindowView{Page: staffPage("cases"), Windows: []WindowSeat{
		{ID: "w1", Name: "A03 社保窗口", Hall: "康定市政务服务大厅", Mine: true, Session: true, Devices: []SeatDevice{{"HCP-KD-0003", "online", "ok", 12, 2}}},
		{ID: "w2", Name: "A04 社保窗口", Hall: "康定市政务服务大厅", Who: "罗绒卓玛"}, {ID: "w3", Name: "A05 社保窗口", Hall: "康定市政务服务大厅"}}}
}

func availabilityView() *AvailabilityView {
	wrong := Msg("refusal.hall_hours")
	return &AvailabilityView{Page: staffPage("alarms"), Month: "2026-03", CSV: "/devices/availability.csv", MayKeep: true, Without: []string{"康定市政务服务大厅 · A09 综合窗口"},
		Halls: []HallAvailability{{"h1", "康定市政务服务大厅", "98.4", "09:00-17:00", 12, 57_600, 56_678, nil}, {"h2", "姑咱镇便民服务中心", "71.0", "09:30-16:30", 1, 4_200, 2_982, &wrong}}}
}

// coverageView has every kind, a county that is whole and one that is not.
func coverageView() *CoverageView {
	kinds := func(rateable int) (shares []CoverageShare) {
		for _, kind := range regulation.CoverKinds {
			shares = append(shares, CoverageShare{Kind: string(kind), All: 12, Rateable: rateable, Whole: 3, Percent: fmt.Sprintf("%.2f", float64(rateable)/0.12)})
		}
		return shares
	}
	return &CoverageView{Page: staffPage("alarms"), CSV: "/coverage.csv?", AsOf: at("2026-03-02 10:12"), Total: CoverageLine{Kinds: kinds(11)}, Found: 412, Gap: "no_evaluator",
		Areas: []CoverageLine{{"513301", "康定市", kinds(12)}, {"513322", "泸定县", kinds(9)}},
		Gaps: []CoverageGap{{"window", "A09 综合窗口", "康定市政务服务大厅", true, []regulation.Way{regulation.WayCode}, []regulation.Lack{regulation.LackEvaluator}},
			{"township", "姑咱镇", "", false, nil, []regulation.Lack{regulation.LackHall}}}}
}
