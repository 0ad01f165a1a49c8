// Writes a line for each distinct stack that has a value.
#include "report/folded.h"

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/pieces.h"
#include "base/writer.h"
#include "profile/profile.h"
#include "report/options.h"
#include "report/stack_order.h"
#include "report/value.h"

enum { PIECE_ROWS = 1024 };

// What the pieces of the output share; only read.
struct folded {
	const struct profile *profile;
	const struct stack_order_row *rows;
	struct str *texts; // by location: its frames, with a ';' behind each
};

static void write_name(struct writer *w, struct str name)
{
	for (size_t i = 0; i < name.n; i++) {
		unsigned char c = (unsigned char)name.p[i];

		writer_char(w, c == ';' ? ':' : c < ' ' || c == 127 ? ' ' : (char)c);
	}
	writer_char(w, ';');
}

static struct str *make_texts(const struct flame *flame,
			      const struct flame_frames *frames, struct arena *arena)
{
	size_t count = flame->profile->location_count;
	struct str *texts = arena_array(arena, count + 1, sizeof(*texts));
	struct writer text = writer_to_memory();

	for (size_t i = 0; i < count; i++) {
		text.used = 0;
		for (uint32_t j = frames->first[i]; j < frames->first[i + 1]; j++)
			write_name(&text,
				   flame->frames[flame_frames_row(frames->list[j])].name);
		texts[i] = str_copy(arena, writer_contents(&text));
	}
	writer_deinit(&text);
	return texts;
}

static void write_stack(const struct folded *folded, uint32_t stack, struct writer *w)
{
	struct profile_stack_view view = profile_stack(folded->profile, stack);
	struct str leaf = folded->texts[view.locations[0]];

	for (size_t i = view.count; i-- > 1;)
		writer_str(w, folded->texts[view.locations[i]]);
	writer_bytes(w, leaf.p, leaf.n - 1);
}

static void write_rows(const void *context, size_t from, size_t to, struct writer *w)
{
	const struct folded *folded = context;

	for (size_t i = from; i < to; i++) {
		const struct stack_order_row *row = &folded->rows[i];

		if (row->value == 0)
			continue;
		write_stack(folded, row->stack, w);
		writer_char(w, ' ');
		writer_i64(w, row->value);
		writer_char(w, '\n');
	}
}

static void write_all(const struct flame *flame, const struct flame_stacks *stacks,
		      struct writer *w)
{
	CLEANUP_ARENA struct arena scratch = { 0 };
	struct stack_order order;
	struct folded folded = { .profile = flame->profile };
	struct pieces pieces = { .piece_rows = PIECE_ROWS,
				 .print = write_rows,
				 .context = &folded };

	stack_order_init(&order, flame, stacks);
	folded.rows = order.rows;
	folded.texts = make_texts(flame, &stacks->frames, &scratch);
	pieces.row_count = order.count;
	pieces_write(&pieces, w);
	stack_order_deinit(&order);
}

bool folded_render(const struct profile *profile, const struct report_options *options,
		   struct writer *w, struct error *err)
{
	struct flame flame = { .profile = profile };
	struct flame_stacks stacks;

	if (!value_column(profile, options->sample_index, &flame.type, err))
		return false;
	flame_stacks_init(&stacks, &flame, options, false);
	write_all(&flame, &stacks, w);
	flame_stacks_deinit(&stacks);
	flame_deinit(&flame);
	return true;
}
