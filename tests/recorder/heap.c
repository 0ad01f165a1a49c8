// Allocates in every way there is and says what it allocated: "truth NAME objects bytes
// live_objects live_bytes".
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define APART __attribute__((noipa))

static void *kept[4096];
static size_t kept_count;

static APART void keep(void *block)
{
	kept[kept_count++] = block;
}

static void say(const char *name, long objects, long bytes, long live, long live_bytes)
{
	char line[128];
	int length = snprintf(line, sizeof(line), "truth %s %ld %ld %ld %ld\n", name,
			      objects, bytes, live, live_bytes);

	if (write(1, line, (size_t)length) != length)
		exit(3);
}

static APART void by_malloc(void)
{
	for (int i = 0; i < 100; i++)
		keep(malloc(100));
	say("by_malloc", 100, 10000, 100, 10000);
}

static APART void by_malloc_freed(void)
{
	for (int i = 0; i < 1000; i++) {
		void *volatile block = malloc(48);

		free(block);
	}
	say("by_malloc_freed", 1000, 48000, 0, 0);
}

static APART void by_calloc(void)
{
	for (int i = 0; i < 10; i++)
		keep(calloc(10, 30));
	say("by_calloc", 10, 3000, 10, 3000);
}

static APART void by_realloc(void)
{
	char *block = realloc(NULL, 10);

	for (size_t size = 20; size <= 100; size += 10)
		block = realloc(block, size);
	keep(block);
	say("by_realloc", 10, 550, 1, 100);
}

static APART void by_failing_realloc(void)
{
	char *block = malloc(1000);
	volatile size_t much = (size_t)1 << 62;

	if (realloc(block, much) != NULL)
		exit(4);
	keep(block);
	say("by_failing_realloc", 1, 1000, 1, 1000);
}

static APART void by_reallocarray(void)
{
	keep(reallocarray(NULL, 7, 11));
	say("by_reallocarray", 1, 77, 1, 77);
}

static APART void by_alignment(void)
{
	void *block;

	keep(memalign(64, 640));
	keep(aligned_alloc(128, 1280));
	keep(valloc(5000));
	if (posix_memalign(&block, 256, 2560) != 0)
		exit(5);
	keep(block);
	say("by_alignment", 4, 9480, 4, 9480);
}

static APART void inside_libc(void)
{
	keep(strdup("a text of 24 characters"));
	say("inside_libc", 1, 24, 1, 24);
}

static APART void large(void)
{
	char *block = malloc(3 << 20);

	memset(block, 1, 3 << 20);
	keep(block);
	say("large", 1, 3 << 20, 1, 3 << 20);
}

static APART void zero_sized(void)
{
	keep(malloc(0));
	say("zero_sized", 1, 0, 1, 0);
}

int main(void)
{
	by_malloc();
	by_malloc_freed();
	by_calloc();
	by_realloc();
	by_failing_realloc();
	by_reallocarray();
	by_alignment();
	inside_libc();
	large();
	zero_sized();
	return 0;
}
