package api

import (
	"crypto/rand"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"slices"
	"time"

	"haochaping/regulation"
	"haochaping/store"
	"haochaping/web"
)

// notificationsBody is how the reader is told outside the product.
type notificationsBody struct {
	Ways       []wayBody `json:"ways"`
	Language   string    `json:"language"`
	QuietFrom  string    `json:"quiet_from"` // 15:04
	QuietUntil string    `json:"quiet_until"`
	QuietDays  bool      `json:"quiet_days"`
	Urgent     bool      `json:"urgent"`
	Folder     string    `json:"folder,omitempty"` // into which a demo writes its mails
}

// wayBody is one way. Address is masked; a webhook has none.
type wayBody struct {
	Way       string    `json:"way"`
	Address   string    `json:"address,omitempty"`
	Confirmed bool      `json:"confirmed"`
	CodeUntil time.Time `json:"code_until,omitzero"`
	Kinds     []string  `json:"kinds"`
}

// showNotifications is the reader's own page of ways, addresses and quiet hours.
func (a *API) showNotifications(r *request) (answer, error) {
	body, err := a.notificationsBody(r)
	if err != nil {
		return answer{}, err
	}
	return answer{body: body, view: a.notificationsPage(r, body, "", nil, nil)}, nil
}

func (a *API) notificationsBody(r *request) (notificationsBody, error) {
	ctx := r.http().Context()
	b := notificationsBody{Ways: []wayBody{}, Folder: a.MailFolder}
	choices, err := a.Store.NoticeChoices(ctx, r.actor.Person)
	if err != nil {
		return b, err
	}
	addresses, err := a.Store.NoticeAddresses(ctx, r.actor.Person)
	if err != nil {
		return b, err
	}
	b.Language, b.QuietFrom, b.QuietUntil = choices.Language, hourText(choices.Quiet.From), hourText(choices.Quiet.Until)
	b.QuietDays, b.Urgent = choices.Quiet.FreeDays, choices.Quiet.Urgent
	for _, way := range a.Ways {
		address := addresses[way]
		line := wayBody{Way: way, Address: address.Masked, Confirmed: way == store.WayWebhook || !address.ConfirmedAt.IsZero(),
			Kinds: append([]string{}, choices.Wants[way]...)}
		if address.CodeUntil.After(r.at) {
			line.CodeUntil = address.CodeUntil
		}
		b.Ways = append(b.Ways, line)
	}
	return b, nil
}

func hourText(d time.Duration) string {
	return fmt.Sprintf("%02d:%02d", int(d.Hours()), int(d.Minutes())%60)
}

// hourOf reads what hourText wrote.
func hourOf(typed string) (time.Duration, bool) {
	at, err := time.Parse("15:04", typed)
	return time.Duration(at.Hour())*time.Hour + time.Duration(at.Minute())*time.Minute, err == nil
}

// setNotifications notes what the reader wants by which way, and their quiet hours.
func (a *API) setNotifications(r *request) (answer, error) {
	fields, err := r.fields()
	if err != nil {
		return answer{}, err
	}
	if err := only(fields, append(slices.Clone(a.Ways), "language", "quiet_from", "quiet_until", "quiet_days", "urgent", "idempotency_key")...); err != nil {
		return answer{}, err
	}
	choices, err := a.choicesOf(fields)
	if err == nil {
		err = a.Store.SetNoticeChoices(r.http().Context(), r.actor.Person, choices)
	}
	if err != nil {
		return a.notificationsAgain(r, "", fields, err)
	}
	a.say(r, "flash.notifications_saved")
	return answer{status: http.StatusNoContent, next: "/notifications"}, nil
}

func (a *API) choicesOf(fields regulation.Values) (store.NoticeChoices, error) {
	wrong := &regulation.Error{Code: regulation.Invalid, Clause: regulation.ClauseRights, Missing: "fields"}
	c := store.NoticeChoices{Wants: map[string][]string{}, Language: fields.Get("language")}
	for _, way := range a.Ways {
		for _, kind := range fields[way] {
			if !slices.Contains(regulation.ToldKinds, kind) {
				wrong.Field(way, "not_an_option")
			}
		}
		c.Wants[way] = slices.Compact(slices.Sorted(slices.Values(fields[way])))
	}
	if !slices.Contains(noticeLanguages, c.Language) {
		wrong.Field("language", "not_an_option")
	}
	var good bool
	if c.Quiet.From, good = hourOf(fields.Get("quiet_from")); !good {
		wrong.Field("quiet_from", "bad_hour")
	}
	if c.Quiet.Until, good = hourOf(fields.Get("quiet_until")); !good {
		wrong.Field("quiet_until", "bad_hour")
	}
	c.Quiet.FreeDays, c.Quiet.Urgent = fields.Get("quiet_days") == "true", fields.Get("urgent") == "true"
	if wrong.Fields != nil {
		return c, wrong
	}
	return c, nil
}

// noticeLanguages are those of notices; one in Tibetan has the Chinese before it.
var noticeLanguages = []string{"zh", "bo", "en"}

// hasWay refuses a way that the product does not have, or that takes no address.
func (a *API) hasWay(r *request) (string, error) {
	way := r.param("way")
	if way == store.WayWebhook || !slices.Contains(a.Ways, way) {
		return "", notFound("way")
	}
	return way, nil
}

