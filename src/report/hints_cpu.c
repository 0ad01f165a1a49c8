// Reads a profile of CPU time: how much goes to which topic, and who causes it.
#include "base/arena.h"
#include "profile/profile.h"
#include "profile/unit.h"
#include "report/hint_samples.h"
#include "report/hints_add.h"

// Copying below this share of reads and writes means that they cost by their number.
static const double small_copy_share = 0.10;

struct cpu_reading {
	struct hints *hints;
	struct hint_samples samples;
	struct hint_match transfers, kernel_copies;
	struct hint_tally transfer, transfer_in_kernel, kernel_copy;
	size_t count_column;
};

static double events_of(const struct cpu_reading *reading, const int64_t *values)
{
	const struct profile *profile = reading->hints->profile;

	if (reading->count_column != HINTS_NO_COLUMN)
		return (double)values[reading->count_column];
	if (profile->period > 0 && unit_family_of(reading->hints->unit) == UNIT_TIME)
		return (double)values[reading->hints->column] / (double)profile->period;
	return 0;
}

static struct hint_amount amount_of(const void *context, const int64_t *values)
{
	const struct cpu_reading *reading = context;

	return (struct hint_amount){ .value = values[reading->hints->column],
				     .events = events_of(reading, values) };
}

// The outermost that counts wherever it stands, else the outermost of all.
static size_t deciding_frame(const struct hint_match *topics,
			     const struct hint_stack *stack)
{
	size_t outermost = stack->count;

	for (size_t i = 0; i < stack->count; i++) {
		enum hint_topic topic = hint_match_frame(topics, stack->frames[i]);

		if (topic == HINT_NO_TOPIC)
			continue;
		if (hint_topic_texts[topic].is_anywhere)
			return i;
		if (outermost == stack->count)
			outermost = i;
	}
	return outermost;
}

static bool has_frame(const struct hint_match *match, const struct hint_stack *stack,
		      size_t from)
{
	for (size_t i = from; i < stack->count; i++) {
		if (hint_match_frame(match, stack->frames[i]) != HINT_NO_TOPIC)
			return true;
	}
	return false;
}

static void add_transfer(void *context, enum hint_topic topic,
			 const struct hint_caller *caller, struct hint_amount amount)
{
	struct cpu_reading *reading = context;
	const struct hint_stack *stack = &reading->samples.stack;

	if (topic != HINT_SYSTEM_CALLS ||
	    !has_frame(&reading->transfers, stack, caller->at))
		return;
	hint_tally_add(&reading->transfer, amount);
	hint_tally_blame(&reading->transfer, caller, amount);
	if (stack->frames[stack->count - 1].is_kernel)
		hint_tally_add(&reading->transfer_in_kernel, amount);
	if (has_frame(&reading->kernel_copies, stack, caller->at))
		hint_tally_add(&reading->kernel_copy, amount);
}

// The topic's own choice of a function to look at, where the profile has it.
static struct str next_command(struct hints *hints, const char *peek,
			       const struct hint_tally *tally)
{
	const struct profile *profile = hints->profile;

	for (size_t i = 0; peek != NULL && i < profile->function_count; i++) {
		struct str name = profile_string(profile, profile->functions[i].name);

		if (str_equal(name, str_from(peek)))
			return hints_peek_name(hints, name);
	}
	return hints_peek(hints, tally);
}

static void report_topic(struct hints *hints, enum hint_topic topic,
			 struct hint_tally *tally)
{
	const struct hint_topic_text *words = &hint_topic_texts[topic];
	struct hint *hint = hints_add(hints, words->id, tally);
	struct str share, value;

	if (hint == NULL)
		return;
	share = hints_share(hints, hint);
	value = hints_value(hints, tally->value);
	hint->text =
		str_format(&hints->arena, "%.*s of the CPU time, %.*s, is in %s.",
			   (int)share.n, share.p, (int)value.n, value.p, words->what);
	hint->advice = str_from(words->advice);
	hint->command = next_command(hints, words->peek, tally);
}

// Many small reads and writes show as calls whose time is not spent on the data. Without
// kernel frames a profile cannot tell.
static void report_transfers(struct cpu_reading *reading)
{
	struct hints *hints = reading->hints;
	struct hint_tally *tally = &reading->transfer;
	double copied, seen;
	struct hint *hint;
	struct str share;

	if (reading->transfer_in_kernel.value == 0)
		return;
	seen = (double)reading->transfer_in_kernel.value / (double)tally->value;
	copied = (double)reading->kernel_copy.value / (double)tally->value;
	if (seen < 0.5 || copied >= small_copy_share)
		return;
	hint = hints_add(hints, "reads-and-writes", tally);
	if (hint == NULL)
		return;
	share = hints_share(hints, hint);
	hint->text = str_format(
		&hints->arena,
		"%.*s of the CPU time is in calls that read and write, a part of the "
		"system calls, and only %.1f%% of that copies data: the cost goes with "
		"the number of calls, as with many small ones. The profile does not "
		"show their sizes.",
		(int)share.n, share.p, 100 * copied);
	hint->advice = STR("Buffer: read and write in pieces of many kilobytes. strace "
			   "-c counts the calls.");
	hint->command = hints_peek(hints, tally);
}

static void read_samples(struct cpu_reading *reading)
{
	struct hints *hints = reading->hints;
	struct hint_rules rules = {
		.topics = &hint_sets_cpu,
		.context = reading,
		.amount_of = amount_of,
		.deciding_frame = deciding_frame,
		.also = add_transfer,
	};

	hint_match_init(&reading->transfers, hints->profile, &hint_sets_transfer);
	hint_match_init(&reading->kernel_copies, hints->profile, &hint_sets_kernel_copy);
	hint_samples_read(&reading->samples, hints, &rules);
	hints->samples = reading->samples.total.events;
	hints->effective = hint_tally_effective(&reading->samples.total);
}

static void deinit(struct cpu_reading *reading)
{
	hint_samples_deinit(&reading->samples);
	hint_match_deinit(&reading->transfers);
	hint_match_deinit(&reading->kernel_copies);
	hint_tally_deinit(&reading->transfer);
}

void hints_read_cpu(struct hints *hints)
{
	struct cpu_reading reading = {
		.hints = hints,
		.count_column = hints_column(hints->profile, "samples"),
	};
	struct hint_tally *by_topic = reading.samples.by_topic;

	read_samples(&reading);
	for (unsigned i = 0; hints->total > 0 && i < HINT_CPU_TOPIC_COUNT; i++)
		report_topic(hints, (enum hint_topic)i, &by_topic[i]);
	if (hints->total > 0)
		report_transfers(&reading);
	deinit(&reading);
}
