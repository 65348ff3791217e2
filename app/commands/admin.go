package commands

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"haochaping/app"
	"haochaping/regulation"
	"haochaping/store"
	"haochaping/workday"
)

// Admin is what an administrator does at the console of a node.
type Admin struct {
	Workday     Workday     `cmd:"" help:"Read lines 'DATE N' and print when N working days after DATE are over."`
	Calendar    Calendar    `cmd:"" help:"Propose, review and list notices for the working calendar: of the State Council, of the prefecture or of a county."`
	Editions    Editions    `cmd:"" help:"List the editions of the parameters and show what stands in one."`
	WhatIf      WhatIf      `cmd:"" name:"whatif" help:"Tell which open cases would fall due when, under another notice or another number of days; writes nothing."`
	Rehydrate   Rehydrate   `cmd:"" help:"Bring every open case to the engine; what it drives already is left alone."`
	Repair      Repair      `cmd:"" help:"Put right what verify found on a case, where a program may."`
	Outage      Outage      `cmd:"" help:"Declare that nothing could be recorded for a time, though the nodes believed to be up; deadlines due in it are then not late."`
	Package     Package     `cmd:"" help:"Hold a downloaded archive package against its own manifest; needs no database."`
	Demo        Demo        `cmd:"" help:"Fill an empty database as a demo, with made-up people."`
	Absence     Absence     `cmd:"" help:"List, enter and end absences with their substitutes."`
	Erasures    Erasures    `cmd:"" help:"Erase a rater who asked for it, list erased raters, and erase them again after a restore."`
	Cheats      Cheats      `cmd:"" help:"Print precision and recall of the signals of cheating on a made-up quarter; needs no database."`
	Backup      Backup      `cmd:"" help:"Copy record and files beside the running product, the subject keys apart from them; on SQLite."`
	Checkpoints Checkpoints `cmd:"" help:"Print the public keys under which the ledger is signed, and change the key."`
	Evidence    Evidence    `cmd:"" help:"Write by what the figures of a month are counted anew without the database; haochaping-verify does."`
	Keys        Keys        `cmd:"" help:"Rotate and retire master keys, and see what still names them."`
	Account     Account     `cmd:"" help:"Create or disable accounts, set their passwords."`

	SimulateDevice SimulateDevice `cmd:"" name:"simulate-device" help:"Play an evaluator over the device interface: enrol by a code, give ratings, each sent twice."`
}

// Workday answers questions about the national working calendar; it needs no database.
type Workday struct {
	File string `arg:"" help:"File of lines 'DATE N', - for standard input."`
}

// Run answers line by line.
func (w Workday) Run() error {
	in := io.Reader(os.Stdin)
	if w.File != "-" {
		file, err := os.Open(w.File)
		if err != nil {
			return err
		}
		defer file.Close()
		in = file
	}
	return workday.Answer(in, os.Stdout, workday.National())
}

// Rehydrate starts every open case.
type Rehydrate struct{}

// Run needs an engine and may be repeated.
func (Rehydrate) Run(provide Engine) error {
	s, err := app.Read(os.Getenv)
	if err != nil {
		return err
	}
	ctx, stop := Told()
	defer stop()
	stopEngine, err := provide.find(ctx, &s)
	if err != nil {
		return err
	}
	defer stopEngine()
	cases, err := app.Rehydrate(ctx, s, s.Logger())
	if err == nil {
		_, err = fmt.Fprintln(os.Stdout, cases, "open cases are with the engine")
	}
	return err
}

// Outage declares an outage of the whole system. One of a single case is declared by its repair.
type Outage struct {
	From   time.Time `arg:"" help:"Beginning, such as 2026-11-23T09:00:00+08:00."`
	Until  time.Time `arg:"" help:"End."`
	Reason string    `required:"" help:"overload, suspended, database or maintenance."`
}

// Run notes it with a line in the audit log.
func (o Outage) Run() error {
	return onRecord(nil, func(ctx context.Context, record *store.Store, _ time.Time) error {
		return record.DeclareOutages(ctx, []store.Outage{{Stretch: store.Stretch{From: o.From, Until: o.Until}}}, o.Reason, console)
	})
}

// Package checks an archive package.
type Package struct {
	File string `arg:"" type:"existingfile" help:"The package, as it was downloaded."`
}

// Run fails where a file of the package is not what its manifest says.
func (p Package) Run() error {
	content, err := os.ReadFile(p.File)
	if err == nil {
		err = store.CheckPackage(content)
	}
	if err == nil {
		_, err = fmt.Fprintln(os.Stdout, "each file is what the manifest says")
	}
	return err
}

// Demo makes an empty database a demo.
type Demo struct{}