// setNotificationAddress notes an address of the reader's and has a code sent to it.
func (a *API) setNotificationAddress(r *request) (answer, error) {
	return a.changeAddress(r, "address", "flash.notification_code", func(way, typed string) error {
		code, err := sixDigits()
		if err != nil {
			return err
		}
		return a.Store.SetNoticeAddress(r.http().Context(), r.actor.Person, way, typed, code)
	})
}

// confirmNotificationAddress takes the code: from then on notices go there.
func (a *API) confirmNotificationAddress(r *request) (answer, error) {
	return a.changeAddress(r, "code", "flash.notification_confirmed", func(way, typed string) error {
		return a.Store.ConfirmNoticeAddress(r.http().Context(), r.actor.Person, way, typed)
	})
}

// forgetNotificationAddress deletes an address.
func (a *API) forgetNotificationAddress(r *request) (answer, error) {
	return a.changeAddress(r, "", "flash.notification_forgotten", func(way, _ string) error {
		return a.Store.ForgetNoticeAddress(r.http().Context(), r.actor.Person, way)
	})
}

func (a *API) changeAddress(r *request, field, flash string, change func(way, typed string) error) (answer, error) {
	way, err := a.hasWay(r)
	if err != nil {
		return answer{}, err
	}
	fields, err := r.fields()
	if err != nil {
		return answer{}, err
	}
	if err := only(fields, field, "idempotency_key"); err != nil {
		return answer{}, err
	}
	if err := change(way, fields.Get(field)); err != nil {
		return a.notificationsAgain(r, way, fields, err)
	}
	a.say(r, flash)
	return answer{status: http.StatusNoContent, next: "/notifications"}, nil
}

// sixDigits is a code that is typed from a mail or a text message.
func sixDigits() (string, error) {
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	return fmt.Sprintf("%06d", n), err
}

// notificationsAgain shows the form of a way, or the one of the choices ("" ), as it was filled in.
func (a *API) notificationsAgain(r *request, way string, typed regulation.Values, refused error) (answer, error) {
	refusal := (*regulation.Error)(nil)
	if !r.page || !errors.As(refused, &refusal) || refusal.Code != regulation.Invalid {
		return answer{}, refused
	}
	body, err := a.notificationsBody(r)
	if err != nil {
		return answer{}, err
	}
	return answer{view: a.notificationsPage(r, body, way, typed, web.FieldErrors(refusal.Fields))}, refused
}

// notificationsPage draws the forms; typed and wrong are of the one that was sent.
func (a *API) notificationsPage(r *request, b notificationsBody, way string, typed regulation.Values, wrong map[string]web.Message) *web.NotificationsView {
	v := &web.NotificationsView{Page: a.pageFor(r), Folder: b.Folder}
	ofChoices := func(f web.Field) web.Field { return f }
	if way == "" && typed != nil {
		ofChoices = func(f web.Field) web.Field {
			f.Values = typed[f.Name]
			return withError(f, wrong)
		}
	}
	for _, line := range b.Ways {
		w := web.NoticeWay{Way: line.Way, Action: "/notifications/" + line.Way, Masked: line.Address, Confirmed: line.Confirmed, CodeUntil: line.CodeUntil,
			Address: web.Field{Name: "address", Kind: web.FieldText, Label: "field.notice_" + line.Way, Required: true},
			Code:    web.Field{Name: "code", Kind: web.FieldText, Label: "field.notice_code", Required: true, Length: 6}}
		if line.Way == way {
			w.Address.Values = typed["address"]
			w.Address, w.Code = withError(w.Address, wrong), withError(w.Code, wrong)
		}
		v.Ways = append(v.Ways, w)
		kinds := web.Field{Name: line.Way, Kind: web.FieldChecks, Label: "field.notices_by_" + line.Way, Values: line.Kinds}
		for _, kind := range regulation.ToldKinds {
			kinds.Options = append(kinds.Options, web.Option{Value: kind, Key: "notice_kind." + kind})
		}
		v.Choices = append(v.Choices, ofChoices(kinds))
	}
	language := web.Field{Name: "language", Kind: web.FieldRadio, Label: "field.notice_language", Required: true, Values: []string{b.Language}}
	for _, code := range noticeLanguages {
		language.Options = append(language.Options, web.Option{Value: code, Key: "lang." + code})
	}
	v.Choices = append(v.Choices, ofChoices(language),
		ofChoices(web.Field{Name: "quiet_from", Kind: web.FieldText, Label: "field.quiet_from", Required: true, Values: []string{b.QuietFrom}}),
		ofChoices(web.Field{Name: "quiet_until", Kind: web.FieldText, Label: "field.quiet_until", Required: true, Values: []string{b.QuietUntil}}),
		ofChoices(web.Field{Name: "quiet_days", Kind: web.FieldCheck, Label: "field.quiet_days", Values: checked(b.QuietDays)}),
		ofChoices(web.Field{Name: "urgent", Kind: web.FieldCheck, Label: "field.quiet_urgent", Values: checked(b.Urgent)}))
	return v
}

func withError(f web.Field, wrong map[string]web.Message) web.Field {
	if message, is := wrong[f.Name]; is {
		f.Error = &message
	}
	return f
}

func checked(yes bool) []string {
	if yes {
		return []string{"true"}
	}
	return nil
}
