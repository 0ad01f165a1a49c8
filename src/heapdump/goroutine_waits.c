// g.waiting is a list of sudogs, linked by waitlink, each with its channel. Waiters of
// semaphores hang in a treap of sudogs by address (prev and next are its children),
// others of the same address behind it by waitlink. Source: runtime/chan.go,
// runtime/sema.go.
#include "heapdump/goroutine_waits.h"

#include <stdlib.h>

#include "base/arena.h"
#include "golang/goroutine.h"
#include "golang/layout.h"
#include "golang/process.h"
#include "heapdump/go_marks.h"

enum {
	ROOTS = 251, // runtime.semTabSize
	ROOT_SIZE = 64,
	ROOT_TREAP = 8,
	LINKS_MAX = 1 << 20,
	DEPTH_MAX = 1024,
};

static uint64_t field(const struct goroutine_waits *waits, uint64_t sudog, int32_t offset)
{
	return go_process_read_number(waits->process, sudog + (uint64_t)offset, 8);
}

static uint32_t add_address(struct goroutine_waits *waits, uint64_t address)
{
	waits->addresses = table_reserve(waits->addresses, &waits->capacity,
					 waits->count + 1, sizeof(*waits->addresses));
	waits->addresses[waits->count] = address;
	return (uint32_t)waits->count++;
}

static void add_waiters(struct goroutine_waits *waits, uint64_t sudog)
{
	const struct go_layout *l = waits->process->layout;

	for (unsigned i = 0; sudog != 0 && i < LINKS_MAX; i++) {
		uint64_t g = field(waits, sudog, l->sudog.g);
		uint32_t *row = map_put(&waits->semaphores, g);

		if (*row == MAP_NONE)
			*row = add_address(waits, field(waits, sudog, l->sudog.elem));
		go_marks_seal(waits->marks, sudog);
		sudog = field(waits, sudog, l->sudog.waitlink);
	}
}

static void walk_treap(struct goroutine_waits *waits, uint64_t root)
{
	const struct go_layout *l = waits->process->layout;
	uint64_t stack[DEPTH_MAX];
	size_t depth = 0;

	stack[depth++] = root;
	for (unsigned i = 0; depth > 0 && i < LINKS_MAX; i++) {
		uint64_t sudog = stack[--depth];

		if (sudog == 0)
			continue;
		add_waiters(waits, sudog);
		if (depth + 2 > DEPTH_MAX)
			continue;
		stack[depth++] = field(waits, sudog, l->sudog.prev);
		stack[depth++] = field(waits, sudog, l->sudog.next);
	}
}

void goroutine_waits_read(struct goroutine_waits *waits, const struct go_process *process,
			  struct go_marks *marks)
{
	uint64_t table = go_process_find(process, STR("runtime.semtable"));

	*waits = (struct goroutine_waits){ .process = process, .marks = marks };
	for (unsigned i = 0; table != 0 && i < ROOTS; i++)
		walk_treap(waits,
			   go_process_read_number(process,
						  table + i * ROOT_SIZE + ROOT_TREAP, 8));
}

void goroutine_waits_deinit(struct goroutine_waits *waits)
{
	map_deinit(&waits->semaphores);
	free(waits->addresses);
	*waits = (struct goroutine_waits){ 0 };
}

bool goroutine_waits_add(struct goroutine_waits *waits, const struct goroutine *goroutine,
			 size_t *first, size_t *count)
{
	const struct go_layout *l = waits->process->layout;
	uint32_t row = map_get(&waits->semaphores, goroutine->address);
	uint64_t sudog = goroutine->waiting;

	*first = row == MAP_NONE ? waits->count : row;
	*count = row == MAP_NONE ? 0 : 1;
	if (row != MAP_NONE)
		return true;
	for (unsigned i = 0; sudog != 0 && i < LINKS_MAX; i++) {
		uint64_t channel = field(waits, sudog, l->sudog.c);

		go_marks_seal(waits->marks, sudog);
		if (channel != 0)
			add_address(waits, channel);
		sudog = field(waits, sudog, l->sudog.waitlink);
	}
	*count = waits->count - *first;
	return *count > 0;
}
