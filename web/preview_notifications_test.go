package web

// notificationsView has every state of an address.
func notificationsView() *NotificationsView {
	wrong := Msg("refusal.bad_phone")
	field := func(name, label string) Field {
		return Field{Name: name, Kind: FieldText, Label: label, Required: true}
	}
	phone := field("address", "field.notice_sms")
	phone.Values, phone.Error = []string{"12"}, &wrong
	kinds := []Option{{Value: "step", Key: "notice_kind.step"}, {Value: "due", Key: "notice_kind.due"}, {Value: "overdue", Key: "notice_kind.overdue"},
		{Value: "escalation", Key: "notice_kind.escalation"}, {Value: "message", Key: "notice_kind.message"}, {Value: "alarm", Key: "notice_kind.alarm"}}
	return &NotificationsView{Page: staffPage("cases"), Folder: "data/demo-mails",
		Ways: []NoticeWay{
			{Way: "mail", Action: "/notifications/mail", Masked: "z***@office.example", CodeUntil: at("2026-03-12 10:15"), Address: field("address", "field.notice_mail"), Code: field("code", "field.notice_code")},
			{Way: "sms", Action: "/notifications/sms", Masked: "139****0001", Confirmed: true, Address: phone, Code: field("code", "field.notice_code")},
			{Way: "webhook", Confirmed: true},
		},
		Choices: []Field{{Name: "mail", Kind: FieldChecks, Label: "field.notices_by_mail", Options: kinds, Values: []string{"step", "overdue"}},
			{Name: "language", Kind: FieldRadio, Label: "field.notice_language", Required: true, Options: []Option{{Value: "zh", Key: "lang.zh"}, {Value: "bo", Key: "lang.bo"}, {Value: "en", Key: "lang.en"}}, Values: []string{"zh"}},
			{Name: "quiet_from", Kind: FieldText, Label: "field.quiet_from", Required: true, Values: []string{"21:00"}},
			{Name: "quiet_until", Kind: FieldText, Label: "field.quiet_until", Required: true, Values: []string{"08:00"}},
			{Name: "quiet_days", Kind: FieldCheck, Label: "field.quiet_days", Values: []string{"true"}},
			{Name: "urgent", Kind: FieldCheck, Label: "field.quiet_urgent"}}}
}
