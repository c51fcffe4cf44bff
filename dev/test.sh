#!/usr/bin/env bash
# Tests what dev/enter and dev/desktop promise. Prints "ok …" or "not ok …" for
# each promise and fails if one is broken.
set -uo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." || exit 1
tmp=$(mktemp -d /tmp/nerva-dev-test-XXXXXX)
trap 'rm -rf "$tmp"' EXIT
export tmp
passed=0 failed=0

# check WHAT COMMAND…
check() {
	local what=$1
	shift
	if "$@" >"$tmp/out" 2>&1; then
		printf 'ok %s\n' "$what"
		passed=$((passed + 1))
	else
		printf 'not ok %s\n' "$what"
		sed 's/^/    /' "$tmp/out" | tail -n 20
		failed=$((failed + 1))
	fi
}

# status N COMMAND…: COMMAND ends with N.
status() {
	local want=$1 got=0
	shift
	"$@" || got=$?
	((got == want)) || { echo "status $got instead of $want"; return 1; }
}

prints() { [[ $("${@:2}") == "$1" ]]; }

# soon COMMAND…: it succeeds within ten seconds.
soon() {
	local end=$((SECONDS + 10))
	until "$@"; do ((SECONDS < end)) || return 1; sleep 0.05; done
}

gone() { ! pgrep -f "$1" >/dev/null; }

# --- dev/enter

check "enter: wrong usage is 2" status 2 dev/enter
check "enter: an unknown option is 2" status 2 dev/enter --nonsense
check "enter: --help" dev/enter --help
check "enter: the exit status is the command's" status 7 dev/enter sh -c 'exit 7'
check "enter: a command that isn't there is 127" status 127 dev/enter /nonexistent/command
check "enter: death by a signal is 128 and its number" status 143 dev/enter sh -c 'kill -TERM $$'
check "enter: stdin and stdout pass through" prints hello dev/enter cat <<<hello
check "enter: arguments stay as they are" prints '[a b][][*]' dev/enter printf '[%s]' 'a b' '' '*'
check "enter: stdout is the command's alone" prints '' dev/enter true
check "enter: the current folder is kept" prints "$tmp" sh -c "cd '$tmp' && '$PWD/dev/enter' pwd"
check "enter: it can write there" sh -c "cd '$tmp' && '$PWD/dev/enter' touch here && test -O here"
check "enter: Go, a compiler and GTK are there" dev/enter sh -c \
	'go version && pkg-config --atleast-version=4.14 gtk4 && pkg-config --exists gtk4-layer-shell-0 && command -v "${CC:-cc}"'
check "enter: nested, it runs the command as it is" prints 5 dev/enter dev/enter sh -c 'dev/enter echo 5'
check "enter: nested from an empty environment Go is found" dev/enter env -i "$PWD/dev/enter" go version
check "enter: --outside has the same Go" prints "$(dev/enter go version)" dev/enter --outside go version
check "enter: --outside has the same build cache" prints "$(dev/enter go env GOCACHE)" dev/enter --outside go env GOCACHE
check "enter: --outside without a command is 2" status 2 dev/enter --outside
check "enter: bubblewrap with a /proc of its own works inside" dev/enter \
	bwrap --ro-bind / / --unshare-all --proc /proc --dev /dev test -e /proc/self/status

race_test() {
	mkdir -p "$tmp/race" && cd "$tmp/race" || return
	printf 'module race\n' >go.mod
	printf 'package race\nimport "testing"\nfunc TestIt(t *testing.T) { c := make(chan int); go func() { c <- 1 }(); <-c }\n' >it_test.go
	"$OLDPWD/dev/enter" go test -race .
}
check "enter: the race detector works" eval '(race_test)'

interrupted() {
	local pid got=0
	# The sh in between undoes that bash lets asynchronous commands ignore INT.
	env --default-signal=INT dev/enter sh -c "trap 'exit 9' $1; echo up >$tmp/up; while :; do sleep 0.05; done" &
	pid=$!
	soon test -e "$tmp/up" && rm "$tmp/up" && kill -s "$1" "$pid"
	wait "$pid" || got=$?
	((got == 9))
}
check "enter: TERM goes on to the command" interrupted TERM
check "enter: INT goes on to the command" interrupted INT

