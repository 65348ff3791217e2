#!/bin/sh
# Brings the engine's two databases to the schema of its version. Each step may be run again.
# The account, host and plugin come from the SQL_ variables of temporal-sql-tool.
set -eu

for part in temporal visibility; do
	database=temporal
	[ "$part" = visibility ] && database=temporal_visibility
	temporal-sql-tool --database "$database" setup-schema --version 0.0
	temporal-sql-tool --database "$database" update-schema --schema-name "mysql/v8/$part"
done
