// What settings take, and what they write.
#include "golang/settings.h"

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "golang/layout_table.h"
#include "image.h"
#include "test.h"

static int64_t parsed(const char *text)
{
	struct go_setting_change change;
	struct error err;

	if (!go_setting_parse(str_from(text), &change, &err))
		test_fail(__FILE__, __LINE__, "%s: %s", text, err.text);
	return change.after;
}

static bool is_refused(const char *text, const char *word)
{
	struct go_setting_change change;
	struct error err = { .code = ERROR_SYSTEM };

	return !go_setting_parse(str_from(text), &change, &err) &&
	       err.code == ERROR_USAGE && strstr(err.text, word) != NULL;
}

TEST(settings_take_what_go_takes)
{
	CHECK_INT(parsed("GOGC=400"), 400);
	CHECK_INT(parsed("GOGC=off"), -1);
	CHECK_INT(parsed("GOMEMLIMIT=512MiB"), INT64_C(512) << 20);
	CHECK_INT(parsed("GOMEMLIMIT=3B"), 3);
	CHECK_INT(parsed("GOMEMLIMIT=7"), 7);
	CHECK(parsed("GOMEMLIMIT=off") == INT64_MAX);
	CHECK_INT(parsed("gctrace=1"), 1);
	CHECK_INT(parsed("schedtrace=1000"), 1000);
}

TEST(settings_refuse_by_name)
{
	CHECK(is_refused("GOGC=much", "a percentage"));
	CHECK(is_refused("GOGC=-1", "a percentage"));
	CHECK(is_refused("GOGC=99999999999", "a percentage"));
	CHECK(is_refused("GOMEMLIMIT=2GB", "a size"));
	CHECK(is_refused("GOMEMLIMIT=99999999999999TiB", "a size"));
	CHECK(is_refused("gctrace=2", "0 or 1"));
	CHECK(is_refused("schedtrace=off", "milliseconds"));
	CHECK(is_refused("GOMAXPROCS=2", "runtime.GOMAXPROCS"));
	CHECK(is_refused("GOTRACEBACK=all", "GOTRACEBACK cannot be set"));
	CHECK(is_refused("GOGC", "GOGC"));
	CHECK(is_refused("", "cannot be set"));
	CHECK(is_refused("=1", "cannot be set"));
}

TEST(settings_write_the_value_and_tell_the_old_one)
{
	for (size_t i = 0; i < go_layout_table_count; i++) {
		const struct go_layout *l = &go_layout_table[i];
		struct arena arena CLEANUP_ARENA = { 0 };
		struct go_setting_change change;
		struct image image;
		uint64_t controller;
		struct error err;

		image_init(&image, l);
		controller = image_variable(&image, STR("runtime.gcController"),
					    (size_t)l->gc_controller.size);
		image_put(controller, l->gc_controller.gc_percent, 100, 4);
		image_put(controller, l->gc_controller.memory_limit, INT64_MAX, 8);
		CHECK(go_setting_parse(STR("GOGC=200"), &change, &err));
		CHECK(go_setting_apply(&image.process, &change, &err));
		CHECK_INT(change.before, 100);
		CHECK_INT(go_process_read_number(
				  &image.process,
				  controller + (uint64_t)l->gc_controller.gc_percent, 4),
			  200);
		// runtime.setGCPercent scales the smallest heap along.
		CHECK_INT(go_process_read_number(
				  &image.process,
				  controller + (uint64_t)l->gc_controller.heap_minimum,
				  8),
			  8 << 20);
		CHECK(go_setting_parse(STR("GOMEMLIMIT=1GiB"), &change, &err));
		CHECK(go_setting_apply(&image.process, &change, &err));
		CHECK_STR(go_setting_value(change.setting, change.before, &arena), "off");
		CHECK_STR(go_setting_value(change.setting, change.after, &arena), "1GiB");
		CHECK_INT(go_process_read_number(
				  &image.process,
				  controller + (uint64_t)l->gc_controller.memory_limit,
				  8),
			  1 << 30);
		image_deinit(&image);
	}
}
