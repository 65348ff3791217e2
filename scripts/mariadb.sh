#!/usr/bin/env bash
# A MariaDB of the project's own, for tests and figures: its data in .mariadb/, on loopback, on a
# free port, never the system's service.
#   scripts/mariadb.sh start   starts it unless it runs, prints its DSN (go-sql-driver's form)
#   scripts/mariadb.sh url     prints the DSN of the running one, fails when none runs
#   scripts/mariadb.sh stop    stops it, by the process id it wrote itself
#   scripts/mariadb.sh clean   stops it and deletes its data
# MARIADB_DIR names another folder; MARIADB_POOL the server's buffer pool (256M, enough for tests: figures of ten million
# ratings are asked of 3G); MARIADB_BINLOG=1 keeps a binary log (sync_binlog then costs one
# more write to the disk a commit, as on a server that replicates).
set -euo pipefail

here=$(cd "$(dirname "$0")/.." && pwd)
dir=${MARIADB_DIR:-$here/.mariadb}
patience=60 # seconds for the server to accept connections or to end

main() {
	case ${1:-} in
	start) start ;;
	url) running || fail "not running"; url ;;
	stop) locked stop ;;
	clean) locked stop; rm -rf "$dir" ;;
	*) sed -n '2,10s/^# \{0,1\}//p' "$0"; exit 2 ;;
	esac
}

fail() { echo "mariadb.sh: $*" >&2; exit 1; }

# One start or stop at a time on one folder.
locked() {
	mkdir -p "$dir" && chmod 700 "$dir"
	exec 9>"$dir/lock"
	flock 9
	"$@"
}

start() {
	if ! command -v mariadbd >/dev/null && [ ! -x /usr/sbin/mariadbd ]; then
		# The core packages alone: no service of the system's comes with them.
		"$here/scripts/install-debian.sh" mariadb-server-core mariadb-client-core >&2
	fi
	PATH=$PATH:/usr/sbin
	locked launch
	url
}

launch() {
	running && return
	[ -d "$dir/data/mysql" ] || create
	write_grants
	for _ in 1 2 3; do
		free_port >"$dir/port"
		run_server && return
	done
	tail -n 20 "$dir/error.log" >&2
	fail "the server did not start; its log is $dir/error.log"
}

create() {
	rm -rf "$dir/data"
	mariadb-install-db --no-defaults --user="$(id -un)" --datadir="$dir/data" --skip-test-db \
		--auth-root-authentication-method=socket >"$dir/install.log" 2>&1 || fail "see $dir/install.log"
	(umask 077 && head -c 18 /dev/urandom | base64 | tr '+/' 'ab' >"$dir/password")
}

# The server runs these at each start, so that the password file is the one truth. Tests make and
# drop databases of their own, hence the rights on all of them.
write_grants() {
	(umask 077 && cat >"$dir/grants.sql") <<-SQL
		CREATE DATABASE IF NOT EXISTS haochaping;
		CREATE OR REPLACE USER 'haochaping'@'127.0.0.1' IDENTIFIED BY '$(cat "$dir/password")';
		GRANT ALL PRIVILEGES ON *.* TO 'haochaping'@'127.0.0.1';
	SQL
}

run_server() {
	local binlog=()
	[ "${MARIADB_BINLOG:-0}" = 1 ] && binlog=(--log-bin=binlog --server-id=1 --expire-logs-days=1)
	# The socket's name is relative to the data folder: a long path would not fit.
	nohup mariadbd --no-defaults --user="$(id -un)" --datadir="$dir/data" --socket=mariadb.sock \
		--bind-address=127.0.0.1 --port="$(cat "$dir/port")" --skip-name-resolve \
		--pid-file="$dir/pid" --log-error="$dir/error.log" --init-file="$dir/grants.sql" \
		--character-set-server=utf8mb4 --collation-server=utf8mb4_bin --default-time-zone=+00:00 \
		--innodb-flush-log-at-trx-commit=1 --sync-binlog=1 \
		--innodb-buffer-pool-size="${MARIADB_POOL:-256M}" --performance-schema=off --max-connections=300 \
		"${binlog[@]}" </dev/null >/dev/null 2>&1 9>&- &
	local child=$!
	for _ in $(seq $((patience * 10))); do
		kill -0 "$child" 2>/dev/null || return 1
		if running && answers "$(cat "$dir/port")"; then return 0; fi
		sleep 0.1
	done
	return 1
}

# True when the process that the pid file names is the server of this very folder.
running() {
	local pid
	pid=$(cat "$dir/pid" 2>/dev/null) || return 1
	[ -n "$pid" ] && tr '\0' '\n' <"/proc/$pid/cmdline" 2>/dev/null | grep -qxF -- "--datadir=$dir/data"
}

answers() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# Below the ports that the kernel hands to outgoing connections.
free_port() {
	local port
	while port=$((20000 + RANDOM % 12000)); do
		answers "$port" || { echo "$port"; return; }
	done
}

url() { echo "haochaping:$(cat "$dir/password")@tcp(127.0.0.1:$(cat "$dir/port"))/haochaping"; }

stop() {
	running || return 0
	local pid
	pid=$(cat "$dir/pid")
	kill -TERM "$pid"
	for _ in $(seq $((patience * 10))); do
		kill -0 "$pid" 2>/dev/null || return 0
		sleep 0.1
	done
	fail "process $pid did not end within $patience s"
}

main "$@"
