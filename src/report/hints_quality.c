// Says how far the numbers of a profile can be trusted.
#include <inttypes.h>

#include "base/arena.h"
#include "profile/profile.h"
#include "report/hints_add.h"
#include "report/number.h"

// An interval wider than this part of the smallest share shown is worth a sentence.
static const double wide = 0.6;
static const double example_share = 0.10;

static struct hint *add(struct hints *hints, const char *id)
{
	struct hint_tally nothing = { 0 };
	struct hint *hint = hints_add_always(hints, HINT_QUALITY, id, &nothing);

	hint->has_interval = false;
	return hint;
}

static struct str more_samples(struct hints *hints)
{
	if (str_equal(hints->options.program, STR("goprof cpu")))
		return hints_command(hints, STR("--rate 1000"));
	return STR("");
}

static void report_few_samples(struct hints *hints)
{
	double share = hints->options.min_share;
	struct hint_interval interval;
	struct hint *hint;

	if (hints->effective <= 0)
		return;
	if (share < 0.01)
		share = 0.01;
	interval = hint_interval_of(share, hints->effective);
	if (interval.high - interval.low < wide * share)
		return;
	interval = hint_interval_of(example_share, hints->effective);
	hint = add(hints, "few-samples");
	hint->text = str_format(
		&hints->arena,
		"Shares of %.*s stand on %.0f samples%s: what shows as 10%% lies "
		"between %.1f%% and %.1f%% with 95%% probability.",
		(int)hints->type.n, hints->type.p, hints->samples,
		hints->effective < 0.5 * hints->samples ? " of very unequal weight" : "",
		100 * interval.low, 100 * interval.high);
	hint->advice = STR("Record for longer, or more often.");
	hint->command = more_samples(hints);
}

struct name_count {
	int64_t leaf, any, total;
};

static struct name_count count_unnamed(const struct hints *hints)
{
	const struct profile *profile = hints->profile;
	struct name_count count = { 0 };
	struct hint_stack stack = { 0 };

	for (size_t i = 0; i < profile->sample_count; i++) {
		int64_t value = profile_values(profile, i)[hints->column];
		size_t unnamed = 0;

		if (value <= 0)
			continue;
		hint_stack_read(&stack, profile, profile->sample_stacks[i]);
		for (size_t k = 0; k < stack.count; k++)
			unnamed += stack.frames[k].function == PROFILE_NONE;
		count.total = number_add(count.total, value);
		if (unnamed > 0)
			count.any = number_add(count.any, value);
		if (stack.count > 0 &&
		    stack.frames[stack.count - 1].function == PROFILE_NONE)
			count.leaf = number_add(count.leaf, value);
	}
	hint_stack_deinit(&stack);
	return count;
}

static void report_unnamed(struct hints *hints)
{
	struct name_count count = count_unnamed(hints);
	double leaf, any;
	struct hint *hint;

	if (count.any <= 0)
		return;
	any = (double)count.any / (double)count.total;
	leaf = (double)count.leaf / (double)count.total;
	if (any < hints->options.min_share)
		return;
	hint = add(hints, "no-names");
	hint->value = count.any;
	hint->share = any;
	hint->text =
		str_format(&hints->arena,
			   "%.1f%% is on stacks with frames that have no name, %.1f%% "
			   "spent in such a frame: what they do is in no finding.",
			   100 * any, 100 * leaf);
	hint->advice = STR("Install the debug symbols, or name the program before the "
			   "profile.");
	hint->command = hints_command(hints, STR("-addresses -top"));
}

static void report_unsampled(struct hints *hints)
{
	double missed = (double)hints->profile->quality.unsampled_ns;
	double all = (double)hints->profile->quality.cpu_ns;
	struct hint *hint;

	if (missed <= 0 || missed < hints->options.min_share * all)
		return;
	hint = add(hints, "unsampled");
	hint->text = str_format(
		&hints->arena,
		"No sample stands for %.1f%% of the CPU time used: threads and processes "
		"that ended before their next sample are seen less than they were.",
		100 * missed / all);
	hint->advice = STR("Record at a higher --rate.");
	hint->command = more_samples(hints);
}

static void report_recording(struct hints *hints)
{
	const struct profile_quality *quality = &hints->profile->quality;
	double all = (double)(quality->samples + quality->lost);
	struct hint *hint;

	if (!quality->is_known || quality->samples == 0)
		return;
	if ((double)quality->truncated >=
		    hints->options.min_share * (double)quality->samples &&
	    quality->truncated > 0) {
		hint = add(hints, "truncated");
		hint->text = str_format(
			&hints->arena,
			"%" PRIu64 " of %" PRIu64
			" stacks do not reach their outermost frame: their callers, and "
			"perhaps a topic further out, are not seen.",
			quality->truncated, quality->samples);
		hint->advice = STR("Record with a larger --stack-bytes.");
	}
	report_unsampled(hints);
	if (quality->lost > 0 && (double)quality->lost >= 0.01 * all) {
		hint = add(hints, "lost");
		hint->text = str_format(&hints->arena,
					"%" PRIu64 " samples were lost, %.1f%% of those "
					"due: busy moments are seen less than they were.",
					quality->lost, 100 * (double)quality->lost / all);
		hint->advice = STR("Record at a lower --rate.");
	}
}

void hints_read_quality(struct hints *hints)
{
	report_few_samples(hints);
	report_unnamed(hints);
	report_recording(hints);
}
