package store_test

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"haochaping/regulation"
	"haochaping/store"
)

// tamperings is how many tamperings TestTamperings tries, from the environment; as many as a build has time for by default.
const tamperings = "HAOCHAPING_TAMPERINGS"

// sign signs the ledger into a folder.
func (d *desk) sign(folder string) (store.Checkpoint, bool, error) {
	d.t.Helper()
	token, ok, err := d.AcquireLease(d.t.Context(), store.LeaseCheckpoints, "tester", time.Minute)
	d.must(err)
	if !ok {
		d.t.Fatal("another holds the lease")
	}
	return d.SignCheckpoint(d.t.Context(), token, folder)
}

func (d *desk) signed(folder string) store.Checkpoint {
	d.t.Helper()
	point, signed, err := d.sign(folder)
	d.must(err)
	if !signed {
		d.t.Fatal("nothing was signed")
	}
	return point
}

// everyLeaf fills the record so that each kind of leaves has some.
func (d *desk) everyLeaf() {
	d.t.Helper()
	ctx := d.t.Context()
	d.must(d.FillDemoBoxes(ctx, true))
	token, _, err := d.AcquireLease(ctx, store.LeaseProbes, "tester", time.Hour)
	d.must(err)
	d.must(d.FillDemoProbes(ctx, token))
	closed, open := d.closed(), d.open()
	for _, id := range []string{closed, open} {
		d.issued(d.issue(id, regulation.DocumentTransferOrder, "a"))
		_, err := d.AskReveal(ctx, d.read(id), regulation.Values{"purpose": {"safety"}, "reason": {"担心安全"}}, d.actor("kd-supervisor-1"))
		d.must(err)
	}
	d.closed()
	d.integrate()
	d.archive(plainPage)
	boxes, err := d.Boxes(ctx, everywhere)
	d.must(err)
	d.must(d.SetBoxState(ctx, everywhere, boxes[0].ID, regulation.Values{"box_state": {"out_of_use"}, "box_reason": {"大厅装修"}}, d.actor("kd-supervisor-1")))
	for _, unit := range []string{"513301-psb", "513301-mkt"} {
		_, err := d.Watch(ctx, regulation.WatchUnit, unit, regulation.Values{"watch_reasons": {"大厅反映集中"}}, d.actor("kd-supervisor-1"))
		d.must(err)
	}
	officer := d.actor("kd-supervisor-1")
	words, _, err := d.ToRedact(ctx, everywhere, officer, false, 3)
	d.must(err)
	for _, w := range words {
		d.must(d.Redact(ctx, w, regulation.Values{"decision": {regulation.CommentWithheld}}, officer))
	}
	d.devices()
	d.nextMonth()
	d.nextMonth() // a quarter ends, and has its board
	d.seal()
	d.follow()
	d.months(14)
	d.retain()
	d.months(30)
	d.retain()
	d.integrate()
}

// devices has an evaluator send messages.
func (d *desk) devices() {
	d.t.Helper()
	t, isTest := d.t.(*testing.T)
	if !isTest {
		return
	}
	choices, err := d.Choices(t.Context())
	d.must(err)
	as := regulation.Assignment{Role: regulation.DeviceMaintainer, Org: "513301-authority", Area: "513301"}
	b := &bench{d.Record, t, choices, regulation.Actor{Person: "maintainer", As: as, Assignments: []regulation.Assignment{as}}}
	g := b.enrolled("haochaping-page", "T-1", "513301-w05")
	for _, m := range []store.SignedMessage{
		g.sign(regulation.MessageSession, `{"session":"s0","event":"opened"}`, d.Clock.Now()), g.sign(regulation.MessageSession, `{"session":"s0","event":"timed_out"}`, d.Clock.Now()),
	} {
		_, err := b.receive(m)
		d.must(err)
	}
}

// intruder is somebody with the database itself: no rule of the product or of the schema stops them.
type intruder struct {
	d      *desk
	conn   *sql.Conn
	draw   *rand.Rand
	tables []string // behind leaves
	keys   map[string][]string
	kinds  map[string]string
	leaves []theLeaf           // as they were
	rows   map[string][]string // refs by table that the checkpoint covers
	size   int64               // of the checkpoint
	mysql  bool
}

type theLeaf struct {
	position          int64
	kind, ref, digest string
}

