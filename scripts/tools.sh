#!/usr/bin/env bash
# Builds the pinned tools that are missing into .cache/bin, each from its module.
#   scripts/tools.sh lint    golangci-lint and workflowcheck: first time about 2 minutes
#   scripts/tools.sh test    gotestsum
set -euo pipefail

here=$(cd "$(dirname "$0")/.." && pwd)
export GOBIN=$here/.cache/bin CGO_ENABLED=0
mkdir -p "$GOBIN"

# The version is part of a mark beside the binary, so that a raised pin builds anew.
tool() { # NAME PACKAGE VERSION
	local mark=$GOBIN/.$1-$3
	[ -x "$GOBIN/$1" ] && [ -f "$mark" ] && return
	echo "building $1 $3"
	go install "$2@$3"
	rm -f "$GOBIN/.$1-"*
	touch "$mark"
}

case ${1:-} in
lint)
	tool golangci-lint github.com/golangci/golangci-lint/v2/cmd/golangci-lint v2.15.0
	tool workflowcheck go.temporal.io/sdk/contrib/tools/workflowcheck v0.6.0
	;;
test)
	tool gotestsum gotest.tools/gotestsum v1.13.0
	;;
*)
	sed -n '2,4s/^# \{0,1\}//p' "$0"
	exit 2
	;;
esac
