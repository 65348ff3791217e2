package api

import (
	"net/http"
	"time"

	"haochaping/policies"
	"haochaping/web"
)

// noticeDeliveriesBody is how telling people outside the product stands: counts, codes and masked addresses.
type noticeDeliveriesBody struct {
	Waiting int64              `json:"waiting"`
	Lag     float64            `json:"lag_seconds"` // of the oldest that waits
	Parked  []parkedNoticeBody `json:"parked"`
}

type parkedNoticeBody struct {
	ID       string    `json:"id"`
	Way      string    `json:"way"`
	Address  string    `json:"address,omitempty"` // masked
	Code     string    `json:"code"`
	Since    time.Time `json:"since"`
	Attempts int       `json:"attempts"`
}

// parkedListed bounds the page: what was sent again makes room for the rest.
const parkedListed = 100

// showNoticeDeliveries is how telling people stands, and what a receiver refused.
func (a *API) showNoticeDeliveries(r *request) (answer, error) {
	ctx := r.http().Context()
	figures, err := a.Store.NoticeFigures(ctx)
	if err != nil {
		return answer{}, err
	}
	parked, err := a.Store.ParkedNotices(ctx, parkedListed)
	if err != nil {
		return answer{}, err
	}
	lag := time.Duration(0)
	if !figures.Oldest.IsZero() {
		lag = max(r.at.Sub(figures.Oldest), 0)
	}
	body := noticeDeliveriesBody{Waiting: figures.Waiting, Lag: lag.Seconds(), Parked: []parkedNoticeBody{}}
	view := &web.NoticeDeliveriesView{Page: a.pageFor(r), Waiting: figures.Waiting, Lag: lasting(lag), May: a.Guard.May(r.actor, policies.ManageExchange)}
	for _, p := range parked {
		body.Parked = append(body.Parked, parkedNoticeBody{p.ID, p.Way, p.Masked, p.Code, p.At, p.Attempts})
		view.Parked = append(view.Parked, web.ParkedNotice{ID: p.ID, Way: p.Way, Masked: p.Masked, Why: p.Code, Since: p.At})
	}
	return answer{body: body, view: view}, nil
}

// resendNotice has a parked notice sent once more.
func (a *API) resendNotice(r *request) (answer, error) {
	fields, err := r.fields()
	if err != nil {
		return answer{}, err
	}
	if err := only(fields, "notice", "idempotency_key"); err != nil {
		return answer{}, err
	}
	if err := a.Store.ResendNotice(r.http().Context(), fields.Get("notice"), a.exchanger(r)); err != nil {
		return answer{}, err
	}
	a.say(r, "flash.notice_again")
	return answer{status: http.StatusNoContent, next: "/notifications/deliveries"}, nil
}
