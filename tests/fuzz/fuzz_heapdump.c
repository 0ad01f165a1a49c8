// Opens hostile heap dumps of both formats and asks every question of them.
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/writer.h"
#include "heapdump/census.h"
#include "heapdump/dominators.h"
#include "heapdump/graph_dot.h"
#include "heapdump/heap.h"
#include "heapdump/heap_open.h"
#include "heapdump/hprof.h"
#include "heapdump/leaks.h"
#include "heapdump/leaks_text.h"
#include "heapdump/outline.h"
#include "heapdump/path_list.h"
#include "heapdump/summary.h"

enum { OBJECT_BYTES_MAX = 1 << 20 };

static void ask_tables(struct heap *heap, const struct dominators *dominators,
		       struct writer *w)
{
	struct census census;
	struct leaks leaks;

	census_init(&census, heap, dominators, naming_decide(heap, NAMING_BY_BEST));
	census_deinit(&census);
	leaks_init(&leaks, heap, NAMING_BY_SITE);
	leaks_text(&leaks, heap, 0, w);
	leaks_deinit(&leaks);
}

static void ask_graphs(struct heap *heap, const struct dominators *dominators,
		       struct writer *w)
{
	const struct outline_options shape = { .depth = 8 };
	const struct graph_dot_options drawing = { .most_nodes = 100 };
	struct outline outline;
	struct path_list list;
	struct error err;

	outline_init(&outline, heap, dominators, &shape);
	outline_text(&outline, heap, w);
	outline_deinit(&outline);
	if (path_list_init(&list, heap, dominators, STR("1"), 3, &err)) {
		path_list_text(&list, w);
		path_list_deinit(&list);
	}
	graph_dot_whole(heap, dominators, &drawing, w);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *bytes = malloc(size + 1);
	struct dominators dominators;
	struct writer w = writer_to_memory();
	struct hprof_counts counts;
	struct error err;
	struct heap heap;

	memcpy(bytes, data, size);
	if (heap_open_view_take((struct file_view){ bytes, size, false }, "input", &heap,
				&err)) {
		dominators_init(&dominators, &heap);
		summary_text(&heap, &dominators, &w);
		ask_tables(&heap, &dominators, &w);
		ask_graphs(&heap, &dominators, &w);
		// An object may claim any size; only its contents are in the file.
		if (heap.bytes < OBJECT_BYTES_MAX)
			hprof_write(&heap, &w, &counts);
		dominators_deinit(&dominators);
		heap_deinit(&heap);
	}
	writer_deinit(&w);
	return 0;
}
