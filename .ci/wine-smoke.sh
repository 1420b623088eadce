#!/usr/bin/env bash
# Runs bin/mwiz.exe and bin/mwiz-desktop.exe under Wine: verbs, then the sandbox in a window. Leaves build/wine/window.png.
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

x= app=
finish() {
	[ -z "$app" ] || kill "$app" 2>/dev/null || true
	"${wine%/*}/wineserver64" -k 2>/dev/null || "${wine%/*}/wineserver" -k 2>/dev/null || true
	[ -z "$x" ] || kill "$x" 2>/dev/null || true
}
trap finish EXIT

rm -f "$work/display"
Xvfb -displayfd 3 -screen 0 1280x800x24 -noreset -nolisten tcp 3>"$work/display" 2>"$work/xvfb.log" &
x=$!
for _ in $(seq 100); do
	[ -s "$work/display" ] && break
	sleep 0.1
done
DISPLAY=:$(cat "$work/display")
export DISPLAY

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
"$wine" bin/mwiz.exe --help | head -5
step mwiz.exe project add, projects
"$wine" bin/mwiz.exe project add Smoke --source imaps://imap.example.com --destination imaps://imap.example.org
"$wine" bin/mwiz.exe projects | tee "$work/projects.txt"
grep -q Smoke "$work/projects.txt"

step mwiz-desktop.exe demo
"$wine" bin/mwiz-desktop.exe demo >"$work/window.log" 2>&1 &
app=$!
window=
for _ in $(seq 120); do
	window=$(xdotool search --onlyvisible --name mwiz-desktop 2>/dev/null | head -1) && [ -n "$window" ] && break
	kill -0 "$app" 2>/dev/null || { echo "it ended:"; cat "$work/window.log"; exit 1; }
	sleep 0.5
done
[ -n "$window" ] || { echo "no window after 60 s"; cat "$work/window.log"; exit 1; }
sleep 4 # until it has drawn
import -window root "$work/window.png"
echo "the window is open: build/wine/window.png"
xdotool mousemove --window "$window" 640 500 sleep 0.5 key ctrl+q
code=0
wait "$app" || code=$?
app=
echo "closed by Ctrl+Q: exit code $code"
[ "$code" = 0 ]
