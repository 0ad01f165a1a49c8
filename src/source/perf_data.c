// Plays the records of a file as if they came from the kernel now.
#include "source/perf_data.h"

#include <inttypes.h>
#include <linux/perf_event.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/log.h"
#include "binary/build_id.h"
#include "profile/profile.h"
#include "profile/quality.h"
#include "source/samples.h"
#include "target/perf_file.h"

enum { SECOND_NS = 1000000000 };

struct perf_data {
	struct perf_file file;
	struct arena arena;
	struct tally_event *events; // columns
	uint32_t *columns;          // of the file's events, PROFILE_NONE: no samples
	size_t event_count;
	uint64_t first_ns, last_ns; // of samples
	uint64_t walked;            // samples that brought a copy of the stack
	uint64_t bare;              // that brought no stack at all
	bool is_foreign;            // another processor's registers
	uint64_t chain[2];          // of a sample that has none
	struct perf_file_room room;
	struct samples samples;
};

static bool is_clock(const struct perf_file_event *event)
{
	return event->type == PERF_TYPE_SOFTWARE &&
	       (event->config == PERF_COUNT_SW_CPU_CLOCK ||
		event->config == PERF_COUNT_SW_TASK_CLOCK);
}

// "cpu-clock:ppp" without the modifiers, unless another event differs in nothing else.
static struct str short_name(const struct perf_file *file, size_t row)
{
	struct str name = file->events[row].name;
	ptrdiff_t colon = str_find_last_char(name, ':');

	if (colon <= 0 || (size_t)colon + 1 == name.n)
		return name;
	for (size_t i = (size_t)colon + 1; i < name.n; i++) {
		if (name.p[i] == '\0' || strchr("ukhpPGHISDWe", name.p[i]) == NULL)
			return name;
	}
	struct str brief = str_slice(name, 0, (size_t)colon);

	for (size_t i = 0; i < file->event_count; i++) {
		struct str other = file->events[i].name;

		if (i != row && str_starts_with(other, brief) &&
		    (other.n == brief.n || other.p[brief.n] == ':'))
			return name;
	}
	return brief;
}

static uint64_t period_of(const struct perf_file_event *event)
{
	if (event->period > 0)
		return event->period;
	return is_clock(event) && event->rate_hz > 0 ? SECOND_NS / event->rate_hz : 1;
}

static void choose_columns(struct perf_data *data)
{
	const struct perf_file *file = &data->file;

	data->events =
		arena_array(&data->arena, file->event_count, sizeof(*data->events));
	data->columns = arena_array(&data->arena, file->event_count, sizeof(uint32_t));
	for (size_t i = 0; i < file->event_count; i++) {
		const struct perf_file_event *event = &file->events[i];

		data->columns[i] = PROFILE_NONE;
		// Others but keep the books, or saw nothing.
		if (event->samples == 0 &&
		    (data->event_count > 0 || i + 1 < file->event_count))
			continue;
		data->columns[i] = (uint32_t)data->event_count;
		data->events[data->event_count++] = (struct tally_event){
			.name = short_name(file, i),
			.unit = is_clock(event) ? STR("nanoseconds") : STR("count"),
			.period = period_of(event),
		};
	}
}

static void take_build_ids(struct perf_data *data)
{
	for (size_t i = 0; i < data->file.build_id_count; i++) {
		const struct perf_file_build_id *row = &data->file.build_ids[i];
		struct str text = build_id_text(&data->arena, row->build_id);

		if (!row->is_kernel)
			code_set_build_id(&data->samples.codes, row->file, text);
		else if (str_starts_with(row->file, STR("[kernel")))
			data->samples.tally.kernel_build_id = text;
	}
}

// Mappings of the kernel and its modules: all that matters is where it began.
static void note_kernel(struct perf_data *data, const struct perf_mapping *mapping)
{
	if (str_starts_with(mapping->file, STR("[kernel.kallsyms]")))
		data->samples.tally.kernel_text = mapping->offset;
}

static void note_mapping(struct perf_data *data, const struct perf_mapping *mapping)
{
	if (mapping->build_id.n > 0)
		code_set_build_id(&data->samples.codes, mapping->file,
				  build_id_text(&data->arena, mapping->build_id));
}

// Without a chain, where the CPU was is all there is of the stack.
static void complete_chain(struct perf_data *data, struct perf_sample *sample)
{
	bool is_kernel = sample->ip >> 63 != 0;

	if (sample->chain_count > 0)
		return;
	data->chain[0] = (uint64_t)(is_kernel ? PERF_CONTEXT_KERNEL : PERF_CONTEXT_USER);
	data->chain[1] = sample->ip;
	sample->chain = data->chain;
	sample->chain_count = 2;
}

static void take_sample(struct perf_data *data, struct perf_record *record)
{
	record->event = data->columns[record->event];
	if (data->is_foreign)
		record->sample.has_user = false;
	data->bare += record->sample.chain_count == 0 && !samples_is_walked(record);
	complete_chain(data, &record->sample);
	data->walked += samples_is_walked(record);
	if (data->first_ns == 0)
		data->first_ns = record->time_ns;
	data->last_ns = record->time_ns;
	samples_take(&data->samples, record);
}

