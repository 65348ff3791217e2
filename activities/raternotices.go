package activities

import (
	"context"
	"time"

	"haochaping/integration/notice"
	"haochaping/regulation"
	"haochaping/store"
	"haochaping/web"
	"haochaping/workday"
)

// leavesAtOnce are read of the ledger within a turn, to see what raters are to be told.
const leavesAtOnce = 1000

// tellRaters notes what raters who agreed to be reached are to be told, and makes notices of it: one a day and case at
// most, and none in the usual quiet hours. They are told by text message alone, since a telephone number is all that
// they may leave.
func (n Notices) tellRaters(ctx context.Context, token int64) error {
	if _, err := n.Record.FollowNews(ctx, token, leavesAtOnce); err != nil {
		return err
	}
	waiting, err := n.Record.WaitingNews(ctx)
	if err != nil {
		return err
	}
	now, calendars := n.Now(), map[string]workday.Calendar{}
	for _, news := range waiting {
		calendar, known := calendars[news.Area]
		if !known {
			if calendar, err = n.Record.Calendar(ctx, news.Area); err != nil {
				return err
			}
			calendars[news.Area] = calendar
		}
		if now.Before(news.Oldest.Add(gathered)) || regulation.UsualQuiet.Next(now, calendar).After(now) {
			continue
		}
		if err := n.Record.BundleNews(ctx, token, news.Case); err != nil {
			return err
		}
	}
	return nil
}

// writtenToRater is a notice to a rater: that there is something to read on the receipt's page, with the code word by
// which they know that it is from the office.
func (n Notices) writtenToRater(ctx context.Context, d store.NoticeDelivery) (notice.Notice, error) {
	to, err := n.Record.RaterTo(ctx, d)
	if err != nil {
		return notice.Notice{}, err
	}
	lang, known := web.ParseLang(to.Language)
	if !known {
		lang = web.Chinese
	}
	out := notice.Notice{ID: d.ID, At: d.At, To: to.Phone, Language: string(lang)}
	out.Subject, out.Text = web.TellingRater(lang, to.Kinds, n.Address+"/receipt", to.CodeWord, n.Official)
	return out, nil
}

// givenUp is what becomes of a notice that cannot be delivered: somebody mends an address of staff and has it sent again;
// nobody mends a rater's number.
func givenUp(d store.NoticeDelivery) string {
	if d.Case != "" {
		return store.DeliveryDropped
	}
	return store.DeliveryParked
}

// aside is how long a notice waits while the key store is away.
const aside = time.Minute
