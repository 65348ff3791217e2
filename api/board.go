package api

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"haochaping/regulation"
	"haochaping/store"
	"haochaping/web"
	"haochaping/workday"
)

// boardBody is a version of a quarter's board of good ratings (8(1), R37). What everybody reads has the first five ranks of each
// list, with all that are tied with the fifth, and of the others only who is not ranked and why; no count by which a single
// rating could be told. Internally all ranks stand in it, with the counts under each share.
type boardBody struct {
	Period  string        `json:"period"` // such as 2026-Q3
	Version int64         `json:"version"`
	At      time.Time     `json:"made_at"`
	On      *workday.Date `json:"published_on,omitempty"`
	// Last is the version of the quarter that came out last; what is before it stays readable.
	Last     int64            `json:"last_version,omitempty"`
	Reasons  []string         `json:"reasons"`
	Based    boardBasis       `json:"based_on"`
	Digest   string           `json:"digest"`     // SHA-256 of the whole version, as the publication log has it
	Hash     string           `json:"input_hash"` // SHA-256 of all that went into it
	Lists    []boardListBody  `json:"lists"`
	Others   []boardEdition   `json:"published,omitempty"` // what came out, the latest first
	Withheld []*placeBody     `json:"withheld,omitempty"`  // of the reader's own offices nothing is told
	own      []string         // of the reader
	board    regulation.Board // as it is kept
}

// boardBasis is what a board rests on: a version of the prefecture's sealed quarter and the rule.
type boardBasis struct {
	Seal          int64          `json:"sealed_version"`
	Position      int64          `json:"ledger_position"`
	FigureFormula int            `json:"figure_formula"`
	Formula       int            `json:"formula"`
	Edition       string         `json:"edition"`
	Values        map[string]int `json:"parameters"`
}

type boardEdition struct {
	Period  string       `json:"period"`
	Version int64        `json:"version"`
	On      workday.Date `json:"published_on"`
	Digest  string       `json:"digest"`
	Last    bool         `json:"last"`
}

type boardListBody struct {
	List     string              `json:"list"`               // counties, departments
	Withheld string              `json:"withheld,omitempty"` // unlisted: no lines; unranked: not who has no rank for few ratings
	Lines    []boardLineBody     `json:"lines"`
	Unranked []boardUnrankedBody `json:"unranked"`
}

// boardLineBody is a place with its score, two decimals, "" where it is withheld, and then why. Exact is the same as a fraction, internally.
type boardLineBody struct {
	Rank  int             `json:"rank"`
	Tied  bool            `json:"tied"`
	Key   string          `json:"key"`
	Name  string          `json:"name"`
	Score string          `json:"score"`
	Exact string          `json:"exact,omitempty"`
	Why   string          `json:"withheld,omitempty"` // further, unlisted, bulletin, few
	Parts []boardPartBody `json:"parts"`
}

// boardPartBody is one component in percent; Missing is why it counts for nothing: its weight goes to the others.
type boardPartBody struct {
	Name    string `json:"name"`
	Weight  int    `json:"weight"`
	Value   string `json:"value,omitempty"`
	Missing string `json:"missing,omitempty"`
	Of      int64  `json:"of,omitempty"`
	Among   int64  `json:"among,omitempty"`
}

type boardUnrankedBody struct {
	Key    string `json:"key"`
	Name   string `json:"name"`
	Reason string `json:"reason"`
}

// boardsBody lists what came out.
type boardsBody struct {
	Boards []boardEdition `json:"boards"`
}

// showBoards leads to the latest board that came out, and lists all of them for programs.
func (a *API) showBoards(r *request) (answer, error) {
	out, err := a.Store.PublishedBoards(r.http().Context())
	if err != nil {
		return answer{}, err
	}
	body := boardsBody{Boards: editionsOf(out)}
	if len(out) == 0 {
		return answer{body: body, view: &web.BoardView{Page: a.pageFor(r)}, shared: true}, nil
	}
	latest, err := a.publicBoard(r, out, out[0].Period, 0)
	if err != nil {
		return answer{}, err
	}
	return answer{body: body, view: a.boardPage(r, latest), shared: true}, nil
}

func editionsOf(out []store.PublishedBoard) []boardEdition {
	all := []boardEdition{}
	for _, p := range out {
		all = append(all, boardEdition(p))
	}
	return all
}

