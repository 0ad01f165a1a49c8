// A recording of its own for each look at the threads: labels that differ with each look
// would fill the one that stays.
#include "recorder/thread_row.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/pages.h"
#include "profile/recording.h"
#include "recorder/state.h"
#include "recorder/thread_origin.h"

enum { LABELS = 10, ORIGIN_FRAMES = 6, TEXT_SIZE = 160 };

// A label set in the making.
struct labels {
	struct recording *recording;
	uint64_t words[2 * LABELS];
	size_t count;
};

static void put(struct labels *labels, const char *key, const char *value)
{
	if (value[0] == '\0' || labels->count + 2 > 2 * LABELS)
		return;
	labels->words[labels->count++] =
		recording_add_text(labels->recording, str_from(key));
	labels->words[labels->count++] =
		recording_add_text(labels->recording, str_from(value));
}

static void put_number(struct labels *labels, const char *key, int number)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", number);
	put(labels, key, text);
}

static void put_wait(struct labels *labels, const struct thread_row *row)
{
	static const char *const things[] = {
		[TASK_NO_FUTEX] = "",
		[TASK_FUTEX] = "futex",
		[TASK_MUTEX] = "mutex",
		[TASK_JOIN] = "thread",
	};
	char text[TEXT_SIZE];

	if (row->futex.wait == TASK_JOIN)
		snprintf(text, sizeof(text), "thread %d", row->futex.owner);
	else if (row->futex.wait != TASK_NO_FUTEX)
		snprintf(text, sizeof(text), "%s 0x%" PRIx64, things[row->futex.wait],
			 row->place.arguments[0]);
	else if (task_wait_is_on_file(&row->place))
		snprintf(text, sizeof(text), "fd %d", (int)row->place.arguments[0]);
	else
		return;
	put(labels, "waits_on", text);
	if (row->futex.wait == TASK_MUTEX && row->futex.owner != 0)
		put_number(labels, "owner", row->futex.owner);
}

// The innermost frames of whoever created the thread, as addresses: names are given to
// them by whoever reads the profile.
static void put_origin(struct labels *labels, int tid)
{
	const struct recording_bucket *creation = recording_at(
		state_recording(), thread_origin_of(tid), RECORDING_THREADCREATE);
	char text[TEXT_SIZE] = "";
	size_t used = 0;

	for (size_t i = 0; creation != NULL && i < creation->count && i < ORIGIN_FRAMES;
	     i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s0x%" PRIx64,
					 i == 0 ? "" : " ", creation->words[i]);
	put(labels, "created_by", text);
}

static uint32_t label_set(const struct thread_row *row, struct recording *recording)
{
	struct labels labels = { .recording = recording };
	struct recording_key key = { .kind = RECORDING_LABELS };
	struct recording_bucket *bucket;

	put(&labels, "thread", row->sleep.name);
	put_number(&labels, "tid", row->tid);
	put(&labels, "state", task_wait_state(&row->place, row->futex.wait));
	put_wait(&labels, row);
	if (row->is_deadlocked)
		put(&labels, "deadlock", "yes");
	if (row->is_blocked)
		put(&labels, "stack", "none: it runs and blocks SIGPROF");
	else if (row->count == 0)
		put(&labels, "stack", "none: it runs and gave no answer");
	put_origin(&labels, row->tid);
	key.words = labels.words;
	key.count = labels.count;
	bucket = recording_add(recording, &key);
	return bucket == NULL ? 0 : recording_id(recording, bucket);
}

void thread_row_count(const struct thread_row *row, struct recording *recording)
{
	struct recording_key key = { .kind = RECORDING_THREADS,
				     .labels = label_set(row, recording),
				     .size = row->waiting_ns,
				     .words = row->addresses,
				     .count = row->count,
				     .epoch = row->epoch,
				     .is_truncated = !row->is_whole };
	struct recording_bucket *bucket = recording_add(recording, &key);

	if (bucket == NULL)
		atomic_fetch_add(&recording->states[RECORDING_THREADS].lost, 1);
	else
		atomic_fetch_add(&bucket->events[0], 1);
}

static void copy_modules(struct recording *to, const struct recording *from)
{
	const struct recording_bucket *bucket;
	uint64_t cursor = 0;

	while ((bucket = recording_next(from, RECORDING_MODULE, &cursor)) != NULL) {
		struct recording_module module;
		struct recording_key key = { .kind = RECORDING_MODULE,
					     .words = (const uint64_t *)&module,
					     .count = sizeof(module) / sizeof(uint64_t) };
		struct recording_bucket *copy;

		memcpy(&module, bucket->words, sizeof(module));
		module.path = recording_add_text(to, recording_text(from, module.path));
		module.build_id =
			recording_add_text(to, recording_text(from, module.build_id));
		copy = recording_add(to, &key);
		for (int i = 0; copy != NULL && i < 2; i++)
			atomic_store(&copy->events[i], atomic_load(&bucket->events[i]));
	}
}

struct recording *thread_row_begin(size_t threads)
{
	enum { BYTES_A_THREAD = 4096 };
	const struct recording *all = state_recording();
	size_t size = RECORDING_SIZE_MIN + threads * BYTES_A_THREAD;
	struct recording *recording = pages_map(size);

	if (recording == NULL)
		return NULL;
	recording_init(recording, size);
	recording->pid = all->pid;
	recording->program =
		recording_add_text(recording, recording_text(all, all->program));
	recording->epoch = all->epoch;
	copy_modules(recording, all);
	return recording;
}
