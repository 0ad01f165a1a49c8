#!/bin/bash
# Replays every corpus and fuzzes each parser for a while under sanitizers, a minute in all
# (FUZZ_SECONDS changes it). A finding is kept in build/fuzz/NAME-crash-*.
set -u
cd "$(dirname "$0")/../.."
BUILD=${BUILD:-build}/fuzz
sources=(tests/fuzz/fuzz_*.c)
seconds=$((${FUZZ_SECONDS:-60} / ${#sources[@]}))
[ "$seconds" -ge 1 ] || seconds=1
passed=0 failed=0

make -s -j2 CC=clang BUILD="$BUILD" \
	OPT="-O1 -fsanitize=address,undefined,fuzzer-no-link -fno-sanitize-recover=undefined" \
	"$BUILD/libhouse.a" "$BUILD/libcommand.a" >&2 || { echo "fuzz: 0 passed, 1 failed"; exit 1; }

for source in "${sources[@]}"; do
	name=$(basename "$source" .c)
	corpus=tests/fuzz/corpus/${name#fuzz_}
	found=$BUILD/$name-corpus
	log=$BUILD/$name.log
	mkdir -p "$found"
	seeds=()
	[ -d "$corpus" ] && seeds=("$corpus")
	if clang -g -O1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined \
		-D_GNU_SOURCE -Isrc -o "$BUILD/$name" "$source" \
		"$BUILD/libcommand.a" "$BUILD/libhouse.a" \
		$(make -s print-LDLIBS) >"$log" 2>&1 &&
		"$BUILD/$name" -rss_limit_mb=4096 -timeout=20 -max_total_time="$seconds" \
			-artifact_prefix="$BUILD/$name-crash-" "$found" "${seeds[@]}" >>"$log" 2>&1; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL $name:"
		tail -n 25 "$log"
	fi
done
echo "fuzz: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
