#!/usr/bin/env bash
# Checks style, what workflow code may call, and the scripts. Every check runs; any fault fails.
set -uo pipefail

here=$(cd "$(dirname "$0")/.." && pwd)
cd "$here" || exit 1
export CGO_ENABLED=0
scripts/tools.sh lint || exit 1
scripts/install-debian.sh shellcheck || exit 1
tools=$here/.cache/bin
fault=0

check() { # NAME COMMAND...
	local name=$1 began=$SECONDS
	shift
	echo "lint: $name"
	"$@" || fault=1
	echo "lint: $name took $((SECONDS - began)) s"
}

check 'main module' "$tools/golangci-lint" run --allow-parallel-runners ./...
check 'standalone module' env --chdir=standalone "$tools/golangci-lint" run --allow-parallel-runners --config ../.golangci.yml ./...
check 'workflows' "$tools/workflowcheck" ./workflows/...
check 'scripts' shellcheck scripts/*.sh deploy/*.sh .ci/run
exit "$fault"