// Of the tables behind leaves, columns that no leaf covers: what is looked up by, under which key something is sealed, and
// counters beside an opening. No figure and no decision rests on them.
var uncovered = map[string][]string{
	"ratings":             {"has_contact", "request_key", "request_digest", "key_id", "receipt_hash"},
	"documents":           {"area", "request_key"},
	"archives":            {"papers"}, // what a package holds is in its digest
	"box_openings":        {"entered", "voided"},
	"box_opening_reports": {"state", "settled_at"},
}

// unique are columns that a copied row must not share with the first.
var unique = map[string][]string{
	"ratings": {"request_key", "receipt_hash"}, "documents": {"running_number", "about", "request_key"}, "archives": {"seq"}, "consents": {"seq"},
	"box_openings": {"opened_at", "new_seal"}, "paper_readings": {"person"},
}

func (d *desk) intruder(seed uint64) *intruder {
	d.t.Helper()
	i := &intruder{d: d, draw: rand.New(rand.NewPCG(seed, 5)), keys: map[string][]string{"leaves": {"position"}, "ledger_hashes": {"hash_index"},
		"figures": {"given_month", "cut", "k1", "k2", "channel", "dimension"}, "received_counts": {"kind", "id", "began"},
		"figure_adjustments": {"given_month", "cut", "k1", "k2", "channel", "dimension"}, "case_figures": {"case_id"},
		"case_tallies": {"given_month", "cut", "k1", "k2", "channel"}, "alike_tallies": {"given_month", "matter", "cause", "grade", "area"},
		"alike_totals": {"given_month", "matter", "cause", "grade"}}, kinds: map[string]string{}, rows: map[string][]string{}}
	driver, address := "sqlite", "file:"+filepath.Join(d.Opened.Dir, store.FileName)+"?_pragma=busy_timeout(10000)&_pragma=synchronous(0)&_pragma=ignore_check_constraints(1)"
	if i.mysql = d.Opened.DSN != ""; i.mysql {
		driver, address = "mysql", d.Opened.DSN
	}
	db, err := sql.Open(driver, address)
	d.must(err)
	if i.conn, err = db.Conn(d.t.Context()); err != nil {
		d.t.Fatal(err)
	}
	if i.mysql {
		i.exec("SET SESSION foreign_key_checks = 0, check_constraint_checks = 0, sql_mode = ''")
	}
	for table, key := range store.LeafTables() {
		i.tables, i.kinds[table] = append(i.tables, table), key[0]
		i.keys[table] = slices.DeleteFunc([]string{key[1], key[2]}, func(s string) bool { return s == "" })
	}
	slices.Sort(i.tables)
	d.t.Cleanup(func() {
		for _, table := range i.all() {
			for _, kept := range []string{"kept_", "old_"} {
				_, err := i.conn.ExecContext(context.Background(), "DROP TABLE IF EXISTS "+kept+table)
				d.must(err)
			}
		}
		_ = i.conn.Close()
		_ = db.Close()
	})
	return i
}

// all are the tables that are tampered with, and what stands with them in a copy.
func (i *intruder) all() []string {
	return append(slices.Clone(i.tables), "leaves", "ledger_hashes", "pending_leaves", "figures", "received_counts", "figure_adjustments", "case_figures", "case_tallies", "alike_tallies", "alike_totals", "facts")
}

func (i *intruder) exec(query string, args ...any) {
	i.d.t.Helper()
	if err := i.try(query, args...); err != nil {
		i.d.t.Fatal(query, args, err)
	}
}

func (i *intruder) try(query string, args ...any) error {
	_, err := i.conn.ExecContext(i.d.t.Context(), query, args...)
	return err
}

func (i *intruder) keep(prefix string) {
	for _, table := range i.all() {
		i.exec("CREATE TABLE " + prefix + table + " AS SELECT * FROM " + table)
	}
}

func (i *intruder) restore(prefix string, tables ...string) {
	i.d.t.Helper()
	i.exec("BEGIN")
	for _, table := range tables {
		i.exec("DELETE FROM " + table)
		i.exec("INSERT INTO " + table + " SELECT * FROM " + prefix + table)
	}
	i.exec("COMMIT")
}

