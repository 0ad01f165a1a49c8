// Half of the time in the kernel, on behalf of one function.
#include <fcntl.h>
#include <unistd.h>

#include "truth.h"

static int64_t reading_ns, thinking_ns;

APART uint64_t read_zeros(int fd, uint64_t n)
{
	static char bytes[64 * 1024];
	uint64_t sum = 0;

	for (uint64_t i = 0; i < n; i++)
		sum += (uint64_t)read(fd, bytes, sizeof(bytes));
	return sum;
}

APART uint64_t think(uint64_t x, uint64_t n)
{
	return truth_work(x, n);
}

int main(int argc, char **argv)
{
	int64_t end = truth_now() + truth_budget(argc, argv);
	int fd = open("/dev/zero", O_RDONLY);
	uint64_t x = 1;

	while (truth_now() < end) {
		uint64_t n = truth_round(x);
		int64_t at = truth_now();

		x += read_zeros(fd, n / 512);
		at = truth_lap(&reading_ns, at);
		x = think(x, n * 5);
		truth_lap(&thinking_ns, at);
	}
	truth_print("read_zeros", reading_ns);
	truth_print("think", thinking_ns);
	close(fd);
	return truth_finish(x);
}
