#!/usr/bin/env bash
# Audits the citizens' pages of the built product with Lighthouse in the local Chromium, on a phone's profile, and prints
# scores and what the first load weighs. Fails where a score is below 95. Leave the machine alone meanwhile.
#   scripts/lighthouse.sh [PATH ...]   default: the citizens' pages
# Tests only: nothing of it is ever built in or served.
set -euo pipefail

version=12.8.2
least=95
here=$(cd "$(dirname "$0")/.." && pwd)
cd "$here"
tools=.cache/lighthouse
port=${LIGHTHOUSE_PORT:-8339}
base=http://127.0.0.1:$port

scripts/install-debian.sh chromium fonts-noto-cjk fonts-noto-core
command -v npm >/dev/null || scripts/install-debian.sh npm
if [ ! -x "$tools/node_modules/.bin/lighthouse" ]; then
	mkdir -p "$tools"
	npm install --prefix "$tools" --no-save --no-audit --no-fund --loglevel=error "lighthouse@$version"
fi

work=$(mktemp -d)
product=
clean() {
	[ -z "$product" ] || kill "$product" 2>/dev/null || true
	[ -z "$product" ] || wait "$product" 2>/dev/null || true
	rm -rf "$work"
}
trap clean EXIT
HAOCHAPING_ADDR=127.0.0.1:$port HAOCHAPING_DATA=$work/data bin/haochaping-standalone >"$work/log" 2>&1 &
product=$!
for _ in $(seq 60); do
	grep -q 'rate a window' "$work/log" && break
	sleep 1
done
code=$(grep -o '/r/[A-Z2-7]*' "$work/log" | head -n 1)
[ -n "$code" ] || { cat "$work/log"; exit 1; }
[ $# -gt 0 ] || set -- "$code" / /matter /receipt /privacy /rules /write-offs

cat >"$work/scores.js" <<'JS'
const [file, path, least] = process.argv.slice(2)
const report = JSON.parse(require('fs').readFileSync(file))
const scores = ['performance', 'accessibility', 'best-practices'].map(name => Math.round(100 * (report.categories[name].score ?? 0)))
const weight = (report.audits['total-byte-weight'].numericValue / 1000).toFixed(1)
console.log(path.padEnd(20), scores.map(score => String(score).padStart(11)).join(' '), weight.padStart(8) + ' kB')
process.exit(scores.every(score => score >= least) ? 0 : 1)
JS
printf '%-20s %11s %11s %11s %11s\n' page performance accessible practices weight
fault=0
for path in "$@"; do
	CHROME_PATH=/usr/bin/chromium "$tools/node_modules/.bin/lighthouse" "$base$path" --quiet --output=json --output-path="$work/report.json" \
		--only-categories=performance,accessibility,best-practices \
		--chrome-flags='--headless --no-sandbox --disable-gpu --disable-background-networking' >"$work/lighthouse" 2>&1 || { cat "$work/lighthouse"; exit 1; }
	node "$work/scores.js" "$work/report.json" "$path" "$least" || fault=1
done
[ "$fault" -eq 0 ]
