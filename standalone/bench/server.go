package bench

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// ServerUse is what the record's database server has done so far, or for one case.
type ServerUse struct {
	// Processor is what it used of all cores: 0 where it runs on another machine.
	Processor time.Duration
	// Statements are those that it ran, Rows what they inserted, changed or deleted, LogWrites how often
	// its log went to the disk; Received and Sent are bytes.
	Statements, Rows, LogWrites, Received, Sent float64
}

// counters are the server's names of what is counted.
func (u *ServerUse) counters() map[string]*float64 {
	return map[string]*float64{"QUESTIONS": &u.Statements, "HANDLER_WRITE": &u.Rows, "HANDLER_UPDATE": &u.Rows,
		"HANDLER_DELETE": &u.Rows, "INNODB_LOG_WRITES": &u.LogWrites, "BYTES_RECEIVED": &u.Received, "BYTES_SENT": &u.Sent}
}

// ServerUse counts what the record's server has done so far; nothing on SQLite, which has none.
func (r *Record) ServerUse(ctx context.Context) (u ServerUse, err error) {
	if r.place.server == nil {
		return u, nil
	}
	rows, err := r.place.server.QueryContext(ctx, "SELECT UPPER(variable_name), variable_value FROM information_schema.global_status")
	if err != nil {
		return u, err
	}
	defer rows.Close()
	wanted := u.counters()
	for rows.Next() {
		var name, value string
		if err := rows.Scan(&name, &value); err != nil {
			return u, err
		}
		if counter := wanted[name]; counter != nil {
			n, _ := strconv.ParseFloat(value, 64) // those wanted are numbers
			*counter += n
		}
	}
	u.Processor = r.place.serverTime(ctx)
	return u, rows.Err()
}

// serverTime reads the server's processor time from the kernel; 0 where it is no process of this machine.
func (p place) serverTime(ctx context.Context) time.Duration {
	var file string
	if p.server.QueryRowContext(ctx, "SELECT @@pid_file").Scan(&file) != nil {
		return 0
	}
	id, err := os.ReadFile(file)
	if err != nil {
		return 0
	}
	text, err := os.ReadFile("/proc/" + strings.TrimSpace(string(id)) + "/stat")
	if err != nil {
		return 0
	}
	// After the name in brackets: state, then fields 4 and on; 14 and 15 are the ticks of 10 ms used.
	_, rest, _ := strings.Cut(string(text), ") ")
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return 0
	}
	user, _ := strconv.ParseInt(fields[11], 10, 64)
	kernel, _ := strconv.ParseInt(fields[12], 10, 64)
	return time.Duration(user+kernel) * 10 * time.Millisecond
}

// since is what was done after an earlier count, for one of so many cases.
func (u ServerUse) since(before ServerUse, cases int) ServerUse {
	n := float64(max(1, cases))
	return ServerUse{Processor: (u.Processor - before.Processor) / time.Duration(max(1, cases)),
		Statements: (u.Statements - before.Statements) / n, Rows: (u.Rows - before.Rows) / n,
		LogWrites: (u.LogWrites - before.LogWrites) / n, Received: (u.Received - before.Received) / n, Sent: (u.Sent - before.Sent) / n}
}

func (u ServerUse) String() string {
	return fmt.Sprintf("%.1f ms of processor time, %.0f statements, %.0f rows written, log put on the disk %.1f times, %.0f kB in, %.0f kB out",
		milliseconds(u.Processor), u.Statements, u.Rows, u.LogWrites, u.Received/1000, u.Sent/1000)
}
