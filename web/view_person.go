package web

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
