package app

import (
	"strings"
	"testing"
	"time"

	"haochaping/regulation"
	"haochaping/store"
)

func TestArchivePageIsReadWithoutTheProduct(t *testing.T) {
	at := time.Date(2026, 3, 2, 2, 0, 0, 0, time.UTC)
	p := store.Archived{Version: 2, MadeAt: at, LedgerSize: 41, LedgerRoot: "abc123", Calendars: []string{"0123456789ab"},
		Case: regulation.Case{ID: "c1", Number: "513301-2026-000001", Grade: 1, Rated: regulation.Rated{Unit: "u1"}, ClosedAt: at, OpenedAt: at,
			Orders: []regulation.Order{{Number: "康转〔2026〕1号", Unit: "u1"}}, Finding: regulation.Finding{Kind: "substantiated", Cause: "attitude", Link: "acceptance", Attribution: "person"}},
		Names:     map[string]string{"u1": "康定市公安局", "p1": "格桑郎加"},
		Documents: []store.ArchivedPaper{{Number: "康政服〔2026〕7号", Kind: regulation.DocumentReminder}},
		Files:     []store.ArchivedFile{{Digest: "d1g357", Mime: "application/pdf", Bytes: 2048}}}
	add := func(e regulation.Event) {
		e.Seq = int64(len(p.Events) + 1)
		p.Events = append(p.Events, store.ArchivedEvent{Event: e, Position: 7, Leaf: "1eaf"})
	}
	add(regulation.Event{Kind: regulation.EventOpened, Name: "opened", Clause: "7(2)", To: regulation.PhaseOpened, At: at})
	add(regulation.Event{Kind: regulation.EventAct, Name: "accept", Clause: "7(2)", To: regulation.PhaseVerification, Actor: "p1", At: at,
		As: regulation.Assignment{Role: regulation.Supervisor, Org: "u1"}})
	add(regulation.Event{Kind: regulation.EventDeadline, Name: "step", Clause: "7(2)", To: regulation.PhaseVerification, At: at})
	page, err := archivePage(p)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"差评案件档案 513301-2026-000001", "第 2 版", "康定市公安局", "格桑郎加", "已受理", "本步骤逾期", "康转〔2026〕1号", "康政服〔2026〕7号 督办单", "d1g357", "abc123", "1eaf", "41"} {
		if !strings.Contains(string(page), want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	for _, outside := range []string{"href=", "src=", "event.", "label."} {
		if strings.Contains(string(page), outside) {
			t.Errorf("the page has %q", outside)
		}
	}
}
