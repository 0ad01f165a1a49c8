// Marks from globals and from all goroutines that may run; a blocked one may, once what
// it waits for is marked, and then marks from its stack; until nothing changes.
// Structures of the scheduler (g, sudog) lead nowhere, else every goroutine would reach
// itself.
#include "heapdump/goroutine_leaks.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "golang/goroutine_facts.h"
#include "golang/process.h"
#include "heapdump/go_marks.h"
#include "heapdump/goroutine_waits.h"

enum { STACK_MAX = 256 << 20 };

struct candidate {
	uint64_t id;
	size_t first_wait, wait_count;     // of what it waits for; none: of nothing ever
	size_t first_object, object_count; // that its stack points to
	bool is_live;
};

struct search {
	struct goroutine_visitor visitor;
	struct go_process *process;
	struct go_marks marks;
	struct goroutine_waits waits;
	struct goroutine_facts facts;
	struct candidate *candidates;
	size_t count, capacity;
	uint32_t *objects;
	size_t object_count, object_capacity;
	struct goroutine_leaks *leaks;
};

enum wait_kind { WAIT_OTHER, WAIT_FOR_OBJECT, WAIT_FOR_EVER };

static enum wait_kind kind_of(const struct search *search,
			      const struct goroutine *goroutine)
{
	static const struct {
		struct str state;
		enum wait_kind kind;
	} kinds[] = {
		{ STR("chan receive"), WAIT_FOR_OBJECT },
		{ STR("chan send"), WAIT_FOR_OBJECT },
		{ STR("select"), WAIT_FOR_OBJECT },
		{ STR("semacquire"), WAIT_FOR_OBJECT },
		{ STR("sync.Mutex.Lock"), WAIT_FOR_OBJECT },
		{ STR("sync.RWMutex.RLock"), WAIT_FOR_OBJECT },
		{ STR("sync.RWMutex.Lock"), WAIT_FOR_OBJECT },
		{ STR("sync.WaitGroup.Wait"), WAIT_FOR_OBJECT },
		{ STR("chan receive (nil chan)"), WAIT_FOR_EVER },
		{ STR("chan send (nil chan)"), WAIT_FOR_EVER },
		{ STR("select (no cases)"), WAIT_FOR_EVER },
	};
	struct str state = goroutine_facts_state(&search->facts, goroutine);

	if (goroutine->status != GOROUTINE_WAITING &&
	    goroutine->status != GOROUTINE_LEAKED)
		return WAIT_OTHER;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (str_equal(state, kinds[i].state))
			return kinds[i].kind;
	}
	return WAIT_OTHER;
}

// One that may run: its stack counts. All of it, where it is not known how much is in
// use.
static void mark_stack(struct search *search, const struct goroutine *goroutine)
{
	uint64_t size = goroutine->stack_high - goroutine->stack_low;
	CLEANUP_FREE uint8_t *bytes = NULL;

	if (goroutine->stack.size > 0) {
		go_marks_add_words(&search->marks, goroutine->stack.bytes,
				   goroutine->stack.size);
		return;
	}
	if (goroutine->stack_high < goroutine->stack_low || size > STACK_MAX)
		return;
	bytes = table_zeroed(size + 1, 1);
	if (memory_read(search->process->memory, goroutine->stack_low, bytes, size))
		go_marks_add_words(&search->marks, bytes, size);
}

static void note_objects(struct search *search, struct candidate *candidate,
			 const struct memory_bytes *stack)
{
	candidate->first_object = search->object_count;
	for (size_t at = 0; at + 8 <= stack->size; at += 8) {
		uint64_t value;
		uint32_t object;

		memcpy(&value, stack->bytes + at, sizeof(value));
		object = go_marks_object(&search->marks, value);
		if (object == UINT32_MAX)
			continue;
		search->objects =
			table_reserve(search->objects, &search->object_capacity,
				      search->object_count + 1, sizeof(*search->objects));
		search->objects[search->object_count++] = object;
	}
	candidate->object_count = search->object_count - candidate->first_object;
}

