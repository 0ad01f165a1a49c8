// Addresses as options of a report.
#include "base/arena.h"
#include "base/error.h"
#include "report/options.h"
#include "test.h"
#include "web/url_options.h"

TEST(url_options_take_pprofs_names)
{
	struct report_options options = report_options_default();
	struct arena arena = { 0 };
	struct error err = { 0 };

	CHECK(url_options_take(STR("f=a%2Bb&g=lines&sort=cum&n=12&trim=f&si=cpu&x=y"),
			       &arena, &options, &err));
	CHECK_STR(options.focus, "a+b");
	CHECK_INT(options.granularity, GRANULARITY_LINES);
	CHECK_INT(options.sort, SORT_CUM);
	CHECK_INT(options.node_count, 12);
	CHECK(!options.trim);
	CHECK_STR(options.sample_index, "cpu");
	arena_deinit(&arena);
}

TEST(url_options_empty_takes_a_filter_away)
{
	struct report_options options = report_options_default();
	struct arena arena = { 0 };
	struct error err = { 0 };

	options.focus = STR("main");
	CHECK(url_options_take(STR("f="), &arena, &options, &err));
	CHECK_INT(options.focus.n, 0);
	arena_deinit(&arena);
}

TEST(url_options_refuse_what_they_do_not_understand)
{
	struct report_options options = report_options_default();
	struct arena arena = { 0 };
	struct error err = { 0 };

	CHECK(!url_options_take(STR("n=many"), &arena, &options, &err));
	CHECK_INT(err.code, ERROR_USAGE);
	CHECK(!url_options_take(STR("f=%0"), &arena, &options, &err));
	arena_deinit(&arena);
}
