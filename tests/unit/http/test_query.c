// Parameters and escapes.
#include "http/query.h"
#include "test.h"

TEST(http_query_finds_the_first_value)
{
	char buffer[16];
	struct str query = STR("a=1&&b=x%2By+z&a=2&flag&e=");

	CHECK_STR(http_query_value(query, STR("a"), buffer, sizeof(buffer)), "1");
	CHECK_STR(http_query_value(query, STR("b"), buffer, sizeof(buffer)), "x+y z");
	CHECK_INT(http_query_value(query, STR("e"), buffer, sizeof(buffer)).n, 0);
	CHECK_INT(http_query_value(query, STR("none"), buffer, sizeof(buffer)).n, 0);
	CHECK(http_query_has(query, STR("flag")) && !http_query_has(query, STR("g")));
}

TEST(http_query_bounds_values)
{
	char buffer[4];

	CHECK_STR(http_query_value(STR("a=1234"), STR("a"), buffer, 4), "1234");
	CHECK_INT(http_query_value(STR("a=12345"), STR("a"), buffer, 4).n, 0);
	CHECK_INT(http_query_value(STR("a=%4"), STR("a"), buffer, 4).n, 0);
	CHECK_INT(http_query_value(STR("a=%00"), STR("a"), buffer, 4).n, 0);
}
