package web

import "time"

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

// Held is a role that a person holds at a place since an instant.
type Held struct {
	Role, Unit, Org string
	From            time.Time
}

// PersonView is one account for a security administrator. Its form closes the account, or opens
// it again; At/appoint and At/dismiss take role and org. Nobody changes their own.
type PersonView struct {
	Page
	Form
	At          string
	Name, Login string
	Disabled    bool
	Own         bool
	Held        []Held
	Appoint     []Field
	Absence     AbsencePart
	// Phone notes the person's own telephone, PhoneSet tells that one is noted; it is never shown.
	Phone    Field
	PhoneSet bool
}

// AbsencePart is somebody's absences on a page of more, with the form that enters one; it has no fields
// where nobody may stand in.
type AbsencePart struct {
	Form
	Longest  int
	Fields   []Field
	Absences []Absence
}

func (*PersonView) template() string { return "person" }

// NewPersonView makes an account: posted fields login, name, role, org. Once Made, it shows the
// first password, this once.
type NewPersonView struct {
	Page
	Form
	Appoint               []Field
	Made                  string // the person's address
	Login, Name, Password string
}

func (*NewPersonView) template() string { return "new-person" }

// PasswordView is where people change their own password. Posted fields: old_password,
// new_password, repeat_password, next.
type PasswordView struct {
	Page
	Form
	First    bool // somebody else set it: nothing else is open yet
	None     bool // the account has none, as in a demo
	Next     string
	Shortest int
}

func (*PasswordView) template() string { return "password" }
