#!/bin/sh
# Compiles each header alone, and twice in a row, with gcc and clang: a header that leans on
# what its users happen to include before it fails here.
cd "$(dirname "$0")/.." || exit 1

passed=0
failed=0
for compiler in gcc clang; do
	if ! command -v $compiler >/dev/null; then
		echo "headers: skipped $compiler: not installed"
		continue
	fi
	for header in $(find src include -name '*.h' 2>/dev/null | sort); do
		name=${header#*/}
		if printf '#include "%s"\n#include "%s"\n' "$name" "$name" |
			$compiler -std=gnu17 -fsyntax-only -Wall -Wextra -Wstrict-prototypes \
				-Werror -D_GNU_SOURCE -Isrc -Iinclude -x c -; then
			passed=$((passed + 1))
		else
			echo "$header: does not compile alone with $compiler"
			failed=$((failed + 1))
		fi
	done
done
echo "headers: $passed passed, $failed failed"
[ $failed -eq 0 ] && [ $passed -gt 0 ]
