#!/usr/bin/env bash
# Measures the product on SQLite and on a MariaDB of the project's own; every figure is a ratio of
# two things measured in this run. Leave the machine alone meanwhile.
#   scripts/bench.sh [FLAGS OF haochaping-standalone bench]
set -euo pipefail

here=$(cd "$(dirname "$0")/.." && pwd)
cd "$here"
if ! scripts/mariadb.sh url >/dev/null 2>&1; then
	trap 'scripts/mariadb.sh stop' EXIT
fi
HAOCHAPING_TEST_MARIADB=$(scripts/mariadb.sh start)
export HAOCHAPING_TEST_MARIADB
bin/haochaping-standalone bench "$@"
