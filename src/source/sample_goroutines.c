// A sample gets what its thread runs when it is read, if it can be seen that it did when
// it was taken:
//
//   - the stack pointer, R14, where Go keeps its g, or a frame pointer on the way out is
//     that goroutine's; or it was read at once, and the walk shows code that works for a
//     goroutine on another stack; and
//   - labels are those read at once, or those that an earlier reading of the goroutine,
//     from before the sample, shows as well.
#include "source/sample_goroutines.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/map.h"
#include "golang/code.h"
#include "golang/current_goroutine.h"
#include "golang/goroutine_labels.h"
#include "golang/process.h"
#include "profile/profile.h"
#include "source/attach.h"
#include "source/samples.h"
#include "target/perf_record.h"
#include "target/process.h"

enum {
	AT_ONCE_NS = 1000000,
	RETRY_FIRST_NS = 5000000, // a program needs some time until its runtime stands
	RETRY_MAX_NS = 1000000000,
	REFUSE_PAUSE_NS = 80000000,
	FRAMES_MAX = 64,
	LABELS_MAX = 257, // those of goroutine_labels.c, and the goroutine
};

// What was read of one sample.
struct note {
	uint64_t time_ns; // of the sample
	int tid;
	uint32_t labels; // row, 0: nothing that can be trusted
	bool is_evident; // else the walk must show that it works for a goroutine
	bool is_at_once;
};

// The latest reading of one goroutine.
struct known {
	uint64_t read_ns;
	uint32_t labels;
};

// The sink comes first: new samples are shown to it.
struct sample_goroutines {
	struct attach_sink look;
	struct samples_labeller labeller;
	struct samples *samples;
	int pid;
	struct go_process *process; // NULL: no Go program yet, or none that can be read
	struct current_goroutine_reader *reader;
	uint64_t retry_ns, retry_pause_ns;
	bool is_refused;
	struct map tids; // to what the process calls them
	struct map rows; // thread and time -> note
	struct note *notes;
	size_t note_count, note_capacity;
	struct map known_rows; // goroutine -> known
	struct known *known;
	size_t known_count, known_capacity;
	uint32_t *delays_us;
	size_t delay_count, delay_capacity;
	uint64_t total, labelled;
};

static uint64_t key_of(int tid, uint64_t time_ns)
{
	return hash_mix((uint64_t)tid, time_ns);
}

// Functions that work for the goroutine of their thread on a stack that is not its own.
static bool serves_goroutine(struct go_code *code, uint64_t pc)
{
	enum go_role role = GO_ROLE_NONE;
	struct str name = go_code_function(code, pc, &role);

	return role == GO_ROLE_SYSTEMSTACK ||
	       str_starts_with(name, STR("runtime.asmcgocall"));
}

static bool is_served(const struct sample_goroutines *goroutines,
		      const struct space_stack *stack)
{
	for (size_t i = 0; i < stack->count; i++) {
		if (serves_goroutine(goroutines->process->code, stack->pcs[i]))
			return true;
	}
	return false;
}

static uint32_t row_of(struct samples_labeller *labeller,
		       const struct perf_record *record, const struct space_stack *stack)
{
	struct sample_goroutines *goroutines =
		(void *)((char *)labeller - offsetof(struct sample_goroutines, labeller));
	uint32_t row = map_get(&goroutines->rows, key_of(record->tid, record->time_ns));
	const struct note *note;

	if (record->pid != goroutines->pid)
		return 0;
	goroutines->total++;
	if (row == MAP_NONE)
		return 0;
	note = &goroutines->notes[row];
	if (note->tid != record->tid || note->time_ns != record->time_ns)
		return 0;
	if (!note->is_evident && !(note->is_at_once && is_served(goroutines, stack)))
		return 0;
	goroutines->labelled++;
	return note->labels;
}

// What has not begun may still come; a release that is not known stays so.
static bool try_open(struct sample_goroutines *goroutines)
{
	struct error why;

	if (!go_process_is_go(goroutines->pid, NULL, NULL))
		return false;
	if (go_process_open(goroutines->pid, &goroutines->process, &why)) {
		goroutines->reader = current_goroutine_open(goroutines->process);
		return true;
	}
	// While a runtime starts, nothing in it is yet as its release has it.
	goroutines->is_refused =
		why.code == ERROR_PERMISSION ||
		(why.code == ERROR_UNSUPPORTED &&
		 goroutines->retry_pause_ns >= (uint64_t)REFUSE_PAUSE_NS);
	if (goroutines->is_refused)
		log_info("samples are without goroutines: %s", why.text);
	return false;
}

