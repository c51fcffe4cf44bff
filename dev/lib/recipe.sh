# How the Debian root is made. The root's name has a hash of this file and of
# packages.txt, so a change in either makes a new root.
# shellcheck shell=bash
# shellcheck disable=SC2016,SC2154 # mmdebstrap expands $1 in hooks; common.sh sets checkout

suite=trixie

wanted_packages() { sed 's/#.*//' "$checkout/dev/packages.txt" | xargs; }

# The host's own Debian mirror; nothing when it has none (mmdebstrap knows one).
host_mirror() {
	if [[ -n ${NERVA_DEV_MIRROR:-} ]]; then
		printf '%s\n' "$NERVA_DEV_MIRROR"
		return
	fi
	[[ $(. /etc/os-release && echo "${ID:-}") == debian ]] || return 0
	local all uri
	# Not the archive for security: it has no whole system.
	all=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/{debian.sources,*.list,*.sources} 2>/dev/null |
		grep -v '^[[:space:]]*#' | grep -oE '[a-z+]+:/[^][:space:]]+' | sed 's:/*$::' | grep -v security || true)
	uri=$(grep -E '/debian(\.list)?$' <<<"$all" | head -n 1 || true)
	# Cloud images name a file with one mirror a line.
	case $uri in mirror+file:*) uri=$(grep -m 1 -oE '^[a-z]+://[^[:space:]]+' "${uri#mirror+file:}" || true) ;; esac
	printf '%s\n' "$uri"
}

# download_packages APT DEBS LOG MIRROR, with a folder APT for its lists, fetches everything the root needs. It
# goes before mmdebstrap, for apt goes on where an interrupted download ended.
download_packages() {
	local apt=$1 debs=$2 log=$3 mirror=$4 total missing size
	mkdir -p "$apt"/{state/lists/partial,cache,parts,none/partial} "$debs/partial"
	: >"$apt/status"
	local keys=/usr/share/keyrings/debian-archive-keyring.gpg
	[[ -e $keys ]] && keys=" [signed-by=$keys]" || keys=
	printf 'deb%s %s %s main\n' "$keys" "$mirror" "$suite" >"$apt/sources.list"
	cat >"$apt/apt.conf" <<-END
		Dir::State "$apt/state";
		Dir::State::status "$apt/status";
		Dir::Cache "$apt/cache";
		Dir::Cache::archives "$debs";
		Dir::Etc::sourcelist "$apt/sources.list";
		Dir::Etc::sourceparts "$apt/parts";
		Dir::Etc::preferencesparts "$apt/parts";
		APT::Architecture "$(dpkg --print-architecture)";
		APT::Architectures { "$(dpkg --print-architecture)"; };
		APT::Install-Recommends "false";
		APT::Sandbox::User "root";
		Acquire::Languages "none";
		Acquire::Retries "3";
		#clear APT::Update::Post-Invoke;
		#clear DPkg::Post-Invoke;
	END
	local get=(env APT_CONFIG="$apt/apt.conf" apt-get --yes)
	local what
	# shellcheck disable=SC2207 # package names have no blanks
	what=('?essential' '?priority(required)' apt $(wanted_packages))

	stage "reading the list of Debian 13 packages"
	"${get[@]}" update >>"$log" 2>&1 || return
	# Versions that the archive no longer has would only take space.
	"${get[@]}" autoclean >>"$log" 2>&1 || return
	# A folder without packages has it list all of them, not only those that are missing.
	"${get[@]}" -o "Dir::Cache::archives=$apt/none" install --print-uris "${what[@]}" 2>>"$log" |
		grep "^'" >"$apt/uris" || return
	read -r missing size < <(missing_debs "$apt/uris" "$debs" | awk '{ n += $3 } END { printf "%d %d\n", NR, n / 1000000 }')
	if ((missing == 0)); then return; fi
	total=$(wc -l <"$apt/uris")
	stage "downloading $missing packages, $size MB"
	with_signs_of_life "downloaded" "$total" "count_debs $apt/uris $debs" \
		"${get[@]}" install --download-only "${what[@]}"
}

# missing_debs URIS DEBS prints the lines of apt's list (URI, file, bytes, hash) whose file is not there.
missing_debs() {
	local uri name rest
	while read -r uri name rest; do
		[[ -e $2/$name ]] || printf '%s\n' "$uri $name $rest"
	done <"$1"
}

count_debs() { echo "$(($(wc -l <"$1") - $(missing_debs "$1" "$2" | wc -l)))"; }
count_unpacked() { grep -cE '^(Unpacking|Setting up) ' "$1" || true; }

# What nobody reads in the root.
unread=(/usr/share/{doc,man,info,locale,help,gtk-doc}/'*')

# install_packages APT DEBS DIR LOG MIRROR makes the root in the empty folder DIR.
install_packages() {
	local apt=$1 debs=$2 dir=$3 log=$4 mirror=$5 count
	local options=(
		--variant=minbase --verbose
		--skip=download/empty --skip=essential/unlink --skip=check/empty
		--dpkgopt=force-unsafe-io
		--aptopt='Acquire::Languages "none"'
		--include="$(wanted_packages | tr ' ' ,)"
		# Not by --dpkgopt, for which mmdebstrap starts a filter of its own for each essential package: 25 s.
		--setup-hook="mkdir -p \"\$1/etc/dpkg/dpkg.cfg.d\" && printf 'path-exclude=%s\\n' ${unread[*]@Q} >\"\$1/etc/dpkg/dpkg.cfg.d/unread\""
		--setup-hook='mkdir -p "$1/var/cache/apt/archives"'
		# Files of the host are bound over these; the package ca-certificates would take 13 s for its own.
		--customize-hook='cd "$1/etc" && mkdir -p ssl/certs && touch resolv.conf hosts hostname gitconfig ssl/certs/ca-certificates.crt'
		--customize-hook='chroot "$1" dbus-uuidgen --ensure=/etc/machine-id'
		--customize-hook='chroot "$1" fc-cache --system-only'
		--customize-hook='rm -f "$1"/var/cache/apt/archives/*.deb'
		--customize-hook='date -u +%FT%TZ >"$1/etc/nerva-dev-root"'
	)
	# As root the packages are linked in, which takes no time; a user's own folder
	# may be closed to the ids of the namespace, so there they are sent in.
	if ((EUID == 0)); then
		options+=(--setup-hook="find '$debs' -name '*.deb' -exec cp --link --target-directory=\"\$1/var/cache/apt/archives\" {} +")
	else
		options+=(--setup-hook="sync-in '$debs' /var/cache/apt/archives")
	fi
	# Unpacked and set up; without a mirror of the host's nothing was planned, and it is a guess.
	count=$(($({ wc -l <"$apt/uris"; } 2>/dev/null || echo 600) * 2))
	stage "installing the packages"
	if ((EUID == 0)); then
		with_signs_of_life "unpacked or set up" "$count" "count_unpacked $log" \
			mmdebstrap --mode=root --format=directory "${options[@]}" "$suite" "$dir" ${mirror:+"$mirror"}
	else
		# The files shall belong to the user, not to a subordinate id: the root
		# is only read, and this way it can be moved and removed like any folder.
		with_signs_of_life "unpacked or set up" "$count" "count_unpacked $log" \
			unpack_as_user "$dir" mmdebstrap --mode=unshare --format=tar "${options[@]}" "$suite" - ${mirror:+"$mirror"}
	fi
}

unpack_as_user() {
	local dir=$1
	shift
	"$@" | tar --extract --no-same-owner --exclude='./dev/*' --directory "$dir"
}
