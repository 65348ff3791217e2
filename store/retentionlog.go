package store

import "haochaping/regulation"

// What the work around cases leaves behind, and how it ends. Whatever has a leaf in the ledger, such as messages of devices,
// and whatever a figure is counted from, such as what was delivered to the province, is not here: it stays.

// References of rows whose key has several parts, as deletions name them.
const (
	inboundDay     = "CONCAT('day/', upstream, '/', day, '/', kind, '/', outcome)"
	inboundRefused = "CONCAT('refused/', upstream, '/', message_id, '/', kind)"
	inboundSettled = "CONCAT('settled/', upstream, '/', message_id, '/', kind)"
	noticeUnsent   = "CONCAT('unsent/', person, '/', way, '/', cause)"
)

// dueLog finds what of such a kind is due, "" for every other kind. A call goes when all that was rated in it has ended, a
// message to a rater with its case; the rest counts from its entry, as long as nothing of it is open.
func (r retaining) dueLog() (query string, args []any) {
	at := micros(r.before)
	switch r.kept.What {
	case regulation.KeptCall:
		return `SELECT k.id FROM calls k WHERE k.began_at < ? AND NOT EXISTS (SELECT 1 FROM call_ratings b JOIN ratings r ON r.id = b.rating_id
			WHERE b.call_id = k.id AND NOT ` + endedRating + ")", []any{at, at, at}
	case regulation.KeptRaterNotice:
		return "SELECT c.id FROM cases c WHERE c.id IN (SELECT case_id FROM notice_items WHERE case_id <> '') AND " + ended, []any{at}
	case regulation.KeptNotice:
		return "SELECT id FROM notice_deliveries WHERE case_id IS NULL AND state IN ('sent', 'dropped') AND at < ? UNION SELECT " + noticeUnsent +
			" FROM notice_items WHERE case_id = '' AND delivery_id = '' AND at < ?", []any{at, at}
	case regulation.KeptRepair:
		return "SELECT id FROM repair_tickets WHERE state = 'confirmed' AND closed_at < ?", []any{at}
	case regulation.KeptInbound:
		return "SELECT " + inboundDay + " FROM inbound_days WHERE last_at < ? UNION SELECT " + inboundRefused + " FROM inbound_refused WHERE at < ? UNION SELECT " +
			inboundSettled + " FROM inbound_parked WHERE settled_at > 0 AND settled_at < ?", []any{at, at, at}
	case regulation.KeptImport:
		return "SELECT digest FROM paper_imports WHERE imported_at < ?", []any{at}
	case regulation.KeptExport:
		return "SELECT id FROM exports e WHERE asked_at < ? AND NOT EXISTS (SELECT 1 FROM export_files f WHERE f.export_id = e.id)", []any{at}
	}
	return "", nil
}

// logDeletions are the statements that delete references of each kind, in the order of their tables' references.
var logDeletions = map[string][]string{
	regulation.KeptCall:        {"DELETE FROM calls WHERE id IN ?"}, // what was rated in it stays in call_ratings: ids alone, so that nothing is rated twice
	regulation.KeptRaterNotice: {"DELETE FROM notice_items WHERE case_id IN ?", "DELETE FROM notice_deliveries WHERE case_id IN ?"},
	regulation.KeptNotice: {"DELETE FROM notice_items WHERE delivery_id IN ?", "DELETE FROM notice_items WHERE case_id = '' AND delivery_id = '' AND " + noticeUnsent + " IN ?",
		"DELETE FROM notice_deliveries WHERE id IN ?"},
	regulation.KeptRepair: {"DELETE FROM repair_steps WHERE ticket_id IN ?", "DELETE FROM repair_tickets WHERE id IN ?"},
	regulation.KeptInbound: {"DELETE FROM inbound_days WHERE " + inboundDay + " IN ?", "DELETE FROM inbound_refused WHERE " + inboundRefused + " IN ?",
		"DELETE FROM inbound_parked WHERE settled_at > 0 AND " + inboundSettled + " IN ?"},
	regulation.KeptImport: {"DELETE FROM paper_imports WHERE digest IN ?"},
	regulation.KeptExport: {"DELETE FROM export_states WHERE export_id IN ?", "DELETE FROM exports WHERE id IN ?"},
}
