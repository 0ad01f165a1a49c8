// The view of this process adds up, and shows what it has just allocated.
#include "target/memory_view.h"

#include <sys/mman.h>
#include <unistd.h>

#include "base/error.h"
#include "test.h"

enum { BLOCK = 16 << 20 };

static void read_self(struct memory_view *out)
{
	struct error err;

	if (!memory_view_read(getpid(), out, &err))
		test_fail(__FILE__, __LINE__, "%s", err.text);
}

TEST(memory_view_adds_up)
{
	struct memory_view view;
	uint64_t rows = 0, kinds = 0;

	read_self(&view);
	for (size_t i = 0; i < view.count; i++)
		rows += view.rows[i].sizes.rss;
	for (size_t i = 0; i < MEMORY_VIEW_KIND_COUNT; i++)
		kinds += view.kinds[i].rss;
	CHECK_INT(rows, view.total.rss);
	CHECK_INT(kinds, view.total.rss);
	CHECK(view.total.pss <= view.total.rss && view.total.rss <= view.total.size);
	CHECK(view.kinds[MEMORY_VIEW_CODE].rss > 0);
	CHECK(view.kinds[MEMORY_VIEW_STACK].mappings >= 1);
	memory_view_deinit(&view);
}

TEST(memory_view_shows_what_was_written)
{
	struct memory_view before, after;
	char *block = mmap(NULL, BLOCK, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(block != MAP_FAILED);
	read_self(&before);
	memset(block, 1, BLOCK);
	read_self(&after);
	CHECK(after.kinds[MEMORY_VIEW_ANONYMOUS].rss >=
	      before.kinds[MEMORY_VIEW_ANONYMOUS].rss + BLOCK);
	CHECK(after.total.dirty >= before.total.dirty + BLOCK);
	munmap(block, BLOCK);
	memory_view_deinit(&before);
	memory_view_deinit(&after);
}

TEST(memory_view_of_nobody)
{
	struct memory_view view;
	struct error err;

	CHECK(!memory_view_read(INT32_MAX, &view, &err));
	CHECK_INT(err.code, ERROR_NOT_FOUND);
}
