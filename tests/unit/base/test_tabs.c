// Columns as text/tabwriter aligns them.
#include "base/tabs.h"

#include "base/writer.h"
#include "test.h"

static void add(struct tabs *tabs, const char *a, const char *b, const char *c)
{
	struct str cells[] = { str_from(a), str_from(b), str_from(c) };

	tabs_add(tabs, cells, c == NULL ? 2 : 3);
}

TEST(tabs_align_columns_of_lines_that_follow_each_other)
{
	struct writer w = writer_to_memory();
	struct tabs tabs = { 0 };

	add(&tabs, "#", "main.a+0x1", "/a.go:1");
	add(&tabs, "#", "main.much_longer+0x1", "/b.go:2");
	tabs_flush(&tabs, &w);
	add(&tabs, "#", "main.a+0x1", "/a.go:1");
	tabs_flush(&tabs, &w);
	CHECK_STR(writer_contents(&w), "#\tmain.a+0x1\t\t/a.go:1\n"
				       "#\tmain.much_longer+0x1\t/b.go:2\n"
				       "#\tmain.a+0x1\t/a.go:1\n");
	tabs_deinit(&tabs);
	writer_deinit(&w);
}

TEST(tabs_begin_a_column_anew_behind_a_line_without_it)
{
	struct writer w = writer_to_memory();
	struct tabs tabs = { 0 };

	add(&tabs, "#", "0x1234567890", "x");
	add(&tabs, "#", "0x1", NULL);
	add(&tabs, "#", "0x2", "x");
	tabs_flush(&tabs, &w);
	CHECK_STR(writer_contents(&w), "#\t0x1234567890\tx\n#\t0x1\n#\t0x2\tx\n");
	tabs_deinit(&tabs);
	writer_deinit(&w);
}
