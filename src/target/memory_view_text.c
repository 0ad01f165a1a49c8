// Rows in the order of the view.
#include "target/memory_view_text.h"

#include <inttypes.h>

#include "base/json.h"
#include "base/writer.h"
#include "target/memory_view.h"

enum { ROWS_SHOWN = 20, KB = 1024 };

static const char head[] =
	"       rss        pss      dirty       size     swap mappings  ";

static void write_sizes(const struct memory_view_sizes *sizes, struct writer *w)
{
	writer_format(w,
		      "%10" PRIu64 " %10" PRIu64 " %10" PRIu64 " %10" PRIu64 " %8" PRIu64
		      " %8" PRIu64 "  ",
		      sizes->rss / KB, sizes->pss / KB, sizes->dirty / KB,
		      sizes->size / KB, sizes->swap / KB, sizes->mappings);
}

static void write_kinds(const struct memory_view *view, struct writer *w)
{
	writer_format(w, "%skind\n", head);
	for (size_t i = 0; i < MEMORY_VIEW_KIND_COUNT; i++) {
		if (view->kinds[i].mappings == 0)
			continue;
		write_sizes(&view->kinds[i], w);
		writer_format(w, "%s\n", memory_view_kind_name((enum memory_view_kind)i));
	}
	write_sizes(&view->total, w);
	writer_format(w,
		      "total (the kernel's own count is %" PRIu64 ", at most %" PRIu64
		      " so far)\n",
		      view->rss_stated / KB, view->rss_peak / KB);
}

void memory_view_text_write(const struct memory_view *view, struct writer *w)
{
	write_kinds(view, w);
	writer_format(w, "\n%skind and file\n", head);
	for (size_t i = 0; i < view->count && i < ROWS_SHOWN; i++) {
		const struct memory_view_row *row = &view->rows[i];

		write_sizes(&row->sizes, w);
		writer_format(w, "%s %.*s\n", memory_view_kind_name(row->kind),
			      (int)row->name.n, row->name.p);
	}
	if (view->count > ROWS_SHOWN)
		writer_format(w, "and %zu smaller ones, which --json has\n",
			      view->count - ROWS_SHOWN);
}

static void write_sizes_json(const struct memory_view_sizes *sizes, struct json *json)
{
	json_key_i64(json, "rss", (int64_t)sizes->rss);
	json_key_i64(json, "pss", (int64_t)sizes->pss);
	json_key_i64(json, "dirty", (int64_t)sizes->dirty);
	json_key_i64(json, "size", (int64_t)sizes->size);
	json_key_i64(json, "swap", (int64_t)sizes->swap);
	json_key_i64(json, "mappings", (int64_t)sizes->mappings);
}

static void write_kinds_json(const struct memory_view *view, struct json *json)
{
	json_key(json, "kinds");
	json_object_begin(json);
	for (size_t i = 0; i < MEMORY_VIEW_KIND_COUNT; i++) {
		json_key(json, memory_view_kind_name((enum memory_view_kind)i));
		json_object_begin(json);
		write_sizes_json(&view->kinds[i], json);
		json_object_end(json);
	}
	json_object_end(json);
}

static void write_rows_json(const struct memory_view *view, struct json *json)
{
	json_key(json, "rows");
	json_array_begin(json);
	for (size_t i = 0; i < view->count; i++) {
		const struct memory_view_row *row = &view->rows[i];

		json_object_begin(json);
		json_key_string(json, "kind", str_from(memory_view_kind_name(row->kind)));
		json_key_string(json, "name", row->name);
		write_sizes_json(&row->sizes, json);
		json_object_end(json);
	}
	json_array_end(json);
}

void memory_view_text_json(const struct memory_view *view, struct writer *w)
{
	struct json json = json_to(w);

	json.is_pretty = true;
	json_object_begin(&json);
	json_key_i64(&json, "rss_stated", (int64_t)view->rss_stated);
	json_key_i64(&json, "rss_peak", (int64_t)view->rss_peak);
	json_key(&json, "total");
	json_object_begin(&json);
	write_sizes_json(&view->total, &json);
	json_object_end(&json);
	write_kinds_json(view, &json);
	write_rows_json(view, &json);
	json_object_end(&json);
	writer_char(w, '\n');
}
