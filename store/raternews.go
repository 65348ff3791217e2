package store

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"haochaping/regulation"
)

// factNews is the position of the ledger up to which raters were told of.
const factNews = "rater_news"

// FollowNews notes what raters are to be told of what the ledger took in since the last time, up to limit leaves,
// and tells how many leaves it read. The first time it begins at the ledger's end: of what happened before, nothing is
// told; nor of what is older than three days. Whoever did not agree to be reached, or stopped the messages, has nothing
// noted. ErrLeaseLost when another node has taken over.
func (s *Store) FollowNews(ctx context.Context, token int64, limit int) (read int, err error) {
	from, err := s.newsFrom(ctx)
	if err != nil {
		return 0, err
	}
	var leaves []struct{ Kind, Ref string }
	if from >= 0 {
		err = s.rows(ctx).Table("leaves").Select("kind, ref").Where("position >= ?", from).Order("position").Limit(limit).Find(&leaves).Error
	} else {
		err = s.rows(ctx).Raw("SELECT COALESCE(MAX(position) + 1, 0) FROM leaves").Scan(&from).Error
	}
	if err != nil {
		return 0, err
	}
	refs := map[string]bool{}
	for _, leaf := range leaves {
		if leaf.Kind == leafEvent {
			refs[leaf.Ref] = true
		}
	}
	items, err := s.newsOfEvents(ctx, refs)
	if err != nil {
		return 0, err
	}
	return len(leaves), s.tx(ctx, func(tx *gorm.DB) error {
		if err := holdsLease(tx, LeaseNotices, token); err != nil {
			return err
		}
		if len(items) > 0 {
			if err := tx.Clauses(clause.OnConflict{DoNothing: true}).CreateInBatches(items, maxInserted).Error; err != nil {
				return err
			}
		}
		return tx.Save(&factRow{factNews, strconv.FormatInt(from+int64(len(leaves)), 10)}).Error
	})
}

// newsFrom is the position from which to read, -1 before the first time.
func (s *Store) newsFrom(ctx context.Context) (int64, error) {
	text, err := s.Fact(ctx, factNews)
	if err != nil || text == "" {
		return -1, err
	}
	return strconv.ParseInt(text, 10, 64)
}

// newsOfEvents is what events, named as in the ledger, tell their raters: those who agreed to be told.
func (s *Store) newsOfEvents(ctx context.Context, refs map[string]bool) (items []noticeItemRow, err error) {
	news, err := s.newsIn(ctx, refs)
	if err != nil || len(news) == 0 {
		return nil, err
	}
	told, err := s.tellable(ctx, news)
	if err != nil {
		return nil, err
	}
	for _, n := range news {
		if told[n.ratingID] {
			items = append(items, n.noticeItemRow)
		}
	}
	return items, nil
}

type newsItem struct {
	noticeItemRow
	ratingID string
}

// newsIn is what events would tell raters. Of their cases it reads the later events too, which are few.
func (s *Store) newsIn(ctx context.Context, refs map[string]bool) (news []newsItem, err error) {
	var cases []string
	for ref := range refs {
		caseID, _, err := refParts(ref)
		if err != nil {
			continue // it names no event
		}
		cases = append(cases, caseID)
	}
	if len(cases) == 0 {
		return nil, nil
	}
	var rows []struct {
		CaseID, RatingID string
		Seq              int64
		Body             []byte
	}
	err = s.rows(ctx).Raw(`SELECT e.case_id, e.seq, c.rating_id, e.body FROM case_events e JOIN cases c ON c.id = e.case_id
		WHERE e.case_id IN ? AND e.at > ? ORDER BY e.case_id, e.seq`, cases, micros(s.now().Add(-lookedBack))).Scan(&rows).Error
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		ref := eventRef(row.CaseID, row.Seq)
		if !refs[ref] {
			continue
		}
		var stored storedEvent
		if err := json.Unmarshal(row.Body, &stored); err != nil {
			return nil, err
		}
		if kind := regulation.NewsOf(stored.Event); kind != "" {
			news = append(news, newsItem{noticeItemRow{Way: WaySMS, Cause: "case/" + ref, Kind: kind, At: micros(s.now()), CaseID: row.CaseID}, row.RatingID})
		}
	}
	return news, nil
}

// tellable are the raters of news who agreed to be told and did not stop it.
func (s *Store) tellable(ctx context.Context, news []newsItem) (map[string]bool, error) {
	var rows []consentRow
	ratings := converted(news, func(n newsItem) string { return n.ratingID })
	if err := s.rows(ctx).Where("rating_id IN ?", ratings).Order("scope, seq").Find(&rows).Error; err != nil {
		return nil, err
	}
	records := map[string][]regulation.ConsentRecord{}
	for _, row := range rows {
		records[row.RatingID] = append(records[row.RatingID], row.record())
	}
	told := map[string]bool{}
	for _, id := range ratings {
		told[id] = regulation.MayTell(records[id], regulation.ConsentNotices) == nil
	}
	return told, nil
}

// RaterNews is what waits to be told the rater of a case.
type RaterNews struct {
	Case, Area string
	Oldest     time.Time
}

