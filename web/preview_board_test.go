package web

import (
	"slices"
	"strings"
	"testing"
)

// boardLists are two lists with ties, shares that do not count, and places that are not ranked.
func boardLists(counts bool) []BoardList {
	part := func(name, value, missing string, of, among int64) BoardPart {
		p := BoardPart{Name: name, Value: value, Missing: missing}
		if counts && value != "" {
			p.Of, p.Among = of, among
		}
		return p
	}
	line := func(rank int, tied bool, name, score string) BoardLine {
		return BoardLine{rank, tied, name, score, "", []BoardPart{part("good", "98.71", "", 2610, 2644), part("handled", "100.00", "", 61, 61), part("in_time", "", "few", 0, 0),
			part("active", "76.40", "", 2644, 3461), part("inspection", "", "not_entered", 0, 0)}}
	}
	counties := BoardList{Code: "counties", Lines: []BoardLine{line(1, false, "康定市", "97.31"), line(2, true, "泸定县", "96.88"), line(2, true, "丹巴县", "96.88"), line(4, false, "稻城县", "95.02"),
		line(5, true, "理塘县", "94.77"), line(5, true, "巴塘县", "94.77")}}
	if !counts { // as everybody reads it
		few := &counties.Lines[3]
		few.Score, few.Why = "", "few"
		for i := range few.Parts[:4] {
			few.Parts[i] = BoardPart{Name: few.Parts[i].Name, Missing: "withheld"}
		}
	}
	for _, name := range []string{"石渠县", "色达县", "得荣县"} {
		counties.Add("few_ratings", name)
	}
	departments := BoardList{Code: "departments", Lines: []BoardLine{line(1, false, "甘孜藏族自治州市场监督管理局", "98.10"), line(2, false, "甘孜藏族自治州人力资源和社会保障局", "97.45")}}
	for i := range departments.Lines {
		if l := &departments.Lines[i]; !counts { // nothing of any is told, which is said once
			l.Score, l.Why = "", "few"
			for n, part := range l.Parts {
				l.Parts[n] = BoardPart{Name: part.Name, Missing: "withheld"}
			}
		}
	}
	departments.Add("keeps_board", "甘孜藏族自治州行政审批局")
	departments.Add("few_ratings", "甘孜藏族自治州水利局")
	return []BoardList{counties, departments}
}

func boardRule() BoardRule {
	return BoardRule{Weights: []BoardWeight{{"good", 50}, {"handled", 15}, {"in_time", 15}, {"active", 10}, {"inspection", 10}}, Sum: 100, LeastRatings: 30, LeastCases: 5}
}

const boardHash = "0f4fa8d5b1c90f4fa8d5b1c90f4fa8d5b1c90f4fa8d5b1c90f4fa8d5b1c9abcd"

// boardView is a board that was corrected since.
func boardView() *BoardView {
	v := &BoardView{Period: "2026-Q1", Version: 2, Last: 3, Seal: 2, Position: 182_404, Formula: 1, FigureFormula: 1, Edition: "2019-12-27/1", Digest: boardHash, Hash: boardHash,
		On: at("2026-04-14 00:00"), Reasons: []string{"late_ratings", "inspection"}, Lists: boardLists(false), Rule: boardRule()}
	v.Title = BoardTitle(Chinese, v.Period)
	v.Others = []BoardEdition{{Period: "2026-Q1", Version: 3, On: at("2026-05-04 00:00"), Last: true}, {Period: "2026-Q1", Version: 2, On: at("2026-04-14 00:00"), Current: true},
		{Period: "2025-Q4", Version: 1, On: at("2026-01-13 00:00"), Last: true}}
	return v
}

// unlistedBoardView is a board beside figures that list no department of the prefecture.
func unlistedBoardView() *BoardView {
	v := boardView()
	v.Lists[0].Withheld = "unranked" // so that both can be looked at
	v.Lists[1].Withheld, v.Lists[1].Lines, v.Lists[1].Unranked = "unlisted", nil, v.Lists[1].Unranked[:1]
	return v
}

// Page and table say why a list has no lines, and not that nobody has enough ratings.
func TestABoardSaysWhatItKeepsBack(t *testing.T) {
	for _, lang := range []Lang{Chinese, English} {
		page := render(t, setup(t), unlistedBoardView(), lang)
		var table []string
		for _, row := range BoardTexts(lang, unlistedBoardView().Lists, nil) {
			table = append(table, row...)
		}
		for _, why := range []string{"unlisted", "unranked"} {
			if text := T(lang, "board.kept_back."+why); !strings.Contains(page, strings.ReplaceAll(text, "'", "&#39;")) || !slices.Contains(table, text) {
				t.Errorf("%s: %s is not said", lang, why)
			}
		}
		if strings.Contains(page, T(lang, "board.nobody")) {
			t.Errorf("%s: it says that nobody has enough ratings", lang)
		}
	}
}

// boardDocketView is a board that waits for its approval.
func boardDocketView() *DocketView {
	v := &DocketView{Page: staffPage("boards"), Code: "boards", Back: "/boards", Kind: "board", Clause: "8(1)", State: Cell{Message: Msg("docket.stage.board.drafted"), Badge: "info"}}
	v.Title = BoardTitle(Chinese, "2026-Q1") + " · 第 2 版"
	v.Facts = []DocketFact{{Label: "col.authority", Text: "甘孜藏族自治州行政审批局"}, {Label: "field.seal_version", Text: "2"}, {Label: "field.position", Text: "182404"}, {Label: "field.digest", Text: boardHash, Mono: true}}
	v.Forms = []WatchForm{docketForm("board", "approve", true), docketForm("board", "discard", false)}
	v.Steps = []DocketStep{{Event: "board.drafted", Tone: "info", At: at("2026-04-01 00:02"), Role: "system"}}
	v.Board = &RankedBoard{Lists: boardLists(true), Rule: boardRule(), Reasons: []string{"late_ratings"}, Withheld: []string{"甘孜藏族自治州行政审批局"}, Counts: true, Edition: "2019-12-27/1", Hash: boardHash, Formula: 1}
	return v
}
