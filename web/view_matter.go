package web

// MatterView is the page on which a citizen opens a handled matter by its number and the applicant's name (6(3)).
// Posted fields: number, name.
type MatterView struct {
	Page
	citizens
	Form
	Examples []MatterExample // made-up ones, of a demo
}

// MatterExample is a made-up matter that a demo opens.
type MatterExample struct{ Number, Name string }

func (*MatterView) template() string { return "matter" }

// SlipView is the slip of one handled matter, A6 to print or to be shown: its code, and nothing of who applied.
type SlipView struct {
	Page
	Number, Matter, Unit, Hall, Window string
	Code, Image                        string
	Address                            string // where browsers reach the product, to be typed by hand
}

func (*SlipView) template() string { return "slip" }
