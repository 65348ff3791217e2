package web

import "time"

// BulletinLine is a unit or a county in a bulletin. Counts are as they are shown; "" stands for none.
type BulletinLine struct {
	Name, Rated, Bad, BadRate, Confirmed, Causes, Rectified, InTime, Overdue string
	Once                                                                     bool // its counts are shown once the bulletin is issued
}

// BulletinCase is a confirmed case in one.
type BulletinCase struct{ Number, Unit, Cause, Outcome string }

// BulletinLink leads to the bulletin that one corrects, or that corrects it.
type BulletinLink struct{ Number, Href string }

// BulletinView is a bulletin of bad ratings as it is printed on A4 (8(3)). Public ones have no single case and no ratings. Draft
// tells that it is not issued.
type BulletinView struct {
	Page
	Back, BackTo               string // address, and the key of its title
	Authority, Number, Heading string
	Note                       string
	Public, Draft, Outdated    bool
	Stood                      bool // some counts are those of before the correction
	Issued                     time.Time
	Version, Position, Open    int64 // Open: cases that were not concluded
	Settled                    bool  // none was
	Formula, Least             int
	Total                      BulletinLine
	Counties, Units            []BulletinLine
	// Untold: nothing of all cases is told; UntoldCounties and UntoldUnits are how many are named of which nothing is, in the place of their lines.
	Untold                      bool
	UntoldCounties, UntoldUnits int
	Cases                       []BulletinCase
	// Once names the units of which the reader of a draft sees nothing until it is issued; the total then waits too.
	Once                  string
	Corrects, CorrectedBy *BulletinLink
	PrintedBy             string
	PrintedAt             time.Time
}

func (*BulletinView) template() string { return "bulletin" }

// PublicRelease is a release as the public reads it; Lang is the language of its words.
type PublicRelease struct {
	ID, Ground, Unit, Title, Text, Lang, Outlet, OutletName string
	Basis                                                   string // the sealed quarters of a place that was low, "" for a case
	Formula                                                 int
	On, Until                                               time.Time
}

// PublicReleasesView is what the media were given, as long as it is shown (8(3)).
type PublicReleasesView struct {
	Page
	Releases []PublicRelease
}

func (*PublicReleasesView) template() string { return "public-releases" }
