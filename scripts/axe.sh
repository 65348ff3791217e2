#!/bin/sh
# Installs axe-core, which the accessibility tests of web need, into .cache (not under git).
# Tests only: nothing of it is ever built in or served.
set -eu
version=4.14.1
here=$(cd "$(dirname "$0")" && pwd)
folder=$here/../.cache/axe
file=$folder/node_modules/axe-core/axe.min.js
if [ -f "$file" ] && grep -q "axe v$version" "$file"; then
	exit 0
fi
command -v npm >/dev/null || "$here/install-debian.sh" npm
mkdir -p "$folder"
npm install --prefix "$folder" --no-save --no-audit --no-fund --loglevel=error "axe-core@$version"
