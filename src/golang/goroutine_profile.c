// Counts equal stacks.
#include "golang/goroutine_profile.h"

#include <stdlib.h>

#include "golang/code.h"
#include "golang/goroutine_facts.h"
#include "golang/process.h"
#include "profile/profile.h"

enum { LABELS_MAX = 64 };

// A frame that says why there is no stack.
static struct str placeholder(const struct goroutine *goroutine)
{
	switch (goroutine->stack_state) {
	case GOROUTINE_ON_CPU:
		return STR("[running]");
	case GOROUTINE_CHANGED:
		return STR("[ran while it was read]");
	case GOROUTINE_WHOLE:
	case GOROUTINE_INCOMPLETE:
		break;
	}
	return STR("[no stack]");
}

static bool is_goexit(const struct go_frame *frame)
{
	return frame->point->role == GO_ROLE_GOEXIT;
}

// The placeholder stands on the function that the goroutine began with.
static size_t add_placeholder(struct goroutine_profile *self,
			      const struct goroutine *goroutine)
{
	uint32_t start = profile_code_location(
		&self->code, go_code_exact(self->process->code, goroutine->start_pc));
	size_t count = 0;

	self->locations[count++] =
		profile_code_named(&self->code, placeholder(goroutine));
	if (start != PROFILE_NONE)
		self->locations[count++] = start;
	return count;
}

// Leaf first; runtime.goexit at the end is left out, as by runtime/pprof.
static size_t collect_locations(struct goroutine_profile *self,
				const struct goroutine *goroutine)
{
	size_t frames = goroutine->frame_count, count = 0;

	if (frames > 1 && is_goexit(&goroutine->frames[frames - 1]))
		frames--;
	self->locations = table_reserve(self->locations, &self->location_capacity,
					frames + 2, sizeof(uint32_t));
	for (size_t i = 0; i < frames; i++) {
		uint32_t row =
			profile_code_location(&self->code, goroutine->frames[i].point);

		if (row != PROFILE_NONE)
			self->locations[count++] = row;
	}
	if (count == 0)
		count = add_placeholder(self, goroutine);
	return count;
}

uint32_t goroutine_profile_stack(struct goroutine_profile *self,
				 const struct goroutine *goroutine)
{
	size_t count = collect_locations(self, goroutine);

	return profile_builder_stack(&self->builder, self->locations, count);
}

static struct profile_label label_of(struct profile *profile, struct str key,
				     struct str value)
{
	return (struct profile_label){
		.key = profile_intern(profile, key),
		.string = profile_intern(profile, value),
	};
}

// The runtime made the first one.
static struct str origin_of(struct goroutine_profile *self,
			    const struct goroutine *goroutine, struct arena *arena)
{
	struct go_code *code = self->process->code;
	const struct go_point *point =
		go_code_lines(code, go_code_at(code, goroutine->created_pc));
	struct str file, name;

	if (goroutine->id == 1 || goroutine->created_pc == 0 || point->line_count == 0)
		return STR("the runtime");
	file = str_basename(point->lines[0].file);
	name = point->lines[point->line_count - 1].name;
	return str_format(arena, "%.*s %.*s:%u", (int)name.n, name.p, (int)file.n, file.p,
			  point->lines[0].line);
}

uint32_t goroutine_profile_labels(struct goroutine_profile *self,
				  const struct goroutine *goroutine)
{
	struct go_label_list list = goroutine_labels_at(&self->labels, goroutine->labels);
	struct profile_label labels[LABELS_MAX + 2];
	struct profile *profile = self->profile;
	struct arena arena = { 0 };
	uint32_t row;
	size_t count = 0;

	for (size_t i = 0; i < list.count && i < LABELS_MAX; i++)
		labels[count++] =
			label_of(profile, list.labels[i].key, list.labels[i].value);
	labels[count++] = label_of(profile, STR("state"),
				   goroutine_facts_state(self->facts, goroutine));
	if (self->has_origins)
		labels[count++] = label_of(profile, STR("created_by"),
					   origin_of(self, goroutine, &arena));
	row = profile_builder_labels(&self->builder, labels, count);
	arena_deinit(&arena);
	return row;
}

static void add_goroutine(struct goroutine_visitor *visitor,
			  const struct goroutine *goroutine)
{
	struct goroutine_profile *self = (struct goroutine_profile *)visitor;
	int64_t one = 1;

	profile_builder_add(&self->builder, goroutine_profile_stack(self, goroutine),
			    goroutine_profile_labels(self, goroutine), &one);
}

void goroutine_profile_init(struct goroutine_profile *self, struct go_process *process,
			    const struct goroutine_facts *facts,
			    enum goroutine_profile_kind kind)
{
	struct profile *profile = profile_create();

	*self = (struct goroutine_profile){
		.visitor = { add_goroutine },
		.process = process,
		.facts = facts,
		.profile = profile,
		.has_origins = kind == GOROUTINE_PROFILE_ORIGINS,
		.labels = { .process = process },
	};
	profile_builder_init(&self->builder, profile);
	if (kind == GOROUTINE_PROFILE_WALL) {
		profile_builder_add_type(&self->builder, STR("samples"), STR("count"));
		profile_builder_add_type(&self->builder, STR("wall"), STR("nanoseconds"));
	} else {
		profile_builder_add_type(&self->builder, STR("goroutine"), STR("count"));
	}
	profile_code_init(&self->code, process, &self->builder);
	profile->period = 1;
	profile->period_type = profile->types[profile->type_count - 1];
	profile->time_ns = go_process_time_ns(process);
}

void goroutine_profile_deinit(struct goroutine_profile *self)
{
	profile_code_deinit(&self->code);
	profile_builder_deinit(&self->builder);
	goroutine_labels_deinit(&self->labels);
	free(self->locations);
	if (self->profile != NULL)
		profile_destroy(self->profile);
}

struct profile *goroutine_profile_finish_take(struct goroutine_profile *self,
					      const struct goroutine_counts *counts)
{
	struct profile *profile = self->profile;
	struct str comment = str_format(
		&profile->arena,
		"goprof: %zu goroutines and %zu of the runtime itself; of %zu shown %zu "
		"were running, %zu changed while they were read, %zu stacks are "
		"incomplete",
		counts->user, counts->system, counts->shown, counts->running,
		counts->changed, counts->incomplete);

	profile_add_comment(profile, comment);
	self->profile = NULL;
	return profile;
}
