// The functions of goprof.h: arguments and errno; the work is done elsewhere.
#include "goprof.h"

#include <errno.h>
#include <stdatomic.h>

#include "base/error.h"
#include "base/str.h"
#include "recorder/cpu.h"
#include "recorder/custom.h"
#include "recorder/heap_dump.h"
#include "recorder/kinds.h"
#include "recorder/labels.h"
#include "recorder/memstats.h"
#include "recorder/serve.h"
#include "recorder/state.h"
#include "recorder/statistics.h"
#include "recorder/thread_start.h"
#include "recorder/walker.h"
#include "recorder/write.h"

enum { CPU_HZ_DEFAULT = 100 };

static int fail(int errnum)
{
	errno = errnum;
	return -1;
}

static int fail_from(const struct error *err)
{
	switch (err->code) {
	case ERROR_NOT_FOUND:
		return fail(ENOENT);
	case ERROR_PERMISSION:
		return fail(EACCES);
	case ERROR_USAGE:
	case ERROR_LIMIT:
	case ERROR_FORMAT:
		return fail(EINVAL);
	case ERROR_UNSUPPORTED:
		return fail(ENOTSUP);
	case ERROR_NONE:
	case ERROR_SYSTEM:
		break;
	}
	return fail(EIO);
}

int goprof_start_cpu_profile(unsigned hz)
{
	if (atomic_load(&recorder.cpu_hz) != 0)
		return fail(EBUSY);
	if (!thread_start_init() || !cpu_set_rate(hz == 0 ? CPU_HZ_DEFAULT : hz))
		return fail(ENOMEM);
	serve_offer();
	return 0;
}

static int stop_cpu_profile(void)
{
	if (atomic_load(&recorder.cpu_hz) == 0)
		return fail(EINVAL);
	cpu_set_rate(0);
	return 0;
}

int goprof_stop_cpu_profile(const char *path)
{
	if (stop_cpu_profile() != 0)
		return -1;
	return path == NULL ? 0 : goprof_write_profile("profile", path);
}

int goprof_stop_cpu_profile_fd(int fd)
{
	if (stop_cpu_profile() != 0)
		return -1;
	return fd == -1 ? 0 : goprof_write_profile_fd("profile", fd);
}

int goprof_write_profile(const char *name, const char *path)
{
	struct error err;

	return write_to_file(str_from(name), str_from(path), &err) ? 0 : fail_from(&err);
}

int goprof_write_profile_fd(const char *name, int fd)
{
	struct error err;

	return write_to_fd(str_from(name), fd, &err) ? 0 : fail_from(&err);
}

int goprof_write_heapdump(int fd)
{
	struct error err = { 0 };

	return heap_dump_write(fd, HEAP_DUMP_CONTENTS, HEAP_DUMP_STACK(), &err)
		       ? 0
		       : fail_from(&err);
}

int goprof_listen(const char *address)
{
	struct error err;

	return serve_start(str_from(address), &err) ? 0 : fail_from(&err);
}

int goprof_set_rate(const char *name, uint64_t rate)
{
	const struct kind *kind = kinds_find(str_from(name));

	if (kind == NULL)
		return fail(ENOENT);
	if (rate != 0 && !thread_start_init())
		return fail(ENOMEM);
	if (!kind->set_rate(rate))
		return fail(ENOMEM);
	if (rate != 0)
		serve_offer();
	return 0;
}

int goprof_label_push(const char *key, const char *value)
{
	switch (labels_push(str_from(key), str_from(value))) {
	case LABELS_DONE:
		return 0;
	case LABELS_TOO_MANY:
		return fail(ENOSPC);
	case LABELS_NO_ROOM:
		break;
	}
	return fail(ENOMEM);
}

void goprof_label_pop(void)
{
	labels_pop();
}

struct goprof_profile *goprof_profile_new(const char *name)
{
	struct goprof_profile *profile = custom_find(str_from(name));

	if (profile == NULL)
		errno = ENOMEM;
	return profile;
}

int goprof_profile_add(struct goprof_profile *profile, const void *value)
{
	struct unwind_registers caller = walker_caller();

	return custom_add(profile, value, &caller) ? 0 : fail(ENOMEM);
}

void goprof_profile_remove(struct goprof_profile *profile, const void *value)
{
	custom_remove(profile, value);
}

int goprof_read_memstats(struct goprof_memstats *stats)
{
	return memstats_read_own(stats) ? 0 : fail(EIO);
}

int goprof_memory_stats(struct goprof_memory_stats *stats)
{
	return statistics_read(stats) ? 0 : fail(EIO);
}