// know notes what the ledger holds and what of it the checkpoint covers.
func (i *intruder) know(size int64) {
	i.d.t.Helper()
	i.size = size
	rows, err := i.conn.QueryContext(i.d.t.Context(), "SELECT position, kind, ref, digest FROM leaves ORDER BY position")
	i.d.must(err)
	defer rows.Close()
	for rows.Next() {
		var l theLeaf
		i.d.must(rows.Scan(&l.position, &l.kind, &l.ref, &l.digest))
		i.leaves = append(i.leaves, l)
		if table := i.table(l.kind); l.position < size {
			i.rows[table] = append(i.rows[table], l.ref)
		}
	}
	i.d.must(rows.Err())
	for _, table := range i.tables {
		if size > 0 && len(i.rows[table]) < 1 {
			i.d.t.Errorf("no row of %s is in the ledger: this proves nothing of it", table)
		}
	}
}

func (i *intruder) table(kind string) string {
	for table, of := range i.kinds {
		if of == kind {
			return table
		}
	}
	return ""
}

// one is a row as the database has it.
type one struct {
	table   string
	columns []string
	numeric []bool
	values  []any
}

func (o one) at(column string) int { return slices.Index(o.columns, column) }

func (o one) name(keys []string) string {
	var parts []string
	for _, key := range keys {
		parts = append(parts, text(o.values[o.at(key)]))
	}
	return strings.Join(parts, "/")
}

func text(v any) string {
	switch v := v.(type) {
	case []byte:
		return string(v)
	case nil:
		return ""
	}
	return fmt.Sprint(v)
}

// where is the condition that finds a row by its key.
func (i *intruder) where(o one) (condition string, args []any) {
	var parts []string
	for _, key := range i.keys[o.table] {
		parts, args = append(parts, key+" = ?"), append(args, o.values[o.at(key)])
	}
	return " WHERE " + strings.Join(parts, " AND "), args
}

// pick draws a row that the checkpoint covers.
func (i *intruder) pick(table string) (one, bool) {
	i.d.t.Helper()
	query, args := "SELECT * FROM "+table, []any{}
	switch table {
	case "leaves":
		query, args = query+" WHERE position = ?", []any{i.draw.Int64N(i.size)}
	case "ledger_hashes", "figures", "received_counts", "figure_adjustments", "case_figures", "case_tallies", "alike_tallies", "alike_totals":
		var n int64
		i.d.must(i.conn.QueryRowContext(i.d.t.Context(), "SELECT COUNT(*) FROM "+table).Scan(&n))
		if n == 0 {
			return one{}, false
		}
		query += fmt.Sprintf(" ORDER BY %s LIMIT 1 OFFSET %d", strings.Join(i.keys[table], ", "), i.draw.Int64N(n))
	default:
		if len(i.rows[table]) == 0 {
			return one{}, false
		}
		id, number, _ := strings.Cut(i.rows[table][i.draw.IntN(len(i.rows[table]))], "/")
		query, args = query+" WHERE "+i.keys[table][0]+" = ?", []any{id}
		if len(i.keys[table]) > 1 {
			query, args = query+" AND "+i.keys[table][1]+" = ?", append(args, number)
		}
	}
	return i.get(table, query, args...)
}

func (i *intruder) get(table, query string, args ...any) (one, bool) {
	i.d.t.Helper()
	rows, err := i.conn.QueryContext(i.d.t.Context(), query, args...)
	i.d.must(err)
	defer rows.Close()
	types, err := rows.ColumnTypes()
	i.d.must(err)
	o := one{table: table}
	var into []any
	for _, of := range types {
		o.columns, o.numeric = append(o.columns, of.Name()), append(o.numeric, strings.Contains(of.DatabaseTypeName(), "INT"))
		into = append(into, new(any))
	}
	if !rows.Next() {
		i.d.must(rows.Err())
		return one{}, false
	}
	i.d.must(rows.Scan(into...))
	for _, v := range into {
		o.values = append(o.values, *v.(*any))
	}
	return o, true
}