bool sample_goroutines_is_go(struct sample_goroutines *goroutines)
{
	uint64_t now;

	if (goroutines->process != NULL || goroutines->is_refused)
		return goroutines->process != NULL;
	now = (uint64_t)clock_now_ns();
	if (now < goroutines->retry_ns)
		return false;
	if (try_open(goroutines))
		return true;
	goroutines->retry_ns = (uint64_t)clock_now_ns() + goroutines->retry_pause_ns;
	if (goroutines->retry_pause_ns < RETRY_MAX_NS)
		goroutines->retry_pause_ns *= 2;
	return false;
}

static int namespace_tid(struct sample_goroutines *goroutines, int tid)
{
	uint32_t *known = map_put(&goroutines->tids, (uint64_t)tid);

	if (*known == MAP_NONE)
		*known = (uint32_t)process_namespace_tid(tid);
	return (int)*known;
}

static struct profile_label label_of(struct profile *profile, struct str key,
				     struct str value)
{
	return (struct profile_label){
		.key = profile_intern(profile, key),
		.string = profile_intern(profile, value),
	};
}

// The set is read each time: its memory may have been given to another one.
static uint32_t label_row(struct sample_goroutines *goroutines,
			  const struct current_goroutine *goroutine)
{
	struct goroutine_labels reader = { .process = goroutines->process };
	struct go_label_list list = goroutine_labels_at(&reader, goroutine->labels);
	struct profile *profile = goroutines->samples->tally.profile;
	struct profile_label labels[LABELS_MAX];
	size_t count = 0;
	char id[24];
	uint32_t row;

	snprintf(id, sizeof(id), "%" PRIu64, goroutine->id);
	labels[count++] = label_of(profile, STR("goroutine"), str_from(id));
	for (size_t i = 0; i < list.count && count < LABELS_MAX; i++)
		labels[count++] =
			label_of(profile, list.labels[i].key, list.labels[i].value);
	row = profile_builder_labels(&goroutines->samples->tally.builder, labels, count);
	goroutine_labels_deinit(&reader);
	return row;
}

// The labels that two readings of one goroutine agree on.
static uint32_t common_labels(struct sample_goroutines *goroutines, uint32_t a,
			      uint32_t b)
{
	struct tally *tally = &goroutines->samples->tally;
	const struct profile_label_sets *sets = &tally->profile->label_sets;
	struct profile_label labels[LABELS_MAX];
	size_t count = 0;

	if (a == b)
		return a;
	for (uint32_t i = sets->offsets[a]; i < sets->offsets[a + 1]; i++) {
		for (uint32_t j = sets->offsets[b]; j < sets->offsets[b + 1]; j++) {
			const struct profile_label *x = &sets->labels[i];
			const struct profile_label *y = &sets->labels[j];

			if (x->key == y->key && x->string == y->string)
				labels[count++] = *x;
		}
	}
	return profile_builder_labels(&tally->builder, labels, count);
}

// What of it also held when the sample was taken: all that was read at once, else what an
// earlier reading of that goroutine, from before the sample, says as well.
static uint32_t held_labels(struct sample_goroutines *goroutines, const struct note *note,
			    uint64_t id, uint64_t read_ns)
{
	uint32_t *row = map_put(&goroutines->known_rows, id);
	struct known now = { read_ns, note->labels }, before = { UINT64_MAX, 0 };

	if (*row == MAP_NONE) {
		goroutines->known =
			table_reserve(goroutines->known, &goroutines->known_capacity,
				      goroutines->known_count + 1, sizeof(now));
		*row = (uint32_t)goroutines->known_count++;
	} else {
		before = goroutines->known[*row];
	}
	goroutines->known[*row] = now;
	if (note->is_at_once)
		return note->labels;
	return before.read_ns < note->time_ns
		       ? common_labels(goroutines, before.labels, note->labels)
		       : 0;
}

static void note_delay(struct sample_goroutines *goroutines, uint64_t delay_ns)
{
	uint64_t us = delay_ns / 1000;

	goroutines->delays_us =
		table_reserve(goroutines->delays_us, &goroutines->delay_capacity,
			      goroutines->delay_count + 1, sizeof(uint32_t));
	goroutines->delays_us[goroutines->delay_count++] =
		us < UINT32_MAX ? (uint32_t)us : UINT32_MAX;
}

static bool is_on_stack(const struct current_goroutine *goroutine, uint64_t address)
{
	return goroutine->stack_low <= address && address < goroutine->stack_high;
}

// Frame pointers lead from the stack that was copied to the one it serves.
static bool leads_to(const struct perf_sample *sample,
		     const struct current_goroutine *goroutine)
{
	struct memory_bytes stack = memory_from_bytes(sample->registers.value[UNWIND_RSP],
						      sample->stack, sample->stack_size);
	uint64_t frame = sample->registers.value[UNWIND_RBP];

	for (int i = 0; i < FRAMES_MAX && !is_on_stack(goroutine, frame); i++) {
		if (!memory_read_u64(&stack.memory, frame, &frame))
			return false;
	}
	return is_on_stack(goroutine, frame);
}

