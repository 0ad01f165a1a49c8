// Each page is written when it is asked for; what points to an object is searched for
// then.
#include "web/dump_pages.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/writer.h"
#include "heapdump/heap.h"
#include "heapdump/naming.h"
#include "heapdump/opened_dump.h"
#include "heapdump/outline.h"
#include "heapdump/paths.h"
#include "heapdump/summary.h"
#include "http/query.h"
#include "http/request.h"

enum { ROWS_MAX = 300, FIELDS_MAX = 1000, NAME_SIZE = 1024 };

static const char style[] =
	"<style>:root{color-scheme:light dark}body{font:14px system-ui,sans-serif;"
	"margin:1.5em;max-width:80em}table{border-collapse:collapse}td,th{padding:1px "
	"12px 1px 0;text-align:left;vertical-align:top}td.n,th.n{text-align:right;"
	"font-variant-numeric:tabular-nums}a{text-decoration:none}a:hover{text-"
	"decoration:"
	"underline}pre{white-space:pre-wrap}nav a{margin-right:1.5em}</style>\n";

static void put_escaped(struct writer *w, struct str text)
{
	for (size_t i = 0; i < text.n; i++) {
		switch (text.p[i]) {
		case '<':
			writer_text(w, "&lt;");
			break;
		case '&':
			writer_text(w, "&amp;");
			break;
		case '"':
			writer_text(w, "&quot;");
			break;
		default:
			writer_char(w, text.p[i]);
		}
	}
}

static void put_query(struct writer *w, struct str text)
{
	for (size_t i = 0; i < text.n; i++)
		writer_format(w, "%%%02X", (unsigned char)text.p[i]);
}

static void begin(struct writer *w, struct str title)
{
	writer_text(w,
		    "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>");
	put_escaped(w, title);
	writer_text(w, "</title>\n");
	writer_text(w, style);
	writer_text(w, "<nav><a href=\"/\">types</a><a href=\"/roots\">roots</a><a "
		       "href=\"/flame\">flame graph of retained size</a></nav>\n<h2>");
	put_escaped(w, title);
	writer_text(w, "</h2>\n");
}

static void put_link(const struct dump_pages *pages, uint32_t node, struct writer *w)
{
	struct arena arena = { 0 };

	writer_format(w, "<a href=\"/node?n=%u\">", node);
	put_escaped(w, naming_of_node(&pages->dump->heap, node, &arena));
	writer_text(w, "</a>");
	arena_deinit(&arena);
}

static uint64_t size_of(const struct heap *heap, uint32_t node)
{
	struct heap_object object = { 0 };

	if (node < heap->objects.count)
		heap_object_at(heap, node, &object);
	return object.size;
}

static void begin_nodes(struct writer *w, const char *extra)
{
	writer_format(w, "<table><tr><th class=n>retained<th class=n>bytes<th>%s<th>\n",
		      extra);
}

static void put_node_row(const struct dump_pages *pages, uint32_t node, struct str extra,
			 struct writer *w)
{
	writer_format(w, "<tr><td class=n>%" PRIu64 "<td class=n>%" PRIu64 "<td>",
		      pages->dump->dominators.retained[node],
		      size_of(&pages->dump->heap, node));
	put_escaped(w, extra);
	writer_text(w, "<td>");
	put_link(pages, node, w);
	writer_char(w, '\n');
}

static void write_types(struct dump_pages *pages, struct writer *w)
{
	const struct census *census = &pages->census;

	begin(w, STR("Heap dump"));
	writer_text(w, "<pre>");
	summary_text(&pages->dump->heap, &pages->dump->dominators, w);
	writer_text(w, "</pre>\n<table><tr><th class=n>count<th class=n>bytes<th "
		       "class=n>retained<th>type\n");
	for (size_t i = 0; i < census->count; i++) {
		const struct census_row *row = &census->rows[i];

		writer_format(w,
			      "<tr><td class=n>%" PRIu64 "<td class=n>%" PRIu64
			      "<td class=n>%" PRIu64 "<td><a href=\"/objects?type=",
			      row->count, row->bytes, row->retained);
		put_query(w, row->name);
		writer_text(w, "\">");
		put_escaped(w, row->name);
		writer_text(w, "</a>\n");
	}
	writer_text(w, "</table>\n");
}

