#!/usr/bin/env bash
# Inside a private desktop, as the first process of its namespace: starts what a
# desktop has, waits until all of it answers, and runs the command.
# usage: session.sh FOLDER WxH CMD…
set -euo pipefail
# shellcheck source=common.sh
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/common.sh"
me=desktop
base=$1 size=$2
shift 2

# What the desktop is to know of the caller's session: nothing. What Go keeps
# below the caller's HOME is still used.
clean_environment() {
	local name
	if command -v go >/dev/null; then
		{ read -r GOCACHE && read -r GOMODCACHE && read -r GOPATH && read -r GOENV; } < <(go env GOCACHE GOMODCACHE GOPATH GOENV) || true
		export GOCACHE GOMODCACHE GOPATH GOENV
	fi
	for name in $(compgen -e); do
		case $name in
		XDG_* | DBUS_* | GTK_* | GDK_* | GSK_* | QT_* | SWAY* | HYPRLAND_* | I3SOCK | WAYLAND_* | WLR_* | PIPEWIRE_* | PULSE_* | \
			DISPLAY | XAUTHORITY | DESKTOP_SESSION | SESSION_MANAGER | AT_SPI_* | NO_AT_BRIDGE | GNOME_* | KDE_* | \
			SSH_AUTH_SOCK | GPG_AGENT_INFO | NOTIFY_SOCKET | LISTEN_* | CREDENTIALS_DIRECTORY | INVOCATION_ID | JOURNAL_STREAM | \
			OPENAI_* | ANTHROPIC_* | OLLAMA_* | NERVA_*) [[ $name == NERVA_DEV* ]] || unset "$name" ;;
		esac
	done
	export HOME=$base/home
	export XDG_CONFIG_HOME=$HOME/.config XDG_DATA_HOME=$HOME/.local/share
	export XDG_STATE_HOME=$HOME/.local/state XDG_CACHE_HOME=$HOME/.cache
	export XDG_RUNTIME_DIR=$base/run XDG_DATA_DIRS=${NERVA_DEV_DATA_DIRS:-/usr/local/share:/usr/share} XDG_CONFIG_DIRS=/etc/xdg
	export XDG_CURRENT_DESKTOP=sway XDG_SESSION_DESKTOP=sway XDG_SESSION_TYPE=wayland
	export WAYLAND_DISPLAY=wayland-1 SWAYSOCK=$XDG_RUNTIME_DIR/sway.sock
	export DBUS_SESSION_BUS_ADDRESS=unix:path=$XDG_RUNTIME_DIR/bus
	export GDK_BACKEND=wayland GSK_RENDERER=cairo NERVA_DESKTOP=1
	[[ -n ${LANG:-}${LC_ALL:-} ]] || export LANG=C.UTF-8
	PATH=$(path_with_bin)
	export PATH
}

# The bus watches its folders of services from the start, so they exist then.
make_folders() {
	logs=$base/logs
	(umask 077 && mkdir -p "$HOME" "$XDG_RUNTIME_DIR")
	mkdir -p "$logs" "$XDG_CONFIG_HOME" "$XDG_STATE_HOME" "$XDG_CACHE_HOME" \
		"$XDG_DATA_HOME"/{applications,dbus-1/services}
}

write_sway_config() {
	cat >"$base/sway.conf" <<-END
		output * mode --custom ${size}@60Hz
		output * bg #2e3440 solid_color
		default_border none
		default_floating_border none
		xwayland disable
		seat * hide_cursor when-typing enable
		bindsym Mod4+space exec nerva-ui
	END
}

# start NAME COMMAND… starts a part of the desktop. A Ctrl-C in the terminal is
# for the command only, so the parts are no members of its process group.
start() {
	local name=$1
	shift
	setsid "$@" >"$logs/$name.log" 2>&1 </dev/null &
	parts[$!]=$name
}

# wait_for WHAT CHECK… waits at most 15 s until CHECK succeeds.
wait_for() {
	local what=$1 end=$((SECONDS + 15)) pid
	shift
	until "$@" >/dev/null 2>&1; do
		for pid in "${!parts[@]}"; do
			kill -0 "$pid" 2>/dev/null || give_up "${parts[$pid]} ended before $what"
		done
		((SECONDS < end)) || give_up "no sign within 15 s that $what"
		# Nothing to wake up for: these are conditions of other processes.
		read -r -t 0.01 <>"$pause" || true
	done
}

give_up() {
	local kept
	kept=$(mktemp -d /tmp/nerva-logs-XXXXXX)
	cp "$logs"/* "$kept"
	die "the desktop did not start: $1; its logs are in $kept"
}

owned() { gdbus call --session --dest org.freedesktop.DBus --object-path /org/freedesktop/DBus --method org.freedesktop.DBus.NameHasOwner "$1" | grep -q true; }

# Without this the portal asks the user, and there is nobody.
allow_screenshots() {
	gdbus call --session --dest org.freedesktop.impl.portal.PermissionStore \
		--object-path /org/freedesktop/impl/portal/PermissionStore \
		--method org.freedesktop.impl.portal.PermissionStore.SetPermission \
		screenshot true screenshot '' "['yes']"
}

screenshot_portal() {
	gdbus call --session --dest org.freedesktop.portal.Desktop --object-path /org/freedesktop/portal/desktop \
		--method org.freedesktop.DBus.Properties.Get org.freedesktop.portal.Screenshot version
}

start_desktop() {
	declare -gA parts=()
	pause=$base/pause
	mkfifo "$pause"
	write_sway_config
	start bus dbus-daemon --session --nofork --nopidfile --address="$DBUS_SESSION_BUS_ADDRESS"
	start sway env -u WAYLAND_DISPLAY WLR_BACKENDS=headless WLR_LIBINPUT_NO_DEVICES=1 WLR_RENDERER=pixman \
		WLR_HEADLESS_OUTPUTS=1 sway -c "$base/sway.conf"
	wait_for "the session bus answered" test -S "$XDG_RUNTIME_DIR/bus"
	# Everything that the bus starts shall see this desktop.
	dbus-update-activation-environment --all >"$logs/environment.log" 2>&1
	start pipewire pipewire
	wait_for "sway answered" swaymsg -t get_outputs
	wait_for "PipeWire answered" test -S "$XDG_RUNTIME_DIR/pipewire-0"
	start wireplumber wireplumber
	start notifications mako
	wait_for "the portal's permissions were set" allow_screenshots
	wait_for "the screenshot portal answered" screenshot_portal
	wait_for "the notification service answered" owned org.freedesktop.Notifications
}

# Runs the command and ends with its status; then the kernel kills what is left
# in the namespace. The default signals are named since bash starts asynchronous
# commands with INT and QUIT ignored.
run_command() {
	local status command
	env --default-signal=INT,QUIT "$@" <&0 &
	command=$!
	trap 'kill -INT "$command"' INT
	trap 'kill -TERM "$command"' TERM
	trap 'kill -HUP "$command"' HUP
	status=0
	wait_for_end "$command" || status=$?
	exit "$status"
}

clean_environment
make_folders
start_desktop
run_command "$@"
