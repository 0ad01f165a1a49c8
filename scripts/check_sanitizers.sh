#!/bin/sh
# The unit and golden tests under address+undefined and under the thread sanitizer.
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

export ASAN_OPTIONS=abort_on_error=0:detect_leaks=1
export UBSAN_OPTIONS=print_stacktrace=1
check asan "-fsanitize=address,undefined -fno-sanitize-recover=undefined"
check tsan "-fsanitize=thread"
echo "sanitizers: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
