package web

import "time"

// PaperRow is an opening of a box of which forms are left to count (6(2)).
type PaperRow struct {
	ID, Hall, Week                           string
	Opened                                   time.Time
	Due                                      Due
	Counted, ToEnter, Scans, ToCheck, Differ int
	Missing                                  int // entries without a picture
	Done                                     int // counted or void
}

// PaperView is the queue of forms. ToCheck and Differ are of all openings.
type PaperView struct {
	Page
	MayEnter        bool
	ToCheck, Differ int
	Rows            []PaperRow
}

func (*PaperView) template() string { return "paper" }

// PaperReading is what one person read off a form.
type PaperReading struct {
	By, Void                   string
	At                         time.Time
	Grade                      int
	Options                    []string // their texts
	Marks                      map[string]int
	Kind, Target, Matter, Date string
	Confirmed                  string // yes, no
}

// PaperFormView is one form beside the picture of its sheet: to enter, to check without what the first read, or to
// decide on with both readings. Posted fields: serial, scan, void, target_kind, target, matter_number, form_date,
// own_code, grade, option, mark_<dimension>, text and the contact's (enter, decide), confirmed ("yes", "no"; check),
// keep_contact ("yes"; decide). Posted to Upload: scans (files).
type PaperFormView struct {
	Page
	Form
	Step               string // enter, check, decide
	Entry              string // "" where there is none to check or decide
	Hall, Week, Serial string
	Late               bool
	Left               int
	Scan               string // address, "" where no picture waits
	Upload, Import     string
	Text, Phone, Name  string // as the first typed them; the contact masked
	Disputed           []string
	Readings           []PaperReading
	Targets            []Option
	Grades             []GradeChoice
	Dimensions         []string
	Voids              []string
}

func (*PaperFormView) template() string { return "paper-form" }

func (v *PaperFormView) titleKey() string { return "title.paper-form." + v.Step }

// Open tells whether there is a form to fill in.
func (v *PaperFormView) Open() bool { return v.Scan != "" }
