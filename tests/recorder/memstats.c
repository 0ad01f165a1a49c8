// Holds a known amount of memory and says what goprof_read_memstats says of it, then
// waits for the end of its input.
#include <goprof.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BLOCKS = 1000, SIZE = 30000 };

int main(void)
{
	static char *blocks[BLOCKS];
	struct goprof_memstats before, after;
	char byte;

	if (goprof_read_memstats(&before) != 0)
		return 1;
	for (int i = 0; i < BLOCKS; i++)
		memset(blocks[i] = malloc(SIZE), 1, SIZE);
	if (goprof_read_memstats(&after) != 0)
		return 1;
	printf("%s %lld %lld %lld\n", after.allocator,
	       (long long)(after.heap_alloc - before.heap_alloc),
	       (long long)(after.heap_sys - after.heap_inuse - after.heap_idle),
	       (long long)after.mallocs);
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	return blocks[0] == NULL;
}
