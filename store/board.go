package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"gorm.io/gorm"

	"haochaping/regulation"
	"haochaping/workday"
)

const leafBoard = "board"

type boardRow struct {
	Period      string `gorm:"primaryKey"`
	Version     int64  `gorm:"primaryKey;autoIncrement:false"`
	SealVersion int64
	Position    int64
	Digest      string
	MadeAt      int64
	Body        []byte
	Nonce       []byte
}

func (boardRow) TableName() string { return "boards" }

// board reads a row; it fails where the columns are not what the body says.
func (r boardRow) board() (b regulation.Board, err error) {
	if err := json.Unmarshal(r.Body, &b); err != nil {
		return b, err
	}
	return b, columnsAre(map[string]bool{"period": b.Input.Period == r.Period, "version": b.Version == r.Version, "seal_version": b.Input.Seal == r.SealVersion,
		"position": b.Input.Position == r.Position, "digest": b.Digest() == r.Digest, "made_at": micros(b.At) == r.MadeAt})
}

// boardLeaf makes a board's leaf anew.
func (s *Store) boardLeaf(ctx context.Context, ref string) (leafContent, error) {
	period, version, err := refParts(ref)
	if err != nil {
		return leafContent{}, err
	}
	row, err := boardRowOf(s.rows(ctx), period, version)
	if err != nil {
		return leafContent{}, err
	}
	_, err = row.board()
	return leafContent{row.Nonce, canonicalEntry(leafBoard, row.Period, row.Version, row.Body)}, err
}

func boardRowOf(db *gorm.DB, period string, version int64) (row boardRow, err error) {
	err = db.Take(&row, "period = ? AND version = ?", period, version).Error
	return row, err
}

// addBoard writes a version with its leaf.
func (s *Store) addBoard(tx *gorm.DB, b regulation.Board) error {
	body, err := json.Marshal(b)
	if err != nil {
		return err
	}
	period := b.Input.Period
	nonce, leaf := pendingLeaf(leafBoard, eventRef(period, b.Version), canonicalEntry(leafBoard, period, b.Version, body), s.wall())
	if err := tx.Create(&boardRow{period, b.Version, b.Input.Seal, b.Input.Position, b.Digest(), micros(b.At), body, nonce}).Error; err != nil {
		return err
	}
	return s.insert(tx, pendingLeavesTable, leaf)
}

// Board reads a version of a quarter's board. NotFound where there is none.
func (s *Store) Board(ctx context.Context, period string, version int64) (regulation.Board, error) {
	row, err := boardRowOf(s.rows(ctx), period, version)
	if err != nil {
		return regulation.Board{}, found(err, "board")
	}
	return row.board()
}

// PublishedBoard is a version that came out.
type PublishedBoard struct {
	Period  string
	Version int64
	On      workday.Date
	Digest  string
	// Last tells that no later version of the quarter came out.
	Last bool
}

// PublishedBoards lists the versions that came out, the latest quarter and version first.
func (s *Store) PublishedBoards(ctx context.Context) ([]PublishedBoard, error) {
	var rows []docketRow
	err := s.rows(ctx).Where("kind = ? AND stage = ?", string(regulation.DocketBoard), regulation.DocketPublished).Order("period DESC").Find(&rows).Error
	if err != nil {
		return nil, err
	}
	dockets, err := docketsOf(rows)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(dockets, func(a, b regulation.Docket) int {
		if a.Period != b.Period {
			return 0
		}
		return int(b.BoardVersion() - a.BoardVersion())
	})
	var all []PublishedBoard
	for i, d := range dockets {
		all = append(all, PublishedBoard{d.Period, d.BoardVersion(), d.Ended, d.Facts["digest"], i == 0 || dockets[i-1].Period != d.Period})
	}
	return all, nil
}

// draftBoards drafts a board of each quarter of the prefecture that was sealed, and the next version where ranks or scores are not
// what they were. It returns how many. A quarter is computed only where something came since it was looked at last.
func (s *Store) draftBoards(ctx context.Context, token int64) (drafted int, err error) {
	var quarters []string
	err = s.rows(ctx).Model(&sealRow{}).Where("area = ? AND period LIKE ?", regulation.PrefectureArea, "%-Q%").Distinct("period").Order("period").Pluck("period", &quarters).Error
	if err != nil {
		return 0, err
	}
	for _, quarter := range quarters {
		looked, err := s.boardSeen(ctx, quarter)
		if err != nil {
			return drafted, err
		}
		if before, known := s.boards.Load(quarter); known && before == looked {
			continue
		}
		isNew, err := s.draftQuarter(ctx, token, quarter)
		if err != nil {
			return drafted, err
		}
		if isNew {
			drafted++
		}
		s.boards.Store(quarter, looked)
	}
	return drafted, nil
}

