package store

import (
	"cmp"
	"context"
	"slices"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"haochaping/regulation"
	"haochaping/workday"
)

// What a message is about that no event of a case stands behind.
const (
	AboutAbsence = "absence"
	AboutWatch   = "watch"
	AboutProbe   = "probe"
	AboutDocket  = "docket"
)

// Moments of an absence that people are told of.
const (
	AbsenceEntered   = "absence_entered"
	AbsenceBegun     = "absence_begun"
	AbsenceOver      = "absence_over"
	AbsenceEnded     = "absence_ended"      // early, while it ran
	AbsenceTakenBack = "absence_taken_back" // before it began
	AbsencePassedOn  = "absence_passed_on"  // somebody else of the chain acts now, or will
)

// Places of an absence's moments: each comes once, and what becomes of its chain any number of times.
const (
	seqEntered = iota + 1
	seqBegun
	seqEnded
	seqPassedOn
)

type messageRow struct {
	Ref      string `gorm:"primaryKey"`
	Seq      int64  `gorm:"primaryKey;autoIncrement:false"`
	SeatRole string `gorm:"primaryKey"`
	OrgID    string `gorm:"primaryKey"`
	About    string
	At       int64
	Name     string
}

func (messageRow) TableName() string { return "messages" }

// tell writes one message, once however often it is told.
func (m messageRow) tell(tx *gorm.DB, seats ...regulation.Seat) error {
	for _, seat := range seats {
		m.SeatRole, m.OrgID = string(seat.Role), seat.Org
		if err := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&m).Error; err != nil {
			return err
		}
	}
	return nil
}

func inTheirOwnRight(persons []string) []regulation.Seat {
	return converted(persons, func(person string) regulation.Seat { return regulation.Seat{Role: personally, Org: person} })
}

// tellAbsence tells everybody whom an absence concerns: who is away, who was entered to stand in, and
// whoever the chain leads to.
func (p *People) tellAbsence(tx *gorm.DB, s Substitution, seq int64, name string, at time.Time) error {
	persons := append([]string{s.Absent, s.Substitute}, p.reached(s, s.Begins)...)
	slices.Sort(persons)
	return messageRow{Ref: s.ID, Seq: seq, About: AboutAbsence, At: micros(at), Name: name}.tell(tx, inTheirOwnRight(slices.Compact(persons))...)
}

// reached lists who acts at one instant or another of an absence, from one on, for whoever is away:
// the ends of the chain, as absences within it begin and end.
func (p *People) reached(s Substitution, from time.Time) []string {
	var reached []string
	for _, o := range p.substitutions {
		for _, at := range []time.Time{from, s.Begins, o.Begins, o.over()} {
			if at.Before(from) || !s.InForce(at) {
				continue
			}
			if end, known := p.ActsFor(s.Absent, at); known {
				reached = append(reached, end)
			}
		}
	}
	slices.Sort(reached)
	return slices.Compact(reached)
}

// tellChains tells of the other absences whose chains lead elsewhere since one was entered or ended:
// who is away there, and who came to act or acts no longer.
func tellChains(tx *gorm.DB, before, after *People, changed Substitution, at time.Time) error {
	for _, s := range after.substitutions {
		if s.Absent == changed.Absent || s.Over(at) {
			continue
		}
		was, is := before.reached(s, at), after.reached(s, at)
		if slices.Equal(was, is) {
			continue
		}
		var last int64
		if err := tx.Model(&messageRow{}).Where("ref = ?", s.ID).Select("COALESCE(MAX(seq), 0)").Scan(&last).Error; err != nil {
			return err
		}
		persons := append([]string{s.Absent}, slices.DeleteFunc(append(slices.Clone(was), is...), func(person string) bool {
			return slices.Contains(was, person) && slices.Contains(is, person)
		})...)
		m := messageRow{Ref: s.ID, Seq: max(last+1, seqPassedOn), About: AboutAbsence, At: micros(at), Name: AbsencePassedOn}
		if err := m.tell(tx, inTheirOwnRight(persons)...); err != nil {
			return err
		}
	}
	return nil
}

