#!/bin/sh
# Installs the Debian packages that are missing: "build" for make, "demo" for make demo,
# "test" for make test, "ci" for .ci/run. Does nothing, quickly, when all are there.
set -eu

build="gcc libc6-dev make libdeflate-dev libzstd-dev libpcre2-dev libiberty-dev libcapstone-dev libedit-dev libcurl4-openssl-dev"
demo="$build g++ graphviz xz-utils"
test="$demo python3 linux-perf chromium gzip zstd sqlite3 git gdb procps strace binutils elfutils util-linux dwz libgoogle-perftools4 libjemalloc2 valgrind redis-server redis-tools nginx-light wrk postgresql libtcmalloc-minimal4 libmimalloc2.0 libgc-dev guile-3.0"
ci="$test clang clang-format libclang-rt-14-dev llvm-14"

case "${1:-build}" in
build) wanted=$build ;;
demo) wanted=$demo ;;
test) wanted=$test ;;
ci) wanted=$ci ;;
*)
	echo "usage: $0 build|demo|test|ci" >&2
	exit 2
	;;
esac

# Any Go serves as a target; only where there is none at all is Debian's installed.
if [ "${1:-build}" = test ] || [ "${1:-build}" = ci ]; then
	wanted="$wanted golang-1.19-go"
fi

# Node drives the browser; any node on PATH will do.
case ${1:-build} in
test | ci) command -v node >/dev/null || wanted="$wanted nodejs" ;;
esac

missing=
for package in $wanted; do
	dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed ||
		missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null; then
	echo "install_deps: no apt-get here; install what corresponds to:$missing" >&2
	exit 1
fi
as_root=
if [ "$(id -u)" -ne 0 ]; then
	if ! command -v sudo >/dev/null; then
		echo "install_deps: run as root: apt-get install$missing" >&2
		exit 1
	fi
	as_root=sudo
fi
echo "installing:$missing" >&2
# shellcheck disable=SC2086
{
	$as_root apt-get update -qq
	$as_root env DEBIAN_FRONTEND=noninteractive \
		apt-get install -y -qq --no-install-recommends $missing
} >/dev/null
