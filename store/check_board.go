package store

import (
	"context"
	"encoding/json"
	"slices"

	"haochaping/regulation"
)

// boards holds every version of a board against the sealed version that it names and the inspections that were approved: what went
// in stands there, ranks and scores are what it comes to, and what its docket says came out is this (R37, R51).
func (v *verifier) boards(ctx context.Context) error {
	if !v.wants(CheckBoards) || v.options.Case != "" {
		return nil
	}
	var rows []boardRow
	if err := v.s.rows(ctx).Select("period, version").Order("period, version").Find(&rows).Error; err != nil {
		return err
	}
	for _, row := range rows {
		var fault error
		v.timed(CheckBoards, 1, func() { fault = v.boardVersion(ctx, row.Period, row.Version) })
		if fault != nil || v.faults != nil {
			return firstOf(fault, v.faults)
		}
	}
	return nil
}

func (v *verifier) boardVersion(ctx context.Context, period string, version int64) error {
	find := func(code string, about ...string) {
		v.find(Finding{Check: CheckBoards, Code: code, Area: regulation.PrefectureArea, About: append([]string{eventRef(period, version)}, about...)})
	}
	row, err := boardRowOf(v.s.rows(ctx), period, version)
	if err != nil {
		return err
	}
	b, err := row.board()
	if err != nil {
		find("board_unreadable")
		return nil
	}
	wrong, err := v.boardWrong(ctx, b)
	if err != nil {
		return err
	}
	if len(wrong) > 0 {
		find("board_differs", wrong...)
	}
	var docket docketRow
	if err := v.s.rows(ctx).Where("doc_key = ?", regulation.BoardKey(period, version)).Limit(1).Find(&docket).Error; err != nil {
		return err
	}
	if d, err := docket.docket(); docket.ID == "" || err != nil || d.Facts["digest"] != row.Digest {
		find("board_other", "docket")
	}
	return nil
}

// boardWrong are the parts of a board that are not what the record comes to.
func (v *verifier) boardWrong(ctx context.Context, b regulation.Board) (wrong []string, err error) {
	var seals []sealRow
	if err := v.s.rows(ctx).Where("series = ? AND version = ?", seriesOf(regulation.PrefectureArea, b.Input.Period), b.Input.Seal).Find(&seals).Error; err != nil {
		return nil, err
	}
	if len(seals) == 0 {
		return []string{"seal"}, nil
	}
	seal, err := seals[0].sealed()
	if err != nil || seal.Position != b.Input.Position || seal.Formula != b.Input.FigureFormula {
		return []string{"seal"}, nil
	}
	again := regulation.NewBoard(b.Input, b.Version, b.Reasons, b.At)
	if again.InputHash != b.InputHash {
		wrong = append(wrong, "input_hash")
	}
	// What an earlier formula came to is recounted by nobody any more; what went in still is.
	if b.Input.Formula == regulation.BoardFormula && again.Digest() != b.Digest() {
		wrong = append(wrong, "ranking")
	}
	weights, err := v.weightsWrong(ctx, b.Input)
	if err != nil {
		return nil, err
	}
	places, err := v.placesWrong(ctx, b.Input, seal)
	if err != nil {
		return nil, err
	}
	wrong = slices.Concat(wrong, weights, places)
	for _, p := range b.Input.Counties {
		if differs(p, rankedPlace(p.Key, seal.Figures.Counties, "", p.Inspection)) {
			wrong = append(wrong, "counties/"+p.Key)
		}
	}
	for _, p := range b.Input.Departments {
		if differs(p, rankedPlace(p.Key, seal.Figures.Units, regulation.PrefectureArea, p.Inspection)) {
			wrong = append(wrong, "departments/"+p.Key)
		}
	}
	scores, err := v.inspectionsWrong(ctx, b.Input)
	return append(wrong, scores...), err
}

