// Reads the goroutines once, for whichever way they are to be shown.
#include "source/capture_goroutine.h"

#include <stdlib.h>

#include "base/error.h"
#include "golang/count_text.h"
#include "golang/goroutine_facts.h"
#include "golang/goroutine_filter.h"
#include "golang/goroutine_json.h"
#include "golang/goroutine_profile.h"
#include "golang/goroutine_text.h"
#include "golang/process.h"
#include "source/capture.h"
#include "source/running_stacks.h"
#include "target/core_memory.h"
#include "target/pause.h"
#include "target/process.h"

enum { STOP_LIMIT_NS = 50000000 };

// One look at the goroutines of a target.
struct look {
	struct capture_target *target;
	const struct capture_options *options;
	struct capture_notes *notes;
	struct goroutine_facts facts;
	struct goroutine_counts counts;
	struct goroutine_thread *threads; // where they stand, of a core or a stopped one
	size_t thread_count;
};

static void note_counts(struct look *look)
{
	const struct goroutine_counts *counts = &look->counts;

	// Of leaks, none is the good answer, and said by whoever looked for them.
	if (counts->shown == 0 && look->options->goroutine.ids == NULL)
		capture_notes_add(look->notes,
				  "none of its %zu goroutines is what was asked for",
				  counts->user);
	if (counts->incomplete > 0)
		capture_notes_add(look->notes,
				  "%zu of %zu goroutines have an incomplete stack",
				  counts->incomplete, counts->shown);
	if (counts->changed > 0)
		capture_notes_add(look->notes,
				  "%zu of %zu goroutines ran each time that they were "
				  "looked at and have no stack",
				  counts->changed, counts->shown);
}

static struct goroutine_thread *add_threads(struct look *look, size_t count)
{
	look->threads = table_zeroed(count + 1, sizeof(*look->threads));
	look->thread_count = count;
	return look->threads;
}

static void take_core_threads(struct look *look)
{
	const struct core_memory *core = look->target->go->core;
	struct goroutine_thread *threads = add_threads(look, core->thread_count);

	for (size_t i = 0; i < core->thread_count; i++)
		threads[i] = (struct goroutine_thread){
			.tid = core->threads[i].tid,
			.pc = core->threads[i].registers.rip,
			.sp = core->threads[i].registers.rsp,
		};
}

// Reads while all threads stand still, if the user wants that.
static bool read_stopped(struct look *look, struct goroutine_options *options,
			 struct goroutine_visitor *visitor, struct error *err)
{
	int64_t limit = look->options->goroutine.stop_limit_ns;
	struct goroutine_thread *threads;
	struct pause pause;
	bool is_read;
	int64_t lasted;

	if (!pause_begin(look->target->pid, limit > 0 ? limit : STOP_LIMIT_NS, &pause,
			 err))
		return false;
	threads = add_threads(look, pause.count);
	for (size_t i = 0; i < pause.count; i++)
		threads[i] = (struct goroutine_thread){ .tid = process_namespace_tid(
								pause.threads[i].tid),
							.pc = pause.threads[i].pc,
							.sp = pause.threads[i].sp };
	options->threads = threads;
	options->thread_count = look->thread_count;
	options->deadline_ns = pause.deadline_ns;
	is_read = goroutines_read(look->target->go, options, visitor, &look->counts, err);
	lasted = pause_end(&pause);
	capture_notes_add(look->notes, "process %d stood still for %.1f ms",
			  look->target->pid, (double)lasted / 1e6);
	return is_read;
}

// Reads after having watched the running threads for a moment.
static bool read_sampled(struct look *look, struct goroutine_options *options,
			 struct goroutine_visitor *visitor, struct error *err)
{
	struct running_stacks stacks;
	bool is_read;

	if (!running_stacks_sample(look->target->pid, &stacks, err))
		return false;
	options->threads = stacks.threads;
	options->thread_count = stacks.count;
	is_read = goroutines_read(look->target->go, options, visitor, &look->counts, err);
	running_stacks_deinit(&stacks);
	if (look->counts.sampled > 0)
		capture_notes_add(
			look->notes,
			"%zu running goroutines have a stack of a moment before",
			look->counts.sampled);
	return is_read;
}

static bool read_by_wish(struct look *look, struct goroutine_options *options,
			 struct goroutine_visitor *visitor, struct error *err)
{
	bool is_core = look->target->go->core != NULL;

	if (look->options->goroutine.is_stopped && !is_core)
		return read_stopped(look, options, visitor, err);
	if (look->options->goroutine.is_sampled && !is_core)
		return read_sampled(look, options, visitor, err);
	if (is_core)
		take_core_threads(look);
	options->threads = look->threads;
	options->thread_count = look->thread_count;
	return goroutines_read(look->target->go, options, visitor, &look->counts, err);
}

