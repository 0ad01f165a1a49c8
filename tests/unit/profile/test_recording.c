// The table of libgoprof: what it holds, how it ends when it is full, and what it
// becomes.
#include "profile/recording.h"

#include <pthread.h>

#include "base/error.h"
#include "base/pages.h"
#include "base/writer.h"
#include "profile/profile.h"
#include "profile/proto.h"
#include "profile/recording_encode.h"
#include "profile/recording_kinds.h"
#include "test.h"

enum { SIZE = 64 << 10 };

static struct recording *create(void)
{
	struct recording *recording = pages_map(SIZE);

	recording_init(recording, SIZE);
	return recording;
}

static struct recording_bucket *add(struct recording *recording, enum recording_kind kind,
				    uint64_t size, uint64_t address, uint32_t labels)
{
	uint64_t words[] = { address, 0x5000 };
	struct recording_key key = { .kind = kind,
				     .size = size,
				     .labels = labels,
				     .epoch = recording->epoch,
				     .words = words,
				     .count = 2 };

	return recording_add(recording, &key);
}

TEST(recording_folds_equal_keys)
{
	struct recording *recording = create();
	struct recording_bucket *bucket = add(recording, RECORDING_HEAP, 8, 0x1000, 0);

	CHECK(bucket != NULL);
	CHECK(add(recording, RECORDING_HEAP, 8, 0x1000, 0) == bucket);
	CHECK(add(recording, RECORDING_HEAP, 9, 0x1000, 0) != bucket);
	CHECK(add(recording, RECORDING_CPU, 8, 0x1000, 0) != bucket);
	CHECK(add(recording, RECORDING_HEAP, 8, 0x1001, 0) != bucket);
	CHECK(add(recording, RECORDING_HEAP, 8, 0x1000, 1) != bucket);
	pages_unmap(recording, SIZE);
}

TEST(recording_is_full_at_its_end)
{
	struct recording *recording = create();
	uint64_t count = 0, listed = 0, cursor = 0;

	while (add(recording, RECORDING_CPU, 0, 0x1000 + count, 0) != NULL)
		count++;
	CHECK(recording->buckets_end <= SIZE);
	CHECK(count > 400);
	// What was there is still found, and nothing else.
	CHECK(add(recording, RECORDING_CPU, 0, 0x1000, 0) != NULL);
	while (recording_next(recording, RECORDING_CPU, &cursor) != NULL)
		listed++;
	CHECK_INT(listed, count);
	pages_unmap(recording, SIZE);
}

static void *count_together(void *recording)
{
	for (uint64_t i = 0; i < 20000; i++) {
		struct recording_bucket *bucket =
			add(recording, RECORDING_CPU, 0, 0x1000 + i % 100, 0);

		atomic_fetch_add(&bucket->events[0], 1);
	}
	return NULL;
}

