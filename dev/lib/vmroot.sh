# The root that dev/vm boots and runs QEMU out of: Debian testing, which has Hyprland. See recipe.sh and root.sh,
# whose ways it goes.
# shellcheck shell=bash
# shellcheck disable=SC2016,SC2034,SC2154 # mmdebstrap expands $1 in hooks; root.sh reads what is set here and sets log and mirror
# shellcheck source=common.sh source=recipe.sh source=root.sh

suite=forky
root_kind=vm
root_release="Debian testing"
root_sources=("$checkout/dev/vm-packages.txt" "$checkout/dev/lib/vmroot.sh" "$checkout/dev/lib/vmroot-hook.sh")

wanted_packages() { sed 's/#.*//' "$checkout/dev/vm-packages.txt" | xargs; }

# False where the list of packages can't be had; hosts that can't tell try.
mirror_answers() {
	local helper=/usr/lib/apt/apt-helper mirror status=0 to
	[[ -x $helper ]] || return 0
	mirror=$(host_mirror)
	to=$(mktemp)
	timeout 60 "$helper" -o Acquire::Retries=2 download-file "${mirror:-http://deb.debian.org/debian}/dists/$suite/Release" "$to" \
		>/dev/null 2>&1 || status=1
	rm -f "$to"
	return "$status"
}

# Part of make_root: fills the empty folder with the root. mmdebstrap downloads by itself here, since a mirror's copy
# of testing may be older than the week for which it is signed.
fill_root() {
	local debs options mode=(--mode=root --format=directory) to=("$1") run=()
	debs=$(cache_dir)/debs-vm
	mkdir -p "$debs"
	options=(
		--variant=minbase --verbose
		--skip=download/empty --skip=essential/unlink --skip=check/empty
		--dpkgopt=force-unsafe-io
		--aptopt='Acquire::Languages "none"' --aptopt='Acquire::Check-Valid-Until "false"' --aptopt='Acquire::Retries "3"'
		--include="$(wanted_packages | tr ' ' ,)"
		--setup-hook="mkdir -p \"\$1/etc/dpkg/dpkg.cfg.d\" && printf 'path-exclude=%s\\n' ${unread[*]@Q} >\"\$1/etc/dpkg/dpkg.cfg.d/unread\""
		--setup-hook='mkdir -p "$1/var/cache/apt/archives"'
		--setup-hook="sh '$checkout/dev/lib/vmroot-hook.sh' setup \"\$1\""
		--customize-hook="sh '$checkout/dev/lib/vmroot-hook.sh' customize \"\$1\""
	)
	# Packages are kept for the next root, but those that the archive no longer has.
	options+=(--customize-hook='chroot "$1" apt-get --yes autoclean')
	if ((EUID == 0)); then
		options+=(
			--setup-hook="find '$debs' -name '*.deb' -exec ln -t \"\$1/var/cache/apt/archives\" {} +"
			--customize-hook="find \"\$1/var/cache/apt/archives\" -name '*.deb' -exec ln -f -t '$debs' {} +; find '$debs' -name '*.deb' -links 1 -delete"
		)
	else
		mode=(--mode=unshare --format=tar) to=(-) run=(unpack_as_user "$1")
		options+=(--setup-hook="sync-in '$debs' /var/cache/apt/archives" --customize-hook="sync-out /var/cache/apt/archives '$debs'")
	fi
	options+=(--customize-hook='rm -f "$1"/var/cache/apt/archives/*.deb')
	stage "installing the packages"
	with_signs_of_life "unpacked or set up" 1100 "count_unpacked $log" \
		"${run[@]}" mmdebstrap "${mode[@]}" "${options[@]}" "$suite" "${to[@]}" ${mirror:+"$mirror"} || failed "installing the packages"
}
