#!/bin/sh
# libgoprof.so is a guest in other people's processes: it may need no library but libc and
# its loader, define no name but its API and the functions it takes the place of, and never
# call what allocates from or aborts its host. BUILD names the build folder.
set -u
cd "$(dirname "$0")/.."
library=${BUILD:-build}/libgoprof.so
passed=0 failed=0

# check WHAT ALLOWED NAMES: each name must match the pattern ALLOWED.
check() {
	strangers=$(printf '%s\n' $3 | grep -vxE "$2")
	if [ -z "$strangers" ]; then
		passed=$((passed + 1))
		return
	fi
	failed=$((failed + 1))
	echo "$library: $1:" $strangers
}

needed() {
	readelf -dW "$library" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'
}

defined() {
	nm -D --defined-only "$library" | sed 's/.* //; s/@.*//'
}

wanted() {
	nm -D --undefined-only "$library" | sed 's/.* //; s/@.*//'
}

hooks='malloc|free|calloc|realloc|reallocarray|memalign|aligned_alloc|posix_memalign|valloc|pvalloc'
hooks="$hooks|pthread_create|thrd_create|sigaction|signal|dlclose|_exit|_Exit"
hooks="$hooks|sig(timed)?wait|sigwaitinfo|sigpending|signalfd"
hooks="$hooks|pthread_mutex_((timed|clock)?lock|unlock)|mtx_((timed)?lock|unlock)"
hooks="$hooks|pthread_rwlock_((timed|clock)?(rd|wr)lock|unlock)|pthread_cond_(timed|clock)?wait"
hooks="$hooks|cnd_(timed)?wait|sem_(timed|clock)?wait|pthread_barrier_wait|thrd_join"
hooks="$hooks|GC_malloc(_atomic|_uncollectable)?|GC_free|GC_[gs]et_on_collection_event"
hooks="$hooks|(clock_)?nanosleep|u?sleep|p?poll|p?select|epoll_p?wait"
hooks="$hooks|pthread_join|pthread_(timed|clock)join_np|syscall"

[ -f "$library" ] || {
	echo "$library: is not there: make builds it"
	echo "library: 0 passed, 1 failed"
	exit 1
}
check "needs more than libc" 'libc\.so\.6|ld-linux-x86-64\.so\.2' "$(needed)"
check "defines names of others" "goprof_[a-z_]+|$hooks" "$(defined)"
# What its own code calls, as opposed to what its hooks pass on through dlsym.
forbidden="$hooks|abort|exit|__assert_fail|fopen|printf|fprintf|strdup|asprintf|vasprintf"
check "calls what a guest may not" '' "$(wanted | grep -xE "$forbidden|__tls_get_addr")"
check "has relocations in its code" '' "$(readelf -dW "$library" | grep TEXTREL)"

# What hooks pass calls on to must have its row for programs without a loader, too. There,
# libgc is of no use, syscall is ours, and the address of __libc_malloc tells nothing.
looked_up() {
	sed -nE 's/^\tROW[_0-9]*\((\w+)\),$/\1/p' src/recorder/wait_next.c
	cat src/recorder/*.c | grep -oE '(find|hook_resolve)\([^"]*"\w+"\)' | sed 's/.*"\(.*\)")/\1/'
}

rows=$(sed -nE 's/^\t\{ "(\w+)", .*/\1/p' src/recorder/static_next.c)
check "looks up what has no row in src/recorder/static_next.c" \
	"$(echo $rows | tr ' ' '|')|GC_.*|__libc_malloc|syscall" "$(looked_up)"
[ "$(looked_up | wc -l)" -ge 60 ] || {
	failed=$((failed + 1))
	echo "check_library.sh: finds hardly a row in src/recorder/wait_next.c"
}
echo "library: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
