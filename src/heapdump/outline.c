// Walks down from the origin while rows are left; siblings are sorted when they are
// shown.
#include "heapdump/outline.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/writer.h"
#include "heapdump/dominators.h"
#include "heapdump/heap.h"
#include "heapdump/naming.h"

enum { LEAST_SHARE = 200 };

struct drawing {
	struct outline *outline;
	struct heap *heap;
	const struct dominators *dominators;
	const struct outline_options *options;
	struct dominators_children children;
	uint64_t least;
	size_t most; // rows; 0: no limit
};

struct child {
	uint64_t retained;
	uint32_t node;
};

static int compare_children(const void *a, const void *b)
{
	const struct child *x = a, *y = b;

	if (x->retained != y->retained)
		return x->retained < y->retained ? 1 : -1;
	return x->node < y->node ? -1 : x->node > y->node;
}

uint32_t *outline_children(const struct dominators *dominators,
			   const struct dominators_children *children, uint32_t node,
			   size_t *count)
{
	struct child *sorted = NULL;
	size_t capacity = 0;
	uint32_t *nodes;

	*count = 0;
	for (uint32_t at = children->first[node]; at != HEAP_NONE;
	     at = children->next[at]) {
		sorted = table_reserve(sorted, &capacity, *count + 1, sizeof(*sorted));
		sorted[(*count)++] = (struct child){ dominators->retained[at], at };
	}
	if (*count > 1)
		qsort(sorted, *count, sizeof(*sorted), compare_children);
	nodes = table_zeroed(*count + 1, sizeof(*nodes));
	for (size_t i = 0; i < *count; i++)
		nodes[i] = sorted[i].node;
	free(sorted);
	return nodes;
}

static bool is_full(const struct drawing *drawing)
{
	return drawing->most != 0 && drawing->outline->count >= drawing->most;
}

static void add_row(struct drawing *drawing, uint32_t node, unsigned depth)
{
	struct outline *outline = drawing->outline;
	struct outline_row row = { .node = node,
				   .depth = depth,
				   .retained = drawing->dominators->retained[node] };
	struct heap_object object;

	if (node < drawing->heap->objects.count) {
		heap_object_at(drawing->heap, node, &object);
		row.bytes = object.size;
	}
	outline->rows = table_reserve(outline->rows, &outline->capacity,
				      outline->count + 1, sizeof(row));
	outline->rows[outline->count++] = row;
}

// Bounded by the depth asked for, which the options limit.
static void draw(struct drawing *drawing, uint32_t node, unsigned depth, size_t row)
{
	size_t count, hidden = 0;
	uint64_t hidden_retained = 0;
	uint32_t *nodes =
		outline_children(drawing->dominators, &drawing->children, node, &count);

	for (size_t i = 0; i < count; i++) {
		uint64_t retained = drawing->dominators->retained[nodes[i]];

		if (depth > drawing->options->depth || retained < drawing->least ||
		    is_full(drawing)) {
			hidden++;
			hidden_retained += retained;
			continue;
		}
		add_row(drawing, nodes[i], depth);
		draw(drawing, nodes[i], depth + 1, drawing->outline->count - 1);
	}
	free(nodes);
	if (node == drawing->dominators->origin)
		return;
	drawing->outline->rows[row].children = count;
	drawing->outline->rows[row].hidden = hidden;
	drawing->outline->rows[row].hidden_retained = hidden_retained;
}

static int compare_falling(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? 1 : *x > *y ? -1 : 0;
}

// The retained size of the last row that has room, so that the largest of all levels are
// shown. No child retains more than its parent, so parents are never missing.
static uint64_t least_that_fits(const struct outline *outline, size_t most)
{
	uint64_t *sizes, least;

	if (most == 0 || outline->count <= most)
		return 0;
	sizes = table_zeroed(outline->count, sizeof(*sizes));
	for (size_t i = 0; i < outline->count; i++)
		sizes[i] = outline->rows[i].retained;
	qsort(sizes, outline->count, sizeof(*sizes), compare_falling);
	least = sizes[most - 1];
	free(sizes);
	return least;
}

void outline_init(struct outline *outline, struct heap *heap,
		  const struct dominators *dominators,
		  const struct outline_options *options)
{
	uint64_t least;

	struct drawing drawing = { .outline = outline,
				   .heap = heap,
				   .dominators = dominators,
				   .options = options,
				   .least = dominators->reachable_bytes / LEAST_SHARE };

	heap_classify(heap);
	*outline = (struct outline){ 0 };
	dominators_children_init(&drawing.children, dominators);
	draw(&drawing, dominators->origin, 0, 0);
	least = least_that_fits(outline, options->most_rows);
	if (least > 0) {
		outline->count = 0;
		drawing.least = least;
		drawing.most = options->most_rows;
		draw(&drawing, dominators->origin, 0, 0);
	}
	dominators_children_deinit(&drawing.children);
}

void outline_deinit(struct outline *outline)
{
	free(outline->rows);
	*outline = (struct outline){ 0 };
}

void outline_text(const struct outline *outline, const struct heap *heap,
		  struct writer *w)
{
	writer_format(w, "%14s %12s  %s\n", "retained", "bytes", "dominator tree");
	for (size_t i = 0; i < outline->count; i++) {
		const struct outline_row *row = &outline->rows[i];
		struct arena arena = { 0 };
		struct str name = naming_of_node(heap, row->node, &arena);

		writer_format(w, "%14" PRIu64 " %12" PRIu64 "  %*s%.*s", row->retained,
			      row->bytes, (int)(2 * row->depth), "", (int)name.n, name.p);
		if (row->hidden > 0)
			writer_format(w, "  (+%zu: %" PRIu64 ")", row->hidden,
				      row->hidden_retained);
		writer_char(w, '\n');
		arena_deinit(&arena);
	}
}

void outline_json(const struct outline *outline, const struct heap *heap,
		  struct json *json)
{
	json_key(json, "rows");
	json_array_begin(json);
	for (size_t i = 0; i < outline->count; i++) {
		const struct outline_row *row = &outline->rows[i];
		struct arena arena = { 0 };

		json_object_begin(json);
		json_key_i64(json, "depth", row->depth);
		json_key_string(json, "name", naming_of_node(heap, row->node, &arena));
		json_key_i64(json, "bytes", (int64_t)row->bytes);
		json_key_i64(json, "retained", (int64_t)row->retained);
		json_key_i64(json, "children", (int64_t)row->children);
		json_key_i64(json, "hidden", (int64_t)row->hidden);
		json_key_i64(json, "hidden_retained", (int64_t)row->hidden_retained);
		json_object_end(json);
		arena_deinit(&arena);
	}
	json_array_end(json);
}
