// Cutting, searching and reading numbers from views.
#include "base/str.h"
#include "test.h"

TEST(str_cut_yields_every_piece)
{
	struct str rest = STR("a,,b"), piece;

	CHECK(str_cut(&rest, ',', &piece));
	CHECK_STR(piece, "a");
	CHECK(str_cut(&rest, ',', &piece));
	CHECK_STR(piece, "");
	CHECK(str_cut(&rest, ',', &piece));
	CHECK_STR(piece, "b");
	CHECK(!str_cut(&rest, ',', &piece));
}

TEST(str_numbers_are_whole_strings_within_range)
{
	uint64_t u = 1;
	int64_t i = 1;
	double d;

	CHECK(str_to_u64(STR("0x1f"), 0, &u) && u == 0x1f);
	CHECK(str_to_u64(STR("18446744073709551615"), 10, &u) && u == UINT64_MAX);
	CHECK(!str_to_u64(STR("18446744073709551616"), 10, &u));
	CHECK(!str_to_u64(STR("12 "), 10, &u));
	CHECK(!str_to_u64(STR(""), 10, &u));
	CHECK(str_to_i64(STR("-9223372036854775808"), 10, &i) && i == INT64_MIN);
	CHECK(!str_to_i64(STR("9223372036854775808"), 10, &i));
	CHECK(str_to_i64(STR("0b101"), 0, &i) && i == 5);
	CHECK(str_to_double(STR("0.25"), &d) && d == 0.25);
	CHECK(!str_to_double(STR("0.25x"), &d));
}

TEST(str_search_and_slices_stay_inside)
{
	CHECK_INT(str_find(STR("abcabc"), STR("ca")), 2);
	CHECK_INT(str_find(STR("ab"), STR("abc")), STR_NOT_FOUND);
	CHECK_INT(str_find_last_char(STR("/usr/lib"), '/'), 4);
	CHECK_STR(str_basename(STR("/usr/lib/libc.so.6")), "libc.so.6");
	CHECK_STR(str_slice(STR("abc"), 2, 99), "c");
	CHECK_STR(str_slice(STR("abc"), 5, 1), "");
	CHECK_STR(str_trim(STR(" \t a b\n")), "a b");
	CHECK(str_compare(STR("ab"), STR("abc")) < 0);
	CHECK(str_ends_with(STR("x.pb.gz"), STR(".gz")));
}
