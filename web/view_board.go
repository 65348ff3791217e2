package web

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"haochaping/regulation"
)

// BoardPart is one component of a score, board.part.<Name>: in percent, or why it does not count, board.missing.<Missing>. Of and
// Among are the counts under it where the reader may know them.
type BoardPart struct {
	Name, Value, Missing string
	Of, Among            int64
}

// BoardLine is a ranked place; Score is "" where it is withheld, Why then by which rule, board.why.<Why>.
type BoardLine struct {
	Rank        int
	Tied        bool
	Name, Score string
	Why         string
	Parts       []BoardPart
}

// From is how many a share has on each side at least to be told.
func (BoardLine) From() int { return regulation.OpenFrom }

// BoardUnranked are the places that are not ranked for one reason, board.unranked.<Reason>.
type BoardUnranked struct {
	Reason string
	Names  []string
}

// BoardList is one list of a board, board.list.<Code>; Withheld is why it does not say all of it, board.kept_back.<Withheld>.
type BoardList struct {
	Code     string
	Withheld string
	Lines    []BoardLine
	Unranked []BoardUnranked
}

// AllWhy is why nothing of any line's score is told where it is the same for all: it stands once below the list then, which has no columns of nothing. "" where not.
func (l BoardList) AllWhy() string {
	if len(l.Lines) < 2 {
		return ""
	}
	for _, line := range l.Lines {
		if line.Why != l.Lines[0].Why || !line.Untold() {
			return ""
		}
	}
	return l.Lines[0].Why
}

// Untold tells whether nothing of a line's score is told, neither the score nor a share.
func (l BoardLine) Untold() bool {
	return l.Why != "" && l.Score == "" && !slices.ContainsFunc(l.Parts, func(p BoardPart) bool { return p.Value != "" })
}

// From is how many a share has on each side at least to be told.
func (BoardList) From() int { return regulation.OpenFrom }

// Add puts a place among those that are not ranked.
func (l *BoardList) Add(reason, name string) {
	for i := range l.Unranked {
		if l.Unranked[i].Reason == reason {
			l.Unranked[i].Names = append(l.Unranked[i].Names, name)
			return
		}
	}
	l.Unranked = append(l.Unranked, BoardUnranked{reason, []string{name}})
}

// BoardWeight is a component's weight.
type BoardWeight struct {
	Name   string
	Weight int
}

// BoardRule is the formula of a composite score with its numbers.
type BoardRule struct {
	Weights                       []BoardWeight
	Sum, LeastRatings, LeastCases int
	RanksKeeper                   bool
}

// BoardEdition is a version that came out.
type BoardEdition struct {
	Period        string
	Version       int64
	On            time.Time
	Current, Last bool
}

// Year and Quarter are the parts of a quarter's name.
func (e BoardEdition) Year() string { return e.Period[:4] }

// Quarter is its number.
func (e BoardEdition) Quarter() string { return e.Period[6:] }

// BoardTitle names a quarter's board.
func BoardTitle(lang Lang, period string) string {
	e := BoardEdition{Period: period}
	return T(lang, "board.of", e.Year(), e.Quarter())
}

// BoardView is a quarter's board of good ratings as everybody reads it (8(1)); Version is 0 where none came out yet.
type BoardView struct {
	Page
	citizens
	Period, Edition, Digest, Hash string
	Version, Last, Seal, Position int64
	Formula, FigureFormula        int
	On                            time.Time
	Reasons                       []string // board.reason.<code>
	Lists                         []BoardList
	Rule                          BoardRule
	Others                        []BoardEdition
}

func (*BoardView) template() string { return "board" }

// Address is where this version stands.
func (v *BoardView) Address(kind string) string {
	return "/board/" + v.Period + kind + "?version=" + strconv.FormatInt(v.Version, 10)
}

// RankedBoard is a board within the page of its docket: all ranks, with the counts under each share.
type RankedBoard struct {
	Lists         []BoardList
	Rule          BoardRule
	Reasons       []string
	Withheld      []string // the reader's own offices
	Counts        bool
	Edition, Hash string
	Formula       int
}

// BoardTexts are the lists of a board as a table of texts, with notes on what it is below.
func BoardTexts(lang Lang, lists []BoardList, notes [][2]string) [][]string {
	head := []string{T(lang, "board.list"), T(lang, "board.rank"), T(lang, "board.place"), T(lang, "board.score")}
	rows := [][]string{head}
	for _, list := range lists {
		for _, line := range list.Lines {
			score := line.Score
			switch {
			case score == "" && line.Why != "":
				score = T(lang, "board.why."+line.Why, line.From())
			case score == "":
				score = T(lang, "board.missing.withheld")
			}
			row := []string{T(lang, "board.list."+list.Code), strconv.Itoa(line.Rank), line.Name, score}
			for _, part := range line.Parts {
				if len(rows) == 1 {
					rows[0] = append(rows[0], T(lang, "board.part."+part.Name)+T(lang, "board.percent"))
				}
				text := part.Value
				if text == "" {
					text = T(lang, "board.missing."+part.Missing)
				}
				row = append(row, text)
			}
			rows = append(rows, row)
		}
		if list.Withheld != "" {
			rows = append(rows, []string{T(lang, "board.list."+list.Code), T(lang, "board.kept_back."+list.Withheld), "", ""})
		}
		for _, u := range list.Unranked {
			rows = append(rows, []string{T(lang, "board.list."+list.Code), strings.TrimRight(T(lang, "board.unranked."+u.Reason), "：: "), strings.Join(u.Names, T(lang, "and")), ""})
		}
	}
	for _, note := range notes {
		rows = append(rows, []string{note[0], note[1]})
	}
	width := len(rows[0])
	for i := range rows {
		rows[i] = append(rows[i], make([]string, max(0, width-len(rows[i])))...)
	}
	return rows
}
