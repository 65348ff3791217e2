package regulation_test

import (
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"haochaping/regulation"
)

func TestPatternsSuggestWhatTellsWhoWrote(t *testing.T) {
	for text, gone := range map[string][]string{
		"我叫扎西多吉,电话 138 0013 8000":                                                    {"扎西多吉", "138 0013 8000"},
		"昨天上午9点半来的,等到11:40":                                                          {"昨天", "9点半", "11:40"},
		"2026年3月2日办的,身份证513301199001010013":                                          {"2026年3月2日", "513301199001010013"},
		"车牌川V·A12345一直没人管":                                                           {"川V·A12345"},
		"王师傅让我补材料,单号KD-20260302-00012":                                               {"王师傅", "KD-20260302-00012"},
		"我住炉城街道东大街12号":                                                               {"东大街12号"},
		"三月五号去的,工作人员态度不好":                                                            {"三月五号"},
		"全角号码\uff11\uff13\uff18\uff10\uff10\uff11\uff13\uff18\uff10\uff10\uff10也不能留": {"\uff11\uff13\uff18"},
		"星期三去过,周五又去":                                                                 {"星期三", "周五"},
		"本人李秀英,在窗口等了半小时":                                                             {"李秀英"},
	} {
		left := regulation.StrikeOut(text, regulation.SuggestStrikes(text))
		for _, part := range gone {
			if strings.Contains(left, part) {
				t.Errorf("%q leaves %q: %q", text, part, left)
			}
		}
	}
	for _, text := range []string{"办得很快,态度好", "让我跑了很多趟", "窗口没有人"} {
		if left := regulation.StrikeOut(text, regulation.SuggestStrikes(text)); left != text {
			t.Errorf("%q became %q", text, left)
		}
	}
}

// Whatever an officer strikes out of a text is taken; whatever they add is not, wherever it stands.
func TestOfficerStrikesOutAndAddsNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		original := rapid.StringMatching(`[子丑寅甲乙丙a-d ,\n]{1,40}`).Draw(t, "original")
		letters := []rune(strings.TrimSpace(original))
		if len(letters) == 0 {
			return
		}
		from := rapid.IntRange(0, len(letters)-1).Draw(t, "from")
		to := rapid.IntRange(from+1, len(letters)).Draw(t, "to")
		typed := string(letters[:from]) + strings.Repeat("█", rapid.IntRange(1, 9).Draw(t, "run")) + string(letters[to:])
		left, err := regulation.Redacted(original, typed)
		if err != nil || strings.Contains(strings.ReplaceAll(left, regulation.Struck, ""), "█") {
			t.Fatalf("%q of %q: %q, %v", typed, original, left, err)
		}
		at := rapid.IntRange(0, len(letters)).Draw(t, "at")
		if _, err := regulation.Redacted(original, string(letters[:at])+"戊"+string(letters[at:])); err == nil {
			t.Fatalf("a word was added to %q", original)
		}
	})
}

func TestNoOfficerLeavesANumberThatLeadsToAPerson(t *testing.T) {
	refused := (*regulation.Error)(nil)
	for _, text := range []string{"电话13800138000", "身份证513301199001010013", "川V12345", "138-0013-8000", "138 - 0013 - 8000", "\uff11\uff13\uff18\uff10\uff10\uff11\uff13\uff18\uff10\uff10\uff10",
		"\u0f21\u0f23\u0f28\u0f20\u0f20\u0f21\u0f23\u0f28\u0f20\u0f20\u0f20", "一三八零零一三八零零零", "川\uff36\uff11\uff12\uff13\uff14\uff15"} {
		if _, err := regulation.Redacted(text, text); !errors.As(err, &refused) || refused.Fields["redacted"] != "leaves_a_number" {
			t.Errorf("%q: %v", text, err)
		}
	}
	for _, cut := range []string{"电话138001█38000", "电话138001█8000", "电话█138001███38000"} { // a strike that strikes out next to nothing
		if left, err := regulation.Redacted("电话13800138000", cut); err == nil {
			t.Errorf("%q leaves %q", cut, left)
		}
	}
	if left, err := regulation.Redacted("电话13800138000打不通", "电话█打不通"); err != nil || left != "电话███打不通" {
		t.Errorf("%q, %v", left, err)
	}
	if _, err := regulation.Redacted("好", " "); err == nil {
		t.Error("nothing was left, and nothing refused")
	}
}

func TestRatedSideReadsNothingBeforeAnOfficerDecided(t *testing.T) {
	for _, c := range []struct {
		wrote          bool
		decision, text string
		want           regulation.Comment
	}{
		{false, "", "", regulation.Comment{}},
		{true, "", "原文", regulation.Comment{State: regulation.CommentWaiting}},
		{true, regulation.CommentWithheld, "原文", regulation.Comment{State: regulation.CommentWithheld}},
		{true, regulation.CommentRedacted, "███好", regulation.Comment{State: regulation.CommentRedacted, Text: "███好"}},
		{true, regulation.CommentRedacted, "", regulation.Comment{State: regulation.CommentWaiting}}, // deleted by retention
	} {
		if got := regulation.RatedComment(c.wrote, c.decision, c.text); got != c.want {
			t.Errorf("%+v: %+v", c, got)
		}
	}
}
