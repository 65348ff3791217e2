package web

import "time"

// SealedTable are the lines of sealed figures by one axis, figures.by.<By>.
type SealedTable struct {
	By    string
	Lines []FigureLine
}

// SealedView is one version of an authority's sealed figures (7(1), 9(2)); other versions are at Address.
type SealedView struct {
	Page
	Name, Period, Reasons, Address string
	Version, Versions, Position    int64
	Formula                        int
	At                             time.Time
	Total                          FigureLine
	Tables                         []SealedTable
	Except                         []string // offices that are left out
	ByOffice                       bool     // what they served of others, and others of theirs, is told apart
	Shared                         []string // units that are left out where it is not, since they were served at windows of those
	Changes                        []SealedChange
}

// Excepted is the message that says what is left out with an office.
func (v *SealedView) Excepted() string {
	if v.ByOffice {
		return "sealed.except"
	}
	return "sealed.except_before"
}

// SealedChange is a line whose ratings were others in the version before. By is an axis, "" for the total.
type SealedChange struct {
	By, Name      string
	Before, After FigureRated
}

func (*SealedView) template() string { return "sealed" }

// Others are the other versions, the latest first.
func (v *SealedView) Others() (others []int64) {
	for n := v.Versions; n > 0; n-- {
		if n != v.Version {
			others = append(others, n)
		}
	}
	return others
}

// Earlier is the version before.
func (v *SealedView) Earlier() int64 { return v.Version - 1 }
