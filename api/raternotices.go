package api

import (
	"slices"

	"haochaping/regulation"
	"haochaping/store"
	"haochaping/web"
	"haochaping/workday"
)

// raterNoticesBody is what a rater was told by text message; of where to, nothing is kept.
type raterNoticesBody struct {
	On   bool             `json:"on"` // POST /receipt/consents, scope notices, stops them and has them sent again
	Sent []sentNoticeBody `json:"sent"`
}

type sentNoticeBody struct {
	On     workday.Date `json:"on"`
	Kinds  []string     `json:"kinds"` // regulation.NewsKinds
	Failed bool         `json:"failed,omitempty"`
}

// fillRaterNotices tells a rater which text messages they were sent, and whether there will be more: where the product can
// send any, and they left a number.
func (a *API) fillRaterNotices(r *request, c regulation.Case, b *statusBody) error {
	sent, err := a.Store.SentNews(r.http().Context(), c.ID)
	if err != nil || len(sent) == 0 && (!c.Contactable || !slices.Contains(a.Ways, store.WaySMS)) {
		return err
	}
	stand, err := a.Store.NoticesStand(r.http().Context(), c.RatingID)
	if err != nil {
		return err
	}
	b.Notices = &raterNoticesBody{On: stand && b.ContactKept, Sent: []sentNoticeBody{}}
	for _, s := range sent {
		b.Notices.Sent = append(b.Notices.Sent, sentNoticeBody{workday.DateOf(s.At), s.Kinds, s.Failed})
	}
	return nil
}

func raterNotices(b *raterNoticesBody) *web.RaterNotices {
	if b == nil {
		return nil
	}
	v := &web.RaterNotices{On: b.On}
	for _, s := range b.Sent {
		v.Sent = append(v.Sent, web.SentNotice{On: s.On.Start(), Kinds: s.Kinds, Failed: s.Failed})
	}
	return v
}
