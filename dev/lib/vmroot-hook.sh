# What makes a root a machine; mmdebstrap calls it while it makes the root (vmroot.sh).
# usage: vmroot-hook.sh setup|customize ROOT
# shellcheck shell=sh
set -eu
root=$2

# Before the packages, so that the initial file system is made once, and small.
setup() {
	initramfs=$root/etc/initramfs-tools
	mkdir -p "$initramfs/conf.d" "$initramfs/hooks" "$initramfs/scripts"
	printf 'MODULES=list\nCOMPRESS=zstd\n' >"$initramfs/conf.d/vm"
	cat >"$initramfs/hooks/vm" <<-'END'
		#!/bin/sh
		[ "$1" != prereqs ] || exit 0
		. /usr/share/initramfs-tools/hook-functions
		manual_add_modules virtio_pci virtio_blk erofs overlay
	END
	chmod +x "$initramfs/hooks/vm"
	# boot=vm on the kernel's command line: the disk stays as it is; what is written is in memory.
	cat >"$initramfs/scripts/vm" <<-'END'
		mountroot() {
			for module in virtio_pci virtio_blk erofs overlay; do modprobe "$module"; done
			wait_for_udev 10
			mkdir -p /run/vm/lower /run/vm/written
			mount -t erofs -o ro /dev/vda /run/vm/lower
			mount -t tmpfs -o mode=755 written /run/vm/written
			mkdir /run/vm/written/upper /run/vm/written/work
			mount -t overlay -o lowerdir=/run/vm/lower,upperdir=/run/vm/written/upper,workdir=/run/vm/written/work overlay "$rootmnt"
		}
		mount_top() { :; }
		mount_premount() { :; }
		mount_bottom() { :; }
	END
}

# The kernel proper out of the file that unpacks itself, which would take an emulated processor many seconds. QEMU
# starts it by its PVH entry. Offsets: Documentation/arch/x86/boot.rst of Linux, payload_offset and payload_length;
# behind the payload are four bytes with its size.
unpack_kernel() {
	packed=$(echo "$root"/boot/vmlinuz-*)
	number() { od --address-radix=n --format="u$2" --skip-bytes="$1" --read-bytes="$2" "$packed" | tr -d ' '; }
	from=$((($(number 0x1f1 1) + 1) * 512 + $(number 0x248 4)))
	length=$(($(number 0x24c 4) - 4))
	tail --bytes="+$((from + 1))" "$packed" | head --bytes="$length" | chroot "$root" zstd --decompress --quiet --stdout >"$root/boot/vmlinux"
}

# After the packages.
customize() {
	unpack_kernel
	chroot "$root" dbus-uuidgen --ensure=/etc/machine-id
	chroot "$root" fc-cache --system-only
	chroot "$root" useradd --uid 1000 --user-group --no-create-home --shell /bin/bash user
	echo nerva-vm >"$root/etc/hostname"
	# The terminal is the desktop's.
	ln -sf /dev/null "$root/etc/systemd/system/getty@tty1.service"
	ln -sf /dev/null "$root/etc/systemd/system/serial-getty@ttyS0.service"
	# The folder that is shared with the driver has the program that does what the driver asks for (test/vm/guest).
	mkdir -p "$root/share"
	cat >"$root/etc/systemd/system/vm-guest.service" <<-'END'
		[Unit]
		Description=the driver's hand in the machine
		[Service]
		ExecStartPre=mount -t 9p -o trans=virtio,version=9p2000.L,msize=512000,cache=none share /share
		ExecStart=/share/guest
		[Install]
		WantedBy=multi-user.target
	END
	chroot "$root" systemctl enable vm-guest.service
	chroot "$root" systemctl set-default multi-user.target
	# Or the first boot would do over what the packages have done.
	touch "$root/etc/.updated" "$root/var/.updated"
	# Files of the host are bound over these where QEMU runs (enter.sh).
	cd "$root/etc"
	mkdir -p ssl/certs
	touch resolv.conf hosts gitconfig ssl/certs/ca-certificates.crt
	date -u +%FT%TZ >nerva-dev-root
	make_disk
}

# The machine's disk, without what is only QEMU's, and without extended attributes, for which all of /proc would be read. Over 9p each look at a file would be a question to the host.
make_disk() {
	chroot "$root" mkfs.erofs --quiet -x-1 --exclude-regex='^(boot|dev|proc|run|sys|tmp|var/cache/apt)/.' \
		--exclude-regex='^usr/(bin|share|lib/[^/]*)/qemu' /boot/disk /
}

"$1"
