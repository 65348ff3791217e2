package store

import (
	"context"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"haochaping/regulation"
	"haochaping/store/ledger"
	"haochaping/workday"
)

// AboutOpening: a message is about a report of an opening.
const AboutOpening = "opening"

// What people are told of a report, and the places of those moments.
const (
	OpeningToConfirm = "opening_to_confirm" // the second
	OpeningWeekOver  = "opening_week_over"  // both: the week ended without the second's answer
	OpeningLapsed    = "opening_lapsed"     // who decides: the second did not answer in time
	openingAnswered  = "opening_"           // with the answer: who reported it, or both; of a refusal who decides too
)

const (
	seqToConfirm = iota + 1
	seqWeekOver
	seqLapsed
	seqAnswered // and above
)

// AlarmBoxUnconfirmed tells that an opening was reported and the second person contests it, has not answered in time, or
// not in its week; its object is the report. It says nothing of who is at fault.
const AlarmBoxUnconfirmed = "box_unconfirmed"

// OpeningReport is what one of the two who opened a box reported, with what became of it (6(2)).
type OpeningReport struct {
	Opening
	State    regulation.ReportState
	AnswerBy time.Time
	Answers  []OpeningAnswer
}

// Rule is what a rule has to know of it.
func (r OpeningReport) Rule() regulation.OpeningReport {
	return regulation.OpeningReport{State: r.State, Openers: r.Openers, AnswerBy: r.AnswerBy}
}

// OpeningAnswer is the second person's, or the supervisor's.
type OpeningAnswer struct {
	Answer    regulation.ReportState
	Person    string
	Contested []string // codes of regulation.AnswerFields
	Reason    string
	At        time.Time
}

type reportRow struct {
	Found     foundRow `gorm:"embedded"`
	State     string
	AnswerBy  int64
	SettledAt int64
}

func (reportRow) TableName() string { return "box_opening_reports" }

func (r reportRow) rule() regulation.OpeningReport {
	return regulation.OpeningReport{State: regulation.ReportState(r.State), Openers: [2]string{r.Found.Opener1, r.Found.Opener2}, AnswerBy: instant(r.AnswerBy)}
}

type answerRow struct {
	ReportID  string `gorm:"primaryKey"`
	Seq       int64  `gorm:"primaryKey;autoIncrement:false"`
	Answer    string
	Person    string
	Contested string
	Reason    string
	At        int64
	Nonce     []byte
}

func (answerRow) TableName() string { return "box_opening_answers" }

func (r answerRow) answer() OpeningAnswer {
	return OpeningAnswer{regulation.ReportState(r.Answer), r.Person, list(r.Contested), r.Reason, instant(r.At)}
}

const (
	leafReport = "opening_report"
	leafAnswer = "opening_answer"
)

// reportLeaf makes a report's leaf anew.
func (s *Store) reportLeaf(ctx context.Context, id string) (leafContent, error) {
	var row reportRow
	if err := s.rows(ctx).Take(&row, "id = ?", id).Error; err != nil {
		return leafContent{}, err
	}
	return leafContent{row.Found.Nonce, row.canonical()}, nil
}

// canonical is version 1 of a report's canonical bytes. Until when it is to be answered is in them: it decides who may
// decide.
func (r reportRow) canonical() []byte {
	return r.Found.leafRow(leafReport).Instant(instant(r.AnswerBy)).Canonical()
}

func (r answerRow) canonical() []byte {
	return ledger.NewRow(leafAnswer, 1).Text(r.ReportID).Integer(r.Seq).Text(r.Answer).Text(r.Person).Text(r.Contested).Text(r.Reason).Instant(instant(r.At)).Canonical()
}

// answerLeaf makes an answer's leaf anew.
func (s *Store) answerLeaf(ctx context.Context, ref string) (leafContent, error) {
	id, seq, err := refParts(ref)
	if err != nil {
		return leafContent{}, err
	}
	var row answerRow
	if err := s.rows(ctx).Take(&row, "report_id = ? AND seq = ?", id, seq).Error; err != nil {
		return leafContent{}, err
	}
	return leafContent{row.Nonce, row.canonical()}, nil
}

// ReportQuery narrows a list of reports; zero fields do not.
type ReportQuery struct {
	Box    string
	Second string // person
	Opener string // person, either of the two
	Open   bool   // only those of which nothing was decided
	Most   int
}

