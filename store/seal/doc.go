// Package seal keeps what the record may not show: the rater's identity (the
// vault), free text of citizens and staff, and receipts (clause 9(2)).
//
// A subject, one rater, has a data key of its own, stored only wrapped by a
// master key. To destroy the wrapped key is to erase the subject: nothing sealed
// with it opens again, and neither does any copy of it, once the backups of the
// wrapped keys are gone too. Values are found again by a keyed blind index.
// Everything is SM4-GCM, SM3 and HMAC-SM3 (GB/T 32907,
// GB/T 32905), under a suite byte that leaves room for another suite.
//
// No error of this package carries a value, a key or a receipt.
package seal
