package web

import "time"

// PublicFigureLine is a place as the public reads it; counts and rates are worded.
type PublicFigureLine struct{ Key, Name, Rated, Good, Bad, GoodRate string }

// PublicFigureArea is a county with its departments, of which version of its sealed figures it is.
type PublicFigureArea struct {
	PublicFigureLine
	Callback, Reply   string
	Version, Position int64
	Units, Halls      []PublicFigureLine
}

// PublicFiguresView are public figures of a quarter (7(1), 9(1)), or of a month of when months were public. Period is "" where nothing is published yet.
type PublicFiguresView struct {
	Page
	Period, Digest, Address, CSV string
	Edition, Editions            int64
	On                           time.Time
	Formula                      int
	Fewest, Band                 int64
	Periods                      Field
	Areas                        []PublicFigureArea
	LeftOut                      []string
	// FewHalls are counties of whose halls nothing can be shown, NoHalls those whose sealed version has none.
	FewHalls, NoHalls []string
}

func (*PublicFiguresView) template() string { return "public-figures" }

// Quarter tells whether departments and what became of cases are shown.
func (v *PublicFiguresView) Quarter() bool {
	for _, area := range v.Areas {
		if len(area.Units) > 0 || len(area.Halls) > 0 || area.Callback != "—" || area.Reply != "—" {
			return true
		}
	}
	return false
}

// Others are the other editions, the latest first.
func (v *PublicFiguresView) Others() (others []int64) {
	for n := v.Editions; n > 0; n-- {
		if n != v.Edition {
			others = append(others, n)
		}
	}
	return others
}

// OpenDataFile is an edition as files.
type OpenDataFile struct {
	Period, Digest, Page, CSV string
	Edition                   int64
	Last                      bool
	On                        time.Time
}

// PublicColumns are the columns of a file of public figures; new ones come last, so that who reads by place goes on reading.
var PublicColumns = []string{"period", "edition", "area", "unit", "name", "rated", "good", "bad", "good_rate", "good_rate_is_least", "sealed_version", "position", "formula",
	"hall", "by_hall", "callback_among", "callback_rate", "callback_is_least", "reply_among", "reply_rate", "reply_is_least", "editions", "published_on", "digest", "least_ratings", "shown_from"}

// OpenDataView lists the files of open data and says what is in them.
type OpenDataView struct {
	Page
	Fewest, Band, Few int64
	Files             []OpenDataFile
	Feeds             []Option // of one authority's publications each, Value is the address
}

// Columns are those of the CSV files, in their order.
func (*OpenDataView) Columns() []string { return PublicColumns }

func (*OpenDataView) template() string { return "open-data" }

// FormulaValue is a parameter with its setting.
type FormulaValue struct {
	Name string
	Setting
}

// FormulaExample is a place worked out.
type FormulaExample struct {
	Name, Period, GoodRate string
	Good, Bad, Rated       int64
}

// FormulaeView says in words how figures are worked out.
type FormulaeView struct {
	Page
	Formula, Fewest, SealDay int
	Edition                  string
	Values                   []FormulaValue
	Example                  *FormulaExample
}

func (*FormulaeView) template() string { return "formulae" }
