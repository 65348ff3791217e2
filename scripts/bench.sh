#!/usr/bin/env bash
# Measures the built product on SQLite and on a MariaDB of the project's own, and prints the figures
# of docs/benchmarks.md; every figure holds two things against each other that were measured in this
# run. What is measured on is deleted afterwards. Leave the machine alone meanwhile.
#   scripts/bench.sh [FLAGS OF haochaping-standalone bench]   such as --only cases --engine sqlite
# BENCH=quick shows within a few minutes that everything can be measured; its figures mean little.
set -euo pipefail

here=$(cd "$(dirname "$0")/.." && pwd)
cd "$here"
flags=("$@")
[ "${BENCH:-full}" != quick ] || flags+=(--quick)
# On the project's disk: a temporary folder may lie in memory, where durability costs nothing.
mkdir -p .cache/bench
work=$(mktemp -d "$here/.cache/bench/XXXXXX")
started=no
clean() {
	rm -rf "$work"
	[ "$started" = no ] || scripts/mariadb.sh stop
}
trap clean EXIT

scripts/mariadb.sh url >/dev/null 2>&1 || started=yes
HAOCHAPING_BENCH_MARIADB=$(scripts/mariadb.sh start)
export HAOCHAPING_BENCH_MARIADB
export GOGC=${GOGC:-400} # as "make run" has it
bin/haochaping-standalone bench --dir "$work" "${flags[@]}"
