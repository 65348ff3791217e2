package regulation

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write docs/state-machine.md anew")

const chart = "../docs/state-machine.md"

func TestStateMachineDocumentIsPrintedFromTheTable(t *testing.T) {
	got := document()
	if *update {
		if err := os.WriteFile(chart, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(chart)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Error("docs/state-machine.md differs from the table: go test ./regulation -update")
	}
}

func document() string {
	var b strings.Builder
	b.WriteString("# The case's state machine\n\nPrinted from `regulation.Table` by `go test ./regulation -update`; a test fails when it differs.\n\n")
	b.WriteString("```mermaid\nstateDiagram-v2\n")
	for _, t := range Table {
		if t.From != t.To {
			fmt.Fprintf(&b, "  %s --> %s: %s\n", t.From, t.To, label(t))
		}
	}
	b.WriteString("```\n\n## Acts\n\nDays are working days and parameters of the edition; the due instant is the close of work on the last day.\n\n")
	b.WriteString("| act | clause | by | days | open in | needs | barred by an earlier part: four eyes |\n| --- | --- | --- | --- | --- | --- | --- |\n")
	params := map[string]int{}
	for _, p := range defaults {
		params[p.Name] = p.Value
	}
	for _, s := range specs {
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s | %s |\n", s.Kind, s.Clause, list(s.Roles), days(s, params), openWhere(s), required(s), list(s.Not))
	}
	charts(&b)
	b.WriteString("\n## Parameters of edition " + Edition1 + "\n\n| parameter | value | unit | clause | basis |\n| --- | --- | --- | --- | --- |\n")
	for _, p := range defaults {
		fmt.Fprintf(&b, "| %s | %d | %s | %s | %s |\n", p.Name, p.Value, p.Unit, p.Clause, p.Basis)
	}
	return b.String()
}

// charts prints each track's own machine.
func charts(b *strings.Builder) {
	b.WriteString("\nWhoever a case concerns does none of these acts on it but those of the rated side, and whoever holds a post at the unit\nthat was rated, has the order or answers for a measure does none of the authority's and of discipline bodies. Where everybody who might hear\na rater's objection or review a measure is barred by some part, it lies before those who are left and did not make that decision\nthemselves (`nobody_left`), until somebody without a part is there. A malicious write-off is also the decision of who found and who confirmed\nthe malice. Where nobody else is left either, it lies before the head one level up (`nobody_at_all`),\nwho is told and sees to it that somebody is appointed; verify finds it too (`holders`).\n\n## Beside the main line\n")
	for _, track := range Tracks {
		fmt.Fprintf(b, "\n### %s\n\n```mermaid\nstateDiagram-v2\n", track)
		for _, t := range TrackTable {
			if t.Track == track {
				fmt.Fprintf(b, "  %s --> %s: %s\n", cmp.Or(string(t.From), "[*]"), t.To, trackLabel(t))
			}
		}
		b.WriteString("```\n")
		if track == TrackAccountability {
			b.WriteString(rounds)
		}
	}
}

// rounds tells what no act alone does.
const rounds = `
Overdue or insufficient rectification and established pressure open a round at statement by themselves. While one runs,
a further ground against the same side joins it before the decision, which then waits for another statement; any
other ground, and pressure beside the rating's own grounds, waits in the case. When the round has come to final, dropped
or revoked, the same event opens the next at statement.
`

func trackLabel(t TrackMove) string {
	var notes []string
	for _, note := range []string{t.When, t.Main} {
		if note != "" {
			notes = append(notes, note)
		}
	}
	if notes == nil {
		return string(t.Act)
	}
	return string(t.Act) + " (" + strings.Join(notes, ", main line ") + ")"
}

// openWhere names the phases, or the stages of the act's track.
func openWhere(s Spec) string {
	if s.Track == "" {
		return list(openPhases(s.Kind))
	}
	var stages []string
	for _, t := range TrackTable {
		if at := string(t.Track) + ": " + cmp.Or(string(t.From), "not begun"); t.Act == s.Kind && !slices.Contains(stages, at) {
			stages = append(stages, at)
		}
	}
	return strings.Join(stages, ", ")
}

func label(t Transition) string {
	if t.When == "" {
		return string(t.Act)
	}
	return string(t.Act) + " (" + t.When + ")"
}

func list[T ~string](items []T) string {
	var words []string
	for _, i := range items {
		words = append(words, string(i))
	}
	return strings.Join(words, ", ")
}

func openPhases(kind ActKind) []Phase {
	var phases []Phase
	for _, t := range Table {
		if t.Act == kind && !slices.Contains(phases, t.From) {
			phases = append(phases, t.From)
		}
	}
	return phases
}

func days(s Spec, params map[string]int) string {
	if s.Days == "" {
		return ""
	}
	return fmt.Sprint(params[s.Days])
}

func required(s Spec) string {
	var names []string
	for _, f := range s.Fields {
		if f.Required {
			names = append(names, f.Name)
		}
	}
	return strings.Join(names, ", ")
}

func TestTheTableAndTheActsAgree(t *testing.T) {
	for _, row := range Table {
		if _, known := SpecOf(row.Act); !known {
			t.Errorf("%s has no file", row.Act)
		}
	}
	for _, row := range TrackTable {
		if s, known := SpecOf(row.Act); !known || s.Track != row.Track {
			t.Errorf("%s of %s has no file", row.Act, row.Track)
		}
	}
	for _, s := range specs {
		if openWhere(s) == "" {
			t.Errorf("%s is open nowhere", s.Kind)
		}
		if _, known := Clauses[s.Clause]; !known {
			t.Errorf("%s: no clause %s", s.Kind, s.Clause)
		}
		if s.Days == "" {
			continue
		}
		if !slices.ContainsFunc(defaults, func(p Param) bool { return p.Name == s.Days }) {
			t.Errorf("%s: no parameter %s", s.Kind, s.Days)
		}
	}
}
