package api

import (
	"cmp"

	"haochaping/regulation"
)

// wholeFigure stands for the sum of all lines, which no line has as its key.
const wholeFigure = "\x00"

// countingNames are what the cases of a line of figures are counted as, each with an address of its own; "cases" is all of them.
var countingNames = []string{"concluded", "written_off", "accepted", "in_time", "overdue", "delayed"}

// caseFields are the fields of the list of cases that narrow it as an axis narrows figures.
var caseFields = func() map[regulation.Axis]string {
	fields := map[regulation.Axis]string{}
	for _, field := range figureFields {
		switch {
		case field.name == "of_matter": // by the national code
			fields[regulation.AxisTask] = field.name
		case field.axis != "":
			fields[field.axis] = field.name
		}
	}
	return fields
}()

// figureCases are the addresses of the cases behind a line, or behind the sum of all lines. There are none where the list of cases cannot be
// narrowed to them: by townships and by the matters of single units, or where cases are told by windows.
func (a *API) figureCases(r *request, f figuresFound, key string) map[string]string {
	pairs := []string{"from", f.body.From, "to", f.body.To}
	area := f.asked.of[regulation.AxisCounty]
	if area == "" && len(f.scope.Areas) == 1 {
		area = f.scope.Areas[0]
	}
	narrow := func(axis regulation.Axis, value string) bool {
		field := caseFields[axis]
		pairs = append(pairs, field, cmp.Or(value, notVerified))
		told := f.caseAxis(axis)
		return field != "" && (told == axis || axis == regulation.AxisTask && told == regulation.AxisMatter)
	}
	for axis, value := range f.asked.of {
		if !narrow(axis, value) {
			return nil
		}
	}
	switch by := f.asked.by; {
	case key == wholeFigure:
	case by == regulation.AxisMonth:
		pairs[1], pairs[3] = key, key
	case by == regulation.AxisCounty:
		area = key
		fallthrough
	default:
		if !narrow(by, key) {
			return nil
		}
	}
	behind := map[string]string{"cases": a.casesBehind(r, area, pairs...)}
	for _, counting := range countingNames {
		behind[counting] = a.casesBehind(r, area, append([]string{"counting", counting}, pairs...)...)
	}
	return behind
}
