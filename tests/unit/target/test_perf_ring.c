// The ring: records that wrap around, and giving room back.
#include "target/perf_ring.h"

#include <stdlib.h>
#include <string.h>

#include "test.h"

enum { RING_BYTES = 64 };

// A ring whose kernel is this test.
struct fake {
	struct perf_event_mmap_page page;
	_Alignas(8) uint8_t data[RING_BYTES];
	uint8_t joined[UINT16_MAX + 1];
	struct perf_ring ring;
};

static struct fake *fake_create(void)
{
	struct fake *fake = calloc(1, sizeof(*fake));

	fake->ring = (struct perf_ring){
		.page = &fake->page,
		.data = fake->data,
		.size = RING_BYTES,
		.joined = fake->joined,
	};
	return fake;
}

static void fake_write(struct fake *fake, uint16_t size, uint8_t fill)
{
	struct perf_event_header header = { PERF_RECORD_LOST, 0, size };
	uint8_t bytes[RING_BYTES];

	memset(bytes, fill, size);
	memcpy(bytes, &header, sizeof(header));
	for (uint16_t i = 0; i < size; i++)
		fake->data[(fake->page.data_head + i) % RING_BYTES] = bytes[i];
	fake->page.data_head += size;
}

TEST(perf_ring_reads_in_order_and_across_the_end)
{
	struct fake *fake = fake_create();

	perf_ring_refresh(&fake->ring);
	CHECK(perf_ring_peek(&fake->ring) == NULL);
	for (unsigned i = 0; i < 20; i++) {
		uint16_t size = (uint16_t)(24 + 8 * (i % 3));
		const struct perf_event_header *header;

		fake_write(fake, size, (uint8_t)i);
		CHECK(perf_ring_peek(&fake->ring) == NULL);
		perf_ring_refresh(&fake->ring);
		header = perf_ring_peek(&fake->ring);
		CHECK(header != NULL);
		CHECK_INT(header->size, size);
		CHECK_INT(((const uint8_t *)header)[8], i);
		CHECK_INT(((const uint8_t *)header)[size - 1], i);
		perf_ring_advance(&fake->ring);
		CHECK(perf_ring_peek(&fake->ring) == NULL);
		perf_ring_release(&fake->ring);
		CHECK_INT(fake->page.data_tail, fake->page.data_head);
	}
	free(fake);
}

TEST(perf_ring_gives_up_on_a_damaged_record)
{
	struct fake *fake = fake_create();

	fake_write(fake, 24, 1);
	fake->data[6] = 0; // its size
	perf_ring_refresh(&fake->ring);
	CHECK(perf_ring_peek(&fake->ring) == NULL);
	CHECK_INT(fake->ring.tail, fake->ring.head);
	free(fake);
}