// other is a value that is not the one that is there.
func (i *intruder) other(value any, numeric bool) any {
	if numeric {
		n, _ := strconv.ParseInt(text(value), 10, 64)
		return n + 1 + i.draw.Int64N(900)
	}
	bytes, isText := []byte(text(value)), false
	if _, isText = value.(string); i.mysql || value == nil {
		isText = !slices.ContainsFunc(bytes, func(b byte) bool { return b >= 0x7f || b < 0x20 })
	}
	if len(bytes) == 0 {
		return "x"
	}
	if isText && !slices.ContainsFunc(bytes, isASCII) {
		return string(bytes) + "x"
	}
	at := i.draw.IntN(len(bytes))
	for !isASCII(bytes[at]) && isText {
		at = i.draw.IntN(len(bytes))
	}
	bytes[at] = map[bool]byte{true: 'y', false: 'x'}[bytes[at] == 'x']
	if isText {
		return string(bytes)
	}
	return bytes
}

func isASCII(b byte) bool { return b < 0x80 }

// tampering is what was done: to which rows, as findings name them, and which tables to put back.
type tampering struct {
	rows, tables []string
	told         string
}

func named(table, row string) string { return table + " " + row }

func (i *intruder) anyTable() string {
	all := append(slices.Clone(i.tables), "leaves", "ledger_hashes", "figures", "received_counts", "figure_adjustments", "case_figures", "case_tallies", "alike_tallies", "alike_totals")
	return all[i.draw.IntN(len(all))]
}

func (i *intruder) nameOf(o one) string {
	if o.table == "leaves" {
		return named("leaves", text(o.values[o.at("kind")])+" "+text(o.values[o.at("ref")]))
	}
	return named(o.table, o.name(i.keys[o.table]))
}

// edit changes one column of one row.
func (i *intruder) edit() (t tampering, done bool) {
	o, ok := i.pick(i.anyTable())
	if !ok {
		return t, false
	}
	c := i.draw.IntN(len(o.columns))
	if slices.Contains(uncovered[o.table], o.columns[c]) {
		return t, false
	}
	condition, args := i.where(o)
	err := i.try("UPDATE "+o.table+" SET "+o.columns[c]+" = ?"+condition, append([]any{i.other(o.values[c], o.numeric[c])}, args...)...)
	return tampering{[]string{i.nameOf(o)}, []string{o.table}, o.table + "." + o.columns[c]}, err == nil
}

func (i *intruder) remove() (t tampering, done bool) {
	o, ok := i.pick(i.anyTable())
	if !ok {
		return t, false
	}
	condition, args := i.where(o)
	return tampering{[]string{i.nameOf(o)}, []string{o.table}, o.table}, i.try("DELETE FROM "+o.table+condition, args...) == nil
}

// add copies a row under another key.
func (i *intruder) add() (t tampering, done bool) {
	o, ok := i.pick(i.anyTable())
	if !ok {
		return t, false
	}
	switch o.table {
	case "leaves":
		o.values[o.at("position")], o.values[o.at("ref")] = int64(len(i.leaves)), "made-up"
	case "ledger_hashes":
		o.values[o.at("hash_index")] = tlog.StoredHashCount(int64(len(i.leaves))) + i.draw.Int64N(100)
	case "figures", "figure_adjustments", "case_tallies":
		o.values[o.at("k2")] = "made-up"
	case "received_counts":
		o.values[o.at("id")] = "made-up"
	case "alike_tallies", "alike_totals":
		o.values[o.at("matter")] = "made-up"
	case "case_figures":
		o.values[o.at("case_id")] = "made-up"
	default:
		for _, column := range append(slices.Clone(i.keys[o.table][:1]), unique[o.table]...) {
			o.values[o.at(column)] = i.other(o.values[o.at(column)], o.numeric[o.at(column)])
		}
		if o.table == "ratings" && text(o.values[o.at("form_serial")]) != "" {
			o.values[o.at("form_serial")] = i.other(o.values[o.at("form_serial")], false)
		}
	}
	name := i.nameOf(o)
	if o.table == "leaves" { // the row that it names is missing
		name = named(i.table(text(o.values[o.at("kind")])), "made-up")
	}
	query := "INSERT INTO " + o.table + " (" + strings.Join(o.columns, ", ") + ") VALUES (?" + strings.Repeat(", ?", len(o.columns)-1) + ")"
	return tampering{[]string{name}, []string{o.table}, o.table}, i.try(query, o.values...) == nil
}

// caseSums are what case_tallies counts.
var caseSums = []string{"cases", "written_off", "concluded", "called", "replied", "ordered", "accepted", "in_time", "overdue", "delays", "took"}

// alikeSums are what alike_tallies counts.
var alikeSums = []string{"decided", "concluded", "confirmed", "written_off", "accepted", "in_time", "appealed", "upheld"}

