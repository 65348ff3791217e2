package store_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"gorm.io/gorm"

	"haochaping/regulation"
	"haochaping/store"
)

// issue is a document of a case, as a caller of the store would have made it.
func (d *desk) issue(id string, kind regulation.DocumentKind, about string) store.Issue {
	d.t.Helper()
	c := d.read(id)
	draft := regulation.Draft{Kind: kind, About: about, For: regulation.ForUnit, To: "513301-psb"}
	paper := regulation.Paper{RedHead: true, Title: "差评转办单", Authority: "康定市政务服务管理局", Blocks: []regulation.Block{{Text: "请按期整改" + ownWords}}}
	return store.Issue{Case: c, Draft: draft, Paper: paper, TemplateVersion: 2, Mark: "康政服", Key: d.key(), At: d.Clock.Now(),
		Actor: d.holder(regulation.Supervisor, c.Authority)}
}

func (d *desk) issued(in store.Issue) store.Document {
	d.t.Helper()
	doc, err := d.IssueDocument(d.t.Context(), in)
	d.must(err)
	return doc
}

// Many issue at once: the numbers of an authority and year have neither gaps nor doubles, though some
// of the documents are refused, and each authority counts by itself.
func TestDocumentNumbersHaveNoGapsAndNoDoubles(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		const cases, each = 5, 4
		var all []store.Issue
		for range cases {
			id := d.open()
			for n := range each {
				all = append(all, d.issue(id, regulation.DocumentReminder, fmt.Sprint("order/", n)))
			}
			twice := d.issue(id, regulation.DocumentReminder, "order/0") // one too many: refused, and takes no number
			all = append(all, twice)
		}
		var wg sync.WaitGroup
		var mu sync.Mutex
		numbers, refused := map[int64]string{}, 0
		for _, in := range all {
			wg.Go(func() {
				doc, err := d.IssueDocument(t.Context(), in)
				mu.Lock()
				defer mu.Unlock()
				switch {
				case isCode(err, regulation.Conflict):
					refused++
				case err != nil:
					t.Error(err)
				case numbers[doc.Running] != "":
					t.Errorf("number %d twice", doc.Running)
				default:
					numbers[doc.Running] = doc.Number
				}
			})
		}
		wg.Wait()
		if refused != cases || len(numbers) != cases*each {
			t.Fatalf("%d issued, %d refused", len(numbers), refused)
		}
		for n, got := range slices.Sorted(maps.Keys(numbers)) {
			if want := fmt.Sprintf("康政服好差评〔2026〕%d号", n+1); int64(n+1) != got || numbers[got] != want {
				t.Errorf("place %d has number %d, %s", n, got, numbers[got])
			}
		}
		other := d.issue(d.open(), regulation.DocumentReminder, "order/0")
		other.Actor, other.Mark = d.holder(regulation.Supervisor, "513300-authority"), "甘政服"
		if doc := d.issued(other); doc.Number != "甘政服好差评〔2026〕1号" {
			t.Errorf("the prefecture's first is %s", doc.Number)
		}
	})
}

func TestNumbersBeginAnewWithTheYearOfShanghai(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		id := d.open()
		first, second := d.issue(id, regulation.DocumentTransferOrder, "a"), d.issue(id, regulation.DocumentTransferOrder, "b")
		first.At = time.Date(2026, 12, 31, 15, 59, 0, 0, time.UTC)
		second.At = time.Date(2026, 12, 31, 16, 0, 0, 0, time.UTC)
		if one, two := d.issued(first), d.issued(second); one.Number != "康政服好差评〔2026〕1号" || two.Number != "康政服好差评〔2027〕1号" {
			t.Errorf("%s and %s", one.Number, two.Number)
		}
	})
}

func TestIssuingIsIdempotentAndNoticesWhatChanged(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		id := d.open()
		in := d.issue(id, regulation.DocumentTransferOrder, "a")
		in.Actor.As = in.Actor.As.Behalf("absent", "between")
		first := d.issued(in)
		if absent := first.As.Absent(); !slices.Equal(absent, []string{"absent", "between"}) {
			t.Errorf("issued in the place of %v", absent)
		}
		if again := d.issued(in); again.ID != first.ID || !again.Repeated || again.Number != first.Number {
			t.Errorf("again: %+v", again)
		}
		if same, repeated, err := d.RepeatedDocument(t.Context(), id, in.Actor.Person, in.Key, in.Draft.Kind); err != nil || !repeated || same.ID != first.ID {
			t.Errorf("%+v, %v, %v", same, repeated, err)
		}
		in.Draft.Kind = regulation.DocumentReminder
		if _, err := d.IssueDocument(t.Context(), in); !isCode(err, regulation.Conflict) {
			t.Errorf("the same key for another kind: %v", err)
		}
		other := d.issue(id, regulation.DocumentTransferOrder, "a")
		if _, err := d.IssueDocument(t.Context(), other); !isCode(err, regulation.Conflict) {
			t.Errorf("a second about the same: %v", err)
		}
		stale := d.issue(id, regulation.DocumentReminder, "b")
		d.do(id, regulation.ActAccept, nil)
		if _, err := d.IssueDocument(t.Context(), stale); !isCode(err, regulation.Conflict) || !strings.Contains(err.Error(), "case_changed") {
			t.Errorf("of a case that went on: %v", err)
		}
		if last := d.issued(d.issue(id, regulation.DocumentReminder, "b")); last.Running != 2 {
			t.Errorf("refusals took numbers: %s", last.Number)
		}
	})
}