// boardSeen names what a quarter's ranks are worked out from as it is now: another name is a reason to look again.
func (s *Store) boardSeen(ctx context.Context, quarter string) (string, error) {
	var seal int64
	err := s.rows(ctx).Model(&sealRow{}).Select("COALESCE(MAX(version), 0)").Where("series = ?", seriesOf(regulation.PrefectureArea, quarter)).Scan(&seal).Error
	if err != nil {
		return "", err
	}
	var scores struct{ N, Seqs int64 }
	err = s.rows(ctx).Model(&docketRow{}).Select("COUNT(*) AS n, COALESCE(SUM(seq), 0) AS seqs").Where("kind = ? AND period = ?", string(regulation.DocketInspection), quarter).Scan(&scores).Error
	return fmt.Sprint(quarter, seal, scores, regulation.BoardFormula), err
}

// draftQuarter drafts by the rule what a quarter asks for.
func (s *Store) draftQuarter(ctx context.Context, token int64, period string) (isNew bool, err error) {
	in, seal, err := s.boardInput(ctx, period)
	if err != nil {
		return false, err
	}
	fresh, err := s.prefectureDocket(ctx, regulation.DocketBoard)
	if err != nil {
		return false, err
	}
	return isNew, s.tx(ctx, func(tx *gorm.DB) error {
		isNew = false
		if err := holdsLease(tx, LeaseDockets, token); err != nil {
			return err
		}
		b, wanted, err := s.nextBoard(tx, in, seal, false)
		if err != nil || !wanted {
			return err
		}
		isNew = true
		after, entries := fresh.Drafted(b, s.now())
		return s.keepBoard(tx, b, fresh, after, entries)
	})
}

// DraftBoard drafts the next version of a quarter's board by hand: the first, one whose ranks or scores changed, or one in the
// place of a discarded one. NotNow where the prefecture's quarter is not sealed; Conflict where the last version stands.
func (s *Store) DraftBoard(ctx context.Context, period string, actor regulation.Actor) (id string, err error) {
	if s.sealer == nil {
		return "", errNoKeys
	}
	fresh, err := s.prefectureDocket(ctx, regulation.DocketBoard)
	if err != nil {
		return "", err
	}
	rules, err := s.docketRules(ctx, fresh)
	if err != nil {
		return "", err
	}
	in, seal, err := s.boardInput(ctx, period)
	if err != nil {
		p, _ := regulation.ParsePeriod(period) // refused as none before
		return "", s.unsealed(err, regulation.ClauseBoard, p, rules.Params)
	}
	act, _ := regulation.DocketActOf(regulation.DocketBoard, "draft")
	return fresh.ID, s.tx(ctx, func(tx *gorm.DB) error {
		b, wanted, err := s.nextBoard(tx, in, seal, true)
		if err == nil && !wanted {
			err = &regulation.Error{Code: regulation.Conflict, Clause: regulation.ClauseBoard, Missing: "board_stands"}
		}
		if err != nil {
			return err
		}
		after, e, err := rules.DoDocket(act, fresh.OfBoard(b, s.now()), nil, actor, s.now())
		if err != nil {
			return err
		}
		e.Facts = after.Facts
		return s.keepBoard(tx, b, fresh, after, []regulation.DocketEntry{e})
	})
}

// keepBoard writes a version with its docket, and ends those of the quarter that still wait.
func (s *Store) keepBoard(tx *gorm.DB, b regulation.Board, fresh, after regulation.Docket, entries []regulation.DocketEntry) error {
	if err := s.addBoard(tx, b); err != nil {
		return err
	}
	k := docketing{s, tx, s.now()}
	var rows []docketRow
	err := locked(tx).Where("kind = ? AND period = ? AND stage IN ?", string(regulation.DocketBoard), b.Input.Period,
		[]string{regulation.DocketDrafted, regulation.DocketApproved}).Order("id").Find(&rows).Error
	if err != nil {
		return err
	}
	for _, row := range rows {
		waiting, err := row.docket()
		if err != nil {
			return err
		}
		ended, notes := waiting.Superseded(k.at)
		if err := k.save(waiting, ended, instant(row.StartedAt), notes); err != nil {
			return err
		}
	}
	return k.save(fresh, after, k.at, entries)
}

