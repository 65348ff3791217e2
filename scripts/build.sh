#!/usr/bin/env bash
# Builds one main package and shows how far it is, since the embedded engine's first build is long.
#   scripts/build.sh FOLDER OUTPUT     FOLDER holds the main package, OUTPUT is the binary
set -euo pipefail

folder=$1
output=$(realpath --canonicalize-missing "$2")
export CGO_ENABLED=0
step=3 # seconds between two lines of progress
cd "$folder"

# What the build cache lacks, the main package itself included.
stale=$(go list -deps -f '{{if .Stale}}{{.ImportPath}}{{end}}' . | grep -c . || true)
if [ "$stale" -gt 500 ]; then
	echo "building the product with the embedded engine: first time about 4 minutes"
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
began=$SECONDS
# -v names each package when it is compiled. -s -w leave out the debugger's tables: half the size.
mkdir -p "$(dirname "$output")"
go build -v -ldflags '-s -w' -o "$output" . 2>"$log" &
build=$!
trap 'kill "$build" 2>/dev/null; exit 130' INT TERM

shown=0
while kill -0 "$build" 2>/dev/null; do
	sleep 0.2
	if ((SECONDS - shown >= step)) && [ "$stale" -gt 5 ]; then
		shown=$SECONDS
		echo "  compiled $(grep -c '^[^ #]*$' "$log" || true) of $stale packages, $((SECONDS - began)) s"
	fi
done
if ! wait "$build"; then
	grep -v '^[^ #]*$' "$log" >&2
	echo "the build failed" >&2
	exit 1
fi
echo "built $output in $((SECONDS - began)) s"
