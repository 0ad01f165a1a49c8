// Finds the frame of a site that its reader wrote.
#include "heapdump/naming.h"

#include "heapdump/heap.h"

enum naming_by naming_decide(const struct heap *heap, enum naming_by by)
{
	if (by != NAMING_BY_BEST)
		return by;
	return heap->type_count == 0 && heap->site_count > 0 ? NAMING_BY_SITE
							     : NAMING_BY_TYPE;
}

uint32_t naming_group(const struct heap *heap, uint32_t object, enum naming_by by)
{
	if (by != NAMING_BY_SITE)
		return heap->types_of[object];
	return heap->sites_of == NULL ? HEAP_NONE : heap->sites_of[object];
}

size_t naming_group_count(const struct heap *heap, enum naming_by by)
{
	return by == NAMING_BY_SITE ? heap->site_count : heap->type_count;
}

static bool is_allocator(struct str function)
{
	static const char *const names[] = {
		"malloc",       "calloc",         "realloc",       "strdup",
		"operator new", "operator new[]", "aligned_alloc", "posix_memalign",
	};

	if (str_starts_with(function, STR("runtime.")) ||
	    str_starts_with(function, STR("internal/runtime/")))
		return true;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (str_equal(function, str_from(names[i])))
			return true;
	}
	return false;
}

static const struct heap_frame *telling_frame(const struct heap *heap,
					      const struct heap_site *site)
{
	for (uint32_t i = 0; i < site->count; i++) {
		const struct heap_frame *frame = heap_site_frame(heap, site, i);

		if (!is_allocator(frame->function))
			return frame;
	}
	return heap_site_frame(heap, site, 0);
}

static struct str name_site(const struct heap *heap, uint32_t row, struct arena *arena)
{
	const struct heap_frame *frame;
	struct str file;

	if (row == HEAP_NONE || heap->sites[row].count == 0)
		return STR("unknown site");
	frame = telling_frame(heap, &heap->sites[row]);
	file = str_basename(frame->file);
	if (file.n == 0)
		return frame->function;
	if (frame->line == 0)
		return str_format(arena, "%.*s %.*s", (int)frame->function.n,
				  frame->function.p, (int)file.n, file.p);
	return str_format(arena, "%.*s %.*s:%llu", (int)frame->function.n,
			  frame->function.p, (int)file.n, file.p,
			  (unsigned long long)frame->line);
}

struct str naming_of_group(const struct heap *heap, uint32_t group, enum naming_by by,
			   struct arena *arena)
{
	if (by == NAMING_BY_SITE)
		return name_site(heap, group, arena);
	return group == HEAP_NONE ? STR("unknown type") : heap->types[group].name;
}

struct str naming_of_root(const struct heap *heap, uint32_t root, struct arena *arena)
{
	const struct heap_root *r = &heap->roots[root];

	if (r->thread == HEAP_NONE)
		return r->name;
	return str_format(arena, "%.*s of %.*s %llu", (int)r->name.n, r->name.p,
			  (int)heap->thread_word.n, heap->thread_word.p,
			  (unsigned long long)heap->threads[r->thread].id);
}

struct str naming_of_node(const struct heap *heap, uint32_t node, struct arena *arena)
{
	struct str type;

	if (node >= heap_node_count(heap))
		return STR("all roots");
	if (node >= heap->objects.count)
		return naming_of_root(heap, node - (uint32_t)heap->objects.count, arena);
	type = naming_of_group(heap, naming_group(heap, node, NAMING_BY_TYPE),
			       NAMING_BY_TYPE, arena);
	return str_format(arena, "0x%llx %.*s",
			  (unsigned long long)address_index_address(&heap->objects, node),
			  (int)type.n, type.p);
}
