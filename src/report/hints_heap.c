// Reads a heap profile: short-lived small objects cost speed, lasting large ones memory.
#include <math.h>

#include "base/arena.h"
#include "profile/profile.h"
#include "profile/unit.h"
#include "report/hints_add.h"
#include "report/number.h"

enum {
	SMALL_BYTES = 1024,  // at most, on average at one stack
	LARGE_BYTES = 32768, // at least, likewise; what Go's allocator calls large
};

// A stack whose objects are nearly all gone makes short-lived ones.
static const double gone_share = 0.9;

enum object_size { OBJECTS_SMALL, OBJECTS_MIDDLE, OBJECTS_LARGE, OBJECT_SIZE_COUNT };

struct heap_reading {
	struct hints *hints;
	struct hint_match topics, plumbing;
	struct hint_stack stack;
	size_t live_objects, live_space, all_objects, all_space; // columns
	struct hint_tally live, all, churn;
	struct hint_tally by_size[OBJECT_SIZE_COUNT];
	int64_t churn_bytes, all_bytes;
};

static int64_t value_of(const int64_t *values, size_t column)
{
	return column == HINTS_NO_COLUMN || values[column] < 0 ? 0 : values[column];
}

// How many objects the sampler really met: at an average distance of `period` bytes an
// object of n bytes is met with the probability 1 - exp(-n / period), and the profile
// holds the count divided by that. Unsampled profiles are exact: 0, no interval.
static double events_of(const struct profile *profile, int64_t objects, int64_t bytes)
{
	struct str unit = profile_string(profile, profile->period_type.unit);

	if (profile->period <= 1 || unit_family_of(unit) != UNIT_BYTES || objects <= 0)
		return 0;
	return (double)objects *
	       -expm1(-(double)bytes / (double)objects / (double)profile->period);
}

static enum object_size size_of(int64_t objects, int64_t bytes)
{
	double mean = (double)bytes / (double)objects;

	if (mean <= SMALL_BYTES)
		return OBJECTS_SMALL;
	return mean < LARGE_BYTES ? OBJECTS_MIDDLE : OBJECTS_LARGE;
}

// Allocators are often left out of heap profiles: then the leaf itself allocates.
static struct hint_caller find_site(const struct heap_reading *reading, uint32_t row)
{
	const struct hint_stack *stack = &reading->stack;
	size_t leaf = stack->count - 1;
	struct hint_frame frame = stack->frames[leaf];

	if (hint_match_frame(&reading->topics, frame) == HINT_NO_TOPIC &&
	    hint_match_frame(&reading->plumbing, frame) == HINT_NO_TOPIC)
		return (struct hint_caller){ .function = frame.function,
					     .matched = frame.function,
					     .stack = row,
					     .caller_at = leaf,
					     .at = leaf };
	return hints_blame(&reading->plumbing, &reading->topics, stack, row, leaf);
}

static void add_live(struct heap_reading *reading, const int64_t *values,
		     const struct hint_caller *site)
{
	int64_t objects = value_of(values, reading->live_objects);
	int64_t bytes = value_of(values, reading->live_space);
	struct hint_amount amount = {
		.value = bytes,
		.objects = objects,
		.events = events_of(reading->hints->profile, objects, bytes),
	};
	struct hint_tally *tally;

	if (objects <= 0 || bytes <= 0)
		return;
	tally = &reading->by_size[size_of(objects, bytes)];
	hint_tally_add(&reading->live, amount);
	hint_tally_add(tally, amount);
	hint_tally_blame(tally, site, amount);
}

static void add_allocated(struct heap_reading *reading, const int64_t *values,
			  const struct hint_caller *site)
{
	int64_t objects = value_of(values, reading->all_objects);
	int64_t bytes = value_of(values, reading->all_space);
	int64_t live = value_of(values, reading->live_objects);
	struct hint_amount amount = {
		.value = objects,
		.objects = objects,
		.events = events_of(reading->hints->profile, objects, bytes),
	};

	if (objects <= 0 || bytes <= 0)
		return;
	hint_tally_add(&reading->all, amount);
	reading->all_bytes = number_add(reading->all_bytes, bytes);
	if (size_of(objects, bytes) != OBJECTS_SMALL ||
	    (double)live > (1 - gone_share) * (double)objects)
		return;
	hint_tally_add(&reading->churn, amount);
	hint_tally_blame(&reading->churn, site, amount);
	reading->churn_bytes = number_add(reading->churn_bytes, bytes);
}

// Findings that follow are shares of that column.
static void choose_column(struct hints *hints, size_t column,
			  const struct hint_tally *total)
{
	const struct profile_value_type *type = &hints->profile->types[column];

	hints->column = column;
	hints->type = profile_string(hints->profile, type->type);
	hints->unit = profile_string(hints->profile, type->unit);
	hints->total = total->value;
	hints->samples = total->events;
	hints->effective = hint_tally_effective(total);
}

