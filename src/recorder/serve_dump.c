// The dump waits in memory until it is sent, since whoever asks may be slow.
#include "recorder/serve_dump.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/error.h"
#include "http/query.h"
#include "recorder/heap_dump.h"

int serve_dump_open(struct str query, struct error *err)
{
	char text[8];
	struct str contents =
		http_query_value(query, STR("contents"), text, sizeof(text));
	enum heap_dump_form form =
		str_equal(contents, STR("0")) ? HEAP_DUMP_POINTERS : HEAP_DUMP_CONTENTS;
	int fd = memfd_create("goprof heap dump", MFD_CLOEXEC);

	if (fd < 0) {
		error_set_errno(err, errno, "making room for a heap dump");
		return -1;
	}
	if (heap_dump_write(fd, form, HEAP_DUMP_STACK(), err) &&
	    lseek(fd, 0, SEEK_SET) == 0)
		return fd;
	close(fd);
	return -1;
}
