// Code made at run time, named in /tmp/perf-PID.map as just-in-time compilers do.
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "truth.h"

// push %rbp; mov %rsp,%rbp; mov %rdi,%rax; 1: imul $3,%rax; add $1,%rax; dec %rsi; jnz
// 1b; pop %rbp; ret
static const unsigned char code[] = {
	0x55, 0x48, 0x89, 0xe5, 0x48, 0x89, 0xf8, 0x48, 0x6b, 0xc0, 0x03,
	0x48, 0x83, 0xc0, 0x01, 0x48, 0xff, 0xce, 0x75, 0xf3, 0x5d, 0xc3,
};

static int64_t jitted_ns, thinking_ns;

APART uint64_t think(uint64_t x, uint64_t n)
{
	return truth_work(x, n);
}

static void name_code(const void *start, char *path, size_t path_size)
{
	snprintf(path, path_size, "/tmp/perf-%d.map", (int)getpid());
	FILE *map = fopen(path, "w");
	if (map == NULL)
		exit(1);
	fprintf(map, "%zx %zx jitted_loop\n", (size_t)(uintptr_t)start, sizeof(code));
	fclose(map);
}

int main(int argc, char **argv)
{
	int64_t end = truth_now() + truth_budget(argc, argv);
	char path[64];
	uint64_t x = 1;
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			  -1, 0);

	if (page == MAP_FAILED)
		return 1;
	memcpy(page, code, sizeof(code));
	mprotect(page, 4096, PROT_READ | PROT_EXEC);
	name_code(page, path, sizeof(path));
	uint64_t (*jitted)(uint64_t x, uint64_t n) =
		(uint64_t(*)(uint64_t, uint64_t))page;

	while (truth_now() < end) {
		uint64_t n = truth_round(x);
		int64_t at = truth_now();

		x = jitted(x, n * 4);
		at = truth_lap(&jitted_ns, at);
		x = think(x, n);
		truth_lap(&thinking_ns, at);
	}
	truth_print("jitted_loop", jitted_ns);
	truth_print("think", thinking_ns);
	// The map stays for the recorder, which may read it after the end; the test
	// removes it.
	return truth_finish(x);
}
