package regulation

import (
	"slices"
	"strconv"
	"time"

	"haochaping/workday"
)

// The board of good ratings (“好评”榜): each quarter the top five counties and the top five departments of the prefecture by
// composite score (8(1), R37). A version of a board rests on one sealed version of the prefecture's quarter and never changes;
// what comes later makes the next version, with its reason.

// BoardInput is all that a board is computed from.
type BoardInput struct {
	Period string `json:"period"` // such as 2026-Q3
	// Seal is the version of the prefecture's sealed quarter, Position the leaves of the ledger that it counted, FigureFormula by
	// which version of the formulae.
	Seal          int64 `json:"seal"`
	Position      int64 `json:"position"`
	FigureFormula int   `json:"figure_formula"`
	Formula       int   `json:"formula"` // BoardFormula
	// Edition is that in force when the quarter ended: weights are not chosen after it is known whom they favour. Values are
	// its values of BoardParams.
	Edition     string         `json:"edition"`
	Values      map[string]int `json:"values"`
	Counties    []RankedPlace  `json:"counties"`
	Departments []RankedPlace  `json:"departments"`
	// Named are those places as they were called when the board was made; boards of before are without.
	Named []PublicPlace `json:"named,omitempty"`
	// Nonce is by chance, so that the hash of what went in and the digest of the board, which everybody reads, tell nobody who tries
	// counts until one fits; boards of before are without.
	Nonce string `json:"nonce,omitempty"`
}

// Board is one version of a quarter's board.
type Board struct {
	Version int64     `json:"version"` // from 1
	At      time.Time `json:"at"`
	// Reasons are why it was made: BoardQuarterOver for the first, what changed since for any other.
	Reasons     []string   `json:"reasons"`
	Input       BoardInput `json:"input"`
	InputHash   string     `json:"input_hash"` // SHA-256 of the input's JSON
	Counties    Ranking    `json:"counties"`
	Departments Ranking    `json:"departments"`
}

// Reasons for a version, besides those of the sealed versions since.
const (
	BoardQuarterOver = "quarter_over"
	BoardInspection  = "inspection" // a score of the provincial rules was approved
	BoardFormulas    = "board_formula"
	BoardValues      = "parameters"
	BoardAgain       = "again"  // the version before was discarded
	BoardListed      = "places" // other counties or departments are ranked
)

// Hash is the SHA-256 of the input's JSON, 64 hexadecimal digits: the same input with its nonce gives the same, whoever computes it.
func (in BoardInput) Hash() string { return DigestOf(in) }

// Digest is the SHA-256 of a board's JSON.
func (b Board) Digest() string { return DigestOf(b) }

// NewBoard computes a version of a board.
func NewBoard(in BoardInput, version int64, reasons []string, at time.Time) Board {
	return Board{Version: version, At: at.UTC().Truncate(time.Microsecond), Reasons: reasons, Input: in, InputHash: in.Hash(),
		Counties: RankPlaces(in.Counties, in.Values), Departments: RankPlaces(in.Departments, in.Values)}
}

// Place finds how a place was called when a board was made, nil where that is not kept.
func (b Board) Place(key string) *PublicPlace { return placeNamed(key, b.Input.Named) }

// Same tells whether a board has the same ranks and scores as an input would give now.
func (b Board) Same(in BoardInput) bool {
	return b.Counties.same(RankPlaces(in.Counties, in.Values)) && b.Departments.same(RankPlaces(in.Departments, in.Values))
}

func (r Ranking) same(o Ranking) bool {
	return slices.Equal(r.Unranked, o.Unranked) && slices.EqualFunc(r.Lines, o.Lines, func(a, b RankedLine) bool {
		return a.Rank == b.Rank && a.Key == b.Key && a.Score == b.Score
	})
}

