package store

// What the tests of package store_test need of its inside.
var (
	Tx              = (*Store).tx
	Rows            = (*Store).rows
	Locked          = locked
	InsertNew       = insertNew
	ErrBusy         = errBusy
	LatestMigration = latestMigration
	NextNumber      = nextNumber
	HoldsLease      = holdsLease
	NewID           = newID
	HashPassword    = hashPassword
	PasswordMatches = passwordMatches
	Unusable        = unusable
)
