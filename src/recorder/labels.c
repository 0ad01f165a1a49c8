// A label set is its words: pairs of ids of texts, the newest last. The set without the
// newest pair is found by adding it again, which finds what is there.
#include "recorder/labels.h"

#include <string.h>

#include "profile/recording.h"
#include "recorder/state.h"
#include "recorder/thread.h"

enum { WORDS_MAX = 2 * LABELS_MAX };

static size_t current(struct recording *recording, uint64_t words[WORDS_MAX])
{
	const struct recording_bucket *set =
		recording_at(recording, thread_state.labels, RECORDING_LABELS);

	if (set == NULL || set->count > WORDS_MAX)
		return 0;
	memcpy(words, set->words, set->count * sizeof(*words));
	return set->count;
}

static bool set_labels(struct recording *recording, const uint64_t *words, size_t count)
{
	struct recording_key key = { .kind = RECORDING_LABELS,
				     .words = words,
				     .count = count };
	const struct recording_bucket *set;

	if (count == 0) {
		thread_state.labels = 0;
		return true;
	}
	set = recording_add(recording, &key);
	if (set != NULL)
		thread_state.labels = recording_id(recording, set);
	return set != NULL;
}

enum labels_result labels_push(struct str key, struct str value)
{
	struct recording *recording = state_recording();
	uint64_t words[WORDS_MAX];
	size_t count;

	if (recording == NULL && !state_begin())
		return LABELS_NO_ROOM;
	recording = state_recording();
	count = current(recording, words);
	if (count == WORDS_MAX)
		return LABELS_TOO_MANY;
	words[count] = recording_add_text(recording, key);
	words[count + 1] = recording_add_text(recording, value);
	if (words[count] == 0 || words[count + 1] == 0 ||
	    !set_labels(recording, words, count + 2))
		return LABELS_NO_ROOM;
	return LABELS_DONE;
}

void labels_pop(void)
{
	struct recording *recording = state_recording();
	uint64_t words[WORDS_MAX];
	size_t count = recording == NULL ? 0 : current(recording, words);

	if (count >= 2)
		set_labels(recording, words, count - 2);
}