static void report_churn(struct heap_reading *reading)
{
	struct hints *hints = reading->hints;
	struct hint_tally *tally = &reading->churn;
	struct hint *hint;
	struct str share, mean;

	if (reading->all.value == 0 || reading->live_objects == HINTS_NO_COLUMN)
		return;
	choose_column(hints, reading->all_objects, &reading->all);
	hint = hints_add(hints, "short-lived-small-objects", tally);
	if (hint == NULL)
		return;
	share = hints_share(hints, hint);
	mean = unit_label(&hints->arena, reading->churn_bytes / tally->value,
			  STR("bytes"), STR("auto"));
	hint->text = str_format(
		&hints->arena,
		"%.*s of all objects allocated, %lld, were small (%.*s on average) and "
		"%.0f%% or more of them are gone: they cost speed, in allocation and "
		"collection, and hardly show in the memory in use. They are %.1f%% of "
		"the bytes allocated.",
		(int)share.n, share.p, (long long)tally->value, (int)mean.n, mean.p,
		100 * gone_share,
		100 * (double)reading->churn_bytes / (double)reading->all_bytes);
	hint->advice = STR("Make fewer of them: join them into larger ones, size buffers "
			   "in advance, reuse them.");
	hint->command = hints_command(hints, STR("-sample_index=alloc_objects -top"));
}

struct size_words {
	const char *id, *what, *advice;
};

static const struct size_words size_words[OBJECT_SIZE_COUNT] = {
	[OBJECTS_SMALL] = { "live-small-objects", "small (1 kB or less)",
			    "Their number costs the collector, and each has its "
			    "overhead: "
			    "larger arrays, smaller types and fewer pointers help." },
	[OBJECTS_MIDDLE] = { "live-middle-objects", "of a middle size",
			     "To use less memory, look at who holds them." },
	[OBJECTS_LARGE] = { "live-large-objects", "large (32 kB or more)",
			    "They cost memory, not speed: to use less, look at who holds "
			    "them." },
};

static void report_live(struct heap_reading *reading, enum object_size size)
{
	struct hints *hints = reading->hints;
	struct hint_tally *tally = &reading->by_size[size];
	const struct size_words *words = &size_words[size];
	struct hint *hint = hints_add(hints, words->id, tally);
	struct str share, value, mean;

	if (hint == NULL)
		return;
	share = hints_share(hints, hint);
	value = hints_value(hints, tally->value);
	mean = hints_value(hints, number_mean(tally->value, tally->objects));
	hint->text =
		str_format(&hints->arena,
			   "%.*s of the memory in use, %.*s, is in %lld objects that "
			   "are %s, %.*s each on average.",
			   (int)share.n, share.p, (int)value.n, value.p,
			   (long long)tally->objects, words->what, (int)mean.n, mean.p);
	hint->advice = str_from(words->advice);
	hint->command =
		hints_command(hints, str_format(&hints->arena, "-sample_index=%.*s -top",
						(int)hints->type.n, hints->type.p));
}

static void init(struct heap_reading *reading)
{
	const struct profile *profile = reading->hints->profile;

	reading->live_objects = hints_column(profile, "inuse_objects");
	reading->live_space = hints_column(profile, "inuse_space");
	reading->all_objects = hints_column(profile, "alloc_objects");
	reading->all_space = hints_column(profile, "alloc_space");
	if (reading->live_space == HINTS_NO_COLUMN) {
		reading->live_objects = hints_column(profile, "objects");
		reading->live_space = hints_column(profile, "space");
	}
	hint_match_init(&reading->topics, profile, &hint_sets_cpu);
	hint_match_init(&reading->plumbing, profile, &hint_sets_plumbing);
}

static void deinit(struct heap_reading *reading)
{
	hint_match_deinit(&reading->topics);
	hint_match_deinit(&reading->plumbing);
	hint_stack_deinit(&reading->stack);
	hint_tally_deinit(&reading->churn);
	for (size_t i = 0; i < OBJECT_SIZE_COUNT; i++)
		hint_tally_deinit(&reading->by_size[i]);
}

void hints_read_heap(struct hints *hints)
{
	const struct profile *profile = hints->profile;
	struct heap_reading reading = { .hints = hints };

	init(&reading);
	for (size_t i = 0; i < profile->sample_count; i++) {
		const int64_t *values = profile_values(profile, i);
		struct hint_caller site;

		hint_stack_read(&reading.stack, profile, profile->sample_stacks[i]);
		if (reading.stack.count == 0)
			continue;
		site = find_site(&reading, profile->sample_stacks[i]);
		add_live(&reading, values, &site);
		add_allocated(&reading, values, &site);
	}
	report_churn(&reading);
	if (reading.live.value > 0) {
		choose_column(hints, reading.live_space, &reading.live);
		for (unsigned i = 0; i < OBJECT_SIZE_COUNT; i++)
			report_live(&reading, (enum object_size)i);
	}
	deinit(&reading);
}