static bool is_evident(const struct current_goroutine *goroutine,
		       const struct perf_sample *sample)
{
	const uint64_t *registers = sample->registers.value;

	return sample->has_user && (is_on_stack(goroutine, registers[UNWIND_RSP]) ||
				    registers[UNWIND_R14] == goroutine->address ||
				    leads_to(sample, goroutine));
}

static void read_note(struct sample_goroutines *goroutines,
		      const struct perf_record *record, struct note *note)
{
	struct current_goroutine first, second;
	int tid = namespace_tid(goroutines, record->tid);
	uint64_t read_ns;

	if (!current_goroutine_read(goroutines->reader, tid, &first))
		return;
	read_ns = (uint64_t)clock_now_ns();
	note->labels = label_row(goroutines, &first);
	note->is_at_once = read_ns - note->time_ns <= AT_ONCE_NS;
	note->is_evident = is_evident(&first, &record->sample);
	// The set may have been let go of, and its memory filled anew, meanwhile.
	if (!current_goroutine_read(goroutines->reader, tid, &second) ||
	    second.id != first.id || second.labels != first.labels)
		note->labels = 0;
	else
		note->labels = held_labels(goroutines, note, first.id, read_ns);
	if (note->labels != 0)
		note_delay(goroutines, read_ns - note->time_ns);
}

static void look_at_sample(struct attach_sink *sink, const struct perf_record *record)
{
	struct sample_goroutines *goroutines = (struct sample_goroutines *)sink;
	struct note note = { .time_ns = record->time_ns, .tid = record->tid };

	if (record->pid != goroutines->pid)
		return;
	read_note(goroutines, record, &note);
	if (note.labels == 0)
		return;
	goroutines->notes = table_reserve(goroutines->notes, &goroutines->note_capacity,
					  goroutines->note_count + 1, sizeof(note));
	*map_put(&goroutines->rows, key_of(note.tid, note.time_ns)) =
		(uint32_t)goroutines->note_count;
	goroutines->notes[goroutines->note_count++] = note;
}

struct sample_goroutines *sample_goroutines_create(struct samples *samples, int pid)
{
	struct sample_goroutines *goroutines = table_zeroed(1, sizeof(*goroutines));

	goroutines->look.record = look_at_sample;
	goroutines->labeller.row_of = row_of;
	goroutines->samples = samples;
	goroutines->pid = pid;
	goroutines->retry_pause_ns = RETRY_FIRST_NS;
	samples->labeller = &goroutines->labeller;
	return goroutines;
}

void sample_goroutines_destroy(struct sample_goroutines *goroutines)
{
	if (goroutines == NULL)
		return;
	goroutines->samples->labeller = NULL;
	current_goroutine_close(goroutines->reader);
	if (goroutines->process != NULL)
		go_process_close(goroutines->process);
	map_deinit(&goroutines->tids);
	map_deinit(&goroutines->rows);
	map_deinit(&goroutines->known_rows);
	free(goroutines->notes);
	free(goroutines->known);
	free(goroutines->delays_us);
	free(goroutines);
}

void sample_goroutines_look(struct sample_goroutines *goroutines, struct attach *attach)
{
	if (goroutines->process != NULL)
		attach_look(attach, &goroutines->look);
}

void sample_goroutines_forget(struct sample_goroutines *goroutines, uint64_t until_ns)
{
	size_t kept = 0;

	map_deinit(&goroutines->rows);
	goroutines->rows = (struct map){ 0 };
	for (size_t i = 0; i < goroutines->note_count; i++) {
		struct note note = goroutines->notes[i];

		if (note.time_ns <= until_ns)
			continue;
		*map_put(&goroutines->rows, key_of(note.tid, note.time_ns)) =
			(uint32_t)kept;
		goroutines->notes[kept++] = note;
	}
	goroutines->note_count = kept;
}

static int compare_delays(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

void sample_goroutines_comment(struct sample_goroutines *goroutines,
			       struct profile *profile)
{
	size_t n = goroutines->delay_count;
	char text[160];

	if (goroutines->process == NULL)
		return;
	if (n > 0)
		qsort(goroutines->delays_us, n, sizeof(uint32_t), compare_delays);
	snprintf(text, sizeof(text),
		 "goprof: goroutines of %" PRIu64 " of %" PRIu64
		 " samples, with the labels they had %u us later (median; at most %u us)",
		 goroutines->labelled, goroutines->total,
		 n == 0 ? 0 : goroutines->delays_us[n / 2],
		 n == 0 ? 0 : goroutines->delays_us[n - 1]);
	profile_add_comment(profile, str_from(text));
}
