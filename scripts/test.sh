#!/usr/bin/env bash
# Every test of the project: the main module on SQLite and on MariaDB, then the nested module with
# the engine and the end-to-end tests. Ends with one line 'N passed, N failed'.
#   scripts/test.sh [-short] [GO TEST FLAGS]
set -euo pipefail

here=$(cd "$(dirname "$0")/.." && pwd)
cd "$here"
export CGO_ENABLED=0
reports=$here/.cache/test
patience=30m # for one package; a hang ends with every goroutine's stack

scripts/install-debian.sh chromium fonts-noto-cjk fonts-noto-core mariadb-server-core mariadb-client-core
scripts/tools.sh test
scripts/axe.sh
mkdir -p "$reports"
rm -f "$reports"/*.json "$reports/figures.txt"
export HAOCHAPING_FIGURES=$reports/figures.txt # what tests measured, to be read and not to be judged by

# One that runs already, for somebody's work, is left running.
if ! scripts/mariadb.sh url >/dev/null 2>&1; then
	trap 'scripts/mariadb.sh stop' EXIT
fi
HAOCHAPING_TEST_MARIADB=$(scripts/mariadb.sh start)
export HAOCHAPING_TEST_MARIADB

run() { # NAME FOLDER FLAGS...
	local name=$1 folder=$2 began=$SECONDS code=0
	shift 2
	echo "== tests: $name"
	(cd "$folder" && "$here/.cache/bin/gotestsum" --format standard-quiet --format-hide-empty-pkg \
		--jsonfile "$reports/$name.json" -- -timeout "$patience" "$@" ./...) || code=$?
	echo "== tests: $name took $((SECONDS - began)) s"
	[ "$code" -eq 0 ] || failed_modules+=("$name")
}

failed_modules=()
run main . "$@"
# One package at a time: each has engines of its own, and some wait for real deadlines.
run standalone standalone -p 1 "$@"

[ ! -s "$HAOCHAPING_FIGURES" ] || cat "$HAOCHAPING_FIGURES"

# go test writes its events with the fields always in this order.
passed=$(cat "$reports"/*.json | grep -c '"Action":"pass","Package":"[^"]*","Test":' || true)
failed=$(cat "$reports"/*.json | grep -c '"Action":"fail","Package":"[^"]*","Test":' || true)
skipped=$(cat "$reports"/*.json | grep -c '"Action":"skip","Package":"[^"]*","Test":' || true)
# A package that does not build, or a process that dies, fails without a test that fails.
if [ ${#failed_modules[@]} -gt 0 ] && [ "$failed" -eq 0 ]; then failed=${#failed_modules[@]}; fi
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
