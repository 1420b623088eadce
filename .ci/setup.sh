#!/usr/bin/env bash
# Installs what is missing to build (setup.sh build), to test (setup.sh test), to measure (setup.sh bench) or to build for Windows (setup.sh windows).
# On Debian and Ubuntu by apt, as root or through sudo; it costs a moment when nothing is missing. Elsewhere it says what to install.
set -euo pipefail
cd "$(dirname "$0")/.."

build=(gcc libc6-dev pkg-config libgl1-mesa-dev libgles2-mesa-dev libegl1-mesa-dev xorg-dev libgl1-mesa-dri)
test=(xvfb xauth xdotool imagemagick fonts-dejavu-core fonts-droid-fallback dovecot-imapd gnome-keyring libsecret-tools dbus dbus-daemon)
bench=(dovecot-imapd isync)
windows=(gcc-mingw-w64-x86-64)
cyrus=/opt/mwiz-cyrus # a second mail server, which Debian does not install beside the first

need_go() {
	local want have
	want=$(sed -n 's/^go //p' go.mod)
	if ! command -v go >/dev/null; then
		echo "Go is missing: install Go $want or newer from https://go.dev/dl/ and put its bin folder into PATH." >&2
		exit 1
	fi
	# A Go that may fetch the version named in go.mod by itself answers with that version.
	have=$(go env GOVERSION 2>/dev/null || GOTOOLCHAIN=local go version | cut -d' ' -f3)
	have=${have#go}
	if [ "$(printf '%s\n%s\n' "$want" "${have%%[- ]*}" | sort -V | head -1)" != "$want" ]; then
		echo "Go $have is too old: install Go $want or newer from https://go.dev/dl/." >&2
		exit 1
	fi
}

# missing prints those of its arguments that are not installed.
missing() {
	comm -23 <(printf '%s\n' "$@" | sort) \
		<(dpkg-query -W -f '${Package} ${db:Status-Status}\n' "$@" 2>/dev/null | sed -n 's/ installed$//p' | sort -u)
}

as_root() {
	if [ "$(id -u)" = 0 ]; then
		"$@"
	elif command -v sudo >/dev/null; then
		sudo "$@"
	else
		echo "These packages are missing, and neither root nor sudo is at hand to install them: $todo" >&2
		exit 1
	fi
}

# apt installs $todo. A mail server that comes with the test packages must not begin to serve this machine: while packages
# are being set up no service may start, and afterwards it stays switched off.
apt() {
	local policy=/usr/sbin/policy-rc.d
	local ours=
	echo "Installing: $todo"
	if [ ! -e "$policy" ]; then
		printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
		as_root chmod 755 "$policy"
		ours=yes
	fi
	local ok=yes
	# shellcheck disable=SC2086 # a list
	as_root apt-get -q -o Acquire::Retries=3 update &&
		as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -o Acquire::Retries=3 install -y --no-install-recommends $todo </dev/null ||
		ok=
	[ -z "$ours" ] || as_root rm -f "$policy"
	[ -n "$ok" ] || { echo "apt could not install: $todo" >&2; exit 1; }
	case " $todo " in
	*" dovecot-imapd "*)
		[ ! -d /run/systemd/system ] || as_root systemctl disable --quiet dovecot.service dovecot.socket 2>/dev/null || true
		;;
	esac
}

# cyrus unpacks Cyrus IMAP into a folder of its own and installs the libraries it needs. Only the tests start it.
cyrus() {
	[ ! -x $cyrus/usr/lib/cyrus/bin/imapd ] || return 0
	local debs
	debs=$(mktemp -d)
	local get=(apt-get -q -o Acquire::Retries=3 -o APT::Sandbox::User=root download cyrus-common cyrus-imapd)
	(cd "$debs" && "${get[@]}") || {
		todo=cyrus-imapd
		as_root apt-get -q -o Acquire::Retries=3 update
		(cd "$debs" && "${get[@]}")
	} || { echo "apt could not download: cyrus-common cyrus-imapd" >&2; exit 1; }
	# What it needs for virus scanners and Zephyr stays away, and so does all that is no library: perl scripts, a mail transport.
	local libraries=()
	mapfile -t libraries < <(for deb in "$debs"/*.deb; do dpkg-deb -f "$deb" Depends; done |
		tr ',' '\n' | sed 's/^ *//; s/[ |(].*//' | grep '^lib' | grep -v -e '^libclamav' -e '^libzephyr' | sort -u)
	todo=$(missing "${libraries[@]}" | tr '\n' ' ')
	todo=${todo% }
	[ -z "$todo" ] || apt
	todo=$cyrus
	echo "Unpacking Cyrus IMAP into $cyrus"
	as_root rm -rf $cyrus.new $cyrus
	as_root mkdir -p $cyrus.new
	for deb in "$debs"/*.deb; do as_root dpkg -x "$deb" $cyrus.new; done
	as_root chmod 755 $cyrus.new
	as_root mv $cyrus.new $cyrus
	rm -rf "$debs"
}

on_linux() {
	local want=()
	case $1 in
	build) want=("${build[@]}") ;;
	test) want=("${build[@]}" "${test[@]}") ;;
	bench) want=("${build[@]}" "${bench[@]}") ;;
	windows) want=("${build[@]}" "${windows[@]}") ;;
	esac
	if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
		command -v gcc >/dev/null || { echo "Install a C compiler and what Debian calls: ${want[*]}" >&2; exit 1; }
		echo "No apt here. If a step fails, install what Debian calls: ${want[*]}" >&2
		return
	fi
	todo=$(missing "${want[@]}" | tr '\n' ' ')
	todo=${todo% }
	[ -z "$todo" ] || apt
	if [ "$1" = test ]; then cyrus; fi # not after ||, where no failure would end it
}

on_macos() {
	if ! xcode-select -p >/dev/null 2>&1; then
		echo "Install Apple's command line tools first: xcode-select --install" >&2
		exit 1
	fi
	[ "$1" != windows ] || command -v x86_64-w64-mingw32-gcc >/dev/null || { echo "Install mingw-w64 first: brew install mingw-w64" >&2; exit 1; }
	[ "$1" != test ] || echo "The tests against Dovecot, Cyrus, a Secret Service and Xvfb run on Linux only; they are skipped here." >&2
	[ "$1" != bench ] || echo "The comparison with other programs runs on Linux only; it is left out here." >&2
}

on_windows() {
	if ! command -v gcc >/dev/null; then
		echo "Install a C compiler first: MSYS2 from https://www.msys2.org, in it 'pacman -S mingw-w64-ucrt-x86_64-gcc make'," >&2
		echo "and put C:\\msys64\\ucrt64\\bin into PATH." >&2
		exit 1
	fi
	[ "$1" != test ] || echo "The tests against Dovecot, Cyrus, a Secret Service and Xvfb run on Linux only; they are skipped here." >&2
	[ "$1" != bench ] || echo "The comparison with other programs runs on Linux only; it is left out here." >&2
}

case ${1:-} in
build | test | bench | windows) ;;
*) echo "usage: $0 build|test|bench|windows" >&2; exit 2 ;;
esac
need_go
case $(uname -s) in
Linux) on_linux "$1" ;;
Darwin) on_macos "$1" ;;
MINGW* | MSYS* | CYGWIN*) on_windows "$1" ;;
*) echo "Nothing is known about this system; a C compiler and the OpenGL and X11 headers are needed." >&2 ;;
esac