// OpeningReports lists those within the scope with their answers, the latest first.
func (s *Store) OpeningReports(ctx context.Context, scope regulation.Scope, q ReportQuery) ([]OpeningReport, error) {
	query := inScope(s.rows(ctx), scope, openingScope)
	if q.Box != "" {
		query = query.Where("box_id = ?", q.Box)
	}
	if q.Second != "" {
		query = query.Where("opener_2 = ?", q.Second)
	}
	if q.Opener != "" {
		query = query.Where("(opener_1 = ? OR opener_2 = ?)", q.Opener, q.Opener)
	}
	if q.Open {
		query = query.Where("state IN ?", []string{string(regulation.ReportToConfirm), string(regulation.ReportRefused)})
	}
	if q.Most > 0 {
		query = query.Limit(q.Most)
	}
	var rows []reportRow
	if err := query.Order("opened_at DESC, id").Find(&rows).Error; err != nil {
		return nil, err
	}
	reports := make([]OpeningReport, 0, len(rows))
	for _, row := range rows {
		r, err := s.report(ctx, row)
		if err != nil {
			return nil, err
		}
		reports = append(reports, r)
	}
	return reports, nil
}

func (s *Store) report(ctx context.Context, row reportRow) (OpeningReport, error) {
	var answers []answerRow
	err := s.rows(ctx).Where("report_id = ?", row.Found.ID).Order("seq").Find(&answers).Error
	return OpeningReport{row.Found.opening(), regulation.ReportState(row.State), instant(row.AnswerBy), converted(answers, answerRow.answer)}, err
}

// OpeningReport returns a report of any area: whoever hands it out asks before whether the reader may see it.
func (s *Store) OpeningReport(ctx context.Context, id string) (OpeningReport, error) {
	var row reportRow
	if err := s.rows(ctx).Take(&row, "id = ?", id).Error; err != nil {
		return OpeningReport{}, found(err, "opening")
	}
	return s.report(ctx, row)
}

// OpeningsToConfirm counts the reports that wait for a person's answer.
func (s *Store) OpeningsToConfirm(ctx context.Context, person string) (int, error) {
	var n int64
	err := s.rows(ctx).Model(&reportRow{}).Where("state = ? AND opener_2 = ?", string(regulation.ReportToConfirm), person).Count(&n).Error
	return int(n), err
}

// addReport writes a report with its leaf, and tells the second person. A seal that was not intact is told of at once.
func (s *Store) addReport(ctx context.Context, tx *gorm.DB, b boxRow, found foundRow, days int) error {
	service, err := s.service(ctx, b.Area, b.HallID)
	if err != nil {
		return err
	}
	due := service.Hours.Close(service.Calendar.Add(workday.DateOf(s.now()), days).Date)
	row := reportRow{Found: found, State: string(regulation.ReportToConfirm), AnswerBy: micros(due)}
	nonce, leaf := pendingLeaf(leafReport, found.ID, row.canonical(), s.wall())
	row.Found.Nonce = nonce
	if err := s.insert(tx, pendingLeavesTable, leaf); err != nil {
		return err
	}
	if err := tx.Create(&row).Error; err != nil {
		return err
	}
	if found.OldSealState != regulation.SealIntact {
		if err := s.tellSeal(tx, b, found); err != nil {
			return err
		}
	}
	return s.tellReport(tx, row, seqToConfirm, OpeningToConfirm, inTheirOwnRight([]string{found.Opener2})...)
}

func (s *Store) tellReport(tx *gorm.DB, row reportRow, seq int64, name string, told ...regulation.Seat) error {
	return messageRow{Ref: row.Found.ID, Seq: seq, About: AboutOpening, At: micros(s.now()), Name: name}.tell(tx, told...)
}

// AnswerOpening takes the second person's answer to a report: confirmed, it is an opening from now on; refused, it is
// before the supervisor. The same answer sent again changes nothing. Refusals: NotFound; those of
// regulation.OpeningReport.Answer.
func (s *Store) AnswerOpening(ctx context.Context, id string, v regulation.Values, actor regulation.Actor) error {
	return s.settleReport(ctx, id, v.Get("opening_answer"), actor, func(r regulation.OpeningReport) (answerRow, error) {
		answer, err := r.Answer(v, actor.Person)
		return answerRow{Answer: string(answer), Contested: strings.Join(slices.DeleteFunc(slices.Clone(v["opening_contested"]), func(code string) bool { return strings.TrimSpace(code) == "" }), ","), Reason: v.Get("answer_reason")}, err
	})
}

// DecideOpening decides about a report that was refused or not answered in time: upheld, it is an opening; set aside, it
// is none. Refusals: NotFound; those of regulation.OpeningReport.Decide.
func (s *Store) DecideOpening(ctx context.Context, id string, v regulation.Values, actor regulation.Actor) error {
	return s.settleReport(ctx, id, v.Get("opening_decision"), actor, func(r regulation.OpeningReport) (answerRow, error) {
		answer, err := r.Decide(v, actor.Person, s.now())
		return answerRow{Answer: string(answer), Reason: v.Get("decision_reason")}, err
	})
}

