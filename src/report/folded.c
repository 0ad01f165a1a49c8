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
	writer_str(&path->text, name);
	path->ends[path->depth++] = path->text.used;
}

// By frame: its name without what separates frames and lines.
static struct str *clean_names(const struct flame *flame, struct arena *arena)
{
	struct str *names = arena_array(arena, flame->frame_count, sizeof(*names));

	for (size_t i = 0; i < flame->frame_count; i++) {
		struct str name = flame->frames[i].name;
		char *copy = arena_alloc(arena, name.n + 1);

		for (size_t k = 0; k < name.n; k++) {
			unsigned char c = (unsigned char)name.p[k];

			copy[k] = c == ';' ? ':' : c < ' ' || c == 127 ? ' ' : (char)c;
		}
		names[i] = (struct str){ copy, name.n };
	}
	return names;
}

static void pop(struct folded_path *path)
{
	path->depth--;
	path->text.used = path->depth == 0 ? 0 : path->ends[path->depth - 1];
}

static void write_nodes(const struct flame *flame, struct writer *w)
{
	CLEANUP_ARENA struct arena scratch = { 0 };
	struct folded_path path = { .text = writer_to_memory() };
	struct str *names = clean_names(flame, &scratch);

	for (uint32_t i = 1; i < flame->node_count; i++) {
		int64_t value = flame_self(flame, i)[0];

		for (uint32_t above = i - 1; above != flame->nodes[i].parent;
		     above = flame->nodes[above].parent)
			pop(&path);
		push(&path, names[flame->nodes[i].frame]);
		if (value == 0)
			continue;
		writer_str(w, writer_contents(&path.text));
		writer_char(w, ' ');
		writer_i64(w, value);
		writer_char(w, '\n');
	}
	writer_deinit(&path.text);
	free(path.ends);
}

bool folded_render(const struct profile *profile, const struct report_options *options,
		   struct writer *w, struct error *err)
{
	const struct flame_shape shape = { .order = FLAME_BY_NAME };
	struct flame flame;

	if (!flame_init(&flame, profile, options, &shape, err))
		return false;
	write_nodes(&flame, w);
	flame_deinit(&flame);
	return true;
}
