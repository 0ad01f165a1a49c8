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
# A live Go program to look at, where there is go.
if command -v go >/dev/null; then
	rm -rf "$pages/collector.src" && cp -r tests/programs/go/collector "$pages/collector.src" &&
		printf 'module collector\n\ngo 1.19\n' >"$pages/collector.src/go.mod" &&
		(cd "$pages/collector.src" && GOFLAGS=-mod=mod GOTOOLCHAIN=local go build -o ../collector .) || exit 1
fi
exec node tests/browser/run.mjs "$chromium" "$pages" "$BUILD/goprof"
