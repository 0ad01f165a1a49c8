// Finds the objects, then shows each way as lines: the holder, and where in it.
#include "heapdump/path_list.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/json.h"
#include "base/writer.h"
#include "heapdump/dominators.h"
#include "heapdump/heap.h"
#include "heapdump/naming.h"

struct match {
	uint64_t retained;
	uint32_t object;
};

static int compare_matches(const void *a, const void *b)
{
	const struct match *x = a, *y = b;

	if (x->retained != y->retained)
		return x->retained < y->retained ? 1 : -1;
	return x->object < y->object ? -1 : x->object > y->object;
}

// Which rows of types or sites have the text in their name; a block.
static bool *match_groups(const struct heap *heap, enum naming_by by, struct str wanted)
{
	size_t groups = naming_group_count(heap, by);
	bool *matches = table_zeroed(groups + 1, sizeof(*matches));

	for (size_t i = 0; i < groups; i++) {
		struct arena arena = { 0 };
		struct str name = naming_of_group(heap, (uint32_t)i, by, &arena);

		matches[i] = str_find(name, wanted) >= 0;
		arena_deinit(&arena);
	}
	return matches;
}

static struct match *find_by_name(const struct path_list *list, struct str wanted,
				  size_t *count)
{
	bool *types = match_groups(list->heap, NAMING_BY_TYPE, wanted);
	bool *sites = match_groups(list->heap, NAMING_BY_SITE, wanted);
	struct match *matches = NULL;
	size_t capacity = 0;

	for (uint32_t i = 0; i < list->heap->objects.count; i++) {
		uint32_t site = naming_group(list->heap, i, NAMING_BY_SITE);

		if (!types[naming_group(list->heap, i, NAMING_BY_TYPE)] &&
		    (site == HEAP_NONE || !sites[site]))
			continue;
		matches = table_reserve(matches, &capacity, *count + 1, sizeof(*matches));
		matches[(*count)++] = (struct match){ list->dominators->retained[i], i };
	}
	free(types);
	free(sites);
	if (*count > 1)
		qsort(matches, *count, sizeof(*matches), compare_matches);
	return matches;
}

static bool find_by_address(struct path_list *list, uint64_t address, struct error *err)
{
	uint64_t offset;
	uint32_t object = heap_find(list->heap, address, &offset);

	if (object == HEAP_NONE)
		return error_set(err, ERROR_NOT_FOUND,
				 "0x%" PRIx64 ": no object there: give an address of the "
				 "dump, see goprof heapdump dominators",
				 address);
	list->objects = table_zeroed(1, sizeof(*list->objects));
	list->objects[0] = object;
	list->count = list->found = 1;
	return true;
}

static bool find(struct path_list *list, struct str wanted, size_t most,
		 struct error *err)
{
	struct match *matches;
	uint64_t address;

	if (str_starts_with(wanted, STR("0x")) && str_to_u64(wanted, 0, &address))
		return find_by_address(list, address, err);
	matches = find_by_name(list, wanted, &list->found);
	list->count = most == 0 || list->found < most ? list->found : most;
	list->objects = table_zeroed(list->count + 1, sizeof(*list->objects));
	for (size_t i = 0; i < list->count; i++)
		list->objects[i] = matches[i].object;
	free(matches);
	if (list->found > 0)
		return true;
	free(list->objects);
	return error_set(
		err, ERROR_NOT_FOUND,
		"%.*s: no object of such a type or site: see goprof heapdump top",
		(int)wanted.n, wanted.p);
}

bool path_list_init(struct path_list *list, struct heap *heap,
		    const struct dominators *dominators, struct str wanted, size_t most,
		    struct error *err)
{
	*list = (struct path_list){ .heap = heap, .dominators = dominators };
	heap_classify(heap);
	if (!find(list, wanted, most, err))
		return false;
	paths_init(&list->paths, heap);
	return true;
}

void path_list_deinit(struct path_list *list)
{
	free(list->objects);
	paths_deinit(&list->paths);
	*list = (struct path_list){ 0 };
}

static void write_way(const struct path_list *list, uint32_t object, struct writer *w)
{
	struct arena arena = { 0 };
	size_t length;
	uint32_t *way = paths_to(&list->paths, object, &length);

	for (size_t i = 0; i + 1 < length; i++) {
		struct str name = naming_of_node(list->heap, way[i], &arena);

		writer_format(w, "    %.*s +0x%" PRIx64 "\n", (int)name.n, name.p,
			      paths_offset(list->heap, way[i], way[i + 1]));
	}
	if (length == 1)
		writer_text(w, "    no root leads to it\n");
	free(way);
	arena_deinit(&arena);
}

void path_list_text(const struct path_list *list, struct writer *w)
{
	writer_format(
		w, "Showing %zu of %zu, by what they retain: shortest ways from a root\n",
		list->count, list->found);
	for (size_t i = 0; i < list->count; i++) {
		struct arena arena = { 0 };
		struct str name = naming_of_node(list->heap, list->objects[i], &arena);

		writer_format(w, "%.*s, retains %" PRIu64 " bytes\n", (int)name.n, name.p,
			      list->dominators->retained[list->objects[i]]);
		write_way(list, list->objects[i], w);
		arena_deinit(&arena);
	}
}

static void write_way_json(const struct path_list *list, uint32_t object,
			   struct json *json)
{
	struct arena arena = { 0 };
	size_t length;
	uint32_t *way = paths_to(&list->paths, object, &length);

	json_key(json, "way");
	json_array_begin(json);
	for (size_t i = 0; i + 1 < length; i++) {
		json_object_begin(json);
		json_key_string(json, "name", naming_of_node(list->heap, way[i], &arena));
		json_key_i64(json, "offset",
			     (int64_t)paths_offset(list->heap, way[i], way[i + 1]));
		json_object_end(json);
	}
	json_array_end(json);
	free(way);
	arena_deinit(&arena);
}

void path_list_json(const struct path_list *list, struct json *json)
{
	json_key_i64(json, "found", (int64_t)list->found);
	json_key(json, "objects");
	json_array_begin(json);
	for (size_t i = 0; i < list->count; i++) {
		struct arena arena = { 0 };
		uint32_t object = list->objects[i];

		json_object_begin(json);
		json_key_string(json, "name", naming_of_node(list->heap, object, &arena));
		json_key_i64(json, "retained",
			     (int64_t)list->dominators->retained[object]);
		json_key_bool(json, "reachable",
			      dominators_reach(list->dominators, object));
		write_way_json(list, object, json);
		json_object_end(json);
		arena_deinit(&arena);
	}
	json_array_end(json);
}