TEST(recording_is_shared_by_threads)
{
	enum { THREADS = 4 };
	struct recording *recording = create();
	const struct recording_bucket *bucket;
	pthread_t threads[THREADS];
	uint64_t cursor = 0, buckets = 0;

	for (int i = 0; i < THREADS; i++)
		CHECK(pthread_create(&threads[i], NULL, count_together, recording) == 0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	while ((bucket = recording_next(recording, RECORDING_CPU, &cursor)) != NULL) {
		CHECK_INT(bucket->events[0], THREADS * 20000 / 100);
		buckets++;
	}
	CHECK_INT(buckets, 100);
	pages_unmap(recording, SIZE);
}

static void add_module(struct recording *recording, const char *path, uint64_t start,
		       uint32_t first_epoch, uint32_t last_epoch)
{
	struct recording_module module = {
		.start = start,
		.limit = start + 0x1000,
		.path = recording_add_text(recording, str_from(path)),
		.build_id = recording_add_text(recording, STR("abcd")),
	};
	struct recording_key key = { .kind = RECORDING_MODULE,
				     .words = (uint64_t *)&module,
				     .count = sizeof(module) / sizeof(uint64_t) };
	struct recording_bucket *bucket = recording_add(recording, &key);

	bucket->events[0] = first_epoch;
	bucket->events[1] = last_epoch;
}

static struct profile *encode(const struct recording *recording, const char *name)
{
	struct recording_encode_options options = {
		.profile = recording_find_profile(str_from(name)),
		.now_ns = 3000,
	};
	struct writer w = writer_to_memory();
	struct profile *profile = NULL;
	struct error err;

	CHECK(recording_encode(recording, &options, &w));
	CHECK(proto_decode(writer_contents(&w), &profile, &err));
	writer_deinit(&w);
	return profile;
}

TEST(recording_becomes_a_profile)
{
	struct recording *recording = create();
	uint64_t words[] = { recording_add_text(recording, STR("key")),
			     recording_add_text(recording, STR("value")) };
	struct recording_key labels = { .kind = RECORDING_LABELS,
					.words = words,
					.count = 2 };
	uint32_t set = recording_id(recording, recording_add(recording, &labels));
	struct recording_bucket *bucket =
		add(recording, RECORDING_HEAP, 100, 0x1010, set);
	struct profile *profile;

	add_module(recording, "/lib/one.so", 0x1000, 1, 0);
	recording->states[RECORDING_HEAP].period = 1;
	recording->states[RECORDING_HEAP].started_ns = 1000;
	bucket->events[0] = 7;
	bucket->events[1] = 3;
	profile = encode(recording, "heap");
	CHECK_INT(profile->sample_count, 1);
	CHECK_INT(profile_values(profile, 0)[0], 7);
	CHECK_INT(profile_values(profile, 0)[1], 700);
	CHECK_INT(profile_values(profile, 0)[2], 4);
	CHECK_INT(profile_values(profile, 0)[3], 400);
	CHECK_INT(profile->duration_ns, 2000);
	CHECK_INT(profile->mapping_count, 1);
	CHECK_INT(profile->location_count, 2);
	CHECK_INT(profile->locations[0].address, 0x1010);
	CHECK_INT(profile->locations[0].mapping, 0);
	CHECK_INT(profile->locations[1].mapping, PROFILE_NONE);
	// The label, and the size of the blocks.
	CHECK_INT(profile_labels(profile, profile->sample_labels[0]).count, 2);
	profile_destroy(profile);
	pages_unmap(recording, SIZE);
}

TEST(recording_scales_samples)
{
	struct recording *recording = create();
	struct profile *profile;

	recording->states[RECORDING_HEAP].period = 1000;
	add(recording, RECORDING_HEAP, 1000, 0x1010, 0)->events[0] = 1000;
	profile = encode(recording, "allocs");
	// 1000 / (1 - 1/e)
	CHECK_INT(profile_values(profile, 0)[0], 1582);
	CHECK_INT(profile_values(profile, 0)[1], 1581977);
	profile_destroy(profile);
	pages_unmap(recording, SIZE);
}

TEST(recording_tells_modules_by_epoch)
{
	struct recording *recording = create();
	struct profile *profile;

	add_module(recording, "/lib/first.so", 0x1000, 1, 1);
	add(recording, RECORDING_CPU, 0, 0x1010, 0)->events[0] = 1;
	recording->epoch = 2;
	add_module(recording, "/lib/second.so", 0x1000, 2, 0);
	add(recording, RECORDING_CPU, 0, 0x1010, 0)->events[0] = 1;
	profile = encode(recording, "profile");
	CHECK_INT(profile->sample_count, 2);
	CHECK(profile->locations[profile_stack(profile, profile->sample_stacks[0])
					 .locations[0]]
		      .mapping !=
	      profile->locations[profile_stack(profile, profile->sample_stacks[1])
					 .locations[0]]
		      .mapping);
	profile_destroy(profile);
	pages_unmap(recording, SIZE);
}

TEST(recording_head_is_checked)
{
	struct recording *recording = create();

	CHECK(recording_is_valid(recording, SIZE));
	CHECK(!recording_is_valid(recording, SIZE - 1));
	recording->slot_count *= 2;
	CHECK(!recording_is_valid(recording, SIZE));
	recording->slot_count /= 2;
	recording->version++;
	CHECK(!recording_is_valid(recording, SIZE));
	pages_unmap(recording, SIZE);
}
