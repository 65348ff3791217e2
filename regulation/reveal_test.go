package regulation_test

import (
	"errors"
	"testing"
	"time"

	"haochaping/regulation"
)

// reveals are a case with a contact, who asks for it, and the rules.
func reveals(t *testing.T) (regulation.Case, regulation.Actor, regulation.Params, time.Time) {
	t.Helper()
	params, err := regulation.NewParams(regulation.Edition1, nil)
	if err != nil {
		t.Fatal(err)
	}
	c := regulation.Case{ID: "c", Area: "513301", Authority: "a", Contactable: true, Named: true, Rated: regulation.Rated{Unit: "u"}}
	return c, regulation.Actor{Person: "p", As: regulation.Assignment{Role: regulation.Supervisor, Org: "a", Area: "513301"}}, params, time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
}

func TestRevealIsReadByWhoAskedWhileTheApprovalLasts(t *testing.T) {
	c, actor, params, at := reveals(t)
	r, err := regulation.AskReveal(c, regulation.Values{"purpose": {"safety"}, "reason": {"x"}}, actor, params, at)
	if err != nil {
		t.Fatal(err)
	}
	missing := func(err error, want string) {
		t.Helper()
		refused := (*regulation.Error)(nil)
		if !errors.As(err, &refused) || refused.Missing != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
	missing(r.MayRead("p", at), "reveal_not_approved")
	_, err = r.Decide(regulation.RevealApproved, actor, params, at)
	missing(err, "reveal_own")
	second := regulation.Actor{Person: "q"}
	_, err = r.Decide(regulation.RevealApproved, second, params, at.Add(72*time.Hour))
	missing(err, "reveal_decided")
	approved, err := r.Decide(regulation.RevealApproved, second, params, at.Add(time.Hour))
	if err != nil || !approved.Until.Equal(at.Add(75*time.Minute)) {
		t.Fatalf("%+v, %v", approved, err)
	}
	_, err = approved.Decide(regulation.RevealRefused, second, params, at.Add(time.Hour))
	missing(err, "reveal_decided")
	if err := approved.MayRead("p", approved.Until.Add(-time.Nanosecond)); err != nil {
		t.Error(err)
	}
	missing(approved.MayRead("p", approved.Until), "reveal_over")
	missing(approved.MayRead("q", at.Add(time.Hour)), "reveal_of_another")
}

func TestRevealIsNotForTheRatedUnitNorForAReferralThatIsNone(t *testing.T) {
	c, actor, params, at := reveals(t)
	none, ofUnit := c, actor
	none.Contactable, none.Named = false, false
	ofUnit.Assignments = []regulation.Assignment{{Role: regulation.UnitHead, Org: "u"}}
	for want, err := range map[string]error{
		"no_contact_kept":          second(regulation.AskReveal(none, regulation.Values{"purpose": {"safety"}, "reason": {"x"}}, actor, params, at)),
		"of_the_rated_unit_reveal": second(regulation.AskReveal(c, regulation.Values{"purpose": {"safety"}, "reason": {"x"}}, ofUnit, params, at)),
		"credit_not_approved":      second(regulation.AskReveal(c, regulation.Values{"purpose": {"credit_referral"}, "reason": {"x"}}, actor, params, at)),
		"fields":                   second(regulation.AskReveal(c, regulation.Values{"purpose": {"curiosity"}, "reason": {"x"}}, actor, params, at)),
	} {
		refused := (*regulation.Error)(nil)
		if !errors.As(err, &refused) || refused.Missing != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

func second(_ regulation.Reveal, err error) error { return err }
