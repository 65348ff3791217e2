// Package ledger makes the record tamper-evident (clause 9(2): figures are
// generated automatically and cannot be altered). It is pure: the store gives it
// its tables and its transaction.
//
// A row enters as canonical bytes (Row), which are digested with a random nonce
// into a leaf (DigestLeaf). One sequencer puts leaves at dense positions 0, 1, 2
// of a Merkle log (Append; RFC 6962, SHA-256, golang.org/x/mod/sumdb/tlog), whose
// root stands for all of them in their order. Signed checkpoints leave the
// machine; from then on whoever holds one can prove that a leaf is in the log
// (CheckInclusion), that the log was only ever added to (CheckConsistency), and,
// by a recount of the leaves (Tree), that nothing in it was changed.
package ledger
