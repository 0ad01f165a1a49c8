// Only calls that block have a reason to be here.
#include "target/system_call.h"

#include <stdio.h>
#include <sys/syscall.h>

struct name {
	int64_t number;
	const char *text;
};

static const struct name names[] = {
	{ SYS_accept, "accept" },
	{ SYS_accept4, "accept4" },
	{ SYS_clock_nanosleep, "clock_nanosleep" },
	{ SYS_connect, "connect" },
	{ SYS_epoll_pwait, "epoll_pwait" },
	{ SYS_epoll_wait, "epoll_wait" },
	{ SYS_fcntl, "fcntl" },
	{ SYS_fdatasync, "fdatasync" },
	{ SYS_flock, "flock" },
	{ SYS_fsync, "fsync" },
	{ SYS_futex, "futex" },
	{ SYS_io_getevents, "io_getevents" },
	{ SYS_io_uring_enter, "io_uring_enter" },
	{ SYS_msgrcv, "msgrcv" },
	{ SYS_nanosleep, "nanosleep" },
	{ SYS_openat, "openat" },
	{ SYS_pause, "pause" },
	{ SYS_poll, "poll" },
	{ SYS_ppoll, "ppoll" },
	{ SYS_pread64, "pread64" },
	{ SYS_pselect6, "pselect6" },
	{ SYS_pwrite64, "pwrite64" },
	{ SYS_read, "read" },
	{ SYS_readv, "readv" },
	{ SYS_recvfrom, "recvfrom" },
	{ SYS_recvmsg, "recvmsg" },
	{ SYS_rt_sigsuspend, "rt_sigsuspend" },
	{ SYS_rt_sigtimedwait, "rt_sigtimedwait" },
	{ SYS_select, "select" },
	{ SYS_semop, "semop" },
	{ SYS_sendmsg, "sendmsg" },
	{ SYS_sendto, "sendto" },
	{ SYS_wait4, "wait4" },
	{ SYS_waitid, "waitid" },
	{ SYS_write, "write" },
	{ SYS_writev, "writev" },
};

void system_call_name(int64_t number, char *out, size_t size)
{
	out[0] = '\0';
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (names[i].number == number) {
			snprintf(out, size, "%s", names[i].text);
			return;
		}
	}
	if (number >= 0)
		snprintf(out, size, "syscall %lld", (long long)number);
}