// tellEnded tells of an absence that was ended early or taken back, as it stood before.
func tellEnded(tx *gorm.DB, before *People, s Substitution, at time.Time) error {
	name := AbsenceTakenBack
	if s.InForce(at) {
		name = AbsenceEnded
	}
	if err := before.tellAbsence(tx, s, seqEnded, name, at); err != nil {
		return err
	}
	after, err := loadPeople(tx)
	if err != nil {
		return err
	}
	return tellChains(tx, before, after, s, at)
}

// tellDue tells of absences that began or ended by themselves.
func (p *People) tellDue(tx *gorm.DB, due []seatCheckRow) error {
	for _, row := range due {
		for _, s := range p.substitutions {
			at := instant(row.At)
			var err error
			switch {
			case s.Absent != row.Person:
			case s.InForce(at) && at.Equal(s.Begins):
				err = p.tellAbsence(tx, s, seqBegun, AbsenceBegun, at)
			case s.RevokedAt.IsZero() && at.Equal(s.Ends):
				err = p.tellAbsence(tx, s, seqEnded, AbsenceOver, at)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// tell tells the seats of an entry of the watch list.
func (w watching) tell(l regulation.Listing, e regulation.WatchEntry) error {
	m := messageRow{Ref: l.ID, Seq: e.Seq, About: AboutWatch, At: micros(w.at), Name: AboutWatch + "_" + string(e.Name)}
	return m.tell(w.tx, l.Told(e)...)
}

// tellInspection tells on the morning of an inspection's day that it is due; day is the one before.
// Its place is that day itself, below those of the entries: so it comes once.
func (w watching) tellInspection(l regulation.Listing, day workday.Date) error {
	if !l.Stands() || l.Due.IsZero() || workday.DateOf(l.Due) != day.AddDays(1) {
		return nil
	}
	m := messageRow{Ref: l.ID, Seq: -l.Due.Unix(), About: AboutWatch, At: micros(w.at), Name: AboutWatch + "_" + string(regulation.WatchDue)}
	return m.tell(w.tx, l.Told(regulation.WatchEntry{Name: regulation.WatchDue})...)
}

// messages lists what an actor's seats were told that is about no case, the newest first, as a page
// of notices: one more than asked for where there are more.
func (s *Store) messages(ctx context.Context, actor regulation.Actor, q ListQuery) ([]noticeRow, error) {
	query, _, err := q.newest(s.heard(ctx, actor, "messages").
		Select("n.ref AS case_id, n.about, n.seq, "+q.at("n.at")+" AS at, n.name, GROUP_CONCAT(DISTINCT n.seat_role) AS roles, CASE WHEN "+unreadMessage+" THEN 0 ELSE 1 END AS been_read", actor.Person).
		Group("n.ref, n.about, n.seq, n.at, n.name"), q.at("n.at"), "CONCAT(n.ref, '/', n.seq)")
	if err != nil {
		return nil, err
	}
	var rows []noticeRow
	return rows, query.Find(&rows).Error
}

// unreadMessage holds of a message n that a person has not seen.
const unreadMessage = "NOT EXISTS (SELECT 1 FROM notice_reads r WHERE r.person = ? AND r.case_id = n.ref AND r.seq = n.seq)"

// unreadMessages counts them as UnreadNotices counts those of cases.
func (s *Store) unreadMessages(ctx context.Context, actor regulation.Actor) (int, error) {
	var fresh []noticeReadRow
	err := s.heard(ctx, actor, "messages").Where("n.at > ?", micros(s.now().Add(-unreadSince))).Where(unreadMessage, actor.Person).
		Select("DISTINCT n.ref AS case_id, n.seq").Limit(MaxUnread).Scan(&fresh).Error
	return len(fresh), err
}

// merged puts two pages into the order of one.
func merged(a, b []noticeRow) []noticeRow {
	all := append(a, b...)
	slices.SortFunc(all, func(a, b noticeRow) int {
		return cmp.Or(cmp.Compare(b.At, a.At), cmp.Compare(eventRef(b.CaseID, b.Seq), eventRef(a.CaseID, a.Seq)))
	})
	return all
}
