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
	"$BUILD/libhouse.a" -ldeflate -lzstd -lpcre2-8 -liberty -lm -pthread || exit 1
"$pages/make_pages" "$pages" || exit 1
"${CC:-cc}" -std=gnu17 -D_GNU_SOURCE -Iinclude -g -o "$pages/keeps" tests/heapdump/keeps.c \
	"$BUILD/libgoprof.so" -Wl,-rpath,"$(realpath "$BUILD")" -pthread || exit 1
# Live Go programs to look at, where there is go.
for name in collector profiles; do
	command -v go >/dev/null || break
	rm -rf "$pages/$name.src" && cp -r "tests/programs/go/$name" "$pages/$name.src" &&
		printf 'module %s\n\ngo 1.19\n' "$name" >"$pages/$name.src/go.mod" &&
		(cd "$pages/$name.src" && GOFLAGS=-mod=mod GOTOOLCHAIN=local go build -o "../$name" .) || exit 1
done
exec node tests/browser/run.mjs "$chromium" "$pages" "$BUILD/goprof"