struct ranked {
	uint64_t retained;
	uint32_t node;
};

static int compare_ranked(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	if (x->retained != y->retained)
		return x->retained < y->retained ? 1 : -1;
	return x->node < y->node ? -1 : x->node > y->node;
}

// Those that retain most; the table is sorted and freed.
static void put_ranked_take(const struct dump_pages *pages, struct ranked *ranked,
			    size_t count, struct writer *w)
{
	if (count > 1)
		qsort(ranked, count, sizeof(*ranked), compare_ranked);
	begin_nodes(w, "");
	for (size_t i = 0; i < count && i < ROWS_MAX; i++)
		put_node_row(pages, ranked[i].node, STR(""), w);
	writer_text(w, "</table>\n");
	if (count > ROWS_MAX)
		writer_format(w, "<p>and %zu that retain less\n", count - ROWS_MAX);
	free(ranked);
}

static bool write_objects(struct dump_pages *pages, struct str query, struct writer *w)
{
	const struct heap *heap = &pages->dump->heap;
	char buffer[NAME_SIZE];
	struct str type = http_query_value(query, STR("type"), buffer, sizeof(buffer));
	struct ranked *ranked = NULL;
	size_t count = 0, capacity = 0;

	for (uint32_t i = 0; i < heap->objects.count; i++) {
		if (!str_equal(heap->types[heap->types_of[i]].name, type))
			continue;
		ranked = table_reserve(ranked, &capacity, count + 1, sizeof(*ranked));
		ranked[count++] =
			(struct ranked){ pages->dump->dominators.retained[i], i };
	}
	if (count == 0)
		return false;
	begin(w, type);
	put_ranked_take(pages, ranked, count, w);
	return true;
}

static void write_roots(struct dump_pages *pages, struct writer *w)
{
	const struct heap *heap = &pages->dump->heap;
	struct ranked *ranked = table_zeroed(heap->root_count + 1, sizeof(*ranked));

	for (uint32_t i = 0; i < heap->root_count; i++) {
		uint32_t node = (uint32_t)heap->objects.count + i;

		ranked[i] =
			(struct ranked){ pages->dump->dominators.retained[node], node };
	}
	begin(w, STR("Roots"));
	put_ranked_take(pages, ranked, heap->root_count, w);
}

static void put_fields(const struct dump_pages *pages, uint32_t node, struct writer *w)
{
	const struct heap *heap = &pages->dump->heap;
	struct pointers_source source;
	struct pointers_cursor cursor;
	struct pointers_item item;
	size_t count = 0;

	heap_node_pointers(heap, node, &source);
	cursor = pointers_from(&source, 0);
	writer_text(w, "<h3>Points to</h3>\n");
	begin_nodes(w, "at");
	while (count < FIELDS_MAX && pointers_next(&cursor, &item)) {
		uint64_t offset;
		uint32_t target = heap_find(heap, item.value, &offset);
		struct arena arena = { 0 };

		if (target == HEAP_NONE)
			continue;
		put_node_row(pages, target,
			     str_format(&arena, "+0x%llx",
					(unsigned long long)item.offset),
			     w);
		arena_deinit(&arena);
		count++;
	}
	writer_text(w, "</table>\n");
}

static bool points_to(const struct heap *heap, uint32_t from, uint32_t to)
{
	struct pointers_source source;
	struct pointers_cursor cursor;
	struct pointers_item item;
	uint64_t offset;

	heap_node_pointers(heap, from, &source);
	cursor = pointers_from(&source, 0);
	while (pointers_next(&cursor, &item)) {
		if (heap_find(heap, item.value, &offset) == to)
			return true;
	}
	return false;
}

