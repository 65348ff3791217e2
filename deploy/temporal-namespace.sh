#!/bin/sh
# Creates the product's namespace in the engine unless it exists. Histories of closed cases stay 30
# days; our own record outlives them.
set -eu

for _ in $(seq 60); do
	temporal operator namespace describe --namespace haochaping >/dev/null 2>&1 && exit 0
	temporal operator namespace create --namespace haochaping --retention 720h && exit 0
	sleep 2
done
echo "the engine did not answer within 2 minutes" >&2
exit 1
