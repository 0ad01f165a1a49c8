// Before and after the command.
#include "source/trace_file.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/log.h"
#include "profile/trace.h"

bool trace_file_prepare(const char *path, struct error *err)
{
	if (strchr(path, ',') != NULL)
		return error_set(err, ERROR_USAGE,
				 "%s: the trace's path has a comma in it", path);
	if (unlink(path) == 0)
		log_info("%s: written anew", path);
	return true;
}

void trace_file_cut(const char *path)
{
	CLEANUP_FD int fd = open(path, O_RDWR | O_CLOEXEC);
	struct trace_head head;
	uint64_t end;

	if (fd < 0 || pread(fd, &head, sizeof(head), 0) != (ssize_t)sizeof(head) ||
	    !trace_is_valid(&head) || head.claimed > trace_chunk_count(&head))
		return;
	end = trace_chunk_offset(&head, head.claimed);
	if (ftruncate(fd, (off_t)end) != 0)
		log_warn("%s: cannot be cut to its size", path);
}