static void put_referrers(const struct dump_pages *pages, uint32_t node, struct writer *w)
{
	const struct heap *heap = &pages->dump->heap;
	size_t count = 0;

	writer_text(w, "<h3>Is pointed to by</h3>\n");
	begin_nodes(w, "at");
	for (uint32_t i = 0; i < heap_node_count(heap) && count < FIELDS_MAX; i++) {
		struct arena arena = { 0 };

		if (!points_to(heap, i, node))
			continue;
		put_node_row(pages, i,
			     str_format(&arena, "+0x%llx",
					(unsigned long long)paths_offset(heap, i, node)),
			     w);
		arena_deinit(&arena);
		count++;
	}
	writer_text(w, "</table>\n");
}

static void put_dominated(const struct dump_pages *pages, uint32_t node, struct writer *w)
{
	size_t count;
	uint32_t *nodes = outline_children(&pages->dump->dominators, &pages->children,
					   node, &count);

	writer_text(w, "<h3>Dominates</h3>\n");
	begin_nodes(w, "");
	for (size_t i = 0; i < count && i < ROWS_MAX; i++)
		put_node_row(pages, nodes[i], STR(""), w);
	writer_text(w, "</table>\n");
	if (count > ROWS_MAX)
		writer_format(w, "<p>and %zu that retain less\n", count - ROWS_MAX);
	free(nodes);
}

static void put_site(const struct heap *heap, uint32_t node, struct writer *w)
{
	const struct heap_site *site;
	uint32_t row = naming_group(heap, node, NAMING_BY_SITE);

	if (row == HEAP_NONE)
		return;
	site = &heap->sites[row];
	writer_text(w, "<h3>Allocated at</h3>\n<pre>");
	for (uint32_t i = 0; i < site->count; i++) {
		const struct heap_frame *frame = heap_site_frame(heap, site, i);

		put_escaped(w, frame->function);
		writer_text(w, "  ");
		put_escaped(w, frame->file);
		writer_format(w, ":%" PRIu64 "\n", frame->line);
	}
	writer_text(w, "</pre>\n");
}

static bool write_node(struct dump_pages *pages, struct str query, struct writer *w)
{
	const struct heap *heap = &pages->dump->heap;
	const struct dominators *dominators = &pages->dump->dominators;
	char buffer[24];
	struct str text = http_query_value(query, STR("n"), buffer, sizeof(buffer));
	struct arena arena = { 0 };
	uint64_t number;
	uint32_t node;

	if (!str_to_u64(text, 10, &number) || number >= heap_node_count(heap))
		return false;
	node = (uint32_t)number;
	begin(w, naming_of_node(heap, node, &arena));
	arena_deinit(&arena);
	writer_format(w, "<p>%" PRIu64 " bytes, retains %" PRIu64, size_of(heap, node),
		      dominators->retained[node]);
	if (!dominators_reach(dominators, node)) {
		writer_text(w, "; no root leads to it\n");
	} else if (dominators->parents[node] != dominators->origin) {
		writer_text(w, "; its dominator is ");
		put_link(pages, dominators->parents[node], w);
	}
	put_fields(pages, node, w);
	if (node < heap->objects.count) {
		put_referrers(pages, node, w);
		put_site(heap, node, w);
	}
	put_dominated(pages, node, w);
	return true;
}

void dump_pages_init(struct dump_pages *pages, struct opened_dump *dump)
{
	*pages = (struct dump_pages){ .dump = dump };
	census_init(&pages->census, &dump->heap, &dump->dominators, NAMING_BY_TYPE);
	dominators_children_init(&pages->children, &dump->dominators);
}

void dump_pages_deinit(struct dump_pages *pages)
{
	census_deinit(&pages->census);
	dominators_children_deinit(&pages->children);
}

bool dump_pages_write(struct dump_pages *pages, const struct http_request *request,
		      struct writer *w)
{
	if (str_equal(request->path, STR("/")))
		write_types(pages, w);
	else if (str_equal(request->path, STR("/roots")))
		write_roots(pages, w);
	else if (str_equal(request->path, STR("/objects")))
		return write_objects(pages, request->query, w);
	else if (str_equal(request->path, STR("/node")))
		return write_node(pages, request->query, w);
	else
		return false;
	return true;
}