two_at_once() {
	# Two processes find no root; one makes it, the other waits and uses it.
	(
		set -e
		checkout=$PWD me=test
		. dev/lib/common.sh && . dev/lib/recipe.sh && . dev/lib/root.sh
		export XDG_CACHE_HOME=$tmp/cache
		host_mirror() { :; }
		need_tools() { :; }
		install_packages() {
			echo made >>"$tmp/made"
			sleep 1
			mkdir -p "$3/etc" && touch "$3/etc/nerva-dev-root"
		}
		(ensure_root) 2>"$tmp/one" &
		(ensure_root) 2>"$tmp/two" &
		wait %1
		wait %2
	)
	[[ $(wc -l <"$tmp/made") == 1 ]] && grep -q waiting "$tmp/one" "$tmp/two" &&
		[[ -z $(ls -d "$tmp"/cache/nerva-dev/making-* 2>/dev/null) ]]
}
check "enter: of two at once one makes the root and the other waits" two_at_once

half_made() {
	# A creation that is killed leaves no root, and the next one makes it.
	(
		checkout=$PWD me=test
		. dev/lib/common.sh && . dev/lib/recipe.sh && . dev/lib/root.sh
		export XDG_CACHE_HOME=$tmp/cache2
		host_mirror() { :; }
		need_tools() { :; }
		install_packages() { mkdir -p "$3/etc" && touch "$tmp/began" && with_signs_of_life x 1 echo sleep 30; }
		(ensure_root) &
		soon test -e "$tmp/began"
		pkill -TERM -P $! || kill $!
		wait $!
		[[ -z $(ls -d "$tmp"/cache2/nerva-dev/root-*/ 2>/dev/null) ]] || exit 1
		install_packages() { mkdir -p "$3/etc" && touch "$3/etc/nerva-dev-root"; }
		(ensure_root) && [[ -z $(ls -d "$tmp"/cache2/nerva-dev/making-* 2>/dev/null) ]]
	)
}
check "enter: an interrupted creation leaves nothing half-made" half_made

# --- dev/desktop: most of it is asked in one desktop.

check "desktop: wrong usage is 2" status 2 dev/desktop
check "desktop: a wrong size is 2" status 2 dev/desktop --size big true
check "desktop: --help" dev/desktop --help

: >"$tmp/served"
dev/enter python3 -c '
import http.server, sys
server = http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler)
print(server.server_port, flush=True)
server.serve_forever()' >"$tmp/served" 2>/dev/null &
server=$!
soon test -s "$tmp/served"
port=$(cat "$tmp/served")
export port

cat >"$tmp/inside.sh" <<'END'
say() { printf '%s %s\n' "$1" "$2"; }
try() { local what=$1; shift; if "$@" >"$tmp/inside.out" 2>&1; then say ok "$what"; else say not "$what"; sed 's/^/#    /' "$tmp/inside.out" | tail -n 15; fi; }
eq() { [[ $1 == "$2" ]] || { echo "$1 is not $2"; false; }; }

