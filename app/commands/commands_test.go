package commands

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"

	"haochaping/app"
	"haochaping/regulation"
	"haochaping/store"
	"haochaping/workday"
)

// at runs a command line on a record of the test's own, with text on standard input, and returns
// what it printed.
func at(t *testing.T, dir, input string, args ...string) (string, error) {
	t.Helper()
	t.Setenv("HAOCHAPING_DATA", filepath.Join(dir, "data"))
	t.Setenv("HAOCHAPING_LOG", "error")
	in, out := file(t, input), file(t, "")
	stdin, stdout := os.Stdin, os.Stdout
	os.Stdin, os.Stdout = in, out
	defer func() { os.Stdin, os.Stdout = stdin, stdout }()
	var cli CLI
	parser, err := kong.New(&cli)
	if err != nil {
		t.Fatal(err)
	}
	line, err := parser.Parse(args)
	if err != nil {
		t.Fatal(err)
	}
	err = line.Run(Engine(NoEngine))
	printed, readErr := os.ReadFile(out.Name())
	if readErr != nil {
		t.Fatal(readErr)
	}
	return string(bytes.TrimSpace(printed)), err
}

func file(t *testing.T, text string) *os.File {
	t.Helper()
	name := filepath.Join(t.TempDir(), "stream")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// record opens what the commands worked on.
func record(t *testing.T) *store.Store {
	t.Helper()
	s, err := app.Read(os.Getenv)
	if err != nil {
		t.Fatal(err)
	}
	r, _, err := app.OpenRecord(t.Context(), s, s.Logger())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

func TestWorkdayAnswersWithoutADatabase(t *testing.T) {
	dir := t.TempDir()
	got, err := at(t, dir, "2026-02-10 15\n2026-12-31 1\n", "admin", "workday", "-")
	if err != nil || got != "2026-03-09\n2027-01-04 provisional" {
		t.Errorf("got %q, %v", got, err)
	}
	if _, err := os.Stat(filepath.Join(dir, "data")); !os.IsNotExist(err) {
		t.Errorf("a data folder was made: %v", err)
	}
}

func TestAccountIsCreatedWithItsRoleAndDisabled(t *testing.T) {
	dir := t.TempDir()
	_, err := at(t, dir, "a long enough password\n", "admin", "account", "create", "zhang", "张测试", "--role", "verifier@513301-authority")
	if err != nil {
		t.Fatal(err)
	}
	r := record(t)
	account, err := r.SignIn(context.Background(), "zhang", "a long enough password")
	if err != nil {
		t.Fatal(err)
	}
	person := account.Person
	actor, err := r.Actor(t.Context(), person)
	if err != nil || len(actor.Assignments) != 1 || actor.Assignments[0].Role != regulation.Verifier {
		t.Errorf("actor %+v, %v", actor, err)
	}
	if _, err := at(t, dir, "", "admin", "account", "disable", "zhang"); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Actor(t.Context(), person); err == nil {
		t.Error("a disabled account may still act")
	}
}

func TestForgottenPasswordIsReplaced(t *testing.T) {
	dir := t.TempDir()
	if _, err := at(t, dir, "a long enough password\n", "admin", "account", "create", "zhang", "张测试"); err != nil {
		t.Fatal(err)
	}
	if _, err := at(t, dir, "another long password\n", "admin", "account", "password", "zhang"); err != nil {
		t.Fatal(err)
	}
	if _, err := at(t, dir, "short\n", "admin", "account", "password", "zhang"); err == nil {
		t.Error("a short password was taken")
	}
	r := record(t)
	if account, err := r.SignIn(t.Context(), "zhang", "another long password"); err != nil || !account.FirstPassword {
		t.Errorf("%+v, %v", account, err)
	}
	if _, err := at(t, dir, "a third long password\n", "admin", "account", "password", "zhang", "--lasting"); err != nil {
		t.Fatal(err)
	}
	if account, err := r.SignIn(t.Context(), "zhang", "a third long password"); err != nil || account.FirstPassword {
		t.Errorf("%+v, %v", account, err)
	}
}

// supervisors are two people of Kangding's authority, who sign in with the same password.
func supervisors(t *testing.T, dir string) {
	t.Helper()
	for _, login := range []string{"zhang", "wang"} {
		if _, err := at(t, dir, "a long enough password\n", "admin", "account", "create", login, "测试", "--lasting", "--role", "supervisor@513301-authority"); err != nil {
			t.Fatal(err)
		}
	}
}

func TestCountysDaysJoinTheCalendarByFourEyes(t *testing.T) {
	dir := t.TempDir()
	days := filepath.Join(dir, "days.csv")
	if err := os.WriteFile(days, []byte("date,kind,holiday\n2026-11-24,off,县庆\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	supervisors(t, dir)
	propose := func(password, area string) (string, error) {
		return at(t, dir, password+"\n", "admin", "calendar", "propose", days, "--area", area, "--by", "zhang", "--name", "康定市人民政府",
			"--number", "康府发〔2026〕1号", "--issued", "2026-01-05", "--basis", "县庆")
	}
	for _, refused := range [][2]string{{"a long enough password", "513399"}, {"a long enough password", "513322"}, {"a long enough password", ""}, {"another long password", "513301"}} {
		if _, err := propose(refused[0], refused[1]); err == nil {
			t.Errorf("%v was taken", refused)
		}
	}
	printed, err := propose("a long enough password", "513301")
	if err != nil {
		t.Fatal(err)
	}
	id := printed[strings.LastIndex(printed, " ")+1:]
	if _, err := at(t, dir, "a long enough password\n", "admin", "calendar", "approve", id, "--by", "zhang"); err == nil {
		t.Fatal("the author put it in force")
	}
	if _, err := at(t, dir, "a long enough password\n", "admin", "calendar", "approve", id, "--by", "wang"); err != nil {
		t.Fatal(err)
	}
	if list, err := at(t, dir, "", "admin", "calendar", "list"); err != nil || !strings.Contains(list, "in_force") {
		t.Errorf("%s, %v", list, err)
	}
	r, day := record(t), workday.NewDate(2026, time.November, 24)
	for area, works := range map[string]bool{"513301": false, "513322": true} {
		if c, err := r.Calendar(t.Context(), area); err != nil || c.IsWorkday(day) != works {
			t.Errorf("%s works on the county's day: %v, %v", area, !works, err)
		}
	}
}

func TestAFileWithABadRowIsRefusedWhole(t *testing.T) {
	dir := t.TempDir()
	days := filepath.Join(dir, "days.csv")
	if err := os.WriteFile(days, []byte("date,kind,holiday\n2026-11-24,off,x\n2026-11-31,off,x\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := at(t, dir, "", "admin", "calendar", "check", days); err == nil {
		t.Error("there is no 31 November")
	}
}

func TestEditionsAreListedAndShown(t *testing.T) {
	dir := t.TempDir()
	if _, err := at(t, dir, "", "migrate"); err != nil {
		t.Fatal(err)
	}
	r := record(t)
	day := workday.NewDate(2026, time.November, 20)
	for name, from := range map[string]workday.Date{"past/2": day, "coming/3": workday.NewDate(2999, time.January, 4)} {
		value := store.Parameter{Name: "sign_days", Value: from.Year() % 60, Author: "a-person", DecidedOn: day, Basis: "州行政审批局解释", Interpretation: "甘审批解〔2026〕1号"}
		if err := r.AddEdition(t.Context(), store.Edition{Name: name, From: from.Start()}, []store.Parameter{value}, "a-person"); err != nil {
			t.Fatal(err)
		}
	}
	list, err := at(t, dir, "", "admin", "editions", "list")
	if err != nil || !strings.HasPrefix(list, "coming/3 ") || strings.Contains(list, "a-person") {
		t.Errorf("%s, %v", list, err)
	}
	for _, line := range []string{"to_come   2999-01-04  甘审批解〔2026〕1号  sign_days 46 -> 59", "in_force  2026-11-20  甘审批解〔2026〕1号  sign_days 1 -> 46", "past      2019-12-27  -"} {
		if !strings.Contains(list, line) {
			t.Errorf("%s lacks %s", list, line)
		}
	}
	shown, err := at(t, dir, "", "admin", "editions", "show", "past/2")
	if err != nil || !strings.Contains(shown, "甘审批解〔2026〕1号: 州行政审批局解释") || !strings.Contains(shown, "rectification_days") || strings.Contains(shown, "a-person") {
		t.Errorf("%s, %v", shown, err)
	}
	if _, err := at(t, dir, "", "admin", "editions", "show", "nothing/9"); err == nil {
		t.Error("an edition that is not there was shown")
	}
}

func TestWhatIfOpensTheRecordForReading(t *testing.T) {
	dir := t.TempDir()
	if _, err := at(t, dir, "", "admin", "whatif", "--set", "sign_days=2"); err == nil {
		t.Error("there is no record, and none was to be made")
	}
	if _, err := at(t, dir, "", "migrate"); err != nil {
		t.Fatal(err)
	}
	printed, err := at(t, dir, "", "admin", "whatif", "--set", "sign_days=2", "--by", "2027-01-31")
	if err != nil || !strings.Contains(printed, "0 open cases") || !strings.Contains(printed, "nothing written") {
		t.Errorf("%s, %v", printed, err)
	}
	if printed, err = at(t, dir, "", "admin", "whatif", "--set", "sign_days=2", "--json"); err != nil || !json.Valid([]byte(printed)) || !strings.Contains(printed, `"newly_overdue": 0`) {
		t.Errorf("%s, %v", printed, err)
	}
	if _, err := at(t, dir, "", "admin", "whatif", "--set", "callback_attempts=2"); err == nil {
		t.Error("attempts are no days")
	}
}

func TestWrongRoleOrPlaceCreatesNothing(t *testing.T) {
	dir := t.TempDir()
	for _, role := range []string{"king@513301-authority", "verifier@nowhere", "citizen@513301-authority"} {
		if _, err := at(t, dir, "a long enough password\n", "admin", "account", "create", "zhang", "张测试", "--role", role); err == nil {
			t.Errorf("%s is accepted", role)
		}
	}
	if _, err := record(t).AccountByLogin(t.Context(), "zhang"); err == nil {
		t.Error("the account was created")
	}
}

func TestDemoIsForEmptyDatabases(t *testing.T) {
	dir := t.TempDir()
	if _, err := at(t, dir, "", "admin", "demo"); err != nil {
		t.Error(err)
	}
	used := t.TempDir()
	if _, err := at(t, used, "", "migrate"); err != nil {
		t.Fatal(err)
	}
	if _, err := at(t, used, "", "admin", "demo"); err == nil {
		t.Error("a database in use became a demo")
	}
}

func TestToldEndsWithItsStop(t *testing.T) {
	ctx, stop := Told()
	stop()
	select {
	case <-ctx.Done():
	case <-time.After(time.Second):
		t.Error("the context goes on")
	}
}

func TestAnAbsenceIsEnteredAndEndedAtTheConsole(t *testing.T) {
	dir := t.TempDir()
	posts := map[string]string{"zhang": "verifier", "wang": "verifier", "li": "authority_head", "zhao": "supervisor"}
	for login, role := range posts {
		org := "513301-authority"
		if login == "zhao" {
			org = "513322-authority"
		}
		if _, err := at(t, dir, "a long enough password\n", "admin", "account", "create", login, "测试", "--lasting", "--role", role+"@"+org); err != nil {
			t.Fatal(err)
		}
	}
	today := workday.DateOf(time.Now())
	add := func(by string) (string, error) {
		return at(t, dir, "a long enough password\n", "admin", "absence", "add", "zhang", "--substitute", "wang", "--from", today.String(),
			"--until", today.AddDays(1).String(), "--by", by)
	}
	for _, stranger := range []string{"wang", "zhao"} {
		if _, err := add(stranger); err == nil {
			t.Errorf("%s entered another's absence", stranger)
		}
	}
	printed, err := add("li")
	if err != nil {
		t.Fatal(err)
	}
	id := printed[strings.LastIndex(printed, " ")+1:]
	if list, err := at(t, dir, "", "admin", "absence", "list"); err != nil || !strings.Contains(list, id) || !strings.Contains(list, "acts now: wang") {
		t.Errorf("%s, %v", list, err)
	}
	if _, err := at(t, dir, "a long enough password\n", "admin", "absence", "end", id, "--by", "zhao"); err == nil {
		t.Error("a stranger ended it")
	}
	if _, err := at(t, dir, "a long enough password\n", "admin", "absence", "end", id, "--by", "li"); err != nil {
		t.Fatal(err)
	}
	r := record(t)
	author, err := r.AccountByLogin(t.Context(), "li")
	if err != nil {
		t.Fatal(err)
	}
	for _, action := range []string{"set_absence", "revoke_absence"} {
		log, err := r.AuditLog(t.Context(), regulation.Scope{All: true}, store.AuditQuery{Action: action})
		if err != nil || len(log) != 1 || log[0].Person != author.Person {
			t.Errorf("%s: %+v, %v", action, log, err)
		}
	}
}

// rated gives a bad rating with a way to reach the rater.
func rated(t *testing.T, r *store.Store) store.Saved {
	t.Helper()
	target, err := r.WindowTarget(t.Context(), "513301-w03")
	if err != nil {
		t.Fatal(err)
	}
	saved, err := r.SaveRating(t.Context(), store.Intake{Key: "k1", PrivacyVersion: "1", Contact: store.Contact{Name: "测试人", Phone: "13900000001", Language: "zh", Hours: "morning"},
		Rating: regulation.Rating{Channel: regulation.ChannelWeb, Target: regulation.TargetMatter, Grade: regulation.VeryDissatisfied, Place: target.Place(""), GivenAt: time.Now()}})
	if err != nil {
		t.Fatal(err)
	}
	return saved
}

// An older copy of record and subject keys is put back: who was erased since is erased again by this node's list
// before anything is done, and where that is lost too, by a list that was kept elsewhere.
func TestErasuresAreReplayedAfterARestore(t *testing.T) {
	dir := t.TempDir()
	if _, err := at(t, dir, "", "admin", "demo"); err != nil {
		t.Fatal(err)
	}
	r := record(t)
	saved := rated(t, r)
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "data", "record.db")
	keys := filepath.Join(dir, "data-keys-subjects", store.KeyStoreFile)
	copied := map[string][]byte{}
	for _, name := range []string{file, keys} {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		copied[name] = content
	}
	r = record(t)
	if err := r.Erase(t.Context(), saved.RatingID, "approver", "request"); err != nil {
		t.Fatal(err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	list, err := at(t, dir, "", "admin", "erasures", "list")
	if err != nil || list != saved.RatingID {
		t.Fatalf("the list is %q, %v", list, err)
	}
	restore := func() {
		for name, content := range copied {
			for _, rest := range []string{"-wal", "-shm"} {
				if err := os.Remove(name + rest); err != nil && !os.IsNotExist(err) {
					t.Fatal(err)
				}
			}
			if err := os.WriteFile(name, content, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	restore()
	given := func() bool {
		r := record(t)
		c, err := r.MaskedContact(t.Context(), regulation.Scope{All: true}, saved.CaseID)
		if err != nil {
			t.Fatal(err)
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
		return c.Given()
	}
	if given() {
		t.Error("the restored copies show the erased rater")
	}
	restore()
	if err := os.Remove(filepath.Join(dir, "data-keys-erasures.txt")); err != nil {
		t.Fatal(err)
	}
	if !given() {
		t.Fatal("the older copy does not have the contact: this proves nothing")
	}
	for range 2 {
		printed, err := at(t, dir, list+"\nunknown\n", "admin", "erasures", "replay", "-")
		if err != nil || printed != "1 erased, 1 not in this record" {
			t.Errorf("%q, %v", printed, err)
		}
	}
	if given() {
		t.Error("the erased rater is back")
	}
}

const vaultPassword = "a long enough password"

// vaultPeople are two approvers of the prefecture's authority, one of the county's, one of another county's
// and somebody who is none.
func vaultPeople(t *testing.T, dir string) {
	t.Helper()
	for login, role := range map[string]string{"wen": "vault_approver@513300-authority", "tan": "vault_approver@513300-authority",
		"qin": "vault_approver@513301-authority", "lu": "vault_approver@513322-authority", "xu": "callback_clerk@513301-authority"} {
		if _, err := at(t, dir, vaultPassword+"\n", "admin", "account", "create", login, "测试", "--lasting", "--role", role); err != nil {
			t.Fatal(err)
		}
	}
}

// vaultWithARater is a demo with those people, and a rating whose rater can be reached.
func vaultWithARater(t *testing.T) (dir string, saved store.Saved) {
	t.Helper()
	dir = t.TempDir()
	if _, err := at(t, dir, "", "admin", "demo"); err != nil {
		t.Fatal(err)
	}
	vaultPeople(t, dir)
	r := record(t)
	saved = rated(t, r)
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	return dir, saved
}

// Who took the rater's call erases by the receipt alone, or by the number together with another person.
func TestARaterIsErasedAtTheConsole(t *testing.T) {
	dir, saved := vaultWithARater(t)
	given := func() bool {
		r := record(t)
		defer r.Close()
		kept, err := r.KeepsContact(t.Context(), saved.RatingID)
		if err != nil {
			t.Fatal(err)
		}
		return kept
	}
	number := vaultPassword + "\n" + vaultPassword + "\n13900000001\n"
	for name, c := range map[string]struct {
		input string
		args  []string
	}{
		"one person and a number": {number, []string{"--by", "wen", "--phone"}},
		"twice the same person":   {number, []string{"--by", "wen", "--with", "wen", "--phone"}},
		"a wrong password":        {"x\n" + saved.Receipt, []string{"--by", "wen"}},
		"a wrong second password": {vaultPassword + "\nx\n13900000001", []string{"--by", "wen", "--with", "tan", "--phone"}},
		"no receipt":              {vaultPassword + "\nWRONG", []string{"--by", "wen"}},
	} {
		if printed, err := at(t, dir, c.input, append([]string{"admin", "erasures", "erase"}, c.args...)...); err == nil || !given() {
			t.Errorf("%s: %q, %v", name, printed, err)
		}
	}
	for _, by := range []string{"lu", "xu"} {
		printed, err := at(t, dir, vaultPassword+"\n"+saved.Receipt, "admin", "erasures", "erase", "--by", by)
		if err != nil || printed != "0 erased, 1 outside the area" || !given() {
			t.Errorf("%s: %q, %v", by, printed, err)
		}
	}
	printed, err := at(t, dir, number, "admin", "erasures", "erase", "--by", "wen", "--with", "qin", "--phone")
	if err != nil || printed != "1 erased, 0 outside the area" || given() {
		t.Errorf("%q, %v", printed, err)
	}
}

func TestARaterIsErasedByTheReceiptAtTheConsole(t *testing.T) {
	dir, saved := vaultWithARater(t)
	printed, err := at(t, dir, vaultPassword+"\n"+saved.Receipt, "admin", "erasures", "erase", "--by", "qin")
	if err != nil || printed != "1 erased, 0 outside the area" {
		t.Errorf("%q, %v", printed, err)
	}
	if list, err := at(t, dir, "", "admin", "erasures", "list"); err != nil || list != saved.RatingID {
		t.Errorf("%q, %v", list, err)
	}
}

// Each finding prints a command of the program as it was called; what must be restored prints how, and fails.
func TestEachFindingPrintsACommandThatRuns(t *testing.T) {
	dir := t.TempDir()
	if _, err := at(t, dir, "", "admin", "demo"); err != nil {
		t.Fatal(err)
	}
	listed, err := at(t, dir, "", "verify", "--list")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(listed) {
		if !strings.Contains(line, os.Args[0]+" admin repair ") {
			t.Errorf("no command in %q", line)
		}
	}
	id, ran := openCase(t), map[string]bool{}
	for _, check := range store.Checks {
		for _, code := range store.FindingCodes(check) {
			f := store.Finding{Check: check, Code: code, Case: id}.Treated()
			if ran[f.Repair] {
				continue
			}
			ran[f.Repair] = true
			words := strings.Fields(strings.ReplaceAll(f.Repair, "CODE", "overload"))
			told, err := at(t, dir, "", words...)
			switch {
			case errors.Is(err, store.ErrRestore):
				if f.Advice != store.AdviceRestore && check != store.CheckLedger && check != store.CheckLeaves && check != store.CheckSealed || !strings.Contains(told, filepath.Join(dir, "data")) || !strings.Contains(told, os.Args[0]+" verify") {
					t.Errorf("%s: %v, %q", f.Repair, err, told)
				}
			case check == store.CheckEngine: // there is none here
			case err != nil || told != "nothing to mend":
				t.Errorf("%s, where nothing is wrong: %v, %q", f.Repair, err, told)
			}
		}
	}
}

func openCase(t *testing.T) string {
	t.Helper()
	r := record(t)
	saved := rated(t, r)
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	return saved.CaseID
}

func TestOnlyWhatNobodyKnowsFailsTheCheck(t *testing.T) {
	known := verified{Checks: []store.Checked{{Check: store.CheckClosing, Known: 2}}, Findings: make([]store.Finding, 2)}
	if err := (Verify{JSON: true}).print(known); err != nil {
		t.Errorf("two that were reported: %v", err)
	}
	known.Checks[0].Found = 1
	if err := (Verify{JSON: true}).print(known); err == nil {
		t.Error("one that was not passes")
	}
	var out bytes.Buffer
	if err := printFinding(&out, store.Finding{Check: store.CheckClosing, Code: "no_reply", Repair: "do it", Known: "12号"}); err != nil || !strings.Contains(out.String(), "reported under 12号") || strings.Contains(out.String(), "do it") {
		t.Errorf("%v, %q", err, out.String())
	}
}
