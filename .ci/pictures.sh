#!/usr/bin/env bash
# Draws the pictures of the guide that need no mail service: pictures.sh FOLDER TAGS.
set -euo pipefail
cd "$(dirname "$0")/.."

scenes=(gmail microsoft365 yahoo icloud rackspace godaddy ionos other)
drawn=$(mktemp -d)
trap 'rm -rf "$drawn"' EXIT
CGO_ENABLED=0 LC_ALL=C.UTF-8 FYNE_CACHE=24h MWIZ_PICTURES=$drawn MWIZ_SCENES=errors,$(printf 'provider-%s,' "${scenes[@]}") \
	go test -count=1 -tags "$2" -run '^TestPictures$' ./gui
for one in "${scenes[@]}"; do # the card of the source
	convert "$drawn/provider-$one-light.png" -crop 640x560+0+130 +repage -trim +repage -bordercolor white -border 10 \
		-strip +dither -colors 100 "png8:$1/provider-$one.png"
done
convert "$drawn/errors-light.png" -crop 1280x560+0+0 +repage -strip +dither -colors 200 "png8:$1/errors.png"