// WaitingNews lists what waits to be told raters.
func (s *Store) WaitingNews(ctx context.Context) ([]RaterNews, error) {
	var rows []struct {
		CaseID, Area string
		Oldest       int64
	}
	err := s.rows(ctx).Raw(`SELECT i.case_id, c.area, MIN(i.at) AS oldest FROM notice_items i JOIN cases c ON c.id = i.case_id
		WHERE i.delivery_id = '' AND i.person = '' GROUP BY i.case_id, c.area ORDER BY oldest, i.case_id`).Scan(&rows).Error
	news := make([]RaterNews, 0, len(rows))
	for _, row := range rows {
		news = append(news, RaterNews{row.CaseID, row.Area, instant(row.Oldest)})
	}
	return news, err
}

// BundleNews makes one notice of what waits to be told the rater of a case, unless one is under way, or was made or sent
// today: at most one a day and case, which the key says too.
func (s *Store) BundleNews(ctx context.Context, token int64, caseID string) error {
	return s.tx(ctx, func(tx *gorm.DB) error {
		if err := holdsLease(tx, LeaseNotices, token); err != nil {
			return err
		}
		today := dayOf(s.now())
		var before []noticeDeliveryRow
		if err := tx.Find(&before, "case_id = ?", caseID).Error; err != nil {
			return err
		}
		for _, d := range before {
			if d.State == DeliveryWaiting || d.State == DeliverySending || *d.Day == today || d.SentAt > 0 && dayOf(instant(d.SentAt)) == today {
				return nil
			}
		}
		d := noticeDeliveryRow{ID: newID(), Way: WaySMS, State: DeliveryWaiting, At: micros(s.now()), NextAt: micros(s.now()), CaseID: &caseID, Day: &today}
		if err := tx.Create(&d).Error; err != nil {
			return err
		}
		return tx.Model(&noticeItemRow{}).Where("delivery_id = '' AND person = '' AND case_id = ?", caseID).Update("delivery_id", d.ID).Error
	})
}

// RaterTold is where and how one rater is told, and the kinds of what; opened for the moment of sending.
type RaterTold struct {
	Phone, Language, CodeWord string
	Kinds                     []string
}

// RaterTo opens the number to which a notice goes, for the moment of sending, with a line in the audit log. Refused
// where the consent does not stand any more; NotFound where nothing is known of the rater (any more), or no number.
func (s *Store) RaterTo(ctx context.Context, d NoticeDelivery) (to RaterTold, err error) {
	var ratingID string
	if err := s.rows(ctx).Raw("SELECT rating_id FROM cases WHERE id = ?", d.Case).Scan(&ratingID).Error; err != nil {
		return to, err
	}
	if to.Kinds, err = s.newsKinds(ctx, d.ID); err != nil {
		return to, err
	}
	contact, err := s.RaterFor(ctx, ratingID, regulation.ConsentNotices)
	if err != nil {
		return to, err
	}
	if !regulation.ValidMobile(contact.Phone) {
		return to, &regulation.Error{Code: regulation.NotFound, Missing: "contact"}
	}
	to.Phone, to.Language = contact.Phone, contact.Language
	to.CodeWord, err = s.CodeWord(ctx, ratingID)
	return to, err
}

// newsKinds are what a notice to a rater tells of, each once, in the order of regulation.NewsKinds.
func (s *Store) newsKinds(ctx context.Context, delivery string) (kinds []string, err error) {
	if err = s.rows(ctx).Model(&noticeItemRow{}).Where("delivery_id = ?", delivery).Distinct().Pluck("kind", &kinds).Error; err != nil {
		return nil, err
	}
	return slices.DeleteFunc(slices.Clone(regulation.NewsKinds), func(kind string) bool { return !slices.Contains(kinds, kind) }), nil
}

// Why a notice was given up.
const (
	NoticeRefused = "refused"        // by whoever delivers it, which is notice.Refused
	NoticeTooLong = "tried_too_long" // for a day
)

// SentNews is a notice that a rater was sent, or could not be.
type SentNews struct {
	At     time.Time
	Kinds  []string
	Failed bool // it was given up
}

// SentNews lists what the rater of a case was sent, the first first; of where to, nothing is kept.
func (s *Store) SentNews(ctx context.Context, caseID string) ([]SentNews, error) {
	var rows []noticeDeliveryRow
	if err := s.rows(ctx).Where("case_id = ? AND state IN ?", caseID, []string{DeliverySent, DeliveryDropped}).Order("at, id").Find(&rows).Error; err != nil {
		return nil, err
	}
	var all []SentNews
	for _, row := range rows {
		news := SentNews{At: instant(max(row.SentAt, row.At)), Failed: row.State == DeliveryDropped}
		if news.Failed && row.Code != NoticeRefused && row.Code != NoticeTooLong {
			continue // it never left: stopped, or nothing is known of the rater any more
		}
		var err error
		if news.Kinds, err = s.newsKinds(ctx, row.ID); err != nil {
			return nil, err
		}
		all = append(all, news)
	}
	return all, nil
}

// NoticesStand tells whether a rater may be told by text message: they agreed to be reached and did not stop it.
func (s *Store) NoticesStand(ctx context.Context, ratingID string) (bool, error) {
	records, err := s.Consents(ctx, ratingID)
	if err != nil {
		return false, err
	}
	refused := (*regulation.Error)(nil)
	if err = regulation.MayTell(records, regulation.ConsentNotices); errors.As(err, &refused) {
		return false, nil
	}
	return err == nil, err
}
