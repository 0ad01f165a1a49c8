// The cursor fails once, for ever, and yields zeros.
#include "base/reader.h"
#include "test.h"

TEST(reader_remembers_its_first_failure)
{
	static const uint8_t bytes[] = { 1, 2, 3 };
	struct reader r = reader_from(bytes, sizeof(bytes));

	CHECK_INT(reader_u16(&r), 0x201);
	CHECK_INT(reader_u32(&r), 0);
	CHECK(!reader_ok(&r));
	CHECK_INT(reader_u8(&r), 0);
	CHECK_INT(reader_left(&r), 0);
}

TEST(reader_leb128_reads_all_widths)
{
	static const uint8_t bytes[] = { 0x7f, 0x80, 0x01, 0x7f, 0x80, 0x7f, 0xff, 0xff,
					 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01 };
	struct reader r = reader_from(bytes, sizeof(bytes));

	CHECK_INT(reader_uleb(&r), 127);
	CHECK_INT(reader_uleb(&r), 128);
	CHECK_INT(reader_sleb(&r), -1);
	CHECK_INT(reader_sleb(&r), -128);
	CHECK(reader_uleb(&r) == UINT64_MAX);
	CHECK(reader_ok(&r));
	CHECK_INT(reader_uleb(&r), 0);
	CHECK(!reader_ok(&r));
}

TEST(reader_refuses_a_length_beyond_the_input)
{
	static const uint8_t bytes[] = { 1, 2, 3, 0, 'x' };
	struct reader r = reader_from(bytes, sizeof(bytes));
	struct reader sub = reader_sub(&r, 3);

	CHECK_INT(reader_left(&sub), 3);
	CHECK_STR(reader_cstr(&r), "");
	CHECK_STR(reader_cstr(&r), "");
	CHECK(!reader_ok(&r));
	sub = reader_sub(&r, UINT64_MAX);
	CHECK(!reader_ok(&sub));
}