// swap has two rows of a table change places.
func (i *intruder) swap() (t tampering, done bool) {
	table := i.anyTable()
	a, one := i.pick(table)
	b, other := i.pick(table)
	if !one || !other || i.nameOf(a) == i.nameOf(b) {
		return t, false
	}
	columns := i.keys[table]
	if table == "figures" || table == "received_counts" || table == "figure_adjustments" || table == "ledger_hashes" || table == "case_figures" || table == "case_tallies" || table == "alike_tallies" || table == "alike_totals" {
		columns = map[string][]string{"figures": {"g1", "g2", "g3", "g4", "g5", "not_rated"}, "received_counts": {"g1", "g2", "g3", "g4", "g5"}, "figure_adjustments": {"g1", "g2", "g3", "g4", "g5"}, "ledger_hashes": {"hash"}, "case_figures": {"seq", "grade", "channel"},
			"case_tallies": caseSums, "alike_tallies": alikeSums, "alike_totals": {"decided"}}[table]
		if a.name(columns) == b.name(columns) {
			return t, false
		}
		return tampering{[]string{i.nameOf(a), i.nameOf(b)}, []string{table}, table}, i.set(a, columns, b) && i.set(b, columns, a)
	}
	aside := cloned(a)
	for _, key := range columns {
		aside.values[aside.at(key)] = i.other(a.values[a.at(key)], a.numeric[a.at(key)])
	}
	if table == "leaves" {
		aside.values[aside.at("position")] = int64(1 << 40)
	}
	return tampering{[]string{i.nameOf(a), i.nameOf(b)}, []string{table}, table},
		i.set(a, columns, aside) && i.set(b, columns, a) && i.set(aside, columns, b)
}

func cloned(o one) one { o.values = slices.Clone(o.values); return o }

// set gives a row some columns of another.
func (i *intruder) set(o one, columns []string, from one) bool {
	var sets []string
	var args []any
	for _, column := range columns {
		sets, args = append(sets, column+" = ?"), append(args, from.values[from.at(column)])
	}
	condition, keys := i.where(o)
	return i.try("UPDATE "+o.table+" SET "+strings.Join(sets, ", ")+condition, append(args, keys...)...) == nil
}

// truncate cuts the ledger's end off, with the hashes that would tell, and with the rows too or without.
func (i *intruder) truncate() (t tampering, done bool) {
	from := i.size - 1 - i.draw.Int64N(min(20, i.size-1))
	t.tables = []string{"leaves", "ledger_hashes"}
	rows := i.draw.IntN(2) == 0
	for _, l := range i.leaves[from:] {
		table := i.table(l.kind)
		if rows {
			id, number, _ := strings.Cut(l.ref, "/")
			query, args := "DELETE FROM "+table+" WHERE "+i.keys[table][0]+" = ?", []any{id}
			if len(i.keys[table]) > 1 {
				query, args = query+" AND "+i.keys[table][1]+" = ?", append(args, number)
			}
			i.exec(query, args...)
			t.tables = append(t.tables, table)
		}
		if l.position < i.size {
			t.rows = append(t.rows, named("leaves", l.kind+" "+l.ref))
		}
	}
	slices.Sort(t.tables)
	t.tables, t.told = slices.Compact(t.tables), fmt.Sprintf("%d leaves, rows too: %v", int64(len(i.leaves))-from, rows)
	i.exec("DELETE FROM leaves WHERE position >= ?", from)
	i.rehash(i.leaves[:from])
	return t, true
}

