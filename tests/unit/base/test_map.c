// Ids of keys and strings stay right while the tables grow.
#include "base/arena.h"
#include "base/map.h"
#include "test.h"

TEST(map_keeps_values_while_growing)
{
	struct map map = { 0 };

	CHECK_INT(map_get(&map, 7), MAP_NONE);
	for (uint32_t i = 0; i < 10000; i++)
		*map_put(&map, (uint64_t)i * 4096) = i;
	for (uint32_t i = 0; i < 10000; i++)
		CHECK_INT(map_get(&map, (uint64_t)i * 4096), i);
	CHECK_INT(map_get(&map, 1), MAP_NONE);
	CHECK_INT(map.count, 10000);
	map_deinit(&map);
}

TEST(interner_numbers_strings_in_order_of_first_use)
{
	struct interner interner = { 0 };
	struct arena arena = { 0 };
	char text[16];

	for (uint32_t i = 0; i < 5000; i++) {
		snprintf(text, sizeof(text), "s%u", i);
		CHECK_INT(interner_add(&interner, &arena, str_from(text)), i);
	}
	CHECK_INT(interner_add(&interner, &arena, STR("s77")), 77);
	CHECK_INT(interner_find(&interner, STR("s4999")), 4999);
	CHECK_INT(interner_find(&interner, STR("absent")), MAP_NONE);
	CHECK_STR(interner.strings[12], "s12");
	interner_deinit(&interner);
	arena_deinit(&arena);
}
