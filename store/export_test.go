package store

// What the tests of package store_test need of its inside.
var (
	Tx              = (*Store).tx
	Rows            = (*Store).rows
	Locked          = locked
	InsertNew       = insertNew
	ErrBusy         = errBusy
	LatestMigration = latestMigration
)
