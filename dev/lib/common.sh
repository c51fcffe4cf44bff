# Shared by dev/enter and dev/desktop: words on stderr, places, and supervision.
# shellcheck shell=bash

me=${0##*/}
checkout=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)

say() { printf 'dev/%s: %s\n' "$me" "$*" >&2; }
die() { say "$*"; exit 1; }
wrong_usage() { say "$* (see dev/$me --help)"; exit 2; }

home_dir() {
	if [[ -n ${HOME:-} ]]; then printf '%s\n' "$HOME"; else getent passwd "$EUID" | cut -d: -f6; fi
}

cache_dir() { printf '%s/nerva-dev\n' "${XDG_CACHE_HOME:-$(home_dir)/.cache}"; }

# Says which of three places this is: "inside" the Debian root, on a "native"
# host that can build by itself, or on one that needs the "root".
where_am_i() {
	if [[ -e /etc/nerva-dev-root ]]; then
		echo inside
	elif [[ ${NERVA_DEV:-} == native ]]; then
		echo native
	elif [[ ${NERVA_DEV:-} == root ]]; then
		echo root
	elif "$checkout/dev/lib/native.sh"; then
		echo native
	else
		echo root
	fi
}

# Puts this checkout's programs first on PATH, once.
path_with_bin() {
	case :$PATH: in
	:"$checkout/bin":*) printf '%s\n' "$PATH" ;;
	*) printf '%s\n' "$checkout/bin:$PATH" ;;
	esac
}

children_of() {
	local task
	for task in "/proc/$1/task"/*/children; do
		cat "$task" 2>/dev/null || true
	done
}

# The signal came from a terminal if this is its foreground process group: then
# CMD, which is in the same group, has had it already.
from_terminal() {
	local stat
	read -r stat </proc/self/stat
	# After the command's name in brackets: state ppid pgrp session tty tpgid.
	# shellcheck disable=SC2086
	set -- ${stat##*) }
	[[ $3 == "$6" ]]
}

# supervise GRACE WRAPPER… runs WRAPPER, whose only child is the command proper,
# and returns its exit status. INT, TERM and HUP go on to that child. With a
# GRACE in seconds, everything is killed when it has not ended by then.
# WRAPPER must die with its parent and ignore INT, TERM and HUP itself.
supervise() {
	local grace=$1 status=0 pid
	shift
	# An asynchronous command would read /dev/null if stdin were not named.
	setpriv --pdeathsig KILL env --ignore-signal=INT,TERM,HUP "$@" <&0 &
	pid=$!
	trap 'pass_on INT "$pid" "$grace"' INT
	trap 'pass_on TERM "$pid" "$grace"' TERM
	trap 'pass_on HUP "$pid" "$grace"' HUP
	wait_for_end "$pid" || status=$?
	trap - INT TERM HUP
	return "$status"
}

# Like wait, but a signal that comes meanwhile doesn't end it.
wait_for_end() {
	local status again=0
	while
		status=0
		wait "$1" || status=$?
		kill -0 "$1" 2>/dev/null
	do :; done
	# If the signal came just when the process ended, only bash still knows its
	# status; when it has told it already, it says 127.
	wait "$1" 2>/dev/null || again=$?
	((again == 127)) || status=$again
	return "$status"
}

# pass_on SIGNAL PID GRACE: see supervise.
pass_on() {
	local signal=$1 pid=$2 grace=$3 child
	if [[ $signal == INT ]] && from_terminal; then return; fi
	for child in $(children_of "$pid"); do
		kill -s "$signal" "$child" 2>/dev/null || true
	done
	if [[ -n $grace ]]; then
		(sleep "$grace" && kill -KILL "$pid" 2>/dev/null) >/dev/null 2>&1 </dev/null &
	fi
}
