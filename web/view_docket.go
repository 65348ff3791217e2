package web

import "time"

// DocketFact is one fact of a docket under its label; Href leads on, Mono is a digest.
type DocketFact struct {
	Label, Text, Href string
	Mono              bool
}

// DocketCase is a case of a joint rectification; Href is "" where the reader does not open it.
type DocketCase struct {
	Href, Number    string
	Replied, Closed bool
}

// DocketFile is a file of a docket.
type DocketFile struct {
	Href, Digest string
	Number       int
}

// DocketStep is one entry of a docket's history, docket.event.<Event>.
type DocketStep struct {
	Event, Tone    string
	At, Due, Was   time.Time
	Role, Name, To string
	Facts          []DocketFact
	Texts          []WatchText
}

// DocketView is a hearing of opinions, a problem that it brought up, a joint rectification, a publication or a
// commendation. Forms are docket.act.<Kind>.<act>.
type DocketView struct {
	Page
	Code, Back, Kind, Clause string
	State                    Cell
	Due                      Due
	Refusal                  *Problem
	Facts                    []DocketFact
	Cases                    []DocketCase
	Problems                 []TableRow
	Files                    []DocketFile
	Forms                    []WatchForm
	Steps                    []DocketStep
	Public                   string // address of what everybody reads of it
	Board                    *RankedBoard
	Paper                    string // address of what is printed of it
}

func (*DocketView) template() string { return "docket" }

// Change is a published change; Lang is the language of its words. Ratings is 0 where fewer than five said so.
type Change struct {
	ID, Authority, Cause, Said, Changed, Lang string
	On                                        time.Time
	Ratings                                   int
}

// ChangesView is what was said and what was changed.
type ChangesView struct {
	Page
	Changes []Change
	Pager
}

func (*ChangesView) template() string { return "changes" }
