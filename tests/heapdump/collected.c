/* A program on libgc: some blocks that stay, many that do not, and a callback of its own.
 */
#include <gc/gc.h>
#include <stdio.h>
#include <string.h>

enum { KEPT = 1000, WASTED = 20000, SIZE = 64 };

void *kept[KEPT];
static int own_ends;

static void on_event(GC_EventType event)
{
	own_ends += event == GC_EVENT_END;
}

static __attribute__((noinline)) void keep(void)
{
	for (int i = 0; i < KEPT; i++)
		kept[i] = GC_malloc(SIZE);
}

static __attribute__((noinline)) void waste(void)
{
	void *volatile block;

	for (int i = 0; i < WASTED; i++)
		block = GC_malloc_atomic(SIZE);
	block = NULL;
	(void)block;
}

static __attribute__((noinline)) void wipe(void)
{
	volatile char room[64 << 10];

	memset((char *)room, 0, sizeof(room));
}

int main(void)
{
	GC_init();
	GC_set_on_collection_event(on_event);
	own_ends = (int)GC_get_gc_no();
	keep();
	waste();
	wipe();
	GC_gcollect();
	GC_gcollect();
	printf("collections %u own %d\n", (unsigned)GC_get_gc_no(), own_ends);
	return 0;
}
