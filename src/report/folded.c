// Writes a line for each node that has a value of its own.
#include "report/folded.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/writer.h"
#include "profile/profile.h"
#include "report/flame.h"

// What is written for the path to the current node, and where each depth ends in it.
struct folded_path {
	struct writer text;
	size_t *ends;
	size_t depth, capacity;
};

static void push(struct folded_path *path, struct str name)
{
	path->ends = table_reserve(path->ends, &path->capacity, path->depth + 1,
				   sizeof(*path->ends));
	if (path->depth > 0)
		writer_char(&path->text, ';');
	for (size_t i = 0; i < name.n; i++) {
		unsigned char c = (unsigned char)name.p[i];

		writer_char(&path->text, c == ';' ? ':' : c < ' ' || c == 127 ? ' ' : c);
	}
	path->ends[path->depth++] = path->text.used;
}

static void pop(struct folded_path *path)
{
	path->depth--;
	path->text.used = path->depth == 0 ? 0 : path->ends[path->depth - 1];
}

static void write_nodes(const struct flame *flame, struct writer *w)
{
	struct folded_path path = { .text = writer_to_memory() };
	uint32_t node = flame->first_child[0];

	while (node != FLAME_NONE) {
		int64_t value = flame_self(flame, node)[flame->type];
		uint32_t next = flame_next(flame, node);
		uint32_t parent = next == FLAME_NONE ? 0 : flame->parents[next];

		push(&path, flame_frame_of(flame, node)->name);
		if (value != 0) {
			writer_str(w, writer_contents(&path.text));
			writer_format(w, " %lld\n", (long long)value);
		}
		for (; node != parent; node = flame->parents[node])
			pop(&path);
		node = next;
	}
	writer_deinit(&path.text);
	free(path.ends);
}

bool folded_render(const struct profile *profile, const struct report_options *options,
		   struct writer *w, struct error *err)
{
	struct flame flame;

	if (!flame_init(&flame, profile, options, err))
		return false;
	flame_sort(&flame, FLAME_BY_NAME);
	write_nodes(&flame, w);
	flame_deinit(&flame);
	return true;
}
