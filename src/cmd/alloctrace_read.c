// Filters choose what is shown; the account is always of the whole trace.
#include "cmd/alloctrace_read.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "base/regexp.h"
#include "base/writer.h"
#include "cmd/record_flags.h"
#include "profile/profile.h"
#include "profile/trace_ledger.h"
#include "profile/trace_read.h"
#include "report/trace_summary.h"
#include "report/trace_text.h"
#include "source/trace_stacks.h"

struct reading {
	const struct alloctrace_read_options *options;
	struct trace_reader reader;
	struct trace_ledger ledger;
	struct trace_stacks stacks;
	struct regexp *focus;
	bool *is_function_in_focus; // by function of the stacks' profile
	struct writer w;
};

static struct profile_stack_view find_stack(const void *context, uint32_t stack)
{
	return trace_stacks_find(context, stack);
}

static bool prepare_focus(struct reading *reading, struct error *err)
{
	const struct profile *profile = reading->stacks.profile;

	if (reading->options->focus == NULL)
		return true;
	if (!regexp_create(str_from(reading->options->focus), &reading->focus, err))
		return error_wrap(err, "--focus");
	reading->is_function_in_focus =
		table_zeroed(profile->function_count + 1, sizeof(bool));
	for (size_t i = 0; i < profile->function_count; i++)
		reading->is_function_in_focus[i] = regexp_matches(
			reading->focus,
			profile_string(profile, profile->functions[i].name));
	return true;
}

static bool is_in_focus(const struct reading *reading,
			const struct profile_stack_view *stack)
{
	const struct profile *profile = reading->stacks.profile;

	for (size_t i = 0; i < stack->count; i++) {
		const struct profile_location *at =
			&profile->locations[stack->locations[i]];

		for (uint32_t j = 0; j < at->line_count; j++) {
			uint32_t function = profile->lines[at->first_line + j].function;

			if (function != PROFILE_NONE &&
			    reading->is_function_in_focus[function])
				return true;
		}
	}
	return false;
}

// By the block's address, so that an allocation and its free go together.
static bool is_one_in(uint64_t address, uint64_t rate)
{
	return rate <= 1 || ((address >> 4) * 0x9e3779b97f4a7c15 >> 32) % rate == 0;
}

static void show(struct reading *reading, const struct trace_text_event *event)
{
	const struct alloctrace_read_options *options = reading->options;
	uint64_t size = event->record->size;

	if (!trace_has_size(event->record->event))
		size = event->block == NULL ? 0 : event->block->size;
	if (size < options->min_size || size > options->max_size ||
	    !is_one_in(event->record->address, options->rate) ||
	    (reading->focus != NULL && !is_in_focus(reading, event->stack)))
		return;
	if (options->is_json)
		trace_text_event_json(event, &reading->w);
	else
		trace_text_event(event, &reading->w);
}

static void read_events(struct reading *reading)
{
	bool is_shown = reading->options->form == ALLOCTRACE_EVENTS;
	struct trace_record record;
	uint32_t tid;

	while (trace_reader_next(&reading->reader, &record, &tid)) {
		const struct trace_block *block =
			trace_ledger_add(&reading->ledger, &record, tid);
		struct profile_stack_view stack;

		if (!is_shown)
			continue;
		stack = trace_stacks_find(&reading->stacks, record.stack);
		show(reading,
		     &(struct trace_text_event){ &record, block, tid,
						 reading->stacks.profile, &stack });
	}
	if (reading->reader.damaged > 0)
		log_warn("%llu parts of the trace are damaged and left out",
			 (unsigned long long)reading->reader.damaged);
}

static void write_summary(struct reading *reading)
{
	struct trace_names names = { reading->stacks.profile, find_stack,
				     &reading->stacks };
	struct trace_summary summary;
	bool is_total = reading->options->form == ALLOCTRACE_TOTAL;

	trace_summary_init(&summary, &reading->ledger, reading->reader.head.lost);
	summary.is_part = reading->reader.head.is_part;
	if (reading->options->is_json && reading->options->form != ALLOCTRACE_EVENTS)
		trace_summary_json(&summary, &names, &reading->w);
	else if (is_total)
		trace_summary_text(&summary, &names, &reading->w);
	else if (!reading->options->is_json)
		trace_summary_faults(&summary, &names, &reading->w);
	trace_summary_deinit(&summary);
}

static bool write_profile(struct reading *reading, struct error *err)
{
	struct profile *profile;
	bool is_written;

	if (!trace_stacks_heap(&reading->reader, &reading->ledger, &profile, err))
		return false;
	is_written = record_flags_write(profile, reading->options->output, err);
	profile_destroy(profile);
	return is_written;
}

static bool read_all(struct reading *reading, struct error *err)
{
	if (!prepare_focus(reading, err))
		return false;
	read_events(reading);
	if (reading->options->form == ALLOCTRACE_PROFILE)
		return write_profile(reading, err);
	write_summary(reading);
	return writer_finish(&reading->w, err);
}

static bool read_bytes(struct reading *reading, struct str bytes, struct error *err)
{
	bool is_read;

	if (!trace_reader_init(&reading->reader, bytes, err))
		return false;
	if (!trace_stacks_open(&reading->reader, &reading->stacks, err)) {
		trace_reader_deinit(&reading->reader);
		return false;
	}
	reading->w = writer_to_fd(STDOUT_FILENO);
	is_read = read_all(reading, err);
	writer_deinit(&reading->w);
	if (reading->focus != NULL)
		regexp_destroy(reading->focus);
	free(reading->is_function_in_focus);
	trace_ledger_deinit(&reading->ledger);
	trace_stacks_close(&reading->stacks);
	trace_reader_deinit(&reading->reader);
	return is_read;
}

bool alloctrace_read(const char *path, const struct alloctrace_read_options *options,
		     struct error *err)
{
	struct reading reading = { .options = options };
	struct file_view view;
	bool is_read;

	if (!file_view_open(path, &view, err))
		return false;
	is_read = read_bytes(&reading,
			     (struct str){ (const char *)view.bytes, view.size }, err);
	file_view_close(&view);
	return is_read || error_wrap(err, "%s", path);
}