// The text lies sealed, its leaf is in the ledger, and whoever changes row or text is found out.
func TestIssuedDocumentIsFrozen(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		id := d.open()
		doc := d.issued(d.issue(id, regulation.DocumentTransferOrder, "a"))
		paper, err := d.Paper(t.Context(), doc)
		if err != nil || paper.Number != doc.Number || paper.Date != "2026年11月23日" || paper.Blocks[0].Text != "请按期整改"+ownWords {
			t.Fatalf("%+v: %v", paper, err)
		}
		listed, err := d.Documents(t.Context(), regulation.Scope{Areas: []string{"513301"}}, id)
		if err != nil || len(listed) != 1 || listed[0] != doc || listed[0].TemplateVersion != 2 {
			t.Errorf("%+v: %v", listed, err)
		}
		if _, err := d.Documents(t.Context(), regulation.Scope{Areas: []string{"513322"}}, id); !isCode(err, regulation.NotFound) {
			t.Errorf("from another county: %v", err)
		}
		if strings.Contains(d.everything(), ownWords) {
			t.Error("the record has the text in the clear")
		}
		if d.rowsOf("audit", "action = 'issue_document' AND object_id = ?", doc.ID) != 1 {
			t.Error("the audit log does not say who issued it")
		}
		d.integrate()
		if faults := d.ledgerFaults(); faults != nil {
			t.Fatal(faults)
		}
		d.tamper("UPDATE documents SET issued_by = 'somebody' WHERE id = ?", doc.ID)
		if faults := d.ledgerFaults(); !slices.Equal(faults, []string{"leaves altered"}) {
			t.Errorf("another name under it: %v", faults)
		}
		d.tamper("UPDATE texts SET salt = ? WHERE owner = ?", []byte("0123456789abcdef"), doc.ID)
		if _, err := d.Paper(t.Context(), doc); err == nil {
			t.Error("another text is read as the document's")
		}
	})
}

// A document that takes another's place keeps both numbers, and the ledger knows why it does.
func TestDocumentsTellWhichTookWhosePlace(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		id := d.open()
		first := d.issued(d.issue(id, regulation.DocumentTransferOrder, "Z1@2026-12-14"))
		other := d.issued(d.issue(id, regulation.DocumentRectification, "Z1@2026-12-14"))
		in := d.issue(id, regulation.DocumentTransferOrder, "Z1@2026-12-17#2")
		in.Draft.Replaces, in.Draft.Reason = first.Number, regulation.ReasonMoved
		second := d.issued(in)
		paper, err := d.Paper(t.Context(), second)
		if err != nil || paper.Replaces != first.Number || paper.Number == first.Number {
			t.Errorf("%+v: %v", paper, err)
		}
		all, err := d.Documents(t.Context(), everywhere, id)
		if err != nil || len(all) != 3 || all[0].ReplacedBy != second.Number || all[0].Replaces != "" || all[2].Replaces != first.Number ||
			all[2].Reason != regulation.ReasonMoved || all[1].Number != other.Number || all[1].ReplacedBy != "" {
			t.Errorf("%+v: %v", all, err)
		}
		d.integrate()
		if faults := d.ledgerFaults(); faults != nil {
			t.Fatal(faults)
		}
		d.tamper("UPDATE documents SET reason = 'template_mistake' WHERE id = ?", second.ID)
		if faults := d.ledgerFaults(); !slices.Equal(faults, []string{"leaves altered"}) {
			t.Errorf("another reason: %v", faults)
		}
	})
}

func (d *desk) tamper(query string, args ...any) {
	d.t.Helper()
	d.must(store.Tx(d.Store, d.t.Context(), func(tx *gorm.DB) error { return tx.Exec(query, args...).Error }))
}

