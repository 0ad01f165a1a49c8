#!/bin/sh
# The unit and golden tests under address+undefined and under the thread sanitizer, and
# libgoprof's shared state under the same.
set -u
cd "$(dirname "$0")/.."
passed=0 failed=0

# check NAME FLAGS: builds with the flags, then runs what the build can run.
check() {
	folder=${BUILD:-build}/$1
	log=$folder.log
	mkdir -p "$folder"
	if make -j2 BUILD="$folder" OPT="-O1 $2" all "$folder/unit" >"$log" 2>&1 &&
		"$folder/unit" >>"$log" 2>&1 &&
		BUILD="$folder" tests/golden/run.sh >>"$log" 2>&1; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL $1:"
		tail -n 30 "$log"
	fi
}

# race NAME FLAGS: the recorder's own objects built with the flags, all but those that take
# the place of malloc, which is the sanitizer's, and many threads in them for some seconds.
# No socket: the thread behind it has descriptors of its own, which is not understood.
race() {
	folder=${BUILD:-build}/race-$1
	log=$folder.log
	mkdir -p "$folder"
	objects=$(make -s BUILD="$folder" print-GUEST_OBJECTS |
		sed 's/[^ ]*\(heap\|collector\)_hooks\.o//g')
	# shellcheck disable=SC2086
	if make -j2 BUILD="$folder" GUEST_CFLAGS="-fPIE -fno-builtin-malloc -fexceptions -Wno-tsan $2" \
		$objects >"$log" 2>&1 &&
		${CC:-cc} -std=gnu17 -D_GNU_SOURCE -Isrc -Iinclude -O1 -g $2 -pthread -c \
			-o "$folder/race.o" tests/recorder/race.c >>"$log" 2>&1 &&
		ld -r -o "$folder/all.o" "$folder/race.o" $objects \
			"$(${CC:-cc} -print-file-name=libdeflate.a)" >>"$log" 2>&1 &&
		objcopy --rename-section .text=goprof_text "$folder/all.o" >>"$log" 2>&1 &&
		${CC:-cc} $2 -pthread -o "$folder/race" "$folder/all.o" >>"$log" 2>&1 &&
		GOPROF=socket=off timeout 120 "$folder/race" 3 >>"$log" 2>&1; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL race $1:"
		grep -A 20 -E 'WARNING: |ERROR: |error: ' "$log" | head -n 60
	fi
}

export ASAN_OPTIONS=abort_on_error=0:detect_leaks=1
export UBSAN_OPTIONS=print_stacktrace=1
check asan "-fsanitize=address,undefined -fno-sanitize-recover=undefined"
check tsan "-fsanitize=thread"
race asan "-fsanitize=address,undefined -fno-sanitize-recover=undefined"
race tsan "-fsanitize=thread"
echo "sanitizers: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
