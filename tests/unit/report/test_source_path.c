// Cleaning and trimming of source file names.
#include "report/source_path.h"

#include "base/arena.h"
#include "base/cleanup.h"
#include "test.h"

TEST(source_path_clean_resolves_dots)
{
	CLEANUP_ARENA struct arena a = { 0 };

	CHECK_STR(source_path_clean(&a, STR("/a/b/../c//d/.")), "/a/c/d");
	CHECK_STR(source_path_clean(&a, STR("../../x")), "../../x");
	CHECK_STR(source_path_clean(&a, STR("a/../../b")), "../b");
	CHECK_STR(source_path_clean(&a, STR("/../x")), "/x");
	CHECK_STR(source_path_clean(&a, STR("")), ".");
	CHECK_STR(source_path_clean(&a, STR("/")), "/");
	CHECK_STR(source_path_clean(&a, STR("a/b/")), "a/b");
}

TEST(source_path_trim_by_prefix)
{
	struct str none = STR("");

	CHECK_STR(source_path_trim(STR("/build/x/y.c"), STR("/other:/build"), none),
		  "x/y.c");
	CHECK_STR(source_path_trim(STR("/builder/x.c"), STR("/build"), none),
		  "/builder/x.c");
	CHECK_STR(source_path_trim(STR("/proc/self/cwd/./x.c"), none, none), "x.c");
}

TEST(source_path_trim_by_source_folder)
{
	CHECK_STR(source_path_trim(STR("/far/away/project/x.c"), STR(""),
				   STR("/home/me/project")),
		  "x.c");
}
