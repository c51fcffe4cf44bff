# Outside of a private desktop: its folders, its process namespace, its end.
# shellcheck shell=bash
# shellcheck disable=SC2154 # common.sh sets checkout
# shellcheck source=common.sh

programs=(sway swaybg swaymsg dbus-daemon dbus-update-activation-environment gdbus pipewire wireplumber mako)

run_desktop() {
	local size=$1 status=0 lock missing=() name
	base= # read by the trap, after this function has returned
	shift
	for name in "${programs[@]}" unshare setpriv; do
		command -v "$name" >/dev/null || missing+=("$name")
	done
	((${#missing[@]} == 0)) || die "${missing[*]} not found: install what provides them, or set NERVA_DEV=root to use the Debian root"

	remove_left_behind
	# Not in TMPDIR: the path of a socket may have no more than 107 letters.
	base=$(mktemp -d /tmp/nerva-desktop-XXXXXX)
	exec {lock}>"$base/lock"
	flock "$lock"
	trap 'rm -rf "$base"' EXIT

	# A process namespace ends with its first process, and that with its parent:
	# nothing can outlive this script, whatever it forks and however this ends.
	local namespace=(unshare --mount --pid --fork --kill-child --mount-proc)
	unshare --mount true 2>/dev/null || namespace+=(--user --map-current-user)
	supervise 3 "${namespace[@]}" env --default-signal=INT,TERM,HUP bash "$checkout/dev/lib/session.sh" "$base" "$size" "$@" || status=$?
	return "$status"
}

# A desktop that was killed could not remove its folder; nobody holds its lock.
remove_left_behind() {
	local old
	for old in /tmp/nerva-desktop-*/; do
		# One that is only just being made may not have locked it yet.
		[[ -O $old && -n $(find "${old}lock" -mmin +1 2>/dev/null) ]] || continue
		flock --nonblock --exclusive "${old}lock" rm -rf "$old" || true
	done
}
