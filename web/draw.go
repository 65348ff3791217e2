package web

import (
	"slices"
	"strings"
	"time"

	"haochaping/regulation"
)

// FieldOf draws a field of a statutory act. typed is what was typed and code what is wrong
// with it, "" for nothing; units are the choices of a field that names organisations,
// windows or people.
func FieldOf(f regulation.Field, typed []string, code string, units []Option) Field {
	drawn := Field{Name: f.Name, Kind: kindOf(f), Required: f.Required, Length: f.Max, Values: typed, Options: units}
	if !listed(f.Type) {
		drawn.Options = optionsOf(f)
	}
	if f.Type == regulation.TypeFiles {
		drawn.Accept = "image/jpeg,image/png,application/pdf"
	}
	if code != "" {
		wrong := Msg("refusal." + code)
		drawn.Error = &wrong
	}
	return drawn
}

// listed tells whether a field's choices are those of the organisation tree.
func listed(t regulation.FieldType) bool {
	return slices.Contains([]regulation.FieldType{regulation.TypeUnit, regulation.TypeUnits, regulation.TypeWindow, regulation.TypeStaff, regulation.TypeCases}, t)
}

// fewOptions is how many options still stand side by side; more go into a list.
const fewOptions = 6

func kindOf(f regulation.Field) FieldKind {
	switch f.Type {
	case regulation.TypeLong:
		return FieldTextArea
	case regulation.TypeChoice:
		if len(f.Options) > fewOptions {
			return FieldSelect
		}
		return FieldRadio
	case regulation.TypeMany, regulation.TypeUnits, regulation.TypeCases:
		return FieldChecks
	case regulation.TypeYesNo:
		return FieldYesNo
	case regulation.TypeDate:
		return FieldDate
	case regulation.TypeUnit, regulation.TypeWindow, regulation.TypeStaff:
		return FieldSelect
	case regulation.TypeNumber:
		return FieldNumber
	case regulation.TypeFiles:
		return FieldFiles
	}
	return FieldText
}

func optionsOf(f regulation.Field) []Option {
	var options []Option
	for _, value := range f.Options {
		options = append(options, Option{Value: value, Key: "choice." + f.Name + "." + value})
	}
	return options
}

// StepKey is the key of an awaited act's name as a step: the act's own, or, where a step may be
// done by either of two acts, one that does not say how it ends.
func StepKey(act string) string {
	if key := "step." + act; Has(key) {
		return key
	}
	return "act." + act
}

// ReasonOf words the reason of an escalation: a code, or "overdue:<act>".
func ReasonOf(reason string) Message {
	if act, overdue := strings.CutPrefix(reason, "overdue:"); overdue {
		return Msg("escalation.overdue", Msg(StepKey(act)))
	}
	return Msg("escalation." + reason)
}

// StagesOf is the stage bar of a case.
func StagesOf(now regulation.Phase) []Stage {
	at := slices.Index(regulation.Phases, now)
	var stages []Stage
	for i, phase := range regulation.Phases {
		if phase == regulation.PhaseAfter && phase != now {
			continue // most cases are never there
		}
		state := stateAt(i, at)
		if phase == regulation.PhaseClosed && i == at {
			state = "done"
		}
		stages = append(stages, Stage{Code: string(phase), State: state})
	}
	return stages
}

func stateAt(i, now int) string {
	switch {
	case i < now:
		return "done"
	case i == now:
		return "current"
	}
	return "todo"
}

// plainStep is a step that a citizen is told of, with the phases that it stands for.
type plainStep struct {
	code   string
	phases []regulation.Phase
}

var plainSteps = []plainStep{
	{"received", []regulation.Phase{regulation.PhaseOpened}},
	{"checking", []regulation.Phase{regulation.PhaseVerification}},
	{"handed", []regulation.Phase{regulation.PhaseDispatch, regulation.PhaseSigning}},
	{"rectifying", []regulation.Phase{regulation.PhasePlanning, regulation.PhaseRectification, regulation.PhaseAcceptance}},
	{"answered", []regulation.Phase{regulation.PhaseReply}},
	{"survey", []regulation.Phase{regulation.PhaseSurvey}},
	{"final_check", []regulation.Phase{regulation.PhaseCallback, regulation.PhaseRecheck, regulation.PhaseClosing}},
	{"closed", []regulation.Phase{regulation.PhaseAfter, regulation.PhaseClosed}},
}

// StepsOf tells a citizen in plain words where the case stands. A case on the short way (its
// finding is not "substantiated") has no order and no rectification to tell of.
func StepsOf(c regulation.Case) []StatusStep {
	short := c.Finding.Kind != "" && c.Finding.Kind != "substantiated" && c.Reopened == 0
	now := slices.IndexFunc(plainSteps, func(s plainStep) bool { return slices.Contains(s.phases, c.Phase) })
	var steps []StatusStep
	for i, s := range plainSteps {
		if short && (s.code == "handed" || s.code == "rectifying") {
			continue
		}
		steps = append(steps, stepOf(c, s.code, stateAt(i, now)))
	}
	return steps
}

func stepOf(c regulation.Case, code, state string) StatusStep {
	step := StatusStep{Code: code, State: state}
	switch {
	case code == "closed":
		step.At = c.ConcludedAt
		if step.At.IsZero() { // a case of before the two were told apart
			step.At = c.ClosedAt
		}
	case state == "done":
		step.At = reachedAt(c, code)
	case state == "current":
		step.Until = untilOf(c, code)
	}
	return step
}

// reachedAt is when a step was done, zero where the case keeps no instant of it.
func reachedAt(c regulation.Case, code string) time.Time {
	switch code {
	case "received":
		return c.OpenedAt
	case "checking":
		return c.Finding.At
	case "handed":
		return c.Clock.From
	case "rectifying":
		return c.Clock.AcceptedAt
	case "answered":
		return c.Reply.ReleasedAt
	case "survey":
		return c.Survey.At
	}
	return time.Time{}
}

// untilOf is the date that concerns the citizen: until when it is put right, and until when
// the survey is open. The authority's own days are not told.
func untilOf(c regulation.Case, code string) time.Time {
	switch code {
	case "rectifying":
		return c.Clock.Due
	case "survey":
		if await := c.Await(regulation.ActAnswerSurvey); await != nil {
			return await.Due
		}
	}
	return time.Time{}
}