// weightsWrong are the weights and limits of a board that are not those of the edition in force when its quarter ended. One by an earlier
// formula may lack a parameter that came with a later one.
func (v *verifier) weightsWrong(ctx context.Context, in regulation.BoardInput) (wrong []string, err error) {
	period, ok := regulation.ParsePeriod(in.Period)
	if !ok {
		return []string{"period"}, nil
	}
	rules, err := v.s.watchRules(ctx, regulation.PrefectureArea, regulation.BoardEnds(period))
	if err != nil {
		return nil, err
	}
	if rules.Params.Edition != in.Edition {
		wrong = append(wrong, "edition")
	}
	want := regulation.BoardValuesOf(rules.Params)
	for _, name := range regulation.BoardParams {
		if value, given := in.Values[name]; value != want[name] || !given && in.Formula == regulation.BoardFormula {
			wrong = append(wrong, "values/"+name)
		}
	}
	return wrong, nil
}

// placesWrong are the places that a board leaves out, or that are none of its quarter: by those that its sealed version notes, or, of
// before that was noted, by whom that version has figures of.
func (v *verifier) placesWrong(ctx context.Context, in regulation.BoardInput, seal regulation.Sealed) (wrong []string, err error) {
	if seal.Ranked != nil {
		return append(otherPlaces("counties/", in.Counties, seal.Ranked.Counties), otherPlaces("departments/", in.Departments, seal.Ranked.Departments)...), nil
	}
	tree, err := v.s.Tree(ctx)
	if err != nil {
		return nil, err
	}
	has := func(places []regulation.RankedPlace, key string) bool {
		return slices.ContainsFunc(places, func(p regulation.RankedPlace) bool { return p.Key == key })
	}
	for _, line := range seal.Figures.Counties {
		if line.Key != regulation.PrefectureArea && !has(in.Counties, line.Key) {
			wrong = append(wrong, "counties/"+line.Key)
		}
	}
	for _, line := range seal.Figures.Units {
		o, _ := tree.Org(line.Key)
		if line.Under == regulation.PrefectureArea && (o.Kind == regulation.OrgDepartment || o.Kind == regulation.OrgAuthority) && o.Area == regulation.PrefectureArea && !has(in.Departments, line.Key) {
			wrong = append(wrong, "departments/"+line.Key)
		}
	}
	return wrong, nil
}

// otherPlaces are those of a list that is not the one that was noted, or that keep the board in one of the two alone.
func otherPlaces(list string, have []regulation.RankedPlace, want []regulation.RankedOrg) (wrong []string) {
	noted := map[string]bool{}
	for _, o := range want {
		noted[o.Key] = o.Keeps
	}
	for _, p := range have {
		if keeps, known := noted[p.Key]; !known || keeps != p.Keeps {
			wrong = append(wrong, list+p.Key)
		}
		delete(noted, p.Key)
	}
	for key := range noted {
		wrong = append(wrong, list+key)
	}
	slices.Sort(wrong)
	return wrong
}

func differs(a, b regulation.RankedPlace) bool {
	return a.Given != b.Given || a.Net != b.Net || a.Cases != b.Cases
}

// inspectionsWrong are the scores of a board that nobody approved.
func (v *verifier) inspectionsWrong(ctx context.Context, in regulation.BoardInput) (wrong []string, err error) {
	for _, p := range slices.Concat(in.Counties, in.Departments) {
		if p.Inspection == nil {
			continue
		}
		var rows []docketEntryRow
		if err := v.s.rows(ctx).Where("docket_id = ? AND seq = ? AND name = ?", p.Inspection.Docket, p.Inspection.Seq, "approve").Find(&rows).Error; err != nil {
			return nil, err
		}
		var e regulation.DocketEntry
		if len(rows) == 1 && json.Unmarshal(rows[0].Body, &e) == nil {
			points, ok := regulation.ParseInspection(e.Facts["inspection_score"])
			if ok && points == p.Inspection.Hundredths && v.isPlace(ctx, e.Facts["place"], p.Key) {
				continue
			}
		}
		wrong = append(wrong, "inspection/"+p.Key)
	}
	return wrong, nil
}

// isPlace tells whether an organisation is the place of a key: a department by its id, a county by its division.
func (v *verifier) isPlace(ctx context.Context, org, key string) bool {
	if org == key {
		return true
	}
	tree, err := v.s.Tree(ctx)
	if err != nil {
		return false
	}
	o, known := tree.Org(org)
	return known && o.Kind == regulation.OrgCounty && o.Area == key
}
