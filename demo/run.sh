#!/bin/sh
# The demo: profiles a running C program and a Debian tool, and leaves a flame graph page.
# `make demo` builds what this needs; BUILD names the build folder.
set -eu
cd "$(dirname "$0")/.."
BUILD=${BUILD:-build}
out=$BUILD/demo
mkdir -p "$out"
rm -f "$out"/*

workload=
cleanup() {
	status=$?
	if [ -n "$workload" ]; then
		kill "$workload" 2>/dev/null || :
	fi
	if [ $status -ne 0 ]; then
		echo "demo: failed; \`$BUILD/goprof doctor\` says what this machine permits" >&2
	fi
}
trap cleanup EXIT

say() {
	echo
	printf '%s\n' "$@"
}

say "1. wordstorm is running: four threads that count, compress and spell-check text." \
	"   It was built with -O2 and without frame pointers, and knows nothing of goprof."
"$BUILD/wordstorm" 7 >"$out/wordstorm.txt" &
workload=$!
sleep 0.5

say "   \$ goprof cpu --seconds 4 -nodecount=12 -o $out/wordstorm.pb.gz $workload"
"$BUILD/goprof" cpu --seconds 4 -nodecount=12 -o "$out/wordstorm.pb.gz" "$workload" \
	>"$out/wordstorm.top"
cat "$out/wordstorm.top"
grep -q 'spell_distance$' "$out/wordstorm.top"

say "   Who calls squeeze, and what in it takes the time (inlined into it, most of it):" \
	"   \$ goprof -peek='^squeeze\$' $out/wordstorm.pb.gz"
"$BUILD/goprof" -peek='^squeeze$' "$out/wordstorm.pb.gz"

wait "$workload"
workload=
say "   The program has ended as it would have without goprof:"
sed 's/^/   /' "$out/wordstorm.txt"

say "2. The same for a program as Debian ships it: xz compresses with two threads." \
	"   \$ goprof cpu -o $out/xz.pb.gz -- xz -T2 -9 --block-size=4MiB --stdout text"
tar -cf - /usr/include 2>/dev/null | head -c 12000000 >"$out/text"
"$BUILD/goprof" cpu -o "$out/xz.pb.gz" -- \
	xz -T2 -9 --block-size=4MiB --stdout "$out/text" >"$out/text.xz"
xz --test "$out/text.xz"
rm "$out/text" "$out/text.xz"
say "   Debian's liblzma comes without symbols, so its functions stand under its name:" \
	"   \$ goprof -top -nodecount=10 $out/xz.pb.gz"
"$BUILD/goprof" -top -nodecount=10 "$out/xz.pb.gz"

"$BUILD/goprof" --flamegraph -o "$out/flamegraph.html" "$out/wordstorm.pb.gz" 2>/dev/null
grep -q spell_distance "$out/flamegraph.html"
case $out in
/*) page=$out/flamegraph.html ;;
*) page=$PWD/$out/flamegraph.html ;;
esac
say "3. The flame graph of wordstorm is one page that needs no network; open it in a browser:" \
	"   $page"
