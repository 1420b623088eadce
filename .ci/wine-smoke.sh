#!/usr/bin/env bash
# Runs bin/mwiz.exe and bin/mwiz-desktop.exe under Wine: verbs, the sandbox in the terminal, the window, and the
# message where there is no OpenGL. Leaves pictures in build/wine.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
wine=/usr/lib/wine/wine64 # not in PATH on Debian 12
[ -x "$wine" ] || wine=$(command -v wine64 || command -v wine) || { echo "no Wine: apt-get install wine64" >&2; exit 1; }
for file in bin/mwiz.exe bin/mwiz-desktop.exe; do
	[ -e "$file" ] || { echo "no $file: make windows" >&2; exit 1; }
done

work=$root/build/wine
rm -rf "$work"
mkdir -p "$work/home"
export HOME=$work/home WINEPREFIX=$work/prefix WINEARCH=win64 WINEDEBUG=-all LANG=C.UTF-8 LIBGL_ALWAYS_SOFTWARE=1
export WINEDLLOVERRIDES='mscoree,mshtml=d;bcryptprimitives=n,b'

server=${wine%/*}/wineserver64
[ -x "$server" ] || server=$(command -v wineserver) || { echo "no wineserver" >&2; exit 1; }
x= app=
finish() {
	[ -z "$app" ] || kill "$app" 2>/dev/null || true
	"$server" -k 2>/dev/null || true
	[ -z "$x" ] || kill "$x" 2>/dev/null || true
}
trap finish EXIT

# serve_x starts an X server with the given options and names it in DISPLAY.
serve_x() {
	[ -z "$x" ] || kill "$x"
	rm -f "$work/display"
	Xvfb -displayfd 3 -screen 0 1280x800x24 -noreset -nolisten tcp "$@" 3>"$work/display" 2>"$work/xvfb.log" &
	x=$!
	for _ in $(seq 100); do
		[ -s "$work/display" ] && break
		sleep 0.1
	done
	DISPLAY=:$(cat "$work/display")
	export DISPLAY
}
serve_x

# Go takes its random numbers from ProcessPrng, which Wine has from version 9 on.
cat >"$work/bcryptprimitives.c" <<'C'
#include <windows.h>
BOOLEAN WINAPI SystemFunction036(PVOID, ULONG);
__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE p, SIZE_T n) { return SystemFunction036(p, (ULONG)n); }
BOOL WINAPI DllMain(HINSTANCE h, DWORD why, LPVOID reserved) { return TRUE; }
C
x86_64-w64-mingw32-gcc -O2 -shared -o "$work/bcryptprimitives.dll" "$work/bcryptprimitives.c" -ladvapi32
"$wine" wineboot -i >"$work/boot.log" 2>&1
cp "$work/bcryptprimitives.dll" "$WINEPREFIX/drive_c/windows/system32/"

step() { echo "== $*"; }
step mwiz.exe --help
"$wine" bin/mwiz.exe --help >"$work/help.txt"
head -4 "$work/help.txt"
step mwiz.exe project add, projects
"$wine" bin/mwiz.exe project add Smoke --source imaps://imap.example.com --destination imaps://imap.example.org
"$wine" bin/mwiz.exe projects | tee "$work/projects.txt"
grep -q Smoke "$work/projects.txt"

step mwiz.exe demo
# Its exit code does not count: Wine 8 cannot remove the sandbox's folder, for want of what Go's os.RemoveAll calls.
"$wine" bin/mwiz.exe demo >"$work/demo.txt" || true
tail -10 "$work/demo.txt"
grep -q 'Everything is there, once' "$work/demo.txt"

# open_window starts the window's program, waits until something with its name can be seen, and keeps a picture of it.
open_window() {
	"$wine" bin/mwiz-desktop.exe >"$work/window.log" 2>&1 &
	app=$!
	window=
	for _ in $(seq 120); do
		window=$(xdotool search --onlyvisible --name mwiz-desktop 2>/dev/null | head -1) && [ -n "$window" ] && break
		kill -0 "$app" 2>/dev/null || { echo "it ended:"; cat "$work/window.log"; exit 1; }
		sleep 0.5
	done
	[ -n "$window" ] || { echo "no window after 60 s"; cat "$work/window.log"; exit 1; }
	sleep 4 # until it has drawn
	import -window root "$work/$1"
	echo "build/wine/$1 shows it"
}

# press presses a key over the window and holds the program to an exit code.
press() {
	xdotool mousemove --window "$window" 100 60 sleep 0.5 key "$1"
	local code=0
	wait "$app" || code=$?
	app=
	echo "ended by $1: exit code $code"
	[ "$code" = "$2" ]
}

step mwiz-desktop.exe
open_window window.png
press ctrl+q 0

step mwiz-desktop.exe without OpenGL
"$server" -k || true
serve_x -extension GLX
open_window message.png
press Return 3