// nextBoard is the version of a quarter's board that comes after the last, where there is reason for one. A discarded one
// is followed by the same again only by hand.
func (s *Store) nextBoard(tx *gorm.DB, in regulation.BoardInput, seal regulation.Sealed, byHand bool) (b regulation.Board, wanted bool, err error) {
	var last []boardRow
	if err := locked(tx).Where("period = ?", in.Period).Order("version DESC").Limit(1).Find(&last).Error; err != nil {
		return b, false, err
	}
	if len(last) == 0 {
		return regulation.NewBoard(in, 1, []string{regulation.BoardQuarterOver}, s.now()), true, nil
	}
	before, err := last[0].board()
	if err != nil {
		return b, false, err
	}
	if before.Same(in) {
		var row docketRow
		if err := tx.Take(&row, "doc_key = ?", regulation.BoardKey(in.Period, before.Version)).Error; err != nil {
			return b, false, err
		}
		wanted = byHand && row.Stage == regulation.DocketDiscarded
		return regulation.NewBoard(in, before.Version+1, []string{regulation.BoardAgain}, s.now()), wanted, nil
	}
	reasons, err := s.sealedSince(tx, seal, before.Input.Seal)
	if err != nil {
		return b, false, err
	}
	reasons = append(reasons, before.Since(in)...)
	return regulation.NewBoard(in, before.Version+1, reasons, s.now()), true, nil
}

// sealedSince are the reasons of the versions of a sealed quarter after one.
func (s *Store) sealedSince(tx *gorm.DB, seal regulation.Sealed, version int64) (codes []string, err error) {
	var rows []sealRow
	err = tx.Select("reasons").Where("series = ? AND version > ? AND version <= ?", seriesOf(seal.Area, seal.Period), version, seal.Version).Order("version").Find(&rows).Error
	for _, row := range rows {
		var reasons []regulation.SealReason
		if err := json.Unmarshal([]byte(row.Reasons), &reasons); err != nil {
			return nil, err
		}
		for _, reason := range reasons {
			if !slices.Contains(codes, reason.Code) {
				codes = append(codes, reason.Code)
			}
		}
	}
	return codes, err
}

// prefectureDocket is a new docket of the prefecture's authority.
func (s *Store) prefectureDocket(ctx context.Context, kind regulation.DocketKind) (regulation.Docket, error) {
	tree, err := s.Tree(ctx)
	if err != nil {
		return regulation.Docket{}, err
	}
	for _, place := range tree.Orgs(regulation.OrgPrefecture) {
		if office, known := tree.Authority(place.ID); known {
			return s.NewDocket(ctx, kind, office.ID, "")
		}
	}
	return regulation.Docket{}, &regulation.Error{Code: regulation.NotFound, Missing: "organisation"}
}

// RankedOn are the places that a board ranks: the counties, and the prefecture's own departments with the authority among them.
func (s *Store) RankedOn(ctx context.Context) (counties, departments []Org, err error) {
	tree, err := s.Tree(ctx)
	if err != nil {
		return nil, nil, err
	}
	for _, o := range tree.Orgs(regulation.OrgDepartment, regulation.OrgAuthority) {
		if o.Area == regulation.PrefectureArea {
			departments = append(departments, o)
		}
	}
	return tree.Orgs(regulation.OrgCounty), departments, nil
}

// rankedNow are those places as a sealed version notes them.
func (s *Store) rankedNow(ctx context.Context) (*regulation.RankedOrgs, error) {
	counties, departments, err := s.RankedOn(ctx)
	if err != nil {
		return nil, err
	}
	r := &regulation.RankedOrgs{Counties: converted(counties, func(o Org) regulation.RankedOrg { return regulation.RankedOrg{Key: o.Area, Org: o.ID} }),
		Departments: converted(departments, func(o Org) regulation.RankedOrg {
			return regulation.RankedOrg{Key: o.ID, Org: o.ID, Keeps: o.Kind == regulation.OrgAuthority}
		})}
	r.Sort()
	return r, nil
}

// rankedIn are the places that a quarter ranks: those that its sealed version notes, and today's where it is of before that was noted,
// or not sealed.
func (s *Store) rankedIn(ctx context.Context, seal regulation.Sealed) (*regulation.RankedOrgs, error) {
	if seal.Ranked != nil {
		return seal.Ranked, nil
	}
	return s.rankedNow(ctx)
}