// Run migrates the database too. A database that holds anything already is refused.
func (Demo) Run() error {
	return onRecord(func(s *app.Settings) { s.Demo = true }, func(ctx context.Context, record *store.Store, _ time.Time) error {
		demo, err := record.Demo(ctx)
		if err == nil && !demo {
			err = errors.New("the database is in use and is no demo: it stays what it is")
		}
		return err
	})
}

// Account changes accounts.
type Account struct {
	Create   CreateAccount  `cmd:"" help:"Create an account; its password is the first line of standard input."`
	Disable  DisableAccount `cmd:"" help:"Close an account at once."`
	Password SetPassword    `cmd:"" help:"Set an account's password to the first line of standard input and lift a lock."`
}

// console stands as the author of what is done here; who may reach the console is the operating
// system's to know.
const console = "console"

// CreateAccount makes an account, with roles at places.
type CreateAccount struct {
	Login string   `arg:"" help:"What the person signs in with."`
	Name  string   `arg:"" help:"Name that colleagues see."`
	Role  []string `help:"ROLE@ORG, such as verifier@513301-authority; may be repeated."`
	Staff string   `help:"Id of the person's staff profile."`
	Lasting
}

// Lasting leaves a password as it was set here.
type Lasting struct {
	Lasting bool `help:"Let the person keep this password; without it they change it at the next sign-in."`
}

// Run refuses roles and places that do not exist before anything is created.
func (c CreateAccount) Run() error {
	password, err := typedPassword()
	if err != nil {
		return err
	}
	return onRecord(nil, func(ctx context.Context, record *store.Store, now time.Time) error {
		return c.create(ctx, record, password, now)
	})
}

func (c CreateAccount) create(ctx context.Context, record *store.Store, password string, now time.Time) error {
	tree, err := record.Tree(ctx)
	if err != nil {
		return err
	}
	var posts []regulation.Assignment
	for _, text := range c.Role {
		role, org, _ := strings.Cut(text, "@")
		if !known(regulation.Role(role)) {
			return fmt.Errorf("there is no role %q: one of %v", role, regulation.Roles)
		}
		if _, found := tree.Org(org); !found {
			return fmt.Errorf("there is no place %q", org)
		}
		posts = append(posts, regulation.Assignment{Role: regulation.Role(role), Org: org})
	}
	person, err := record.CreateAccount(ctx, store.NewAccount{Login: c.Login, Password: password, Lasting: c.Lasting.Lasting, NameZH: c.Name, Staff: c.Staff}, console)
	for _, post := range posts {
		if err == nil {
			err = record.Appoint(ctx, person, post.Role, post.Org, now, console)
		}
	}
	return err
}

func known(role regulation.Role) bool {
	for _, r := range regulation.Roles {
		if r == role && r != regulation.Citizen {
			return true
		}
	}
	return false
}

// DisableAccount closes an account; open sessions end with their next request.
type DisableAccount struct {
	Login string `arg:"" help:"Login of the account."`
}

// Run ends with an error where there is no such account.
func (d DisableAccount) Run() error {
	return onRecord(nil, func(ctx context.Context, record *store.Store, _ time.Time) error {
		account, err := record.AccountByLogin(ctx, d.Login)
		if err != nil {
			return err
		}
		return record.DisableAccount(ctx, account.Person, console)
	})
}

// SetPassword replaces a forgotten password.
type SetPassword struct {
	Login string `arg:"" help:"Login of the account."`
	Lasting
}

// Run ends with an error where there is no such account or the password is too short.
func (p SetPassword) Run() error {
	password, err := typedPassword()
	if err != nil {
		return err
	}
	return onRecord(nil, func(ctx context.Context, record *store.Store, _ time.Time) error {
		account, err := record.AccountByLogin(ctx, p.Login)
		if err != nil {
			return err
		}
		return record.SetPassword(ctx, account.Person, password, p.Lasting.Lasting, console)
	})
}

// typedPassword is the first line of standard input, so that no password stands in a list of
// processes or a shell's history.
func typedPassword() (string, error) {
	return typedLine(bufio.NewReader(os.Stdin))
}

func typedLine(in *bufio.Reader) (string, error) {
	line, err := in.ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	return strings.TrimRight(line, "\r\n"), nil
}

// onRecord opens the record of the settings for one piece of work, which gets the product's time.
func onRecord(change func(*app.Settings), work func(context.Context, *store.Store, time.Time) error) error {
	s, err := app.Read(os.Getenv)
	if err != nil {
		return err
	}
	if change != nil {
		change(&s)
	}
	ctx, stop := Told()
	defer stop()
	record, clock, err := app.OpenRecord(ctx, s, s.Logger())
	if err != nil {
		return err
	}
	return errors.Join(work(ctx, record, clock.At(time.Now())), record.Close())
}