// showBoard is a quarter's board as it came out last, or in an earlier version.
func (a *API) showBoard(r *request) (answer, error) {
	body, err := a.askedBoard(r)
	if err != nil {
		return answer{}, err
	}
	return answer{body: body, view: a.boardPage(r, body), shared: true}, nil
}

func (a *API) askedBoard(r *request) (boardBody, error) {
	out, err := a.Store.PublishedBoards(r.http().Context())
	if err != nil {
		return boardBody{}, err
	}
	version, err := strconv.ParseInt(r.query("version"), 10, 64)
	if r.query("version") != "" && (err != nil || version < 1) {
		return boardBody{}, notFound("board")
	}
	return a.publicBoard(r, out, r.param("period"), version)
}

// publicBoard is a version as everybody reads it, the last of its quarter for 0. Of what did not come out nobody learns.
func (a *API) publicBoard(r *request, out []store.PublishedBoard, period string, version int64) (boardBody, error) {
	i := slices.IndexFunc(out, func(p store.PublishedBoard) bool {
		return p.Period == period && (version == 0 && p.Last || p.Version == version)
	})
	if i < 0 {
		return boardBody{}, notFound("board")
	}
	b, err := a.Store.Board(r.http().Context(), period, out[i].Version)
	if err != nil {
		return boardBody{}, err
	}
	further := slices.ContainsFunc(out, func(p store.PublishedBoard) bool { return p.Period == period && p.Version < b.Version })
	figures, err := a.Store.PublicTables(r.http().Context(), period)
	if err != nil {
		return boardBody{}, err
	}
	outcomes, err := a.Store.OutcomesTold(r.http().Context(), period)
	if err != nil {
		return boardBody{}, err
	}
	b = b.Open(further, figures, outcomes)
	body := a.boardBody(r, b, nil, true)
	body.why(b, further, figures, outcomes)
	body.Digest = out[i].Digest // of the whole version, not of what is told of it
	body.On, body.Others = &out[i].On, editionsOf(out)
	for _, p := range out {
		if p.Period == period && p.Last {
			body.Last = p.Version
		}
	}
	return body, nil
}

// boardBody is a board as a reader sees it; own are offices of theirs of which nothing is told (2).
func (a *API) boardBody(r *request, b regulation.Board, own []string, open bool) boardBody {
	in := b.Input
	body := boardBody{Period: in.Period, Version: b.Version, At: b.At, Reasons: append([]string{}, b.Reasons...), Digest: b.Digest(), Hash: b.InputHash, own: own, board: b,
		Based: boardBasis{in.Seal, in.Position, in.FigureFormula, in.Formula, in.Edition, in.Values}}
	p, names := a.places(r), a.namesOf(r, b.Place)
	for _, list := range []struct {
		code string
		of   regulation.Ranking
	}{{"counties", b.Counties}, {"departments", b.Departments}} {
		told := boardListBody{List: list.code, Withheld: list.of.Withheld, Lines: []boardLineBody{}, Unranked: []boardUnrankedBody{}}
		for _, line := range list.of.Lines {
			if slices.Contains(own, line.Key) {
				body.Withheld = append(body.Withheld, p.body(line.Key))
				continue
			}
			told.Lines = append(told.Lines, boardLineOf(line, list.of.Tied(line), names(line.Key), open))
		}
		for _, u := range list.of.Unranked {
			told.Unranked = append(told.Unranked, boardUnrankedBody{u.Key, names(u.Key), u.Reason})
		}
		body.Lists = append(body.Lists, told)
	}
	return body
}

// why notes of each line whose score is withheld by which rule it is.
func (body *boardBody) why(b regulation.Board, further bool, figures []regulation.PublicTable, outcomes map[string]bool) {
	for i, of := range []regulation.Ranking{b.Counties, b.Departments} {
		for j, line := range of.Lines {
			body.Lists[i].Lines[j].Why = regulation.WithheldWhy(line, i == 1, further, figures, outcomes)
		}
	}
}

func boardLineOf(line regulation.RankedLine, tied bool, name string, open bool) boardLineBody {
	b := boardLineBody{Rank: line.Rank, Tied: tied, Key: line.Key, Name: name, Score: line.Shown}
	for _, part := range line.Parts {
		told := boardPartBody{Name: part.Name, Weight: part.Weight, Value: part.Value, Missing: part.Missing}
		if !open {
			told.Of, told.Among = part.Of, part.Among
		}
		b.Parts = append(b.Parts, told)
	}
	if !open {
		b.Exact = line.Score
	}
	return b
}

