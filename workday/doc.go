// Package workday counts the working days of the People's Republic of China.
//
// Weekends are off. A day is otherwise off, or a weekend day worked, when the
// State Council's yearly notice says so (national.csv: every weekday off and
// every weekend day worked, 2020 to 2026, from the notices of the General
// Office of the State Council on the holidays of each year), or when a local
// layer of a prefecture or a county says so. The last layer wins.
//
// All days and instants are those of Asia/Shanghai, whatever zone the server
// runs in. The package does no I/O of its own and reads no clock.
package workday
