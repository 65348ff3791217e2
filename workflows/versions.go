package workflows

// change is one version of what Case does. Cases run for weeks, so a release meets histories
// that an older one began: code that schedules other commands than before asks
// workflow.GetVersion for the change's id and keeps the old way for runs that began without it.
//
// What recording does (the transition table, deadlines, the calendar) is no such change: it
// enters a run as a recorded step.
type change struct {
	id     string // GetVersion's change id; also the prefix of its histories in testdata
	since  string // date of the release
	reason string
}

// changes lists every version, the first release included, which has no marker of its own. To
// add one: an entry here, the call of GetVersion, and a recorded history (see replay_test.go).
var changes = []change{
	{"first", "2026-11-23", "the first release"},
}