// rewrite changes, takes away or puts in a row, and makes the log anew with the product's own code: it agrees with itself in
// everything, the figures too.
func (i *intruder) rewrite() (t tampering, done bool) {
	table := i.tables[i.draw.IntN(len(i.tables))]
	o, ok := i.pick(table)
	if !ok {
		return t, false
	}
	ref := o.name(i.keys[table])
	at := slices.IndexFunc(i.leaves, func(l theLeaf) bool { return l.kind == i.kinds[table] && l.ref == ref })
	t = tampering{[]string{named(table, ref)}, []string{table, "leaves", "ledger_hashes", "pending_leaves", "figures", "received_counts", "figure_adjustments", "case_figures", "case_tallies", "alike_tallies", "alike_totals", "facts"}, table}
	leaves := slices.Clone(i.leaves)
	condition, args := i.where(o)
	switch what := i.draw.IntN(4); what {
	case 0:
		i.exec("DELETE FROM "+table+condition, args...)
		leaves, t.told = slices.Delete(leaves, at, at+1), table+" taken away"
	case 1:
		id, isSet := o.values[0], o.columns[0] == i.keys[table][0]
		if table != "ratings" || !isSet {
			return t, false
		}
		copied := cloned(o)
		for _, column := range []string{"id", "request_key", "receipt_hash"} {
			copied.values[copied.at(column)] = i.other(o.values[o.at(column)], false)
		}
		if text(o.values[o.at("form_serial")]) != "" {
			copied.values[copied.at("form_serial")] = i.other(o.values[o.at("form_serial")], false)
		}
		query := "INSERT INTO ratings (" + strings.Join(o.columns, ", ") + ") VALUES (?" + strings.Repeat(", ?", len(o.columns)-1) + ")"
		if i.try(query, copied.values...) != nil {
			return t, false
		}
		ref, t.told = text(copied.values[0]), "ratings put in after "+text(id)
		t.rows = []string{named(table, ref)}
		digest := i.settle(table, ref)
		leaves = slices.Insert(leaves, at, theLeaf{0, i.kinds[table], ref, digest})
	default:
		column, value, plain := i.plausible(o)
		if !plain || i.try("UPDATE "+table+" SET "+column+" = ?"+condition, append([]any{value}, args...)...) != nil {
			return t, false
		}
		t.told = table + "." + column + " changed"
		digest := i.settle(table, ref)
		if digest == "" || digest == leaves[at].digest {
			i.restore("kept_", table)
			return t, false
		}
		leaves[at].digest = digest
	}
	i.exec("BEGIN")
	i.exec("DELETE FROM leaves")
	for n, l := range leaves {
		i.exec("INSERT INTO leaves (position, kind, ref, digest) VALUES (?, ?, ?, ?)", n, l.kind, l.ref, l.digest)
	}
	i.exec("DELETE FROM figures")
	i.exec("DELETE FROM received_counts")
	i.exec("UPDATE facts SET content = '0' WHERE name = 'figures'")
	i.exec("COMMIT")
	i.rehash(leaves)
	i.d.count(500)
	return t, true
}

// plausible is another value of a column that its leaf covers and nothing in the row contradicts.
func (i *intruder) plausible(o one) (column string, value any, ok bool) {
	if c := o.at("body"); c >= 0 {
		return "body", append([]byte(text(o.values[c])), ' '), true
	}
	if o.table == "ratings" {
		c := o.at([]string{"grade", "staff_id", "window_id", "project_no"}[i.draw.IntN(4)])
		if o.columns[c] == "grade" {
			grade, _ := strconv.Atoi(text(o.values[c]))
			return "grade", grade%5 + 1, true
		}
		return o.columns[c], i.other(o.values[c], false), true
	}
	c := i.draw.IntN(len(o.columns))
	if slices.Contains(uncovered[o.table], o.columns[c]) || slices.Contains(i.keys[o.table], o.columns[c]) || o.columns[c] == "nonce" {
		return "", nil, false
	}
	return o.columns[c], i.other(o.values[c], o.numeric[c]), true
}

// settle makes a row agree with itself and returns its leaf's digest, "" where it does not.
func (i *intruder) settle(table, ref string) string {
	i.d.t.Helper()
	digest, canonical, err := store.LeafDigest(i.d.Store, i.d.t.Context(), i.kinds[table], ref)
	if err != nil {
		return ""
	}
	if table == "ratings" {
		i.exec("UPDATE ratings SET canonical = ? WHERE id = ?", canonical, ref)
	}
	return digest
}

// rehash makes the stored hashes anew.
func (i *intruder) rehash(leaves []theLeaf) {
	i.d.t.Helper()
	var digests []string
	for _, l := range leaves {
		digests = append(digests, l.digest)
	}
	i.exec("BEGIN")
	i.exec("DELETE FROM ledger_hashes")
	for index, hash := range store.StoredHashes(digests) {
		i.exec("INSERT INTO ledger_hashes (hash_index, hash) VALUES (?, ?)", index, hash)
	}
	i.exec("COMMIT")
}

