// Tests of choosing a layout by release.
#include "golang/layout.h"

#include "golang/layout_table.h"
#include "test.h"

static const struct go_layout *layout_of(const char *text)
{
	struct go_version version;

	CHECK(go_version_parse(str_from(text), &version));
	return go_layout_find(version);
}

TEST(layout_knows_where_patch_releases_part)
{
	CHECK_INT(layout_of("go1.19")->mspan.size, 136);
	CHECK_INT(layout_of("go1.19.3")->mspan.free_index_for_scan, GO_ABSENT);
	CHECK_INT(layout_of("go1.19.4")->mspan.size, 144);
	CHECK(layout_of("go1.21.5")->debug.gctrace !=
	      layout_of("go1.21.6")->debug.gctrace);
	CHECK(layout_of("go1.23.3")->work.heap0 != layout_of("go1.23.4")->work.heap0);
	CHECK(layout_of("go1.23.11")->m.alllink != layout_of("go1.23.12")->m.alllink);
	CHECK(layout_of("go1.24.5")->m.alllink != layout_of("go1.24.6")->m.alllink);
	CHECK(layout_of("go1.22.0") == layout_of("go1.22.12"));
}

TEST(layout_says_which_fields_a_release_lacks)
{
	CHECK_INT(layout_of("go1.26.0")->mem_record_cycle.size, 32);
	CHECK_INT(layout_of("go1.27.0")->mem_record_cycle.size, 16);
	CHECK_INT(layout_of("go1.27.0")->mem_record_cycle.alloc_bytes, GO_ABSENT);
	CHECK_INT(layout_of("go1.20.3")->g.parent_goid, GO_ABSENT);
	CHECK_INT(layout_of("go1.21.0")->g.parent_goid, 272);
	CHECK_INT(layout_of("go1.21.0")->mspan.nelems_size, 8);
	CHECK_INT(layout_of("go1.22.0")->mspan.nelems_size, 2);
}

TEST(layout_trusts_later_patch_releases_but_says_so)
{
	struct go_version later = { .minor = 26, .patch = 200 };
	struct go_version known = { .minor = 26, .patch = 3 };
	const struct go_layout *layout = go_layout_find(later);

	CHECK(layout != NULL && layout == go_layout_find(known));
	CHECK(go_layout_is_measured(layout, known));
	CHECK(!go_layout_is_measured(layout, later));
}

TEST(layout_refuses_what_it_does_not_know)
{
	CHECK(layout_of("go1.18.10") == NULL);
	CHECK(layout_of("go1.28.0") == NULL);
	CHECK(layout_of("go1.27rc1") == NULL);
	CHECK(layout_of("go1.26.7 X:nogreenteagc") == NULL);
	CHECK(layout_of("go1.25.1 X:jsonv2") != NULL);
}

TEST(layout_table_is_in_order_and_without_gaps_in_a_line)
{
	for (size_t i = 1; i < go_layout_table_count; i++) {
		const struct go_layout *before = &go_layout_table[i - 1];
		const struct go_layout *now = &go_layout_table[i];

		CHECK(go_version_compare(before->last, now->first) < 0);
		if (before->first.minor == now->first.minor)
			CHECK_INT(now->first.patch, before->last.patch + 1);
		else
			CHECK(before->last.patch == GO_PATCH_ANY &&
			      now->first.patch == 0);
	}
}
