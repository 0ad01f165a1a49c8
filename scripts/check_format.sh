#!/bin/sh
# Fails on C files that clang-format would change; `make format` mends them.
cd "$(dirname "$0")/.." || exit 1

tool=$(command -v clang-format-14 || command -v clang-format)
if [ -z "$tool" ]; then
	echo "format: clang-format is not installed; try: apt-get install clang-format-14" >&2
	exit 1
fi

passed=0
failed=0
for file in $(find src include tests bench demo -name '*.[ch]' 2>/dev/null | sort); do
	if "$tool" --dry-run -Werror "$file" 2>/dev/null; then
		passed=$((passed + 1))
	else
		echo "$file: not formatted"
		failed=$((failed + 1))
	fi
done
echo "format: $passed passed, $failed failed"
[ $failed -eq 0 ] && [ $passed -gt 0 ]
