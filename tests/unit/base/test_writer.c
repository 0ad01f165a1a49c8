// Numbers in columns.
#include "base/writer.h"

#include <stdint.h>

#include "test.h"

TEST(writer_pads_numbers_in_front)
{
	struct writer w = writer_to_memory();

	writer_i64_wide(&w, 42, 5);
	writer_i64_wide(&w, -42, 5);
	writer_i64_wide(&w, 123456, 5);
	writer_i64_wide(&w, 0, 1);
	CHECK_STR(writer_contents(&w), "   42  -421234560");
	w.used = 0;
	writer_i64_wide(&w, INT64_MIN, 22);
	CHECK_STR(writer_contents(&w), "  -9223372036854775808");
	writer_deinit(&w);
}
