# Runs as root in the clean root that dev/deb-check makes, with the package in /tmp/nerva.deb. The first failure
# ends it; each promise that is kept is a line "ok …".
# shellcheck shell=sh
set -eu
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8

# All files with what they hold, but dpkg's and apt's books.
state() {
	find / -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /tmp -o -path /run -o -path /var/cache/apt \
		-o -path /var/lib/apt -o -path /var/lib/dpkg -o -path /var/log -o -path /root \) -prune -o -printf '%p %y %m %u %g %l\n' | sort
	cat /etc/group /etc/gshadow /etc/passwd
}
fail() { echo "not ok $*"; exit 1; }

state >/tmp/before
dpkg --install /tmp/nerva.deb
echo "ok it installs where only its dependencies are"

for program in nerva nervad nerva-ui /usr/libexec/nerva-overlay; do
	if ldd "$(command -v $program)" 2>/dev/null | grep 'not found'; then fail "$program lacks a library"; fi
done
nerva --version
nervad --version
/usr/libexec/nerva-overlay --version
echo "ok every program starts"

export XDG_RUNTIME_DIR=/tmp/run HOME=/tmp
mkdir -m 700 /tmp/run
said=$(systemd-analyze --user --man=no verify nervad.service nerva-overlay.service 2>&1) || fail "$said"
[ -z "$said" ] || fail "systemd-analyze verify: $said"
echo "ok systemd-analyze --user verify has nothing to say about the units"

for unit in nervad nerva-overlay; do
	page=$(sed -n 's/^Documentation=man:\(.*\)(\(.*\))$/\1.\2/p' /usr/lib/systemd/user/$unit.service)
	[ -e "/usr/share/man/man${page##*.}/$page.gz" ] || fail "$unit documents itself by $page, which is not there"
	[ "$(systemctl --global is-enabled $unit.service)" = enabled ] || fail "$unit is not enabled"
done
for page in /usr/share/man/man*/nerva*.gz; do
	zcat "$page" | mandoc -T lint -W error || fail "$page"
done
echo "ok the units are enabled and name manual pages that are there"

desktop-file-validate /usr/share/applications/org.nerva.Overlay1.desktop
echo "ok desktop-file-validate accepts the desktop entry"

dbus-run-session -- dbus-send --session --print-reply --dest=org.freedesktop.DBus / \
	org.freedesktop.DBus.ListActivatableNames >/tmp/names
for name in org.nerva.Nerva1 org.nerva.Overlay1; do
	grep -q "\"$name\"" /tmp/names || fail "the bus can't start $name"
	unit=$(sed -n 's/^SystemdService=//p' /usr/share/dbus-1/services/$name.service)
	grep -q "^BusName=$name$" "/usr/lib/systemd/user/$unit" || fail "$unit is not $name's"
	[ -x "$(sed -n 's/^Exec=\([^ ]*\).*/\1/p' /usr/share/dbus-1/services/$name.service)" ] || fail "$name starts nothing"
done
echo "ok the bus can start both names, by their units"

udevadm verify --no-summary /usr/lib/udev/rules.d/60-nerva-uinput.rules
getent group uinput >/dev/null || fail "there is no group uinput"
[ -z "$(getent group uinput | cut -d: -f4)" ] || fail "somebody is in the group uinput"
echo "ok the udev rule is right, and its group is there and empty"

enabled() { systemctl --global is-enabled nervad.service || true; }
dpkg --remove nerva
dpkg --install /tmp/nerva.deb
[ "$(enabled)" = enabled ] || fail "after removing and installing anew nervad is $(enabled)"
systemctl --global disable nervad.service
dpkg --install /tmp/nerva.deb
[ "$(enabled)" = disabled ] || fail "an upgrade made of a disabled nervad: $(enabled)"
dpkg --purge nerva
systemctl --global mask nervad.service
dpkg --install /tmp/nerva.deb
[ "$(systemctl --global is-enabled nerva-overlay.service)" = enabled ] || fail "a masked nervad left the overlay disabled"
systemctl --global unmask nervad.service
echo "ok it minds what the administrator has disabled and masked"

dpkg --purge nerva
state >/tmp/after
# groupadd and groupdel keep copies of what was before.
for file in before after; do grep -v '^/etc/g*shadow- \|^/etc/group- \|^/etc/passwd- \|^/etc/.pwd.lock ' /tmp/$file >/tmp/$file.kept; done
diff /tmp/before.kept /tmp/after.kept || fail "purging left something"
echo "ok purging leaves nothing"

groupadd --system uinput
dpkg --install /tmp/nerva.deb
dpkg --purge nerva
getent group uinput >/dev/null || fail "purging took somebody else's group away"
echo "ok a group that was there before stays"
