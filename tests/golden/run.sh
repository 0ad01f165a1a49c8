#!/bin/sh
# Runs each case (a folder with `cmd`, the arguments, and `expected`: stdout, then stderr and
# the exit status where there are any) and compares. --update rewrites what differs.
set -u
cd "$(dirname "$0")" || exit 1
goprof=${GOPROF:-$(cd ../.. && pwd)/${BUILD:-build}/goprof}
case "${BUILD:-}" in /*) goprof=${GOPROF:-$BUILD/goprof} ;; esac
export TZ=UTC
passed=0 failed=0
actual=$(mktemp) messages=$(mktemp)
trap 'rm -f "$actual" "$messages"' EXIT

for folder in cases/*/; do
	name=$(basename "$folder")
	eval "\"$goprof\" $(cat "$folder/cmd")" >"$actual" 2>"$messages"
	status=$?
	if [ -s "$messages" ]; then
		{ echo "--- stderr"; cat "$messages"; } >>"$actual"
	fi
	[ "$status" -eq 0 ] || echo "--- exit $status" >>"$actual"
	if cmp -s "$actual" "$folder/expected"; then
		passed=$((passed + 1))
	elif [ "${1:-}" = --update ]; then
		cp "$actual" "$folder/expected"
		echo "updated $name"
		passed=$((passed + 1))
	else
		echo "FAIL $name"
		diff -u "$folder/expected" "$actual" | head -n 20
		failed=$((failed + 1))
	fi
done
echo "golden: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
