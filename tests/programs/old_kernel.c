// For LD_PRELOAD: a kernel before 6.12, which refuses inherited events whose samples tell
// what was counted.
#include <dlfcn.h>
#include <errno.h>
#include <linux/perf_event.h>
#include <stdarg.h>
#include <sys/syscall.h>

long syscall(long number, ...)
{
	long (*real)(long number, ...) = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
	long words[6];
	va_list args;

	va_start(args, number);
	for (int i = 0; i < 6; i++)
		words[i] = va_arg(args, long);
	va_end(args);
	if (number == SYS_perf_event_open) {
		const struct perf_event_attr *attr = (const void *)words[0];

		if (attr->inherit && (attr->sample_type & PERF_SAMPLE_READ) != 0) {
			errno = EINVAL;
			return -1;
		}
	}
	return real(number, words[0], words[1], words[2], words[3], words[4], words[5]);
}