static void take_record(struct perf_data *data, struct perf_record *record)
{
	if (record->type == PERF_RECORD_SAMPLE) {
		take_sample(data, record);
		return;
	}
	if (record->type == PERF_RECORD_MMAP2) {
		if (record->pid == -1) {
			note_kernel(data, &record->mapping);
			return;
		}
		note_mapping(data, &record->mapping);
	}
	samples_take(&data->samples, record);
}

static void take_all(struct perf_data *data)
{
	const struct perf_file *file = &data->file;

	names_set(&data->samples.names, 0, STR("swapper"));
	for (size_t i = 0; i < file->entry_count; i++) {
		struct perf_record record;

		if (perf_file_decode(file, &file->entries[i], &data->room, &record))
			take_record(data, &record);
	}
}

static uint64_t rate_of(const struct perf_file *file)
{
	const struct perf_file_event *first = &file->events[0];

	for (size_t i = 0; i < file->event_count && first->samples == 0; i++)
		first = &file->events[i];
	if (first->rate_hz == 0 && is_clock(first) && first->period > 0)
		return SECOND_NS / first->period;
	return first->rate_hz;
}

// What stacks of samples without a copy are worth, for no walk can tell.
static struct str stacks_text(const struct perf_data *data)
{
	uint64_t samples = data->samples.tally.samples;

	if (data->is_foreign)
		return STR("goprof: recorded on another kind of processor: stacks are "
			   "as the kernel found them");
	if (samples == 0 || data->walked > 0)
		return STR("");
	if (data->bare == samples)
		return STR("goprof: recorded without stacks: use perf record -g or "
			   "--call-graph dwarf");
	return STR("goprof: stacks are as the kernel found them by frame pointers: a "
		   "stack that ends early is not counted as truncated");
}

static void add_comments(struct perf_data *data, struct profile *profile)
{
	const struct perf_file *file = &data->file;
	struct arena *arena = &data->arena;
	struct str damage = STR(""), left_out = STR("");

	if (file->damage.n > 0)
		damage = str_format(arena, "goprof: damaged file: %.*s",
				    (int)file->damage.n, file->damage.p);
	else if (file->is_cut)
		damage = STR("goprof: perf did not end this file: what was recorded last "
			     "may be missing");
	if (file->damaged > 0)
		left_out = str_format(arena,
				      "goprof: %" PRIu64 " damaged records were left out",
				      file->damaged);
	const struct str texts[] = { profile_quality_text(profile, arena),
				     stacks_text(data), damage, left_out };

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		if (texts[i].n > 0)
			profile_add_comment(profile, texts[i]);
	}
}

static struct profile *finish_take(struct perf_data *data)
{
	const struct perf_file *file = &data->file;
	struct profile *profile =
		tally_finish_take(&data->samples.tally, &data->samples.names, 0);

	if (data->event_count > 1)
		profile->default_type = profile_intern(profile, data->events[0].name);
	profile->duration_ns = (int64_t)(data->last_ns - data->first_ns);
	if (file->wall_clock_ns != 0)
		profile->time_ns =
			(int64_t)(file->wall_clock_ns + data->first_ns - file->clock_ns);
	profile->quality = (struct profile_quality){
		.is_known = true,
		.samples = data->samples.tally.samples,
		.lost = data->samples.lost,
		.truncated = samples_truncated(&data->samples),
		.rate_hz = rate_of(file),
	};
	add_comments(data, profile);
	return profile;
}

static bool check(const struct perf_file *file, struct error *err)
{
	if (file->event_count == 0)
		return error_set(err, ERROR_FORMAT, "its header tells no events");
	if (file->entry_count > 0 || (file->damage.n == 0 && !file->is_cut))
		return true;
	return error_set(err, ERROR_FORMAT, "%.*s, and no sample comes before",
			 file->damage.n > 0 ? (int)file->damage.n : 12,
			 file->damage.n > 0 ? file->damage.p : "perf died in it");
}

bool perf_data_decode(struct str bytes, struct profile **out, struct error *err)
{
	struct perf_data *data = table_zeroed(1, sizeof(*data));
	bool is_read = perf_file_open(bytes, &data->file, err);

	if (is_read && !check(&data->file, err)) {
		perf_file_close(&data->file);
		is_read = false;
	}
	if (is_read) {
		choose_columns(data);
		data->is_foreign = data->file.arch.n > 0 &&
				   !str_equal(data->file.arch, STR("x86_64"));
		samples_init(&data->samples, CODE_RECORDED, data->events,
			     data->event_count);
		take_build_ids(data);
		take_all(data);
		if (data->walked > 0)
			samples_warn_of_missing_code(&data->samples);
		*out = finish_take(data);
		samples_deinit(&data->samples);
		perf_file_close(&data->file);
	}
	arena_deinit(&data->arena);
	free(data);
	return is_read;
}