// settleReport adds an answer to a report under the lock of its box, so that no week is judged meanwhile.
func (s *Store) settleReport(ctx context.Context, id, again string, actor regulation.Actor, judge func(regulation.OpeningReport) (answerRow, error)) error {
	r, err := s.OpeningReport(ctx, id)
	if err != nil {
		return err
	}
	deciders, err := s.openingDeciders(ctx, r)
	if err != nil {
		return err
	}
	return s.changeBox(ctx, regulation.Scope{All: true}, r.Box, func(tx *gorm.DB, b boxRow) error {
		var row reportRow
		if err := locked(tx).Take(&row, "id = ?", id).Error; err != nil {
			return found(err, "opening")
		}
		var before []answerRow
		if err := tx.Where("report_id = ?", id).Order("seq").Find(&before).Error; err != nil {
			return err
		}
		if slices.ContainsFunc(before, func(a answerRow) bool { return a.Person == actor.Person && a.Answer == again }) {
			return nil
		}
		answer, err := judge(row.rule())
		if err != nil {
			return err
		}
		answer.ReportID, answer.Seq, answer.Person, answer.At = id, int64(len(before))+1, actor.Person, micros(s.now())
		return s.addAnswer(tx, b, row, answer, deciders, actor)
	})
}

// addAnswer writes an answer with its leaf, what follows from it, and what it tells whom.
func (s *Store) addAnswer(tx *gorm.DB, b boxRow, row reportRow, answer answerRow, deciders []regulation.Seat, actor regulation.Actor) error {
	nonce, leaf := pendingLeaf(leafAnswer, eventRef(answer.ReportID, answer.Seq), answer.canonical(), s.wall())
	answer.Nonce = nonce
	if err := s.insert(tx, pendingLeavesTable, leaf); err != nil {
		return err
	}
	if err := tx.Create(&answer).Error; err != nil {
		return err
	}
	state := regulation.ReportState(answer.Answer)
	after := map[string]any{"state": answer.Answer}
	if !state.Open() {
		after["settled_at"] = answer.At
	}
	if err := tx.Model(&reportRow{}).Where("id = ?", row.Found.ID).Updates(after).Error; err != nil {
		return err
	}
	told := inTheirOwnRight([]string{row.Found.Opener1})
	switch {
	case state.Counts():
		if err := s.addOpening(tx, b, row.Found); err != nil {
			return err
		}
	case state == regulation.ReportSetAside:
		if err := s.missWeek(tx, row.Found); err != nil {
			return err
		}
	case state == regulation.ReportRefused:
		told = append(told, deciders...)
	}
	if answer.Person != row.Found.Opener2 {
		told = append(told, inTheirOwnRight([]string{row.Found.Opener2})...)
	}
	if err := s.tellReport(tx, row, seqAnswered+answer.Seq, openingAnswered+answer.Answer, told...); err != nil {
		return err
	}
	return s.noteBox(tx, "answer_opening", answer.Answer, b, actor)
}

// openingDeciders are the seats that decide about a report: the supervisor of the area, and where one of the two who
// opened the box sits there also the authority's head and the supervisor one level up.
func (s *Store) openingDeciders(ctx context.Context, r OpeningReport) ([]regulation.Seat, error) {
	tree, err := s.Tree(ctx)
	if err != nil {
		return nil, err
	}
	authority, charged := tree.Authority(r.Hall)
	if !charged {
		return nil, nil
	}
	people, err := s.People(ctx)
	seats := []regulation.Seat{{Role: regulation.Supervisor, Org: authority.ID}}
	for _, person := range r.Openers {
		if !slices.ContainsFunc(people.Posts(person, s.now()), func(as regulation.Assignment) bool { return as.Role == regulation.Supervisor && as.Org == authority.ID }) {
			continue
		}
		seats = append(seats, regulation.Seat{Role: regulation.AuthorityHead, Org: authority.ID})
		if upper, above := tree.Upper(r.Hall); above {
			seats = append(seats, regulation.Seat{Role: regulation.Supervisor, Org: upper.ID})
		}
		break
	}
	return seats, err
}

// tellLapsed tells who decides of the reports that the second person has not answered in time, once each.
func (s *Store) tellLapsed(ctx context.Context, token int64) error {
	var rows []reportRow
	err := s.rows(ctx).Where("state = ? AND answer_by <= ? AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.ref = box_opening_reports.id AND m.seq = ?)",
		string(regulation.ReportToConfirm), micros(s.now()), seqLapsed).Find(&rows).Error
	if err != nil {
		return err
	}
	for _, row := range rows {
		deciders, err := s.openingDeciders(ctx, OpeningReport{Opening: row.Found.opening()})
		if err != nil {
			return err
		}
		err = s.tx(ctx, func(tx *gorm.DB) error {
			if err := holdsLease(tx, LeaseBoxes, token); err != nil {
				return err
			}
			return s.tellReport(tx, row, seqLapsed, OpeningLapsed, deciders...)
		})
		if err != nil {
			return err
		}
	}
	return nil
}
