// Pieces come out whole and in order, whatever their number.
#include "base/pieces.h"
#include "base/writer.h"
#include "test.h"

static void print_rows(const void *context, size_t from, size_t to, struct writer *w)
{
	const char *prefix = context;

	for (size_t i = from; i < to; i++)
		writer_format(w, "%s%zu\n", prefix, i);
}

static bool is_as_in_one(size_t row_count, size_t piece_rows)
{
	struct pieces pieces = { row_count, piece_rows, print_rows, "row " };
	struct writer whole = writer_to_memory(), made = writer_to_memory();
	bool is_equal;

	print_rows("row ", 0, row_count, &whole);
	pieces_write(&pieces, &made);
	is_equal = str_equal(writer_contents(&whole), writer_contents(&made));
	writer_deinit(&whole);
	writer_deinit(&made);
	return is_equal;
}

TEST(pieces_are_written_in_order)
{
	CHECK(is_as_in_one(100000, 37));
	CHECK(is_as_in_one(5000, 1));
}

TEST(pieces_may_be_few_or_none)
{
	CHECK(is_as_in_one(0, 10));
	CHECK(is_as_in_one(10, 10));
	CHECK(is_as_in_one(11, 10));
	CHECK(is_as_in_one(3, 1000));
}
