#!/bin/sh
# Drives the saved flame graph page and the served pages in a real browser. Needs chromium and node, nothing else.
set -u
cd "$(dirname "$0")/../.."
BUILD=${BUILD:-build}
pages=$BUILD/browser
chromium=$(command -v chromium || command -v chromium-browser || command -v google-chrome)

if [ -z "$chromium" ] || ! command -v node >/dev/null; then
	echo "chromium or node is not installed: apt-get install chromium nodejs"
	echo "browser: 0 passed, 0 failed, 1 skipped"
	exit 0
fi
mkdir -p "$pages"
make -s BUILD="$BUILD" all || exit 1
"${CC:-cc}" -std=gnu17 -D_GNU_SOURCE -Isrc -o "$pages/make_pages" tests/browser/make_pages.c \
	"$BUILD/libhouse.a" -ldeflate -lzstd -lpcre2-8 -liberty -lcapstone -lm -pthread || exit 1
"$pages/make_pages" "$pages" || exit 1
exec node tests/browser/run.mjs "$chromium" "$pages" "$BUILD/goprof"