// boardPage is the public page, the same for everybody.
func (a *API) boardPage(r *request, b boardBody) *web.BoardView {
	v := &web.BoardView{Page: a.pageFor(r), Period: b.Period, Version: b.Version, Last: b.Last, Seal: b.Based.Seal, Position: b.Based.Position, Formula: b.Based.Formula,
		FigureFormula: b.Based.FigureFormula, Edition: b.Based.Edition, Digest: b.Digest, Hash: b.Hash, On: b.On.Start(), Reasons: b.Reasons, Lists: boardLists(b), Rule: boardRule(b)}
	v.Title = web.BoardTitle(r.lang, b.Period)
	for _, o := range b.Others {
		v.Others = append(v.Others, web.BoardEdition{Period: o.Period, Version: o.Version, On: o.On.Start(), Current: o.Period == b.Period && o.Version == b.Version, Last: o.Last})
	}
	return v
}

func boardLists(b boardBody) []web.BoardList {
	var lists []web.BoardList
	for _, list := range b.Lists {
		told := web.BoardList{Code: list.List, Withheld: list.Withheld}
		for _, line := range list.Lines {
			shown := web.BoardLine{Rank: line.Rank, Tied: line.Tied, Name: line.Name, Score: line.Score, Why: line.Why}
			for _, part := range line.Parts {
				shown.Parts = append(shown.Parts, web.BoardPart{Name: part.Name, Value: part.Value, Missing: part.Missing, Of: part.Of, Among: part.Among})
			}
			told.Lines = append(told.Lines, shown)
		}
		for _, u := range list.Unranked {
			told.Add(u.Reason, u.Name)
		}
		lists = append(lists, told)
	}
	return lists
}

// boardRule is the formula as a page prints it, with the numbers of this board.
func boardRule(b boardBody) web.BoardRule {
	rule := web.BoardRule{LeastRatings: b.Based.Values[regulation.BoardLeastRatings], LeastCases: b.Based.Values[regulation.BoardLeastCases],
		RanksKeeper: b.Based.Values[regulation.BoardRanksKeeper] == 1}
	names, weights := regulation.ScoreComponents()
	for i, name := range names {
		weight := b.Based.Values[weights[i]]
		rule.Weights = append(rule.Weights, web.BoardWeight{Name: name, Weight: weight})
		rule.Sum += weight
	}
	return rule
}

// readBoard hands out what everybody may read of a board as a file for programs.
func (a *API) readBoard(r *request) (answer, error) {
	body, err := a.askedBoard(r)
	if err != nil {
		return answer{}, err
	}
	return sharedFile(r, "application/json; charset=utf-8", boardFile(body, "json"), append(encode(body), '\n')), nil
}

// readBoardTable does so as a table for spreadsheets, in the reader's language.
func (a *API) readBoardTable(r *request) (answer, error) {
	body, err := a.askedBoard(r)
	if err != nil {
		return answer{}, err
	}
	content, err := spreadsheet(web.BoardTexts(r.lang, boardLists(body), boardNotes(r, body)))
	return sharedFile(r, "text/csv; charset=utf-8", boardFile(body, "csv"), content), err
}

// boardNotes stand below a table that left the page: what it is of.
func boardNotes(r *request, b boardBody) [][2]string {
	say := func(key string, args ...any) string { return web.T(r.lang, key, args...) }
	return [][2]string{{web.BoardTitle(r.lang, b.Period), say("board.version", b.Version)}, {say("board.seal"), say("board.seal.text", b.Based.Seal, b.Based.Position)},
		{say("board.formula"), strconv.Itoa(b.Based.Formula) + " · " + b.Based.Edition}, {say("board.hash"), b.Hash}, {say("board.digest"), b.Digest}}
}

func boardFile(b boardBody, kind string) string {
	return "board-" + b.Period + "-v" + strconv.FormatInt(b.Version, 10) + "." + kind
}

// sharedFile is a file that is the same for everybody and may be kept.
func sharedFile(r *request, kind, name string, content []byte) answer {
	return answer{file: func(c echo.Context) error {
		c.Response().Header().Set(echo.HeaderContentDisposition, `attachment; filename="`+name+`"`)
		c.Response().Header().Add(echo.HeaderVary, "Accept-Language, Cookie") // it names places in the reader's language
		if keptBefore(r, content) {
			return c.NoContent(http.StatusNotModified)
		}
		return c.Blob(http.StatusOK, kind, content)
	}}
}
