// Kernel symbols: aliases, modules, hidden addresses; perf maps: reuse of addresses.
#include <stdlib.h>

#include "base/error.h"
#include "binary/kallsyms.h"
#include "binary/perf_map.h"
#include "test.h"

static struct file_view view_of(const char *text)
{
	return (struct file_view){ (const uint8_t *)strdup(text), strlen(text), false };
}

TEST(kallsyms_finds_functions)
{
	struct kallsyms *kallsyms = NULL;
	struct error err;

	CHECK(kallsyms_from_view_take(
		view_of("ffffffff81000000 T __pi__text\n"
			"ffffffff81000000 T _text\n"
			"ffffffff81000100 D not_code\n"
			"ffffffff81000200 t do_syscall_64\n"
			"not a line\n"
			"ffffffffc0000000 t nft_do_chain\t[nf_tables]\n"),
		&kallsyms, &err));
	CHECK_STR(kallsyms_find(kallsyms, 0xffffffff80ffffff), "");
	CHECK_STR(kallsyms_find(kallsyms, 0xffffffff810001ff), "_text");
	CHECK_STR(kallsyms_find(kallsyms, 0xffffffff81000200), "do_syscall_64");
	CHECK_STR(kallsyms_find(kallsyms, 0xffffffffc0000010),
		  "nft_do_chain [nf_tables]");
	kallsyms_close(kallsyms);
}

TEST(kallsyms_says_that_addresses_are_hidden)
{
	struct kallsyms *kallsyms = NULL;
	struct error err;

	CHECK(!kallsyms_from_view_take(view_of("0000000000000000 T _text\n"), &kallsyms,
				       &err));
	CHECK_INT(err.code, ERROR_PERMISSION);
	CHECK(str_find(str_from(err.text), STR("kernel.kptr_restrict")) > 0);
	CHECK(kallsyms == NULL);
}

TEST(perf_map_prefers_the_latest_range)
{
	struct perf_map *map =
		perf_map_from_view_take(view_of("1000 1000 outer\n"
						"1400 100 stale one\n"
						"1480 10 LazyCompile:~f a.js:1\n"
						"garbage\n"
						"1500 0 empty\n"
						"ffffffffffffffff 10 wraps\n"
						"0x3000 0x10 prefixed\n"));

	CHECK_STR(perf_map_find(map, 0xfff), "");
	CHECK_STR(perf_map_find(map, 0x1000), "outer");
	CHECK_STR(perf_map_find(map, 0x1400), "stale one");
	CHECK_STR(perf_map_find(map, 0x1485), "LazyCompile:~f a.js:1");
	CHECK_STR(perf_map_find(map, 0x1490), "stale one");
	CHECK_STR(perf_map_find(map, 0x1500), "outer");
	CHECK_STR(perf_map_find(map, 0x1fff), "outer");
	CHECK_STR(perf_map_find(map, 0x2000), "");
	perf_map_close(map);

	map = perf_map_from_view_take(view_of("1000 100 old\n1000 800 new\n"));
	CHECK_STR(perf_map_find(map, 0x1010), "new");
	perf_map_close(map);
	map = perf_map_from_view_take(view_of("1400 100 old\n1000 800 new\n"));
	CHECK_STR(perf_map_find(map, 0x1410), "new");
	perf_map_close(map);
}

TEST(perf_map_without_a_file)
{
	struct perf_map *map = NULL;
	struct error err;

	CHECK(!perf_map_open(UINT32_MAX, &map, &err));
	CHECK_INT(err.code, ERROR_NOT_FOUND);
}
