// Ids are dense in what common writers make; addresses or hashes as ids work too.
#include "profile/proto_ids.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

void proto_refs_deinit(struct proto_refs *refs)
{
	map_deinit(&refs->wide_refs);
	free(refs->wide_ids);
	*refs = (struct proto_refs){ 0 };
}

uint32_t proto_refs_add_wide(struct proto_refs *refs, uint64_t id)
{
	uint32_t *ref = map_put(&refs->wide_refs, id);

	if (*ref != MAP_NONE)
		return *ref;
	*ref = PROTO_REF_WIDE + (uint32_t)refs->wide_count;
	refs->wide_ids = table_reserve(refs->wide_ids, &refs->wide_capacity,
				       refs->wide_count + 1, sizeof(*refs->wide_ids));
	refs->wide_ids[refs->wide_count++] = id;
	return *ref;
}

uint64_t proto_refs_id(const struct proto_refs *refs, uint32_t ref)
{
	return ref < PROTO_REF_WIDE ? (uint64_t)ref + 1
				    : refs->wide_ids[ref - PROTO_REF_WIDE];
}

static uint64_t id_at(const void *table, size_t row_size, size_t i)
{
	uint64_t id;

	memcpy(&id, (const char *)table + i * row_size, sizeof(id));
	return id;
}

static bool fill_dense(struct proto_rows *rows, const void *table, size_t row_size,
		       uint64_t *bad_id)
{
	size_t capacity = 0;

	rows->dense = table_reserve(NULL, &capacity, rows->dense_count + 1,
				    sizeof(*rows->dense));
	memset(rows->dense, 0xff, rows->dense_count * sizeof(*rows->dense));
	for (size_t i = 0; i < rows->count; i++) {
		uint64_t id = id_at(table, row_size, i);

		if (rows->dense[id - 1] != MAP_NONE) {
			*bad_id = id;
			return false;
		}
		rows->dense[id - 1] = (uint32_t)i;
	}
	return true;
}

static bool fill_sparse(struct proto_rows *rows, const void *table, size_t row_size,
			uint64_t *bad_id)
{
	for (size_t i = 0; i < rows->count; i++) {
		uint64_t id = id_at(table, row_size, i);
		uint32_t *row = map_put(&rows->sparse, id);

		if (*row != MAP_NONE) {
			*bad_id = id;
			return false;
		}
		*row = (uint32_t)i;
	}
	return true;
}

bool proto_rows_init(struct proto_rows *rows, const void *table, size_t count,
		     size_t row_size, uint64_t *bad_id)
{
	uint64_t max = 0;

	*rows = (struct proto_rows){ .count = count, .is_identity = true };
	for (size_t i = 0; i < count; i++) {
		uint64_t id = id_at(table, row_size, i);

		if (id == 0) {
			*bad_id = 0;
			return false;
		}
		max = id > max ? id : max;
		rows->is_identity &= id == i + 1;
	}
	if (rows->is_identity)
		return true;
	if (max / 4 > count)
		return fill_sparse(rows, table, row_size, bad_id);
	rows->dense_count = (size_t)max;
	return fill_dense(rows, table, row_size, bad_id);
}

void proto_rows_deinit(struct proto_rows *rows)
{
	free(rows->dense);
	map_deinit(&rows->sparse);
	*rows = (struct proto_rows){ 0 };
}

uint32_t proto_rows_find(const struct proto_rows *rows, const struct proto_refs *refs,
			 uint32_t ref)
{
	uint64_t id = proto_refs_id(refs, ref);

	if (rows->is_identity)
		return id - 1 < rows->count ? (uint32_t)(id - 1) : MAP_NONE;
	if (rows->dense == NULL)
		return map_get(&rows->sparse, id);
	return id - 1 < rows->dense_count ? rows->dense[id - 1] : MAP_NONE;
}
