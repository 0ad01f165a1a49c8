// /proc/PID/maps: lines as kernels write them, and what is no such line.
#include "target/maps.h"

#include <stdint.h>
#include <unistd.h>

#include "base/error.h"
#include "test.h"

TEST(maps_line_of_a_file)
{
	struct maps_entry entry;

	CHECK(maps_parse_line(
		STR("7f0c1e000000-7f0c1e001000 r-xp 00026000 fd:01 1835123  "
		    "                  /usr/lib/x86_64-linux-gnu/libc.so.6"),
		&entry));
	CHECK_INT(entry.start, 0x7f0c1e000000);
	CHECK_INT(entry.limit, 0x7f0c1e001000);
	CHECK_INT(entry.offset, 0x26000);
	CHECK_INT(entry.device_major, 0xfd);
	CHECK_INT(entry.device_minor, 1);
	CHECK_INT(entry.inode, 1835123);
	CHECK(entry.is_readable && entry.is_executable && !entry.is_deleted);
	CHECK_STR(entry.file, "/usr/lib/x86_64-linux-gnu/libc.so.6");
}

TEST(maps_line_without_a_file)
{
	struct maps_entry entry;

	CHECK(maps_parse_line(STR("00400000-00401000 rw-p 00000000 00:00 0 "), &entry));
	CHECK_STR(entry.file, "");
	CHECK(!entry.is_executable);
	CHECK(maps_parse_line(STR("00400000-00401000 ---p 00000000 00:00 0"), &entry));
	CHECK(!entry.is_readable);
}

TEST(maps_line_of_a_deleted_file_with_blanks)
{
	struct maps_entry entry;

	CHECK(maps_parse_line(
		STR("1000-2000 r-xp 00000000 08:01 7 /opt/my app (deleted)"), &entry));
	CHECK_STR(entry.file, "/opt/my app");
	CHECK(entry.is_deleted);
}

TEST(maps_lines_that_are_none)
{
	static const char *const lines[] = {
		"",
		"1000",
		"1000-2000",
		"2000-1000 r-xp 00000000 08:01 7 /x",
		"1000-1000 r-xp 00000000 08:01 7 /x",
		"1000-2000 r-x 00000000 08:01 7 /x",
		"1000-2000 r-xp 0000000g 08:01 7 /x",
		"1000-2000 r-xp 00000000 08 7 /x",
		"10000000000000000-20000000000000000 r-xp 0 0:0 0",
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		struct maps_entry entry;

		CHECK(!maps_parse_line(str_from(lines[i]), &entry));
	}
}

TEST(maps_of_ourselves)
{
	struct error err;
	struct maps maps;
	uint64_t here = (uint64_t)(uintptr_t)test_maps_of_ourselves;
	bool is_found = false;

	CHECK(maps_read(getpid(), &maps, &err));
	for (size_t i = 0; i < maps.count; i++) {
		const struct maps_entry *entry = &maps.entries[i];

		CHECK(i == 0 || maps.entries[i - 1].limit <= entry->start);
		if (entry->start <= here && here < entry->limit)
			is_found = entry->is_executable && entry->file.n > 0;
	}
	CHECK(is_found);
	maps_deinit(&maps);
}

TEST(maps_of_nobody)
{
	struct error err;
	struct maps maps;

	CHECK(!maps_read(INT32_MAX, &maps, &err));
	CHECK_INT(err.code, ERROR_NOT_FOUND);
}
