// The system call behind readdir.
#include "recorder/directory.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

bool directory_list(const char *path, void (*each)(void *context, const char *name),
		    void *context)
{
	_Alignas(struct dirent64) char buffer[2048];
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	long size;

	if (fd < 0)
		return false;
	while ((size = syscall(SYS_getdents64, fd, buffer, sizeof(buffer))) > 0) {
		for (long at = 0; at < size;) {
			struct dirent64 *entry = (void *)(buffer + at);

			if (strcmp(entry->d_name, ".") != 0 &&
			    strcmp(entry->d_name, "..") != 0)
				each(context, entry->d_name);
			at += entry->d_reclen;
		}
	}
	close(fd);
	return size == 0;
}
