// Package store is the product's memory: one record on two engines, SQLite (the embedded
// default) and MySQL 8 or MariaDB.
//
// Rows are private and stand beside their converters and queries; what leaves the package are
// values of regulation and workday, or plain structs of this package. Instants are BIGINT
// microseconds UTC (0 where there is none), civil dates CHAR(10) in Asia/Shanghai. Errors are
// *regulation.Error (permanent) or database errors without any value in them (transient): a
// value might be somebody's name.
//
// Writing goes through (*Store).tx, reading through (*Store).rows. On SQLite there is exactly
// one writing connection, so code inside a transaction must use the tx it was given and never
// call tx again: it would wait for itself.
package store
