package web

import (
	"testing"

	"haochaping/regulation"
)

// TestEveryActCanBeDrawn draws each field of each act: its kind fits and all its words exist.
func TestEveryActCanBeDrawn(t *testing.T) {
	units := []Option{{Value: "u1", Text: "康定市人力资源和社会保障局"}}
	for _, spec := range regulation.Specs() {
		for _, f := range spec.Fields {
			drawn := FieldOf(f, []string{"x"}, "required", units)
			if !Has(drawn.LabelKey()) || drawn.Error == nil || drawn.Value() != "x" {
				t.Errorf("%s %s: %+v", spec.Kind, f.Name, drawn)
			}
			choice := drawn.Kind == FieldRadio || drawn.Kind == FieldSelect || drawn.Kind == FieldChecks
			if choice != (len(drawn.Options) > 0) {
				t.Errorf("%s %s: %s with %d options", spec.Kind, f.Name, drawn.Kind, len(drawn.Options))
			}
			for _, o := range drawn.Options {
				if o.Text == "" && !Has(o.Key) {
					t.Errorf("%s %s: no text for %s", spec.Kind, f.Name, o.Key)
				}
			}
		}
	}
}

func TestStagesOf(t *testing.T) {
	stages := StagesOf(regulation.PhaseDispatch)
	if len(stages) != len(regulation.Phases)-1 || stages[1].State != "done" || stages[2].State != "current" || stages[3].State != "todo" {
		t.Errorf("%+v", stages)
	}
	for _, s := range StagesOf(regulation.PhaseClosed) {
		if s.State != "done" {
			t.Errorf("closed, but %s is %s", s.Code, s.State)
		}
	}
}

func TestStepsOfTheLongWay(t *testing.T) {
	due := at("2026-03-24 17:30")
	c := regulation.Case{Phase: regulation.PhasePlanning, OpenedAt: at("2026-03-02 10:00")}
	c.Finding.Kind, c.Clock.Due = "substantiated", due
	steps := StepsOf(c)
	if len(steps) != 8 || steps[0].At != c.OpenedAt || steps[3].Code != "rectifying" || steps[3].State != "current" || steps[3].Until != due {
		t.Errorf("%+v", steps)
	}
	for _, s := range steps {
		if !Has("status."+s.Code) || !Has("status."+s.Code+".text") {
			t.Errorf("no words for %s", s.Code)
		}
	}
}

func TestStepsOfTheShortWay(t *testing.T) {
	c := regulation.Case{Phase: regulation.PhaseReply}
	c.Finding.Kind = "no_legal_basis"
	for _, s := range StepsOf(c) {
		if s.Code == "handed" || s.Code == "rectifying" {
			t.Errorf("tells of %s", s.Code)
		}
	}
}

// A new order after such a finding goes the long way: what is current must show.
func TestStepsOfANewOrderAfterTheShortWay(t *testing.T) {
	c := regulation.Case{Phase: regulation.PhaseDispatch, Reopened: 1}
	c.Finding.Kind = "no_legal_basis"
	for _, s := range StepsOf(c) {
		if s.Code == "handed" && s.State == "current" {
			return
		}
	}
	t.Error("does not tell that the case is handed on")
}

func TestReasonOf(t *testing.T) {
	w := writer{lang: English}
	if got := w.message(ReasonOf("overdue:transfer")); got != "Step overdue: Transfer to the unit" {
		t.Errorf("got %s", got)
	}
	if got := w.message(ReasonOf("unsigned")); got != "The order was not signed in time" {
		t.Errorf("got %s", got)
	}
}