// oldBackup puts an older copy of the record back.
func (i *intruder) oldBackup() (t tampering, done bool) {
	var size int64
	i.d.must(i.conn.QueryRowContext(i.d.t.Context(), "SELECT COUNT(*) FROM old_leaves").Scan(&size))
	i.restore("old_", i.all()...)
	for _, l := range i.leaves[size:i.size] {
		t.rows = append(t.rows, named("leaves", l.kind+" "+l.ref))
	}
	t.tables, t.told = i.all(), fmt.Sprintf("%d of %d leaves", size, i.size)
	return t, true
}

// score is what became of the tamperings of a kind.
type score struct{ tried, found, named int }

// TestTamperings: whatever somebody does with the database itself shows against the last exported checkpoint, and the row is
// named (9(2)).
func TestTamperings(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		n := map[bool]int{true: 300, false: 40}[d.Opened.DSN == ""]
		if text := os.Getenv(tamperings); text != "" {
			n, _ = strconv.Atoi(text)
			if d.Opened.DSN != "" {
				n = max(n/20, 40)
			}
		}
		folder := t.TempDir()
		d.everyLeaf()
		d.count(500)
		d.signed(folder)
		i := d.intruder(uint64(n))
		i.keep("old_")
		d.rated(20)
		d.closed()
		d.count(500)
		point := d.signed(folder)
		d.rated(3) // newer than the checkpoint
		d.count(500)
		d.rated(2) // and such as wait
		i.keep("kept_")
		i.know(point.Size)
		exported, err := store.OpenExported(folder)
		d.must(err)
		defer exported.Close()
		verify := func() (found []store.Tampered) {
			result, err := d.VerifyOffline(t.Context(), store.OfflineOptions{Point: point.Checkpoint, Leaves: exported, Found: func(f store.Tampered) error {
				found = append(found, f)
				return nil
			}})
			if err != nil {
				t.Errorf("after %d rows: %v", result.Rows, err)
			}
			return found
		}
		if found := verify(); found != nil {
			t.Fatalf("nothing was tampered with: %v", found)
		}
		kinds := map[string]func() (tampering, bool){"edit": i.edit, "delete": i.remove, "insert": i.add, "swap": i.swap, "truncate": i.truncate,
			"rewrite": i.rewrite, "old backup": i.oldBackup}
		names := slices.Sorted(maps.Keys(kinds))
		scores := map[string]*score{}
		began := time.Now()
		for tried := 0; tried < n; {
			name := names[tried%len(names)]
			what, done := kinds[name]()
			if !done { // half of it may be done: a swap of which a key refused the last step
				i.restore("kept_", what.tables...)
				continue
			}
			tried++
			s := scores[name]
			if s == nil {
				s = &score{}
				scores[name] = s
			}
			s.tried++
			found := verify()
			if len(found) > 0 {
				s.found++
			}
			missing := slices.DeleteFunc(slices.Clone(what.rows), func(row string) bool { return isNamed(found, row) })
			if len(missing) == 0 {
				s.named++
			} else {
				t.Errorf("%s (%s): %d found, not named: %v of %v; %v", name, what.told, len(found), missing, what.rows, found[:min(len(found), 5)])
			}
			i.restore("kept_", what.tables...)
			if tried%100 != 0 {
				continue
			}
			if found := verify(); found != nil {
				t.Fatalf("all was put back after %s (%s): %v", name, what.told, found)
			}
		}
		if found := verify(); found != nil {
			t.Errorf("all was put back: %v", found)
		}
		var out strings.Builder
		table := tabwriter.NewWriter(&out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, "tampering\ttried\tfound\tnot found\tnamed")
		for _, name := range names {
			if s := scores[name]; s != nil {
				fmt.Fprintf(table, "%s\t%d\t%d\t%d\t%d\n", name, s.tried, s.found, s.tried-s.found, s.named)
			}
		}
		d.must(table.Flush())
		t.Logf("%d tamperings with a record of %d leaves in %d tables, of which the checkpoint covers %d, in %v\n%s", n, len(i.leaves), len(i.tables), i.size, time.Since(began).Round(time.Second), out.String())
	})
}

// isNamed tells whether a finding names a row: itself, or by its leaf.
func isNamed(found []store.Tampered, row string) bool {
	return slices.ContainsFunc(found, func(f store.Tampered) bool { return named(f.Table, f.Row) == row })
}
