# Runs a command inside the Debian root.
# shellcheck shell=bash
# shellcheck disable=SC2154 # common.sh sets checkout
# shellcheck source=common.sh source=root.sh

# What belongs to the host's operating system and is therefore not seen inside.
is_os_folder() {
	case $1 in
	/bin | /boot | /dev | /etc | /lib | /lib32 | /lib64 | /libx32 | /lost+found | /proc | /run | /sbin | /sys | /usr | /var) return 0 ;;
	*) return 1 ;;
	esac
}

# Sets go_root to the host's Go as seen from the host; empty when there is none.
find_go() {
	local go
	go=$(command -v go || true)
	if [[ -z $go ]]; then
		for go in /usr/local/go/bin/go /usr/lib/go/bin/go /usr/lib/golang/bin/go ''; do
			[[ ! -x $go ]] || break
		done
	fi
	go_root='' go_path='' go_modules=''
	[[ -n $go ]] || return 0
	{ read -r go_root && read -r go_path && read -r go_modules; } < <("$go" env GOROOT GOPATH GOMODCACHE) || true
}

# Adds to args what makes PATH visible at the same place, if it isn't already.
show() {
	local path=$1 option=${2:---bind}
	[[ -d $path ]] || return 0
	case $path in
	/usr/local/?* | /usr/src/?* | /var/?* | /run/?*) args+=("$option" "$path" "$path") ;;
	esac
}

# Adds to args a file of the host in the place of one in the root.
show_file() { [[ ! -r $1 || ! -e $root$2 ]] || args+=(--ro-bind "$(readlink -f "$1")" "$2"); }

file_system() {
	args=(--die-with-parent)
	# Being root shall mean the same inside, for instance with foreign files.
	((EUID != 0)) || args+=(--cap-add ALL)

	# What bwrap makes on the way to a folder is open to its owner alone; tests run as other users, too.
	args+=(--perms 0755 --dir /usr --perms 0755 --dir /var)

	# The root's system, read-only. Folders in which a host may keep a checkout
	# or Go are left open, for show.
	local entry name
	for entry in "$root"/usr/*; do
		name=${entry##*/}
		case $name in local | src) args+=(--dir "/usr/$name") ;; *) args+=(--ro-bind "$entry" "/usr/$name") ;; esac
	done
	for entry in "$root"/*; do
		[[ ! -L $entry ]] || args+=(--symlink "$(readlink "$entry")" "/${entry##*/}")
	done
	args+=(
		--ro-bind "$root/etc" /etc
		--ro-bind "$root/var/cache/fontconfig" /var/cache/fontconfig
		--ro-bind "$root/var/lib/dpkg" /var/lib/dpkg
		--symlink /run /var/run --bind /var/tmp /var/tmp
		--tmpfs /run --dir /run/lock --bind-try /run/user /run/user
		--ro-bind /usr /run/host/usr
		--dev-bind /dev /dev --ro-bind /sys /sys
		# Not a fresh one: under bwrap's own no further bwrap could mount its own.
		--dev-bind /proc /proc
	)
	show_file /etc/resolv.conf /etc/resolv.conf
	for name in hosts hostname passwd group gitconfig; do
		show_file "/etc/$name" "/etc/$name"
	done
	for entry in "${SSL_CERT_FILE:-}" /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt /etc/ssl/ca-bundle.pem; do
		if [[ -r $entry ]]; then
			show_file "$entry" /etc/ssl/certs/ca-certificates.crt
			break
		fi
	done

	# Everything of the host that is not its operating system, where it is.
	for entry in /*; do
		if is_os_folder "$entry"; then
			continue
		elif [[ -L $entry ]]; then
			args+=(--symlink "$(readlink "$entry")" "$entry")
		elif [[ -d $entry ]]; then
			args+=(--dev-bind-try "$entry" "$entry")
		fi
	done
	for entry in "$PWD" "$checkout" "$(home_dir)" "$(cache_dir)" "${TMPDIR:-}" "$go_modules"; do
		show "$entry"
	done
}

# Sets environment to what differs inside from outside, one NAME=VALUE each.
build_environment() {
	local go_inside=$go_root
	case $go_root in
	/usr/local/?*) show "$go_root" --ro-bind ;;
	/usr/?* | /lib/?*) go_inside=/run/host$go_root ;;
	esac
	environment=(
		NERVA_DEV_INSIDE=1
		HOME="$(home_dir)"
		PATH="$checkout/bin${go_inside:+:$go_inside/bin}${go_path:+:$go_path/bin}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
		CC=clang
		# Go's cache does not know the system's headers and libraries: with its name in the flags another root
		# compiles again what is made with C, and only that.
		CGO_CFLAGS="-O2 -g -fno-spell-checking -DNERVA_ROOT=0x${root##*-}"
		PKG_CONFIG_PATH="$checkout/dev/lib/pkgconfig"
		GOCACHE="$(cache_dir)/go-build"
	)
	[[ -z $go_root ]] || environment+=(GOROOT="$go_inside")
	[[ -z $go_modules ]] || environment+=(GOMODCACHE="$go_modules")
	[[ -z ${SSL_CERT_FILE:-} ]] || environment+=(SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt)
}

# Variables that name files of the host's system, which are not there inside.
host_only=(
	LD_PRELOAD LD_LIBRARY_PATH PKG_CONFIG PKG_CONFIG_PATH PKG_CONFIG_LIBDIR PYTHONHOME GI_TYPELIB_PATH
	GIO_EXTRA_MODULES GDK_PIXBUF_MODULE_FILE GTK_PATH XDG_DATA_DIRS XDG_CONFIG_DIRS CXX CGO_LDFLAGS CGO_CPPFLAGS
)

enter_root() {
	local args environment go_root go_path go_modules root root_lock name
	ensure_root
	need_tools bwrap
	find_go
	file_system
	build_environment
	local unset=()
	for name in "${host_only[@]}"; do unset+=("--unset=$name"); done
	# A command that starts from an empty environment finds it again here.
	local env_file env_fd
	env_file=$(mktemp)
	printf 'export %q\n' "${environment[@]}" >"$env_file"
	exec {env_fd}<"$env_file"
	rm -f "$env_file"
	supervise '' bwrap "${args[@]}" --ro-bind-data "$env_fd" /run/nerva-dev.env --remount-ro / --chdir "$PWD" \
		-- env --default-signal=INT,TERM,HUP,QUIT "${unset[@]}" "${environment[@]}" "$@" {root_lock}>&-
}

stay_outside() {
	local go_root go_path go_modules
	find_go
	[[ -z $go_root ]] || PATH=$go_root/bin:$PATH
	GOCACHE="$(cache_dir)/go-build" exec "$@"
}
