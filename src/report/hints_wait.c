// Reads a profile of blocking or of mutexes: waits that mean nothing and waits that do.
#include "base/arena.h"
#include "profile/profile.h"
#include "report/hint_samples.h"
#include "report/hints_add.h"

struct wait_reading {
	const struct hints *hints;
	size_t count_column;
};

// Loops known to be idle anywhere on the stack, else what the innermost frame waits for.
static size_t deciding_frame(const struct hint_match *topics,
			     const struct hint_stack *stack)
{
	size_t innermost = stack->count;

	for (size_t i = 0; i < stack->count; i++) {
		enum hint_topic topic = hint_match_frame(topics, stack->frames[i]);

		if (topic == HINT_WAIT_IDLE)
			return i;
		if (topic != HINT_NO_TOPIC)
			innermost = i;
	}
	return innermost;
}

static struct hint_amount amount_of(const void *context, const int64_t *values)
{
	const struct wait_reading *reading = context;
	struct hint_amount amount = { .value = values[reading->hints->column] };

	if (reading->count_column != HINTS_NO_COLUMN)
		amount.objects = values[reading->count_column];
	return amount;
}

// Go's mutex profile has the stack of the one who unlocks, its block profile that of the
// one who waits; both count the same.
static bool is_holder(const struct hints *hints, const struct hint_tally *tally)
{
	uint32_t function =
		tally->caller_count == 0 ? PROFILE_NONE : tally->callers[0].matched;
	struct str name;

	if (function == PROFILE_NONE)
		return false;
	name = profile_string(hints->profile, hints->profile->functions[function].name);
	return str_find(name, STR("nlock")) != STR_NOT_FOUND;
}

static struct str counted(struct hints *hints, const struct hint_tally *tally)
{
	struct str each;

	if (tally->objects <= 0)
		return STR("");
	if (tally->objects == 1)
		return STR(" in one wait");
	each = hints_value(hints, tally->value / tally->objects);
	return str_format(&hints->arena, " in %lld waits, %.*s each on average",
			  (long long)tally->objects, (int)each.n, each.p);
}

static void report_topic(struct hints *hints, enum hint_topic topic,
			 struct hint_tally *tally)
{
	const struct hint_topic_text *words = &hint_topic_texts[topic];
	struct hint *hint = hints_add(hints, words->id, tally);
	struct str share, value, count;

	if (hint == NULL)
		return;
	hint->weight = words->is_harmless ? HINT_HARMLESS : HINT_FINDING;
	share = hints_share(hints, hint);
	value = hints_value(hints, tally->value);
	count = counted(hints, tally);
	hint->text =
		str_format(&hints->arena, "%.*s of the waiting, %.*s%.*s, is for %s%s.",
			   (int)share.n, share.p, (int)value.n, value.p, (int)count.n,
			   count.p, words->what,
			   is_holder(hints, tally)
				   ? "; the stacks are of those who held them up"
				   : "");
	hint->advice = str_from(words->advice);
	hint->command = hints_peek(hints, tally);
}

void hints_read_wait(struct hints *hints)
{
	struct wait_reading reading = {
		.hints = hints,
		.count_column = hints_column(hints->profile, "contentions"),
	};
	struct hint_rules rules = {
		.topics = &hint_sets_wait,
		.context = &reading,
		.amount_of = amount_of,
		.deciding_frame = deciding_frame,
	};
	struct hint_samples samples = { 0 };

	hint_samples_read(&samples, hints, &rules);
	for (unsigned i = HINT_WAIT_MUTEX; hints->total > 0 && i < HINT_TOPIC_COUNT; i++)
		report_topic(hints, (enum hint_topic)i, &samples.by_topic[i]);
	hint_samples_deinit(&samples);
}
