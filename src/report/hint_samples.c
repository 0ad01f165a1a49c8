// Each sample goes to the topic of one frame and to the function that caused it.
#include "report/hint_samples.h"

#include "profile/profile.h"
#include "report/hints_add.h"

static void read_sample(struct hint_samples *samples, const struct profile *profile,
			const struct hint_rules *rules, size_t sample)
{
	struct hint_amount amount =
		rules->amount_of(rules->context, profile_values(profile, sample));
	uint32_t row = profile->sample_stacks[sample];
	struct hint_caller caller;
	enum hint_topic topic;
	size_t at;

	if (amount.value <= 0)
		return;
	hint_stack_read(&samples->stack, profile, row);
	hint_tally_add(&samples->total, amount);
	at = rules->deciding_frame(&samples->topics, &samples->stack);
	if (at == samples->stack.count) {
		hint_tally_add(&samples->unmatched, amount);
		return;
	}
	topic = hint_match_frame(&samples->topics, samples->stack.frames[at]);
	caller = hints_blame(&samples->plumbing, &samples->topics, &samples->stack, row,
			     at);
	hint_tally_add(&samples->by_topic[topic], amount);
	hint_tally_blame(&samples->by_topic[topic], &caller, amount);
	if (rules->also != NULL)
		rules->also(rules->context, topic, &caller, amount);
}

void hint_samples_read(struct hint_samples *samples, struct hints *hints,
		       const struct hint_rules *rules)
{
	const struct profile *profile = hints->profile;

	hint_match_init(&samples->topics, profile, rules->topics);
	hint_match_init(&samples->plumbing, profile, &hint_sets_plumbing);
	for (size_t i = 0; i < profile->sample_count; i++)
		read_sample(samples, profile, rules, i);
	hints->total = samples->total.value;
	if (hints->total > 0)
		hints->unmatched =
			(double)samples->unmatched.value / (double)hints->total;
}

void hint_samples_deinit(struct hint_samples *samples)
{
	hint_match_deinit(&samples->topics);
	hint_match_deinit(&samples->plumbing);
	hint_stack_deinit(&samples->stack);
	for (size_t i = 0; i < HINT_TOPIC_COUNT; i++)
		hint_tally_deinit(&samples->by_topic[i]);
}
