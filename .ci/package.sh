#!/usr/bin/env bash
# package.sh VERSION: archives of what lies in bin/, in build/. Builds this system's programs anew, without paths of this machine.
set -euo pipefail
cd "$(dirname "$0")/.."
version=$1 fyne=$2
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-0}
flags="-s -w -X main.version=$version"
mkdir -p build

linux() {
	local name=mwiz-desktop-$version-linux-$(go env GOARCH)
	local dir=build/$name
	rm -rf "$dir"
	mkdir -p "$dir"
	go build -trimpath -tags migrated_fynedo,x11,gles -ldflags "$flags" -o "$dir/mwiz-desktop" ./cmd/mwiz-desktop
	CGO_ENABLED=0 go build -trimpath -tags nogui -ldflags "$flags" -o "$dir/mwiz" ./cmd/mwiz-desktop
	cp assets/icon.png "$dir/mwiz-desktop.png"
	cat >"$dir/mwiz-desktop.desktop" <<-DESKTOP
		[Desktop Entry]
		Type=Application
		Name=mwiz-desktop
		Comment=Move mailboxes from one mail provider to another
		Exec=mwiz-desktop
		Icon=mwiz-desktop
		Categories=Network;Email;Office;
	DESKTOP
	cp README.md LICENSE CHANGELOG.md "$dir"
	tar --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$SOURCE_DATE_EPOCH" -C build -czf "build/$name.tar.gz" "$name"
	echo "build/$name.tar.gz"
}

# macos makes the bundle for the architecture at hand; signing and notarizing it needs a developer's certificate.
macos() {
	go build -trimpath -tags migrated_fynedo -ldflags "$flags" -o build/mwiz-desktop ./cmd/mwiz-desktop
	rm -rf build/mwiz-desktop.app
	(cd build && go run "$fyne" package --os darwin --executable mwiz-desktop --icon ../assets/icon.png \
		--name mwiz-desktop --app-id org.mwiz.desktop --app-version "$version")
	plutil -replace LSMinimumSystemVersion -string 10.15 build/mwiz-desktop.app/Contents/Info.plist
	plutil -replace LSApplicationCategoryType -string public.app-category.business build/mwiz-desktop.app/Contents/Info.plist
	CGO_ENABLED=0 go build -trimpath -tags nogui -ldflags "$flags" -o build/mwiz-desktop.app/Contents/MacOS/mwiz ./cmd/mwiz-desktop
	ditto -c -k --keepParent build/mwiz-desktop.app "build/mwiz-desktop-$version-macos-$(go env GOARCH).zip"
	echo "build/mwiz-desktop-$version-macos-$(go env GOARCH).zip"
}

windows() {
	local name=mwiz-desktop-$version-windows-amd64
	rm -rf "build/$name" "build/$name.zip"
	mkdir -p "build/$name"
	cp bin/mwiz-desktop.exe bin/mwiz.exe README.md LICENSE CHANGELOG.md "build/$name"
	if command -v zip >/dev/null; then
		(cd build && zip -qr "$name.zip" "$name")
	else # every Windows 10 unpacks this one too, by tar
		tar -C build -czf "build/$name.tar.gz" "$name"
	fi
	ls build/"$name".*
}

case $(uname -s) in
Linux) linux ;;
Darwin) macos ;;
esac
[ ! -e bin/mwiz-desktop.exe ] || windows
