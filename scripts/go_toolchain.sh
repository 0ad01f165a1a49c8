#!/bin/sh
# Prints the path of a Go command of the version given (such as 1.26.0), for tests that need
# that version as a target or as an oracle. Looks on PATH and in Debian's folders first,
# then fetches Go's own toolchain module with whichever go is there, as GOTOOLCHAIN does.
#   scripts/go_toolchain.sh 1.26.0        exactly that version
#   scripts/go_toolchain.sh 1.26          any release of that line
set -eu
version=${1:?usage: go_toolchain.sh VERSION}
folder=$(cd "$(dirname "$0")/.." && pwd)/${BUILD:-build}/go

any=
for go in $(command -v go || true) /usr/lib/go-*/bin/go; do
	[ -x "$go" ] || continue
	any=$go
	case $(GOTOOLCHAIN=local "$go" env GOVERSION) in
	"go$version" | "go$version".*)
		echo "$go"
		exit 0
		;;
	esac
done
[ -n "$any" ] || {
	echo "go_toolchain: no Go at all here; apt-get install golang-1.19-go" >&2
	exit 1
}

case $version in
*.*.*) ;;
*) version=$version.0 ;;
esac
module=golang.org/toolchain@v0.0.1-go$version.linux-amd64
root=$folder/$module
if [ ! -x "$root/bin/go" ]; then
	mkdir -p "$folder"
	(cd "$folder" && GOMODCACHE=$folder GOFLAGS=-modcacherw GOTOOLCHAIN=local \
		"$any" mod download "$module") >&2
	# The module's archive keeps no permission bits.
	chmod +x "$root"/bin/* "$root"/pkg/tool/*/*
fi
echo "$root/bin/go"
