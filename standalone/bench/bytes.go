package bench

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/history/v1"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// Bytes tells where the bytes of a closed case lie. Figures are for one case.
type Bytes struct {
	Cases  int
	Record map[string]float64 // of the record, by table or index
	Engine map[string]float64 // of the engine's file, by table or index
	// Events are the bytes of the engine's history as it is handed out, by the event's type and the
	// field; the file holds about as many.
	Events map[string]float64
}

// MeasureBytes carries cases to their end and weighs what they leave.
func MeasureBytes(ctx context.Context, d Database, p Plan) (b Bytes, err error) {
	real, err := NewCases(ctx, d)
	if err != nil {
		return b, err
	}
	defer closing(real.Close, &err)
	b.Cases = p.Cases
	err = onEngine(ctx, real, p, new(atomic.Int64), func(ctx context.Context, r round) error { return b.weigh(ctx, real, r) })
	return b, err
}

func (b *Bytes) weigh(ctx context.Context, real *Cases, r round) error {
	if _, err := r.drive(ctx, 0, r.plan.Warm); err != nil {
		return err
	}
	before, err := r.weights(ctx, real.record)
	if err != nil {
		return err
	}
	driven, err := r.drive(ctx, r.plan.Warm, r.plan.Cases)
	if err != nil {
		return err
	}
	if _, err := r.shape(ctx, driven.ids); err != nil { // waits for their ends
		return err
	}
	time.Sleep(3 * time.Second) // the ledger is kept every second
	after, err := r.weights(ctx, real.record)
	if err != nil {
		return err
	}
	b.Record, b.Engine = grown(after.record, before.record, r.plan.Cases), grown(after.engine, before.engine, r.plan.Cases)
	b.Events, err = r.eventBytes(ctx, driven.ids)
	return err
}

// weights are bytes by table or index.
type weights struct{ record, engine map[string]int64 }

func (r round) weights(ctx context.Context, record *Record) (w weights, err error) {
	file, err := r.engine.Reading()
	if err != nil {
		return w, err
	}
	defer closing(file.Close, &err)
	if w.engine, err = sizesIn(ctx, file, engineSizes); err != nil {
		return w, err
	}
	w.record, err = record.sizes(ctx)
	return w, err
}

const (
	sqliteSizes = "SELECT name, SUM(pgsize) FROM dbstat GROUP BY name"
	// The engine lists runs by some sixty columns, each with an index.
	engineSizes = `SELECT CASE WHEN name GLOB 'by_*' THEN 'executions_visibility, its indexes' ELSE name END, SUM(pgsize)
		FROM dbstat GROUP BY 1`
	serverSizes = `SELECT CASE index_name WHEN 'PRIMARY' THEN table_name ELSE CONCAT(table_name, '.', index_name) END,
		SUM(stat_value) * @@innodb_page_size FROM mysql.innodb_index_stats WHERE stat_name = 'size' AND database_name = ? GROUP BY 1`
)

func (r *Record) sizes(ctx context.Context) (sizes map[string]int64, err error) {
	if r.place.server != nil {
		if _, err := r.place.serverBytes(ctx); err != nil { // counts afresh
			return nil, err
		}
		return sizesIn(ctx, r.place.server, serverSizes, r.place.name)
	}
	db, err := r.readSQLite()
	if err != nil {
		return nil, err
	}
	defer closing(db.Close, &err)
	return sizesIn(ctx, db, sqliteSizes)
}

func sizesIn(ctx context.Context, db *sql.DB, query string, args ...any) (map[string]int64, error) {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	sizes := map[string]int64{}
	for rows.Next() {
		var name string
		var bytes float64
		if err := rows.Scan(&name, &bytes); err != nil {
			return nil, err
		}
		sizes[name] = int64(bytes)
	}
	return sizes, rows.Err()
}

// grown is by how much each has grown for one of so many.
func grown(after, before map[string]int64, many int) map[string]float64 {
	each := map[string]float64{}
	for name, bytes := range after {
		if grown := bytes - before[name]; grown != 0 {
			each[name] = float64(grown) / float64(max(1, many))
		}
	}
	return each
}

// eventBytes weighs the histories of at most 20 cases.
func (r round) eventBytes(ctx context.Context, ids []string) (map[string]float64, error) {
	sample, weighed := ids[:min(len(ids), 20)], map[string]float64{}
	for _, id := range sample {
		events := r.client.GetWorkflowHistory(ctx, id, "", false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
		for events.HasNext() {
			event, err := events.Next()
			if err != nil {
				return nil, fmt.Errorf("%s: %w", id, err)
			}
			weighEvent(weighed, event, 1/float64(len(sample)))
		}
	}
	return weighed, nil
}

// weighEvent adds an event's bytes, by its fields: of a marker the details one by one.
func weighEvent(weighed map[string]float64, e *history.HistoryEvent, share float64) {
	kind, rest := e.EventType.String(), proto.Size(e)
	e.ProtoReflect().Range(func(f protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		if f.Message() == nil || f.ContainingOneof() == nil {
			return true
		}
		for name, bytes := range fieldBytes(v.Message()) {
			weighed[kind+" "+name] += float64(bytes) * share
			rest -= bytes
		}
		return true
	})
	for key, payloads := range e.GetMarkerRecordedEventAttributes().GetDetails() {
		weighed["  of details: "+key] += float64(proto.Size(payloads)) * share
	}
	weighed[kind+" (number, time, type)"] += float64(rest) * share
}

// fieldBytes are the encoded sizes of a message's fields.
func fieldBytes(m protoreflect.Message) map[string]int {
	sizes := map[string]int{}
	m.Range(func(f protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		alone := m.New()
		alone.Set(f, v)
		sizes[string(f.Name())] = proto.Size(alone.Interface())
		return true
	})
	return sizes
}

// Print writes the sums and, below each, what it is made of, the largest first.
func (b Bytes) Print(w io.Writer) {
	record, engine := sum(b.Record), sum(b.Engine)
	fmt.Fprintf(w, "a closed case, of %d: engine %.0f B + record %.0f B = %.1f kB\n", b.Cases, engine, record, (engine+record)/1000)
	printLargest(w, "record, by table and index", b.Record, printedBytes)
	printLargest(w, "engine's file, by table and index", b.Engine, printedBytes)
	printLargest(w, "the engine's history, by event and field", b.Events, printedBytes)
}

func sum(sizes map[string]float64) (all float64) {
	for _, bytes := range sizes {
		all += bytes
	}
	return all
}

// printedBytes is from how many bytes a case on a part of it has a line.
const printedBytes = 100

func printLargest(w io.Writer, title string, sizes map[string]float64, least float64) {
	names := slices.SortedFunc(maps.Keys(sizes), func(a, b string) int {
		if sizes[a] != sizes[b] {
			return int(sizes[b] - sizes[a])
		}
		return strings.Compare(a, b)
	})
	fmt.Fprintf(w, "  %s:\n", title)
	for _, name := range names {
		if sizes[name] >= least {
			fmt.Fprintf(w, "    %8.0f B  %s\n", sizes[name], name)
		}
	}
}
