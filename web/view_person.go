package web

// KeptField is one value of a form that was not sent.
type KeptField struct {
	Name, Value string
	Shown       bool
}

// KeptView shows a form that the end of a session kept from being sent, to be sent now.
type KeptView struct {
	Page
	Action string
	Fields []KeptField
}

func (*KeptView) template() string { return "kept" }

// Held is a role that a person holds at a place.
type Held struct{ Role, Unit string }

// PersonView is one account for a security administrator. Its form closes the account, or opens
// it again; nobody's own can be closed.
type PersonView struct {
	Page
	Form
	Name, Login string
	Disabled    bool
	Own         bool
	Held        []Held
}

func (*PersonView) template() string { return "person" }
