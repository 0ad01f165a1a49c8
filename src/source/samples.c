// Handing records on to whom they concern.
#include "source/samples.h"

#include <linux/perf_event.h>
#include <string.h>

#include "base/log.h"
#include "target/perf_record.h"

void samples_init(struct samples *samples, enum code_origin origin,
		  const struct tally_event *events, size_t event_count)
{
	memset(samples, 0, sizeof(*samples));
	code_set_init(&samples->codes, origin);
	space_set_init(&samples->spaces, &samples->codes);
	samples->names.is_recorded = origin == CODE_RECORDED;
	tally_init(&samples->tally, events, event_count);
}

void samples_deinit(struct samples *samples)
{
	tally_deinit(&samples->tally);
	names_deinit(&samples->names);
	space_set_deinit(&samples->spaces);
	code_set_deinit(&samples->codes);
}

// The main program is the lowest file in memory, whatever was sampled first.
static uint32_t program_row(struct samples *samples, struct space *space)
{
	for (size_t i = 0; i < space->count; i++) {
		struct space_mapping *mapping = &space->mappings[i];

		if (samples->codes.codes[mapping->code].state == CODE_ANONYMOUS)
			continue;
		if (mapping->row == SPACE_NO_ROW)
			tally_add_mapping(&samples->tally, &samples->spaces, space,
					  mapping);
		return mapping->row;
	}
	return PROFILE_NONE;
}

bool samples_is_walked(const struct perf_record *record)
{
	return record->sample.has_user && record->sample.stack_size > 0;
}

static void take_sample(struct samples *samples, const struct perf_record *record)
{
	struct space *space = space_of(&samples->spaces, record->pid);
	struct tally_owner owner = {
		.pid = record->pid,
		.event = record->event,
		.process_name = names_of(&samples->names, record->pid),
		.thread_name = names_of(&samples->names, record->tid),
		.program = program_row(samples, space),
	};

	samples->stack.count = 0;
	if (samples_is_walked(record)) {
		space_walk(&samples->spaces, space, &record->sample, &samples->stack);
		samples->ends[samples->stack.end]++;
	} else {
		space_take_chain(&record->sample, &samples->stack);
	}
	if (samples->labeller != NULL)
		owner.labels = samples->labeller->row_of(samples->labeller, record,
							 &samples->stack);
	tally_add(&samples->tally, &samples->spaces, space, &record->sample,
		  &samples->stack, &owner);
}

void samples_take_thread(struct samples *samples, const struct samples_thread *thread)
{
	struct space *space = space_of(&samples->spaces, thread->pid);
	struct perf_sample sample = { .ip = thread->registers.value[UNWIND_RIP] };
	struct tally_owner owner = {
		.pid = thread->pid,
		.process_name = names_of(&samples->names, thread->pid),
		.thread_name = names_of(&samples->names, thread->pid),
		.program = program_row(samples, space),
	};

	space_walk_memory(&samples->spaces, space, thread->memory, &thread->registers,
			  &samples->stack);
	samples->ends[samples->stack.end]++;
	tally_add(&samples->tally, &samples->spaces, space, &sample, &samples->stack,
		  &owner);
}

void samples_take(struct samples *samples, const struct perf_record *record)
{
	switch (record->type) {
	case PERF_RECORD_SAMPLE:
		take_sample(samples, record);
		return;
	case PERF_RECORD_LOST:
	case PERF_RECORD_LOST_SAMPLES:
		samples->lost += record->lost;
		return;
	case PERF_RECORD_COMM:
		names_set(&samples->names, record->tid, record->name.text);
		break;
	case PERF_RECORD_FORK:
		names_inherit(&samples->names, record->birth.parent_tid, record->tid);
		break;
	case PERF_RECORD_EXIT:
		names_forget(&samples->names, record->tid);
		break;
	default:
		break;
	}
	space_note(&samples->spaces, record);
}

uint64_t samples_truncated(const struct samples *samples)
{
	uint64_t sum = 0;

	log_debug("stacks: %llu whole, %llu too deep, %llu cut off, %llu without rules, "
		  "%llu contradictory",
		  (unsigned long long)samples->ends[UNWIND_COMPLETE],
		  (unsigned long long)samples->ends[UNWIND_TOO_DEEP],
		  (unsigned long long)samples->ends[UNWIND_STACK_CUT],
		  (unsigned long long)samples->ends[UNWIND_NO_TABLE],
		  (unsigned long long)samples->ends[UNWIND_BAD_FRAME]);
	for (size_t i = 0; i <= UNWIND_BAD_FRAME; i++)
		sum += i == UNWIND_COMPLETE ? 0 : samples->ends[i];
	return sum;
}

void samples_warn_of_missing_code(const struct samples *samples)
{
	for (size_t i = 0; i < samples->codes.count; i++) {
		const struct code *code = &samples->codes.codes[i];

		if (code->state == CODE_MISSING)
			log_warn("%.*s", (int)code->problem.n, code->problem.p);
	}
}