static bool read_all(struct look *look, struct goroutine_visitor *visitor,
		     struct error *err)
{
	const struct capture_goroutine_options *wanted = &look->options->goroutine;
	struct goroutine_wish wish = {
		.state = wanted->state,
		.created_by = wanted->created_by,
		.label = wanted->label,
		.waiting_over_ns = wanted->waiting_over_ns,
		.ids = wanted->ids,
	};
	struct goroutine_filter_set filter;
	struct goroutine_options options = {
		.filter = &filter.filter,
		.with_system = wanted->with_system,
	};
	bool is_read = goroutine_filter_init(&filter, &wish, &look->facts, err);

	if (is_read && !read_by_wish(look, &options, visitor, err))
		is_read = error_wrap(err, "process %d", look->target->pid);
	goroutine_filter_deinit(&filter);
	if (is_read)
		note_counts(look);
	return is_read;
}

static struct look look_at(struct capture_target *target,
			   const struct capture_options *options,
			   struct capture_notes *notes)
{
	struct look look = { .target = target, .options = options, .notes = notes };

	goroutine_facts_read(target->go, &look.facts);
	return look;
}

static void look_end(struct look *look)
{
	goroutine_facts_deinit(&look->facts);
	free(look->threads);
}

bool capture_goroutine_profile(struct capture_target *target,
			       const struct capture_options *options,
			       struct capture_notes *notes, struct profile **out,
			       struct error *err)
{
	struct look look = look_at(target, options, notes);
	struct goroutine_profile profile;
	bool is_read;

	goroutine_profile_init(&profile, target->go, &look.facts,
			       options->goroutine.with_origins ? GOROUTINE_PROFILE_ORIGINS
							       : GOROUTINE_PROFILE_COUNT);
	is_read = read_all(&look, &profile.visitor, err);
	if (is_read)
		*out = goroutine_profile_finish_take(&profile, &look.counts);
	goroutine_profile_deinit(&profile);
	look_end(&look);
	return is_read;
}

static bool write_dump(struct look *look, struct writer *w, struct error *err)
{
	struct goroutine_text text = goroutine_text_to(w, look->target->go, &look->facts);
	bool is_read = read_all(look, &text.visitor, err);

	goroutine_text_deinit(&text);
	return is_read;
}

static bool write_json(struct look *look, struct writer *w, struct error *err)
{
	struct goroutine_json json =
		goroutine_json_begin(w, look->target->go, &look->facts);
	bool is_read = read_all(look, &json.visitor, err);

	goroutine_json_end(&json, &look->counts);
	return is_read;
}

// Counts for debug=1.
struct counter {
	struct goroutine_visitor visitor;
	struct count_text text;
	struct goroutine_labels labels;
	const struct go_point **points; // scratch
	size_t point_capacity;
};

static void count_goroutine(struct goroutine_visitor *visitor,
			    const struct goroutine *goroutine)
{
	struct counter *counter = (struct counter *)visitor;

	counter->points = table_reserve(counter->points, &counter->point_capacity,
					goroutine->frame_count + 1,
					sizeof(const struct go_point *));
	for (size_t i = 0; i < goroutine->frame_count; i++)
		counter->points[i] = goroutine->frames[i].point;
	count_text_add(&counter->text, counter->points, goroutine->frame_count,
		       goroutine_labels_at(&counter->labels, goroutine->labels));
}

static bool write_counts(struct look *look, struct writer *w, struct error *err)
{
	struct counter counter = {
		.visitor = { count_goroutine },
		.text = { .process = look->target->go },
		.labels = { .process = look->target->go },
	};
	bool is_read = read_all(look, &counter.visitor, err);

	if (is_read)
		count_text_write(&counter.text, STR("goroutine"), w);
	count_text_deinit(&counter.text);
	free(counter.points);
	goroutine_labels_deinit(&counter.labels);
	return is_read;
}

bool capture_goroutine_text(struct capture_target *target,
			    const struct capture_options *options,
			    struct capture_notes *notes,
			    const struct capture_text_request *request, struct error *err)
{
	struct look look = look_at(target, options, notes);
	bool is_done = false;

	switch (request->text) {
	case CAPTURE_DEBUG_1:
		is_done = write_counts(&look, request->w, err);
		break;
	case CAPTURE_DEBUG_2:
		is_done = write_dump(&look, request->w, err);
		break;
	case CAPTURE_JSON:
		is_done = write_json(&look, request->w, err);
		break;
	}
	look_end(&look);
	return is_done;
}
