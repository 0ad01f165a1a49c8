#!/bin/sh
# The tree builds without a warning by gcc and by clang, optimised and not.
set -u
cd "$(dirname "$0")/.."
passed=0 failed=0
for compiler in gcc clang; do
	for level in -O0 -O2; do
		folder=${BUILD:-build}/compilers/$compiler$level
		log=$folder.log
		mkdir -p "$folder"
		if make -j2 CC=$compiler OPT=$level WERROR=1 BUILD="$folder" all "$folder/unit" >"$log" 2>&1; then
			passed=$((passed + 1))
		else
			failed=$((failed + 1))
			echo "FAIL $compiler $level:"
			grep -E 'error|warning' "$log" | head -n 20
		fi
	done
done
echo "compilers: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
