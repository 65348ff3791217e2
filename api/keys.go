package api

import "crypto/rand"

// newKey draws the Idempotency-Key of a form: 130 bits, since a rating's key leads to its receipt.
func newKey() string { return rand.Text() }