echo "$HOME" >"$tmp/home"
try "HOME is new and private" eval '[[ $HOME == /tmp/* && $(stat -c %a "$HOME") == 700 ]] && [[ -z $(find "$HOME" -type f ! -path "*/flatpak/db/screenshot") ]]'
try "the XDG folders are at their defaults" eval 'eq "$XDG_CONFIG_HOME" "$HOME/.config" && eq "$XDG_DATA_HOME" "$HOME/.local/share" && eq "$XDG_STATE_HOME" "$HOME/.local/state" && eq "$XDG_CACHE_HOME" "$HOME/.cache"'
try "the runtime folder is private" eval '[[ $(stat -c %a "$XDG_RUNTIME_DIR") == 700 ]]'
try "nothing of the caller's session leaks in" eval '[[ -z ${DISPLAY:-}${HYPRLAND_INSTANCE_SIGNATURE:-}${OPENAI_API_KEY:-} ]]'
try "the size is the one asked for" eval 'swaymsg -t get_outputs -r | jq -e "[.[].current_mode | .width, .height] == [1280, 800]"'
try "a picture has that size" eval 'grim "$tmp/grim.png" && file "$tmp/grim.png" | grep -q "1280 x 800"'
try "the built programs are on PATH" eval 'case $PATH in "$PWD/bin":*) ;; *) false ;; esac'
try "nothing of nerva runs" eval '! pgrep nerva'
try "the bus has a notification service" notify-send hello
try "which keeps what it showed" eval 'makoctl list | grep -q hello || makoctl history | grep -q hello'
try "the screenshot portal answers" python3 "$tmp/portal.py"
try "the accessibility bus answers" busctl --user call org.a11y.Bus /org/a11y/bus org.a11y.Bus GetAddress
try "the clipboard works" eval 'wl-copy kept && eq "$(wl-paste -n)" kept'
try "the keyboard works" wtype -s 50 a
try "a service file dropped in later is seen" eval 'printf "[D-BUS Service]\nName=org.example.Late\nExec=/bin/false\n" >"$XDG_DATA_HOME/dbus-1/services/late.service" && for i in $(seq 100); do busctl --user call org.freedesktop.DBus / org.freedesktop.DBus ListActivatableNames | grep -q org.example.Late && break; sleep 0.05; done && ((i < 100))'
try "/proc fits the processes on the bus" eval 'pid=$(busctl --user call org.freedesktop.DBus / org.freedesktop.DBus GetConnectionUnixProcessID s org.freedesktop.Notifications | cut -d" " -f2) && eq "$(cat /proc/$pid/comm)" mako'
try "bubblewrap with a /proc of its own works" bwrap --ro-bind / / --unshare-all --proc /proc --dev /dev test -e /proc/self/status
try "the host's loopback is seen" bash -c "exec 3<>/dev/tcp/127.0.0.1/$port"
try "Go works with the caller's caches" eval 'go env GOMODCACHE | grep -v "$HOME" && go env GOCACHE | grep -v "$HOME"'
try "a desktop within works" eval 'eq "$(dev/desktop --size 800x600 sh -c "swaymsg -t get_outputs -r | jq -r .[0].current_mode.width")" 800'
try "enter within works" eval 'eq "$(dev/enter echo 5)" 5'
missing=; for p in python3 busctl gdbus dbus-send grim wtype wl-copy fuzzel wofi tofi foot tesseract; do command -v $p >/dev/null || missing+=" $p"; done
try "the promised programs are there" eval 'eq "" "$missing"'
setsid sh -c 'setsid sleep 98765 & ' >/dev/null 2>&1
read -r line; try "stdin passes through" eq "$line" typed
END
cat >"$tmp/portal.py" <<'END'
# Asks the portal for a screenshot as any program does and looks for the file.
import os, sys
from gi.repository import Gio, GLib
bus = Gio.bus_get_sync(Gio.BusType.SESSION)
loop, answer = GLib.MainLoop(), []
def response(_c, _s, path, _i, _m, args):
    answer.append((path, *args.unpack())); loop.quit()
bus.signal_subscribe(None, 'org.freedesktop.portal.Request', 'Response', None, None, 0, response)
bus.call_sync('org.freedesktop.portal.Desktop', '/org/freedesktop/portal/desktop', 'org.freedesktop.portal.Screenshot',
              'Screenshot', GLib.Variant('(sa{sv})', ('', {'interactive': GLib.Variant('b', False)})), None, 0, 10000, None)
GLib.timeout_add_seconds(10, loop.quit)
loop.run()
print(answer)
path = Gio.File.new_for_uri(answer[0][2]['uri']).get_path()
size = os.path.getsize(path)
os.unlink(path)
sys.exit(answer[0][1] or size == 0)
END
DISPLAY=:99 OPENAI_API_KEY=secret HYPRLAND_INSTANCE_SIGNATURE=x \
	dev/desktop --size 1280x800 bash "$tmp/inside.sh" <<<typed >"$tmp/answers" 2>"$tmp/errors" ||
	sed 's/^/    /' "$tmp/errors"
while IFS= read -r line; do
	case $line in
	'ok '*) printf 'ok desktop: %s\n' "${line#ok }"; passed=$((passed + 1)) ;;
	'not '*) printf 'not ok desktop: %s\n' "${line#not }"; failed=$((failed + 1)) ;;
	*) printf '%s\n' "${line#\#}" ;;
	esac
done <"$tmp/answers"
check "desktop: all its questions were asked" grep -q 'stdin passes through' "$tmp/answers"
check "desktop: HOME is gone afterwards" test ! -e "$(cat "$tmp/home")"
check "desktop: a process forked twice is gone afterwards" gone 'sleep 98765'
kill "$server"

check "desktop: the exit status is the command's" status 7 dev/desktop sh -c 'exit 7'

# killed SIGNAL: what a desktop started ends with it, however it is ended.
killed() {
	local pid mark=$((RANDOM + 500000))
	rm -f "$tmp/up"
	env --default-signal=INT dev/desktop sh -c "setsid sleep $mark & touch $tmp/up; sleep $mark" &
	pid=$!
	soon test -e "$tmp/up" || { soon test -e "$tmp/up" || return; }
	kill -s "$1" "$pid"
	wait "$pid"
	soon gone "sleep $mark"
}
check "desktop: nothing outlives it after TERM" killed TERM
check "desktop: nothing outlives it after INT" killed INT
check "desktop: nothing outlives it after KILL" killed KILL

printf '%d passed, %d failed\n' "$passed" "$failed"
((failed == 0))
