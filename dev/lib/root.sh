# The cached Debian root: made once, whole or not at all, by one process at a time.
# shellcheck shell=bash
# shellcheck disable=SC2030,SC2031,SC2154 # common.sh sets checkout; make_root is a subshell
# shellcheck source=common.sh source=recipe.sh

# Which root: the one to build in, unless vmroot.sh says otherwise. Its name has a hash of what it is made from.
root_kind=root
root_release="Debian 13"
root_sources=("$checkout/dev/packages.txt" "$checkout/dev/lib/recipe.sh")

# Sets root, the folder of the root that fits this checkout, and makes it if
# there is none. Holds a shared lock on it, so that no other process removes it.
ensure_root() {
	local cache
	cache=$(cache_dir)
	name_root
	mkdir -p "$cache/go-build"
	if ! hold_root; then
		make_root "$cache"
		hold_root || die "the root $root vanished while it was being entered; please start again"
	fi
}

name_root() { root=$(cache_dir)/$root_kind-$(cat "${root_sources[@]}" | sha256sum | cut -c1-12); }

# True when the root is there; it is moved to its place as the last step.
hold_root() {
	[[ -e $root/etc/nerva-dev-root ]] || return 1
	exec {root_lock}>>"$root.lock"
	flock --shared "$root_lock"
	[[ -e $root/etc/nerva-dev-root ]]
}

make_root() (
	cache=$1
	exec {lock}>>"$cache/lock"
	waited=0
	until flock --timeout "$((waited ? 10 : 0))" "$lock"; do
		say "waiting for another process that is making the Debian root ($waited s)"
		waited=$((SECONDS + 1))
	done
	[[ ! -e $root/etc/nerva-dev-root ]] || exit 0

	need_tools mmdebstrap bwrap
	((EUID == 0)) || need_tools newuidmap
	log=$cache/$root_kind.log
	: >"$log"
	rm -rf --one-file-system "$cache"/making-*
	new=$(mktemp -d "$cache/making-XXXXXX")
	chmod 755 "$new"
	# What is unfinished goes away at once; the downloaded packages stay.
	trap 'rm -rf --one-file-system "$new"' EXIT
	worker=
	trap 'stop_worker; exit 130' INT
	trap 'stop_worker; exit 143' TERM
	trap 'stop_worker; exit 129' HUP

	say "making the $root_release root in $root, once; this takes a few minutes"
	mirror=$(host_mirror)
	mkdir "$new"/root
	fill_root "$new/root"
	mv -T "$new/root" "$root"
	remove_old_roots "$cache"
	stage "the $root_release root is ready"
)

# Part of make_root: fills the empty folder with the root.
fill_root() {
	mkdir -p "$cache/debs"
	if [[ -n $mirror ]]; then
		download_packages "$cache/apt" "$cache/debs" "$log" "$mirror" || failed "downloading the packages"
	fi
	install_packages "$cache/apt" "$cache/debs" "$1" "$log" "$mirror" || failed "installing the packages"
}

failed() {
	grep -E '^(E|W|Err|dpkg)\b' "$log" | tail -n 5 >&2 || true
	die "$1 failed, see $log; the next start goes on with what has been downloaded"
}

# A root still in use is left for another time.
remove_old_roots() {
	local old lock_file
	for old in "$1/$root_kind"-*/; do
		old=${old%/}
		[[ $old != "$root" ]] || continue
		lock_file=$old.lock
		flock --nonblock --exclusive "$lock_file" rm -rf --one-file-system "$old" "$lock_file" || true
	done
}

# need_tools TOOL…: as root whatever is missing is installed; a user is told how.
need_tools() {
	local missing=() tool cache
	cache=$(cache_dir)
	for tool; do
		command -v "$tool" >/dev/null && continue
		case $tool in
		bwrap) missing+=(bubblewrap) ;;
		newuidmap) missing+=(uidmap) ;;
		# The second has the keys of Debian's archive, which other hosts lack.
		mmdebstrap) missing+=(mmdebstrap debian-archive-keyring) ;;
		esac
	done
	((${#missing[@]})) || return 0
	local install="apt-get install --yes --no-install-recommends ${missing[*]}"
	if ((EUID != 0)); then
		die "${missing[*]} must be installed first; run: sudo $install"
	fi
	command -v apt-get >/dev/null ||
		die "${missing[*]} must be installed first, and this host has no apt-get to do it with"
	stage "installing ${missing[*]} on the host"
	DEBIAN_FRONTEND=noninteractive $install >>"$cache/host.log" 2>&1 && return
	stage "updating the host's list of packages"
	apt-get update >>"$cache/host.log" 2>&1 || true
	DEBIAN_FRONTEND=noninteractive $install >>"$cache/host.log" 2>&1 ||
		die "${missing[*]} could not be installed on the host, see $cache/host.log"
}

stage() { say "$* ($SECONDS s)"; }

# with_signs_of_life WORDS TOTAL COUNTER COMMAND… runs COMMAND, its output into
# the log, and says every ten seconds how far it is: COUNTER prints a number that
# grows up to TOTAL.
with_signs_of_life() {
	local words=$1 total=$2 counter=$3 status=0 count next=$((SECONDS + 10))
	shift 3
	# It inherits the lock: should this script be killed, the next one waits
	# until the work left behind has ended, too.
	"$@" >>"$log" 2>&1 &
	worker=$!
	while kill -0 "$worker" 2>/dev/null; do
		sleep 0.5
		((SECONDS >= next)) || continue
		next=$((SECONDS + 10))
		count=$($counter)
		say "  $words $((count < total ? count : total)) of $total ($SECONDS s)"
	done
	wait "$worker" || status=$?
	worker=
	return "$status"
}

stop_worker() {
	[[ -n $worker ]] || return 0
	kill -TERM "$worker" 2>/dev/null || true
	wait "$worker" || true
}
