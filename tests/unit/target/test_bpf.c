// A ring as the kernel leaves it: records, one thrown away, one not written yet.
#include "target/bpf.h"

#include <string.h>

#include "test.h"

enum { SIZE = 64 };

struct fake {
	uint64_t consumed, produced;
	_Alignas(8) uint8_t data[2 * SIZE]; // the second half is the first once more
	struct bpf_ring ring;
};

static void put(struct fake *fake, uint32_t header, const char *text)
{
	size_t at = fake->produced & (SIZE - 1);
	uint32_t length = header & ~(BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT);

	memcpy(fake->data + at, &header, sizeof(header));
	memcpy(fake->data + at + BPF_RINGBUF_HDR_SZ, text, length);
	fake->produced += (length + BPF_RINGBUF_HDR_SZ + 7) & ~(uint64_t)7;
}

static void begin(struct fake *fake)
{
	memset(fake, 0, sizeof(*fake));
	fake->ring = (struct bpf_ring){
		.consumed = &fake->consumed,
		.produced = &fake->produced,
		.data = fake->data,
		.size = SIZE,
	};
}

TEST(bpf_ring_gives_records_in_order)
{
	struct fake fake;
	struct str record;

	begin(&fake);
	put(&fake, 5, "first");
	put(&fake, 3 | BPF_RINGBUF_DISCARD_BIT, "not");
	put(&fake, 8, "secondly");
	CHECK(bpf_ring_next(&fake.ring, &record));
	CHECK_STR(record, "first");
	CHECK_INT(fake.consumed, 0);
	CHECK(bpf_ring_next(&fake.ring, &record));
	CHECK_STR(record, "secondly");
	CHECK_INT(fake.consumed, 32);
	CHECK(!bpf_ring_next(&fake.ring, &record));
	CHECK_INT(fake.consumed, 48);
}

TEST(bpf_ring_waits_for_records_that_are_being_written)
{
	struct fake fake;
	struct str record;

	begin(&fake);
	put(&fake, 4 | BPF_RINGBUF_BUSY_BIT, "half");
	CHECK(!bpf_ring_next(&fake.ring, &record));
	CHECK_INT(fake.consumed, 0);
	fake.data[3] &= 0x7f;
	CHECK(bpf_ring_next(&fake.ring, &record));
	CHECK_STR(record, "half");
}
