// Room on the disk is asked for before it is written to.
#include "recorder/tracer_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "profile/trace.h"
#include "recorder/state.h"
#include "recorder/talk.h"
#include "recorder/write.h"

enum { PATH_SIZE = sizeof(recorder.trace_path), PROGRAMS_MAX = 99 };

// The file that is named; where another process has it already, one with our process id
// behind the name, and a number where we were another program before.
static int make_file(char path[PATH_SIZE])
{
	int flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
	int fd = open(path, flags, 0600);
	char *end = path + strlen(path);
	size_t room = (size_t)(path + PATH_SIZE - end);

	for (int i = 1; fd < 0 && errno == EEXIST && i <= PROGRAMS_MAX; i++) {
		if (i == 1)
			snprintf(end, room, ".%d", getpid());
		else
			snprintf(end, room, ".%d.%d", getpid(), i);
		fd = open(path, flags, 0600);
	}
	return fd;
}

static struct trace_head *map(int fd, uint64_t size, uint64_t recording_size)
{
	// The disk must not be found full by a write to mapped memory, which would end
	// the program; chunks are asked for one by one.
	bool is_full =
		fallocate(fd, 0, 0, (off_t)(TRACE_HEAD_SIZE + recording_size)) != 0 &&
		errno == ENOSPC;
	struct trace_head *trace = MAP_FAILED;
	struct stat status;

	if (!is_full && fstat(fd, &status) == 0 && ftruncate(fd, (off_t)size) == 0)
		trace = mmap(NULL, size, PROT_READ | PROT_WRITE,
			     MAP_SHARED | MAP_NORESERVE, fd, 0);
	if (trace == MAP_FAILED)
		return NULL;
	recorder.trace_inode = status.st_ino;
	return trace;
}

static struct trace_head *make(char path[PATH_SIZE], uint64_t size,
			       uint64_t recording_size)
{
	struct trace_head *trace = NULL;
	int fd = make_file(path);

	if (fd >= 0) {
		trace = map(fd, size, recording_size);
		if (trace == NULL)
			unlink(path);
		close(fd);
	}
	if (trace == NULL)
		talk("%s: no file for the allocation trace: error %d", path, errno);
	return trace;
}

struct trace_head *tracer_file_map(uint64_t *size, uint64_t *recording_size)
{
	const struct settings *settings = &recorder.settings;
	struct trace_head *trace;
	char path[PATH_SIZE];

	*recording_size = settings->memory & ~(uint64_t)(TRACE_HEAD_SIZE - 1);
	*size = settings->trace_size & ~(uint64_t)(TRACE_HEAD_SIZE - 1);
	if (*size < TRACE_HEAD_SIZE + *recording_size + TRACE_CHUNK_SIZE)
		*size = 2 * (TRACE_HEAD_SIZE + *recording_size);
	if (!write_expand_path(settings->trace, path, PATH_SIZE - 32))
		return NULL;
	trace = make(path, *size, *recording_size);
	if (trace == NULL)
		return NULL;
	memcpy(recorder.trace_path, path, sizeof(path));
	if (str_equal(settings->trace, STR(SETTINGS_TRACE_DEFAULT)))
		talk("allocations are traced into %s: goprof alloctrace --read prints it",
		     path);
	return trace;
}

// Only the file that we made: its name may be another one's by now.
void tracer_file_cut(uint64_t size)
{
	int fd = open(recorder.trace_path, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
	struct stat status;

	if (fd < 0)
		return;
	if (fstat(fd, &status) == 0 && status.st_ino == recorder.trace_inode)
		(void)!ftruncate(fd, (off_t)size);
	close(fd);
}
