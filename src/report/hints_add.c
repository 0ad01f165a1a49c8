// Builds findings: shares and intervals, causes, sentences, commands.
#include "report/hints_add.h"

#include <math.h>

#include "base/arena.h"
#include "base/writer.h"
#include "profile/profile.h"
#include "report/measure.h"

enum {
	CAUSES_MAX = 3,
	FRAMES_MAX = 6,
	SAMPLES_MIN = 5, // a share seen in fewer is left out
};

// Of the finding; those who cause less of it are not named.
static const double cause_share = 0.02;

size_t hints_column(const struct profile *profile, const char *name)
{
	for (size_t i = 0; i < profile->type_count; i++) {
		if (str_equal(profile_string(profile, profile->types[i].type),
			      str_from(name)))
			return i;
	}
	return HINTS_NO_COLUMN;
}

static struct str function_name(const struct hints *hints, uint32_t function)
{
	const struct profile *profile = hints->profile;

	if (function == PROFILE_NONE)
		return STR("(no name)");
	return profile_string(profile, profile->functions[function].name);
}

// The caller and what it calls on the way to the function that belongs to the finding.
static void fill_frames(struct hints *hints, const struct hint_caller *caller,
			struct hint_cause *cause)
{
	struct hint_stack stack = { 0 };
	size_t count = caller->at - caller->caller_at + 1;

	hint_stack_read(&stack, hints->profile, caller->stack);
	cause->frame_count = count > FRAMES_MAX ? FRAMES_MAX : count;
	cause->frames =
		arena_array(&hints->arena, cause->frame_count, sizeof(*cause->frames));
	for (size_t i = 0; i < cause->frame_count; i++)
		cause->frames[i] = function_name(
			hints, stack.frames[caller->caller_at + i].function);
	hint_stack_deinit(&stack);
}

static void fill_causes(struct hints *hints, struct hint *hint, struct hint_tally *tally)
{
	hint_tally_sort(tally);
	hint->causes = arena_array(&hints->arena, CAUSES_MAX, sizeof(*hint->causes));
	for (size_t i = 0; i < tally->caller_count && i < CAUSES_MAX; i++) {
		const struct hint_caller *caller = &tally->callers[i];
		struct hint_cause *cause = &hint->causes[i];

		if ((double)caller->value < cause_share * (double)tally->value)
			break;
		hint->cause_count++;
		cause->function = function_name(hints, caller->function);
		cause->value = caller->value;
		cause->share = (double)caller->value / (double)hints->total;
		fill_frames(hints, caller, cause);
	}
}

struct hint *hints_add_always(struct hints *hints, enum hint_weight weight,
			      const char *id, struct hint_tally *tally)
{
	struct hint *hint;

	hints->items = table_reserve(hints->items, &hints->capacity, hints->count + 1,
				     sizeof(*hints->items));
	hint = &hints->items[hints->count++];
	*hint = (struct hint){
		.weight = weight, .id = id, .value = tally->value, .unit = hints->unit
	};
	if (hints->total > 0)
		hint->share = (double)tally->value / (double)hints->total;
	if (hints->effective > 0) {
		hint->has_interval = true;
		hint->interval = hint_interval_of(hint->share, hints->effective);
	}
	fill_causes(hints, hint, tally);
	return hint;
}

struct hint *hints_add(struct hints *hints, const char *id, struct hint_tally *tally)
{
	double share = (double)tally->value / (double)hints->total;

	if (tally->value <= 0 || share < hints->options.min_share)
		return NULL;
	if (hints->effective > 0 && tally->events < SAMPLES_MIN)
		return NULL;
	return hints_add_always(hints, HINT_FINDING, id, tally);
}

struct str hints_percent(struct hints *hints, double share)
{
	return str_format(&hints->arena, "%.1f%%", 100 * share);
}

struct str hints_share(struct hints *hints, const struct hint *hint)
{
	if (!hint->has_interval)
		return hints_percent(hints, hint->share);
	return str_format(&hints->arena, "%.1f%% (%.1f%% to %.1f%%)", 100 * hint->share,
			  100 * hint->interval.low, 100 * hint->interval.high);
}

struct str hints_value(struct hints *hints, int64_t value)
{
	return measure_label(&hints->arena, value, hints->unit, STR("auto"));
}

struct str hints_command(struct hints *hints, struct str flags)
{
	const struct hints_options *options = &hints->options;

	return str_format(&hints->arena, "%.*s %.*s %.*s", (int)options->program.n,
			  options->program.p, (int)flags.n, flags.p,
			  (int)options->source.n, options->source.p);
}

// As a regexp inside single quotes of a shell: '.' stands for the quote itself.
struct str hints_peek_name(struct hints *hints, struct str name)
{
	struct writer flag = writer_to_memory();
	struct str command;

	writer_text(&flag, "-peek='^");
	for (size_t i = 0; i < name.n; i++) {
		if (memchr("\\.+*?()|[]{}^$", name.p[i], 14) != NULL)
			writer_char(&flag, '\\');
		writer_char(&flag, name.p[i] == '\'' ? '.' : name.p[i]);
	}
	writer_text(&flag, "$'");
	command = hints_command(hints, writer_contents(&flag));
	writer_deinit(&flag);
	return command;
}

struct str hints_peek(struct hints *hints, const struct hint_tally *tally)
{
	if (tally->caller_count == 0 || tally->callers[0].matched == PROFILE_NONE)
		return STR("");
	return hints_peek_name(hints, function_name(hints, tally->callers[0].matched));
}

struct hint_caller hints_blame(const struct hint_match *plumbing,
			       const struct hint_match *topics,
			       const struct hint_stack *stack, uint32_t row, size_t at)
{
	struct hint_caller caller = {
		.stack = row,
		.matched = stack->frames[at].function,
		.function = stack->frames[at].function,
		.caller_at = at,
		.at = at,
	};

	for (size_t i = at; i-- > 0;) {
		struct hint_frame frame = stack->frames[i];

		if (hint_match_frame(plumbing, frame) == HINT_PLUMBING ||
		    hint_match_frame(topics, frame) != HINT_NO_TOPIC)
			continue;
		caller.function = frame.function;
		caller.caller_at = i;
		break;
	}
	return caller;
}
