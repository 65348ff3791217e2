package web

import (
	"slices"
	"strings"

	"haochaping/regulation"
)

// FieldOf draws a field of a statutory act. typed is what was typed and code what is wrong
// with it, "" for nothing; units are the choices of a field that names organisations.
func FieldOf(f regulation.Field, typed []string, code string, units []Option) Field {
	drawn := Field{Name: f.Name, Kind: kindOf(f), Required: f.Required, Length: f.Max, Values: typed, Options: units}
	if f.Type != regulation.TypeUnit && f.Type != regulation.TypeUnits {
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
	case regulation.TypeMany, regulation.TypeUnits:
		return FieldChecks
	case regulation.TypeYesNo:
		return FieldYesNo
	case regulation.TypeDate:
		return FieldDate
	case regulation.TypeUnit:
		return FieldSelect
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

// ReasonOf words the reason of an escalation: a code, or "overdue:<act>".
func ReasonOf(reason string) Message {
	if act, overdue := strings.CutPrefix(reason, "overdue:"); overdue {
		return Msg("escalation.overdue", Msg("act."+act))
	}
	return Msg("escalation." + reason)
}

// StagesOf is the stage bar of a case.
func StagesOf(now regulation.Phase) []Stage {
	at := slices.Index(regulation.Phases, now)
	var stages []Stage
	for i, phase := range regulation.Phases {
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
