#!/bin/sh
# A picture of the flame graph page, or of one that is served:
# scripts/screenshot.sh PROFILE|HTML|URL OUT.png [#STATE]
# makes docs/flamegraph.png (of a page served by goprof -http), among others. SIZE=1280,720 and THEME=dark may be set.
set -eu
input=$1 output=$2 state=${3:-}
chromium=$(command -v chromium || command -v chromium-browser || command -v google-chrome) ||
	{ echo "screenshot: no chromium: apt-get install chromium" >&2; exit 1; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

case $input in
http://*) page=$input ;;
*.html) page=file://$(realpath "$input") ;;
*)
	page=file://$folder/page.html
	"${BUILD:-build}/goprof" -flamegraph -o "$folder/page.html" "$input"
	;;
esac
scheme=1
[ "${THEME:-light}" = dark ] && scheme=0
"$chromium" --headless --no-sandbox --disable-gpu --disable-quic --no-first-run \
	--disable-background-networking --disable-component-update --disable-sync \
	--blink-settings=preferredColorScheme="$scheme" --hide-scrollbars \
	--virtual-time-budget=3000 --user-data-dir="$folder/chromium" \
	--window-size="${SIZE:-1280,720}" --screenshot="$folder/picture.png" \
	"$page$state" >"$folder/log" 2>&1 || { cat "$folder/log" >&2; exit 1; }
mv "$folder/picture.png" "$output"
