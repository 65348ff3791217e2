package workflows

import "slices"

// Version is one version of what Case does. Cases run for weeks, so a release meets histories
// that an older one began: code that schedules other commands than before asks
// workflow.GetVersion for the version's id and keeps the old way for runs that began without it.
//
// What recording does (the transition table, deadlines, the calendar) is no such change: it
// enters a run as a recorded step.
type Version struct {
	ID     string // GetVersion's change id; also the prefix of its histories in testdata
	Since  string // date of the release
	Reason string
}

// versions lists every version, the first release included, which has no marker of its own. To
// add one: an entry here, the call of GetVersion, and a recorded history (see CONTRIBUTING.md).
var versions = []Version{
	{"first", "2026-11-23", "the first release: load the case, wait for the next act or deadline, have it recorded, go on from the step that the record answers"},
}

// Versions lists every version from the first to the one that new runs follow.
func Versions() []Version { return slices.Clone(versions) }