// Since tells what changed between a board and an input, besides what the sealed versions tell.
func (b Board) Since(in BoardInput) (reasons []string) {
	scores := func(places []RankedPlace) (all []string) {
		for _, p := range places {
			if p.Inspection != nil {
				all = append(all, p.Key+"/"+p.Inspection.Docket+"/"+strconv.FormatInt(p.Inspection.Seq, 10))
			}
		}
		return all
	}
	if !slices.Equal(scores(b.Input.Counties), scores(in.Counties)) || !slices.Equal(scores(b.Input.Departments), scores(in.Departments)) {
		reasons = append(reasons, BoardInspection)
	}
	if b.Input.Formula != in.Formula {
		reasons = append(reasons, BoardFormulas)
	}
	for _, name := range BoardParams {
		if b.Input.Values[name] != in.Values[name] && !contains(reasons, BoardValues) {
			reasons = append(reasons, BoardValues)
		}
	}
	keys := func(places []RankedPlace) (all []string) {
		for _, p := range places {
			all = append(all, p.Key)
		}
		return all
	}
	if !slices.Equal(keys(b.Input.Counties), keys(in.Counties)) || !slices.Equal(keys(b.Input.Departments), keys(in.Departments)) {
		reasons = append(reasons, BoardListed)
	}
	return reasons
}

// BoardEnds is from when on no edition changes a quarter's board any more: the end of the quarter.
func BoardEnds(period Period) time.Time { return period.End().Add(-time.Microsecond) }

// BoardValuesOf are an edition's values of BoardParams.
func BoardValuesOf(p Params) map[string]int {
	values := map[string]int{}
	for _, name := range BoardParams {
		values[name] = p.Days(name)
	}
	return values
}

// EntryDrafted is a board that the rule drafted, EntrySuperseded one that waited when a later version was.
const (
	EntryDrafted    = "drafted"
	EntrySuperseded = "superseded"
)

// Stages of boards and of inspections' scores.
const (
	DocketDiscarded  = "discarded"
	DocketSuperseded = "superseded"
)

// boardActs: whoever drafts does not approve, whoever approves does not publish, so that two persons at least stand for what
// comes out also where the rule drafted it.
var boardActs = []DocketAct{
	{Name: "draft", Kind: DocketBoard, Side: DocketKeeps, To: DocketDrafted, Waits: true},
	{Name: "approve", Kind: DocketBoard, Stages: []string{DocketDrafted}, Side: DocketKeeps, To: DocketApproved, Other: true, Waits: true},
	{Name: "publish", Kind: DocketBoard, Stages: []string{DocketApproved}, Side: DocketKeeps, To: DocketPublished, Other: true, do: func(m *docketMove) *Error {
		m.e.Facts["digest"] = m.d.Facts["digest"]
		m.end()
		return nil
	}},
	{Name: "discard", Kind: DocketBoard, Stages: []string{DocketDrafted, DocketApproved}, Side: DocketKeeps, Fields: []Field{docketReasons}, To: DocketDiscarded,
		do: func(m *docketMove) *Error { m.end(); return nil }},
}

// BoardKey is the key of a board's docket.
func BoardKey(period string, version int64) string {
	return "board/" + period + "/" + strconv.FormatInt(version, 10)
}

// Drafted is the docket of a board that the rule drafted.
func (d Docket) Drafted(b Board, at time.Time) (Docket, []DocketEntry) {
	d = d.OfBoard(b, at)
	d.Stage = DocketDrafted
	return d, []DocketEntry{d.record(DocketEntry{Name: EntryDrafted, Facts: cloneMap(d.Facts)}, at)}
}

// OfBoard is a new docket with what it keeps of its board.
func (d Docket) OfBoard(b Board, at time.Time) Docket {
	d.Kind, d.Period, d.Key, d.Since = DocketBoard, b.Input.Period, BoardKey(b.Input.Period, b.Version), workday.DateOf(at)
	d.Facts = map[string]string{"board_version": strconv.FormatInt(b.Version, 10), "seal_version": strconv.FormatInt(b.Input.Seal, 10),
		"position": strconv.FormatInt(b.Input.Position, 10), "digest": b.Digest()}
	return d
}

// Superseded ends a board that waits, since a later version was drafted.
func (d Docket) Superseded(at time.Time) (Docket, []DocketEntry) {
	d.Stage, d.Ended, d.Pending = DocketSuperseded, workday.DateOf(at), nil
	return d, []DocketEntry{d.record(DocketEntry{Name: EntrySuperseded}, at)}
}

// BoardVersion is the version that a board's docket is of.
func (d Docket) BoardVersion() int64 {
	version, _ := strconv.ParseInt(d.Facts["board_version"], 10, 64) // written by us; 0 is none
	return version
}
