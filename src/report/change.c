// One pass over the samples: those of the base carry a label of their own.
#include "report/change.h"

#include <inttypes.h>
#include <stdlib.h>

#include "profile/profile.h"
#include "report/number.h"
#include "report/report.h"
#include "report/weights.h"

enum { NAMES_SHOWN = 3 };

struct tally {
	struct report *report;
	uint8_t *is_base; // by label list
	uint32_t *rows;   // by node: its row, or NODE_NONE
	uint64_t *stamps; // by row: the sample that was counted last, + 1
	bool counts_samples;
};

// Heap profiles scale their counts up, and -normalize scales those of one side.
static bool counts_samples(const struct report *report)
{
	const struct profile *profile = report->profile;

	return str_equal(profile_string(profile, profile->types[0].type),
			 STR("samples")) &&
	       str_equal(profile_string(profile, profile->types[0].unit), STR("count")) &&
	       !report->options.normalize;
}

static void add(struct tally *tally, size_t sample, uint32_t row)
{
	const struct profile *profile = tally->report->profile;
	const int64_t *values = profile_values(profile, sample);
	struct change *change = &tally->report->changes[row];
	bool is_base = tally->is_base[profile->sample_labels[sample]] != 0;
	int64_t value = values[tally->report->value_index];
	int64_t *sum = is_base ? &change->before : &change->after;
	uint64_t *samples = is_base ? &change->samples_before : &change->samples_after;

	if (tally->stamps[row] == sample + 1)
		return;
	tally->stamps[row] = sample + 1;
	// The base was subtracted: its values are the other way round.
	*sum = number_add(*sum, is_base ? (int64_t)(0 - (uint64_t)value) : value);
	if (tally->counts_samples)
		*samples += (uint64_t)number_abs(values[0]);
}

static void add_sample(struct tally *tally, size_t sample)
{
	const struct nodes *nodes = &tally->report->graph.nodes;
	const struct profile *profile = tally->report->profile;
	struct profile_stack_view view =
		profile_stack(profile, profile->sample_stacks[sample]);

	for (size_t i = 0; i < view.count; i++) {
		uint32_t from = nodes->first[view.locations[i]];
		uint32_t to = nodes->first[view.locations[i] + 1];

		for (uint32_t j = from; j < to; j++) {
			uint32_t row = tally->rows[nodes->list[j]];

			if (row != NODE_NONE)
				add(tally, sample, row);
		}
	}
}

static void judge(struct change *change, bool counts_samples)
{
	double before = (double)change->samples_before;
	double after = (double)change->samples_after, off = after - before;

	change->kind = change->before == 0 && change->after != 0   ? CHANGE_NEW
		       : change->before != 0 && change->after == 0 ? CHANGE_GONE
								   : CHANGE_BOTH;
	change->is_noise = counts_samples &&
			   off * off < CHANGE_SIGMAS * CHANGE_SIGMAS * (before + after);
}

void change_find(struct report *report)
{
	const struct profile *profile = report->profile;
	size_t nodes = report->graph.node_count;
	struct tally tally = { .report = report };

	if (report->graph.shape != GRAPH_MERGED || report->options.mean)
		return;
	tally.is_base = weights_base_labels(profile);
	if (tally.is_base == NULL)
		return;
	tally.counts_samples = counts_samples(report);
	tally.rows = table_zeroed(nodes + 1, sizeof(*tally.rows));
	tally.stamps = table_zeroed(report->row_count + 1, sizeof(*tally.stamps));
	report->changes = arena_array(&report->arena, report->row_count + 1,
				      sizeof(*report->changes));
	for (size_t i = 0; i < nodes; i++)
		tally.rows[i] = NODE_NONE;
	for (uint32_t i = 0; i < report->row_count; i++)
		tally.rows[report->rows[i].node] = i;
	for (size_t i = 0; i < profile->sample_count; i++)
		add_sample(&tally, i);
	for (size_t i = 0; i < report->row_count; i++)
		judge(&report->changes[i], tally.counts_samples);
	free(tally.is_base);
	free(tally.rows);
	free(tally.stamps);
}

// "3 rows are new (a, b, c)", the heaviest first.
static struct str list_kind(struct report *report, enum change_kind kind,
			    const char *what)
{
	struct str names = STR("");
	size_t count = 0;

	for (size_t i = 0; i < report->row_count; i++) {
		struct str label = report->rows[i].label;

		if (report->changes[i].kind != kind)
			continue;
		if (count++ < NAMES_SHOWN)
			names = str_format(&report->arena, "%.*s%s%.*s", (int)names.n,
					   names.p, count > 1 ? ", " : "", (int)label.n,
					   label.p);
	}
	if (count == 0)
		return STR("");
	return str_format(&report->arena, "%zu %s (%.*s%s)", count, what, (int)names.n,
			  names.p, count > NAMES_SHOWN ? ", ..." : "");
}

// How many changed no more than chance would make them.
static struct str tell_noise(struct report *report)
{
	size_t noise = 0;

	if (!counts_samples(report))
		return STR("");
	for (size_t i = 0; i < report->row_count; i++)
		noise += report->changes[i].is_noise;
	return str_format(&report->arena,
			  "%zu within what two recordings of one program differ by (%d "
			  "standard deviations of the number of samples)",
			  noise, CHANGE_SIGMAS);
}

struct str change_sentence(struct report *report)
{
	struct str parts[] = {
		list_kind(report, CHANGE_NEW, "new"),
		list_kind(report, CHANGE_GONE, "gone"),
		tell_noise(report),
	};
	struct str sentence = STR("");

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (parts[i].n > 0)
			sentence =
				str_format(&report->arena, "%.*s%s%.*s", (int)sentence.n,
					   sentence.p, sentence.n > 0 ? ", " : "",
					   (int)parts[i].n, parts[i].p);
	}
	if (sentence.n == 0)
		return sentence;
	return str_format(&report->arena, "compared with the base, of %zu rows: %.*s",
			  report->row_count, (int)sentence.n, sentence.p);
}
