// A look costs the reading of every g; stacks are read of those alone that have run.
#include "golang/wall.h"

#include <stdlib.h>

#include "golang/process.h"
#include "profile/profile.h"

static void flush(struct wall *wall, struct wall_entry *entry)
{
	const int64_t values[] = { entry->count, entry->ns };

	if (entry->has_rows && entry->count > 0)
		profile_builder_add(&wall->profile.builder, entry->stack, entry->labels,
				    values);
	entry->count = entry->ns = 0;
}

static struct wall_entry *entry_of(struct wall *wall, const struct goroutine *goroutine)
{
	uint32_t *row = map_put(&wall->rows, goroutine->address);

	if (*row == MAP_NONE) {
		wall->entries = table_reserve(wall->entries, &wall->capacity,
					      wall->count + 1, sizeof(*wall->entries));
		wall->entries[wall->count] = (struct wall_entry){ 0 };
		*row = (uint32_t)wall->count++;
	}
	return &wall->entries[*row];
}

static bool has_run(const struct wall_entry *entry, const struct goroutine *goroutine)
{
	return entry->id != goroutine->id || entry->status != goroutine->status ||
	       entry->tracking_seq != goroutine->tracking_seq ||
	       entry->pc != goroutine->pc || entry->sp != goroutine->sp;
}

static void add_interval(const struct wall *wall, struct wall_entry *entry)
{
	entry->count++;
	entry->ns += wall->interval_ns;
}

// Asked before a stack is read, and not of the runtime's own goroutines: a stack that is
// known already need not be read.
static bool wants(struct goroutine_filter *filter, const struct goroutine *goroutine)
{
	struct wall *wall = ((struct wall_filter *)filter)->wall;
	struct wall_entry *entry = entry_of(wall, goroutine);

	if (!entry->has_rows || has_run(entry, goroutine))
		return true;
	add_interval(wall, entry);
	return false;
}

static void visit(struct goroutine_visitor *visitor, const struct goroutine *goroutine)
{
	struct wall *wall = (struct wall *)visitor;
	struct wall_entry *entry = entry_of(wall, goroutine);

	flush(wall, entry);
	*entry = (struct wall_entry){
		.id = goroutine->id,
		.pc = goroutine->pc,
		.sp = goroutine->sp,
		.status = goroutine->status,
		.tracking_seq = goroutine->tracking_seq,
		// What has no stack is looked at again in any case.
		.has_rows = true,
		.has_moved = wall->looks > 0,
		.stack = goroutine_profile_stack(&wall->profile, goroutine),
		.labels = goroutine_profile_labels(&wall->profile, goroutine),
	};
	add_interval(wall, entry);
}

void wall_init(struct wall *wall, struct go_process *process)
{
	*wall = (struct wall){
		.visitor = { visit },
		.filter = { { wants }, wall },
		.process = process,
	};
	wall->reader = goroutines_open(process);
	goroutine_facts_read(process, &wall->facts);
	goroutine_profile_init(&wall->profile, process, &wall->facts,
			       GOROUTINE_PROFILE_WALL);
}

void wall_deinit(struct wall *wall)
{
	goroutines_close(wall->reader);
	goroutine_profile_deinit(&wall->profile);
	goroutine_facts_deinit(&wall->facts);
	map_deinit(&wall->rows);
	free(wall->entries);
}

bool wall_look(struct wall *wall, int64_t interval_ns, struct error *err)
{
	struct goroutine_options options = { .filter = &wall->filter.filter };

	// A set of labels may have been freed since, and another be where it was.
	goroutine_labels_deinit(&wall->profile.labels);
	wall->profile.labels = (struct goroutine_labels){ .process = wall->process };
	wall->interval_ns = interval_ns;
	if (!goroutines_look(wall->reader, &options, &wall->visitor, &wall->counts, err))
		return false;
	wall->looks++;
	return true;
}

struct profile *wall_finish_take(struct wall *wall)
{
	struct profile *profile = wall->profile.profile;

	for (size_t i = 0; i < wall->count; i++) {
		if (!wall->hides_idle || wall->entries[i].has_moved)
			flush(wall, &wall->entries[i]);
	}
	wall->profile.profile = NULL;
	return profile;
}
