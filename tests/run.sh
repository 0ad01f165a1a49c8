#!/bin/sh
# Runs every suite, shows what each says, and ends with one line of totals:
# "N passed, N failed, N skipped". BUILD names the build folder.
set -u
cd "$(dirname "$0")/.."
BUILD=${BUILD:-build}
export BUILD GOPROF_TESTS=tests
# The oracle is the pprof of Go 1.26, wherever that comes from.
if go=$(scripts/go_toolchain.sh 1.26); then
	PATH=$(dirname "$go"):$PATH
	export PATH
fi
totals=$(mktemp)
trap 'rm -f "$totals"' EXIT

# suite NAME COMMAND...: its closing line "NAME: N passed, N failed[, N skipped]" counts;
# a suite without one, or with a failing status and no failure counted, is one failure.
suite() {
	name=$1
	shift
	echo "== $name"
	output=$(mktemp)
	"$@" >"$output" 2>&1
	status=$?
	cat "$output"
	line=$(grep -E "^$name: [0-9]+ passed, [0-9]+ failed" "$output" | tail -n 1)
	rm -f "$output"
	passed=$(echo "$line" | sed -n 's/^[^:]*: \([0-9]*\) passed.*/\1/p')
	failed=$(echo "$line" | sed -n 's/.* \([0-9]*\) failed.*/\1/p')
	skipped=$(echo "$line" | sed -n 's/.* \([0-9]*\) skipped.*/\1/p')
	if [ -z "$line" ] || { [ "$status" -ne 0 ] && [ "$failed" -eq 0 ]; }; then
		echo "$name: ended with status $status and no failure counted" >&2
		failed=$((${failed:-0} + 1))
	fi
	echo "${passed:-0} ${failed:-0} ${skipped:-0}" >>"$totals"
}

case "${1:-all}" in
all)
	suite unit "$BUILD/unit"
	suite golden tests/golden/run.sh
	suite differential tests/differential/run.py
	suite words tests/differential/words.py
	suite shell tests/shell/run.py
	suite fetch tests/fetch/run.py
	suite errors tests/errors/run.py
	suite http tests/http/run.py
	suite heapdump tests/heapdump/run.py
	suite truth tests/truth/run.py
	suite perf_data tests/perf_data/run.py
	suite recorder tests/recorder/run.py
	suite waits tests/recorder/waits.py
	suite guests tests/recorder/guests.py
	suite hosts tests/recorder/hosts.py
	suite memory tests/recorder/memory.py
	suite servers tests/recorder/servers.py
	suite browser tests/browser/run.sh
	suite golang tests/golang/run.py
	;;
checks)
	suite format scripts/check_format.sh
	suite layering scripts/check_layering.py
	suite size scripts/check_size.py
	suite headers scripts/check_headers.sh
	suite library scripts/check_library.sh
	suite compilers scripts/check_compilers.sh
	suite sanitizers scripts/check_sanitizers.sh
	suite fuzz tests/fuzz/run.sh
	;;
*)
	echo "usage: $0 [all|checks]" >&2
	exit 2
	;;
esac

awk '{ p += $1; f += $2; s += $3 }
	END { printf "%d passed, %d failed, %d skipped\n", p, f, s; exit f > 0 || p == 0 }' "$totals"