func TestVerifyFindsDocumentsThatAreNotAsIssued(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		id := d.open()
		first := d.issued(d.issue(id, regulation.DocumentTransferOrder, "a"))
		last := d.issued(d.issue(id, regulation.DocumentReminder, "a"))
		d.integrate()
		only := store.VerifyOptions{Only: []string{store.CheckLeaves}}
		if found := d.verify(only); found != nil {
			t.Fatalf("found %v", found)
		}
		d.tamper("UPDATE documents SET kind = 'reminder', about = 'b' WHERE id = ?", first.ID)
		if found := d.verify(only); !slices.Equal(found, []string{"leaves altered"}) {
			t.Errorf("found %v", found)
		}
		d.tamper("DELETE FROM documents WHERE id = ?", last.ID)
		if found := d.verify(only); !slices.Equal(found, []string{"leaves number_gap", "leaves altered"}) {
			t.Errorf("found %v", found)
		}
	})
}

func TestTemplatesKeepEveryVersion(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		const county, kind = "513301-authority", regulation.DocumentReply
		editor := d.holder(regulation.AuthorityHead, county)
		standard, err := d.Template(t.Context(), county, kind)
		if err != nil || standard != regulation.DefaultTemplate(kind) || standard.Version != 0 {
			t.Fatalf("%+v: %v", standard, err)
		}
		own := standard
		own.Title, own.RedHead = "答复书", false
		saved, err := d.SaveTemplate(t.Context(), county, own, editor)
		if err != nil || saved.Version != 1 {
			t.Fatalf("%+v: %v", saved, err)
		}
		if _, err := d.SaveTemplate(t.Context(), county, own, editor); !isCode(err, regulation.Conflict) {
			t.Errorf("over somebody else's: %v", err)
		}
		own.Version, own.Body = 1, "{评价人}"
		if _, err := d.SaveTemplate(t.Context(), county, own, editor); !isCode(err, regulation.Invalid) {
			t.Errorf("an unknown placeholder: %v", err)
		}
		own.Body = "{答复内容}"
		if _, err := d.SaveTemplate(t.Context(), county, own, editor); err != nil {
			t.Fatal(err)
		}
		versions, err := d.Wordings(t.Context(), county, kind)
		if err != nil || len(versions) != 3 || versions[0].Version != 2 || versions[0].Body != "{答复内容}" || versions[1].Title != "答复书" ||
			versions[1].RedHead || versions[1].Author != editor.Person || versions[1].At.IsZero() || versions[2].Template != standard {
			t.Errorf("%+v: %v", versions, err)
		}
		if other, err := d.Template(t.Context(), "513322-authority", kind); err != nil || other.Version != 0 {
			t.Errorf("another authority has %+v: %v", other, err)
		}
		if d.rowsOf("audit", "action = 'edit_template' AND area = '513301'") != 2 {
			t.Error("the audit log does not say who changed it")
		}
	})
}

func TestOfTwoWhoSaveATemplateOneIsTold(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		editor := d.holder(regulation.AuthorityHead, "513301-authority")
		template := regulation.DefaultTemplate(regulation.DocumentReply)
		errs := make([]error, 2)
		var wg sync.WaitGroup
		for i := range errs {
			wg.Go(func() { _, errs[i] = d.SaveTemplate(t.Context(), "513301-authority", template, editor) })
		}
		wg.Wait()
		if (errs[0] == nil) == (errs[1] == nil) || !isCode(errs[0], regulation.Conflict) && !isCode(errs[1], regulation.Conflict) {
			t.Errorf("%v", errs)
		}
	})
}

func TestShortNames(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		tree, err := d.Tree(t.Context())
		d.must(err)
		seen := map[string]string{}
		for _, o := range append(tree.Orgs(regulation.OrgAuthority), tree.Orgs(regulation.OrgDiscipline)...) {
			mark, err := d.Mark(t.Context(), o.ID)
			if err != nil || regulation.CheckMark(mark) != nil || seen[mark] != "" {
				t.Errorf("%s has the short name %q, as %s has: %v", o.ID, mark, seen[mark], err)
			}
			seen[mark] = o.ID
		}
		editor := d.holder(regulation.AuthorityHead, "513301-authority")
		for _, mark := range []string{"康审批", "康政办"} {
			d.must(d.SetMark(t.Context(), "513301-authority", mark, editor))
			if have, err := d.Mark(t.Context(), "513301-authority"); err != nil || have != mark {
				t.Errorf("%s, %v", have, err)
			}
		}
		if err := d.SetMark(t.Context(), "513301-authority", "K1", editor); !isCode(err, regulation.Invalid) {
			t.Errorf("%v", err)
		}
		if err := d.SetMark(t.Context(), "513301-authority", "泸政服", editor); !isCode(err, regulation.Invalid) {
			t.Errorf("another authority's: %v", err)
		}
		if mark, err := d.Mark(t.Context(), "nobody's"); err != nil || mark != "" {
			t.Errorf("%q, %v", mark, err)
		}
	})
}
