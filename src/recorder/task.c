// Files of /proc/self/task.
#include "recorder/task.h"

#include <fcntl.h>
#include <linux/futex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static bool read_text(int tid, const char *file, char *text, size_t size)
{
	char path[64];
	ssize_t length;
	int fd;

	snprintf(path, sizeof(path), "/proc/self/task/%d/%s", tid, file);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	length = read(fd, text, size - 1);
	close(fd);
	if (length <= 0)
		return false;
	text[length] = '\0';
	return true;
}

static uint64_t read_turns(int tid)
{
	char text[96], *rest = text;

	if (!read_text(tid, "schedstat", text, sizeof(text)))
		return 0;
	strtoull(rest, &rest, 10);
	strtoull(rest, &rest, 10);
	return strtoull(rest, &rest, 10);
}

// "running", or "NUMBER ARGUMENTS... SP PC" with six arguments, or "-1 SP PC".
bool task_read_place(int tid, struct task_place *out)
{
	char text[256], *rest = text;
	// Before the rest: a thread that runs later than this is found out.
	struct task_place place = { .turns = read_turns(tid) };

	if (!read_text(tid, "syscall", text, sizeof(text)))
		return false;
	place.is_running = text[0] == 'r';
	if (!place.is_running) {
		place.call = strtoll(rest, &rest, 10);
		for (int i = 0; place.call >= 0 && i < 6; i++) {
			uint64_t argument = strtoull(rest, &rest, 16);

			if (i < 2)
				place.arguments[i] = argument;
		}
		place.sp = strtoull(rest, &rest, 16);
		place.pc = strtoull(rest, &rest, 16);
	}
	*out = place;
	return true;
}

bool task_has_stayed(int tid, const struct task_place *place)
{
	struct task_place now;

	if (place->is_running)
		return false;
	if (place->turns != 0)
		return read_turns(tid) == place->turns;
	return task_read_place(tid, &now) && !now.is_running && now.call == place->call &&
	       now.sp == place->sp && now.pc == place->pc;
}

const char *task_state(const struct task_place *place)
{
	switch (place->call) {
	case SYS_futex:
		return task_mutex_owner(place) != 0 ? "mutex wait" : "futex wait";
	case SYS_nanosleep:
	case SYS_clock_nanosleep:
		return "sleep";
	case SYS_poll:
	case SYS_ppoll:
	case SYS_select:
	case SYS_pselect6:
	case SYS_epoll_wait:
	case SYS_epoll_pwait:
	case SYS_read:
	case SYS_readv:
	case SYS_recvfrom:
	case SYS_recvmsg:
	case SYS_accept:
	case SYS_accept4:
	case SYS_connect:
		return "IO wait";
	case SYS_wait4:
	case SYS_waitid:
		return "child wait";
	case SYS_pause:
	case SYS_rt_sigsuspend:
	case SYS_rt_sigtimedwait:
		return "signal wait";
	case -1:
		return "stopped";
	default:
		return "system call";
	}
}

// A mutex begins with its futex word, which is 2 while somebody waits, and has its owner
// in the third word (glibc, sysdeps/nptl/bits/struct_mutex.h).
int task_mutex_owner(const struct task_place *place)
{
	enum { LOCK_WORD_CONTENDED = 2, OWNER = 2 };
	uint32_t words[3];
	struct iovec local = { words, sizeof(words) };
	struct iovec from = { (void *)(uintptr_t)place->arguments[0], sizeof(words) };
	int command = (int)(place->arguments[1] & FUTEX_CMD_MASK);
	char path[64];

	if (place->is_running || place->call != SYS_futex ||
	    (command != FUTEX_WAIT && command != FUTEX_WAIT_BITSET) ||
	    syscall(SYS_process_vm_readv, (long)getpid(), &local, 1L, &from, 1L, 0L) !=
		    (long)sizeof(words) ||
	    words[0] != LOCK_WORD_CONTENDED || words[OWNER] == 0)
		return 0;
	snprintf(path, sizeof(path), "/proc/self/task/%u", words[OWNER]);
	return access(path, F_OK) == 0 ? (int)words[OWNER] : 0;
}

void task_read_name(int tid, char name[TASK_NAME_SIZE])
{
	name[0] = '\0';
	if (read_text(tid, "comm", name, TASK_NAME_SIZE))
		name[strcspn(name, "\n")] = '\0';
}

// The kernel's struct linux_dirent64 (getdents64(2)).
struct entry {
	uint64_t inode, next;
	uint16_t size;
	uint8_t type;
	char name[];
};

void task_list(struct task_visitor *visitor)
{
	_Alignas(8) char buffer[8192];
	int fd = open("/proc/self/task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	long size;

	if (fd < 0)
		return;
	while ((size = syscall(SYS_getdents64, (long)fd, buffer, sizeof(buffer))) > 0) {
		for (long at = 0; at < size;) {
			const struct entry *entry =
				(const struct entry *)(const void *)(buffer + at);
			int tid = atoi(entry->name);

			if (tid > 0)
				visitor->visit(visitor, tid);
			at += entry->size;
		}
	}
	close(fd);
}