static void visit(struct goroutine_visitor *visitor, const struct goroutine *goroutine)
{
	struct search *search = (struct search *)visitor;
	struct candidate candidate = { .id = goroutine->id };
	enum wait_kind kind = kind_of(search, goroutine);

	go_marks_seal(&search->marks, goroutine->address);
	if (kind == WAIT_OTHER || goroutine->stack_state != GOROUTINE_WHOLE ||
	    goroutine_facts_is_system(&search->facts, goroutine)) {
		mark_stack(search, goroutine);
		return;
	}
	search->leaks->blocked++;
	if (kind == WAIT_FOR_OBJECT &&
	    !goroutine_waits_add(&search->waits, goroutine, &candidate.first_wait,
				 &candidate.wait_count)) {
		search->leaks->unknown++;
		mark_stack(search, goroutine);
		return;
	}
	note_objects(search, &candidate, &goroutine->stack);
	search->candidates = table_reserve(search->candidates, &search->capacity,
					   search->count + 1, sizeof(candidate));
	search->candidates[search->count++] = candidate;
}

static bool may_be_woken(const struct search *search, const struct candidate *candidate)
{
	for (size_t i = 0; i < candidate->wait_count; i++) {
		uint64_t address = search->waits.addresses[candidate->first_wait + i];

		if (go_marks_place(&search->marks, address) != GO_MARKS_LOST)
			return true;
	}
	return false;
}

// Marks from each candidate that may be woken; false when there was none.
static bool revive(struct search *search)
{
	bool has_any = false;

	for (size_t i = 0; i < search->count; i++) {
		struct candidate *candidate = &search->candidates[i];

		if (candidate->is_live || !may_be_woken(search, candidate))
			continue;
		candidate->is_live = has_any = true;
		for (size_t j = 0; j < candidate->object_count; j++)
			go_marks_add(&search->marks,
				     search->objects[candidate->first_object + j]);
		go_marks_follow(&search->marks);
	}
	return has_any;
}

static bool run(struct search *search, const struct goroutine_leaks_options *options,
		struct error *err)
{
	struct goroutine_options reading = { .with_system = true,
					     .threads = options->threads,
					     .thread_count = options->thread_count };
	struct goroutine_counts counts;

	if (!go_marks_load(&search->marks, search->process, err))
		return false;
	goroutine_waits_read(&search->waits, search->process, &search->marks);
	if (!goroutines_read(search->process, &reading, &search->visitor, &counts, err) ||
	    !go_marks_add_globals(&search->marks, err))
		return false;
	go_marks_add_words(&search->marks, options->registers,
			   options->register_count * sizeof(*options->registers));
	go_marks_follow(&search->marks);
	while (revive(search))
		;
	return true;
}

static void take_lost(struct search *search)
{
	for (size_t i = 0; i < search->count; i++) {
		if (search->candidates[i].is_live)
			continue;
		*map_put(&search->leaks->ids, search->candidates[i].id) = 0;
		search->leaks->leaked++;
	}
	search->leaks->unread_spans = search->marks.unread_spans;
}

bool goroutine_leaks_find(struct go_process *process,
			  const struct goroutine_leaks_options *options,
			  struct goroutine_leaks *out, struct error *err)
{
	struct search search = { .visitor = { visit }, .process = process, .leaks = out };
	bool is_done;

	*out = (struct goroutine_leaks){ 0 };
	goroutine_facts_read(process, &search.facts);
	is_done = run(&search, options, err);
	if (is_done)
		take_lost(&search);
	goroutine_facts_deinit(&search.facts);
	goroutine_waits_deinit(&search.waits);
	go_marks_deinit(&search.marks);
	free(search.candidates);
	free(search.objects);
	return is_done;
}

void goroutine_leaks_deinit(struct goroutine_leaks *leaks)
{
	map_deinit(&leaks->ids);
	*leaks = (struct goroutine_leaks){ 0 };
}