// boardInput is what a quarter's board would be computed from now: the last sealed version of the prefecture's quarter, and the
// inspections' scores that stand.
func (s *Store) boardInput(ctx context.Context, period string) (in regulation.BoardInput, seal regulation.Sealed, err error) {
	p, ok := regulation.ParsePeriod(period)
	if !ok || !p.IsQuarter() {
		return in, seal, (&regulation.Error{Code: regulation.Invalid, Clause: regulation.ClauseBoard, Missing: "fields"}).Field("period", "not_a_quarter")
	}
	if seal, err = s.Sealed(ctx, regulation.PrefectureArea, period, 0); err != nil {
		return in, seal, err
	}
	rules, err := s.watchRules(ctx, regulation.PrefectureArea, regulation.BoardEnds(p))
	if err != nil {
		return in, seal, err
	}
	in = regulation.BoardInput{Period: period, Seal: seal.Version, Position: seal.Position, FigureFormula: seal.Formula, Formula: regulation.BoardFormula,
		Edition: rules.Params.Edition, Values: regulation.BoardValuesOf(rules.Params)}
	scores, err := s.inspectionScores(ctx, period)
	if err != nil {
		return in, seal, err
	}
	ranked, err := s.rankedIn(ctx, seal)
	if err != nil {
		return in, seal, err
	}
	for _, o := range ranked.Counties {
		in.Counties = append(in.Counties, rankedPlace(o.Key, seal.Figures.Counties, "", scores[o.Org]))
	}
	for _, o := range ranked.Departments {
		place := rankedPlace(o.Key, seal.Figures.Units, regulation.PrefectureArea, scores[o.Org])
		place.Keeps = o.Keeps
		in.Departments = append(in.Departments, place)
	}
	in.Nonce = newID()
	counties, places, err := s.namesNow(ctx)
	for _, p := range in.Counties {
		in.Named = append(in.Named, counties.named(p.Key)...)
	}
	for _, p := range in.Departments {
		in.Named = append(in.Named, places.named(p.Key)...)
	}
	return in, seal, err
}

// rankedPlace takes a place's line from sealed figures; nothing where nobody rated there.
func rankedPlace(key string, lines []regulation.SealedLine, under string, score *regulation.InspectionScore) regulation.RankedPlace {
	p := regulation.RankedPlace{Key: key, Inspection: score}
	for _, line := range lines {
		if line.Key != key || line.Under != under {
			continue
		}
		p.Given, p.Net = line.Given, line.Net
		if line.Cases != nil {
			p.Cases = *line.Cases
		}
	}
	return p
}

// inspectionScores are those of a quarter that stand, by place.
func (s *Store) inspectionScores(ctx context.Context, period string) (map[string]*regulation.InspectionScore, error) {
	var rows []docketRow
	if err := s.rows(ctx).Where("kind = ? AND period = ?", string(regulation.DocketInspection), period).Find(&rows).Error; err != nil {
		return nil, err
	}
	dockets, err := docketsOf(rows)
	scores := map[string]*regulation.InspectionScore{}
	for _, d := range dockets {
		if score := d.Approved(); score != nil {
			scores[d.Facts["place"]] = score
		}
	}
	return scores, err
}

// NewInspection is what the docket of a place's score in a quarter would be. Refusals: no such county or department of the
// prefecture, one's own office, a period that is none or not over yet.
func (s *Store) NewInspection(ctx context.Context, period, place string) (d regulation.Docket, err error) {
	wrong := &regulation.Error{Code: regulation.Invalid, Clause: regulation.ClauseBoard, Missing: "fields"}
	p, ok := regulation.ParsePeriod(period)
	if !ok || !p.IsQuarter() {
		return d, wrong.Field("period", "not_a_quarter")
	}
	if p.End().After(s.now()) { // it is of the whole quarter
		wrong.From = p.End()
		return d, wrong.Field("period", "quarter_runs")
	}
	seal, err := s.Sealed(ctx, regulation.PrefectureArea, period, 0)
	if refused := (*regulation.Error)(nil); err != nil && (!errors.As(err, &refused) || refused.Code != regulation.NotFound) {
		return d, err
	}
	ranked, err := s.rankedIn(ctx, seal)
	if err != nil {
		return d, err
	}
	if !slices.ContainsFunc(slices.Concat(ranked.Counties, ranked.Departments), func(o regulation.RankedOrg) bool { return o.Org == place && !o.Keeps }) {
		return d, wrong.Field("place", "not_an_option")
	}
	if d, err = s.prefectureDocket(ctx, regulation.DocketInspection); err != nil {
		return d, err
	}
	d.Period, d.Key, d.Facts = period, regulation.InspectionKey(period, place), map[string]string{"place": place}
	return d, nil
}

// boardPublished is what the publication log keeps of a board that comes out.
func boardPublished(d regulation.Docket, actor regulation.Actor, at time.Time) regulation.Published {
	return regulation.Published{Kind: regulation.PublishBoard, Period: d.Period, On: workday.DateOf(at), By: actor.Person, As: actor.As,
		Link: "/board/" + d.Period + "?version=" + strconv.FormatInt(d.BoardVersion(), 10), Digest: d.Facts["digest"]}
}
