// Package regulation is the Garzê prefecture's rating regulation (甘孜州政务服务“好差评”制度,
// 27 December 2019) as pure Go: grades, roles, phases, statutory acts, the transition table,
// deadlines and the clause index. It does no I/O, reads no clock and knows no framework:
// every rule takes the instant, the calendar and the people as arguments.
//
// Apply is the only place where a case changes. The same function records an act, tells the
// API whether an act would be allowed, tells a page which forms to show, and prints
// docs/state-machine.md.
package regulation
