// Mapping inputs; writing outputs under a temporary name.
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/writer.h"

// What to try, told behind the system's own words.
static bool refuse_input(const char *name, int errnum, struct error *err)
{
	error_set_errno(err, errnum, "%s", name);
	if (errnum == ENOENT || errnum == ENOTDIR)
		return error_append(err, ": check the path");
	if (errnum == EACCES || errnum == EPERM)
		return error_append(err, ": run as a user who may read it");
	return false;
}

static bool refuse_output(const char *path, int errnum, struct error *err)
{
	error_set_errno(err, errnum, "cannot write %s", path);
	if (errnum == ENOENT || errnum == ENOTDIR)
		return error_append(err, ": create its folder first, or choose another");
	if (errnum == EACCES || errnum == EPERM || errnum == EROFS)
		return error_append(err, ": choose a folder that you may write to");
	if (errnum == EISDIR)
		return error_append(err, ": give the name of a file");
	if (errnum == ENOSPC || errnum == EDQUOT)
		return error_append(err, ": free some space, or choose another place");
	return false;
}

static bool read_all(int fd, const char *name, struct file_view *out, struct error *err)
{
	CLEANUP_FREE uint8_t *bytes = NULL;
	size_t used = 0, capacity = 0;

	for (;;) {
		ssize_t got;

		bytes = table_reserve(bytes, &capacity, used + 64 * 1024, 1);
		got = read(fd, bytes + used, capacity - used);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return error_set_errno(err, errno, "reading %s", name);
		if (got == 0)
			break;
		used += (size_t)got;
	}
	*out = (struct file_view){ bytes, used, false };
	bytes = NULL;
	return true;
}

bool file_view_from_fd(int fd, const char *name, struct file_view *out, struct error *err)
{
	struct stat st;
	void *bytes;

	if (fstat(fd, &st) != 0)
		return refuse_input(name, errno, err);
	if (S_ISDIR(st.st_mode))
		return error_set(err, ERROR_FORMAT,
				 "%s: is a directory: give the name of a file", name);
	if (!S_ISREG(st.st_mode) || st.st_size == 0)
		return read_all(fd, name, out, err);
	bytes = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (bytes == MAP_FAILED)
		return read_all(fd, name, out, err);
	*out = (struct file_view){ bytes, (size_t)st.st_size, true };
	return true;
}

bool file_view_open(const char *path, struct file_view *out, struct error *err)
{
	CLEANUP_FD int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return refuse_input(path, errno, err);
	return file_view_from_fd(fd, path, out, err);
}

bool file_view_open_mapped(const char *path, struct file_view *out, struct error *err)
{
	CLEANUP_FD int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	void *bytes;

	if (fd < 0 || fstat(fd, &st) != 0)
		return refuse_input(path, errno, err);
	if (S_ISDIR(st.st_mode))
		return error_set(err, ERROR_FORMAT,
				 "%s: is a directory: give the name of a file", path);
	if (!S_ISREG(st.st_mode))
		return error_set(err, ERROR_FORMAT, "%s: is no ordinary file", path);
	if (st.st_size == 0)
		return error_set(err, ERROR_FORMAT, "%s: is empty", path);
	bytes = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (bytes == MAP_FAILED)
		return refuse_input(path, errno, err);
	*out = (struct file_view){ bytes, (size_t)st.st_size, true };
	return true;
}

void file_view_close(struct file_view *view)
{
	if (view->is_mapped)
		munmap((void *)view->bytes, view->size);
	else
		free((void *)view->bytes);
	*view = (struct file_view){ 0 };
}

bool file_output_open(struct file_output *out, const char *path, struct error *err)
{
	struct stat st;
	char *temporary;
	int fd;

	// A device, a pipe or stdout cannot be renamed over.
	if (strcmp(path, "-") == 0 || (stat(path, &st) == 0 && !S_ISREG(st.st_mode))) {
		fd = strcmp(path, "-") == 0 ? dup(STDOUT_FILENO)
					    : open(path, O_WRONLY | O_CLOEXEC);
		if (fd < 0)
			return refuse_output(path, errno, err);
		*out = (struct file_output){ fd, path, NULL };
		return true;
	}
	if (asprintf(&temporary, "%s.XXXXXX", path) < 0)
		arena_out_of_memory(strlen(path));
	fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0) {
		refuse_output(path, errno, err);
		free(temporary);
		return false;
	}

	mode_t mask = umask(0);

	umask(mask);
	fchmod(fd, 0666 & ~mask);
	*out = (struct file_output){ fd, path, temporary };
	return true;
}

bool file_output_commit(struct file_output *out, struct error *err)
{
	bool is_done = close(out->fd) == 0 &&
		       (out->temporary == NULL || rename(out->temporary, out->path) == 0);
	int errnum = errno;

	if (!is_done && out->temporary != NULL)
		unlink(out->temporary);
	free(out->temporary);
	out->fd = -1;
	out->temporary = NULL;
	return is_done || refuse_output(out->path, errnum, err);
}

void file_output_discard(struct file_output *out)
{
	if (out->fd >= 0)
		close(out->fd);
	if (out->temporary != NULL)
		unlink(out->temporary);
	free(out->temporary);
	*out = (struct file_output){ .fd = -1 };
}

bool file_write(const char *path, struct str bytes, struct error *err)
{
	struct file_output out;
	struct writer w;
	bool is_written;

	if (!file_output_open(&out, path, err))
		return false;
	w = writer_to_fd(out.fd);
	writer_str(&w, bytes);
	is_written = writer_finish(&w, err);
	writer_deinit(&w);
	if (is_written)
		return file_output_commit(&out, err);
	file_output_discard(&out);
	return error_wrap(err, "%s", path);
}
