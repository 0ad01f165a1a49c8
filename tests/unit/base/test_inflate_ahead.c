// Bytes that come while they are read, and files that are not what they state.
#include "base/inflate_ahead.h"

#include <unistd.h>

#include "base/cleanup.h"
#include "base/inflate.h"
#include "test.h"

enum { SIZE = 3 << 20 };

struct sample {
	uint8_t *plain, *packed; // room for two members
	size_t size;
};

static struct sample make_sample(void)
{
	struct sample sample = { .plain = malloc(SIZE) };
	uint8_t *packed;
	uint32_t random = 7;

	for (size_t i = 0; i < SIZE; i++) {
		random = random * 1664525 + 1013904223;
		sample.plain[i] = (uint8_t)(random >> 26);
	}
	inflate_make_gzip((struct str){ (char *)sample.plain, SIZE }, 1, &packed,
			  &sample.size);
	sample.packed = malloc(2 * sample.size);
	memcpy(sample.packed, packed, sample.size);
	free(packed);
	return sample;
}

static void free_sample(struct sample *sample)
{
	free(sample->plain);
	free(sample->packed);
}

// Whether all came, to the end.
static bool read_all(struct inflate_ahead *ahead, const uint8_t *plain)
{
	size_t known = 0;
	struct str now = inflate_ahead_wait(ahead, 0);

	while (now.n > known) {
		if (memcmp(now.p + known, plain + known, now.n - known) != 0)
			break;
		known = now.n;
		now = inflate_ahead_wait(ahead, known);
	}
	return inflate_ahead_stop(ahead) && known == SIZE;
}

static bool has_one_processor(void)
{
	return sysconf(_SC_NPROCESSORS_ONLN) < 2;
}

TEST(inflate_ahead_brings_everything)
{
	struct sample sample = make_sample();
	struct inflate_ahead *ahead = inflate_ahead_start(
		(struct str){ (char *)sample.packed, sample.size }, INFLATE_AHEAD_BYTES);

	CHECK((ahead == NULL) == has_one_processor());
	if (ahead != NULL) {
		CHECK_INT(inflate_ahead_size(ahead), SIZE);
		CHECK(read_all(ahead, sample.plain));
	}
	free_sample(&sample);
}

TEST(inflate_ahead_tells_a_wrong_sum_and_a_second_member)
{
	struct sample sample = make_sample();
	struct inflate_ahead *ahead;

	memcpy(sample.packed + sample.size, sample.packed, sample.size);
	ahead = inflate_ahead_start((struct str){ (char *)sample.packed,
						  2 * sample.size },
				    INFLATE_AHEAD_BYTES);
	CHECK(ahead == NULL || !read_all(ahead, sample.plain));
	sample.packed[sample.size - 8] ^= 1;
	ahead = inflate_ahead_start((struct str){ (char *)sample.packed, sample.size },
				    INFLATE_AHEAD_BYTES);
	CHECK(ahead == NULL || !read_all(ahead, sample.plain));
	free_sample(&sample);
}

TEST(inflate_ahead_can_be_stopped_early)
{
	struct sample sample = make_sample();
	struct inflate_ahead *ahead = inflate_ahead_start(
		(struct str){ (char *)sample.packed, sample.size }, INFLATE_AHEAD_BYTES);

	if (ahead != NULL)
		(void)inflate_ahead_stop(ahead);
	ahead = inflate_ahead_start((struct str){ (char *)sample.packed, 1000 },
				    INFLATE_AHEAD_BYTES);
	CHECK(ahead == NULL); // small
	free_sample(&sample);
}
