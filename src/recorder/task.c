// Files of /proc/self/task.
#include "recorder/task.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int task_open_all(void)
{
	return open("/proc/self/task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static int open_file(int all, int tid, const char *file)
{
	char path[32], digits[12];
	size_t at = sizeof(digits);

	// snprintf costs as much as the kernel's look-up.
	for (unsigned rest = (unsigned)tid; rest != 0; rest /= 10)
		digits[--at] = (char)('0' + rest % 10);
	memcpy(path, digits + at, sizeof(digits) - at);
	path[sizeof(digits) - at] = '/';
	strcpy(path + sizeof(digits) - at + 1, file);
	return openat(all, path, O_RDONLY | O_CLOEXEC);
}

static bool read_text(int fd, char *text, size_t size)
{
	ssize_t length = fd < 0 ? -1 : pread(fd, text, size - 1, 0);

	if (length <= 0)
		return false;
	text[length] = '\0';
	return true;
}

static bool read_file(int all, int tid, const char *file, char *text, size_t size)
{
	int fd = open_file(all, tid, file);
	bool is_read = read_text(fd, text, size);

	if (fd >= 0)
		close(fd);
	return is_read;
}

int task_open_place(int all, int tid)
{
	return open_file(all, tid, "syscall");
}

// "running", or "NUMBER ARGUMENTS... SP PC" with six arguments, or "-1 SP PC".
bool task_read_place(int fd, struct task_place *out)
{
	struct task_place place = { 0 };
	char text[256], *rest = text;

	if (!read_text(fd, text, sizeof(text)))
		return false;
	place.is_running = text[0] == 'r';
	if (!place.is_running) {
		place.call = strtoll(rest, &rest, 10);
		for (int i = 0; place.call >= 0 && i < 6; i++) {
			uint64_t argument = strtoull(rest, &rest, 16);

			if (i < 4)
				place.arguments[i] = argument;
		}
		place.sp = strtoull(rest, &rest, 16);
		place.pc = strtoull(rest, &rest, 16);
	}
	*out = place;
	return true;
}

bool task_is_same_place(const struct task_place *a, const struct task_place *b)
{
	return a->is_running == b->is_running && a->call == b->call && a->sp == b->sp &&
	       a->pc == b->pc && a->arguments[0] == b->arguments[0] &&
	       a->arguments[1] == b->arguments[1];
}

static void copy_name(char name[TASK_NAME_SIZE], const char *text, size_t length)
{
	if (length >= TASK_NAME_SIZE)
		length = TASK_NAME_SIZE - 1;
	memcpy(name, text, length);
	name[length] = '\0';
}

// "NAME (ID, #threads: N)", a line, "se.exec_start : MILLISECONDS.NANOSECONDS", and more.
static bool read_sched(int all, int tid, struct task_sleep *out)
{
	char text[512], *place, *line;
	uint64_t ms;

	if (!read_file(all, tid, "sched", text, sizeof(text)))
		return false;
	line = strchr(text, '\n');
	place = line == NULL ? NULL : strstr(line, "se.exec_start");
	place = place == NULL ? NULL : strchr(place, ':');
	if (place == NULL)
		return false;
	*line = '\0';
	line = strrchr(text, '(');
	if (line == NULL || line == text)
		return false;
	copy_name(out->name, text, (size_t)(line - text) - 1);
	ms = strtoull(place + 1, &place, 10);
	out->ran_ns = ms * 1000000 + (*place == '.' ? strtoull(place + 1, NULL, 10) : 0);
	return true;
}

void task_read_sleep(int all, int tid, struct task_sleep *out)
{
	char text[64];

	*out = (struct task_sleep){ 0 };
	if (read_sched(all, tid, out))
		return;
	if (read_file(all, tid, "comm", text, sizeof(text)))
		copy_name(out->name, text, strcspn(text, "\n"));
}

bool task_blocks(int all, int tid, int signal)
{
	char text[2048], *line;

	if (!read_file(all, tid, "status", text, sizeof(text)))
		return false;
	line = strstr(text, "\nSigBlk:");
	return line != NULL &&
	       (strtoull(line + sizeof("\nSigBlk:") - 1, NULL, 16) >> (signal - 1) & 1) !=
		       0;
}

bool task_is_gone(int all, int tid)
{
	char text[256];
	const char *state;

	if (!read_file(all, tid, "stat", text, sizeof(text)))
		return true;
	state = strrchr(text, ')');
	return state == NULL || state[1] == '\0' || state[2] == 'Z' || state[2] == 'X';
}

// The kernel's struct linux_dirent64 (getdents64(2)).
struct entry {
	uint64_t inode, next;
	uint16_t size;
	uint8_t type;
	char name[];
};

void task_list(int all, struct task_visitor *visitor)
{
	_Alignas(8) char buffer[8192];
	long size;

	while ((size = syscall(SYS_getdents64, (long)all, buffer, sizeof(buffer))) > 0) {
		for (long at = 0; at < size;) {
			const struct entry *entry =
				(const struct entry *)(const void *)(buffer + at);
			int tid = atoi(entry->name);

			if (tid > 0)
				visitor->visit(visitor, tid);
			at += entry->size;
		}
	}
}
